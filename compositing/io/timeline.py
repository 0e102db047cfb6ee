"""Which frame stands where in a film: found by walking its packets, without decoding.

A frame's number is its place among the time stamps of the film's own packets, so it does not move when a decoder drops
a damaged frame or when reading starts in the middle.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import pairwise
from math import ceil, floor
from pathlib import Path
from typing import Any

import av.error

from compositing.io.container import MAX_PIXELS, no_frames, open_container, video_stream

STANDARD_RATES = tuple(
    Fraction(n, d)
    for n, d in (
        (24000, 1001),
        (24, 1),
        (25, 1),
        (30000, 1001),
        (30, 1),
        (48, 1),
        (50, 1),
        (60000, 1001),
        (60, 1),
        (12, 1),
        (15, 1),
        (100, 1),
        (120000, 1001),
        (120, 1),
    )
)
# A frame is the one on screen a fifth of a frame after its start: exact halving of 59.94 keeps every second frame, and
# stamps rounded to milliseconds do not slip to the neighbour.
SETTLE = Fraction(1, 5)
# 23.976 against 24 is conformed frame for frame, as film does; 24 against 25 is not.
SAME_RATE = Fraction(15, 10_000)
APART, SHIFT = 4, 30  # frames: what stands closer is not moved, and nothing further


@dataclass(frozen=True)
class Timeline:
    """pts: sorted stamps in `time_base` units, one a frame, or empty when the container has none (old AVI).
    count: frames by packets. fps: rational rate; vfr: whether the stamps leave that rate's grid. coded: the frames'
    numbers as their packets come, keys: those that decoding can begin with; both empty where there are no stamps."""

    pts: tuple[int, ...]
    count: int
    time_base: Fraction
    fps: Fraction
    vfr: bool
    coded: tuple[int, ...] = ()
    keys: frozenset[int] = frozenset()

    @cached_property
    def places(self) -> dict[int, int]:
        return {stamp: place for place, stamp in enumerate(self.pts)}

    def place_of(self, stamp: int | None) -> int | None:
        """The number of the frame with this stamp; a stamp between two belongs to the earlier one."""
        if stamp is None or not self.pts:
            return None
        place = self.places.get(stamp)
        return place if place is not None else max(0, bisect_right(self.pts, stamp) - 1)

    def group_of(self, place: int) -> list[int]:
        """The numbers of the frames that come in the film from the key frame before number `place` up to it, as their
        packets come: what decoding it takes at most. Empty where that is not known."""
        begin = end = self._order.get(place, -1)
        while begin >= 0 and (self.coded[begin] not in self.keys or self.coded[begin] > place):
            begin -= 1
        return list(self.coded[begin : end + 1]) if begin >= 0 else []

    @cached_property
    def _order(self) -> dict[int, int]:
        return {place: at for at, place in enumerate(self.coded)}

    def nearer(self, targets: list[int], fps: Fraction | None) -> list[int]:
        """Some of the numbers that `conform` gives frames of rate `fps`, moved towards the key frames before them: none
        out of its group or before the first, or by more than SHIFT frames; half of the way where several stand in one
        group, so that they still stand apart. What is between them costs less to decode."""
        if not self.keys or len(targets) < 2 or targets[-1] - targets[0] < APART * len(targets):
            return targets
        wanted, keys = self.conform(fps), sorted(self.keys)
        groups = [max(bisect_right(keys, wanted[target]) - 1, 0) for target in targets]
        moved = []
        for target, group in zip(targets, groups, strict=True):
            way = max(wanted[target] - keys[group], 0)
            way = way if groups.count(group) == 1 else way // 2
            moved.append(max(bisect_left(wanted, wanted[target] - min(way, SHIFT)), targets[0]))
        return sorted(set(moved))

    def conform(self, fps: Fraction | None) -> list[int]:
        """For each frame at constant `fps`, the number of the source frame on screen then. None: every frame once."""
        if fps is None or (not self.vfr and abs(fps / self.fps - 1) < SAME_RATE):
            return list(range(self.count))
        if not self.vfr or not self.pts:
            total = max(1, ceil(self.count * fps / self.fps - SETTLE))
            return [min(self.count - 1, floor((n + SETTLE) * self.fps / fps)) for n in range(total)]
        times = [(stamp - self.pts[0]) * self.time_base for stamp in self.pts]
        steps = sorted(later - earlier for earlier, later in pairwise(times))
        length = times[-1] + (steps[len(steps) // 2] if steps else 1 / self.fps)
        total = max(1, ceil(length * fps - SETTLE))
        return [max(0, bisect_right(times, (n + SETTLE) / fps) - 1) for n in range(total)]


def _on_grid(pts: list[int], time_base: Fraction, rate: Fraction) -> bool:
    # A stamp may be rounded to its own tick or, in Matroska, to a millisecond.
    slack = max(time_base, Fraction(1, 1000)) * Fraction(11, 10)
    slack = min(slack, Fraction(2, 5) / rate)
    return all(abs((stamp - pts[0]) * time_base - place / rate) <= slack for place, stamp in enumerate(pts))


def rate_of(pts: list[int], time_base: Fraction, hints: list[Fraction]) -> tuple[Fraction, bool]:
    """(rational rate, variable?) of sorted stamps. `hints` are the container's own claims, best first."""
    if len(pts) < 2:
        return (hints[0] if hints else Fraction(24)), False
    mean = Fraction(len(pts) - 1) / ((pts[-1] - pts[0]) * time_base)
    near = sorted(
        (rate for rate in STANDARD_RATES if abs(rate / mean - 1) < Fraction(1, 50)), key=lambda r: abs(r - mean)
    )
    for rate in [*hints, *near]:
        if rate > 0 and abs(rate / mean - 1) < Fraction(1, 20) and _on_grid(pts, time_base, rate):
            # 30000/1001 said as 2997/100 is the standard rate.
            snapped = next((r for r in STANDARD_RATES if abs(r / rate - 1) < Fraction(1, 20_000)), rate)
            return snapped.limit_denominator(1001), False
    # Off the grid: a rate that the whole film averages, else the pace that most of it keeps.
    for rate in STANDARD_RATES:
        if abs(rate / mean - 1) < Fraction(1, 2000):
            return rate, True
    steps = sorted(later - earlier for earlier, later in pairwise(pts))
    pace = 1 / (steps[len(steps) // 2] * time_base)
    close = min(STANDARD_RATES, key=lambda rate: abs(rate / pace - 1))
    return (close if abs(close / pace - 1) < Fraction(1, 50) else pace.limit_denominator(1001)), True


def _walk(container: Any, stream: Any) -> tuple[list[int], int, set[int]]:
    """(stamps of the packets as they come, or none where the film has none; frames; stamps of the key frames)."""
    stamps: list[int] = []
    keys: set[int] = set()
    count, complete, reordered = 0, True, False
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            count += 1
            if packet.pts is None:
                complete = False
            else:
                stamps.append(packet.pts)
                if packet.is_keyframe:
                    keys.add(packet.pts)
                reordered = reordered or packet.pts != packet.dts
    except MemoryError:
        raise
    except av.error.FFmpegError:
        pass  # a film cut off in the middle: what came before it still counts
    if container.format.name.startswith("mxf") and stream.codec_context.has_b_frames and not reordered:
        complete = False  # its index has no order of showing, so its stamps are those of coding: frames are counted
    return (stamps, len(set(stamps)), keys) if complete else ([], count, set())


def read_timeline(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Timeline:
    """The film's timeline; kept for the last few films read. Raises Refused as `open_container` does, or no_frames."""
    path = Path(path)
    try:
        stat = path.stat()
    except OSError:
        stat = None
    key = (stat.st_size, stat.st_mtime_ns) if stat else (0, 0)
    return _timeline(str(path), key, max_pixels)


@lru_cache(maxsize=32)
def _timeline(path: str, _key: tuple[int, int], max_pixels: int) -> Timeline:
    with open_container(path, max_pixels=max_pixels) as container:
        stream = video_stream(container, Path(path).name, max_pixels=max_pixels)
        hints = [rate for rate in (stream.guessed_rate, stream.base_rate, stream.average_rate) if rate]
        stamps, count, keys = _walk(container, stream)
        pts = sorted(set(stamps))
        if count == 0:
            raise no_frames(Path(path).name)
        time_base = Fraction(stream.time_base)
    fps, vfr = rate_of(pts, time_base, hints)
    places = {stamp: place for place, stamp in enumerate(pts)}
    coded = tuple(places[stamp] for stamp in dict.fromkeys(stamps))
    return Timeline(tuple(pts), count, time_base, fps, vfr, coded, frozenset(places[stamp] for stamp in keys))
