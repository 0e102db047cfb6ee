"""The draws of a layer: ask, compare, pick; and plates from outside."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from studio.core.errors import Invalid
from studio.core.htmx import toast
from studio.generation import previews, replays, services
from studio.generation.backends import BACKENDS
from studio.generation.estimates import Estimates
from studio.generation.forms import PlateForm, params_of
from studio.generation.models import Draw
from studio.generation.selectors import draws_for, draws_of, spent_on_draws
from studio.generation.states import DRAW
from studio.productions import policy
from studio.productions.models import Layer, Origin, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production, shot_for

MADE = ("done", "starred", "promoted")


def _layer(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> Layer:
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    return get_object_or_404(row.layers.select_related("shot__production", "shot__scene__episode", "element"), pk=layer)


@login_required
def draws(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> HttpResponse:
    """The layer's draws as a contact sheet, and the forms that bring more. `?show=starred|binned`, `?part=sheet`."""
    row = _layer(request, slug, episode, shot, layer)
    part = "#sheet" if request.GET.get("part") == "sheet" else ""
    return render(request, f"generation/draws.html{part}", _context(request, row))


def _context(request: HttpRequest, layer: Layer) -> dict[str, Any]:
    shot, production = layer.shot, layer.shot.production
    found = draws_of(request.user, layer)
    show = request.GET.get("show", "")
    wanted = {"starred": ["starred"], "binned": ["binned"]}.get(show)
    shown = found.filter(state__in=wanted) if wanted else found.exclude(state__in=["binned"])
    offers = [offer for backend in BACKENDS.values() for offer in backend.offers(layer.kind)]
    rates, known = services.rates_of(production), Estimates(production)
    like = found.filter(pk=request.GET["like"]).first() if _is_uuid(request.GET.get("like", "")) else None
    asked = like.recipe.get("params", {}) if like else {}
    return {
        "production": production,
        "episode": shot.scene.episode,
        "shot": shot,
        "layer": layer,
        "others": shot.layers.exclude(pk=layer.pk).order_by("-order"),
        "draws": [_row(draw) for draw in shown],
        "counts": {
            "all": found.exclude(state="binned").count(),
            "starred": found.filter(state="starred").count(),
            "binned": found.filter(state="binned").count(),
        },
        "show": show,
        "offers": [
            {
                "offer": offer,
                "draft": _price(offer, layer, known, rates, draft=True),
                "final": _price(offer, layer, known, rates, draft=False),
                "fields": [(one, asked.get(one.name, one.default)) for one in offer.parameters],
                "chosen": offer.name == (like.recipe.get("family") if like else offers[0].name),
            }
            for offer in offers
        ],
        "like": like,
        "seed": like.seed + 1 if like else (found.count() * 8 + 1),
        "kept": sum(1 for draw in found if draw.state in ("starred", "promoted")),
        "made": sum(1 for draw in found if draw.state in (*MADE, "binned")),
        "spent": sum(draw.cost_minor or 0 for draw in found)
        if any(draw.cost_minor is not None for draw in found)
        else None,
        "cap": production.draw_cap_minor if policy.role_of(request.user, layer) == "ai_artist" else None,
        "own": spent_on_draws(request.user, production),
        "may_spend": policy.may(request.user, Action.SPEND, layer),
        "may_pick": policy.may(request.user, Action.PICK_DRAW, layer),
        "may_upload": policy.may(request.user, Action.UPLOAD, layer),
        "origins": Origin.choices,
        "tab": "worlds",
    }


def _row(draw: Draw) -> dict[str, Any]:
    return {
        "draw": draw,
        "family": _(services.title_of(draw)) if draw.recipe.get("family") else draw.recipe.get("filename", ""),
        "may": {to for to in ("starred", "binned", "promoted", "done") if DRAW.may(draw.state, to)},
    }


def _price(offer: Any, layer: Layer, known: Estimates, rates: dict[str, int], *, draft: bool) -> dict[str, Any]:
    production = layer.shot.production
    width, height = services.draft_size(production) if draft else (production.width, production.height)
    for backend in BACKENDS.values():
        if offer.name in {one.name for one in backend.offers(layer.kind)}:
            form = {"width": width, "height": height, "fps_num": production.fps_num, "fps_den": production.fps_den}
            estimate = known.of(backend, backend.check({"family": offer.name, "params": {}, "seed": 0, **form}))
            return {"minor": estimate.price(rates), "seconds": -(-estimate.seconds_milli // 1000)}
    return {"minor": None, "seconds": 0}


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


@login_required
@require_POST
def ask(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> HttpResponse:
    """`family`, its parameters, `seed`, `count`, `final`."""
    row = _layer(request, slug, episode, shot, layer)
    family = request.POST.get("family", "")
    offers = {offer.name: offer for backend in BACKENDS.values() for offer in backend.offers(row.kind)}
    if family not in offers:
        raise Invalid(_("Choose what to draw."))
    try:
        seed, count = int(request.POST.get("seed") or 1), int(request.POST.get("count") or 1)
    except ValueError:
        raise Invalid(_("Seed and number of draws are whole numbers.")) from None
    made = services.request_draws(
        actor=request.user,
        layer=row,
        family=family,
        params=params_of(offers[family], request.POST),
        seed=seed,
        count=count,
        draft=request.POST.get("final") != "1",
        use_when_done=request.POST.get("use") == "1" and count == 1,
    )
    said = ngettext("%(n)s draw is on its way.", "%(n)s draws are on their way.", len(made)) % {"n": len(made)}
    return _answer(request, row, said)


def _answer(request: HttpRequest, layer: Layer, said: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        layer.refresh_from_db()
        return toast(render(request, "generation/draws.html#sheet", _context(request, layer)), said)
    shot = layer.shot
    return redirect("generation:draws", shot.production.slug, shot.scene.episode.code, shot.path_code, layer.pk)


@login_required
@require_POST
def pick(request: HttpRequest, slug: str, pk: UUID, act: str) -> HttpResponse:
    """star, unstar, bin (with `reason`), restore, use, cancel."""
    draw = get_object_or_404(draws_for(request.user, get_production(request.user, slug)), pk=pk)
    actor = request.user
    match act:
        case "star" | "unstar":
            services.star(actor=actor, draw=draw, on=act == "star")
            said = _("Starred.") if act == "star" else _("The star is taken back.")
        case "bin":
            services.bin_draw(actor=actor, draw=draw, reason=request.POST.get("reason", ""))
            said = _("In the bin, with its reason.")
        case "restore":
            services.restore(actor=actor, draw=draw)
            said = _("Out of the bin.")
        case "use":
            made = services.promote(actor=actor, draw=draw)
            said = (
                _("It is drawn at full size, then fills the layer.")
                if isinstance(made, Draw)
                else _("It fills the layer.")
            )
        case _:
            services.cancel(actor=actor, draw=draw)
            said = _("Cancelled.")
    return _answer(request, draw.layer, said)


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
def replay(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Draw the same recipe once more, to see whether it comes out the same."""
    draw = get_object_or_404(draws_for(request.user, get_production(request.user, slug)), pk=pk)
    replays.replay(actor=request.user, draw=draw)
    return _answer(request, draw.layer, _("It is drawn once more and compared."))


@login_required
@require_POST
def permit(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> JsonResponse:
    """A signed permit for one plate, with its declaration."""
    row = _layer(request, slug, episode, shot, layer)
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
    return render(request, "generation/worlds.html", context)
