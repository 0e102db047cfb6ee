"""Ask for the export of a version's foreground."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from studio.comps import exports, page, selectors
from studio.productions import policy
from studio.productions.policy import Action
from studio.productions.selectors import shot_for


@login_required
@require_POST
def start(request: HttpRequest, slug: str, episode: str, shot: str, number: int) -> HttpResponse:
    """{"kind": "prores4444", "png" or "exr"}: queue the export; the version's row shows how far it is."""
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    version = selectors.version_for(request.user, row, number)
    exports.start_export(actor=request.user, version=version, kind=request.POST.get("kind", ""))
    if not getattr(request, "htmx", False):
        return redirect("comps:comp", *page.address(row))
    return render(request, "comps/comp.html#versions", page.versions(request.user, row))
