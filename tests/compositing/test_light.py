"""Light read off heads that were lit from known places."""

import numpy as np
import pytest

from compositing.colour import LUMA
from compositing.light import SURE, compared, key_light, scene_light
from tests.compositing.heads import head

pytestmark = pytest.mark.slow

AROUND = (-90, -70, -45, -20, 20, 45, 70, 90)


def apart(one: float, other: float) -> float:
    return abs((one - other + 180) % 360 - 180)


@pytest.mark.parametrize("hair", ["short", "long", "none"])
@pytest.mark.parametrize("elevation", [5, 30, 50])
def test_the_azimuth_is_found_within_fifteen_degrees(hair: str, elevation: int) -> None:
    missed = {}
    for azimuth in AROUND:
        found = key_light(*head(azimuth, elevation, hair=hair))
        assert found is not None
        missed[azimuth] = apart(found.azimuth, azimuth)
        assert found.sure > SURE
    assert max(missed.values()) <= 15, missed


@pytest.mark.parametrize("skin", ["light", "tan", "dark"])
@pytest.mark.parametrize("fill", [0.05, 0.5])
def test_neither_skin_nor_fill_turns_it(skin: str, fill: float) -> None:
    for azimuth in (-60, 40):
        found = key_light(*head(azimuth, 25, skin=skin, fill=fill, seed=2))
        assert found is not None and apart(found.azimuth, azimuth) <= 15


def test_a_turned_head_is_still_lit_from_the_same_side() -> None:
    for turn in (-20, 20):
        for azimuth in (-60, 60):
            found = key_light(*head(azimuth, 25, turn=turn))
            assert found is not None and apart(found.azimuth, azimuth) <= 25


def test_soft_is_told_from_hard_and_warm_from_cold() -> None:
    hard, soft = key_light(*head(60, 20, fill=0.05)), key_light(*head(60, 20, fill=0.9))
    assert hard is not None and soft is not None and hard.softness + 0.2 < soft.softness
    warm, cold = (key_light(*head(60, 20, key=key)) for key in ((1.0, 0.75, 0.5), (0.7, 0.85, 1.1)))
    assert warm is not None and cold is not None
    assert warm.colour[0] / warm.colour[2] > 1.3 * cold.colour[0] / cold.colour[2]
    assert float(np.array(warm.colour) @ LUMA + np.array(warm.ambient) @ LUMA) == pytest.approx(1, abs=0.01)


def test_a_face_too_small_to_judge_claims_nothing_and_breaks_nothing() -> None:
    for tall in (200, 150, 120, 100, 90, 70, 40):
        for hair in ("none", "short", "long"):
            small, alpha = head(50, 20, hair=hair, size=(tall * 9 // 16, tall))
            picture, matte = np.zeros((384, 216, 3), np.float32), np.zeros((384, 216), np.float32)
            picture[:tall, : small.shape[1]], matte[:tall, : small.shape[1]] = small, alpha
            found = key_light(picture, matte)
            assert found is None or apart(found.azimuth, 50) <= 15, (tall, hair)


def test_without_a_face_nothing_is_claimed() -> None:
    grey = np.full((384, 216, 3), 0.2, np.float32)
    assert key_light(grey, np.ones((384, 216), np.float32)) is None
    assert key_light(grey, np.zeros((384, 216), np.float32)) is None


def wall(side: float, colour: tuple[float, float, float]) -> np.ndarray:
    """A dim room with a lamp that far from the middle, in half widths."""
    y, x = np.mgrid[0:384, 0:216].astype(np.float64)
    lamp = np.exp(-(((x - 108 - side * 108) / 20) ** 2 + ((y - 120) / 30) ** 2) / 2)
    return np.asarray((0.04 + 1.5 * lamp)[..., None] * np.array(colour), np.float32)


def test_a_lamp_on_the_other_side_or_in_another_colour_is_told() -> None:
    actor = key_light(*head(50, 20))
    assert actor is not None
    same, other = (compared(actor, scene_light(wall(side, (1, 0.9, 0.8)))) for side in (0.8, -0.8))
    assert same["apart"] <= 30 < other["apart"] and not same["even"]
    warm, cold = (compared(actor, scene_light(wall(0.8, colour))) for colour in ((1, 0.86, 0.74), (0.35, 0.6, 1.4)))
    assert warm["colour_milli"] < 6000 < cold["colour_milli"]
    assert compared(actor, scene_light(np.full((384, 216, 3), 0.2, np.float32)))["even"]


def test_what_is_found_is_kept_as_whole_numbers() -> None:
    found = key_light(*head(45, 30))
    assert found is not None
    told = found.to_dict()
    assert all(isinstance(told[name], int) for name in ("azimuth", "elevation", "sure_milli", "softness_milli"))
    assert apart(told["azimuth"], 45) <= 15
