"""What a set of decisions amounts to. Pure: no tables, no people, no clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

APPROVE, CHANGES, VETO = "approve", "changes", "veto"
# Whose word settles a version. A VFX supervisor's is the first look, a guest's is advice, compliance can only veto.
SETTLERS = frozenset({"producer", "director"})
ADVISERS = frozenset({"vfx_supervisor", "guest"})
COMPLIANCE = "compliance"


class Outcome(StrEnum):
    WAITING = "waiting"
    FIRST_LOOK = "first_look"  # seen and liked by the VFX supervisor; the producer or the director has yet to decide
    CHANGES = "changes"
    APPROVED = "approved"
    VETOED = "vetoed"

    @property
    def version_state(self) -> str:
        """The version's state under this outcome (the shot's is the same word)."""
        return {Outcome.CHANGES: "changes", Outcome.VETOED: "changes", Outcome.APPROVED: "approved"}.get(
            self, "in_review"
        )


@dataclass(frozen=True)
class Ruling:
    """One decision as the verdict sees it. actor: who, any stable id; role: theirs when they decided."""

    actor: str
    role: str
    verdict: str


def version_outcome(rulings: Iterable[Ruling]) -> Outcome:
    """The outcome of a version's decisions, oldest first; each person's last word counts.

    A standing veto blocks whatever else was said (compliance lifts its own, whoever of them sits at the desk).
    Then the producer and the director settle: one of them asking for changes outweighs the other's approval.
    Without their word the VFX supervisor's or a guest's wish for changes sends it back; their approval only advises.
    """
    last: dict[str, Ruling] = {}
    for ruling in rulings:
        key = COMPLIANCE if ruling.role == COMPLIANCE else ruling.actor
        last[key] = ruling
    words = list(last.values())
    if any(word.role == COMPLIANCE and word.verdict == VETO for word in words):
        return Outcome.VETOED
    settled = {word.verdict for word in words if word.role in SETTLERS}
    if CHANGES in settled:
        return Outcome.CHANGES
    if APPROVE in settled:
        return Outcome.APPROVED
    advice = {(word.role, word.verdict) for word in words if word.role in ADVISERS}
    if any(verdict == CHANGES for _role, verdict in advice):
        return Outcome.CHANGES
    return Outcome.FIRST_LOOK if ("vfx_supervisor", APPROVE) in advice else Outcome.WAITING


def layer_outcome(verdicts: Iterable[str]) -> str:
    """A layer's standing word: approve, changes or "". verdicts: oldest first, over every version with its digest."""
    standing = ""
    for verdict in verdicts:
        standing = verdict
    return standing
