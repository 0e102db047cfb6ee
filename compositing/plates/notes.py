"""What a picture file says of itself: where it comes from, and how it was seen."""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAP = b"huMp"


def add_text(path: Path, note: str) -> None:
    """Put a tEXt chunk before a PNG's pixels. Source: PNG (W3C, third edition), 11.3.3.2."""
    data = path.read_bytes()
    body = b"tEXt" + b"Source\x00" + note.encode("latin-1", "backslashreplace")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:33] + chunk + data[33:])  # 33: signature and IHDR


def add_maps(path: Path, maps: list[bytes]) -> None:
    """Put further PNGs into one, each in a chunk of its own before its end; other programs skip them. Source: PNG (W3C,
    third edition), 5.4: an ancillary, private chunk."""
    data = path.read_bytes()
    body = b"".join(
        struct.pack(">I", len(one)) + MAP + one + struct.pack(">I", zlib.crc32(MAP + one)) for one in maps
    )  # fmt: skip
    path.write_bytes(data[:-12] + body + data[-12:])  # 12: the empty chunk that ends it


def maps_of(path: Path) -> list[bytes]:
    """What `add_maps` put into a PNG, in its order."""
    return [body for kind, body in _chunks(path.read_bytes()) if kind == MAP]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_SIGNATURE)
    while data.startswith(PNG_SIGNATURE) and at + 8 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def add_comment(path: Path, note: str) -> None:
    """Put a COM segment behind a JPEG's first marker. Source: ITU-T T.81, B.2.4.5."""
    data = path.read_bytes()
    body = note.encode("utf-8")
    path.write_bytes(data[:2] + b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body + data[2:])


def note_of(path: Path) -> dict[str, Any]:
    """What `add_text` wrote into a PNG; {} for any other file."""
    for kind, body in _chunks(path.read_bytes()):
        if kind == b"tEXt" and body.startswith(b"Source\x00"):
            try:
                told = json.loads(body[7:].decode("latin-1"))
            except ValueError:
                return {}
            return told if isinstance(told, dict) else {}
        if kind == b"IDAT":
            break
    return {}
