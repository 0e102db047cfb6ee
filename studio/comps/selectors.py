"""What the comp page and the API read: a shot as facts for a recipe, its settings, its versions."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from compositing.hints.models import NETWORK, installed
from compositing.recipe import MODES
from studio.comps import mask_words, recipes
from studio.comps.models import CompSettings, Export, Version, VersionLayer
from studio.core.canonical import digest
from studio.core.errors import Invalid
from studio.footage.models import Take
from studio.generation import fit
from studio.productions import policy
from studio.productions.models import Layer, Production, Rate, Role, Shot
from studio.productions.policy import Action
from studio.productions.selectors import shots_for

# What a guest sees of a shot's versions: those that were put before reviewers.
GUEST_STATES = ("in_review", "approved", "changes")


def layers_of(shot: Shot) -> list[Layer]:
    """The shot's layers from the bottom up, each with what fills it."""
    rows = Layer.objects.filter(shot=shot).select_related("element__artefact", "element__proxy", "element__poster")
    return list(rows.order_by("order", "created_at"))


def facts_of(shot: Shot, layers: list[Layer] | None = None) -> recipes.ShotFacts:
    """The shot as `comps.recipes` needs it."""
    production = shot.production
    return recipes.ShotFacts(
        code=shot.code,
        width=production.width,
        height=production.height,
        fps_num=production.fps_num,
        fps_den=production.fps_den,
        duration_frames=shot.duration_frames,
        layers=tuple(
            recipes.LayerFacts(str(layer.pk), layer.kind, layer.name, order, _filling(layer))
            for order, layer in enumerate(layers_of(shot) if layers is None else layers)
        ),
        network=NETWORK if installed() else None,
    )


def _filling(layer: Layer) -> recipes.Filling | None:
    element = layer.element
    if element is None:
        return None
    return recipes.Filling(
        element=str(element.pk), name=element.name, source=element.artefact_id, origin=element.origin,
        ai_made=element.ai_made, media=element.media,
    )  # fmt: skip


def step_id(values: dict[str, Any]) -> str:
    """What a state of the settings is called: the same values, the same name."""
    return digest(values)[:16]


@dataclass(frozen=True)
class Settings:
    """The parameter page's values now, and who made them so. seen: what a save must name to prove it changes what it
    saw."""

    values: dict[str, Any]
    position: int
    history: list[dict[str, Any]]
    by: str = ""

    @property
    def seen(self) -> str:
        return digest([self.values, self.position])

    @property
    def can_undo(self) -> bool:
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        return self.position < len(self.history) - 1

    def changed(self, position: int) -> list[list[str]]:
        """What made the state at `position`, as `recipes.changed` tells it; a change of masks also in words."""
        step = self.history[position]
        before = self.history[position - 1]["values"] if position else {}
        out = []
        for scope, name in step.get("changed", []):
            words = ""
            if name == recipes.MASKS and scope != recipes.HIDDEN:
                masks = (values.get(scope, {}).get(recipes.MASKS, []) for values in (before, step["values"]))
                words = mask_words.said(*masks)
            out.append([scope, name, words] if words else [scope, name])
        return out

    def steps(self) -> list[dict[str, Any]]:
        """Every state that undo and redo can reach, the newest first: its id, what made it, by whom and when."""
        return [
            {
                "id": step_id(step["values"]), "position": position, "changed": self.changed(position),
                "by": step.get("by", ""), "at": step.get("at", ""), "now": position == self.position,
            }
            for position, step in reversed(list(enumerate(self.history)))
        ]  # fmt: skip

    def step(self, name: str) -> dict[str, Any]:
        """The values of the state with that id, as far as the history goes back. Raises Invalid."""
        for step in reversed(self.history):
            if step_id(step["values"]) == name:
                return dict(step["values"])
        raise Invalid(_("That state is no longer in the history. Choose another to compare with."))

    def as_dict(self) -> dict[str, Any]:
        last = self.changed(self.position) if self.history else []
        ahead = self.changed(self.position + 1) if self.can_redo else []
        return {
            "values": self.values, "seen": self.seen, "can_undo": self.can_undo, "can_redo": self.can_redo,
            "position": self.position, "last": last, "next": ahead, "by": self.by,
        }  # fmt: skip


def told(shot: Shot, now: Settings, facts: recipes.ShotFacts | None = None) -> dict[str, Any]:
    """The settings for the page's script: `as_dict`, and `recipes`: the sha256 that a version's recipe would have if it
    were rendered from them now, in each mode; none where nothing can be rendered."""
    facts = facts or facts_of(shot)
    try:
        made = [recipes.build(facts, now.values, mode=mode).sha256() for mode in MODES]
    except Invalid:
        made = []
    return now.as_dict() | {"recipes": [] if recipes.missing(facts, now.values) else made}


def settings_of(shot: Shot, row: CompSettings | None = None) -> Settings:
    row = row or CompSettings.objects.filter(shot=shot).select_related("updated_by").first()
    if row is None:
        return Settings({}, 0, [])
    return Settings(row.values, row.position, row.history, str(row.updated_by or ""))


def versions_for(user: Any, shot: Shot) -> QuerySet[Version]:
    """The shot's versions, newest first; a guest sees those that reached review."""
    rows = (
        Version.objects.filter(shot=shot, shot__production__memberships__user_id=user.pk)
        .select_related("job", "created_by", "poster", "proxy", "shot__production")
        .defer("qc_frames")
        .prefetch_related(
            Prefetch("version_layers", VersionLayer.objects.order_by("order")),
            Prefetch("exports", Export.objects.select_related("job", "artefact")),
        )
    )
    if policy.role_of(user, shot) is Role.GUEST:
        rows = rows.filter(state__in=GUEST_STATES)
    return rows.order_by("-number")


def version_for(user: Any, shot: Shot, number: int) -> Version:
    return get_object_or_404(versions_for(user, shot), number=number)


def shot_by_code(user: Any, production: Production, code: str) -> Shot:
    """The shot `EP01_SC01_SH010`, or 404 for who may not see it."""
    return get_object_or_404(shots_for(user, production), code=code)


def head(shot: Shot, draft: bool = False) -> Version | None:
    """The newest version that was finished; the newest draft where asked for one."""
    rows = Version.objects.filter(shot=shot, draft=draft).exclude(state__in=("building", "failed"))
    return rows.order_by("-number").first()


def with_changes(versions: list[Version]) -> list[dict[str, Any]]:
    """Each version beside its layers and how many of them are as they were in the finished version before it."""
    rows = []
    for index, version in enumerate(versions):
        before = next((old for old in versions[index + 1 :] if old.state != Version.State.FAILED), None)
        old = {layer.digest for layer in before.version_layers.all()} if before else set()
        layers = list(version.version_layers.all())
        kept = sum(layer.digest in old for layer in layers)
        rows.append(
            {"version": version, "layers": layers, "before": before, "kept": kept, "changed": len(layers) - kept}
        )
    return rows


def filmstrip_of(shot: Shot, layers: list[Layer]) -> Take | None:
    """The take whose pictures stand under the frame slider: the one that fills the actor's layer."""
    elements = [layer.element_id for layer in layers if layer.kind == "actor" and layer.element_id]
    return Take.objects.filter(element_id__in=elements, filmstrip__isnull=False).select_related("filmstrip").first()


def cpu_rate(production: Production, on: date) -> Rate | None:
    """The rate card's price of an hour of rendering, or None: then nothing is costed."""
    rates = Rate.objects.filter(production=production, key=Rate.Key.CPU_HOUR, valid_from__lte=on)
    return rates.order_by("-valid_from", "-created_at").first()


def mirrored_layers(shot: Shot) -> frozenset[str]:
    """The shot's layers that its settings show mirrored."""
    return frozenset(
        layer for layer, part in settings_of(shot).values.items() if isinstance(part, dict) and part.get("flip")
    )


fit.MIRRORED.append(mirrored_layers)  # draws are ranked as they would stand in the comp


def may_comp(user: Any, shot: Shot) -> bool:
    return policy.may(user, Action.COMP, shot)
