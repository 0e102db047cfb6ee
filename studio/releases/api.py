"""The cut and its releases for scripts. Frames are indexes from 0, inclusive; `frames` counts them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Schema, Status

from studio.core.api import Router
from studio.core.errors import Invalid, NotThere
from studio.productions import policy
from studio.productions.models import Episode, Shot
from studio.productions.policy import Action
from studio.productions.selectors import episode_for, shots_for
from studio.releases import cutting, sealing, selectors, services
from studio.releases.models import Release
from studio.releases.sentences import finding_worded, worded
from studio.releases.snapshot import frames_of
from studio.releases.standing import OPEN

router = Router(tags=["releases"])


class CutItemOut(Schema):
    shot: str
    version: str
    media_sha256: str | None
    frame_in: int
    frame_out: int
    frames: int
    start: int
    newer: str
    audio: dict[str, Any] | None


class CutOut(Schema):
    episode: str
    frames: int
    items: list[CutItemOut]


class CutEdit(Schema):
    """act: add | remove | trim | take | move | add_all. trim: frame_in, frame_out (null: to the end); move: after (a
    shot's code, "" for the beginning)."""

    act: str
    shot: str = ""
    frame_in: int = 0
    frame_out: int | None = None
    after: str = ""


class ReleaseOut(Schema):
    id: UUID
    episode: str
    number: int
    state: str
    cut_digest: str
    frames: int
    inputs: dict[str, Any]
    items: list[dict[str, Any]]
    checks: list[dict[str, Any]]
    master: str | None
    measured: dict[str, Any]
    job: UUID | None
    error: str
    signatures: list[dict[str, Any]]
    sealed_at: datetime | None


class WaiveIn(Schema):
    code: str
    fingerprint: str
    reason: str


class LabelIn(Schema):
    added: bool


class MasterIn(Schema):
    """The sha256 of the master that was looked at."""

    master: str


class ReasonIn(Schema):
    reason: str


class VerificationOut(Schema):
    job: UUID
    state: str
    good: bool | None
    findings: list[dict[str, Any]]


def _episode(request: HttpRequest, slug: str, code: str) -> Episode:
    episode = episode_for(request.user, slug, code)
    policy.require(request.user, Action.SEE_INTERNAL, episode)
    return episode


def _release(request: HttpRequest, slug: str, episode: str, number: int) -> Release:
    return selectors.release_of(_episode(request, slug, episode), number)


def _cut(episode: Episode) -> dict[str, Any]:
    rows = selectors.cut_rows(episode)
    return {
        "episode": episode.code,
        "frames": sum(row.frames for row in rows),
        "items": [
            {
                "shot": row.shot.code,
                "version": row.version.name,
                "media_sha256": row.version.master_id,
                "frame_in": row.first,
                "frame_out": row.last,
                "frames": row.frames,
                "start": row.start,
                "newer": row.newer.name if row.newer else "",
                "audio": row.audio,
            }
            for row in rows
        ],
    }


def _out(release: Release) -> dict[str, Any]:
    keep = ("id", "number", "state", "cut_digest", "inputs", "items", "measured", "error", "sealed_at")
    hands = [hand.signature for hand in selectors.hands(release) if hand.signature]
    return {name: getattr(release, name) for name in keep} | {
        "episode": release.episode.code,
        "frames": frames_of(release.items),
        "checks": [_plain(worded(one)) for one in release.checks],
        "master": release.master_id,
        "job": release.job_id,
        "signatures": [
            {"role": row.role, "signer": row.signer.name, "master": row.master_sha256, "at": row.created_at.isoformat()}
            for row in hands
        ],
    }


def _plain(check: dict[str, Any]) -> dict[str, Any]:
    return check | {"title": str(check["title"])}


@router.get("/episodes/{episode}/cut", response=CutOut)
def cut(request: HttpRequest, slug: str, episode: str) -> dict[str, Any]:
    return _cut(_episode(request, slug, episode))


@router.post("/episodes/{episode}/cut", response=CutOut)
def edit_cut(request: HttpRequest, slug: str, episode: str, sent: CutEdit) -> dict[str, Any]:
    """One edit of the cut; answers with the cut as it is then."""
    row = _episode(request, slug, episode)
    policy.require(request.user, Action.EDIT_CUT, row)
    asked: dict[str, Any] = {"actor": request.user, "episode": row}
    shots = shots_for(request.user, row.production).filter(scene__episode=row)
    if sent.act == "add_all":
        cutting.add_all(**asked)
        return _cut(row)
    asked["shot"] = get_object_or_404(shots, code=sent.shot)
    if sent.act == "trim":
        cutting.trim(**asked, frame_in=sent.frame_in, frame_out=sent.frame_out)
    elif sent.act == "move":
        after: Shot | None = get_object_or_404(shots, code=sent.after) if sent.after else None
        cutting.move(**asked, after=after)
    else:
        _simple(sent.act)(**asked)
    return _cut(row)


def _simple(act: str) -> Any:
    acts = {"add": cutting.add_shot, "remove": cutting.remove_shot, "take": cutting.take_head}
    if act not in acts:
        raise Invalid(_("An edit is one of: %(acts)s.") % {"acts": "add, add_all, remove, trim, take, move"})
    return acts[act]


@router.get("/episodes/{episode}/releases", response=list[ReleaseOut])
def list_releases(request: HttpRequest, slug: str, episode: str) -> list[dict[str, Any]]:
    return [_out(row) for row in selectors.releases_of(_episode(request, slug, episode))]


@router.post("/episodes/{episode}/releases", response={201: ReleaseOut})
def create_release(request: HttpRequest, slug: str, episode: str) -> Any:
    """A draft from the cut as it is, checked at once."""
    return Status(201, _out(services.create(actor=request.user, episode=_episode(request, slug, episode))))


ONE = "/episodes/{episode}/releases/{number}"


@router.get(ONE, response=ReleaseOut)
def one_release(request: HttpRequest, slug: str, episode: str, number: int) -> dict[str, Any]:
    row = _release(request, slug, episode, number)
    if row.state in OPEN:
        services.keep_true(row)
    return _out(_release(request, slug, episode, number))


@router.post(f"{ONE}/check", response=ReleaseOut)
def check_release(request: HttpRequest, slug: str, episode: str, number: int) -> dict[str, Any]:
    return _out(services.check(actor=request.user, release=_release(request, slug, episode, number)))


@router.post(f"{ONE}/waive", response=ReleaseOut)
def waive(request: HttpRequest, slug: str, episode: str, number: int, sent: WaiveIn) -> dict[str, Any]:
    """Waive one blocking check; `fingerprint` as the check shows it."""
    return _out(services.waive(actor=request.user, release=_release(request, slug, episode, number), **sent.dict()))


@router.post(f"{ONE}/label", response=ReleaseOut)
def set_label(request: HttpRequest, slug: str, episode: str, number: int, sent: LabelIn) -> dict[str, Any]:
    row = _release(request, slug, episode, number)
    return _out(services.set_label(actor=request.user, release=row, added=sent.added))


@router.post(f"{ONE}/conform", response={202: ReleaseOut})
def conform(request: HttpRequest, slug: str, episode: str, number: int) -> Any:
    """Have the master made; `job` says how far it is."""
    return Status(202, _out(services.conform(actor=request.user, release=_release(request, slug, episode, number))))


@router.post(f"{ONE}/sign", response=ReleaseOut)
def sign(request: HttpRequest, slug: str, episode: str, number: int, sent: MasterIn) -> dict[str, Any]:
    row = _release(request, slug, episode, number)
    return _out(sealing.sign(actor=request.user, release=row, master_sha256=sent.master))


@router.post(f"{ONE}/seal", response=ReleaseOut)
def seal(request: HttpRequest, slug: str, episode: str, number: int, sent: MasterIn) -> dict[str, Any]:
    row = _release(request, slug, episode, number)
    return _out(sealing.seal(actor=request.user, release=row, master_sha256=sent.master))


@router.post(f"{ONE}/publish", response=ReleaseOut)
def publish(request: HttpRequest, slug: str, episode: str, number: int) -> dict[str, Any]:
    return _out(sealing.publish(actor=request.user, release=_release(request, slug, episode, number)))


@router.post(f"{ONE}/withdraw", response=ReleaseOut)
def withdraw(request: HttpRequest, slug: str, episode: str, number: int, sent: ReasonIn) -> dict[str, Any]:
    row = _release(request, slug, episode, number)
    return _out(sealing.withdraw(actor=request.user, release=row, reason=sent.reason))


def _verification(release: Release) -> dict[str, Any]:
    job = selectors.last_verification(release, services.VERIFY)
    if job is None:
        raise NotThere(_("This master was not verified yet."))
    rows = [finding_worded(one) for one in job.result.get("findings", [])]
    return {"job": job.pk, "state": job.state, "good": job.result.get("good"), "findings": rows}


@router.post(f"{ONE}/verify", response={202: VerificationOut})
def verify(request: HttpRequest, slug: str, episode: str, number: int) -> Any:
    """Have the stored master held against the books."""
    row = _release(request, slug, episode, number)
    sealing.verify(actor=request.user, release=row)
    return Status(202, _verification(row))


@router.get(f"{ONE}/verify", response=VerificationOut)
def verification(request: HttpRequest, slug: str, episode: str, number: int) -> dict[str, Any]:
    """What the last verification found."""
    return _verification(_release(request, slug, episode, number))
