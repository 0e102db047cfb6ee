"""How good estimates are: a seeded run of real draws, each estimated before it is drawn and measured after."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from django.utils import translation

from studio.accounts.models import User
from studio.generation import estimates, services
from studio.generation.backends import BACKENDS
from studio.generation.backends.base import Backend, Offer
from studio.generation.models import Draw
from studio.jobs import registry as handlers
from studio.jobs import runner
from studio.productions import services as productions
from studio.productions.models import Layer, LayerKind

LEARNT = 5  # after so many of the production's own draws an estimate is to be good
BOUND_PERMILLE = 200


@dataclass
class Run:
    """One backend's seeded run. draws: (family, estimated ms, measured ms, draws learned from)."""

    backend: str
    draws: list[tuple[str, int, int, int]] = field(default_factory=list)

    def errors(self, *, learnt: bool) -> list[int]:
        """Thousandths by which estimates missed: of the draws after the first LEARNT, or of those."""
        chosen = self.draws[LEARNT:] if learnt else self.draws[:LEARNT]
        return [abs(told - took) * 1000 // max(1, took) for _family, told, took, _n in chosen]

    @property
    def good(self) -> bool:
        found = self.errors(learnt=True)
        return bool(found) and median(found) <= BOUND_PERMILLE

    def line(self) -> str:
        """One line: what estimates missed by, before and after anything was learned."""
        first, after = self.errors(learnt=False)[:1], sorted(self.errors(learnt=True))
        within = sum(error <= BOUND_PERMILLE for error in after)
        return (
            f"{self.backend}: the first estimate missed by {first[0] / 10:.0f} %; after {LEARNT} draws the median of "
            f"{len(after)} missed by {median(after) / 10:.0f} %, the worst by {after[-1] / 10:.0f} %, "
            f"{within} of {len(after)} within {BOUND_PERMILLE // 10} %"
        )


def measure(backend: str, *, seed: int, count: int, say: Callable[[str], None]) -> Run:
    """Draw `count` times with families, settings and sizes by `seed`, in this process, as workers do.

    Raises RuntimeError with the draw's sentence where one fails.
    """
    chance = random.Random(seed)  # noqa: S311 (a bench, not a secret)
    layer, actor = _stage(backend)
    engine, run = BACKENDS[backend], Run(backend)
    handlers.autodiscover()
    offers = _chosen(engine, chance)
    for number in range(count):
        offer = chance.choice(offers)
        params = _params(engine, offer, chance)
        (draw,) = services.request_draws(
            actor=actor, layer=layer, family=offer.name, params=params, seed=chance.randrange(10_000),
            draft=chance.random() < 0.7, backend=backend,
        )  # fmt: skip
        told = estimates.estimate(engine, draw.recipe, layer.shot.production)
        _work(engine.queue)
        draw = Draw.objects.get(pk=draw.pk)
        if draw.state != Draw.State.DONE or draw.seconds_milli is None:
            raise RuntimeError(f"{offer.name}: {draw.error or draw.state}")
        run.draws.append((offer.name, told.seconds_milli, draw.seconds_milli, told.learned_from))
        say(
            f"  {number + 1:3d} {offer.name} {draw.recipe['width']} x {draw.recipe['height']}: estimated "
            f"{told.seconds_milli} ms from {told.learned_from} draws, took {draw.seconds_milli} ms"
        )
    return run


def _chosen(engine: Backend, chance: random.Random) -> list[Offer]:
    """Three families that need no picture to start from; of learned models those that draw from words.

    Raises RuntimeError where there is none.
    """
    free = [one for one in engine.offers(LayerKind.BACKGROUND) if not any(_required(two) for two in one.parameters)]
    if not free:
        raise RuntimeError("nothing here draws without a picture to start from")
    return sorted(chance.sample(free, min(3, len(free))), key=lambda one: one.name)


def _required(parameter: Any) -> bool:
    return bool(getattr(parameter, "required", False)) and parameter.kind == "picture"


# A clip for every picture would take hours; the ground that a crowd stands on is a stored map.
LEFT = frozenset({"camera_move", "ground"})


def _params(engine: Backend, offer: Offer, chance: random.Random) -> dict[str, Any]:
    """Settings by chance: of a family drawn by rule all, of a model the number of steps."""
    if engine.ai_made:
        steps = [one for one in offer.parameters if one.name == "steps"]
        return {"prompt": "rain on a roof at night"} | ({"steps": chance.randrange(8, 60)} if steps else {})
    return {
        one.name: chance.choice(one.choices).value if one.kind == "choice" else chance.randint(one.minimum, one.maximum)
        for one in offer.parameters
        if one.name not in LEFT
    }


def _work(queue: str) -> None:
    """Claim and execute what waits in the queue; as a draw's own worker would."""
    while (job := runner.claim(queues=[queue], now=True)) is not None:
        runner.execute(job, beat=False)


def _stage(backend: str) -> tuple[Layer, User]:
    # A toy model's attention grows with the square of its pixels: small enough for a CPU.
    width, height = (540, 960) if backend == "procedural" else (216, 384)
    with translation.override("en"):
        actor = User.objects.create_user(f"bench-{backend}@huo.local", None)
        production = productions.create_production(
            actor=actor, title=f"Bench {backend}", width=width, height=height, fps_num=24, fps_den=1,
            draw_cap_minor=None,
        )  # fmt: skip
        scene = productions.create_scene(actor=actor, episode=production.episodes.get(), title="Bench")
        shot = productions.create_shot(actor=actor, scene=scene, title="Bench")
    layer = shot.layers.filter(kind=LayerKind.BACKGROUND).first()
    return layer or productions.add_layer(actor=actor, shot=shot, kind=LayerKind.BACKGROUND, name="Bench"), actor
