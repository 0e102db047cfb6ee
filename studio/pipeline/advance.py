"""Gather a shot's facts, ask the plan, and ask for what follows. The only place that knows every app."""

from typing import Any
from uuid import UUID

from django.db import transaction

from studio.footage.models import Take
from studio.jobs import services as jobs
from studio.pipeline.plan import ShotFacts, Step, TakeFacts, next_steps
from studio.productions import routes
from studio.productions.models import Shot
from studio.productions.services import move_shot


def facts_of(shot: Shot) -> ShotFacts:
    layers = list(shot.layers.all())
    waiting = shot.takes.filter(state__in=[Take.State.RECEIVED, Take.State.PROBED])
    return ShotFacts(
        state=shot.state,
        layers=len(layers),
        routed=all(layer.route for layer in layers),
        filled=sum(layer.element_id is not None for layer in layers),
        takes=tuple(TakeFacts(str(take.pk), take.number, take.state) for take in waiting),
    )


@transaction.atomic
def advance(shot_id: UUID | str) -> list[Step]:
    """Do what the plan says for one shot. Doing it twice changes nothing: jobs have keys, moves are compare-and-set."""
    shot = Shot.objects.select_for_update(of=("self",)).select_related("production").get(pk=shot_id)
    steps = next_steps(facts_of(shot))
    for step in steps:
        _apply(step, shot)
    return steps


def _apply(step: Step, shot: Shot) -> None:
    match step.do:
        case "route":
            routes.route_shot(shot=shot)
        case "start_work":
            move_shot(shot=shot, to=Shot.State.IN_WORK)
        case "probe" | "proxy":
            jobs.submit(
                f"footage.{step.do}",
                production_id=shot.production_id,
                subject=shot,
                title=f"{shot.code} T{step.number}",
                payload={"take": step.take},
                key=f"{step.do}:{step.take}",
                created_by=_owner(step.take),
            )


def _owner(take_id: str) -> Any:
    return Take.objects.select_related("uploaded_by").get(pk=take_id).uploaded_by
