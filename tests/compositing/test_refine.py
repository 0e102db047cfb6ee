"""The edge refiner's arithmetic: in the band alone, the same on every thread, nothing without a net."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from compositing.keying import Keyer, refine
from compositing.keying.refine import CHANNELS, DILATIONS, FEATURES, Net, band_cells, features, read_net, refined
from compositing.synth.scene import case
from compositing.synth.shoot import shoot

WIDTH, HEIGHT = 134, 240


def made_up(seed: int = 4, size: float = 0.15) -> Net:
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * size).astype(np.float32)

    layers, c = len(DILATIONS), CHANNELS
    return Net(some(FEATURES, c), some(c), some(layers, 9, c), some(layers, c), some(layers, c, c), some(layers, c),
               some(c, 4), some(4))  # fmt: skip


@pytest.fixture(scope="module")
def keyed() -> tuple[Keyer, np.ndarray, np.ndarray, np.ndarray]:
    frame = np.clip(next(shoot(case("fast_motion"), WIDTH, HEIGHT, 1)).seen, 0, 1)
    keyer = Keyer([frame])
    maps = keyer.maps(frame)
    return keyer, frame, maps, keyer.matte(frame, maps)


def run(keyed: tuple, net: Net | None, amount: float = 1.0) -> np.ndarray:
    keyer, frame, maps, alpha = keyed
    return refined(frame, maps, alpha, keyer.screen, keyer.side, keyer.plate.noise, amount, net)


def test_it_changes_the_band_and_its_neighbours_alone(keyed: tuple) -> None:
    alpha = keyed[3]
    near = np.repeat(np.repeat(band_cells(alpha), 2, 0), 2, 1)[:HEIGHT, :WIDTH] > 0
    out = run(keyed, made_up())
    assert np.abs(out - alpha)[near].max() > 0.05
    assert (out[~near] == alpha[~near]).all() and 0 <= out.min() <= out.max() <= 1


def test_core_and_garbage_are_kept(keyed: tuple) -> None:
    keyer, frame, maps, alpha = keyed
    for channel, value in ((6, 1.0), (7, 0.0)):
        held = maps.copy()
        held[..., channel] = value
        assert (run((keyer, frame, held, alpha), made_up()) == alpha).all()


def test_a_net_that_says_nothing_changes_nothing_and_the_amount_blends(keyed: tuple) -> None:
    alpha, net = keyed[3], made_up()
    silent = replace(net, leave=np.zeros_like(net.leave), leave_bias=np.zeros_like(net.leave_bias))
    assert (run(keyed, silent) == alpha).all()
    assert (run(keyed, net, 0.0) == alpha).all()
    small = replace(net, leave=net.leave * 0.01, leave_bias=net.leave_bias * 0.01)
    half, whole = run(keyed, small, 0.5) - alpha, run(keyed, small, 1.0) - alpha
    inside = (alpha > 0.3) & (alpha < 0.7)
    assert inside.any() and np.abs(half - 0.5 * whole)[inside].max() < 1e-6


def test_every_thread_makes_the_same_bytes(keyed: tuple) -> None:
    net = made_up()
    alone = run(keyed, net).tobytes()
    with ThreadPoolExecutor(4) as pool:
        assert {made.tobytes() for made in pool.map(lambda _: run(keyed, net), range(8))} == {alone}


def test_what_the_net_sees_does_not_depend_on_the_exposure(keyed: tuple) -> None:
    keyer, frame, maps, alpha = keyed
    _, rows = features(frame, maps, alpha, keyer.screen, keyer.side, 0.01)
    darker = maps.copy()
    darker[..., :6] *= 0.5
    _, dark = features(frame * np.float32(0.5), darker, alpha, keyer.screen, keyer.side, 0.01)
    assert len(rows) == band_cells(alpha).sum() > 100
    assert np.abs(rows - dark)[:, : FEATURES - 1].max() < 1e-3  # the last number is the screen's light itself


def test_odd_sizes_and_pictures_without_a_band(keyed: tuple) -> None:
    keyer, frame, maps, alpha = keyed
    odd = refined(frame[:-1, :-1], maps, alpha[:-1, :-1], keyer.screen, keyer.side, 0.01, 1.0, made_up())
    assert odd.shape == (HEIGHT - 1, WIDTH - 1) and np.isfinite(odd).all()
    solid = np.ones_like(alpha)
    assert (refined(frame, maps, solid, keyer.screen, keyer.side, 0.01, 1.0, made_up()) == 1).all()


def test_without_a_net_the_classical_matte_stays(keyed: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_net(tmp_path / "none.npz") is None
    monkeypatch.setattr(refine, "shipped", lambda: None)
    assert run(keyed, None) is keyed[3]
