"""How a draw follows the version of its location: what it takes by default, and how its recipe names it."""

from collections.abc import Mapping
from typing import Any

from studio.generation import pinning, places, styles
from studio.generation.backends.base import Offer
from studio.generation.models import Draw, LocationVersion
from studio.productions.models import Layer


def version_of(actor: Any, layer: Layer, source: Draw | None) -> LocationVersion | None:
    """The version to draw by: that of the draw this one is a final or a variation of, else the shot's own, which it
    keeps from then on. None where the location is not locked."""
    if source is not None:
        return places.named_in(source.recipe)
    return places.take_newest(actor=actor, shot=layer.shot)


def defaults(layer: Layer, offer: Offer, version: LocationVersion) -> dict[str, Any]:
    """Settings of an offer as a version has them, and the prompt where the offer reads one."""
    params = pinning.params_for(offer.name, offer.parameters, places.pinned_for(layer, version))
    names = {one.name for one in offer.parameters}
    if "prompt" in names:
        help_ = styles.help_of(layer, offer, version=version)
        most = {one.name: one.maximum for one in offer.parameters}
        params["prompt"] = help_.prompt[: most["prompt"]]
        if "negative" in names and help_.negative:
            params["negative"] = help_.negative[: most["negative"]]
    return params


def named(layer: Layer, offer: Offer, version: LocationVersion, recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What a recipe says of its location: name, version, digest, and the settings in which it departs."""
    wanted = pinning.params_for(offer.name, offer.parameters, places.pinned_for(layer, version))
    return places.named(version, pinning.departed(wanted, recipe.get("params", {})))


def filled(layer: Layer, offer: Offer, version: LocationVersion | None, last: Mapping[str, Any], drawn_by: str) -> Any:
    """What a form begins with: the last request's settings, and over them the version's where it was drawn by another.

    last: its params; drawn_by: the id of the version that it names, or "".
    """
    if version is None:
        return dict(last)
    own = defaults(layer, offer, version)
    return own | dict(last) if drawn_by == str(version.pk) else dict(last) | own
