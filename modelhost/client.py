"""The parent's side of the model host: start it, ask it, stop one draw without losing its warm models.

Standard library only. One host per worker process, and one worker process per GPU.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from compositing.errors import Cancelled, ChildCrashed, EngineError, Refused, from_wire
from compositing.sandbox import POLL_S, ROOT, Child, Limits, Progress

# A GPU's address space is the driver's affair; the network is cut, as for every child.
LIMITS = Limits(memory_mb=None, cpu_s=None, wall_s=None, file_mb=40_000, open_files=4_096)
# A stop reaches the next module's forward; a load cannot be stopped, and is not waited for longer than this.
STOP_S = 20.0
WORKER_PYTHON = ROOT / ".venv-worker" / "bin" / "python"


def python() -> Path:
    """The Python that has the model libraries: this one, or `.venv-worker` beside the project.

    Raises Refused with what to do where there is none.
    """
    if find_spec("torch") is not None and find_spec("diffusers") is not None:
        return Path(sys.executable)
    if WORKER_PYTHON.exists():
        return WORKER_PYTHON
    raise Refused(
        "This worker has no model libraries. Start the studio with ./run --worker, which installs them.",
        code="model_no_libraries",
    )


class Host(Child):
    """One living model host."""

    spoke = False  # whether it ever said anything: before that it is importing libraries, and holds no model

    def command(self) -> list[str]:
        return [str(python()), "-m", "modelhost.child"]

    def ask(
        self,
        op: str,
        args: dict[str, Any],
        *,
        wall_s: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> dict[str, Any]:
        """The result of `op`. A cancel stops the draw and keeps the host; only one that does not answer is killed."""
        self.requests += 1
        serial = uuid.uuid4().hex
        try:
            self._say({"op": op, "args": args, "serial": serial})
            return self._wait(serial, wall_s, on_progress, cancelled)
        except OSError:
            raise self._post_mortem() from None
        except ChildCrashed:
            self.kill()
            raise
        except EngineError:
            raise
        except BaseException:
            self.kill()
            raise

    def _say(self, message: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
        self.process.stdin.flush()

    def _wait(
        self,
        serial: str,
        wall_s: float | None,
        on_progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> dict[str, Any]:
        began, asked, next_poll = time.monotonic(), 0.0, 0.0
        while True:
            now = time.monotonic()
            if not asked and cancelled is not None and now >= next_poll:
                next_poll = now + POLL_S
                if cancelled():
                    asked = now
                    self._say({"stop": serial})
            if asked and (not self.spoke or now - asked > STOP_S):
                self.kill()
                raise Cancelled("The draw was cancelled.")
            if wall_s is not None and now - began > wall_s:
                raise ChildCrashed(
                    f"The model took longer than {wall_s:.0f} s and was stopped.", code="child_time", seconds=wall_s
                )
            for answer in self._answers():
                self.spoke = True
                if "progress" in answer:
                    step = answer["progress"]
                    if on_progress is not None and not asked:
                        on_progress(Progress(step["done"], step["total"], step["stage"]))
                elif "error" in answer:
                    raise from_wire(answer["error"])
                elif "result" in answer:
                    # A draw that was finished before the stop reached it is finished: nothing paid for is thrown away.
                    return dict(answer["result"])


class Keeper:
    """The host of this process, started when it is first needed and again when it is gone. Draws take turns."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._host: Host | None = None

    @property
    def pid(self) -> int | None:
        host = self._host
        return host.process.pid if host is not None and host.process.poll() is None else None

    def request(
        self,
        op: str,
        args: dict[str, Any],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> dict[str, Any]:
        """The host's answer. Raises EngineError with a sentence, Cancelled, or ChildCrashed when the host died."""
        while not self._lock.acquire(timeout=POLL_S):
            if cancelled is not None and cancelled():
                raise Cancelled("The draw was cancelled.")
        try:
            if self._host is not None and not self._host.alive:
                self._host.kill()
                self._host = None
            if self._host is None:
                self._host = Host(self.limits)
            return self._host.ask(op, args, on_progress=on_progress, cancelled=cancelled)
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            if self._host is not None:
                self._host.kill()
                self._host = None
