"""The windows of a place drawn by rule: where their glass is seen, frame by frame, and what of an effect is seen
through them.

The place's depth map names its panes (`plates.finished.glass_of`); here they are put back into the picture and held
against its depth, so that a frame, a plant or a person's chair before the glass hides what lies on it or behind it.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.effects.ground import Ground, Numbers, ground_of

NEAREST_M = 0.05  # of a pane that the camera stands beside, what lies nearer is cut off
BEFORE_M = 0.012  # what stands so far before a pane hides it
FINE = 16  # parts of a pixel that a pane's edge is drawn to
LEAST = 0.0002  # of the picture: less glass than that is none


@dataclass(frozen=True)
class Windows:
    """ground: the place; panes (N, 6): axis, at, low and high over the other two axes, metres; stand: the first
    frame's camera as `Way.stands` has it."""

    ground: Ground
    panes: Numbers
    stand: Numbers

    def camera(self, n: int) -> Numbers:
        """(5,) x, y, z, radians to the right, horizon, at frame n."""
        way = self.ground.way
        return self.stand if way is None else np.asarray(way.stands[min(n, len(way.stands) - 1)])

    def seen_at(self, points: Numbers, n: int) -> tuple[Numbers, Numbers, Numbers]:
        """(x, y in pixels, metres along the lens axis) of points (K, 3) in the place, at frame n."""
        height, width = self.ground.metres.shape
        x0, y0, z0, turn, horizon = self.camera(n)
        cos, sin = math.cos(turn), math.sin(turn)
        x, y, z = points[:, 0] - x0, points[:, 1] - y0, points[:, 2] - z0
        far = sin * x + cos * z
        focal = self.ground.focal * height / np.maximum(far, 1e-6)
        return (cos * x - sin * z) * focal + width / 2, horizon * height - y * focal, far

    def corners(self, k: int) -> Numbers:
        """(4, 3) of pane k, around it."""
        axis, at, a0, b0, a1, b1 = self.panes[k]
        around = ((a0, b0), (a1, b0), (a1, b1), (a0, b1))
        return np.array([(at, a, b) if axis == 0 else (a, b, at) for a, b in around])

    def glass(self, n: int = 0) -> NDArray[np.float32]:
        """(H, W) 0..1: how much of each pixel is glass with nothing before it, as soft as the place's own focus."""
        here = self.ground.at(n)
        height, width = here.metres.shape
        whole = np.zeros((height, width), np.uint8)
        nearest = math.inf
        for k in range(len(self.panes)):
            corners = _cut(self.corners(k), self.camera(n))
            if len(corners) < 3:
                continue
            x, y, far = self.seen_at(corners, n)
            outline = np.clip(np.rint(np.stack([x, y], 1) * FINE), -(2**24), 2**24).astype(np.int32)
            drawn = np.zeros_like(whole)
            cv2.fillPoly(drawn, [outline], 255, cv2.LINE_AA, 4)
            rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
            if not len(rows):
                continue
            part = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
            # on a plane 1 / metres grows evenly across the picture
            plane, *_ = np.linalg.lstsq(np.stack([x, y, np.ones(len(x))], 1), 1 / far, rcond=None)
            down, across = np.mgrid[part].astype(np.float32) + np.float32(0.5)
            inverse = plane[0] * across + plane[1] * down + plane[2]
            pane = 1 / np.maximum(inverse, 1e-6)
            seen = drawn[part] * (here.metres[part] > pane - BEFORE_M)
            if seen.any():
                nearest = min(nearest, float(np.median(pane[seen > 0])))
            whole[part] = np.maximum(whole[part], seen)
        mask = whole.astype(np.float32) / np.float32(255)
        if nearest == math.inf:
            return mask
        sigma = max(0.6 * height / 1920, here.blur_share(nearest) * height)
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), sigma), np.float32)

    def masks(self, frames: int) -> Iterator[NDArray[np.float32]]:
        """`glass` of each frame; made once where the camera stands."""
        way = self.ground.way
        fixed = self.glass() if way is None else None
        last = 0 if way is None else len(way.stands) - 1
        for n in range(frames):
            if fixed is not None:
                yield fixed
            else:
                # a loop shorter than the place's clip comes round again, and the place with it
                yield self.glass(min(n, last))


def windows_of(path: Path, width: int, height: int) -> Windows | None:
    """The windows that show in a place, from its depth map, for a picture of width x height; None where it has none.
    Raises Refused for any other picture."""
    ground = ground_of(path, width, height)
    told: dict[str, Any] = ground.glass or {}
    if not told.get("panes"):
        return None
    panes = np.array(told["panes"], np.float64)
    panes[:, 1:] /= 1000
    stand = np.array(told["stand"], np.float64) / (1e3, 1e3, 1e3, 1e6, 1e6)
    found = Windows(ground, panes, stand)
    frames = (0,) if ground.way is None else (0, len(ground.way.stands) // 2, len(ground.way.stands) - 1)
    return found if max(float(found.glass(n).mean()) for n in frames) > LEAST else None


def through(pictures: Iterator[NDArray[np.uint16]], windows: Windows, frames: int) -> Iterator[NDArray[np.uint16]]:
    """Only what of pictures (H, W, 4), straight alpha, is seen through the glass, in place."""
    for picture, mask in zip(pictures, windows.masks(frames), strict=True):
        picture[..., 3] = np.rint(picture[..., 3] * mask)
        yield picture


def _cut(corners: Numbers, camera: Numbers) -> Numbers:
    """The part of a polygon (K, 3) that lies before the camera. Source: Sutherland and Hodgman (1974), one plane."""
    sin, cos = math.sin(camera[3]), math.cos(camera[3])
    far = sin * (corners[:, 0] - camera[0]) + cos * (corners[:, 2] - camera[2]) - NEAREST_M
    kept = []
    for k in range(len(corners)):
        a, b, p, q = far[k - 1], far[k], corners[k - 1], corners[k]
        if (a > 0) != (b > 0):
            kept.append(p + (q - p) * (a / (a - b)))
        if b > 0:
            kept.append(q)
    return np.array(kept).reshape(-1, 3)
