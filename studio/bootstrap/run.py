"""`./run`: one command from a fresh machine to a running studio."""

import argparse
import errno
import hashlib
import importlib.metadata
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from studio.bootstrap import install, ports
from studio.bootstrap.errors import CannotStart
from studio.bootstrap.home import Home, complain, say
from studio.bootstrap.postgres import Postgres
from studio.bootstrap.process import Process, Program
from studio.bootstrap.supervisor import StopAsked, Supervisor
from studio.bootstrap.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent.parent
LOG_LIMIT = 20 * 2**20
EVERYWHERE = ("0.0.0.0", "::", "")  # noqa: S104


def main(argv: list[str]) -> int:
    options = parse(argv)
    os.environ.pop("PYTHONPATH", None)  # the script set it to find this package
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        return start(options, argv)
    except CannotStart as error:
        complain(f"Cannot start: {error}")
        return 1
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        complain(
            f"Cannot start: the disk is full ({error.filename or 'no file named'}): free some space and try again."
        )
        return 1
    except KeyboardInterrupt:
        return 130


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Starts the whole studio on this machine.")
    parser.add_argument("--home", type=Path, help="data folder (default: HUO_HOME, else .data beside this script)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 lets other machines in")
    parser.add_argument("--port", type=int, default=8000, help="port of the studio; uploads use the next one")
    parser.add_argument("--no-demo", action="store_true", help="start empty, without the demo production")
    parser.add_argument("--reset", action="store_true", help="delete everything in the data folder first (asks)")
    parser.add_argument("--yes", action="store_true", help="with --reset: do not ask")
    parser.add_argument("--setup-only", action="store_true", help="prepare the environments and end")
    parser.add_argument("--worker", action="store_true", help="also draw with learned models: one worker for each GPU")
    parser.add_argument("--blender", action="store_true", help="also draw places in Blender (0.6 GB, once)")
    return parser.parse_args(argv)


def start(options: argparse.Namespace, argv: list[str]) -> int:
    python = install.ensure(ROOT, {"local"})
    if Path(sys.prefix) != ROOT / ".venv":
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        sys.stdout.flush()
        os.execve(python, [str(python), "-P", "-m", "studio.bootstrap.run", *argv], env)  # noqa: S606
    worker = install.ensure(ROOT, {"worker"}, install.WORKER) if options.worker else None
    blender = install.ensure(ROOT, {"blender"}, install.BLENDER) if options.blender else None
    if options.setup_only:
        say(f"Ready: {python}" + "".join(f" and {more}" for more in (worker, blender) if more))
        return 0
    home = Home(options.home or Path(os.environ.get("HUO_HOME") or ROOT / ".data"))
    home.open()
    if options.reset and not reset(home, options):
        return 1
    home.check_room()
    ports.check(options.host, options.port)
    return Studio(home, options, python, worker).run()


def reset(home: Home, options: argparse.Namespace) -> bool:
    """True when the data folder was emptied; False when the person thought better of it."""
    if not options.yes:
        question = f"Delete everything in {home.folder} (productions, media, database)? Type yes: "
        if not sys.stdin.isatty():
            raise CannotStart("--reset asks before it deletes, and nobody can answer here: add --yes.")
        if input(question).strip().lower() != "yes":
            say("Nothing was deleted.")
            return False
    home.reset()
    say(f"{home.folder} is empty now.")
    return True


class Studio:
    """One start on one data folder."""

    def __init__(self, home: Home, options: argparse.Namespace, python: Path, worker: Path | None = None) -> None:
        self.home, self.options, self.python, self.worker = home, options, str(python), worker
        self.began = time.monotonic()
        shown = "127.0.0.1" if options.host in EVERYWHERE else options.host
        self.address = f"http://{shown}:{options.port}"
        self.env: dict[str, str] = {}
        self.supervisor = Supervisor(self.write_down)

    def run(self) -> int:
        try:
            say(f"Huo 活: data in {self.home.folder}")
            self.write_down([])
            for log in self.home.logs.glob("*.log"):
                if log.stat().st_size > LOG_LIMIT:
                    log.replace(log.with_suffix(".log.1"))
            database = self.start_servers()
            self.fill(database)
            self.start_programs()
            self.supervisor.keep()
        except StopAsked:
            say("\nStopping ...")
        finally:
            self.supervisor.stop()
            self.home.close()
        say("Stopped.")
        return 0

    def write_down(self, children: list[tuple[str, int]]) -> None:
        self.home.note_running(address=self.address, children=children, env=self.env)

    # -- the servers

    def start_servers(self) -> Postgres | None:
        """PostgreSQL and Valkey, ours or those named by DATABASE_URL and REDIS_URL. None: the database is not ours."""
        database_url, redis_url = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
        database = valkey = None
        waits: list[tuple[Valkey | Postgres, Process]] = []
        if not redis_url:
            valkey = Valkey(self.home.valkey, self.home.sockets("valkey"), self.home.logs / "valkey.log")
            waits.append((valkey, self.supervisor.start_server(valkey)))
            redis_url = valkey.url
        if not database_url:
            database = Postgres(self.home.postgres, self.home.sockets("postgres"), self.home.logs / "postgres.log")
            if not database.data.exists():
                self.note("making the database")
            waits.append((database, self.supervisor.start_server(database)))
            database_url = database.url
        for server, process in waits:
            server.wait(process)
        self.env = self.environment(database_url, redis_url)
        if database is None or valkey is None:
            self.check_outside(own_database=database is not None, own_valkey=valkey is not None)
        self.note("database and queue are up")
        return database

    def environment(self, database_url: str, redis_url: str) -> dict[str, str]:
        return os.environ | {
            "HUO_HOME": str(self.home.folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "HUO_HOST": self.options.host,
            "HUO_PORT": str(self.options.port),
            "HUO_INGEST_HOST": self.options.host,
            "HUO_INGEST_PORT": str(self.options.port + 1),
            "HUO_DEMO": "false" if self.options.no_demo else "true",
            "DJANGO_SETTINGS_MODULE": "studio.config.settings",
            "HUO_SUPERVISED": "1",
            "PYTHONUNBUFFERED": "1",
        }

    def check_outside(self, *, own_database: bool, own_valkey: bool) -> None:
        """One clear sentence for an outside server that cannot be reached."""
        checks = []
        if not own_database:
            checks.append(
                ("DATABASE_URL", "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'], connect_timeout=5)")
            )
        if not own_valkey:
            checks.append(
                ("REDIS_URL", "import os, redis; redis.from_url(os.environ['REDIS_URL'], socket_timeout=5).ping()")
            )
        for name, code in checks:
            said: list[str] = []
            try:
                self.supervisor.step([self.python, "-c", code], self.env, self.home.logs / "setup.log", said.append)
            except CannotStart as error:
                reason = said[-1] if said else "no reason given"
                raise CannotStart(
                    f"The server named by {name} cannot be used ({reason}): correct or unset {name}."
                ) from error

    # -- what is in them

    def fill(self, database: Postgres | None) -> None:
        """Tables, and the demo production at the first start. Stamps beside our own database spare a second look."""
        wanted = migrations_digest()
        stamp = self.home.postgres / "migrated" if database else None
        if stamp is None or not stamp.exists() or stamp.read_text() != wanted:
            self.note("making the tables")
            self.manage("migrate", "--noinput", quiet=True)
            if stamp is not None:
                stamp.write_text(wanted)
        seeded = self.home.postgres / "seeded" if database else None
        if not self.options.no_demo and (seeded is None or not seeded.exists()):
            self.note("making the demo production")
            try:
                self.manage("seed_demo")
            except CannotStart as error:
                complain(f"The demo production is not complete; the studio starts all the same. {error}")
                return
            if seeded is not None:
                seeded.write_text("done")

    def manage(self, *arguments: str, quiet: bool = False) -> None:
        def show(line: str) -> None:
            # Programs log JSON lines; people get the sentences.
            if not quiet and not line.startswith("{"):
                say(f"    {line}")

        argv = [self.python, str(ROOT / "manage.py"), *arguments]
        self.supervisor.step(argv, self.env, self.home.logs / "setup.log", show)

    # -- the programs

    def start_programs(self) -> None:
        """The web process first, so that the page is there soonest; the workers when it has answered."""
        web = self.supervisor.start(self.program("web", "granian", *self.granian(), stop_s=6))
        self.supervisor.start(self.program("ingest", "studio.media.ingest"))
        status = self.supervisor.wait_for_answer(web, self.options.port, self.reach())
        self.note(
            "the page answers" if status < 500 else f"the page answers with error {status}, see {web.program.log}"
        )
        celery = ["celery", "--app", "studio.config.celery", "worker", "--pool", "threads", "--without-gossip"]
        celery += ["--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        queues = [("cpu", 2), ("interactive", 2)]
        if os.environ.get("HUO_COMFY_URL"):
            queues.append(("remote", 4))  # they wait for another machine: a thread each, no work here
        for queue, threads in queues:
            named = ["--queues", queue, "--concurrency", str(threads), "--hostname", f"{queue}@%h"]
            self.supervisor.start(self.program(f"worker-{queue}", *celery, *named))
        for number in range(gpus() or 1) if self.worker else []:
            named = ["--queues", "gpu", "--concurrency", "1", "--hostname", f"gpu{number}@%h"]
            extra = {"CUDA_VISIBLE_DEVICES": str(number)} if gpus() else {}
            program = self.program(f"worker-gpu{number}", *celery, *named, python=str(self.worker), env=extra)
            self.supervisor.start(program)
        self.supervisor.start(self.program("sweeper", "manage", "sweep", "--every", "5"))
        self.welcome()

    def granian(self) -> list[str]:
        return [
            "--interface", "asgi", "--host", self.options.host or "0.0.0.0", "--port", str(self.options.port),  # noqa: S104
            "--workers", "1", "--respawn-failed-workers", "--workers-kill-timeout", "3",
            "studio.config.asgi:application",
        ]  # fmt: skip

    def program(
        self,
        name: str,
        module: str,
        *arguments: str,
        stop_s: float = 6.0,
        python: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Program:
        return Program(
            name=name,
            argv=[python or self.python, "-m", module, *arguments],
            log=self.home.logs / f"{name}.log",
            env=self.env | dict(env or {}),
            cwd=ROOT,
            # Granian must end its own worker; everything else has nothing that outlives it.
            orphan_signal=signal.SIGTERM if name == "web" else signal.SIGKILL,
            grace_s=stop_s,
        )

    def reach(self) -> str:
        return "127.0.0.1" if self.options.host in EVERYWHERE else self.options.host

    def welcome(self) -> None:
        say()
        say(f"The studio is at {self.address}")
        if self.options.host in EVERYWHERE:
            say(f"and, for other machines, at http://{socket.gethostname()}:{self.options.port}")
        if not self.options.no_demo:
            self.manage("demo_accounts")
            if self.options.host not in ("127.0.0.1", "localhost", "::1"):
                complain("Everyone who reaches this address can sign in with these: use --no-demo for real work.")
        say("Ctrl-C stops it.")

    def note(self, text: str) -> None:
        say(f"  {time.monotonic() - self.began:5.1f} s  {text}")


def gpus() -> int:
    """How many GPUs there are: each gets a worker of its own, with its own warm models."""
    if shutil.which("nvidia-smi") is None:
        return 0
    asked = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=False)
    return sum(line.startswith("GPU ") for line in asked.stdout.splitlines()) if asked.returncode == 0 else 0


def migrations_digest() -> str:
    """Changes when a migration of ours, or the version of a package with tables, does."""
    digest = hashlib.sha256()
    for name in ("Django", "django-allauth"):
        digest.update(importlib.metadata.version(name).encode())
    for path in sorted((ROOT / "studio").glob("*/migrations/*.py")):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
