"""Can a draw be made again? Draw it again and compare: bit for bit, the same recipe elsewhere, or not at all."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import Conflict
from studio.generation import budget, estimates, registry, services
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw, RegisteredModel
from studio.ledger.services import record
from studio.productions.models import Production

MADE = ("done", "starred", "binned", "promoted")
BIT_EXACT, OTHER_RUNTIME, NOT_REPLAYABLE, UNTRIED = "bit_exact", "same_recipe", "not_replayable", "untried"


@dataclass(frozen=True)
class Badge:
    """code: bit_exact | same_recipe | not_replayable | untried; sentence in the reader's language."""

    code: str
    sentence: str


@transaction.atomic
def replay(*, actor: Any, draw: Draw) -> Draw:
    """Draw the same recipe once more; who may spend may, and it is priced as any draw. Raises Conflict where it can't
    be."""
    if draw.state not in MADE:
        raise Conflict(_("Only a finished draw can be made again."))
    why = hindrance(draw)
    if why:
        raise Conflict(why)
    production = draw.layer.shot.production
    engine = BACKENDS[draw.backend]
    price = estimates.estimate(engine, draw.recipe, production).price(services.rates_of(production))
    Production.objects.select_for_update().get(pk=production.pk)
    services.may_spend(actor, draw.layer, price or 0, budget.action_for(draw.backend))
    return services.queue_again(actor, draw, price)


def hindrance(draw: Draw) -> str:
    """Why the draw can't be made again, in the reader's language; empty where nothing stands against it."""
    if draw.backend == "upload":
        return _("It came from outside: its file is kept, and how it was made is not known here.")
    for part in registry.parts_of(draw.recipe):
        row = RegisteredModel.objects.filter(manifest_sha256=part["manifest"]).first()
        if row is None:
            return _("The model %(name)s is not in the registry any more.") % {"name": part["name"]}
        if row.state == RegisteredModel.State.CHANGED:
            return _("The files of the model %(name)s were changed since.") % {"name": part["name"]}
    if draw.backend == "procedural":
        engine = BACKENDS[draw.backend]
        now = engine.check(draw.recipe) if "seed" in draw.recipe else {}
        if now.get("version") != draw.recipe.get("version"):
            return _("This family is drawn by a newer version now.")
    return ""


def same_runtime(first: Draw, second: Draw) -> bool:
    """Whether both fingerprints say the same machine and libraries, as far as bytes depend on them."""
    return first.fingerprint == second.fingerprint


def badge(draw: Draw) -> Badge:
    """What is known about making this draw again: of its newest finished replay, else what stands against one."""
    last = draw.replays.filter(state__in=MADE).order_by("-created_at").first()
    if last is not None:
        if last.artefact_id == draw.artefact_id:
            return Badge(BIT_EXACT, _("Made again bit for bit on %(day)s.") % {"day": f"{last.created_at:%Y-%m-%d}"})
        if not same_runtime(draw, last):
            return Badge(OTHER_RUNTIME, _("The same recipe, drawn by another machine or version: alike, not the same."))
        return Badge(NOT_REPLAYABLE, _("Drawn again on the same machine, it came out differently. Its file is kept."))
    why = hindrance(draw)
    return Badge(NOT_REPLAYABLE, why) if why else Badge(UNTRIED, _("Nobody has made it again yet."))


def settle(*, draw: Draw) -> None:
    """Enter in the books what a replay showed. In the transaction that records it."""
    if draw.replay_of is None:
        return
    found = badge(draw.replay_of)
    shot = draw.layer.shot
    data = {"draw": str(draw.replay_of_id), "replay": str(draw.pk), "result": found.code, "recipe": draw.recipe_sha256}
    record("draw.replayed", production_id=shot.production_id, subject=shot, actor=draw.asked_by, data=data,
           made_from=[draw.artefact_id or ""])  # fmt: skip


__all__ = ["BIT_EXACT", "NOT_REPLAYABLE", "OTHER_RUNTIME", "UNTRIED", "Badge", "badge", "hindrance", "replay", "settle"]
