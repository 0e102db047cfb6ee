"""A background drawn by rule, drawn again in the light that its actor stands in."""

import math
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from studio.comps import grounds, previews
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import budget
from studio.generation import services as generation
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw
from studio.productions.models import Layer
from studio.productions.policy import Action

AZIMUTH, WARMTH, SOFTNESS = "key_azimuth", "key_warmth", "key_softness"
# Red against blue of the lamp that a room's family sets up, by its time of day, and of what warmth 100 multiplies with:
# as compositing.plates.stage has them (a test holds the two together).
LAMPS = {"day": 1.0 / 0.90, "golden": 1.0 / 0.34, "night": 1.0 / 0.46, "storm": 0.72 / 1.0}
WARM = 1.30 / 0.62
# Light on skin keeps something of the skin's own colour (see compositing.light): red against blue, on the mean.
SKIN = 1.45
MOST_WARMTH = 40  # moved further, a golden hour is none any more: the rest is the colour match's
REASON = "wrong light"  # of generation.table.REASONS: said in the reader's language there
SHOWN = ("queued", "running", "done", "starred")


def source_of(layer: Layer) -> Draw | None:
    """The draw by rule that fills `layer` and can be lit from elsewhere; None for anything else."""
    if layer.element_id is None:
        return None
    draw = grounds.drawn(layer.shot, str(layer.element_id))
    if draw is None or draw.backend not in grounds.BY_RULE:
        return None
    offers = BACKENDS[draw.backend].offers(layer.kind)
    offer = next((one for one in offers if one.name == draw.recipe.get("family")), None)
    return draw if offer is not None and any(one.name == AZIMUTH for one in offer.parameters) else None


def params_for(draw: Draw, actor: Mapping[str, Any], flipped: bool = False) -> dict[str, Any]:
    """The draw's settings with the actor's key (as `KeyLight.to_dict` tells it): its side, its softness, and the warmth
    that comes nearest to its colour. flipped: the background is shown mirrored. Raises Conflict where the actor's light
    has no side."""
    if not actor.get("believed"):
        raise Conflict(_("The light on the actor is soft or even: it has no side that the background could take over."))
    params = dict(draw.recipe["params"])
    params[AZIMUTH] = -int(actor["azimuth"]) if flipped else int(actor["azimuth"])
    offers = BACKENDS[draw.backend].offers(draw.layer.kind)
    known = {one.name for offer in offers if offer.name == draw.recipe["family"] for one in offer.parameters}
    if SOFTNESS in known:
        params[SOFTNESS] = min(100, max(0, round(actor["softness_milli"] / 10)))
    if WARMTH in known:
        params[WARMTH] = warmth(actor["colour_milli"], draw, indoors=SOFTNESS in known)
    return params


def warmth(colour_milli: list[int], draw: Draw, *, indoors: bool) -> int:
    """The warmth at which the background's key is as red against blue as the actor's, or the nearest to it within 40
    of its own."""
    params = draw.recipe["params"]
    told = draw.media.get("light", {})
    if indoors:
        own = LAMPS.get(str(params.get("light")), 1.0)
    else:
        red, _green, blue = told.get("key_milli", [1000, 1000, 1000])
        own = max(red, 1) / max(blue, 1) / WARM ** (params.get(WARMTH, 0) / 100)
    wanted = max(colour_milli[0], 1) / max(colour_milli[2], 1) / SKIN
    now, aim = int(params.get(WARMTH, 0)), round(100 * math.log(wanted / own) / math.log(WARM))
    return max(-100, now - MOST_WARMTH, min(100, now + MOST_WARMTH, aim))


def quotes(layer: Layer, draw: Draw) -> dict[str, generation.Quote]:
    """{"draft", "final"}: what it would take, said before anything is spent."""
    asked = {"family": draw.recipe["family"], "params": draw.recipe["params"], "backend": draw.backend}
    return {name: generation.quote(layer=layer, draft=name == "draft", **asked) for name in ("draft", "final")}


def relight(*, actor: Any, layer: Layer, light: Mapping[str, Any], flipped: bool = False) -> Draw:
    """A draft of the background's own recipe and seed, lit as `light` tells of the actor (`KeyLight.to_dict`). What was
    drawn so already is shown again and costs nothing. flipped: the background is shown mirrored. Raises Invalid where
    nothing drawn by rule fills the layer, Forbidden for who may not ask for draws, or not for so many."""
    draw = source_of(layer)
    if draw is None:
        raise Invalid(_("This background was not drawn by rule: mirror it, or draw it in another light."))
    params = params_for(draw, light, flipped)
    there = layer.draws.filter(draft=True, seed=draw.seed, backend=draw.backend, state__in=SHOWN, replay_of=None)
    for one in there:
        if one.recipe.get("family") == draw.recipe["family"] and one.recipe.get("params") == params:
            return one
    (made,) = generation.request_draws(
        actor=actor, layer=layer, family=draw.recipe["family"], params=params, seed=draw.seed, draft=True, like=draw,
        backend=draw.backend,
    )  # fmt: skip
    return made


def ask_by_picture(*, actor: Any, layer: Layer, preview: str, flipped: bool) -> Draw:
    """`relight` by the light that a preview shows on the actor. Raises Forbidden for who may not spend, Invalid where
    the preview is gone, Conflict where no face is seen in it."""
    if why := budget.stop(actor, layer.shot.production, 0, Action.DRAW_BY_RULE):
        raise Forbidden(why)
    screens = previews.report_of(str(layer.shot_id), preview).get("screens", {})
    lights = [told["light"]["actor"] for told in screens.values() if "light" in told]
    if not lights:
        raise Conflict(_("No face is seen in that picture: the light on the actor can't be read off it."))
    return relight(actor=actor, layer=layer, light=lights[-1], flipped=flipped)


def pending(layer: Layer) -> Draw | None:
    """The newest re-lit draft that nobody took or dropped yet; what was taken once is not offered again."""
    draw = source_of(layer)
    if draw is None:
        return None
    rows = layer.draws.filter(draft=True, seed=draw.seed, backend=draw.backend, state__in=SHOWN, replay_of=None)
    taken = ("queued", "running", "done", "starred", "binned", "promoted")
    rows = rows.filter(like=draw, varies="").exclude(finals__state__in=taken)
    return rows.select_related("job").order_by("-created_at").first()


def lost(layer: Layer) -> Draw | None:
    """The newest re-lit draft, where it failed: its sentence is shown until the next one is asked for."""
    draw = source_of(layer)
    if draw is None:
        return None
    newest = layer.draws.filter(draft=True, like=draw, varies="", replay_of=None).order_by("-created_at").first()
    return newest if newest is not None and newest.state == Draw.State.FAILED else None


def final_under_way(layer: Layer) -> Draw | None:
    """A final that is being drawn for the layer."""
    rows = layer.draws.filter(state__in=("queued", "running"), final_of__isnull=False)
    return rows.select_related("job").order_by("-created_at").first()


def drop(*, actor: Any, draw: Draw) -> None:
    """Put a re-lit draft away: into the bin where it is done, cancelled where it still runs."""
    if draw.state in ("queued", "running"):
        generation.cancel(actor=actor, draw=draw)
    else:
        generation.bin_draw(actor=actor, draw=draw, reason=_(REASON))
