"""A zip of numbered pictures, looked at before anything is unpacked: what strangers put into zips is found here.

Nothing is ever written to disk: a picture is read from the zip into memory, to no more than it said it has.
"""

from __future__ import annotations

import re
import stat
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from compositing.errors import MediaError, Refused

KINDS = {".png": "png", ".tif": "tiff", ".tiff": "tiff", ".exr": "exr"}
PAPERS = {".txt", ".md5", ".xml", ".csv", ".json", ".ale", ".cdl", ".cc", ".edl", ".sha1", ".sha256", ".pdf", ".wav"}
ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".bz2", ".xz", ".zst", ".tgz"}
IGNORED = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
NUMBERED = re.compile(r"^(?P<stem>.*?)(?P<number>\d{1,9})(?P<suffix>\.[A-Za-z]+)$")
MOST_ENTRIES = 50_000
MOST_ENTRY = 768 << 20  # bytes of one picture: 8K, four float channels, and room
MOST_TOTAL = 1 << 40
MOST_RATIO = 200  # of all the pictures' bytes to the zip's own: pictures are packed already
MOST_MISSING = 2  # a sequence may lack one number in so many


@dataclass(frozen=True)
class Listing:
    """names: the pictures' names within the zip by frame, None where the number is missing; first: the number of frame
    0; kind: png, tiff or exr; stem: what stands before the number."""

    names: tuple[str | None, ...]
    first: int
    kind: str
    stem: str

    @property
    def missing(self) -> list[int]:
        """The numbers, as the files count, that are not there."""
        return [self.first + place for place, name in enumerate(self.names) if name is None]

    @property
    def last(self) -> int:
        return self.first + len(self.names) - 1


def is_zip(path: str | Path) -> bool:
    """Whether the file begins as a zip does. Raises Refused for one that is not there."""
    try:
        with Path(path).open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError as error:
        name = Path(path).name
        raise Refused(f"{name} cannot be opened: {error.strerror}.", code="missing", name=name) from error


def _refused(sentence: str, code: str, name: str, **params: object) -> Refused:
    return Refused(sentence, code=code, name=name, **params)


def listing(path: str | Path, *, max_frames: int = MOST_ENTRIES) -> Listing:
    """The zip's pictures in order; kept for the last few looked at. Raises Refused with a sentence that names what is
    wrong: codes zip_broken, zip_too_many, zip_bomb, zip_path, zip_link, zip_nested, zip_locked, zip_stranger,
    zip_empty, zip_mixed, zip_unnumbered, zip_twice, zip_gaps, missing.
    """
    path = Path(path)
    try:
        seen = path.stat()
    except OSError as error:
        raise Refused(f"{path.name} cannot be opened: {error.strerror}.", code="missing", name=path.name) from error
    return _listing(str(path), (seen.st_size, seen.st_mtime_ns), min(max_frames, MOST_ENTRIES))


@lru_cache(maxsize=16)
def _listing(path: str, _seen: tuple[int, int], max_frames: int) -> Listing:
    name = Path(path).name
    try:
        with zipfile.ZipFile(path) as box:
            entries = box.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        sentence = f"{name} is a zip that cannot be read: it is cut off or damaged. Pack it again."
        raise _refused(sentence, "zip_broken", name) from error
    if len(entries) > max_frames + 1000:
        sentence = f"{name} holds {len(entries)} files, more than the {max_frames} frames taken here. Split it first."
        raise _refused(sentence, "zip_too_many", name, count=len(entries), most=max_frames)
    pictures = [entry for entry in entries if _looked_at(entry, name)]
    if not pictures:
        sentence = f"{name} holds no PNG, TIFF or EXR pictures. Pack one numbered sequence into it."
        raise _refused(sentence, "zip_empty", name)
    _refuse_bomb(pictures, Path(path).stat().st_size, name)
    return _ordered([entry.filename for entry in pictures], name, max_frames)


def _looked_at(entry: zipfile.ZipInfo, name: str) -> bool:
    """Whether an entry is a picture to read; folders and what systems leave behind are not. Raises Refused."""
    inside = entry.filename
    parts = inside.replace("\\", "/").split("/")
    if inside.startswith(("/", "\\")) or ".." in parts or "\0" in inside or re.match(r"^[A-Za-z]:", inside):
        sentence = f"{name} holds a file that points outside of it ({inside[:80]}). Pack the pictures alone."
        raise _refused(sentence, "zip_path", name, entry=inside[:80])
    mode = entry.external_attr >> 16
    if stat.S_ISLNK(mode):
        sentence = f"{name} holds a link ({inside[:80]}) instead of a file. Pack the pictures themselves."
        raise _refused(sentence, "zip_link", name, entry=inside[:80])
    if entry.is_dir() or IGNORED.search(inside):
        return False
    suffix = Path(inside).suffix.lower()
    if suffix in ARCHIVES:
        sentence = f"{name} holds another archive ({inside[:80]}). Unpack it, and pack the pictures alone."
        raise _refused(sentence, "zip_nested", name, entry=inside[:80])
    if suffix in PAPERS:
        return False
    if suffix not in KINDS:
        sentence = f"{name} holds {inside[:80]}, which is no PNG, TIFF or EXR picture. Pack the pictures alone."
        raise _refused(sentence, "zip_stranger", name, entry=inside[:80])
    if entry.flag_bits & 1:
        raise _refused(f"{name} is locked by a password. Pack it without one.", "zip_locked", name)
    return True


def _refuse_bomb(entries: list[zipfile.ZipInfo], packed: int, name: str) -> None:
    total = sum(entry.file_size for entry in entries)
    biggest = max(entry.file_size for entry in entries)
    # Against the bytes of the zip itself, not of its entries: entries that overlap count the same bytes many times.
    if total > MOST_TOTAL or biggest > MOST_ENTRY or total > max(packed, 1) * MOST_RATIO:
        sentence = (
            f"{name} has {packed / 1e6:.1f} MB and would unpack to {total / 1e6:.0f} MB: no sequence of pictures does "
            "that. Pack the pictures without compressing them again."
        )
        raise _refused(
            sentence, "zip_bomb", name, packed=f"{packed / 1e6:.1f}", total=f"{total / 1e6:.0f}"
        )  # fmt: skip


def _ordered(inside: list[str], name: str, max_frames: int) -> Listing:
    by_number: dict[int, str] = {}
    first_of: tuple[str, str] | None = None
    for entry in sorted(inside):
        match = NUMBERED.match(entry)
        if match is None:
            sentence = (
                f"{name}: {entry[:80]} has no frame number at its end. Number every picture, as in plate.1001.exr."
            )
            raise _refused(sentence, "zip_unnumbered", name, entry=entry[:80])
        kind = KINDS[match["suffix"].lower()]
        if first_of is None:
            first_of = (match["stem"], kind)
        elif first_of != (match["stem"], kind):
            sentence = (
                f"{name} holds more than one sequence ({by_number[min(by_number)][:80]} and {entry[:80]}). "
                "Pack each into a zip of its own."
            )
            raise _refused(sentence, "zip_mixed", name, entry=by_number[min(by_number)][:80], other=entry[:80])
        number = int(match["number"])
        if number in by_number:
            sentence = (
                f"{name} holds frame {number} twice ({by_number[number][:80]} and {entry[:80]}). Keep one of them."
            )
            raise _refused(
                sentence, "zip_twice", name, frame=number, entry=by_number[number][:80], other=entry[:80]
            )  # fmt: skip
        by_number[number] = entry
    assert first_of is not None
    if len(by_number) > max_frames:
        sentence = f"{name} holds {len(by_number)} files, more than the {max_frames} frames taken here. Split it first."
        raise _refused(sentence, "zip_too_many", name, count=len(by_number), most=max_frames)
    low, high = min(by_number), max(by_number)
    span = high - low + 1
    if span > len(by_number) * MOST_MISSING:
        gap = next(number for number in range(low, high) if number + 1 not in by_number)
        after = min(number for number in by_number if number > gap)
        sentence = (
            f"{name} numbers its pictures from {low} to {high} and holds {len(by_number)} of them: after {gap} comes "
            f"{after}. Number them without gaps."
        )
        raise _refused(
            sentence, "zip_gaps", name, low=low, high=high, count=len(by_number), gap=gap, after=after
        )  # fmt: skip
    names = tuple(by_number.get(number) for number in range(low, high + 1))
    return Listing(names, low, first_of[1], first_of[0])


def read_entry(box: zipfile.ZipFile, inside: str) -> bytes:
    """The bytes of one picture, no more than its entry promised. Raises MediaError (damaged_picture)."""
    try:
        promised = box.getinfo(inside).file_size
        with box.open(inside) as file:
            data = file.read(min(promised, MOST_ENTRY) + 1)
        if len(data) != promised:
            raise ValueError("another size than promised")
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError) as error:
        raise MediaError(
            f"{inside} is damaged and cannot be read. Export it again.", code="damaged_picture", name=inside
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # zlib.error and its like have no common base
        raise MediaError(
            f"{inside} is damaged and cannot be read. Export it again.", code="damaged_picture", name=inside
        ) from error
    return data
