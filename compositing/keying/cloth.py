"""What of a picture is bare cloth: its colour, its calm and its folds, told from hair, blur and shadow before it.

All at the fit's resolution. `plate` draws the empty screen from what is found here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane, chroma_basis
from compositing.devices import each
from compositing.keying.low_kernels import calm_of, rough_of
from compositing.keying.map_kernels import clear_of
from compositing.keying.screen import Screen
from compositing.keying.study_kernels import bare_of, light_and_square, shares_of, steady_of

LOW_SIDE = 240  # the fit's resolution: the shorter side of the picture it works on
FLOOR = 1e-4
PURITIES, PEAK = 256, 0.3  # votes for the paint's purity; their blur, of their spread
AS_GOOD = (0.04, 2.5), (0.01, 1.0)  # below that and yet as good, for each of the two: at least, and of the noise
MANY, SOME = 16384, 4096  # pixels that tell a middle value as well as all of them; one of many
FOLD_STEADY = 0.035, 0.75  # a fold: so near its usual light in so many samples
FOLDED = (0.024, 0.032)  # deviation of the bare cloth's light from the surface: from even cloth to hanging folds


@dataclass(frozen=True)
class Calmness:
    """What bare cloth is like in this clip: how rough it may be, and how far from the paint's colour."""

    paint: NDArray[np.float32]
    rough: float
    tint: float


def low_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) the fit works at for a picture of that size."""
    factor = max(1.0, min(width, height) / LOW_SIDE)
    return max(8, round(width / factor)), max(8, round(height / factor))


def shrink(linear: Picture, size: tuple[int, int]) -> Picture:
    if (linear.shape[1], linear.shape[0]) == size:
        return linear
    return np.asarray(cv2.resize(linear, size, interpolation=cv2.INTER_AREA), np.float32)


def lows_of(samples: Sequence[Picture], size: tuple[int, int]) -> list[Picture]:
    """Sampled frames (H, W, 3) at (width, height) `size`; `sources.Samples` make them themselves."""
    low = getattr(samples, "low", None)
    return each(lambda place: shrink(samples[place], size) if low is None else low(place, size), range(len(samples)))


def total_light(linear: Picture) -> Plane:
    """(h, w) red + green + blue; many times faster than NumPy's sum over an axis of three."""
    return np.asarray(linear[..., 0] + linear[..., 1] + linear[..., 2], np.float32)


def largest(values: Picture) -> Plane:
    """(h, w) largest of the three channels."""
    return np.asarray(np.maximum(np.maximum(values[..., 0], values[..., 1]), values[..., 2]), np.float32)


def transparency(
    linear: Picture, plate: Picture, screen: Screen, wedge: float | None = None, gain: float = 1.0
) -> Plane:
    """How much of the screen shows: 1 on the bare plate, 0 (or less) on the actor. Colour difference, any hue.

    linear, plate: (H, W, 3). wedge 0 is the "average" rule, 0.577 the "maximum" rule of a green screen. gain: times
    that.
    """
    slope = screen.wedge if wedge is None else wedge
    out, f = np.empty(linear.shape[:2], np.float32), np.float32
    linear, plate = np.ascontiguousarray(linear, f), np.ascontiguousarray(plate, f)
    clear_of(linear, plate, screen.along, screen.across, f(slope), f(FLOOR), f(gain), out)
    return out


def bare_screen(
    linear: Picture, plate: Picture, screen: Screen, low: float = 0.8, high: float = 1.3
) -> NDArray[np.bool_]:
    """Where nothing but screen shows, given a plate that is roughly right."""
    out, f = np.empty(linear.shape[:2], np.bool_), np.float32
    linear, plate = np.ascontiguousarray(linear, f), np.ascontiguousarray(plate, f)
    bare_of(linear, plate, screen.along, screen.across, f(screen.wedge), f(FLOOR), f(low), f(high), out)
    return out


def inside(mask: NDArray[np.bool_], by: int) -> Plane:
    """(h, w) 1 where the mask holds all pixels within `by` of it; the picture's edge is no edge of it."""
    return eaten(mask.astype(np.uint8), by).astype(np.float32)


def disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)


def eaten(mask: NDArray[np.uint8], by: int) -> NDArray[np.uint8]:
    """(h, w) 0 or 1: the mask without what is within `by` pixels of its edge; the picture's edge is no edge of it."""
    return np.asarray(cv2.erode(mask, disc(by), borderType=cv2.BORDER_REPLICATE), np.uint8)


def roughness(linear: Picture) -> Plane:
    """Deviation of light over 5 x 5 pixels, of its mean: nothing on cloth, much in hair before it."""
    both = np.empty((*linear.shape[:2], 2), np.float32)
    light_and_square(np.ascontiguousarray(linear, np.float32), np.float32(FLOOR), both)
    out = np.empty(both.shape[:2], np.float32)
    rough_of(cv2.blur(both, (5, 5)), out)
    return out


class Sampled:
    """A sampled frame (h, w, 3) with what its study asks for again and again, each worked out once."""

    def __init__(self, linear: Picture) -> None:
        self.linear = linear
        self.usual: Calmness | None = None  # once what is bare of it is roughly known

    @classmethod
    def of(cls, frame: "Picture | Sampled") -> "Sampled":
        return frame if isinstance(frame, Sampled) else cls(frame)

    @cached_property
    def light(self) -> Plane:
        return total_light(self.linear)

    @cached_property
    def share(self) -> Picture:
        """(h, w, 3) each colour's part of the light."""
        out = np.empty(self.linear.shape, np.float32)
        shares_of(np.ascontiguousarray(self.linear, np.float32), np.float32(FLOOR), out)
        return out

    @cached_property
    def calm_share(self) -> Picture:
        return np.asarray(cv2.blur(self.share, (3, 3)), np.float32)

    @cached_property
    def rough(self) -> Plane:
        return roughness(self.linear)

    @cached_property
    def soft(self) -> Plane:
        return np.asarray(cv2.blur(self.rough, (5, 5)), np.float32)


def middle(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """(3,) median of each column of (n, 3); a row at a time, which is several times faster than along columns."""
    return np.asarray(np.median(np.ascontiguousarray(values.T), axis=1), np.float32)


def usual_colour(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3,) the paint's colour of pixels (n, 3), each colour's part of its light.

    The most frequent purity, not the middle one: hair before the cloth only ever takes purity away.
    """
    purity = share @ chroma_basis(middle(share))[0]
    low, high, first, third = (float(v) for v in np.percentile(purity, (0.5, 99.5, 25, 75)))
    if high - low < 1e-5:
        return middle(share)
    votes = np.histogram(purity, PURITIES, (low, high))[0].astype(np.float32)
    sigma = max(PEAK * (third - first) / (high - low) * PURITIES, 1.0)
    peak = int(cv2.GaussianBlur(votes[None], (0, 0), sigma, borderType=cv2.BORDER_CONSTANT).argmax())
    usual = low + (peak + 0.5) / PURITIES * (high - low)
    near = np.abs(purity - usual) <= max(0.5 * PEAK * (third - first), (high - low) / PURITIES)
    return np.asarray(share[near].mean(0), np.float32)


def calmness_of(linear: Picture | Sampled, bare: NDArray[np.bool_]) -> Calmness | None:
    """Measured on the pixels that look bare: most of them are. None where there are none."""
    if not bare.any():
        return None
    frame = Sampled.of(linear)
    places = np.flatnonzero(bare)
    places = places[:: max(1, len(places) // SOME)]
    paint = usual_colour(frame.calm_share.reshape(-1, 3)[places])
    rough = max(0.02, 2.2 * float(np.percentile(frame.rough.reshape(-1)[places], 35)))
    stray = largest(np.abs(frame.calm_share.reshape(-1, 3)[places] - paint))
    return Calmness(paint, rough, max(0.012, 2.5 * float(np.percentile(stray, 40))))


def calm(linear: Picture | Sampled, bare: NDArray[np.bool_], known: Calmness | None = None) -> NDArray[np.bool_]:
    """Of the pixels that look bare, those as calm and as pure as most: loose strands before the screen are not."""
    frame = Sampled.of(linear)
    known = known or calmness_of(frame, bare)
    if known is None:
        return bare
    out = np.asarray(bare, np.uint8)
    calm_of(out, frame.soft, frame.calm_share, known.paint, np.float32(known.rough), np.float32(known.tint))
    return out.view(np.bool_)


def folds(linear: Picture | Sampled, screen: Screen, rough: float = 0.05, wide: int = 3) -> Plane:
    """1 where the picture is flat and purely of the screen's paint, however dark: the bottom of a wrinkle.

    Dark hair over the screen has the paint's colour too, but never its flatness.
    """
    frame = Sampled.of(linear)
    light = np.maximum(frame.light, FLOOR)
    paint = screen.linear / screen.linear.sum()
    pure = largest(np.abs(frame.share - paint)) < 0.03
    known = (light > 0.3 * screen.linear.sum()) & (light < 2.5 * screen.linear.sum())
    flat = (pure & known & (frame.rough < rough)).astype(np.uint8)
    flat = cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((2 * wide + 1, 2 * wide + 1), np.uint8))
    return inside(flat > 0, wide - 1)


def steady(frames: Sequence[Picture | Sampled]) -> Plane:
    """1 where the sampled frames nearly always show the same light: cloth hangs still, hair and blur move."""
    light = np.stack([Sampled.of(frame).light for frame in frames])
    out, f = np.empty(light.shape[1:], np.float32), np.float32
    steady_of(light, f(FLOOR), f(FOLD_STEADY[0]), f(FOLD_STEADY[1]), out)
    return out


def dim_cloth(frames: Sequence[Picture | Sampled], screen: Screen) -> NDArray[np.bool_]:
    """(h, w) where flat, pure, steady cloth is seen in nearly all the sampled frames, be it darker than its fit."""
    flat = np.mean(each(lambda frame: folds(frame, screen), frames), axis=0)
    return np.asarray((flat >= FOLD_STEADY[1]) & (steady(frames) > 0))


def foldedness(frames: Sequence[Picture | Sampled], base: Picture, screen: Screen) -> float:
    """0 for even cloth, 1 for cloth that hangs in folds, by what is bare of it: dark places are folds or hair."""

    def spread_of(frame: Picture | Sampled) -> float | None:
        frame = Sampled.of(frame)
        bare = inside(calm(frame, bare_screen(frame.linear, base, screen, 0.72, 1.45), frame.usual), 3) > 0
        if int(bare.sum()) < 60:
            return None
        light = np.log(np.maximum(frame.light, FLOOR) / np.maximum(total_light(base), FLOOR)).astype(np.float32)
        weight = bare.astype(np.float32)
        wide = wide_blur(light * weight, 12) / np.maximum(wide_blur(weight, 12), 1e-3)
        fine = cv2.GaussianBlur(light * weight, (0, 0), 1.5) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 1.5), 1e-3)
        return float(np.std((fine - wide)[bare]))

    spread = [found for found in each(spread_of, frames) if found is not None]
    if not spread:
        return 0.0
    return float(np.clip((np.median(spread) - FOLDED[0]) / (FOLDED[1] - FOLDED[0]), 0, 1))


def wide_blur(plane: Plane, sigma: float) -> Plane:
    """(h, w) blurred by many pixels: at a quarter of the size, which holds all that is left."""
    height, width = plane.shape
    less = cv2.resize(plane, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(less, (0, 0), sigma / 4)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def topmost(plane: Plane, reach: int, soft: float, folded: bool = False, sigma: float = 0.7) -> Plane:
    """Weight of each pixel by how near it comes to the most around: strands before a screen only lower its chroma.

    folded: only what is narrower than `reach` is held to be strands; a wide dark place is the bottom of a fold.
    """
    smooth = cv2.GaussianBlur(np.asarray(plane, np.float32), (0, 0), sigma)
    around = cv2.MORPH_CLOSE if folded else cv2.MORPH_DILATE
    top = cv2.morphologyEx(smooth, around, np.ones((reach, reach), np.uint8))
    below = smooth - top
    below += np.float32(soft)
    np.minimum(below, 0, out=below)
    below *= np.float32(1 / soft)
    return np.asarray(np.exp(below, out=below), np.float32)


def as_good(noise: float) -> tuple[float, float]:
    """How far below the most around it chroma, and purity, may be: of noise the most is no measure."""
    (least, part), (least_pure, part_pure) = AS_GOOD
    return max(least, part * noise), max(least_pure, part_pure * noise)


def purity(frame: Sampled, plate: Picture, screen: Screen) -> Plane:
    """(h, w) how much of its light is of the screen's chroma, over what is of the plate's."""
    usual = np.maximum((plate @ screen.along) / np.maximum(total_light(plate), FLOOR), FLOOR)
    return np.asarray((frame.share @ screen.along) / usual, np.float32)
