"""The empty screen behind the actor, fitted: its unevenness is taken from what is seen, and filled in elsewhere.

One static plate per clip (a surface of second order, times what wrinkles and hot spots every sampled frame agrees on)
keeps the fit still; each frame only bends it gently, for flickering lamps and a moving camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import each
from compositing.keying.cloth import (
    FLOOR,
    MANY,
    Calmness,
    Sampled,
    as_good,
    bare_screen,
    calm,
    calmness_of,
    eaten,
    foldedness,
    folds,
    inside,
    largest,
    middle,
    purity,
    steady,
    topmost,
    total_light,
    transparency,
    usual_colour,
    wide_blur,
)
from compositing.keying.low_kernels import bare_parts, calm_of, rough_of, seen_of, weigh
from compositing.keying.map_kernels import bent, grown, halved
from compositing.keying.outlines import beside
from compositing.keying.screen import Screen, screen_of
from compositing.keying.study_kernels import most_seen, summed

LEAST_GAIN = 1e-2
SMOOTH = 12.0  # pixels
WIDER = 0.6, 1.6  # how far a frame may bend a plate that it does not agree with
HARDLY = 0.01  # part of the picture: less of the screen recognised means that its light has changed
LEAST_PAINT = 200  # pixels: less tells no colour
STRANDS, MIXED = 9, 15  # pixels around, among which the most of chroma, of purity is looked for
PASSES = 3  # each grows the plate further into what is too dark for the surface alone
SOLID, FAR = 0.25, 8.0  # as clear as that is the actor; the bottom of a fold is so many pixels away
CLOTH_ROUGH = 0.03  # flatter than any hair: cloth, however dark
FOLD_ROUGH = 0.08  # a fold: flatter than hair
# Frames that disagree on a place's light: by so many times the noise, or CALMEST; places that SURE show bare screen in
# LEAST_MET of the samples tell, every THIRD each way. A camera that stands still: 0.6 to 2; one that moves: 9.
WANDERS, CALMEST, SURE, LEAST_MET, THIRD = (3.0, 6.0), 0.004, 0.3, 3, 3


@dataclass(frozen=True)
class CleanPlate:
    """(h, w, 3) linear: the empty screen at the fit's resolution, and how noisy it is (share of its chroma).

    wandering: 0 where the sampled frames agree on the light of each place, 1 where the camera or the lamps move: then
    the picture is smooth, and each frame bends it more finely.
    """

    picture: Picture
    noise: float
    captured: bool = False
    calmness: "Calmness | None" = None
    wandering: float = 0.0


def fill(values: NDArray[np.float32], weight: Plane, finest: float = 1.2, octaves: int = 6) -> NDArray[np.float32]:
    """`values` smoothed where `weight` is, and carried on smoothly into where it is not (coarse to fine)."""
    weighed = np.empty((*weight.shape, 4), np.float32)
    weigh(np.ascontiguousarray(values, np.float32), np.ascontiguousarray(weight, np.float32), weighed)
    filled = fill_weighed(weighed, finest, octaves)
    return values if filled is None else filled


def fill_weighed(weighed: NDArray[np.float32], finest: float, octaves: int = 6) -> NDArray[np.float32] | None:
    """(h, w, 3) `fill` of (h, w, 4): the values times their weight, and the weight. None where nothing has any."""
    sums = np.array(cv2.sumElems(weighed))
    if sums[3] < 1e-6:
        return None
    # Coarse to fine, each octave at a resolution that holds it; going up, what is filled is stretched along.
    levels = [weighed]
    for _ in range(octaves - 1):
        height, width = levels[-1].shape[:2]
        less = np.empty((-(-height // 2), -(-width // 2), 4), np.float32)
        halved(levels[-1], less)
        levels.append(less)
    height, width = levels[-1].shape[:2]
    filled = np.empty((-(-height // 2), -(-width // 2), 3), np.float32)
    filled[:] = sums[:3] / sums[3]
    for level in reversed(levels):
        soft = cv2.GaussianBlur(level, (0, 0), finest, borderType=cv2.BORDER_REPLICATE)
        more = np.empty((*level.shape[:2], 3), np.float32)
        grown(filled, np.asarray(soft, np.float32), more)
        filled = more
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
    every = _surface_terms(height, width)
    places = np.flatnonzero(seen)
    places = places[:: max(1, len(places) // MANY)]
    terms, shown = every.reshape(-1, 6)[places], linear.reshape(-1, 3)[places]
    sums = np.maximum(shown.sum(1), FLOOR)
    share = shown / sums[:, None]
    paint = middle(share)
    paint = paint / paint.sum()
    light = np.log(sums)
    keep = np.abs(share - paint).max(-1) < 0.05
    for _ in range(5):
        count = int(keep.sum())
        if count < 60:
            return None
        a, b = terms[keep].astype(np.float64), light[keep].astype(np.float64)
        # A little resistance against bending where the screen is seen on one side only.
        pull = np.diag([0, 1, 1, 4, 4, 4]) * count * 2e-2
        bend = np.linalg.solve(a.T @ a + pull, a.T @ b)
        miss = light - terms @ bend
        limit = max(0.12, 2.5 * float(np.median(np.abs(miss[keep]))))
        # Hair and shadow only ever darken: the lower side is cut closer.
        keep = keep & (miss < limit * 1.3) & (miss > -limit)
    return np.asarray(np.exp(every @ bend.astype(np.float32))[..., None] * paint, np.float32)


def paint_of(frames: Sequence[Sampled], plate: Picture, screen: Screen) -> NDArray[np.float32] | None:
    """(3,) the paint's colour, adding up to 1, by what is bare of it in the sampled frames; None where little is."""

    def bare_of(frame: Sampled) -> NDArray[np.bool_]:
        looks_bare = bare_screen(frame.linear, plate, screen, 0.72, 1.45)
        frame.usual = calmness_of(frame, looks_bare)
        return calm(frame, looks_bare, frame.usual)

    bare = each(bare_of, frames)
    share = np.concatenate([f.calm_share[seen] for f, seen in zip(frames, bare, strict=True)])
    if len(share) < LEAST_PAINT:
        return None
    colour = usual_colour(share[:: max(1, len(share) // MANY)])
    return np.asarray(colour / colour.sum(), np.float32)


def painted(frames: Sequence[Sampled], screen: Screen) -> Screen:
    """The screen in the colour of its bare paint: the picture's middle colour has hair and shadow in it."""
    paint = paint_of(frames, first_surface(frames, screen), screen)
    return screen if paint is None else screen_of(paint * screen.linear.sum(), screen.share)


def first_surface(frames: Sequence[Sampled], screen: Screen) -> Picture:
    """(h, w, 3) one surface for the clip, from the most of the screen that each pixel was seen with: hair and shadow
    only ever take from it."""
    height, width = frames[0].linear.shape[:2]
    flat = np.broadcast_to(screen.linear, (height, width, 3)).astype(np.float32)
    seen_any = np.zeros((height, width), bool)
    best, most = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    clear = each(lambda f: inside(calm(f, bare_screen(f.linear, flat, screen, 0.45, 2.2), f.usual), 2), frames)
    for frame, seen in zip(frames, clear, strict=True):
        most_seen(frame.linear, seen, screen.along, best, most)
        seen_any |= seen > 0
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
    wandering = 0.0
    for _ in range(PASSES if hanging > 0 else 1):
        picture, apart = _drawn_from(frames, screen, picture, still, hanging, as_good(noise))
        wandering = float(np.clip((apart / max(noise, CALMEST) - WANDERS[0]) / (WANDERS[1] - WANDERS[0]), 0, 1))
        if wandering > 0:
            wide = cv2.GaussianBlur(picture / base, (0, 0), SMOOTH, borderType=cv2.BORDER_REPLICATE) * base
            picture = np.asarray(picture + wandering * (wide - picture), np.float32)
    usual = None if wandering > 0 else _usual(frames, picture, screen)  # white balance drifts with the light
    return CleanPlate(picture, _noise(frames, picture, screen), False, usual, wandering)


def _away(mask: NDArray[np.bool_]) -> Plane:
    """(h, w) distance in pixels to the nearest that the mask holds."""
    return np.asarray(cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3), np.float32)


def _drawn_from(
    frames: Sequence[Sampled], screen: Screen, base: Picture, still: Plane, hanging: float, soft: tuple[float, float]
) -> tuple[Picture, float]:
    """((h, w, 3) `base` bent to what the frames show of the bare screen, and of its folds where it is still; how far
    apart they are on the light of one place: deviation over its mean)."""
    height, width = base.shape[:2]
    total = np.zeros((height, width, 3), np.float32)
    counted = np.zeros((height, width), np.float32)
    paint = screen.linear / screen.linear.sum()

    def drawn(frame: Sampled) -> tuple[NDArray[np.float32], Plane]:
        looks_bare = bare_screen(frame.linear, base, screen, 0.72, 1.45)
        bare = inside(calm(frame, looks_bare, frame.usual), 3)
        cloth = folds(frame, screen, CLOTH_ROUGH)
        shown = np.maximum(bare, cloth)
        clear = transparency(frame.linear, base, screen)
        close = still * beside(frame.light, frame.share, clear, looks_bare, paint)
        away = _away(clear < SOLID)
        gain = np.ones(3, np.float32)
        chroma = transparency(frame.linear, base, screen, 0.0)
        places = np.flatnonzero(shown)
        if len(places):
            places = places[:: max(1, len(places) // MANY)]
            gain = middle(frame.linear.reshape(-1, 3)[places] / np.maximum(base.reshape(-1, 3)[places], FLOOR))
            # A channel that the camera clipped to nothing has no light to compare.
            gain[gain <= LEAST_GAIN] = 0
            chroma /= np.float32(max(float(np.median(chroma.reshape(-1)[places])), LEAST_GAIN))
        purest = topmost(purity(frame, base, screen), MIXED, soft[1], sigma=1.0)
        shown, close = shown * purest, close * purest
        if hanging > 0:
            bottoms = hanging * still * folds(frame, screen, FOLD_ROUGH, 2) * (away > FAR)
            shown = np.maximum(shown * topmost(chroma, 7, soft[0], folded=True), bottoms)
        else:
            shown = np.maximum(shown * topmost(chroma, STRANDS, soft[0]), cloth)
        return gain, np.asarray(np.maximum(shown, close), np.float32)

    seen = each(drawn, frames)
    for frame, (gain, shown) in zip(frames, seen, strict=True):
        summed(frame.linear, base, gain, shown, np.float32(FLOOR), total, counted)
    ratio = total / np.maximum(counted, 1e-6)[..., None]
    # A pixel seen well once counts as much as one seen always.
    weight = np.minimum(counted, 1).astype(np.float32)
    wrinkles = fill(np.asarray(ratio, np.float32), weight)
    # Far from anything seen the surface alone is the better guess: ratios from afar are damped.
    near = np.clip(wide_blur(weight, 12) / 0.25, 0, 1)[..., None]
    picture = np.maximum(base * (1 + (wrinkles - 1) * (0.4 + 0.6 * near)), FLOOR).astype(np.float32)
    return picture, _apart(frames, [shown for _, shown in seen], base)


def _apart(frames: Sequence[Sampled], seen: Sequence[Plane], base: Picture) -> float:
    """How far the frames are apart on the light of one place, over its mean; seen: where (h, w) each is bare screen."""
    usual = np.maximum(total_light(base[::THIRD, ::THIRD]), FLOOR)
    often, mean, square = np.zeros((3, *usual.shape), np.float32)
    for frame, shown in zip(frames, seen, strict=True):
        sure = shown[::THIRD, ::THIRD] > SURE
        if not sure.any():
            continue
        value = frame.light[::THIRD, ::THIRD] / usual
        value = sure * (value / max(float(np.median(value[sure])), LEAST_GAIN))
        often, mean, square = often + sure, mean + value, square + value * value
    met = often >= LEAST_MET
    if int(met.sum()) * THIRD * THIRD < LEAST_PAINT:
        return 0.0
    usual = mean[met] / often[met]
    return float(np.median(np.sqrt(np.maximum(square[met] / often[met] - usual * usual, 0))))


def _usual(frames: Sequence[Sampled], plate: Picture, screen: Screen) -> Calmness | None:
    """The sampled frames' calmness, the middle of each measure: found once, so that frames do not pay for it."""
    seen = each(lambda f: calmness_of(f, bare_screen(f.linear, plate, screen, 0.8, 1.25)), frames)
    found = [calmness for calmness in seen if calmness is not None]
    if not found:
        return None
    paint = np.median(np.stack([c.paint for c in found]), axis=0).astype(np.float32)
    return Calmness(paint, float(np.median([c.rough for c in found])), float(np.median([c.tint for c in found])))


def _seen(frame: Picture, plate: CleanPlate, screen: Screen) -> tuple[NDArray[np.float32], float]:
    """((n, m, 4), a quarter of the size: means of frame over plate times how well each pixel shows the screen, and of
    that; the sum of that over all pixels).

    The same as `inside(calm(frame, bare_screen(...)), 2)` times `topmost` of its chroma over the plate's and of its
    purity, in one walk or two.
    """
    frame = np.ascontiguousarray(frame, np.float32)
    height, width = shape = frame.shape[:2]
    bare, rough = np.empty(shape, np.uint8), np.empty(shape, np.float32)
    light, share = np.empty((*shape, 2), np.float32), np.empty((*shape, 3), np.float32)
    chroma, pure = np.empty(shape, np.float32), np.empty(shape, np.float32)
    f = np.float32
    bare_parts(
        frame, plate.picture, screen.along, screen.across, f(screen.wedge), f(0.8), f(1.25), f(FLOOR), bare, light,
        share, chroma, pure,
    )  # fmt: skip
    known = plate.calmness or calmness_of(frame, bare > 0)
    if known is not None:
        rough_of(cv2.blur(light, (5, 5)), rough)
        calm_of(bare, cv2.blur(rough, (5, 5)), cv2.blur(share, (3, 3)), known.paint, f(known.rough), f(known.tint))
    clear = eaten(bare, 2)
    soft = as_good(plate.noise)
    smooth = np.asarray(cv2.GaussianBlur(chroma, (0, 0), 0.7), np.float32)
    top = np.asarray(cv2.dilate(smooth, np.ones((STRANDS, STRANDS), np.uint8)), np.float32)
    pure = np.asarray(cv2.GaussianBlur(pure, (0, 0), 1.0), np.float32)
    purest = np.asarray(cv2.dilate(pure, np.ones((MIXED, MIXED), np.uint8)), np.float32)
    sums = np.empty((max(4, height // 4), max(4, width // 4), 4), np.float32)
    total = seen_of(frame, plate.picture, clear, smooth, top, f(soft[0]), pure, purest, f(soft[1]), sums)
    return sums, float(total)


def exposure_of(frame: Picture, plate: CleanPlate, screen: Screen) -> float:
    """How much brighter than the plate the frame shows what is purely of the screen's paint; 1 where too little is."""
    light, usual = np.maximum(total_light(frame), FLOOR), np.maximum(total_light(plate.picture), FLOOR)
    stray = largest(np.abs(frame / light[..., None] - plate.picture / usual[..., None]))
    lit = (light > 0.25 * usual) & (light < 4 * usual)
    # Skin leans towards some screens: only what is as strongly of the screen's colour counts.
    strong = (frame @ screen.along) / light > 0.8 * (plate.picture @ screen.along) / usual
    pure = inside((stray < 0.04) & lit & strong, 2) > 0
    return float(np.median((light / usual)[pure])) if int(pure.sum()) > 60 else 1.0


def fit_frame(frame: Picture, plate: CleanPlate, screen: Screen, again: int = 1) -> Picture:
    """This frame's plate: the static one, bent smoothly by what this frame shows of the screen.

    again: how often more, where the clip's frames do not agree, what is bent is looked at anew.
    """
    sums, total = _seen(frame, plate, screen)
    pixels = frame.shape[0] * frame.shape[1]
    if total < HARDLY * pixels:  # the camera's exposure may have moved: find by how much, and look again
        plate = replace(plate, picture=np.asarray(plate.picture * exposure_of(frame, plate, screen), np.float32))
        sums, total = _seen(frame, plate, screen)
    if total < 40:
        return plate.picture
    whole = np.array(cv2.sumElems(sums))
    gain = np.maximum(whole[:3] / whole[3], LEAST_GAIN).astype(np.float32)
    # The bend is gentle: a quarter of the fit's resolution holds all of it.
    sigma = min(sums.shape[:2]) * 0.08
    soft = cv2.GaussianBlur(sums, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    share = soft[..., 3]
    bend = soft[..., :3] / gain / np.maximum(share, 1e-6)[..., None]
    trust = np.clip(share / 0.3, 0, 1)[..., None]
    curve = np.asarray(1 + trust * (np.clip(bend, 0.8, 1.25) - 1), np.float32)
    if plate.wandering > 0 and (finer := fill_weighed(sums, finest=1.0)) is not None:
        curve += plate.wandering * (np.clip(finer / gain, *WIDER) - curve)
    fitted = np.empty(plate.picture.shape, np.float32)
    bent(plate.picture, gain, curve, fitted)
    if plate.wandering > 0 and again:
        return fit_frame(frame, replace(plate, picture=fitted), screen, again - 1)
    return fitted


def _noise(frames: Sequence[Sampled], plate: Picture, screen: Screen) -> float:
    """Standard deviation of the transparency over the bare screen."""

    def spread_of(frame: Sampled) -> float | None:
        seen = calm(frame, bare_screen(frame.linear, plate, screen), frame.usual)
        if not seen.any():
            return None
        clear = transparency(frame.linear, plate, screen, 0.0)
        detail = (clear - cv2.GaussianBlur(clear, (0, 0), 3))[seen]
        return float(np.median(np.abs(detail[:: max(1, len(detail) // MANY)])) * 1.4826)

    spread = [found for found in each(spread_of, frames) if found is not None]
    return float(np.median(spread)) if spread else 0.01
