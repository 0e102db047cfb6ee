"""Light that effects cast: on the side that is turned to it, in its colour, on nothing where nobody asked."""

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from compositing.cast import Cast, Emitted, emitted, on_actor, on_ground
from compositing.effects import FAMILIES, effect_op
from compositing.graph import Comp
from compositing.recipe import LayerRecipe, Recipe

WIDTH, HEIGHT = 72, 128


def glow(x: int, colour: tuple[float, float, float] = (1.0, 0.5, 0.1)) -> np.ndarray:
    picture = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    picture[40:90, max(0, x - 8) : x + 8] = (*colour, 1.0)
    return picture


def actor() -> np.ndarray:
    """A grey figure with a black belt."""
    picture = np.zeros((HEIGHT, WIDTH, 4), np.float32)
    cv2.ellipse(picture, (36, 70), (18, 50), 0, 0, 360, (0.2, 0.2, 0.2, 1.0), -1)
    picture[80:90, :, :3] = 0
    return picture


def test_what_a_frame_gives_off_has_its_colour_and_its_place() -> None:
    light = emitted(glow(60))
    assert light is not None
    assert light.x == pytest.approx(60 / WIDTH, abs=0.03) and light.y == pytest.approx(65 / HEIGHT, abs=0.03)
    assert light.colour[0] == pytest.approx(2 * light.colour[1], rel=0.01)
    assert emitted(np.zeros((HEIGHT, WIDTH, 4), np.float32)) is None


def test_a_fire_at_the_right_lights_the_right_side_in_its_colour_and_leaves_the_matte() -> None:
    light = emitted(glow(66))
    assert light is not None
    bare = actor()
    lit = on_actor(bare, [Cast(light, 1.0, 0.0)])
    assert (lit[..., 3] == bare[..., 3]).all() and (lit[bare[..., 3] == 0] == 0).all()
    gain = lit[60:75, :, :3].mean(0) - bare[60:75, :, :3].mean(0)
    assert gain[46:52].mean() > 2 * gain[20:26].mean() > 0
    assert gain[40, 0] > 1.8 * gain[40, 1] > 3 * gain[40, 2]
    assert lit[82:88, 36, 0].mean() < 0.1 * lit[65:75, 36, 0].mean()  # black cloth stays all but black


def test_without_a_wish_nothing_is_lit() -> None:
    light = Emitted((0.5, 0.5, 0.5), 0.5, 0.5)
    bare = actor()
    assert on_actor(bare, [Cast(light, 0.0, 1.0)]) is bare
    assert on_ground(bare, [Cast(light, 1.0, 0.0)]) is bare


def test_a_flash_lights_the_whole_place_and_a_stronger_wish_lights_it_more() -> None:
    ground = np.full((HEIGHT, WIDTH, 3), 0.05, np.float32)
    light = Emitted((0.2, 0.2, 0.25), 0.5, 0.1)
    weak, strong = (on_ground(ground, [Cast(light, 0.0, wish)]) for wish in (0.5, 1.0))
    assert weak.min() > 1.2 * 0.05 and strong.mean() > 1.2 * weak.mean()
    assert strong[10].mean() > strong[-10].mean()


def comp(folder: Path, place: dict[str, int]) -> np.ndarray:
    paths = {}

    def stored(name: str, picture: np.ndarray) -> str:
        path = folder / name
        cv2.imwrite(str(path), picture)
        sha = hashlib.sha256(path.read_bytes()).hexdigest()
        paths[sha] = str(path)
        return sha

    flat = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    alpha = (actor()[..., 3:] * 255).astype(np.uint8)
    figure = np.dstack([np.full((HEIGHT, WIDTH, 3), 110, np.uint8), alpha])
    fire = np.dstack([np.tile(np.array([30, 140, 250], np.uint8), (HEIGHT, WIDTH, 1)), np.zeros_like(alpha)])
    fire[40:90, 56:, 3] = 255
    layers = (
        LayerRecipe(id="bg", kind="background", source=stored("bg.png", flat)),
        LayerRecipe(id="actor", kind="actor", source=stored("actor.png", figure)),
        LayerRecipe(id="fire", kind="effect", source=stored("fire.png", fire), place=place),
    )
    recipe = Recipe(width=WIDTH, height=HEIGHT, fps_num=24, fps_den=1, frame_count=1, layers=layers)
    return Comp(recipe, paths).still(0).view("comp").astype(np.float64)


def test_a_comp_casts_only_what_its_recipe_asks_for(tmp_path: Path) -> None:
    bare, same = comp(tmp_path, {}), comp(tmp_path, {"cast_milli": 0, "cast_ground_milli": 0})
    assert (bare == same).all()
    on_him, on_all = comp(tmp_path, {"cast_milli": 1000}), comp(tmp_path, {"cast_ground_milli": 1000})
    face, wall = np.s_[60:75, 40:50], np.s_[5:15, 5:15]
    assert on_him[face][..., 0].mean() > bare[face][..., 0].mean() + 8
    assert (on_him[wall] == bare[wall]).all()
    assert on_all[wall].mean() > bare[wall].mean() + 3


@pytest.mark.parametrize("name", [name for name in sorted(FAMILIES) if FAMILIES[name].emits])
def test_an_effect_that_glows_tells_each_frames_light(name: str, tmp_path: Path) -> None:
    args: dict[str, Any] = {
        "family": name,
        "params": {},
        "seed": 3,
        "frames": 12,
        "fps_num": 24,
        "out_dir": str(tmp_path),
    }
    made = effect_op(args | {"width": WIDTH, "height": HEIGHT}, lambda *_: None)
    lights = np.array(made["lights_milli"])
    assert lights.shape == (12, 5) and lights[:, :3].max() > 0
    assert ((lights[:, 3:] >= 0) & (lights[:, 3:] <= 1000)).all()
    if name == "lightning":
        assert lights[:, 2].max() > 3 * lights[:, 2].min()  # it flashes
