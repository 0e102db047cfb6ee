"""The production's style, and help with a layer's prompt in its words."""

from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from studio.core.errors import Invalid
from studio.generation import prompting
from studio.generation.backends.base import Offer
from studio.generation.models import Style
from studio.ledger.services import record
from studio.productions import policy
from studio.productions.models import Layer, Location, Production
from studio.productions.policy import Action

PARTS = ("look", "camera", "avoid")
MOST = 1_000


def row_of(production: Production) -> Style | None:
    return Style.objects.select_related("changed_by").filter(production=production).first()


def style_of(production: Production) -> prompting.Style:
    """The production's words; empty ones where nobody has written any."""
    row = row_of(production)
    return prompting.Style(row.look, row.camera, row.avoid) if row else prompting.Style()


@transaction.atomic
def change(*, actor: Any, production: Production, **words: str) -> Style:
    """Write the style anew; a part that is not named stays. Prompts that were drawn with keep their words.

    Raises Forbidden for who may not pick draws, Invalid for a text that is too long.
    """
    policy.require(actor, Action.PICK_DRAW, production)
    row, _made = Style.objects.select_for_update().get_or_create(production=production)
    for name in PARTS:
        if name in words:
            text = " ".join(words[name].split())
            if len(text) > MOST:
                raise Invalid(_("Up to %(most)s characters each.") % {"most": MOST})
            setattr(row, name, text)
    row.changed_by = actor
    row.save()
    data = {name: getattr(row, name) for name in PARTS}
    record("style.changed", production_id=production.pk, subject=production, actor=actor, data=data)
    return row


def asked_of(layer: Layer) -> prompting.Asked:
    """What a layer's place in the script says about it."""
    scene = layer.shot.scene
    place = scene.location
    return prompting.Asked(
        layer.kind, place.name if place else "", place.description if place else "", scene.title or layer.shot.title
    )


def help_of(layer: Layer, offer: Offer, language: str = "", style: prompting.Style | None = None) -> prompting.Help:
    """Fragments and a whole prompt for drawing this layer with this offer. language: en or zh; default the reader's.

    style: the production's, where it is at hand.
    """
    words = style_of(layer.shot.production) if style is None else style
    return prompting.help_for(offer.model_class, asked_of(layer), words, language=language or reader(), film=offer.film)


def place_helps(production: Production, model_class: str, language: str = "") -> list[tuple[Location, prompting.Help]]:
    """How the production's locations read, each as a background without hour or weather."""
    words = style_of(production)
    return [
        (place, prompting.help_for(model_class, prompting.Asked("background", place.name, place.description), words,
                                   language=language or reader()))
        for place in production.locations.order_by("name")
    ]  # fmt: skip


def reader() -> str:
    """The reader's language, as prompts know it."""
    return "zh" if (get_language() or "").startswith("zh") else "en"
