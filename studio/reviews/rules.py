"""Who may move a note where: the state table crossed with the policy. One answer draws buttons and guards services."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from studio.core.errors import Forbidden
from studio.productions import policy
from studio.productions.models import Membership, Role
from studio.productions.policy import Action
from studio.reviews.models import Note
from studio.reviews.states import NOTE


@dataclass(frozen=True)
class Move:
    """One button under a note. needs: "" | "version" (a later one that answers it) | "reason"."""

    to: str
    label: str
    needs: str = ""


def refusal(actor: Any, note: Note, to: str, member: Membership | None = None) -> str:
    """Why this person may not move this note to `to`, as a sentence; empty where they may. Not the state's business."""
    member = member or policy.membership(actor, note.shot.production)
    if member is None:
        return _("There is nothing here for you. Ask the producer for an invitation.")
    author = note.author_id == actor.pk
    role = Role(member.role)
    if to == "addressed":
        if policy.may(actor, Action.COMP, note.shot, member=member):
            return ""
        return _("Who makes comps says in which version a note is answered.")
    if to == "declined":
        if note.label_note:
            return _("A label note is compliance's: it is answered and verified, never declined.")
        if policy.may(actor, Action.DECLINE_NOTE, note.shot, member=member):
            return ""
        return _("Notes are declined by the director or the VFX supervisor, with a reason.")
    # verified, reopened
    if note.label_note and role is not Role.COMPLIANCE:
        return _("A label note is verified by the compliance officer.")
    if policy.may(actor, Action.VERIFY_NOTE, note, member=member):
        return ""
    if not note.must and author and note.addressed_by_id != actor.pk:
        return ""  # anyone may close their own wish; a must-note takes a checker
    if note.addressed_by_id == actor.pk:
        return _("Who fixed it doesn't verify it. Ask its author or the director.")
    return _("This note is verified by its author, the director or the VFX supervisor.")


def require(actor: Any, note: Note, to: str) -> None:
    if sentence := refusal(actor, note, to):
        raise Forbidden(sentence)


def moves(actor: Any, note: Note, member: Membership | None, *, later_version: bool) -> list[Move]:
    """The buttons this person sees under this note. later_version: whether a version newer than the note's exists."""
    labels = {
        "addressed": Move("addressed", _("Answered in…"), "version"),
        "verified": Move("verified", _("Verify")),
        "reopened": Move("reopened", _("Reopen")),
        "declined": Move("declined", _("Decline"), "reason"),
    }
    found = []
    for to, move in labels.items():
        if not NOTE.may(note.state, to) or (to == "addressed" and not later_version):
            continue
        if not refusal(actor, note, to, member):
            found.append(move)
    return found
