"""What follows next for a shot. Pure: facts in, steps out; recovery after a crash is asking again."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TakeFacts:
    id: str
    number: int
    state: str


@dataclass(frozen=True)
class ShotFacts:
    """What the planner reads. filled: how many picture layers have an element; routed: every layer has a route."""

    state: str
    layers: int
    routed: bool
    filled: int
    takes: tuple[TakeFacts, ...] = field(default=())


@dataclass(frozen=True)
class Step:
    """`probe` and `proxy` name a take; `route` and `start_work` the shot itself."""

    do: str
    take: str = ""
    number: int = 0


RESTING = ("on_hold", "omitted", "released")


def next_steps(facts: ShotFacts) -> list[Step]:
    """The steps that are due now. The same facts always give the same steps; each is safe to ask for twice."""
    steps = list(_take_steps(facts.takes))
    if facts.state in RESTING:
        return steps
    if facts.layers and not facts.routed:
        steps.append(Step("route"))
    if facts.filled and facts.state in ("planned", "routed"):
        steps.append(Step("start_work"))
    return steps


def _take_steps(takes: Iterable[TakeFacts]) -> Iterable[Step]:
    for take in takes:
        if take.state == "received":
            yield Step("probe", take.id, take.number)
        elif take.state == "probed":
            yield Step("proxy", take.id, take.number)
