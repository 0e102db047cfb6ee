"""Bare cloth close beside a clean outline, and in the narrow wedges that outlines leave at the picture's edge.

What measures the screen over a few pixels (how calm it is, how pure) meets the actor there and looks away, so the clean
plate was only guessed: too light in a wedge where the screen's light falls off, which keyed it as a tenth of an actor.
Whoever asks must also know that the place is steady over the clip: the faint end of a motion blur is as flat and as
pure as cloth, and moves (drawn fast turns without that: MAD +4 to +9 %).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane

# All at the fit's resolution, 240 across. AROUND, ROUGH and TINT may move by a third without harm on clips of
# compositing.synth; more of BETWEEN lets in blur, less leaves more of the wedges.
HARD = 0.15  # less of the screen than that is solid
AROUND, SOLID, BETWEEN = 21, 0.1, 0.2  # pixels around; more of them must be solid, fewer neither clear nor solid
STEP = 1  # pixels from the outline that are still blurred
ROUGH, TINT = 0.04, 0.02  # deviation of log light over 5 x 5 pixels; of each colour's part of the light
LEAST = 1e-3


def beside(light: Plane, share: Picture, clear: Plane, bare: NDArray[np.bool_], paint: NDArray[np.float32]) -> Plane:
    """(h, w) 1 on such cloth, else 0.

    light: (h, w) its light, share: (h, w, 3) each colour's part of it; clear: its transparency, bare: where that and
    its light say bare screen; paint: (3,) the screen's colour, adding up to 1. Whoever stands there is left out of what
    is measured. Hair and motion blur are no clean outline: much around them is neither clear nor solid.
    """
    solid = clear < HARD
    within = _part(solid, AROUND) > SOLID
    within &= _part(~solid & ~bare, AROUND) < BETWEEN
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * STEP + 1, 2 * STEP + 1))
    inside = cv2.erode(bare.astype(np.uint8), kernel).astype(np.float32)
    count = np.maximum(cv2.blur(inside, (5, 5)), LEAST)
    value = np.log(np.maximum(light, LEAST) / max(float(np.median(light)), LEAST)) * inside
    mean = cv2.blur(value, (5, 5)) / count
    rough = np.sqrt(np.maximum(cv2.blur(value * value, (5, 5)) / count - mean * mean, 0))
    mixed = cv2.blur(share * inside[..., None], (3, 3)) / np.maximum(cv2.blur(inside, (3, 3)), LEAST)[..., None]
    away = np.abs(mixed - paint)
    stray = np.maximum(np.maximum(away[..., 0], away[..., 1]), away[..., 2])
    return np.asarray(inside * (within & (rough < ROUGH) & (stray < TINT)), np.float32)


def _part(mask: NDArray[np.bool_], around: int) -> Plane:
    """(h, w) the part of the pixels around that the mask holds."""
    return np.asarray(cv2.blur(mask.astype(np.float32), (around, around), borderType=cv2.BORDER_REPLICATE), np.float32)
