"""What the review page, the queue and the API read; every row is already scoped to the person who looks."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from studio.comps.models import Version, VersionLayer
from studio.comps.selectors import versions_for
from studio.productions import policy
from studio.productions.models import Membership, Production, Role, Shot
from studio.productions.policy import Action
from studio.productions.selectors import shots_for
from studio.reviews import rules, verdict
from studio.reviews.models import Annotation, Decision, Note
from studio.reviews.states import HEAD, OPEN

UNSEEN = ("building", "ready", "failed")  # versions that were never before reviewers


def notes_for(user: Any, production: Production) -> QuerySet[Note]:
    """Notes and answers this person may read. A guest: none that is internal, none on a version reviewers never saw."""
    notes = Note.objects.filter(shot__in=shots_for(user, production).order_by().values("pk"))
    member = policy.membership(user, production)
    if member is None or member.role == Role.GUEST:
        notes = notes.filter(internal=False).exclude(version__state__in=UNSEEN).exclude(parent__internal=True)
    return notes


def note_for(user: Any, production: Production, note_id: UUID) -> Note:
    """One note with what services need, or 404."""
    rows = notes_for(user, production).select_related("shot__production", "version", "layer", "author", "parent")
    return get_object_or_404(rows, pk=note_id)


@dataclass
class NoteRow:
    """A note as a page shows it. here: written on the version looked at. answered_in: a version's name, or ""."""

    note: Note
    replies: list[Note]
    drawings: list[Annotation]
    moves: list[rules.Move]
    role: str
    here: bool
    answered_in: str
    roles: dict[Any, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.note.state in OPEN

    @property
    def strokes(self) -> dict[str, Any]:
        return {str(row.frame): row.strokes for row in self.drawings}


def threads(user: Any, shot: Shot, version: Version | None = None) -> list[NoteRow]:
    """The shot's notes with their threads, in the order of their frames (those on the whole shot first)."""
    member = policy.membership(user, shot.production)
    guest = member is None or member.role == Role.GUEST
    readable = notes_for(user, shot.production)
    rows = (
        readable.filter(shot=shot, parent=None)
        .select_related("author", "layer", "version", "addressed_in", "addressed_by", "closed_by", "shot__production")
        .prefetch_related(
            Prefetch("replies", readable.filter(shot=shot).select_related("author").order_by("created_at")),
            Prefetch("annotations", Annotation.objects.filter(removed_at=None).order_by("frame")),
        )
    )
    roles = _roles(shot.production)
    newest = max((row.number for row in versions_for(user, shot) if row.state not in ("building", "failed")), default=0)
    found = [
        NoteRow(
            note=note,
            replies=list(note.replies.all()),
            drawings=list(note.annotations.all()),
            moves=rules.moves(user, note, member, later_version=newest > note.version.number),
            role=roles.get(note.author_id, ""),
            here=version is not None and note.version_id == version.pk,
            answered_in=_answered_in(note, guest),
            roles=roles,
        )
        for note in rows
    ]
    found.sort(key=lambda row: (-1 if row.note.frame_in is None else row.note.frame_in, row.note.created_at))
    return found


def _answered_in(note: Note, guest: bool) -> str:
    answer = note.addressed_in
    return "" if answer is None or (guest and answer.state in UNSEEN) else answer.name


def _roles(production: Production) -> dict[Any, str]:
    return {row.user_id: str(row.get_role_display()) for row in Membership.objects.filter(production=production)}


# Which notes a panel shows: what still asks for something first.
NOTE_FILTERS = {
    "open": lambda row: row.open or row.note.state == "addressed",
    "must": lambda row: row.note.must,
    "all": lambda row: True,
}


@dataclass
class LayerRow:
    """A layer as it stands in a version: its standing word and where it was said. kept: of an earlier version."""

    layer: VersionLayer
    standing: str = ""
    decision: Decision | None = None
    kept: bool = False


def layer_rows(version: Version) -> list[LayerRow]:
    """The version's layers, back to front, each with the last word on exactly its bytes (same digest, any version)."""
    related = ("element__proxy", "element__artefact", "element__poster", "layer")
    layers = list(version.version_layers.select_related(*related).order_by("order"))
    said: dict[tuple[str, str], list[Decision]] = {}
    for row in Decision.objects.filter(shot=version.shot_id, layer__isnull=False).select_related("actor", "version"):
        said.setdefault((str(row.layer_id), row.layer_digests.get(str(row.layer_id), "")), []).append(row)
    found = []
    for layer in layers:
        words = said.get((str(layer.layer_id), layer.digest), [])
        standing = verdict.layer_outcome(word.verdict for word in words)
        last = words[-1] if words else None
        found.append(LayerRow(layer, standing, last, kept=last is not None and last.version_id != version.pk))
    return found


def decisions_on(version: Version) -> list[Decision]:
    """What was said of the whole version, oldest first."""
    return list(Decision.objects.filter(version=version, layer=None).select_related("actor"))


def comment_for(reader: Any, decision: Decision) -> str:
    """The words that came with a decision: the team's are not for guests, who read their own."""
    guest = policy.role_of(reader, decision.shot) is Role.GUEST
    return "" if guest and decision.actor_id != reader.pk else decision.comment


def outcome_of(decisions: list[Decision]) -> verdict.Outcome:
    return verdict.version_outcome(rulings(decisions))


def choices_for(user: Any, version: Version, decisions: list[Decision]) -> list[str]:
    """Which decisions this person may make on this version now: none on their own, none in roles that don't."""
    if not policy.may(user, Action.DECIDE_SHOT, version):
        return []
    if policy.role_of(user, version) is Role.COMPLIANCE:
        return ["approve"] if outcome_of(decisions) is verdict.Outcome.VETOED else ["veto"]
    return ["changes", "approve"]


def rulings(decisions: list[Decision]) -> list[verdict.Ruling]:
    """Decisions on a version as the verdict reads them; those on layers are left out."""
    return [verdict.Ruling(str(row.actor_id), row.role, row.verdict) for row in decisions if row.layer_id is None]


def head_of(shot: Shot) -> Version | None:
    """The version before reviewers: the newest submitted one. None before the first."""
    return Version.objects.filter(shot=shot, state__in=HEAD).order_by("-number").first()


# The queue


@dataclass
class Waiting:
    """A version before reviewers. decided: what this person said of it last, "" if nothing."""

    version: Version
    notes: Counter[str]
    choices: bool
    decided: str


@dataclass
class Queue:
    """What waits for a person: versions to decide on, answers to verify, wishes open on their own versions."""

    versions: list[Waiting]
    verify: list[Note]
    mine: list[Note]
    others: list[Waiting] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.versions) + len(self.verify) + len(self.mine)


def queue(user: Any, production: Production, episode: str = "") -> Queue:
    """What waits for `user`, in cut order. episode: `EP01` to look at one. others: in review, but not theirs."""
    shots = shots_for(user, production)
    if episode:
        shots = shots.filter(code__startswith=f"{episode}_")
    member = policy.membership(user, production)
    waiting = _waiting(user, list(shots), member)
    notes = notes_for(user, production).filter(parent=None, shot__in=[row.pk for row in shots])
    related = ("shot__scene__episode", "shot__production", "version__poster", "addressed_in", "author", "layer")
    in_order = ("shot__scene__episode__number", "shot__order", "frame_in", "created_at")
    answered = notes.filter(state=Note.State.ADDRESSED)
    if member is None or member.role == Role.GUEST:
        answered = answered.filter(addressed_in__state__in=HEAD)  # a guest verifies what a guest can look at
    verify = [
        note
        for note in answered.select_related(*related).order_by(*in_order)
        if not rules.refusal(user, note, "verified", member)
    ]
    mine = notes.filter(state__in=OPEN, must=True, version__created_by_id=user.pk).select_related(*related)
    return Queue(
        versions=[row for row in waiting if row.choices and not row.decided],
        verify=verify,
        mine=list(mine.order_by(*in_order)),
        others=[row for row in waiting if not row.choices or row.decided],
    )


def _waiting(user: Any, shots: list[Shot], member: Membership | None) -> list[Waiting]:
    heads: dict[Any, Version] = {}
    rows = Version.objects.filter(shot__in=[shot.pk for shot in shots], state__in=HEAD)
    related = ("poster", "created_by", "shot__production", "shot__scene__episode")
    for version in rows.select_related(*related).order_by("-number"):
        heads.setdefault(version.shot_id, version)
    found = [heads[shot.pk] for shot in shots if shot.pk in heads]
    versions = [version for version in found if version.state == Version.State.IN_REVIEW]
    own = Decision.objects.filter(version__in=versions, layer=None, actor_id=user.pk)
    said = dict(own.values_list("version", "verdict"))
    notes = note_counts(user, versions[0].shot.production, [row.shot_id for row in versions]) if versions else {}
    return [
        Waiting(
            version,
            notes.get(version.shot_id, Counter()),
            policy.may(user, Action.DECIDE_SHOT, version, member=member),
            said.get(version.pk, ""),
        )
        for version in versions
    ]


def note_counts(user: Any, production: Production, shots: Iterable[Any]) -> dict[Any, Counter[str]]:
    """{shot id: Counter of "open", "must", "verify"} of the notes this person may read."""
    counts: dict[Any, Counter[str]] = {}
    rows = notes_for(user, production).filter(shot__in=list(shots), parent=None)
    for shot, state, must in rows.order_by().values_list("shot", "state", "must"):
        counter = counts.setdefault(shot, Counter())
        counter["open"] += state in OPEN
        counter["must"] += must and state in OPEN
        counter["verify"] += state == Note.State.ADDRESSED
    return counts


@dataclass(frozen=True)
class Place:
    """Where a shot stands among those in review: number `at` (from 1) of `of`; the codes before and after it."""

    at: int
    of: int
    before: Shot | None
    after: Shot | None


def place_of(user: Any, shot: Shot) -> Place:
    """The dailies are the shots in review in cut order; the one that is looked at counts even if it is decided."""
    rows = [row for row in shots_for(user, shot.production) if row.state == Shot.State.IN_REVIEW or row.pk == shot.pk]
    at = next((index for index, row in enumerate(rows) if row.pk == shot.pk), 0)
    return Place(at + 1, len(rows), rows[at - 1] if at else None, rows[at + 1] if at + 1 < len(rows) else None)


def version_to_show(user: Any, shot: Shot, number: int | None) -> Version:
    """Version `number`, else the one before reviewers, else the newest with a picture. 404 where there is none."""
    rows = versions_for(user, shot).select_related("matte", "foreground", "filmstrip", "master")
    if number is not None:
        return get_object_or_404(rows, number=number)
    head = head_of(shot)
    if head is not None:
        return get_object_or_404(rows, pk=head.pk)
    return get_object_or_404(rows.exclude(proxy=None), pk=getattr(rows.exclude(proxy=None).first(), "pk", None))
