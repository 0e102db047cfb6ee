"""Cloth in a shadow of its own is known as cloth beside a clean outline, and dark strands never are."""

import cv2
import numpy as np

from compositing.colour import Picture, Plane
from compositing.keying.cloth import Calmness
from compositing.keying.plate import CleanPlate
from compositing.keying.shade import shaded

GREEN = np.array([0.045, 0.37, 0.075], np.float32)
RED, DARK = np.array([0.2, 0.04, 0.05], np.float32), 0.05 * GREEN + 0.001  # black hair full of the screen's light
HEIGHT, WIDTH = 120, 100
PLATE = CleanPlate(
    np.broadcast_to(GREEN, (HEIGHT, WIDTH, 3)).astype(np.float32), 0.008,
    calmness=Calmness(GREEN / GREEN.sum(), 0.02, 0.012),
)  # fmt: skip


def shot(matte: Plane, actor: Picture, light: Plane) -> tuple[Picture, Plane]:
    """(as seen, how clear it looks against a plate that knows nothing of the shade)."""
    noise = np.random.default_rng(7).normal(0, 0.0015, (HEIGHT, WIDTH, 3))
    seen = matte[..., None] * actor + (1 - matte[..., None]) * light[..., None] * GREEN + noise
    return seen.astype(np.float32), ((1 - matte) * light).astype(np.float32)


def wedge() -> tuple[Plane, Plane]:
    """(matte, light): cloth between two solid sides, a quarter darker further down, above it open screen."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    solid = ((y > 50) & (np.abs(x - 50) > 6)).astype(np.float32)
    light = 1 - 0.25 * np.clip((y - 55) / 20, 0, 1)
    return np.asarray(cv2.GaussianBlur(solid, (0, 0), 0.6), np.float32), np.asarray(light, np.float32)


def test_the_plate_takes_the_light_of_cloth_between_two_outlines() -> None:
    matte, light = wedge()
    low, clear = shot(matte, np.broadcast_to(RED, (HEIGHT, WIDTH, 3)), light)
    actor = np.broadcast_to(RED, (HEIGHT, WIDTH, 3)).astype(np.float32)
    fitted = shaded(low, PLATE.picture, clear, actor, PLATE)
    assert fitted is not None
    inside = (matte < 0.01) & (np.indices(matte.shape)[0] > 60) & (np.indices(matte.shape)[0] < 115)
    off = fitted[..., 1] / (light * GREEN[1]) - 1
    assert abs(float(off[inside].mean())) < 0.02
    assert np.abs(fitted[:30] / PLATE.picture[:30] - 1).max() < 0.01


def test_dark_strands_between_the_same_outlines_stay_the_actor_s() -> None:
    matte, _ = wedge()
    rng = np.random.default_rng(3)
    strands = cv2.GaussianBlur(rng.random((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.2) * 0.6
    strands[:50] = 0
    both = np.asarray(np.maximum(matte, strands), np.float32)
    colour = np.where((matte > 0.5)[..., None], RED, DARK).astype(np.float32)
    low, clear = shot(both, colour, np.ones((HEIGHT, WIDTH), np.float32))
    assert shaded(low, PLATE.picture, clear, colour, PLATE) is None


def test_an_actor_s_own_colour_in_the_gap_is_no_shade() -> None:
    matte, _ = wedge()
    veil = np.where(np.indices(matte.shape)[0] > 60, 0.06, 0).astype(np.float32)
    both = np.asarray(np.maximum(matte, veil), np.float32)
    actor = np.broadcast_to(RED, (HEIGHT, WIDTH, 3)).astype(np.float32)
    low, clear = shot(both, actor, np.ones((HEIGHT, WIDTH), np.float32))
    assert shaded(low, PLATE.picture, clear, actor, PLATE) is None
