"""The test session's own PostgreSQL and Valkey: in a temporary folder, on sockets, gone afterwards."""

import os
import shutil
import tempfile
from pathlib import Path

from studio.bootstrap.process import Process
from studio.bootstrap.valkey import Valkey
from tests.prepared import Prepared


class Servers:
    """Made when the session begins, so that settings know the addresses; started by the first test that needs them."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="huo-test-"))
        self.folder.chmod(0o711)  # as root PostgreSQL runs as `nobody` and must get through
        self.home = self.folder / "home"
        self.home.mkdir()
        sockets = self.folder / "postgres-socket"
        sockets.mkdir()
        self._processes: list[Process] = []
        self.postgres: Prepared | None = None
        self.valkey: Valkey | None = None
        before = dict(os.environ)
        os.environ["HUO_HOME"] = str(self.home)
        os.environ.setdefault("HUO_SECRET_KEY", "only-for-tests")
        if "DATABASE_URL" not in os.environ:
            self.postgres = Prepared(self.folder / "postgres", sockets, self.folder / "postgres.log", durable=False)
            os.environ["DATABASE_URL"] = self.postgres.url
        if "REDIS_URL" not in os.environ:
            self.valkey = Valkey(self.folder / "valkey", self.folder, self.folder / "valkey.log", durable=False)
            os.environ["REDIS_URL"] = self.valkey.url
        self._ours = {name for name, value in os.environ.items() if before.get(name) != value}

    def forget(self) -> None:
        """Take our addresses out of the environment: workers of a parallel run make servers of their own."""
        for name in self._ours:
            os.environ.pop(name, None)

    def start(self) -> None:
        if self._processes:
            return
        for server in (self.postgres, self.valkey):
            if server is not None:
                server.prepare()
                process = Process(server.program()).start()
                self._processes.append(process)
                server.wait(process)

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
