"""Additive key: fine strands and dust that a matte is too coarse for, kept as light.

Where the matte is clear, what the frame shows beyond the screen is split into the screen's own share (how much of its
colour still shows) and a grey rest: the light of what stands before it, despilled to grey. That light, cored above the
grain, goes into the layer as colour without coverage, so "over" adds it to whatever is behind (Wright, Digital
Compositing for Film and Video, "additive mattes"; the "additive keyer" of Nuke users).
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.errors import ShapeError
from compositing.layer import row_of

CORE = 4.0  # times the grain's deviation: below it detail is grain
MOST = 0.35  # of full light: more than that is an object, and the matte's business
SOFT = 0.7  # px: grain is finer than a strand
WORTH = 0.0004  # part of the clear picture that must hold detail before a clip is worth the time


@kernel
def _detail(linear, picture, low, along, out):  # type: ignore[no-untyped-def]
    height, width = linear.shape[:2]
    columns = low.shape[1]
    row = np.empty((columns, 3), np.float32)
    step = columns / width
    zero, one, third = np.float32(0.0), np.float32(1.0), np.float32(1.0 / 3.0)
    for y in range(height):
        row_of(low, y, height, row)
        for x in range(width):
            a = picture[y, x, 3]
            if a >= np.float32(0.6):
                out[y, x] = zero
                continue
            place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
            i = int(place)
            j = min(i + 1, columns - 1)
            part = np.float32(place - i)
            b0 = row[i, 0] + part * (row[j, 0] - row[i, 0])
            b1 = row[i, 1] + part * (row[j, 1] - row[i, 1])
            b2 = row[i, 2] + part * (row[j, 2] - row[i, 2])
            p0, p1, p2 = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            screen = max(b0 * along[0] + b1 * along[1] + b2 * along[2], np.float32(1e-4))
            shows = max((p0 * along[0] + p1 * along[1] + p2 * along[2]) / screen, zero)
            rest = (p0 + p1 + p2 - shows * (b0 + b1 + b2)) * third
            kept = (picture[y, x, 0] + picture[y, x, 1] + picture[y, x, 2]) * third
            out[y, x] = (rest - kept) * (one - a) * (one - a)


def lost_detail(linear: Picture, picture: Picture, screen: Picture, along: NDArray[np.float32]) -> Plane:
    """(H, W) grey light that the matte lost, grain and all, softened by less than a pixel; near 0 on bare screen.

    linear (H, W, 3): the frame; picture (H, W, 4): its key, premultiplied; screen (h, w, 3): the fitted clean plate;
    along (3,): the screen's chroma direction. Raises ShapeError.
    """
    if linear.shape[:2] != picture.shape[:2] or picture.shape[2] != 4:
        raise ShapeError(f"expected (H, W, 3) and (H, W, 4), got {linear.shape} and {picture.shape}")
    out = np.empty(linear.shape[:2], np.float32)
    _detail(linear, picture, np.ascontiguousarray(screen, np.float32), np.asarray(along, np.float32), out)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), SOFT), np.float32)


def detail_core(details: Sequence[Plane], alphas: Sequence[Plane]) -> float:
    """The light below which detail is grain, from the clear parts of some frames; 1 (all of it) where none is seen."""
    spreads = [
        float(np.median(np.abs(detail[alpha <= 0]))) * 1.4826
        for detail, alpha in zip(details, alphas, strict=True)
        if bool((alpha <= 0).any())
    ]
    return CORE * max(float(np.median(spreads)), 2e-4) if spreads else 1.0


def detail_share(detail: Plane, alpha: Plane, core: float) -> float:
    """Part of the clear picture (alpha below a tenth) whose detail stands above `core`."""
    clear = alpha < 0.1
    return float((detail[clear] > core).mean()) if bool(clear.any()) else 0.0


@kernel
def _add(picture, detail, core, amount, most):  # type: ignore[no-untyped-def]
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            light = detail[y, x] - core
            if light > np.float32(0.0):
                # Full strength from twice the core on: nothing pops as a strand passes the threshold.
                light = min(min(light * np.float32(2.0), detail[y, x]), most) * amount
                picture[y, x, 0] += light
                picture[y, x, 1] += light
                picture[y, x, 2] += light


def with_detail(
    picture: Picture, detail: Plane, core: float, amount: float = 1.0, *, in_place: bool = False
) -> Picture:
    """The layer (H, W, 4) premultiplied with `detail` (H, W) above `core` as light without coverage."""
    out = picture if in_place else np.array(picture, np.float32, order="C", copy=True)
    if amount > 0:
        _add(out, detail, np.float32(core), np.float32(amount), np.float32(MOST))
    return out
