"""A shadow on the screen falls on the background; wrinkles, hair and unevenness do not."""

import cv2
import numpy as np
import pytest

from compositing.colour import decode_srgb
from compositing.errors import ShapeError
from compositing.shadow import cast_shadow, shadow_found, shadow_ratio, standing_shadow
from tests.compositing.takes import SKIN

HEIGHT, WIDTH = 320, 180


def scene(depth: float = 0.5, seed: int = 1, screen: tuple[int, int, int] = (58, 158, 74)):  # type: ignore[no-untyped-def]
    """(frame, clean screen, alpha, true ratio): a figure on a floor, its shadow beside its feet, wrinkled cloth."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    wrinkles = 1 + 0.12 * np.sin(x / 6) * np.sin(y / 40)
    light = (1 - 0.3 * y / HEIGHT) * wrinkles
    wall = (decode_srgb(np.array(screen) / 255.0) * light[..., None]).astype(np.float32)
    body = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    cv2.ellipse(body, (90 * 4, 150 * 4), (28 * 4, 110 * 4), 0, 0, 360, 255, -1)
    alpha = cv2.resize(body, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    blob = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(blob, (115, 262), (48, 16), 0, 0, 360, 1.0, -1)
    truth = 1 - depth * cv2.GaussianBlur(blob, (0, 0), 5)
    noise = np.random.default_rng(seed).normal(0, 0.004, wall.shape)
    frame = alpha[..., None] * SKIN + (1 - alpha[..., None]) * wall * truth[..., None] + noise
    return np.maximum(frame, 0).astype(np.float32), wall, alpha, truth.astype(np.float32)


@pytest.mark.parametrize("screen", [(58, 158, 74), (40, 70, 190)])
@pytest.mark.parametrize("depth", [0.3, 0.6])
def test_the_shadow_comes_back_as_deep_as_it_was(screen: tuple[int, int, int], depth: float) -> None:
    frame, wall, alpha, truth = scene(depth, screen=screen)
    ratio = shadow_ratio(frame, wall, alpha)
    seen = alpha < 0.01
    assert np.abs(ratio - truth)[seen].mean() < 0.02
    core = seen & (truth < 1 - 0.8 * depth)
    assert abs(float(ratio[core].mean()) - float(truth[core].mean())) < 0.06


def test_a_matte_that_took_part_of_the_shadow_is_not_darkened_twice() -> None:
    frame, wall, alpha, truth = scene(0.5)
    read = np.maximum(alpha, (1 - truth) * 0.6)  # a colour difference reads shadow as half clear
    together = shadow_ratio(frame, wall, read.astype(np.float32)) * (1 - read)
    seen = alpha < 0.01
    assert np.abs(together - truth)[seen].mean() < 0.04


def test_wrinkles_and_grain_without_a_shadow_are_none() -> None:
    frame, wall, alpha, _ = scene(0.0)
    ratio = shadow_ratio(frame, wall, alpha)
    assert float((1 - ratio).max()) < 0.04
    assert not shadow_found([ratio], [alpha])


def test_a_real_shadow_is_found() -> None:
    frame, wall, alpha, _ = scene(0.4)
    assert shadow_found([shadow_ratio(frame, wall, alpha)] * 3, [alpha] * 3)


def test_dark_hair_before_the_screen_is_no_shadow() -> None:
    frame, wall, alpha, _ = scene(0.0)
    rng = np.random.default_rng(5)
    strands = np.zeros((HEIGHT * 4, WIDTH * 4), np.uint8)
    for _index in range(40):
        start = (int(rng.uniform(60, 120) * 4), 60 * 4)
        cv2.line(strands, start, (start[0] + int(rng.uniform(-240, 240)), int(rng.uniform(5, 30) * 4)), 255, 2)
    hair = cv2.resize(strands, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None] / 255
    frame = (frame * (1 - hair) + hair * 0.02).astype(np.float32)
    whole = np.maximum(alpha, hair[..., 0])
    assert not shadow_found([shadow_ratio(frame, wall, whole)], [whole])


def test_a_shadow_that_every_frame_shows_is_told_from_the_cloths_folds() -> None:
    _, wall, alpha, truth = scene(0.5)
    plate = (wall * truth[..., None]).astype(np.float32)
    for column in (20, 160):  # deep and narrow, and away from anybody
        plate[:, column : column + 3] *= 0.6
    found = standing_shadow(plate, [alpha])
    core = (truth < 0.6) & (alpha < 0.01)
    assert abs(float(found[core].mean()) - float(truth[core].mean())) < 0.12
    assert found[:200].min() > 0.9 and found[:, 15:30].min() > 0.9
    assert standing_shadow(wall, [alpha]).min() > 0.9


def test_the_ground_is_multiplied_and_nothing_else() -> None:
    ground = np.full((64, 36, 3), 0.4, np.float32)
    ratio = np.ones((16, 9), np.float32)
    ratio[8:] = 0.5
    cast = cast_shadow(ground, ratio)
    assert np.allclose(cast[:24], 0.4) and np.allclose(cast[44:], 0.2)
    assert np.allclose(cast_shadow(ground, ratio, 0.5)[44:], 0.3)
    assert np.array_equal(cast_shadow(ground, ratio, 0), ground)
    assert np.allclose(ground, 0.4)


def test_shadow_refuses_another_size() -> None:
    with pytest.raises(ShapeError):
        shadow_ratio(np.zeros((4, 4, 3), np.float32), np.zeros((4, 4, 3), np.float32), np.zeros((4, 5), np.float32))
