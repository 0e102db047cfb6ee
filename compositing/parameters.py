# ruff: noqa: E501 (a table reads best with a row a line)
"""The one table of parameters: pages, API and CLI build their controls from it. Standard library only.

Values are whole numbers: thousandths (`*_milli`), thousandths of a pixel at 1080 wide (`*_px_milli`), or switches 0/1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compositing.errors import Refused

KEY, MATCH, PLACE = "key", "match", "place"


def gettext_noop(text: str) -> str:
    """Marks a label for the pages' catalogues; the engine itself speaks no languages."""
    return text


_ = gettext_noop


@dataclass(frozen=True)
class Parameter:
    """One control. `auto` is the value that means "let the engine decide", or None.

    set: which mapping it lives in (layer.key, layer.place, recipe.match). group: heading on the page.
    unit: "milli" (thousandths), "px_milli" (thousandths of a pixel at 1080 wide), "switch" (0 or 1),
    "angle_milli" (thousandths of a turn). taste: left out by --plain.
    """

    name: str
    set: str
    group: str
    label: str
    help: str
    minimum: int
    maximum: int
    default: int
    unit: str = "milli"
    step: int = 10
    auto: int | None = None
    taste: bool = False


def _p(*args: Any, **kwargs: Any) -> Parameter:
    return Parameter(*args, **kwargs)


PARAMETERS: tuple[Parameter, ...] = (
    _p("screen_hue_milli", KEY, "screen", _("Screen hue"), _("Hue of the screen as a part of a full turn; automatic finds it in the clip."), -1, 999, -1, "angle_milli", 1, -1),
    _p("gain_milli", KEY, "screen", _("Key gain"), _("How much of the screen's colour counts as screen: more opens the matte, less closes it."), 500, 1500, 1000),
    _p("balance_milli", KEY, "screen", _("Balance"), _("Leans the key towards one of the two other colours, where a garment near the screen's colour opens."), -1000, 1000, 0),
    _p("clip_black_milli", KEY, "matte", _("Clip black"), _("Matte below this is fully clear: cleans a dirty screen."), 0, 500, 12, step=2),
    _p("clip_white_milli", KEY, "matte", _("Clip white"), _("Matte above this is fully solid: closes thin spots."), 500, 1000, 985, step=5),
    _p("core_milli", KEY, "matte", _("Core"), _("How firmly areas far from any edge are closed."), 0, 1000, 1000),
    _p("refine_milli", KEY, "matte", _("Edge refinement"), _("How much the unknown band is solved again from local foreground and screen colours."), 0, 1000, 1000),
    _p("shrink_px_milli", KEY, "matte", _("Shrink or grow"), _("Moves the matte's edge inwards (positive) or outwards (negative)."), -4000, 4000, 0, "px_milli", 100),
    _p("soften_px_milli", KEY, "matte", _("Soften"), _("Blurs the finished matte a little."), 0, 8000, 0, "px_milli", 100),
    _p("garbage_left_milli", KEY, "garbage", _("Garbage left"), _("Clears everything left of this part of the frame."), 0, 1000, 0),
    _p("garbage_right_milli", KEY, "garbage", _("Garbage right"), _("Clears everything right of this part of the frame."), 0, 1000, 1000),
    _p("garbage_top_milli", KEY, "garbage", _("Garbage top"), _("Clears everything above this part of the frame."), 0, 1000, 0),
    _p("garbage_bottom_milli", KEY, "garbage", _("Garbage bottom"), _("Clears everything below this part of the frame."), 0, 1000, 1000),
    _p("hint_milli", KEY, "garbage", _("Person hint"), _("How firmly the person segmenter closes what lies well inside somebody and clears what belongs to nobody; it never draws an edge."), 0, 1000, 1000),
    _p("despill_milli", KEY, "despill", _("Despill"), _("How much of the screen's bounce light is taken off the actor."), 0, 1500, 1000),
    _p("despill_luma_milli", KEY, "despill", _("Keep brightness"), _("How much of the brightness that despill takes is given back as neutral light."), 0, 1000, 400),
    _p("skin_milli", KEY, "despill", _("Protect skin"), _("Keeps the despill off warm colours: skin, gold, fair hair."), 0, 1000, 100),
    _p("unmix_milli", KEY, "edges", _("Unmix edges"), _("How much of the screen is taken out of half-clear pixels."), 0, 1000, 1000),
    _p("extend_milli", KEY, "edges", _("Extend edges"), _("How much an edge pixel borrows its colour from the solid area beside it."), 0, 1000, 350),
    _p("crisp_milli", KEY, "edges", _("Crisp edges"), _("Takes the lens's softness back from half-clear edges; only in the mode best."), 0, 2000, 800),
    _p("temporal_milli", KEY, "edges", _("Hold steady"), _("How much the frames before and after steady the half-clear part of the matte where it does not move. Takes longer."), 0, 1000, 0),
    _p("scale_milli", PLACE, "place", _("Size"), _("Size of the layer within the frame."), 100, 4000, 1000),
    _p("x_milli", PLACE, "place", _("Across"), _("Moves the layer right by this part of the frame's width."), -2000, 2000, 0),
    _p("y_milli", PLACE, "place", _("Down"), _("Moves the layer down by this part of the frame's height."), -2000, 2000, 0),
    _p("opacity_milli", PLACE, "place", _("Opacity"), _("How solid the layer is."), 0, 1000, 1000),
    _p("flip", PLACE, "place", _("Mirror"), _("Mirrors the layer left to right."), 0, 1, 0, "switch", 1),
    _p("exposure_milli", PLACE, "grade", _("Exposure"), _("Brighter or darker, in thousandths of a stop."), -4000, 4000, 0, step=50),
    _p("temperature_milli", PLACE, "grade", _("Warmth"), _("Warmer (positive) or cooler."), -1000, 1000, 0),
    _p("tint_milli", PLACE, "grade", _("Tint"), _("Towards magenta (positive) or green."), -1000, 1000, 0),
    _p("saturation_milli", PLACE, "grade", _("Saturation"), _("Strength of the layer's colours."), 0, 2000, 1000),
    _p("defocus_px_milli", PLACE, "grade", _("Defocus"), _("Throws the layer out of focus."), 0, 40000, 0, "px_milli", 500),
    _p("cast_milli", PLACE, "cast", _("Light on the actor"), _("How much of the light that this layer gives off falls on the actor, on the side turned to it: a fire, lightning, a sign."), 0, 2000, 0, step=50),
    _p("cast_ground_milli", PLACE, "cast", _("Light on the background"), _("How much of that light falls on the background: a flash of lightning lights the whole place."), 0, 2000, 0, step=50),
    _p("match_milli", MATCH, "match", _("Match amount"), _("All of the match at once: colour, exposure, light, wrap, grain, sharpness and shadow."), 0, 2000, 1000, taste=True),
    _p("colour_milli", MATCH, "match", _("Colour match"), _("Leans the actor's light towards the background's."), 0, 1000, 350, taste=True),
    _p("exposure_match_milli", MATCH, "match", _("Exposure match"), _("Leans the actor's brightness towards the background's."), 0, 1000, 150, taste=True),
    _p("key_match_milli", MATCH, "match", _("Light match"), _("Grades the actor into the background's light, as the face shows that it is lacking."), 0, 1000, 0, step=50, taste=True),
    _p("wrap_milli", MATCH, "match", _("Light wrap"), _("Lets the background's light spill over the actor's edges."), 0, 1000, 120, taste=True),
    _p("wrap_px_milli", MATCH, "match", _("Wrap width"), _("How far the light wrap reaches in."), 1000, 80000, 14000, "px_milli", 1000),
    _p("grain_milli", MATCH, "match", _("Grain match"), _("Gives a clean background the actor's grain."), 0, 2000, 500, taste=True),
    _p("sharpness_milli", MATCH, "match", _("Sharpness match"), _("Softens a background that is sharper than the camera that shot the actor."), 0, 1000, 800, taste=True),
    _p("shadow_milli", MATCH, "match", _("Shadow"), _("Casts the actor's own shadow, as the screen shows it, on the background; where none is seen it does nothing."), 0, 2000, 1000, taste=True),
    _p("additive_milli", MATCH, "match", _("Fine detail"), _("Adds the light of loose hair and dust that the matte is too coarse for."), 0, 2000, 0, taste=True),
    _p("background_defocus_px_milli", MATCH, "match", _("Background defocus"), _("Softens the background as a lens focused on the actor would."), 0, 40000, 0, "px_milli", 500, taste=True),
)  # fmt: skip

BY_NAME = {(p.set, p.name): p for p in PARAMETERS}


def clean_values(which: str, values: Mapping[str, Any]) -> dict[str, int]:
    """`values` checked against the table, sorted, those equal to their default left out.

    Raises Refused naming the parameter, its range and what was given.
    """
    if not isinstance(values, Mapping):
        raise Refused(f"The {which} parameters must be a JSON object, got {type(values).__name__}.")
    cleaned = {}
    for name in sorted(values):
        parameter = BY_NAME.get((which, name))
        if parameter is None:
            raise Refused(f"There is no {which} parameter {name!r}.")
        value = values[name]
        if isinstance(value, bool) or not isinstance(value, int) or not parameter.minimum <= value <= parameter.maximum:
            raise Refused(
                f"{name} must be a whole number from {parameter.minimum} to {parameter.maximum}, got {value!r}."
            )
        if value != parameter.default:
            cleaned[name] = value
    return cleaned


def all_values(which: str, values: Mapping[str, int] | None) -> dict[str, int]:
    """Every parameter of the set `which` with its value, defaults filled in."""
    given = values or {}
    return {p.name: given.get(p.name, p.default) for p in PARAMETERS if p.set == which}
