"""Draws a person may see, and what was spent on them."""

from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce

from studio.generation.models import Draw
from studio.productions.models import Layer, Production, Role


def draws_for(user: Any, production: Production) -> QuerySet[Draw]:
    """The production's draws, newest first. Draws are internal: a guest sees none."""
    inside = production.memberships.filter(user_id=user.pk).exclude(role=Role.GUEST).exists()
    draws = Draw.objects.filter(layer__shot__production=production) if inside else Draw.objects.none()
    return draws.select_related(
        "layer__shot__production", "layer__shot__scene__episode", "job", "artefact", "poster", "proxy", "asked_by"
    )


def draws_of(user: Any, layer: Layer) -> QuerySet[Draw]:
    return draws_for(user, layer.shot.production).filter(layer=layer)


def spent_on_draws(user: Any, production: Production) -> int:
    """What this person's draws have cost so far, in minor units: real costs, and estimates of what still runs."""
    draws = Draw.objects.filter(layer__shot__production=production, asked_by_id=user.pk)
    draws = draws.exclude(state__in=[Draw.State.FAILED, Draw.State.CANCELLED])
    total = draws.aggregate(total=Sum(Coalesce("cost_minor", "estimate_minor", 0)))["total"]
    return int(total or 0)
