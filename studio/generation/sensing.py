"""What the pictures of a place show, by the CLIP and DINO models of the registry: read once per picture and model.

Patches of colour and lines can't tell a wardrobe from a bookshelf of the same brown. A page never runs a model: it
reads what a job on the worker's queue wrote down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from compositing.errors import EngineError
from modelhost import encoders, families
from modelhost.encoders import ENCODERS
from studio.core.errors import Invalid
from studio.generation import registry, standing_out
from studio.generation.licensing import reasons
from studio.generation.models import PictureSense, RegisteredModel
from studio.jobs.models import Job
from studio.jobs.services import submit
from studio.ledger.services import record
from studio.productions import routes
from studio.productions.models import Location, Production

KIND = "generation.senses"
QUEUE = "gpu"  # the workers that hold models
# What a licence says that keeps a model from being used at all: nothing of it reaches a release, so no gate would ask.
FORBIDDEN = frozenset({"not_commercial", "territory"})


@dataclass(frozen=True)
class Measure:
    """A registered model by which a production's pictures are held side by side. against: what its licence says
    against its use here; barred: so that it is not used. waiting: how many pictures it has still to read."""

    model: RegisteredModel
    against: tuple[str, ...] = ()
    barred: bool = False
    waiting: int = 0

    @property
    def code(self) -> str:
        return self.model.family

    @property
    def title(self) -> str:
        return ENCODERS[self.model.family].title

    @property
    def licence(self) -> str:
        return self.model.licence


@dataclass(frozen=True)
class Sensed:
    """One picture by one measure."""

    measure: Measure
    shown: standing_out.Shown


def measures(production: Production) -> list[Measure]:
    """The encoders of the registry that are verified and approved, one of each class (the newest approval counts)."""
    rows = RegisteredModel.objects.filter(
        kind=families.ENCODER, state=RegisteredModel.State.VERIFIED, approved_at__isnull=False
    )
    newest: dict[str, RegisteredModel] = {row.family: row for row in rows.order_by("approved_at", "name")}
    use = registry.use_of(production)
    found = []
    for name in ENCODERS:
        if name in newest:
            said = reasons(registry.licence_of(newest[name]), use)
            barred = any(reason.code in FORBIDDEN for reason in said)
            words = tuple(registry.worded(reason) for reason in said if reason.code != "random_weights")
            found.append(Measure(newest[name], words, barred))
    return found


def read(chosen: Iterable[Measure], pictures: Sequence[str | None]) -> tuple[list[Measure], list[list[Sensed]]]:
    """(the measures with what waits for them, each picture's figures). pictures: sha256 shot by shot, None: none."""
    wanted = {sha for sha in pictures if sha}
    told: list[Measure] = []
    found: list[list[Sensed]] = [[] for _picture in pictures]
    for measure in chosen:
        if measure.barred:
            told.append(measure)
            continue
        known = vectors_of(measure.model.manifest_sha256, wanted)
        told.append(Measure(measure.model, measure.against, False, len(wanted - known.keys())))
        here = [(at, known[sha]) for at, sha in enumerate(pictures) if sha in known]
        shown = standing_out.shown([one for _at, one in here], ENCODERS[measure.code].other_milli)
        for (at, _one), one in zip(here, shown, strict=True):
            found[at].append(Sensed(measure, one))
    return told, found


def vectors_of(manifest: str, pictures: Iterable[str]) -> dict[str, list[int]]:
    """What a model saw in those of some pictures (sha256) that it has read."""
    rows = PictureSense.objects.filter(artefact__in=set(pictures), manifest=manifest, version=encoders.VERSION)
    return dict(rows.values_list("artefact", "vector"))


def keep_up(location: Location, actor: Any, told: Iterable[Measure], *, again: bool = False) -> Job | None:
    """Queue what is missing by looking; after a failure only where somebody asks `again`. Gives the job that stands for
    it, or failed; None where nothing is missing."""
    for measure in told:
        if measure.waiting and not measure.barred:
            job = last_job(location, measure.model)
            if job is None or job.state != Job.State.FAILED or again:
                job = _ask(location, measure.model, actor)
            return job
    return None


@transaction.atomic
def _ask(location: Location, model: RegisteredModel, actor: Any) -> Job:
    return submit(
        KIND, production_id=location.production_id, subject=location, title=location.name, queue=QUEUE,
        payload={"location": str(location.pk), "manifest": model.manifest_sha256},
        key=_key(location, model), created_by=actor, again=True,
    )  # fmt: skip


def last_job(location: Location, model: RegisteredModel) -> Job | None:
    """The newest job that was to read this place by this very model; a replaced one's failure stops nobody."""
    rows = Job.objects.filter(kind=KIND, subject_id=str(location.pk), payload__manifest=model.manifest_sha256)
    return rows.order_by("-created_at").first()


def _key(location: Location, model: RegisteredModel) -> str:
    return f"senses:{location.pk}:{model.manifest_sha256[:16]}"


def model_of(manifest: str) -> RegisteredModel:
    """The model that a job is to read with. Raises Invalid where it was struck, changed or barred meanwhile."""
    row = RegisteredModel.objects.filter(manifest_sha256=manifest, kind=families.ENCODER).first()
    if row is None:
        raise Invalid(_("The model that was to compare these pictures is no longer registered."))
    return registry.usable(row.name, families.ENCODER)


def unread(manifest: str, pictures: Iterable[str]) -> list[str]:
    """Those of some pictures (sha256) that the model of that manifest has not read."""
    wanted = set(pictures)
    return sorted(wanted - vectors_of(manifest, wanted).keys())


def keep(*, location: Location, model: RegisteredModel, made: dict[str, Any], pictures: list[str], actor: Any) -> None:
    """Record what a model saw, and what it cost, by the rate card. In the job's own transaction."""
    PictureSense.objects.bulk_create(
        [
            PictureSense(artefact_id=sha, manifest=model.manifest_sha256, version=made["version"], vector=vector)
            for sha, vector in zip(pictures, made["vectors"], strict=True)
        ],
        update_conflicts=True, unique_fields=["artefact", "manifest"], update_fields=["version", "vector"],
    )  # fmt: skip
    on_cpu = made["fingerprint"].get("device") == "cpu"
    rate = routes.rates_of(location.production).get("cpu_hour" if on_cpu else "gpu_hour")
    record(
        "location.compared", production_id=location.production_id, subject=location, actor=actor,
        code=location.name[:80],
        cost_minor=None if rate is None else -(-rate * made["seconds_milli"] // 3_600_000),
        data={
            "model": model.name, "manifest": model.manifest_sha256, "pictures": len(pictures),
            "seconds_milli": made["seconds_milli"],
        },
    )  # fmt: skip


def found_out(model: RegisteredModel, error: EngineError) -> None:
    """The worker could not load it as approved: the registry says so from now on."""
    if error.code in ("model_changed", "model_missing", "model_moving"):
        registry.mark_changed(sha256=model.manifest_sha256, error=error)
