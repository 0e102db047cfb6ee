"""One frame of a comp as it was made, and the views of it that a person asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from compositing.colour import Picture, Plane, code8, encode_srgb
from compositing.errors import Refused
from compositing.layer import over_checker, over_flat, over_grey
from compositing.recipe import VIEWS

# Where "status" calls the matte clear or solid: a level and a half of 255, so that no coding noise shows as unknown.
CLEAR, SOLID = np.float32(1.5 / 255), np.float32(253.5 / 255)
STATUS = (0, 128, 255)
SPILL_GAIN = np.float32(4)  # most of what despill takes is a few thousandths of white
RED = (0.6, 0.02, 0.02)  # linear; strong enough that neither skin nor a green rim hides on it


@dataclass
class Frame:
    """One frame, linear. comp (H, W, 3); actor (H, W, 4) premultiplied, all keyed layers over each other.

    shot gives the topmost keyed layer's source (H, W, 3 or 4); band: part of the picture that was half clear.
    spill gives what despill took off that layer, (H, W, 3); None: nothing is keyed.
    """

    comp: Picture
    actor: Picture
    band: float
    shot: Callable[[], Picture]
    spill: Callable[[], Picture] | None = None

    @cached_property
    def plate(self) -> Picture:
        """(H, W, 3) linear: the actor's source as shot, at the frame's size."""
        return np.ascontiguousarray(self.shot()[..., :3])

    @property
    def alpha(self) -> Plane:
        return np.ascontiguousarray(self.actor[..., 3])

    def view(self, name: str, size: tuple[int, int] | None = None) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """(H, W, 3) 8-bit sRGB of one of VIEWS, at (width, height) `size` or its own. Raises Refused.

        The matte is shown as it is, 0..255, not as light. Shrinking happens in linear light.
        """
        if name == "comp":
            return code8(_less(self.comp, size))
        if name == "matte":
            alpha = _less(self.alpha, size)
            return np.repeat(np.round(np.clip(alpha, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
        if name == "status":
            return _status(self.alpha, size)
        if name == "foreground":
            return code8(over_grey(_less(self.actor, size)))
        if name == "foreground_checker":
            return code8(over_checker(_less(self.actor, size)))
        if name == "foreground_black":
            return code8(np.ascontiguousarray(_less(self.actor, size)[..., :3]))
        if name == "foreground_red":
            return code8(over_flat(_less(self.actor, size), RED))
        if name == "spill":
            taken = np.zeros_like(self.comp) if self.spill is None else self.spill()
            return code8(_less(taken, size) * SPILL_GAIN)
        if name == "plate":
            return code8(_less(self.plate, size))
        if name == "difference":
            comp, plate = code8(_less(self.comp, size)), code8(_less(self.plate, size))
            return np.asarray(np.abs(comp.astype(np.int16) - plate), np.uint8)
        raise Refused(f"There is no view {name!r}; there are {', '.join(VIEWS)}.")


def _less(picture: Picture, size: tuple[int, int] | None) -> Picture:
    if size is None or picture.shape[1::-1] == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _status(alpha: Plane, size: tuple[int, int] | None) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(H, W, 3): black where the matte is clear, white where it is solid, middle grey between. Shrunk without mixing
    levels: a pixel that holds anything unknown is unknown, so that one lost pixel is still seen."""
    levels = np.full(alpha.shape, STATUS[1], np.uint8)
    levels[alpha <= CLEAR] = STATUS[0]
    levels[alpha >= SOLID] = STATUS[2]
    if size is not None and alpha.shape[::-1] != size:
        mixed = cv2.resize(levels, size, interpolation=cv2.INTER_AREA)
        levels = np.where((mixed == STATUS[0]) | (mixed == STATUS[2]), mixed, np.uint8(STATUS[1]))
    return np.repeat(levels[..., None], 3, axis=2)


def straight(picture: Picture) -> Picture:
    """(H, W, 4) straight sRGB-coded float from linear premultiplied: what PNG files of a foreground hold."""
    alpha = picture[..., 3:]
    colour = picture[..., :3] / np.maximum(alpha, 1e-4)
    return np.dstack([encode_srgb(colour), np.clip(alpha, 0, 1)]).astype(np.float32)
