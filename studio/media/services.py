"""Permits for uploads, and what becomes of them."""

import mimetypes
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from studio.core.errors import DomainError, Invalid
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.media import selectors
from studio.media.models import Artefact, Upload
from studio.media.states import OPEN, UPLOAD

SALT = "huo.ingest.permit"
ADOPT = "media.adopt"


class TooLarge(DomainError):
    """More bytes than the studio, the production's quota or the disk takes."""

    status = 413


def upload_path(upload_id: UUID | str) -> Path:
    """Where an upload's bytes gather. The id is the server's own, never the sender's."""
    return Path(settings.UPLOAD_HOME) / str(UUID(str(upload_id)))


def gigabytes(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{max(1, round(count / 2**20))} MB"


def check_room(production_id: UUID, size: int, *, but: UUID | None = None) -> None:
    """Raise TooLarge, with the figures, when `size` more bytes do not fit. but: an upload already counted."""
    if size > settings.UPLOAD_MAX_BYTES:
        figures = {"size": gigabytes(size), "most": gigabytes(settings.UPLOAD_MAX_BYTES)}
        raise TooLarge(_("This file has %(size)s; one upload may have %(most)s. Split it or compress it.") % figures)
    left = settings.QUOTA_BYTES - selectors.used_bytes(production_id, but=but)
    if size > left:
        figures = {"size": gigabytes(size), "left": gigabytes(left) if left > 0 else "0 MB"}
        raise TooLarge(
            _("This file has %(size)s and the production's storage has %(left)s left. Ask the producer for room.")
            % figures
        )
    folder = Path(settings.UPLOAD_HOME)
    folder.mkdir(parents=True, exist_ok=True)
    if size > shutil.disk_usage(folder).free:
        raise TooLarge(_("The studio's disk has no room for this file. Tell whoever looks after it."))


def ingest_base(origin: str) -> str:
    """Where uploads from a page at `origin` (`https://host:port`) go: as configured, else its host's ingest port."""
    if settings.INGEST_URL:
        return str(settings.INGEST_URL)
    parts = urlsplit(origin)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname or "localhost"
    return f"{parts.scheme or 'http'}://{host}:{settings.INGEST_PORT}"


@transaction.atomic
def create_permit(
    actor: Any, production: Any, filename: str, size: int, sha256: str, purpose: dict[str, Any], origin: str
) -> dict[str, Any]:
    """Let `actor` (whom the caller has allowed) send one file: {"url", "permit", "upload", "expires"}.

    size: bytes, more than 0. sha256: hex as declared by the sender, or empty. purpose: {"kind": "take", ...}, given
    back to the receiver. origin: the page's own origin, the only one the ingest will take the bytes from.
    Raises TooLarge (413) over a limit, Invalid (422) for a name, size or digest that cannot be.
    """
    name = Path(filename.replace("\\", "/")).name.strip()[:255]
    if not name or "\0" in name:
        raise Invalid(_("The file needs a name."))
    if size <= 0:
        raise Invalid(_("“%(name)s” is empty: there is nothing to upload.") % {"name": name})
    sha256 = sha256.lower()
    if sha256 and (len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef")):
        raise Invalid(_("The digest sent along is no sha256."))
    check_room(production.pk, size)
    expires = datetime.now(UTC) + timedelta(hours=settings.UPLOAD_EXPIRY_HOURS)
    upload = Upload.objects.create(
        production_id=production.pk,
        created_by=actor,
        filename=name,
        size=size,
        sha256=sha256,
        purpose=purpose,
        expires_at=expires,
    )
    return {
        "url": f"{ingest_base(origin)}/files/",
        "permit": permit_for(upload, origin),
        "upload": str(upload.pk),
        "expires": expires.isoformat(),
    }


def permit_for(upload: Upload, origin: str) -> str:
    """A signed statement: whoever holds this may fill that upload, from pages of that origin, until it expires."""
    statement = {
        "upload": str(upload.pk),
        "size": upload.size,
        "origin": origin.rstrip("/"),
        "until": int(upload.expires_at.timestamp()),
        "language": translation.get_language() or settings.LANGUAGE_CODE,
    }
    return signing.dumps(statement, salt=SALT, compress=True)


# -- what the ingest process and the sweeper tell


def receiving(upload_id: UUID) -> None:
    Upload.objects.filter(pk=upload_id, state__in=["created", "paused"]).update(state="receiving")


def arrived_so_far(upload_id: UUID, offset: int, *, paused: bool) -> None:
    """`offset` bytes are on disk. paused: nobody is sending just now."""
    row = Upload.objects.filter(pk=upload_id, state__in=OPEN)
    row.update(offset=offset, **({"state": "paused"} if paused else {}))


@transaction.atomic
def received(upload_id: UUID) -> bool:
    """Every byte is on disk: mark it and queue the check, once. False if that had happened already."""
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.state not in OPEN:
        return False
    UPLOAD.move(upload, Upload.State.RECEIVED, offset=upload.size)
    queue_adoption(upload)
    return True


def queue_adoption(upload: Upload) -> Job:
    return jobs.submit(
        ADOPT,
        production_id=upload.production_id,
        subject=upload,
        title=upload.filename,
        payload={"upload": str(upload.pk)},
        key=f"adopt:{upload.pk}",
        created_by=upload.created_by,
    )


@transaction.atomic
def end_upload(upload: Upload, sentence: str) -> bool:
    """Give up an upload that has not fully arrived; its bytes go. False if it has arrived or ended meanwhile."""
    rows = Upload.objects.filter(pk=upload.pk, state__in=OPEN)
    if not rows.update(state=Upload.State.EXPIRED, error=sentence):
        return False
    transaction.on_commit(lambda: discard(upload.pk), robust=True)
    return True


def discard(upload_id: UUID) -> None:
    """Remove an upload's bytes and marks from the ingest folder."""
    path = upload_path(upload_id)
    for leftover in (path, path.with_suffix(".pending")):
        leftover.unlink(missing_ok=True)


# -- what the adoption job tells


def mime_of(filename: str) -> str:
    """By name alone; what the bytes are is found out in a sandboxed child."""
    return mimetypes.guess_type(filename)[0] or "application/octet-stream"


@transaction.atomic
def refuse(upload: Upload, sentence: str) -> None:
    """The bytes are not what was promised: say so, and let them go."""
    UPLOAD.move(upload, Upload.State.CORRUPT, error=sentence)
    ledger.record(
        "upload.refused",
        production_id=upload.production_id,
        subject=upload,
        actor=upload.created_by,
        data={"filename": upload.filename, "reason": sentence},
    )
    transaction.on_commit(lambda: discard(upload.pk), robust=True)


def stored(upload: Upload, artefact: Artefact) -> None:
    """In the caller's transaction: the upload is kept, and entered in the books."""
    UPLOAD.move(upload, Upload.State.STORED, artefact=artefact)
    ledger.record(
        "upload.stored",
        production_id=upload.production_id,
        subject=upload,
        actor=upload.created_by,
        made_from=[artefact.sha256],
        data={"filename": upload.filename, "size": upload.size},
    )
    transaction.on_commit(lambda: discard(upload.pk), robust=True)
