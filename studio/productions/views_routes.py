"""Routes of a shot's layers: by rule, by a person's word, proposed."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.core.htmx import toast
from studio.productions import policy, routes, selectors
from studio.productions.models import Layer
from studio.productions.policy import Action


def _layer(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> Layer:
    row = selectors.shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    return get_object_or_404(row.layers.select_related("shot__production", "shot__scene__episode"), pk=layer_id)


def _back(request: HttpRequest, layer: Layer, said: str) -> HttpResponse:
    """htmx: the page fetches its layers again by the event; without script, back to the shot."""
    if getattr(request, "htmx", False):
        return toast(HttpResponse(status=204), said)
    shot = layer.shot
    return redirect("productions:shot", shot.production.slug, shot.scene.episode.code, shot.path_code)


@login_required
@require_POST
def set_route(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> HttpResponse:
    """`route` and `reason`: set where the person may, else proposed."""
    layer = _layer(request, slug, episode, shot, layer_id)
    sent = {"route": request.POST.get("route", ""), "reason": request.POST.get("reason", "")}
    if policy.may(request.user, Action.SET_ROUTE, layer):
        routes.override_route(actor=request.user, layer=layer, **sent)
        return _back(request, layer, _("The route is set; your reason stands beside it."))
    routes.propose_route(actor=request.user, layer=layer, **sent)
    return _back(request, layer, _("Proposed. The director, the producer or the supervisor decides."))


@login_required
@require_POST
def follow_rule(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> HttpResponse:
    layer = _layer(request, slug, episode, shot, layer_id)
    routes.follow_rule(actor=request.user, layer=layer)
    return _back(request, layer, _("The layer is routed by rule again."))


@login_required
@require_POST
def answer_proposal(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> HttpResponse:
    """`accept` = 1 sets the proposed route with its reason; anything else drops it."""
    layer = _layer(request, slug, episode, shot, layer_id)
    if request.POST.get("accept") == "1":
        routes.override_route(actor=request.user, layer=layer, route=layer.proposed_route, reason=layer.proposed_reason)
        return _back(request, layer, _("The proposal is taken."))
    routes.drop_proposal(actor=request.user, layer=layer)
    return _back(request, layer, _("The proposal is dropped."))


@login_required
@require_POST
def route_shot(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """Look at every layer again by rule; overridden ones keep their word."""
    row = selectors.shot_for(request.user, slug, episode, shot)
    routes.route_shot(shot=row, actor=request.user)
    if getattr(request, "htmx", False):
        return toast(HttpResponse(status=204), _("Routed again by the facts and the rate card as they stand."))
    return redirect("productions:shot", slug, episode, shot)
