"""Settings that can be carried from one shot to another: by a layer's part in the shot, not by its id. Pure.

A portable set is `{"actor": {parameter: value}, "actor.2": {...}, "background": {...}, "match": {...}}`: the first
actor from the bottom up, the second, and so on. What is absent in a part is automatic; a part that is absent is left
alone. Groups are those of the parameter page; a group that is not carried is left alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from compositing.parameters import MATCH
from studio.comps.recipes import CHOICES, LAYER_PARAMETERS, MASKS, MATCH_PARAMETERS, LayerFacts, ShotFacts, Values

CHOICES_GROUP = "time"
# Where things stand in the frame and in time is each shot's own; carried only when asked for.
OWN = ("garbage", "masks", "place", "time")


def group_of(scope: str, name: str) -> str:
    """The group that a parameter stands in; "" for one that no table knows."""
    if name == MASKS:
        return "masks"
    if name in CHOICES:
        return CHOICES_GROUP
    parameter = (MATCH_PARAMETERS if scope == MATCH else LAYER_PARAMETERS).get(name)
    return parameter.group if parameter else ""


def groups() -> list[str]:
    """Every group there is, in the page's order: those that travel first, then those that are each shot's own."""
    seen = dict.fromkeys(p.group for p in (*LAYER_PARAMETERS.values(), *MATCH_PARAMETERS.values()))
    seen["masks"] = None
    return sorted(seen, key=lambda name: name in OWN)


def usual() -> list[str]:
    """The groups that are carried when nobody says otherwise."""
    return [name for name in groups() if name not in OWN]


def parts(facts: ShotFacts) -> dict[str, LayerFacts]:
    """{part: layer} of the shot's visual layers: "actor", "actor.2", "background"."""
    named: dict[str, LayerFacts] = {}
    for layer in sorted((layer for layer in facts.layers if layer.visual), key=lambda layer: layer.order):
        number, name = 1, layer.kind
        while name in named:
            number += 1
            name = f"{layer.kind}.{number}"
        named[name] = layer
    return named


def take_off(values: Values, facts: ShotFacts, wanted: Iterable[str]) -> dict[str, Any]:
    """What can be carried of `values`: the wanted groups of every layer and of the whole picture."""
    kept = set(wanted)
    scopes = {part: layer.id for part, layer in parts(facts).items()} | {MATCH: MATCH}
    return {
        part: {name: value for name, value in values.get(scope, {}).items() if group_of(scope, name) in kept}
        for part, scope in scopes.items()
    }


def put_on(
    portable: Mapping[str, Mapping[str, Any]],
    values: Values,
    facts: ShotFacts,
    wanted: Iterable[str],
    *,
    spare: Iterable[str] = (),
) -> dict[str, Any]:
    """`values` with the wanted groups as `portable` has them, for each part that both have; the rest as it was.

    spare: parameters left as they are (the screen's colour, where the other take has another screen).
    """
    kept, spared = set(wanted), set(spare)
    scopes = {part: layer.id for part, layer in parts(facts).items()} | {MATCH: MATCH}
    result: dict[str, Any] = dict(values)
    for part, scope in scopes.items():
        if part not in portable:
            continue

        def carried(name: str, scope: str = scope) -> bool:
            return name not in spared and group_of(scope, name) in kept

        now = {name: value for name, value in values.get(scope, {}).items() if not carried(name)}
        now |= {name: value for name, value in portable[part].items() if carried(name)}
        result[scope] = now
    return {key: value for key, value in result.items() if value}
