"""Keeps the studio's programs running: starts them in order, restarts what dies, stops all together."""

import http.client
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from studio.bootstrap.errors import CannotStart
from studio.bootstrap.home import complain
from studio.bootstrap.process import Process, Program, die_with_parent, last_lines

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
SETTLED_S = 30.0  # a program that ran this long starts its backoff anew
STOP_S = 8.0  # for all programs together, before SIGKILL; leases make a killed worker harmless


class StopAsked(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. Not an Exception: nothing may catch it but the supervisor."""


class Server(Protocol):
    """PostgreSQL or Valkey: `prepare` comes before each start."""

    def prepare(self) -> object: ...
    def program(self) -> Program: ...


@dataclass
class Kept:
    """A program that is to stay up."""

    process: Process
    server: Server | None = None
    wait_s: float = FIRST_WAIT_S
    due: float | None = None  # when it is to be started again (monotonic)


class Supervisor:
    """Single-threaded on purpose: the kernel ties children to the thread that started them."""

    def __init__(self, on_change: Callable[[list[tuple[str, int]]], None]) -> None:
        self.on_change = on_change
        self.kept: list[Kept] = []
        self._stopping = False
        self._hurry = False
        self._wake, wakeup = socket.socketpair()
        self._wake.setblocking(False)
        wakeup.setblocking(False)
        self._wakeup = wakeup
        signal.set_wakeup_fd(wakeup.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake `_pause`

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            self._hurry = True
            return
        self._stopping = True
        raise StopAsked

    # -- starting

    def start_server(self, server: Server) -> Process:
        """Start a server and keep it up from now on."""
        server.prepare()
        return self._start(Kept(Process(server.program()), server))

    def start(self, program: Program) -> Process:
        """Start a program and keep it up from now on."""
        return self._start(Kept(Process(program)))

    def _start(self, kept: Kept) -> Process:
        self.kept.append(kept)
        kept.process.start()
        self._tell()
        return kept.process

    def step(self, argv: list[str], env: Mapping[str, str], log: Path, on_line: Callable[[str], None]) -> None:
        """Run a program to its end, passing on its lines. Raises CannotStart with its last words if it fails."""
        parent = os.getpid()
        with log.open("a") as record:
            child = subprocess.Popen(
                argv,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
                preexec_fn=lambda: die_with_parent(signal.SIGKILL, parent),
            )
            try:
                assert child.stdout is not None
                for line in child.stdout:
                    record.write(line)
                    record.flush()
                    on_line(line.rstrip("\n"))
                code = child.wait()
            finally:
                if child.poll() is None:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
        if code:
            raise CannotStart(f"`{' '.join(argv[1:])}` failed. Its log {log} ends:\n{last_lines(log)}")

    def wait_for_answer(self, process: Process, port: int, host: str = "127.0.0.1", timeout_s: float = 60.0) -> int:
        """The first HTTP status the studio gives. Raises CannotStart if the program ends or stays silent."""
        deadline = time.monotonic() + timeout_s
        while process.running and time.monotonic() < deadline:
            try:
                line = http.client.HTTPConnection(host, port, timeout=30)
                line.request("GET", "/")
                status = line.getresponse().status
                line.close()
                return status
            except OSError:
                self._pause(0.03)
        log = process.program.log
        raise CannotStart(
            f"The web process {process.how_it_ended()} before it answered. {log} ends:\n{last_lines(log)}"
        )

    # -- keeping

    def keep(self) -> None:
        """Until asked to stop: start again what ends."""
        while True:
            now = time.monotonic()
            for kept in self.kept:
                if kept.due is None and not kept.process.running:
                    self._plan(kept, now)
                elif kept.due is not None and kept.due <= now:
                    self._restart(kept)
            dues = [kept.due for kept in self.kept if kept.due is not None]
            self._pause(max(0.0, min(dues) - time.monotonic()) if dues else 5.0)

    def _plan(self, kept: Kept, now: float) -> None:
        process = kept.process
        if now - process.started_at > SETTLED_S:
            kept.wait_s = FIRST_WAIT_S
        kept.due = now + kept.wait_s
        complain(
            f"{process.program.name} {process.how_it_ended()}; it starts again in {kept.wait_s:.1f} s. "
            f"Its log: {process.program.log}"
        )
        kept.wait_s = min(kept.wait_s * 2, LONGEST_WAIT_S)
        process.kill()  # what it left in its group

    def _restart(self, kept: Kept) -> None:
        kept.due = None
        try:
            if kept.server is not None:
                kept.server.prepare()
            kept.process.start()
        except (CannotStart, OSError) as error:
            complain(f"{kept.process.program.name} could not be started: {error}")
            kept.due = time.monotonic() + kept.wait_s
            kept.wait_s = min(kept.wait_s * 2, LONGEST_WAIT_S)
        self._tell()

    def _pause(self, seconds: float) -> None:
        """Sleep, but wake at a signal (a child that ended is one)."""
        if select.select([self._wake], [], [], seconds)[0]:
            self._wake.recv(4096)

    def _tell(self) -> None:
        self.on_change([(kept.process.program.name, kept.process.pid) for kept in self.kept if kept.process.running])

    # -- stopping

    def stop(self) -> None:
        """All of them, the servers after everything that uses them."""
        self._stopping = True
        self._stop_group([kept.process for kept in self.kept if kept.server is None])
        self._stop_group([kept.process for kept in self.kept if kept.server is not None])
        signal.set_wakeup_fd(-1)
        self._wake.close()
        self._wakeup.close()

    def _stop_group(self, group: list[Process]) -> None:
        deadline = time.monotonic() + max([STOP_S, *(process.program.grace_s for process in group)])
        for process in group:
            process.ask_to_stop()
        while any(process.running for process in group) and time.monotonic() < deadline and not self._hurry:
            self._pause(0.2)
        for process in group:
            process.kill()
