"""A location's page: its versions, what each pins, and which version every shot is drawn by. Reads only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from compositing import plates
from compositing.plates.family import LIGHT, PALETTE, weather
from studio.generation import continuity, pinning, places, styles, swatches, table
from studio.generation.models import Draw, LocationVersion, PinMove, ShotPin
from studio.productions import policy
from studio.productions.models import Layer, LayerKind, Location, Origin, Shot
from studio.productions.policy import Action

WEATHER = weather("clear")
LIGHT_TITLES = {choice.value: choice.title for choice in LIGHT.choices}
WEATHER_TITLES = {choice.value: choice.title for choice in WEATHER.choices}
PALETTE_TITLES = {choice.value: choice.title for choice in PALETTE.choices}
SETTING_TITLES = {one.name: one.title for family in plates.FAMILIES.values() for one in family.parameters}
# What a version says of its own accord; the rest of a plate's settings stays with its family.
TOLD_APART = ("light", "weather", "palette", "lens")
MOVES_SHOWN = 6
SHORT = 60  # characters of a value where two are held side by side


@dataclass(frozen=True)
class ShotRow:
    """A shot of the place. version: it is drawn by; changes: what it gets otherwise in the newest; layer: background.
    elder: what fills the background was drawn by this other version (its name, "" where it was not); drawn: that draw,
    where the same backend can draw the place anew."""

    shot: Shot
    layer: Layer | None
    version: LocationVersion
    pinned: bool
    changes: tuple[str, ...]
    elder: str
    drawn: Draw | None = None

    @property
    def behind(self) -> bool:
        return bool(self.changes)


def page(user: Any, location: Location, asked: str = "") -> dict[str, Any]:
    """The whole page. asked: the number of the version to show, else the newest."""
    rows = places.versions(location)
    shown = next((row for row in rows if str(row.number) == asked), rows[0] if rows else None)
    shots = shot_rows(location, rows)
    counts = Counter(row.version.pk for row in shots if row.pinned)
    before = {row.pk: rows[at + 1] if at + 1 < len(rows) else None for at, row in enumerate(rows)}
    told = [
        {"version": row, "shots": counts[row.pk], "changes": _changes(before[row.pk], row), "shown": row == shown}
        for row in rows
    ]
    may_lock, may_pin = (policy.may(user, action, location) for action in (Action.LOCK_PLACE, Action.PIN_SHOTS))
    return {
        "production": location.production,
        "location": location,
        "versions": told,
        "shown": shown,
        "facts": facts(shown) if shown else [],
        "lights": [said_light(one) for one in shown.lights] if shown else [],
        "colours": colours_of(shown) if shown else [],
        "rows": shots,
        "behind": [row for row in shots if row.pinned and row.behind],
        "newest": rows[0] if rows else None,
        "pictures": [] if rows else places.pictures(location),
        "moves": moves(location) if may_pin else [],
        "may_lock": may_lock,
        "may_pin": may_pin,
        "may_draw": table.may_ask(user, location),
        "form": form(location, rows[0] if rows else None) if may_lock else None,
        "tab": "worlds",
    }  # fmt: skip


def shot_rows(location: Location, versions: list[LocationVersion]) -> list[ShotRow]:
    """The location's shots in cut order; none before it is locked."""
    if not versions:
        return []
    known = {row.pk: row for row in versions}
    shots = list(places.shots_at(location))
    pins = dict(ShotPin.objects.filter(shot__in=shots, version__in=known).values_list("shot", "version"))
    layers: dict[Any, Layer] = {}
    backgrounds = Layer.objects.filter(shot__in=shots, kind=LayerKind.BACKGROUND).select_related("element__poster")
    for row in backgrounds.order_by("-order"):
        layers[row.shot_id] = row
    drawn = _drawn_by([layer.element_id for layer in layers.values() if layer.element_id])
    made = _made_by_rule([layer.element_id for layer in layers.values() if layer.element_id])
    rows = []
    for shot in shots:
        pin = pins.get(shot.pk)
        version = known[pin] if pin else versions[0]
        layer = layers.get(shot.pk)
        by = drawn.get(layer.element_id, "") if layer else ""
        elder = by if by and by != version.name else ""
        changes = tuple(_changes(version, versions[0]))
        anew = made.get(layer.element_id) if layer and elder else None
        rows.append(ShotRow(shot, layer, version, shot.pk in pins, changes, elder, anew))
    return rows


def _drawn_by(elements: list[Any]) -> dict[Any, str]:
    """{element: the name of the version that its draw names}."""
    rows = Draw.objects.filter(element__in=elements, recipe__has_key="location").values_list("element", "recipe")
    return {element: f"v{recipe['location']['version']:03d}" for element, recipe in rows}


def _changes(before: LocationVersion | None, after: LocationVersion) -> list[str]:
    """What differs, one sentence each; nothing for the same version or the first one."""
    if before is None or before.pk == after.pk:
        return []
    found = pinning.differences(places.content_of(before), places.content_of(after))
    return [said_difference(one) for one in found]


def said_difference(one: pinning.Difference) -> str:
    """`Palette: Cold → Warm`, in the reader's language."""
    before, after = (_short(said_value(one.name, value)) for value in (one.before, one.after))
    return f"{_(one.title)}: {before} → {after}"


def _short(text: str) -> str:
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def said_value(name: str, value: Any) -> str:
    """A pinned value as people read it."""
    if name == "plates":
        return str(len(value or []))
    if name == "lights":
        return ", ".join(said_light(one)["short"] for one in value or []) or "–"
    if name == "palette":
        return _(PALETTE_TITLES[value]) if value else "–"
    if name == "colours":
        return ", ".join(swatches.name_of(one, styles.reader()) for one in value or []) or "–"
    if name == "lens_mm":
        return f"{value} mm" if value else "–"
    if name == "family":
        return family_title(value)
    if name == "family_settings":
        return (
            ", ".join(f"{_(SETTING_TITLES.get(key, key))} {one}" for key, one in sorted((value or {}).items())) or "–"
        )
    return str(value or "–")


def family_title(name: str) -> str:
    return _(plates.FAMILIES[name].title) if name in plates.FAMILIES else name or "–"


def said_light(one: Mapping[str, str]) -> dict[str, str]:
    """{"light", "title", "weather", "words", "short"} of a set-up."""
    title = _(LIGHT_TITLES[one["light"]])
    sky = _(WEATHER_TITLES[one["weather"]]) if one.get("weather") else ""
    return {
        "light": one["light"], "title": title, "weather": sky, "words": one.get("words", ""),
        "short": f"{title} ({sky})" if sky else title,
    }  # fmt: skip


def facts(version: LocationVersion) -> list[tuple[str, str]]:
    """(title, value) of what stands in words on the page; empty ones are left out."""
    found = [
        (_(pinning.TITLES[name]), said_value(name, getattr(version, name)))
        for name in ("words", "avoid", "palette", "lens_mm", "family", "family_settings")
        if getattr(version, name)
    ]
    last = version.seed_family + 999
    return [*found, (_(pinning.TITLES["seed_family"]), f"{version.seed_family}–{last}")]


def colours_of(version: LocationVersion) -> list[str]:
    """The pinned colours; where none are, those of the first plate whose look is known."""
    return list(version.colours) or read_colours([plate["poster"] for plate in version.plates])


def read_colours(posters: list[str]) -> list[str]:
    looks = continuity.looks_of(one for one in posters if one)
    return next((swatches.palette(looks[one]["lab"]) for one in posters if one in looks), [])


def moves(location: Location) -> list[dict[str, Any]]:
    """The last moves of shots by people, newest first: {"batch", "at", "actor", "to", "from", "shots", "open"}."""
    rows = PinMove.objects.filter(after__location=location, shot__production=location.production)
    found: dict[Any, dict[str, Any]] = {}
    for row in rows.select_related("shot", "before", "after", "actor").order_by("-created_at", "shot__code")[:200]:
        told = found.setdefault(row.batch, {
            "batch": row.batch, "at": row.created_at, "actor": row.actor, "to": row.after.name, "from": set(),
            "shots": [], "open": False,
        })  # fmt: skip
        told["shots"].append(row.shot.code)
        told["from"] |= {row.before.name} if row.before else set()
        told["open"] |= row.taken_back_at is None
    return [told | {"from": ", ".join(sorted(told["from"]))} for told in list(found.values())[:MOVES_SHOWN]]


# -- the form of a new version


def form(location: Location, last: LocationVersion | None) -> dict[str, Any]:
    """What the form begins with: the newest version, or what fills the location's shots."""
    content = places.content_of(last) if last else suggested(location)
    held = [plate["artefact"] for plate in content["plates"]]
    offered = [*content["plates"], *(one for one in places.pictures(location) if one["artefact"] not in held)]
    lights = {one["light"]: one for one in content["lights"]}
    read = read_colours([plate["poster"] for plate in offered])
    by_rule = drawn_by_rule(location)
    return {
        "content": content,
        "plates": [plate | {"chosen": plate["artefact"] in held} for plate in offered],
        "lights": [{"light": name, "title": title, "chosen": name in lights, **{
            key: lights.get(name, {}).get(key, "") for key in ("weather", "words")}}
            for name, title in LIGHT_TITLES.items()],
        "weathers": list(WEATHER_TITLES.items()),
        "palettes": list(PALETTE_TITLES.items()),
        "colours": [(one, one in content["colours"]) for one in dict.fromkeys([*content["colours"], *read])],
        "by_rule": [(draw.pk, f"{family_title(draw.recipe['family'])} · {draw.layer.shot.path_code} #{draw.seed}")
                    for draw in by_rule],
        "kept": family_title(content["family"]) if content["family"] else "",
        "most": swatches.MOST,
    }  # fmt: skip


def _made_by_rule(elements: list[Any]) -> dict[Any, Draw]:
    """The draws by rule that these elements came from."""
    rows = Draw.objects.filter(element_id__in=elements, origin=Origin.PROCEDURAL).order_by("created_at")
    return {row.element_id: row for row in rows}


def drawn_by_rule(location: Location) -> list[Draw]:
    """The draws by rule that fill the location's backgrounds now, in cut order, each once."""
    rows = Draw.objects.filter(
        backend="procedural", element__layers__shot__scene__location=location, layer__kind=LayerKind.BACKGROUND
    )
    return list(rows.select_related("layer__shot").order_by("created_at").distinct())


def from_draw(draw: Draw) -> dict[str, Any]:
    """family and family_settings of a draw by rule; its light, weather, palette and lens a version says apart."""
    params = {name: value for name, value in draw.recipe["params"].items() if name not in TOLD_APART}
    return {"family": draw.recipe["family"], "family_settings": params}


def suggested(location: Location) -> dict[str, Any]:
    """A first version out of what fills the location's shots: plates, lights, palette, lens and settings."""
    content = places.blank(location) | {"plates": places.pictures(location)[: places.MOST_PLATES]}
    draws = drawn_by_rule(location)
    if not draws:
        return content
    params = draws[0].recipe["params"]
    lights: dict[str, dict[str, str]] = {}
    for draw in draws:
        own = draw.recipe["params"]
        if own.get("light") in pinning.LIGHTS:
            lights.setdefault(own["light"], {"light": own["light"], "weather": own.get("weather", ""), "words": ""})
    told = {"lights": list(lights.values()), "palette": params.get("palette", ""), "lens_mm": params.get("lens")}
    return content | told | from_draw(draws[0])
