"""One layer over another: premultiplied, in linear light. Placement, grade and lens blur of a layer."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane
from compositing.devices import kernel
from compositing.errors import ShapeError
from compositing.parameters import PLACE, all_values


@kernel
def row_of(low, y, height, row):  # type: ignore[no-untyped-def]
    """Row `y` of `height` of a small map (h, w, c), interpolated down: written to row (w, c)."""
    rows = low.shape[0]
    place = (y + 0.5) * rows / height - 0.5
    place = min(max(place, 0.0), rows - 1.0)
    first = int(place)
    second = min(first + 1, rows - 1)
    part = np.float32(place - first)
    for x in range(low.shape[1]):
        for c in range(low.shape[2]):
            row[x, c] = low[first, x, c] + part * (low[second, x, c] - low[first, x, c])


@kernel
def _over_grey(top, grey, out):  # type: ignore[no-untyped-def]
    for y in range(top.shape[0]):
        for x in range(top.shape[1]):
            under = (np.float32(1.0) - top[y, x, 3]) * grey
            for c in range(3):
                out[y, x, c] = top[y, x, c] + under


def over_grey(top: Picture, grey: float = 0.18) -> Picture:
    """(H, W, 3): a layer (H, W, 4) premultiplied over a flat grey, linear."""
    out = np.empty((*top.shape[:2], 3), np.float32)
    _over_grey(np.ascontiguousarray(top, np.float32), np.float32(grey), out)
    return out


def over_flat(top: Picture, colour: tuple[float, float, float]) -> Picture:
    """(H, W, 3): a layer (H, W, 4) premultiplied over one colour, linear."""
    return np.asarray(top[..., :3] + (1 - top[..., 3:]) * np.asarray(colour, np.float32), np.float32)


def over_checker(top: Picture, light: float = 0.3, dark: float = 0.1) -> Picture:
    """(H, W, 3): a layer (H, W, 4) premultiplied over squares of two greys, a 24th of the frame's short side wide."""
    height, width = top.shape[:2]
    side = max(2, min(width, height) // 24)
    odd = (np.arange(height)[:, None] // side + np.arange(width)[None, :] // side) % 2
    under = np.where(odd == 1, np.float32(light), np.float32(dark))[..., None]
    return np.asarray(top[..., :3] + (1 - top[..., 3:]) * under, np.float32)


@kernel
def _multiply(picture, gains):  # type: ignore[no-untyped-def]
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            for c in range(3):
                picture[y, x, c] *= gains[c]


def multiplied(picture: Picture, gains: NDArray[np.floating], *, in_place: bool = False) -> Picture:
    """The layer (H, W, 4) with its colours multiplied by (3,) gains; a new picture, or the same with in_place."""
    out = picture if in_place else np.array(picture, np.float32, order="C", copy=True)
    _multiply(out, np.asarray(gains, np.float32))
    return out


@kernel
def _over(base, top, opacity):  # type: ignore[no-untyped-def]
    one = np.float32(1.0)
    for y in range(base.shape[0]):
        for x in range(base.shape[1]):
            a = top[y, x, 3] * opacity
            # Additive light (a flame's glow) may have colour without coverage.
            if a <= 0.0 and top[y, x, 0] == 0.0 and top[y, x, 1] == 0.0 and top[y, x, 2] == 0.0:
                continue
            keep = one - a
            base[y, x, 0] = top[y, x, 0] * opacity + keep * base[y, x, 0]
            base[y, x, 1] = top[y, x, 1] * opacity + keep * base[y, x, 1]
            base[y, x, 2] = top[y, x, 2] * opacity + keep * base[y, x, 2]


def over(base: Picture, top: Picture, opacity: float = 1.0, *, in_place: bool = False) -> Picture:
    """`top` (H, W, 4) premultiplied over `base` (H, W, 3), linear; a new picture, or into base with in_place.

    Raises ShapeError.

    Source: Porter and Duff 1984, "over".
    """
    if base.shape[:2] != top.shape[:2] or base.shape[2] != 3 or top.shape[2] != 4:
        raise ShapeError(f"expected (H, W, 3) and (H, W, 4), got {base.shape} and {top.shape}")
    out = base if in_place else np.array(base, np.float32, order="C", copy=True)
    _over(out, np.ascontiguousarray(top, np.float32), np.float32(opacity))
    return out


def opaque(rgb: Picture) -> Picture:
    """(H, W, 4) of a picture without alpha: solid everywhere."""
    return np.dstack([rgb, np.ones(rgb.shape[:2], np.float32)])


def premultiplied(straight: Picture) -> Picture:
    """(H, W, 4) premultiplied from linear straight RGBA."""
    out = np.array(straight, np.float32)
    out[..., :3] *= out[..., 3:4]
    return out


def fit_into(picture: Picture, width: int, height: int, fit: str, centre_milli: int) -> Picture:
    """The layer (h, w, 4) at the frame's size. cover crops, contain leaves clear bars, stretch bends."""
    rows, columns = picture.shape[:2]
    if (columns, rows) == (width, height):
        return picture
    if fit == "stretch":
        return resize(picture, width, height)
    scale = (max if fit == "cover" else min)(width / columns, height / rows)
    # A pixel's difference from rounding is stretched away rather than cropped.
    inner_w, inner_h = round(columns * scale), round(rows * scale)
    if abs(inner_w - width) <= 2 and abs(inner_h - height) <= 2:
        return resize(picture, width, height)
    scaled = resize(picture, inner_w, inner_h)
    if fit == "cover":
        left = min(max(round(inner_w * centre_milli / 1000 - width / 2), 0), max(inner_w - width, 0))
        top = min(max(round(inner_h * centre_milli / 1000 - height / 2), 0), max(inner_h - height, 0))
        return np.ascontiguousarray(scaled[top : top + height, left : left + width])
    out = np.zeros((height, width, picture.shape[2]), np.float32)
    left, top = (width - inner_w) * centre_milli // 1000, (height - inner_h) * centre_milli // 1000
    out[top : top + inner_h, left : left + inner_w] = scaled
    return out


def resize(picture: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Resampled: area when it shrinks, cubic (kept from ringing below zero) when it grows."""
    smaller = width * height < picture.shape[0] * picture.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    out = np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.float32)
    if not smaller:
        np.maximum(out, 0, out=out)
        if out.ndim == 3 and out.shape[2] == 4:
            np.minimum(out[..., 3], 1, out=out[..., 3])
    return out


def disc(radius_px: float) -> Plane:
    """A round aperture of that radius, its edge antialiased, summing to 1."""
    reach = int(np.ceil(radius_px))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    shape = np.clip(radius_px + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return np.asarray(shape / shape.sum(), np.float32)


def defocus(picture: Picture, radius_px: float) -> Picture:
    """Blurred by a round aperture, in linear light as a lens does it. Beyond 12 px it works at a lower resolution."""
    if radius_px < 0.3:
        return picture
    factor = max(1, int(radius_px / 8))
    if factor == 1:
        return np.asarray(cv2.filter2D(picture, -1, disc(radius_px), borderType=cv2.BORDER_REPLICATE), np.float32)
    height, width = picture.shape[:2]
    less = cv2.resize(picture, (max(1, width // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA)
    soft = cv2.filter2D(less, -1, disc(radius_px / factor), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def graded(picture: Picture, gains: NDArray[np.floating], saturation: float = 1.0) -> Picture:
    """The layer (H, W, 4) with its colours multiplied: gains and saturation commute with alpha."""
    if saturation == 1:
        return picture if np.allclose(gains, 1) else multiplied(picture, gains)
    grey = np.outer(np.ones(3, np.float32), LUMA)
    matrix = (saturation * np.eye(3, dtype=np.float32) + (1 - saturation) * grey) @ np.diag(gains)
    out = np.empty_like(picture)
    out[..., :3] = np.maximum(cv2.transform(np.ascontiguousarray(picture[..., :3]), matrix.astype(np.float32)), 0)
    out[..., 3:] = picture[..., 3:]
    return out


def gains_of(exposure_milli: int, temperature_milli: int, tint_milli: int) -> NDArray[np.float32]:
    """(3,) linear gains: exposure in thousandths of a stop; warmth and tint keep the brightness of grey."""
    warm, tint = temperature_milli / 1000, tint_milli / 1000
    gains = np.array([2 ** (0.4 * warm + 0.2 * tint), 2 ** (-0.4 * tint), 2 ** (-0.4 * warm + 0.2 * tint)])
    gains = gains / float(gains @ LUMA)
    return np.asarray(gains * 2 ** (exposure_milli / 1000), np.float32)


def placed_point(at: tuple[float, float], values: Mapping[str, int] | None) -> tuple[float, float]:
    """Where a point of a layer's frame, in parts of it, comes to stand by the layer's `place` values."""
    v = all_values(PLACE, values)
    scale = v["scale_milli"] / 1000
    x = 1 - at[0] if v["flip"] else at[0]
    return (
        (x - 0.5) * scale + 0.5 + v["x_milli"] / 1000,
        (at[1] - 0.5) * scale + 0.5 + v["y_milli"] / 1000,
    )


def placed(picture: Picture, values: Mapping[str, int] | None) -> Picture:
    """The layer (H, W, 4) at the frame's size, mirrored, sized, moved, graded and defocused by its `place` values."""
    v = all_values(PLACE, values)
    height, width = picture.shape[:2]
    if v["flip"]:
        picture = np.ascontiguousarray(picture[:, ::-1])
    if (v["scale_milli"], v["x_milli"], v["y_milli"]) != (1000, 0, 0):
        scale = v["scale_milli"] / 1000
        right = (1 - scale) * (width - 1) / 2 + v["x_milli"] / 1000 * width
        down = (1 - scale) * (height - 1) / 2 + v["y_milli"] / 1000 * height
        source = picture
        if scale < 0.7:  # shrink by area first: sampling alone would shimmer
            source = resize(picture, max(1, round(width * scale)), max(1, round(height * scale)))
            scale = 1.0
        move = np.array([[scale, 0, right], [0, scale, down]], np.float64)
        picture = np.asarray(
            cv2.warpAffine(source, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT),
            np.float32,
        )
    gains = gains_of(v["exposure_milli"], v["temperature_milli"], v["tint_milli"])
    picture = graded(picture, gains, v["saturation_milli"] / 1000)
    return defocus(picture, v["defocus_px_milli"] / 1000 * min(width, height) / 1080)
