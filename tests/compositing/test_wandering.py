"""A camera or lamps that move: frames disagree on the light of a place, so each bends its plate more."""

import numpy as np
from numpy.typing import NDArray

from compositing.keying.plate import fit_frame, fit_static
from compositing.keying.screen import find_screen

GREEN, GREY = np.array([0.045, 0.37, 0.075], np.float32), np.array([0.2, 0.19, 0.18], np.float32)
HEIGHT, WIDTH = 160, 120


def take(lit_from: tuple[float, float], seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(as shot, the empty screen): a person in the middle, light that falls off from one place of the picture."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    away = np.hypot(y / HEIGHT - lit_from[0], x / WIDTH - lit_from[1])
    empty = (np.exp(-0.16 * away**2)[..., None] * GREEN).astype(np.float32)
    solid = (y > 50) & (np.abs(x - 60) < 25)
    noise = np.random.default_rng(seed).normal(0, 0.001, empty.shape)
    return np.where(solid[..., None], GREY, empty + noise).astype(np.float32), empty


def test_frames_that_disagree_are_known_and_each_bends_its_plate_to_its_own_light() -> None:
    places = [(0.0, 0.0), (0.0, 1.0), (0.5, 0.5), (1.0, 0.0), (1.0, 1.0), (0.5, 0.0)]
    moving, still = [take(place, n) for n, place in enumerate(places)], [take(places[0], n) for n in range(6)]
    worst = {}
    for name, frames in (("moving", moving), ("still", still)):
        shots = [shot for shot, _ in frames]
        screen = find_screen(shots)
        plate = fit_static(shots, screen)
        assert plate.wandering == (1 if name == "moving" else 0)
        off = [(fit_frame(shot, plate, screen)[..., 1] / empty[..., 1])[:45] for shot, empty in frames]
        worst[name] = max(float(np.percentile(np.abs(part / np.median(part) - 1), 95)) for part in off)
    assert worst["still"] < 0.005
    assert worst["moving"] < 0.01
