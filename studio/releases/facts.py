"""Gather what the gate asks: the cut as it stands, its decisions, notes, papers and costs."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum

from studio.comps.models import Version, VersionLayer
from studio.generation import registry
from studio.ledger.models import Entry
from studio.productions.models import LayerKind, Origin
from studio.releases.gates import ConsentFacts, Facts, ItemFacts
from studio.releases.labels import LayerFacts
from studio.releases.models import CutItem, Release
from studio.releases.snapshot import cut_items, last_frame
from studio.reviews import verdict
from studio.reviews.models import Decision, Note
from studio.reviews.seen import Seen
from studio.reviews.selectors import outcome_of
from studio.reviews.states import HEAD

UNVERIFIED = (Note.State.OPEN, Note.State.REOPENED, Note.State.ADDRESSED)


def facts_of(release: Release, rows: list[CutItem] | None = None, measured: dict[str, Any] | None = None) -> Facts:
    """The gate's facts about `release` now. rows: the cut's items, if the caller has them."""
    production = release.episode.production
    rows = cut_items(release.episode) if rows is None else rows
    shots = [row.shot_id for row in rows]
    approvals = approvals_of([row.version for row in rows if row.version])
    heads = heads_of(shots)
    notes = Note.objects.filter(shot__in=shots, must=True, parent=None, state__in=UNVERIFIED)
    musts = Counter(notes.order_by().values_list("shot", flat=True))
    spent = Entry.objects.filter(production_id=production.pk).aggregate(sum=Sum("cost_minor"))["sum"]
    return Facts(
        items=tuple(
            _item(row, row.version, approvals, heads.get(row.shot_id), musts[row.shot_id])
            for row in rows
            if row.version
        ),
        width=production.width,
        height=production.height,
        fps_num=production.fps_num,
        fps_den=production.fps_den,
        filing_number=production.filing_number,
        filing_pattern=settings.FILING_PATTERN,
        label_added=release.label_added,
        today=datetime.now(UTC).astimezone(ZoneInfo(settings.TIME_ZONE)).date(),
        spent_minor=int(spent) if spent is not None else None,
        budget_minor=production.budget_minor,
        content_producer=production.content_producer,
        measured=measured or {},
        waived=frozenset(release.waivers.values_list("fingerprint", flat=True)),
    )


def approvals_of(versions: list[Version]) -> dict[Any, str]:
    """{version id: sha256 of the media that its standing approval saw}; "" where none stands, or where recipe or
    layers are not those that were seen."""
    said: dict[Any, list[Decision]] = {}
    for row in Decision.objects.filter(version__in=versions, layer=None).select_related("actor").order_by("created_at"):
        said.setdefault(row.version_id, []).append(row)
    found = {}
    for version in versions:
        decisions = said.get(version.pk, [])
        found[version.pk] = ""
        if outcome_of(decisions) is not verdict.Outcome.APPROVED:
            continue
        settling = [row for row in decisions if row.role in verdict.SETTLERS and row.verdict == verdict.APPROVE]
        seen, now = settling[-1], Seen.of(version)
        if seen.recipe_sha256 == now.recipe and seen.layer_digests == dict(now.layers):
            found[version.pk] = seen.media_sha256
    return found


def heads_of(shots: list[Any]) -> dict[Any, Version]:
    """{shot id: its version before reviewers}, as `reviews.selectors.head_of` says it for one."""
    heads: dict[Any, Version] = {}
    for version in Version.objects.filter(shot__in=shots, state__in=HEAD).select_related("poster").order_by("-number"):
        heads.setdefault(version.shot_id, version)
    return heads


def layer_facts(row: VersionLayer, shot: str, version: Version, frames: int) -> LayerFacts:
    return LayerFacts(shot, version.name, row.name, row.kind, row.origin, row.ai_made, frames)


def _item(
    row: CutItem, version: Version, approvals: dict[Any, str], head: Version | None, must_notes: int
) -> ItemFacts:
    layers = list(version.version_layers.all())
    frames = max(0, last_frame(row) - row.frame_in + 1)
    recipe, approved = version.recipe, approvals.get(version.pk, "")
    return ItemFacts(
        shot=row.shot.code,
        version=version.name,
        head=head.name if head else version.name,
        # A superseded version may still hold its approval; that a newer one exists is another check's business.
        state=version.state if not approved else "approved",
        media_sha256=version.master_id or "",
        approved_sha256=approved,
        width=recipe.get("width", 0),
        height=recipe.get("height", 0),
        fps_num=recipe.get("fps_num", 0),
        fps_den=recipe.get("fps_den", 0),
        frame_count=version.frame_count,
        frame_in=row.frame_in,
        frame_out=last_frame(row),
        must_notes=must_notes,
        layers=tuple(layer_facts(layer, row.shot.code, version, frames) for layer in layers),
        licences=tuple((layer.name, layer.element.licence) for layer in layers),
        consents=tuple(_consent(layer) for layer in layers if _shows_somebody(layer)),
        models=tuple(
            (layer.name, reason.code, tuple((name, str(value)) for name, value in sorted(reason.params.items())))
            for layer in layers
            if (parts := layer.element.media.get("models"))
            for reason in registry.against(parts, row.shot.production)
        ),
    )


def _shows_somebody(layer: VersionLayer) -> bool:
    """Whoever was filmed as an actor is somebody; a made figure only where it is somebody's likeness."""
    return layer.kind == LayerKind.ACTOR and (layer.origin == Origin.CAPTURED or layer.layer.likeness_id is not None)


def _consent(layer: VersionLayer) -> ConsentFacts:
    person = layer.layer.likeness
    if person is None:
        return ConsentFacts(layer.name)
    return ConsentFacts(
        layer.name,
        person.name,
        person.consent_reference.strip(),
        person.consent_until,
        forbidden=layer.ai_made and not person.ai_alteration_allowed,
    )
