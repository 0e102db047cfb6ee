"""What the comp page shows of a background that can be lit like its actor."""

from typing import Any

from studio.comps import grounds, relight, selectors
from studio.core.errors import DomainError
from studio.generation import budget
from studio.productions import policy
from studio.productions.models import Layer, Shot
from studio.productions.policy import Action


def ground(shot: Shot) -> tuple[Layer | None, bool]:
    """(the background's layer, whether it is shown mirrored)."""
    facts, values = selectors.facts_of(shot), selectors.settings_of(shot).values
    layer = grounds.ground_layer(shot, facts, values)
    return layer, bool(layer is not None and values.get(str(layer.pk), {}).get("flip"))


def block(user: Any, shot: Shot) -> dict[str, Any]:
    """What the block shows: whether the background can be lit anew, at what price, and the draw under way."""
    layer, flipped = ground(shot)
    told: dict[str, Any] = {
        "shot": shot, "production": shot.production, "episode": shot.scene.episode, "ground": layer, "flipped": flipped,
    }  # fmt: skip
    if layer is None:
        return told
    source = relight.source_of(layer)
    told |= {"source": source, "pending": relight.pending(layer), "final": relight.final_under_way(layer)}
    told["lost"] = relight.lost(layer)
    told["may_pick"] = policy.may(user, Action.PICK_DRAW, layer)
    if source is not None:
        try:
            told["quotes"] = relight.quotes(layer, source)
            price = sum(one.minor or 0 for one in told["quotes"].values())
            told["stop"] = budget.stop(user, shot.production, price, Action.DRAW_BY_RULE)
        except DomainError as error:
            told["stop"] = str(error)
    return told
