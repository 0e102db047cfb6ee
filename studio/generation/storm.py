"""Draws in a storm: random cancels and kill -9 of workers and of what draws in them; then the books are held to what
was promised: no half picture, no finished draw lost, nothing recorded twice.

Real processes throughout: each worker claims and executes jobs as every worker does; the storm kills it by its id.
"""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from studio.accounts.models import User
from studio.core.errors import Conflict
from studio.generation import services
from studio.generation.models import Draw
from studio.jobs import services as jobs
from studio.jobs import sweep
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.ledger.models import Entry
from studio.media import storage
from studio.media.models import Artefact
from studio.productions import services as productions
from studio.productions.models import Layer, LayerKind

MADE = ("done", "starred", "binned", "promoted")
ENDED = (*MADE, "failed", "cancelled")
WAITING = 4  # draws kept before the workers
PATIENCE_S = 300  # for what is left when the storm is over
# Of the draws that ended, so many are to be finished ones, or "no finished draw is lost" would say little.
FINISHED_PERMILLE = 333
BREATH_S = 60  # at most so long nothing is struck, to let draws finish


@dataclass
class Toll:
    """What the storm did and what it found. broken: one sentence per promise that did not hold."""

    events: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    attempts: int = 0
    # How long each cancel of a running draw took to end it, in thousandths of a second, kills left out; in order.
    stopped_milli: list[int] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


class Storm:
    """Seeded: the same seed makes the same decisions (what they hit depends on the machine's own timing)."""

    def __init__(
        self, *, seed: int, count: int, workers: int, kills_permille: int, backend: str, say: Callable[[str], None]
    ) -> None:
        self.chance = random.Random(seed)  # noqa: S311 (a storm, not a secret)
        self.count, self.kills_permille, self.backend, self.say = count, kills_permille, backend, say
        self.toll = Toll()
        self.seen_done: dict[Any, str] = {}
        self.asked: dict[Any, datetime] = {}
        self.kills: list[datetime] = []
        self.seed = 1
        self.layer, self.actor = _stage()
        self.workers = [_worker() for _ in range(workers)]

    def run(self) -> Toll:
        said = 0
        try:
            while sum(self.toll.events.values()) < self.count:
                self._fill()
                self._breathe()
                time.sleep(self.chance.uniform(0.02, 1.0) * self._usual_s())
                self._strike()
                self._look()
                struck = sum(self.toll.events.values())
                if struck % 100 == 0 and struck != said:
                    self.say(f"  {struck} struck, {len(self.seen_done)} draws finished so far")
                    said = struck
            self.say("the storm is over; what is left is drawn")
            end = time.monotonic() + PATIENCE_S
            while Draw.objects.exclude(state__in=ENDED).exists() and time.monotonic() < end:
                self._look()
                time.sleep(0.2)
        finally:
            for worker in self.workers:
                worker.kill()
                worker.wait()
        self._judge()
        return self.toll

    def _fill(self) -> None:
        live = Draw.objects.exclude(state__in=ENDED).count()
        if live < WAITING:
            number = WAITING - live
            asked: dict[str, Any] = {"family": "lobby", "params": {}}
            if self.backend == "diffusers":
                asked = {"family": "storm/text", "params": {"prompt": "rain", "steps": 12}}
            services.request_draws(
                actor=self.actor, layer=self.layer, seed=self.seed, count=number, backend=self.backend, **asked
            )
            self.seed += number

    def _breathe(self) -> None:
        """Let draws finish while too few of those that ended are finished ones; what is struck stays a matter of
        chance."""
        end = time.monotonic() + BREATH_S
        while time.monotonic() < end:
            states = list(Draw.objects.filter(state__in=ENDED).values_list("state", flat=True))
            finished = sum(state in MADE for state in states)
            if finished * 1000 >= FINISHED_PERMILLE * (len(states) + 1):
                return
            time.sleep(0.1)
            sweep.expire_leases()
            self._fill()

    def _usual_s(self) -> float:
        """How long the last finished draw took: a strike falls somewhere within the next one."""
        last = Draw.objects.filter(state__in=MADE).select_related("job").order_by("-created_at").first()
        job = last.job if last is not None else None
        if job is None or job.started_at is None or job.finished_at is None:
            return 1.0
        return min(8.0, max(0.2, (job.finished_at - job.started_at).total_seconds()))

    def _strike(self) -> None:
        if self.chance.randrange(1000) < self.kills_permille:
            self.kills.append(datetime.now(UTC))
            number = self.chance.randrange(len(self.workers))
            worker = self.workers[number]
            below = _children(worker.pid)
            if below and self.chance.random() < 0.5:
                os.kill(self.chance.choice(below), signal.SIGKILL)
                self.toll.events["killed what draws"] += 1
                return
            worker.kill()
            worker.wait()
            self.workers[number] = _worker()
            self.toll.events["killed a worker"] += 1
            return
        live = list(Job.objects.filter(kind="generation.draw", state__in=["queued", "leased"]).order_by("created_at"))
        if live:
            running = [job for job in live if job.state == Job.State.LEASED]
            job = self.chance.choice(running if running and self.chance.random() < 0.7 else live)
            now = datetime.now(UTC)
            try:
                jobs.cancel(self.actor, job)
            except Conflict:
                return  # it ended just now
            if job.state == Job.State.LEASED:
                self.asked.setdefault(job.pk, now)
            self.toll.events[f"cancelled a {'waiting' if job.state == 'queued' else 'running'} draw"] += 1

    def _look(self) -> None:
        """Remember what was finished: it must stay so. And let leases of the dead run out."""
        sweep.expire_leases()
        for pk, artefact in Draw.objects.filter(state__in=MADE).values_list("pk", "artefact_id"):
            before = self.seen_done.setdefault(pk, artefact)
            if before != artefact:
                self.toll.broken.append(f"draw {pk} was finished as {before[:12]} and is now {artefact}")

    def _judge(self) -> None:
        toll = self.toll
        draws = list(Draw.objects.select_related("job", "artefact"))
        toll.states = Counter(draw.state for draw in draws)
        toll.failures = Counter(draw.error for draw in draws if draw.state == Draw.State.FAILED)
        toll.attempts = sum(draw.job.attempt for draw in draws if draw.job)
        for draw in draws:
            toll.broken += [f"draw {draw.pk} ({draw.state}): {what}" for what in _wrong(draw)]
            if draw.pk in self.seen_done and draw.state not in MADE:
                toll.broken.append(f"draw {draw.pk} was finished and is {draw.state} now")
        for draw in draws:
            job = draw.job
            began = self.asked.get(job.pk) if job is not None else None
            if job is None or began is None or job.finished_at is None or draw.state != Draw.State.CANCELLED:
                continue
            if not any(began <= kill <= job.finished_at for kill in self.kills):
                toll.stopped_milli.append(round((job.finished_at - began).total_seconds() * 1000))
        toll.stopped_milli.sort()
        for path in Path(settings.MEDIA_HOME).glob("??/??/*"):
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                toll.broken.append(f"the store holds half a file under {path.name[:12]}")
        for artefact in Artefact.objects.all():
            if not storage.path_of(artefact.pk).exists():
                toll.broken.append(f"the file of {artefact.pk[:12]} is gone")
        toll.broken += ledger.verify(self.layer.shot.production_id)


def _wrong(draw: Draw) -> list[str]:
    """What is not as it was promised about one draw after the storm."""
    found = []
    entries = Counter(
        Entry.objects.filter(data__draw=str(draw.pk), verb__in=["draw.done", "draw.failed", "draw.cancelled"])
        .values_list("verb", flat=True)
    )  # fmt: skip
    if draw.state not in ENDED:
        found.append("it never ended")
    elif draw.state in MADE:
        if draw.artefact is None or storage.path_of(draw.artefact.pk).stat().st_size != draw.artefact.size:
            found.append("it is finished and has no whole picture")
        if entries != Counter({"draw.done": 1}):
            found.append(f"finished once, entered as {dict(entries)}")
    else:
        if draw.artefact_id or draw.poster_id or draw.proxy_id:
            found.append("it left a picture")
        if entries != Counter({f"draw.{draw.state}": 1}):
            found.append(f"ended once, entered as {dict(entries)}")
    if draw.job is not None and draw.job.live:
        found.append("its job still lives")
    return found


def _stage() -> tuple[Layer, User]:
    """A production, a shot with an empty background, and somebody who may draw."""
    actor = User.objects.filter(email="storm@huo.local").first() or User.objects.create_user("storm@huo.local", None)
    production = productions.create_production(
        actor=actor, title="Storm", width=270, height=480, fps_num=24, fps_den=1, draw_cap_minor=None
    )
    scene = productions.create_scene(actor=actor, episode=production.episodes.get(), title="Roof")
    shot = productions.create_shot(actor=actor, scene=scene, title="Rain")
    layer = shot.layers.filter(kind=LayerKind.BACKGROUND).first()
    return layer or productions.add_layer(actor=actor, shot=shot, kind=LayerKind.BACKGROUND, name="Roof"), actor


def _worker() -> subprocess.Popen[bytes]:
    manage = str(settings.ROOT / "manage.py")
    return subprocess.Popen([sys.executable, manage, "draw_storm", "--work"], stdin=subprocess.DEVNULL)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        return []
    return found
