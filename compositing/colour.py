"""Colour: sRGB and BT.709 numbers to linear light and back. Everything else in the engine sees linear float32.

Video is decoded by the sRGB curve (IEC 61966-2-1, piecewise): that is what screens show and what artists see, and the
same curve on the way in and out makes an untouched pixel come back as it was.
"""

import numpy as np
import numpy.typing as npt

from compositing.devices import kernel

Picture = npt.NDArray[np.float32]  # (H, W, 3) linear, or (H, W, 4) linear premultiplied
Plane = npt.NDArray[np.float32]  # (H, W)
Coded = npt.NDArray[np.uint8]  # (H, W, 3) sRGB

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709, linear
MIDDLE_GREY = 0.18

_STEPS = 4096  # table entries per unit of coded value: half a step is 1/32 of an 8-bit code
_REACH = 1.25  # super-white that limited-range video may carry


def decode_srgb(coded: npt.NDArray[np.floating]) -> Picture:
    """Linear light of sRGB-coded values (any shape, 0..1; negatives become 0)."""
    c = np.maximum(np.asarray(coded, np.float64), 0.0)
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encode_srgb(linear: npt.NDArray[np.floating]) -> Picture:
    """sRGB-coded values of linear light (any shape); clipped to 0..1."""
    x = np.clip(np.asarray(linear, np.float64), 0.0, 1.0)
    return np.where(x <= 0.0031308, x * 12.92, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)


TO_LINEAR: Plane = decode_srgb(np.arange(int(_STEPS * _REACH) + 1) / _STEPS)
TO_CODE8: npt.NDArray[np.uint8] = np.round(encode_srgb(np.arange(65536) / 65535.0) * 255).astype(np.uint8)
_FROM8: Plane = decode_srgb(np.arange(256) / 255.0)
_FROM16: Plane = decode_srgb(np.arange(65536) / 65535.0)


def linear_from_coded(coded: npt.NDArray[np.unsignedinteger]) -> Picture:
    """Linear float32 of 8- or 16-bit sRGB-coded integers (any shape)."""
    return (_FROM8 if coded.dtype == np.uint8 else _FROM16)[coded]


@kernel
def light_of(code):  # type: ignore[no-untyped-def]
    """Linear light of an sRGB-coded number 0..1.25, within 0.01 of an 8-bit code; fit for loops of whole vectors."""
    code = min(max(code, np.float32(0.0)), np.float32(1.25))
    high = np.float32(0.44952461) + code * (np.float32(-0.20428269) + code * np.float32(0.040161394))
    high = np.float32(0.78485131) + code * (np.float32(-0.60303462) + code * high)
    power = np.float32(0.034418013) + code * (np.float32(0.4974955) + code * high)
    power = np.float32(0.00087698671) + code * power
    return power if code > np.float32(0.04045) else code * np.float32(1 / 12.92)


@kernel
def _encode8(linear: Picture, table: npt.NDArray[np.uint8], out: Coded) -> None:
    height, width, channels = linear.shape
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                value = linear[y, x, c]
                index = int(value * np.float32(65535.0) + np.float32(0.5)) if value > 0 else 0
                out[y, x, c] = table[min(index, 65535)]


def code8(linear: Picture) -> Coded:
    """8-bit sRGB of a linear picture (H, W, C); clipped."""
    out = np.empty(linear.shape, np.uint8)
    _encode8(np.ascontiguousarray(linear, np.float32), TO_CODE8, out)
    return out


def luminance(rgb: Picture) -> Plane:
    """BT.709 luminance of a linear picture (..., 3)."""
    return np.asarray(rgb[..., :3] @ LUMA, np.float32)


def chroma_basis(key: npt.NDArray[np.floating]) -> tuple[Plane, Plane]:
    """Two directions that span colour without brightness: `along` the screen's colour and `across` it.

    key: linear RGB of the screen. Both are unit vectors orthogonal to grey (1, 1, 1), so a neutral pixel has 0 in both.
    """
    grey = np.full(3, 1 / np.sqrt(3.0))
    along = np.asarray(key, np.float64) - np.asarray(key, np.float64).mean()
    norm = np.linalg.norm(along)
    along = along / norm if norm > 1e-9 else np.array([-1.0, 2.0, -1.0]) / np.sqrt(6.0)
    return along.astype(np.float32), np.cross(grey, along).astype(np.float32)
