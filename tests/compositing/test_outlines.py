"""Cloth close beside a clean outline is known as cloth: a wedge at the picture's edge is fitted, not guessed."""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.keying.outlines import beside
from compositing.keying.plate import fit_frame, fit_static
from compositing.keying.screen import find_screen

GREEN, GREY = np.array([0.045, 0.37, 0.075], np.float32), np.array([0.2, 0.19, 0.18], np.float32)
HEIGHT, WIDTH = 320, 240


def stage(blur: float) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """(as shot, the empty screen, the true matte): a garment from the middle to near the right edge, where the screen's
    light falls off fast."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    light = 1 - 0.22 * np.clip((x - 200) / 40, 0, 1) * np.clip((y - 140) / 100, 0, 1)
    empty = light[..., None] * GREEN
    matte = ((y > 160) & (x > 60) & (x < 233)).astype(np.float32)
    matte = cv2.GaussianBlur(matte, (0, 0), blur)
    noise = np.random.default_rng(7).normal(0, 0.002, empty.shape).astype(np.float32)
    return (empty * (1 - matte[..., None]) + GREY * matte[..., None] + noise).astype(np.float32), empty, matte


def test_a_narrow_wedge_between_garment_and_picture_edge_is_fitted() -> None:
    shot, empty, matte = stage(0.6)
    screen = find_screen([shot])
    fitted = fit_frame(shot, fit_static([shot] * 3, screen), screen)
    wedge = (matte < 0.01) & (np.indices(matte.shape)[1] >= 233) & (np.indices(matte.shape)[0] > 200)
    off = (fitted[..., 1] / empty[..., 1])[wedge]
    assert abs(float(off.mean()) - 1) < 0.05


def test_a_clean_outline_has_cloth_beside_it_and_a_soft_one_has_none() -> None:
    found = {}
    for blur in (0.6, 9.0):
        shot, _, matte = stage(blur)
        light = shot.sum(-1)
        clear = (1 - matte).astype(np.float32)
        found[blur] = beside(light, shot / light[..., None], clear, clear > 0.8, GREEN / GREEN.sum())
        assert not found[blur][matte > 0.3].any()
        assert not found[blur][:60, :40].any()  # free cloth, far from any outline, is for others to know
    assert found[0.6][250, 235:239].mean() > 0.8
    assert found[9.0][250, 228:].mean() == 0
