"""Celery carries hints: each message names a Job row, and the row alone decides whether there is work."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.config.settings")

from django.conf import settings


def broker(url: str) -> str:
    """Celery's name for a Redis address: sockets are written redis+socket://."""
    return url.replace("unix://", "redis+socket://", 1)


app = Celery("huo")
app.set_default()  # `current` is per thread, and pages are served by many
app.conf.update(
    broker_url=broker(settings.REDIS_URL),
    task_ignore_result=True,
    task_acks_late=False,  # early: a lost hint is re-sent by the sweeper, a doubled one finds its row leased
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_default_queue="cpu",
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    broker_transport_options={"socket_connect_timeout": 2},
)
app.autodiscover_tasks(["studio.jobs"])


@setup_logging.connect
def keep_django_logging(**_kwargs: object) -> None:
    """Celery leaves the log format to settings.LOGGING."""


@worker_init.connect
def load_handlers(**_kwargs: object) -> None:
    """Only workers know how to do the work: every app's `handlers` module registers here."""
    from studio.jobs.registry import autodiscover

    autodiscover()
