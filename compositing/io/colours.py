"""From coded YUV to the RGB its tags promise, with the matrix and the range always said, never a library's default.

A film that does not say its matrix is taken as BT.709 when its longer side has at least 960 pixels or it has at least
720 lines (HD, its halves, and upright phone footage), else as BT.601 (SD and small web clips); one that does not say
its range is limited, unless its pixel format (yuvj) or RGB says full. What is PQ, HLG, BT.2020 or P3 comes out as
BT.709 for an SDR screen (`compositing.transfer`): nothing above this file knows of anything else. BT.601's primaries,
which differ from BT.709's by less than their makers' tolerances, are left as they are, as players do.
"""

from __future__ import annotations

from typing import Any, Literal, Self

import av
import cv2
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
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
    for deep in ("", "10le", "12le", "16le")
} | {"yuvj420p": 8, "yuvj422p": 8, "yuvj444p": 8}
_PLANAR |= {name.replace("yuv", "yuva"): depth for name, depth in _PLANAR.items() if not name.startswith("yuvj")}
# The same samples in another order: made planar without touching a value.
_REORDERED = {
    "nv12": "yuv420p", "nv21": "yuv420p", "nv16": "yuv422p", "nv24": "yuv444p", "yuyv422": "yuv422p",
    "uyvy422": "yuv422p", "p010le": "yuv420p10le", "p210le": "yuv422p10le", "p410le": "yuv444p10le",
}  # fmt: skip
_TRANSFERS = {int(ColorTrc.SMPTE2084): "pq", int(ColorTrc.ARIB_STD_B67): "hlg"}
_WIDE = {
    int(ColorPrimaries.BT2020): "bt2020", int(ColorPrimaries.SMPTE432): "p3_d65", int(ColorPrimaries.SMPTE431): "p3_dci"
}  # fmt: skip


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


def conversion(context: Any) -> tuple[str, str] | None:
    """(transfer, gamut) of this decoder's colours, as `compositing.transfer` names them; None for BT.709 SDR."""
    transfer = _TRANSFERS.get(int(context.color_trc), "sdr")
    named = int(context.color_primaries)
    wide = _WIDE.get(named)
    if wide is None and (transfer != "sdr" or (int(context.colorspace) in (9, 10) and named in (0, 2))):
        wide = "bt2020"  # what HDR and a BT.2020 matrix come with where the film does not say
    return None if wide is None else (transfer, wide)


def _sdr(coded: NDArray, needed: tuple[str, str]) -> NDArray:
    # Loaded by need: it compiles kernels, and a child that only probes has no memory for a compiler.
    from compositing.transfer import conversion_of, to_sdr

    return to_sdr(coded, conversion_of(*needed))


def _shown(frame: av.VideoFrame, target: str, matrix: Matrix, full: bool) -> NDArray:
    sws = _SWS.get(matrix)
    return frame.reformat(
        format=target,
        src_colorspace=sws,
        dst_colorspace=sws,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=ACCURATE,
    ).to_ndarray()


def pixels(context: Any, frame: av.VideoFrame, *, bits: int = 8, alpha: bool = False) -> NDArray:
    """(H, W, 3 or 4) sRGB-coded BT.709 uint8 or uint16 of one decoded frame, as stored: not turned, not cropped."""
    matrix, full = colours(context, frame.format.name)
    needed = conversion(context)
    deep = 16 if needed else bits
    target = {(8, False): "rgb24", (16, False): "rgb48le", (8, True): "rgba", (16, True): "rgba64le"}[deep, alpha]
    shown = _shown(frame, target, matrix, full)
    if needed is None:
        return shown
    out = _sdr(shown[..., :3], needed)
    if alpha:
        out = np.dstack([out, shown[..., 3]])
    return out if bits == 16 else (np.minimum(out, 0xFF7F) + np.uint16(0x80) >> 8).astype(np.uint8)


def planes(context: Any, frame: av.VideoFrame) -> Planes:
    """The frame's own planes. What is no planar YUV, or not BT.709 SDR, is made 16-bit full-range BT.709 YUV first,
    its colour as fine as the film stores it.
    """
    matrix, full = colours(context, frame.format.name)
    needed = conversion(context)
    name = _REORDERED.get(frame.format.name, frame.format.name)
    if needed is None and name in _PLANAR:
        if name != frame.format.name:
            frame = frame.reformat(format=name)
        depth = _PLANAR[name]
        kind = np.dtype("<u2") if depth > 8 else np.dtype("u1")
        parts = []
        for plane in frame.planes[:3]:
            rows = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
            parts.append(rows[:, : plane.width].copy())
        return Planes(*parts, depth=depth, matrix=matrix, full_range=full)
    shown = _shown(frame, "rgb48le", matrix, full)
    made = planes_of_rgb(_sdr(shown, needed) if needed else shown)
    if name not in _PLANAR or "444" in name:
        return made
    # Colour stays as coarse as it was, so that whoever makes it finer does so by the brightness of the picture.
    height, width = shown.shape[:2]
    size = (-(-width // 2), -(-height // 2) if "420" in name else height)
    low = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in made[1:]]
    return Planes(made[0], *low, depth=16, matrix="bt709", full_range=True)


def planes_of_rgb(coded: NDArray) -> Planes:
    """16-bit full-range BT.709 YUV 4:4:4 of (H, W, 3) RGB, uint8 or uint16."""
    rgb = coded[..., :3].astype(np.float32) * np.float32(65535 / np.iinfo(coded.dtype).max)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    luma = np.float32(0.2126) * red + np.float32(0.7152) * green + np.float32(0.0722) * blue
    u = (blue - luma) * np.float32(1 / 1.8556) + np.float32(32768)
    v = (red - luma) * np.float32(1 / 1.5748) + np.float32(32768)
    parts = [np.round(np.clip(plane, 0, 65535)).astype(np.uint16) for plane in (luma, u, v)]
    return Planes(*parts, depth=16, matrix="bt709", full_range=True)
