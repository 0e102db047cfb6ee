"""A shot's layers, and the elements that fill them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Invalid
from studio.jobs import services as jobs
from studio.ledger.services import record
from studio.media.models import Artefact
from studio.productions import policy, routes
from studio.productions.models import Element, Layer, LayerKind, Likeness, Production, Shot
from studio.productions.policy import Action

# Back to front, as a picture is built.
DEPTH = [LayerKind.BACKGROUND, LayerKind.CROWD, LayerKind.ACTOR, LayerKind.EFFECT, LayerKind.FOREGROUND]


def usual_kinds(shot: Shot) -> list[LayerKind]:
    """The layers a shot's facts ask for, back to front."""
    kinds = [LayerKind.BACKGROUND]
    if shot.crowd != Shot.Crowd.NONE:
        kinds.append(LayerKind.CROWD)
    if shot.performance != Shot.Performance.NONE and shot.framing != Shot.Framing.EMPTY:
        kinds.append(LayerKind.ACTOR)
    if shot.effect != Shot.Effect.NONE:
        kinds.append(LayerKind.EFFECT)
    return kinds


def add_usual_layers(shot: Shot) -> None:
    """Give a new shot its first layers (called by `create_shot`)."""
    Layer.objects.bulk_create(
        Layer(shot=shot, kind=kind, name=str(kind.label).capitalize(), order=order)
        for order, kind in enumerate(usual_kinds(shot))
    )


@transaction.atomic
def add_layer(*, actor: Any, shot: Shot, kind: str, name: str = "", likeness: Likeness | None = None) -> Layer:
    """A new, empty layer where its kind usually stands: in front of the last one that lies no nearer."""
    policy.require(actor, Action.EDIT_SHOTS, shot)
    if kind not in LayerKind.values:
        raise Invalid(_("A layer is one of: %(kinds)s.") % {"kinds": ", ".join(LayerKind.values)})
    layers = _locked(shot)
    depth = DEPTH.index(LayerKind(kind)) if kind in DEPTH else len(DEPTH)
    at = sum(
        1 for other in layers if (DEPTH.index(LayerKind(other.kind)) if other.kind in DEPTH else len(DEPTH)) <= depth
    )
    layer = Layer.objects.create(
        shot=shot,
        kind=kind,
        name=name.strip() or str(LayerKind(kind).label).capitalize(),
        order=len(layers),
        likeness=likeness,
    )
    _renumber([*layers[:at], layer, *layers[at:]])
    record(
        "layer.added",
        production_id=shot.production_id,
        subject=shot,
        actor=actor,
        data={"layer": layer.name, "kind": kind},
    )
    routes.route_shot(shot=shot)
    layer.refresh_from_db()
    jobs.poke(shot)
    return layer


@transaction.atomic
def edit_layer(*, actor: Any, layer: Layer, **facts: Any) -> Layer:
    """Rename a layer, or say whose likeness it shows. facts: name, likeness."""
    policy.require(actor, Action.EDIT_SHOTS, layer.shot)
    if set(facts) - {"name", "likeness"}:
        raise Invalid(_("A layer's name and likeness can be changed here; its route has its own place."))
    changed = {name: value for name, value in facts.items() if getattr(layer, name) != value}
    if changed:
        data = {
            name: {"from": str(getattr(layer, name) or ""), "to": str(value or "")} for name, value in changed.items()
        }
        for name, value in changed.items():
            setattr(layer, name, value)
        layer.save(update_fields=list(changed))
        record("layer.edited", production_id=layer.shot.production_id, subject=layer.shot, actor=actor, data=data)
    return layer


@transaction.atomic
def remove_layer(*, actor: Any, layer: Layer) -> None:
    """Take an unused layer off its shot. Raises Conflict for one that a version or a take was made from."""
    policy.require(actor, Action.EDIT_SHOTS, layer.shot)
    shot, name = layer.shot, layer.name
    # What lies above (takes, draws, versions) is asked through the database: related rows by any name.
    used = [
        relation.name
        for relation in Layer._meta.related_objects
        if relation.related_model._default_manager.filter(**{relation.field.name: layer}).exists()
    ]
    if used:
        raise Conflict(_("“%(name)s” holds work already (takes, draws or versions), so it stays.") % {"name": name})
    layer.delete()
    _renumber(_locked(shot))
    record("layer.removed", production_id=shot.production_id, subject=shot, actor=actor, data={"layer": name})
    jobs.poke(shot)


@transaction.atomic
def place_layer(*, actor: Any, layer: Layer, order: int) -> None:
    """Move a layer to `order` (0 is furthest back)."""
    policy.require(actor, Action.EDIT_SHOTS, layer.shot)
    others = [other for other in _locked(layer.shot) if other.pk != layer.pk]
    order = min(max(order, 0), len(others))
    _renumber([*others[:order], layer, *others[order:]])
    data = {"layer": layer.name, "order": order}
    record("layer.moved", production_id=layer.shot.production_id, subject=layer.shot, actor=actor, data=data)


def _locked(shot: Shot) -> list[Layer]:
    Shot.objects.select_for_update().get(pk=shot.pk)
    return list(shot.layers.order_by("order", "created_at"))


def _renumber(layers: list[Layer]) -> None:
    for order, layer in enumerate(layers):
        layer.order = order
    Layer.objects.bulk_update(layers, ["order"])


@transaction.atomic
def make_element(
    *,
    production: Production,
    name: str,
    kind: str,
    origin: str,
    artefact: Artefact,
    ai_made: bool = False,
    proxy: Artefact | None = None,
    poster: Artefact | None = None,
    media: dict[str, Any] | None = None,
    licence: str = "",
    source: str = "",
    declared_by: Any = None,
) -> Element:
    """Something that can fill a layer, entered in the books with where it comes from. The caller has checked who may.

    media: `{"width", "height", "frame_count", "fps_num", "fps_den", "has_alpha", ...}`, integers only.
    """
    element = Element.objects.create(
        production=production, name=name[:200], kind=kind, origin=origin, artefact=artefact, ai_made=ai_made,
        proxy=proxy, poster=poster, media=media or {}, licence=licence, source=source[:300], declared_by=declared_by,
    )  # fmt: skip
    data = {
        "origin": origin,
        "ai_made": ai_made,
        "kind": kind,
        "name": element.name,
        "licence": licence,
        "source": element.source,
    }
    record(
        "element.made",
        production_id=production.pk,
        subject=element,
        actor=declared_by,
        made_from=[artefact.pk],
        data=data,
        code=name[:80],
    )
    return element


@transaction.atomic
def fill_layer(*, layer: Layer, element: Element, actor: Any = None) -> Element:
    """Let `element` fill `layer`. The caller has checked who may, and pokes the shot afterwards.

    Raises Invalid for an element of another production.
    """
    if element.production_id != layer.shot.production_id:
        raise Invalid(_("This element belongs to another production."))
    layer.element = element
    layer.save(update_fields=["element"])
    record(
        "layer.filled",
        production_id=layer.shot.production_id,
        subject=layer.shot,
        actor=actor,
        made_from=[element.artefact_id],
        data={
            "layer": layer.name,
            "kind": layer.kind,
            "element": element.name,
            "origin": element.origin,
            "ai_made": element.ai_made,
        },
    )
    return element
