"""Blur and grain are measured as they were made, and only what the ground lacks is lent to it."""

import cv2
import numpy as np
import pytest

from compositing.camera import edge_blur, grain_of, missing_blur, missing_grain, perceptual
from compositing.match import add_grain, grain_tile


def shapes(blur_px: float, noise: float = 0.0) -> np.ndarray:
    """(H, W) perceptual light: polygons in several greys, blurred by that sigma, some of them out of focus."""
    rng = np.random.default_rng(3)
    big = np.full((640, 480), 90, np.uint8)
    for _ in range(40):
        points = rng.integers(0, 640, (4, 2)).astype(np.int32)
        cv2.fillPoly(big, [cv2.convexHull(points)], int(rng.integers(30, 220)), cv2.LINE_AA)
    plane = cv2.GaussianBlur(big.astype(np.float32) / 255, (0, 0), blur_px)
    soft = cv2.GaussianBlur(plane, (0, 0), 4)
    plane[:, 300:] = soft[:, 300:]
    return np.asarray(plane + rng.normal(0, noise, plane.shape), np.float32)


@pytest.mark.parametrize("blur_px", [0.8, 1.2, 2.0, 3.0])
def test_the_sharpest_edges_tell_the_lens(blur_px: float) -> None:
    found = edge_blur(shapes(blur_px, noise=0.004))
    assert found is not None and abs(found - blur_px) < 0.25 * blur_px


def test_where_to_look_counts() -> None:
    plane = shapes(0.8)
    right = np.zeros(plane.shape, np.float32)
    right[:, 320:] = 1
    found, soft = edge_blur(plane, 1 - right), edge_blur(plane, right)
    assert found is not None and soft is not None and soft > 2 * found


def test_a_picture_without_edges_tells_nothing() -> None:
    assert edge_blur(np.full((64, 64), 0.5, np.float32)) is None
    assert missing_blur(None, 1.0) == 0 and missing_blur(1.0, None) == 0


def test_only_what_is_lacking_is_added() -> None:
    assert missing_blur(1.0, 2.0) == 0
    lent = missing_blur(2.0, 1.2)
    both = edge_blur(cv2.GaussianBlur(shapes(1.2), (0, 0), lent))
    assert both is not None and abs(both - 2.0) < 0.5
    assert missing_grain(0.01, 0.02) == 0 and missing_grain(0.05, 0.03) == pytest.approx(0.04)


@pytest.mark.parametrize("amount", [0.003, 0.01])
@pytest.mark.parametrize("level", [0.06, 0.4])
def test_grain_is_measured_as_it_was_laid(amount: float, level: float) -> None:
    flat = np.full((300, 300, 3), level, np.float32)
    grained = add_grain(flat, grain_tile(), amount, 1)
    # The laid grain is a little soft, so its finest part is less than all of it.
    assert 0.5 * amount < grain_of(grained) < 1.2 * amount
    assert grain_of(flat) < 1e-4


def test_texture_is_not_taken_for_grain() -> None:
    rng = np.random.default_rng(2)
    cloth = np.full((300, 300, 3), 0.2, np.float32)
    cloth[:150] *= rng.uniform(0.5, 1.5, (150, 300, 1)).astype(np.float32)
    assert grain_of(cloth) < 0.002


def test_perceptual_light_is_a_root() -> None:
    assert np.allclose(perceptual(np.full((2, 2, 3), 0.25, np.float32)), 0.5)
