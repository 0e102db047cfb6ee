"""Takes: bring them in, look at them, circle one."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.core.errors import Invalid
from studio.core.htmx import toast
from studio.footage import services
from studio.footage.findings import found
from studio.footage.forms import PermitForm, WindowForm
from studio.footage.models import Take
from studio.footage.reasons import verdict
from studio.footage.selectors import jobs_of, takes_for, takes_of
from studio.productions import policy
from studio.productions.models import Layer, LayerKind, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production, shot_for, shots_for

FILMED = (LayerKind.ACTOR, LayerKind.BACKGROUND, LayerKind.CROWD, LayerKind.FOREGROUND, LayerKind.SOUND)


@login_required
def footage(request: HttpRequest, slug: str) -> HttpResponse:
    """Every take of the production; `?state=ready`, `?q=words`."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    found = takes_for(request.user, production).order_by("-created_at")
    state, query = request.GET.get("state", ""), request.GET.get("q", "").strip()
    counts = [(name, label, found.filter(state=name).count()) for name, label in Take.State.choices]
    shown = found.filter(state=state) if state in Take.State.values else found
    if query:
        shown = shown.filter(filename__icontains=query) | shown.filter(shot__code__icontains=query)
    context = {
        "production": production,
        "rows": [(take, verdict(take.screen)) for take in shown],
        "total": found.count(),
        "counts": counts,
        "state": state,
        "query": query,
        "shots": shots_for(request.user, production).exclude(state__in=[Shot.State.OMITTED]),
        "may_upload": policy.may(request.user, Action.UPLOAD, production),
        "tab": "footage",
    }
    return render(request, "footage/list.html", context)


@login_required
def takes(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """A shot's takes, with what was found in each and the way to send more."""
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    part = "#takes" if request.GET.get("part") == "takes" else ""
    return render(request, f"footage/takes.html{part}", _context(request, row))


def _context(request: HttpRequest, shot: Shot) -> dict[str, Any]:
    rows = list(takes_of(request.user, shot))
    working = jobs_of(shot)
    layers = [layer for layer in shot.layers.order_by("-order") if layer.kind in FILMED]
    layers.sort(key=lambda layer: layer.kind != LayerKind.ACTOR)
    return {
        "production": shot.production,
        "episode": shot.scene.episode,
        "shot": shot,
        "rows": [
            (take, verdict(take.screen), working.get(str(take.pk)), found(take.probe, shot.production)) for take in rows
        ],
        "layers": layers,
        "chosen": request.GET.get("layer", ""),
        "may_upload": policy.may(request.user, Action.UPLOAD, shot),
        "may_circle": policy.may(request.user, Action.CIRCLE_TAKE, shot),
        "tab": "footage",
    }


@login_required
@require_POST
def permit(request: HttpRequest, slug: str, episode: str, shot: str) -> JsonResponse:
    """A signed permit for one file: `{filename, size, layer, slate?, sha256?}` -> `{url, permit, upload, expires}`."""
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.UPLOAD, row)
    form = PermitForm(_sent(request))
    if not form.is_valid():
        raise Invalid(" ".join(str(error) for errors in form.errors.values() for error in errors))
    layer = get_object_or_404(Layer, pk=form.cleaned_data.pop("layer"), shot=row)
    origin = request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"
    return JsonResponse(services.permit(actor=request.user, shot=row, layer=layer, origin=origin, **form.cleaned_data))


def _sent(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        sent = json.loads(request.body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise Invalid(_("What was sent is no JSON object."))
    return sent


def _take(request: HttpRequest, slug: str, pk: UUID) -> Take:
    return get_object_or_404(takes_for(request.user, get_production(request.user, slug)), pk=pk)


def _answer(request: HttpRequest, take: Take, said: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        shot = Shot.objects.select_related("production", "scene__episode").get(pk=take.shot_id)
        return toast(render(request, "footage/takes.html#takes", _context(request, shot)), said)
    shot = take.shot
    return redirect("footage:takes", shot.production.slug, shot.scene.episode.code, shot.path_code)


@login_required
@require_POST
def circle(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    take = _take(request, slug, pk)
    services.circle_take(actor=request.user, take=take)
    return _answer(request, take, _("Take %(number)s is circled: it fills its layer.") % {"number": take.number})


@login_required
@require_POST
def uncircle(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    take = _take(request, slug, pk)
    services.uncircle_take(actor=request.user, take=take)
    return _answer(request, take, _("The circle is taken back."))


@login_required
@require_POST
def window(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Move the 9:16 window of a wider take."""
    take = _take(request, slug, pk)
    form = WindowForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("The window's centre lies between 0 (left) and 1000 (right)."))
    services.move_window(actor=request.user, take=take, centre_milli=form.cleaned_data["centre_milli"])
    return _answer(request, take, _("The proxy is made again with the new window."))
