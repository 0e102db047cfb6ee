"""Words and addresses for a shot's next step."""

from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from studio.pipeline.board import Card
from studio.productions.models import Layer, Shot


def _words() -> dict[str, str]:
    return {
        "restore": _("Bring it back"),
        "open_release": _("Open the release"),
        "open_cut": _("Open the cut"),
        "cut": _("Put it in the cut"),
        "watch_render": _("See the render"),
        "review": _("Review %(version)s"),
        "add_layer": _("Add a layer"),
        "route": _("Set the routes"),
        "circle": _("Circle a take"),
        "upload": _("Upload footage"),
        "pick_draw": _("Pick a draw"),
        "draw": _("Draw %(layer)s"),
        "plate": _("Upload a plate"),
        "submit": _("Look at %(version)s and send it to review"),
        "comp": _("Open the comp"),
    }


def address(name: str, *args: object) -> str:
    """The page's address, or nothing where its app has no pages."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def button(card: Card) -> dict[str, Any]:
    """`{"code", "label", "url", "post", "action"}` of the card's next step; `post`: the address takes a POST."""
    shot, step = card.shot, card.step
    slug, episode = shot.production.slug, shot.scene.episode.code
    here = (slug, episode, shot.path_code)
    waiting = _waiting_layer(card)
    urls = {
        "restore": address("productions:set_aside", *here, "restore"),
        "open_release": address("releases:release", slug, episode),
        "open_cut": address("releases:cut", slug, episode),
        "cut": address("releases:cut", slug, episode),
        "review": address("reviews:review", *here),
        "circle": address("footage:takes", *here),
        "upload": address("footage:takes", *here),
        "plate": address("generation:draws", *here, waiting.pk) if waiting else "",
        "draw": address("generation:draws", *here, waiting.pk) if waiting else "",
        "pick_draw": address("generation:draws", *here, waiting.pk) if waiting else "",
        "add_layer": "#layers",
        "route": "#layers",
    }
    label = _words()[step.code] % {
        "version": card.head.name if card.head else "",
        "layer": waiting.name if waiting else "",
    }
    url = urls.get(step.code, address("comps:comp", *here)) or shot_address(shot)
    return {"code": step.code, "label": label, "url": url, "post": step.code == "restore", "action": step.action}


def _waiting_layer(card: Card) -> Layer | None:
    wanted = {"draw": card.facts.empty_made, "pick_draw": card.facts.empty_made, "plate": card.facts.empty_library}
    ids = wanted.get(card.step.code, ())
    return next((layer for layer in card.layers if str(layer.pk) in ids), None)


def shot_address(shot: Shot) -> str:
    return reverse("productions:shot", args=[shot.production.slug, shot.scene.episode.code, shot.path_code])
