"""Find the screen: whichever saturated colour lies flat around the actor, be it green, blue or anything else."""

import colorsys
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane, chroma_basis, decode_srgb, encode_srgb
from compositing.despill import SKIN
from compositing.devices import each
from compositing.errors import Refused
from compositing.keying.study_kernels import chroma_of

MANY = 32768  # pixels that tell a middle value as well as all of them
TO_CODE: Plane = encode_srgb(np.arange(65536) / 65535.0)
BINS = 180  # two degrees of chroma angle each
MIN_CHROMA = 0.06  # Cb, Cr radius of sRGB-coded colour: below it a pixel is as good as grey
MIN_SHARE = 0.04  # of the (border-weighted) picture: less is a prop, not a screen
SKIN_ANGLES = (96.0, 140.0)  # degrees of (Cb, Cr): skin of every tone lies here (redder with more blood, not with race)


@dataclass(frozen=True)
class Screen:
    """The screen's colour. linear: (3,) float32. along, across: chroma directions (see `chroma_basis`).

    wedge: how fast colour away from the screen's hue counts as actor: G - max(R, B) for a pure green is 1 / sqrt 3.
    share: part of the picture it fills, 0..1.
    """

    linear: NDArray[np.float32]
    along: NDArray[np.float32]
    across: NDArray[np.float32]
    share: float = 0.0
    wedge: float = 0.577

    @property
    def srgb8(self) -> tuple[int, int, int]:
        red, green, blue = (int(v) for v in np.round(encode_srgb(self.linear) * 255))
        return red, green, blue

    @property
    def hue_milli(self) -> int:
        """Hue of the sRGB-coded colour in thousandths of a turn (pure green 333, blue 667)."""
        red, green, blue = (v / 255 for v in self.srgb8)
        return round(colorsys.rgb_to_hsv(red, green, blue)[0] * 1000) % 1000

    @property
    def name(self) -> str:
        return "green" if 250 <= self.hue_milli <= 458 else "blue" if 520 <= self.hue_milli <= 720 else "other"


def screen_of(linear: NDArray[np.floating], share: float = 0.0) -> Screen:
    """A Screen of that linear colour, its wedge narrow enough that skin is no part of it."""
    colour = np.asarray(linear, np.float32)
    along, across = chroma_basis(colour)
    skin_along, skin_across = SKIN @ along, SKIN @ across
    needed = float(np.max(skin_along / np.maximum(np.abs(skin_across), 1e-4))) * 1.1
    return Screen(colour, along, across, share, min(max(0.577, needed), 4.0))


def chroma_plane(coded: NDArray[np.floating]) -> tuple[Plane, Plane]:
    """(Cb, Cr) of an sRGB-coded float picture, BT.709, each -0.5..0.5."""
    luma = coded @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return ((coded[..., 2] - luma) / 1.8556).astype(np.float32), ((coded[..., 0] - luma) / 1.5748).astype(np.float32)


def small(linear: Picture, short_side: int = 180) -> Picture:
    """The picture shrunk (area) until its shorter side is about `short_side`; never grown."""
    height, width = linear.shape[:2]
    factor = min(1.0, short_side / min(height, width))
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(linear, size, interpolation=cv2.INTER_AREA), np.float32)


def border_weight(height: int, width: int) -> Plane:
    """1 in the middle, up to 4 at the left, right and upper edge, where the screen shows."""
    y = np.arange(height)[:, None] / max(1, height - 1)
    x = np.arange(width)[None, :] / max(1, width - 1)
    near = np.maximum(np.maximum(1 - x / 0.15, 1 - (1 - x) / 0.15), 1 - y / 0.15)
    return (1 + 3 * np.clip(near, 0, 1)).astype(np.float32)


def find_screen(frames: Sequence[Picture], hue_milli: int = -1) -> Screen:
    """The screen that `frames` (linear, any one size) were shot against.

    hue_milli: look only within 30 degrees of this hue (thousandths of a turn); -1 looks everywhere.
    Raises Refused (code no_screen; no_screen_there for a given hue) where no saturated colour fills enough of the
    picture.
    """
    pictures = [small(frame) for frame in frames]
    angle, radius, flat = (np.stack(planes) for planes in zip(*each(_looked, pictures), strict=True))
    weight = np.broadcast_to(_sparse(border_weight(*pictures[0].shape[:2])), radius.shape)
    votes = weight * flat * np.minimum(radius * np.float32(1 / 0.2), np.float32(1.5))
    votes[radius <= MIN_CHROMA] = 0
    # Skin is as flat and nearly as large as a screen in a close-up; no screen is skin-coloured.
    votes[(angle > SKIN_ANGLES[0]) & (angle < SKIN_ANGLES[1])] *= np.float32(0.15)
    if hue_milli >= 0:
        wanted = _angle_of_hue(hue_milli)
        votes = np.where(np.abs((angle - wanted + 180) % 360 - 180) <= 30, votes, 0)
    bins = np.minimum((angle * np.float32(BINS / 360)).astype(np.int32), BINS - 1)
    histogram = np.asarray(np.bincount(bins.reshape(-1), votes.reshape(-1), BINS), np.float64)
    smooth = _circular_blur(histogram, 3.0)
    peak = (int(smooth.argmax()) + 0.5) * 360 / BINS
    away = np.abs(angle - np.float32(peak))
    away = np.minimum(away, 360 - away)
    near = radius[(away < 12) & (radius > MIN_CHROMA)]
    strong = np.median(near[:: max(1, len(near) // MANY)]) if len(near) else 0
    members = (away < 15) & (radius > 0.6 * strong) & (radius > MIN_CHROMA)
    share = float((members * weight).sum() / weight.sum())
    skin = SKIN_ANGLES[0] < peak < SKIN_ANGLES[1] and hue_milli < 0
    # A face fills the middle; only a wall of that colour also fills most of the picture's edge.
    if share < MIN_SHARE and hue_milli >= 0:
        hue = round(hue_milli * 0.36)
        raise Refused(
            f"The colour picked (hue {hue}°) fills too little of the picture to be its screen. Pick on the screen "
            "itself, or set the screen's colour back to automatic.",
            code="no_screen_there",
            hue=hue,
        )
    if share < MIN_SHARE or (skin and float(members[weight > 2.5].mean()) < 0.5):
        raise Refused(
            "No screen was found: no saturated colour fills enough of the picture. "
            "Check that this is the green-screen take, pick the screen's colour by hand, or have the matte made by the "
            "person.",
            code="no_screen",
        )
    shown = np.stack([_sparse(picture) for picture in pictures])[members]
    colour = np.median(np.ascontiguousarray(shown[:: max(1, len(shown) // MANY)].T), axis=1)
    return screen_of(colour, float(members.mean()))


def _looked(linear: Picture) -> tuple[Plane, Plane, Plane]:
    """(h, w) each, at every second pixel each way, of a linear picture: angle of its chroma in degrees of (Cb, Cr),
    its radius, how flat it lies."""
    cb, cr = np.empty(linear.shape[:2], np.float32), np.empty(linear.shape[:2], np.float32)
    chroma_of(np.ascontiguousarray(linear, np.float32), TO_CODE, cb, cr)
    flat = _sparse(_flatness(cb, cr))
    radius, angle = cv2.cartToPolar(_sparse(cb), _sparse(cr), angleInDegrees=True)
    return np.asarray(angle, np.float32), np.asarray(radius, np.float32), flat


def _sparse(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Every second pixel each way: as many votes as a screen needs."""
    return np.ascontiguousarray(picture[::2, ::2])


def _flatness(cb: Plane, cr: Plane) -> Plane:
    """1 where the chroma (two planes (H, W)) does not change, towards 0 at edges and in patterns."""
    step = np.zeros(cb.shape, np.float32)
    for plane in (cb, cr):
        for dx in (0, 1):
            step += np.abs(cv2.Sobel(plane, cv2.CV_32F, dx, 1 - dx))
    return np.asarray(1 / (1 + (step * np.float32(1 / 0.12)) ** 2), np.float32)


def _circular_blur(values: NDArray[np.floating], sigma: float) -> NDArray[np.floating]:
    reach = math.ceil(3 * sigma)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return np.convolve(np.concatenate([values[-reach:], values, values[:reach]]), taps / taps.sum(), "valid")


def _angle_of_hue(hue_milli: int) -> float:
    coded = np.array(colorsys.hsv_to_rgb(hue_milli / 1000, 0.8, 0.8), np.float32)
    cb, cr = chroma_plane(encode_srgb(decode_srgb(coded))[None, None])
    return float(np.degrees(np.arctan2(cr, cb))[0, 0] % 360)
