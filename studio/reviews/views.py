"""The review page, its notes and decisions, and the queue."""

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from studio.comps.models import Version
from studio.comps.selectors import version_for, versions_for
from studio.comps.services import submit_for_review
from studio.core.htmx import toast
from studio.productions import policy
from studio.productions.models import Episode, Layer, Production, Role, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production, shot_for
from studio.reviews import exports, selectors, services
from studio.reviews.forms import DecisionForm, MoveForm, NoteForm, ReplyForm
from studio.reviews.models import Annotation, Note
from studio.reviews.player import player_of
from studio.reviews.seen import Seen


def pens() -> list[tuple[str, str]]:
    """The colours to draw with: seen on skin, on night and on green."""
    return [(_("coral"), "#ff6b4a"), (_("yellow"), "#ffd60a"), (_("blue"), "#3aa0ff"), (_("white"), "#ffffff")]


def _page(request: HttpRequest, shot: Shot, version: Version) -> dict[str, Any]:
    """What every partial of a version's review page needs."""
    role = policy.role_of(request.user, shot)
    return {
        "production": shot.production,
        "episode": shot.scene.episode,
        "shot": shot,
        "version": version,
        "guest": role is Role.GUEST,
        "compliance": role is Role.COMPLIANCE,
        "first_look": role is Role.VFX_SUPERVISOR,
    }


def _notes(request: HttpRequest, shot: Shot, version: Version) -> dict[str, Any]:
    rows = selectors.threads(request.user, shot, version)
    chosen = request.GET.get("notes", "open")
    keep = selectors.NOTE_FILTERS.get(chosen) or selectors.NOTE_FILTERS["open"]
    later = versions_for(request.user, shot).exclude(state__in=("building", "failed"))
    return {
        "rows": [row for row in rows if keep(row)],
        "notes_filter": chosen if chosen in selectors.NOTE_FILTERS else "open",
        "total": len(rows),
        "open_count": sum(row.open for row in rows),
        "verify_count": sum(row.note.state == Note.State.ADDRESSED for row in rows),
        "must_count": sum(row.note.must for row in rows),
        "may_note": policy.may(request.user, Action.NOTE, shot),
        "versions_by_number": list(later.values_list("number", flat=True)),
    }


def _may_submit(user: Any, version: Version) -> bool:
    return version.state == Version.State.READY and not version.draft and policy.may(user, Action.COMP, version)


def _decision(request: HttpRequest, shot: Shot, version: Version) -> dict[str, Any]:
    """The decision panel. `seen` in the address is the fingerprint of what the page shows: other bytes, no buttons."""
    seen = Seen.of(version)
    decisions = selectors.decisions_on(version)
    layers = selectors.layer_rows(version)
    head = selectors.head_of(shot)
    outcome = selectors.outcome_of(decisions)
    counts = selectors.note_counts(request.user, shot.production, [shot.pk])
    return {
        "seen": seen,
        "seen_json": json.dumps(seen.as_dict()),
        "changed": request.GET.get("seen", seen.fingerprint) != seen.fingerprint,
        "head": head,
        "newer": head if head is not None and head.number > version.number else None,
        "is_head": head is not None and head.pk == version.pk,
        "decisions": decisions,
        "outcome": outcome,
        "layers": layers,
        "kept": sum(row.kept and row.standing == "approve" for row in layers),
        "refused": [row for row in layers if row.standing == "changes"],
        "choices": selectors.choices_for(request.user, version, decisions),
        "own": version.created_by_id == request.user.pk,
        "may_layers": policy.may(request.user, Action.DECIDE_LAYER, version),
        "may_submit": _may_submit(request.user, version),
        "open_musts": counts[shot.pk]["must"] if shot.pk in counts else 0,
    }


@login_required
@require_GET
def review(request: HttpRequest, slug: str, episode: str, shot: str, number: int | None = None) -> HttpResponse:
    """A version's page: player, notes, decision. Without a number the version before reviewers."""
    row = shot_for(request.user, slug, episode, shot)
    versions = [one for one in versions_for(request.user, row) if one.state != Version.State.FAILED]
    place = selectors.place_of(request.user, row)
    try:
        version = selectors.version_to_show(request.user, row, number)
    except Http404:
        if number is not None:
            raise
        context = {"production": row.production, "episode": row.scene.episode, "shot": row, "place": place}
        return render(request, "reviews/nothing.html", context | {"building": versions[:1]})
    context = _page(request, row, version)
    panel = _decision(request, row, version)
    player = player_of(row.production, version, panel["layers"], versions, guest=bool(context["guest"]))
    player.draw = policy.may(request.user, Action.NOTE, row)
    context |= panel | _notes(request, row, version)
    context |= {"versions": versions, "place": place, "player": player, "pens": pens()}
    return render(request, "reviews/review.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def notes(request: HttpRequest, slug: str, episode: str, shot: str, number: int) -> HttpResponse:
    """The notes beside the player; POST writes one."""
    row = shot_for(request.user, slug, episode, shot)
    version = version_for(request.user, row, number)
    if request.method == "POST":
        values = NoteForm(request.POST).checked()
        start = row.production.start_frame
        layer = get_object_or_404(Layer, shot=row, pk=values["layer"]) if values["layer"] else None
        services.add_note(
            actor=request.user,
            version=version,
            text=values["text"],
            layer=layer,
            frame_in=None if values["frame_in"] is None else values["frame_in"] - start,
            frame_out=None if values["frame_out"] is None else values["frame_out"] - start,
            must=values["must"],
            internal=values["internal"],
            label_note=values["label_note"],
            drawings=values["drawings"],
        )
        if not getattr(request, "htmx", False):
            return redirect("reviews:version", slug, episode, shot, number)
    return _notes_panel(request, row, version)


def _notes_panel(request: HttpRequest, shot: Shot, version: Version) -> HttpResponse:
    context = _page(request, shot, version) | _notes(request, shot, version)
    return render(request, "reviews/_notes.html", context)


def _note_and_place(request: HttpRequest, slug: str, note_id: UUID) -> tuple[Production, Note]:
    production = get_production(request.user, slug)
    return production, selectors.note_for(request.user, production, note_id)


def _after_note(request: HttpRequest, note: Note, said: str = "") -> HttpResponse:
    """Back to the panel of the version the page shows (`on` in the form), or to the page itself without htmx."""
    number = request.POST.get("on", "")
    versions = versions_for(request.user, note.shot)
    version = (versions.filter(number=int(number)).first() if number.isdigit() else None) or note.version
    if not getattr(request, "htmx", False):
        return redirect("reviews:version", note.shot.production.slug, *note.shot.code.split("_", 1), version.name)
    response = _notes_panel(request, note.shot, version)
    return toast(response, said) if said else response


@login_required
@require_POST
def reply(request: HttpRequest, slug: str, note_id: UUID) -> HttpResponse:
    _production, note = _note_and_place(request, slug, note_id)
    values = ReplyForm(request.POST).checked()
    services.reply(actor=request.user, note=note, text=values["text"], internal=values["internal"])
    return _after_note(request, note)


@login_required
@require_POST
def move(request: HttpRequest, slug: str, note_id: UUID) -> HttpResponse:
    _production, note = _note_and_place(request, slug, note_id)
    values = MoveForm(request.POST).checked()
    version = version_for(request.user, note.shot, values["version"]) if values["version"] else None
    services.move_note(actor=request.user, note=note, to=values["to"], version=version, reason=values["reason"])
    return _after_note(request, note)


@login_required
@require_POST
def remove_drawing(request: HttpRequest, slug: str, note_id: UUID, annotation_id: UUID) -> HttpResponse:
    _production, note = _note_and_place(request, slug, note_id)
    annotation = get_object_or_404(Annotation.objects.select_related("note__shot"), note=note, pk=annotation_id)
    services.remove_drawing(actor=request.user, annotation=annotation)
    return _after_note(request, note, _("The drawing is gone."))


@login_required
@require_http_methods(["GET", "POST"])
def decision(request: HttpRequest, slug: str, episode: str, shot: str, number: int) -> HttpResponse:
    """The decision panel; POST decides on what its page showed."""
    row = shot_for(request.user, slug, episode, shot)
    version = version_for(request.user, row, number)
    said = ""
    if request.method == "POST":
        values = DecisionForm(request.POST).checked()
        layer = get_object_or_404(Layer, shot=row, pk=values["layer"]) if values["layer"] else None
        made = services.decide(
            actor=request.user,
            version=version,
            choice=values["choice"],
            seen=values["seen"],
            comment=values["comment"],
            layer=layer,
        )
        said = _("%(what)s: %(verdict)s.") % {
            "what": f"{version.name} {layer.said}" if layer else version.name,
            "verdict": made.get_verdict_display(),
        }
        if not getattr(request, "htmx", False):
            return redirect("reviews:version", slug, episode, shot, number)
        row.refresh_from_db()
        version = version_for(request.user, row, number)
    context = _page(request, row, version) | _decision(request, row, version)
    context["place"] = selectors.place_of(request.user, row)
    response = render(request, "reviews/_decision.html", context)
    return toast(response, said) if said else response


@login_required
@require_POST
def submit(request: HttpRequest, slug: str, episode: str, shot: str, number: int) -> HttpResponse:
    """Send a rendered version to the reviewers."""
    row = shot_for(request.user, slug, episode, shot)
    submit_for_review(actor=request.user, version=version_for(request.user, row, number))
    return redirect("reviews:version", slug, episode, shot, number)


QUEUE_FILTERS = ("all", "versions", "verify", "mine")


@login_required
@require_GET
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for this person, over the whole production or one episode."""
    production = get_production(request.user, slug)
    episode = request.GET.get("episode", "")
    rows = selectors.queue(request.user, production, episode)
    chosen = request.GET.get("show", "all")
    context = {
        "production": production,
        "queue": rows,
        "show": chosen if chosen in QUEUE_FILTERS else "all",
        "episode_filter": episode,
        "episodes": Episode.objects.filter(production=production),
        "guest": policy.role_of(request.user, production) is Role.GUEST,
        "decides": policy.may(request.user, Action.DECIDE_SHOT, production),
    }
    return render(
        request, "reviews/queue.html#rows" if getattr(request, "htmx", False) else "reviews/queue.html", context
    )


@login_required
@require_GET
def notes_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The notes this person may read, as a file; `?shot=EP01_SC01_SH010` for one shot's."""
    production = get_production(request.user, slug)
    rows = selectors.notes_for(request.user, production).select_related(
        "shot", "version__shot", "layer", "author", "addressed_in"
    )
    if code := request.GET.get("shot"):
        rows = rows.filter(shot__code=code)
    text = exports.notes_csv(rows.order_by("shot__code", "created_at"), production.start_frame)
    name = f"{production.slug}-notes.csv"
    # The mark at the start tells spreadsheets that the text is UTF-8.
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8", headers=headers)
