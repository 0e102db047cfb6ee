"""Recipes: one spelling, one digest, whole numbers only, and old ones read for ever."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compositing.errors import Refused
from compositing.parameters import BY_NAME, MATCH, PARAMETERS, clean_values
from compositing.recipe import LayerRecipe, Recipe, canonical_json, plain

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "recipes"
A, B = "a" * 64, "b" * 64


def recipe(**changes: object) -> Recipe:
    layers = (LayerRecipe("bg", "background", A), LayerRecipe("actor", "actor", B, key={"despill_milli": 900}))
    fields = {"width": 1080, "height": 1920, "fps_num": 24, "fps_den": 1, "frame_count": 48, "layers": layers}
    return Recipe(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_recipe_survives_its_json_with_the_same_digest() -> None:
    once = recipe()
    again = Recipe.from_json(once.to_json())
    assert again == once
    assert again.sha256() == once.sha256()


def test_the_digest_does_not_depend_on_who_wrote_the_defaults() -> None:
    bare = LayerRecipe("actor", "actor", B, key={})
    spelled = LayerRecipe("actor", "actor", B, key={"gain_milli": BY_NAME["key", "gain_milli"].default})
    assert bare.sha256() == spelled.sha256()


def test_changing_one_layer_leaves_the_other_layers_digest_alone() -> None:
    before = recipe()
    after = before.with_layer(LayerRecipe("actor", "actor", B, key={"despill_milli": 500}))
    assert after.layer("bg").sha256() == before.layer("bg").sha256()
    assert after.layer("actor").sha256() != before.layer("actor").sha256()
    assert after.sha256() != before.sha256()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"width": 1081}, "even"), ({"frame_count": 0}, "frame_count"), ({"mode": "slow"}, "mode"),
        ({"layers": ()}, "at least one layer"), ({"fps_num": 23.976}, "fps_num"), ({"schema": "comp.9"}, "comp.9"),
        ({"layers": (LayerRecipe("x", "actor", A), LayerRecipe("x", "crowd", A))}, "share a name"),
    ],
)  # fmt: skip
def test_a_wrong_recipe_is_refused_with_its_field(changes: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        recipe(**changes)


@pytest.mark.parametrize(
    "changes",
    [{"source": "short"}, {"kind": "ghost"}, {"key": {"despill_milli": 1.5}}, {"key": {"nonsense": 1}},
     {"key": {"despill_milli": 99999}}, {"centre_milli": 2000}, {"key": {"despill_milli": True}}],
)  # fmt: skip
def test_a_wrong_layer_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Refused):
        LayerRecipe(**{"id": "actor", "kind": "actor", "source": A, **changes})  # type: ignore[arg-type]


def test_floats_never_enter_a_digest() -> None:
    with pytest.raises(Refused, match="whole numbers"):
        canonical_json({"a": [1, {"b": 0.5}]})


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_every_schema_ever_shipped_still_reads(path: Path) -> None:
    read = Recipe.from_json(path.read_text())
    assert read.schema == "comp.1"
    assert [layer.kind for layer in read.layers] == ["background", "actor"]


def test_the_trial_schema_keeps_its_parameters() -> None:
    old = Recipe.from_json((FIXTURES / "comp_0.json").read_text())
    new = Recipe.from_json((FIXTURES / "comp_1.json").read_text())
    assert old.layer("actor").key == new.layer("actor").key == {"despill_milli": 900}


def test_a_recipe_from_the_future_is_refused_with_advice() -> None:
    data = {**recipe().to_dict(), "schema": "comp.7"}
    with pytest.raises(Refused, match="Update the studio"):
        Recipe.from_json(json.dumps(data))


def test_plain_leaves_out_every_matter_of_taste() -> None:
    values = plain(recipe(match={"wrap_milli": 900})).match
    for parameter in PARAMETERS:
        if parameter.taste:
            assert values.get(parameter.name, parameter.default) == 0


def test_every_parameter_fits_its_own_range() -> None:
    for parameter in PARAMETERS:
        assert parameter.minimum <= parameter.default <= parameter.maximum, parameter.name
        assert parameter.label and parameter.help


@given(st.dictionaries(st.sampled_from([p.name for p in PARAMETERS if p.set == MATCH]), st.integers(-5, 90000)))
def test_cleaned_values_are_in_range_or_refused(values: dict[str, int]) -> None:
    try:
        cleaned = clean_values(MATCH, values)
    except Refused:
        return
    assert all(BY_NAME[MATCH, n].minimum <= v <= BY_NAME[MATCH, n].maximum for n, v in cleaned.items())
    assert list(cleaned) == sorted(cleaned)


def test_the_person_hint_is_part_of_what_a_recipe_is() -> None:
    plain = LayerRecipe("actor", "actor", "a" * 64)
    hinted = LayerRecipe("actor", "actor", "a" * 64, hint="b" * 64)
    assert "hint" not in plain.to_dict() and "method" not in plain.to_dict()
    assert plain.sha256() != hinted.sha256() and LayerRecipe.from_dict(hinted.to_dict()) == hinted
    with pytest.raises(Refused, match="hints install") as refused:
        LayerRecipe("actor", "actor", "a" * 64, method="person")
    assert refused.value.code == "hint_needed"
    with pytest.raises(Refused, match="method"):
        LayerRecipe("actor", "actor", "a" * 64, method="magic", hint="b" * 64)
