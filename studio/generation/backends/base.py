"""What a backend is: something that turns a recipe into a layer, at a price known before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True)
class Choice:
    value: str
    title: str


@dataclass(frozen=True)
class Control:
    """One setting of an offer. kind: "number" (whole, minimum..maximum in `unit`), "choice", "text", "picture" (an
    artefact of the production by sha256), "loras" ([{"name", "weight_milli"}], choices name them)."""

    name: str
    title: str
    help: str
    kind: str = "number"
    minimum: int = 0
    maximum: int = 100
    default: int | str = 0
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Offer:
    """One thing a backend can make, for the layer kinds in `kinds`. parameters: what pages make controls from.

    model, task: of a learned model, and what it is asked to do; film: it makes a clip; model_class: the class of
    models it is of (modelhost/families.py), which says how it reads a prompt.
    """

    name: str
    title: str
    summary: str
    kinds: frozenset[str]
    parameters: tuple[Any, ...] = ()
    model: str = ""
    task: str = ""
    film: bool = False
    model_class: str = ""


@dataclass(frozen=True)
class Estimate:
    """seconds_milli of work, at the rate-card key `rate`: by the hour (`*_hour`), else by the piece. basis: where the
    figure comes from; learned_from: how many draws it rests on, 0 for a backend's own measure or guess."""

    seconds_milli: int
    rate: str
    basis: str
    # For what is paid by the draw: the model whose own price counts where the rate card has one.
    model: str = ""
    learned_from: int = 0

    def price(self, rates: Mapping[str, int]) -> int | None:
        """Minor units by the rate card; None where it has no such rate. Rounded up: work is never free of charge."""
        rate = rates.get(f"{self.rate}:{self.model}", rates.get(self.rate))
        if rate is None or not self.rate.endswith("_hour"):
            return rate
        return -(-rate * self.seconds_milli // 3_600_000)


@dataclass(frozen=True)
class Output:
    """What a run made: files in the context's scratch. frame_count 1 is a still; alpha: whether it has one; front: of
    an effect around the actor what lies in front, `picture` being what lies behind."""

    picture: Path
    mime: str
    suffix: str
    media: dict[str, Any]
    poster: Path | None = None
    proxy: Path | None = None
    depth: Path | None = None
    front: Path | None = None
    seconds_milli: int = 0
    fingerprint: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What a run may use: the engine's operations (progress and cancel wired), a folder, stored bytes by sha256."""

    child: Callable[..., dict[str, Any]]
    scratch: Path
    path_of: Callable[[str], Path]
    # done, total, stage ("loading", "steps", "decoding", ...); whether to stop; a JPEG of how far it is
    progress: Callable[[int, int, str], None] = lambda _done, _total, _stage: None
    cancelled: Callable[[], bool] = lambda: False
    show: Callable[[bytes], None] = lambda _jpeg: None


class Backend(Protocol):
    name: str
    # The origin its layers carry; "" where the recipe says (an upload is what its sender declares).
    origin: str
    # Whether a learned model makes the picture: such layers oblige a label.
    ai_made: bool
    # The queue its work waits in, and the rate-card key its time is booked under.
    queue: str
    rate: str
    # Whether units of work mean the same for all its families, so that one family's draws tell of another's.
    one_pace: bool

    def offers(self, kind: str) -> list[Offer]:
        """What it can make for a layer of this kind."""

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """The whole recipe, defaults filled in. Raises Invalid with a sentence."""

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        """Seconds and price before anything is spent, as the backend measured or guesses them; what the production's
        own draws teach comes on top (studio/generation/estimates.py)."""

    def work(self, recipe: Mapping[str, Any]) -> int:
        """How much there is to do, in units of its own with which the time grows. No database, no file."""

    def inputs(self, recipe: Mapping[str, Any]) -> list[str]:
        """The stored artefacts (sha256) that the recipe starts from; they must be the production's own."""

    def final(self, recipe: Mapping[str, Any], artefact: str) -> dict[str, Any]:
        """What to ask for so that a draft (drawn as `artefact`) comes at full size: {"family", "params", "seed"}."""

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        """Make it. Raises EngineError with a sentence, Cancelled when asked to stop."""
