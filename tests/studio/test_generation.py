"""Draws: priced, drawn, picked, and only what was declared."""

import pytest

from studio.comps import recipes
from studio.comps.selectors import facts_of
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import budget, services
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw
from studio.jobs import services as jobs
from studio.ledger.models import Entry
from studio.media import storage
from studio.productions.models import Layer, LayerKind, Production, Rate
from tests.cast import Cast, make_cast
from tests.drain import drain_jobs
from tests.factories import make_episode, make_production, make_scene, make_shot


@pytest.fixture
def production(db: None) -> Production:
    made = make_production(width=216, height=384, draw_cap_minor=500)
    Rate.objects.create(production=made, key="cpu_hour", amount_minor=36_000, source="test", valid_from="2026-01-01")
    return made


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def background(production: Production) -> Layer:
    return make_shot(make_scene(make_episode(production))).layers.get(kind=LayerKind.BACKGROUND)


def ask(cast: Cast, layer: Layer, **changed: object) -> list[Draw]:
    usual = {"actor": cast.ana, "layer": layer, "family": "office", "params": {}, "seed": 7, "count": 1}
    return services.request_draws(**{**usual, **changed})  # type: ignore[arg-type]


@pytest.mark.django_db
def test_every_offer_can_be_checked_and_priced() -> None:
    for backend in BACKENDS.values():
        for kind in LayerKind.values:
            for offer in backend.offers(kind):
                form = {"width": 128, "height": 256, "fps_num": 24, "fps_den": 1}
                recipe = backend.check({"family": offer.name, "params": {}, "seed": 1, **form})
                assert backend.estimate(recipe).price({"cpu_hour": 200}) and kind in offer.kinds


def test_a_compositor_may_not_spend_and_an_artist_only_within_the_cap(cast: Cast, background: Layer) -> None:
    with pytest.raises(Forbidden):
        ask(cast, background, actor=cast.cleo)
    with pytest.raises(Forbidden):
        ask(cast, background, count=16, draft=False, params={"clutter": 60})
        for seed in range(100):
            ask(cast, background, seed=seed * 20, count=16)
    assert ask(cast, background, actor=cast.vera)


def test_a_director_has_places_drawn_by_rule_and_is_told_who_spends_on_a_model(cast: Cast, background: Layer) -> None:
    assert ask(cast, background, actor=cast.dan)
    production = background.shot.production
    assert not budget.stop(cast.dan, production, 10**6, budget.action_for("procedural"))
    assert str(cast.vera) in budget.stop(cast.dan, production, 0, budget.action_for("diffusers"))


def test_a_request_that_cannot_be_drawn_is_refused_in_words(cast: Cast, background: Layer) -> None:
    with pytest.raises(Invalid, match="fill"):
        ask(cast, background, family="moon")
    with pytest.raises(Invalid, match="seed"):
        ask(cast, background, seed=-1)
    with pytest.raises(Invalid, match="setting"):
        ask(cast, background, params={"glitter": 1})
    assert not Draw.objects.exists()


def test_a_plate_must_say_where_it_comes_from(cast: Cast, background: Layer) -> None:
    sent = {
        "actor": cast.eddie,
        "layer": background,
        "filename": "a.png",
        "size": 9,
        "sha256": "",
        "origin": "http://x",
    }
    with pytest.raises(Invalid, match="licence"):
        services.permit(**sent, declared={"origin": "generated", "ai_made": True, "licence": ""})
    with pytest.raises(Invalid, match="contradict"):
        services.permit(**sent, declared={"origin": "captured", "ai_made": True, "licence": "CC0"})
    with pytest.raises(Forbidden):
        services.permit(**{**sent, "actor": cast.kai}, declared={"origin": "captured", "licence": "CC0"})
    assert services.permit(**sent, declared={"origin": "generated", "ai_made": True, "licence": "CC0"})["permit"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_draw_is_made_costs_what_it_took_and_fills_its_layer(cast: Cast, background: Layer) -> None:
    (draw,) = ask(cast, background, draft=False)
    assert draw.estimate_minor
    drain_jobs()
    draw.refresh_from_db()
    assert draw.state == "done" and draw.artefact and draw.poster and draw.depth and draw.cost_minor
    services.star(actor=cast.dan, draw=draw)
    services.promote(actor=cast.dan, draw=draw)
    background.refresh_from_db()
    assert background.element and background.element.origin == "procedural" and not background.element.ai_made
    assert Entry.objects.get(verb="draw.done").cost_minor == draw.cost_minor
    with pytest.raises(Conflict):
        services.bin_draw(actor=cast.dan, draw=draw, reason="too dark")
    # rain on that office's panes alone, and dust around the actor, gone after a second
    effect = Layer.objects.create(shot=background.shot, kind=LayerKind.EFFECT, order=9)
    (drops,) = ask(cast, effect, family="glass_drops", params={"ground": draw.depth_id})
    around = {"where": "around", "duration": 6, "density": 100}
    (dust,) = ask(cast, effect, draft=False, family="dust", params=around)
    drain_jobs()
    drops.refresh_from_db()
    dust.refresh_from_db()
    assert (drops.state, drops.error, dust.state) == ("done", "", "done") and drops.media["loops"]
    services.promote(actor=cast.dan, draw=dust)
    behind, front = recipes.build(facts_of(background.shot), {}).layers[1:]
    assert behind.source == dust.artefact_id and front.source == dust.media["front"] and front.extend == "clear"
    assert storage.path_of(front.source).stat().st_size > 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_recipe_gives_the_same_bytes_and_a_cancelled_draw_no_picture(cast: Cast, background: Layer) -> None:
    one, two, three = ask(cast, background)[0], ask(cast, background)[0], ask(cast, background)[0]
    assert three.job is not None
    jobs.cancel(cast.ana, three.job)
    drain_jobs()
    for draw in (one, two, three):
        draw.refresh_from_db()
    assert one.artefact_id == two.artefact_id and one.recipe_sha256 == two.recipe_sha256
    assert three.state == "cancelled" and three.artefact is None
