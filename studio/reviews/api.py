"""Notes, decisions and the queue for scripts. Frames are indexes from 0, with `frame` beside them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Schema, Status

from studio.comps.models import Version
from studio.comps.selectors import shot_by_code, version_for, versions_for
from studio.comps.services import submit_for_review
from studio.core.api import Router
from studio.productions import policy
from studio.productions.models import Layer, Shot
from studio.productions.policy import Action
from studio.productions.selectors import get_production
from studio.reviews import exports, selectors, services
from studio.reviews.models import Annotation, Decision, Note
from studio.reviews.seen import Seen

router = Router(tags=["reviews"])


class ReplyOut(Schema):
    id: UUID
    text: str
    author: str
    internal: bool
    created_at: datetime


class NoteOut(Schema):
    id: UUID
    shot: str
    version: str
    layer: UUID | None
    frame_in: int | None
    frame_out: int | None
    frame: int | None
    text: str
    must: bool
    internal: bool
    label_note: bool
    state: str
    answered_in: str
    decline_reason: str
    author: str
    created_at: datetime
    may: list[str]
    drawings: dict[str, list[dict[str, Any]]]
    replies: list[ReplyOut]


class NoteIn(Schema):
    version: int
    text: str
    layer: UUID | None = None
    frame_in: int | None = None
    frame_out: int | None = None
    must: bool = False
    internal: bool = True
    label_note: bool = False
    drawings: dict[str, list[dict[str, Any]]] = {}


class ReplyIn(Schema):
    text: str
    internal: bool = True


class MoveIn(Schema):
    to: str
    version: int | None = None
    reason: str = ""


class SeenBody(Schema):
    media: str
    recipe: str
    layers: dict[str, str]


class DecisionIn(Schema):
    version: int
    choice: str
    seen: SeenBody
    comment: str = ""
    layer: UUID | None = None


class DecisionOut(Schema):
    id: UUID
    version: str
    layer: UUID | None
    choice: str
    seen: SeenBody
    comment: str
    actor: str
    role: str
    payload_sha256: str
    created_at: datetime


class StandOut(Schema):
    """seen: what a decision must carry to prove what it was made on."""

    version: str
    state: str
    outcome: str
    seen: SeenBody
    layers: list[dict[str, Any]]
    decisions: list[DecisionOut]


class WaitingOut(Schema):
    versions: list[dict[str, Any]]
    verify: list[UUID]
    mine: list[UUID]


def _note(row: selectors.NoteRow, start: int) -> dict[str, Any]:
    note = row.note
    return {
        "id": note.pk,
        "shot": note.shot.code,
        "version": note.version.name,
        "layer": note.layer_id,
        "frame_in": note.frame_in,
        "frame_out": note.frame_out,
        "frame": None if note.frame_in is None else note.frame_in + start,
        "text": note.text,
        "must": note.must,
        "internal": note.internal,
        "label_note": note.label_note,
        "state": note.state,
        "answered_in": row.answered_in,
        "decline_reason": note.decline_reason,
        "author": str(note.author or ""),
        "created_at": note.created_at,
        "may": [move.to for move in row.moves],
        "drawings": row.strokes,
        "replies": [
            {
                "id": r.pk,
                "text": r.text,
                "author": str(r.author or ""),
                "internal": r.internal,
                "created_at": r.created_at,
            }
            for r in row.replies
        ],
    }


def _thread(user: Any, note: Note) -> dict[str, Any]:
    note_id = note.parent_id or note.pk
    row = next(row for row in selectors.threads(user, note.shot) if row.note.pk == note_id)
    return _note(row, note.shot.production.start_frame)


def _decision(row: Decision, reader: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "version": row.version.name,
        "layer": row.layer_id,
        "choice": row.verdict,
        "seen": {"media": row.media_sha256, "recipe": row.recipe_sha256, "layers": row.layer_digests},
        "comment": selectors.comment_for(reader, row),
        "actor": str(row.actor),
        "role": row.role,
        "payload_sha256": row.payload_sha256,
        "created_at": row.created_at,
    }


def _shot(request: HttpRequest, slug: str, code: str) -> Shot:
    return shot_by_code(request.user, get_production(request.user, slug), code)


@router.get("/shots/{code}/notes", response=list[NoteOut])
def list_notes(request: HttpRequest, slug: str, code: str, state: str = "") -> list[dict[str, Any]]:
    """The shot's notes with their threads. `state` keeps those in one state."""
    shot = _shot(request, slug, code)
    rows = selectors.threads(request.user, shot)
    return [_note(row, shot.production.start_frame) for row in rows if not state or row.note.state == state]


@router.post("/shots/{code}/notes", response={201: NoteOut})
def add_note(request: HttpRequest, slug: str, code: str, body: NoteIn) -> Any:
    shot = _shot(request, slug, code)
    values = body.model_dump(exclude={"version", "layer"})
    layer = get_object_or_404(Layer, shot=shot, pk=body.layer) if body.layer else None
    version = version_for(request.user, shot, body.version)
    note = services.add_note(actor=request.user, version=version, layer=layer, **values)
    return Status(201, _thread(request.user, note))


@router.post("/notes/{note_id}/replies", response={201: NoteOut})
def add_reply(request: HttpRequest, slug: str, note_id: UUID, body: ReplyIn) -> Any:
    note = selectors.note_for(request.user, get_production(request.user, slug), note_id)
    services.reply(actor=request.user, note=note, text=body.text, internal=body.internal)
    return Status(201, _thread(request.user, note))


@router.post("/notes/{note_id}/state", response=NoteOut)
def move_note(request: HttpRequest, slug: str, note_id: UUID, body: MoveIn) -> Any:
    """Move a note: `to` is addressed (with `version`), verified, reopened or declined (with `reason`)."""
    note = selectors.note_for(request.user, get_production(request.user, slug), note_id)
    version = version_for(request.user, note.shot, body.version) if body.version else None
    services.move_note(actor=request.user, note=note, to=body.to, version=version, reason=body.reason)
    return _thread(request.user, note)


@router.delete("/notes/{note_id}/drawings/{frame}", response=NoteOut)
def remove_drawing(request: HttpRequest, slug: str, note_id: UUID, frame: int) -> Any:
    """Take the drawing on one frame (an index from 0) off a note."""
    note = selectors.note_for(request.user, get_production(request.user, slug), note_id)
    drawn = Annotation.objects.select_related("note__shot").filter(note=note, frame=frame, removed_at=None)
    services.remove_drawing(actor=request.user, annotation=get_object_or_404(drawn))
    return _thread(request.user, note)


@router.get("/notes.csv", operation_id="notes_csv")
def notes_csv(request: HttpRequest, slug: str, shot: str = "") -> HttpResponse:
    """The notes this person may read, as UTF-8 CSV. shot: `EP01_SC01_SH010` for one shot's."""
    production = get_production(request.user, slug)
    rows = selectors.notes_for(request.user, production).order_by("shot__code", "created_at")
    rows = rows.select_related("shot", "version__shot", "layer", "author", "addressed_in")
    rows = rows.filter(shot__code=shot) if shot else rows
    return HttpResponse(exports.notes_csv(rows, production.start_frame), content_type="text/csv; charset=utf-8")


@router.get("/shots/{code}/decisions", response=list[DecisionOut])
def list_decisions(request: HttpRequest, slug: str, code: str) -> list[dict[str, Any]]:
    """Every decision on the shot's versions that this person may see, oldest first. Those on layers are the team's."""
    shot = _shot(request, slug, code)
    rows = Decision.objects.filter(version__in=versions_for(request.user, shot).order_by().values("pk"))
    rows = rows.select_related("version", "actor", "shot__production")
    if not policy.may(request.user, Action.SEE_INTERNAL, shot):
        rows = rows.filter(layer=None)
    return [_decision(row, request.user) for row in rows]


@router.post("/shots/{code}/decisions", response={201: DecisionOut})
def decide(request: HttpRequest, slug: str, code: str, body: DecisionIn) -> Any:
    """Decide on the head version, or one of its layers, as seen (409 where other bytes stand there now)."""
    shot = _shot(request, slug, code)
    layer = get_object_or_404(Layer, shot=shot, pk=body.layer) if body.layer else None
    row = services.decide(
        actor=request.user,
        version=version_for(request.user, shot, body.version),
        choice=body.choice,
        seen=Seen(body.seen.media, body.seen.recipe, body.seen.layers),
        comment=body.comment,
        layer=layer,
    )
    return Status(201, _decision(row, request.user))


@router.get("/shots/{code}/versions/{number}/review", response=StandOut)
def stand(request: HttpRequest, slug: str, code: str, number: int) -> dict[str, Any]:
    """How a version stands: its outcome, its layers' approvals (for the team), and what a decision on it must carry."""
    version = version_for(request.user, _shot(request, slug, code), number)
    inside = policy.may(request.user, Action.SEE_INTERNAL, version)
    decisions = selectors.decisions_on(version)
    return {
        "version": version.name,
        "state": version.state,
        "outcome": selectors.outcome_of(decisions),
        "seen": Seen.of(version).as_dict(),
        "layers": [
            {
                "id": str(r.layer.layer_id),
                "name": r.layer.name,
                "digest": r.layer.digest,
                "standing": r.standing,
                "kept": r.kept,
            }
            for r in (selectors.layer_rows(version) if inside else [])
        ],
        "decisions": [_decision(row, request.user) for row in decisions],
    }


@router.post("/shots/{code}/versions/{number}/review", response=StandOut)
def submit(request: HttpRequest, slug: str, code: str, number: int) -> dict[str, Any]:
    """Send a rendered version to the reviewers."""
    shot = _shot(request, slug, code)
    submit_for_review(actor=request.user, version=version_for(request.user, shot, number))
    return stand(request, slug, code, number)


@router.get("/review-queue", response=WaitingOut)
def review_queue(request: HttpRequest, slug: str, episode: str = "") -> dict[str, Any]:
    """What waits for this person: versions to decide on, notes to verify, must-notes open on their versions."""
    rows = selectors.queue(request.user, get_production(request.user, slug), episode)
    return {
        "versions": [_waiting(row.version) for row in rows.versions],
        "verify": [note.pk for note in rows.verify],
        "mine": [note.pk for note in rows.mine],
    }


def _waiting(version: Version) -> dict[str, Any]:
    return {"shot": version.shot.code, "version": version.name, "media": version.master_id or ""}
