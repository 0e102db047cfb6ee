"""What happens in review: notes written, answered, moved; decisions made on exact bytes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.comps.models import Version
from studio.comps.states import VERSION
from studio.core.canonical import digest
from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.ledger import services as ledger
from studio.productions import policy
from studio.productions.models import Layer, Role, Shot
from studio.productions.policy import Action
from studio.productions.states import SHOT
from studio.reviews import rules, strokes, verdict
from studio.reviews.models import Annotation, Decision, Note
from studio.reviews.seen import Seen
from studio.reviews.selectors import head_of, rulings
from studio.reviews.states import HEAD, NOTE

MAX_TEXT = 4000
Verdict = Decision.Verdict


# Notes


@transaction.atomic
def add_note(
    *,
    actor: Any,
    version: Version,
    text: str,
    layer: Layer | None = None,
    frame_in: int | None = None,
    frame_out: int | None = None,
    must: bool = False,
    internal: bool = True,
    label_note: bool = False,
    drawings: Mapping[Any, Any] | None = None,
) -> Note:
    """A note on a version: on a frame, a range or the whole shot, on the composite (layer None) or one layer.

    Frames are indexes from 0, inclusive. drawings: see `strokes.clean`; without frames the note stands on those drawn
    on. What a guest writes is never internal, and neither must nor a label note. Raises Invalid, Conflict, NotThere.
    """
    shot = version.shot
    policy.require(actor, Action.NOTE, shot)
    role = policy.role_of(actor, shot)
    _require_open_to(role, version)
    if version.state in (Version.State.BUILDING, Version.State.FAILED):
        raise Conflict(_("%(version)s has no picture to write notes on yet.") % {"version": version.name})
    text = _text(text)
    drawn = strokes.clean(drawings, version.frame_count)
    if frame_in is None and drawn:
        frame_in, frame_out = min(drawn), max(drawn)
    frame_in, frame_out = _frames(frame_in, frame_out, version.frame_count)
    if layer is not None and layer.shot_id != shot.pk:
        raise NotThere(_("This layer belongs to another shot."))
    guest = role is Role.GUEST
    note = Note.objects.create(
        shot=shot,
        version=version,
        layer=layer,
        frame_in=frame_in,
        frame_out=frame_out,
        text=text,
        must=must and not guest,
        internal=internal and not guest,
        label_note=label_note and role is Role.COMPLIANCE,
        author=actor,
    )
    Annotation.objects.bulk_create(
        Annotation(note=note, frame=frame, strokes=lines) for frame, lines in sorted(drawn.items())
    )
    _enter("note.added", note, actor, {"frames": [frame_in, frame_out], "must": note.must, "drawn": sorted(drawn)})
    return note


@transaction.atomic
def reply(*, actor: Any, note: Note, text: str, internal: bool = True) -> Note:
    """An answer in a note's thread. Under an internal note every answer is internal; a guest's never is."""
    policy.require(actor, Action.NOTE, note.shot)
    role = policy.role_of(actor, note.shot)
    note = note.parent or note
    if role is Role.GUEST and note.internal:
        raise NotThere(_("This note is not there."))
    answer = Note.objects.create(
        shot=note.shot,
        version=note.version,
        layer=note.layer,
        parent=note,
        text=_text(text),
        internal=(internal or note.internal) and role is not Role.GUEST,
        author=actor,
    )
    _enter("note.replied", answer, actor, {"to": str(note.pk)})
    return answer


@transaction.atomic
def move_note(*, actor: Any, note: Note, to: str, version: Version | None = None, reason: str = "") -> Note:
    """Move a note along its table: addressed (in a later `version`), verified, reopened, declined (with a `reason`).

    Raises Conflict when it has moved meanwhile, Forbidden, Invalid without the version or the reason.
    """
    if note.parent_id is not None:
        raise Invalid(_("An answer has no state of its own. Move the note it belongs to."))
    if to not in Note.State.values or to == Note.State.OPEN:
        raise Invalid(_("A note can be addressed, verified, reopened or declined."))
    rules.require(actor, note, to)
    fields: dict[str, Any] = {}
    if to == Note.State.ADDRESSED:
        if version is None or version.shot_id != note.shot_id or version.number <= note.version.number:
            words = _("Name the version that answers it: one newer than %(version)s.")
            raise Invalid(words % {"version": note.version.name})
        fields = {"addressed_in": version, "addressed_by": actor}
    elif to == Note.State.DECLINED:
        reason = reason.strip()
        if not reason:
            raise Invalid(_("Say why it is declined: whoever wrote it will read this."))
        fields = {"decline_reason": reason[:300], "closed_by": actor}
    elif to == Note.State.VERIFIED:
        fields = {"closed_by": actor}
    else:
        fields = {"closed_by": None, "decline_reason": ""}
    before = note.state
    NOTE.move(note, to, **fields)
    data = {"from": before, "version": version.name if version else "", "reason": reason}
    _enter(f"note.{to}", note, actor, data)
    return note


@transaction.atomic
def remove_drawing(*, actor: Any, annotation: Annotation) -> None:
    """Take a drawing away: its author may, and who may decline notes. The strokes stay in the table, marked removed."""
    note = annotation.note
    policy.require(actor, Action.NOTE, note.shot)
    if note.author_id != actor.pk and not policy.may(actor, Action.DECLINE_NOTE, note.shot):
        raise Forbidden(_("A drawing is taken away by who drew it, the director or the VFX supervisor."))
    if Annotation.objects.filter(pk=annotation.pk, removed_at=None).update(removed_at=datetime.now(UTC)):
        _enter("note.drawing_removed", note, actor, {"frame": annotation.frame})


def _text(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(_("Write what you see and what should change."))
    if len(text) > MAX_TEXT:
        raise Invalid(_("A note holds at most %(most)s characters. Split it in two.") % {"most": MAX_TEXT})
    return text


def _frames(frame_in: int | None, frame_out: int | None, count: int) -> tuple[int | None, int | None]:
    if frame_in is None:
        return None, None
    first, last = sorted((frame_in, frame_in if frame_out is None else frame_out))
    if first < 0 or last >= count:
        words = _("The note stands on frames that this version doesn't have: it has %(count)s.")
        raise Invalid(words % {"count": count})
    return first, last


def _require_open_to(role: Role | None, version: Version) -> None:
    if role is Role.GUEST and version.state not in HEAD:
        raise NotThere(_("This version is not before reviewers."))


def _enter(verb: str, note: Note, actor: Any, data: dict[str, Any]) -> None:
    ledger.record(
        verb,
        production_id=note.shot.production_id,
        subject=note,
        actor=actor,
        code=note.shot.code,
        data={"shot": str(note.shot_id), "version": note.version.name, "layer": str(note.layer_id or "")} | data
        | {"text_sha256": digest(note.text)},
    )  # fmt: skip


# Decisions

VERBS = {Verdict.APPROVE: "approved", Verdict.CHANGES: "changes_asked", Verdict.VETO: "vetoed"}


@transaction.atomic
def decide(
    *, actor: Any, version: Version, choice: str, seen: Seen, comment: str = "", layer: Layer | None = None
) -> Decision:
    """Decide on the shot's head version, or on one of its layers, as `seen`: the bytes the person's page showed.

    choice: approve | changes | veto. The shot and the version are locked, so nothing can come between the look and
    the record. Raises Conflict where what stands there now is not what was seen, or is not the head any more;
    Forbidden for the maker of the version, automation, and roles that may not.
    """
    policy.require(actor, Action.DECIDE_LAYER if layer else Action.DECIDE_SHOT, version)
    shot = Shot.objects.select_for_update(of=("self",)).select_related("production").get(pk=version.shot_id)
    version = Version.objects.select_for_update(of=("self",)).select_related("created_by").get(pk=version.pk)
    version.shot = shot
    role = policy.role_of(actor, shot)
    assert role is not None, "policy.require lets no stranger through"
    _require_open_to(role, version)
    _require_head(shot, version)
    _require_same(version, seen, layer)
    previous = list(Decision.objects.filter(version=version, layer=layer))
    comment = comment.strip()[:MAX_TEXT]
    _require_choice(role, choice, comment, previous, version, layer)
    mine = [row for row in previous if row.actor_id == actor.pk]
    if mine and mine[-1].verdict == choice and not comment and mine[-1].media_sha256 == seen.media:
        return mine[-1]  # pressed twice
    decision = Decision(
        shot=shot,
        version=version,
        layer=layer,
        verdict=choice,
        media_sha256=seen.media,
        recipe_sha256=seen.recipe,
        layer_digests={str(layer.pk): seen.layers[str(layer.pk)]} if layer else dict(seen.layers),
        comment=comment,
        actor=actor,
        role=role,
    )
    decision.payload_sha256 = digest(payload(decision))
    decision.save(force_insert=True)
    if layer is None:
        _settle(shot, version, verdict.version_outcome(rulings([*previous, decision])))
    ledger.record(
        f"{'layer' if layer else 'version'}.{VERBS[Verdict(choice)]}",
        production_id=shot.production_id,
        subject=version,
        actor=actor,
        made_from=[seen.media],
        data={
            "shot": str(shot.pk),
            "decision": str(decision.pk),
            "payload": decision.payload_sha256,
            "layer": str(layer.pk) if layer else "",
            "state": version.state,
        },
    )
    return decision


def payload(decision: Decision) -> dict[str, Any]:
    """What a decision's hash covers: who, in which role, what, on which bytes."""
    return {
        "shot": str(decision.shot_id),
        "version": str(decision.version_id),
        "layer": str(decision.layer_id or ""),
        "verdict": str(decision.verdict),
        "media": decision.media_sha256,
        "recipe": decision.recipe_sha256,
        "layers": decision.layer_digests,
        "comment": decision.comment,
        "actor": str(decision.actor_id),
        "role": str(decision.role),
    }


def _require_head(shot: Shot, version: Version) -> None:
    if shot.state in (Shot.State.ON_HOLD, Shot.State.OMITTED):
        words = _("This shot is “%(state)s”. Take it back into work first.")
        raise Conflict(words % {"state": shot.get_state_display()})
    if shot.state == Shot.State.RELEASED:
        raise Conflict(_("This shot is released. Withdraw the release before deciding anew."))
    head = head_of(shot)
    if head is not None and head.number > version.number:
        words = _("%(head)s has come since you looked at %(version)s. Look at it, then decide.")
        raise Conflict(words % {"head": head.name, "version": version.name}, code="stale")
    if head is None or head.pk != version.pk:
        raise Conflict(_("%(version)s is not before reviewers.") % {"version": version.name})


def _require_same(version: Version, seen: Seen, layer: Layer | None) -> None:
    now = Seen.of(version)
    if layer is not None and str(layer.pk) not in now.layers:
        raise NotThere(_("%(version)s holds no such layer.") % {"version": version.name})
    if not now.media or now.fingerprint != seen.fingerprint:
        words = _(
            "%(version)s changed since you looked: you saw other bytes than stand here now. Reload and look again."
        )
        raise Conflict(words % {"version": version.name}, code="stale")


def _require_choice(
    role: Role, choice: str, comment: str, previous: list[Decision], version: Version, layer: Layer | None
) -> None:
    if choice not in Verdict.values:
        raise Invalid(_("A decision approves, asks for changes or vetoes."))
    if role is Role.COMPLIANCE:
        vetoed = verdict.version_outcome(rulings(previous)) is verdict.Outcome.VETOED
        if choice == Verdict.CHANGES or (choice == Verdict.APPROVE and not vetoed):
            raise Forbidden(_("A compliance officer vetoes a version or lifts the veto. Write a note for the rest."))
    elif choice == Verdict.VETO:
        raise Forbidden(_("Only the compliance officer vetoes. Ask for changes instead."))
    if choice == Verdict.VETO and not comment:
        raise Invalid(_("Say which rule it would break: a veto needs its reason."))
    if choice == Verdict.CHANGES and not comment and layer is None:
        notes = Note.objects.filter(shot=version.shot, parent=None, state__in=("open", "reopened"))
        if not notes.exists():
            raise Invalid(_("Say what should change: write a note on the frame, or a line with the decision."))


def _settle(shot: Shot, version: Version, outcome: verdict.Outcome) -> None:
    """Version and shot follow the outcome; an approval takes the place of an older one."""
    state = outcome.version_state
    if version.state != state:
        VERSION.move(version, state)
    if state == Version.State.APPROVED:
        older = Version.objects.filter(shot=shot, number__lt=version.number, state=Version.State.APPROVED)
        for old in older:
            VERSION.move(old, Version.State.SUPERSEDED)
        if shot.state == Shot.State.IN_CUT:
            return
    if shot.state != state:
        SHOT.move(shot, state)
