"""Where a background's horizon lies, read off its lines: what runs away from the lens meets there.

A camera that is not tilted sees every level line end on one height. Rooms and streets show that by their edges, the
open sea or a plain by a long straight line. Nothing is learned; where the lines do not agree nothing is claimed.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, encode_srgb

VERSION = 1  # raise it when the numbers change
TALL = 480  # px: the height it is worked out at
SHORTEST = 0.05  # of the height: shorter lines point nowhere
STEEP, FLAT = 72.0, 3.0  # degrees: steeper is a wall's upright, flatter meets the horizon too far away to say where
MOST = 140  # lines that are held against each other, the longest first
AIM = 1.5  # degrees by which a line may miss the point it runs to
LOW, HIGH = 0.1, 0.9  # of the picture: where a horizon is looked for
LEVEL = 1.0  # degrees: within it a long line may be the horizon itself
FEWEST = 8  # lines
SURE = 0.44  # share of the lines' length that runs to one point: from there on it is believed


def horizon_of(picture: Picture) -> tuple[float, float] | None:
    """(height of the horizon, 0 top .. 1 bottom, share of the lines that agree 0..1) of (H, W, 3) linear light; None
    where its lines say nothing."""
    height, width = picture.shape[:2]
    size = (max(16, round(width * TALL / height)), TALL)
    small = cv2.resize(np.clip(picture, 0, 1), size, interpolation=cv2.INTER_AREA)
    grey = np.asarray(np.clip(encode_srgb(np.asarray(small, np.float32)) @ (0.3, 0.6, 0.1), 0, 1) * 255, np.uint8)
    even = cv2.createCLAHE(3.0, (4, 8)).apply(cv2.GaussianBlur(grey, (0, 0), 1.0))
    found = cv2.HoughLinesP(cv2.Canny(even, 40, 110), 1, np.pi / 360, 30, minLineLength=SHORTEST * TALL, maxLineGap=5)
    if found is None:
        return None
    lines = found.reshape(-1, 4).astype(np.float64)
    return _sea(lines, size) or _vanishing(lines, size)


def _sea(lines: NDArray[np.float64], size: tuple[int, int]) -> tuple[float, float] | None:
    """The horizon itself, where one level line crosses nearly all of the picture and nothing else is as long."""
    width, height = size
    across, down = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    level = np.flatnonzero(
        (np.degrees(np.arctan2(np.abs(down), np.abs(across))) < LEVEL) & (np.abs(across) > 0.3 * width)
    )
    if not len(level):
        return None
    middle = (lines[level, 1] + lines[level, 3]) / 2
    long = np.abs(across[level])
    spans = np.array([long[np.abs(middle - y) < 3].sum() for y in middle])
    at = int(np.argmax(spans))
    rest = np.abs(middle - middle[at]) >= 6
    others = float(spans[rest].max()) if rest.any() else 0.0
    y = float(middle[at]) / height
    if spans[at] < 0.85 * width or others > 0.6 * spans[at] or not LOW < y < HIGH:
        return None
    return y, min(1.0, float(spans[at]) / (2 * width))


def _vanishing(lines: NDArray[np.float64], size: tuple[int, int]) -> tuple[float, float] | None:
    """The height of the point that most of the lines' length runs to."""
    width, height = size
    across, down = lines[:, 2] - lines[:, 0], lines[:, 3] - lines[:, 1]
    length = np.hypot(across, down)
    angle = np.degrees(np.arctan2(np.abs(down), np.abs(across)))
    kept = np.flatnonzero((angle > FLAT) & (angle < STEEP))
    kept = kept[np.argsort(-length[kept], kind="stable")[:MOST]]
    if len(kept) < FEWEST:
        return None
    lines, length = lines[kept], length[kept]
    along = np.stack([across[kept], down[kept]], 1) / length[:, None]
    middle = np.stack([lines[:, 0] + lines[:, 2], lines[:, 1] + lines[:, 3]], 1) / 2
    one, other = np.triu_indices(len(kept), 1)
    cross = along[one, 0] * along[other, 1] - along[one, 1] * along[other, 0]
    meets = np.abs(cross) > np.sin(np.radians(6))
    one, other, cross = one[meets], other[meets], cross[meets]
    apart = middle[other] - middle[one]
    far = (apart[:, 0] * along[other, 1] - apart[:, 1] * along[other, 0]) / cross
    points = middle[one] + far[:, None] * along[one]
    inside = (np.abs(points[:, 0] - width / 2) < width) & (points[:, 1] > LOW * height) & (points[:, 1] < HIGH * height)
    points = points[inside]
    if not len(points):
        return None
    reach = points[:, None, :] - middle[None, :, :]  # from each line's middle to each point
    away = np.hypot(reach[..., 0], reach[..., 1])
    miss = np.abs(reach[..., 0] * along[None, :, 1] - reach[..., 1] * along[None, :, 0]) / np.maximum(away, 1e-6)
    # A line that holds the point within itself does not run to it: a lattice or a corner.
    runs = (miss < np.sin(np.radians(AIM))) & (away > 0.6 * length[None, :])
    # From either side, or a row of parallel lines on one wall could put it anywhere along them.
    left = (runs & (reach[..., 0] > 0)) @ length
    right = (runs & (reach[..., 0] < 0)) @ length
    votes = left + right + 2 * np.minimum(left, right)
    best = np.argsort(-votes, kind="stable")[:12]
    y = float(np.median(points[best, 1])) / height
    share = float(((left + right)[best[0]]) / length.sum())
    return y, share
