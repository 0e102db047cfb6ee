"""What a draw looks like while it is drawn: one small JPEG in the cache, the newest alone, gone when it is done."""

import base64
from typing import Any

from django.core.cache import cache

KEPT_S = 600
MOST = 256 * 1024


def _key(draw: Any) -> str:
    return f"draw-preview:{draw}"


def keep(draw: Any, jpeg: bytes) -> None:
    """A preview costs a page its picture when it is lost, never the draw."""
    if len(jpeg) > MOST:
        return
    try:
        cache.set(_key(draw), base64.b64encode(jpeg).decode(), KEPT_S)
    except Exception:  # whatever the cache's client throws
        return


def find(draw: Any) -> bytes | None:
    """The newest preview of a draw; None before there is one, or without a cache."""
    try:
        found = cache.get(_key(draw))
    except Exception:
        return None
    return base64.b64decode(found) if found else None


def forget(draw: Any) -> None:
    try:
        cache.delete(_key(draw))
    except Exception:
        return
