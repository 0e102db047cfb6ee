"""Rate card, consents, locations."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.productions import papers, policy, selectors
from studio.productions.forms import ConsentForm, LocationForm, RateForm
from studio.productions.models import Production, Rate
from studio.productions.policy import Action


def _production(request: HttpRequest, slug: str) -> Production:
    production = selectors.get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return production


def _page(request: HttpRequest, name: str, production: Production, form: Any, **context: Any) -> HttpResponse:
    context |= {"production": production, "form": form, "tab": "team", "papers": name}
    return render(request, f"productions/{name}.html", context, status=422 if form.errors else 200)


@login_required
def rates(request: HttpRequest, slug: str) -> HttpResponse:
    production = _production(request, slug)
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        papers.add_rate(actor=request.user, production=production, **form.cleaned_data)
        messages.success(request, _("The rate counts from its date on."))
        return redirect("productions:rates", slug)
    rows = list(production.rates.all())
    current = set()
    today = timezone.localdate()
    for row in rows:  # newest first within a key and model
        if row.valid_from <= today and (row.key, row.model) not in {
            (other.key, other.model) for other in rows if other.pk in current
        }:
            current.add(row.pk)
    present = {row.key for row in rows if row.pk in current}
    missing = [label for key, label in Rate.Key.choices if key not in present]
    return _page(request, "rates", production, form, rows=rows, current=current, missing=missing)


@login_required
@require_POST
def remove_rate(request: HttpRequest, slug: str, rate_id: UUID) -> HttpResponse:
    production = _production(request, slug)
    papers.remove_rate(actor=request.user, rate=get_object_or_404(production.rates, pk=rate_id))
    messages.success(request, _("The line is off the rate card; the books keep it."))
    return redirect("productions:rates", slug)


@login_required
def consents(request: HttpRequest, slug: str, likeness_id: UUID | None = None) -> HttpResponse:
    """The people on screen; with an id, one of them in the form."""
    production = _production(request, slug)
    likeness = get_object_or_404(production.likenesses, pk=likeness_id) if likeness_id else None
    form = ConsentForm(request.POST or None, instance=likeness)
    if request.method == "POST" and form.is_valid():
        papers.keep_consent(actor=request.user, production=production, likeness=likeness, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("productions:consents", slug)
    rows = production.likenesses.order_by("name").prefetch_related("layers__shot")
    return _page(request, "consents", production, form, rows=rows, editing=likeness, today=timezone.localdate())


@login_required
@require_POST
def remove_consent(request: HttpRequest, slug: str, likeness_id: UUID) -> HttpResponse:
    production = _production(request, slug)
    papers.remove_consent(actor=request.user, likeness=get_object_or_404(production.likenesses, pk=likeness_id))
    return redirect("productions:consents", slug)


@login_required
def locations(request: HttpRequest, slug: str, location_id: UUID | None = None) -> HttpResponse:
    production = _production(request, slug)
    location = get_object_or_404(production.locations, pk=location_id) if location_id else None
    initial = {"name": location.name, "description": location.description} if location else None
    form = LocationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        papers.keep_location(actor=request.user, production=production, location=location, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("productions:locations", slug)
    rows = production.locations.order_by("name").prefetch_related("scenes__episode")
    return _page(request, "locations", production, form, rows=rows, editing=location)


@login_required
@require_POST
def remove_location(request: HttpRequest, slug: str, location_id: UUID) -> HttpResponse:
    production = _production(request, slug)
    papers.remove_location(actor=request.user, location=get_object_or_404(production.locations, pk=location_id))
    return redirect("productions:locations", slug)
