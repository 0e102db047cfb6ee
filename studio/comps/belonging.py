"""How an actor stands in a background, as the comp page draws and says it: lights, horizon, scale, focus. Pure.

Read from a still's report (see `compositing.graph.Comp.report`), the settings, and what drew the background.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from compositing.parameters import MATCH
from studio.comps import lit, quality, recipes
from studio.generation import fit, swatches

ROOF_FROM_M = 12.0  # as `compositing.plates.scenes.city.ROOF_FROM_M`
HEAD_M, EYES_M, TALL_M = 0.23, 1.60, 1.71  # a head from chin to crown, standing eyes, a whole person
SEATED = (1.00, 1.38)  # metres from the ground to the eyes of who sits
STANDING = (1.38, 1.80)
FILM_MM = 36.0  # the film's height, as plates drawn by rule have it
LENS_MM = 50
GHOSTS_M = (3, 6, 12)  # from the lens: where a person is drawn on the background's ground
SURE_MILLI = 440  # compositing.horizon.SURE: below it a horizon read off lines is no more than a guess
BLUR_SEEN_PX = 0.35
MOST_DEFOCUS_MILLI = 40_000


@dataclass(frozen=True)
class Ground:
    """The background nearest to the actor. params: what it was drawn with by rule, {} for any other; media: its own;
    lens_mm: what the location's version that the shot is drawn by pins, None for none."""

    layer: str
    params: Mapping[str, Any] = field(default_factory=dict)
    media: Mapping[str, Any] = field(default_factory=dict)
    lens_mm: int | None = None


def told(
    report: Mapping[str, Any], facts: recipes.ShotFacts, values: recipes.Values, ground: Ground | None
) -> dict[str, Any] | None:
    """{"layer", "light", "camera"} for the page; None where nothing is keyed. Lengths are thousandths of the frame."""
    screens = report.get("screens") or {}
    order = [layer.id for layer in recipes.shown(facts, values)]
    keyed = sorted((one for one in screens if "camera" in screens[one]), key=lambda one: order.index(one))
    lit_ones = [one for one in keyed if "light" in screens[one]]
    if not keyed:
        return None
    actor = (lit_ones or keyed)[-1]
    screen = screens[actor]
    place = values.get(ground.layer, {}) if ground else {}
    light = screen.get("light")
    if light is not None and ground is not None:
        light = lit.with_known(light, ground.media, bool(place.get("flip")))
    return {
        "layer": actor,
        "ground": ground.layer if ground else "",
        "light": None if light is None else _light(light),
        "camera": _camera(screen["camera"], light, facts, values, ground),
        "sharpness": sharpness(screen["camera"]),
    }


# -- light


def _light(light: Mapping[str, Any]) -> dict[str, Any]:
    found, advice, grade = lit.said(light)
    actor, ground = light["actor"], light.get("background")
    row: dict[str, Any] = {
        "found": found, "advice": advice, "grade": grade, "believed": bool(actor["believed"]),
        "azimuth": actor["azimuth"], "elevation": actor["elevation"],
        "side": round(fit.side_of(actor["azimuth"], actor["elevation"])), "softness_milli": actor["softness_milli"],
        "centre_milli": actor["centre_milli"], "size_milli": actor["size_milli"],
        "colour": css([a + b for a, b in zip(actor["colour_milli"], actor["ambient_milli"], strict=True)]),
    }  # fmt: skip
    if ground is not None:
        row["background"] = {
            "azimuth": ground.get("azimuth", ground["aside"]), "elevation": ground.get("elevation", 0),
            "found": lit.ground_said(ground), "aside": ground["aside"], "even": bool(ground["even"]),
            "apart": ground["apart"], "colour_milli": ground["colour_milli"], "colour": css(ground["light_milli"]),
            "turned": ground["apart"] > fit.APART_DEGREES and not ground["even"],
            "tinted": ground["colour_milli"] > fit.APART_COLOUR_MILLI, "lean_milli": ground.get("lean_milli", 0),
        }  # fmt: skip
        # Mirrored it would come from the other side: said only where that mends it.
        side = fit.side_of(actor["azimuth"], actor["elevation"])
        row["background"]["mirror_apart"] = round(abs(side + ground["aside"]))
    return row


def css(light_milli: list[int]) -> str:
    """A light's colour as a page shows it: its strongest channel full, "#rrggbb" in sRGB."""
    top = max(1, *light_milli)
    return swatches.hex_of_light(value / top for value in light_milli)


# -- camera


def _camera(
    camera: Mapping[str, int],
    light: Mapping[str, Any] | None,
    facts: recipes.ShotFacts,
    values: recipes.Values,
    ground: Ground | None,
) -> dict[str, Any]:
    whole = values.get(MATCH, {})
    params = ground.params if ground else {}
    place = values.get(ground.layer, {}) if ground else {}
    pinned = ground.lens_mm if ground else None
    lens = whole.get(recipes.LENS.name) or params.get("lens") or pinned or LENS_MM
    scale = place.get("scale_milli", 1000) / 1000
    own_lens = "plate" if params.get("lens") else "place" if pinned else ""
    row: dict[str, Any] = {
        "lens_mm": lens, "lens_from": "hand" if whole.get(recipes.LENS.name) else own_lens,
        "stop_tenths": whole.get(recipes.STOP.name, recipes.STOP.default),
        "ground_dm": whole.get(recipes.FAR.name, recipes.FAR.default),
        "scale_milli": round(1000 * scale), "y_milli": place.get("y_milli", 0), "ghosts": [], "found": "", "advice": "",
        "grade": quality.PLAIN,
    }  # fmt: skip
    metre = eyes = None
    if light is not None:
        actor = light["actor"]
        metre, eyes = actor["size_milli"][1] / HEAD_M, actor["centre_milli"][1]
        row |= {"metre_milli": round(metre), "eyes_milli": eyes, "face_milli": actor["centre_milli"][0]}
        row |= blur(metre, lens, row["stop_tenths"] / 10, row["ground_dm"] / 10, camera, facts)
    if ground is None:
        return row
    own, known = horizon_of(camera, params, place)
    row |= {"horizon_from": known}
    if own is None:
        row["advice"] = _("Where its horizon lies is not known: drag the line to it.")
        return row
    horizon = (own - 500) * scale + 500 + place.get("y_milli", 0)
    height = _height_of(params)
    row |= {"horizon_milli": round(horizon), "own_milli": own, "camera_cm": round(100 * height)}
    # What is a metre tall d metres away takes lens / 36 / d of the frame's height.
    near = lens / FILM_MM * scale * 1000
    row["ghosts"] = [
        {
            "metres": far,
            "feet": round(horizon + height * near / far),
            "head": round(horizon - (TALL_M - height) * near / far),
        }
        for far in GHOSTS_M
    ]
    if metre is not None and eyes is not None and known != "guess":
        row |= _height(metre, eyes, horizon, height, own)
    return row


def _height_of(params: Mapping[str, Any]) -> float:
    """Metres from the background's ground to its lens. High above a street one stands on a roof, not in the air: there
    `compositing.plates.scenes.city` lays it a standing person's eyes below the lens."""
    height = float(params.get("camera_height", 0) / 100)
    return EYES_M if not height or ("traffic" in params and height >= ROOF_FROM_M) else height


def horizon_of(
    camera: Mapping[str, int], params: Mapping[str, Any], place: Mapping[str, Any]
) -> tuple[int | None, str]:
    """(horizon in thousandths of the unmoved background, where that is from: hand, plate, lines or guess)."""
    if recipes.HORIZON.name in place:
        return int(place[recipes.HORIZON.name]), "hand"
    if "horizon" in params:
        return int(params["horizon"]) * 10, "plate"
    if "horizon_milli" in camera:
        return camera["horizon_milli"], "lines" if camera.get("horizon_sure_milli", 0) >= SURE_MILLI else "guess"
    return None, ""


def _height(metre: float, eyes: float, horizon: float, height: float, own: int) -> dict[str, Any]:
    """What the horizon makes of the actor: how far the eyes are above the background's ground, and how to mend it."""
    above = height + (horizon - eyes) / metre
    row: dict[str, Any] = {"above_cm": round(100 * above), "wanted_milli": round(eyes + (EYES_M - height) * metre)}
    row["found"] = _("The eyes are %(n)s m above the background's ground.") % {"n": f"{above:.2f}"}
    if STANDING[0] <= above <= STANDING[1]:
        row |= {"grade": quality.GOOD, "advice": _("So a standing person is seen.")}
    elif SEATED[0] <= above < SEATED[1]:
        row |= {"grade": quality.GOOD, "advice": _("So a seated person is seen.")}
    else:
        row |= {"grade": quality.FAIR, "advice": _("Nobody is that tall: move the background, or drag its horizon.")}
        row["move"] = moved_to(own, row["wanted_milli"])
    return row


def moved_to(own: int, wanted: int) -> dict[str, int] | None:
    """{"scale_milli", "y_milli"}: the least that brings a background's horizon from `own` to `wanted` (thousandths of
    the frame) without leaving the frame bare; None where it would have to grow by more than half."""
    for scale in range(1000, 1501, 5):
        down = (wanted - 500) - (own - 500) * scale / 1000
        if abs(down) <= (scale - 1000) / 2:
            return {"scale_milli": scale, "y_milli": round(down)}
    return None


def blur(
    metre: float, lens_mm: float, stop: float, ground_m: float, camera: Mapping[str, int], facts: recipes.ShotFacts
) -> dict[str, Any]:
    """{"actor_cm", "blur_px_milli", "defocus_px_milli"}: how far the actor stood, as the framing tells; how wide the
    lens draws a point of the background, in pixels of a frame 1080 wide; what is left to add as `defocus`.

    Source: the thin lens's circle of confusion, f^2 / (N (s - f)) * |d - s| / d on the film.
    """
    s = lens_mm / FILM_MM / (metre / 1000) * 1000  # mm
    d = max(1000 * ground_m, s)
    circle = lens_mm**2 / (stop * max(s - lens_mm, 1.0)) * (d - s) / d
    tall = facts.height * 1080 / min(facts.width, facts.height)
    wide = circle / FILM_MM * tall
    own = camera.get("ground_blur_px_milli", 0) / 1000  # a disc's deviation is half its radius
    left = math.sqrt(max((wide / 2) ** 2 - (2 * own) ** 2, 0.0))
    step = 500
    return {
        "actor_cm": round(s / 10), "blur_px_milli": round(1000 * wide),
        "defocus_px_milli": min(MOST_DEFOCUS_MILLI, round(1000 * left / step) * step),
    }  # fmt: skip


def sharpness(camera: Mapping[str, int]) -> dict[str, str]:
    """{"found", "advice", "grade"}: sharpness and grain of the actor's film against the background's."""
    actor, ground = camera.get("actor_blur_px_milli"), camera.get("ground_blur_px_milli")
    lent = camera.get("lent_blur_px_milli", 0) / 1000
    parts, advice, grade = [], [], quality.GOOD
    if actor is not None and ground is not None:
        own, there = actor / 1000, math.hypot(ground / 1000, lent)
        figures = {"a": f"{own:.1f}", "b": f"{there:.1f}"}
        parts.append(_("Sharpest edges: actor %(a)s px, background %(b)s px.") % figures)
        if there < own - BLUR_SEEN_PX:
            grade = quality.FAIR
            advice.append(_("The background is sharper than the actor's film: raise the sharpness match."))
        elif there > own + BLUR_SEEN_PX:
            advice.append(_("The background is softer, as behind a lens focused on the actor."))
        else:
            advice.append(
                _("They were seen through one lens.") if not lent else _("It is softened to the actor's film.")
            )
    elif actor is not None and "ground_grain_ppm" in camera:
        parts.append(_("The background has no sharp edges: it lies out of focus."))
    grain, own_grain = camera.get("actor_grain_ppm"), camera.get("ground_grain_ppm")
    if grain is not None and own_grain is not None:
        there = math.hypot(own_grain, camera.get("lent_grain_ppm", 0))
        parts.append(
            _("Grain: actor %(a)s, background %(b)s thousandths.")
            % {"a": f"{grain / 1000:.1f}", "b": f"{there / 1000:.1f}"}
        )
        if there < 0.4 * grain and grain > 1500:
            grade = quality.FAIR
            advice.append(_("The background is cleaner than the actor's film: raise the grain match."))
    return {"found": " ".join(parts), "advice": " ".join(advice), "grade": grade if parts else quality.PLAIN}
