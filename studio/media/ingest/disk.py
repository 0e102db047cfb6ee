"""An upload's bytes on disk. The file's length is the offset: the one truth that survives any crash.

While a part with a checksum is being written, `<id>.pending` holds the offset it began at: a server that was killed
then drops the unchecked bytes at the next look. A line that only dropped keeps them.
"""

import fcntl
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from studio.media.services import upload_path


class Busy(Exception):
    """Another request is writing this upload."""


class Vessel:
    """One upload's file under an exclusive lock. Raises Busy, or FileNotFoundError where there is no such file."""

    def __init__(self, upload_id: UUID, size: int) -> None:
        self.path: Path = upload_path(upload_id)
        self.pending = self.path.with_suffix(".pending")
        self.size = size
        self._file = self.path.open("r+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Busy from None
        self.offset = self._recover()
        self.start = self.offset
        self.hash: hashlib._Hash | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _recover(self) -> int:
        length = os.fstat(self._file.fileno()).st_size
        if self.pending.exists():
            text = self.pending.read_text()
            length = min(length, int(text) if text.isdigit() else length)
            os.ftruncate(self._file.fileno(), length)
            os.fsync(self._file.fileno())
            self.pending.unlink()
        return length

    def begin(self, *, checked: bool) -> None:
        """A part starts here. checked: its checksum will be asked for."""
        self.start = self.offset
        self._file.seek(self.offset)
        if checked:
            self.hash = hashlib.sha256()
            self.pending.write_text(str(self.start))

    def write(self, data: bytes) -> None:
        """Append. Raises OSError (a full disk: what fitted is kept)."""
        view = memoryview(data)
        while view:
            written = self._file.write(view) or 0
            if self.hash is not None:
                self.hash.update(view[:written])
            self.offset += written
            view = view[written:]

    def settle(self) -> int:
        """Make what has arrived durable, and return the offset."""
        os.fsync(self._file.fileno())
        self.pending.unlink(missing_ok=True)
        return self.offset

    def drop(self) -> int:
        """Take the part back: its bytes were damaged."""
        os.ftruncate(self._file.fileno(), self.start)
        self.offset = self.start
        return self.settle()


def create(upload_id: UUID) -> None:
    """An empty file for the upload; one that is there stays as it is."""
    path = upload_path(upload_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    fd = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def offset(upload_id: UUID, size: int) -> int:
    """How many bytes are there, settled. Raises FileNotFoundError.

    While somebody writes, their part's beginning: what is certain.
    """
    try:
        with Vessel(upload_id, size) as vessel:
            return vessel.offset
    except Busy:
        path = upload_path(upload_id)
        try:
            return int(path.with_suffix(".pending").read_text())
        except (FileNotFoundError, ValueError):
            return path.stat().st_size
