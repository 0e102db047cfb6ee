"""A film's sound as 48 kHz stereo, sample-exact against its picture."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import av
import av.error
import numpy as np
from numpy.typing import NDArray

from compositing.io.container import open_container
from compositing.io.timeline import SAME_RATE, read_timeline
from compositing.io.writer import AUDIO_RATE

GAP = AUDIO_RATE // 50  # a hole of 20 ms or more is silence; less is rounding of time stamps


def sample_of(frame: int, fps: Fraction) -> int:
    """The first sample at 48 kHz that belongs to this frame."""
    exact = frame * AUDIO_RATE / fps
    return round(exact)


class Sound:
    """The first sound of a film, read forward. `read(n)` gives (2, n) float32 in -1..1, with silence past its end.

    Sample 0 sounds with the picture's first frame. fps: the rate that the picture is conformed to; where that is frame
    for frame (23.976 shown at 24) the sound runs as much faster as the picture does. start: the sample to begin with
    (below 0: silence first). `present` is False for a silent film.
    """

    def __init__(self, path: str | Path, *, fps: Fraction | None = None, start: int = 0) -> None:
        self.path, self.fps, self.start = Path(path), fps, start
        self.present = False
        self._waiting: list[NDArray] = []
        self._held = self._drop_head = 0

    def __enter__(self) -> Self:
        self._opened = open_container(self.path)
        self._box = self._opened.__enter__()
        self.present = bool(self._box.streams.audio)
        self._blocks = self._decode() if self.present else iter(())
        if self.present and self.start > 0:
            self._skip(self.start)
        elif self.start < 0:
            self._keep(np.zeros((2, -self.start), np.float32))
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)

    def _origin(self) -> tuple[Fraction, Fraction]:
        """(the picture's first time stamp in seconds, how much faster it is played)."""
        if not self._box.streams.video:
            return Fraction(0), Fraction(1)
        timeline = read_timeline(self.path)
        first = timeline.pts[0] * timeline.time_base if timeline.pts else Fraction(0)
        speed = Fraction(1)
        if self.fps is not None and not timeline.vfr and abs(self.fps / timeline.fps - 1) < SAME_RATE:
            speed = self.fps / timeline.fps
        return first, speed

    def _decode(self) -> Iterator[NDArray]:
        first, speed = self._origin()
        stream = self._box.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=AUDIO_RATE)
        due: int | None = None
        for frame in self._frames(stream):
            if due is None or frame.pts is not None:
                at = (Fraction(frame.pts or 0) * (frame.time_base or Fraction(1)) - first) / speed
                here = round(at * AUDIO_RATE)
                if due is None:
                    due = 0
                    if here < 0:
                        self._drop_head = -here
                if here - due >= GAP:
                    yield np.zeros((2, here - due), np.float32)
                    due = here
            if speed != 1:
                frame.sample_rate = round(frame.sample_rate * speed)
            frame.pts = None
            for block in resampler.resample(frame):
                samples = block.to_ndarray()
                due += samples.shape[1]
                yield samples
        for block in resampler.resample(None):
            yield block.to_ndarray()

    def _frames(self, stream: Any) -> Iterator[av.AudioFrame]:
        packets = self._box.demux(stream)
        while True:
            try:
                packet = next(packets)
                frames = packet.decode()
            except StopIteration:
                return
            except MemoryError:
                raise
            except av.error.FFmpegError as error:
                if isinstance(error, av.error.EOFError):
                    return
                continue  # a damaged packet: the gap becomes silence
            yield from frames

    def _keep(self, samples: NDArray) -> None:
        if self._drop_head:
            cut = min(self._drop_head, samples.shape[1])
            self._drop_head -= cut
            samples = samples[:, cut:]
        if samples.shape[1]:
            self._waiting.append(samples)
            self._held += samples.shape[1]

    def _fill(self, wanted: int) -> None:
        while self._held < wanted:
            block = next(self._blocks, None)
            if block is None:
                return
            self._keep(block)

    def _skip(self, count: int) -> None:
        while count > 0:
            step = min(count, AUDIO_RATE)
            self._fill(step)
            if not self._held:
                return
            count -= self._take(step).shape[1]

    def _take(self, count: int) -> NDArray:
        joined = np.concatenate(self._waiting, axis=1) if self._waiting else np.zeros((2, 0), np.float32)
        self._waiting = [joined[:, count:]] if joined.shape[1] > count else []
        self._held = max(0, joined.shape[1] - count)
        return joined[:, :count]

    def read(self, count: int) -> NDArray:
        """The next `count` samples, (2, count) float32."""
        self._fill(count)
        out = np.zeros((2, count), np.float32)
        got = self._take(count)
        out[:, : got.shape[1]] = got
        return out
