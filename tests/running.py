"""A whole studio started by `./run`, as a person would start it, for tests that need the real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.prepared import prepare

ROOT = Path(__file__).resolve().parent.parent


class RunningStudio:
    """`./run --home home --port port` in a process of its own. Use as a context manager."""

    def __init__(self, home: Path, *arguments: str, env: dict[str, str] | None = None, prepared: bool = False) -> None:
        """prepared: the tables are there already, as at any start but the first."""
        if prepared:
            prepare(home)
        self.home, self.arguments = home, arguments or ("--no-demo",)
        self.port = free_port()
        self.env = {key: value for key, value in os.environ.items() if not key.startswith(("HUO_", "DJANGO_"))}
        for name in ("DATABASE_URL", "REDIS_URL", "PYTEST_CURRENT_TEST"):
            self.env.pop(name, None)
        self.env |= env or {}
        self.output = home.parent / f"{home.name}-output.txt"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "RunningStudio":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, wait: bool = True) -> "RunningStudio":
        command = [str(ROOT / "run"), "--home", str(self.home), "--port", str(self.port), *self.arguments]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=self.env, start_new_session=True
            )
        if wait:
            self.until(self.is_up, "the studio is up")
        return self

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"./run ended: {self.said()}"
        return "Ctrl-C stops it." in self.said() and self.status() < 500

    def status(self, path: str = "/") -> int:
        """The HTTP status of a page, 599 while nobody answers."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 599

    def said(self) -> str:
        return self.output.read_text(errors="replace") if self.output.exists() else ""

    def log(self, name: str) -> str:
        return (self.home / "logs" / f"{name}.log").read_text(errors="replace")

    def interrupt(self) -> int:
        """Ctrl-C, and the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            try:
                self.interrupt()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """kill -9 of the supervisor alone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def processes(self) -> dict[int, str]:
        """Living processes of this studio by pid, found by their environment or their arguments (Linux)."""
        marks = (f"HUO_HOME={self.home}\0".encode(), os.fsencode(str(self.home)) + b"/")
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                words = (entry / "cmdline").read_bytes()
                told = words + (entry / "environ").read_bytes() + os.fsencode((entry / "cwd").readlink()) + b"/"
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if state != "Z" and any(mark in told for mark in marks):
                found[int(entry.name)] = words.replace(b"\0", b" ").decode(errors="replace").strip()
        return found

    def pid_of(self, *words: str) -> int:
        """The first of its processes, parents before children, whose command line has all these words; 0 if none."""
        return next((pid for pid, line in sorted(self.processes().items()) if all(w in line for w in words)), 0)

    def until(self, true: Any, what: str, timeout_s: float = 60.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited {timeout_s:.0f} s in vain until {what}; ./run said:\n{self.said()}")
            time.sleep(0.05)


def free_port() -> int:
    """A port that is free together with the next one, below the range the kernel hands out."""
    for port in range(20000 + os.getpid() * 64 % 8000, 32000):  # test processes beside us begin elsewhere
        try:
            for wanted in (port, port + 1):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", wanted))
        except OSError:
            continue
        return port
    raise AssertionError(f"no free pair of ports on this machine, {sys.platform}")
