"""One attempt at one job: claim it, keep its lease, run its handler, record how it ended.

PostgreSQL owns the truth: a claim raises `attempt`, and every later write asks for that number. A worker that was
paused past its lease, or cut off from the database, can therefore write nothing; source of the scheme: fencing tokens,
M. Kleppmann, "How to do distributed locking" (2016).
"""

import logging
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from compositing import sandbox
from compositing.errors import Cancelled, ChildCrashed, EngineError
from studio.core.errors import DomainError
from studio.jobs import outcome, progress, registry
from studio.jobs.errors import LeaseLost, Stopped
from studio.jobs.models import Job

log = logging.getLogger(__name__)
WORKER = f"{socket.gethostname()}:{os.getpid()}"
# Set when this worker is asked to go down: running children end, their jobs go back to the queue uncounted.
STOPPING = threading.Event()
BROKEN = (OperationalError, InterfaceError)  # the database went away, or chose this transaction to end a deadlock
RETRIED_CRASHES = ("child_signal", "child_gone")  # a limit would be hit again; a signal may have come from outside


def lease() -> Any:
    """A lease's end by the database's clock: workers' clocks are not compared."""
    return Now() + timedelta(seconds=settings.LEASE_S)


def claim(job_id: UUID | str | None = None, queues: Iterable[str] = (), *, now: bool = False) -> Job | None:
    """Lease the named job, or the oldest one waiting in the first of `queues` that has any. None: nothing to do.

    now: also take a job that waits for its retry time.
    """
    for queue in queues if job_id is None else [""]:
        with transaction.atomic():
            rows = Job.objects.filter(state=Job.State.QUEUED)
            if not now:
                rows = rows.filter(Q(not_before=None) | Q(not_before__lte=Now()))
            if job_id is None:
                rows = rows.filter(queue=queue).select_for_update(skip_locked=True)
            else:  # waits for a `submit` that is just now looking at the row, so that its hint is not wasted
                rows = rows.filter(pk=job_id).select_for_update()
            job = rows.order_by("created_at").first()
            if job is None:
                continue
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.LEASED,
                attempt=job.attempt + 1,
                worker=WORKER,
                lease_until=lease(),
                started_at=Now(),
                not_before=None,
            )
            job.refresh_from_db()
            progress.tell(job, "job.started")
            return job
    return None


class Run:
    """What a handler may use while it works on its job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lost = threading.Event()
        self.asked_to_cancel = threading.Event()
        self.beating = False
        self._meter = progress.Meter(job)
        self._scratch: Path | None = None

    # -- is it still ours?

    def mine(self) -> Any:
        """The job's row, as long as it is this attempt's."""
        return Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=Job.State.LEASED)

    def checkpoint(self) -> None:
        """First thing in a transaction that writes part of the work: holds the row until the commit.

        Raises LeaseLost if the attempt is not ours any more.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("a fence holds only inside a transaction: use it within transaction.atomic()")
        if not self.mine().select_for_update().values_list("pk", flat=True).first():
            self.lost.set()
            raise LeaseLost(f"job {self.job.pk}: attempt {self.job.attempt} is not the current one")

    def fence(self) -> None:
        """First thing in the one transaction that records the work. After its commit the job is never run again, even
        if the worker dies before it can say so; parts recorded earlier use `checkpoint`. Raises LeaseLost."""
        self.checkpoint()
        self.mine().update(recorded_at=Now())

    def cancelled(self) -> bool:
        """Whether to stop now: a person cancelled, the lease is lost, or this worker goes down."""
        if not self.beating and self.mine().filter(cancel_requested=True).exists():
            self.asked_to_cancel.set()
        return self.asked_to_cancel.is_set() or self.lost.is_set() or STOPPING.is_set()

    def stop_if_asked(self) -> None:
        """For handlers with loops of their own. Raises LeaseLost or Stopped."""
        if self.cancelled():
            raise LeaseLost(str(self.job.pk)) if self.lost.is_set() else Stopped

    # -- work

    def progress(self, done: int, total: int, stage: str = "") -> None:
        """`done` of `total`; throttled. stage: a short code such as "frames"."""
        self._meter.show(done, total, stage)

    def child(
        self,
        op: str,
        args: dict[str, Any],
        *,
        limits: sandbox.Limits | None = None,
        part: tuple[int, int, int] | None = None,
    ) -> dict[str, Any]:
        """One operation of the engine in a sandboxed child. Raises EngineError; progress and cancel are wired.

        part: (start, length, total) where this operation is one of several that the job's progress counts together.
        """
        self.stop_if_asked()
        if not connection.in_atomic_block:
            connection.close()  # minutes may pass: no connection to go stale meanwhile
        return sandbox.run(
            op,
            args,
            limits=limits,
            on_progress=lambda step: self.progress(*_share(step, part), step.stage),
            cancelled=self.cancelled,
        )

    @property
    def scratch(self) -> Path:
        """A folder of this attempt alone, holding what earlier attempts finished (all but hidden and `.part` files).

        A child of a paused worker may still write into its own attempt's folder, never into this one.
        """
        if self._scratch is None:
            folder = scratch_of(self.job)
            here = folder / f"{self.job.attempt:04d}"
            earlier = sorted(path for path in folder.glob("[0-9]*") if path.name < here.name)
            here.mkdir(parents=True, exist_ok=True)
            if earlier:
                shutil.copytree(earlier[-1], here, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "*.part"))
            for old in earlier:
                shutil.rmtree(old, ignore_errors=True)
            self._scratch = here
        return self._scratch

    def store(self, path: Path | str, mime: str, *, suffix: str = "", internal: bool = True) -> Any:
        """Keep a file under its sha256 for the job's production; returns the Artefact. Raises LeaseLost.

        Not inside a transaction: hashing takes time. internal=False lets guests fetch it.
        """
        return registry.STORES[0](
            Path(path),
            mime=mime,
            suffix=suffix,
            production_id=self.job.production_id,
            internal=internal,
            fence=self.checkpoint,
        )


def _share(step: sandbox.Progress, part: tuple[int, int, int] | None) -> tuple[int, int]:
    """(done, total) of the whole job while one `part` of it stands at `step`."""
    if part is None:
        return step.done, step.total
    start, length, total = part
    return start + min(length, step.done * length // max(1, step.total)), total


def scratch_of(job: Job) -> Path:
    return Path(settings.SCRATCH_HOME) / "jobs" / str(job.pk)


class Heartbeat:
    """A thread that renews the lease and listens for a cancel while the handler works."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {run.job.pk}", daemon=True)

    def __enter__(self) -> None:
        self.run.beating = True
        self._thread.start()

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        tick_s = min(0.5, settings.HEARTBEAT_S)
        renewed, since = time.monotonic(), 0.0
        try:
            while not self._done.wait(tick_s):
                since += tick_s
                try:
                    if since >= settings.HEARTBEAT_S:
                        since = 0.0
                        if not self.run.mine().update(lease_until=lease()):
                            break
                        renewed = time.monotonic()
                    if self.run.mine().filter(cancel_requested=True).exists():
                        self.run.asked_to_cancel.set()
                except BROKEN:
                    connection.close()
                    # Another worker may see the database while we don't: past the lease it is theirs.
                    if time.monotonic() - renewed > settings.LEASE_S:
                        break
            if not self._done.is_set():
                log.warning("lease lost", extra={"job": self.run.job.pk, "attempt": self.run.job.attempt})
                self.run.lost.set()
        finally:
            connection.close()


def execute(job: Job, *, beat: bool = True, debug: bool = False) -> None:
    """Run a claimed job to its end and record it. debug: let unexpected errors out (for tests)."""
    run = Run(job)
    began = time.monotonic()
    with Heartbeat(run) if beat else nullcontext():
        end = _work(run, debug)
        try:
            _until_written(end, run)
        except LeaseLost:
            log.warning("attempt abandoned", extra={"job": job.pk, "kind": job.kind, "attempt": job.attempt})
            return
    log.info(
        "job ended",
        extra={"job": job.pk, "kind": job.kind, "state": job.state, "seconds": round(time.monotonic() - began, 3)},
    )
    if not job.live:
        shutil.rmtree(scratch_of(job), ignore_errors=True)


def _work(run: Run, debug: bool) -> Callable[[], None]:
    """Call the handler; return what records its end. Nothing here raises (but in debug)."""
    job = run.job
    try:
        handler = registry.find(job.kind)
        result = handler.work(job, run) or {}
        return lambda: outcome.done(job, result)
    except LeaseLost:
        run.lost.set()
        return lambda: None
    except (Stopped, Cancelled):
        if run.lost.is_set():
            return lambda: None
        if run.asked_to_cancel.is_set():
            return lambda: outcome.cancelled(job)
        return lambda: outcome.released(job, wait_s=0)
    except BROKEN as error:
        if debug:
            raise
        log.warning("database broke", extra={"job": job.pk, "kind": job.kind}, exc_info=True)
        reason = str(error)
        return lambda: outcome.released(job, wait_s=1, reason=reason)
    except (EngineError, DomainError) as error:
        log.info("job refused", extra={"job": job.pk, "kind": job.kind, "reason": str(error)})
        sentence, wire = str(error), error.to_wire() if isinstance(error, EngineError) else None
        if isinstance(error, ChildCrashed) and error.code in RETRIED_CRASHES:
            return lambda: outcome.attempt_failed(job, sentence)
        return lambda: outcome.failed(job, sentence, wire)
    except Exception as error:
        if debug:
            raise
        log.exception("job broke", extra={"job": job.pk, "kind": job.kind, "attempt": job.attempt})
        sentence = _("Something went wrong here (%(what)s). The log of this job says more; try again or tell support.")
        sentence %= {"what": f"{type(error).__name__}: {error}"[:300]}
        return lambda: outcome.attempt_failed(job, sentence)


def _until_written(end: Callable[[], None], run: Run) -> None:
    """Record the end, however often the database goes away meanwhile. Raises LeaseLost if it is not ours to record."""
    while True:
        if run.lost.is_set():
            raise LeaseLost(str(run.job.pk))
        try:
            return end()
        except BROKEN:
            if connection.in_atomic_block:
                raise
            connection.close()
            log.warning("waiting for the database", extra={"job": run.job.pk, "at": datetime.now(UTC).isoformat()})
            time.sleep(0.5)
