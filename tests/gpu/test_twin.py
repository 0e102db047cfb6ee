"""The torch twin keys as the CPU engine does, and goes on with smaller batches when memory runs out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the worker's environment has torch: run ./test model")

from compositing.errors import EngineError  # noqa: E402
from compositing.gpu import batches, bench, refine  # noqa: E402
from compositing.gpu.study import comped, keyed, shrink, study_of  # noqa: E402
from compositing.keying import Keyer  # noqa: E402
from compositing.keying import refine as cpu_refine  # noqa: E402
from compositing.keying.cloth import shrink as shrink_cv  # noqa: E402
from compositing.layer import over  # noqa: E402
from compositing.synth.scene import case  # noqa: E402
from compositing.synth.shoot import shoot  # noqa: E402
from tests.compositing.test_refine import made_up as made_up_net  # noqa: E402

pytestmark = pytest.mark.model
WIDTH, HEIGHT = 270, 480
NEAR = 1 / 255
# Uneven green and fair hair; blue; an odd screen; a veil; curls; a hand's motion blur.
KINDS = ("wrinkled_blonde", "blue_greyblue", "yellow_green", "veil_defocus", "even_curly", "fast_motion")


def tensor(*pictures: np.ndarray) -> Any:
    return torch.from_numpy(np.stack(pictures).transpose(0, 3, 1, 2).copy())


@pytest.fixture(scope="module", params=KINDS)
def take(request: pytest.FixtureRequest) -> tuple[Keyer, list[np.ndarray]]:
    count = 2 if request.param == KINDS[0] else 1
    frames = [np.clip(shot.seen, 0, 1) for shot in shoot(case(request.param), WIDTH, HEIGHT, count)]
    return Keyer(frames), frames


@pytest.mark.parametrize("best", [False, True], ids=["fast", "best"])
def test_the_matte_and_the_foreground_are_the_cpu_engines(take: tuple[Keyer, list[np.ndarray]], best: bool) -> None:
    """This fails when the keyer's arithmetic changes and the twin's does not."""
    keyer, frames = take[0].with_values(None, best), take[1]
    top = keyed(study_of(keyer), tensor(*frames)).numpy()
    for index, frame in enumerate(frames):
        want = keyer.key(frame)
        assert 0.01 < ((want.alpha > 0.02) & (want.alpha < 0.98)).mean() < 0.6  # there is a band to agree about
        assert np.quantile(np.abs(top[index, 3] - want.alpha), 0.999) < NEAR
        miss = np.abs(top[index, :3].transpose(1, 2, 0) - want.picture[..., :3])
        assert np.quantile(miss, 0.999) < NEAR


# Every number that the keyer hands to its kernels, moved from where it stands by default.
MOVED: list[dict[str, int]] = [
    {"gain_milli": 1200, "balance_milli": 300}, {"clip_black_milli": 120, "clip_white_milli": 800},
    {"core_milli": 300, "refine_milli": 400}, {"unmix_milli": 600, "extend_milli": 900},
    {"despill_milli": 1400, "despill_luma_milli": 900, "skin_milli": 900}, {"crisp_milli": 1700},
    {"garbage_left_milli": 300, "garbage_bottom_milli": 700},
]  # fmt: skip


@pytest.mark.parametrize("values", MOVED, ids=lambda values: next(iter(values)))
def test_every_control_moves_both_alike(values: dict[str, int], take: tuple[Keyer, list[np.ndarray]]) -> None:
    keyer, frames = take[0].with_values(values, True), take[1][:1]
    top = keyed(study_of(keyer), tensor(*frames))[0].numpy()
    want = keyer.key(frames[0])
    usual = take[0].with_values(None, True).key(frames[0])
    assert np.abs(want.picture - usual.picture).max() > 0.01  # the control does something here
    assert np.quantile(np.abs(top.transpose(1, 2, 0) - want.picture), 0.999) < NEAR


@pytest.mark.parametrize("size", [(270, 480), (269, 479)])
def test_the_learned_refiner_is_the_cpu_engines(size: tuple[int, int]) -> None:
    frame = np.ascontiguousarray(
        np.clip(next(shoot(case("even_curly"), WIDTH, HEIGHT, 1)).seen, 0, 1)[: size[1], : size[0]]
    )
    keyer = Keyer([frame])
    maps = keyer.maps(frame)
    alpha = keyer.matte(frame, maps)
    net, along, across = made_up_net(), keyer.screen.along, keyer.screen.across
    noise = keyer.plate.noise
    want = cpu_refine.refined(frame, maps, alpha, keyer.screen, keyer.side, noise, 0.8, net)
    assert np.abs(want - alpha).max() > 0.05
    got = refine.refined(
        tensor(frame), tensor(maps), tensor(alpha[..., None]), along, across, keyer.side, noise, 0.8, net
    )
    assert np.quantile(np.abs(got[0, 0].numpy() - want), 0.999) < NEAR / 4
    outside = np.repeat(np.repeat(cpu_refine.band_cells(alpha), 2, 0), 2, 1)[: size[1], : size[0]] == 0
    assert np.array_equal(got[0, 0].numpy()[outside], alpha[outside])


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
    assert np.quantile(np.abs(comp[0].numpy().transpose(1, 2, 0) - want), 0.999) < NEAR


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
