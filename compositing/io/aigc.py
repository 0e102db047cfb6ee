"""The implicit label: a metadata field named AIGC that holds JSON. Standard library only.

Source: GB 45438-2025 and its practice guides, read through copies: keys at the top level, values without " and \\.
Readers also take the wrapped form {"AIGC": {...}}; writers write the top level.
"""

from __future__ import annotations

import json
from typing import Any

from compositing.errors import Refused

KEY = "AIGC"
FIELDS = (
    "Label",
    "ContentProducer",
    "ProduceID",
    "ReservedCode1",
    "ContentPropagator",
    "PropagateID",
    "ReservedCode2",
)
LABELS = ("1", "2", "3")  # is, is possibly, is suspected to be made by AI


def build_aigc(
    *, producer: str, produce_id: str, label: str = "1", propagator: str | None = None, propagate_id: str | None = None,
    reserved1: str = "", reserved2: str = "",
) -> dict[str, str]:  # fmt: skip
    """The label's fields; at the first writing the propagator is the producer. Raises Refused (bad_aigc)."""
    return checked_aigc({
        "Label": label, "ContentProducer": producer, "ProduceID": produce_id, "ReservedCode1": reserved1,
        "ContentPropagator": producer if propagator is None else propagator,
        "PropagateID": produce_id if propagate_id is None else propagate_id, "ReservedCode2": reserved2,
    })  # fmt: skip


def checked_aigc(value: dict[str, Any]) -> dict[str, str]:
    """The same fields in their order. Raises Refused (bad_aigc) with the field that is missing, unknown or unfit."""
    missing = [name for name in FIELDS if name not in value]
    unknown = [name for name in value if name not in FIELDS]
    unfit = [name for name, text in value.items() if not isinstance(text, str) or '"' in text or "\\" in text]
    if value.get("Label") not in LABELS:
        unfit.append("Label")
    for fields, why in ((missing, "lacks"), (unknown, "does not know"), (unfit, "has an unfit value in")):
        if fields:
            raise Refused(
                f"The AIGC label {why} {', '.join(map(str, fields))}.", code="bad_aigc", fields=[str(f) for f in fields]
            )
    return {name: value[name] for name in FIELDS}


def encode_aigc(value: dict[str, Any]) -> str:
    """The text to write under the key AIGC. Raises Refused (bad_aigc)."""
    return json.dumps(checked_aigc(value), ensure_ascii=False, separators=(",", ":"))


def parse_aigc(text: str) -> dict[str, str]:
    """The fields of a label read from a file, wrapped or not; unknown ones are left out. Raises Refused (bad_aigc)."""
    try:
        value = json.loads(text)
    except ValueError:
        raise Refused("The AIGC label in this file is not JSON.", code="bad_aigc", fields=[]) from None
    if isinstance(value, dict) and isinstance(value.get(KEY), dict):
        value = value[KEY]
    if not isinstance(value, dict) or not isinstance(value.get("Label"), str):
        raise Refused("The AIGC label in this file says no Label.", code="bad_aigc", fields=["Label"])
    return {name: value[name] for name in FIELDS if isinstance(value.get(name), str)}
