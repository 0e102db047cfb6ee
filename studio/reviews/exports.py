"""Notes out of the house: one CSV line per note or answer, as spreadsheets read it."""

import csv
import io
from collections.abc import Iterable

from studio.reviews.models import Note

COLUMNS = (
    "shot", "version", "layer", "frame_in", "frame_out", "must", "internal", "state", "answered_in",
    "author", "written_at", "note", "answer_to",
)  # fmt: skip


def notes_csv(notes: Iterable[Note], start_frame: int) -> str:
    """UTF-8 text with a header. Frames are counted from `start_frame`; an answer names the note's id in `answer_to`.

    Text that a spreadsheet would run as a formula (it begins with = + - @ or a control character) gets an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for note in notes:
        writer.writerow(
            [
                note.shot.code,
                note.version.name,
                _tame(note.layer.name) if note.layer else "",
                "" if note.frame_in is None else note.frame_in + start_frame,
                "" if note.frame_out is None else note.frame_out + start_frame,
                "yes" if note.must else "",
                "yes" if note.internal else "",
                "" if note.parent_id else note.state,
                note.addressed_in.name if note.addressed_in else "",
                _tame(str(note.author or "")),
                note.created_at.isoformat(timespec="seconds"),
                _tame(note.text),
                str(note.parent_id or ""),
            ]
        )
    return out.getvalue()


def _tame(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
