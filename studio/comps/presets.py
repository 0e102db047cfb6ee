"""Presets a team shares, for a location or the whole production: saved, applied, renamed, deleted, each undoable."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from studio.comps import copying, portable, recipes, selectors, services
from studio.comps.models import Preset
from studio.core import events
from studio.core.errors import Conflict, Invalid
from studio.ledger import services as ledger
from studio.productions import policy
from studio.productions.models import Location, Production, Role, Shot
from studio.productions.policy import Action

SCREEN = "screen"  # beside the parts in a preset's values: what it was made on


def presets_for(user: Any, production: Production) -> QuerySet[Preset]:
    """The production's presets, those of a location first; a guest sees none."""
    inside = production.memberships.filter(user_id=user.pk).exclude(role=Role.GUEST).exists()
    rows = Preset.objects.filter(production=production) if inside else Preset.objects.none()
    return (
        rows.filter(deleted_at__isnull=True)
        .select_related("location", "created_by", "updated_by", "production")
        .order_by(F("location__name").asc(nulls_last=True), "name", "created_at")
    )


def preset_for(user: Any, production: Production, preset: UUID | str) -> Preset:
    """One of them, or 404."""
    return get_object_or_404(presets_for(user, production), pk=preset)


def gone_for(user: Any, production: Production, preset: UUID | str) -> Preset:
    """One that was deleted and may be brought back, or 404."""
    inside = production.memberships.filter(user_id=user.pk).exclude(role=Role.GUEST)
    return get_object_or_404(
        Preset.objects.select_related("location", "production"),
        pk=preset,
        production__in=inside.values("production"),
        deleted_at__isnull=False,
    )


def ordered_for(user: Any, shot: Shot) -> list[tuple[str, list[Preset]]]:
    """[("here" | "everywhere" | "elsewhere", presets)]: of the shot's location, of the production, of others."""
    here = shot.scene.location_id
    rows = list(presets_for(user, shot.production))
    return [
        ("here", [row for row in rows if row.location_id and row.location_id == here]),
        ("everywhere", [row for row in rows if row.location_id is None]),
        ("elsewhere", [row for row in rows if row.location_id and row.location_id != here]),
    ]


def _named(name: str) -> str:
    name = " ".join(str(name).split())
    if not name:
        raise Invalid(_("A preset needs a name: what it is for, such as “Night, blue screen”."))
    if len(name) > 80:
        raise Invalid(_("A preset's name has at most 80 characters."))
    return name


def _require_free(production: Production, location: Location | None, name: str, besides: UUID | None = None) -> None:
    """Raise Conflict where a colleague's preset has that name there. The production's row is locked meanwhile."""
    Production.objects.select_for_update().get(pk=production.pk)
    same = Preset.objects.filter(production=production, location=location, name__iexact=name, deleted_at__isnull=True)
    if besides is not None:
        same = same.exclude(pk=besides)
    if same.exists():
        raise Conflict(
            _("There is a preset “%(name)s” here already. Save over it, or choose another name.") % {"name": name},
            code="preset_exists",
        )


def _groups(wanted: list[str] | None) -> list[str]:
    if wanted is None:
        return portable.usual()
    known = portable.groups()
    if unknown := sorted(set(wanted) - set(known)):
        raise Invalid(
            _("There is no group “%(group)s”; there are %(groups)s.")
            % {"group": unknown[0], "groups": ", ".join(known)}
        )
    if not wanted:
        raise Invalid(_("Choose at least one group of settings to keep."))
    return [name for name in known if name in set(wanted)]


def _taken(shot: Shot, groups: list[str]) -> dict[str, Any]:
    """What is kept of the shot's settings, and before which screen they were made."""
    values = portable.take_off(selectors.settings_of(shot).values, selectors.facts_of(shot), groups)
    screen = copying.own_screen(shot)
    return values | {SCREEN: {"name": screen.name, "hue_milli": screen.hue_milli}}


def made_on(preset: Preset) -> copying.Screen:
    """The screen that the preset's settings were made before."""
    told = preset.values.get(SCREEN) or {}
    return copying.Screen(str(told.get("name") or ""), told.get("hue_milli"))


def fits(preset: Preset, shot: Shot) -> bool:
    """Whether the shot's take has a screen like the one the preset was made on; a preset made on none fits all."""
    made = made_on(preset)
    return not made.name or copying.own_screen(shot).fits(made)


def _tell(production: Production, row: Preset) -> None:
    """Open comp pages fetch their list again."""
    events.publish(production.pk, {"verb": "preset.changed", "subject": "preset", "key": str(row.pk), "code": ""})


def _enter(verb: str, row: Preset, actor: Any, **data: Any) -> None:
    place = row.location.name if row.location else ""
    ledger.record(
        verb, production_id=row.production_id, subject=row, actor=actor,
        data={"name": row.name, "location": place, **data},
    )  # fmt: skip
    _tell(row.production, row)


@transaction.atomic
def save(*, actor: Any, shot: Shot, name: str, everywhere: bool = False, groups: list[str] | None = None) -> Preset:
    """Keep the shot's settings as they stand under a name, for its location (where it has one) or for the production.

    groups: which groups of the page are kept; None: all that is not each shot's own. Raises Invalid, Conflict for a
    name that is taken.
    """
    policy.require(actor, Action.COMP, shot)
    name, kept = _named(name), _groups(groups)
    location = None if everywhere else shot.scene.location
    _require_free(shot.production, location, name)
    values = _taken(shot, kept)
    row = Preset.objects.create(
        production=shot.production, location=location, name=name, groups=kept, values=values,
        created_by=actor, updated_by=actor,
    )  # fmt: skip
    _enter("preset.saved", row, actor, shot=shot.code)
    return row


@transaction.atomic
def save_over(*, actor: Any, preset: Preset, shot: Shot) -> Preset:
    """The preset takes the shot's settings as they stand now; `take_back` brings the old ones again."""
    policy.require(actor, Action.COMP, preset)
    row = _locked(preset)
    values = _taken(shot, row.groups)
    if values == row.values:
        return row
    row.before = {"values": row.values, "name": row.name}
    row.values, row.updated_by = values, actor
    row.revision += 1
    row.save()
    _enter("preset.saved_over", row, actor, shot=shot.code, revision=row.revision)
    return row


@transaction.atomic
def rename(*, actor: Any, preset: Preset, name: str) -> Preset:
    policy.require(actor, Action.COMP, preset)
    row, name = _locked(preset), _named(name)
    if name == row.name:
        return row
    _require_free(row.production, row.location, name, besides=row.pk)
    old = row.name
    row.before = {"values": row.values, "name": old}
    row.name, row.updated_by = name, actor
    row.revision += 1
    row.save()
    _enter("preset.renamed", row, actor, before=old)
    return row


@transaction.atomic
def take_back(*, actor: Any, preset: Preset, revision: int | None = None) -> Preset:
    """Undo the last saving over or renaming; once more does it again. revision: the one that is to be undone."""
    policy.require(actor, Action.COMP, preset)
    row = _locked(preset)
    if not row.before:
        raise Conflict(_("Nothing was changed in “%(name)s” that could be taken back.") % {"name": row.name})
    if revision is not None and revision != row.revision:
        raise Conflict(_("Somebody changed “%(name)s” since. Look at it again.") % {"name": row.name})
    old = {"values": row.values, "name": row.name}
    if row.before["name"] != row.name:
        _require_free(row.production, row.location, row.before["name"], besides=row.pk)
    row.values, row.name, row.before, row.updated_by = row.before["values"], row.before["name"], old, actor
    row.revision += 1
    row.save()
    _enter("preset.taken_back", row, actor, revision=row.revision)
    return row


@transaction.atomic
def delete(*, actor: Any, preset: Preset) -> Preset:
    """Take the preset out of the lists. Shots made with it keep their settings; `restore` brings it back."""
    policy.require(actor, Action.COMP, preset)
    row = _locked(preset)
    row.deleted_at, row.updated_by = datetime.now(UTC), actor
    row.save()
    _enter("preset.deleted", row, actor)
    return row


@transaction.atomic
def restore(*, actor: Any, preset: Preset) -> Preset:
    policy.require(actor, Action.COMP, preset)
    row = Preset.objects.select_for_update(of=("self",)).select_related("location", "production").get(pk=preset.pk)
    if row.deleted_at is None:
        return row
    _require_free(row.production, row.location, row.name)
    row.deleted_at, row.updated_by = None, actor
    row.save()
    _enter("preset.restored", row, actor)
    return row


def outcome(preset: Preset, shot: Shot) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the shot's settings now, as they would be with the preset)."""
    now, facts = selectors.settings_of(shot).values, selectors.facts_of(shot)
    spare = () if fits(preset, shot) else copying.SCREEN_OWN
    after = portable.put_on(preset.values, now, facts, preset.groups, spare=spare)
    return now, recipes.clean(after, [layer.id for layer in facts.layers])


@transaction.atomic
def apply(*, actor: Any, preset: Preset, shot: Shot, seen: str | None = None) -> selectors.Settings:
    """Give the shot the preset's settings, as one step that can be undone. Raises Conflict as `save_settings` does."""
    policy.require(actor, Action.COMP, shot)
    now, wanted = outcome(preset, shot)
    saved = services.save_settings(actor=actor, shot=shot, values=wanted, seen=seen)
    if saved.values != now:
        ledger.record(
            "preset.applied", production_id=shot.production_id, subject=shot, actor=actor,
            data={"name": preset.name, "preset": str(preset.pk), "revision": preset.revision},
        )  # fmt: skip
    return saved


def _locked(preset: Preset) -> Preset:
    row = Preset.objects.select_for_update(of=("self",)).select_related("location", "production").get(pk=preset.pk)
    if row.deleted_at is not None:
        raise Conflict(_("“%(name)s” was deleted meanwhile.") % {"name": row.name})
    return row
