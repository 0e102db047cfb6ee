"""TIFF: read by FFmpeg's decoder after a look at its first directory.

Source: TIFF 6.0, section 2 (directories) and "ExtraSamples".
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from compositing.errors import MediaError
from compositing.io.container import too_many_pixels
from compositing.io.exr import decoded, float_planes

HEADS = (b"II*\0", b"MM\0*")
ASSOCIATED = 1  # ExtraSamples: alpha that colour is multiplied by already


def tiff_facts(data: bytes) -> tuple[int, int, bool]:
    """(width, height, whether colour is multiplied by alpha) from the first directory. Raises ValueError."""
    order = {HEADS[0]: "<", HEADS[1]: ">"}.get(data[:4])
    try:
        if order is None:
            raise ValueError("no TIFF")
        (at,) = struct.unpack_from(order + "I", data, 4)
        (count,) = struct.unpack_from(order + "H", data, at)
        found = {}
        for number in range(count):
            tag, kind, _much = struct.unpack_from(order + "HHI", data, at + 2 + 12 * number)
            found[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, at + 10 + 12 * number)[0]
        return found[256], found[257], found.get(338) == ASSOCIATED
    except (struct.error, KeyError) as error:
        raise ValueError("a broken TIFF") from error


def read_tiff(data: bytes, name: str, max_pixels: int) -> NDArray:
    """(H, W, 3 or 4) as its samples are: uint8 or uint16 sRGB-coded and straight, or float32 linear and premultiplied.

    Raises MediaError (damaged_picture) and Refused (too_many_pixels).
    """
    try:
        width, height, associated = tiff_facts(data)
    except ValueError as error:
        raise MediaError(
            f"{name} is damaged and cannot be read. Export it again.", code="damaged_picture", name=name
        ) from error
    if width * height > max_pixels:
        raise too_many_pixels(name, width, height, max_pixels)
    frame = decoded("tiff", data, name, max_pixels)
    kind = frame.format.name
    if "f32" in kind or "f16" in kind:
        picture = float_planes(frame)
        picture = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
        if picture.shape[2] == 4 and not associated:
            picture[..., :3] *= picture[..., 3:]
        return picture
    deep = any(part.bits > 8 for part in frame.format.components)
    clear = kind.startswith(("rgba", "ya", "gbrap"))
    target = ("rgba64le" if clear else "rgb48le") if deep else ("rgba" if clear else "rgb24")
    picture = frame.reformat(format=target, src_color_range=2, dst_color_range=2).to_ndarray()
    return straight(picture) if clear and associated else picture


def straight(picture: NDArray) -> NDArray:
    """(H, W, 4) of whole numbers with colour divided by alpha."""
    top = np.iinfo(picture.dtype).max
    alpha = np.maximum(picture[..., 3:].astype(np.float32), 1)
    colour = np.minimum(np.round(picture[..., :3] * (top / alpha)), top)
    return np.dstack([colour.astype(picture.dtype), picture[..., 3]])
