"""The planner: facts in, steps out."""

import pytest

from studio.jobs.models import Job
from studio.pipeline.advance import advance
from studio.pipeline.plan import ShotFacts, Step, TakeFacts, next_steps
from tests.factories import make_shot, make_take


def test_a_received_take_is_probed_and_a_probed_one_gets_its_proxy() -> None:
    takes = (TakeFacts("a", 1, "received"), TakeFacts("b", 2, "probed"))
    facts = ShotFacts(state="routed", layers=2, routed=True, filled=0, takes=takes)
    assert next_steps(facts) == [Step("probe", "a", 1), Step("proxy", "b", 2)]


def test_an_unrouted_shot_is_routed_and_a_filled_one_goes_to_work() -> None:
    facts = ShotFacts(state="planned", layers=2, routed=False, filled=1)
    assert [step.do for step in next_steps(facts)] == ["route", "start_work"]


def test_a_shot_on_hold_moves_no_further() -> None:
    assert next_steps(ShotFacts(state="on_hold", layers=2, routed=False, filled=2)) == []


def test_a_shot_whose_work_is_done_has_no_next_step() -> None:
    assert next_steps(ShotFacts(state="in_review", layers=2, routed=True, filled=2)) == []


@pytest.mark.django_db
def test_asking_twice_queues_the_work_once() -> None:
    shot = make_shot()
    shot.layers.update(route="")
    make_take(shot, state="received")
    advance(shot.pk)
    advance(shot.pk)
    shot.refresh_from_db()
    assert Job.objects.filter(kind="footage.probe").count() == 1
    assert shot.state == "routed"
