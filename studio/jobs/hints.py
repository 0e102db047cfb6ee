"""Hints to workers: messages that name a job. Lost ones are re-sent by the sweeper, doubled ones find nothing to do."""

import logging
from typing import Any

from celery import current_app
from django.db import transaction

from studio.jobs.models import Job

log = logging.getLogger(__name__)
EXPIRES_S = 3600


def send(job_id: str, queue: str) -> bool:
    """Send one hint now. False if the broker does not take it: the row waits for the sweeper."""
    try:
        options: dict[str, Any] = {"queue": queue, "expires": EXPIRES_S, "retry": False, "ignore_result": True}
        current_app.send_task("jobs.run", args=[job_id], **options)
    except Exception as error:  # whatever a broker's client throws: the row is safe
        log.warning("hint not sent", extra={"job": job_id, "queue": queue, "reason": str(error)})
        return False
    return True


def send_after_commit(job: Job) -> None:
    job_id, queue = str(job.pk), job.queue
    transaction.on_commit(lambda: send(job_id, queue), robust=True)


def waiting(queue: str) -> int | None:
    """How many hints the broker holds for `queue`; None if it does not answer."""
    try:
        with current_app.connection_for_read() as connection:
            channel: Any = connection.default_channel
            return int(channel.queue_declare(queue, durable=True).message_count)
    except Exception as error:
        log.warning("broker does not answer", extra={"queue": queue, "reason": str(error)})
        return None
