"""Strands and dust that the matte lost come back as light; grain, shadow and the solid actor do not."""

import cv2
import numpy as np
import pytest

from compositing.additive import CORE, MOST, detail_core, detail_share, lost_detail, with_detail
from compositing.colour import chroma_basis, decode_srgb
from compositing.errors import ShapeError
from compositing.layer import over
from tests.compositing.takes import SCREENS

SIZE = (192, 108)


def scene(screen: str = "green", light: float = 0.5, grain: float = 0.002):  # type: ignore[no-untyped-def]
    """(frame, clean plate, true cover (H, W), along): strands of grey hair and dust, thinner than a pixel."""
    colour = decode_srgb(np.array(SCREENS[screen]) / 255.0).astype(np.float32)
    y, _ = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)
    wall = colour * (1 - 0.2 * y / SIZE[0])[..., None]
    big = np.zeros((SIZE[0] * 8, SIZE[1] * 8), np.uint8)
    for index in range(12):
        cv2.line(big, (60 + 60 * index, 500), (10 + 70 * index, 80), 255, 2, cv2.LINE_AA)
    for index in range(30):
        cv2.circle(big, (97 * index % big.shape[1], 700 + 131 * index % 700), 3, 255, -1)
    cover = cv2.resize(big, SIZE[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    noise = np.random.default_rng(4).normal(0, grain, wall.shape)
    frame = (1 - cover[..., None]) * wall + cover[..., None] * light + noise
    return np.maximum(frame, 0).astype(np.float32), wall.astype(np.float32), cover, chroma_basis(colour)[0]


def lost_key() -> np.ndarray:
    return np.zeros((*SIZE, 4), np.float32)


@pytest.mark.parametrize("screen", ["green", "blue"])
def test_lost_strands_bring_the_comp_nearer_to_the_truth(screen: str) -> None:
    frame, wall, cover, along = scene(screen)
    detail = lost_detail(frame, lost_key(), wall, along)
    core = detail_core([detail], [lost_key()[..., 3]])
    ground = np.full((*SIZE, 3), 0.04, np.float32)
    truth = (1 - cover[..., None]) * ground + cover[..., None] * 0.5
    with_it = over(ground, with_detail(lost_key(), detail, core))
    strands = cover > 0.1
    assert np.abs(with_it - truth)[strands].mean() < 0.55 * np.abs(ground - truth)[strands].mean()
    bare = cv2.dilate(cover, np.ones((7, 7))) == 0
    assert np.abs(with_it - truth)[bare].mean() < 1e-4


def test_grain_alone_adds_nothing_worth_the_time() -> None:
    _, wall, _, along = scene()
    plain = (wall + np.random.default_rng(9).normal(0, 0.01, wall.shape)).astype(np.float32)
    detail = lost_detail(plain, lost_key(), wall, along)
    core = detail_core([detail], [lost_key()[..., 3]])
    assert detail_share(detail, lost_key()[..., 3], core) < 4e-4
    assert with_detail(lost_key(), detail, core).mean() < 1e-5


def test_a_shadow_on_the_screen_is_no_detail() -> None:
    _, wall, _, along = scene()
    detail = lost_detail((wall * 0.5).astype(np.float32), lost_key(), wall, along)
    assert np.abs(detail).max() < 1e-4


def test_what_the_matte_kept_is_not_added_twice() -> None:
    frame, wall, cover, along = scene(grain=0.0)
    kept = np.dstack([np.repeat(cover[..., None] * 0.5, 3, axis=2), cover]).astype(np.float32)
    assert np.abs(lost_detail(frame, kept, wall, along)).max() < 0.02


def test_detail_is_light_without_coverage_and_clamped() -> None:
    detail = np.full(SIZE, 3.0, np.float32)
    out = with_detail(lost_key(), detail, 0.01, 1.0)
    assert np.allclose(out[..., :3], MOST) and not out[..., 3].any()
    assert not with_detail(lost_key(), detail, 0.01, 0.0).any()


def test_the_core_follows_the_grain() -> None:
    noise = np.random.default_rng(2).normal(0, 0.01, SIZE).astype(np.float32)
    assert abs(detail_core([noise], [np.zeros(SIZE, np.float32)]) / (CORE * 0.01) - 1) < 0.1
    assert detail_core([noise], [np.ones(SIZE, np.float32)]) == 1.0


def test_detail_refuses_another_size() -> None:
    with pytest.raises(ShapeError):
        lost_detail(
            np.zeros((4, 4, 3), np.float32),
            np.zeros((4, 5, 4), np.float32),
            np.zeros((2, 2, 3), np.float32),
            np.ones(3, np.float32),
        )
