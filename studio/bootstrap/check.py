"""`./test`: the linters, then the suite with its browser journeys, then the model tests in an environment of their own.

`./test fast`: the quick half. `./test model`: the model tests alone.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from studio.bootstrap import browser, install
from studio.bootstrap.errors import CannotStart
from studio.bootstrap.home import complain, say

ROOT = Path(__file__).resolve().parent.parent.parent
USAGE = """usage: ./test [fast | model] [pytest arguments]
  ./test                          everything: ruff, mypy, import contracts, the suite with its browser journeys, models
  ./test fast                     ruff, import contracts and the quick tests
  ./test model                    what loads models (torch, diffusers), in .venv-worker
  ./test tests/studio -k upload   only the suite, with these arguments"""
MODEL = "model or gpu"
MODEL_FOLDERS = ("tests/gpu", "tests/model")  # where they all lie: reading every other test first takes 20 CPU-s
PLAIN, DRIVEN = f"not journey and not fault and not ({MODEL})", f"(journey or fault) and not ({MODEL})"
DRIVEN_FOLDERS = ("tests/journeys", "tests/faults", "tests/browser")
TOGETHER = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile"]
QUICK = "not slow and not journey and not fault and not gpu and not model"


def main(argv: list[str]) -> int:
    if argv and argv[0] in ("-h", "--help"):
        say(USAGE)
        return 0
    os.environ.pop("PYTHONPATH", None)
    half = argv[0] if argv and argv[0] in ("fast", "model") else ""
    fast, arguments = half == "fast", argv[1:] if half else argv
    try:
        python = install.ensure(ROOT, {"local", "dev"})
        if half == "model":
            return models(arguments)
    except CannotStart as error:
        complain(f"Cannot test: {error}")
        return 1
    env = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if not fast:
        log = ROOT / ".venv" / "huo-browser.log"
        if found := browser.ensure(python, log):
            env["HUO_BROWSER"] = found
        browser.ensure_font(log)
    failed = [] if arguments else lint(linters(python, fast=fast), env)
    if failed:
        say(f"FAILED: {', '.join(failed)}. The suite runs all the same, and this run fails.")
    codes = [
        subprocess.run([str(python), "-m", "pytest", *part, *arguments], cwd=ROOT, env=env, check=False).returncode
        for part in parts(fast=fast, chosen=bool(arguments))
    ]
    if not fast and not arguments:
        try:
            codes.append(models([]))
        except CannotStart as error:
            complain(f"The model tests cannot run: {str(error).splitlines()[0]} (more: ./test model)")
            return 1
    # Nothing is printed after the suite: its summary is the last line.
    return max(codes, key=abs) or (1 if failed else 0)


def parts(*, fast: bool, chosen: bool) -> list[list[str]]:
    """pytest's arguments, run by run: plain tests, then those that drive browsers or kill processes.

    The latter mostly wait; never more than two side by side, since each is a whole studio at work.
    """
    if fast:
        return [["-m", QUICK, *TOGETHER]]
    if chosen:
        return [[]]
    lanes = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
    elsewhere = [f"--ignore={folder}" for folder in (*DRIVEN_FOLDERS, *MODEL_FOLDERS)]  # not even read
    return [["-m", PLAIN, *TOGETHER, *elsewhere], ["-m", DRIVEN, *lanes, *DRIVEN_FOLDERS]]


def models(arguments: list[str]) -> int:
    """The tests that load torch and diffusers: in `.venv-worker`.

    Two processes at most: each loads them anew, which costs 6 CPU-s and 2 GB. The exit status is pytest's. Raises
    CannotStart where the environment can't be made.
    """
    python = install.ensure(ROOT, {"worker", "servers", "dev"}, install.WORKER)
    env = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}", "HF_HUB_OFFLINE": "1"}
    lanes = ["-n", str(min(2, os.cpu_count() or 1)), "--dist", "loadfile"]
    command = [str(python), "-m", "pytest", "-m", MODEL, *(arguments or (*lanes, *MODEL_FOLDERS))]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def linters(python: Path, *, fast: bool) -> list[tuple[str, list[str]]]:
    tools = python.parent
    steps = [("ruff", [str(tools / "ruff"), "check", "."]), ("import contracts", [str(tools / "lint-imports")])]
    return steps if fast else [*steps, ("mypy", [str(tools / "mypy")])]


def lint(steps: list[tuple[str, list[str]]], env: dict[str, str]) -> list[str]:
    """The names of those that failed. All run at once: each keeps one processor busy."""
    with ThreadPoolExecutor() as pool:
        passed = pool.map(lambda step: passes(step[0], step[1], env), steps)
        return [name for (name, _command), good in zip(steps, passed, strict=True) if not good]


def passes(name: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one linter; its words are shown only if it fails."""
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    good = done.returncode == 0
    if not good:
        say(done.stdout)
    say(f"{name}: {'passed' if good else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    return good


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
