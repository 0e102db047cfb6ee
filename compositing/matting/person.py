"""Footage without a screen: the person's matte from the network, refined at its edge and held steady over frames.

It has the keyer's face (`matted`, `settled`, `foreground`), so that the graph treats both alike. It is honest about
itself: edges are soft and hair does not hold, because nothing in such a picture says where a strand ends.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.edges import unmix_pixel
from compositing.hints.person import Segmenter
from compositing.keying.cloth import low_size, shrink
from compositing.keying.keyer import Keyed, Matted
from compositing.keying.plate import fill
from compositing.layer import row_of
from compositing.matting.refine import at_full_size, banded, guided, steadied
from compositing.parameters import KEY, all_values

VERSION = 1  # raise it when anything here changes pixels
REACH = 1  # frames before and after
EXTEND = 0.8  # how much a half-clear pixel borrows from the solid beside it: the ground behind is only guessed
NOBODY = 0.02  # part of the picture: less of a person than this is nobody


@dataclass(frozen=True)
class Ground:
    """What graph.py asks of a clean plate: how grainy the footage is, as a share of its light."""

    noise: float


@kernel
def _foreground(linear, alpha, low, unmix, extend, out):  # type: ignore[no-untyped-def]
    """low (h, w, 6): the ground's colour, the person's colour."""
    height, width = linear.shape[:2]
    columns = low.shape[1]
    row = np.empty((columns, 6), np.float32)
    step = columns / width
    for y in range(height):
        row_of(low, y, height, row)
        for x in range(width):
            a = alpha[y, x]
            out[y, x, 3] = a
            if a <= np.float32(0.0):
                out[y, x, 0] = out[y, x, 1] = out[y, x, 2] = np.float32(0.0)
                continue
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            if a < np.float32(1.0):
                place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
                i = int(place)
                j = min(i + 1, columns - 1)
                part = np.float32(place - i)
                r, g, b = unmix_pixel(
                    r, g, b, a,
                    row[i, 0] + part * (row[j, 0] - row[i, 0]),
                    row[i, 1] + part * (row[j, 1] - row[i, 1]),
                    row[i, 2] + part * (row[j, 2] - row[i, 2]),
                    row[i, 3] + part * (row[j, 3] - row[i, 3]),
                    row[i, 4] + part * (row[j, 4] - row[i, 4]),
                    row[i, 5] + part * (row[j, 5] - row[i, 5]),
                    unmix, extend,
                )  # fmt: skip
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = r, g, b


class PersonKeyer:
    """Mattes frames of one clip that has no screen.

    samples: some frames, (H, W, 3) linear; segmenter: the installed network; values: the recipe's key parameters, of
    which garbage, shrink, soften, clip, unmix count here.
    """

    reach = REACH

    def __init__(
        self, samples: Sequence[Picture], segmenter: Segmenter, values: Mapping[str, int] | None = None
    ) -> None:
        self.segmenter = segmenter
        self.values = all_values(KEY, values)
        height, width = samples[0].shape[:2]
        self.size = (width, height)
        self.low = low_size(width, height)
        lows = [shrink(sample, self.low) for sample in samples]
        people = [segmenter.person(low) for low in lows]
        self.share = float(np.median([float((person > 0.5).mean()) for person in people]))
        unsure = [float(((person > 0.1) & (person < 0.9)).mean()) for person in people]
        self.unsure = float(np.median(unsure)) / max(self.share, NOBODY)
        self.plate = Ground(float(np.median([_grain(sample) for sample in samples])))

    def with_values(self, values: Mapping[str, int] | None, best: bool | None = None) -> "PersonKeyer":
        """The same study of the clip with other parameters: nothing is measured again."""
        other = copy.copy(self)
        other.values = all_values(KEY, values)
        return other

    def matted(self, linear: Picture) -> Matted:
        """The matte of one frame on its own: (H, W, 3) linear, the clip's own size."""
        linear = np.ascontiguousarray(linear, np.float32)
        low = shrink(linear, self.low)
        person, inside, outside = banded(self.segmenter.person(low))
        coefficients = guided(np.sqrt(np.maximum(low, 0)), person)
        alpha = at_full_size(linear, coefficients, inside, outside)
        ground = fill(low, outside.astype(np.float32), finest=1.5)
        own = fill(low, inside.astype(np.float32), finest=1.5)
        alpha = self._wished(alpha)
        return Matted(linear, np.dstack([ground, own]), alpha)

    def _wished(self, alpha: Plane) -> Plane:
        black, white = self.values["clip_black_milli"] / 1000, self.values["clip_white_milli"] / 1000
        alpha = np.asarray(np.clip((alpha - black) / max(white - black, 1e-3), 0, 1), np.float32)
        scale = min(self.size) / 1080 / 1000
        if shrink_px := self.values["shrink_px_milli"] * scale:
            size = 2 * round(abs(shrink_px)) + 1
            move = cv2.erode if shrink_px > 0 else cv2.dilate
            alpha = np.asarray(move(alpha, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))), np.float32)
        if (soften := self.values["soften_px_milli"] * scale) > 0.05:
            alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), soften), np.float32)
        height, width = alpha.shape
        left, right = (round(self.values[f"garbage_{side}_milli"] / 1000 * width) for side in ("left", "right"))
        top, bottom = (round(self.values[f"garbage_{side}_milli"] / 1000 * height) for side in ("top", "bottom"))
        keep = np.zeros_like(alpha)
        keep[top:bottom, left:right] = alpha[top:bottom, left:right]
        return keep

    def settled(self, near: Sequence[Matted], at: int) -> Matted:
        """near[at] with its matte held steady by its neighbours, where the picture itself stood still."""
        here = near[at]
        return Matted(here.linear, here.maps, steadied([m.linear for m in near], [m.alpha for m in near], at))

    def foreground(self, matted: Matted) -> Keyed:
        """The premultiplied foreground of a matted frame; half-clear pixels borrow from the solid beside."""
        out = np.empty((*matted.linear.shape[:2], 4), np.float32)
        unmix = np.float32(self.values["unmix_milli"] / 1000)
        low: NDArray[np.float32] = np.ascontiguousarray(matted.maps, np.float32)
        _foreground(matted.linear, matted.alpha, low, unmix, np.float32(EXTEND), out)
        band = float(((matted.alpha > 0.02) & (matted.alpha < 0.98)).mean())
        return Keyed(out, matted.alpha, np.ascontiguousarray(low[..., :3]), band)

    def key(self, linear: Picture) -> Keyed:
        return self.foreground(self.matted(linear))

    @property
    def found(self) -> bool:
        """Whether the network sees anybody in the clip."""
        return self.share >= NOBODY

    def report(self) -> dict[str, object]:
        """What was found, as plain JSON. grade: C for a clear figure, D where the network itself is unsure."""
        return {
            "method": "person", "grade": "C" if self.found and self.unsure < 0.25 else "D",
            "share_milli": round(self.share * 1000), "unsure_milli": round(self.unsure * 1000),
            "noise_milli": round(self.plate.noise * 1000), "clean_plate": False,
        }  # fmt: skip


def _grain(linear: Picture) -> float:
    """Deviation of fine detail in the calmest quarter of a frame, as a share of its light."""
    light = np.sqrt(np.maximum(linear @ np.array([0.2126, 0.7152, 0.0722], np.float32), 1e-4))
    detail = light - cv2.GaussianBlur(light, (0, 0), 1.5)
    spread = np.sqrt(np.maximum(cv2.blur(detail * detail, (15, 15)), 0))
    # Twice: the root halves a small part of the light.
    return 2 * float(np.percentile(spread, 25)) / max(float(np.median(light)), 0.05)
