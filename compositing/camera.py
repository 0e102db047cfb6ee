"""What a camera leaves in a picture besides the scene: blur and grain, measured so that another can be lent them.

A drawn or borrowed background is sharper and cleaner than the film beside it; the eye sees that before it sees light.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane
from compositing.devices import kernel

PROBE = 1.6  # px: how much a picture is blurred again to see how much sharper it was
CALM = 0.8  # px: blurred that much first, so that grain makes no edges
OWN = CALM**2 + 1 / 3  # variance that this measurement adds: the calming, and a central difference's two pixels
SHARPEST = 20  # percentile of the edges' blur that is the lens and the codec; the rest is focus and motion
BLURRIEST = 4.0  # px: beyond it an edge says nothing of the lens
SPARSE = 3  # every so many pixels across and down tell a middle value as well as all of them
EDGES = 40  # fewer edges than that tell nothing


@kernel
def _root_light(linear, weights, out):  # type: ignore[no-untyped-def]
    w0, w1, w2 = weights[0], weights[1], weights[2]
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            light = linear[y, x, 0] * w0 + linear[y, x, 1] * w1 + linear[y, x, 2] * w2
            out[y, x] = np.sqrt(max(light, np.float32(0.0)))


def edge_blur(light: Plane, weight: Plane | None = None) -> float | None:
    """Blur (sigma in px) of the sharpest edges in a plane (H, W) of perceptual light; None where there are too few.

    weight (H, W): where to look. Source: Zhuo and Sim 2011, "Defocus map estimation from a single image": an edge of
    blur s loses the factor sqrt(s^2 + p^2) / s of its slope when it is blurred by p more.
    """
    calm = np.asarray(cv2.GaussianBlur(light, (0, 0), CALM), np.float32)
    slope, again = _slope(calm), _slope(np.asarray(cv2.GaussianBlur(calm, (0, 0), PROBE), np.float32))
    # On the ridge of an edge only, and well above the grain.
    ridge = slope >= cv2.dilate(slope, np.ones((3, 3), np.uint8)) * np.float32(0.999)
    floor = max(0.015, 4 * float(np.median(np.ascontiguousarray(slope[::SPARSE, ::SPARSE]))))
    where = ridge & (slope > floor)
    if weight is not None:
        where &= weight > 0.5
    if int(where.sum()) < EDGES:
        return None
    ratio = np.maximum(slope[where] / np.maximum(again[where], 1e-6), 1.0005)
    blur = float(np.percentile(PROBE / np.sqrt(ratio * ratio - 1), SHARPEST))
    return min(float(np.sqrt(max(blur * blur - OWN, 0.04))), BLURRIEST)


def missing_blur(actor_px: float | None, ground_px: float | None, amount: float = 1.0) -> float:
    """Sigma in px that the ground lacks to be as soft as the actor's sharpest edges; 0 where it is soft already.

    A background softer than the actor is out of focus, as it should be: nothing is sharpened.
    """
    if actor_px is None or ground_px is None or actor_px <= ground_px:
        return 0.0
    return amount * float(np.sqrt(actor_px**2 - ground_px**2))


def grain_of(linear: Picture, weight: Plane | None = None) -> float:
    """Deviation of a picture's grain at middle grey, linear, from the calmest part of it (H, W, 3).

    weight (H, W): where to look (the bare screen is best). Grain grows with the root of the light: see `add_grain`.
    """
    return grain_of_root(perceptual(linear), weight)


def grain_of_root(root: Plane, weight: Plane | None = None) -> float:
    """`grain_of` by what `perceptual` makes of the picture."""
    root = np.maximum(root, np.float32(0.01))
    # Four-neighbour differences, so that slow shading and broad texture drop out.
    detail = root - cv2.blur(root, (3, 3))
    detail *= detail
    sparse = slice(None, None, SPARSE)
    power = np.ascontiguousarray(cv2.blur(detail, (9, 9))[sparse, sparse])
    few = root[sparse, sparse]
    seen = (few > np.sqrt(0.01)) & (few < np.sqrt(0.9))
    if weight is not None:
        seen &= weight[sparse, sparse] > 0.5
    if int(seen.sum()) * SPARSE * SPARSE < 200:
        return 0.0
    calm = float(np.percentile(power[seen], 15))
    # The mean of nine takes a ninth of white noise with it; d(light) = 2 root d(root), root of 0.18 at middle grey.
    return 2 * float(np.sqrt(0.18)) * float(np.sqrt(calm * 9 / 8))


def missing_grain(actor: float, ground: float) -> float:
    """Deviation to add to the ground for it to be as grainy as the actor: variances add up."""
    return float(np.sqrt(max(actor**2 - ground**2, 0.0)))


def perceptual(linear: Picture) -> Plane:
    """(H, W) root of the light of a linear picture: edges of shadow and of light weigh about alike."""
    out = np.empty(linear.shape[:2], np.float32)
    _root_light(np.ascontiguousarray(linear, np.float32), LUMA, out)
    return out


def _slope(light: Plane) -> NDArray[np.float32]:
    """(H, W) how steep it is, by differences of the two pixels on either side; across an edge of the picture none."""
    out = np.empty(light.shape, np.float32)
    _steepness(light, out)
    return out


@kernel
def _steepness(light, out):  # type: ignore[no-untyped-def]
    height, width = light.shape
    half, zero = np.float32(0.5), np.float32(0.0)
    for y in range(height):
        above, below = light[max(y - 1, 0)], light[min(y + 1, height - 1)]
        inner = half if 0 < y < height - 1 else zero
        out[y, 0] = abs(below[0] - above[0]) * inner
        out[y, width - 1] = abs(below[width - 1] - above[width - 1]) * inner
        for x in range(1, width - 1):
            across, down = (light[y, x + 1] - light[y, x - 1]) * half, (below[x] - above[x]) * inner
            out[y, x] = np.sqrt(across * across + down * down)
