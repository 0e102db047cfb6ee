"""`/api/v1/productions/{slug}/jobs`: work in the queue; `.../media/{sha256}`: files."""

from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from ninja import Schema

from studio.core.api import Router
from studio.jobs.models import Job
from studio.media import serving
from studio.pipeline import api_books, selectors, services
from studio.productions.selectors import get_production

router = Router(tags=["jobs"])
router.add_router("", api_books.router)


class JobOut(Schema):
    """state: queued | leased | done | failed | cancelled. progress: 0..1000. seconds_left: null without a pace."""

    id: UUID
    kind: str
    queue: str
    title: str
    state: str
    subject_type: str
    subject_id: str
    attempt: int
    progress_permille: int
    progress_done: int
    progress_total: int
    progress_stage: str
    seconds_left: int | None
    error: str
    result: dict[str, object]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_progress_permille(job: Job) -> int:
        return job.share_permille


def find(request: HttpRequest, slug: str, pk: UUID) -> Job:
    job = selectors.jobs_for(request.user, get_production(request.user, slug)).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job


@router.get("/jobs", response=list[JobOut], operation_id="list_jobs")
def list_jobs(
    request: HttpRequest, slug: str, state: str = "", kind: str = "", limit: int = 100, offset: int = 0
) -> list[Job]:
    """The production's jobs, newest first. limit: 1..500."""
    rows = selectors.jobs_for(request.user, get_production(request.user, slug))
    rows = rows.filter(**{name: value for name, value in (("state", state), ("kind", kind)) if value})
    offset = max(0, offset)
    return list(rows[offset : offset + max(1, min(limit, 500))])


@router.get("/jobs/{pk}", response=JobOut, operation_id="get_job")
def get_job(request: HttpRequest, slug: str, pk: UUID) -> Job:
    return find(request, slug, pk)


@router.post("/jobs/{pk}/cancel", response=JobOut, operation_id="cancel_job")
def cancel_job(request: HttpRequest, slug: str, pk: UUID) -> Job:
    """409 if it has ended already."""
    return services.cancel_job(actor=request.user, job=find(request, slug, pk))


@router.get("/media/{sha256}", operation_id="get_media", tags=["media"])
def get_media(request: HttpRequest, slug: str, sha256: str) -> HttpResponseBase:
    """A file's bytes by their sha256, with ranges; a guest gets what was put before reviewers."""
    artefact = selectors.artefact_for(request.user, get_production(request.user, slug), sha256)
    if artefact is None:
        raise Http404
    return serving.respond(request, artefact)
