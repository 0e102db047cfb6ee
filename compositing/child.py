"""The child's own main: read operations from stdin as JSON lines, do them, answer on a private descriptor.

Started by `compositing.sandbox` alone. Heavy libraries load with the operation that needs them, after the limits are
on.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from compositing.confine import confine
from compositing.errors import ChildCrashed, EngineError

# Every operation: op(args, report) -> result, all plain JSON types; report(done, total, stage).
OPERATIONS = {
    "probe": "compositing.io.probe:probe_op",
    "proxy": "compositing.io.proxy:proxy_op",
    "picture_info": "compositing.io.picture_info:picture_info_op",
    "conform": "compositing.conform:conform_op",
    "machine": "compositing.machine:machine_op",
    "verify_media": "compositing.io.verify:verify_media_op",
    "sign": "compositing.io.provenance:sign_op",
    "read_manifest": "compositing.io.provenance:read_manifest_op",
    "ready": "compositing.warm:ready_op",
    "still": "compositing.render:still_op",
    "render": "compositing.render:render_op",
    "export": "compositing.export:export_op",
    "screen_check": "compositing.keying:screen_check_op",
    "continuity": "compositing.continuity:continuity_op",
    "actor_light": "compositing.lights:actor_light_op",
    "scene_lights": "compositing.lights:scene_lights_op",
    "plate": "compositing.plates:plate_op",
    "effect": "compositing.effects:effect_op",
    "prop": "compositing.props:prop_op",
    "blender": "compositing.blender.plate:blender_op",
}
REPORT_EVERY_S = 0.05
# How OpenCV, the loader and the system say it.
OUT_OF_MEMORY = ("Insufficient memory", "failed to map segment", "Cannot allocate memory")


class Wire:
    """Answers to the parent, one JSON line each, on a descriptor that no library can print into."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)  # whatever a library prints lands with the noise, not in the protocol
        self._lock = threading.Lock()
        self._last = 0.0

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message, ensure_ascii=False).encode() + b"\n"
        with self._lock:
            while data:
                data = data[os.write(self._out, data) :]

    def report(self, done: int, total: int, stage: str) -> None:
        now = time.monotonic()
        if done < total and now - self._last < REPORT_EVERY_S:
            return
        self._last = now
        self.send({"progress": {"done": int(done), "total": int(total), "stage": stage}})


def operation(name: str) -> Callable[[dict[str, Any], Callable[[int, int, str], None]], dict[str, Any]]:
    """The function behind an operation's name. Raises EngineError (unknown_operation)."""
    where = OPERATIONS.get(name)
    if where is None:
        raise EngineError(f"The picture engine knows no operation {name!r}.", code="unknown_operation", op=name)
    module, function = where.split(":")
    return getattr(importlib.import_module(module), function)  # type: ignore[no-any-return]


def perform(request: dict[str, Any], wire: Wire, confined: dict[str, Any], memory_mb: int | None) -> dict[str, Any]:
    """The answer to one request: {"result": ...} or {"error": ...}."""
    name = str(request.get("op"))
    try:
        if name == "confinement":
            return {"result": confined}
        return {"result": operation(name)(dict(request.get("args") or {}), wire.report)}
    except EngineError as error:
        return {"error": error.to_wire()}
    except Exception as error:  # the last door: whatever a codec or a bug throws becomes a sentence for the parent
        traceback.print_exc()
        if isinstance(error, MemoryError) or any(sign in str(error) for sign in OUT_OF_MEMORY):
            return {
                "error": ChildCrashed(
                    f"The picture engine needed more than its {memory_mb} MB of memory and was stopped.",
                    code="child_memory",
                    megabytes=memory_mb,
                ).to_wire()
            }
        return {
            "error": EngineError(
                f"The picture engine failed at {name!r} ({type(error).__name__}: {error}). Nothing was recorded; "
                "if it happens again, send the log of this job to whoever looks after the studio.",
                code="internal",
                op=name,
                type=type(error).__name__,
            ).to_wire()
        }


def _read_requests(requests: queue.Queue[dict[str, Any]]) -> None:
    for line in sys.stdin.buffer:
        if line.strip():
            requests.put(json.loads(line))
    # The parent closed the pipe or died: nobody waits for an answer any more, on any system.
    os.killpg(os.getpgid(0), signal.SIGKILL) if os.getpgid(0) == os.getpid() else os._exit(0)


def main(argv: list[str]) -> None:
    limits = json.loads(argv[1])
    confined = confine(limits)
    wire = Wire()
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read_requests, args=(requests,), daemon=True).start()
    while True:
        wire.send(perform(requests.get(), wire, confined, limits["memory_mb"]))


if __name__ == "__main__":
    main(sys.argv)
