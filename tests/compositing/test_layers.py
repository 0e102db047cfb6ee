"""Layers: over in linear light, placement, grade, defocus, match, cache."""

import numpy as np
import pytest

from compositing.cache import Cache, node_digest
from compositing.colour import code8, decode_srgb, encode_srgb, linear_from_coded
from compositing.errors import ShapeError
from compositing.layer import defocus, disc, fit_into, gains_of, opaque, over, placed
from compositing.match import add_grain, grain_tile, light_wrap, match_gains, wrap_map


def layer(alpha: float, colour: tuple[float, float, float] = (0.4, 0.2, 0.1), size: int = 32) -> np.ndarray:
    straight = np.tile(np.array([*colour, 1], np.float32), (size, size, 1))
    return straight * np.float32(alpha)


def test_every_8_bit_code_comes_back_from_linear_light() -> None:
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert np.array_equal(code8(linear_from_coded(codes)), codes)


def test_the_curve_and_its_inverse_meet() -> None:
    x = np.linspace(0, 1, 1001)
    assert np.abs(encode_srgb(decode_srgb(x)) - x).max() < 1e-5


def test_over_mixes_light_and_not_codes() -> None:
    white, black = np.ones((4, 4, 3), np.float32), layer(0.5, (0, 0, 0), 4)
    assert code8(over(white, black))[0, 0, 0] == 188  # half the light; half the code would be 128


def test_over_is_associative() -> None:
    rng = np.random.default_rng(4)
    base = np.asarray(rng.uniform(0, 1, (8, 8, 3)), np.float32)
    first, second = layer(0.3, size=8), layer(0.6, (0.1, 0.5, 0.2), 8)
    merged = second + (1 - second[..., 3:]) * first
    assert np.allclose(over(over(base, first), second), over(base, merged), atol=1e-6)


def test_over_leaves_its_inputs_alone() -> None:
    base = np.zeros((4, 4, 3), np.float32)
    over(base, layer(1.0, size=4))
    assert base.max() == 0


def test_over_refuses_sizes_that_differ() -> None:
    with pytest.raises(ShapeError, match="expected"):
        over(np.zeros((4, 4, 3), np.float32), layer(1, size=5))


@pytest.mark.parametrize("fit", ["cover", "contain", "stretch"])
def test_a_layer_fits_the_frame(fit: str) -> None:
    wide = opaque(np.full((40, 100, 3), 0.5, np.float32))
    fitted = fit_into(wide, 36, 64, fit, 500)
    assert fitted.shape == (64, 36, 4)
    clear = float((fitted[..., 3] < 0.5).mean())
    assert (clear > 0.6) == (fit == "contain")


def test_moving_a_layer_by_half_its_width_moves_it_so() -> None:
    moved = placed(layer(1.0), {"x_milli": 500})
    assert moved[:, :14, 3].max() < 0.1
    assert moved[:, 18:, 3].min() > 0.9


def test_warmth_keeps_the_brightness_of_grey() -> None:
    gains = gains_of(0, 500, 0)
    assert gains[0] > gains[2]
    assert abs(float(gains @ np.array([0.2126, 0.7152, 0.0722])) - 1) < 1e-5


def test_a_stop_is_a_stop() -> None:
    assert np.allclose(placed(layer(1.0), {"exposure_milli": 1000})[..., :3], 2 * layer(1.0)[..., :3], atol=1e-5)


def test_defocus_keeps_the_light() -> None:
    spot = np.zeros((65, 65, 3), np.float32)
    spot[32, 32] = 1
    assert abs(float(defocus(spot, 5.0).sum()) - 3) < 0.01
    assert abs(float(disc(3.5).sum()) - 1) < 1e-5


def test_the_match_leans_towards_the_background_and_not_further() -> None:
    actor = layer(1.0, (0.3, 0.3, 0.3))
    blue = np.full((32, 32, 3), (0.1, 0.15, 0.4), np.float32)
    gains = match_gains(actor, blue, 0.5, 0.0)
    assert gains[2] > 1 > gains[0]
    assert gains.max() <= 1.21 and gains.min() >= 1 / 1.21
    assert np.allclose(match_gains(actor, blue, 0.0, 0.0), 1)


def test_light_wraps_only_round_the_edge() -> None:
    actor = np.zeros((64, 64, 4), np.float32)
    actor[:, 32:] = layer(1.0, (0.1, 0.1, 0.1), 64)[:, 32:]
    behind = np.ones((64, 64, 3), np.float32)
    comp = over(behind, actor)
    wrapped = light_wrap(comp, actor, wrap_map(behind, actor, 8.0), 0.5)
    assert wrapped[32, 33, 0] > comp[32, 33, 0] + 0.02
    assert np.allclose(wrapped[:, 60:], comp[:, 60:], atol=1e-3)
    assert np.allclose(wrapped[:, :30], comp[:, :30])


def test_grain_moves_and_repeats() -> None:
    grey = np.full((64, 64, 3), 0.18, np.float32)
    tile = grain_tile()
    first, again, next_one = (add_grain(grey, tile, 0.01, frame) for frame in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, next_one)
    assert abs(float((first - grey).std()) - 0.01) < 0.003


def test_the_cache_keeps_the_latest_within_its_bytes() -> None:
    cache = Cache(max_bytes=3000)
    made = []

    def make(name: str) -> np.ndarray:
        made.append(name)
        return np.zeros(125, np.float64)

    for name in ("a", "b", "c", "a"):
        cache.get(name, lambda name=name: make(name))  # type: ignore[misc]
    assert made == ["a", "b", "c", "a"] or made == ["a", "b", "c"]
    assert cache.bytes <= 3000


def test_a_digest_depends_on_every_part() -> None:
    digests = {
        node_digest("key", 1, "a"),
        node_digest("key", 2, "a"),
        node_digest("key", 1, "b"),
        node_digest("x", 1, "a"),
    }
    assert len(digests) == 4
