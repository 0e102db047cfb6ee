"""Neighbours steady a matte where nothing moves, and are not heard where they do not fit."""

import cv2
import numpy as np

from compositing.keying import Keyer
from compositing.keying.temporal import filtered, flow
from tests.compositing.takes import SCREENS, matte_of, take


def still_take(noise: float = 0.03) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    rng = np.random.default_rng(4)
    alpha = cv2.GaussianBlur(matte_of(0), (0, 0), 3)
    picture = np.stack([0.1 + 0.5 * alpha, 0.5 - 0.3 * alpha, np.full_like(alpha, 0.1)], -1).astype(np.float32)
    mattes = [np.clip(alpha + rng.normal(0, noise, alpha.shape), 0, 1).astype(np.float32) for _ in range(3)]
    return [picture] * 3, mattes, alpha


def test_noise_of_a_still_edge_goes_down() -> None:
    pictures, mattes, true = still_take()
    band = (true > 0.1) & (true < 0.9)
    before = np.abs(mattes[1] - true)[band].mean()
    after = np.abs(filtered(pictures, mattes, 1, 1.0, agree=0.1) - true)[band].mean()
    assert after < 0.75 * before


def test_a_neighbour_that_shows_something_else_is_not_heard() -> None:
    pictures, mattes, _ = still_take(0.0)
    other = [np.roll(p, 40, 1) for p in pictures]
    alien = np.zeros_like(mattes[0])
    found = filtered([other[0] * 0.1, pictures[1], other[2] * 0.1], [alien, mattes[1], alien], 1, 1.0)
    assert np.abs(found - mattes[1]).mean() < 2e-3


def test_strength_nothing_and_a_lone_frame_change_nothing() -> None:
    pictures, mattes, _ = still_take()
    assert np.array_equal(filtered(pictures, mattes, 1, 0.0), mattes[1])
    assert np.array_equal(filtered(pictures[:1], mattes[:1], 0, 1.0), mattes[0])


def test_solid_and_clear_parts_are_left_alone() -> None:
    pictures, mattes, _ = still_take()
    solid = [np.ones_like(m) for m in mattes]
    assert np.array_equal(filtered(pictures, solid, 1, 1.0), solid[1])


def test_the_flow_finds_a_shift() -> None:
    rng = np.random.default_rng(2)
    texture = cv2.GaussianBlur(rng.uniform(0, 255, (120, 120)).astype(np.float32), (0, 0), 3)
    here = cv2.normalize(texture, texture.copy(), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    motion = flow(here, np.roll(here, 4, axis=1))
    assert abs(float(np.median(motion[30:90, 30:90, 0])) - 4) < 0.5


def test_a_settled_frame_hangs_on_its_neighbours_own_mattes_alone() -> None:
    plates, _, _ = take(SCREENS["green"], frames=5)
    keyer = Keyer(plates).with_values({"temporal_milli": 1000})
    assert (keyer.reach, Keyer(plates).reach) == (1, 0)
    mattes = [keyer.matted(plate) for plate in plates]
    whole = keyer.settled(mattes[1:4], 1).alpha
    again = keyer.settled([keyer.matted(plate) for plate in plates[1:4]], 1).alpha
    assert np.array_equal(whole, again)
