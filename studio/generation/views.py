"""Plates from outside, a running draw's preview, and every made layer of a production."""

import json
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.core.errors import Invalid
from studio.generation import continuity, previews, services, totals
from studio.generation.forms import PlateForm
from studio.generation.selectors import draws_for
from studio.generation.views_draws import layer_for
from studio.productions import policy
from studio.productions.models import Layer, Origin, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production


@login_required
def preview(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """How far a draw is, as a small JPEG; 204 while there is nothing to see."""
    draw = get_object_or_404(draws_for(request.user, get_production(request.user, slug)), pk=pk)
    found = previews.find(draw.pk)
    if found is None:
        return HttpResponse(status=204)
    return HttpResponse(found, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@login_required
@require_POST
def permit(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> JsonResponse:
    """A signed permit for one plate, with its declaration."""
    row = layer_for(request, slug, episode, shot, layer)
    policy.require(request.user, Action.UPLOAD, row)
    try:
        sent = json.loads(request.body) if request.content_type == "application/json" else request.POST.dict()
    except ValueError:
        raise Invalid(_("What was sent is no JSON object.")) from None
    form = PlateForm(sent)
    if not form.is_valid():
        raise Invalid(" ".join(str(error) for errors in form.errors.values() for error in errors))
    values = form.cleaned_data
    file = {name: values.pop(name) for name in ("filename", "size", "sha256")}
    origin = request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"
    return JsonResponse(services.permit(actor=request.user, layer=row, declared=values, origin=origin, **file))


@login_required
def worlds(request: HttpRequest, slug: str) -> HttpResponse:
    """Every made layer of the production: what fills it, and how many draws it took. `?show=empty|filled`."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    layers = Layer.objects.filter(shot__production=production).exclude(kind__in=["actor", "sound", "subtitle"])
    layers = layers.exclude(route=Origin.CAPTURED).exclude(shot__state=Shot.State.OMITTED)
    layers = layers.select_related("shot__scene__episode", "shot__production", "element__poster")
    show = request.GET.get("show", "")
    counts = {"all": layers.count(), "empty": layers.filter(element=None).count()}
    counts["filled"] = counts["all"] - counts["empty"]
    shown = {"empty": layers.filter(element=None), "filled": layers.exclude(element=None)}.get(show, layers)
    rows = [
        (layer, layer.draws.count()) for layer in shown.order_by("shot__scene__episode__number", "shot__order", "order")
    ]
    context = {"production": production, "rows": rows, "counts": counts, "show": show, "tab": "worlds"}
    context["totals"] = [("production", _("Whole production"), totals.of_production(production))]
    context["industry"] = {"then": totals.INDUSTRY_THEN_PERMILLE, "now": totals.INDUSTRY_NOW_PERMILLE}
    context["places"] = continuity.places(production)
    context["locations"] = production.locations.annotate(locked=Max("versions__number")).order_by("name")
    return render(request, "generation/worlds.html", context)
