"""Despill takes the screen's light and nothing else; unmixing inverts the matting equation."""

import cv2
import numpy as np
import pytest

from compositing.colour import LUMA, chroma_basis, decode_srgb
from compositing.despill import SKIN, despill, despill_pixel, lean_kept, lean_of, spill_amount
from compositing.edges import crisp, unmix
from compositing.errors import ShapeError
from tests.compositing.takes import SCREENS


def flat(colour: np.ndarray) -> np.ndarray:
    return np.tile(np.asarray(colour, np.float32), (4, 4, 1))


def screen(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    colour = decode_srgb(np.array(SCREENS[name]) / 255)
    return (*chroma_basis(colour), colour)


@pytest.mark.parametrize("name", ["green", "blue", "yellow"])  # skin has magenta in it: that screen needs a hand
@pytest.mark.parametrize("tone", range(3))
def test_despill_leaves_skin_alone(name: str, tone: int) -> None:
    skin = flat(SKIN[tone])
    assert np.abs(despill(skin, *screen(name)) - skin).max() < 0.02 * SKIN[tone].max()


@pytest.mark.parametrize("name", SCREENS)
def test_despill_leaves_grey_alone(name: str) -> None:
    grey = flat(np.array([0.3, 0.3, 0.3]))
    assert np.allclose(despill(grey, *screen(name)), grey, atol=1e-5)


@pytest.mark.parametrize("name", ["green", "blue"])
def test_despill_brings_a_spilled_grey_back(name: str) -> None:
    along, across, colour = screen(name)
    clean = flat(np.array([0.25, 0.25, 0.25]))
    spilled = np.asarray(clean + 0.2 * colour, np.float32)
    after = despill(spilled, along, across, colour, keep_luma=0)
    assert np.abs(after - clean).max() < 0.02
    assert np.abs(spilled - clean).max() > 0.05


def test_kept_brightness_is_brightness() -> None:
    along, across, colour = screen("green")
    spilled = np.asarray(flat(np.array([0.25, 0.25, 0.25])) + 0.2 * colour, np.float32)
    kept = despill(spilled, along, across, colour, keep_luma=1.0)
    assert np.abs(kept @ LUMA - spilled @ LUMA).max() < 0.01


def test_despill_never_makes_negative_light() -> None:
    rng = np.random.default_rng(1)
    noise = rng.uniform(0, 1, (32, 32, 3)).astype(np.float32)
    for name in SCREENS:
        assert despill(noise, *screen(name), strength=1.5).min() >= -1e-5


def test_spill_is_measured_where_it_is() -> None:
    along, across, colour = screen("green")
    grey = flat(np.array([0.25, 0.25, 0.25]))
    assert spill_amount(grey, along, across).max() < 1e-4
    assert spill_amount(np.asarray(grey + 0.2 * colour, np.float32), along, across).min() > 0.1


def test_despill_refuses_four_channels() -> None:
    with pytest.raises(ShapeError, match="expected"):
        despill(np.zeros((4, 4, 4), np.float32), *screen("green"))


def test_unmixing_inverts_the_mix() -> None:
    rng = np.random.default_rng(2)
    alpha = rng.uniform(0, 1, (16, 16)).astype(np.float32)
    actor, wall = (np.asarray(rng.uniform(0.1, 0.8, (16, 16, 3)), np.float32) for _ in range(2))
    plate = alpha[..., None] * actor + (1 - alpha[..., None]) * wall
    assert np.allclose(unmix(plate, alpha, wall, actor), alpha[..., None] * actor, atol=1e-5)


def test_unmixing_refuses_another_size() -> None:
    with pytest.raises(ShapeError):
        unmix(*(np.zeros((4, 4, 3), np.float32), np.zeros((5, 4), np.float32)), *(np.zeros((4, 4, 3), np.float32),) * 2)


def test_a_crisp_edge_comes_nearer_to_what_the_lens_softened() -> None:
    rng = np.random.default_rng(3)
    true = cv2.GaussianBlur((rng.uniform(0, 1, (64, 64)) > 0.9).astype(np.float32), (0, 0), 0.7)
    soft = cv2.GaussianBlur(true, (0, 0), 0.6)
    colour = np.array([0.4, 0.2, 0.1], np.float32)
    picture = np.dstack([soft[..., None] * colour, soft]).astype(np.float32)
    found = crisp(picture)
    assert np.abs(found[..., 3] - true).mean() < 0.75 * np.abs(soft - true).mean()
    # Its colour goes with it: straight, it is what it was.
    half = (soft > 0.2) & (found[..., 3] > 0.2)
    assert np.allclose(found[half][:, :3] / found[half][:, 3:], colour, atol=1e-4)


def test_crisping_leaves_solid_and_clear_pixels_alone() -> None:
    picture = np.zeros((16, 16, 4), np.float32)
    picture[:, 8:] = 1
    assert np.array_equal(crisp(picture), picture)
    with pytest.raises(ShapeError):
        crisp(picture[..., :3])


def test_noise_of_half_clear_pixels_is_not_all_taken_for_spill() -> None:
    """Despill only takes: of colours that noise scatters about the actor's own it would leave the greener ones greyer
    and the rest as they are, too little green in the mean."""
    grey, alpha = np.array([0.3, 0.3, 0.3]), 0.3
    along, across = chroma_basis(np.array([0.05, 0.4, 0.08], np.float32))
    lean, side = lean_of(along, across, np.array([0.05, 0.4, 0.08], np.float32))
    noise = np.random.default_rng(5).normal(0, 0.01, (400, 3))
    f = np.float32
    means = {}
    for keep in (False, True):
        left = []
        for red, green, blue in (grey * alpha + noise).astype(f):
            if keep:
                red, green, blue = lean_kept(red, green, blue, f(alpha), f(0.3), f(0.3), f(0.3), lean, f(0.0))
            left.append(despill_pixel(red, green, blue, lean, f(1), f(0), f(side), f(0.06), f(0.06), f(0.0), f(1.0)))
        means[keep] = float(np.mean(np.array(left) @ along))
    assert means[False] < -0.002  # the fault
    assert abs(means[True]) < 0.4 * abs(means[False])
    solid = lean_kept(f(0.3), f(0.1), f(0.3), f(1.0), f(0.3), f(0.3), f(0.3), lean, f(0.0))
    assert np.allclose(solid, (0.3, 0.1, 0.3))
