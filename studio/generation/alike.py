"""More like this: which ways are open to a draw, and what is asked for then."""

from typing import Any

from django.utils.translation import gettext as _

from studio.core.errors import Conflict
from studio.generation import services, varying
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw


def more_like(*, actor: Any, draw: Draw, count: int = 4, varies: str = varying.SEED) -> list[Draw]:
    """Drafts more like `draw`: other seeds, its numbers moved a little, or drawn on from its picture.

    Raises Conflict where that way is not open to it.
    """
    if varies not in ways_of(draw):
        raise Conflict(_("A draw like this one can't be varied that way."))
    asked = asked_like(draw, varies)
    return services.request_draws(
        actor=actor, layer=draw.layer, backend=draw.backend, count=count, like=draw, varies=varies, **asked
    )


def ways_of(draw: Draw) -> list[str]:
    """What "more like this" may vary of a draw; nothing for a plate from outside or a model that is gone."""
    offers = {offer.name: offer for offer in BACKENDS[draw.backend].offers(draw.layer.kind)}
    offer = offers.get(str(draw.recipe.get("family", "")))
    if offer is None:
        return []
    found = [varying.SEED]
    if any(one.kind == "number" and one.name not in varying.FIXED for one in offer.parameters):
        found.append(varying.SETTINGS)
    if draw.artefact_id and not offer.film and f"{offer.model}/image" in offers:
        found.append(varying.PICTURE)
    return found


def asked_like(draw: Draw, varies: str) -> dict[str, Any]:
    """{"family", "params", "seed"} of a request for more like `draw`; seed None: the family's next free ones."""
    asked: dict[str, Any] = {"family": draw.recipe["family"], "params": dict(draw.recipe["params"]), "seed": None}
    if varies == varying.PICTURE and draw.artefact_id:
        asked = BACKENDS[draw.backend].final(draw.recipe, draw.artefact_id) | {"seed": None}
        asked["params"] |= {"image": draw.artefact_id, "strength_milli": varying.PICTURE_STRENGTH_MILLI}
    return asked
