"""The compositor's desk beside the picture: a version's figures, what the engine found, presets, copies of settings."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studio.comps import copying, desk, differences, page, portable, presets, quality, selectors
from studio.comps.controls import GROUPS
from studio.comps.models import Preset, Version
from studio.comps.views import _body, _told, in_json
from studio.core.htmx import toast
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.selectors import shot_for, shots_for


def _shot(request: HttpRequest, slug: str, episode: str, shot: str) -> Shot:
    row = shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.SEE_INTERNAL, row)
    return row


def _preset(request: HttpRequest, shot: Shot, preset: UUID) -> Preset:
    return presets.preset_for(request.user, shot.production, preset)


def group_choices(chosen: list[str] | None = None) -> list[dict[str, Any]]:
    """Each group as a checkbox: what travels is ticked, what is each shot's own is not."""
    ticked = portable.usual() if chosen is None else chosen
    words = GROUPS | {"masks": _("Masks")}
    return [
        {"name": name, "label": words.get(name, name), "ticked": name in ticked, "own": name in portable.OWN}
        for name in portable.groups()
    ]


@login_required
@require_GET
def figures(request: HttpRequest, slug: str, episode: str, shot: str, number: int) -> HttpResponse:
    """A version's figures, frame by frame, and its frames to look at. `?before=v002`: beside those of that version."""
    row = _shot(request, slug, episode, shot)
    version = selectors.version_for(request.user, row, number)
    asked = request.GET.get("before", "")
    before: Version | None
    if asked[1:].isdigit():
        before = selectors.version_for(request.user, row, int(asked[1:]))
    else:
        before = desk.measured_before(request.user, version)
    others = [one for one in selectors.versions_for(request.user, row) if one.qc and one.pk != version.pk]
    shown = quality.rows(version.qc, before.qc if before else None)
    context = {
        "production": row.production, "shot": row, "episode": row.scene.episode, "version": version,
        "before": before, "others": others, "rows": shown, "verdict": desk.verdict(version, shown),
        "compared": quality.compared(shown, before.name) if before else "", "strips": quality.strips(version.qc),
    }  # fmt: skip
    return render(request, "comps/_qc_full.html", context)


@login_required
@require_GET
def explained(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    return render(request, "comps/_explained.html", desk.explained(request.user, row))


def _presets_page(request: HttpRequest, shot: Shot, **more: Any) -> HttpResponse:
    context = {
        "production": shot.production, "shot": shot, "episode": shot.scene.episode, "location": shot.scene.location,
        "lists": presets.ordered_for(request.user, shot), "groups": group_choices(),
        "may_comp": selectors.may_comp(request.user, shot), "screen": copying.own_screen(shot),
    }  # fmt: skip
    return render(request, "comps/_presets_list.html", context | more)


@login_required
@require_http_methods(["GET", "POST"])
def preset_list(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """The presets that may help here; POST {"name", "everywhere", "groups"} keeps the settings as they stand."""
    row = _shot(request, slug, episode, shot)
    if request.method == "GET":
        return _presets_page(request, row)
    made = presets.save(
        actor=request.user, shot=row, name=request.POST.get("name", ""),
        everywhere=request.POST.get("everywhere") == "on" or row.scene.location is None,
        groups=request.POST.getlist("groups"),
    )  # fmt: skip
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("comps:comp", *page.address(row))
    undo = reverse("comps:preset_delete", args=[*page.address(row), made.pk])
    return _presets_page(request, row, said=_("“%(name)s” is kept.") % {"name": made.name}, undo=undo)


@login_required
@require_GET
def preset(request: HttpRequest, slug: str, episode: str, shot: str, preset: UUID) -> HttpResponse:
    """What the preset would change here."""
    row = _shot(request, slug, episode, shot)
    one = _preset(request, row, preset)
    now, after = presets.outcome(one, row)
    context = {
        "production": row.production, "shot": row, "episode": row.scene.episode, "preset": one,
        "changes": differences.differences(now, after, selectors.facts_of(row)), "fits": presets.fits(one, row),
        "made_on": presets.made_on(one), "may_comp": selectors.may_comp(request.user, row),
    }  # fmt: skip
    return render(request, "comps/_preset.html", context)


@in_json
@require_POST
def preset_apply(request: HttpRequest, shot: Shot, preset: UUID) -> HttpResponse:
    """{"seen"}: give the shot the preset's settings; answers the settings, as saving does."""
    one = presets.preset_for(request.user, shot.production, preset)
    saved = presets.apply(actor=request.user, preset=one, shot=shot, seen=_body(request).get("seen"))
    return JsonResponse(_told(shot, saved))


def _changed(request: HttpRequest, shot: Shot, text: str, undo: str = "") -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("comps:comp", *page.address(shot))
    # Not as a toast: the dialog stands over those, and its undo could not be reached.
    return _presets_page(request, shot, said=text, undo=undo)


@login_required
@require_POST
def preset_over(request: HttpRequest, slug: str, episode: str, shot: str, preset: UUID) -> HttpResponse:
    """The preset takes the shot's settings as they stand."""
    row = _shot(request, slug, episode, shot)
    one = presets.save_over(actor=request.user, preset=_preset(request, row, preset), shot=row)
    undo = reverse("comps:preset_back", args=[*page.address(row), one.pk, one.revision])
    return _changed(request, row, _("“%(name)s” holds these settings now.") % {"name": one.name}, undo)


@login_required
@require_POST
def preset_rename(request: HttpRequest, slug: str, episode: str, shot: str, preset: UUID) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    old = _preset(request, row, preset)
    one = presets.rename(actor=request.user, preset=old, name=request.POST.get("name", ""))
    undo = reverse("comps:preset_back", args=[*page.address(row), one.pk, one.revision])
    return _changed(request, row, _("It is called “%(name)s” now.") % {"name": one.name}, undo)


@login_required
@require_POST
def preset_back(request: HttpRequest, slug: str, episode: str, shot: str, preset: UUID, revision: int) -> HttpResponse:
    """Undo one renaming or saving over."""
    row = _shot(request, slug, episode, shot)
    one = presets.take_back(actor=request.user, preset=_preset(request, row, preset), revision=revision)
    return _changed(request, row, _("“%(name)s” is as it was.") % {"name": one.name})


@login_required
@require_POST
def preset_delete(request: HttpRequest, slug: str, episode: str, shot: str, preset: UUID) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    one = presets.delete(actor=request.user, preset=_preset(request, row, preset))
    undo = reverse("comps:preset_restore", args=[*page.address(row), one.pk])
    return _changed(request, row, _("“%(name)s” is deleted.") % {"name": one.name}, undo)


@login_required
@require_POST
def preset_restore(request: HttpRequest, slug: str, episode: str, shot: str, preset: UUID) -> HttpResponse:
    row = _shot(request, slug, episode, shot)
    one = presets.restore(actor=request.user, preset=presets.gone_for(request.user, row.production, preset))
    return _changed(request, row, _("“%(name)s” is back.") % {"name": one.name})


@login_required
@require_http_methods(["GET", "POST"])
def copies(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """The shots of the same set-up; POST {"targets", "groups"} copies the settings and says what became of each."""
    row = _shot(request, slug, episode, shot)
    context: dict[str, Any] = {"production": row.production, "shot": row, "episode": row.scene.episode}
    if request.method == "POST":
        done = copying.copy_to(
            actor=request.user, shot=row, codes=request.POST.getlist("targets"), groups=request.POST.getlist("groups")
        )
        return render(request, "comps/_copied.html", context | {"outcomes": done})
    chosen = request.GET.getlist("groups") or None
    context |= {
        "targets": copying.targets(request.user, row, chosen), "groups": group_choices(chosen),
        "screen": copying.own_screen(row), "may_comp": selectors.may_comp(request.user, row),
        "changed": len(selectors.settings_of(row).values),
    }  # fmt: skip
    return render(request, "comps/_copy_list.html", context)


@login_required
@require_POST
def copy_back(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """{"target": code, "seen"}: undo the copying there."""
    row = _shot(request, slug, episode, shot)
    target = get_object_or_404(shots_for(request.user, row.production), code=request.POST.get("target", ""))
    copying.take_back(actor=request.user, shot=target, seen=request.POST.get("seen", ""))
    answer = render(request, "comps/_copied_back.html", {"shot": target})
    return toast(answer, _("%(code)s is as it was.") % {"code": target.code})
