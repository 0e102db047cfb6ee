"""Who may do what: one table, role x action. Services' first line is `policy.require(...)`."""

import enum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studio.core.errors import Forbidden, NotThere
from studio.productions.models import Membership, Production, Role


class Action(enum.Enum):
    VIEW = "view"
    SEE_INTERNAL = "see internal notes"
    NOTE = "note"
    UPLOAD = "upload"
    COMP = "comp"
    SPEND = "spend on draws"
    DRAW_BY_RULE = "have places and effects drawn by rule"
    PICK_DRAW = "star, bin or promote draws"
    CIRCLE_TAKE = "circle takes"
    LOCK_PLACE = "keep a version of a location"
    PIN_SHOTS = "move shots to another version of their location"
    KEEP_LIBRARY = "keep and use library items"
    SHARE_LIBRARY = "share library items with other productions"
    SET_ROUTE = "set route"
    PROPOSE_ROUTE = "propose route"
    EDIT_SHOTS = "edit shots"
    DECIDE_LAYER = "decide on a layer"
    DECIDE_SHOT = "decide on a shot"
    VERIFY_NOTE = "verify a must-note"
    DECLINE_NOTE = "decline a note"
    EDIT_CUT = "edit the cut"
    RELEASE = "prepare a release"
    WAIVE_COST = "waive a cost or date check"
    WAIVE_CREATIVE = "waive a creative check"
    WAIVE_LEGAL = "waive a legal check"
    ADD_LABEL = "add a label"
    SIGN = "sign and seal a release"
    PUBLISH = "publish or withdraw a release"
    CONSENT = "keep consents, licences and the filing number"
    MANAGE = "members, policy, rate card"
    SHARE = "share links"
    CANCEL_JOB = "cancel work"


P, D, V, C, A, E, K, G = (
    Role.PRODUCER,
    Role.DIRECTOR,
    Role.VFX_SUPERVISOR,
    Role.COMPOSITOR,
    Role.AI_ARTIST,
    Role.EDITOR,
    Role.COMPLIANCE,
    Role.GUEST,
)
TEAM = frozenset({P, D, V, C, A, E, K})

# What a cell says beyond yes: a condition looked at with the object in hand (see `_condition`).
TABLE: dict[Action, frozenset[Role]] = {
    Action.VIEW: TEAM | {G},  # a guest: what selectors show guests
    Action.SEE_INTERNAL: TEAM,
    Action.NOTE: TEAM | {G},  # a guest: if the invitation says
    Action.UPLOAD: frozenset({P, D, V, C, A, E}),
    Action.COMP: frozenset({D, V, C, A}),
    Action.SPEND: frozenset({P, V, A}),  # an AI artist: within the cap
    Action.DRAW_BY_RULE: frozenset(
        {P, D, V, A}
    ),  # the machine's own time, as a version is; an AI artist: within the cap
    Action.PICK_DRAW: frozenset({P, D, V, A}),
    Action.CIRCLE_TAKE: frozenset({D, V, E, C}),
    Action.LOCK_PLACE: frozenset({P, D, V, A}),
    Action.PIN_SHOTS: frozenset({P, D, V}),
    Action.KEEP_LIBRARY: frozenset({P, D, V, A}),
    Action.SHARE_LIBRARY: frozenset({P, V}),
    Action.SET_ROUTE: frozenset({P, D, V}),
    Action.PROPOSE_ROUTE: frozenset({P, D, V, A}),
    Action.EDIT_SHOTS: frozenset({P, D, V}),
    Action.DECIDE_LAYER: frozenset({D, V}),
    Action.DECIDE_SHOT: frozenset({P, D, V, K, G}),  # V: first look; K: veto only; a guest: if the invitation says
    Action.VERIFY_NOTE: TEAM - {P} | {G},  # C, A, E: as author, never the fixer; K: label notes; a guest: own
    Action.DECLINE_NOTE: frozenset({D, V}),
    Action.EDIT_CUT: frozenset({D, E}),
    Action.RELEASE: frozenset({P, D, E, K}),
    Action.WAIVE_COST: frozenset({P}),
    Action.WAIVE_CREATIVE: frozenset({D}),
    Action.WAIVE_LEGAL: frozenset({K}),
    Action.ADD_LABEL: frozenset({K}),
    Action.SIGN: frozenset({P, D, K}),
    Action.PUBLISH: frozenset({P, K}),
    Action.CONSENT: frozenset({P, K}),
    Action.MANAGE: frozenset({P}),
    Action.SHARE: frozenset({P, D, V, E}),
    Action.CANCEL_JOB: TEAM,  # who asked for it, or a producer, director or supervisor
}

DECISIONS = frozenset({Action.DECIDE_LAYER, Action.DECIDE_SHOT, Action.SIGN})

REFUSED = {
    Action.UPLOAD: gettext_lazy("Uploading is for the team that makes pictures; a compliance officer or guest can't."),
    Action.DRAW_BY_RULE: gettext_lazy(
        "Places and effects are drawn for the director, the VFX supervisor, an AI artist or the producer."
    ),
    Action.LOCK_PLACE: gettext_lazy(
        "A location's versions are kept by the director, the VFX supervisor, an AI artist or the producer."
    ),
    Action.PIN_SHOTS: gettext_lazy(
        "Shots are moved to another version by the director, the VFX supervisor or the producer."
    ),
    Action.KEEP_LIBRARY: gettext_lazy(
        "The library is kept and used by the director, the VFX supervisor, an AI artist or the producer."
    ),
    Action.SHARE_LIBRARY: gettext_lazy(
        "Items are shared with other productions by the producer or the VFX supervisor. Ask one of them."
    ),
    Action.SET_ROUTE: gettext_lazy("Routes are set by the producer, the director or the VFX supervisor."),
    Action.EDIT_CUT: gettext_lazy("The cut is edited by the director and the editor."),
    Action.MANAGE: gettext_lazy("Members, policy and rate card are the producer's."),
    Action.PUBLISH: gettext_lazy(
        "A sealed release is published or withdrawn by the producer or the compliance officer."
    ),
    Action.SIGN: gettext_lazy("A release is signed by the producer, the director and the compliance officer."),
}


def production_of(subject: Any) -> Production:
    """The production an object belongs to, found along its parents."""
    seen = subject
    while not isinstance(seen, Production):
        for parent in ("production", "shot", "layer", "scene", "episode", "cut", "release", "version", "note"):
            if getattr(seen, parent, None) is not None:
                seen = getattr(seen, parent)
                break
        else:
            raise TypeError(f"{subject!r} belongs to no production")
    return seen


def membership(actor: Any, production: Production) -> Membership | None:
    """The actor's membership, or None for a stranger; kept on the actor for the length of a request."""
    if not getattr(actor, "is_authenticated", False) or not actor.is_active:
        return None
    return Membership.objects.filter(production=production, user_id=actor.pk).first()


def role_of(actor: Any, subject: Any) -> Role | None:
    member = membership(actor, production_of(subject))
    return Role(member.role) if member else None


def may(actor: Any, action: Action, subject: Any, *, amount_minor: int = 0, member: Membership | None = None) -> bool:
    """Whether `actor` may do `action` to `subject` (any object of a production).

    amount_minor: for SPEND, what the act would bring the artist's spending to. member: the actor's membership where a
    list has fetched it already.
    """
    member = member or membership(actor, production_of(subject))
    if member is None or Role(member.role) not in TABLE[action]:
        return False
    if action in DECISIONS and actor.is_automation:
        return False
    # Nobody decides on their own version. (Who prepared a release may still sign it: a release is everybody's.)
    if action in DECISIONS - {Action.SIGN} and getattr(subject, "created_by_id", None) == actor.pk:
        return False
    return _condition(member, action, subject, amount_minor)


def _condition(member: Membership, action: Action, subject: Any, amount_minor: int) -> bool:
    role = Role(member.role)
    if role is G:
        if action is Action.NOTE:
            return member.guest_may_note
        if action is Action.DECIDE_SHOT:
            return member.guest_may_decide
        if action is Action.VERIFY_NOTE:
            return bool(subject.author_id == member.user_id)
    if action in (Action.SPEND, Action.DRAW_BY_RULE) and role is A:
        cap = production_of(subject).draw_cap_minor
        return cap is not None and amount_minor <= cap
    if action is Action.VERIFY_NOTE:
        if role is K:
            return bool(subject.label_note)
        if role in (C, A, E):
            return bool(subject.author_id == member.user_id and subject.addressed_by_id != member.user_id)
    if action is Action.CANCEL_JOB and role not in (P, D, V):
        return bool(getattr(subject, "created_by_id", None) == member.user_id)
    return True


def require(actor: Any, action: Action, subject: Any, *, amount_minor: int = 0) -> None:
    """Raise NotThere for a stranger, Forbidden with a sentence for a member who may not."""
    if may(actor, action, subject, amount_minor=amount_minor):
        return
    if membership(actor, production_of(subject)) is None:
        raise NotThere(_("There is nothing here for you. Ask the producer for an invitation."))
    if action in DECISIONS and getattr(actor, "is_automation", False):
        raise Forbidden(_("An automation account never decides."))
    if action in (Action.DECIDE_LAYER, Action.DECIDE_SHOT) and getattr(subject, "created_by_id", None) == actor.pk:
        raise Forbidden(_("Nobody decides on their own version. Ask a colleague to look at it."))
    if action is Action.SPEND:
        raise Forbidden(_("This would go over what you may spend on draws. Ask the producer or the VFX supervisor."))
    raise Forbidden(str(REFUSED.get(action) or _("Your role in this production does not allow that.")))
