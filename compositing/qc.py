"""What can be wrong with a key, measured without a truth while it renders: band, residual screen colour, flicker,
holes, dirt. Nothing here changes a pixel.

Everything is judged on small 8-bit pictures (shorter side `SIDE`), as a reviewer sees them: the matte, the foreground
over grey and the plate. Each frame is judged alone (`glance`), on any thread; flicker needs the frame before (`step`).
Figures are whole numbers: `*_ppm` parts per million, `*_milli` thousandths.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import decode_srgb, encode_srgb
from compositing.errors import ShapeError

VERSION = 1  # raise it when a figure's meaning changes
SIDE = 270  # pixels of the shorter side: a strand of hair still shows, noise is averaged away
GREY = np.float32(0.18)  # what the foreground film stands on
CLEAR, SOLID = 5, 250  # 8-bit matte: below nothing is seen, above nothing shines through
MOVED = 4.0  # 8-bit codes that the plate may differ (box of 3 pixels) and still count as standing still
SPECK_PPM = 200  # a solid part smaller than that is a speck, not a prop
FIGURES = ("residual_milli", "flicker_ppm", "holes_ppm", "dirt_ppm", "spill_milli", "evenness_milli")
# What the page names frames for, and the least that is worth a look.
WORST = {"flicker": ("flicker_ppm", 150), "residual": ("residual_milli", 1500), "holes": ("holes_ppm", 60)}
WORST_COUNT, WORST_APART = 3, 6  # frames named for each figure, and how far apart

Picture8 = NDArray[np.uint8]
Spot = tuple[int, int]
_DECODE: NDArray[np.float32] = decode_srgb(np.arange(256, dtype=np.float32) / 255).astype(np.float32)
_DISC3 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_DISC7 = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))


@dataclass(frozen=True)
class Look:
    """One frame as it was judged. alpha (h, w) uint16, 0..65280 (255 x 256); plate (h, w, 3) uint8.

    figures: by name, a figure that cannot be measured (no screen) is missing. spots: where each is worst, (x, y) in
    thousandths of the frame.
    """

    alpha: NDArray[np.uint16]
    plate: Picture8
    figures: dict[str, int] = field(default_factory=dict)
    spots: dict[str, Spot] = field(default_factory=dict)


def small_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) that a frame of that size is judged at; never grown."""
    factor = min(1.0, SIDE / min(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def lean_weights(srgb: Sequence[int]) -> NDArray[np.float32]:
    """(3,) weights that say how far a colour leans towards the screen: G - (R + B) / 2 for a green one.

    A neutral colour leans by nothing. srgb: the screen, 8-bit. Raises ShapeError for a grey "screen".
    """
    colour = np.asarray(srgb, np.float32)
    away = colour - colour.mean()
    if away.max() < 4:
        raise ShapeError(f"expected a screen with a colour, got {list(srgb)}")
    # A screen that is green or blue by name is judged by that channel alone, as the field does.
    first, second = int(away.argmax()), float(np.sort(away)[1])
    if second < 0.35 * away[first]:
        weights = np.full(3, -0.5, np.float32)
        weights[first] = 1
        return weights
    return np.asarray(away / away[away > 0].sum(), np.float32)


def glance(matte: Picture8, foreground: Picture8, plate: Picture8, screens: Sequence[Sequence[int]] = ()) -> Look:
    """Judge one frame by itself.

    matte: (H, W) or (H, W, 3), 0..255 as it is. foreground: (h, w, 3), the keyed layers over 18 % grey, sRGB-coded.
    plate: (h, w, 3) as shot, sRGB-coded. Sizes may differ: all are brought to the plate's. screens: the 8-bit sRGB
    colours of the screens that were keyed; none, and what needs a screen is left out.
    residual_milli: thousandths of an 8-bit code by which the edge leans towards the screen more than the solid
    foreground beside it does (mean over the band). holes_ppm: part of the picture that is open inside the solid area
    where the plate shows no screen. dirt_ppm: matte left outside, in parts that hang on nothing solid. spill_milli:
    what the despill took off the solid rim, as a part of the screen's own colour. evenness_milli: 1000 less the
    screen's spread of brightness.
    """
    size = plate.shape[1::-1]
    alpha16 = _alpha(matte, size)
    alpha = np.asarray(alpha16 >> 8, np.uint16)
    figures: dict[str, int] = {}
    spots: dict[str, Spot] = {}
    band = ((alpha > CLEAR) & (alpha < SOLID)).astype(np.uint8)
    solid = (alpha >= SOLID).astype(np.uint8)
    screens = [colour for colour in screens if max(colour) - min(colour) >= 12]
    leans = [lean_weights(colour) for colour in screens]
    if leans:
        fore = _resized(foreground, size)
        for weights, colour in zip(leans, screens, strict=True):
            found = _screen_figures(alpha, band, solid, fore, plate, weights, colour)
            for name, (value, spot) in found.items():
                worse = name not in figures or (
                    value < figures[name] if name == "evenness_milli" else value > figures[name]
                )
                if worse:
                    figures[name], spots[name] = value, spot
    screen_like = _screen_like(plate, alpha, leans, screens)
    figures["holes_ppm"], spots["holes_ppm"] = _holes(alpha, screen_like)
    figures["dirt_ppm"], spots["dirt_ppm"] = _dirt(alpha)
    return Look(alpha16, np.ascontiguousarray(plate), figures, {name: spots[name] for name in spots if figures[name]})


def step(before: Look, now: Look) -> tuple[int, Spot]:
    """(flicker_ppm, where): the matte's mean change over the pixels where the plate stands still, from one frame to
    the next. 500 is the flicker of 0.5 that `metrics` reports."""
    red, green, blue = cv2.split(cv2.absdiff(now.plate, before.plate))
    moved = cv2.blur(cv2.max(cv2.max(red, green), blue).astype(np.float32), (3, 3))
    still = cv2.dilate((moved > MOVED).astype(np.uint8), _DISC7) == 0
    if not still.any():
        return 0, (500, 500)
    change = np.abs(now.alpha.astype(np.float32) - before.alpha.astype(np.float32)) * (still / np.float32(65280))
    return round(float(change.sum()) / int(still.sum()) * 1e6), _spot(change)


def summary(series: Mapping[str, Sequence[int]]) -> dict[str, dict[str, int]]:
    """{figure: {"median", "worst", "frame"}} of figures frame by frame; evenness is worst where it is least."""
    told = {}
    for name, values in series.items():
        if not values:
            continue
        row = np.asarray(values)
        at = int(row.argmin() if name == "evenness_milli" else row.argmax())
        told[name] = {"median": round(float(np.median(row))), "worst": int(row[at]), "frame": at}
    return told


def worst_frames(values: Sequence[int], least: int, count: int = WORST_COUNT, apart: int = WORST_APART) -> list[int]:
    """Up to `count` frames with the highest figures from `least` up, worst first, none within `apart` of another."""
    chosen: list[int] = []
    for frame in sorted(range(len(values)), key=lambda at: (-values[at], at)):
        if len(chosen) == count or values[frame] < least:
            break
        if all(abs(frame - other) >= apart for other in chosen):
            chosen.append(frame)
    return chosen


@dataclass
class Tally:
    """The figures of a run of frames as they are made, in order: a chunk's, then the whole film's."""

    series: dict[str, list[int]] = field(default_factory=dict)
    spots: dict[str, list[Spot]] = field(default_factory=dict)
    first: Look | None = None
    last: Look | None = None

    def add(self, look: Look) -> None:
        flicker = (0, (500, 500)) if self.last is None else step(self.last, look)
        found = {**look.figures, "flicker_ppm": flicker[0]}
        for name in FIGURES:
            if name in found:
                self.series.setdefault(name, []).append(found[name])
        for name in (figure for figure, _least in WORST.values()):
            spot = flicker[1] if name == "flicker_ppm" else look.spots.get(name, (500, 500))
            self.spots.setdefault(name, []).append(spot)
        self.first = self.first or look
        self.last = look

    def note(self) -> dict[str, Any]:
        """The figures as plain JSON; `looks` holds the rest of what `from_note` needs."""
        return {
            "series": self.series,
            "spots": {name: [list(spot) for spot in row] for name, row in self.spots.items()},
        }

    def looks(self) -> dict[str, NDArray[Any]]:
        """The first and the last frame as they were judged, by name, for an `.npz` beside the note."""
        if self.first is None or self.last is None:
            return {}
        return {
            "first_alpha": self.first.alpha, "first_plate": self.first.plate,
            "last_alpha": self.last.alpha, "last_plate": self.last.plate,
        }  # fmt: skip

    @classmethod
    def from_note(cls, note: Mapping[str, Any], looks: Mapping[str, NDArray[Any]]) -> "Tally":
        """A chunk's tally as an earlier run left it. Raises KeyError where something is missing."""
        spots = {name: [(int(x), int(y)) for x, y in row] for name, row in note["spots"].items()}
        series = {name: [int(value) for value in row] for name, row in note["series"].items()}
        return cls(
            series,
            spots,
            Look(looks["first_alpha"], looks["first_plate"]),
            Look(looks["last_alpha"], looks["last_plate"]),
        )

    def join(self, after: "Tally") -> None:
        """Append the frames of the chunk that follows; flicker over the seam is measured here."""
        if after.first is None:
            return
        if self.last is not None:
            value, spot = step(self.last, after.first)
            after.series["flicker_ppm"][0], after.spots["flicker_ppm"][0] = value, spot
        for name, values in after.series.items():
            self.series.setdefault(name, []).extend(values)
        for name, spots in after.spots.items():
            self.spots.setdefault(name, []).extend(spots)
        self.first = self.first or after.first
        self.last = after.last

    def report(self, band_ppm: Sequence[int]) -> dict[str, Any]:
        """{"edition", "series", "summary", "worst": {why: [{"frame", "value", "x_milli", "y_milli"}]}}, plain JSON."""
        series = {"band_ppm": [int(value) for value in band_ppm], **self.series}
        worst = {}
        for why, (name, least) in WORST.items():
            values = self.series.get(name, [])
            worst[why] = [
                {
                    "frame": at,
                    "value": values[at],
                    "x_milli": self.spots[name][at][0],
                    "y_milli": self.spots[name][at][1],
                }
                for at in worst_frames(values, least)
            ]
        return {"edition": VERSION, "series": series, "summary": summary(series), "worst": worst}


def _resized(picture: Picture8, size: tuple[int, int]) -> Picture8:
    if picture.shape[1::-1] == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _alpha(matte: Picture8, size: tuple[int, int]) -> NDArray[np.uint16]:
    plane = matte if matte.ndim == 2 else np.ascontiguousarray(matte[..., 0])
    fine = np.asarray(plane.astype(np.uint16) << 8, np.uint16)
    return (
        fine
        if plane.shape[1::-1] == size
        else np.asarray(cv2.resize(fine, size, interpolation=cv2.INTER_AREA), np.uint16)
    )


def _spot(heat: NDArray[np.float32]) -> Spot:
    """Where a map is worst over an area that the eye finds, (x, y) in thousandths."""
    height, width = heat.shape
    box = max(3, width // 18) | 1
    _, _, _, (x, y) = cv2.minMaxLoc(cv2.blur(heat, (box, box), borderType=cv2.BORDER_CONSTANT))
    return round((x + 0.5) * 1000 / width), round((y + 0.5) * 1000 / height)


def _screen_figures(
    alpha: NDArray[np.uint16], band: Picture8, solid: Picture8, fore: Picture8, plate: Picture8,
    weights: NDArray[np.float32], colour: Sequence[int],
) -> dict[str, tuple[int, Spot]]:  # fmt: skip
    """residual, spill and evenness against one screen, each with its spot."""
    own = _own(weights, colour)
    where = cv2.dilate(band, _DISC3) > 0
    inner = np.asarray(cv2.erode(solid, _DISC3), np.uint8)
    fore_lean, plate_lean = _lean(fore, weights), _lean(plate, weights)
    found: dict[str, tuple[int, Spot]] = {"residual_milli": (0, (500, 500))}
    if where.any() and inner.any():
        local = _beside(fore, inner)[where]
        share = alpha[where].astype(np.float32)[:, None] / 255
        expected = encode_srgb(local * share + GREY * (1 - share)) * 255
        heat = np.zeros(alpha.shape, np.float32)
        heat[where] = fore_lean[where] - expected @ weights
        # A garment's pattern cancels within a patch; a rim of screen colour does not.
        weight = cv2.blur(where.astype(np.float32), (9, 9))
        heat = np.maximum(cv2.blur(heat, (9, 9)) / np.maximum(weight, 1e-3), 0) * where
        found["residual_milli"] = round(float(heat.sum()) / int(where.sum()) * 1000), _spot(heat)
    rim = (solid > 0) & (cv2.blur(band, (19, 19)) > 0)
    taken = float(np.maximum(plate_lean[rim] - fore_lean[rim], 0).mean()) if rim.any() else 0.0
    found["spill_milli"] = round(1000 * taken / max(own, 12)), (500, 500)
    lit = (alpha <= 1) & (plate_lean > 0.5 * own)  # the studio beside the screen is none
    if int(lit.sum()) > 0.01 * alpha.size:
        mean, spread = cv2.meanStdDev(_DECODE[plate[..., int(np.argmax(weights))]], mask=lit.astype(np.uint8))
        even = 1 - float(spread[0, 0]) / max(float(mean[0, 0]), 1e-4)
        found["evenness_milli"] = max(0, round(1000 * even)), (500, 500)
    return found


def _own(weights: NDArray[np.float32], colour: Sequence[int]) -> float:
    return float(np.asarray(colour, np.float32) @ weights)


def _lean(picture: Picture8, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w): how far each pixel leans towards the screen, in 8-bit codes."""
    return np.asarray(cv2.transform(picture.astype(np.float32), weights[None]), np.float32)


def _beside(fore: Picture8, inner: Picture8) -> NDArray[np.float32]:
    """(h, w, 3) linear: the mean colour of the solid pixels beside each pixel, from near ones where there are any."""
    height, width = inner.shape
    half = (max(1, width // 2), max(1, height // 2))
    weight = np.floor(cv2.resize(inner.astype(np.float32), half, interpolation=cv2.INTER_AREA))
    coloured = _DECODE[_resized(fore, half)] * weight[..., None]
    whole = np.asarray(cv2.mean(coloured)[:3], np.float32) / np.float32(max(cv2.mean(weight)[0], 1e-6))
    total = np.broadcast_to(whole * np.float32(1e-7), coloured.shape).copy()
    heavy = np.full(weight.shape, 1e-7, np.float32)
    for box, share in ((5, 1.0), (15, 0.02), (61, 0.0005)):
        total += np.float32(share) * cv2.blur(coloured, (box, box), borderType=cv2.BORDER_CONSTANT)
        heavy += np.float32(share) * cv2.blur(weight, (box, box), borderType=cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(total / heavy[..., None], (width, height)), np.float32)


def _screen_like(
    plate: Picture8, alpha: NDArray[np.uint16], leans: Sequence[NDArray[np.float32]], screens: Sequence[Sequence[int]]
) -> NDArray[np.bool_]:
    """Where the plate shows a screen, lit or in shadow."""
    like = np.zeros(alpha.shape, bool)
    for weights, colour in zip(leans, screens, strict=True):
        like |= _lean(plate, weights) > 0.45 * _own(weights, colour)
    return like


def _holes(alpha: NDArray[np.uint16], screen_like: NDArray[np.bool_]) -> tuple[int, Spot]:
    open_parts = (alpha < 243).astype(np.uint8)
    count, labels = cv2.connectedComponents(open_parts, connectivity=4)
    if count <= 1:
        return 0, (500, 500)
    outside = np.zeros(count, bool)
    outside[0] = True
    # An actor is cut by the frame's foot, seldom by its sides: what opens there may still be a hole.
    for edge in (labels[0], labels[:, 0], labels[:, -1]):
        outside[np.unique(edge)] = True
    # The rim of an arm's loop is half clear rightly: what lies within 2 pixels of the screen is no hole.
    near = cv2.dilate(screen_like.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    heat = np.where(outside[labels] | near, 0, (255 - alpha.astype(np.float32)) / 255).astype(np.float32)
    value = round(float(heat.sum()) / alpha.size * 1e6)
    return value, _spot(heat) if value else (500, 500)


def _dirt(alpha: NDArray[np.uint16]) -> tuple[int, Spot]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > 10).astype(np.uint8), connectivity=8)
    if count <= 1:
        return 0, (500, 500)
    core = np.bincount(labels[alpha >= 240], minlength=count)
    held = (core > 0) & (stats[:, cv2.CC_STAT_AREA] >= max(4, alpha.size * SPECK_PPM / 1e6))
    held[0] = True
    heat = np.where(held[labels], 0, alpha.astype(np.float32) / 255).astype(np.float32)
    value = round(float(heat.sum()) / alpha.size * 1e6)
    return value, _spot(heat) if value else (500, 500)
