"""Runs one production's jobs in this process: the demo is made before any worker is there to make it."""

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from studio.core.errors import DomainError
from studio.jobs import registry, runner, sweep
from studio.jobs.models import Job
from studio.pipeline.demo.meter import Meter

AT_ONCE = 2  # children at work beside each other; more only wait for the same cores on a small machine
LIVE = (Job.State.QUEUED, Job.State.LEASED)
SAID = {
    "footage.proxy": "made viewable: %s",
    "generation.draw": "drew %s",
    "comps.render": "rendered %s",
}


def finish_jobs(production_id: UUID, meter: Meter, *, at_once: int = AT_ONCE) -> None:
    """Run the production's queued jobs, and what they queue, until none is live; workers beside us may take some.

    Raises DomainError with the sentence of the first job that failed.
    """
    registry.autodiscover()
    if at_once == 1:
        _work(production_id, meter, close=False)
    else:
        with ThreadPoolExecutor(at_once, thread_name_prefix="demo") as pool:
            for end in [pool.submit(_work, production_id, meter, close=True) for _number in range(at_once)]:
                end.result()
    failed = Job.objects.filter(production_id=production_id, state=Job.State.FAILED).order_by("finished_at").first()
    if failed is not None:
        raise DomainError(_("“%(what)s” failed: %(why)s") % {"what": failed.title or failed.kind, "why": failed.error})


def _work(production_id: UUID, meter: Meter, *, close: bool) -> None:
    rows = Job.objects.filter(production_id=production_id)
    try:
        while rows.filter(state__in=LIVE).exists():
            job = _next(production_id)
            if job is None:  # the other thread, or a worker, has them; or a killed process still holds a lease
                sweep.expire_leases()
                time.sleep(0.1)
                continue
            runner.execute(job)
            job.refresh_from_db()
            if job.state in LIVE:
                continue
            if job.kind in SAID and job.state == Job.State.DONE:
                meter.say(SAID[job.kind] % job.title)
    finally:
        if close:
            connection.close()


def ended(production_id: UUID) -> dict[str, int]:
    """How many jobs of each kind have ended, whoever ran them."""
    rows = Job.objects.filter(production_id=production_id).exclude(state__in=LIVE).order_by()
    return {row["kind"]: row["count"] for row in rows.values("kind").annotate(count=Count("pk"))}


def _next(production_id: UUID) -> Job | None:
    """Claim the job that has waited longest and that nobody else takes meanwhile."""
    waiting = Job.objects.filter(production_id=production_id, state=Job.State.QUEUED).order_by("created_at")
    for pk in list(waiting.values_list("pk", flat=True)[:8]):
        job = runner.claim(pk, now=True)
        if job is not None:
            return job
    return None
