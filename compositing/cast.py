"""Light that an effect casts: a fire warms the side of the actor that is turned to it, lightning whitens the place.

What a layer gives off is read from its own picture, frame by frame, so that footage of a fire does what a drawn one
does. The actor's form is guessed from the matte, as if it were blown up like a balloon: its rim faces outwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture

VERSION = 1  # raise it when anything here changes pixels
SMALL = 8  # times smaller than the frame: light has no fine detail
# How much brighter the actor and the background get where all of the frame gives off light of 1: chosen by eye, so
# that a fire a fifth of the frame large adds about a stop beside it.
ON_ACTOR, ON_GROUND = 11.0, 5.0
MOST = 6.0  # times: a flash burns out, but stays a picture
REACH = 0.42  # of the frame's height: there the light has fallen to a half
TURNED = 0.6  # how much of it hangs on which way the form is turned
SHEEN = 0.012  # of white that even black cloth mirrors
DARKEST = 1e-4


@dataclass(frozen=True)
class Emitted:
    """What a frame of a layer gives off. colour (3,): linear, the mean over the frame; x, y: where it comes from, in
    parts of the frame."""

    colour: tuple[float, float, float]
    x: float
    y: float

    @property
    def level(self) -> float:
        """Luminance of the mean."""
        return float(np.array(self.colour) @ LUMA)

    def milli(self) -> list[int]:
        """[red, green, blue, x, y] in thousandths."""
        return [round(1000 * value) for value in (*self.colour, self.x, self.y)]


@dataclass(frozen=True)
class Cast:
    """One layer's light, and how much of it falls on the actor and on the background, 0..2."""

    light: Emitted
    actor: float
    ground: float


def emitted(picture: Picture) -> Emitted | None:
    """What (H, W, 4) linear premultiplied gives off; None where it is dark."""
    height, width = picture.shape[:2]
    size = (max(4, width // SMALL), max(4, height // SMALL))
    small = np.asarray(
        cv2.resize(np.ascontiguousarray(picture[..., :3]), size, interpolation=cv2.INTER_AREA), np.float64
    )
    small = np.clip(small, 0, 8)
    luma = small @ LUMA.astype(np.float64)
    total = float(luma.sum())
    if total / luma.size < DARKEST:
        return None
    red, green, blue = small.reshape(-1, 3).mean(0)
    x = float((luma.sum(0) @ (np.arange(size[0]) + 0.5)) / total / size[0])
    y = float((luma.sum(1) @ (np.arange(size[1]) + 0.5)) / total / size[1])
    return Emitted((float(red), float(green), float(blue)), x, y)


def on_actor(picture: Picture, casts: Sequence[Cast]) -> Picture:
    """The actor (H, W, 4), linear premultiplied, with the light of `casts` on it; alpha stays as it is."""
    shining = [cast for cast in casts if cast.actor > 0]
    if not shining:
        return picture
    height, width = picture.shape[:2]
    size = (max(4, width // SMALL), max(4, height // SMALL))
    alpha = np.asarray(
        cv2.resize(np.ascontiguousarray(picture[..., 3]), size, interpolation=cv2.INTER_AREA), np.float32
    )
    wide = max(1.0, 0.035 * size[1])
    form = np.asarray(cv2.GaussianBlur(alpha, (0, 0), wide), np.float32)
    across, down = (cv2.Sobel(form, cv2.CV_32F, dx, 1 - dx, ksize=3, scale=wide / 3) for dx in (1, 0))
    gain = np.zeros((size[1], size[0], 3), np.float32)
    for cast in shining:
        near, to_x, to_y = _falloff(cast.light, size)
        facing = np.clip(-(across * to_x + down * to_y), -1, 1)
        share = near * np.maximum(0, 1 - TURNED + TURNED * facing)
        gain += share[..., None] * (np.array(cast.light.colour, np.float32) * np.float32(ON_ACTOR * cast.actor))
    lit = cv2.resize(np.minimum(gain, MOST), (width, height), interpolation=cv2.INTER_LINEAR)
    out = np.array(picture, np.float32, copy=True)
    out[..., :3] += out[..., :3] * lit + picture[..., 3:] * lit * np.float32(SHEEN)
    return out


def on_ground(picture: Picture, casts: Sequence[Cast]) -> Picture:
    """The background (H, W, 3 or 4) with the light of `casts` on it."""
    shining = [cast for cast in casts if cast.ground > 0]
    if not shining:
        return picture
    height, width = picture.shape[:2]
    size = (max(4, width // SMALL), max(4, height // SMALL))
    gain = np.zeros((size[1], size[0], 3), np.float32)
    for cast in shining:
        near, _, _ = _falloff(cast.light, size)
        gain += (0.5 + 0.5 * near)[..., None] * (
            np.array(cast.light.colour, np.float32) * np.float32(ON_GROUND * cast.ground)
        )
    lit = cv2.resize(np.minimum(gain, MOST), (width, height), interpolation=cv2.INTER_LINEAR)
    out = np.array(picture, np.float32, copy=True)
    out[..., :3] *= 1 + lit
    return out


def _falloff(light: Emitted, size: tuple[int, int]) -> tuple[NDArray[np.float32], ...]:
    """(h, w) each: how much of it arrives, and the direction towards it, of length one."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    to_x, to_y = light.x * size[0] - x - 0.5, light.y * size[1] - y - 0.5
    far = np.sqrt(to_x * to_x + to_y * to_y) + np.float32(1e-3)
    reach = np.float32(REACH * size[1])
    return 1 / (1 + (far / reach) ** 2), to_x / far, to_y / far
