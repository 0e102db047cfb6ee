"""Bytes for players, and the rows of running work."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST, require_safe

from studio.media import serving
from studio.pipeline import selectors, services
from studio.productions.selectors import get_production


@require_safe
@login_required
def media(request: HttpRequest, slug: str, sha256: str) -> HttpResponseBase:
    """An artefact's bytes, to members of a production that uses it. `?download=NAME` saves instead of showing."""
    production = get_production(request.user, slug)
    artefact = selectors.artefact_for(request.user, production, sha256)
    if artefact is None:
        raise Http404
    return serving.respond(request, artefact, download=request.GET.get("download", "")[:200])


@require_GET
@login_required
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The row of one job, as it is now."""
    return render(request, "jobs/_progress.html", {"job": selectors.job_for(request.user, pk)})


@require_POST
@login_required
def cancel_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = services.cancel_job(actor=request.user, job=selectors.job_for(request.user, pk))
    if getattr(request, "htmx", False):
        return render(request, "jobs/_progress.html", {"job": row})
    back = request.headers.get("Referer", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")
