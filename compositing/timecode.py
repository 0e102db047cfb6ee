"""Frames and timecode, exactly: a rate is two whole numbers and a time is a frame. Standard library only.

29.97 and 59.94 are shown in drop-frame timecode (labels ;00 and ;01 are skipped each minute but the tenth), so that the
clock on screen keeps up with the clock on the wall; 23.976 never is. Source: SMPTE ST 12-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from compositing.errors import Refused

_TIMECODE = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})([:;.])(\d{2,3})$")
_NAMED = {"23.976": (24000, 1001), "23.98": (24000, 1001), "29.97": (30000, 1001), "59.94": (60000, 1001)}


@dataclass(frozen=True, order=False)
class Rate:
    """Frames a second as num/den, in lowest terms: Rate(24000, 1001). Raises Refused (bad_rate) outside 1..1000."""

    num: int
    den: int = 1

    def __post_init__(self) -> None:
        if self.num < 1 or self.den < 1 or not 1 <= Fraction(self.num, self.den) <= 1000:
            raise Refused(
                f"{self.num}/{self.den} is not a frame rate. Use one such as 24/1 or 30000/1001.",
                code="bad_rate",
                num=self.num,
                den=self.den,
            )
        exact = Fraction(self.num, self.den)
        object.__setattr__(self, "num", exact.numerator)
        object.__setattr__(self, "den", exact.denominator)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A rate from "24", "30000/1001", "23.976" or "29.97". Raises Refused (bad_rate)."""
        text = text.strip()
        if text in _NAMED:
            return cls(*_NAMED[text])
        try:
            exact = Fraction(text)
        except (ValueError, ZeroDivisionError):
            raise Refused(
                f"{text!r} is not a frame rate. Use one such as 24, 29.97 or 30000/1001.", code="bad_rate", text=text
            ) from None
        return cls(exact.numerator, exact.denominator)

    @property
    def fraction(self) -> Fraction:
        return Fraction(self.num, self.den)

    @property
    def nominal(self) -> int:
        """The whole number of frames that a timecode second is counted in: 24 for 23.976, 30 for 29.97."""
        return -(-self.num // self.den)

    @property
    def drops(self) -> bool:
        """Whether this rate is shown in drop-frame timecode."""
        return self.den == 1001 and self.nominal % 30 == 0

    def seconds(self, frames: int) -> Fraction:
        """How long this many frames last."""
        return frames / self.fraction

    def frames_in(self, seconds: Fraction | int) -> int:
        """The fewest frames that last at least this long."""
        exact = seconds * self.fraction
        return -(-exact.numerator // exact.denominator)

    def __str__(self) -> str:
        named = {pair: name for name, pair in _NAMED.items() if name != "23.98"}
        return named.get((self.num, self.den)) or (str(self.num) if self.den == 1 else f"{self.num}/{self.den}")


def frames_to_timecode(frame: int, rate: Rate, *, drop: bool | None = None) -> str:
    """The label of frame `frame` (from 0, at 00:00:00:00), with ; before the frames when dropping; 24 hours wrap.

    drop: None shows it as the rate's habit is. Raises ValueError for drop-frame at a rate that has none.
    """
    drop = rate.drops if drop is None else drop
    nominal = rate.nominal
    if drop:
        frame = frame % _day(rate, True)
        skipped = _skipped(rate)
        tens, rest = divmod(frame, nominal * 600 - 9 * skipped)
        frame += 9 * skipped * tens
        if rest >= nominal * 60:
            frame += skipped * (1 + (rest - nominal * 60) // (nominal * 60 - skipped))
    else:
        frame = frame % _day(rate, False)
    seconds, frames = divmod(frame, nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    digits = len(str(nominal - 1))
    return f"{hours:02}:{minutes:02}:{seconds:02}{';' if drop else ':'}{frames:0{max(2, digits)}}"


def timecode_to_frames(text: str, rate: Rate) -> int:
    """The frame (from 0) that a timecode labels; ; (or .) before the frames means drop-frame.

    Raises Refused: bad_timecode for what is not one, dropped_timecode for a label that drop-frame skips.
    """
    found = _TIMECODE.match(text.strip())
    if not found:
        raise Refused(f"{text!r} is not a timecode. Write it as 01:00:00:00.", code="bad_timecode", text=text)
    hours, minutes, seconds, frames = (int(found[group]) for group in (1, 2, 3, 5))
    drop = found[4] != ":"
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= rate.nominal or (drop and not rate.drops):
        raise Refused(f"{text} does not exist at {rate} frames a second.", code="bad_timecode", text=text)
    count = ((hours * 60 + minutes) * 60 + seconds) * rate.nominal + frames
    if not drop:
        return count
    skipped = _skipped(rate)
    if frames < skipped and seconds == 0 and minutes % 10:
        raise Refused(f"{text} is skipped by drop-frame timecode.", code="dropped_timecode", text=text)
    total_minutes = hours * 60 + minutes
    return count - skipped * (total_minutes - total_minutes // 10)


def _skipped(rate: Rate) -> int:
    if not rate.drops:
        raise ValueError(f"{rate} frames a second has no drop-frame timecode")
    return rate.nominal // 15


def _day(rate: Rate, drop: bool) -> int:
    return rate.nominal * 86_400 - (_skipped(rate) * (1440 - 144) if drop else 0)
