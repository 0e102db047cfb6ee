"""Location lock: what a location is pinned to, in numbered versions, and which version each shot is drawn by.

A version is written once. Shots keep theirs until a person moves them, one by one or all together, and can move them
back. A shot that has none takes the newest at its first draw.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from compositing import plates
from compositing.errors import Refused
from compositing.plates.family import PALETTE
from studio.core.canonical import digest
from studio.core.errors import Conflict, Invalid, NotThere
from studio.generation import pinning, prompting, seeds, swatches
from studio.generation.models import LocationVersion, PinMove, ShotPin
from studio.ledger.services import record
from studio.media.models import ArtefactUse
from studio.productions import policy
from studio.productions.models import Layer, LayerKind, Location, Shot
from studio.productions.policy import Action

MOST_PLATES, MOST_WORDS = 6, 1_000
LENS_MM = (8, 400)
PALETTES = tuple(choice.value for choice in PALETTE.choices)


# -- versions


def versions(location: Location) -> list[LocationVersion]:
    """Newest first."""
    return list(location.versions.select_related("made_by"))


def newest(location: Location) -> LocationVersion | None:
    return LocationVersion.objects.filter(location=location).first()


def content_of(version: LocationVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in pinning.CONTENT}


def blank(location: Location) -> dict[str, Any]:
    """What a first version starts from."""
    family = seeds.family_of(location.production_id, location.pk)
    empty: dict[str, Any] = {"plates": [], "lights": [], "colours": [], "family_settings": {}, "lens_mm": None}
    return {name: empty.get(name, "") for name in pinning.CONTENT} | {"seed_family": family}


@transaction.atomic
def lock(*, actor: Any, location: Location, comment: str = "", **content: Any) -> LocationVersion:
    """Keep a new version of a location; what `content` (pinning.CONTENT) does not name is as in the newest one.

    No shot moves by it. plates: sha256 of pictures of the production, or rows as a version holds them.
    Raises Invalid for what cannot be pinned, Conflict where nothing differs.
    """
    policy.require(actor, Action.LOCK_PLACE, location)
    if strange := set(content) - set(pinning.CONTENT):
        raise Invalid(_("Unknown: %(names)s.") % {"names": ", ".join(sorted(strange))})
    Location.objects.select_for_update().get(pk=location.pk)
    last = newest(location)
    before = content_of(last) if last else blank(location)
    whole = _checked(location, {**before, **content})
    changed = [one.name for one in pinning.differences(before, whole)]
    if last is not None and not changed:
        raise Conflict(_("Nothing differs from %(version)s.") % {"version": last.name})
    number = (location.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = LocationVersion.objects.create(
        location=location, number=number, comment=" ".join(comment.split())[:300], sha256=digest(whole), made_by=actor,
        **whole,
    )  # fmt: skip
    record(
        "location.locked", production_id=location.production_id, subject=location, actor=actor, code=location.name[:80],
        made_from=[plate["artefact"] for plate in whole["plates"]],
        data={"version": version.name, "sha256": version.sha256, "changed": changed, "text": version.comment},
    )  # fmt: skip
    return version


def _checked(location: Location, content: Mapping[str, Any]) -> dict[str, Any]:
    """The content as it is kept. Raises Invalid with a sentence."""
    whole = {name: content[name] for name in pinning.CONTENT}
    for name in ("words", "avoid"):
        whole[name] = " ".join(str(whole[name] or "").split())
        if len(whole[name]) > MOST_WORDS:
            raise Invalid(_("Up to %(most)s characters each.") % {"most": MOST_WORDS})
    whole["plates"] = _plates(location, whole["plates"] or [])
    whole["lights"] = _lights(whole["lights"] or [])
    whole["colours"] = [str(one).lower() for one in whole["colours"] or []][: swatches.MOST]
    if not all(swatches.is_colour(one) for one in whole["colours"]):
        raise Invalid(_("A colour is written like #2a6f7f."))
    if whole["palette"] and whole["palette"] not in PALETTES:
        raise Invalid(_("A palette is one of: %(names)s.") % {"names": ", ".join(PALETTES)})
    if not isinstance(whole["seed_family"], int) or not 0 <= whole["seed_family"] <= seeds.MOST - seeds.FAMILY:
        raise Invalid(_("A seed family begins with a whole number from 0 to %(most)s.") % {"most": seeds.MOST - 1000})
    lens = whole["lens_mm"]
    if lens is not None and not (isinstance(lens, int) and LENS_MM[0] <= lens <= LENS_MM[1]):
        raise Invalid(_("A lens has %(least)s to %(most)s mm.") % {"least": LENS_MM[0], "most": LENS_MM[1]})
    whole["family_settings"] = _settings(whole["family"], whole["family_settings"] or {})
    return whole


def _plates(location: Location, given: Iterable[Any]) -> list[dict[str, str]]:
    """Reference plates as they are kept; each must be a picture that the production has."""
    rows = [row if isinstance(row, Mapping) else {"artefact": str(row)} for row in given][:MOST_PLATES]
    digests = {str(row[name]) for row in rows for name in ("artefact", "poster") if row.get(name)}
    uses = ArtefactUse.objects.filter(production_id=location.production_id, artefact_id__in=digests)
    mimes = dict(uses.values_list("artefact_id", "artefact__mime"))
    if digests - set(mimes):
        raise Invalid(_("A reference plate is a picture of this production."))
    kept = []
    for row in rows:
        shown = row.get("poster") or (row["artefact"] if mimes[row["artefact"]].startswith("image/") else "")
        kept.append({"artefact": row["artefact"], "poster": shown, "name": str(row.get("name", ""))[:200]})
    return kept


def _lights(given: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Light set-ups, at most one of each light. A set-up whose light is empty is none."""
    kept: dict[str, dict[str, str]] = {}
    for one in given:
        light, weather = one.get("light", ""), one.get("weather", "") or ""
        if light not in pinning.LIGHTS or (weather and weather not in pinning.WEATHERS):
            said = _("A light set-up is one of %(lights)s in one of %(weathers)s.")
            names = {"lights": ", ".join(pinning.LIGHTS), "weathers": ", ".join(pinning.WEATHERS)}
            raise Invalid(said % names)
        words = " ".join(str(one.get("words", "")).split())[:MOST_WORDS]
        kept[light] = {"light": light, "weather": weather, "words": words}
    return list(kept.values())


def _settings(family: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of a family of plates by rule, those alone that were given. Raises Invalid for what it does not have."""
    if not family:
        return {}
    try:
        whole = plates.settings(family, given)
    except Refused as error:
        raise Invalid(str(error)) from error
    return {name: whole[name] for name in given if name in whole}


# -- pins


@dataclass(frozen=True)
class Standing:
    """The version that a shot is drawn by. pinned: it keeps it; else it takes this one at its first draw."""

    version: LocationVersion
    pinned: bool
    newest: LocationVersion

    @property
    def behind(self) -> bool:
        return self.version.pk != self.newest.pk


def standing(shot: Shot) -> Standing | None:
    """By which version a shot is drawn; None where its location is not locked."""
    location = shot.scene.location
    last = newest(location) if location is not None else None
    if last is None:
        return None
    pin = ShotPin.objects.select_related("version__location").filter(shot=shot, version__location=location).first()
    return Standing(pin.version if pin else last, pin is not None, last)


def pinned_for(layer: Layer, version: LocationVersion) -> pinning.Pinned:
    """What a layer's shot takes of a version, with the light set-up that its scene's heading asks for."""
    scene = layer.shot.scene
    return pinning.pinned_of(content_of(version), prompting.meant(scene.title or layer.shot.title))


@transaction.atomic
def take_newest(*, actor: Any, shot: Shot) -> LocationVersion | None:
    """The version of a shot that is about to be drawn for; one without takes the newest and keeps it (recorded)."""
    found = standing(shot)
    if found is None:
        return None
    if not found.pinned:
        _move(actor, shot, found.version, uuid4(), by_itself=True)
    return found.version


@transaction.atomic
def upgrade(*, actor: Any, version: LocationVersion, shots: Iterable[Shot] | None = None) -> list[PinMove]:
    """Move shots of the location (None: all of them) to `version`; they stay there. Those that have it are left.

    Only what is drawn from now on changes: pictures in the layers stay. Raises Invalid for a shot of another location.
    """
    policy.require(actor, Action.PIN_SHOTS, version.location)
    here = list(shots_at(version.location))
    chosen = here if shots is None else list(shots)
    if {shot.pk for shot in chosen} - {shot.pk for shot in here}:
        raise Invalid(not_here(version.location))
    batch = uuid4()
    moves = [_move(actor, shot, version, batch) for shot in chosen]
    return [move for move in moves if move is not None]


def not_here(location: Location) -> str:
    return _("One of these shots does not play in %(place)s.") % {"place": location.name}


@transaction.atomic
def take_back(*, actor: Any, location: Location, batch: UUID) -> tuple[list[PinMove], list[PinMove]]:
    """Undo one upgrade: (the moves taken back, those left because the shot was moved on since).

    Raises NotThere for a move of another place, Conflict where nothing is left to take back.
    """
    policy.require(actor, Action.PIN_SHOTS, location)
    rows = PinMove.objects.select_for_update(of=("self",)).select_related("shot", "before", "after__location")
    whole = rows.filter(batch=batch, after__location=location)
    if not whole.exists():
        raise NotThere(_("There is no such move of this location's shots."))
    moves = list(whole.filter(taken_back_at=None))
    back, left = [], []
    for move in moves:
        pin = ShotPin.objects.select_for_update().filter(shot=move.shot).first()
        if pin is None or pin.version_id != move.after_id:
            left.append(move)
            continue
        if move.before is None:
            pin.delete()
        else:
            ShotPin.objects.filter(pk=pin.pk).update(version=move.before)
        PinMove.objects.filter(pk=move.pk).update(taken_back_at=datetime.now(UTC))
        _book("shot.unpinned", actor, move.shot, move.after, move.before)
        back.append(move)
    if not back:
        raise Conflict(_("There is nothing left of it to take back: its shots were moved on since."))
    return back, left


def _move(actor: Any, shot: Shot, version: LocationVersion, batch: UUID, *, by_itself: bool = False) -> PinMove | None:
    pin = ShotPin.objects.select_for_update().select_related("version").filter(shot=shot).first()
    if pin is not None and pin.version_id == version.pk:
        return None
    before = pin.version if pin is not None and pin.version.location_id == version.location_id else None
    ShotPin.objects.update_or_create(shot=shot, defaults={"version": version})
    move = PinMove.objects.create(batch=batch, shot=shot, before=before, after=version, actor=actor)
    _book("shot.pinned", actor, shot, before, version, by_itself=by_itself)
    return move


def _book(
    verb: str, actor: Any, shot: Shot, before: LocationVersion | None, after: LocationVersion | None, **data: Any
) -> None:
    one = before or after
    assert one is not None
    changed = pinning.differences(content_of(before), content_of(after)) if before and after else []
    told = {
        "name": one.location.name, "from": before.name if before else "", "version": after.name if after else "",
        "sha256": after.sha256 if after else "", "changed": [difference.name for difference in changed], **data,
    }  # fmt: skip
    record(verb, production_id=shot.production_id, subject=shot, actor=actor, data=told)


def shots_at(location: Location) -> Any:
    """The shots that play at a location, in cut order."""
    shots = Shot.objects.filter(scene__location=location).exclude(state=Shot.State.OMITTED)
    return shots.select_related("scene__episode", "production").order_by("scene__episode__number", "order")


# -- for draws


def named(version: LocationVersion, departed: list[str]) -> dict[str, Any]:
    """How a recipe says which version it was drawn by, and in which settings it departs from it."""
    return {
        "name": version.location.name, "version": version.number, "sha256": version.sha256,
        "id": str(version.pk), "departed": departed,
    }  # fmt: skip


def named_in(recipe: Mapping[str, Any]) -> LocationVersion | None:
    """The version that a recipe names."""
    told = recipe.get("location") or {}
    return LocationVersion.objects.select_related("location").filter(pk=told["id"]).first() if told else None


def pictures(location: Location) -> list[dict[str, str]]:
    """Pictures that may be pinned as reference plates: what fills the location's backgrounds, each once."""
    layers = Layer.objects.filter(shot__scene__location=location, kind=LayerKind.BACKGROUND, element__isnull=False)
    layers = layers.exclude(shot__state=Shot.State.OMITTED).select_related("element__artefact", "shot")
    found: dict[str, dict[str, str]] = {}
    for layer in layers.order_by("shot__scene__episode__number", "shot__order"):
        element = layer.element
        assert element is not None
        poster = element.poster_id or (element.artefact_id if element.artefact.mime.startswith("image/") else "")
        told = {"artefact": element.artefact_id, "poster": poster or "", "name": element.name}
        found.setdefault(element.artefact_id, told)
    return list(found.values())
