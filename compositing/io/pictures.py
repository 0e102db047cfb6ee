"""Read and write still pictures: PNG, JPEG, WebP, TIFF in; PNG (8 and 16 bit) and JPEG out."""

from __future__ import annotations

import zlib
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.errors import EngineError, MediaError, Refused, ShapeError
from compositing.io.container import MAX_PIXELS, sniff_text, too_many_pixels
from compositing.io.tiff import HEADS, read_tiff


def picture_kind(head: bytes) -> str | None:
    """What a file is by its first bytes, never by its name: "png", "jpeg", "webp", "tiff" or None."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "tiff" if head.startswith(HEADS) else None


def picture_size(data: bytes, kind: str) -> tuple[int, int] | None:
    """(width, height) from the header alone, so that a bomb is refused before a pixel is made. None: no header
    found.
    """
    if kind == "png":
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if kind == "webp":
        form = data[12:16]
        if form == b"VP8X":
            return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
        if form == b"VP8L":
            word = int.from_bytes(data[21:25], "little")
            return 1 + (word & 0x3FFF), 1 + (word >> 14 & 0x3FFF)
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    at = 2
    while at + 9 < len(data):
        if data[at] != 0xFF:
            return None
        mark = data[at + 1]
        if mark in (0xFF, 0x01) or 0xD0 <= mark <= 0xD8:
            at += 1 if mark == 0xFF else 2
        elif 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None


def read_picture(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> NDArray:
    """(H, W, 3) RGB or (H, W, 4) RGBA straight, as coded: uint8, or uint16 where the file has 16 bits.

    Grey becomes RGB; a JPEG's EXIF turn is applied. Raises Refused (svg, not_a_picture, too_many_pixels, missing) and
    MediaError for a broken file.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused(f"{path.name} cannot be opened: {error.strerror}.", code="missing", name=path.name) from error
    return decode_picture(data, path.name, max_pixels=max_pixels)


def decode_picture(data: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> NDArray:
    """`read_picture` of bytes that are read already; `name` is what its errors call them."""
    kind = picture_kind(data[:16])
    if kind is None:
        if sniff_text(data[:4096]) == "svg":
            raise Refused(f"{name} is an SVG drawing. Export it as PNG and upload that.", code="svg", name=name)
        raise Refused(
            f"{name} is not a PNG, JPEG, WebP or TIFF picture. Export it as one of these.",
            code="not_a_picture",
            name=name,
        )
    if kind == "tiff":
        read = read_tiff(data, name, max_pixels)
        if read.dtype == np.float32:
            raise Refused(
                f"{name} holds floating-point numbers: a still plate cannot. "
                "Export it in 16 bits, or send it as EXR in a zip.",
                code="float_picture",
                name=name,
            )
        return read
    size = picture_size(data, kind)
    if size is None:
        raise MediaError(f"{name} is damaged: it does not say its size.", code="damaged_picture", name=name)
    if size[0] * size[1] > max_pixels:
        raise too_many_pixels(name, *size, max_pixels)
    # IMREAD_UNCHANGED keeps alpha and 16 bits but not the EXIF turn, so JPEG (which has neither) is read as colour.
    mode = cv2.IMREAD_COLOR if kind == "jpeg" else cv2.IMREAD_UNCHANGED
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error:
        picture = None
    if picture is None:
        raise MediaError(f"{name} is damaged and cannot be read. Export it again.", code="damaged_picture", name=name)
    if picture.ndim == 2:
        return np.repeat(picture[:, :, None], 3, axis=2)
    order = cv2.COLOR_BGRA2RGBA if picture.shape[2] == 4 else cv2.COLOR_BGR2RGB
    return cv2.cvtColor(picture, order)


def png16_bytes(picture: NDArray) -> bytes:
    """A PNG of (H, W, 3) RGB or (H, W, 4) RGBA straight uint16, tagged as sRGB. Raises ShapeError for another type."""
    if picture.dtype != np.uint16 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise ShapeError(f"expected (H, W, 3 or 4) uint16, got {picture.shape} {picture.dtype}")
    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    ok, data = cv2.imencode(".png", cv2.cvtColor(picture, order), [cv2.IMWRITE_PNG_COMPRESSION, 2])
    if not ok:
        raise EngineError("A picture could not be encoded as a picture.", code="cannot_encode", name="PNG")
    whole = data.tobytes()
    # After the signature and IHDR: the chunk that says sRGB, perceptual. Source: PNG (third edition), 11.3.2.5.
    chunk = b"sRGB\0"
    return whole[:33] + (1).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big") + whole[33:]


def _write(path: str | Path, picture: NDArray, options: list[int]) -> None:
    path = Path(path)
    if picture.ndim == 3 and picture.shape[2] in (3, 4):
        order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
        picture = cv2.cvtColor(np.ascontiguousarray(picture), order)
    elif picture.ndim != 2:
        raise ShapeError(f"expected (H, W), (H, W, 3) or (H, W, 4), got {picture.shape}")
    ok, data = cv2.imencode(path.suffix.lower(), picture, options)
    if not ok:
        raise EngineError(f"{path.name} could not be encoded as a picture.", code="cannot_encode", name=path.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.tobytes())


def write_png8(path: str | Path, picture: NDArray) -> None:
    """Write (H, W), (H, W, 3) RGB or (H, W, 4) RGBA straight uint8 as PNG. Raises ShapeError for another type."""
    if picture.dtype != np.uint8:
        raise ShapeError(f"expected uint8, got {picture.dtype}")
    _write(path, picture, [cv2.IMWRITE_PNG_COMPRESSION, 4])


def write_png16(path: str | Path, picture: NDArray) -> None:
    """Write (H, W), (H, W, 3) RGB or (H, W, 4) RGBA straight uint16 as PNG. Raises ShapeError for another type."""
    if picture.dtype != np.uint16:
        raise ShapeError(f"expected uint16, got {picture.dtype}")
    _write(path, picture, [cv2.IMWRITE_PNG_COMPRESSION, 4])


def write_jpg(path: str | Path, picture: NDArray, quality: int = 88) -> None:
    """Write (H, W, 3) RGB uint8 as JPEG; quality 0..100, from 90 on with colour at full resolution."""
    if picture.dtype != np.uint8:
        raise ShapeError(f"expected uint8, got {picture.dtype}")
    sampling = cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444 if quality >= 90 else cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, sampling]
    _write(path, picture, options)
