"""The ray tracer and the baked light, held against what is known without them."""

import math

import numpy as np
import pytest

from compositing.plates.bake import bake
from compositing.plates.finish import bloom, defocus
from compositing.plates.scene import HORIZON, ZENITH, Scenery
from compositing.plates.trace import FAR, _meet, first_hit


def crowd(count: int = 120) -> Scenery:
    rng = np.random.default_rng(7)
    scenery = Scenery()
    for k in range(count):
        centre = tuple(float(v) for v in rng.uniform(-4, 4, 3))
        half = tuple(float(v) for v in rng.uniform(0.05, 0.6, 3))
        if k % 3 == 1:
            half = (half[0], half[1], half[0])
        scenery.add(k % 3, centre, half, (0.5, 0.5, 0.5), turn=float(rng.uniform(0, 6)))  # type: ignore[arg-type]
    return scenery


def test_the_tree_of_bounds_finds_what_looking_at_every_solid_finds() -> None:
    scene = crowd().pack(1.0)
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(400):
        origin = rng.uniform(-7, 7, 3)
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        truth = min(_meet(scene.geo, i, *origin, *way, FAR) for i in range(len(scene.geo)))
        distance, solid = first_hit(scene, *origin, *way, FAR, False)
        assert distance == pytest.approx(truth)
        assert (solid >= 0) == (truth < FAR)
        hits += solid >= 0
    assert 50 < hits < 395


def test_a_box_a_cylinder_and_a_ball_are_met_where_geometry_says() -> None:
    scenery = Scenery()
    scenery.box((-1, -1, 4), (1, 1, 6), (0.5, 0.5, 0.5))
    scenery.cylinder((10, -1, 5), 1.0, 2.0, (0.5, 0.5, 0.5))
    scenery.ellipsoid((20, 0, 5), (1, 2, 1.5), (0.5, 0.5, 0.5))
    scene = scenery.pack(1.0)
    for x, expected in ((0.0, 4.0), (10.0, 4.0), (20.0, 3.5), (10.6, 5 - math.sqrt(1 - 0.36))):
        assert first_hit(scene, x, 0.0, 0.0, 0.0, 0.0, 1.0, FAR, False)[0] == pytest.approx(expected)
    assert first_hit(scene, 5.0, 0.0, 0.0, 0.0, 0.0, 1.0, FAR, False) == (FAR, -1)


def test_an_open_floor_under_an_even_sky_receives_the_sky() -> None:
    scenery = Scenery()
    scenery.air[ZENITH : ZENITH + 3] = scenery.air[HORIZON : HORIZON + 3] = (0.2, 0.4, 0.8)
    scenery.box((-5, -1, -5), (5, 0, 5), (0.5, 0.5, 0.5), texel_m=1.0)
    scene = scenery.pack(1.0)
    bake(scene, 64, lambda share: None)
    start, w, h = scene.maps_at[0, 3]
    assert scene.light[start : start + w * h] == pytest.approx(np.tile([0.2, 0.4, 0.8], (w * h, 1)))


def test_a_lamp_lights_by_the_inverse_square_and_a_board_shades_it() -> None:
    def under(board: bool) -> np.ndarray:
        scenery = Scenery()
        scenery.box((-6, -1, -6), (6, 0, 6), (0.0, 0.0, 0.0), texel_m=0.25)
        if board:
            scenery.box((-1, 0.9, -1), (1, 1.0, 1), (0.0, 0.0, 0.0))
        scenery.lamp((-0.01, 2, -0.01), (0.01, 2, 0.01), (3.0, 3.0, 3.0))
        scene = scenery.pack(1.0)
        bake(scene, 4, lambda share: None)
        floor = next(i for i in range(len(scene.geo)) if scene.geo[i, 2] < 0)
        start, w, h = scene.maps_at[floor, 3]
        return scene.light[start : start + w * h, 0].reshape(h, w)

    bare, shaded = under(False), under(True)
    middle = bare.shape[0] // 2
    # 3 m to the side: cosine 2/sqrt(13), distance squared 13, against 4 straight below
    side = bare[middle, middle + 12]
    x = 12.5 * 0.25
    expected = (2 / math.sqrt(4 + x * x)) / (4 + x * x) / (1 / 4)
    # the map evens out neighbours, which lowers the peak a little
    assert side / bare[middle, middle] == pytest.approx(expected, rel=0.1)
    assert shaded[middle, middle] < 0.02 * bare[middle, middle]
    assert shaded[middle, middle + 20] == pytest.approx(bare[middle, middle + 20], rel=0.05)


def test_defocus_turns_a_far_light_into_a_disc_and_leaves_the_near_sharp() -> None:
    linear = np.zeros((240, 136, 3), np.float32)
    linear[60, 68] = 30.0
    far = defocus(linear, np.full((240, 136), 50.0, np.float32), 1.0)
    lit = far[..., 0] > 0.02
    across, down = np.flatnonzero(lit.any(0)), np.flatnonzero(lit.any(1))
    assert 6 <= len(across) <= 14 and abs(len(across) - len(down)) <= 1
    assert far.sum() == pytest.approx(linear.sum(), rel=0.02)
    near = defocus(linear, np.full((240, 136), 1.0, np.float32), 1.0)
    assert np.array_equal(near, linear)


def test_bloom_moves_light_and_makes_none() -> None:
    linear = np.zeros((256, 144, 3), np.float32)
    linear[120:136, 64:80] = 8.0
    glow = bloom(linear, 0.2)
    assert glow.sum() == pytest.approx(linear.sum(), rel=0.03)
    assert glow[100, 72, 0] > 0 and glow[128, 72, 0] < 8.0
