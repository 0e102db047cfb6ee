"""The edge refiner's arithmetic: in the band alone, the same on every thread, nothing without a net."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from compositing.errors import EngineError
from compositing.keying import Keyer, refine
from compositing.keying.refine import CHANNELS, DILATIONS, FEATURES, Net, band_cells, features, read_net, refined
from compositing.synth.scene import case
from compositing.synth.shoot import shoot

pytestmark = pytest.mark.slow

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


def test_weights_are_read_back_and_held_to_their_hash(keyed: tuple, tmp_path: Path) -> None:
    net, path = made_up(), tmp_path / "net.npz"
    np.savez(path, **vars(net))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    read = read_net(path, digest)
    assert read is not None and read.parameters == net.parameters == 7812
    assert (run(keyed, read) == run(keyed, net)).all()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(EngineError, match="install the studio anew"):
        read_net(path, digest)


@pytest.mark.parametrize("broken", ["cut", "shape", "missing"])
def test_weights_that_are_none_are_refused_in_words(tmp_path: Path, broken: str) -> None:
    values, path = dict(vars(made_up())), tmp_path / "net.npz"
    if broken == "shape":
        values["mix"] = values["mix"][:3]
    if broken == "missing":
        del values["leave"]
    np.savez(path, **values)
    if broken == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(EngineError, match="not the ones this version"):
        read_net(path)


def test_the_keyer_uses_the_shipped_net_in_best_alone(
    keyed: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyer, frame, maps, alpha = keyed
    path = tmp_path / "net.npz"
    np.savez(path, **vars(made_up()))
    monkeypatch.setattr(refine, "WEIGHTS", path)
    monkeypatch.setattr(refine, "WEIGHTS_SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    refine.shipped.cache_clear()
    try:
        best = keyer.with_values(None, True)
        assert best.report()["refiner"] is True and keyer.report()["refiner"] is False
        assert (best.matte(frame, maps) == run(keyed, made_up())).all()
        assert (keyer.matte(frame, maps) == alpha).all()
        path.write_bytes(b"not these")
        refine.shipped.cache_clear()
        with pytest.raises(EngineError, match="install the studio anew"):
            best.matte(frame, maps)
        assert (keyer.matte(frame, maps) == alpha).all()  # fast never asks for them
    finally:
        refine.shipped.cache_clear()
