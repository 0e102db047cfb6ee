"""What a first draw begins with: the family and the light that the scene's heading, its place or the layer's name mean.

Only for what is drawn by rule; models read the heading in their prompt. A pinned location goes over it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from studio.generation import pinning, prompting
from studio.generation.prompt_words import HOURS, PLACES, WEATHERS, Words
from studio.productions.models import Layer, LayerKind

# Which family draws a place of `prompt_words.PLACES`; those that are not here no family draws.
FAMILIES = {
    "rooftop": "rooftop", "hospital": "ward", "corridor": "corridor", "lobby": "lobby", "office": "office",
    "bedroom": "bedroom", "palace": "palace", "teahouse": "palace", "street": "city", "city": "city",
    "mountain": "lake", "lake": "lake", "sea": "sea", "woods": "forest",
}  # fmt: skip
ROOMS = frozenset({"hospital", "corridor", "lobby", "office", "bedroom"})  # seen from outside: the city before them
INDOOR_PLACES = ROOMS | {"living", "restaurant", "palace", "teahouse", "school", "car"}
OUTSIDE = re.compile(r"(?<![a-z])ext(?![a-z])|外景|室外")
INSIDE = re.compile(r"(?<![a-z])int(?![a-z])|内景|室内")
# What falls or drifts, by weather: in front of the lens outside, on the window inside.
WEATHER_EFFECTS = {"storm": "rain", "rain": "rain", "snow": "snow", "fog": "fog"}
INDOORS = {"storm": "glass_drops", "rain": "glass_drops"}
# What an effect layer is called, for each family; the first one named counts.
NAMED = {
    "glass_drops": ("drops", "window", "glass", "窗", "玻璃"), "puddle_rings": ("puddle", "积水", "水洼"),
    "lightning": ("lightning", "thunder", "闪电", "雷"), "snow": ("snow", "雪"), "rain": ("rain", "雨"),
    "fog": ("fog", "mist", "雾"), "smoke": ("smoke", "烟"), "embers": ("embers", "sparks", "余烬", "火星"),
    "fire": ("fire", "flame", "flames", "火"), "petals": ("petals", "leaves", "花瓣", "落叶", "落花"),
    "dust": ("dust", "尘"), "sword_light": ("sword", "剑"), "energy": ("energy", "aura", "能量", "灵气"),
    "light_leaks": ("leak", "leaks", "漏光"), "bokeh": ("bokeh", "光斑"),
}  # fmt: skip
WEATHER = {"rain": "rain", "storm": "rain", "fog": "mist"}


@dataclass(frozen=True)
class Heard:
    """family: of what is drawn by rule, "" where nothing is meant; wanted: settings, for the families that have them;
    titles: what was understood, for people."""

    family: str = ""
    wanted: dict[str, Any] = field(default_factory=dict)
    titles: tuple[str, ...] = ()

    def settings(self, parameters: Iterable[Any]) -> dict[str, Any]:
        """Those settings that an offer has and can hold."""
        names = {one.name: one for one in parameters}
        held = [name for name in self.wanted if name in names and pinning.holds(names[name], self.wanted[name])]
        return {name: self.wanted[name] for name in held}


def heard(layer: Layer) -> Heard:
    """What the layer's place in the script means for a first draw."""
    scene = layer.shot.scene
    place = scene.location.name if scene.location else ""
    return heard_in(LayerKind(layer.kind), scene.title or layer.shot.title, place, layer.name)


def heard_in(kind: str, heading: str, place: str = "", name: str = "") -> Heard:
    """kind: the layer's; name: what it is called, which tells one effect from another."""
    asked = prompting.Asked(kind, place, heading=heading)
    where, hour, weather = (next(iter(prompting.found(words, asked)), None) for words in (PLACES, HOURS, WEATHERS))
    outside = OUTSIDE.search(heading.casefold()) is not None
    wanted = _lit(hour, weather)
    if kind == LayerKind.BACKGROUND:
        family = FAMILIES.get(where.key, "") if where else ""
        if outside and where and where.key in ROOMS:
            family = "city"
        if where and where.key == "teahouse":
            wanted["end"] = "tea"
        understood = [where if family else None, hour, weather]
    elif kind == LayerKind.CROWD:
        family, understood = "crowd", [hour, weather]
        wanted["period"] = "ancient" if where and where.key in ("palace", "teahouse", "courtyard") else "modern"
        if wanted.get("light"):
            wanted["tone"] = wanted["light"]
    else:
        key = weather.key if weather else ""
        roofed = where is not None and where.key in INDOOR_PLACES
        inside = not outside and (roofed or INSIDE.search(heading.casefold()) is not None)
        family = _named(name) or (WEATHER_EFFECTS | INDOORS if inside else WEATHER_EFFECTS).get(key, "")
        understood = [weather]
    return Heard(family, wanted, tuple(_(one.title) for one in understood if one is not None))


def _lit(hour: Words | None, weather: Words | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    keys = [one.key for one in (weather, hour) if one is not None]
    if light := next((pinning.SUITED[key] for key in keys if key in pinning.SUITED), ""):
        found["light"] = light
    if weather is not None and weather.key in WEATHER:
        found["weather"] = WEATHER[weather.key]
    return found


def _named(name: str) -> str:
    told = name.casefold()
    return next((family for family, signs in NAMED.items() if any(prompting.means(one, told) for one in signs)), "")
