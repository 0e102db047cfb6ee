"""Prompts for scripts: the production's style, and help with a layer's prompt."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Schema

from studio.core.api import Router
from studio.core.errors import Invalid
from studio.generation import styles
from studio.generation.backends import BACKENDS
from studio.productions import policy
from studio.productions.models import Layer
from studio.productions.policy import Action
from studio.productions.selectors import get_production

router = Router(tags=["generation"])


class StyleIn(Schema):
    """A part that is left out stays."""

    look: str | None = None
    camera: str | None = None
    avoid: str | None = None


class StyleOut(Schema):
    look: str = ""
    camera: str = ""
    avoid: str = ""
    changed_by: str | None = None
    changed_at: datetime | None = None


def _style(production: Any) -> dict[str, Any]:
    row = styles.row_of(production)
    if row is None:
        return {}
    said = {name: getattr(row, name) for name in styles.PARTS}
    return said | {"changed_by": str(row.changed_by) if row.changed_by else None, "changed_at": row.changed_at}


@router.get("/style", response=StyleOut)
def get_style(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The words that every prompt of this production carries."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    return _style(production)


@router.put("/style", response=StyleOut)
def put_style(request: HttpRequest, slug: str, sent: StyleIn) -> dict[str, Any]:
    production = get_production(request.user, slug)
    words = {name: text for name, text in sent.dict().items() if text is not None}
    styles.change(actor=request.user, production=production, **words)
    return _style(production)


@router.get("/layers/{pk}/prompt")
def prompt_help(request: HttpRequest, slug: str, pk: UUID, family: str, language: str = "") -> dict[str, Any]:
    """A prompt put together for this layer and offer, without a model: `prompt`, `negative` (empty where the class does
    not read one), `fragments` to add or leave, `habit` of the class. language: en or zh, where the class reads it."""
    production = get_production(request.user, slug)
    policy.require(request.user, Action.SEE_INTERNAL, production)
    layers = Layer.objects.select_related("shot__production", "shot__scene__location")
    layer = get_object_or_404(layers, pk=pk, shot__production=production)
    offers = {offer.name: offer for backend in BACKENDS.values() for offer in backend.offers(layer.kind)}
    offer = offers.get(family)
    if offer is None or not any(one.name == "prompt" for one in offer.parameters):
        raise Invalid(_("“%(family)s” reads no prompt for this layer.") % {"family": family})
    return asdict(styles.help_of(layer, offer, language))
