"""`manage.py sweep [--every SECONDS]`: what keeps queue, store and books honest."""

import logging
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from studio.comps import previews
from studio.jobs import registry
from studio.jobs import sweep as jobs
from studio.ledger import services as ledger
from studio.media import sweep as media

log = logging.getLogger(__name__)
# (what, how often at most): the slow ones walk folders.
DUTIES: list[tuple[Callable[[], int], float]] = [
    (jobs.expire_leases, 0),
    (jobs.resend_hints, 0),
    (media.settle_uploads, 5),
    (media.expire_uploads, 60),
    (ledger.anchor_changed, 300),
    (jobs.clear_scratch, 300),
    (media.clear_uploads, 600),
    (previews.sweep, 600),
    (media.clear_store, 3600),
]


class Command(BaseCommand):
    help = "Re-queue expired leases, re-send lost hints, expire uploads, clear orphan files, anchor the books."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, help="Repeat each so many seconds until stopped; else once.")

    def handle(self, *_args: Any, every: float | None = None, **_options: Any) -> None:
        registry.autodiscover()  # a job given up here tells its subject
        if every is None:
            for duty, _often in DUTIES:
                self.stdout.write(f"{duty.__module__}.{duty.__name__}: {duty()}")
            return
        stopping = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        due = [0.0] * len(DUTIES)
        while not stopping.is_set():
            for index, (duty, often) in enumerate(DUTIES):
                if time.monotonic() >= due[index] and not stopping.is_set():
                    due[index] = time.monotonic() + often
                    self._try(duty)
            connection.close()
            stopping.wait(every)

    def _try(self, duty: Callable[[], int]) -> None:
        """A duty that cannot be done now (no database, no broker) is done the next time; the others still are."""
        try:
            count = duty()
            if count:
                log.info("swept", extra={"duty": duty.__name__, "count": count})
        except Exception:
            log.warning("could not sweep", extra={"duty": duty.__name__}, exc_info=True)
            connection.close()
