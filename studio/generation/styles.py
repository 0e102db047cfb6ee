"""The production's style, and help with a layer's prompt in its words."""

from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from studio.core.errors import Invalid
from studio.generation import pinning, places, prompting
from studio.generation.backends.base import Offer
from studio.generation.models import LocationVersion, Style
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


def asked_of(layer: Layer, version: LocationVersion | None = None) -> prompting.Asked:
    """What a layer's place in the script says about it, and the version of its location (None: the shot's own)."""
    scene = layer.shot.scene
    place = scene.location
    if version is None:
        found = places.standing(layer.shot)
        version = found.version if found else None
    return prompting.Asked(
        layer.kind, place.name if place else "", place.description if place else "", scene.title or layer.shot.title,
        places.pinned_for(layer, version) if version else None,
    )  # fmt: skip


def help_of(
    layer: Layer, offer: Offer, language: str = "", style: prompting.Style | None = None,
    version: LocationVersion | None = None,
) -> prompting.Help:  # fmt: skip
    """Fragments and a whole prompt for drawing this layer with this offer. language: en or zh; default the reader's.

    style: the production's, where it is at hand; version: of the location (None: the one that the shot is drawn by).
    """
    words = style_of(layer.shot.production) if style is None else style
    asked = asked_of(layer, version)
    return prompting.help_for(offer.model_class, asked, words, language=language or reader(), film=offer.film)


def place_helps(production: Production, model_class: str, language: str = "") -> list[tuple[Location, prompting.Help]]:
    """How the production's locations read, each as a background; a locked one in its newest version's first light."""
    words = style_of(production)
    found = []
    for place in production.locations.order_by("name"):
        version = places.newest(place)
        pinned = pinning.pinned_of(places.content_of(version)) if version else None
        asked = prompting.Asked("background", place.name, place.description, pinned=pinned)
        found.append((place, prompting.help_for(model_class, asked, words, language=language or reader())))
    return found


def reader() -> str:
    """The reader's language, as prompts know it."""
    return "zh" if (get_language() or "").startswith("zh") else "en"
