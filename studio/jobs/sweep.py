"""What keeps the queue honest: expired leases go back, lost hints are sent again, dead scratch folders go.

Running it twice at once, or not for an hour, does no harm: it changes only what it can lock, by the database's clock.
"""

import logging
import shutil
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from studio.jobs import hints, outcome
from studio.jobs.models import Job

log = logging.getLogger(__name__)
HINTS_AT_ONCE = 20


def expire_leases() -> int:
    """Give back, finish, cancel or fail each job whose lease ran out. Returns how many."""
    count = 0
    while True:
        with transaction.atomic():
            job = (
                Job.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(state=Job.State.LEASED, lease_until__lt=Now())
                .order_by("lease_until")
                .first()
            )
            if job is None:
                return count
            worker = job.worker
            outcome.expired(job)
        count += 1
        extra = {"job": job.pk, "kind": job.kind, "attempt": job.attempt, "worker": worker, "now": job.state}
        log.warning("lease expired", extra=extra)


def resend_hints() -> int:
    """Hint again at jobs that wait though nothing in the broker names their queue. Returns how many."""
    late = Now() - timedelta(seconds=settings.HINT_AFTER_S)
    waiting = Job.objects.filter(Q(not_before=None) | Q(not_before__lte=Now()), state=Job.State.QUEUED)
    waiting = waiting.filter(Q(hinted_at=None) | Q(hinted_at__lt=late))
    sent = 0
    for queue in waiting.order_by().values_list("queue", flat=True).distinct():
        if hints.waiting(queue) != 0:
            continue  # the workers are merely busy, or the broker is away
        for job_id in waiting.filter(queue=queue).order_by("created_at").values_list("pk", flat=True)[:HINTS_AT_ONCE]:
            if hints.send(str(job_id), queue):
                Job.objects.filter(pk=job_id, state=Job.State.QUEUED).update(hinted_at=Now())
                sent += 1
    return sent


def clear_scratch() -> int:
    """Remove the scratch folders of jobs that ended or are gone. Returns how many."""
    count = 0
    home = Path(settings.SCRATCH_HOME) / "jobs"
    for folder in home.iterdir() if home.is_dir() else ():
        try:
            job_id = UUID(folder.name)
        except ValueError:
            continue
        if not Job.objects.filter(pk=job_id, state__in=[Job.State.QUEUED, Job.State.LEASED]).exists():
            shutil.rmtree(folder, ignore_errors=True)
            count += 1
    return count
