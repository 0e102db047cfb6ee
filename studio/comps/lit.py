"""The light on the actor's face against the background's, in sentences. See `compositing.light`."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from studio.comps import quality
from studio.generation.fit import APART_COLOUR_MILLI, APART_DEGREES, side_of

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
            _("Its colour is ΔE %(n)s off: grade the actor into it, or draw the background in another light.")
            % {"n": f"{ground['colour_milli'] / 1000:.0f}"}
        )
    if advice:
        return found, " ".join(advice), quality.FAIR if apart != tinted else quality.POOR
    return found, _("The background's light suits it."), quality.GOOD


def with_known(light: Mapping[str, Any], media: Mapping[str, Any], flipped: bool) -> dict[str, Any]:
    """`light` with the side that the background's light is known to come from, where what drew it says so.

    media: the background's own (see `Element.media`): a picture drawn by rule knows where its sun or its lamp stands,
    though neither may be seen in it. flipped: the background is shown mirrored.
    """
    known = media.get("light") or {}
    if "background" not in light or known.get("source") not in ("sun", "key") or "azimuth" not in known:
        return dict(light)
    azimuth = -known["azimuth"] if flipped else known["azimuth"]
    aside, own = side_of(azimuth, known["elevation"]), light["actor"]
    apart = round(abs(side_of(own["azimuth"], own["elevation"]) - aside))
    told = {"aside": round(aside), "azimuth": azimuth, "elevation": known["elevation"], "apart": apart, "even": 0}
    return {**light, "background": {**light["background"], **told}}


def ground_said(ground: Mapping[str, Any]) -> str:
    """Where a background's light comes from: known, or where the picture is brightest."""
    if ground["even"]:
        return _("Even light.")
    if "azimuth" in ground:
        where = {"side": _side(ground["azimuth"]), "height": _height(ground["elevation"])}
        return _("From %(side)s, %(height)s.") % where
    if abs(ground["aside"]) <= FRONT:
        return _("Brightest in the middle.")
    return _("Brightest on the right.") if ground["aside"] > 0 else _("Brightest on the left.")


def _side(azimuth: int) -> str:
    if abs(azimuth) <= FRONT:
        return _("the front")
    if abs(azimuth) >= BEHIND:
        return _("behind, on the right") if azimuth > 0 else _("behind, on the left")
    return _("the right") if azimuth > 0 else _("the left")


def _height(elevation: int) -> str:
    return _("from below") if elevation < -10 else _("at eye level") if elevation < 20 else _("from above")
