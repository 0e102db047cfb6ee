"""Training the refiner: the model is what the engine computes, it learns, and an interrupted run goes on."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the worker's environment has torch: run ./test model")

from compositing.keying import Keyer  # noqa: E402
from compositing.keying.refine import FEATURES, REACH, features, read_net, run  # noqa: E402
from compositing.synth.scene import case  # noqa: E402
from compositing.synth.shoot import shoot  # noqa: E402
from compositing.training import scenes as filming  # noqa: E402
from compositing.training import tiles, train  # noqa: E402
from compositing.training.model import Refiner, numbers_of, write_net  # noqa: E402
from compositing.training.scenes import film_scene, is_large, size_of  # noqa: E402
from compositing.training.tiles import cells_of, dense, tiles_of  # noqa: E402

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scenes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filming, "SMALL", (192, 288))  # drawing is what takes time here
        for seed in (900, 901):
            film_scene(seed, folder)
    return folder


def test_the_model_says_what_the_engine_computes(tmp_path: Path) -> None:
    frame = np.clip(next(shoot(case("even_curly"), 134, 240, 1)).seen, 0, 1)
    keyer = Keyer([frame])
    maps = keyer.maps(frame)
    alpha = keyer.matte(frame, maps)
    torch.manual_seed(3)
    model = Refiner()
    torch.nn.init.normal_(model.leave.weight, std=0.1)
    write_net(numbers_of(model), tmp_path / "net.npz")
    net = read_net(tmp_path / "net.npz")
    assert net is not None
    index, rows = features(frame, maps, alpha, keyer.screen, keyer.side, keyer.plate.noise)
    seen = torch.from_numpy(dense(index, rows)[None])
    with torch.no_grad():
        change = model(seen[:, :FEATURES], seen[:, FEATURES:])[0]
    free = (index >= 0) & (seen[0, 19].numpy() < 0.999) & (seen[0, 20].numpy() > 0.001)
    own = cells_of(alpha)
    want = np.clip(own + np.clip(change.numpy(), REACH * (own - 1), REACH * own) * free, 0, 1)
    got = cells_of(run(net, index, rows, alpha))
    assert np.abs(got - cells_of(alpha)).max() > 0.02
    assert np.abs(got - want)[:, index >= 0].max() < 1e-5


def test_cells_alone_say_and_learn_what_whole_tiles_do(scenes: Path) -> None:
    batch = torch.from_numpy(tiles_of(scenes / "0000900", 900)[:3].astype(np.float32))
    seen, mask = batch[:, :FEATURES], batch[:, FEATURES : FEATURES + 1]
    torch.manual_seed(5)
    model = Refiner()
    torch.nn.init.normal_(model.leave.weight, std=0.1)
    said, slopes = [], []
    for way in (model.whole, model.by_cells):
        model.zero_grad()
        change = way(seen, mask)
        change.square().sum().backward()
        said.append(change.detach())
        slopes.append([parameter.grad.clone() for parameter in model.parameters()])
    assert said[0].abs().max() > 0.01 and torch.allclose(*said, atol=1e-5)
    for one, other in zip(*slopes, strict=True):
        assert one.abs().max() > 0 and torch.allclose(one, other, atol=1e-4 * float(one.abs().max()))


def test_mirrored_tiles_are_the_mirrored_picture(scenes: Path) -> None:
    batch = torch.from_numpy(tiles_of(scenes / "0000900", 900)[:4].astype(np.float32))
    true, said = train.pixels(batch[:, FEATURES + 1 :]), train.pixels(train.classical(batch))
    for seed in range(8):
        turned = train.turned(batch, np.random.default_rng(seed))
        true_t, said_t = train.pixels(turned[:, FEATURES + 1 :]), train.pixels(train.classical(turned))
        mirrored = [true.flip(axes) if axes else true for axes in ((), (2,), (3,), (2, 3))]
        ways = [*mirrored, *(picture.transpose(2, 3) for picture in mirrored)]
        assert any(torch.equal(way, true_t) for way in ways)
        assert torch.isclose((true - said).abs().sum(), (true_t - said_t).abs().sum(), rtol=1e-5)


def test_it_learns_and_a_stopped_run_ends_where_a_whole_one_does(
    scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "film_scenes", lambda folder, first, count: [scenes / f"{first:07d}"])
    monkeypatch.setattr(train, "HELD_OUT", 901)
    common = ["--scenes", "900-900", "--held-out", "1", "--steps", "60"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole, parts):
        folder.mkdir()
    train.main([*common, "--work", str(whole), "--out", str(whole / "net.npz")])
    again = [*common, "--work", str(parts), "--out", str(parts / "net.npz")]
    train.main([*again, "--minutes", "0.01"])
    assert 0 < torch.load(parts / "checkpoint.pt", weights_only=True)["step"] < 60
    train.main([*again, "--resume"])
    state = torch.load(parts / "checkpoint.pt", weights_only=True)
    assert state["step"] == 60
    assert (parts / "net.npz").read_bytes() == (whole / "net.npz").read_bytes()
    said = capsys.readouterr().out.strip().splitlines()[-1]
    assert read_net(parts / "net.npz", said.split()[-1]) is not None  # the hash it prints is the one to ship with
    model = Refiner()
    model.load_state_dict(state["steady"])
    seen = tiles_of(scenes / "0000900", 900)
    assert train.judged(model, seen, "cpu")["mse"] < train.judged(None, seen, "cpu")["mse"]


def test_the_rate_is_level_until_the_last_quarter() -> None:
    assert train.pace(0, 1000) < 0.02 and train.pace(200, 1000) == train.pace(749, 1000) == 1
    assert train.pace(200, 1000) == train.pace(200, 4000)  # so a run may be given more steps
    assert 0 < train.pace(999, 1000) < 0.01


def test_scenes_are_filmed_once_and_large_ones_are_named_by_seed(scenes: Path) -> None:
    before = (scenes / "0000900" / "source.mp4").stat().st_mtime_ns
    film_scene(900, scenes)
    assert (scenes / "0000900" / "source.mp4").stat().st_mtime_ns == before
    assert is_large(3) and not is_large(900) and size_of(900) == (288, 512)


def test_tiles_are_keyed_once_for_each_keyer(scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes = [scenes / "0000900"]
    first = tiles.load(homes, tmp_path)
    monkeypatch.setattr(tiles, "tiles_of", lambda home, seed: np.zeros((1, 2), np.float16))
    assert np.array_equal(tiles.load(homes, tmp_path), first)
    monkeypatch.setattr(tiles, "keyer_digest", lambda: "another")
    assert tiles.load(homes, tmp_path).shape == (1, 2)
