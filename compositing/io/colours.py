"""From coded YUV to the RGB its tags promise, with the matrix and the range always said, never a library's default.

A film that does not say its matrix is taken as BT.709 when its longer side has at least 960 pixels or it has at least
720 lines (HD, its halves, and upright phone footage), else as BT.601 (SD and small web clips); one that does not say
its range is limited, unless its pixel format (yuvj) or RGB says full.
"""

from __future__ import annotations

from typing import Any, Literal, Self

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

ACCURATE = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)

Matrix = Literal["bt709", "bt601", "smpte240m", "bt2020", "rgb"]
_MATRIX_OF_TAG: dict[int, Matrix] = {
    0: "rgb",
    1: "bt709",
    4: "bt601",
    5: "bt601",
    6: "bt601",
    7: "smpte240m",
    9: "bt2020",
    10: "bt2020",
}
_SWS = {
    "bt709": Colorspace.ITU709,
    "bt601": Colorspace.ITU601,
    "smpte240m": Colorspace.SMPTE240M,
    "bt2020": Colorspace.BT2020,
}
_PLANAR = {
    f"yuv{layout}p{deep}": (8 if not deep else int(deep[:2]))
    for layout in ("420", "422", "444")
    for deep in ("", "10le", "12le")
} | {"yuvj420p": 8, "yuvj422p": 8, "yuvj444p": 8}


class Planes(tuple[NDArray, NDArray, NDArray]):
    """(Y, U, V) as stored: uint8, or uint16 for 10 and 12 bits; U and V at their own size (half for 4:2:0).

    depth: bits a sample; matrix: "bt709", "bt601", ...; full_range: whether 0..2^depth-1 is used, else 16..235 and
    16..240.
    """

    depth: int
    matrix: Matrix
    full_range: bool

    def __new__(cls, y: NDArray, u: NDArray, v: NDArray, *, depth: int, matrix: Matrix, full_range: bool) -> Self:
        planes = super().__new__(cls, (y, u, v))
        planes.depth, planes.matrix, planes.full_range = depth, matrix, full_range
        return planes


def untagged_matrix(width: int, height: int) -> Matrix:
    """The matrix of a film that does not say: see the head of this file."""
    return "bt709" if max(width, height) >= 960 or height >= 720 else "bt601"


def _is_rgb(pix_fmt: str) -> bool:
    return pix_fmt.startswith(("rgb", "bgr", "gbr", "pal8", "argb", "abgr", "0rgb", "0bgr"))


def tagged(context: Any) -> bool:
    """Whether the decoder's stream says its matrix."""
    return int(context.colorspace) in _MATRIX_OF_TAG


def colours(context: Any, pix_fmt: str) -> tuple[Matrix, bool]:
    """(matrix, full range?) that pixels of this decoder context and format are coded with."""
    if _is_rgb(pix_fmt):
        return "rgb", True
    matrix = _MATRIX_OF_TAG.get(int(context.colorspace))
    if matrix is None or matrix == "rgb":
        matrix = untagged_matrix(context.width, context.height)
    return matrix, int(context.color_range) == 2 or pix_fmt.startswith("yuvj")


def pixels(context: Any, frame: av.VideoFrame, *, bits: int = 8, alpha: bool = False) -> NDArray:
    """(H, W, 3 or 4) sRGB-coded uint8 or uint16 of one decoded frame, as stored: not turned, not cropped."""
    matrix, full = colours(context, frame.format.name)
    target = {(8, False): "rgb24", (16, False): "rgb48le", (8, True): "rgba", (16, True): "rgba64le"}[bits, alpha]
    sws = _SWS.get(matrix)
    shown = frame.reformat(
        format=target,
        src_colorspace=sws,
        dst_colorspace=sws,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=ACCURATE,
    )
    return shown.to_ndarray()


def planes(context: Any, frame: av.VideoFrame) -> Planes:
    """The frame's own planes; anything but planar YUV is first made 10-bit 4:4:4 BT.709 limited."""
    matrix, full = colours(context, frame.format.name)
    name = frame.format.name
    if name not in _PLANAR:
        frame = frame.reformat(
            format="yuv444p10le",
            src_colorspace=_SWS.get(matrix),
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=ACCURATE,
        )
        name, matrix, full = "yuv444p10le", "bt709", False
    depth = _PLANAR[name]
    kind = np.dtype("<u2") if depth > 8 else np.dtype("u1")
    parts = []
    for plane in frame.planes:
        rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
        parts.append(rows[:, : plane.width].copy())
    return Planes(*parts, depth=depth, matrix=matrix, full_range=full)
