"""From a rough idea of where somebody is to a matte that follows the picture's edges. Pure functions.

The rough answer is believed far from its own outline. In the band between it is bent onto the picture's edges by a
guided filter, whose coefficients are smooth enough to be found small (He and Sun 2015, "Fast Guided Filter"). Colour
models of inside and outside, a histogram's odds or local lines between their means, made the matte worse on every
ground tried (by 5 to 80 %): hair is as dark as the night behind it, and walls have the colours of faces.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.layer import row_of

OUTWARD, INWARD = 0.045, 0.03  # of the short side: how far hair may reach out of the rough outline, and clothes in
GUIDE_RADIUS, GUIDE_EPSILON = 5, 2e-4


def trimap(person: Plane) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(surely inside, surely outside) of a rough answer (h, w) 0..1; what is neither is the band."""
    side = min(person.shape)
    inside = _erode(person > 0.8, max(1, round(INWARD * side)))
    outside = _erode(person < 0.3, max(1, round(OUTWARD * side)))
    return inside, outside


def banded(person: Plane) -> tuple[Plane, NDArray[np.bool_], NDArray[np.bool_]]:
    """(the rough answer made 1 and 0 where it is sure, surely inside, surely outside)."""
    inside, outside = trimap(person)
    return np.asarray(np.where(inside, 1, np.where(outside, 0, person)), np.float32), inside, outside


def guided(guide: Picture, alpha: Plane, radius: int = GUIDE_RADIUS, epsilon: float = GUIDE_EPSILON) -> Picture:
    """(h, w, 4) coefficients: alpha is about guide @ them[..., :3] + them[..., 3], at this size and at any larger one.

    guide (h, w, 3): perceptual (square roots of light); alpha (h, w).
    Source: He, Sun, Tang 2013, "Guided Image Filtering", section 3.5 (colour guides).
    """
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, size, borderType=cv2.BORDER_REFLECT), np.float32)

    m, ma = mean(guide), mean(alpha)
    cov = mean(guide * alpha[..., None]) - m * ma[..., None]
    pairs = mean(np.stack([guide[..., i] * guide[..., j] for i, j in ((0, 0), (1, 1), (2, 2))], -1))
    cross = mean(np.stack([guide[..., i] * guide[..., j] for i, j in ((0, 1), (0, 2), (1, 2))], -1))
    rr, gg, bb = (pairs[..., i] - m[..., i] ** 2 + epsilon for i in range(3))
    rg, rb, gb = (
        cross[..., 0] - m[..., 0] * m[..., 1],
        cross[..., 1] - m[..., 0] * m[..., 2],
        cross[..., 2] - m[..., 1] * m[..., 2],
    )
    i00, i01, i02 = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    i11, i12, i22 = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    scale = 1 / np.maximum(rr * i00 + rg * i01 + rb * i02, epsilon**3)
    c0, c1, c2 = cov[..., 0], cov[..., 1], cov[..., 2]
    a = np.stack(
        [
            (i00 * c0 + i01 * c1 + i02 * c2) * scale, (i01 * c0 + i11 * c1 + i12 * c2) * scale,
            (i02 * c0 + i12 * c1 + i22 * c2) * scale,
        ], -1,
    ).astype(np.float32)  # fmt: skip
    b = ma - (a * m).sum(-1)
    return mean(np.dstack([a, b]).astype(np.float32))


@kernel
def _apply(linear, low, out):  # type: ignore[no-untyped-def]
    """low (h, w, 6): coefficients 4, floor, ceiling."""
    height, width = linear.shape[:2]
    columns = low.shape[1]
    row = np.empty((columns, 6), np.float32)
    step = columns / width
    zero, one = np.float32(0.0), np.float32(1.0)
    for y in range(height):
        row_of(low, y, height, row)
        for x in range(width):
            place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
            i = int(place)
            j = min(i + 1, columns - 1)
            part = np.float32(place - i)
            floor = row[i, 4] + part * (row[j, 4] - row[i, 4])
            if floor >= np.float32(0.999):
                out[y, x] = one
                continue
            ceiling = row[i, 5] + part * (row[j, 5] - row[i, 5])
            if ceiling <= np.float32(0.001):
                out[y, x] = zero
                continue
            value = row[i, 3] + part * (row[j, 3] - row[i, 3])
            for c in range(3):
                value += np.sqrt(max(linear[y, x, c], zero)) * (row[i, c] + part * (row[j, c] - row[i, c]))
            # Steepened about one half: a box's mean over the edge leaves haze on both sides.
            value = min(max((value - np.float32(0.08)) / np.float32(0.84), zero), one)
            out[y, x] = min(max(value, floor), ceiling)


def at_full_size(
    linear: Picture, coefficients: Picture, inside: NDArray[np.bool_], outside: NDArray[np.bool_]
) -> Plane:
    """(H, W) matte of a frame (H, W, 3), linear, from `guided` coefficients found small (on square roots of light).

    inside, outside (h, w): where it is 1 and 0 whatever the coefficients say.
    """
    soft = [cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5) for mask in (inside, outside)]
    low = np.dstack([coefficients, soft[0], 1 - soft[1]]).astype(np.float32)
    out = np.empty(linear.shape[:2], np.float32)
    _apply(np.ascontiguousarray(linear, np.float32), low, out)
    return out


@kernel
def _steadied(here, alpha, other, theirs, weight, total, spread):  # type: ignore[no-untyped-def]
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            away = np.float32(0.0)
            for c in range(3):
                step = np.sqrt(max(here[y, x, c], np.float32(0.0))) - np.sqrt(max(other[y, x, c], np.float32(0.0)))
                away += step * step
            w = np.float32(1.0) / (np.float32(1.0) + (away / spread) * (away / spread))
            weight[y, x] += w
            total[y, x] += w * theirs[y, x]


def steadied(frames: list[Picture], alphas: list[Plane], at: int, spread: float = 0.0012) -> Plane:
    """alphas[at] averaged with its neighbours' wherever the picture (H, W, 3) did not change: bounded, never recursive.

    spread: squared change of perceptual colour at which a neighbour counts half.
    """
    weight = np.ones(alphas[at].shape, np.float32)
    total = alphas[at].copy()
    for place, (frame, alpha) in enumerate(zip(frames, alphas, strict=True)):
        if place != at:
            _steadied(frames[at], alphas[at], frame, alpha, weight, total, np.float32(spread))
    return np.asarray(total / weight, np.float32)


def _erode(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.erode(mask.astype(np.uint8), _disc(radius), borderType=cv2.BORDER_REPLICATE) > 0)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
