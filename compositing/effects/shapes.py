# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Soft shapes laid over one another or added as light, and what turns the sum into a picture with straight alpha."""

import math

import numpy as np
from numpy.typing import NDArray

from compositing.plates.kernels import kernel
from compositing.plates.noise import value_noise

# What one shape is: its columns. Lengths in pixels, angle in radians (0 lies flat), colour and cover 0..1 (light: any).
# Of what is to look round (laid, not shone): SIDE 0..1 lighter to its own left, darker to its right (below 0 the other
# way), ROUND 0..1 darker towards both edges, FOLD 0..1 how deep its cloth is creased.
X, Y, LONG, WIDE, ANGLE, SOFT, RIM, RED, GREEN, BLUE, COVER, SIDE, ROUND, FOLD = range(14)
COLUMNS = 14
_LEVELS = 4096


def shapes(count: int) -> NDArray[np.float32]:
    """(count, COLUMNS) of nothing yet: hard, filled, white, unseen."""
    made = np.zeros((count, COLUMNS), np.float32)
    made[:, RED : BLUE + 1] = 1
    return made


_OPEN: NDArray[np.float32] = np.zeros((0, 0), np.float32)


def lay(
    picture: NDArray[np.float32], parts: NDArray[np.float32], metres: NDArray[np.float32] = _OPEN,
    far: NDArray[np.float32] | None = None,
) -> None:  # fmt: skip
    """Lay shapes over `picture` (H, W, 4), premultiplied sRGB, in place, the last on top.

    Soft 0 is a disc with a clean edge, 1 fades from its middle on; rim 0 is filled, 1 is a ring, as a point of light
    out of focus is. metres (H, W): what stands nearer there than a shape's own distance `far` (count,) hides it.
    """
    _lay(
        picture, np.ascontiguousarray(parts, np.float32), False, metres, np.zeros(0, np.float32) if far is None else far
    )


def shine(light: NDArray[np.float32], parts: NDArray[np.float32]) -> None:
    """Add shapes to `light` (H, W, 3 or more), linear, in place: their order does not matter."""
    _lay(light, np.ascontiguousarray(parts, np.float32), True, _OPEN, np.zeros(0, np.float32))


@kernel
def _lay(picture, parts, adding, metres, far):
    height, width = picture.shape[:2]
    for k in range(parts.shape[0]):
        cover = parts[k, 10]
        if cover <= 0:
            continue
        long_, wide = max(parts[k, 2], np.float32(0.4)), max(parts[k, 3], np.float32(0.4))
        # What is thinner than a pixel covers less of it, not none.
        thin = min(parts[k, 3] / wide, np.float32(1.0)) * min(parts[k, 2] / long_, np.float32(1.0))
        cos, sin = math.cos(parts[k, 4]), math.sin(parts[k, 4])
        reach_x = abs(long_ * cos) + abs(wide * sin) + 1
        reach_y = abs(long_ * sin) + abs(wide * cos) + 1
        soft, rim, edge = parts[k, 5], parts[k, 6], min(long_, wide)
        hides = far[k] - 0.35 if metres.shape[0] > 0 else np.float32(-1.0)
        for y in range(max(0, int(parts[k, 1] - reach_y)), min(height, int(parts[k, 1] + reach_y) + 2)):
            dy = y + 0.5 - parts[k, 1]
            for x in range(max(0, int(parts[k, 0] - reach_x)), min(width, int(parts[k, 0] + reach_x) + 2)):
                dx = x + 0.5 - parts[k, 0]
                u = (dx * cos + dy * sin) / long_
                v = (dy * cos - dx * sin) / wide
                d = math.sqrt(u * u + v * v)
                hard = min(1.0, max(0.0, (1 - d) * edge + 0.5))
                if hard <= 0:
                    continue
                if hides > 0 and metres[y, x] < hides:
                    continue
                fade = max(0.0, 1 - d * d)
                part = hard + soft * (fade * fade - hard)
                if rim > 0:
                    part *= 1 - rim + rim * min(1.0, d * d * d)
                part = max(0.0, part * cover * thin)
                if adding:
                    for c in range(3):
                        picture[y, x, c] += parts[k, 7 + c] * part
                else:
                    lit = np.float32(1.0)
                    if parts[k, 12] > 0 or parts[k, 11] != 0:
                        lit = lit + parts[k, 11] * v - parts[k, 12] * v * v
                    if parts[k, 13] > 0:
                        crease = value_noise(v * 2.6 + 3.1 * k, u * 1.7 + 0.9 * v, 61) - 0.5
                        crease += 0.5 * (value_noise(v * 6.0 + u, u * 3.1 + 1.7 * k, 62) - 0.5)
                        lit = lit * (1 + parts[k, 13] * crease)
                    for c in range(3):
                        picture[y, x, c] += (min(np.float32(1.0), parts[k, 7 + c] * lit) - picture[y, x, c]) * part
                    picture[y, x, 3] += (1 - picture[y, x, 3]) * part


def covered(picture: NDArray[np.float32]) -> NDArray[np.uint16]:
    """(H, W, 4) uint16, straight alpha, of what `lay` made."""
    return np.asarray(_straight(picture))


@kernel
def _straight(picture):
    height, width = picture.shape[:2]
    out = np.zeros((height, width, 4), np.uint16)
    for y in range(height):
        for x in range(width):
            alpha = picture[y, x, 3]
            if alpha > 1e-4:
                for c in range(3):
                    out[y, x, c] = np.uint16(min(1.0, picture[y, x, c] / alpha) * 65535 + 0.5)
                out[y, x, 3] = np.uint16(min(np.float32(1.0), alpha) * 65535 + 0.5)
    return out


def glowing(light: NDArray[np.float32]) -> NDArray[np.uint16]:
    """(H, W, 4) uint16 sRGB, straight alpha, of light (H, W, 3 or more): faint light lets the ground through, strong
    light goes white.

    Each channel saturates by itself, as on film; the alpha is the strongest channel's.
    """
    return np.asarray(_film(light, _ENCODED, _PASSES))


def _encoded() -> NDArray[np.float32]:
    linear = np.linspace(0, 1, _LEVELS)
    return np.where(linear < 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


_ENCODED = _encoded()
_STEPS, _BRIGHTEST = 512, 16.0  # of the table below, for each unit of light; beyond it nothing passes
_PASSES = np.exp(-np.arange(_STEPS * int(_BRIGHTEST) + 2) / _STEPS).astype(np.float32)


@kernel
def _passed(light, passes):
    """exp(-light), from a table: within a millionth."""
    at = min(max(light, np.float32(0.0)), np.float32(_BRIGHTEST)) * np.float32(_STEPS)
    k = int(at)
    return passes[k] + (passes[k + 1] - passes[k]) * (at - np.float32(k))


@kernel
def _film(light, encoded, passes):
    height, width = light.shape[:2]
    out = np.zeros((height, width, 4), np.uint16)
    levels = encoded.shape[0] - 1
    for y in range(height):
        for x in range(width):
            most = max(light[y, x, 0], light[y, x, 1], light[y, x, 2])
            if most > 2e-4:
                alpha = 1 - _passed(most, passes)
                for c in range(3):
                    told = (1 - _passed(light[y, x, c], passes)) / alpha
                    out[y, x, c] = np.uint16(encoded[int(told * levels + 0.5)] * 65535)
                out[y, x, 3] = np.uint16(alpha * 65535 + 0.5)
    return out
