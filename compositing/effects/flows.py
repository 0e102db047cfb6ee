# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Moving noise for what has no outline: fog, smoke, flames. The last frame leads into the first."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.plates.kernels import kernel
from compositing.plates.noise import hash3

COARSE = 4  # drawn at a quarter of the size: nothing here is sharper than that


@kernel
def _noise(x, y, z, seed, kept):
    """Smooth noise in 0..1 over three dimensions, one bump per unit. kept (6,): the corners that the last call with the
    same z and seed found: the next pixel lies between the same ones as a rule."""
    xi, yi, zi = math.floor(x), math.floor(y), math.floor(z)
    fx, fy = x - xi, y - yi
    fx, fy = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy)
    if kept[0] != xi or kept[1] != yi:
        fz = z - zi
        fz = fz * fz * (3 - 2 * fz)
        i, j, k = int(xi), int(yi), int(zi) * 7919 + seed
        kept[0], kept[1] = xi, yi
        for n in range(4):
            near = hash3(i + n % 2, j + n // 2, k)
            kept[2 + n] = near + (hash3(i + n % 2, j + n // 2, k + 7919) - near) * fz
    a, b, c, d = kept[2], kept[3], kept[4], kept[5]
    return a + (b - a) * fx + (c - a + (a - b - c + d) * fx) * fy


@kernel
def _flow(out, cell_x, cell_y, move_x, move_y, z, octaves, warp, seed):
    height, width = out.shape
    kept = np.full((octaves + 2, 6), 1e300)
    for row in range(height):
        for column in range(width):
            x, y = column / cell_x + move_x, row / cell_y + move_y
            if warp > 0:
                bend = _noise(x * 0.7 + 3.1, y * 0.7, z, seed + 911, kept[octaves]) - 0.5
                more = _noise(x * 0.7, y * 0.7 + 8.3, z, seed + 577, kept[octaves + 1]) - 0.5
                x, y = x + warp * bend, y + warp * more
            total, weight, size = 0.0, 0.5, 1.0
            for k in range(octaves):
                shade = _noise(x * size + 5.3 * k, y * size + 1.7 * k, z * size, seed + k * 17, kept[k])
                total += weight * (shade - 0.5)
                size *= 2.03
                weight *= 0.5
            out[row, column] = total


class Flow:
    """Noise that drifts and changes over a loop. cell: the size of its broadest bump, in px of the full picture (one
    number, or across and down). drift: bumps gone over per second, across and down. change: bumps turned per second."""

    def __init__(
        self, width: int, height: int, cell: float | tuple[float, float], *, seconds: float, seed: int,
        drift: tuple[float, float] = (0.0, 0.0), change: float = 0.5, octaves: int = 4, warp: float = 0.0,
        coarse: int = COARSE,
    ) -> None:  # fmt: skip
        self.size = (max(4, round(width / coarse)), max(4, round(height / coarse)))
        across, down = cell if isinstance(cell, tuple) else (cell, cell)
        share = self.size[0] / width
        self.cell = (max(1.5, across * share), max(1.5, down * share))
        self.seconds, self.drift, self.change = seconds, drift, change
        self.octaves, self.warp, self.seed = octaves, warp, seed % 65_521

    def at(self, part: float) -> NDArray[np.float32]:
        """(h, w) around 0, mostly -0.5..0.5, at `part` 0..1 of the loop, coarse.

        Two stretches of the same endless flow are faded into one another over the loop; the sum is evened out so that
        it stays as lively in the middle as at the ends.
        """
        here, before = self._drawn(part), self._drawn(part - 1)
        share = 1 - part
        mixed = here * np.float32(share) + before * np.float32(part)
        return np.asarray(mixed / np.float32(math.hypot(share, part)), np.float32)

    def _drawn(self, part: float) -> NDArray[np.float32]:
        out = np.empty((self.size[1], self.size[0]), np.float32)
        time = part * self.seconds
        gone = (-self.drift[0] * time, -self.drift[1] * time)
        _flow(out, *self.cell, *gone, self.change * time + 40.5, self.octaves, self.warp, self.seed)
        return out


def coded(plane: NDArray[np.float32]) -> NDArray[np.uint16]:
    """Of 0..1 the whole numbers 0..65535."""
    out = np.empty(plane.shape, np.uint16)
    _coded(plane.ravel(), out.ravel())
    return out


@kernel
def _coded(plane, out):
    for n in range(plane.shape[0]):
        out[n] = np.uint16(min(np.float32(1.0), max(np.float32(0.0), plane[n])) * np.float32(65535) + np.float32(0.5))


def full(plane: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """A coarse picture at its full size, without steps."""
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def smooth(low: float, high: float, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """0 below `low`, 1 above `high`, smooth between."""
    part = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), np.float32)
