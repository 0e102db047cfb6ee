"""A PostgreSQL cluster whose tables are made: once for this code, then copied by whatever test starts a studio.

Making one takes 8 CPU-s, copying one a tenth. What a first start does is tested where no copy is used:
`tests/faults/test_supervisor.py` and `tests/bootstrap/test_embedded_servers.py`.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from studio.bootstrap import postgres
from studio.bootstrap.home import Home
from studio.bootstrap.postgres import Postgres
from studio.bootstrap.process import Process
from studio.bootstrap.run import ROOT, migrations_digest

KEPT = ROOT / ".venv" / "huo-test-clusters"  # it goes when the environment goes


class Prepared(Postgres):
    """A PostgreSQL that begins with all tables. As its base otherwise."""

    def _make(self) -> None:
        fresh = self.data.parent / f"making-{os.getpid()}"
        copy(cluster(), fresh)
        os.rename(fresh, self.data)


def prepare(folder: Path) -> None:
    """Give a data folder that `./run` has not seen yet its database, and the word that the tables are made."""
    home = Home(folder)
    home.open()
    try:
        Prepared(home.postgres, home.sockets("postgres"), home.logs / "postgres.log").prepare()
        (home.postgres / "migrated").write_text(migrations_digest())
    finally:
        home.close()


def cluster() -> Path:
    """The kept cluster of this code, made if there is none. Another process that makes it is waited for."""
    source = Path(postgres.__file__).read_bytes()
    kept = KEPT / hashlib.sha256(migrations_digest().encode() + source).hexdigest()[:16]
    KEPT.mkdir(exist_ok=True)
    with (KEPT / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            for old in KEPT.iterdir():
                if old.is_dir():
                    shutil.rmtree(old)
            make(kept)
    return kept


def make(kept: Path) -> None:
    """A new cluster with its tables, stopped in order, in one rename."""
    with tempfile.TemporaryDirectory(prefix="huo-cluster-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # as root PostgreSQL runs as `nobody` and must get through
        sockets = folder / "sockets"
        sockets.mkdir()
        server = Postgres(folder / "postgres", sockets, folder / "postgres.log", durable=False)
        server.prepare()
        process = Process(server.program()).start()
        try:
            server.wait(process)
            env = os.environ | {"DATABASE_URL": server.url, "HUO_HOME": str(folder), "HUO_SECRET_KEY": "only-for-tests"}
            migrate = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"]
            subprocess.run(migrate, cwd=ROOT, env=env, check=True)
        finally:
            process.stop()
        copy(server.data, fresh := kept.with_name("making"))
        os.rename(fresh, kept)


def copy(source: Path, target: Path) -> None:
    """With owners and modes, which PostgreSQL looks at."""
    subprocess.run(["cp", "-pPR", str(source), str(target)], check=True)
