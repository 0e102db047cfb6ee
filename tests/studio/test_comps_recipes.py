"""Recipes from a shot's layers: pure, no tables."""

from dataclasses import replace
from fractions import Fraction

import pytest

from compositing.parameters import PARAMETERS
from compositing.recipe import Recipe
from studio.comps import controls, recipes
from studio.comps.recipes import Filling, LayerFacts, ShotFacts
from studio.core.errors import Invalid

A, B, C = "a" * 64, "b" * 64, "c" * 64


def filling(source: str = A, origin: str = "captured", **media: object) -> Filling:
    return Filling("e", "take 3", source, origin, media={"frame_count": 36, "fps_num": 24, "fps_den": 1} | media)


def shot(*layers: LayerFacts, planned: int = 96) -> ShotFacts:
    return ShotFacts("EP01_SC01_SH010", 72, 128, 24, 1, planned, layers)


ACTOR = LayerFacts("actor", "actor", "Lin Xia", 1, filling())
CITY = LayerFacts("city", "background", "City", 0, filling(B, "procedural", frame_count=1, fps_num=0))
RAIN = LayerFacts("rain", "effect", "Rain", 2, filling(C, "procedural", has_alpha=True))


def test_layers_stand_from_the_bottom_up_and_only_the_filmed_actor_is_keyed():
    recipe = recipes.build(shot(RAIN, ACTOR, CITY), {})
    assert [(layer.id, layer.source, layer.key) for layer in recipe.layers] == [
        ("city", B, None),
        ("actor", A, {}),
        ("rain", C, None),
    ]


def test_an_effect_around_the_actor_lies_behind_and_in_front_and_is_one_layer_to_approve():
    around = replace(RAIN, filling=filling(C, "procedural", has_alpha=True, front="d" * 64))
    recipe = recipes.build(shot(CITY, ACTOR, around), {"rain": {"opacity_milli": 500}})
    assert [(layer.id, layer.source) for layer in recipe.layers] == [
        ("city", B), ("rain", C), ("actor", A), ("rain.front", "d" * 64),
    ]  # fmt: skip
    assert recipe.layers[1].place == recipe.layers[3].place
    assert set(recipes.values_of(recipe.to_dict(), shot(CITY, ACTOR, around))) == {"rain"}
    other = recipe.with_layer(replace(recipe.layers[3], source="e" * 64))
    assert recipes.layer_digest(other.layers[1], other) != recipes.layer_digest(recipe.layers[1], recipe)


def test_rain_at_the_windows_and_passers_by_are_a_part_of_the_place_behind_whoever_stands_in_it():
    crowd = LayerFacts("crowd", "crowd", "Crowd", 1, filling("d" * 64, "procedural", has_alpha=True))
    panes = replace(RAIN, filling=filling(C, "procedural", has_alpha=True, in_place=True))
    values = {"match": {"background_defocus_px_milli": 6_000}}
    recipe = recipes.build(shot(CITY, crowd, ACTOR, panes), values)
    assert [layer.id for layer in recipe.layers] == ["city", "rain", "crowd", "actor"]
    assert [layer.place.get("defocus_px_milli", 0) for layer in recipe.layers] == [0, 6_000, 6_000, 0]
    told = recipes.build(shot(CITY, ACTOR, panes), values | {"rain": {"defocus_px_milli": 500}})
    assert told.layers[1].place["defocus_px_milli"] == 500
    assert [layer.id for layer in recipes.build(shot(CITY, ACTOR, RAIN), values).layers] == ["city", "actor", "rain"]


def test_what_begins_and_ends_in_the_shot_is_gone_when_it_is_over():
    once = replace(RAIN, filling=filling(C, "procedural", has_alpha=True, loops=False))
    assert [recipes.build(shot(CITY, rain), {}).layers[1].extend for rain in (RAIN, once)] == ["loop", "clear"]


def test_an_element_with_alpha_is_not_keyed_again():
    cut_out = replace(ACTOR, filling=filling(has_alpha=True))
    assert recipes.build(shot(cut_out), {}).layers[0].key is None


def test_the_comp_ends_with_the_take_unless_the_take_is_told_to_hold_or_loop():
    facts = shot(CITY, ACTOR)
    assert recipes.build(facts, {}).frame_count == 36
    assert recipes.build(facts, {"actor": {"extend": "loop"}}).frame_count == 96
    assert recipes.build(facts, {"actor": {"frame_offset": 6}}).frame_count == 30
    assert recipes.build(shot(CITY, ACTOR, planned=20), {}).frame_count == 20
    assert recipes.build(shot(CITY), {}).frame_count == 96


def test_a_take_at_twice_the_rate_lasts_half_as_many_frames():
    take = filling(frame_count=120, fps_num=60000, fps_den=1001)
    assert take.frames_at(Fraction(30000, 1001)) == 60
    assert filling(frame_count=100, fps_num=24000, fps_den=1001).frames_at(Fraction(24)) == 100


def test_masks_reach_the_actor_come_back_from_its_recipe_and_leave_a_background_alone():
    mask = {"id": "a", "kind": "holdout", "keys": [{"frame": 0, "points": [[0, 0], [9, 0], [0, 9]]}], "invert": 1}
    facts = shot(CITY, ACTOR)
    values = recipes.clean({"actor": {"masks": [mask]}, "city": {"masks": [mask]}}, ["actor", "city"])
    recipe = recipes.build(facts, values)
    assert [layer.masks for layer in recipe.layers] == [(), (mask,)]
    assert recipes.values_of(recipe.to_dict(), facts)["actor"] == {"masks": [mask]}
    assert recipe.layer("actor").sha256() != recipes.build(facts, {}).layer("actor").sha256()


def test_every_parameter_has_a_row_on_the_page_under_a_named_heading():
    layers = {one.kind: {row["name"] for group in controls.layer_groups(one) for row in group["controls"]}
              for one in (ACTOR, RAIN)}  # fmt: skip
    rows = layers["actor"] | layers["effect"]
    assert "cast_milli" not in layers["actor"]  # who takes light casts none
    rows |= {row["name"] for group in controls.match_groups() for row in group["controls"]}
    assert {parameter.name for parameter in PARAMETERS} <= rows


def test_settings_reach_the_set_they_belong_to():
    values = {"actor": {"despill_milli": 800, "scale_milli": 1200, "centre_milli": 300}, "match": {"wrap_milli": 0}}
    recipe = recipes.build(shot(CITY, ACTOR), values)
    actor = recipe.layer("actor")
    assert (actor.key, actor.place, actor.centre_milli) == ({"despill_milli": 800}, {"scale_milli": 1200}, 300)
    assert recipe.match == {"wrap_milli": 0}


def test_the_crop_chosen_for_the_take_is_kept():
    assert recipes.build(shot(replace(ACTOR, filling=filling(centre_milli=250))), {}).layers[0].centre_milli == 250


def test_a_hidden_layer_is_left_out_and_no_longer_missed():
    empty = LayerFacts("crowd", "crowd", "Passers-by", 3)
    facts = shot(CITY, ACTOR, empty)
    assert [layer.id for layer in recipes.missing(facts, {})] == ["crowd"]
    assert "Passers-by" in recipes.missing_sentence(empty)
    assert recipes.missing(facts, {"hidden": ["crowd"]}) == []
    assert [layer.id for layer in recipes.build(facts, {"hidden": ["city"]}).layers] == ["actor"]


def test_an_empty_shot_says_what_to_do():
    with pytest.raises(Invalid, match="Circle a take"):
        recipes.build(shot(LayerFacts("actor", "actor", "Lin Xia", 0)), {})


def test_sound_and_subtitles_are_no_part_of_the_picture():
    sound = LayerFacts("sound", "sound", "Rain on tin", 5)
    assert recipes.missing(shot(CITY, sound), {}) == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"actor": {"despill_milli": 99_999}}, "1500"),
        ({"actor": {"despill_milli": 0.5}}, "whole number"),
        ({"actor": {"despill_milli": True}}, "whole number"),
        ({"actor": {"sparkle_milli": 1}}, "sparkle_milli"),
        ({"actor": {"extend": "bounce"}}, "hold, loop, clear"),
        ({"hidden": "actor"}, "hidden"),
        (["actor"], "JSON object"),
    ],
)
def test_unknown_and_wrong_settings_are_refused_by_name(values, says):
    with pytest.raises(Invalid, match=says):
        recipes.clean(values, ["actor"])


def test_defaults_and_layers_that_are_gone_leave_no_trace():
    values = {"actor": {"despill_milli": 1000}, "gone": {"despill_milli": 1}, "hidden": ["gone"]}
    assert recipes.clean(values, ["actor"]) == {}


def test_a_version_gives_back_the_settings_it_was_made_with():
    facts = shot(CITY, ACTOR, RAIN)
    values = {
        "actor": {"despill_milli": 700, "frame_offset": 4, "extend": "loop"},
        "match": {"grain_milli": 0},
        "hidden": ["rain"],
    }
    stored = recipes.build(facts, values).to_dict()
    again = recipes.values_of(stored, facts)
    assert recipes.build(facts, again).sha256() == Recipe.from_dict(stored).sha256()
    assert again == values


def test_the_same_layer_has_the_same_digest_whatever_happens_beside_it():
    before = recipes.build(shot(CITY, ACTOR), {})
    after = recipes.build(shot(CITY, ACTOR, RAIN), {"match": {"wrap_milli": 0}, "city": {"exposure_milli": -500}})
    digests = [{layer.id: recipes.layer_digest(layer) for layer in recipe.layers} for recipe in (before, after)]
    assert digests[0]["actor"] == digests[1]["actor"]
    assert digests[0]["city"] != digests[1]["city"]


def test_a_step_of_the_history_names_what_it_changed():
    before = {"actor": {"despill_milli": 1}, "hidden": ["rain"]}
    after = {"actor": {"despill_milli": 2, "core_milli": 3}}
    assert recipes.changed(before, after) == [
        ["actor", "core_milli"],
        ["actor", "despill_milli"],
        ["hidden", "rain"],
    ]


def test_every_parameter_of_the_engine_has_its_control_on_the_page():
    shown = {
        control["name"]
        for group in controls.layer_groups(ACTOR) + controls.layer_groups(RAIN) + controls.match_groups()
        for control in group["controls"]
    }
    assert {parameter.name for parameter in PARAMETERS} <= shown
    backdrop = {control["name"] for group in controls.layer_groups(CITY) for control in group["controls"]}
    assert "despill_milli" not in backdrop
    assert "exposure_milli" in backdrop


# -- what makes the matte


def test_the_segmenter_stands_in_recipes_only_where_it_is_installed_and_wanted() -> None:
    bare = shot(ACTOR, CITY)
    with_network = replace(bare, network="c" * 64)
    actor = next(layer.id for layer in bare.layers if layer.keyed)
    assert recipes.build(bare, {}).layer(actor).hint is None
    assert recipes.build(with_network, {}).layer(actor).hint == "c" * 64
    assert recipes.build(with_network, {actor: {"hint_milli": 0}}).layer(actor).hint is None
    assert all(layer.hint is None for layer in recipes.build(with_network, {}).layers if layer.id != actor)


def test_a_take_without_a_screen_is_matted_by_the_person_where_one_can_be_told() -> None:
    facts = shot(ACTOR, CITY)
    actor = next(layer for layer in facts.layers if layer.keyed)
    assert actor.filling is not None
    filling = replace(actor.filling, media={**actor.filling.media, "screen": False})
    layers = tuple(replace(one, filling=filling) if one is actor else one for one in facts.layers)
    screenless = replace(facts, layers=layers, network="c" * 64)
    assert recipes.build(screenless, {}).layer(actor.id).method == "person"
    assert recipes.build(screenless, {actor.id: {"method": "screen"}}).layer(actor.id).method == "screen"
    assert recipes.build(replace(screenless, network=None), {}).layer(actor.id).method == "screen"
    with pytest.raises(Invalid, match="hints install"):
        recipes.build(replace(screenless, network=None), {actor.id: {"method": "person"}})
    stored = recipes.build(screenless, {actor.id: {"method": "screen"}})
    assert recipes.values_of(stored.to_dict(), screenless)[actor.id] == {"method": "screen"}
