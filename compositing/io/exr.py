"""OpenEXR: read by FFmpeg's decoder after a look at the header, written here as half floats under lossless ZIP.

Source: "OpenEXR File Layout", openexr.com. Numbers are linear light and, with alpha, premultiplied, as the format means
them to be.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from compositing.errors import MediaError, ShapeError

MAGIC = b"\x76\x2f\x31\x01"
BT709 = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, 0.3127, 0.3290)
ROWS = 16  # rows a block of ZIP compression holds
HALF_MOST = 65504.0
TILED, MULTIPART = 0x200, 0x1000
BLOCK_ROWS = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256)  # none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB
HEADER_MOST = 1 << 20


@dataclass(frozen=True)
class ExrHeader:
    """width, height: of the display window; data_width, data_height: of the pixels stored. chromaticities: x, y of red,
    green, blue and white, or None (BT.709). half: whether its colours are half floats. fps: rate, where it says one."""

    width: int
    height: int
    data_width: int
    data_height: int
    channels: tuple[str, ...]
    half: bool
    chromaticities: tuple[float, ...] | None
    fps: Fraction | None


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(b"\0", at, at + 256)
    return data[at:end].decode("latin-1"), end + 1


def read_header(data: bytes, name: str) -> ExrHeader:
    """What an EXR says of itself, before a pixel is decoded. Raises MediaError (damaged_picture)."""
    try:
        if data[:4] != MAGIC:
            raise ValueError("no EXR")
        data, at, found = data[:HEADER_MOST], 8, {}
        while data[at] != 0:
            label, at = _text(data, at)
            _kind, at = _text(data, at)
            (size,) = struct.unpack_from("<i", data, at)
            if size < 0:
                raise ValueError("a size below zero")
            found[label] = data[at + 4 : at + 4 + size]
            at += 4 + size
        windows = [struct.unpack("<4i", found[label]) for label in ("displayWindow", "dataWindow")]
        (width, height), (wide, high) = ((right - left + 1, low - top + 1) for left, top, right, low in windows)
        if min(width, height, wide, high) < 1:
            raise ValueError("an empty window")
        channels, kinds, at = [], [], 0
        while found["channels"][at] != 0:
            label, at = _text(found["channels"], at)
            channels.append(label)
            kinds.append(struct.unpack_from("<i", found["channels"], at)[0])
            at += 16
        given = found.get("chromaticities")
        rate = found.get("framesPerSecond")
        num, den = struct.unpack("<iI", rate) if rate is not None and len(rate) == 8 else (0, 1)
        return ExrHeader(
            width, height, wide, high, tuple(channels), 2 not in kinds,
            struct.unpack("<8f", given) if given is not None and len(given) == 32 else None,
            Fraction(num, den) if num > 0 and den > 0 else None,
        )  # fmt: skip
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise MediaError(
            f"{name} is damaged and cannot be read. Export it again.", code="damaged_picture", name=name
        ) from error


def decoded(codec: str, data: bytes, name: str, max_pixels: int) -> Any:
    """The one frame of a still picture's bytes, held to `max_pixels`. Raises MediaError (damaged_picture)."""
    context: Any = av.CodecContext.create(codec, "r")
    context.thread_count = 1
    context.options = {"max_pixels": str(max_pixels)}
    try:
        frames = [*context.decode(av.Packet(data)), *context.decode(None)]
    except MemoryError:
        raise
    except (av.error.FFmpegError, ValueError):
        frames = []
    if not frames or frames[0].is_corrupt:
        raise MediaError(f"{name} is damaged and cannot be read. Export it again.", code="damaged_picture", name=name)
    return frames[0]


def float_planes(frame: Any) -> NDArray:
    """(H, W, 1, 3 or 4) float32 of a decoded frame of float samples, in the order grey or R, G, B, A."""
    name, parts = frame.format.name, []
    kind = np.dtype("<f2") if "f16" in name else np.dtype("<f4")
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
        parts.append(rows.astype(np.float32, copy=False))
    if len(parts) == 1:  # packed, or grey alone
        count = 4 if name.startswith("rgbaf") else 3 if name.startswith("rgbf") else 1
        return parts[0][:, : frame.width * count].reshape(frame.height, frame.width, count).copy()
    green, blue, red, *alpha = (part[:, : frame.width] for part in parts)
    return np.dstack([red, green, blue, *alpha])


def read_exr(data: bytes, name: str, max_pixels: int) -> NDArray:
    """(H, W, 3 or 4) float32 as stored: linear, premultiplied. Raises MediaError (damaged_picture)."""
    _require_whole(data, name)
    picture = float_planes(decoded("exr", data, name, max_pixels))
    picture = np.nan_to_num(picture, copy=False, nan=0.0, posinf=HALF_MOST, neginf=0.0)
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def _require_whole(data: bytes, name: str) -> None:
    """Raise MediaError where a block lies outside the file: the decoder leaves it black and says nothing."""
    at, found = 8, {}
    try:
        (flags,) = struct.unpack_from("<i", data, 4)
        if flags & (TILED | MULTIPART):
            return
        while data[at] != 0:
            label, at = _text(data, at)
            _kind, at = _text(data, at)
            (size,) = struct.unpack_from("<i", data, at)
            found[label], at = data[at + 4 : at + 4 + size], at + 4 + size
        _left, top, _right, low = struct.unpack("<4i", found["dataWindow"])
        count = -(-(low - top + 1) // BLOCK_ROWS[found["compression"][0]])
        for start in struct.unpack_from(f"<{count}Q", data, at + 1):
            _row, size = struct.unpack_from("<2i", data, start)
            if size < 0 or start + 8 + size > len(data):
                raise ValueError("a block outside the file")
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise MediaError(
            f"{name} is damaged and cannot be read. Export it again.", code="damaged_picture", name=name
        ) from error


def exr_bytes(picture: NDArray, fps: Fraction | None = None) -> bytes:
    """An EXR of (H, W, 3 or 4) float32 linear BT.709, premultiplied with alpha: half floats, ZIP, 16 rows a block.

    The same picture gives the same bytes. Raises ShapeError.
    """
    if picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise ShapeError(f"expected (H, W, 3) or (H, W, 4), got {picture.shape}")
    height, width, count = picture.shape
    names = "ABGR" if count == 4 else "BGR"  # the format wants them in the order of the alphabet
    rows = np.clip(picture[..., ["RGBA".index(name) for name in names]], -HALF_MOST, HALF_MOST).astype("<f2")
    rows = np.ascontiguousarray(rows.transpose(0, 2, 1))  # (H, channel, W): each row's channels one after the other
    box = struct.pack("<4i", 0, 0, width - 1, height - 1)
    channels = b"".join(name.encode() + b"\0" + struct.pack("<iB3xii", 1, 0, 1, 1) for name in names) + b"\0"
    attributes = [
        ("channels", "chlist", channels),
        ("chromaticities", "chromaticities", struct.pack("<8f", *BT709)),
        ("compression", "compression", b"\3"),
        ("dataWindow", "box2i", box),
        ("displayWindow", "box2i", box),
        *([("framesPerSecond", "rational", struct.pack("<iI", fps.numerator, fps.denominator))] if fps else []),
        ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
    ]
    head = MAGIC + struct.pack("<i", 2)
    for name, kind, value in attributes:
        head += name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<i", len(value)) + value
    head += b"\0"
    blocks, table = [], []
    at = len(head) + 8 * -(-height // ROWS)
    for first in range(0, height, ROWS):
        packed = _zipped(rows[first : first + ROWS].tobytes())
        table.append(at)
        blocks.append(struct.pack("<2i", first, len(packed)) + packed)
        at += len(blocks[-1])
    return head + struct.pack(f"<{len(table)}Q", *table) + b"".join(blocks)


def _zipped(raw: bytes) -> bytes:
    """Every other byte first, each as the difference from the one before, deflated; as it is where that is no gain."""
    flat = np.frombuffer(raw, np.uint8)
    split = np.concatenate([flat[0::2], flat[1::2]])
    steps = split.copy()
    steps[1:] = split[1:] - split[:-1] + np.uint8(128)
    packed = zlib.compress(steps.tobytes(), 4)
    return packed if len(packed) < len(raw) else raw
