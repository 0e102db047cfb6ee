"""The light on the actor's face against the background's, in sentences. See `compositing.light`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from studio.comps import quality

APART_DEGREES, APART_COLOUR_MILLI = 30, 6_000  # from these on two lights are seen to be two
FRONT, BEHIND = 20, 120  # degrees


def said(light: Mapping[str, Any]) -> tuple[str, str, str]:
    """(what was found, what to do about it, grade) of one layer's `light` in the engine's report."""
    actor, ground = light["actor"], light.get("background")
    if not actor["believed"]:
        found = _("Soft or even: no side is brighter.")
        return found, _("Any background with soft light suits it."), quality.PLAIN
    found = _("From %(side)s, %(height)s.") % {"side": _side(actor["azimuth"]), "height": _height(actor["elevation"])}
    if ground is None:
        return found, "", quality.PLAIN
    apart = ground["apart"] > APART_DEGREES and not ground["even"]
    tinted = ground["colour_milli"] > APART_COLOUR_MILLI
    advice = []
    if apart:
        advice.append(
            _("The background is lit %(n)s° away from it: mirror the background, or draw it in another light.")
            % {"n": ground["apart"]}
        )
    if tinted:
        advice.append(
            _("Its colour is ΔE %(n)s off: raise the colour match, or draw the background in another light.")
            % {"n": f"{ground['colour_milli'] / 1000:.0f}"}
        )
    if advice:
        return found, " ".join(advice), quality.FAIR if apart != tinted else quality.POOR
    return found, _("The background's light suits it."), quality.GOOD


def _side(azimuth: int) -> str:
    if abs(azimuth) <= FRONT:
        return _("the front")
    if abs(azimuth) >= BEHIND:
        return _("behind, on the right") if azimuth > 0 else _("behind, on the left")
    return _("the right") if azimuth > 0 else _("the left")


def _height(elevation: int) -> str:
    return _("from below") if elevation < -10 else _("at eye level") if elevation < 20 else _("from above")
