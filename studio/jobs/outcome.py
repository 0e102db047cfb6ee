"""How an attempt ends: each function is one transaction, filtered by the attempt it ends."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from studio.core.errors import Conflict
from studio.jobs import hints, progress, registry
from studio.jobs.errors import LeaseLost
from studio.jobs.models import Job
from studio.jobs.states import JOB
from studio.ledger import services as ledger

log = logging.getLogger(__name__)
# Ends that are not the job's fault (a database restart, a worker told to stop) do not count, but not for ever.
MOST_ATTEMPTS = 25


def ends(function: Callable[..., None]) -> Callable[..., None]:
    """In one transaction: lock the row, refuse another attempt's, refresh `job` in place, then `function`."""

    def wrapped(job: Job, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            row = (
                Job.objects.select_for_update(of=("self",))
                .filter(pk=job.pk, attempt=job.attempt, state=Job.State.LEASED)
                .first()
            )
            if row is None:
                raise LeaseLost(str(job.pk))
            job.__dict__.update({key: value for key, value in row.__dict__.items() if key != "_state"})
            function(job, *args, **kwargs)

    return wrapped


def _save(job: Job, state: str, **fields: Any) -> None:
    if not JOB.may(job.state, state):
        raise Conflict(_("This work is “%(now)s” and can't become “%(to)s”.") % {"now": job.state, "to": state})
    job.state = state
    for name, value in fields.items():
        setattr(job, name, value)
    job.lease_until = None
    job.save(update_fields=["state", "lease_until", *fields])


def _queue_again(job: Job, wait_s: float, **fields: Any) -> None:
    _save(job, Job.State.QUEUED, hinted_at=None, **fields)
    wait = Now() + timedelta(seconds=wait_s) if wait_s else None
    Job.objects.filter(pk=job.pk).update(not_before=wait, hinted_at=Now())
    if not wait_s:
        hints.send_after_commit(job)
    progress.tell(job, "job.queued")


@ends
def done(job: Job, result: dict[str, Any]) -> None:
    """The handler returned. A job asked for again meanwhile goes back to the queue instead."""
    if job.again:
        _queue_again(job, 0, again=False, failures=0, recorded_at=None, result=result)
        return
    _save(job, Job.State.DONE, result=result, error="", finished_at=Now())
    job.refresh_from_db(fields=["finished_at"])
    progress.tell(job, "job.done")


@ends
def released(job: Job, wait_s: float, reason: str = "") -> None:
    """Back to the queue without counting."""
    if job.recorded_at:
        return _finish_recorded(job)
    if job.attempt >= MOST_ATTEMPTS:
        sentence = _("This was begun %(count)d times and never finished. Last reason: %(reason)s")
        return fail(job, sentence % {"count": job.attempt, "reason": reason or _("the worker was stopped")})
    _queue_again(job, wait_s)


@ends
def attempt_failed(job: Job, sentence: str) -> None:
    """Count one failure; queue again, later each time, or fail for good."""
    count_failure(job, sentence)


@ends
def failed(job: Job, sentence: str, wire: dict[str, Any] | None = None) -> None:
    fail(job, sentence, wire)


@ends
def cancelled(job: Job) -> None:
    cancel(job)


# -- the same ends for a caller that holds the row's lock already: the sweeper, a person's cancel


def expired(job: Job) -> None:
    """The lease ran out: the worker was killed, cut off, or stands still."""
    if job.recorded_at:
        return _finish_recorded(job)
    if job.cancel_requested:
        return cancel(job)
    sentence = _(
        "The worker died in the middle of this, %(count)d times by now. Try once more, then tell support what it was."
    )
    count_failure(job, sentence % {"count": job.failures + 1}, wait_s=0)


def _finish_recorded(job: Job) -> None:
    """The work is in the books; only the word "done" was missing."""
    if job.again:
        return _queue_again(job, 0, again=False, failures=0, recorded_at=None)
    _save(job, Job.State.DONE, error="", finished_at=Now())
    job.refresh_from_db(fields=["finished_at"])
    progress.tell(job, "job.done")


def count_failure(job: Job, sentence: str, wait_s: float | None = None) -> None:
    failures = job.failures + 1
    job.failures = failures
    if job.recorded_at or failures >= job.max_attempts:  # what is recorded must not be done twice
        return fail(job, sentence)
    _queue_again(job, 2.0 ** (failures - 1) if wait_s is None else wait_s, failures=failures, error=sentence)


def fail(job: Job, sentence: str, wire: dict[str, Any] | None = None) -> None:
    result = {**job.result, "error": wire} if wire else job.result
    _save(job, Job.State.FAILED, error=sentence, failures=job.failures, finished_at=Now(), again=False, result=result)
    job.refresh_from_db(fields=["finished_at"])
    _tell_subject(job, "job.failed")


def cancel(job: Job, actor: Any = None) -> None:
    sentence = _("Cancelled by %(who)s.") % {"who": actor} if actor else _("Cancelled.")
    error = sentence if actor else job.error or sentence
    _save(job, Job.State.CANCELLED, error=error, finished_at=Now(), again=False)
    job.refresh_from_db(fields=["finished_at"])
    _tell_subject(job, "job.cancelled", actor or job.created_by)


def _tell_subject(job: Job, verb: str, actor: Any = None) -> None:
    handler = registry.HANDLERS.get(job.kind)
    if handler is not None and handler.failed is not None:
        try:
            with transaction.atomic():
                handler.failed(job)
        except Exception:  # the job's own end must be recorded whatever its subject makes of it
            log.exception("failed() broke", extra={"job": job.pk, "kind": job.kind})
    if job.production_id is not None:
        data = {"kind": job.kind, "title": job.title, "error": job.error, "attempts": job.attempt}
        ledger.record(verb, production_id=job.production_id, subject=job, actor=actor, data=data)
    progress.tell(job, verb)
