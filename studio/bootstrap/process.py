"""Children that can be stopped cleanly, and that the kernel ends when their parent is gone."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(sig: signal.Signals = signal.SIGKILL, parent: int | None = None) -> None:
    """Have the kernel send this process `sig` when its parent's thread ends. Linux; elsewhere it does nothing.

    Call it after any change of user: that clears it. `parent` is the pid that should still be the parent;
    if it is already gone, the signal is raised at once (the parent may die between fork and prctl).
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), sig)


@dataclass(frozen=True)
class Program:
    """How to start one child, and how to end it."""

    name: str
    argv: list[str]
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    user: pwd.struct_passwd | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    grace_s: float = 6.0


class Process:
    """One run of a program: its own session (so that Ctrl-C reaches only the supervisor), output in its log file."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.popen: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    @property
    def pid(self) -> int:
        return self.popen.pid if self.popen else 0

    @property
    def running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def start(self) -> "Process":
        """Start it. Call from the main thread of a process with no other threads: the kernel ties it to that thread."""
        program, parent = self.program, os.getpid()
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with open(program.log, "ab") as log:
            self.popen = subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=program.cwd,
                env=dict(program.env),
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(program.orphan_signal, parent),
                **as_user(program.user),
            )
        self.started_at = time.monotonic()
        return self

    def ask_to_stop(self) -> None:
        if self.popen is not None and self.popen.poll() is None:
            self.popen.send_signal(self.program.stop_signal)

    def stop(self, deadline: float | None = None) -> None:
        """End it and whatever it started in its own group: politely until `deadline` (monotonic), then by SIGKILL."""
        if self.popen is None:
            return
        self.ask_to_stop()
        if deadline is None:
            deadline = time.monotonic() + self.program.grace_s
        try:
            self.popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self) -> None:
        """SIGKILL to its group, members that outlived their leader included."""
        if self.popen is None:
            return
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.popen.wait()

    def how_it_ended(self) -> str:
        code = self.popen.poll() if self.popen else None
        if code is None:
            return "is running"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """subprocess' arguments for running as `user`; nothing for the present user."""
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def may_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    """Whether `user` can pass through to what lies in `folder`. Only root may ask."""
    asked = subprocess.run(["test", "-x", str(folder)], check=False, cwd="/", **as_user(user))
    return asked.returncode == 0


def wait_until(
    ready: Callable[[], bool], *, timeout_s: float, alive: Callable[[], bool] = lambda: True, step_s: float = 0.02
) -> bool:
    """True as soon as `ready()` is; False after `timeout_s` or when `alive()` is not any more."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not alive() or time.monotonic() > deadline:
            return ready()
        time.sleep(step_s)
    return True


def birth(pid: int) -> str:
    """When the process with this pid was started, as an opaque text, to tell reused pids apart; empty: no process."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return ""
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log file, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
    except OSError:
        return ""
