"""What a pinned version of a location means for a draw: settings, words, and what differs between two. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

# What a version holds, in the order that pages say it; the digest is of these.
CONTENT = (
    "plates",
    "words",
    "avoid",
    "seed_family",
    "lights",
    "palette",
    "colours",
    "lens_mm",
    "family",
    "family_settings",
)
TITLES = {
    "plates": _("Reference plates"), "words": _("Words"), "avoid": _("Never"), "seed_family": _("Seed family"),
    "lights": _("Light set-ups"), "palette": _("Palette"), "colours": _("Colours"), "lens_mm": _("Lens"),
    "family": _("Family"), "family_settings": _("Settings"),
}  # fmt: skip
LIGHTS = ("day", "golden", "night", "storm")
WEATHERS = ("clear", "rain", "mist")
# The light set-up that an hour or weather in a scene's heading asks for (`prompt_words.HOURS`, `WEATHERS`).
SUITED = {"storm": "storm", "dawn": "golden", "golden": "golden", "dusk": "golden", "night": "night", "day": "day"}
# Where things stand is the picture's, whichever family draws it: a crowd stands on the same ground.
GROUND = ("camera_height", "horizon")


@dataclass(frozen=True)
class Pinned:
    """A version's content with the one light set-up that a scene takes. light, weather: "" where it has none."""

    words: str = ""
    avoid: str = ""
    light: str = ""
    weather: str = ""
    light_words: str = ""
    palette: str = ""
    colours: tuple[str, ...] = ()
    lens_mm: int | None = None
    family: str = ""
    settings: tuple[tuple[str, Any], ...] = ()


def light_for(lights: Iterable[Mapping[str, str]], meant: Iterable[str]) -> Mapping[str, str]:
    """The set-up that suits what a heading means (keys of hours and weathers, weathers first); else the first one."""
    there = list(lights)
    for key in meant:
        for one in there:
            if one["light"] == SUITED.get(key):
                return one
    return there[0] if there else {}


def pinned_of(content: Mapping[str, Any], meant: Iterable[str] = ()) -> Pinned:
    """What a scene takes of a version. content: CONTENT by name; meant: see `light_for`."""
    light = light_for(content["lights"], meant)
    return Pinned(
        content["words"], content["avoid"], light.get("light", ""), light.get("weather", ""), light.get("words", ""),
        content["palette"], tuple(content["colours"]), content["lens_mm"], content["family"],
        tuple(sorted(content["family_settings"].items())),
    )  # fmt: skip


def params_for(offer: str, parameters: Iterable[Any], pinned: Pinned) -> dict[str, Any]:
    """The settings that an offer takes from a pinned version: those it has, where it can hold the value.

    The version's own family takes all of its settings; others light, weather, palette and lens, and where the ground
    lies.
    """
    own = dict(pinned.settings)
    wanted = dict(own) if offer == pinned.family else {name: own[name] for name in GROUND if name in own}
    told = {"light": pinned.light, "weather": pinned.weather, "palette": pinned.palette, "lens": pinned.lens_mm}
    wanted |= {name: value for name, value in told.items() if value not in ("", None)}
    return {one.name: wanted[one.name] for one in parameters if one.name in wanted and holds(one, wanted[one.name])}


def holds(parameter: Any, value: Any) -> bool:
    """Whether a parameter (of the engine's or a backend's) can be set to the value."""
    if parameter.kind == "choice":
        return value in {choice.value for choice in parameter.choices}
    if parameter.kind in ("number", "angle"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        return (whole and parameter.minimum <= value <= parameter.maximum) or (
            parameter.kind == "angle" and value == ""
        )
    return parameter.kind == "text" and isinstance(value, str)


def departed(wanted: Mapping[str, Any], params: Mapping[str, Any]) -> list[str]:
    """Names of the settings that a draw has otherwise than its pinned version."""
    return sorted(name for name, value in wanted.items() if name in params and params[name] != value)


@dataclass(frozen=True)
class Difference:
    """name: of CONTENT; before, after: its values."""

    name: str
    before: Any
    after: Any

    @property
    def title(self) -> str:
        return TITLES[self.name]


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What a shot gets otherwise when it moves from one version's content to another's."""
    return [
        Difference(name, before[name], after[name])
        for name in CONTENT
        if (before[name] or None) != (after[name] or None)
    ]
