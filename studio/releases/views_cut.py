"""The cut's page: a 9:16 strip, one shot open under it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from studio.core.htmx import toast
from studio.media.storage import read_url
from studio.productions import policy
from studio.productions.models import Episode, Shot
from studio.productions.policy import Action
from studio.productions.selectors import episode_for, shots_for
from studio.releases import cutting, selectors
from studio.releases.forms import TrimForm
from studio.releases.models import Cut
from studio.reviews.player import Player


def _episode(request: HttpRequest, slug: str, code: str) -> Episode:
    episode = episode_for(request.user, slug, code)
    policy.require(request.user, Action.SEE_INTERNAL, episode)
    return episode


def _shot(request: HttpRequest, episode: Episode, code: str) -> Shot:
    shots = shots_for(request.user, episode.production).filter(scene__episode=episode)
    return get_object_or_404(shots, code=code if code.startswith("EP") else f"{episode.code}_{code}")


def _context(request: HttpRequest, episode: Episode, chosen: str = "") -> dict[str, Any]:
    rows = selectors.cut_rows(episode)
    at = next((index for index, row in enumerate(rows) if row.shot.path_code == chosen), 0)
    row = rows[at] if rows else None
    waiting = selectors.candidates(episode)
    return {
        "production": episode.production,
        "episode": episode,
        "cut": Cut.objects.filter(episode=episode).first(),
        "rows": rows,
        "row": row,
        "earlier": rows[at - 2].shot.code if at > 1 else "",
        "later": rows[at + 1].shot.code if at + 1 < len(rows) else "",
        "first": at == 0,
        "player": _player(row) if row else None,
        "frames": sum(one.frames for one in rows),
        "silent": sum(one.audio is None for one in rows),
        "newer": [one for one in rows if one.newer],
        "waiting": waiting,
        "ready": sum(one.ready for one in waiting),
        "may_edit": policy.may(request.user, Action.EDIT_CUT, episode),
        "tab": "cut",
    }


def _player(row: selectors.CutRow) -> Player:
    production, version = row.shot.production, row.version
    return Player(
        src=read_url(production, version.proxy_id or version.master_id),
        frames=version.frame_count,
        fps_num=production.fps_num,
        fps_den=production.fps_den,
        start_frame=production.start_frame,
        width=production.width,
        height=production.height,
        poster=read_url(production, version.poster_id),
        filmstrip=read_url(production, version.filmstrip_id),
        tiles=version.tiles,
        name=f"{row.shot.path_code} {version.name}",
    )


@login_required
@require_GET
def cut(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    """`?shot=SC01_SH010` opens that one; htmx asks for `part=page` alone."""
    row = _episode(request, slug, episode)
    part = "#page" if request.GET.get("part") == "page" else ""
    return render(request, f"releases/cut.html{part}", _context(request, row, request.GET.get("shot", "")))


def _answer(request: HttpRequest, episode: Episode, said: str, shot: str = "", undo: str = "") -> HttpResponse:
    chosen = shot or request.POST.get("chosen", "")
    if getattr(request, "htmx", False):
        page = render(request, "releases/cut.html#page", _context(request, episode, chosen))
        return toast(page, said, undo=undo)
    response = redirect("releases:cut", episode.production.slug, episode.code)
    response["Location"] += f"?shot={chosen}" if chosen else ""
    return response


@login_required
@require_POST
def add_all(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    row = _episode(request, slug, episode)
    made = cutting.add_all(actor=request.user, episode=row)
    return _answer(request, row, _("Shots in the cut now: %(count)s more.") % {"count": len(made)})


@login_required
@require_POST
def add(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _episode(request, slug, episode)
    item = cutting.add_shot(actor=request.user, episode=row, shot=_shot(request, row, shot))
    said = _("%(shot)s %(version)s is in the cut.") % {
        "shot": shot, "version": item.version.name if item.version else "",
    }  # fmt: skip
    return _answer(request, row, said, shot)


@login_required
@require_POST
def remove(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _episode(request, slug, episode)
    cutting.remove_shot(actor=request.user, episode=row, shot=_shot(request, row, shot))
    return _answer(request, row, _("%(shot)s is out of the cut; it stays approved.") % {"shot": shot})


@login_required
@require_POST
def trim(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    row = _episode(request, slug, episode)
    values, start = TrimForm(request.POST).checked(), row.production.start_frame
    first, last = values["first"] - start, values["last"] - start
    cutting.trim(actor=request.user, episode=row, shot=_shot(request, row, shot), frame_in=first, frame_out=last)
    words = _("%(shot)s plays %(first)s to %(last)s.")
    said = words % {"shot": shot, "first": values["first"], "last": values["last"]}
    return _answer(request, row, said, shot)


@login_required
@require_POST
def take(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """Play the newest approved version."""
    row = _episode(request, slug, episode)
    item = cutting.take_head(actor=request.user, episode=row, shot=_shot(request, row, shot))
    said = _("%(shot)s plays %(version)s now.") % {"shot": shot, "version": item.version.name if item.version else ""}
    return _answer(request, row, said, shot)


@login_required
@require_POST
def move(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    """Move `shot` to stand right after `after` (codes; empty: first)."""
    row = _episode(request, slug, episode)
    asked = request.POST if "shot" in request.POST else request.GET
    shot = _shot(request, row, asked.get("shot", ""))
    after = _shot(request, row, asked["after"]) if asked.get("after") else None
    was = cutting.move(actor=request.user, episode=row, shot=shot, after=after)
    undo = f"{request.path}?shot={shot.code}&after={was}"
    return _answer(request, row, _("%(shot)s moved.") % {"shot": shot.path_code}, shot.path_code, undo)
