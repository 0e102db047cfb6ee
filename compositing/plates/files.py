"""A finished plate's files, each saying inside that it is procedural."""

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from compositing.io.pictures import write_jpg, write_png8, write_png16
from compositing.plates.finished import Plate

DEPTH_NEAR_M = 0.5
PREVIEW_QUALITY = 90


def save(plate: Plate, out_dir: Path, note: str) -> dict[str, Any]:
    """Write picture, preview and depth to out_dir; note: JSON text that says where they come from."""
    picture, preview, depth = out_dir / "plate.png", out_dir / "preview.jpg", out_dir / "depth.png"
    write_png8(picture, plate.picture)
    _add_text(picture, note)
    write_jpg(preview, plate.picture, PREVIEW_QUALITY)
    _add_comment(preview, note)
    near = np.clip(65535.0 * DEPTH_NEAR_M / np.maximum(plate.depth, DEPTH_NEAR_M), 0, 65535)
    write_png16(depth, np.rint(np.where(plate.depth > 1e6, 0, near)).astype(np.uint16))
    _add_text(depth, note)
    return {
        "picture": str(picture),
        "preview": str(preview),
        "depth": str(depth),
        "depth_near_milli_m": round(DEPTH_NEAR_M * 1000),
        "light": plate.light,
    }


def _add_text(path: Path, note: str) -> None:
    """Put a tEXt chunk before a PNG's pixels. Source: PNG (W3C, third edition), 11.3.3.2."""
    data = path.read_bytes()
    body = b"tEXt" + b"Source\x00" + note.encode("latin-1", "backslashreplace")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    path.write_bytes(data[:33] + chunk + data[33:])  # 33: signature and IHDR


def _add_comment(path: Path, note: str) -> None:
    """Put a COM segment behind a JPEG's first marker. Source: ITU-T T.81, B.2.4.5."""
    data = path.read_bytes()
    body = note.encode("utf-8")
    path.write_bytes(data[:2] + b"\xff\xfe" + struct.pack(">H", len(body) + 2) + body + data[2:])
