"""Location lock and library for scripts."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from ninja import Schema

from studio.core.api import Router
from studio.core.errors import Invalid
from studio.generation import library, pinning, place_page, places, shelf
from studio.generation.models import LibraryItem, LibraryUse, LocationVersion, PinMove
from studio.media import serving
from studio.productions import policy
from studio.productions.models import Location, Production
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["worlds"])


def team(request: HttpRequest, slug: str) -> Production:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


def location_for(request: HttpRequest, slug: str, location_id: UUID) -> Location:
    return get_object_or_404(team(request, slug).locations.select_related("production"), pk=location_id)


# -- location lock


class LightIn(Schema):
    light: Literal["day", "golden", "night", "storm"]
    weather: Literal["", "clear", "rain", "mist"] = ""
    words: str = ""


class VersionIn(Schema):
    """What is left out is as in the newest version. plates: sha256 of pictures of the production; colours: #rrggbb."""

    comment: str = ""
    plates: list[str] | None = None
    words: str | None = None
    avoid: str | None = None
    seed_family: int | None = None
    lights: list[LightIn] | None = None
    palette: str | None = None
    colours: list[str] | None = None
    lens_mm: int | None = None
    family: str | None = None
    family_settings: dict[str, Any] | None = None


class VersionOut(Schema):
    number: int
    name: str
    comment: str
    sha256: str
    plates: list[dict[str, str]]
    words: str
    avoid: str
    seed_family: int
    lights: list[dict[str, str]]
    palette: str
    colours: list[str]
    lens_mm: int | None
    family: str
    family_settings: dict[str, Any]
    made_by: str | None
    made_at: datetime

    @staticmethod
    def of(row: LocationVersion) -> dict[str, Any]:
        plain = places.content_of(row) | {name: getattr(row, name) for name in ("number", "name", "comment", "sha256")}
        return plain | {"made_by": str(row.made_by) if row.made_by else None, "made_at": row.created_at}


class PinOut(Schema):
    """version: the shot is drawn by; pinned: it keeps it, else it takes it at its first draw; changes: what the newest
    version has otherwise, one sentence each."""

    shot: str
    version: int
    pinned: bool
    changes: list[str]


class MoveIn(Schema):
    """shots: codes; absent: every shot that plays there."""

    version: int
    shots: list[str] | None = None


def _moved(moves: list[PinMove]) -> dict[str, Any]:
    return {
        "batch": str(moves[0].batch) if moves else None,
        "moved": [
            {"shot": move.shot.code, "from": move.before.number if move.before else None, "to": move.after.number}
            for move in moves
        ],
    }


@router.get("/locations/{location_id}/versions", response=list[VersionOut])
def list_location_versions(request: HttpRequest, slug: str, location_id: UUID) -> list[dict[str, Any]]:
    """What a location is pinned to, newest first; empty where it is not locked."""
    return [VersionOut.of(row) for row in places.versions(location_for(request, slug, location_id))]


@router.post("/locations/{location_id}/versions", response=VersionOut)
def lock_location(request: HttpRequest, slug: str, location_id: UUID, sent: VersionIn) -> dict[str, Any]:
    """Keep a new version. No shot moves by it. 409 where nothing differs from the newest."""
    content = {name: value for name, value in sent.dict(exclude_unset=True).items() if name in pinning.CONTENT}
    content = {name: value for name, value in content.items() if value is not None or name == "lens_mm"}
    location = location_for(request, slug, location_id)
    return VersionOut.of(places.lock(actor=request.user, location=location, comment=sent.comment, **content))


@router.get("/locations/{location_id}/pins", response=list[PinOut])
def list_pins(request: HttpRequest, slug: str, location_id: UUID) -> list[dict[str, Any]]:
    """By which version each shot of the location is drawn, in cut order."""
    location = location_for(request, slug, location_id)
    return [
        {"shot": row.shot.code, "version": row.version.number, "pinned": row.pinned, "changes": list(row.changes)}
        for row in place_page.shot_rows(location, places.versions(location))
    ]


@router.post("/locations/{location_id}/pins")
def move_pins(request: HttpRequest, slug: str, location_id: UUID, sent: MoveIn) -> dict[str, Any]:
    """Move shots to a version: `{"batch", "moved"}`; the batch takes it back."""
    location = location_for(request, slug, location_id)
    policy.require(request.user, Action.PIN_SHOTS, location)
    version = get_object_or_404(location.versions, number=sent.version)
    shots = None
    if sent.shots is not None:
        shots = list(places.shots_at(location).filter(code__in=sent.shots))
        if len(shots) != len(set(sent.shots)):
            raise Invalid(places.not_here(location))
    return _moved(places.upgrade(actor=request.user, version=version, shots=shots))


@router.post("/locations/{location_id}/pins/{batch}/take-back")
def take_pins_back(request: HttpRequest, slug: str, location_id: UUID, batch: UUID) -> dict[str, Any]:
    """Undo one move; `left`: shots that were moved on since and stay."""
    location = location_for(request, slug, location_id)
    back, left = places.take_back(actor=request.user, location=location, batch=batch)
    return {"taken_back": [move.shot.code for move in back], "left": [move.shot.code for move in left]}


# -- library


class ItemOut(Schema):
    """origin, ai_made: of what it holds; production: whose it is; colours: read from its picture (empty: not yet read);
    apart: how far from the colour or picture asked for, in thousandths (colour: dE)."""

    id: UUID
    kind: str
    name: str
    words: str
    licence: str
    source: str
    terms: str
    shared: bool
    retired: bool
    production: str
    mine: bool
    origin: str
    ai_made: bool
    colours: list[str]
    apart_milli: int | None

    @staticmethod
    def of(found: shelf.Found, production: Production) -> dict[str, Any]:
        item, element = found.item, found.item.element
        names = ("id", "kind", "name", "words", "licence", "source", "terms", "shared")
        return {name: getattr(item, name) for name in names} | {
            "retired": item.retired_at is not None, "production": item.production.title,
            "mine": item.production_id == production.pk, "origin": element.origin if element else "",
            "ai_made": bool(element and element.ai_made), "colours": list(found.colours),
            "apart_milli": None if found.apart is None else round(1000 * found.apart),
        }  # fmt: skip


class ItemIn(Schema):
    """layer: what fills it is kept (kind: by the layer's unless said); kind "style" keeps the production's words."""

    layer: UUID | None = None
    kind: Literal["", "location", "crowd", "effect", "prop", "style"] = ""
    name: str = ""
    words: str = ""
    licence: str = ""
    source: str = ""
    terms: str = ""


class ItemChange(Schema):
    """What is left out stays. shared: open to other productions; retired: out of the library, used where it is."""

    name: str | None = None
    words: str | None = None
    licence: str | None = None
    source: str | None = None
    terms: str | None = None
    shared: bool | None = None
    retired: bool | None = None


class UseIn(Schema):
    """A layer to fill, or a location to lock with it; neither: it becomes the production's style."""

    layer: UUID | None = None
    location: UUID | None = None


class UseOut(Schema):
    """saving: {"amount_minor" (null: a rate is missing), "lines", "missing"}; empty for what saves no layer."""

    id: UUID | None
    item: UUID
    layer: UUID | None
    element: UUID | None
    version: int | None = None
    saving: dict[str, Any]


def _item(request: HttpRequest, production: Production, pk: UUID) -> LibraryItem:
    return get_object_or_404(shelf.items_for(request.user, production), pk=pk)


def _told(item: LibraryItem, production: Production) -> dict[str, Any]:
    look = shelf.looks_of([item]).get(shelf.picture_of(item) or "")
    return ItemOut.of(shelf.Found(item, look), production)


@router.get("/library", response=list[ItemOut])
def search_library(
    request: HttpRequest, slug: str, words: str = "", kind: str = "", colour: str = "", like: str = "", where: str = ""
) -> list[dict[str, Any]]:
    """Items by words, kind, colour (rrggbb) or picture (`like`: an item, or the sha256 of a picture here); where: here
    or shared. Pictures whose colours are still to be read are queued."""
    production = team(request, slug)
    found = shelf.search(request.user, production, words=words, kind=kind, colour=colour, like=like, where=where)
    shelf.keep_up(request.user, production, shelf.unread(request.user, production, like))
    return [ItemOut.of(one, production) for one in found]


@router.post("/library", response={201: ItemOut})
def keep_in_library(request: HttpRequest, slug: str, sent: ItemIn) -> tuple[int, dict[str, Any]]:
    """Keep what fills a layer, or the production's style."""
    production = team(request, slug)
    values = sent.dict()
    named = values.pop("layer")
    element = shelf.layer_named(production, str(named)).element if named else None
    item = library.add(actor=request.user, production=production, element=element, **values)
    return 201, _told(item, production)


@router.get("/library/{item_id}", response=ItemOut)
def library_item(request: HttpRequest, slug: str, item_id: UUID) -> dict[str, Any]:
    production = team(request, slug)
    return _told(_item(request, production, item_id), production)


@router.patch("/library/{item_id}", response=ItemOut)
def change_library_item(request: HttpRequest, slug: str, item_id: UUID, sent: ItemChange) -> dict[str, Any]:
    """Its papers, whether others may use it, whether it is offered at all."""
    production = team(request, slug)
    item = _item(request, production, item_id)
    values = {name: value for name, value in sent.dict().items() if value is not None}
    retired, shared = values.pop("retired", None), values.pop("shared", None)
    library.change(actor=request.user, item=item, shared=shared, **values)
    if retired is not None and retired != (item.retired_at is not None):
        library.retire(actor=request.user, item=item, back=not retired)
    return _told(_item(request, production, item_id), production)


@router.get("/library/{item_id}/used-in")
def library_used_in(request: HttpRequest, slug: str, item_id: UUID) -> list[dict[str, Any]]:
    """The shots an item is in, of those the person may see: `[{"production", "shots"}]`."""
    item = _item(request, team(request, slug), item_id)
    return [
        {"production": home.slug, "shots": [shot.code for shot in shots]}
        for home, shots in shelf.used_in(request.user, item)
    ]


@router.get("/library/{item_id}/picture")
def library_item_picture(request: HttpRequest, slug: str, item_id: UUID, film: bool = False) -> HttpResponseBase:
    """Its picture (film: its clip) as bytes."""
    return serving.respond(request, shelf.file_of(_item(request, team(request, slug), item_id), film=film))


@router.post("/library/{item_id}/use", response=UseOut)
def use_library_item(request: HttpRequest, slug: str, item_id: UUID, sent: UseIn) -> dict[str, Any]:
    """Fill a layer with it, lock a location with it, or make it the production's style."""
    production = team(request, slug)
    item = _item(request, production, item_id)
    if sent.layer is not None:
        layer = shelf.layer_named(production, str(sent.layer))
        return _used(library.use_in_layer(actor=request.user, item=item, layer=layer))
    if sent.location is not None:
        location = get_object_or_404(production.locations, pk=sent.location)
        version = library.lock_with(actor=request.user, item=item, location=location)
        return {"id": None, "item": item.pk, "layer": None, "element": None, "version": version.number, "saving": {}}
    return _used(library.use_style(actor=request.user, item=item, production=production))


def _used(use: LibraryUse) -> dict[str, Any]:
    names = ("id", "saving")
    return {name: getattr(use, name) for name in names} | {
        "item": use.item_id, "layer": use.layer_id, "element": use.element_id,
    }  # fmt: skip


@router.post("/library/uses/{use_id}/take-back", response={204: None})
def take_library_use_back(request: HttpRequest, slug: str, use_id: UUID) -> tuple[int, None]:
    """The layer holds what it held before, the style reads as it did; the saving is booked back."""
    production = team(request, slug)
    rows = LibraryUse.objects.select_related("item", "production")
    library.take_back(actor=request.user, use=get_object_or_404(rows, pk=use_id, production=production))
    return 204, None
