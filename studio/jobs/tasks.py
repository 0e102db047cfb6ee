"""What Celery calls: one task, whose message is only a hint."""

import logging
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_shutting_down
from django.db import connection

from studio.jobs import runner

log = logging.getLogger(__name__)
FIRST = {"interactive": 0}  # someone waits for these


@worker_shutting_down.connect
def stop(**_kwargs: Any) -> None:
    """A worker told to go down ends its children and gives its jobs back."""
    runner.STOPPING.set()


@shared_task(name="jobs.run", ignore_result=True)
def run(job_id: str) -> None:
    """Run the named job if it is still waiting, then whatever else waits in this worker's queues.

    Going on without a hint makes a lost one cheap: a busy worker finds the row by itself.
    """
    queues = sorted(current_app.amqp.queues.consume_from, key=lambda name: (FIRST.get(name, 1), name))
    wanted: str | None = job_id
    try:
        while not runner.STOPPING.is_set():
            job = runner.claim(wanted) if wanted else runner.claim(queues=queues)
            if job is not None:
                runner.execute(job)
            elif wanted is None:
                return
            wanted = None
    except runner.BROKEN:
        log.warning("database broke between jobs; the sweeper will hint again", exc_info=True)
    finally:
        connection.close()
