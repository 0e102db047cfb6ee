"""What a person may still spend on draws, and who may change that: said before anything is queued."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from studio.core.templatetags.huo import money
from studio.generation import selectors
from studio.generation.backends import BACKENDS
from studio.productions import policy
from studio.productions.models import Origin, Production, Role
from studio.productions.policy import Action


@dataclass(frozen=True)
class Budget:
    """In minor units. cap None: no limit for this person (or none set, see `may`)."""

    may: bool
    limited: bool
    spent_minor: int
    cap_minor: int | None

    @property
    def left_minor(self) -> int | None:
        return max(0, self.cap_minor - self.spent_minor) if self.limited and self.cap_minor is not None else None


def action_for(backend: str) -> Action:
    """What asking this backend for a draw is. What is drawn by rule takes seconds of the machine's own time, as
    a version does; everything else is spending."""
    return Action.DRAW_BY_RULE if BACKENDS[backend].origin == Origin.PROCEDURAL else Action.SPEND


def budget_of(actor: Any, production: Production, action: Action = Action.SPEND) -> Budget:
    """What `actor` has spent on draws here (costs, and estimates of what still runs) and may spend at most."""
    role = policy.role_of(actor, production)
    limited = role is Role.AI_ARTIST
    may = role is not None and role in policy.TABLE[action]
    cap = production.draw_cap_minor if limited else None
    return Budget(may, limited, selectors.spent_on_draws(actor, production), cap)


def stop(actor: Any, production: Production, amount_minor: int, action: Action = Action.SPEND) -> str:
    """Why `actor` can't spend `amount_minor` more and what to do about it, in their language; "" where they can."""
    budget = budget_of(actor, production, action)
    if not budget.may and action is Action.SPEND and budget_of(actor, production, Action.DRAW_BY_RULE).may:
        said = _(
            "A model's draws are spent on by the producer, the VFX supervisor or an AI artist: ask %(who)s. What is "
            "drawn by rule you may have yourself."
        )
        return said % {"who": who_asks(production)}
    if not budget.may:
        said = _("Draws are asked for by the director, the VFX supervisor, an AI artist or the producer. Ask %(who)s.")
        return said % {"who": who_asks(production)}
    if not budget.limited:
        return ""
    if budget.cap_minor is None:
        said = _("No sum for an AI artist's draws is set yet. Ask %(who)s to set one in the production's settings.")
        return said % {"who": who_lifts(production)}
    if budget.spent_minor + amount_minor <= budget.cap_minor:
        return ""
    said = _(
        "This would cost about %(price)s, and %(left)s of your %(cap)s for draws is left. Ask for fewer draws, or ask "
        "%(who)s to raise the sum in the production's settings."
    )
    return said % {
        "price": money(amount_minor, production.currency), "left": money(budget.left_minor, production.currency),
        "cap": money(budget.cap_minor, production.currency), "who": who_lifts(production),
    }  # fmt: skip


def who_lifts(production: Production) -> str:
    """Who may set what an AI artist may spend, by name."""
    return _named(production, (Role.PRODUCER,)) or _("the producer")


def who_asks(production: Production) -> str:
    return _named(production, (Role.VFX_SUPERVISOR, Role.AI_ARTIST, Role.PRODUCER)) or _("the producer")


def _named(production: Production, roles: tuple[str, ...]) -> str:
    rows = production.memberships.filter(role__in=roles).select_related("user").order_by("created_at")
    by_role = sorted(rows, key=lambda row: roles.index(row.role))
    return ", ".join(str(row.user) for row in by_role[:2])
