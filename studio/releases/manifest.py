"""What a master's C2PA manifest says: what each shot was made of, and how. Pure.

Source: C2PA specification 2.x, actions (`c2pa.placed` names its ingredient); IPTC digital source types by `labels`.
"""

from collections.abc import Iterable
from typing import Any

from studio.releases.labels import LayerFacts, source_type, whole_type

ASSERTION = "huo.release"
OCTETS = "application/octet-stream"


def build(
    *,
    release: str,
    number: int,
    production: str,
    episode: str,
    cut_digest: str,
    items: list[dict[str, Any]],
    layers: Iterable[tuple[LayerFacts, str]],
    inputs: dict[str, Any],
    because: list[str],
) -> dict[str, Any]:
    """A manifest definition for the engine's `sign`.

    layers: each layer of each item with the sha256 of what filled it; because: the layers that oblige the label.
    """
    rows = list(layers)
    ingredients: dict[str, dict[str, Any]] = {}
    actions: list[dict[str, Any]] = [
        {"action": "c2pa.created", "digitalSourceType": whole_type(layer for layer, _sha in rows)}
    ]
    for layer, sha256 in rows:
        name = f"sha256:{sha256}"
        ingredients.setdefault(
            name,
            {
                "title": f"{layer.shot} {layer.name}",
                "relationship": "componentOf",
                "instance_id": name,
                "format": OCTETS,
            },
        )
        actions.append(
            {
                "action": "c2pa.placed",
                "digitalSourceType": source_type(layer),
                "description": f"{layer.shot} {layer.version} {layer.kind} “{layer.name}”, {layer.origin}",
                "parameters": {"ingredientIds": [name]},
            }
        )
    keep = ("shot", "version", "media_sha256", "recipe_sha256", "frame_in", "frame_out")
    said = {
        "release": release,
        "number": number,
        "production": production,
        "episode": episode,
        "cut_digest": cut_digest,
        "items": [{name: item[name] for name in keep} for item in items],
        "label": {"burned": bool(inputs["label"]), "why": inputs["label"], "because": because},
        "filing_number": inputs["filing_number"],
    }
    return {
        "claim_generator_info": [{"name": "Huo", "version": "0.1"}],
        "title": inputs["title"],
        "ingredients": list(ingredients.values()),
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": actions}},
            {"label": ASSERTION, "data": said},
        ],
    }
