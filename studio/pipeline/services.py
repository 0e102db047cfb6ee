"""What the orchestrator does for people: the queue's verbs, with the policy that the queue itself cannot know."""

from typing import Any

from django.utils.translation import gettext as _

from studio.core.errors import NotThere
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.productions import policy
from studio.productions.models import Production


def cancel_job(*, actor: Any, job: Job) -> Job:
    """Cancel `job` if `actor` asked for it, or is producer, director or supervisor. Raises Conflict if it has ended."""
    policy.require(actor, policy.Action.CANCEL_JOB, Work(job))
    return jobs.cancel(actor, job)


class Work:
    """A job as the policy sees it: something of a production that somebody made."""

    def __init__(self, job: Job) -> None:
        if job.production_id is None:
            raise NotThere(_("This work belongs to no production."))
        self.production = Production.objects.get(pk=job.production_id)
        self.created_by_id = job.created_by_id
