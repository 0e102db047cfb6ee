"""What a person finds in the library: by words, by colour, by picture; and where an item is used. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from studio.core.errors import Invalid, NotThere
from studio.generation import continuity, library, standing_out, swatches
from studio.generation.models import LibraryItem, LibraryUse
from studio.jobs.models import Job
from studio.jobs.services import submit
from studio.media.models import Artefact
from studio.productions import policy
from studio.productions.models import Layer, Production, Rate, Shot
from studio.productions.policy import Action
from studio.productions.selectors import shots_for

SHOWN = 120
# dE of an item's nearest patches, or of one of its own colours, up to which it counts as holding a colour.
HOLDS_COLOUR = 26.0
# Of two pictures of one place in one light, grade is near 0 and geometry near 1: the sum orders by both alike.
GRADE_WEIGHT = 1 / 20


@dataclass(frozen=True)
class Found:
    """apart: how far from the colour or picture asked for (None: nothing was asked); grade, geometry: as on the
    continuity page, where a picture was."""

    item: LibraryItem
    look: Mapping[str, Any] | None
    apart: float | None = None
    grade: float | None = None
    geometry: float | None = None
    covers: int | None = None  # thousandths of its picture that the colour asked for covers

    @property
    def percent(self) -> str:
        """How much of its picture the colour covers, as people say it."""
        return "" if self.covers is None else "< 1 %" if self.covers < 10 else f"{round(self.covers / 10)} %"

    @property
    def colours(self) -> list[str]:
        """Read from its picture; [] for one that nobody has read yet."""
        return colours_in(self.look)


def items_for(user: Any, production: Production) -> QuerySet[LibraryItem]:
    """What somebody at work in `production` may see: its own, what others share, and what belongs to other productions
    they are in. Guests see nothing."""
    if not policy.may(user, Action.SEE_INTERNAL, production):
        return LibraryItem.objects.none()
    mine = library.inside(user).values("pk")
    seen = Q(production=production) | Q(shared=True) | Q(production__in=mine)
    rows = LibraryItem.objects.filter(seen)
    return rows.select_related("production", "element__poster", "element__artefact", "version__location", "added_by")


def search(
    user: Any, production: Production, *, words: str = "", kind: str = "", colour: str = "", like: str = "",
    where: str = "", layer: Layer | None = None,
) -> list[Found]:  # fmt: skip
    """Items that fit everything asked for; nearest first where a colour (rrggbb) or a picture (`like`: an item's id, or
    the sha256 of a picture of the production) is asked for, else newest first.

    where: "here" for this production's own, "shared" for others'. layer: only what can fill it.
    Raises Invalid for a colour or a picture that is none.
    """
    rows = items_for(user, production).filter(retired_at=None)
    if kind:
        rows = rows.filter(kind=kind)
    if layer is not None:
        rows = rows.filter(kind__in=[name for name, kinds in library.FITS.items() if layer.kind in kinds])
    if where:
        rows = rows.filter(production=production) if where == "here" else rows.exclude(production=production)
    for word in words.split():
        said = Q(name__icontains=word) | Q(words__icontains=word) | Q(licence__icontains=word)
        said |= Q(source__icontains=word) | Q(production__title__icontains=word)
        rows = rows.filter(said | Q(element__name__icontains=word) | Q(version__location__name__icontains=word))
    found = list(rows)
    looks = looks_of(found)
    if colour:
        return _by_colour(found, looks, colour)
    if like:
        return _by_picture(user, production, found, looks, like)
    return [Found(item, looks.get(picture_of(item) or "")) for item in found]


def _by_colour(items: list[LibraryItem], looks: Mapping[str, Any], colour: str) -> list[Found]:
    wanted = f"#{colour.lstrip('#').lower()}"
    if not swatches.is_colour(wanted):
        raise Invalid(_("A colour is written like #2a6f7f."))
    found = []
    for item in items:
        look = looks.get(picture_of(item) or "")
        if look is None:
            continue
        far, covers = swatches.held(look, wanted)
        if far <= HOLDS_COLOUR:
            found.append(Found(item, look, far, covers=covers))
    return sorted(found, key=lambda one: one.apart or 0)


def _by_picture(
    user: Any, production: Production, items: list[LibraryItem], looks: Mapping[str, Any], like: str
) -> list[Found]:
    sha = picture_named(user, production, like)
    look = looks.get(sha) or continuity.looks_of([sha]).get(sha)
    if look is None:
        return []  # it is still being read: the page says so
    found = []
    for item in items:
        other = looks.get(picture_of(item) or "")
        if other is None or str(item.pk) == like:
            continue
        grade = standing_out.grade_distance(look["lab"], other["lab"])
        geometry = sum(one * two for one, two in zip(look["edges"], other["edges"], strict=True)) / 1e6
        apart = grade * GRADE_WEIGHT + 1 - geometry
        found.append(Found(item, other, apart, grade, geometry))
    return sorted(found, key=lambda one: one.apart or 0)


def picture_named(user: Any, production: Production, like: str) -> str:
    """The sha256 of the picture that `like` names: an item the person may see, or a picture of the production's layers.

    Raises Invalid for any other.
    """
    try:
        item = items_for(user, production).filter(pk=UUID(like)).first()
    except ValueError:
        item = None
    sha = picture_of(item) if item else None
    if sha is None and Layer.objects.filter(shot__production=production, element__poster_id=like).exists():
        sha = like
    if sha is None:
        raise Invalid(_("There is no such picture here to compare with."))
    return sha


def picture_of(item: LibraryItem) -> str | None:
    """The sha256 of the picture that stands for an item."""
    element = item.element
    if element is None:
        return None
    if element.poster_id:
        return str(element.poster_id)
    return str(element.artefact_id) if element.artefact.mime.startswith("image/") else None


def looks_of(items: list[LibraryItem]) -> dict[str, Any]:
    return continuity.looks_of([sha for item in items if (sha := picture_of(item))])


def colours_in(look: Mapping[str, Any] | None) -> list[str]:
    return swatches.shown(look) if look else []


def layer_named(production: Production, name: str) -> Layer:
    """The layer that a page or form names. Raises NotThere for any other."""
    rows = Layer.objects.select_related("shot__production", "shot__scene__episode", "shot__scene__location", "element")
    try:
        found = rows.filter(shot__production=production, pk=UUID(name)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotThere(_("There is no such layer here."))
    return found


def file_of(item: LibraryItem, *, film: bool = False) -> Artefact:
    """An item's picture, or its clip. Raises NotThere where it has none."""
    element = item.element
    found = None
    if element is not None:
        found = element.proxy if film else element.poster or element.artefact
    if found is None or (not film and not found.mime.startswith("image/")):
        raise NotThere(_("There is no picture of it."))
    return found


# -- looks that are still to be made


def unread(user: Any, production: Production, like: str = "") -> list[str]:
    """Pictures of the library, and the one that `like` names, that nobody has read the colours of yet."""
    rows = items_for(user, production).filter(retired_at=None)
    wanted = {sha for item in rows if (sha := picture_of(item))}
    if like:
        wanted.add(picture_named(user, production, like))
    return continuity.unread(wanted)


@transaction.atomic
def keep_up(user: Any, production: Production, pictures: list[str], *, again: bool = False) -> Job | None:
    """Have pictures read by a worker; after a failure only where somebody asks `again`. None: nothing is missing."""
    if not pictures:
        return None
    last = Job.objects.filter(kind=continuity.KIND, subject_id=str(production.pk)).order_by("-created_at").first()
    if last is not None and last.state == Job.State.FAILED and not again:
        return last
    return submit(
        continuity.KIND, production_id=production.pk, subject=production, title=_("Library"),
        payload={"pictures": pictures}, key=f"looks:{production.pk}", created_by=user, again=True,
    )  # fmt: skip


# -- where an item is used, and what that saved


def used_in(user: Any, item: LibraryItem) -> list[tuple[Production, list[Shot]]]:
    """The person's productions with the shots, of those they may see, that an item is in. Others are not told of."""
    found = []
    for production in library.inside(user).order_by("title"):
        held = Q(layers__element__library_uses__item=item)
        if item.element_id and production.pk == item.production_id:
            held |= Q(layers__element=item.element_id)
        shots = list(shots_for(user, production).filter(held).exclude(state=Shot.State.OMITTED).distinct())
        if shots:
            found.append((production, shots))
    return found


@dataclass(frozen=True)
class Saved:
    """What reuse saved a production. amount_minor: of the layers whose rates are known (`priced` of `uses`); missing:
    rates that the rest needs."""

    amount_minor: int | None
    uses: int
    priced: int
    missing: tuple[str, ...]


def saved(production: Production) -> Saved:
    rows = LibraryUse.objects.filter(production=production, layer__isnull=False, taken_back_at=None)
    figures = [row.saving for row in rows]
    amounts = [one["amount_minor"] for one in figures if one.get("amount_minor") is not None]
    missing = sorted({key for one in figures for key in one.get("missing", [])})
    words = tuple(str(Rate.Key(key).label) for key in missing if key in Rate.Key.values)
    return Saved(sum(amounts) if amounts else None, len(figures), len(amounts), words)


def layers_for(user: Any, production: Production, item: LibraryItem) -> list[Layer]:
    """Layers of the production that an item can fill, in cut order, empty ones first."""
    kinds = library.FITS[LibraryItem.Kind(item.kind)]
    shots = shots_for(user, production).exclude(state=Shot.State.OMITTED)
    rows = Layer.objects.filter(shot__in=shots, kind__in=kinds).select_related("shot__scene__episode", "element")
    ordered = rows.order_by("shot__scene__episode__number", "shot__order", "order")
    return sorted(ordered, key=lambda layer: layer.element_id is not None)
