"""A small memory of finished nodes, by digest: a tweak of the despill must not decode the clip again."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np


def node_digest(operation: str, version: int, *parts: Any) -> str:
    """sha256 of an operation, its version, its parameters and its inputs' digests (plain JSON types)."""
    text = json.dumps([operation, version, *parts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def size_of(value: Any) -> int:
    """Bytes that an array, or a tuple, list, dict or object holding arrays, takes."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, dict):
        return sum(size_of(part) for part in value.values())
    if isinstance(value, (tuple, list)):
        return sum(size_of(part) for part in value)
    inner = getattr(value, "__dict__", None)
    return 256 + (sum(size_of(part) for part in inner.values()) if inner else 0)


class Cache:
    """Values by digest, the least recently used dropped beyond `max_bytes`. Safe to use from several threads."""

    def __init__(self, max_bytes: int = 512 << 20) -> None:
        self.max_bytes = max_bytes
        self.hits = self.misses = self.bytes = 0
        self._values: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str, make: Callable[[], Any]) -> Any:
        """The value of `digest`, made by `make` where it is not known. Two threads may both make it; one is kept."""
        with self._lock:
            if digest in self._values:
                self._values.move_to_end(digest)
                self.hits += 1
                return self._values[digest][0]
            self.misses += 1
        value = make()
        size = size_of(value)
        with self._lock:
            if digest not in self._values and size <= self.max_bytes:
                self._values[digest] = (value, size)
                self.bytes += size
                while self.bytes > self.max_bytes:
                    _, (_, dropped) = self._values.popitem(last=False)
                    self.bytes -= dropped
        return value

    def empty(self) -> None:
        """Forget everything: what is asked for again is made again."""
        with self._lock:
            self._values.clear()
            self.bytes = 0
