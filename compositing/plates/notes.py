"""What a picture file says of itself: where it comes from, and how it was seen."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def add_text(path: Path, note: str) -> None:
    """Put a tEXt chunk before a PNG's pixels. Source: PNG (W3C, third edition), 11.3.3.2."""
    data = path.read_bytes()
    body = b"tEXt" + b"Source\x00" + note.encode("latin-1", "backslashreplace")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:33] + chunk + data[33:])  # 33: signature and IHDR


def add_comment(path: Path, note: str) -> None:
    """Put a COM segment behind a JPEG's first marker. Source: ITU-T T.81, B.2.4.5."""
    data = path.read_bytes()
    body = note.encode("utf-8")
    path.write_bytes(data[:2] + b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body + data[2:])


def note_of(path: Path) -> dict[str, Any]:
    """What `add_text` wrote into a PNG; {} for any other file."""
    data = path.read_bytes()
    at = len(PNG_SIGNATURE)
    if data[:at] != PNG_SIGNATURE:
        return {}
    while at + 8 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"tEXt" and body.startswith(b"Source\x00"):
            try:
                told = json.loads(body[7:].decode("latin-1"))
            except ValueError:
                return {}
            return told if isinstance(told, dict) else {}
        if kind == b"IDAT":
            break
        at += 12 + length
    return {}
