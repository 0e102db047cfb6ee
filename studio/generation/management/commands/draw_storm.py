"""`manage.py draw_storm --count 1000`: cancel and kill draws at random, then hold the books to their promises."""

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from studio.generation import aside
from studio.generation.storm import Storm, Toll
from studio.jobs import registry as handlers
from studio.jobs import runner


class Command(BaseCommand):
    help = (
        "Storm over draws on servers of its own: random cancels and kills, then a judgement. Fails if a promise broke."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--count", type=int, default=1000, help="how many cancels and kills")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--kills", type=int, default=250, metavar="PERMILLE", help="kills among the events")
        parser.add_argument("--backend", choices=["procedural", "diffusers"], default="procedural")
        parser.add_argument("--inside", action="store_true", help="the servers are there already")
        parser.add_argument("--work", action="store_true", help="be one of its workers")

    def handle(self, *_args: Any, **chosen: Any) -> None:
        if chosen["work"]:
            return self.work()
        if not chosen["inside"]:
            raise SystemExit(aside.again("draw_storm", sys.argv[2:], HUO_LEASE_S="3", HUO_HEARTBEAT_S="1"))
        toll = self.storm(**{name: chosen[name] for name in ("count", "seed", "workers", "kills", "backend")})
        self.tell(toll)
        if toll.broken:
            raise SystemExit(1)

    def work(self) -> None:
        """Claim and execute until killed, as a worker does."""
        handlers.autodiscover()
        while True:
            try:
                job = runner.claim(queues=["gpu", "cpu"])
            except runner.BROKEN:
                connection.close()
                time.sleep(0.5)
                continue
            if job is None:
                time.sleep(0.05)
            else:
                runner.execute(job)

    def storm(self, *, count: int, seed: int, workers: int, kills: int, backend: str) -> Toll:
        handlers.autodiscover()
        if backend == "diffusers":
            aside.tiny_model("storm")
        self.stdout.write(f"seed {seed}: {count} cancels and kills, {workers} workers, backend {backend}")
        return Storm(
            seed=seed, count=count, workers=workers, kills_permille=kills, backend=backend, say=self.stdout.write
        ).run()  # fmt: skip

    def tell(self, toll: Toll) -> None:
        for what, number in sorted(toll.events.items()):
            self.stdout.write(f"  {what}: {number}")
        states = ", ".join(f"{number} {state}" for state, number in sorted(toll.states.items()))
        self.stdout.write(f"  draws: {sum(toll.states.values())} ({states}) in {toll.attempts} attempts")
        for why, number in toll.failures.most_common(5):
            self.stdout.write(f"  failed {number}: {why}")
        if times := toll.stopped_milli:
            told = [times[len(times) * share // 100] / 1000 for share in (50, 95)]
            within = sum(milli <= 1000 for milli in times)
            self.stdout.write(
                f"  a running draw that was cancelled ended after {told[0]:.2f} s (median), {told[1]:.2f} s (95 of "
                f"100), {times[-1] / 1000:.2f} s (worst); {within} of {len(times)} within a second"
            )
        for sentence in toll.broken:
            self.stdout.write(f"BROKEN: {sentence}")
        if not toll.broken:
            self.stdout.write("No half picture, no finished draw lost, nothing entered twice.")
