"""What props are made of: turned bodies, round strips, flat pieces; lit by one key and the air around.

A thing is drawn in its own frame (x right, y down, 1 is its height, its middle at 0, 0) into a picture twice as fine as
the one it stands in; linear light, premultiplied.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]
FINER = 2
# Linear light on a white card turned to it: the key, and the air from all around.
AIRS: dict[str, tuple[Colour, Colour]] = {
    "day": ((0.95, 0.93, 0.88), (0.30, 0.33, 0.38)),
    "golden": ((1.15, 0.72, 0.38), (0.20, 0.19, 0.22)),
    "night": ((0.34, 0.38, 0.50), (0.055, 0.065, 0.10)),
    "storm": ((0.40, 0.44, 0.50), (0.20, 0.22, 0.25)),
}
SIDES = {"left": -0.72, "right": 0.72, "front": 0.1}


@dataclass(frozen=True)
class Stuff:
    """colour: linear albedo. gloss: strength of its highlight; tight: its narrowness. glow: linear light that it gives
    off. alpha: how solid it is. through: share of the light from behind that it lets through (paper, silk)."""

    colour: Colour
    gloss: float = 0.05
    tight: float = 24.0
    glow: Colour = (0.0, 0.0, 0.0)
    alpha: float = 1.0
    through: float = 0.0

    def lit(self, *glow: float) -> "Stuff":
        return replace(self, glow=(glow[0], glow[1], glow[2]))


class Sheet:
    """The picture that a thing is drawn into."""

    def __init__(self, width: int, height: int, params: dict[str, object]) -> None:
        self.width, self.height = width * FINER, height * FINER
        self.pixels = np.zeros((self.height, self.width, 4), np.float32)
        self.scale = float(params["size"]) / 100 * self.height  # type: ignore[arg-type]
        self.middle = (float(params["across"]) / 100 * self.width, float(params["down"]) / 100 * self.height)  # type: ignore[arg-type]
        turn = math.radians(float(params["tilt"]))  # type: ignore[arg-type]
        self.cos, self.sin = math.cos(turn), math.sin(turn)
        self.key, self.air = (np.array(one, np.float32) for one in AIRS[str(params["light"])])
        side = SIDES[str(params["key"])]
        towards = np.array([side, 0.55, 0.75], np.float32)
        towards /= np.linalg.norm(towards)
        # In the thing's own frame: y is up in normals, and a tilted thing keeps the light of the room.
        self.light = np.array(
            [towards[0] * self.cos - towards[1] * self.sin, towards[0] * self.sin + towards[1] * self.cos, towards[2]]
        )

    def finished(self) -> NDArray[np.float32]:
        """(H, W, 4) at the picture's own size."""
        size = self.width // FINER, self.height // FINER
        return np.asarray(cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA), np.float32)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the thing lies in the sheet."""
        x, y = x * self.scale, y * self.scale
        return self.middle[0] + x * self.cos - y * self.sin, self.middle[1] + x * self.sin + y * self.cos

    def turned(
        self, x: float, top: float, bottom: float, radius: Callable[[NDArray], NDArray], stuff: Stuff,
        paint: Callable[[NDArray, NDArray, NDArray], NDArray] | None = None, flat: float = 0.0,
    ) -> None:  # fmt: skip
        """A body turned on an upright axis at x; radius(t) for t 0..1 from top to bottom. paint(colour, t, angle in
        -1..1 across) may change its colour (h, w, 3). flat: how far its rims bow downwards, of the radius."""
        widest = float(radius(np.linspace(0, 1, 200)).max())
        box = self._box([(x - widest, top - widest * flat), (x + widest, top - widest * flat),
                         (x - widest, bottom + widest * flat), (x + widest, bottom + widest * flat)])  # fmt: skip
        if box is None:
            return
        where, px, py = box
        across = px - x
        rounded = np.sqrt(np.clip(1 - (across / widest) ** 2, 0, 1)) * widest * flat if flat else 0.0
        t = (py - rounded - top) / (bottom - top)
        r = np.maximum(radius(np.clip(t, 0, 1)), 1e-5)
        step = 0.004
        slope = (radius(np.clip(t + step, 0, 1)) - radius(np.clip(t - step, 0, 1))) / (2 * step * (bottom - top))
        side = np.clip(across / r, -1, 1)
        normal = _unit(np.stack([side, slope, np.sqrt(np.clip(1 - side * side, 0, 1))], -1))
        edge = (r - np.abs(across)) * self.scale
        ends = np.minimum(t, 1 - t) * abs(bottom - top) * self.scale
        cover = np.clip(np.minimum(edge, ends) + 0.5, 0, 1)
        base = np.broadcast_to(np.array(stuff.colour, np.float32), (*t.shape, 3))
        if paint is not None:
            base = paint(base, t, np.arcsin(side) / (math.pi / 2))
        self._lay(where, self._seen(base, normal, stuff), cover * stuff.alpha)

    def strip(self, points: list[tuple[float, float]], thick: float | list[float], stuff: Stuff) -> None:
        """A round strip along points, as thick (radius) at each."""
        each = thick if isinstance(thick, list) else [thick] * len(points)
        most = max(each) + 1.5 / self.scale
        box = self._box([(x + dx, y + dy) for x, y in points for dx in (-most, most) for dy in (-most, most)])
        if box is None:
            return
        where, px, py = box
        best = np.full(px.shape, -np.inf, np.float32)  # how deep inside the nearest run of the strip
        dx, dy, r = np.zeros_like(px), np.zeros_like(px), np.full_like(px, 1e-6)
        ends = zip(points, points[1:], each, each[1:], strict=False)
        for (ax, ay), (bx, by), ra, rb in ends:
            along = max(1e-12, (bx - ax) ** 2 + (by - ay) ** 2)
            run = np.clip(((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / along, 0, 1)
            ex, ey, here = px - (ax + run * (bx - ax)), py - (ay + run * (by - ay)), ra + (rb - ra) * run
            deep = here - np.hypot(ex, ey)
            nearer = deep > best
            best[nearer], dx[nearer], dy[nearer], r[nearer] = deep[nearer], ex[nearer], ey[nearer], here[nearer]
        far = np.hypot(dx, dy)
        inside = np.clip(far / np.maximum(r, 1e-6), 0, 1)
        out = np.maximum(far, 1e-9)
        normal = np.stack([dx / out * inside, -dy / out * inside, np.sqrt(1 - inside * inside)], -1)
        base = np.broadcast_to(np.array(stuff.colour, np.float32), (*far.shape, 3))
        thin = np.minimum(1.0, r * self.scale * 2)  # a hair finer than a pixel covers a part of it
        self._lay(where, self._seen(base, normal, stuff), np.clip(best * self.scale + 0.5, 0, 1) * thin * stuff.alpha)

    def piece(
        self, points: list[tuple[float, float]], normal: Colour, stuff: Stuff,
        paint: Callable[[NDArray, NDArray, NDArray], NDArray] | None = None,
    ) -> None:  # fmt: skip
        """A flat piece with a normal (x right, y up, z to the camera). paint(colour, x, y) may change its colour."""
        box = self._box(points)
        if box is None:
            return
        where, px, py = box
        cover = np.zeros(px.shape, np.uint8)
        rows, columns = where
        corners = np.array([self.at(*point) for point in points]) - [columns.start, rows.start]
        cv2.fillPoly(cover, [np.rint(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        base = np.broadcast_to(np.array(stuff.colour, np.float32), (*px.shape, 3))
        if paint is not None:
            base = paint(base, px, py)
        to = _unit(np.broadcast_to(np.array(normal, np.float32), (*px.shape, 3)))
        self._lay(where, self._seen(base, to, stuff), cover.astype(np.float32) / 255 * stuff.alpha)

    def halo(self, x: float, y: float, reach: float, light: Colour) -> None:
        """Light that hangs in the air around a lamp: it adds to what is behind, and covers hardly any of it."""
        box = self._box(
            [(x - reach, y - reach), (x + reach, y + reach), (x - reach, y + reach), (x + reach, y - reach)]
        )
        if box is None:
            return
        where, px, py = box
        near = np.clip(1 - np.hypot(px - x, py - y) / reach, 0, 1) ** 3
        near *= 0.3 / (0.3 + float(self.air.mean() + self.key.mean()))  # by day it drowns
        most = max(light)
        self._lay(
            where, np.array(light, np.float32) / most * np.ones((*near.shape, 1), np.float32), near * most, behind=True
        )

    # -- inside

    def _box(self, points: list[tuple[float, float]]) -> tuple[tuple[slice, slice], NDArray, NDArray] | None:
        """(rows and columns, x and y of their pixels in the thing's frame) around points; None: outside the sheet."""
        corners = np.array([self.at(*point) for point in points])
        low, high = np.floor(corners.min(0)).astype(int) - 3, np.ceil(corners.max(0)).astype(int) + 3
        left, right = max(0, low[0]), min(self.width, high[0])
        upper, lower = max(0, low[1]), min(self.height, high[1])
        if left >= right or upper >= lower:
            return None
        y, x = np.mgrid[upper:lower, left:right].astype(np.float32) + 0.5
        x, y = (x - self.middle[0]) / self.scale, (y - self.middle[1]) / self.scale
        return (slice(upper, lower), slice(left, right)), x * self.cos + y * self.sin, y * self.cos - x * self.sin

    def _seen(self, base: NDArray, normal: NDArray, stuff: Stuff) -> NDArray:
        facing = normal @ self.light
        key = np.clip(facing, 0, None) + stuff.through * np.clip(-facing, 0, None)
        above = 0.75 + 0.25 * normal[..., 1]  # the air is brighter above
        seen = base * (self.key * key[..., None] + self.air * above[..., None])
        half = _unit((self.light + np.array([0, 0, 1.0]))[None])[0]
        shine = stuff.gloss * np.clip(normal @ half, 0, None) ** stuff.tight
        return np.asarray(seen + self.key * shine[..., None] + np.array(stuff.glow, np.float32), np.float32)

    def _lay(self, where: tuple[slice, slice], seen: NDArray, cover: NDArray, *, behind: bool = False) -> None:
        under = self.pixels[where]
        over = np.dstack([seen * cover[..., None], cover]).astype(np.float32)
        if behind:
            under, over = over, under.copy()
        self.pixels[where] = over + under * (1 - over[..., 3:])


def _unit(vectors: NDArray) -> NDArray:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9), np.float32)
