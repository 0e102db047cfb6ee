"""Old recipes made new: one function per schema step, applied in order. A stored recipe renders forever."""

from collections.abc import Callable
from typing import Any

from compositing.errors import Refused

CURRENT = "comp.1"


def from_comp_0(data: dict[str, Any]) -> dict[str, Any]:
    """comp.0 (the trial schema): one background and one actor, "key" as percentages under other names."""
    layers = []
    if data.get("background"):
        layers.append({"id": "background", "kind": "background", "source": data["background"]})
    if data.get("actor"):
        names = {"despill_percent": "despill_milli", "gain_percent": "gain_milli"}
        key = {names[name]: value * 10 for name, value in dict(data.get("key") or {}).items() if name in names}
        layers.append({"id": "actor", "kind": "actor", "source": data["actor"], "key": key})
    kept: dict[str, Any] = {
        name: data[name] for name in ("width", "height", "fps_num", "fps_den", "frame_count") if name in data
    }
    return {"schema": "comp.1", "layers": layers, **kept}


STEPS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {"comp.0": from_comp_0}


def upgrade(data: dict[str, Any]) -> dict[str, Any]:
    """`data` in the current schema. Raises Refused for a schema this version does not know."""
    while (schema := data.get("schema", CURRENT)) != CURRENT:
        step = STEPS.get(schema)
        if step is None:
            raise Refused(
                f"This recipe is of schema {schema!r}; this version reads up to {CURRENT}. Update the studio."
            )
        data = step(data)
    return data
