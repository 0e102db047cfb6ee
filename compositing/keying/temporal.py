"""Hold a matte steady by its neighbours: the frame before and the frame after, moved onto this one.

Noise and codec differ from frame to frame, the actor moves: each neighbour is moved along the optical flow (DIS,
Kroeger et al., ECCV 2016, found on a small picture), and counts only where what it shows agrees with this frame and
where it moved by whole pixels: on drawn clips, resampled neighbours softened curls by more (Grad +7 %) than their noise
was worth. Pure, and never recursive: it sees the neighbours' own mattes, so any chunk gives the whole's numbers.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane
from compositing.devices import kernel

SIZE = 360  # shorter side the flow is found at
WHOLE = np.float32(0.3)  # pixels off a whole step at which a neighbour no longer counts
AGREE = 0.035  # difference of coded brightness and of matte at which a neighbour counts half
LEAST, MOST = np.float32(0.004), np.float32(0.996)  # a matte between these in any of the frames is worth the work


def guide(linear: Picture, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w) 8-bit coded brightness of a linear picture (H, W, 3) at (width, height) `size`."""
    low = cv2.resize(linear, size, interpolation=cv2.INTER_AREA)
    light = np.sqrt(np.clip(low @ LUMA, 0, 1))  # near enough to the eye's curve, and cheap
    return np.round(light * 255).astype(np.uint8)


def flow(here: NDArray[np.uint8], there: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w, 2) where in `there` each pixel of `here` is found, in pixels, right and down."""
    finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)  # type: ignore[attr-defined]
    return np.asarray(finder.calc(here, there, None), np.float32)


@kernel
def _pull(linear, alpha, other, other_alpha, motion, sigma, first, last, total, weight):  # type: ignore[no-untyped-def]
    """Add a neighbour's matte, moved by `motion` (h, w, 2, of its own pixels), to total and weight where it agrees."""
    height, width = alpha.shape
    rows, columns = motion.shape[:2]
    zero, one = np.float32(0.0), np.float32(1.0)
    scale_x, scale_y = np.float32(width / columns), np.float32(height / rows)
    inverse = one / (sigma * sigma)
    for y in range(height):
        fy = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        y0 = int(fy)
        y1 = min(y0 + 1, rows - 1)
        py = np.float32(fy - y0)
        for x in range(first[y], last[y]):
            fx = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
            x0 = int(fx)
            x1 = min(x0 + 1, columns - 1)
            px = np.float32(fx - x0)
            left, right = motion[y0, x0], motion[y0, x1]
            below_left, below_right = motion[y1, x0], motion[y1, x1]
            u = (one - py) * (left[0] + px * (right[0] - left[0]))
            u += py * (below_left[0] + px * (below_right[0] - below_left[0]))
            v = (one - py) * (left[1] + px * (right[1] - left[1]))
            v += py * (below_left[1] + px * (below_right[1] - below_left[1]))
            at_x, at_y = x + u * scale_x, y + v * scale_y
            i0, j0 = int(np.floor(at_x + np.float32(0.5))), int(np.floor(at_y + np.float32(0.5)))
            if i0 < 0 or j0 < 0 or i0 >= width or j0 >= height:
                continue
            # Between pixels a neighbour is softer than this frame, and strands are thin: whole steps alone count.
            off = max(abs(at_x - i0), abs(at_y - j0))
            if off >= WHOLE:
                continue
            found = other_alpha[j0, i0]
            away = zero
            for c in range(3):
                value, own = other[j0, i0, c], linear[y, x, c]
                # Difference of square roots, that is of coded values, without a root.
                gap = (value - own) * (value - own) / (np.float32(4.0) * max(own, np.float32(0.004)))
                away = max(away, gap)
            gap = found - alpha[y, x]
            away += np.float32(0.25) * gap * gap
            share = one / (one + away * inverse)
            share *= share * (one - off / WHOLE)
            total[y, x] += share * found
            weight[y, x] += share


@kernel
def _settle(alpha, total, weight, strength, first, last, out):  # type: ignore[no-untyped-def]
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            out[y, x] = alpha[y, x]
        for x in range(first[y], last[y]):
            a = alpha[y, x]
            out[y, x] = (a + strength * total[y, x]) / (np.float32(1.0) + strength * weight[y, x])


@kernel
def _spans(alpha, least, most, first, last):  # type: ignore[no-untyped-def]
    """For each row the part, first to before last, that is neither clear nor solid."""
    for y in range(alpha.shape[0]):
        first[y] = 0
        last[y] = 0
        for x in range(alpha.shape[1]):
            if least < alpha[y, x] < most:
                if last[y] == 0:
                    first[y] = x
                last[y] = x + 1


def filtered(
    pictures: Sequence[Picture], mattes: Sequence[Plane], at: int, strength: float, agree: float = AGREE
) -> Plane:
    """(H, W) mattes[at] held steady by its neighbours in the sequence (one before, one after, as far as there are).

    pictures (H, W, 3) linear, as shot; mattes (H, W) 0..1; strength 0 leaves it, 1 counts a neighbour that agrees fully
    as much as the frame itself. Only the half-clear part changes.
    """
    linear, alpha = pictures[at], np.ascontiguousarray(mattes[at], np.float32)
    height, width = alpha.shape
    if strength <= 0 or len(pictures) < 2:
        return alpha
    factor = max(1.0, min(height, width) / SIZE)
    size = (max(16, round(width / factor)), max(16, round(height / factor)))
    first, last = np.empty(height, np.int64), np.empty(height, np.int64)
    _spans(alpha, LEAST, MOST, first, last)
    total, weight = np.zeros_like(alpha), np.zeros_like(alpha)
    here = guide(linear, size)
    for other in (at - 1, at + 1):
        if 0 <= other < len(pictures):
            motion = flow(here, guide(pictures[other], size))
            _pull(
                linear, alpha, pictures[other], np.ascontiguousarray(mattes[other], np.float32), motion,
                np.float32(agree), first, last, total, weight,
            )  # fmt: skip
    out = np.empty_like(alpha)
    _settle(alpha, total, weight, np.float32(strength), first, last, out)
    return out
