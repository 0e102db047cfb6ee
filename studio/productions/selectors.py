"""Rows scoped to a person: what they may see, guests included."""

from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.shortcuts import get_object_or_404

from studio.productions.models import Episode, Production, Role, Shot


def productions_for(user: Any) -> QuerySet[Production]:
    """The productions this person is a member of."""
    if not getattr(user, "is_authenticated", False):
        return Production.objects.none()
    return Production.objects.filter(memberships__user_id=user.pk).distinct().order_by("title")


def production_for(user: Any, slug: str) -> Production | None:
    return productions_for(user).filter(slug=slug).first()


def get_production(user: Any, slug: str) -> Production:
    """The production, or 404 for anyone who is not in it."""
    return get_object_or_404(productions_for(user), slug=slug)


# What a guest sees of a production: shots that were put before reviewers.
GUEST_STATES = ("in_review", "changes", "approved", "in_cut", "released")


def shots_for(user: Any, production: Production) -> QuerySet[Shot]:
    """The production's shots in cut order; a guest sees those that reached review."""
    shots = Shot.objects.filter(production=production, production__memberships__user_id=user.pk).distinct()
    member = production.memberships.filter(user_id=user.pk).first()
    if member is not None and member.role == Role.GUEST:
        shots = shots.filter(state__in=GUEST_STATES)
    return shots.select_related("scene__episode", "production").order_by("scene__episode__number", "order")


def episode_for(user: Any, slug: str, code: str) -> Episode:
    """`episode_for(user, "the-way-home", "EP01")`, or 404."""
    production = get_production(user, slug)
    number = int(code[2:]) if code[:2] == "EP" and code[2:].isdigit() else -1
    return get_object_or_404(Episode.objects.select_related("production"), production=production, number=number)


def shot_for(user: Any, slug: str, episode: str, path_code: str) -> Shot:
    """The shot at `/p/<slug>/EP01/SC02_SH010/`, or 404 for who may not see it."""
    production = get_production(user, slug)
    return get_object_or_404(shots_for(user, production), code=f"{episode}_{path_code}")


def episodes_for(user: Any, production: Production) -> list[dict[str, Any]]:
    """Each episode with what this person may see of it: shots, frames, and how many stand where.

    `[{"episode", "shots", "frames", "states": [(state, count, permille)]}]`; omitted shots are left out.
    """
    shots = shots_for(user, production).exclude(state=Shot.State.OMITTED).order_by()
    rows = shots.values("scene__episode", "state").annotate(count=Count("pk"), frames=Sum("duration_frames"))
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(row["scene__episode"], []).append(row)
    answer = []
    for episode in production.episodes.all():
        mine = sorted(found.get(episode.pk, []), key=lambda row: -Shot.State.values.index(row["state"]))
        total = sum(row["count"] for row in mine)
        states = [(row["state"], row["count"], row["count"] * 1000 / total) for row in mine]
        answer.append(
            {"episode": episode, "shots": total, "frames": sum(row["frames"] for row in mine), "states": states}
        )
    return answer


def home_of(user: Any) -> list[dict[str, Any]]:
    """A person's productions with their role, and how far each is:

    `[{"production", "role", "episodes", "shots", "done"}]`.
    """
    answer = []
    done = Q(state__in=("approved", "in_cut", "released"))
    for production in productions_for(user).prefetch_related("episodes"):
        member = production.memberships.get(user_id=user.pk)
        shots = shots_for(user, production).exclude(state=Shot.State.OMITTED).order_by()
        counts = shots.aggregate(shots=Count("pk", distinct=True), done=Count("pk", filter=done, distinct=True))
        permille = counts["done"] * 1000 / counts["shots"] if counts["shots"] else 0
        answer.append({"production": production, "role": member.get_role_display(), "permille": permille, **counts})
    return answer
