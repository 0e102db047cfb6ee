"""A small studio of its own to break: PostgreSQL, Valkey, workers, sweeper and ingest, each a real process."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from studio.bootstrap.process import Process, Program
from studio.bootstrap.valkey import Valkey
from tests.prepared import Prepared

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 2


class Stage:
    """`start()` brings up the servers and the tables; workers, sweeper and ingest come as a test asks for them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="huo-fault-"))
        self.folder.chmod(0o711)  # as root PostgreSQL runs as `nobody` and must get through
        self.home = self.folder / "home"
        self.home.mkdir()
        sockets = self.folder / "sockets"
        sockets.mkdir()
        self.postgres = Prepared(self.folder / "postgres", sockets, self.folder / "postgres.log")
        self.valkey = Valkey(self.folder / "valkey", self.folder, self.folder / "valkey.log")
        self.servers: dict[str, Process] = {}
        self.programs: list[Process] = []
        self.ingest_port = free_port()
        self.env = {
            **os.environ,
            "HUO_HOME": str(self.home),
            "HUO_SECRET_KEY": "only-for-tests",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.valkey.url,
            "HUO_LEASE_S": str(LEASE_S),
            "HUO_HEARTBEAT_S": "1",
            "HUO_HINT_AFTER_S": "1",
            "HUO_INGEST_PORT": str(self.ingest_port),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def start(self) -> None:
        self.start_server("postgres")
        self.start_server("valkey")

    def stop(self) -> None:
        self.clear()
        for process in reversed(self.servers.values()):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- servers

    def start_server(self, name: str) -> None:
        server = getattr(self, name)
        server.prepare()
        process = Process(server.program()).start()
        self.servers[name] = process
        server.wait(process)

    def kill_server(self, name: str) -> None:
        """kill -9 to the server and everything it started (PostgreSQL's backends lead groups of their own)."""
        process = self.servers[name]
        backends = children_of(process.pid)
        process.kill()
        for pid in backends:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    # -- programs

    def run(self, name: str, *argv: str) -> Process:
        program = Program(name, [sys.executable, *argv], self.folder / f"{name}.log", env=self.env, cwd=ROOT)
        process = Process(program).start()
        self.programs.append(process)
        return process

    def worker(self, name: str = "worker") -> Process:
        argv = ["-m", "celery", "--app", "studio.config.celery", "worker", "--include", "tests.faults.work"]
        argv += ["--pool", "threads", "--concurrency", "2", "--queues", "cpu,interactive", "--hostname", f"{name}@%h"]
        argv += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        return self.run(name, *argv)

    def sweeper(self) -> Process:
        return self.run("sweeper", "manage.py", "sweep", "--every", "0.5")

    def ingest(self) -> Process:
        process = self.run("ingest", "-m", "studio.media.ingest")
        self.until(lambda: answers(self.ingest_port), "the ingest answers")
        return process

    def clear(self) -> None:
        """End every program of the last test."""
        for process in self.programs:
            process.kill()
        self.programs.clear()

    def until(self, true: Callable[[], object], what: str, timeout_s: float = 60.0) -> None:
        """Wait for `true()`; fail with `what` and the ends of the logs."""
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, f"waited {timeout_s} s until {what}\n{self.logs()}"
            time.sleep(0.03)

    def logs(self) -> str:
        ends = (path.read_text(errors="replace")[-3000:] for path in sorted(self.folder.glob("*.log")))
        return "\n---\n".join(ends)


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
