"""The torch twin keys as the CPU engine does, and goes on with smaller batches when memory runs out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the worker's environment has torch: run ./test model")

from compositing.errors import EngineError  # noqa: E402
from compositing.gpu import batches, bench  # noqa: E402
from compositing.gpu.study import comped, keyed, shrink, study_of  # noqa: E402
from compositing.keying import Keyer  # noqa: E402
from compositing.keying.plate import shrink as shrink_cv  # noqa: E402
from compositing.layer import over  # noqa: E402
from compositing.synth.scene import case  # noqa: E402
from compositing.synth.shoot import shoot  # noqa: E402

pytestmark = pytest.mark.model
WIDTH, HEIGHT = 270, 480


def tensor(*pictures: np.ndarray) -> Any:
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy())


@pytest.fixture(scope="module", params=["wrinkled_blonde", "blue_greyblue", "yellow_green", "veil_defocus"])
def take(request: pytest.FixtureRequest) -> tuple[Keyer, list[np.ndarray]]:
    frames = [np.clip(shot.seen, 0, 1) for shot in shoot(case(request.param), WIDTH, HEIGHT, 2)]
    return Keyer(frames), frames


def test_the_matte_and_the_foreground_are_the_cpu_engines(take: tuple[Keyer, list[np.ndarray]]) -> None:
    keyer, frames = take
    top = keyed(study_of(keyer), tensor(*frames)).numpy()
    for index, frame in enumerate(frames):
        want = keyer.key(frame)
        assert 0.01 < ((want.alpha > 0.02) & (want.alpha < 0.98)).mean() < 0.6  # there is a band to agree about
        assert np.quantile(np.abs(top[index, 3] - want.alpha), 0.999) < 1 / 255
        miss = np.abs(top[index, :3].transpose(1, 2, 0) - want.picture[..., :3])
        assert np.quantile(miss, 0.999) < 1 / 255


@pytest.mark.parametrize("values", [{"shrink_px_milli": 3000}, {"shrink_px_milli": -6500}, {"soften_px_milli": 4000}])
def test_the_edge_moves_and_softens_alike(values: dict[str, int]) -> None:
    frames = [np.clip(next(shoot(case("even_curly"), WIDTH, HEIGHT, 1)).seen, 0, 1)]
    keyer = Keyer(frames, values)
    alpha = keyed(study_of(keyer), tensor(*frames))[0, 3].numpy()
    assert np.quantile(np.abs(alpha - keyer.key(frames[0]).alpha), 0.999) < 1 / 255


def test_the_comp_is_over_in_linear_light(take: tuple[Keyer, list[np.ndarray]]) -> None:
    keyer, frames = take
    behind = np.random.default_rng(3).random((HEIGHT, WIDTH, 3)).astype(np.float32)
    comp, _ = comped(study_of(keyer), tensor(frames[0]), tensor(behind))
    want = over(behind, keyer.key(frames[0]).picture)
    assert np.quantile(np.abs(comp[0].numpy().transpose(1, 2, 0) - want), 0.999) < 1 / 255


@pytest.mark.parametrize("size", [(240, 427), (131, 200), (60, 100)])
def test_shrinking_is_opencvs_area(size: tuple[int, int]) -> None:
    picture = np.random.default_rng(2).random((HEIGHT, WIDTH, 3)).astype(np.float32)
    ours = shrink(tensor(picture), size)[0].numpy().transpose(1, 2, 0)
    assert np.abs(ours - shrink_cv(picture, size)).max() < 1e-5


def test_running_out_of_memory_halves_the_batch_and_goes_on() -> None:
    asked: list[int] = []

    def work(part: Sequence[int]) -> list[int]:
        asked.append(len(part))
        if len(part) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [value * 2 for value in part]

    assert list(batches.in_batches(list(range(20)), work, 16)) == [value * 2 for value in range(20)]
    assert asked[:4] == [16, 8, 4, 2] and max(asked[3:]) == 2  # and it stays small


def test_not_even_one_frame_is_said_in_words() -> None:
    def never(part: Sequence[int]) -> list[int]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(EngineError, match="render on the CPU"):
        list(batches.in_batches([1, 2], never, 2))


def test_batches_follow_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    device = torch.device("cpu")
    monkeypatch.setattr(batches, "free_bytes", lambda _: 16 * 2**30)
    large = batches.batch_size(1080, 1920, device)
    monkeypatch.setattr(batches, "free_bytes", lambda _: 8 * 2**30)
    assert 1 < batches.batch_size(1080, 1920, device) == large // 2
    monkeypatch.setattr(batches, "free_bytes", lambda _: 0)
    assert batches.batch_size(1080, 1920, device) == 1


def test_batches_give_what_single_frames_give(take: tuple[Keyer, list[np.ndarray]]) -> None:
    keyer, frames = take
    study = study_of(keyer)
    one = torch.cat([keyed(study, tensor(frame)) for frame in frames])
    assert torch.equal(keyed(study, tensor(*frames)), one)


def test_the_bench_measures_a_gpu_or_says_that_there_is_none(take: tuple[Keyer, list[np.ndarray]]) -> None:
    keyer, frames = take
    found = bench.measure(replace(study_of(keyer)), tensor(frames[0])[0], rounds=2)
    if torch.cuda.is_available():
        assert found["frames_per_second"] > 0 and 0 < found["share_of_bandwidth"] < 1 and found["peak_mb"] > 0
    else:
        assert found["gpu"] is None and "no CUDA device" in found["note"]
