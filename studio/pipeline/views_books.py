"""Ledger and queue board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from studio.ledger.models import Chain
from studio.ledger.services import verify, verify_anchors
from studio.pipeline import books
from studio.productions import policy
from studio.productions.models import Production
from studio.productions.policy import Action
from studio.productions.selectors import get_production


def _production(request: HttpRequest, slug: str) -> Production:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:100] for name in ("verb", "actor", "about")}


@login_required
@require_GET
def ledger(request: HttpRequest, slug: str) -> HttpResponse:
    production = _production(request, slug)
    asked = _asked(request)
    rows = books.filtered(production, **asked)
    before = request.GET.get("before", "")
    found, more = books.page_of(rows, int(before) if before.isdigit() else None)
    chosen = {name: value for name, value in asked.items() if value}
    context = {
        "production": production,
        "rows": found,
        "count": rows.count(),
        "cost": books.total_cost(rows),
        "asked": asked,
        "query_string": urlencode(chosen),
        "more": f"?{urlencode(chosen | {'before': more})}" if more else "",
        "chain": Chain.objects.filter(pk=production.pk).first(),
        "anchor": books.last_anchor(production),
        "tab": "ledger",
        **books.choices(production),
    }
    part = "#entries" if request.GET.get("part") == "entries" else ""
    return render(request, f"pipeline/ledger.html{part}", context)


@login_required
@require_POST
def check(request: HttpRequest, slug: str) -> HttpResponse:
    """Walk the whole chain and hold the anchors against it: whole, or where it breaks."""
    production = _production(request, slug)
    context = {
        "production": production,
        "breaks": verify(production.pk),
        "faults": verify_anchors(production.pk),
        "chain": Chain.objects.filter(pk=production.pk).first(),
        "checked": True,
    }
    return render(request, "pipeline/_proof.html", context)


@login_required
@require_GET
def export(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """What the filters show, as CSV or JSON."""
    production = _production(request, slug)
    rows = books.filtered(production, **_asked(request))
    make, mime = {"csv": (books.as_csv, "text/csv; charset=utf-8"), "json": (books.as_json, "application/json")}[form]
    response = HttpResponse("".join(make(rows)), content_type=mime)
    response["Content-Disposition"] = f'attachment; filename="{production.slug}-ledger.{form}"'
    return response


@login_required
@require_GET
def jobs(request: HttpRequest, slug: str) -> HttpResponse:
    production = _production(request, slug)
    context = {"production": production, "tab": "jobs", **books.queue_board(production)}
    part = "#board" if request.GET.get("part") == "board" else ""
    return render(request, f"pipeline/jobs.html{part}", context)
