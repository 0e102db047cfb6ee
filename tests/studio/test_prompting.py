"""Prompts without a model: from place, hour, weather and style, as each class of models reads them."""

import pytest

from modelhost.families import FAMILIES
from studio.generation import prompting
from studio.generation.prompt_words import HOURS, PLACES, WEATHERS
from studio.generation.prompting import Asked, Style, help_for

ROOF = Asked("background", "Rooftop above the river 江边天台", "Built by rule.", "Rooftop, night, rain 天台·雨夜")
STYLE = Style("muted teal", "anamorphic", "lens flares")


@pytest.mark.parametrize("model", ["sd", "sdxl"])
def test_tag_models_get_tags_and_a_negative_list(model: str) -> None:
    found = help_for(model, ROOF, STYLE, language="zh")
    tags = found.prompt.split(", ")
    assert found.language == "en" and "." not in found.prompt
    assert tags[0] == "rooftop" and {"night", "rain", "muted teal", "anamorphic", "no humans"} <= set(tags)
    avoided = found.negative.split(", ")
    assert avoided[0] == "lens flares" and {"people", "watermark"} <= set(avoided)


@pytest.mark.parametrize("model", ["flux", "z-image", "hunyuan"])
def test_models_that_ignore_a_negative_list_get_none(model: str) -> None:
    found = help_for(model, ROOF, STYLE)
    assert found.negative == "" and found.avoided == () and found.prompt.endswith(".")
    assert "rooftop" in found.prompt and "at night" in found.prompt and "nobody is in it" in found.prompt


def test_models_that_read_chinese_get_chinese_where_it_is_wanted() -> None:
    found = help_for("qwen-image", ROOF, STYLE, language="zh")
    assert found.prompt.startswith("城市高楼的天台") and "夜晚" in found.prompt and "下雨" in found.prompt
    assert found.prompt.endswith("。") and "水印" in found.negative and "muted teal" in found.prompt.lower()
    assert help_for("qwen-image", ROOF, STYLE, language="en").prompt.startswith("A flat rooftop")
    assert help_for("flux", ROOF, STYLE, language="zh").language == "en"


def test_films_get_a_camera_and_stills_do_not() -> None:
    film, still = help_for("wan", ROOF, STYLE), help_for("qwen-image", ROOF, STYLE)
    assert "camera does not move" in film.prompt and "flicker" in film.negative
    assert not any(one.group == prompting.MOTION for one in still.fragments) and "flicker" not in still.negative


@pytest.mark.parametrize(
    ("heading", "place", "hour", "weather"),
    [
        ("INT. OFFICE - DAY", "office", "day", ""),
        ("内景 林氏公司 日", "office", "day", ""),
        ("天台·雨夜", "rooftop", "night", "rain"),
        ("Bar, evening", "restaurant", "dusk", ""),
        ("EXT. BAMBOO GROVE - DAWN, FOG", "woods", "dawn", "fog"),
        ("林夏的生日", "", "", ""),
        ("Towards the barn", "", "", ""),
        ("病房 清晨", "hospital", "dawn", ""),
    ],
)
def test_headings_are_understood_in_both_languages(heading: str, place: str, hour: str, weather: str) -> None:
    found = help_for("sdxl", Asked(heading=heading), Style())
    chosen = {one.title for one in found.fragments if one.chosen}
    for words, wanted in ((PLACES, place), (HOURS, hour), (WEATHERS, weather)):
        assert [one.key for one in words if one.title in chosen] == ([wanted] if wanted else []), heading


def test_a_place_that_nobody_knows_is_said_in_its_own_words_and_a_known_one_keeps_its_note_apart() -> None:
    found = help_for("flux", Asked(place="Grandmother's kitchen", description="Blue tiles."), Style())
    assert found.prompt.startswith("Grandmother's kitchen, Blue tiles")
    note = [one for one in help_for("flux", ROOF, STYLE).fragments if one.text == "Built by rule."]
    assert len(note) == 1 and not note[0].chosen


def test_nobody_is_asked_for_behind_actors_and_a_crowd_only_in_a_crowd_layer() -> None:
    crowd = help_for("sdxl", Asked(kind="crowd", heading="Street, day"), Style())
    assert "crowd of people" in crowd.prompt and "people" not in crowd.negative.split(", ")
    assert "no humans" in help_for("sdxl", Asked(heading="Street, day"), Style()).prompt


def test_every_class_of_models_has_its_help() -> None:
    for name, family in FAMILIES.items():
        found = help_for(name, ROOF, STYLE)
        assert found.prompt and len(found.prompt) < 1_000
        assert bool(found.negative) == found.habit.negative <= family.negative
