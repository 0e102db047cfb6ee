"""A draw in its shot before anybody has picked it: the shot's comp with the draw where its layer's filling is."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from studio.comps import recipes
from studio.core.errors import Invalid
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw
from studio.generation.selectors import draws_for
from studio.productions.models import Shot


def draw_in(user: Any, shot: Shot, name: str) -> Draw:
    """The finished draw of one of the shot's layers. Raises Invalid for any other."""
    try:
        pk = UUID(name)
    except ValueError:
        raise Invalid(_("That is no draw's name.")) from None
    draw = draws_for(user, shot.production).filter(pk=pk, layer__shot=shot, artefact__isnull=False).first()
    if draw is None:
        raise Invalid(_("There is no finished draw of that name in this shot."))
    return draw


def with_draw(facts: recipes.ShotFacts, values: recipes.Values, draw: Draw) -> tuple[recipes.ShotFacts, dict[str, Any]]:
    """The shot's facts and settings as if `draw` filled its layer, which is then shown even where it is hidden."""
    declared = draw.recipe if draw.backend == "upload" else {}
    filling = recipes.Filling(
        element=str(draw.pk), name=draw.layer.name, source=str(draw.artefact_id), origin=draw.origin,
        ai_made=bool(declared.get("ai_made", BACKENDS[draw.backend].ai_made)), media=draw.media,
    )  # fmt: skip
    own = str(draw.layer_id)
    layers = tuple(replace(layer, filling=filling) if layer.id == own else layer for layer in facts.layers)
    hidden = [layer for layer in recipes.hidden(values) if layer != own]
    return replace(facts, layers=layers), {**values, recipes.HIDDEN: sorted(hidden)}
