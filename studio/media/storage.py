"""The store: files named by their sha256 (`ab/cd/<sha256>`), written once and never changed.

A file enters by link (or by copy from another disk): bytes on disk, then the name, then the row. A crash in between
leaves a file without a row, which the sweeper deletes after a day, and the source, from which the next attempt starts.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from studio.core.errors import NotThere
from studio.media.models import Artefact, ArtefactUse

PIECE = 1024 * 1024
INCOMING = "incoming"  # unnamed files on their way into the store


def home() -> Path:
    return Path(settings.MEDIA_HOME)


def path_of(sha256: str) -> Path:
    """Where the artefact lies. Raises NotThere for anything that is no sha256, so that no path can be made of it."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise NotThere(_("“%(text)s” is no sha256 digest.") % {"text": sha256})
    return home() / sha256[:2] / sha256[2:4] / sha256


def read_url(production: Any, artefact: Artefact | str | None) -> str:
    """The address where members of `production` fetch the artefact; empty for none."""
    sha256 = artefact.sha256 if isinstance(artefact, Artefact) else artefact
    return reverse("pipeline:media", args=[production.slug, sha256]) if sha256 else ""


def sha256_of(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def keep(path: Path, digest: str = "") -> tuple[str, int]:
    """Put the bytes of `path` into the store; the source stays. Returns (sha256, size), both durable on disk.

    digest: the sha256, if the caller has just computed it. No row is written.
    """
    with path.open("rb") as source:
        digest = digest or hashlib.file_digest(source, "sha256").hexdigest()
        os.fsync(source.fileno())
        size = os.fstat(source.fileno()).st_size
    target = path_of(digest)
    if target.exists() and target.stat().st_size == size:
        return digest, size
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = home() / INCOMING / uuid.uuid4().hex
    fresh.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            os.link(path, fresh)
        except OSError:  # another disk, or one without links
            _copy(path, fresh)
            if sha256_of(fresh) != digest:
                raise OSError(f"{path} changed or was damaged while it was copied into the store") from None
        fresh.chmod(0o644)  # an upload gathers under 0600, and nginx reads the store as somebody else
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
    _fsync_folder(target.parent)
    return digest, size


def _copy(path: Path, target: Path) -> None:
    with path.open("rb") as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy, PIECE)
        copy.flush()
        os.fsync(copy.fileno())


def _fsync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def adopt(
    path: Path | str,
    *,
    mime: str,
    production_id: UUID,
    suffix: str = "",
    internal: bool = True,
    digest: str = "",
    fence: Callable[[], None] | None = None,
) -> Artefact:
    """Keep a finished file for a production: the artefact, and the production's use of it. The source stays.

    Not inside a transaction: hashing takes time. internal=False lets guests fetch it; a use once open stays open.
    fence: called first inside the recording transaction (`Run.checkpoint`).
    """
    digest, size = keep(Path(path), digest)
    with transaction.atomic():
        if fence is not None:
            fence()
        artefact, _made = Artefact.objects.get_or_create(
            sha256=digest, defaults={"size": size, "mime": mime, "suffix": suffix or Path(path).suffix[:12].lower()}
        )
        use(production_id, artefact, internal=internal)
    return artefact


def use(production_id: UUID, artefact: Artefact, *, internal: bool = True) -> None:
    """Enter that a production uses an artefact it has by other means (a library asset); opening wins over closing."""
    ArtefactUse.objects.get_or_create(production_id=production_id, artefact=artefact, defaults={"internal": internal})
    if not internal:
        open_to_guests(production_id, [artefact.sha256])


def open_to_guests(production_id: UUID, digests: list[str]) -> None:
    """What is put before reviewers may be fetched by guests."""
    ArtefactUse.objects.filter(production_id=production_id, artefact_id__in=digests).update(internal=False)
