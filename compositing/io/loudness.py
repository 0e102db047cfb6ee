"""How loud a film is, by EBU R 128 (FFmpeg's ebur128 filter): what platforms normalise to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from math import log10
from pathlib import Path

import av
import av.error
import numpy as np
from av.container.input import InputContainer
from av.filter import Graph

from compositing.io.container import open_container
from compositing.io.writer import AUDIO_RATE

SILENCE = -70.0  # LUFS: the absolute gate of ITU-R BS.1770, below which nothing is counted


@dataclass(frozen=True)
class Loudness:
    """Thousandths: integrated loudness (mLUFS), range (mLU), true peak (mdBTP). silent: nothing above the gate."""

    integrated_milli: int
    range_milli: int
    peak_milli: int
    silent: bool


def measure_loudness(path: str | Path) -> Loudness | None:
    """The loudness of a film's first sound, None where it has none. Reads what `open_container` reads."""
    last: dict[str, str] = {}
    peak = 0.0
    with open_container(path) as container:
        if not container.streams.audio:
            return None
        graph = Graph()
        source = graph.add_abuffer(
            sample_rate=AUDIO_RATE, format="fltp", layout="stereo", time_base=Fraction(1, AUDIO_RATE)
        )
        meter = graph.add("ebur128", "metadata=1:peak=true:framelog=quiet")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        for block in chain(_blocks(container), (None,)):
            if block is not None:
                peak = max(peak, float(np.abs(block.to_ndarray()).max(initial=0)))
            source.push(block)
            while True:
                try:
                    seen = sink.pull().metadata
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                last = dict(seen) or last
                peak = max(peak, float(seen.get("lavfi.r128.true_peak", 0)))
    integrated = float(last.get("lavfi.r128.I", SILENCE))
    silent = not last or integrated <= SILENCE
    return Loudness(
        round(max(integrated, SILENCE) * 1000),
        round(float(last.get("lavfi.r128.LRA", 0)) * 1000),
        round(20_000 * log10(max(peak, 1e-6))),
        silent,
    )


def _blocks(container: InputContainer) -> Iterator[av.AudioFrame]:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=AUDIO_RATE)
    samples = 0
    for frame in chain(container.decode(audio=0), (None,)):
        if frame is not None:
            frame.pts = None
        for block in resampler.resample(frame):
            block.pts, block.time_base = samples, Fraction(1, AUDIO_RATE)
            samples += block.samples
            yield block
