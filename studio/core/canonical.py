"""Canonical JSON and its digest: the same content gives the same bytes everywhere."""

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        raise TypeError(f"Books hold no floats: {value!r}. Use integers in thousandths or minor units.")
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return str(value)  # lazy translations, enums


def canonical(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces and no floats. Raises TypeError for a float."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Any) -> str:
    """sha256 (hex) of the canonical JSON of `value`."""
    return hashlib.sha256(canonical(value)).hexdigest()
