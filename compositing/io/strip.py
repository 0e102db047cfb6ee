"""The two pictures that stand for a film on a page: its filmstrip and its waveform."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from compositing.errors import ShapeError
from compositing.io.geometry import even, scale

TILES = 16
TILE_HEIGHT = 160
WAVE_WIDTH, WAVE_HEIGHT = 1024, 96
WAVE_GREY = 150  # readable on the dark page and on white paper


class Filmstrip:
    """16 pictures (fewer for a shorter film) side by side, evenly through `frame_count` frames; fed frame by frame."""

    def __init__(self, frame_count: int, width: int, height: int) -> None:
        self.count = min(TILES, frame_count)
        # The middle of each sixteenth, so that a slate or a fade at the ends does not stand for the take.
        self.frames = [(2 * tile + 1) * frame_count // (2 * self.count) for tile in range(self.count)]
        self.tile_height = min(TILE_HEIGHT, height)
        self.tile_width = even(width * self.tile_height / height)
        self._tiles: dict[int, NDArray] = {}

    def offer(self, frame: int, picture: NDArray) -> None:
        """Keep `picture` (H, W, 3 uint8) when frame number `frame` is one of the strip's."""
        if frame in self.frames:
            self._tiles[frame] = scale(picture, self.tile_width, self.tile_height)

    def picture(self) -> NDArray:
        """(tile_height, count * tile_width, 3) uint8. Raises ShapeError while frames are missing."""
        if len(self._tiles) < self.count:
            raise ShapeError(f"expected {self.count} tiles, got {len(self._tiles)}")
        return np.concatenate([self._tiles[frame] for frame in self.frames], axis=1)

    def layout(self) -> dict[str, object]:
        """What a page needs to show tile n: {"count", "width", "height", "frames"}."""
        return {"count": self.count, "width": self.tile_width, "height": self.tile_height, "frames": self.frames}


class Waveform:
    """Lowest and highest sample in each of 1024 columns of a sound of known length; fed block by block."""

    def __init__(self, samples: int) -> None:
        self.samples = max(1, samples)
        self.low = np.zeros(WAVE_WIDTH, np.float32)
        self.high = np.zeros(WAVE_WIDTH, np.float32)
        self._at = 0

    def feed(self, block: NDArray) -> None:
        """Add (channels, n) samples in -1..1."""
        mono = block.mean(axis=0)
        columns = np.minimum((np.arange(self._at, self._at + mono.size) * WAVE_WIDTH) // self.samples, WAVE_WIDTH - 1)
        np.minimum.at(self.low, columns, mono)
        np.maximum.at(self.high, columns, mono)
        self._at += mono.size

    def picture(self) -> NDArray:
        """(96, 1024, 4) uint8 RGBA: neutral grey on nothing, loudest sample at the edge, silence a thin line."""
        peak = max(float(self.high.max()), float(-self.low.min()), 1e-3)
        rows = np.arange(WAVE_HEIGHT)[:, None]
        middle = (WAVE_HEIGHT - 1) / 2
        top = middle - self.high / peak * middle - 0.5
        bottom = middle - self.low / peak * middle + 0.5
        out = np.full((WAVE_HEIGHT, WAVE_WIDTH, 4), WAVE_GREY, np.uint8)
        out[:, :, 3] = np.where((rows >= top) & (rows <= bottom), 255, 0)
        return out
