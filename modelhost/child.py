"""The model host's own main: draws from stdin as JSON lines, one at a time, models kept warm between them.

Started by `modelhost.client` alone, with the engine's limits on and no network. Heavy libraries load after that.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from compositing.child import Wire
from compositing.confine import confine
from compositing.errors import EngineError

# Before huggingface_hub is imported: nothing is fetched, nothing is reported.
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DIFFUSERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}


class Host:
    """What lives between requests: the shelf of warm models, and whether somebody asked to stop."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.stopping = threading.Event()
        self.serving = ""
        self._lock = threading.Lock()
        self._shelf: Any = None
        self._drawing: Any = None
        self._loading: Any = None

    def warm(self) -> None:
        """Load the libraries: 5 CPU-seconds, once."""
        if self._shelf is None:
            self._loading = importlib.import_module("modelhost.loading")
            self._drawing = importlib.import_module("modelhost.drawing")
            self._loading.settle(int(os.environ.get("HUO_THREADS") or 0))
            self._shelf = self._loading.Shelf()

    def stop(self, serial: str) -> None:
        """Stop that request alone; one that is over, or waits, is not this one."""
        with self._lock:
            if serial == self.serving:
                self.stopping.set()

    def perform(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.serving = str(request.get("serial", ""))
            self.stopping.clear()
        try:
            return {"result": self._answer(str(request.get("op")), dict(request.get("args") or {}))}
        except EngineError as error:
            return {"error": error.to_wire()}
        except Exception as error:  # the last door: whatever a library throws becomes a sentence
            traceback.print_exc()
            said = EngineError(
                f"The model could not draw this ({type(error).__name__}: {str(error)[:300]}). Nothing was recorded; "
                "verify the model, or try other settings.",
                code="model_failed", type=type(error).__name__, reason=str(error)[:300],
            )  # fmt: skip
            return {"error": said.to_wire()}
        finally:
            with self._lock:
                self.serving = ""

    def _answer(self, op: str, args: dict[str, Any]) -> dict[str, Any]:
        self.warm()
        loading = self._loading
        if op == "status":
            told = loading.fingerprint("")
            return told | {"memory": self._shelf.budget, "warm": list(self._shelf.loaded), "used": self._shelf.size}
        if op == "forget":
            self._shelf.forget()
            return {}
        if op == "embed":
            folder = loading.Folder(Path(args["folder"]["path"]), args["folder"]["files"])
            told = importlib.import_module("modelhost.seeing").embed(
                args["model"], folder, [Path(path) for path in args["pictures"]],
                self._shelf, self.wire.report, self.stopping.is_set,
            )  # fmt: skip
            return dict(told)
        if op != "draw":
            raise EngineError(f"The model host knows no operation {op!r}.", code="unknown_operation", op=op)
        request = self._drawing.Request(
            recipe=args["recipe"],
            folders={
                sha256: loading.Folder(Path(one["path"]), one["files"]) for sha256, one in args["folders"].items()
            },
            inputs={sha256: Path(path) for sha256, path in args["inputs"].items()},
            out=Path(args["out_dir"]),
        )
        answer: dict[str, Any] = self._drawing.draw(request, self._shelf, self.wire.report, self.stopping.is_set)
        return answer


def _read(requests: queue.Queue[dict[str, Any]], host: Host) -> None:
    for line in sys.stdin.buffer:
        if line.strip():
            told = json.loads(line)
            if "stop" in told:
                host.stop(str(told["stop"]))
            else:
                requests.put(told)
    # The parent closed the pipe or died: nobody waits for an answer any more.
    os.killpg(os.getpgid(0), signal.SIGKILL) if os.getpgid(0) == os.getpid() else os._exit(0)


def main(argv: list[str]) -> None:
    confine(json.loads(argv[1]))
    os.environ.update(OFFLINE)
    wire = Wire()
    host = Host(wire)
    requests: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_read, args=(requests, host), daemon=True).start()
    while True:
        wire.send(host.perform(requests.get()))


if __name__ == "__main__":
    main(sys.argv)
