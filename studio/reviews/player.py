"""What the player of a version is given: its films, what it can be held against, the line that says its origins."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from studio.comps.models import Version
from studio.media.models import Artefact
from studio.media.storage import read_url
from studio.productions.models import Element, Production
from studio.reviews.selectors import LayerRow

# Layers' keys; 1 is the comp.
DIGITS = "23456789"


@dataclass(frozen=True)
class View:
    """One tab over the picture. kind: video | image; offset: its frame at the comp's first frame; layer: its row."""

    key: str
    label: str
    src: str
    shortcut: str = ""
    kind: str = "video"
    offset: int = 0
    layer: LayerRow | None = None


@dataclass(frozen=True)
class Other:
    """A film to hold against the one that plays: another version, or another view of this one."""

    key: str
    name: str
    src: str
    frames: int


@dataclass
class Player:
    """What `reviews/_player.html` draws. The least it needs: src, frames and the rate; the rest has defaults.

    drawings: what notes hold is laid over the picture; draw: this person may draw. frames: how many; start_frame: what
    the first is called; filmstrip: one picture of `tiles` pictures side by side.
    """

    src: str
    frames: int
    fps_num: int
    fps_den: int
    start_frame: int = 1001
    width: int = 1080
    height: int = 1920
    poster: str = ""
    filmstrip: str = ""
    tiles: int = 0
    waveform: str = ""
    name: str = ""
    views: list[View] = field(default_factory=list)
    others: list[Other] = field(default_factory=list)
    origins: list[tuple[str, str, str]] = field(default_factory=list)
    sound: bool = True
    drawings: bool = False
    draw: bool = False


def player_of(
    production: Production, version: Version, layers: list[LayerRow], versions: list[Version], *, guest: bool
) -> Player:
    """The version's player. versions: others of the shot this person may see. A guest gets no layers' sources."""
    views = [View("comp", _("Comp"), read_url(production, version.proxy_id), "1")]
    if not guest:
        views += [
            view
            for row, digit in zip(layers, DIGITS, strict=False)
            if (view := _layer_view(production, version, row, digit))
        ]
    if version.matte_id:
        views.append(View("matte", _("Matte"), read_url(production, version.matte_id), "M"))
    if version.foreground_id:
        views.append(View("foreground", _("Foreground"), read_url(production, version.foreground_id), "Y"))
    others = [
        Other(other.name, other.name, read_url(production, other.proxy_id), other.frame_count)
        for other in versions
        if other.pk != version.pk and other.proxy_id
    ]
    others += [
        Other(view.key, view.label, view.src, version.frame_count)
        for view in views[1:]
        if view.kind == "video" and not view.offset
    ]
    return Player(
        src=read_url(production, version.proxy_id),
        frames=version.frame_count,
        fps_num=production.fps_num,
        fps_den=production.fps_den,
        start_frame=production.start_frame,
        width=production.width,
        height=production.height,
        poster=read_url(production, version.poster_id),
        filmstrip=read_url(production, version.filmstrip_id),
        tiles=version.tiles,
        name=version.name,
        views=views,
        others=others,
        origins=origin_line(layers),
        drawings=True,
    )


def _layer_view(production: Production, version: Version, row: LayerRow, digit: str) -> View | None:
    element: Element = row.layer.element
    parts = {part.get("id"): part for part in version.recipe.get("layers", ())}
    recipe = parts.get(str(row.layer.layer_id), {})
    film = next((file for file in (element.proxy, element.artefact) if _is(file, "video/mp4")), None)
    picture = next((file for file in (element.proxy, element.artefact, element.poster) if _is(file, "image/")), None)
    shown = film if film and (element.media.get("frame_count") or 1) > 1 else picture or film
    if shown is None:
        return None
    kind = "video" if shown is film else "image"
    offset = int(recipe.get("frame_offset") or 0) if kind == "video" else 0
    return View(f"layer-{row.layer.layer_id}", row.layer.said, read_url(production, shown.pk), digit, kind, offset, row)


def _is(file: Artefact | None, mime: str) -> bool:
    return file is not None and file.mime.startswith(mime)


def origin_line(layers: list[LayerRow]) -> list[tuple[str, str, str]]:
    """`[("generated", "AI", "crowd"), ("procedural", "procedural", "city, rain"), ("captured", "captured", "actor")]`.

    What a learned model made says AI wherever it came from.
    """
    words = {"generated": _("AI"), "procedural": _("procedural"), "library": _("library"), "captured": _("captured")}
    names: dict[str, list[str]] = {}
    for row in layers:
        origin = "generated" if row.layer.ai_made else row.layer.origin
        names.setdefault(origin, []).append(row.layer.said)
    return [(origin, word, ", ".join(names[origin])) for origin, word in words.items() if origin in names]
