"""What keeps the store honest: uploads that stalled, ended or were forgotten, and files that nobody entered."""

import logging
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from studio.jobs.models import Job
from studio.media import services, storage
from studio.media.models import Artefact, Upload
from studio.media.states import OPEN

log = logging.getLogger(__name__)
PAUSED_AFTER_S = 60
# A file gets its name just before its row: only one that stayed nameless this long is nobody's.
ORPHAN_AFTER_S = 24 * 3600


def expire_uploads() -> int:
    """End uploads whose time is over. Returns how many."""
    count = 0
    for upload in Upload.objects.filter(state__in=OPEN, expires_at__lt=datetime.now(UTC)):
        count += services.end_upload(upload, _("The upload was not finished in time. Start it again."))
    return count


def settle_uploads() -> int:
    """Queue the check of uploads that are complete on disk; mark as paused those that nobody feeds. Returns how many.

    The first happens when the ingest process died between the last byte and the word about it.
    """
    count = 0
    for upload in Upload.objects.filter(state__in=["receiving", "paused", "created"]):
        path = services.upload_path(upload.pk)
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        if stat.st_size == upload.size and not path.with_suffix(".pending").exists():
            count += services.received(upload.pk)
        elif upload.state == Upload.State.RECEIVING and time.time() - stat.st_mtime > PAUSED_AFTER_S:
            services.arrived_so_far(upload.pk, min(stat.st_size, upload.size), paused=True)
            count += 1
    for upload in Upload.objects.filter(state__in=["received", "verifying"]):
        if not Job.objects.filter(key=f"adopt:{upload.pk}").exists():
            services.queue_adoption(upload)
            count += 1
    return count


def clear_uploads() -> int:
    """Remove the bytes of uploads that ended or never were. Returns how many."""
    count = 0
    home = Path(settings.UPLOAD_HOME)
    for path in home.iterdir() if home.is_dir() else ():
        try:
            upload_id = UUID(path.stem)
        except ValueError:
            continue
        upload = Upload.objects.filter(pk=upload_id).first()
        old = time.time() - path.stat().st_mtime > PAUSED_AFTER_S
        if old and (upload is None or upload.state in ("stored", "corrupt", "expired")):
            services.discard(upload_id)
            count += 1
    return count


def clear_store(*, older_than_s: float = ORPHAN_AFTER_S) -> int:
    """Delete files of the store that have no row, and half-copied ones, once they are old. Returns how many.

    Nothing is adopted from the store itself: every way in keeps its source until the row is written, so that whoever
    brought the file brings it again.
    """
    count = 0
    for batch in _batches(_files(older_than_s)):
        known = set(Artefact.objects.filter(sha256__in=[path.name for path in batch]).values_list("sha256", flat=True))
        for path in batch:
            if path.name not in known:
                log.warning("orphan deleted", extra={"path": str(path)})
                path.unlink(missing_ok=True)
                count += 1
    return count


def _files(older_than_s: float) -> Iterator[Path]:
    limit = time.time() - older_than_s
    for path in storage.home().glob("*/*/*"):
        if path.is_file() and max(path.stat().st_mtime, path.stat().st_ctime) < limit:
            yield path
    for path in (storage.home() / storage.INCOMING).glob("*"):
        if path.stat().st_ctime < limit:
            yield path


def _batches(paths: Iterator[Path], size: int = 500) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for path in paths:
        batch.append(path)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
