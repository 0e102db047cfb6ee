"""The small films of fixtures/media, and how to read the number drawn into their frames."""

from pathlib import Path

import numpy as np

MEDIA = Path(__file__).resolve().parents[2] / "fixtures" / "media"


def number_in(picture: np.ndarray) -> int:
    """The number that fixtures/media/make_media.py drew along the top of (H, W, 3) uint8."""
    side = picture.shape[1] / 8
    row = picture[int(side * 0.35) : int(side * 0.65)].mean(axis=(0, 2))
    return sum(1 << bit for bit in range(8) if row[int((bit + 0.35) * side) : int((bit + 0.65) * side)].mean() > 128)
