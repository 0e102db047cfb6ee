"""The data folder: who holds it, where its parts lie, and how to empty it."""

import fcntl
import hashlib
import json
import os
import pwd
import re
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from studio.bootstrap.errors import CannotStart
from studio.bootstrap.process import birth, may_enter, wait_until

MARK = "huo-studio.json"  # only a folder with this file is ever emptied
LAYOUT = 1
ADDRESSES = ("DATABASE_URL", "REDIS_URL", "HUO_PORT", "HUO_INGEST_PORT", "HUO_DEMO")
# What a start or manage.py may have put there before the folder was marked.
PARTS = {"lock", "running.json", "logs", "postgres", "valkey", "sockets", "secret_key"}
PARTS |= {"media", "uploads", "scratch", "keys", "static", "mail"}
ROOM = 500 * 2**20  # a start writes about 100 MB; less than this and the first render fails
_SOCKET_PATH = re.compile(r"[A-Za-z0-9/._+-]{1,80}")  # sun_path holds 103 bytes on macOS; URLs need it plain


class Home:
    """One data folder. `open` before anything else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._lock: IO[str] | None = None
        self._outside: Path | None = None  # where the sockets are when they cannot be in the folder

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def valkey(self) -> Path:
        return self.folder / "valkey"

    @property
    def _running(self) -> Path:
        return self.folder / "running.json"

    def open(self) -> None:
        """Make the folder if need be, and hold it. Raises CannotStart if it is no good, or another start holds it."""
        try:
            if self.folder.exists():
                self._check_ours()
            else:
                # As root others must pass through, to reach what belongs to PostgreSQL's user.
                self.folder.mkdir(parents=True)
                self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
            lock = (self.folder / "lock").open("a+")
        except OSError as error:
            raise CannotStart(
                f"The data folder {self.folder} cannot be written ({error.strerror}): give this user the right to "
                "write there, or choose another folder with --home."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            known = self._known()
            where = f" at {known['address']}" if known.get("address") else ""
            raise CannotStart(
                f"The studio already runs on {self.folder} (process {known.get('pid', 'unknown')}){where}: use that "
                "one, stop it first, or choose another data folder with --home."
            ) from error
        self._lock = lock
        self._end_leftovers()
        mark = self.folder / MARK
        if not mark.exists():
            mark.write_text(json.dumps({"layout": LAYOUT}) + "\n")
        self.logs.mkdir(exist_ok=True, mode=0o700)

    def _check_ours(self) -> None:
        """Nobody's other files: `reset` will empty this folder one day."""
        strange = sorted(entry.name for entry in self.folder.iterdir() if entry.name not in PARTS)
        if strange and not (self.folder / MARK).exists():
            raise CannotStart(
                f"{self.folder} holds other things ({', '.join(strange[:3])}): choose an empty or a new folder "
                "with --home."
            )

    def check_room(self) -> None:
        """Raises CannotStart where the disk is all but full."""
        free = shutil.disk_usage(self.folder).free
        if free < ROOM:
            raise CannotStart(
                f"Only {free // 2**20} MB are free on the disk that holds {self.folder}, and a start needs "
                f"{ROOM // 2**20} MB: free some space, or choose a folder on another disk with --home."
            )

    def sockets(self, name: str) -> Path:
        """A folder for one server's sockets: in the data folder where that will do, else in /tmp.

        It will do with a short and plain path and, for root, where PostgreSQL's other user can pass.
        """
        within = self.folder / "sockets"
        passable = os.geteuid() != 0 or may_enter(self.folder, pwd.getpwnam("nobody"))
        if not passable or not _SOCKET_PATH.fullmatch(str(within)):
            within = self._outside = self._elsewhere()
        within.mkdir(exist_ok=True)
        within.chmod(0o711)
        folder = within / name
        folder.mkdir(exist_ok=True)
        return folder

    def _elsewhere(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        base = Path(tempfile.gettempdir())
        if not _SOCKET_PATH.fullmatch(str(base)) or len(str(base)) > 50:
            base = Path("/tmp")  # noqa: S108  (the owner is checked below)
        folder = base / f"huo-{os.geteuid()}-{digest}"
        folder.mkdir(exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise CannotStart(f"{folder} belongs to someone else: remove it, or set TMPDIR to a folder of your own.")
        return folder

    def note_running(self, *, address: str, children: list[tuple[str, int]], env: Mapping[str, str]) -> None:
        """Write down who runs here: for the next start, for whoever tries a second one, and for manage.py."""
        text = json.dumps(
            {
                "pid": os.getpid(),
                "address": address,
                "env": {name: env[name] for name in ADDRESSES if name in env},
                "children": [{"name": name, "pid": pid, "birth": birth(pid)} for name, pid in children],
            }
        )
        fresh = self._running.with_suffix(".fresh")
        fresh.touch(mode=0o600)  # an outside server's address may hold a password
        fresh.write_text(text)
        fresh.replace(self._running)

    def close(self) -> None:
        """Everything has stopped: nobody runs here any more, and sockets outside the folder need no place."""
        self._running.unlink(missing_ok=True)
        if self._outside is not None:
            shutil.rmtree(self._outside, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    def _known(self) -> dict[str, Any]:
        return known(self.folder)

    def _end_leftovers(self) -> None:
        """Children that outlived a killed supervisor. On Linux the kernel ended them; macOS has no such thing."""
        left = [child for child in self._known().get("children", []) if child["birth"] == birth(child["pid"]) != ""]
        for child in left:
            if child["name"] not in ("postgres", "valkey"):  # they are asked politely when their turn comes
                try:
                    os.killpg(child["pid"], signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue
                wait_until(lambda pid=child["pid"]: not birth(pid), timeout_s=5)  # type: ignore[misc]
        self._running.unlink(missing_ok=True)

    def reset(self) -> None:
        """Delete everything in the folder but the lock held on it. Raises CannotStart for a folder that is not ours."""
        if not (self.folder / MARK).exists():
            raise CannotStart(
                f"{self.folder} is not a data folder of the studio (it has no {MARK}): nothing was deleted."
            )
        if self.postgres.is_symlink():  # as root the database may lie elsewhere
            shutil.rmtree(self.postgres.resolve(), ignore_errors=True)
        for entry in self.folder.iterdir():
            if entry.name in ("lock", MARK):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        self.logs.mkdir(exist_ok=True, mode=0o700)


def known(folder: Path) -> dict[str, Any]:
    """What the studio that runs on this data folder wrote down; empty when none does, or it may not be read."""
    try:
        found = json.loads((folder / "running.json").read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def addresses(folder: Path) -> dict[str, str]:
    """Where the servers of the studio running on this data folder are, as environment variables."""
    env = known(folder).get("env")
    return dict(env) if isinstance(env, dict) else {}


def say(text: str = "") -> None:
    """One line for the person who started us, at once."""
    print(text, flush=True)


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
