"""A location's page: keep a version, move shots to it, take a move back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from studio.core.errors import Invalid
from studio.core.htmx import go, toast
from studio.generation import pinning, place_page, places
from studio.generation.models import Draw
from studio.productions import policy
from studio.productions.models import Location
from studio.productions.policy import Action
from studio.productions.selectors import get_production


def location_for(request: HttpRequest, slug: str, location_id: UUID) -> Location:
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return get_object_or_404(production.locations.select_related("production"), pk=location_id)


@login_required
@require_GET
def place(request: HttpRequest, slug: str, location_id: UUID) -> HttpResponse:
    """What the location is pinned to, and by which version its shots are drawn. `?v=2` shows that version."""
    location = location_for(request, slug, location_id)
    return render(request, "generation/place.html", place_page.page(request.user, location, request.GET.get("v", "")))


@login_required
@require_POST
def lock(request: HttpRequest, slug: str, location_id: UUID) -> HttpResponse:
    """Keep the form as a new version. No shot moves by it."""
    location = location_for(request, slug, location_id)
    version = places.lock(
        actor=request.user, location=location, comment=request.POST.get("comment", ""),
        **content_sent(location, request.POST),
    )  # fmt: skip
    messages.success(request, _("%(version)s is kept. No shot moved.") % {"version": version.name})
    return go(request, "generation:place", slug, location_id)


def content_sent(location: Location, sent: QueryDict) -> dict[str, Any]:
    """A version's content out of the page's form. Raises Invalid for what is no number."""
    last = places.newest(location)
    before = places.content_of(last) if last else place_page.suggested(location)
    offered = {plate["artefact"]: plate for plate in [*places.pictures(location), *before["plates"]]}
    colours = sent.getlist("colours")
    if sent.get("colour_more_on"):
        colours.append(sent.get("colour_more", ""))
    content: dict[str, Any] = {
        "plates": [offered.get(sha, {"artefact": sha}) for sha in sent.getlist("plates")],
        "words": sent.get("words", ""),
        "avoid": sent.get("avoid", ""),
        "lights": [
            {"light": light, "weather": sent.get(f"weather-{light}", ""), "words": sent.get(f"words-{light}", "")}
            for light in pinning.LIGHTS
            if light in sent.getlist("lights")
        ],
        "palette": sent.get("palette", ""),
        "colours": list(dict.fromkeys(colours)),
        "lens_mm": _whole(sent.get("lens_mm", "")),
        "seed_family": _whole(sent.get("seed_family", "")),
        "family": before["family"],
        "family_settings": before["family_settings"],
    }
    if content["seed_family"] is None:
        content["seed_family"] = before["seed_family"]
    match sent.get("by_rule", "keep"):
        case "keep":
            pass
        case "":
            content |= {"family": "", "family_settings": {}}
        case name:
            content |= place_page.from_draw(_draw(location, name))
    return content


def _draw(location: Location, name: str) -> Draw:
    found = next((draw for draw in place_page.drawn_by_rule(location) if str(draw.pk) == name), None)
    if found is None:
        raise Invalid(_("That draw no longer fills a shot of this place: load the page again."))
    return found


def _whole(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return int(text)
    except ValueError:
        raise Invalid(_("“%(text)s” is no whole number.") % {"text": text}) from None


@login_required
@require_POST
def upgrade(request: HttpRequest, slug: str, location_id: UUID) -> HttpResponse:
    """Move `shots` (none named: all that play here) to `version`, a number."""
    location = location_for(request, slug, location_id)
    policy.require(request.user, Action.PIN_SHOTS, location)
    version = get_object_or_404(location.versions, number=_whole(request.POST.get("version", "")) or 0)
    named = request.POST.getlist("shots")
    shots = None
    if named:
        shots = list(places.shots_at(location).filter(code__in=named))
        if len(shots) != len(set(named)):
            raise Invalid(places.not_here(location))
    moves = places.upgrade(actor=request.user, version=version, shots=shots)
    said = ngettext("%(n)s shot is on %(version)s now.", "%(n)s shots are on %(version)s now.", len(moves))
    back = reverse("generation:upgrade_back", args=[slug, location_id, moves[0].batch]) if moves else ""
    return _answer(request, location, said % {"n": len(moves), "version": version.name}, back)


@login_required
@require_POST
def upgrade_back(request: HttpRequest, slug: str, location_id: UUID, batch: UUID) -> HttpResponse:
    """Take one move of shots back; shots that were moved on since stay where they are."""
    location = location_for(request, slug, location_id)
    back, left = places.take_back(actor=request.user, location=location, batch=batch)
    said = ngettext("%(n)s shot went back.", "%(n)s shots went back.", len(back)) % {"n": len(back)}
    if left:
        codes = ", ".join(move.shot.code for move in left)
        said += " " + _("Left where they are, moved on since: %(codes)s.") % {"codes": codes}
    return _answer(request, location, said)


def _answer(request: HttpRequest, location: Location, said: str, undo: str = "") -> HttpResponse:
    if getattr(request, "htmx", False):
        context = place_page.page(request.user, location)
        return toast(render(request, "generation/place.html#shots", context), said, undo=undo)
    messages.success(request, said)
    return go(request, "generation:place", location.production.slug, location.pk)
