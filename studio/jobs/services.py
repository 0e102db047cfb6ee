"""Ask for work, and take the request back."""

from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from studio.core.errors import Conflict
from studio.jobs import hints, outcome, progress, registry
from studio.jobs.models import Job

ADVANCE = "pipeline.advance"


@transaction.atomic
def submit(
    kind: str,
    *,
    production_id: UUID | None,
    subject: models.Model | None,
    title: str = "",
    payload: dict[str, Any] | None = None,
    queue: str = "cpu",
    key: str = "",
    created_by: Any = None,
    max_attempts: int = 3,
    again: bool = False,
) -> Job:
    """Queue one piece of work in the caller's transaction; workers hear of it after the commit.

    key: at most one live job has it; the live one is returned instead of a new one. again: if that one runs already, it
    runs once more afterwards, since it may have read the facts before the caller changed them.
    """
    job = Job(
        kind=kind,
        production_id=production_id,
        subject_type=subject._meta.model_name or "" if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        title=title[:200],
        payload=payload or {},
        queue=queue,
        key=key,
        created_by=created_by,
        max_attempts=max_attempts,
    )
    while True:
        Job.objects.bulk_create([job], ignore_conflicts=bool(key))
        if not key or Job.objects.filter(pk=job.pk).exists():
            Job.objects.filter(pk=job.pk).update(hinted_at=Now())
            job.refresh_from_db()
            progress.tell(job, "job.queued")
            break
        # Somebody's job holds the key. Lock it: it must not be claimed between this look and our commit.
        live = Job.objects.select_for_update().filter(key=key, state__in=[Job.State.QUEUED, Job.State.LEASED]).first()
        if live is None:
            continue  # it ended just now
        if live.state == Job.State.LEASED:
            if again and not live.again:
                Job.objects.filter(pk=live.pk).update(again=True)
                live.again = True
            return live
        job = live
        break
    hints.send_after_commit(job)
    return job


def poke(shot: Any) -> Job:
    """Have `pipeline.advance` look at `shot` after this transaction; many pokes make one job.

    shot: a row with `pk`, `production_id` and `code`.
    """
    return submit(
        ADVANCE,
        production_id=shot.production_id,
        subject=shot,
        title=str(getattr(shot, "code", "")),
        payload={"shot": str(shot.pk)},
        key=f"advance:{shot.pk}",
        again=True,
    )


@transaction.atomic
def cancel(actor: Any, job: Job) -> Job:
    """Cancel `job` for `actor` (whom the caller has allowed): waiting work at once, running work within a second.

    Raises Conflict for work that has ended.
    """
    registry.autodiscover()  # the subject must hear of it, whichever process this is
    row = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if not row.live:
        sentence = _("This work has ended already (%(state)s); there is nothing to cancel.")
        raise Conflict(sentence % {"state": row.get_state_display()})
    if row.state == Job.State.QUEUED:
        outcome.cancel(row, actor)
    else:
        row.cancel_requested = True
        row.error = _("Cancelled by %(who)s.") % {"who": actor}
        row.save(update_fields=["cancel_requested", "error"])
        progress.tell(row)
    return row
