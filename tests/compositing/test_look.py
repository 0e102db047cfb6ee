"""Shadow, fine detail, sharpness, grain and the person, in whole comps."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from compositing.colour import decode_srgb, encode_srgb
from compositing.errors import Refused
from compositing.graph import Comp
from compositing.hints import models
from compositing.hints.person import Segmenter
from compositing.io.pictures import write_png8
from compositing.io.video import open_frames
from compositing.look import weighed
from compositing.parameters import MATCH, all_values
from compositing.recipe import LayerRecipe, Recipe, plain
from compositing.render import file_sha256
from tests.compositing.heads import head
from tests.compositing.takes import film
from tests.compositing.test_hints import TAKE, segmenter  # noqa: F401  (the fixture)

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 144, 256
FLOOR = (205, 225)  # rows


def standing(shadow: float, frames: int = 4) -> list[np.ndarray]:
    """A figure before green cloth, its shadow on the floor beside it, moving a little."""
    y, _ = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    wall = decode_srgb(np.array((58, 158, 74)) / 255.0) * (1 - 0.2 * y / HEIGHT)[..., None]
    plates = []
    for frame in range(frames):
        body, blob = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8), np.zeros((HEIGHT, WIDTH), np.float32)
        cv2.ellipse(body, (4 * (60 + frame), 4 * 130), (4 * 20, 4 * 90), 0, 0, 360, 255, -1)
        cv2.ellipse(blob, (95 + frame, 214), (34, 9), 0, 0, 360, 1.0, -1)
        alpha = cv2.resize(body, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
        light = (1 - shadow * cv2.GaussianBlur(blob, (0, 0), 4))[..., None]
        grain = np.random.default_rng(frame).normal(0, 0.002, wall.shape)
        plates.append(np.maximum(alpha * (0.5, 0.3, 0.25) + (1 - alpha) * wall * light + grain, 0).astype(np.float32))
    return plates


def recipe_of(
    tmp_path: Path, plates: list[np.ndarray], match: dict[str, int] | None = None
) -> tuple[Recipe, dict[str, str]]:
    source = film(tmp_path / "take.mp4", plates)
    ground = tmp_path / "ground.png"
    write_png8(ground, np.full((HEIGHT, WIDTH, 3), 180, np.uint8))
    paths = {file_sha256(path): str(path) for path in (source, ground)}
    layers = (
        LayerRecipe("ground", "background", file_sha256(ground)),
        LayerRecipe("actor", "actor", file_sha256(source)),
    )
    return Recipe(WIDTH, HEIGHT, 24, 1, len(plates), layers, "best", match or {}), paths


def test_the_shadow_of_the_take_falls_on_the_background_once(tmp_path: Path) -> None:
    recipe, paths = recipe_of(tmp_path, standing(0.35))
    comp = Comp(recipe, paths)
    assert comp.layers[1].look.shadow
    shadowed = comp.still(1).comp[210:218, 104:116].mean()
    open_ = comp.still(1).comp[100:140, 110:140].mean()
    assert 0.6 < shadowed / open_ < 0.8
    assert np.array_equal(comp.still(1).comp, Comp(recipe, paths).still(1).comp)


def test_a_shadow_too_deep_to_be_cloth_darkens_the_background_by_the_matte_itself(tmp_path: Path) -> None:
    recipe, paths = recipe_of(tmp_path, standing(0.5))
    still = Comp(recipe, paths).still(1)
    assert 0.4 < still.comp[210:218, 104:116].mean() / still.comp[100:140, 110:140].mean() < 0.65


def test_a_take_without_a_shadow_casts_none(tmp_path: Path) -> None:
    recipe, paths = recipe_of(tmp_path, standing(0.0))
    comp = Comp(recipe, paths)
    assert not comp.layers[1].look.shadow and comp.match["shadow_milli"] == 0


def test_plain_is_untouched_by_everything_of_taste(tmp_path: Path) -> None:
    recipe, paths = recipe_of(tmp_path, standing(0.5))
    bare = Comp(plain(recipe), paths)
    assert bare.match["shadow_milli"] == bare.match["additive_milli"] == bare.match["sharpness_milli"] == 0
    assert bare.soften == 0 and bare.grain == 0 and not bare.special


def test_the_amount_of_match_scales_all_of_it_at_once() -> None:
    half = weighed(all_values(MATCH, {"match_milli": 500}), shadow=True)
    whole = weighed(all_values(MATCH, {}), shadow=True)
    assert all(half[name] * 2 == whole[name] for name in ("colour_milli", "wrap_milli", "grain_milli", "shadow_milli"))
    none = weighed(all_values(MATCH, {"match_milli": 0}), shadow=True)
    assert not any(none[name] for name in ("colour_milli", "exposure_match_milli", "wrap_milli", "sharpness_milli"))
    assert half["wrap_px_milli"] == whole["wrap_px_milli"]
    assert weighed(all_values(MATCH, {}), shadow=False)["shadow_milli"] == 0


def test_a_background_sharper_than_the_take_is_softened_and_a_soft_one_is_not(tmp_path: Path) -> None:
    plates = [np.asarray(cv2.GaussianBlur(plate, (0, 0), 1.8), np.float32) for plate in standing(0.0)]
    recipe, paths = recipe_of(tmp_path, plates)
    rng = np.random.default_rng(5)
    blocks = np.kron(rng.integers(20, 235, (32, 18, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    for blur, softened in ((0.0, True), (4.0, False)):
        ground = Path(paths[recipe.layers[0].source])
        write_png8(ground, blocks if blur == 0 else cv2.GaussianBlur(blocks, (0, 0), blur))
        comp = Comp(recipe, paths)
        assert (comp.soften > 0.8) == softened


def test_loose_strands_come_back_where_they_are_wanted(tmp_path: Path) -> None:
    plates = standing(0.0)
    for plate in plates:  # bright dust the matte is told to clear
        plate[30:80:10, 20:130:12] += 0.05
    recipe, paths = recipe_of(tmp_path, plates)
    cut = Recipe(
        **{
            **recipe.__dict__,
            "layers": (
                recipe.layers[0],
                LayerRecipe("actor", "actor", recipe.layers[1].source, key={"clip_black_milli": 400}),
            ),
        }
    )
    without = Comp(cut, paths).still(0).comp
    added = Comp(Recipe(**{**cut.__dict__, "match": {"additive_milli": 1000}}), paths).still(0).comp
    gain = (added - without)[25:85]
    assert gain.min() >= 0 and gain.max() > 0.01


# -- people


def test_a_screenless_take_is_matted_by_the_person(
    segmenter: Segmenter,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    models.install(home / "models", given=segmenter.path)
    monkeypatch.setenv("HUO_HOME", str(home))
    sha = file_sha256(TAKE)
    layer = LayerRecipe("actor", "actor", sha, method="person", hint=models.NETWORK)
    recipe = Recipe(216, 384, 24, 1, 5, (layer,), "best")
    comp = Comp(recipe, {sha: str(TAKE)})
    assert comp.reach == 1 and comp.report()["actor"]["method"] == "person"
    frame = comp.still(2)
    keyed = Comp(Recipe(216, 384, 24, 1, 5, (LayerRecipe("actor", "actor", sha),), "best"), {sha: str(TAKE)}).still(2)
    assert np.abs(frame.alpha - keyed.alpha).mean() < 0.03
    assert np.array_equal(frame.comp, Comp(recipe, {sha: str(TAKE)}).still(2).comp)
    monkeypatch.setenv("HUO_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(Refused, match="hints install"):
        Comp(recipe, {sha: str(TAKE)})


def test_a_hint_that_changes_nothing_is_not_asked_and_changes_no_pixel(
    segmenter: Segmenter,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models.install(tmp_path / "models", given=segmenter.path)
    monkeypatch.setenv("HUO_HOME", str(tmp_path))
    sha = file_sha256(TAKE)
    pictures = []
    for hint in (None, models.NETWORK):
        layer = LayerRecipe("actor", "actor", sha, hint=hint)
        comp = Comp(Recipe(216, 384, 24, 1, 3, (layer,), "best"), {sha: str(TAKE)})
        assert comp.report()["actor"]["hint"] is False
        pictures.append(comp.still(0).comp)
    assert np.array_equal(pictures[0], pictures[1])


def test_a_lamp_beside_the_screen_is_cleared_by_the_hint(
    segmenter: Segmenter,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models.install(tmp_path / "models", given=segmenter.path)
    monkeypatch.setenv("HUO_HOME", str(tmp_path))
    plates = []
    for index, coded in enumerate(open_frames(TAKE, centre_milli=None, width=216, height=384)):
        if index < 4:
            plate = decode_srgb(np.asarray(coded[..., :3], np.float32) / 255)
            plate[10:46, 4:22] = (0.7, 0.6, 0.4)
            plates.append(plate.astype(np.float32))
    assert encode_srgb(plates[0]).max() <= 1
    source = film(tmp_path / "lamp.mp4", plates)
    sha = file_sha256(source)
    alphas = []
    for hint in (None, models.NETWORK):
        layer = LayerRecipe("actor", "actor", sha, hint=hint)
        alphas.append(Comp(Recipe(216, 384, 24, 1, 4, (layer,), "best"), {sha: str(source)}).still(1).alpha)
    assert alphas[0][14:42, 8:18].mean() > 0.9 and alphas[1][14:42, 8:18].mean() < 0.05
    assert np.abs(alphas[1] - alphas[0])[100:].max() < 0.01


def test_the_light_on_a_face_is_held_against_the_background_s(tmp_path: Path) -> None:
    face, matte = head(50, 20, size=(WIDTH, HEIGHT))
    green = decode_srgb(np.array((58, 158, 74)) / 255.0).astype(np.float32)
    plates = [face + (1 - matte[..., None]) * green] * 4
    recipe, paths = recipe_of(tmp_path, plates)
    told = Comp(recipe, paths).report()["actor"]["light"]
    assert abs(told["actor"]["azimuth"] - 50) <= 15 and told["background"]["even"] == 1
    turned = Recipe.from_dict(recipe.to_dict())
    layers = (turned.layers[0], replace(turned.layers[1], place={"flip": 1}))
    mirrored = Comp(replace(turned, layers=layers), paths).report()["actor"]["light"]["actor"]
    assert mirrored["azimuth"] == -told["actor"]["azimuth"]
