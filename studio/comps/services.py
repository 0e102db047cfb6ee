"""What happens to comps: settings saved and undone, versions started, recorded, put before reviewers, called off."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from compositing.recipe import Recipe
from studio.comps import quality, recipes, selectors
from studio.comps.models import CompSettings, Version, VersionLayer
from studio.comps.states import VERSION
from studio.core import events
from studio.core.errors import Conflict, DomainError, Invalid
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.media import storage
from studio.media.models import Artefact
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.states import SHOT

log = logging.getLogger(__name__)
HISTORY = 100  # steps of undo kept for a shot
RENDER = "comps.render"
DRAFT = "draft"
FILES = ("master", "proxy", "matte", "foreground", "poster", "filmstrip")
MIMES = {"mp4": "video/mp4", "jpg": "image/jpeg", "png": "image/png", "mov": "video/quicktime"}


# Settings: one draft per shot, shared by who works on it.


@transaction.atomic
def save_settings(*, actor: Any, shot: Shot, values: Any, seen: str | None = None) -> selectors.Settings:
    """Make `values` the shot's settings and a step that can be undone.

    seen: the `Settings.seen` that the person changed; Conflict if somebody else was faster. None skips the check.
    Raises Invalid for unknown parameters and values out of range.
    """
    policy.require(actor, Action.COMP, shot)
    row = _locked_settings(shot, seen)
    cleaned = recipes.clean(values, _layer_ids(shot))
    changed = recipes.changed(row.values, cleaned)
    if not changed:
        return selectors.settings_of(shot, row)
    history = row.history or [{"values": row.values, "changed": [], "by": ""}]
    at = datetime.now(UTC).isoformat(timespec="seconds")
    history = [*history[: row.position + 1], {"values": cleaned, "changed": changed, "by": str(actor.name), "at": at}]
    row.history = history[-HISTORY:]
    row.position = len(row.history) - 1
    return _store_settings(row, cleaned, actor)


@transaction.atomic
def step_settings(*, actor: Any, shot: Shot, steps: int, seen: str | None = None) -> selectors.Settings:
    """Undo (steps -1) or redo (1) the shot's last change, whoever made it. At the history's end nothing happens."""
    policy.require(actor, Action.COMP, shot)
    row = _locked_settings(shot, seen)
    return _step_to(row, row.position + steps, actor)


@transaction.atomic
def return_to_step(*, actor: Any, shot: Shot, position: int, seen: str | None = None) -> selectors.Settings:
    """Undo or redo to one state of the history at once (see `Settings.steps`); the others stay reachable."""
    policy.require(actor, Action.COMP, shot)
    row = _locked_settings(shot, seen)
    if not 0 <= position < max(1, len(row.history)):
        raise Invalid(_("The history has no such state any more. Look at it again."))
    return _step_to(row, position, actor)


def _step_to(row: CompSettings, position: int, actor: Any) -> selectors.Settings:
    if not 0 <= position < len(row.history):
        return selectors.settings_of(row.shot, row)
    row.position = position
    return _store_settings(row, recipes.clean(row.history[position]["values"], _layer_ids(row.shot)), actor)


def reset_settings(*, actor: Any, shot: Shot, seen: str | None = None) -> selectors.Settings:
    """Everything automatic again, all layers visible; undo brings the old values back."""
    return save_settings(actor=actor, shot=shot, values={}, seen=seen)


def copy_settings(*, actor: Any, version: Version, seen: str | None = None) -> selectors.Settings:
    """Take over the settings that `version` was rendered with, as one step."""
    policy.require(actor, Action.COMP, version)
    values = recipes.values_of(version.recipe, selectors.facts_of(version.shot))
    return save_settings(actor=actor, shot=version.shot, values=values, seen=seen)


def _layer_ids(shot: Shot) -> list[str]:
    return [str(pk) for pk in shot.layers.values_list("pk", flat=True)]


def _locked_settings(shot: Shot, seen: str | None) -> CompSettings:
    CompSettings.objects.get_or_create(shot=shot)
    row = CompSettings.objects.select_for_update().get(shot=shot)
    if seen is not None and seen != selectors.settings_of(shot, row).seen:
        raise Conflict(
            _("Somebody else changed these settings meanwhile. The page shows theirs now; make your change again.")
        )
    return row


def _store_settings(row: CompSettings, values: dict[str, Any], actor: Any) -> selectors.Settings:
    row.values, row.updated_by = values, actor
    row.save()
    # A draft is no act for the books: only open pages hear of it.
    events.publish(
        row.shot.production_id,
        {"verb": "comp.settings", "subject": "comp", "key": str(row.shot_id), "code": row.shot.code},
    )
    return selectors.settings_of(row.shot, row)


def _tell_shot(shot: Shot, verb: str) -> None:
    """Cards and pages that show the shot fetch themselves again."""
    events.publish(shot.production_id, {"verb": verb, "subject": "shot", "key": str(shot.pk), "code": shot.code})


# Versions


@transaction.atomic
def start_version(
    *,
    actor: Any,
    shot: Shot,
    comment: str = "",
    mode: str = "fast",
    submit: bool = False,
    values: Mapping[str, Any] | None = None,
) -> Version:
    """Bind the settings as they stand to a new version, and queue its rendering.

    mode: draft (half the size, for timing and edit: stays with the team) | fast | best. submit: put it before reviewers
    as soon as it is rendered. values: others than the stored ones.
    Raises Invalid where a layer is empty, Conflict where the same recipe is being rendered or heads the shot already.
    """
    policy.require(actor, Action.COMP, shot)
    shot = Shot.objects.select_for_update(of=("self",)).select_related("production").get(pk=shot.pk)
    _require_in_play(shot)
    facts = selectors.facts_of(shot)
    chosen = selectors.settings_of(shot).values if values is None else values
    chosen = recipes.clean(chosen, [layer.id for layer in facts.layers])
    if empty := recipes.missing(facts, chosen):
        raise Invalid(" ".join(recipes.missing_sentence(layer) for layer in empty), code="layer_empty")
    draft = mode == DRAFT
    recipe = recipes.build(facts, chosen, mode="fast" if draft else mode)
    sha256 = recipe.sha256()
    _refuse_same(shot, sha256, draft)
    number = (Version.objects.filter(shot=shot).aggregate(last=Max("number"))["last"] or 0) + 1
    version = Version.objects.create(
        shot=shot,
        number=number,
        comment=comment.strip()[:300],
        recipe=recipe.to_dict(),
        recipe_sha256=sha256,
        draft=draft,
        created_by=actor,
    )
    by_id = {layer.id: layer for layer in facts.layers}
    own = [layer for layer in recipe.layers if layer.id in by_id]  # the others are halves of theirs
    VersionLayer.objects.bulk_create(
        _version_layer(version, order, layer, by_id[layer.id], recipe) for order, layer in enumerate(own)
    )
    version.job = jobs.submit(
        RENDER,
        production_id=shot.production_id,
        subject=version,
        title=version.code,
        payload={"version": str(version.pk), "submit": bool(submit) and not draft},
        queue="cpu",
        key=f"{RENDER}:{version.pk}",
        created_by=actor,
    )
    version.save(update_fields=["job"])
    for step in ("routed", "in_work"):
        if shot.state in ("planned", "routed") and SHOT.may(shot.state, step):
            SHOT.move(shot, step)
    ledger.record(
        "version.started",
        production_id=shot.production_id,
        subject=version,
        actor=actor,
        made_from=recipe.sources(),
        data={"shot": str(shot.pk), "recipe": sha256, "mode": mode, "frames": recipe.frame_count},
    )
    _tell_shot(shot, "version.started")
    return version


def _require_in_play(shot: Shot) -> None:
    if shot.state in (Shot.State.OMITTED, Shot.State.ON_HOLD):
        raise Conflict(
            _("This shot is “%(state)s”. Take it back into work first.") % {"state": shot.get_state_display()}
        )


def _refuse_same(shot: Shot, sha256: str, draft: bool) -> None:
    same = Version.objects.filter(shot=shot, recipe_sha256=sha256, draft=draft)
    if building := same.filter(state=Version.State.BUILDING).first():
        raise Conflict(
            _("%(version)s is being rendered from exactly these settings and layers. Wait for it, or cancel it.")
            % {"version": building.name},
            code="already_building",
        )
    newest = selectors.head(shot, draft)
    if newest and newest.recipe_sha256 == sha256:
        raise Conflict(
            _(
                "%(version)s was made from exactly these settings and layers: a new render would be the same picture. "
                "Change something first."
            )
            % {"version": newest.name},
            code="same_recipe",
        )


def _version_layer(version: Version, order: int, layer: Any, facts: recipes.LayerFacts, recipe: Recipe) -> VersionLayer:
    assert facts.filling is not None
    return VersionLayer(
        version=version, layer_id=layer.id, order=order, kind=layer.kind, name=facts.name,
        element_id=facts.filling.element,
        origin=facts.filling.origin, ai_made=facts.filling.ai_made, artefact_sha256=layer.source,
        layer_recipe_sha256=layer.sha256(), digest=recipes.layer_digest(layer, recipe),
    )  # fmt: skip


@transaction.atomic
def record_render(
    *,
    run: Any,
    version: Version,
    files: Mapping[str, Artefact],
    result: Mapping[str, Any],
    seconds_milli: int,
    submit: bool = False,
) -> Version:
    """The rendered files become the version; older drafts are superseded; what the hours cost is entered.

    files: artefacts by FILES, and "worst" where frames are worth a look; result: the engine's answer; seconds_milli:
    the rendering's own time. Without a rate for CPU hours there is no cost. submit: put it before reviewers too, as its
    author asked at the start. Raises LeaseLost
    (by the fence) for an attempt that is not the current one, Conflict for a version that was called off meanwhile.
    """
    run.fence()
    shot = Shot.objects.select_for_update(of=("self",)).select_related("production").get(pk=version.shot_id)
    now = datetime.now(UTC)
    rate = selectors.cpu_rate(shot.production, now.date())
    judged, frames = quality.stored(result.get("qc"))
    cost = None if rate is None else (rate.amount_minor * seconds_milli + 1_800_000) // 3_600_000
    VERSION.move(
        version,
        Version.State.READY,
        **{name: files.get(name) for name in FILES},
        tiles=_tile_count(result.get("tiles")),
        frame_count=int(result["frame_count"]),
        report=_plain(result.get("report") or {}),
        qc=judged,
        qc_frames=frames,
        worst=files.get("worst"),
        seconds_milli=seconds_milli,
        cost_minor=cost,
        error="",
        rendered_at=now,
    )
    newer = Version.objects.filter(shot=shot, number__gt=version.number).exclude(state__in=("building", "failed"))
    if not version.draft:
        newer = newer.filter(draft=False)
    if newer.exists():  # a later one finished first
        VERSION.move(version, Version.State.SUPERSEDED)
    _supersede(version, (Version.State.READY,))
    sources = sorted({layer.artefact_sha256 for layer in version.version_layers.all()})
    ledger.record(
        "version.rendered",
        production_id=shot.production_id,
        subject=version,
        actor=version.created_by,
        made_from=sources,
        cost_minor=cost,
        data={
            "shot": str(shot.pk), "recipe": version.recipe_sha256, "master": files["master"].pk,
            "seconds_milli": seconds_milli, "frames": version.frame_count, "rate": rate.source if rate else "",
        },
    )  # fmt: skip
    _tell_shot(shot, "version.rendered")
    if submit and version.state == Version.State.READY and version.created_by is not None:
        try:
            submit_for_review(actor=version.created_by, version=version)
        except DomainError:  # its author lost the right, or the shot is on hold: the version stands and waits
            version.refresh_from_db()
            log.info("version not submitted", extra={"version": version.pk}, exc_info=True)
    return version


def _tile_count(tiles: Any) -> int:
    return int(tiles["count"]) if isinstance(tiles, Mapping) else int(tiles or 0)


def _plain(report: Any) -> Any:
    """The engine's report without floats (thousandths instead), so that it can be entered and compared."""
    if isinstance(report, float):
        return round(report * 1000)
    if isinstance(report, Mapping):
        return {f"{key}_milli" if isinstance(item, float) else str(key): _plain(item) for key, item in report.items()}
    if isinstance(report, (list, tuple)):
        return [_plain(item) for item in report]
    return report


def _supersede(version: Version, states: tuple[str, ...]) -> None:
    older = Version.objects.filter(shot=version.shot_id, number__lt=version.number, state__in=states)
    for old in older.filter(draft=True) if version.draft else older:  # a draft takes no final's place
        VERSION.move(old, Version.State.SUPERSEDED)


@transaction.atomic
def submit_for_review(*, actor: Any, version: Version) -> Version:
    """Put a rendered version before the reviewers; the shot is in review with it, and older versions step back.

    An approved older version stays approved (a cut may hold it) until this one is decided on.
    """
    policy.require(actor, Action.COMP, version)
    shot = Shot.objects.select_for_update(of=("self",)).select_related("production").get(pk=version.shot_id)
    if version.state == Version.State.BUILDING:
        raise Conflict(
            _("%(version)s is still being rendered. Submit it when it is ready.") % {"version": version.name}
        )
    if version.draft:
        raise Conflict(
            _("%(version)s is a draft at half the size. Render it as “Fast” or “Best”, then submit that.")
            % {"version": version.name}
        )
    _require_in_play(shot)
    VERSION.move(version, Version.State.IN_REVIEW)
    _supersede(version, (Version.State.READY, Version.State.IN_REVIEW, Version.State.CHANGES))
    for step in ("routed", "in_work"):
        if shot.state in ("planned", "routed") and SHOT.may(shot.state, step):
            SHOT.move(shot, step)
    SHOT.move(shot, Shot.State.IN_REVIEW)
    # What is before reviewers may be fetched by guests too; the sources stay the team's.
    shown = [getattr(version, f"{name}_id") for name in FILES if name != "master" and getattr(version, f"{name}_id")]
    storage.open_to_guests(shot.production_id, shown)
    ledger.record(
        "version.submitted",
        production_id=shot.production_id,
        subject=version,
        actor=actor,
        made_from=[version.master_id] if version.master_id else [],
        data={"shot": str(shot.pk), "recipe": version.recipe_sha256},
    )
    _tell_shot(shot, "version.submitted")
    jobs.poke(shot)
    return version


@transaction.atomic
def cancel_version(*, actor: Any, version: Version) -> Version:
    """Call off a version that is being rendered: its number stays, its pieces go. The person who asked for it, the
    producer, the director and the supervisor may."""
    policy.require(actor, Action.CANCEL_JOB, version)
    if version.state != Version.State.BUILDING:
        raise Conflict(_("%(version)s is not being rendered any more.") % {"version": version.name})
    fail(version, _("Cancelled by %(name)s.") % {"name": actor.name}, verb="version.cancelled", actor=actor)
    if version.job is not None and version.job.live:
        jobs.cancel(actor, version.job)
    return version


def fail(version: Version, sentence: str, *, verb: str = "version.failed", actor: Any = None) -> None:
    """A version that will not be keeps its number and says why. Nothing happens to one that is not building."""
    with transaction.atomic():
        if not Version.objects.filter(pk=version.pk, state=Version.State.BUILDING).update(
            state=Version.State.FAILED, error=sentence
        ):
            return
        version.state, version.error = Version.State.FAILED, sentence
        ledger.record(
            verb,
            production_id=version.shot.production_id,
            subject=version,
            actor=actor,
            data={"shot": str(version.shot_id), "error": sentence},
        )
        _tell_shot(version.shot, verb)


def job_failed(job: Job) -> None:
    """The rendering was given up: its version says so."""
    version = Version.objects.select_related("shot").filter(pk=job.payload.get("version")).first()
    if version is not None:
        fail(version, job.error or _("The rendering was given up. Start it again."))
