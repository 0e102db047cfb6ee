"""Does the actor belong: what the comp page tells of light and camera, a background lit anew, draws ranked by fit."""

import json
from typing import Any

import numpy as np
import pytest
from django.test import Client

from compositing.light import KeyLight, SceneLight, compared
from compositing.plates import stage
from compositing.plates.scenes import city
from studio.comps import belonging, grounds, lit, previews, recipes, relight, relight_page, selectors
from studio.comps import services as comps
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import fit, services, table
from studio.generation.models import Draw
from studio.productions.models import Layer, LayerKind, Production, Rate, Shot
from tests.cast import Cast, make_cast
from tests.factories import fill, make_artefact, make_episode, make_production, make_scene, make_shot

ACTOR = {
    "azimuth": 50, "elevation": 20, "colour_milli": [700, 480, 300], "ambient_milli": [400, 330, 260],
    "softness_milli": 340, "sure_milli": 800, "believed": 1, "centre_milli": [500, 380], "size_milli": [500, 345],
}  # fmt: skip
CAMERA = {
    "actor_blur_px_milli": 1400, "ground_blur_px_milli": 500, "actor_grain_ppm": 3000, "ground_grain_ppm": 200,
    "lent_blur_px_milli": 0, "lent_grain_ppm": 2900, "horizon_milli": 610, "horizon_sure_milli": 600,
}  # fmt: skip


def scene(aside: int, light: tuple[int, int, int] = (1100, 990, 800), even: int = 0) -> dict[str, Any]:
    return {"aside": aside, "light_milli": list(light), "contrast_milli": 9000, "even": even}


def report_of(actor: str, aside: int = -40) -> dict[str, Any]:
    apart = {"apart": abs(46 - aside), "colour_milli": 3000}
    return {"screens": {actor: {"light": {"actor": ACTOR, "background": scene(aside) | apart}, "camera": CAMERA}}}


# -- the production


@pytest.fixture
def production(db: None) -> Production:
    made = make_production(width=216, height=384, draw_cap_minor=500)
    Rate.objects.create(production=made, key="cpu_hour", amount_minor=36_000, source="test", valid_from="2026-01-01")
    return made


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def shot(production: Production) -> Shot:
    row = make_shot(make_scene(make_episode(production)), duration_frames=48)
    fill(row.layers.get(kind=LayerKind.ACTOR))
    return row


@pytest.fixture
def ground(cast: Cast, shot: Shot) -> Layer:
    """A background filled by a finished draw of an office, seed 7, at night."""
    layer = shot.layers.get(kind=LayerKind.BACKGROUND)
    params = {"light": "night", "horizon": 43, "camera_height": 145, "lens": 40}
    draw = ask(cast, layer, params=params, seed=7, draft=False)
    finish(draw, light={"source": "picture", "azimuth": 170, "elevation": 5})
    services.promote(actor=cast.priya, draw=draw)
    layer.refresh_from_db()
    return layer


def ask(cast: Cast, layer: Layer, **changed: Any) -> Draw:
    usual: dict[str, Any] = {"actor": cast.ana, "layer": layer, "family": "office", "params": {}, "count": 1}
    return services.request_draws(**(usual | changed))[0]


def finish(draw: Draw, **media: Any) -> Draw:
    """As if a worker had drawn it."""
    draw.artefact, draw.state = make_artefact(draw.layer.shot.production), "done"
    draw.cost_minor, draw.seconds_milli, draw.media = 2, 900, {"frame_count": 1, "width": 80, "height": 144, **media}
    draw.save()
    return draw


def told(shot: Shot, values: dict[str, Any], aside: int = -40) -> dict[str, Any]:
    facts = selectors.facts_of(shot)
    actor = next(layer.id for layer in facts.layers if layer.kind == "actor")
    found = belonging.told(report_of(actor, aside), facts, values, grounds.ground_of(shot, facts, values))
    assert found is not None
    return found


# -- what the page tells


def test_the_side_a_drawn_background_is_lit_from_is_known_and_turns_with_it() -> None:
    light = {"actor": ACTOR, "background": scene(-40) | {"apart": 86, "colour_milli": 3000}}
    media = {"light": {"source": "key", "azimuth": 60, "elevation": 20}}
    assert lit.with_known(light, media, False)["background"]["apart"] <= 10
    assert lit.with_known(light, media, True)["background"]["apart"] > 90
    guessed = {"light": {"source": "picture", "azimuth": 60, "elevation": 20}}
    assert lit.with_known(light, guessed, False) == light


def test_a_light_from_the_other_side_is_warned_of_and_mirroring_is_offered_where_it_mends(
    shot: Shot, ground: Layer
) -> None:
    light = told(shot, {})["light"]
    assert light["background"]["turned"] and light["background"]["mirror_apart"] < 30 and "86" in light["advice"]
    fine = told(shot, {}, aside=40)["light"]
    assert not fine["background"]["turned"] and fine["grade"] == "good"


def test_the_horizon_of_a_drawn_plate_is_known_and_moves_with_the_layer(shot: Shot, ground: Layer) -> None:
    camera = told(shot, {})["camera"]
    assert (camera["horizon_milli"], camera["horizon_from"], camera["lens_mm"]) == (430, "plate", 40)
    moved = told(shot, {str(ground.pk): {"scale_milli": 1200, "y_milli": 50}})["camera"]
    assert moved["horizon_milli"] == round((430 - 500) * 1.2 + 500 + 50)
    by_hand = told(shot, {str(ground.pk): {"horizon_milli": 300}})["camera"]
    assert (by_hand["horizon_milli"], by_hand["horizon_from"]) == (300, "hand")


def test_moving_the_background_as_told_puts_standing_eyes_above_its_ground(
    shot: Shot, ground: Layer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"horizon_milli": 620}  # seen from where it lies, nobody's eyes are where the actor's are
    monkeypatch.setitem(ACTOR, "size_milli", [170, 115])
    camera = told(shot, {str(ground.pk): place})["camera"]
    assert camera["grade"] == "fair" and camera["move"] is not None
    mended = told(shot, {str(ground.pk): place | camera["move"]})["camera"]
    assert mended["grade"] == "good" and abs(mended["above_cm"] - 160) <= 2
    scale, down = camera["move"]["scale_milli"], camera["move"]["y_milli"]
    assert abs(down) <= (scale - 1000) / 2  # the frame stays covered


def test_people_on_the_ground_are_as_tall_as_the_lens_sees_them(shot: Shot, ground: Layer) -> None:
    ghosts = told(shot, {})["camera"]["ghosts"]
    near, far = ghosts[0], ghosts[-1]
    assert near["feet"] - near["head"] == pytest.approx(1.71 * 40 / 36 / 3 * 1000, abs=2)
    assert (near["feet"] - near["head"]) / (far["feet"] - far["head"]) == pytest.approx(4, rel=0.02)
    assert near["feet"] > far["feet"] > 430  # nearer feet stand lower, all below the horizon


def test_on_a_roof_one_stands_on_the_roof_and_not_in_the_street_below() -> None:
    assert belonging._height_of({"camera_height": 4200, "traffic": 50}) == belonging.EYES_M
    assert belonging._height_of({"camera_height": 170, "traffic": 50}) == 1.7
    assert city.ROOF_FROM_M == belonging.ROOF_FROM_M


def test_blur_follows_the_thin_lens(shot: Shot) -> None:
    facts = selectors.facts_of(shot)
    wide = belonging.blur(1500, 50, 2.8, 6, {}, facts)
    distance = 50 / 36 / 1.5 * 1000
    circle = 50**2 / (2.8 * (distance - 50)) * (6000 - distance) / 6000 / 36 * 1920
    assert wide["blur_px_milli"] == pytest.approx(1000 * circle, rel=0.01) and wide["actor_cm"] == 93
    assert belonging.blur(1500, 50, 5.6, 6, {}, facts)["blur_px_milli"] == pytest.approx(
        wide["blur_px_milli"] / 2, abs=2
    )
    soft = belonging.blur(1500, 50, 11, 6, {"ground_blur_px_milli": 4000}, facts)
    assert soft["defocus_px_milli"] < belonging.blur(1500, 50, 11, 6, {}, facts)["defocus_px_milli"]
    assert belonging.blur(1500, 50, 2.8, 0.5, {}, facts)["blur_px_milli"] == 0


def test_a_background_sharper_or_cleaner_than_the_film_is_said() -> None:
    assert belonging.sharpness(CAMERA)["grade"] == "fair"
    assert belonging.sharpness(CAMERA | {"lent_blur_px_milli": 1300})["grade"] == "good"
    clean = belonging.sharpness(CAMERA | {"lent_blur_px_milli": 1300, "lent_grain_ppm": 0})
    assert clean["grade"] == "fair" and "grain" in clean["advice"]


def test_guides_are_kept_and_undone_but_no_recipe_holds_them(cast: Cast, shot: Shot, ground: Layer) -> None:
    facts = selectors.facts_of(shot)
    before = recipes.build(facts, {}).sha256()
    values = {str(ground.pk): {"horizon_milli": 300}, "match": {"lens_mm": 85, "stop_tenths": 20, "ground_dm": 90}}
    saved = comps.save_settings(actor=cast.cleo, shot=shot, values=values)
    assert saved.values == values and recipes.build(facts, saved.values).sha256() == before
    assert comps.step_settings(actor=cast.cleo, shot=shot, steps=-1).values == {}
    with pytest.raises(Invalid):
        comps.save_settings(actor=cast.cleo, shot=shot, values={"match": {"horizon_milli": 300}})


# -- lit anew


def test_lamps_are_as_warm_as_the_families_set_them_up() -> None:
    for light, ratio in relight.LAMPS.items():
        red, _green, blue = stage.IN_ROOMS[light]
        assert ratio == pytest.approx(red / blue)
    assert pytest.approx(float(stage.WARM_KEY[0] / stage.WARM_KEY[2])) == relight.WARM


def test_the_same_place_is_drawn_in_the_actors_light_once_at_a_price_said_before(
    cast: Cast, shot: Shot, ground: Layer
) -> None:
    block = relight_page.block(cast.priya, shot)
    assert block["source"].seed == 7 and block["quotes"]["final"].minor >= block["quotes"]["draft"].minor > 0
    made = relight.relight(actor=cast.priya, layer=ground, light=ACTOR)
    params = made.recipe["params"]
    assert (params["key_azimuth"], made.seed, made.draft, params["key_softness"]) == (50, 7, True, 34)
    assert made.estimate_minor == block["quotes"]["draft"].minor
    kept = {name: value for name, value in params.items() if not name.startswith("key_")}
    source = block["source"].recipe["params"]
    assert kept == {name: value for name, value in source.items() if not name.startswith("key_")}
    assert relight.relight(actor=cast.priya, layer=ground, light=ACTOR) == made
    assert relight_page.block(cast.priya, shot)["pending"] == made
    comps.save_settings(actor=cast.cleo, shot=shot, values={str(ground.pk): {"flip": 1}})
    assert relight.params_for(block["source"], ACTOR, flipped=True)["key_azimuth"] == -50


def test_warmth_follows_the_actors_key(cast: Cast, ground: Layer) -> None:
    source = relight.source_of(ground)
    assert source is not None
    warm, cold = ([900, 600, 250], [500, 520, 600])
    assert relight.warmth(warm, source, indoors=True) > relight.warmth(cold, source, indoors=True)
    assert relight.warmth([9, 9, 900], source, indoors=True) == -relight.MOST_WARMTH


def test_it_is_taken_at_full_size_or_dropped(cast: Cast, shot: Shot, ground: Layer) -> None:
    made = finish(relight.relight(actor=cast.priya, layer=ground, light=ACTOR))
    relight.drop(actor=cast.vera, draw=made)
    assert relight.pending(ground) is None and made.state == "binned"
    services.end_draw(draw=relight.relight(actor=cast.priya, layer=ground, light=ACTOR), state="failed", sentence="No.")
    assert relight_page.block(cast.priya, shot)["lost"].error == "No."
    again = finish(relight.relight(actor=cast.priya, layer=ground, light=ACTOR))
    assert relight.lost(ground) is None
    final = services.promote(actor=cast.vera, draw=again)
    assert isinstance(final, Draw) and final.recipe["params"]["key_azimuth"] == 50 and not final.draft
    assert relight.pending(ground) is None and relight.final_under_way(ground) == final
    Draw.objects.filter(pk=final.pk).update(state="done")  # taken, then the earlier background used again
    assert relight.source_of(ground) is not None and relight.pending(ground) is None


def test_soft_light_no_rule_and_no_right_are_said(cast: Cast, shot: Shot, ground: Layer) -> None:
    with pytest.raises(Conflict, match="soft or even"):
        relight.relight(actor=cast.priya, layer=ground, light=ACTOR | {"believed": 0})
    with pytest.raises(Forbidden):
        relight.relight(actor=cast.cleo, layer=ground, light=ACTOR)
    fill(ground)
    with pytest.raises(Invalid, match="not drawn by rule"):
        relight.relight(actor=cast.priya, layer=ground, light=ACTOR)
    assert relight_page.block(cast.priya, shot)["source"] is None


def test_the_page_asks_by_the_picture_it_shows(
    cast: Cast, shot: Shot, ground: Layer, client: Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "HOME", tmp_path)
    name, folder = "ab" * 32, tmp_path / str(shot.pk)
    folder.mkdir()
    actor = str(shot.layers.get(kind=LayerKind.ACTOR).pk)
    (folder / f"{name}.json").write_text(json.dumps({"state": "ready", "report": report_of(actor)}))
    client.force_login(cast.vera)
    episode, code = shot.code.split("_", 1)
    address = f"/p/{shot.production.slug}/{episode}/{code}/comp/relight/"
    answer = client.post(address, {"seen": name}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and ground.draws.filter(like__isnull=False).count() == 1
    gone = client.post(address, {"seen": "cd" * 32}, headers={"HX-Request": "true"})
    assert gone.status_code == 422 or gone.status_code == 400


# -- ranked


@pytest.mark.parametrize("light", [(1100, 990, 800), (700, 1000, 1700), (1600, 900, 400)])
def test_the_distance_is_the_engines(light: tuple[int, int, int]) -> None:
    key = KeyLight(50, 20, (0.7, 0.48, 0.3), (0.4, 0.33, 0.26), 0.34, 0.8, (0.5, 0.4), (0.5, 0.3))
    there = SceneLight(-20.0, tuple(np.array(light) / 1000), 9.0)  # type: ignore[arg-type]
    engine = compared(key, there)
    found = fit.fit(key.to_dict(), there.to_dict(), {})
    assert found.apart == engine["apart"] and found.colour_milli == pytest.approx(engine["colour_milli"], rel=0.01)


def test_draws_are_ordered_by_their_light_and_what_was_drawn_by_rule_knows_its_own(
    cast: Cast, shot: Shot, ground: Layer
) -> None:
    other, known, _unmeasured, near = (finish(ask(cast, ground, seed=seed)) for seed in (20, 21, 22, 23))
    known.media |= {"light": {"source": "key", "azimuth": 50, "elevation": 20}}
    known.save()
    rows = {other: scene(-60), known: scene(-60), near: scene(30), relight.source_of(ground): scene(-75)}
    fit.keep(fit.SCENE, {draw.artefact_id: light for draw, light in rows.items() if draw is not None})  # type: ignore[misc]
    waiting = table.sheet(cast.ana, ground, sort="fit")
    assert waiting["fits"].light is None and waiting["fits"].waiting == 2
    element = fit.actor_of(shot).element  # type: ignore[union-attr]
    fit.keep(fit.ACTOR, {element.artefact_id: ACTOR})  # type: ignore[union-attr]
    found = table.sheet(cast.ana, ground, sort="fit")
    assert [card["draw"].seed for card in found["cards"]] == [21, 23, 20, 7, 22]
    figures = {card["draw"].seed: card["fit"] for card in found["cards"]}
    assert figures[21].apart == 0 and figures[20].mirrored is not None and figures[22] is None
    comps.save_settings(actor=cast.cleo, shot=shot, values={str(ground.pk): {"flip": 1}})
    turned = table.sheet(cast.ana, ground, sort="fit")
    assert next(card["draw"].seed for card in turned["cards"]) == 20


def test_looking_measures_what_is_new_and_says_so(cast: Cast, shot: Shot, ground: Layer, client: Client) -> None:
    client.force_login(cast.ana)
    episode, code = shot.code.split("_", 1)
    address = f"/p/{shot.production.slug}/{episode}/{code}/draws/{ground.pk}/?sort=fit"
    page = client.get(address).content.decode()
    assert "data-fit-waiting" in page and fit.last_job(ground) is not None
    assert 'data-sort="fit"' in client.get(f"{address}&part=sheet").content.decode()
