"""Jobs and files as members may see them: `jobs` and `media` stand below productions and know no members."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from studio.jobs.models import Job
from studio.jobs.selectors import jobs_of
from studio.media.models import Artefact
from studio.media.selectors import artefact_of
from studio.productions.models import Membership, Production, Role
from studio.productions.policy import role_of


def jobs_for(user: Any, production: Production) -> QuerySet[Job]:
    """The production's jobs, newest first; none for guests."""
    role = role_of(user, production)
    return jobs_of(production.pk) if role not in (None, Role.GUEST) else Job.objects.none()


def job_for(user: Any, pk: UUID) -> Job:
    """One job of a production this person works on, or 404."""
    mine = Membership.objects.filter(user_id=user.pk).exclude(role=Role.GUEST)
    return get_object_or_404(Job, pk=pk, production_id__in=mine.values("production_id"))


def artefact_for(user: Any, production: Production, sha256: str) -> Artefact | None:
    """The artefact, if this person may fetch it through this production."""
    role = role_of(user, production)
    return artefact_of(production.pk, sha256, guest=role == Role.GUEST) if role is not None else None
