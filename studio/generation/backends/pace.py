"""How long a draw takes, learned from draws that were made. Pure: samples in, milliseconds out.

Work is counted in a backend's own units (`Backend.work`), with which its time grows about evenly. Draws of nearly the
same work tell best; where there are none, a line through the others (a draw has a fixed part: reading the words,
decoding); where all others are of one size, their pace.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

KEPT = 20  # the newest samples count
NEAR = 1.5  # work within this factor is nearly the same
ENOUGH = 3  # so many near samples need no help from the others
GUESS_NS = {"cuda": 120, "cpu": 40_000}  # per unit and gigabyte of weights, rough on purpose; one draw replaces it


@dataclass(frozen=True)
class Sample:
    """One finished draw: its units of work, how long it drew (loading apart), whether its settings were the same."""

    units: int
    draw_milli: int
    alike: bool = False


def units(width: int, height: int, steps: int, frames: int = 1) -> int:
    """Work in a draw: pixels x steps x frames, in thousands."""
    return max(1, width * height * steps * frames // 1000)


def guess(wanted: int, *, size: int, device: str) -> int:
    """Milliseconds before anything was drawn. size: bytes of the weights."""
    return max(1_000, wanted * GUESS_NS.get(device, GUESS_NS["cpu"]) * max(1, size // 10**9) // 1_000_000)


def learned(wanted: int, samples: Sequence[Sample]) -> int | None:
    """Milliseconds that `wanted` units will take by `samples`, the newest first; None where there are none."""
    used = [sample for sample in samples if sample.units > 0][:KEPT]
    if not used:
        return None
    near = [sample for sample in used if 1 / NEAR <= sample.units / wanted <= NEAR]
    alike = [sample for sample in near if sample.alike]
    told = [sample.draw_milli * wanted / sample.units for sample in (alike if len(alike) >= ENOUGH else near)]
    if len(told) < ENOUGH:
        told.append(_by_line(wanted, used))
    return max(1, round(median(told)))


def _by_line(wanted: int, samples: Sequence[Sample]) -> float:
    """The Theil-Sen line (median of the pairs' slopes: one draw that was held up does not bend it), its foot not below
    zero; through the origin where the samples do not differ enough to tell."""
    pairs = [(one, other) for one, other in combinations(samples, 2) if max(one.units, other.units) > NEAR
             * min(one.units, other.units)]  # fmt: skip
    if not pairs:
        return median(sample.draw_milli / sample.units for sample in samples) * wanted
    slope = max(0.0, median((a.draw_milli - b.draw_milli) / (a.units - b.units) for a, b in pairs))
    foot = max(0.0, median(sample.draw_milli - slope * sample.units for sample in samples))
    if not slope:  # only noise between them: as long as they all took
        return float(median(sample.draw_milli for sample in samples))
    return foot + slope * wanted
