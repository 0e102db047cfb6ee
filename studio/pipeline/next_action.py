"""What a shot waits for, and whose hand it is:

one table, pure, for the shot's button and the board's “waits for me”.
"""

from collections.abc import Callable
from dataclasses import dataclass

from studio.productions.policy import Action


@dataclass(frozen=True)
class ShotFacts:
    """What the table looks at. Layer lists hold the ids of picture layers."""

    state: str
    layers: tuple[str, ...] = ()
    unrouted: tuple[str, ...] = ()
    empty_captured: tuple[str, ...] = ()
    empty_made: tuple[str, ...] = ()  # generated, procedural
    empty_library: tuple[str, ...] = ()
    takes_to_circle: bool = False
    draws_to_pick: bool = False
    head_state: str = ""  # of the newest version; empty: none
    head_is_mine: bool = False
    decided_by_me: bool = False


@dataclass(frozen=True)
class Step:
    """`code` names the step (pages give it words and an address), `action` says who may take it;

    None: anyone in the team.
    """

    code: str
    action: Action | None = None


# Read from top to bottom; the first row whose condition holds is the next step.
TABLE: list[tuple[Callable[[ShotFacts], bool], Step]] = [
    (lambda f: f.state in ("on_hold", "omitted"), Step("restore", Action.EDIT_SHOTS)),
    (lambda f: f.state == "released", Step("open_release")),
    (lambda f: f.state == "in_cut", Step("open_cut")),
    (lambda f: f.state == "approved", Step("cut", Action.EDIT_CUT)),
    (lambda f: f.head_state == "building", Step("watch_render")),
    (lambda f: f.state == "in_review", Step("review", Action.DECIDE_SHOT)),
    (lambda f: not f.layers, Step("add_layer", Action.EDIT_SHOTS)),
    (lambda f: bool(f.unrouted), Step("route", Action.SET_ROUTE)),
    (lambda f: f.takes_to_circle and bool(f.empty_captured), Step("circle", Action.CIRCLE_TAKE)),
    (lambda f: bool(f.empty_captured), Step("upload", Action.UPLOAD)),
    (lambda f: f.draws_to_pick and bool(f.empty_made), Step("pick_draw", Action.PICK_DRAW)),
    (lambda f: bool(f.empty_made), Step("draw", Action.DRAW_BY_RULE)),
    (lambda f: bool(f.empty_library), Step("plate", Action.UPLOAD)),
    (lambda f: f.head_state == "ready", Step("submit", Action.COMP)),
    (lambda f: True, Step("comp", Action.COMP)),
]


def next_step(facts: ShotFacts) -> Step:
    """The one thing to do next."""
    return next(step for holds, step in TABLE if holds(facts))


def waits_for(facts: ShotFacts, may: Callable[[Action], bool]) -> bool:
    """Whether the next step is this person's. may: what the person may do to this shot.

    A decision waits for nobody who made the version or has decided on it; looking on is nobody's duty.
    """
    step = next_step(facts)
    if step.action is None or step.code == "restore" or not may(step.action):
        return False
    if (step.code == "cut" and may(Action.DECIDE_SHOT)) or (step.code == "draw" and not may(Action.SPEND)):
        return False  # the editor's or the artist's hand; a director may, and has other things to do
    return not (step.code == "review" and (facts.head_is_mine or facts.decided_by_me))
