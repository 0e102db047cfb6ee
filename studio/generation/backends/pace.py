"""How long a draw takes: what earlier draws took, per step, megapixel and frame; a guess where there are none.

Pure: samples in, seconds out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

KEPT = 20  # the newest samples count
GUESS_NS = {"cuda": 120, "cpu": 40_000}  # per unit and gigabyte of weights, rough on purpose; one draw replaces it


@dataclass(frozen=True)
class Sample:
    """One finished draw: its units of work, and how long it drew (loading apart)."""

    units: int
    draw_milli: int


def units(width: int, height: int, steps: int, frames: int = 1) -> int:
    """Work in a draw: pixels x steps x frames, in thousands."""
    return max(1, width * height * steps * frames // 1000)


def seconds_milli(wanted: int, samples: Sequence[Sample], *, size: int, device: str) -> tuple[int, bool]:
    """(milliseconds, whether learned). size: bytes of the weights, for the guess."""
    used = samples[:KEPT]
    if used:
        pace = median(sample.draw_milli * 1_000_000 // sample.units for sample in used)
        return max(1, int(pace) * wanted // 1_000_000), True
    return max(1_000, wanted * GUESS_NS.get(device, GUESS_NS["cpu"]) * max(1, size // 10**9) // 1_000_000), False
