"""What colour difference cannot know: things that are solid though half the screen's colour, and marks on the cloth.

A prop of nearly the screen's hue reads as half clear. So does a veil; but what would have to stand behind the screen's
light differs: a veil is lit cloth, brighter than the screen or as black as its shadow, while the prop, were it clear,
would be a dull grey of no light of its own, and it is flat as only a surface is. Tracking marks stand where they are in
every frame, apart from the actor, and look the same whenever nothing is before them. All at the fit's resolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.keying.cloth import largest, total_light

HALF = (0.1, 0.6)  # how clear a solid thing of nearly the screen's hue may look
CALM, NOISES = 0.025, 1.2  # deviation of that over 7 x 7 pixels: at most this, or so many times the noise
LESS_CALM, LARGE = 1.6, 130  # times that, where it hangs together with a thing of at least so many pixels
LIGHT = 1.3  # of the screen's: what would be behind it if it were clear; lit cloth is brighter
TINTED = 0.06  # away from the screen's paint: a shadow on the screen is not
STRONG, MARK_AREA, MARK_SIDE = 0.2, 0.004, 0.12  # a mark: how solid, how large a part of the picture, of its short side
MARK_LEAST = 10  # pixels: less is a loose hair
APART, ALIKE = 3, 0.1  # pixels from the actor; difference in a part of the screen's light that still looks the same
LEAST_SAMPLES, ALWAYS = 3, 0.6  # of the samples where nothing hides a place, a mark is there in so many


@dataclass(frozen=True)
class Marks:
    """mask (h, w) uint8: where marks are; look (h, w, 3): linear, what they look like there."""

    mask: NDArray[np.uint8]
    look: Picture


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def flat_solid(
    low: Picture, screen: Picture, clear: Plane, noise: float, half: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """(h, w) 1 where something flat, half of the screen's colour and with no light of its own stands: it is solid.

    low, screen: (h, w, 3) linear, the frame and its fitted plate; clear (h, w): how much of the screen shows; half
    (h, w): where that is within HALF, if it is known.
    """
    if half is None:
        half = ((clear > HALF[0]) & (clear < HALF[1])).astype(np.uint8)
    none = np.zeros_like(half)
    if cv2.countNonZero(half) < 80:
        return none
    whole = np.asarray(cv2.erode(half, np.ones((7, 7), np.uint8)), np.uint8)
    if cv2.countNonZero(whole) == 0:
        return none
    mean = cv2.blur(clear, (7, 7))
    spread = cv2.blur(clear * clear, (7, 7)) - mean * mean
    calm = np.asarray((spread < max(CALM, NOISES * noise) ** 2) & (whole > 0), np.uint8)
    calm = np.asarray(cv2.morphologyEx(calm, cv2.MORPH_OPEN, _disc(4)), np.uint8)
    if cv2.countNonZero(calm) == 0:
        return none
    count, labels = cv2.connectedComponents(calm)
    light = np.maximum(total_light(screen), 1e-4)
    stray = largest(np.abs(low / np.maximum(total_light(low), 1e-4)[..., None] - screen / light[..., None]))
    behind = (total_light(low) - clear * light) / (np.maximum(1 - clear, 0.1) * light)
    kept = [False] + [
        bool(np.median(stray[labels == n]) > TINTED and np.median(behind[labels == n]) < LIGHT) for n in range(1, count)
    ]
    solid = np.asarray(kept)[labels].astype(np.uint8)
    if not solid.any():
        return none
    # The shaded side of a large one is less flat: what hangs together with it and is nearly as calm belongs to it.
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    large = (stats[:, cv2.CC_STAT_AREA] >= LARGE)[labels] & (solid > 0)
    nearly = (spread < (LESS_CALM * max(CALM, NOISES * noise)) ** 2) & (whole > 0) & (stray > TINTED)
    _, parts = cv2.connectedComponents((nearly | large).astype(np.uint8))
    solid = np.asarray(np.maximum(solid, np.isin(parts, np.unique(parts[large]))), np.uint8) if large.any() else solid
    return np.asarray((cv2.dilate(solid, np.ones((7, 7), np.uint8)) > 0) & (half > 0), np.uint8)


def find_marks(lows: Sequence[Picture], clears: Sequence[Plane]) -> Marks | None:
    """The tracking marks of a clip from sampled frames (h, w, 3) and how clear each is; None where there are none."""
    if len(lows) < LEAST_SAMPLES:
        return None
    height, width = clears[0].shape
    votes, open_ = np.zeros((height, width), np.float32), np.zeros((height, width), np.float32)
    look = np.zeros((height, width, 3), np.float32)
    for low, clear in zip(lows, clears, strict=True):
        strong = (clear < 1 - STRONG).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(strong, connectivity=8)
        area, side = stats[:, cv2.CC_STAT_AREA], stats[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(1)
        small = (area >= MARK_LEAST) & (area < MARK_AREA * height * width) & (side < MARK_SIDE * min(height, width))
        small[0] = False
        actor = (strong > 0) & ~small[labels] & (area[labels] >= MARK_AREA * height * width)
        near = cv2.dilate(actor.astype(np.uint8), _disc(APART)) > 0
        touching = np.unique(labels[near])
        small[touching] = False
        mark = small[labels]
        votes += mark
        open_ += ~near
        look += low * mark[..., None]
    static = (votes >= 2) & (votes >= ALWAYS * open_)
    if not static.any():
        return None
    return Marks(static.astype(np.uint8), np.asarray(look / np.maximum(votes, 1)[..., None], np.float32))


def marks_shown(low: Picture, screen: Picture, marks: Marks) -> Plane:
    """(h, w) 1 at the marks that nothing stands before in this frame, soft towards 0 around them."""
    alike = largest(np.abs(low - marks.look)) < ALIKE * largest(screen)
    seen = cv2.blur(marks.mask.astype(np.float32), (5, 5))
    share = cv2.blur((alike & (marks.mask > 0)).astype(np.float32), (5, 5)) / np.maximum(seen, 1e-6)
    bare = ((share > 0.6) & (marks.mask > 0)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(cv2.dilate(bare, _disc(2)).astype(np.float32), (0, 0), 0.7), np.float32)
