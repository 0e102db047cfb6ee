"""Telling people how far a job is: at most four times a second, and never at the job's expense."""

import logging
import time
from typing import Any

from django.db import Error, connection

from studio.core import events
from studio.jobs.models import Job

log = logging.getLogger(__name__)
EVERY_S = 0.25


def tell(job: Job, verb: str = "job.progress") -> None:
    """One message to the production's pages: re-fetch this job's row."""
    if job.production_id is not None:
        events.publish(job.production_id, {"id": 0, "verb": verb, "subject": "job", "key": str(job.pk), "code": ""})


class Meter:
    """Writes progress to the row of one attempt. A lost write costs a page its figure, never the work."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._last = 0.0
        self._stage = ""

    def show(self, done: int, total: int, stage: str = "") -> None:
        now = time.monotonic()
        if now - self._last < EVERY_S and stage == self._stage and done < total:
            return
        self._last, self._stage = now, stage
        self.job.progress_done, self.job.progress_total, self.job.progress_stage = done, total, stage[:80]
        fields: dict[str, Any] = {"progress_done": done, "progress_total": total, "progress_stage": stage[:80]}
        try:
            Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=Job.State.LEASED).update(**fields)
            tell(self.job)
        except Error:
            if connection.in_atomic_block:
                raise
            log.warning("progress not written", extra={"job": self.job.pk}, exc_info=True)
            connection.close()
