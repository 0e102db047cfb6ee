"""Takes a person may see."""

from typing import Any

from django.db.models import QuerySet

from studio.footage.models import Take
from studio.jobs.models import Job
from studio.productions.models import Production, Role, Shot


def takes_for(user: Any, production: Production) -> QuerySet[Take]:
    """The production's takes, newest shoot first. Takes are internal: a guest sees none."""
    inside = production.memberships.filter(user_id=user.pk).exclude(role=Role.GUEST).exists()
    takes = Take.objects.filter(shot__production=production) if inside else Take.objects.none()
    return takes.select_related(
        "shot__production",
        "shot__scene__episode",
        "layer",
        "artefact",
        "uploaded_by",
        "proxy",
        "poster",
        "filmstrip",
        "waveform",
    )


def takes_of(user: Any, shot: Shot) -> QuerySet[Take]:
    return takes_for(user, shot.production).filter(shot=shot).order_by("layer__order", "number")


def jobs_of(shot: Shot) -> dict[str, Job]:
    """The live job of each take, by the take's id."""
    live = Job.objects.filter(
        subject_id=str(shot.pk), kind__startswith="footage.", state__in=[Job.State.QUEUED, Job.State.LEASED]
    )
    return {str(job.payload.get("take")): job for job in live}
