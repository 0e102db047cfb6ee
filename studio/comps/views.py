"""The comp page: parameters with a live preview, undo and redo, versions."""

import functools
import json
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studio.comps import grounds, page, previews, recipes, selectors, services
from studio.comps.forms import PreviewForm, StartForm
from studio.comps.models import Version
from studio.core.errors import DomainError, Invalid
from studio.core.htmx import toast
from studio.core.rewording import reworded
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.selectors import shot_for

View = Callable[..., HttpResponseBase]


def in_json(view: View) -> View:
    """For what scripts fetch: a domain error answers `{"error": sentence}`; a conflict brings the current settings."""

    @functools.wraps(view)
    def answer(request: HttpRequest, slug: str, episode: str, shot: str, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return JsonResponse(
                {"error": _("You are signed out. Sign in again in another tab, then go on here.")}, status=401
            )
        row = _shot(request, slug, episode, shot)
        try:
            return view(request, row, **kwargs)
        except DomainError as error:
            told = {"error": str(error), "code": error.code}
            if error.status == 409:
                told["settings"] = selectors.told(row, selectors.settings_of(row))  # type: ignore[assignment]
            return JsonResponse(told, status=error.status)

    return answer


def _shot(request: HttpRequest, slug: str, episode: str, shot: str) -> Shot:
    """The shot, for the team: a guest sees versions in review, not how they are made."""
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    return row


def _body(request: HttpRequest) -> dict[str, Any]:
    try:
        data = json.loads(request.body or b"{}")
    except ValueError as error:
        raise Invalid(_("The request is not valid JSON.")) from error
    if not isinstance(data, dict):
        raise Invalid(_("The request must be a JSON object."))
    return data


@login_required
@require_GET
def comp(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    return render(request, "comps/comp.html", page.whole(request.user, row))


@in_json
@require_http_methods(["GET", "PUT", "POST"])
def settings(request: HttpRequest, shot: Shot) -> HttpResponse:
    """GET: the settings. PUT {"values", "seen"}: save them as one step of the history."""
    if request.method == "GET":
        return JsonResponse(_told(shot, selectors.settings_of(shot)))
    data = _body(request)
    saved = services.save_settings(actor=request.user, shot=shot, values=data.get("values"), seen=data.get("seen"))
    return JsonResponse(_told(shot, saved))


def _told(shot: Shot, now: selectors.Settings) -> dict[str, Any]:
    facts = selectors.facts_of(shot)
    return selectors.told(shot, now, facts) | {"frames": recipes.frame_count(facts, now.values)}


@in_json
@require_POST
def undo(request: HttpRequest, shot: Shot) -> HttpResponse:
    return JsonResponse(
        _told(shot, services.step_settings(actor=request.user, shot=shot, steps=-1, seen=_body(request).get("seen")))
    )


@in_json
@require_POST
def redo(request: HttpRequest, shot: Shot) -> HttpResponse:
    return JsonResponse(
        _told(shot, services.step_settings(actor=request.user, shot=shot, steps=1, seen=_body(request).get("seen")))
    )


@in_json
@require_GET
def history(request: HttpRequest, shot: Shot) -> HttpResponse:
    """{"steps": [{"id", "position", "changed", "by", "at", "now"}]}: every state that undo and redo can reach."""
    return JsonResponse({"steps": selectors.settings_of(shot).steps()})


@in_json
@require_POST
def go(request: HttpRequest, shot: Shot) -> HttpResponse:
    """Back (or forth) to the state {"position"} of the history at once."""
    data = _body(request)
    position = data.get("position")
    if isinstance(position, bool) or not isinstance(position, int):
        raise Invalid(_("The position must be a whole number."))
    now = services.return_to_step(actor=request.user, shot=shot, position=position, seen=data.get("seen"))
    return JsonResponse(_told(shot, now))


@in_json
@require_POST
def reset(request: HttpRequest, shot: Shot) -> HttpResponse:
    return JsonResponse(
        _told(shot, services.reset_settings(actor=request.user, shot=shot, seen=_body(request).get("seen")))
    )


@in_json
@require_POST
def preview_frame(request: HttpRequest, shot: Shot) -> HttpResponse:
    """A still of {"values" (or as stored), "frame", "view", "layer", "width", "page", "mode", "fine"}, or instead of
    values of {"version": number} or {"step": id}: 200 with address and report, 202 while it is being made (ask again),
    422 with a sentence where it can't be."""
    data = _body(request)
    form = PreviewForm(data)
    if not form.is_valid():
        raise Invalid(" ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()))
    still = previews.still_for(request.user, shot, form.cleaned_data, data.get("values"))
    answer = previews.ask(still, f"{request.user.pk}:{form.cleaned_data['page']}")
    if "error" in answer:  # the worker wrote it down in its own language
        answer["error"] = reworded(answer["error"])
    if answer["state"] == "waiting":
        return JsonResponse(answer, status=202, headers={"Retry-After": "1"})
    if answer["state"] == "failed":
        return JsonResponse(answer, status=422)
    answer["belonging"] = grounds.told(request.user, shot, form.cleaned_data, data.get("values"), answer["report"])
    return JsonResponse(answer | {"url": reverse("comps:picture", args=[*page.address(shot), answer["digest"]])})


@login_required
@require_GET
@cache_control(private=True, max_age=86_400, immutable=True)
def preview_picture(request: HttpRequest, slug: str, episode: str, shot: str, digest: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    try:
        picture = previews.picture_path(str(row.pk), digest).read_bytes()
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(picture, content_type="image/jpeg")


@login_required
@require_GET
def layers(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    return render(request, "comps/comp.html#layers", page.layers(request.user, row))


@login_required
@require_GET
def panels(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    return render(request, "comps/comp.html#panels", page.layers(request.user, row))


@login_required
@require_GET
def versions(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    return render(request, "comps/comp.html#versions", page.versions(request.user, row))


@login_required
@require_POST
def start(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    form = StartForm(request.POST)
    if not form.is_valid():
        raise Invalid(" ".join(str(message) for errors in form.errors.values() for message in errors))
    services.start_version(actor=request.user, shot=row, **form.cleaned_data)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("comps:comp", *page.address(row))
    return render(request, "comps/comp.html#versions", page.versions(request.user, row))


def _act(
    request: HttpRequest, path: tuple[str, str, str], number: int, do: Callable[[Version], object]
) -> HttpResponse:
    row = _shot(request, *path)
    do(selectors.version_for(request.user, row, number))
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("comps:comp", *page.address(row))
    return render(request, "comps/comp.html#versions", page.versions(request.user, row))


@login_required
@require_POST
def submit(request: HttpRequest, slug: str, episode: str, shot: str, number: int) -> HttpResponse:
    answer = _act(
        request, (slug, episode, shot), number, lambda row: services.submit_for_review(actor=request.user, version=row)
    )
    return toast(answer, _("It is before the reviewers now."))


@in_json
@require_POST
def copy(request: HttpRequest, shot: Shot, number: int) -> HttpResponse:
    """Take over a version's settings."""
    source = selectors.version_for(request.user, shot, number)
    return JsonResponse(_told(shot, services.copy_settings(actor=request.user, version=source)))
