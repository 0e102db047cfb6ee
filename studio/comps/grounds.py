"""The background that an actor stands before in a shot, and what drew it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from studio.comps import behind, belonging, recipes, selectors
from studio.comps.belonging import Ground
from studio.generation import places
from studio.generation.models import Draw
from studio.productions.models import Layer, Shot

BY_RULE = ("procedural", "blender")  # backends that know where they put their light


def ground_of(shot: Shot, facts: recipes.ShotFacts, values: recipes.Values) -> Ground | None:
    """The shown background nearest to the actor; None where there is none."""
    layers = [layer for layer in recipes.shown(facts, values) if layer.kind == "background" and layer.filling]
    if not layers or layers[-1].filling is None:
        return None
    layer = layers[-1]
    assert layer.filling is not None
    draw = drawn(shot, layer.filling.element)
    params = draw.recipe.get("params", {}) if draw is not None and draw.backend in BY_RULE else {}
    stand = places.standing(shot)
    return Ground(layer.id, params, layer.filling.media, stand.version.lens_mm if stand else None)


def drawn(shot: Shot, element: str) -> Draw | None:
    """The draw that an element came from, or that stands where one would (see `comps.behind`)."""
    rows = Draw.objects.filter(layer__shot__production_id=shot.production_id, artefact__isnull=False)
    return rows.filter(Q(element_id=UUID(element)) | Q(pk=UUID(element))).order_by("created_at").first()


def ground_layer(shot: Shot, facts: recipes.ShotFacts, values: recipes.Values) -> Layer | None:
    """The row of `ground_of`'s layer."""
    ground = ground_of(shot, facts, values)
    return None if ground is None else Layer.objects.select_related("element", "shot__production").get(pk=ground.layer)


def told(
    user: Any, shot: Shot, wish: Mapping[str, Any], values: Any, report: Mapping[str, Any]
) -> dict[str, Any] | None:
    """How the actor of a still stands in its background (see `belonging.told`); None for a version's own, an
    earlier state's, or a layer alone. wish, values: what `previews.still_for` was asked; report: what came of it."""
    if wish.get("version") or wish.get("step") or wish.get("layer"):
        return None
    facts = selectors.facts_of(shot)
    stored = selectors.settings_of(shot).values if values is None else values
    cleaned = recipes.clean(stored, [layer.id for layer in facts.layers])
    if wish.get("draw"):
        facts, cleaned = behind.with_draw(facts, cleaned, behind.draw_in(user, shot, str(wish["draw"])))
    return belonging.told(report, facts, cleaned, ground_of(shot, facts, cleaned))
