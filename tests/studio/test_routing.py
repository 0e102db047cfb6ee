"""Routing: which layer comes from where, why, and at what forecast."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.errors import Forbidden, Invalid
from studio.productions import reasons, routes
from studio.productions.models import Origin, Rate, Shot
from studio.productions.routing import Facts, forecast, route
from tests.cast import make_cast
from tests.factories import make_episode, make_production, make_scene, make_shot

RATES = {
    "captured_day": 800_000, "location_day": 1_200_000, "travel": 300_000, "vfx_day": 150_000,
    "person_day": 80_000, "cpu_hour": 200, "gpu_hour": 2_000, "draw": 60,
}  # fmt: skip
KINDS = ("background", "crowd", "actor", "effect")


def facts(**changed: object) -> Facts:
    usual = Facts("medium", "dialogue", "many", True, "rain", 96, KINDS, rates=RATES)
    return replace(usual, **changed)  # type: ignore[arg-type]


def by_kind(**changed: object) -> dict[str, str]:
    return {layer.kind: layer.route for layer in route(facts(**changed))}


def test_a_close_up_is_captured_over_a_procedural_background() -> None:
    routed = by_kind(framing="close_up", performance="emotion")
    assert routed["actor"] == "captured" and routed["background"] == "procedural"


def test_an_exterior_is_generated_and_rain_is_procedural() -> None:
    routed = by_kind(framing="wide", exterior=True)
    assert routed == {"background": "generated", "crowd": "generated", "actor": "captured", "effect": "procedural"}


def test_an_effect_that_the_facts_do_not_name_is_made_by_rule_and_not_called_unsafe() -> None:
    added = next(layer for layer in route(facts(framing="close_up", effect="none")) if layer.kind == "effect")
    assert added.route == "procedural" and reasons.sentence(added.reasons[0].plain()).startswith("An effect that")


def test_a_library_layer_is_taken_before_anything_is_made_but_never_an_actor() -> None:
    routed = by_kind(library=frozenset({"background", "actor"}))
    assert routed["background"] == "library" and routed["actor"] == "captured"


def test_a_tight_budget_turns_generated_layers_procedural_and_says_so() -> None:
    loose = route(facts(framing="wide"))
    spent = sum(layer.forecast.amount_minor or 0 for layer in loose)
    tight = route(facts(framing="wide", budget_minor=spent - 1))
    changed = [layer for layer, was in zip(tight, loose, strict=True) if layer.route != was.route]
    assert changed and all(layer.route == "procedural" for layer in changed)
    assert changed[0].reasons[0].code == "over_budget"


def test_a_missing_rate_gives_no_figure_and_names_the_rate() -> None:
    without = {key: amount for key, amount in RATES.items() if key != "draw"}
    layer = next(layer for layer in route(facts(framing="wide", rates=without)) if layer.kind == "background")
    assert layer.forecast.amount_minor is None and layer.forecast.missing == ("draw",)


def test_a_procedural_background_costs_less_than_the_location_it_stands_for() -> None:
    layer = route(facts(framing="close_up"))[0]
    assert layer.forecast.amount_minor is not None and layer.on_location.amount_minor is not None
    assert layer.forecast.amount_minor < layer.on_location.amount_minor


@given(
    framing=st.sampled_from(Shot.Framing.values), performance=st.sampled_from(Shot.Performance.values),
    crowd=st.sampled_from(Shot.Crowd.values), effect=st.sampled_from(Shot.Effect.values), exterior=st.booleans(),
    budget=st.none() | st.integers(0, 10**7),
)  # fmt: skip
def test_every_shot_gets_a_route_and_a_worded_reason_for_each_layer(
    framing: str, performance: str, crowd: str, effect: str, exterior: bool, budget: int | None
) -> None:
    asked = {"framing": framing, "performance": performance, "crowd": crowd, "effect": effect, "exterior": exterior}
    decided = route(facts(**asked, budget_minor=budget))
    assert [layer.kind for layer in decided] == list(KINDS)
    for layer in decided:
        assert layer.route in Origin.values and layer.reasons
        for reason in layer.reasons:
            words = reasons.sentence(reason.plain())
            assert words != reason.code and "%(" not in words
    assert next(layer for layer in decided if layer.kind == "actor").route == "captured"


def test_a_forecast_rounds_to_the_nearest_minor_unit() -> None:
    line = forecast("background", "library", facts(rates={"person_day": 125})).lines[0]
    assert line.amount_minor == (125 * line.quantity_milli + 500) // 1000


@pytest.mark.django_db
def test_routing_a_shot_records_reasons_and_an_override_outlives_the_next_routing() -> None:
    production = make_production()
    cast = make_cast(production)
    for key, amount in RATES.items():
        Rate.objects.create(
            production=production, key=key, amount_minor=amount, source="test card", valid_from="2026-01-01"
        )
    shot = make_shot(make_scene(make_episode(production)), framing="close_up", performance="emotion")
    routes.route_shot(shot=shot, actor=cast.dan)
    shot.refresh_from_db()
    background = shot.layers.get(kind="background")
    assert shot.state == "routed" and background.route == "procedural" and background.forecast["amount_minor"]
    with pytest.raises(Forbidden):
        routes.override_route(actor=cast.cleo, layer=background, route="generated", reason="I like it")
    with pytest.raises(Invalid):
        routes.override_route(actor=cast.dan, layer=background, route="generated", reason=" ")
    routes.propose_route(actor=cast.ana, layer=background, route="generated", reason="a real sky")
    routes.override_route(actor=cast.dan, layer=background, route="generated", reason="a real sky")
    routes.route_shot(shot=shot)
    background.refresh_from_db()
    assert background.route == "generated" and background.override_reason == "a real sky"
    assert not background.proposed_route
    routes.follow_rule(actor=cast.dan, layer=background)
    background.refresh_from_db()
    assert background.route == "procedural" and background.overridden_by is None
