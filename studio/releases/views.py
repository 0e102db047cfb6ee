"""The release's page: a checklist, the master, three hands, the seal."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from studio.core.htmx import toast
from studio.media.storage import read_url
from studio.productions import policy
from studio.productions.models import Episode, Production
from studio.productions.policy import Action
from studio.productions.selectors import episode_for
from studio.releases import labels, sealing, selectors, services
from studio.releases.forms import MasterForm, WaiveForm
from studio.releases.models import Release
from studio.releases.sentences import finding_worded, worded
from studio.releases.snapshot import frames_of
from studio.releases.standing import OPEN
from studio.reviews.player import Player


def _episode(request: HttpRequest, slug: str, code: str) -> Episode:
    episode = episode_for(request.user, slug, code)
    policy.require(request.user, Action.SEE_INTERNAL, episode)
    return episode


def _release(request: HttpRequest, slug: str, episode: str, number: int) -> Release:
    return selectors.release_of(_episode(request, slug, episode), number)


@login_required
@require_GET
def release(request: HttpRequest, slug: str, episode: str, number: int | None = None) -> HttpResponse:
    """Release `number`, else the newest; htmx asks for `part=page` alone."""
    row = _episode(request, slug, episode)
    if number is None:
        newest = selectors.releases_of(row)[:1]
        number = newest[0].number if newest else None
    part = "#page" if request.GET.get("part") == "page" else ""
    if number is None:
        return render(request, f"releases/release.html{part}", _empty(request, row))
    found = selectors.release_of(row, number)
    if found.state in OPEN:
        services.keep_true(found)  # a paper or a note outside the cut may have moved since
        found = selectors.release_of(row, number)
    return render(request, f"releases/release.html{part}", _context(request, found))


def _empty(request: HttpRequest, episode: Episode) -> dict[str, Any]:
    rows = selectors.cut_rows(episode)
    return {
        "production": episode.production,
        "episode": episode,
        "release": None,
        "rows": rows,
        "frames": sum(row.frames for row in rows),
        "may_prepare": policy.may(request.user, Action.RELEASE, episode),
        "tab": "release",
    }


def _context(request: HttpRequest, release: Release) -> dict[str, Any]:
    user, episode = request.user, release.episode
    production, role = episode.production, policy.role_of(request.user, release)
    open_, hands = release.state in OPEN, selectors.hands(release)
    waivers = {row.fingerprint: row for row in release.waivers.select_related("waived_by")}
    checks = [_check(user, release, one, waivers) for one in release.checks]
    checks.sort(key=lambda one: ("block", "waived", "pass").index(one["state"]))  # what blocks stands first
    proof = selectors.last_verification(release, services.VERIFY)
    signed = {hand.role for hand in hands if hand.signature}
    return {
        "production": production,
        "episode": episode,
        "release": release,
        "releases": selectors.releases_of(episode),
        "open": open_,
        "checks": checks,
        "blocks": [one for one in checks if one["state"] == "block"],
        "passed": sum(one["state"] == "pass" for one in checks),
        "frames": frames_of(release.items),
        "duty": selectors.duty_of(release),
        "minimum": {
            "px": -(-min(production.width, production.height) * labels.HEIGHT_PERMILLE // 1000),
            "seconds": labels.SECONDS_MILLI // 1000,
        },
        "hands": hands,
        "signed": len(signed),
        "my_turn": release.state == Release.State.READY
        and policy.may(user, Action.SIGN, release)
        and role not in signed,
        "may_seal": open_ and len(signed) == len(hands) and policy.may(user, Action.SIGN, release),
        "may_prepare": policy.may(user, Action.RELEASE, release),
        "may_conform": release.state == Release.State.DRAFT
        or (release.state == Release.State.BLOCKED and release.master_id),
        "may_label": open_ and policy.may(user, Action.ADD_LABEL, release),
        "may_publish": policy.may(user, Action.PUBLISH, release),
        "player": _player(production, release),
        "loudness": _loudness(release),
        "proof": proof,
        "findings": [finding_worded(one) for one in proof.result.get("findings", [])] if proof else [],
        "download": f"{production.slug}-{episode.code}-release{release.number}.mp4",
        "tab": "release",
    }


def _check(user: Any, release: Release, check: dict[str, Any], waivers: dict[str, Any]) -> dict[str, Any]:
    action = services.waiver_action(check["code"])
    may = check["state"] == "block" and action is not None and policy.may(user, action, release)
    waiver = waivers.get(check.get("fingerprint", "")) if check["state"] == "waived" else None
    shown = check["state"] in ("block", "waived")
    return worded(check) | {
        "links": _links(release, check) if shown else [], "may_waive": may, "waiver": waiver,
    }  # fmt: skip


def _links(release: Release, check: dict[str, Any]) -> list[tuple[str, str]]:
    """Where to mend what blocks: (words, address)."""
    production, episode = release.episode.production, release.episode.code
    slug, target = production.slug, check.get("target", "")
    shots = [code.split("_", 1)[1] for code in check.get("shots", ())][:12]
    pages = {"review": "reviews:review", "comp": "comps:comp", "shot": "productions:shot"}
    if target in pages:
        return [(shot, reverse(pages[target], args=[slug, episode, shot])) for shot in shots]
    cut = reverse("releases:cut", args=[slug, episode])
    if target == "cut":
        return [(shot, f"{cut}?shot={shot}") for shot in shots] or [(_("Open the cut"), cut)]
    papers = {
        "production": (_("Production settings"), "productions:settings"),
        "consents": (_("Consents"), "productions:consents"),
        "ledger": (_("Ledger"), "pipeline:ledger"),
        "models": (_("Models"), "generation:models"),
    }
    return [(papers[target][0], reverse(papers[target][1], args=[slug]))] if target in papers else []


def _player(production: Production, release: Release) -> Player | None:
    if not release.master_id:
        return None
    return Player(
        src=read_url(production, release.master_id),
        frames=int(release.measured.get("frame_count") or frames_of(release.items)),
        fps_num=production.fps_num,
        fps_den=production.fps_den,
        start_frame=production.start_frame,
        width=production.width,
        height=production.height,
        name=_("Release %(number)s") % {"number": release.number},
    )


def _loudness(release: Release) -> tuple[str, str]:
    """Integrated loudness and true peak as people write them: `-16.2`, `-1.0`."""
    seen = release.measured.get("loudness") or {}
    loud, peak = (f"{int(seen.get(name) or 0) / 1000:.1f}" for name in ("integrated_milli", "peak_milli"))
    return loud, peak


def _answer(request: HttpRequest, release: Release, said: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        fresh = selectors.release_of(release.episode, release.number)
        return toast(render(request, "releases/release.html#page", _context(request, fresh)), said)
    return redirect("releases:release", release.episode.production.slug, release.episode.code, release.number)


@login_required
@require_POST
def create(request: HttpRequest, slug: str, episode: str) -> HttpResponse:
    row = _episode(request, slug, episode)
    made = services.create(actor=request.user, episode=row)
    return redirect("releases:release", slug, episode, made.number)


@login_required
@require_POST
def check(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row = services.check(actor=request.user, release=_release(request, slug, episode, number))
    return _answer(request, row, _("Checked just now."))


@login_required
@require_POST
def waive(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row, values = _release(request, slug, episode, number), WaiveForm(request.POST).checked()
    services.waive(actor=request.user, release=row, **values)
    return _answer(request, row, _("Waived, with your name and reason in the books."))


@login_required
@require_POST
def label(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    """`added` 1 adds the label that no layer obliges, 0 takes it back."""
    row, added = _release(request, slug, episode, number), request.POST.get("added") == "1"
    services.set_label(actor=request.user, release=row, added=added)
    return _answer(request, row, _("The label will be burned.") if added else _("The label is off again."))


@login_required
@require_POST
def conform(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row = services.conform(actor=request.user, release=_release(request, slug, episode, number))
    return _answer(request, row, _("The master is being made."))


@login_required
@require_POST
def sign(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    """`master`: the sha256 that the page showed."""
    row, values = _release(request, slug, episode, number), MasterForm(request.POST).checked()
    row = sealing.sign(actor=request.user, release=row, master_sha256=values["master"])
    sealed = row.state == Release.State.SEALED
    return _answer(request, row, _("Signed by all three: sealed.") if sealed else _("Signed."))


@login_required
@require_POST
def seal(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row, values = _release(request, slug, episode, number), MasterForm(request.POST).checked()
    sealing.seal(actor=request.user, release=row, master_sha256=values["master"])
    return _answer(request, row, _("Sealed."))


@login_required
@require_POST
def publish(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row = sealing.publish(actor=request.user, release=_release(request, slug, episode, number))
    return _answer(request, row, _("Published."))


@login_required
@require_POST
def withdraw(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row = _release(request, slug, episode, number)
    sealing.withdraw(actor=request.user, release=row, reason=request.POST.get("reason", ""))
    return _answer(request, row, _("Withdrawn. Its shots may be worked on again."))


@login_required
@require_POST
def verify(request: HttpRequest, slug: str, episode: str, number: int) -> HttpResponse:
    row = _release(request, slug, episode, number)
    sealing.verify(actor=request.user, release=row)
    return _answer(request, row, _("The file is being held against the books."))
