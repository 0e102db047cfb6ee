"""All shots of a place side by side: do their backgrounds belong together?"""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from studio.generation import continuity, registry, sensing, standing_out
from studio.productions import policy
from studio.productions.policy import Action
from studio.productions.selectors import get_production


@login_required
def continuity_page(request: HttpRequest, slug: str, location_id: UUID) -> HttpResponse:
    """The backgrounds of a location in cut order, each with its distance from the rest. `?show=flagged`.

    What was never compared is queued by looking; only after a failure somebody must ask again (POST).
    """
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    location = get_object_or_404(production.locations, pk=location_id)
    found = continuity.read(location)
    again = request.method == "POST"
    jobs = [
        continuity.keep_up(location, request.user, found.waiting, again=again),
        sensing.keep_up(location, request.user, found.measures, again=again),
    ]
    if request.method == "POST":
        return redirect(request.path)
    rows = found.rows
    flagged = [row for row in rows if row.flagged]
    show = request.GET.get("show", "")
    context = {
        "production": production,
        "location": location,
        "rows": flagged if show == "flagged" else rows,
        "jobs": [job for job in jobs if job is not None],
        "measures": found.measures,
        "used": [one for one in found.measures if not one.barred],
        "barred": [one for one in found.measures if one.barred],
        "home": registry.home(),
        "show": show,
        "counts": {"all": len(rows), "flagged": len(flagged)},
        "filled": sum(row.layer.element_id is not None for row in rows),
        "few": standing_out.FEWEST,
        "tab": "worlds",
    }
    return render(request, "generation/continuity.html", context)
