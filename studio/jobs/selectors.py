"""Read the queue. Callers have checked that the reader is in the production."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, QuerySet

from studio.jobs.models import Job

LIVE = (Job.State.QUEUED, Job.State.LEASED)


def jobs_of(production_id: UUID) -> QuerySet[Job]:
    """A production's jobs, newest first; the orchestrator's own errands are left out unless they failed."""
    rows = Job.objects.filter(production_id=production_id).select_related("created_by")
    return rows.exclude(kind="pipeline.advance", state__in=[*LIVE, Job.State.DONE]).order_by("-created_at")


def live_for(subject: models.Model, kind: str = "") -> QuerySet[Job]:
    """The live jobs about `subject`."""
    rows = Job.objects.filter(subject_type=subject._meta.model_name, subject_id=str(subject.pk), state__in=LIVE)
    return rows.filter(kind=kind) if kind else rows


def latest_for(subject: models.Model, kind: str = "") -> Job | None:
    """The newest job about `subject`, live or ended: what its row shows."""
    rows = Job.objects.filter(subject_type=subject._meta.model_name, subject_id=str(subject.pk))
    return (rows.filter(kind=kind) if kind else rows).order_by("-created_at").first()


def counts(production_id: UUID | None = None) -> dict[str, Any]:
    """How many jobs wait and run in each queue: {"cpu": {"queued": 2, "leased": 1}}."""
    rows = Job.objects.filter(state__in=LIVE)
    if production_id is not None:
        rows = rows.filter(production_id=production_id)
    board: dict[str, Any] = {}
    for row in rows.values("queue", "state").annotate(count=Count("pk")):
        board.setdefault(row["queue"], {"queued": 0, "leased": 0})[row["state"]] = row["count"]
    return board
