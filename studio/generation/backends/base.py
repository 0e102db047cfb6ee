"""What a backend is: something that turns a recipe into a layer, at a price known before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Offer:
    """One thing a backend can make, for the layer kinds in `kinds`. parameters: what pages make controls from."""

    name: str
    title: str
    summary: str
    kinds: frozenset[str]
    parameters: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Estimate:
    """seconds_milli of work, priced as quantity_milli of the rate-card key `rate`. basis: where it comes from."""

    seconds_milli: int
    rate: str
    quantity_milli: int
    basis: str

    def price(self, rates: Mapping[str, int]) -> int | None:
        """Minor units by the rate card; None where it has no such rate. Rounded up: work is never free of charge."""
        return None if self.rate not in rates else -(-rates[self.rate] * self.quantity_milli // 1000)


@dataclass(frozen=True)
class Output:
    """What a run made: files in the context's scratch. frame_count 1 is a still; alpha: whether it has one."""

    picture: Path
    mime: str
    suffix: str
    media: dict[str, Any]
    poster: Path | None = None
    proxy: Path | None = None
    depth: Path | None = None
    seconds_milli: int = 0
    fingerprint: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a run may use: the engine's operations (progress and cancel wired), a folder, stored bytes by sha256."""

    child: Callable[..., dict[str, Any]]
    scratch: Path
    path_of: Callable[[str], Path]


class Backend(Protocol):
    name: str
    # The origin its layers carry; "" where the recipe says (an upload is what its sender declares).
    origin: str
    # Whether a learned model makes the picture: such layers oblige a label.
    ai_made: bool

    def offers(self, kind: str) -> list[Offer]:
        """What it can make for a layer of this kind."""

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """The whole recipe, defaults filled in. Raises Invalid with a sentence."""

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        """Seconds and price before anything is spent."""

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        """Make it. Raises EngineError with a sentence, Cancelled when asked to stop."""
