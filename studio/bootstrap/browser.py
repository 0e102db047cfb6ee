"""A browser for the journeys, and a Chinese font for what it draws."""

import os
import shutil
import subprocess
from pathlib import Path

from studio.bootstrap.home import say

NAMES = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def find() -> str | None:
    """The program to start: HUO_BROWSER, else Chrome or Chromium of this system, else the one playwright installed."""
    named = os.environ.get("HUO_BROWSER")
    if named:
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    for place in PLACES:
        if Path(place).exists():
            return place
    return _playwrights()


def _playwrights() -> str | None:
    caches = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH"), "~/.cache/ms-playwright", "~/Library/Caches/ms-playwright"]
    for cache in caches:
        if cache:
            for pattern in ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*"):
                for found in sorted(Path(cache).expanduser().glob(pattern), reverse=True):
                    return str(found)
    return None


def ensure(python: Path, log: Path) -> str | None:
    """Find a browser, or install one: playwright's own, else (as root) the distribution's. None where neither works."""
    found = find()
    if found is None:
        say("No browser was found; installing one for the journeys ...")
        if _run([str(python), "-m", "playwright", "install", "chromium"], log, timeout_s=180):
            found = _playwrights()
    if found is None and _apt(["chromium"], log):
        found = find()
    if found is None:
        say(f"No browser could be installed ({log} says why): install Chrome or Chromium, or name one in HUO_BROWSER.")
    return found


def ensure_font(log: Path) -> None:
    """Without a Chinese font the journeys' pictures show boxes; the tests themselves pass either way."""
    if shutil.which("fc-list") is None:
        return
    listed = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False)
    if not listed.stdout.strip() and not _apt(["fonts-noto-cjk"], log):
        say("No Chinese font was found: pictures of pages will show boxes for Chinese text (install fonts-noto-cjk).")


def _apt(packages: list[str], log: Path) -> bool:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    say(f"  installing {' '.join(packages)} by apt-get")
    _run(["apt-get", "update"], log, timeout_s=180)
    return _run(["apt-get", "install", "-y", "--no-install-recommends", *packages], log, timeout_s=600)


def _run(command: list[str], log: Path, timeout_s: float) -> bool:
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with log.open("a") as record:
        record.write(f"$ {' '.join(command)}\n")
        record.flush()
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=record,
                stderr=subprocess.STDOUT,
                env=env,
                timeout=timeout_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            record.write(f"{error}\n")
            return False
    return done.returncode == 0
