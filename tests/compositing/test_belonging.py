"""How an actor stands in a background, told by whole comps: lights, cameras, and where the face is."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from compositing.colour import LUMA, decode_srgb
from compositing.errors import Refused
from compositing.graph import Comp
from compositing.io.pictures import write_png8
from compositing.layer import placed, placed_point
from compositing.lights import actor_light_op, scene_lights_op
from compositing.match import MOST_LEAN, key_gains
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import file_sha256
from tests.compositing.heads import head
from tests.compositing.takes import film

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 144, 256


def report(_done: int, _total: int, _stage: str) -> None:
    pass


@pytest.fixture(scope="module")
def comp(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recipe, dict[str, str]]:
    """A head lit from the right before green; behind it a dim room with one lamp at the left, full of fine lines."""
    folder = tmp_path_factory.mktemp("belonging")
    face, matte = head(50, 20, size=(WIDTH, HEIGHT))
    face, matte = (np.asarray(cv2.GaussianBlur(one, (0, 0), 1.2), np.float32) for one in (face, matte))  # a soft lens
    green = decode_srgb(np.array((58, 158, 74)) / 255.0).astype(np.float32)
    source = film(folder / "take.mp4", [face + (1 - matte[..., None]) * green] * 3)
    room = np.full((HEIGHT, WIDTH, 3), 22, np.uint8)
    room[:, ::12] = 60
    room[60:110, 8:30] = (250, 190, 120)
    ground = folder / "ground.png"
    write_png8(ground, room)
    paths = {file_sha256(path): str(path) for path in (source, ground)}
    layers = (
        LayerRecipe("ground", "background", file_sha256(ground)),
        LayerRecipe("actor", "actor", file_sha256(source)),
    )
    return Recipe(WIDTH, HEIGHT, 24, 1, 3, layers, "fast", {}), paths


def moved(recipe: Recipe, **places: dict[str, int]) -> Recipe:
    return replace(recipe, layers=tuple(replace(one, place=places.get(one.id, one.place)) for one in recipe.layers))


def test_a_lamp_on_the_wrong_side_is_told_and_mirroring_the_background_mends_it(
    comp: tuple[Recipe, dict[str, str]],
) -> None:
    recipe, paths = comp
    told = Comp(recipe, paths).report()["actor"]["light"]
    assert told["background"]["aside"] < -15 and told["background"]["apart"] > 30
    mended = Comp(moved(recipe, ground={"flip": 1}), paths).report()["actor"]["light"]["background"]
    assert mended["aside"] == -told["background"]["aside"] and mended["apart"] < told["background"]["apart"] - 30


def test_a_grade_that_warms_the_actor_towards_a_warm_room_brings_their_lights_together(
    comp: tuple[Recipe, dict[str, str]],
) -> None:
    recipe, paths = comp
    plain = Comp(replace(recipe, match={"match_milli": 0}), paths).report()["actor"]["light"]["background"]
    warm = moved(replace(recipe, match={"match_milli": 0}), actor={"temperature_milli": 300})
    assert Comp(warm, paths).report()["actor"]["light"]["background"]["colour_milli"] < plain["colour_milli"]


def test_the_light_match_that_is_told_makes_both_lights_be_seen_as_one(comp: tuple[Recipe, dict[str, str]]) -> None:
    recipe, paths = comp
    warm = moved(recipe, ground={"temperature_milli": 600})
    plain = Comp(warm, paths)
    told = plain.report()["actor"]["light"]["background"]
    assert told["colour_milli"] > 8000 and 0 < told["lean_milli"] < 1000
    matched = Comp(replace(warm, match={"key_match_milli": told["lean_milli"]}), paths)
    assert matched.report()["actor"]["light"]["background"]["colour_milli"] <= 4500
    assert matched.report()["actor"]["light"]["background"]["lean_milli"] == told["lean_milli"]
    red, _green, blue = matched.gains["actor"] / plain.gains["actor"]
    assert 1 < red / blue < 1.6**2


def test_a_light_match_keeps_brightness_and_hue_and_knows_its_limit() -> None:
    own, lamp = np.array([1.0, 1.0, 1.0]), np.array([2.2, 0.9, 0.1])
    half, most = key_gains(own, lamp, 0.2), key_gains(own, lamp, 1.0)
    assert float(half @ LUMA) == pytest.approx(1, abs=1e-5) == float(most @ LUMA)
    stops = np.log(most / np.exp(np.log(most).mean()))
    assert float(np.abs(stops).max()) == pytest.approx(np.log(MOST_LEAN), abs=1e-4)
    wanted = np.log(lamp) - np.log(lamp).mean()
    assert np.corrcoef(stops, wanted)[0, 1] == pytest.approx(1, abs=1e-5)
    assert np.allclose(key_gains(own, lamp, 0.0), 1)


def test_the_face_is_told_where_it_stands_in_the_frame(comp: tuple[Recipe, dict[str, str]]) -> None:
    recipe, paths = comp
    plain = Comp(recipe, paths).report()["actor"]["light"]["actor"]
    place = {"scale_milli": 1500, "x_milli": 100, "y_milli": -50, "flip": 1}
    there = Comp(moved(recipe, actor=place), paths).report()["actor"]["light"]["actor"]
    wanted = placed_point((plain["centre_milli"][0] / 1000, plain["centre_milli"][1] / 1000), place)
    assert np.allclose(np.array(there["centre_milli"]) / 1000, wanted, atol=0.003)
    assert there["size_milli"][1] == pytest.approx(1.5 * plain["size_milli"][1], abs=3)
    assert there["azimuth"] == -plain["azimuth"]


def test_a_point_goes_where_its_pixel_goes() -> None:
    spot = np.zeros((200, 100, 4), np.float32)
    spot[59:62, 29:32] = 1
    for place in ({"flip": 1}, {"scale_milli": 1300, "x_milli": 120, "y_milli": -90}, {"scale_milli": 500, "flip": 1}):
        shown = placed(spot, place)[..., 3]
        y, x = (float(np.average(axis, weights=shown)) for axis in np.mgrid[0:200, 0:100])
        at = placed_point((30.5 / 100, 60.5 / 200), place)
        assert abs(at[0] * 100 - x - 0.5) < 1 and abs(at[1] * 200 - y - 0.5) < 1, place


def test_both_cameras_are_told_and_what_the_background_is_lent(comp: tuple[Recipe, dict[str, str]]) -> None:
    recipe, paths = comp
    told = Comp(recipe, paths).report()["actor"]["camera"]
    assert told["actor_blur_px_milli"] > told["ground_blur_px_milli"]
    assert told["lent_blur_px_milli"] > 0
    bare = Comp(replace(recipe, match={"sharpness_milli": 0}), paths).report()["actor"]["camera"]
    assert bare["lent_blur_px_milli"] == 0 and bare["ground_blur_px_milli"] == told["ground_blur_px_milli"]
    assert all(isinstance(value, int) for value in told.values())


def test_lights_of_pictures_and_of_an_actor_are_measured_for_ranking(comp: tuple[Recipe, dict[str, str]]) -> None:
    recipe, paths = comp
    ground, actor = recipe.layers
    lights = scene_lights_op({"pictures": [paths[ground.source]]}, report)["lights"]
    whole = Comp(replace(recipe, match={"match_milli": 0}), paths).report()["actor"]["light"]
    assert lights[0]["aside"] == pytest.approx(whole["background"]["aside"], abs=1)
    alone = replace(recipe, layers=(actor,)).to_dict()
    found = actor_light_op({"recipe": alone, "sources": paths}, report)["light"]
    assert abs(found["azimuth"] - 50) <= 15
    with pytest.raises(Refused):
        scene_lights_op({"pictures": ["/nowhere/at/all.png"]}, report)
