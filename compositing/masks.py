"""Garbage and holdout polygons as planes: drawn with exact edges, feathered, laid on a layer.

What garbage covers is clear, what a holdout covers is solid; where both do, garbage wins. An inverted mask covers all
that lies outside its polygon.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.polygons import HOLDOUT, points_at

VERSION = 2  # raise it when anything here changes pixels
TINY = 1e-9  # of a pixel: what is thinner has no part of one, and would only be divided by
Points = Sequence[tuple[float, float]]


@kernel
def _edges(points, width, height, area):  # type: ignore[no-untyped-def]
    """Add each edge's signed share of every pixel it crosses to area (H, W + 1): summed along a row it is coverage."""
    count = points.shape[0]
    for at in range(count):
        x0, y0 = points[at, 0], points[at, 1]
        x1, y1 = points[(at + 1) % count, 0], points[(at + 1) % count, 1]
        if abs(y1 - y0) < TINY:
            continue
        way = 1.0
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
            way = -1.0
        slope = (x1 - x0) / (y1 - y0)
        for y in range(max(0, int(np.floor(y0))), min(height, int(np.ceil(y1)))):
            top, bottom = max(y0, float(y)), min(y1, y + 1.0)
            if bottom <= top:
                continue
            left, right = x0 + (top - y0) * slope, x0 + (bottom - y0) * slope
            if left > right:
                left, right = right, left
            tall = way * (bottom - top)
            if right <= 0.0:
                area[y, 0] += tall
                continue
            if left >= width:
                continue
            wide = right - left
            for x in range(max(0, int(np.floor(left))), min(width, int(np.floor(right)) + 1)):
                # The part of the edge's height that falls into this column, and how far right of the column's left
                # side it stands there: that much of the pixel is not covered yet, the rest comes with the next one.
                near, far = max(left, float(x)), min(right, x + 1.0)
                part = tall if wide < TINY else tall * max(far - near, 0.0) / wide
                past = (near + far) / 2.0 - x
                area[y, x] += part * (1.0 - past)
                area[y, x + 1] += part * past
            if left < 0.0 and wide >= TINY:
                area[y, 0] += tall * (-left) / wide


def coverage(points: Points, width: int, height: int) -> Plane:
    """(H, W) 0..1: the exact share of each pixel that the closed polygon covers.

    points: in parts of the frame, 0..1 inside it; any direction, at least three. Where the outline crosses itself both
    lobes are covered. Pure: the same points give the same numbers everywhere.
    """
    scaled = np.asarray(points, np.float64) * (width, height)
    area = np.zeros((height, width + 1), np.float64)
    _edges(scaled, width, height, area)
    return np.minimum(np.abs(np.cumsum(area[:, :width], axis=1)), 1.0).astype(np.float32)


def feathered(plane: Plane, feather_px: float) -> Plane:
    """The plane with an edge that is `feather_px` wide, half of it to each side. The frame's border does not darken."""
    sigma = feather_px / 4  # about 95 % of the way from 0 to 1 lies within four sigmas
    if sigma < 0.25:
        return plane
    factor = max(1, int(sigma / 4))
    height, width = plane.shape
    less = plane
    if factor > 1:
        size = (max(1, -(-width // factor)), max(1, -(-height // factor)))
        less = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
        sigma *= size[0] / width
    soft = cv2.GaussianBlur(less, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    if factor > 1:
        soft = cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.clip(np.asarray(soft, np.float32), 0, 1)


@dataclass(frozen=True)
class Masks:
    """A layer's masks at one frame: keep (H, W) 0 where garbage lies, hold (H, W) 1 where it must be solid; or None."""

    keep: Plane | None = None
    hold: Plane | None = None

    def on_keyed(self, picture: Picture, solid: Callable[[], Picture]) -> Picture:
        """A keyed, premultiplied layer (H, W, 4) with both laid on it, a new picture (or the same without masks).

        solid: the layer as it looks where it is all solid, (H, W, 4); asked for only where something holds. The colour
        under a soft garbage stays what the key made it: it is thinned, not keyed again.
        """
        if self.hold is not None:
            hold = self.hold[..., None]
            picture = picture + hold * (solid() - picture)
        return picture if self.keep is None else np.asarray(picture * self.keep[..., None], np.float32)

    def on_layer(self, picture: Picture) -> Picture:
        """A premultiplied layer (H, W, 4) that is not keyed: garbage is taken off; nothing can be made solid."""
        return picture if self.keep is None else np.asarray(picture * self.keep[..., None], np.float32)


def masks_at(
    masks: Sequence[Mapping[str, Any]],
    frame: int,
    width: int,
    height: int,
    place: Callable[[Points], Points] | None = None,
    short_side: float | None = None,
) -> Masks:
    """The cleaned masks of a layer (see `compositing.polygons`) drawn at the layer's `frame`.

    place: from parts of the frame to parts of this picture, where they differ. short_side: of the whole frame in this
    picture's pixels, by which a feather (meant at 1080 wide) is scaled; the picture's own by default.
    """
    scale = (short_side or min(width, height)) / 1080
    keep: Plane | None = None
    hold: Plane | None = None
    for mask in masks:
        if mask.get("off"):
            continue
        points: Points = points_at(mask, frame)
        plane = coverage(points if place is None else place(points), width, height)
        plane = feathered(plane, mask.get("feather_px_milli", 0) / 1000 * scale)
        if mask.get("invert"):
            plane = np.float32(1) - plane
        if mask["kind"] == HOLDOUT:
            hold = plane if hold is None else np.maximum(hold, plane)
        else:
            clear = np.float32(1) - plane
            keep = clear if keep is None else np.asarray(keep * clear, np.float32)
    return Masks(keep, hold)


def numbers_at(masks: Sequence[Mapping[str, Any]], frame: int) -> list[Any]:
    """Plain data that decides `masks_at`: what a cache names its planes by."""
    fields = ("kind", "feather_px_milli", "invert")
    return [
        [*map(mask.get, fields), [list(p) for p in points_at(mask, frame)]] for mask in masks if not mask.get("off")
    ]
