"""The background lit like its actor, from the comp page: asked for, watched, taken or dropped."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from studio.comps import page, relight, relight_page
from studio.core.errors import Invalid
from studio.core.htmx import toast
from studio.generation import services as generation
from studio.generation.models import Draw
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.selectors import shot_for


def _shot(request: HttpRequest, slug: str, episode: str, shot: str) -> Shot:
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    return row


@login_required
@require_http_methods(["GET", "POST"])
def relight_block(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """GET: what can be done about the background's light, and what is under way. POST {"seen": a preview's digest}:
    draw the background again in the light that this picture shows on the actor."""
    row = _shot(request, slug, episode, shot)
    if request.method == "GET":
        return render(request, "comps/_relight.html", relight_page.block(request.user, row))
    layer, flipped = relight_page.ground(row)
    if layer is None:
        raise Invalid(_("There is no background to light."))
    seen = request.POST.get("seen", "")
    made = relight.ask_by_picture(actor=request.user, layer=layer, preview=seen, flipped=flipped)
    said = _("It is drawn again in the actor's light.") if made.artefact_id is None else _("It was drawn so already.")
    return _answer(request, row, said)


@login_required
@require_POST
def decide(request: HttpRequest, slug: str, episode: str, shot: str, draw: UUID, act: str) -> HttpResponse:
    """`take`: it is drawn at full size and fills the layer. `drop`: into the bin."""
    row = _shot(request, slug, episode, shot)
    made = get_object_or_404(Draw.objects.filter(layer__shot=row), pk=draw)
    if act == "take":
        done = generation.promote(actor=request.user, draw=made)
        drawing = isinstance(done, Draw)
        said = _("It is drawn at full size, then fills the layer.") if drawing else _("It fills the layer.")
    elif act == "drop":
        relight.drop(actor=request.user, draw=made)
        said = _("Dropped: the background stays as it was.")
    else:
        raise Http404
    return _answer(request, row, said)


def _answer(request: HttpRequest, shot: Shot, said: str) -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("comps:comp", *page.address(shot))
    return toast(render(request, "comps/_relight.html", relight_page.block(request.user, shot)), said)
