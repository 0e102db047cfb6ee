"""The screen check in words: codes from the engine become sentences in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "no_screen": _("No screen was found: no saturated colour fills enough of the picture."),
    "screen_found": _("A %(name)s screen fills %(share)d %% of the picture."),
    "even": _("The screen is lit evenly: it varies by %(spread)d %%."),
    "uneven": _("The screen is lit unevenly: it varies by %(spread)d %%; the fitted plate evens most of it out."),
    "spill_low": _("Hardly any screen light falls on the actor."),
    "spill_high": _("Screen light falls on the actor (%(spill_percent)d %%): expect to tune the despill."),
    "clipped": _("%(clipped)d %% of the screen is clipped or black: edges there will be hard."),
    "noisy": _("The screen is noisy (%(noise_percent)d %%): fine hair will be lost in it."),
    "weak_colour": _("The screen's colour is weak: light it more or expose it lower."),
    "soft": _("Edges are soft, by focus or motion: the matte will be wide there."),
    "small_screen": _("Little of the screen is seen: its fit behind the actor is a guess."),
    "touches_edge": _("The actor leaves the frame at the side: no comp can show what was not shot."),
}
NAMES = {"green": _("green"), "blue": _("blue"), "yellow-green": _("yellow-green"), "other": _("coloured")}
# What people call a hue (degrees, up to).
HUES = (
    (20, _("red")),
    (45, _("orange")),
    (70, _("yellow")),
    (90, _("yellow-green")),
    (165, _("green")),
    (195, _("cyan")),
    (255, _("blue")),
    (290, _("violet")),
    (345, _("magenta")),
    (360, _("red")),
)
GRADES = {
    "A": _("keys very well"),
    "B": _("keys well"),
    "C": _("keys with some work"),
    "D": _("keys badly"),
}
MARKS = [
    ("evenness_milli", _("Evenness")),
    ("spill_milli", _("Freedom from spill")),
    ("clipping_milli", _("Freedom from clipping")),
    ("focus_milli", _("Focus")),
    ("noise_milli", _("Freedom from noise")),
    ("colour_milli", _("Strength of colour")),
]


def called(name: str, hue: float | None) -> str:
    """A screen's colour as people call it. name: the engine's; hue: in degrees, for a screen that is no usual one."""
    if hue is None or (name in NAMES and name != "other"):
        return str(NAMES.get(name, name))
    return next(str(word) for upto, word in HUES if hue % 360 <= upto)


def sentence(reason: Mapping[str, Any], hue: float | None = None) -> str:
    """One finding in words; a code this page does not know shows the engine's own sentence. hue: the screen's."""
    params = dict(reason.get("params", {}))
    if "name" in params:
        params["name"] = called(str(params["name"]), hue)
    params |= {f"{name}_percent": round(params[name] / 10) for name in ("spill", "noise") if name in params}
    text = SENTENCES.get(str(reason.get("code")))
    return str(text) % params if text is not None else str(reason.get("message", reason.get("code", "")))


def verdict(screen: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of a screen check: grade, its word, colour, marks (name, thousandths) and sentences."""
    grade, hue = str(screen.get("grade", "")), screen.get("hue_degrees")
    srgb = screen.get("srgb") or []
    return {
        "grade": grade,
        "word": GRADES.get(grade, ""),
        "colour": "#" + "".join(f"{int(part):02x}" for part in srgb) if len(srgb) == 3 else "",
        "name": called(str(screen.get("name", "")), hue),
        "hue": hue,
        "marks": [(label, int(screen[name])) for name, label in MARKS if name in screen],
        "sentences": [sentence(reason, hue) for reason in screen.get("reasons", [])],
    }
