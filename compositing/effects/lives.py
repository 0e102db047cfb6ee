"""Many small things that come, move and go, each several times over a loop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
DRAWN = 8  # random numbers per life


@dataclass(frozen=True)
class Lives:
    """`count` things over a loop of `frames`. turns (count,): how many lives each has in it; phase (count,): where in
    its first life it stands at frame 0; chances (most turns, count, DRAWN): random 0..1 per life; own (count, DRAWN):
    per thing."""

    frames: int
    turns: NDArray[np.int64]
    phase: Numbers
    chances: Numbers
    own: Numbers

    @classmethod
    def over(cls, count: int, frames: int, fps: float, seconds: float | Numbers, seed: int) -> "Lives":
        """Things that live about `seconds` each, so that a whole number of lives fills the loop."""
        rng = np.random.default_rng(seed)
        own = rng.random((count, DRAWN))
        wanted = np.broadcast_to(np.asarray(seconds, np.float64), (count,))
        turns = np.maximum(1, np.rint(frames / fps / wanted)).astype(np.int64)
        most = int(turns.max(initial=1))
        return cls(frames, turns, rng.random(count), rng.random((most, count, DRAWN)), own)

    def at(self, frame: int) -> tuple[Numbers, Numbers]:
        """(age 0..1 (count,), the random numbers (count, DRAWN) of the life each thing is in)."""
        way = (self.phase + frame / self.frames * self.turns) % self.turns
        turn = np.minimum(way.astype(np.int64), self.turns - 1)
        return np.asarray(way - turn, np.float64), self.chances[turn, np.arange(len(turn))]

    @property
    def seconds(self) -> Numbers:
        """How much of the loop (0..1) one life takes, per thing."""
        return np.asarray(1.0 / self.turns, np.float64)


def shown(age: Numbers, rise: float = 0.15, fall: float = 0.25) -> Numbers:
    """How much is seen of something of that age: it comes over `rise` of its life and goes over `fall`."""
    return np.asarray(np.clip(age / rise, 0, 1) * np.clip((1 - age) / fall, 0, 1), np.float64)


def in_half(distance: Numbers, params: Mapping[str, Any]) -> Numbers:
    """(count,) 1 of what lies in the half that is drawn: params["half"] "behind" or "front" of the actor, who stands at
    params["distance"] centimetres; all of it where no half is asked for."""
    near = distance < params.get("distance", 0) / 100
    half = params.get("half")
    return np.asarray(near if half == "front" else ~near if half == "behind" else np.ones_like(near), np.float64)
