"""The episode board."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from studio.pipeline import board as boards
from studio.pipeline.steps import address
from studio.pipeline.summary import summary_of
from studio.productions import policy
from studio.productions.policy import Action
from studio.productions.selectors import episode_for, shot_for, shots_for


@login_required
def board(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    """`?show=mine|close|review|over`, `?q=words`; htmx asks for `part=cards` or `part=summary` alone."""
    row = episode_for(request.user, slug, episode)
    found = boards.board_of(request.user, row, chosen=request.GET.get("show", "all"), query=request.GET.get("q", ""))
    labels = boards.filter_labels()
    team = policy.may(request.user, Action.SEE_INTERNAL, row)
    context = {
        "production": row.production,
        "episode": row,
        "board": found,
        "team": team,
        "chips": [(name, labels[name], found.counts[name], _link(name, found.query)) for name in labels],
        "query_string": urlencode({"show": found.chosen, "q": found.query}),
        "summary": summary_of(row, found.cards),
        "may_edit": policy.may(request.user, Action.EDIT_SHOTS, row),
        # With a filter on, the neighbours on the screen are not the neighbours in the cut.
        "may_place": found.chosen == "all" and not found.query and _may_place(request, row),
        "empty_scenes": boards.empty_scenes(row) if team and found.chosen == "all" and not found.query else [],
        "episodes": row.production.episodes.all(),
        "tab": "board",
        "tab_counts": {"review": found.counts["review"]},
        "cut_url": address("releases:cut", slug, episode),
        "upload_url": address("footage:list", slug),
        "release_url": address("releases:release", slug, episode),
    }
    part = request.GET.get("part")
    name = f"#{part}" if part in ("cards", "summary") else ""
    return render(request, f"productions/board.html{name}", context)


def _may_place(request: HttpRequest, episode: object) -> bool:
    return policy.may(request.user, Action.EDIT_CUT, episode) or policy.may(request.user, Action.EDIT_SHOTS, episode)


def _link(name: str, query: str) -> str:
    asked = {key: value for key, value in (("show", "" if name == "all" else name), ("q", query)) if value}
    return "?" + urlencode(asked)


@login_required
def card(request: HttpRequest, slug: str, episode: str, shot: str) -> HttpResponse:
    """One card, as it is now."""
    row = shot_for(request.user, slug, episode, shot)
    found = boards.cards_of(request.user, shots_for(request.user, row.production).filter(pk=row.pk))[0]
    context = {"production": row.production, "episode": row.scene.episode, "card": found}
    context["may_place"] = _may_place(request, row) and request.GET.get("place") == "1"
    return render(request, "productions/_card.html", context)
