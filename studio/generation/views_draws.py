"""The draw table: ask, watch, star, bin, use, make again."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from studio.core.errors import DomainError, Invalid
from studio.core.htmx import toast
from studio.generation import budget, fit, papers, replays, services, table
from studio.generation.backends import BACKENDS
from studio.generation.forms import params_of
from studio.generation.models import Draw
from studio.generation.selectors import draws_for
from studio.jobs.models import Job
from studio.productions import policy
from studio.productions.models import Layer
from studio.productions.policy import Action
from studio.productions.selectors import get_production, shot_for


def layer_for(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> Layer:
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    rows = row.layers.select_related("shot__production", "shot__scene__episode", "shot__scene__location", "element")
    return get_object_or_404(rows, pk=layer)


def draw_for(request: HttpRequest, slug: str, pk: UUID) -> Draw:
    return get_object_or_404(draws_for(request.user, get_production(request.user, slug)), pk=pk)


@login_required
def draws(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> HttpResponse:
    """The layer's draws as a contact sheet, and the forms that bring more. `?show=starred|binned|lost`,
    `?sort=fit`, `?like=<draw>&varies=seed|settings|picture`, `?part=sheet|ask`."""
    row = layer_for(request, slug, episode, shot, layer)
    part = request.GET.get("part", "")
    if part == "sheet":
        context = table.sheet(request.user, row, request.GET.get("show", ""), request.GET.get("sort", ""))
        _measure(request, row, context)
        return render(request, "generation/_sheet.html", context)
    context = table.page(request.user, row, request.GET.dict())
    _measure(request, row, context)
    context["quotes"] = _quotes(request, row, _chosen(context), 4)
    return render(request, "generation/_ask.html" if part == "ask" else "generation/draws.html", context)


def _measure(request: HttpRequest, layer: Layer, context: dict[str, Any]) -> None:
    """Where draws are ranked by their light, queue the measuring of what is new; after a failure a person asks again
    (`?again=1`)."""
    fits = context["fits"]
    if fits is None or not fits.waiting:
        return
    job = fit.last_job(layer)
    if job is None or job.state != Job.State.FAILED or request.GET.get("again") == "1":
        job = fit.ask(layer, request.user)
    context["measuring"] = job


def _chosen(context: dict[str, Any]) -> dict[str, Any] | None:
    row = next((row for row in context["offers"] if row["chosen"]), None)
    if row is None:
        return None
    params = {one.name: value for one, value in row["fields"] if value not in ("", None)}
    return {"family": row["offer"].name, "backend": row["backend"].name, "params": params}


def _quotes(request: HttpRequest, layer: Layer, asked: dict[str, Any] | None, count: int) -> dict[str, Any]:
    """What drafts and finals of a request would take, and what stands against it."""
    if asked is None:
        return {}
    production = layer.shot.production
    action = budget.action_for(asked["backend"])
    spend = budget.budget_of(request.user, production, action)
    found: dict[str, Any] = {"count": count, "budget": spend, "production": production}
    try:
        for name, draft in (("draft", True), ("final", False)):
            quote = services.quote(layer=layer, count=count, draft=draft, **asked)
            total = quote.minor or 0
            found[name] = {
                "quote": quote, "each_milli": quote.seconds_milli // count, "milli": quote.seconds_milli,
                "each_minor": None if quote.minor is None else quote.minor // count, "minor": quote.minor,
                "stop": budget.stop(request.user, production, total, action),
            }  # fmt: skip
    except DomainError as error:
        found["error"] = str(error)
        return found
    if spend.limited and spend.cap_minor:
        own, more = spend.spent_minor, found["draft"]["minor"] or 0
        found["share"] = min(1000, own * 1000 // spend.cap_minor)
        found["adds"] = min(1000 - found["share"], -(-more * 1000 // spend.cap_minor))
    return found


def _asked(request: HttpRequest, layer: Layer) -> tuple[dict[str, Any], int]:
    """What the form asks for, and how many. Raises Invalid."""
    name, backend = request.POST.get("family", ""), request.POST.get("backend", "procedural")
    if backend not in BACKENDS or backend == "upload":
        raise Invalid(_("Choose what to draw."))
    offer = next((one for one in BACKENDS[backend].offers(layer.kind) if one.name == name), None)
    if offer is None:
        raise Invalid(_("Choose what to draw."))
    try:
        count = int(request.POST.get("count") or 1)
    except ValueError:
        raise Invalid(_("Seed and number of draws are whole numbers.")) from None
    if not 1 <= count <= services.MOST_AT_ONCE:
        raise Invalid(_("Ask for 1 to %(most)s draws at once.") % {"most": services.MOST_AT_ONCE})
    return {"family": name, "backend": backend, "params": params_of(offer, request.POST)}, count


@login_required
@require_POST
def quote(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> HttpResponse:
    """What the form as it stands would take: nothing is asked for."""
    row = layer_for(request, slug, episode, shot, layer)
    asked, count = _asked(request, row)
    return render(request, "generation/_quote.html", {"quotes": _quotes(request, row, asked, count)})


@login_required
@require_POST
def ask(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> HttpResponse:
    """`backend`, `family`, its parameters, `seed` (empty: the family's next), `count`, `final`, `like`, `varies`."""
    row = layer_for(request, slug, episode, shot, layer)
    asked, count = _asked(request, row)
    try:
        seed = int(request.POST["seed"]) if request.POST.get("seed") else None
    except ValueError:
        raise Invalid(_("Seed and number of draws are whole numbers.")) from None
    like = table.liked(request.user, row, request.POST.get("like", ""))
    draft = request.POST.get("final") != "1"
    made = services.request_draws(
        actor=request.user, layer=row, seed=seed, count=count, draft=draft,
        use_when_done=request.POST.get("use") == "1" and count == 1,
        like=like, varies=request.POST.get("varies", "") if like else "", **asked,
    )  # fmt: skip
    said = ngettext("%(n)s draw is on its way.", "%(n)s draws are on their way.", len(made)) % {"n": len(made)}
    return _answer(request, row, said)


@login_required
@require_GET
def progress(request: HttpRequest, slug: str, episode: str, shot: str, layer: UUID) -> JsonResponse:
    """How far each waiting or running draw of the layer is."""
    row = layer_for(request, slug, episode, shot, layer)
    return JsonResponse({"draws": table.progress(request.user, row)})


def _answer(request: HttpRequest, layer: Layer, said: str, undo: str = "") -> HttpResponse:
    if getattr(request, "htmx", False):
        layer.refresh_from_db()
        context = table.sheet(request.user, layer, request.GET.get("show", ""), request.GET.get("sort", ""))
        return toast(render(request, "generation/_sheet.html", context), said, undo=undo)
    shot = layer.shot
    return redirect("generation:draws", shot.production.slug, shot.scene.episode.code, shot.path_code, layer.pk)


@login_required
@require_POST
def pick(request: HttpRequest, slug: str, pk: UUID, act: str) -> HttpResponse:
    """star, unstar, bin (with `reason`), restore (`?starred=1`: with its star), use, cancel."""
    draw = draw_for(request, slug, pk)
    actor, back = request.user, ""
    starred = draw.state == Draw.State.STARRED

    def way(act: str) -> str:
        return reverse("generation:pick", args=[slug, pk, act])

    match act:
        case "star" | "unstar":
            services.star(actor=actor, draw=draw, on=act == "star")
            said = _("Starred.") if act == "star" else _("The star is taken back.")
            back = way("unstar" if act == "star" else "star")
        case "bin":
            services.bin_draw(actor=actor, draw=draw, reason=request.POST.get("reason", ""))
            said, back = _("In the bin, with its reason."), way("restore") + ("?starred=1" if starred else "")
        case "restore":
            services.restore(actor=actor, draw=draw, starred=request.GET.get("starred") == "1")
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
    return _answer(request, draw.layer, said, back)


@login_required
@require_GET
def draw(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """What made a draw, what it cost, and whether it can be made again. `?part=1`: the panel alone."""
    row = draw_for(request, slug, pk)
    context = papers.papers(request.user, row)
    return render(request, "generation/_papers.html" if request.GET.get("part") else "generation/draw.html", context)


@login_required
@require_POST
def replay(request: HttpRequest, slug: str, pk: UUID) -> HttpResponse:
    """Draw the same recipe once more, to see whether it comes out the same."""
    row = draw_for(request, slug, pk)
    replays.replay(actor=request.user, draw=row)
    if getattr(request, "htmx", False):
        said = _("It is drawn once more and compared.")
        return toast(render(request, "generation/_papers.html", papers.papers(request.user, row)), said)
    return redirect("generation:draw", slug, pk)
