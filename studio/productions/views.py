"""Productions, episodes, scenes and the facts of shots.

The board and the shot's page stand in `pipeline`: they show all apps.
"""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from studio.core.errors import DomainError, Invalid
from studio.core.htmx import toast
from studio.productions import policy, selectors, services
from studio.productions.forms import EpisodeForm, LayerForm, NewShotForm, ProductionForm, SceneForm, ShotForm
from studio.productions.models import Layer, Shot
from studio.productions.policy import Action


@login_required
def productions(request: HttpRequest) -> HttpResponse:
    return render(request, "productions/list.html", {"rows": selectors.home_of(request.user)})


def form_page(request: HttpRequest, form: django_forms.BaseForm, **context: Any) -> HttpResponse:
    """A page that is one form: `title`, `lead`, `submit`, `back`, perhaps `production` and `episode`."""
    return render(request, "productions/form.html", {"form": form, **context}, status=422 if form.errors else 200)


@login_required
def create(request: HttpRequest) -> HttpResponse:
    form = ProductionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            production = services.create_production(actor=request.user, slug=form.cleaned_data["slug"], **form.facts())
            return redirect("productions:board", production.slug, "EP01")
        except DomainError as error:
            form.add_error("slug", str(error))
    return form_page(
        request,
        form,
        title=_("New production"),
        lead=_("You become its producer. Everything here can be changed later but the address."),
        submit=_("Create production"),
        back="/",
    )


@login_required
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    rows = selectors.episodes_for(request.user, production)
    return render(request, "productions/overview.html", {"production": production, "rows": rows, "tab": "board"})


@login_required
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    policy.require(request.user, Action.CONSENT, production)
    form = ProductionForm(request.POST or None, instance=production)
    if not policy.may(request.user, Action.MANAGE, production):  # compliance keeps the papers only
        for name in [name for name in form.fields if name not in ("filing_number", "content_producer")]:
            del form.fields[name]
    if request.method == "POST" and form.is_valid():
        facts = form.facts() if "picture" in form.fields else form.cleaned_data
        try:
            services.edit_production(actor=request.user, production=production, **facts)
            messages.success(request, _("Saved."))
            return redirect("productions:settings", slug)
        except DomainError as error:
            form.add_error(None, str(error))
    context = {
        "title": _("Settings"),
        "submit": _("Save"),
        "back": "",
        "production": production,
        "tab": "team",
        "papers": "settings",
    }
    return form_page(request, form, **context)


@login_required
def create_episode(request: HttpRequest, slug: str) -> HttpResponse:
    production = selectors.get_production(request.user, slug)
    policy.require(request.user, Action.EDIT_SHOTS, production)
    form = EpisodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            episode = services.create_episode(actor=request.user, production=production, **form.cleaned_data)
            return redirect("productions:board", slug, episode.code)
        except DomainError as error:
            form.add_error("number", str(error))
    return form_page(
        request,
        form,
        title=_("New episode"),
        submit=_("Create episode"),
        production=production,
        tab="board",
        back=f"/p/{slug}/",
    )


@login_required
def edit_episode(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    row = selectors.episode_for(request.user, slug, episode)
    policy.require(request.user, Action.EDIT_SHOTS, row)
    form = EpisodeForm(request.POST or None, initial={"title": row.title})
    del form.fields["number"]
    if request.method == "POST" and form.is_valid():
        services.edit_episode(actor=request.user, episode=row, **form.cleaned_data)
        return redirect("productions:board", slug, episode)
    return _episode_form(request, form, row, title=_("Episode %(code)s") % {"code": row.code}, submit=_("Save"))


def _episode_form(request: HttpRequest, form: django_forms.BaseForm, episode: Any, **context: Any) -> HttpResponse:
    production = episode.production
    back = f"/p/{production.slug}/{episode.code}/"
    return form_page(request, form, production=production, episode=episode, tab="board", back=back, **context)


@login_required
def create_scene(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    row = selectors.episode_for(request.user, slug, episode)
    policy.require(request.user, Action.EDIT_SHOTS, row)
    form = SceneForm(request.POST or None, production=row.production)
    if request.method == "POST" and form.is_valid():
        try:
            scene = services.create_scene(actor=request.user, episode=row, **form.cleaned_data)
            messages.success(request, _("%(code)s is here. Now its first shot.") % {"code": scene.code})
            return redirect(f"/p/{slug}/{episode}/shots/new/?scene={scene.pk}")
        except DomainError as error:
            form.add_error("number", str(error))
    return _episode_form(request, form, row, title=_("New scene"), submit=_("Create scene"))


@login_required
def edit_scene(request: HttpRequest, slug: str, episode: str, scene_id: UUID) -> HttpResponse:
    row = selectors.episode_for(request.user, slug, episode)
    policy.require(request.user, Action.EDIT_SHOTS, row)
    scene = get_object_or_404(row.scenes, pk=scene_id)
    initial = {"title": scene.title, "location": scene.location_id}
    form = SceneForm(request.POST or None, production=row.production, initial=initial)
    del form.fields["number"]
    if request.method == "POST" and form.is_valid():
        services.edit_scene(actor=request.user, scene=scene, **form.cleaned_data)
        return redirect("productions:board", slug, episode)
    return _episode_form(request, form, row, title=_("Scene %(code)s") % {"code": scene.code}, submit=_("Save"))


@login_required
def create_shot(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    row = selectors.episode_for(request.user, slug, episode)
    policy.require(request.user, Action.EDIT_SHOTS, row)
    if not row.scenes.exists():
        messages.info(request, _("A shot stands in a scene: make the first one."))
        return redirect("productions:create_scene", slug, episode)
    form = NewShotForm(
        request.POST or None, episode=row, initial={"scene": request.GET.get("scene") or row.scenes.last()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            shot = services.create_shot(actor=request.user, **form.cleaned_data)
            messages.success(request, _("%(code)s is planned.") % {"code": shot.code})
            if "another" in request.POST:
                return redirect(f"/p/{slug}/{episode}/shots/new/?scene={shot.scene_id}")
            return redirect("productions:shot", slug, episode, shot.path_code)
        except DomainError as error:
            form.add_error("number", str(error))
    return _episode_form(
        request,
        form,
        row,
        title=_("New shot"),
        lead=_("Framing, performance, crowd, exterior and effect decide which layers are captured and which are made."),
        submit=_("Create shot"),
        another=_("Create and add another"),
    )


@login_required
@require_POST
def place(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    """Move a shot in the cut:

    `shot` to stand after `after` (codes; empty: first). Answers with a toast that undoes it.
    """
    row = selectors.episode_for(request.user, slug, episode)
    asked = request.POST if "shot" in request.POST else request.GET
    shots = selectors.shots_for(request.user, row.production).filter(scene__episode=row)
    shot = get_object_or_404(shots, code=asked.get("shot", ""))
    after = get_object_or_404(shots, code=asked["after"]) if asked.get("after") else None
    was_after = services.place_shot(actor=request.user, shot=shot, after=after)
    undo = f"{request.path}?shot={shot.code}&after={was_after}"
    where = _("after %(code)s") % {"code": after.code} if after else _("to the beginning")
    text = _("%(shot)s moved %(where)s.") % {"shot": shot.path_code, "where": where}
    return toast(HttpResponse(status=204), text, undo=undo)


def _after(request: HttpRequest, shot: Shot) -> HttpResponse:
    """Back to the shot's page; htmx gets it told by the event that the service sent."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204)
    return redirect("productions:shot", shot.production.slug, shot.scene.episode.code, shot.path_code)


@login_required
@require_POST
def set_aside(request: HttpRequest, slug: str, episode: str, shot: str, act: str) -> HttpResponse:
    """Hold, omit or restore a shot."""
    row = selectors.shot_for(request.user, slug, episode, shot)
    verbs = {
        "hold": (services.hold_shot, _("%(code)s is on hold.")),
        "omit": (services.omit_shot, _("%(code)s is omitted from the film.")),
        "restore": (services.restore_shot, _("%(code)s is back.")),
    }
    service, words = verbs[act]
    service(actor=request.user, shot=row)
    text = words % {"code": row.path_code}
    if request.htmx:  # type: ignore[attr-defined]
        undo = "" if act == "restore" else f"/p/{slug}/{episode}/{shot}/restore/"
        return toast(HttpResponse(status=204), text, undo=undo)
    messages.success(request, text)
    return _after(request, row)


@login_required
def facts(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = selectors.shot_for(request.user, slug, episode, shot)
    policy.require(request.user, Action.EDIT_SHOTS, row)
    form = ShotForm(request.POST or None, production=row.production, instance=row)
    if request.method == "POST" and form.is_valid():
        services.edit_shot(actor=request.user, shot=row, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("productions:shot", slug, episode, shot)
    context: dict[str, Any] = {"production": row.production, "episode": row.scene.episode, "shot": row, "tab": "board"}
    back = f"/p/{slug}/{episode}/{shot}/"
    return form_page(request, form, title=row.path_code, lead=row.title, submit=_("Save"), back=back, **context)


def _layer(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> Layer:
    row = selectors.shot_for(request.user, slug, episode, shot)
    return get_object_or_404(row.layers.select_related("shot__production"), pk=layer_id)


@login_required
@require_POST
def add_layer(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = selectors.shot_for(request.user, slug, episode, shot)
    form = LayerForm(request.POST)
    if not form.is_valid():
        raise Invalid(" ".join(str(message) for errors in form.errors.values() for message in errors))
    services.add_layer(actor=request.user, shot=row, **form.cleaned_data)
    return _after(request, row)


@login_required
@require_POST
def edit_layer(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> HttpResponse:
    """Rename a layer; say whose likeness it shows."""
    layer = _layer(request, slug, episode, shot, layer_id)
    changes: dict[str, Any] = {}
    if request.POST.get("name", "").strip():
        changes["name"] = request.POST["name"].strip()[:100]
    if "likeness" in request.POST:
        chosen = request.POST["likeness"]
        likenesses = layer.shot.production.likenesses
        changes["likeness"] = get_object_or_404(likenesses, pk=UUID(chosen)) if chosen else None
    services.edit_layer(actor=request.user, layer=layer, **changes)
    return _after(request, layer.shot)


@login_required
@require_POST
def remove_layer(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> HttpResponse:
    layer = _layer(request, slug, episode, shot, layer_id)
    row = layer.shot
    services.remove_layer(actor=request.user, layer=layer)
    return _after(request, row)


@login_required
@require_POST
def place_layer(request: HttpRequest, slug: str, episode: str, shot: str, layer_id: UUID) -> HttpResponse:
    """Move a layer one step: `step` 1 is nearer, -1 further back."""
    layer = _layer(request, slug, episode, shot, layer_id)
    step = 1 if request.POST.get("step") == "1" else -1
    services.place_layer(actor=request.user, layer=layer, order=layer.order + step)
    return _after(request, layer.shot)
