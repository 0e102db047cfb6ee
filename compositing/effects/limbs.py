# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What people are drawn from: limbs that get wider or narrower from one end to the other, laid over one another."""

import math

import numpy as np
from numpy.typing import NDArray

from compositing.effects.shapes import _OPEN
from compositing.plates.kernels import kernel
from compositing.plates.noise import value_noise

# What one limb is: its columns. From (X0, Y0) to (X1, Y1), R0 and R1 half as wide there, in pixels. SOFT 0 has a clean
# edge, 1 fades from its middle on. COVER 0..1. SIDE: how much lighter its right side is (below 0 its left); ROUND:
# darker towards both edges; FOLD: how deep its cloth is creased, along it. CUT 1: ends straight at its second end,
# 2: at both.
X0, Y0, R0, X1, Y1, R1, SOFT, RED, GREEN, BLUE, COVER, SIDE, ROUND, FOLD, CUT = range(15)
COLUMNS = 15


def limbs(count: int) -> NDArray[np.float32]:
    """(count, COLUMNS) of nothing yet."""
    return np.zeros((count, COLUMNS), np.float32)


def lay_limbs(
    picture: NDArray[np.float32], parts: NDArray[np.float32], metres: NDArray[np.float32] = _OPEN,
    far: NDArray[np.float32] | None = None,
) -> None:  # fmt: skip
    """Lay limbs over `picture` (H, W, 4), premultiplied sRGB, in place, the last on top; metres, far: as in
    `shapes.lay`. Source: the distance to a segment whose width changes evenly; one pixel of it is its edge."""
    far = np.zeros(0, np.float32) if far is None else far
    _lay_limbs(picture, np.ascontiguousarray(parts, np.float32), metres, far)


@kernel
def _lay_limbs(picture, parts, metres, far):
    height, width = picture.shape[:2]
    for k in range(parts.shape[0]):
        cover = parts[k, 10]
        if cover <= 0:
            continue
        x0, y0, r0 = parts[k, 0], parts[k, 1], max(parts[k, 2], np.float32(0.35))
        x1, y1, r1 = parts[k, 3], parts[k, 4], max(parts[k, 5], np.float32(0.35))
        # what is thinner than a pixel covers less of it, not none
        cover *= min(np.float32(1.0), max(parts[k, 2], parts[k, 5]) / np.float32(0.35))
        dx, dy = x1 - x0, y1 - y0
        square = max(dx * dx + dy * dy, np.float32(1e-4))
        long_ = math.sqrt(square)
        hides = far[k] - 0.35 if metres.shape[0] > 0 else np.float32(-1.0)
        top, foot = min(y0 - r0, y1 - r1) - 1, max(y0 + r0, y1 + r1) + 2
        left, right = min(x0 - r0, x1 - r1) - 1, max(x0 + r0, x1 + r1) + 2
        soft, side, round_, fold, cut = parts[k, 6], parts[k, 11], parts[k, 12], parts[k, 13], parts[k, 14]
        folded = fold > 0 and max(r0, r1) > 2.2
        for y in range(max(0, int(top)), min(height, int(foot) + 1)):
            py = y + np.float32(0.5)
            for x in range(max(0, int(left)), min(width, int(right) + 1)):
                px = x + np.float32(0.5)
                t = ((px - x0) * dx + (py - y0) * dy) / square
                at = min(np.float32(1.0), max(np.float32(0.0), t))
                r = r0 + (r1 - r0) * at
                if (cut > 0 and t > 1) or (cut > 1 and t < 0):
                    off = abs((px - x0) * dy - (py - y0) * dx) / long_
                    beyond = (t - 1) * long_ if t > 1 else -t * long_
                    part = min(min(1.0, max(0.0, r - off + 0.5)), max(0.0, 0.5 - beyond))
                else:
                    ex, ey = px - (x0 + at * dx), py - (y0 + at * dy)
                    away = math.sqrt(ex * ex + ey * ey)
                    part = min(1.0, max(0.0, r - away + 0.5))
                    if soft > 0:
                        fade = max(0.0, 1 - (away / r) * (away / r))
                        part = part + soft * (fade * fade - part)
                if part <= 0:
                    continue
                if hides > 0 and metres[y, x] < hides:
                    continue
                part *= cover
                v = (px - (x0 + at * dx)) / r
                lit = 1 + side * v - round_ * v * v
                if folded:
                    crease = value_noise(v * 2.4 + 3.1 * k, t * long_ / (r + 1) * 0.55 + 0.5 * v, 61) - 0.5
                    lit *= 1 + fold * crease
                for c in range(3):
                    picture[y, x, c] += (min(1.0, max(0.0, parts[k, 7 + c] * lit)) - picture[y, x, c]) * part
                picture[y, x, 3] += (1 - picture[y, x, 3]) * part
