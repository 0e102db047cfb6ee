"""Cloth in a shadow of its own, seen in one frame: between an arm and a garment, or in the wedge beside an outline.

The plate is fitted to what is seen over a wide screen, so in such a place it is only guessed, and too light: shaded
cloth came out as a fifth of an actor. Dark and of the paint's own colour may be cloth, or dark hair before it. But
cloth is as calm as the clip's noise, and strands are rougher however much they are blurred; it lies beside a solid
outline and far from hair; and it has nothing of the colour that the actor beside it would lend. Then its own light is
its plate. All at the fit's resolution.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.keying.low_kernels import shade_cloth, shade_parts
from compositing.keying.plate import CleanPlate

DARKER, DARKEST, LIT = 0.985, 0.3, 1.1  # of the plate's light: where the fit is right, and how dark shade may be
TINT, PURE = 0.012, 4.0  # how far bare cloth strays from its paint, if the clip does not say; times that is still pure
HARDLY = 0.3  # of the colour that a mix with the actor would have taken on
ROUGH = 0.05  # deviation of a pixel's light from those beside
SOLID, BESIDE, OUTLINE = 0.15, 15, 0.12  # as clear as that is solid; pixels around, and what part of them must be
HAIR, TRACES, SOME = (0.1, 0.6), 71, 0.015  # dark hair before cloth: its light; pixels around; more of them is hair
AREA, SEEN = 16, 0.25  # pixels of a place, at least; what part of it must have the outline beside it
CALM, FLOOR = 1.1, 0.0105  # deviation of a place's light: of the clip's noise, and what even a clean clip may have
BOX = (3, 3)


def shaded(low: Picture, screen: Picture, clear: Plane, foreground: Picture, plate: CleanPlate) -> Picture | None:
    """(h, w, 3) the frame's plate in the light of such cloth; None where there is none.

    low, screen: (h, w, 3) linear, the frame and its plate; clear (h, w): how much of it shows; foreground (h, w, 3):
    the actor's colour nearby; plate: the clip's, which knows its cloth and its noise.
    """
    tint = plate.calmness.tint if plate.calmness else TINT
    shape, f = clear.shape, np.float32
    pure, ratio, mixed = np.empty(shape, np.uint8), np.empty(shape, np.float32), np.empty(shape, np.float32)
    shade_parts(low, screen, foreground, f(PURE * tint), f(HARDLY), pure, ratio, mixed)
    cloth = np.empty(shape, np.uint8)
    if shade_cloth(pure, ratio, mixed, f(DARKEST), f(DARKER), f(ROUGH), cloth) < AREA:
        return None
    cloth &= _part((pure > 0) & (ratio > HAIR[0]) & (ratio < HAIR[1]), TRACES) < SOME
    if cv2.countNonZero(cloth) < AREA:
        return None
    found = _places(cloth, _part(clear < SOLID, BESIDE) > OUTLINE, ratio, plate.noise)
    if not found.any():
        return None
    known = (((pure > 0) & (ratio >= DARKER) & (ratio < LIT)) | found).astype(np.float32)
    weight = cv2.GaussianBlur(known, (0, 0), 1.5)
    bent = cv2.GaussianBlur(known * ratio, (0, 0), 1.5) / np.maximum(weight, 1e-4)
    trust = np.clip(4 * cv2.GaussianBlur(found.astype(np.float32), (0, 0), 2.0), 0, 1) * np.clip(20 * weight, 0, 1)
    return np.asarray(screen * (1 + trust * (np.minimum(bent, 1) - 1))[..., None], np.float32)


def _part(mask: NDArray[np.bool_], around: int) -> Plane:
    """(h, w) the part of the pixels around that the mask holds."""
    return np.asarray(cv2.blur(mask.astype(np.float32), (around, around), borderType=cv2.BORDER_REPLICATE), np.float32)


def _rough(around: NDArray[np.float32]) -> Plane:
    """(h, w) deviation among the pixels around, of (h, w, 3): 1 where one counts, its value, its square; else 0."""
    count, value, square = cv2.split(cv2.blur(around, BOX))
    count = np.maximum(count, 1e-4)
    mean = value / count
    return np.asarray(np.sqrt(np.maximum(square / count - mean * mean, 0)), np.float32)


def _places(cloth: NDArray[np.uint8], beside: NDArray[np.bool_], ratio: Plane, noise: float) -> NDArray[np.bool_]:
    """(h, w) what of the cloth hangs together over a place, no speck, has an outline beside it and is calm."""
    opened = np.asarray(cv2.morphologyEx(cloth, cv2.MORPH_OPEN, np.ones(BOX, np.uint8)), np.uint8)
    if cv2.countNonZero(opened) < AREA:
        return np.zeros(cloth.shape, bool)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA]
    mask = opened.astype(np.float32)
    deviation = _rough(np.dstack([mask, ratio * mask, ratio * ratio * mask]))
    rough = np.bincount(labels[opened > 0], deviation[opened > 0], count) / area
    near = np.bincount(labels[beside], minlength=count)
    kept = (area >= AREA) & (near > SEEN * area) & (rough < max(CALM * noise, FLOOR))
    kept[0] = False
    return np.asarray(kept[labels])
