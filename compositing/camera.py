"""What a camera leaves in a picture besides the scene: blur and grain, measured so that another can be lent them.

A drawn or borrowed background is sharper and cleaner than the film beside it; the eye sees that before it sees light.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane

PROBE = 1.6  # px: how much a picture is blurred again to see how much sharper it was
CALM = 0.8  # px: blurred that much first, so that grain makes no edges
OWN = CALM**2 + 1 / 3  # variance that this measurement adds: the calming, and a central difference's two pixels
SHARPEST = 20  # percentile of the edges' blur that is the lens and the codec; the rest is focus and motion
BLURRIEST = 4.0  # px: beyond it an edge says nothing of the lens
EDGES = 40  # fewer edges than that tell nothing


def edge_blur(light: Plane, weight: Plane | None = None) -> float | None:
    """Blur (sigma in px) of the sharpest edges in a plane (H, W) of perceptual light; None where there are too few.

    weight (H, W): where to look. Source: Zhuo and Sim 2011, "Defocus map estimation from a single image": an edge of
    blur s loses the factor sqrt(s^2 + p^2) / s of its slope when it is blurred by p more.
    """
    calm = np.asarray(cv2.GaussianBlur(light, (0, 0), CALM), np.float32)
    slope, again = _slope(calm), _slope(np.asarray(cv2.GaussianBlur(calm, (0, 0), PROBE), np.float32))
    # On the ridge of an edge only, and well above the grain.
    ridge = slope >= cv2.dilate(slope, np.ones((3, 3), np.uint8)) * np.float32(0.999)
    floor = max(0.015, 4 * float(np.median(slope)))
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
    light = np.asarray(linear[..., :3] @ LUMA, np.float32)
    root = np.sqrt(np.maximum(light, 1e-4))
    # Four-neighbour differences, so that slow shading and broad texture drop out.
    detail = root - cv2.blur(root, (3, 3))
    power = cv2.blur(detail * detail, (9, 9))
    seen = (light > 0.01) & (light < 0.9)
    if weight is not None:
        seen &= weight > 0.5
    if int(seen.sum()) < 200:
        return 0.0
    calm = float(np.percentile(power[seen], 15))
    # The mean of nine takes a ninth of white noise with it; d(light) = 2 root d(root), root of 0.18 at middle grey.
    return 2 * float(np.sqrt(0.18)) * float(np.sqrt(calm * 9 / 8))


def missing_grain(actor: float, ground: float) -> float:
    """Deviation to add to the ground for it to be as grainy as the actor: variances add up."""
    return float(np.sqrt(max(actor**2 - ground**2, 0.0)))


def perceptual(linear: Picture) -> Plane:
    """(H, W) root of the light of a linear picture: edges of shadow and of light weigh about alike."""
    return np.asarray(np.sqrt(np.maximum(linear[..., :3] @ LUMA, 0)), np.float32)


def _slope(light: Plane) -> NDArray[np.float32]:
    across, down = (cv2.Sobel(light, cv2.CV_32F, dx, 1 - dx, ksize=1, scale=0.5) for dx in (1, 0))
    return np.asarray(cv2.magnitude(across, down), np.float32)
