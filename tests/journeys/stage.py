"""The whole studio as `./run` starts it, a production on paper, and its people at their browsers."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.cast import PASSWORD
from tests.running import ROOT, RunningStudio

DESKTOP = {"width": 1440, "height": 900}
# What the producer has on paper before the first upload: people, rates, consents, two shots of 36 frames.
PAPERS = """
from datetime import date
from studio.productions.models import Likeness, Production, Rate
from tests.cast import make_cast
from tests.factories import make_episode, make_production, make_scene, make_shot
production = make_production(title="雨夜 Rain Night", slug="rain", width=540, height=960, draw_cap_minor=100_000)
make_cast(production)
for key, amount in {"captured_day": 800_000, "location_day": 1_200_000, "travel": 300_000, "vfx_day": 150_000,
                    "person_day": 80_000, "cpu_hour": 200, "draw": 60}.items():
    Rate.objects.create(production=production, key=key, amount_minor=amount, source="house", valid_from="2026-01-01")
scene = make_scene(make_episode(production), title="屋顶 Rooftop")
for number, name in ((10, "Lin Xia"), (20, "Zhao")):
    shot = make_shot(scene, number, title=name, framing="close_up", performance="emotion", duration_frames=36)
    consent = {"consent_reference": "C-2026-14", "consent_until": date(2030, 1, 1)}
    person = Likeness.objects.create(production=production, name=name, **consent)
    shot.layers.filter(kind="actor").update(likeness=person)
"""
# Answers questions about the tables, one expression a line, for as long as the journey lasts.
CLERK = """
import json, sys
from studio.comps.models import *
from studio.footage.models import *
from studio.generation.models import *
from studio.ledger import services as ledger
from studio.ledger.models import *
from studio.media import storage
from studio.productions.models import *
from studio.releases.models import *
from studio.reviews.models import *
for line in sys.stdin:
    try:
        said = {"value": eval(line)}
    except Exception as error:
        said = {"error": repr(error)}
    print(json.dumps(said, default=str), flush=True)
"""


class Stage:
    """A running studio and its people. `stage.page("cleo")` is Cleo's browser, signed in."""

    def __init__(self, home: Path, browser: Browser) -> None:
        self.studio = RunningStudio(home, "--no-demo", prepared=True)
        self.browser = browser
        self.faults: list[str] = []
        self._people: dict[str, BrowserContext] = {}
        self._clerk: subprocess.Popen[str] | None = None
        self.env = {**self.studio.env, "HUO_HOME": str(home), "PYTHONPATH": str(ROOT)}

    def __enter__(self) -> "Stage":
        self.studio.start()
        self.manage("shell", "-c", PAPERS)
        return self

    def __exit__(self, *_error: object) -> None:
        for context in self._people.values():
            context.close()
        if self._clerk is not None:
            self._clerk.kill()
            self._clerk.wait()
        self.studio.stop()

    def manage(self, *arguments: str, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        """`manage.py` beside the running studio."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=self.env, cwd=ROOT, check=False)
        assert may_fail or done.returncode == 0, f"{arguments[0]} failed: {done.stdout}{done.stderr}"
        return done

    def ask(self, expression: str) -> Any:
        """The value of a Python expression over the studio's tables, as the database has it now, by JSON."""
        if self._clerk is None:
            self._clerk = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", CLERK], cwd=ROOT, env=self.env,
                text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )  # fmt: skip
        assert self._clerk.stdin and self._clerk.stdout
        self._clerk.stdin.write(expression + "\n")
        self._clerk.stdin.flush()
        answer = json.loads(self._clerk.stdout.readline() or '{"error": "the clerk is gone"}')
        assert "error" not in answer, f"{expression}: {answer['error']}"
        return answer["value"]

    def page(self, name: str) -> Page:
        """This person's page, signed in through the form."""
        if name not in self._people:
            context = self.browser.new_context(base_url=self.studio.url, viewport=DESKTOP)  # type: ignore[arg-type]
            page = context.new_page()
            page.set_default_timeout(40_000)
            page.on("pageerror", lambda error: self.faults.append(f"{name}: {error}"))
            page.on(
                "response",
                lambda answer: (
                    self.faults.append(f"{name}: {answer.status} {answer.url}") if answer.status >= 500 else None
                ),
            )
            page.goto("/accounts/login/")
            page.fill("input[name=login]", f"{name}@huo.test")
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(lambda url: "login" not in url)
            self._people[name] = context
        return self._people[name].pages[0]

    def look(self, page: Page, name: str) -> None:
        """Keep a picture where HUO_SCREENSHOTS says."""
        if folder := os.environ.get("HUO_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))


def until(true: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """Wait until `true()` is truthy and give its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        assert time.monotonic() < deadline, f"it never came to this: {what}"
        time.sleep(0.1)


def shown(place: Locator, text: str, seconds: float = 60) -> None:
    """Wait until the person can read `text` there."""
    until(lambda: place.count() and text.lower() in place.first.inner_text().lower(), f"“{text}” is shown", seconds)
