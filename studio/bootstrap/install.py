"""`.venv` and `.venv-worker` and what is in them, from pyproject.toml; nothing is done twice.

They are alternatives, never stacked: two OpenCV builds in one environment overwrite each other.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
import venv
from dataclasses import dataclass
from pathlib import Path

from studio.bootstrap.errors import CannotStart
from studio.bootstrap.home import say

STAMP = "huo-installed.json"


@dataclass(frozen=True)
class Environment:
    """folder: its name below the project; room: bytes it needs free; first: the packages (of the extra with the same
    name as the environment's own) to install before all others, alone; kernels: whether to compile the engine's;
    alone: it holds what [tool.huo.environments] names so in pyproject.toml, and nothing else."""

    folder: str
    room: int
    first: tuple[str, ...] = ()
    kernels: bool = True
    alone: str = ""


# The `local` extra takes 0.6 GB, and pip unpacks beside it.
STUDIO = Environment(".venv", 1500 * 2**20)
# 2.5 GB with torch for the CPU; three times that where the index has only the build with CUDA.
WORKER = Environment(".venv-worker", 4000 * 2**20, ("torch",), kernels=False)
# Blender pins a numpy of its own, so nothing else lives there.
BLENDER = Environment(".venv-blender", 2000 * 2**20, kernels=False, alone="blender")


def ensure(root: Path, extras: set[str], environment: Environment = STUDIO) -> Path:
    """The Python of the environment with these extras in it; made or brought up to date if need be.

    Raises CannotStart where that is not possible.
    """
    folder = root / environment.folder
    python = folder / "bin" / "python"
    wanted = _wanted(root, folder, environment.alone)
    if _is_current(folder, python, wanted, extras):
        return python
    _check_room(root, environment.room)
    try:
        folder.mkdir(exist_ok=True)
        lock = (folder / "huo.lock").open("w")
    except OSError as error:
        raise CannotStart(
            f"{folder} cannot be written ({error.strerror}): copy the project to a folder of your own."
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two starts at once: the second finds the work done
        if not _is_current(folder, python, wanted, extras):
            _install(root, environment, python, wanted, extras)
    return python


def _wanted(root: Path, folder: Path, alone: str = "") -> dict[str, str]:
    """What the stamp must say: the parts of pyproject.toml that name packages, and where the environment lies."""
    with (root / "pyproject.toml").open("rb") as handle:
        project = tomllib.load(handle)
    parts = [project["tool"]["huo"]["environments"][alone]] if alone else [project["build-system"], project["project"]]
    named = json.dumps(parts, sort_keys=True)
    return {"packages": hashlib.sha256(named.encode()).hexdigest(), "place": str(folder)}


def _lines(root: Path, name: str) -> list[str]:
    """What an environment that stands alone holds: `bpy==4.5.15`."""
    with (root / "pyproject.toml").open("rb") as handle:
        lines: list[str] = tomllib.load(handle)["tool"]["huo"]["environments"][name]
    return lines


def _pinned(root: Path, names: tuple[str, ...]) -> list[str]:
    """The `worker` extra's own lines for these packages: `torch==2.13.0`."""
    with (root / "pyproject.toml").open("rb") as handle:
        lines = tomllib.load(handle)["project"]["optional-dependencies"]["worker"]
    return [line for line in lines if re.split(r"[^A-Za-z0-9._-]", line)[0] in names]


def _stamp(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_current(folder: Path, python: Path, wanted: dict[str, str], extras: set[str]) -> bool:
    found = _stamp(folder)
    has = found.get("extras")
    return python.exists() and {**found, **wanted} == found and isinstance(has, list) and extras <= set(has)


def _install(root: Path, environment: Environment, python: Path, wanted: dict[str, str], extras: set[str]) -> None:
    began = time.monotonic()
    folder = root / environment.folder
    before = _stamp(folder).get("extras")
    extras = extras | set(before if isinstance(before, list) else [])
    works = _works(python, folder)
    if not works and folder.is_symlink() and (folder / "pyvenv.cfg").exists():
        raise CannotStart(
            f"{folder} is a link to {folder.resolve()}, an environment made for another place, which is left as it is: "
            f"remove the link and start again."
        )
    (folder / STAMP).unlink(missing_ok=True)
    if not works:
        _make(folder)
    say(f"Installing into {folder} (once; about a minute where downloads are quick) ...")
    log = folder / "huo-install.log"
    command = [str(python), "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    command += ["--disable-pip-version-check"]
    wanted_packages = ["--editable", f"{root}[{','.join(sorted(extras))}]"]
    if environment.alone:
        wanted_packages = _lines(root, environment.alone)
    for what in (_pinned(root, environment.first), wanted_packages):
        if what and _pip([*command, *what], root, log):
            _explain(log, root, environment.room)
    if environment.kernels:
        say("Compiling the picture kernels (once per version) ...")
        # Not fatal: what is not compiled now is compiled when it is first needed.
        subprocess.run([str(python), "-m", "compositing", "warm"], cwd=root, capture_output=True, check=False)
    (folder / STAMP).write_text(json.dumps(wanted | {"extras": sorted(extras)}) + "\n")
    say(f"Installed in {time.monotonic() - began:.0f} s.")


def _works(python: Path, folder: Path) -> bool:
    """It starts, has pip, and was made for this folder (an environment cannot be moved)."""
    if not python.exists():
        return False
    asked = subprocess.run(
        [str(python), "-c", "import sys, pip; print(sys.prefix)"], capture_output=True, text=True, check=False
    )
    pip = folder / "bin" / "pip"
    moved = pip.exists() and str(folder) not in pip.read_text(errors="replace")[:2000]
    return asked.returncode == 0 and not moved


def _make(folder: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise CannotStart(
            f"Python {version} at {sys.executable} cannot make environments (it has no ensurepip): on Debian and "
            f"Ubuntu run `sudo apt-get install python{version}-venv`, elsewhere install Python from python.org, then "
            "start again."
        )
    say(f"Making {folder} with Python {sys.version.split()[0]} ...")
    try:
        for entry in folder.iterdir():
            if entry.name != "huo.lock":
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        venv.EnvBuilder(with_pip=True, symlinks=True).create(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(f"{folder} could not be made ({error}): remove that folder and start again.") from error


def _pip(command: list[str], root: Path, log: Path) -> int:
    """Run pip with its words in `log`, saying now and then how far it is."""
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME", "PIP_USER")}
    collected, told = 0, time.monotonic()
    with log.open("w") as record:
        pip = subprocess.Popen(
            command,
            cwd=root,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert pip.stdout is not None
            for line in pip.stdout:
                record.write(line)
                record.flush()
                if found := re.match(r"(?:Collecting|Requirement already satisfied:) ([A-Za-z0-9._-]+)", line):
                    collected += 1
                    if time.monotonic() - told > 3:
                        told = time.monotonic()
                        say(f"  {collected} packages looked at, now {found[1]}")
                elif line.startswith("Installing collected packages"):
                    say(f"  unpacking {line.count(',') + 1} packages")
            return pip.wait()
        finally:
            if pip.poll() is None:
                pip.terminate()
                pip.wait()


def _explain(log: Path, root: Path, room: int) -> None:
    said = log.read_text(errors="replace")
    if "No space left on device" in said:
        raise CannotStart(f"The disk that holds {root} is full: free about {room / 2**30:.1f} GB, then start again.")
    end = "\n".join(said.splitlines()[-15:])
    if "No matching distribution" in said or "Could not find a version" in said:
        reason = (
            "A package could not be found for this machine: check the network or the package index pip is set to use"
        )
    elif "Failed to establish a new connection" in said or "Temporary failure in name resolution" in said:
        reason = "The package index could not be reached: check the network"
    else:
        reason = "Installing failed"
    raise CannotStart(f"{reason}, then start again; what is there is kept. {log} ends:\n{end}")


def _check_room(root: Path, room: int) -> None:
    free = shutil.disk_usage(root).free
    if free < room:
        raise CannotStart(
            f"Only {free // 2**20} MB are free on the disk that holds {root}, and installing needs {room // 2**20} MB: "
            "free some space, or copy the project to another disk."
        )
