"""`manage.py draw_bench`: how far estimates miss, one line per backend, over a seeded run of real draws."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from compositing.errors import EngineError
from studio.core.errors import DomainError
from studio.generation import accuracy, aside
from studio.generation.backends import diffusers

BACKENDS = ("procedural", "diffusers", "remote")


class Command(BaseCommand):
    help = "Draw on servers of its own and print how far estimates miss. Fails if, after five draws, by over 20 %."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, default=15, help="draws per backend")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--backend", choices=BACKENDS, action="append")
        parser.add_argument("--workflow", type=Path, help="what the drawing server (HUO_COMFY_URL) draws, for remote")
        parser.add_argument("--inside", action="store_true", help="the servers are there already")

    def handle(
        self, *_args: Any, count: int, seed: int, backend: list[str] | None, workflow: Path | None, inside: bool,
        **_: Any,
    ) -> None:  # fmt: skip
        if count <= accuracy.LEARNT:
            raise CommandError(f"Draw more than {accuracy.LEARNT} times: the first ones are what is learned from.")
        if not inside:
            raise SystemExit(aside.again("draw_bench", sys.argv[2:]))
        runs = []
        for name in backend or BACKENDS:
            if why := self._lacking(name, workflow):
                self.stdout.write(f"{name}: not measured, {why}")
                continue
            try:
                runs.append(accuracy.measure(name, seed=seed, count=count, say=self.stdout.write))
            except (RuntimeError, DomainError, EngineError) as error:
                raise CommandError(f"{name}: {error}") from error
            finally:
                diffusers.HOST.close()
        for run in runs:
            self.stdout.write(run.line())
        if not all(run.good for run in runs):
            raise SystemExit(1)

    def _lacking(self, backend: str, workflow: Path | None) -> str:
        """Why it can't be measured here; empty where it can. Registers the model that is drawn with."""
        if backend == "remote":
            if not settings.COMFY_URL:
                return "no drawing server is set (HUO_COMFY_URL)"
            if workflow is None:
                return "no workflow to draw is named (--workflow FILE.json, exported with “Export (API)”)"
            try:
                aside.workflow("bench", json.loads(workflow.read_text()))
            except (OSError, ValueError, DomainError) as error:
                return f"{workflow.name}: {error}"
        if backend == "diffusers":
            try:
                aside.tiny_model("bench")
            except EngineError as error:
                return str(error)
        return ""
