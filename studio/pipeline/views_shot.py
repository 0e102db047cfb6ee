"""The shot's page: where it stands, its layers, its versions, what happened."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from studio.generation import places
from studio.pipeline import shot_page
from studio.pipeline.board import cards_of
from studio.pipeline.steps import address, button
from studio.productions import policy
from studio.productions.forms import LayerForm
from studio.productions.models import LayerKind, Role
from studio.productions.policy import Action
from studio.productions.selectors import shot_for, shots_for
from studio.productions.states import SHOT

PARTS = ("head", "layers", "versions", "activity")


@login_required
def shot(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """The whole page, or one of PARTS for htmx."""
    row = shot_for(request.user, slug, episode, shot)
    card = cards_of(request.user, shots_for(request.user, row.production).filter(pk=row.pk))[0]
    step = button(card)
    team = policy.may(request.user, Action.SEE_INTERNAL, row)
    neighbours = list(
        shots_for(request.user, row.production).filter(scene__episode=row.scene.episode).values_list("code", flat=True)
    )
    at = neighbours.index(row.code)
    context: dict[str, Any] = {
        "production": row.production,
        "episode": row.scene.episode,
        "shot": row,
        "card": card,
        "team": team,
        "step": step,
        "may_step": step["action"] is None or policy.may(request.user, step["action"], card.head or row),
        "step_roles": [role.label for role in sorted(policy.TABLE[step["action"]] - {Role.GUEST})]
        if step["action"]
        else [],
        "may_edit": policy.may(request.user, Action.EDIT_SHOTS, row),
        "may_hold": SHOT.may(row.state, "on_hold"),
        "may_omit": SHOT.may(row.state, "omitted"),
        "layers": shot_page.layer_rows(row) if team else [],
        "standing": places.standing(row) if team else None,
        "kinds": LayerKind.choices,
        "layer_form": LayerForm(),
        "likenesses": row.production.likenesses.order_by("name"),
        "versions": shot_page.versions(request.user, row),
        "activity": shot_page.activity(row) if team else [],
        "before": neighbours[at - 1].split("_", 1)[1] if at else "",
        "after": neighbours[at + 1].split("_", 1)[1] if at + 1 < len(neighbours) else "",
        "takes_url": address("footage:takes", slug, episode, shot),
        "comp_url": address("comps:comp", slug, episode, shot),
        "review_url": address("reviews:review", slug, episode, shot),
        "routes_template": _routes_template(),
        "tab": "board",
    }
    part = request.GET.get("part", "")
    return render(request, f"productions/shot.html{'#' + part if part in PARTS else ''}", context)


def _routes_template() -> str:
    """The routing part's own partial, where it is installed."""
    try:
        get_template("productions/_routes.html")
    except TemplateDoesNotExist:
        return ""
    return "productions/_routes.html"
