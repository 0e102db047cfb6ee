"""From the picture as stored to the picture as asked for: rotation, pixel shape, crop, scale."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.errors import ShapeError


@dataclass(frozen=True)
class Crop:
    """A rectangle of whole pixels inside a picture."""

    left: int
    top: int
    width: int
    height: int


def crop_for(width: int, height: int, want_width: int, want_height: int, centre_milli: int | None = None) -> Crop:
    """The largest part of a width x height picture with the wanted shape.

    centre_milli 0..1000 says where its middle should stand along the side that loses something (500: the middle; moved
    inward where the crop would leave the picture). Even offsets and sizes, so that 4:2:0 colour stays in step.
    """
    if min(width, height, want_width, want_height) < 1:
        raise ShapeError(f"expected sizes of at least 1 x 1, got {width} x {height} -> {want_width} x {want_height}")
    centre = 500 if centre_milli is None else min(1000, max(0, centre_milli))
    if width * want_height > height * want_width:
        keep = min(width, max(1, round(height * want_width / want_height)))
        keep -= keep % 2 if width > keep > 1 else 0
        left = min(max(0, round(width * centre / 1000 - keep / 2)), width - keep)
        return Crop(left - left % 2, 0, keep, height)
    keep = min(height, max(1, round(width * want_height / want_width)))
    keep -= keep % 2 if height > keep > 1 else 0
    top = min(max(0, round(height * centre / 1000 - keep / 2)), height - keep)
    return Crop(0, top - top % 2, width, keep)


def turn(picture: NDArray, degrees: int) -> NDArray:
    """The picture turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.rot90(picture, -(degrees // 90) % 4) if degrees % 360 else picture


def scale(picture: NDArray, width: int, height: int) -> NDArray:
    """(height, width[, C]) in the same type: area average on the way down, cubic on the way up, clipped to the type."""
    if picture.shape[:2] == (height, width):
        return np.ascontiguousarray(picture)
    smaller = picture.shape[0] * picture.shape[1] > width * height
    method = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cv2.resize(np.ascontiguousarray(picture), (width, height), interpolation=method)


def even(size: float | Fraction) -> int:
    """The nearest even whole number, at least 2: what 4:2:0 needs."""
    return max(2, 2 * round(size / 2))
