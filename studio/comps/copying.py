"""Settings copied to the other shots of the same set-up: which they are, what would change, each its own undo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from studio.comps import portable, recipes, selectors, services
from studio.core.errors import Conflict, DomainError, Invalid
from studio.footage.models import Take
from studio.footage.reasons import called, verdict
from studio.ledger import services as ledger
from studio.productions import policy
from studio.productions.models import Shot
from studio.productions.policy import Action
from studio.productions.selectors import shots_for

# What is never carried to a take before another screen: the colour that the key looks for.
SCREEN_OWN = ("screen_hue_milli", "balance_milli")
MOST = 200  # shots in one go
SETTLED = (Shot.State.APPROVED, Shot.State.IN_CUT, Shot.State.RELEASED)


@dataclass(frozen=True)
class Screen:
    """A take's screen as it was checked: what decides whether a key fits. name "" where none was found."""

    name: str = ""
    hue_milli: int | None = None
    evenness_milli: int | None = None
    grade: str = ""
    colour: str = ""

    @property
    def said(self) -> str:
        return called(self.name, None if self.hue_milli is None else self.hue_milli * 0.36) if self.name else ""

    @property
    def evenness(self) -> str:
        return "" if self.evenness_milli is None else f"{self.evenness_milli / 1000:.2f}"

    def fits(self, other: "Screen") -> bool:
        """Whether a key made for `other` may be tried here: the same kind of screen, its hue within 20 degrees."""
        if not self.name or not other.name:
            return self.name == other.name
        if self.name != other.name:
            return False
        if self.hue_milli is None or other.hue_milli is None:
            return True
        apart = abs(self.hue_milli - other.hue_milli) % 1000
        return min(apart, 1000 - apart) <= 56


@dataclass(frozen=True)
class Target:
    """A shot that the settings could be copied to."""

    shot: Shot
    take: Take | None
    screen: Screen
    fits: bool
    same_scene: bool
    changes: list[list[str]] = field(default_factory=list)
    own: int = 0
    seen: str = ""

    @property
    def ticked(self) -> bool:
        """Whether the page offers it already ticked: a fitting take of the same scene that is not approved or in the
        cut. Other scenes' shots and settled ones are changed only when they are asked for."""
        return self.fits and bool(self.changes) and self.same_scene and self.shot.state not in SETTLED

    @property
    def warning(self) -> str:
        if self.fits or self.take is None:
            return ""
        if not self.screen.name:
            return _("No screen was found in this take.")
        return _("Another screen (%(name)s): the key's colour would not fit and stays as it is there.") % {
            "name": self.screen.said
        }

    @property
    def said(self) -> str:
        """What would change, counted."""
        count = len(self.changes)
        if not count:
            return _("nothing would change")
        return ngettext("%(n)d setting would change", "%(n)d settings would change", count) % {"n": count}


@dataclass(frozen=True)
class Outcome:
    """What became of one target. state: changed | same | refused; seen: what its undo must name."""

    shot: Shot
    state: str
    changes: list[list[str]] = field(default_factory=list)
    kept_screen: bool = False
    sentence: str = ""
    seen: str = ""


def screen_of(take: Take | None) -> Screen:
    if take is None or not take.screen or take.screen.get("found") is False:
        return Screen()
    told = verdict(take.screen)
    hue = take.screen.get("hue_milli")
    if hue is None and told["hue"] is not None:
        hue = round(float(told["hue"]) / 0.36) % 1000
    return Screen(
        str(take.screen.get("name", "")),
        hue,
        take.screen.get("evenness_milli"),
        str(told["grade"]),
        str(told["colour"]),
    )


def _takes(shots: Iterable[Shot]) -> dict[Any, Take]:
    """{shot id: the take that fills its foremost keyed layer}."""
    rows = (
        Take.objects.filter(shot__in=list(shots), circled=True)
        .select_related("poster", "layer", "shot")
        .order_by("layer__order", "number")
    )
    return {take.shot_id: take for take in rows}


def own_screen(shot: Shot) -> Screen:
    """The screen of the take that the shot is made from."""
    return screen_of(_takes([shot]).get(shot.pk))


def candidates(user: Any, shot: Shot) -> list[Shot]:
    """The other shots of the same scene, and those of other scenes at the same location; in the cut's order."""
    place = Q(scene=shot.scene_id)
    if shot.scene.location_id:
        place |= Q(scene__location=shot.scene.location_id)
    rows = shots_for(user, shot.production).filter(place).exclude(pk=shot.pk).exclude(state=Shot.State.OMITTED)
    rows = rows.select_related("scene__episode", "scene__location", "production")
    return list(rows.order_by("scene__episode__number", "scene__number", "order", "code")[:MOST])


def targets(user: Any, shot: Shot, groups: Iterable[str] | None = None) -> list[Target]:
    """What the settings of `shot` could be copied to, and what would change there: those that fit first, and before
    the others those in which something would change."""
    policy.require(user, Action.SEE_INTERNAL, shot)
    wanted = groups_of(groups)
    shots = candidates(user, shot)
    takes = _takes([shot, *shots])
    own = screen_of(takes.get(shot.pk))
    carried = _carried(shot, wanted)
    out = []
    for other in shots:
        facts = selectors.facts_of(other)
        if not any(layer.filling for layer in facts.layers if layer.visual):
            continue
        take = takes.get(other.pk)
        screen = screen_of(take)
        fits = screen.fits(own)
        now = selectors.settings_of(other)
        after = recipes.clean(
            portable.put_on(carried, now.values, facts, wanted, spare=() if fits else SCREEN_OWN),
            [layer.id for layer in facts.layers],
        )
        changes = recipes.changed(now.values, after)
        count = len(recipes.changed({}, now.values))
        out.append(Target(other, take, screen, fits, other.scene_id == shot.scene_id, changes, count, now.seen))
    return sorted(
        out, key=lambda target: (not target.fits, not target.changes, not target.same_scene, target.take is None)
    )


def groups_of(groups: Iterable[str] | None) -> list[str]:
    """The groups asked for, in the page's order; None: the usual ones. Raises Invalid for one that is not there."""
    if groups is None:
        return portable.usual()
    known, asked = portable.groups(), set(groups)
    if unknown := sorted(asked - set(known)):
        raise Invalid(
            _("There is no group “%(group)s”; there are %(groups)s.")
            % {"group": unknown[0], "groups": ", ".join(known)}
        )
    if not asked:
        raise Invalid(_("Choose at least one group of settings to copy."))
    return [name for name in known if name in asked]


def _carried(shot: Shot, wanted: Iterable[str]) -> dict[str, Any]:
    return portable.take_off(selectors.settings_of(shot).values, selectors.facts_of(shot), wanted)


def copy_to(*, actor: Any, shot: Shot, codes: Iterable[str], groups: Iterable[str] | None = None) -> list[Outcome]:
    """Give the settings of `shot` to the shots with those codes; each target is a step of its own that can be undone.

    A target that refuses (a right that was lost, a colleague who was faster) says so and keeps none of the others from
    being done. Raises Invalid for an empty list and for a shot of another set-up.
    """
    policy.require(actor, Action.COMP, shot)
    wanted, asked = groups_of(groups), list(dict.fromkeys(codes))
    if not asked:
        raise Invalid(_("Choose at least one shot to copy to."))
    known = {row.code: row for row in candidates(actor, shot)}
    if strange := [code for code in asked if code not in known]:
        raise Invalid(
            _("%(code)s is not of this set-up: only shots of the same scene or location are.") % {"code": strange[0]}
        )
    rows = [known[code] for code in asked]
    takes = _takes([shot, *rows])
    own, carried = screen_of(takes.get(shot.pk)), _carried(shot, wanted)
    return [_copy_one(actor, shot, row, carried, wanted, screen_of(takes.get(row.pk)).fits(own)) for row in rows]


def _copy_one(
    actor: Any, source: Shot, row: Shot, carried: Mapping[str, Any], wanted: list[str], fits: bool
) -> Outcome:
    try:
        with transaction.atomic():
            policy.require(actor, Action.COMP, row)
            facts, now = selectors.facts_of(row), selectors.settings_of(row)
            after = portable.put_on(carried, now.values, facts, wanted, spare=() if fits else SCREEN_OWN)
            saved = services.save_settings(actor=actor, shot=row, values=after, seen=now.seen)
            changes = recipes.changed(now.values, saved.values)
            if not changes:
                return Outcome(row, "same", [], not fits, seen=saved.seen)
            ledger.record(
                "settings.copied", production_id=row.production_id, subject=row, actor=actor,
                data={"from": source.code, "groups": wanted, "changed": len(changes), "other_screen": not fits},
            )  # fmt: skip
            return Outcome(row, "changed", changes, not fits, seen=saved.seen)
    except DomainError as error:
        return Outcome(row, "refused", sentence=str(error))


@transaction.atomic
def take_back(*, actor: Any, shot: Shot, seen: str) -> selectors.Settings:
    """Undo the copying on one target, if nothing was changed there since. Raises Conflict."""
    policy.require(actor, Action.COMP, shot)
    try:
        return services.step_settings(actor=actor, shot=shot, steps=-1, seen=seen)
    except Conflict as error:
        raise Conflict(
            _("%(code)s was changed since; open it and undo there.") % {"code": shot.code}, code="changed_since"
        ) from error
