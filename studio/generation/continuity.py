"""The backgrounds of a place, shot by shot in cut order, and which of them stand out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q

from studio.generation import sensing, standing_out
from studio.generation.models import PlateLook
from studio.jobs.models import Job
from studio.jobs.services import submit
from studio.productions.models import Layer, LayerKind, Location, Production, Shot

VERSION = 2  # of the looks that are read: the engine's `compositing.continuity.VERSION`
KIND = "generation.looks"


@dataclass(frozen=True)
class Row:
    layer: Layer
    standing: standing_out.Standing | None  # None: nothing fills the background, or its look is still being made
    sensed: tuple[sensing.Sensed, ...] = ()  # by each registered CLIP or DINO that has read it

    @property
    def others(self) -> list[str]:
        """The measures by which it shows other things than its place."""
        return [one.measure.title for one in self.sensed if one.shown.other]

    @property
    def flagged(self) -> bool:
        return bool(self.others) or (self.standing is not None and self.standing.flagged)


@dataclass(frozen=True)
class Reading:
    """A place, shot by shot in cut order. waiting: looks that are still to be made; measures: the registered CLIP and
    DINO models, with what they have still to read."""

    rows: list[Row]
    waiting: int
    measures: list[sensing.Measure]


def places(production: Production) -> list[dict[str, Any]]:
    """{"pk", "name", "shots"} of the locations where backgrounds are filled, and of how many shots."""
    filled = Q(scenes__shots__layers__kind=LayerKind.BACKGROUND, scenes__shots__layers__element__isnull=False)
    counted = Count("scenes__shots", filter=filled & ~Q(scenes__shots__state=Shot.State.OMITTED), distinct=True)
    rows = production.locations.annotate(shots=counted).filter(shots__gt=0).order_by("name")
    return [dict(row) for row in rows.values("pk", "name", "shots")]


def backgrounds(location: Location) -> list[Layer]:
    """The background layers of the location's shots, in cut order."""
    layers = Layer.objects.filter(shot__scene__location=location, kind=LayerKind.BACKGROUND)
    layers = layers.exclude(shot__state=Shot.State.OMITTED)
    return list(
        layers.select_related("shot__scene__episode", "element__poster", "element__artefact").order_by(
            "shot__scene__episode__number", "shot__order", "order"
        )
    )


def picture_of(layer: Layer) -> str | None:
    """The sha256 of the picture a background's look is made of: its poster, or itself where it is a still."""
    element = layer.element
    if element is None:
        return None
    if element.poster_id:
        return str(element.poster_id)
    return str(element.artefact_id) if element.artefact.mime.startswith("image/") else None


def read(location: Location) -> Reading:
    """How the shots of a place stand to each other, from what jobs wrote down before."""
    layers = backgrounds(location)
    pictures = [picture_of(layer) for layer in layers]
    known = looks_of(sha for sha in pictures if sha)
    here = [(at, known[sha]) for at, sha in enumerate(pictures) if sha in known]
    found = dict(zip((at for at, _look in here), standing_out.compare([look for _at, look in here]), strict=True))
    measures, sensed = sensing.read(sensing.measures(location.production), pictures)
    rows = [Row(layer, found.get(at), tuple(sensed[at])) for at, layer in enumerate(layers)]
    return Reading(rows, len({sha for sha in pictures if sha and sha not in known}), measures)


@transaction.atomic
def ask(location: Location, actor: Any) -> Job:
    """Queue the looks that are missing; one job per location at a time."""
    return submit(
        KIND, production_id=location.production_id, subject=location, title=location.name,
        payload={"location": str(location.pk)}, key=f"looks:{location.pk}", created_by=actor, again=True,
    )  # fmt: skip


def keep_up(location: Location, actor: Any, waiting: int, *, again: bool = False) -> Job | None:
    """Queue what is missing (`waiting` of them) by looking; after a failure only where somebody asks `again`.

    Gives the job that makes it, or failed to; None where nothing is missing.
    """
    if not waiting:
        return None
    job = last_job(location)
    return job if job is not None and job.state == Job.State.FAILED and not again else ask(location, actor)


def last_job(location: Location) -> Job | None:
    return Job.objects.filter(kind=KIND, subject_id=str(location.pk)).order_by("-created_at").first()


def pictures_at(location: Location) -> list[str]:
    """The pictures (sha256) of a place's backgrounds, in cut order."""
    return [sha for layer in backgrounds(location) if (sha := picture_of(layer))]


def missing(location: Location) -> list[str]:
    """The pictures without a look of this version."""
    return unread(pictures_at(location))


def looks_of(pictures: Iterable[str]) -> dict[str, Any]:
    """The looks that are known of some pictures, by sha256."""
    rows = PlateLook.objects.filter(artefact__in=set(pictures), version=VERSION)
    return dict(rows.values_list("artefact", "look"))


def unread(pictures: Iterable[str]) -> list[str]:
    """Those of some pictures (sha256) that have no look of this version."""
    wanted = set(pictures)
    return sorted(wanted - looks_of(wanted).keys())


def keep(looks: dict[str, dict[str, Any]]) -> None:
    """Record looks by their picture's sha256; what another job recorded meanwhile is the same."""
    PlateLook.objects.bulk_create(
        [PlateLook(artefact_id=sha, version=VERSION, look=look) for sha, look in looks.items()],
        update_conflicts=True, unique_fields=["artefact"], update_fields=["version", "look"],
    )  # fmt: skip
