"""A ComfyUI workflow in its API form: {node: {"class_type", "inputs"}}. Where a recipe's settings go in. Pure.

Written from the wire alone: a value [node, slot] in `inputs` is a link, everything else is a setting.
"""

import copy
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from studio.core.errors import Invalid

MOST_BYTES = 1_000_000
# setting -> names under which samplers and latents keep it.
NAMED = {
    "seed": ("seed", "noise_seed"),
    "steps": ("steps",),
    "guidance_milli": ("cfg", "guidance"),
    "width": ("width",),
    "height": ("height",),
    "frames": ("length", "num_frames"),
    "strength_milli": ("denoise",),
}
SETTINGS = (*NAMED, "prompt", "negative", "image")


def check(graph: Mapping[str, Any]) -> None:
    """Raises Invalid for what is no workflow in the API form."""
    nodes = list(graph.values()) if isinstance(graph, Mapping) else []
    kinds = [node.get("class_type") if isinstance(node, Mapping) else None for node in nodes]
    if not nodes or not all(isinstance(kind, str) for kind in kinds) or not all(
        isinstance(node.get("inputs"), Mapping) for node in nodes
    ):  # fmt: skip
        raise Invalid(_("This is no ComfyUI workflow in the API form. Export it with “Export (API)”."))


def _is_link(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == 2 and isinstance(value[0], str)


def bind(graph: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, list[str]]:
    """setting -> [node, input] for whatever the graph lets a recipe set. told: bindings that win over what is found.

    Raises Invalid where one names a node or an input that is not there, or where no prompt can be set.
    """
    check(graph)
    found: dict[str, list[str]] = {}
    for number, node in graph.items():
        inputs = node["inputs"]
        for setting, names in NAMED.items():
            for name in names:
                if setting not in found and name in inputs and not _is_link(inputs[name]):
                    found[setting] = [number, name]
        for setting, name in (("prompt", "positive"), ("negative", "negative")):
            if setting not in found and _is_link(inputs.get(name)):
                text = _text_behind(graph, inputs[name][0])
                if text:
                    found[setting] = text
        if node["class_type"] == "LoadImage" and "image" not in found:
            found["image"] = [number, "image"]
    for setting, where in told.items():
        if setting not in SETTINGS:
            raise Invalid(_("There is no setting “%(name)s” to bind.") % {"name": setting})
        if isinstance(where, str):
            where = where.partition(".")[::2]
        node, name = str(where[0]), str(where[1])
        if node not in graph or name not in graph[node]["inputs"]:
            raise Invalid(_("The workflow has no input %(where)s.") % {"where": f"{node}.{name}"})
        found[setting] = [node, name]
    if "prompt" not in found:
        raise Invalid(_("Nothing in this workflow takes the prompt: bind it, such as prompt=6.text."))
    return found


def _text_behind(graph: Mapping[str, Any], node: str, depth: int = 0) -> list[str] | None:
    """The text setting that a conditioning comes from, through whatever stands between."""
    if depth > 16 or node not in graph:
        return None
    inputs = graph[node]["inputs"]
    for name in ("text", "prompt", "clip_l"):
        if isinstance(inputs.get(name), str):
            return [node, name]
    for value in inputs.values():
        if _is_link(value) and (found := _text_behind(graph, value[0], depth + 1)):
            return found
    return None


def filled(graph: Mapping[str, Any], bound: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The graph with a recipe's values in the bound places; thousandths become the fractions that nodes take."""
    whole = copy.deepcopy(dict(graph))
    for setting, (node, name) in bound.items():
        if setting in values and values[setting] is not None:
            value = values[setting]
            whole[node]["inputs"][name] = value / 1000 if setting.endswith("_milli") else value
    return whole


def models_in(graph: Mapping[str, Any]) -> list[str]:
    """File names of checkpoints, LoRAs and the like that the graph loads, for provenance."""
    found = set()
    for node in graph.values():
        inputs = node.get("inputs") if isinstance(node, Mapping) else None
        for name, value in (inputs or {}).items():
            if isinstance(value, str) and name.endswith("_name") and "." in value:
                found.add(value)
    return sorted(found)


def without_floats(value: Any) -> Any:
    """The same with fractions as text, so that it has a canonical form."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, Mapping):
        return {str(key): without_floats(one) for key, one in value.items()}
    return [without_floats(one) for one in value] if isinstance(value, (list, tuple)) else value
