"""Start the engine's child processes, hold them to limits, and hear them out. Standard library only.

A child is `python -m compositing.child` in its own session, with a scrubbed environment, an empty scratch home, no
inherited descriptors and the limits below, which it puts on itself before it loads a codec (see
`compositing/confine.py`). A stranger's film that breaks a codec costs the child and nothing else. Linux gives all of
it; on macOS the memory limit, death with the parent by signal, and the network cut do not exist, and the closed pipe
alone ends an orphan.

PR_SET_PDEATHSIG follows the *thread* that started the child: `Warm` therefore starts its child anew when that thread is
gone.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from compositing.accelerators import likely
from compositing.errors import Cancelled, ChildCrashed, EngineError, from_wire

PAGE = os.sysconf("SC_PAGE_SIZE")
NEAR_LIMIT = 0.75
POLL_S = 0.1  # cancelled() is asked ten times a second
ROOT = Path(__file__).resolve().parent.parent
KEPT = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMBA_CACHE_DIR",
    "HUO_THREADS",
    "HUO_DEVICE",
    "HUO_HOME",  # its models folder: see compositing/hints/models.py
)
STDERR_KEPT = 16_000


@dataclass(frozen=True)
class Limits:
    """What one child may use. memory_mb: address space; cpu_s: processor seconds over all threads; wall_s: seconds by
    the clock; file_mb: the largest file it may write; open_files; network: whether it may have one. None: no limit."""

    memory_mb: int | None = 8_192
    cpu_s: int | None = 3_600
    wall_s: float | None = 3_600
    file_mb: int | None = 20_000
    open_files: int = 256
    network: bool = False


# Address space, not resident memory: the libraries alone map about 1 GB.
PROBE = Limits(memory_mb=3_072, cpu_s=600, wall_s=600, file_mb=64)
PICTURE = Limits(memory_mb=3_072, cpu_s=60, wall_s=60, file_mb=512)
PROXY = Limits(memory_mb=6_144, cpu_s=7_200, wall_s=7_200)
PREVIEW = Limits(memory_mb=12_288, cpu_s=None, wall_s=60, file_mb=512)
RENDER = Limits(memory_mb=16_384, cpu_s=86_400, wall_s=43_200)
LIMITS = {
    "probe": PROBE,
    "picture_info": PICTURE,
    "proxy": PROXY,
    "screen_check": PROXY,
    "still": PREVIEW,
    "render": RENDER,
    "export": RENDER,
    "conform": RENDER,
    "verify_media": PROXY,
    "continuity": PROXY,
    "plate": RENDER,
    "effect": RENDER,
    "blender": RENDER,
}


@dataclass(frozen=True)
class Progress:
    """`done` of `total` steps of `stage` (a code such as "frames")."""

    done: int
    total: int
    stage: str


def numba_cache() -> Path:
    """Where compiled kernels are kept between children: NUMBA_CACHE_DIR, else the user's cache folder."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME") or (Path(os.environ["HOME"]) / ".cache" if os.environ.get("HOME") else None)
    return (
        Path(base) / "huo-studio" / "numba" if base else Path(tempfile.gettempdir()) / f"huo-studio-numba-{os.getuid()}"
    )


def scrubbed_environment(scratch: Path) -> dict[str, str]:
    """The child's whole environment: no secrets, no proxies, no database addresses; home and temp are its scratch."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    cache = numba_cache()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        kept["NUMBA_CACHE_DIR"] = str(cache)
    except OSError:
        kept["NUMBA_CACHE_DIR"] = str(scratch)
    return {
        "LANG": "C.UTF-8",
        # glibc reserves 64 MB of address space for each thread's own heap: on many cores that alone breaks the limit.
        "MALLOC_ARENA_MAX": "4",
        **kept,
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }


class Child:
    """One living child. `ask` sends an operation and waits for its answer; `kill` ends it and its whole group."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.scratch = Path(tempfile.mkdtemp(prefix="huo-child-"))
        self.starter = threading.current_thread()
        self.requests = 0
        self._mapped_mb = 0
        self._tail = b""
        self._pending = b""
        try:
            self.process = subprocess.Popen(
                [*self.command(), json.dumps({**asdict(limits), "parent": os.getpid()})],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.scratch,
                env=scrubbed_environment(self.scratch),
                start_new_session=True,
                close_fds=True,
            )
        except OSError as error:
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise ChildCrashed(
                f"The picture engine could not be started: {error.strerror}.", code="child_gone"
            ) from error
        assert self.process.stdin and self.process.stdout and self.process.stderr
        os.set_blocking(self.process.stdout.fileno(), False)
        os.set_blocking(self.process.stderr.fileno(), False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self.process.stdout, selectors.EVENT_READ, "answers")
        self._selector.register(self.process.stderr, selectors.EVENT_READ, "noise")

    def command(self) -> list[str]:
        """What is started; the limits follow as its last argument. The model host is another program."""
        return [sys.executable, "-m", "compositing.child"]

    @property
    def alive(self) -> bool:
        return self.process.poll() is None and self.starter.is_alive()

    def answers(self) -> bool:
        """Whether it still answers, asked now: a child may be dying and not yet be dead for the system."""
        if not self.alive:
            return False
        requests = self.requests
        try:
            self.ask("confinement", {}, wall_s=5)
        except EngineError:
            return False
        self.requests = requests
        return True

    @property
    def noise(self) -> str:
        """The last lines it wrote to stderr: for the log, never for the screen."""
        return self._tail.decode("utf-8", "replace")

    def ask(
        self,
        op: str,
        args: dict[str, Any],
        *,
        wall_s: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> dict[str, Any]:
        """The result of `op`. Raises what the operation raised, Cancelled, or ChildCrashed; the child is then gone."""
        self.requests += 1
        deadline = time.monotonic() + wall_s if wall_s is not None else None
        line = json.dumps({"op": op, "args": args}, ensure_ascii=False).encode() + b"\n"
        try:
            assert self.process.stdin
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except OSError:
            raise self._post_mortem() from None
        try:
            return self._listen(deadline, wall_s, on_progress, cancelled)
        except EngineError as error:
            if isinstance(error, (ChildCrashed, Cancelled)):
                self.kill()
            raise
        except BaseException:
            self.kill()
            raise

    def _listen(
        self,
        deadline: float | None,
        wall_s: float | None,
        on_progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> dict[str, Any]:
        next_poll = 0.0
        while True:
            now = time.monotonic()
            if cancelled is not None and now >= next_poll:
                next_poll = now + POLL_S
                if cancelled():
                    raise Cancelled("The work was cancelled.")
            if deadline is not None and now > deadline:
                raise ChildCrashed(
                    f"The picture engine took longer than {wall_s:.0f} s and was stopped. Try a shorter piece.",
                    code="child_time",
                    seconds=wall_s,
                )
            for answer in self._answers():
                if "progress" in answer:
                    if on_progress is not None:
                        step = answer["progress"]
                        on_progress(Progress(step["done"], step["total"], step["stage"]))
                elif "error" in answer:
                    raise from_wire(answer["error"])
                elif "result" in answer:
                    return dict(answer["result"])

    def _answers(self) -> list[dict[str, Any]]:
        events = self._selector.select(POLL_S)
        self._mapped_mb = max(self._mapped_mb, mapped_mb(self.process.pid))
        for key, _ in events:
            try:
                data = os.read(key.fd, 65_536)
            except BlockingIOError:
                continue
            if key.data == "noise":
                self._tail = (self._tail + data)[-STDERR_KEPT:]
                if not data:
                    self._selector.unregister(key.fileobj)
                continue
            if not data:
                raise self._post_mortem()
            self._pending += data
        *lines, self._pending = self._pending.split(b"\n")
        return [json.loads(line) for line in lines if line.strip()]

    def _post_mortem(self) -> ChildCrashed:
        try:
            code = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self.process.wait()
        return describe_end(code, self.limits, self.noise, self._mapped_mb)

    def kill(self) -> None:
        """End the child and whatever it started, at once, and clear its scratch. Safe to call twice."""
        if self.process.poll() is None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                self.process.kill()
        self.process.wait()
        self._selector.close()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                if pipe:
                    pipe.close()
            except OSError:
                continue  # a pipe whose reader died still holds unflushed bytes
        shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()


def mapped_mb(pid: int) -> int:
    """MB of address space that a living process holds (Linux; elsewhere, and of a dead one, 0)."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * PAGE // 2**20
    except (OSError, IndexError, ValueError):
        return 0


def describe_end(code: int, limits: Limits, noise: str = "", mapped_mb: int = 0) -> ChildCrashed:
    """Why a child ended with this exit status (negative: a signal), in words.

    mapped_mb: the most address space it was seen to hold. Libraries that get no more memory do not all say so: near
    the limit, a fault of memory is taken for the limit's.
    """
    last = noise.strip().splitlines()[-1] if noise.strip() else ""
    faulted = -code in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS)
    starved = faulted and limits.memory_mb is not None and mapped_mb >= NEAR_LIMIT * limits.memory_mb
    if code == -getattr(signal, "SIGXCPU", 24):
        return ChildCrashed(
            f"The picture engine used more than its {limits.cpu_s} s of processor time and was stopped.",
            code="child_cpu",
            seconds=limits.cpu_s,
            detail=last,
        )
    if code == -getattr(signal, "SIGXFSZ", 25):
        return ChildCrashed(
            f"The picture engine wrote a file larger than {limits.file_mb} MB and was stopped.",
            code="child_file_size",
            megabytes=limits.file_mb,
            detail=last,
        )
    if starved or "MemoryError" in noise or "bad_alloc" in noise or "Cannot allocate memory" in noise:
        return ChildCrashed(
            f"The picture engine needed more than its {limits.memory_mb} MB of memory and was stopped.",
            code="child_memory",
            megabytes=limits.memory_mb,
            detail=last,
        )
    if code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return ChildCrashed(
            f"The picture engine was ended by {name}. Nothing was recorded; try again.",
            code="child_signal",
            signal=name,
            detail=last,
        )
    return ChildCrashed(
        f"The picture engine ended without an answer (status {code}). Nothing was recorded; try again.",
        code="child_gone",
        status=code,
        detail=last,
    )


def limits_of(op: str) -> Limits:
    """What an operation may use here. A render that may use a GPU has no limit of address space: the driver maps as
    much as the machine and its cards have, and would not start below that."""
    limits = LIMITS.get(op, Limits())
    return replace(limits, memory_mb=None) if op == "render" and likely() else limits


def run(
    op: str,
    args: dict[str, Any],
    *,
    limits: Limits | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """One child, one operation. limits: by default those of the operation in `LIMITS`.

    Paths in `args` are absolute. Raises EngineError: Refused for bad input, Cancelled, ChildCrashed with the limit's
    name.
    """
    limits = limits or limits_of(op)
    with Child(limits) as child:
        return child.ask(op, args, wall_s=limits.wall_s, on_progress=on_progress, cancelled=cancelled)


class Warm:
    """One child kept for many operations, for previews; safe to share between threads, which take turns.

    A child that crashed, timed out, was cancelled or served `recycle_after` requests is replaced at the next request.
    """

    def __init__(self, limits: Limits = PREVIEW, recycle_after: int = 500) -> None:
        self.limits = replace(limits, cpu_s=None)
        self.recycle_after = recycle_after
        self._lock = threading.Lock()
        self._child: Child | None = None

    def request(
        self,
        op: str,
        args: dict[str, Any],
        *,
        timeout_s: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> dict[str, Any]:
        """The result of `op`, within timeout_s (by default the limits' wall_s). Raises as `run` does."""
        with self._lock:
            child = self._child
            if child is not None and (child.requests >= self.recycle_after or not child.answers()):
                child.kill()
                child = None
            if child is None:
                child = self._child = Child(self.limits)
            wall_s = self.limits.wall_s if timeout_s is None else timeout_s
            return child.ask(op, args, wall_s=wall_s, on_progress=on_progress, cancelled=cancelled)

    def close(self) -> None:
        with self._lock:
            if self._child is not None:
                self._child.kill()
                self._child = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def confinement(limits: Limits = PICTURE) -> dict[str, Any]:
    """What this system really enforces on a child: {"memory", "cpu", "no_new_privileges", "dies_with_parent",
    "network"}.

    For `doctor`. "network" is "cut", "open" (the system does not allow cutting it) or "allowed" (the limits allow one).
    """
    return run("confinement", {}, limits=limits)
