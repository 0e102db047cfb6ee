"""The empty screen behind the actor, fitted: its unevenness is taken from what is seen, and filled in elsewhere.

One static plate per clip (a surface of second order, times what wrinkles and hot spots every sampled frame agrees on)
keeps the fit still; each frame only bends it gently, for flickering lamps and a moving camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane, chroma_basis
from compositing.devices import each
from compositing.keying.low_kernels import bare_parts, calm_of, rough_of, seen_of, trusted, weigh
from compositing.keying.outlines import beside
from compositing.keying.screen import Screen, screen_of

LOW_SIDE = 240  # the fit's resolution: the shorter side of the picture it works on
FLOOR = 1e-4
LEAST_GAIN = 1e-2
HARDLY = 0.01  # part of the picture: less of the screen recognised means that its light has changed
PURITIES, PEAK, LEAST_PAINT = 256, 0.3, 200  # votes for the paint's purity; their blur, of their spread; least pixels
STRANDS, MIXED = 9, 15  # pixels around, among which the most of chroma, of purity is looked for
AS_GOOD = (0.04, 2.5), (0.01, 1.0)  # below that and yet as good, for each of the two: at least, and of the noise
MANY = 16384  # pixels that tell a middle value as well as all of them
PASSES = 3  # each grows the plate further into what is too dark for the surface alone
SOLID, FAR = 0.25, 8.0  # as clear as that is the actor; the bottom of a fold is so many pixels away
CLOTH_ROUGH = 0.03  # flatter than any hair: cloth, however dark
FOLD_ROUGH, FOLD_STEADY = 0.08, (0.035, 0.75)  # a fold: flatter than hair; so near its usual light in so many samples
FOLDED = (0.024, 0.032)  # deviation of the bare cloth's light from the surface: from even cloth to hanging folds


@dataclass(frozen=True)
class CleanPlate:
    """(h, w, 3) linear: the empty screen at the fit's resolution, and how noisy it is (share of its chroma)."""

    picture: Picture
    noise: float
    captured: bool = False
    calmness: "Calmness | None" = None


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


def transparency(linear: Picture, plate: Picture, screen: Screen, wedge: float | None = None) -> Plane:
    """How much of the screen shows: 1 on the bare plate, 0 (or less) on the actor. Colour difference, any hue.

    linear, plate: (H, W, 3). wedge 0 is the "average" rule, 0.577 the "maximum" rule of a green screen.
    """
    slope = screen.wedge if wedge is None else wedge
    along, plate_along = linear @ screen.along, np.maximum(plate @ screen.along, FLOOR)
    across = linear @ screen.across - along * ((plate @ screen.across) / plate_along)
    return np.asarray((along - slope * np.abs(across)) / plate_along, np.float32)


def bare_screen(
    linear: Picture, plate: Picture, screen: Screen, low: float = 0.8, high: float = 1.3
) -> NDArray[np.bool_]:
    """Where nothing but screen shows, given a plate that is roughly right."""
    clear = transparency(linear, plate, screen)
    bright = total_light(linear) / np.maximum(total_light(plate), FLOOR)
    return (clear > low) & (clear < high) & (bright > low) & (bright < high + 0.1)


def fill(values: NDArray[np.float32], weight: Plane, finest: float = 1.2, octaves: int = 6) -> NDArray[np.float32]:
    """`values` smoothed where `weight` is, and carried on smoothly into where it is not (coarse to fine)."""
    total = float(weight.sum())
    if total < 1e-6:
        return values
    height, width = weight.shape
    weighed = np.empty((height, width, 4), np.float32)
    weigh(np.ascontiguousarray(values, np.float32), np.ascontiguousarray(weight, np.float32), weighed)
    filled = np.empty((1, 1, 3), np.float32)
    filled[0, 0] = np.array(cv2.sumElems(weighed)[:3]) / total
    # Coarse to fine, each octave at a resolution that holds it; going up, what is filled is stretched along.
    for octave in range(octaves - 1, -1, -1):
        sigma = finest * 2.0**octave
        factor = max(1, int(sigma / 2))
        size = (max(1, width // factor), max(1, height // factor))
        less = cv2.resize(weighed, size, interpolation=cv2.INTER_AREA) if factor > 1 else weighed
        soft = cv2.GaussianBlur(less, (0, 0), sigma / factor, borderType=cv2.BORDER_REPLICATE)
        filled = np.asarray(cv2.resize(filled, size, interpolation=cv2.INTER_LINEAR), np.float32)
        trusted(filled, np.asarray(soft, np.float32))
    return filled


def _surface_terms(height: int, width: int) -> NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], -1).astype(np.float32)


def surface(linear: Picture, seen: NDArray[np.bool_]) -> Picture | None:
    """A second-order surface of light on one paint through the pixels `seen`; None where too few are seen.

    The paint's colour is the same everywhere (its median), only the light on it bends: three free channels would follow
    spilled hair into another colour where the screen is hidden.
    """
    height, width = seen.shape
    if int(seen.sum()) < 60:
        return None
    terms = _surface_terms(height, width)
    sums = np.maximum(total_light(linear)[..., None], FLOOR)
    paint = np.median((linear / sums)[seen], axis=0)
    paint = paint / paint.sum()
    light = np.log(sums[..., 0])
    keep = seen & (np.abs(linear / sums - paint).max(-1) < 0.05)
    model = np.zeros((height, width), np.float32)
    for _ in range(5):
        count = int(keep.sum())
        if count < 60:
            return None
        a, b = terms[keep].astype(np.float64), light[keep].astype(np.float64)
        # A little resistance against bending where the screen is seen on one side only.
        pull = np.diag([0, 1, 1, 4, 4, 4]) * count * 2e-2
        model = (terms @ np.linalg.solve(a.T @ a + pull, a.T @ b)).astype(np.float32)
        miss = light - model
        limit = max(0.12, 2.5 * float(np.median(np.abs(miss[keep]))))
        # Hair and shadow only ever darken: the lower side is cut closer.
        keep = keep & (miss < limit * 1.3) & (miss > -limit)
    return np.asarray(np.exp(model)[..., None] * paint, np.float32)


def _inside(mask: NDArray[np.bool_], by: int) -> Plane:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), by, by, by, by, cv2.BORDER_REPLICATE)
    return cv2.erode(padded, kernel)[by:-by, by:-by].astype(np.float32)


def roughness(linear: Picture) -> Plane:
    """Standard deviation of log light over 5 x 5 pixels: nothing on cloth, much in hair before it."""
    value = np.log(np.maximum(total_light(linear), FLOOR)).astype(np.float32)
    mean = cv2.blur(value, (5, 5))
    return np.asarray(np.sqrt(np.maximum(cv2.blur(value * value, (5, 5)) - mean * mean, 0)), np.float32)


class Sampled:
    """A sampled frame (h, w, 3) with what its study asks for again and again, each worked out once."""

    def __init__(self, linear: Picture) -> None:
        self.linear = linear

    @classmethod
    def of(cls, frame: "Picture | Sampled") -> "Sampled":
        return frame if isinstance(frame, Sampled) else cls(frame)

    @cached_property
    def light(self) -> Plane:
        return total_light(self.linear)

    @cached_property
    def share(self) -> Picture:
        """(h, w, 3) each colour's part of the light."""
        return np.asarray(self.linear / np.maximum(self.light, FLOOR)[..., None], np.float32)

    @cached_property
    def calm_share(self) -> Picture:
        return np.asarray(cv2.blur(self.share, (3, 3)), np.float32)

    @cached_property
    def rough(self) -> Plane:
        return roughness(self.linear)

    @cached_property
    def soft(self) -> Plane:
        return np.asarray(cv2.blur(self.rough, (5, 5)), np.float32)


def _stray(frame: Sampled, paint: NDArray[np.float32]) -> Plane:
    return largest(np.abs(frame.calm_share - paint))


def _middle(values: NDArray[np.floating]) -> NDArray[np.float32]:
    """(3,) median of each column of (n, 3); a row at a time, which is several times faster than along columns."""
    return np.asarray(np.median(np.ascontiguousarray(values.T), axis=1), np.float32)


def usual_colour(share: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3,) the paint's colour of pixels (n, 3), each colour's part of its light.

    The most frequent purity, not the middle one: hair before the cloth only ever takes purity away.
    """
    purity = share @ chroma_basis(_middle(share))[0]
    low, high, first, third = (float(v) for v in np.percentile(purity, (0.5, 99.5, 25, 75)))
    if high - low < 1e-5:
        return _middle(share)
    votes = np.histogram(purity, PURITIES, (low, high))[0].astype(np.float32)
    sigma = max(PEAK * (third - first) / (high - low) * PURITIES, 1.0)
    peak = int(cv2.GaussianBlur(votes[None], (0, 0), sigma, borderType=cv2.BORDER_CONSTANT).argmax())
    usual = low + (peak + 0.5) / PURITIES * (high - low)
    near = np.abs(purity - usual) <= max(0.5 * PEAK * (third - first), (high - low) / PURITIES)
    return np.asarray(share[near].mean(0), np.float32)


def paint_of(frames: Sequence[Sampled], plate: Picture, screen: Screen) -> NDArray[np.float32] | None:
    """(3,) the paint's colour, adding up to 1, by what is bare of it in the sampled frames; None where little is."""
    bare = each(lambda f: calm(f, bare_screen(f.linear, plate, screen, 0.72, 1.45)), frames)
    share = np.concatenate([f.calm_share[seen] for f, seen in zip(frames, bare, strict=True)])
    if len(share) < LEAST_PAINT:
        return None
    colour = usual_colour(share[:: max(1, len(share) // MANY)])
    return np.asarray(colour / colour.sum(), np.float32)


def painted(frames: Sequence[Sampled], screen: Screen) -> Screen:
    """The screen in the colour of its bare paint: the picture's middle colour has hair and shadow in it."""
    paint = paint_of(frames, first_surface(frames, screen), screen)
    return screen if paint is None else screen_of(paint * screen.linear.sum(), screen.share)


def calmness_of(linear: Picture | Sampled, bare: NDArray[np.bool_]) -> Calmness | None:
    """Measured on the pixels that look bare: most of them are. None where there are none."""
    if not bare.any():
        return None
    frame = Sampled.of(linear)
    places = np.flatnonzero(bare)
    places = places[:: max(1, len(places) // MANY)]
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
    return np.asarray(bare & (frame.soft < known.rough) & (_stray(frame, known.paint) < known.tint))


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
    return _inside(flat > 0, wide - 1)


def steady(frames: Sequence[Picture | Sampled]) -> Plane:
    """1 where the sampled frames nearly always show the same light: cloth hangs still, hair and blur move."""
    light = np.stack([Sampled.of(frame).light for frame in frames])
    usual = np.maximum(np.median(light, axis=0), FLOOR)
    return np.asarray((np.abs(light / usual - 1) < FOLD_STEADY[0]).mean(0) >= FOLD_STEADY[1], np.float32)


def dim_cloth(frames: Sequence[Picture | Sampled], screen: Screen) -> NDArray[np.bool_]:
    """(h, w) where flat, pure, steady cloth is seen in nearly all the sampled frames, be it darker than its fit."""
    flat = np.mean(each(lambda frame: folds(frame, screen), frames), axis=0)
    return np.asarray((flat >= FOLD_STEADY[1]) & (steady(frames) > 0))


def foldedness(frames: Sequence[Picture | Sampled], base: Picture, screen: Screen) -> float:
    """0 for even cloth, 1 for cloth that hangs in folds, by what is bare of it: dark places are folds or hair."""

    def spread_of(frame: Picture | Sampled) -> float | None:
        frame = Sampled.of(frame)
        bare = _inside(calm(frame, bare_screen(frame.linear, base, screen, 0.72, 1.45)), 3) > 0
        if int(bare.sum()) < 60:
            return None
        light = np.log(np.maximum(frame.light, FLOOR) / np.maximum(total_light(base), FLOOR)).astype(np.float32)
        weight = bare.astype(np.float32)
        wide = cv2.GaussianBlur(light * weight, (0, 0), 12) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 12), 1e-3)
        fine = cv2.GaussianBlur(light * weight, (0, 0), 1.5) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 1.5), 1e-3)
        return float(np.std((fine - wide)[bare]))

    spread = [found for found in each(spread_of, frames) if found is not None]
    if not spread:
        return 0.0
    return float(np.clip((np.median(spread) - FOLDED[0]) / (FOLDED[1] - FOLDED[0]), 0, 1))


def topmost(plane: Plane, reach: int, soft: float, folded: bool = False, sigma: float = 0.7) -> Plane:
    """Weight of each pixel by how near it comes to the most around: strands before a screen only lower its chroma.

    folded: only what is narrower than `reach` is held to be strands; a wide dark place is the bottom of a fold.
    """
    smooth = cv2.GaussianBlur(np.asarray(plane, np.float32), (0, 0), sigma)
    around = cv2.MORPH_CLOSE if folded else cv2.MORPH_DILATE
    top = cv2.morphologyEx(smooth, around, np.ones((reach, reach), np.uint8))
    return np.asarray(np.exp(np.minimum(smooth - top + soft, 0) / soft), np.float32)


def as_good(noise: float) -> tuple[float, float]:
    """How far below the most around it chroma, and purity, may be: of noise the most is no measure."""
    (least, part), (least_pure, part_pure) = AS_GOOD
    return max(least, part * noise), max(least_pure, part_pure * noise)


def purity(frame: Sampled, plate: Picture, screen: Screen) -> Plane:
    """(h, w) how much of its light is of the screen's chroma, over what is of the plate's."""
    usual = np.maximum((plate @ screen.along) / np.maximum(total_light(plate), FLOOR), FLOOR)
    return np.asarray((frame.share @ screen.along) / usual, np.float32)


def first_surface(frames: Sequence[Sampled], screen: Screen) -> Picture:
    """(h, w, 3) one surface for the clip, from the most of the screen that each pixel was seen with: hair and shadow
    only ever take from it."""
    height, width = frames[0].linear.shape[:2]
    flat = np.broadcast_to(screen.linear, (height, width, 3)).astype(np.float32)
    seen_any = np.zeros((height, width), bool)
    best, most = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    clear = each(lambda f: _inside(calm(f, bare_screen(f.linear, flat, screen, 0.45, 2.2)), 2) > 0, frames)
    for frame, seen in zip(frames, clear, strict=True):
        chroma = frame.linear @ screen.along
        more = seen & (chroma > most)
        best[more], most[more] = frame.linear[more], chroma[more]
        seen_any |= seen
    base = surface(best, seen_any)
    return flat if base is None else base


def fit_static(pictures: Sequence[Picture | Sampled], screen: Screen, captured: Picture | None = None) -> CleanPlate:
    """The clip's plate from sampled frames (all (h, w, 3), at the fit's resolution).

    captured: the empty screen as shot, same size; it is trusted, and only its noise is measured.
    """
    frames = [Sampled.of(picture) for picture in pictures]
    if captured is not None:
        rough = np.asarray(cv2.GaussianBlur(captured, (0, 0), 0.8), np.float32)
        return CleanPlate(np.maximum(rough, FLOOR), _noise(frames, rough, screen), True, _usual(frames, rough, screen))
    base = first_surface(frames, screen)
    base = np.asarray(screen.linear * ((base @ screen.along) / (screen.linear @ screen.along))[..., None], np.float32)
    hanging = foldedness(frames, base, screen)
    still = steady(frames)
    picture, noise = base, _noise(frames, base, screen)
    for _ in range(PASSES if hanging > 0 else 1):
        picture = _drawn_from(frames, screen, picture, still, hanging, as_good(noise))
    return CleanPlate(picture, _noise(frames, picture, screen), False, _usual(frames, picture, screen))


def _away(mask: NDArray[np.bool_]) -> Plane:
    """(h, w) distance in pixels to the nearest that the mask holds."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _drawn_from(
    frames: Sequence[Sampled], screen: Screen, base: Picture, still: Plane, hanging: float, soft: tuple[float, float]
) -> Picture:
    """(h, w, 3) `base` bent to what the frames show of the bare screen, and of its folds where it is still."""
    height, width = base.shape[:2]
    total = np.zeros((height, width, 3), np.float32)
    counted = np.zeros((height, width), np.float32)
    paint = screen.linear / screen.linear.sum()

    def drawn(frame: Sampled) -> tuple[Picture, Plane]:
        ratio = frame.linear / np.maximum(base, FLOOR)
        looks_bare = bare_screen(frame.linear, base, screen, 0.72, 1.45)
        bare = _inside(calm(frame, looks_bare), 3)
        cloth = folds(frame, screen, CLOTH_ROUGH)
        shown = np.maximum(bare, cloth)
        clear = transparency(frame.linear, base, screen)
        close = still * beside(frame.light, frame.share, clear, looks_bare, paint)
        away = _away(clear < SOLID)
        gain = _middle(ratio[shown > 0]) if shown.any() else np.ones(3)
        # A channel that the camera clipped to nothing has no light to compare.
        level = np.where(gain > LEAST_GAIN, ratio / np.maximum(gain, LEAST_GAIN), 1).astype(np.float32)
        chroma = transparency(frame.linear, base, screen, 0.0)
        if shown.any():
            chroma = chroma / np.float32(max(float(np.median(chroma[shown > 0])), LEAST_GAIN))
        purest = topmost(purity(frame, base, screen), MIXED, soft[1], sigma=1.0)
        shown, close = shown * purest, close * purest
        if hanging > 0:
            bottoms = hanging * still * folds(frame, screen, FOLD_ROUGH, 2) * (away > FAR)
            shown = np.maximum(shown * topmost(chroma, 7, soft[0], folded=True), bottoms)
        else:
            shown = np.maximum(shown * topmost(chroma, STRANDS, soft[0]), cloth)
        shown = np.maximum(shown, close)
        return level * shown[..., None], shown

    for light, shown in each(drawn, frames):
        total += light
        counted += shown
    ratio = total / np.maximum(counted, 1e-6)[..., None]
    # A pixel seen well once counts as much as one seen always.
    weight = np.minimum(counted, 1).astype(np.float32)
    wrinkles = fill(np.asarray(ratio, np.float32), weight)
    # Far from anything seen the surface alone is the better guess: ratios from afar are damped.
    near = np.clip(cv2.GaussianBlur(weight, (0, 0), 12) / 0.25, 0, 1)[..., None]
    return np.maximum(base * (1 + (wrinkles - 1) * (0.4 + 0.6 * near)), FLOOR).astype(np.float32)


def _usual(frames: Sequence[Sampled], plate: Picture, screen: Screen) -> Calmness | None:
    """The sampled frames' calmness, the middle of each measure: found once, so that frames do not pay for it."""
    seen = each(lambda f: calmness_of(f, bare_screen(f.linear, plate, screen, 0.8, 1.25)), frames)
    found = [calmness for calmness in seen if calmness is not None]
    if not found:
        return None
    paint = np.median(np.stack([c.paint for c in found]), axis=0).astype(np.float32)
    return Calmness(paint, float(np.median([c.rough for c in found])), float(np.median([c.tint for c in found])))


def _seen(frame: Picture, plate: CleanPlate, screen: Screen) -> tuple[NDArray[np.float32], Plane]:
    """((h, w, 4): frame over plate times how well each pixel shows the screen, and that; that alone).

    The same as `_inside(calm(frame, bare_screen(...)), 2)` times `topmost` of its chroma over the plate's and of its
    purity, in one walk or two.
    """
    frame = np.ascontiguousarray(frame, np.float32)
    shape = frame.shape[:2]
    bare, rough = np.empty(shape, np.uint8), np.empty(shape, np.float32)
    light, share = np.empty((*shape, 2), np.float32), np.empty((*shape, 3), np.float32)
    ratio, pure = np.empty((*shape, 4), np.float32), np.empty(shape, np.float32)
    f = np.float32
    bare_parts(
        frame, plate.picture, screen.along, screen.across, f(screen.wedge), f(0.8), f(1.25), f(FLOOR), bare, light,
        share, ratio, pure,
    )  # fmt: skip
    known = plate.calmness or calmness_of(frame, bare > 0)
    if known is not None:
        rough_of(cv2.blur(light, (5, 5)), rough)
        calm_of(bare, cv2.blur(rough, (5, 5)), cv2.blur(share, (3, 3)), known.paint, f(known.rough), f(known.tint))
    inside = _inside(bare > 0, 2)
    soft = as_good(plate.noise)
    smooth = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(ratio[..., 3]), (0, 0), 0.7), np.float32)
    top = np.asarray(cv2.dilate(smooth, np.ones((STRANDS, STRANDS), np.uint8)), np.float32)
    pure = np.asarray(cv2.GaussianBlur(pure, (0, 0), 1.0), np.float32)
    purest = np.asarray(cv2.dilate(pure, np.ones((MIXED, MIXED), np.uint8)), np.float32)
    seen_of((inside > 0).astype(np.uint8), smooth, top, f(soft[0]), pure, purest, f(soft[1]), ratio)
    return ratio, np.ascontiguousarray(ratio[..., 3])


def exposure_of(frame: Picture, plate: CleanPlate, screen: Screen) -> float:
    """How much brighter than the plate the frame shows what is purely of the screen's paint; 1 where too little is."""
    light, usual = np.maximum(total_light(frame), FLOOR), np.maximum(total_light(plate.picture), FLOOR)
    stray = largest(np.abs(frame / light[..., None] - plate.picture / usual[..., None]))
    lit = (light > 0.25 * usual) & (light < 4 * usual)
    # Skin leans towards some screens: only what is as strongly of the screen's colour counts.
    strong = (frame @ screen.along) / light > 0.8 * (plate.picture @ screen.along) / usual
    pure = _inside((stray < 0.04) & lit & strong, 2) > 0
    return float(np.median((light / usual)[pure])) if int(pure.sum()) > 60 else 1.0


def fit_frame(frame: Picture, plate: CleanPlate, screen: Screen) -> Picture:
    """This frame's plate: the static one, bent smoothly by what this frame shows of the screen."""
    ratio, seen = _seen(frame, plate, screen)
    total = float(seen.sum())
    if total < HARDLY * seen.size:  # the camera's exposure may have moved: find by how much, and look again
        plate = replace(plate, picture=np.asarray(plate.picture * exposure_of(frame, plate, screen), np.float32))
        ratio, seen = _seen(frame, plate, screen)
        total = float(seen.sum())
    if total < 40:
        return plate.picture
    gain = np.maximum(np.array(cv2.sumElems(ratio)[:3]) / total, LEAST_GAIN).astype(np.float32)
    # The bend is gentle: a quarter of the fit's resolution holds all of it.
    height, width = seen.shape
    size = (max(4, width // 4), max(4, height // 4))
    less = cv2.resize(ratio, size, interpolation=cv2.INTER_AREA)
    sigma = min(size) * 0.08
    soft = cv2.GaussianBlur(less, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    share = soft[..., 3]
    bend = soft[..., :3] / gain / np.maximum(share, 1e-6)[..., None]
    trust = np.clip(share / 0.3, 0, 1)[..., None]
    curve = cv2.resize(1 + trust * (np.clip(bend, 0.8, 1.25) - 1), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(plate.picture * gain * curve, np.float32)


def _noise(frames: Sequence[Sampled], plate: Picture, screen: Screen) -> float:
    """Standard deviation of the transparency over the bare screen."""

    def spread_of(frame: Sampled) -> float | None:
        seen = calm(frame, bare_screen(frame.linear, plate, screen))
        if not seen.any():
            return None
        clear = transparency(frame.linear, plate, screen, 0.0)
        detail = clear - cv2.GaussianBlur(clear, (0, 0), 3)
        return float(np.median(np.abs(detail[seen])) * 1.4826)

    spread = [found for found in each(spread_of, frames) if found is not None]
    return float(np.median(spread)) if spread else 0.01
