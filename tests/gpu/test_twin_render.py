"""Renders by the twin: the engine's frames, recorded as the twin's; the engine steps in where memory runs out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the worker's environment has torch: run ./test model")

from compositing import accelerators, sandbox  # noqa: E402
from compositing.colour import code8  # noqa: E402
from compositing.films import FILMS, film_size  # noqa: E402
from compositing.fused import Fused, matte_planar  # noqa: E402
from compositing.gpu import batches, keyer  # noqa: E402
from compositing.gpu.keyer import TwinKeyer  # noqa: E402
from compositing.graph import Comp, Frame  # noqa: E402
from compositing.recipe import Recipe  # noqa: E402
from compositing.render import render  # noqa: E402
from tests.compositing.takes import SCREENS, background, film, take, two_layers  # noqa: E402

pytestmark = pytest.mark.model
FRAMES = 5
NEAR = 1 / 255


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("take")
    return film(folder / "take.mp4", take(SCREENS["green"], FRAMES, spill=0.05)[0]), background(folder / "bg.png")


def frames_of(recipe: Recipe, paths: dict[str, str], folder: Path) -> tuple[dict[int, Frame], dict[str, Any]]:
    seen: dict[int, Frame] = {}
    made = render(recipe, paths, folder, on_frame=seen.__setitem__, films=("master",), workers=2)
    return seen, made["report"]["runtime"]


@pytest.mark.parametrize("values", [{}, {"temporal_milli": 600}], ids=["alone", "held steady"])
def test_a_render_by_the_twin_has_the_engines_frames(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, int]
) -> None:
    recipe, paths = two_layers(*clip, FRAMES, mode="best", key=values)
    monkeypatch.setenv(accelerators.SWITCH, "cpu")
    want, runtime = frames_of(recipe, paths, tmp_path / "engine")
    assert runtime == {"device": "cpu", "why": "HUO_DEVICE keeps to the processor."} or runtime == {"device": "cpu"}
    monkeypatch.setenv(accelerators.SWITCH, "torch")
    got, runtime = frames_of(recipe, paths, tmp_path / "twin")
    assert (runtime["device"], runtime["frames_by_twin"], runtime["frames_by_engine"]) == ("torch", FRAMES, 0)
    assert got.keys() == want.keys() == set(range(FRAMES))
    for index, frame in want.items():
        assert np.quantile(np.abs(got[index].alpha - frame.alpha), 0.999) < NEAR
        miss = np.abs(code8(got[index].comp).astype(int) - code8(frame.comp))
        assert np.quantile(miss, 0.999) <= 1


def test_the_twin_reads_the_matte_that_the_fused_path_reads(clip: tuple[Path, Path]) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    comp = Comp(recipe, paths)
    films = [one for one in FILMS["fast"] if one.view == "matte"]
    sizes = {one.name: film_size(one, comp.width, comp.height) for one in films}
    fused = Fused.of(comp, films, sizes)
    assert fused is not None and isinstance(fused.keyer, keyer.Keyer)
    twin = TwinKeyer.of(fused.keyer, "cpu")
    for index in (0, FRAMES - 1):
        raws = comp.raw_at(index)
        want = fused.pictures(index, raws)[0][films[0].name].astype(int)
        alpha = twin.matted(comp.layers[-1].linear(raws[-1])).alpha
        got = matte_planar(np.round(alpha * 65535).astype(np.uint16), sizes[films[0].name])
        assert np.quantile(np.abs(got - want), 0.999) <= 1  # codes of 219


def test_whole_films_are_the_twins_in_best_and_the_fused_paths_in_fast(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(accelerators.SWITCH, "torch")
    for mode, device in (("best", "torch"), ("fast", "cpu")):
        recipe, paths = two_layers(*clip, FRAMES, mode=mode)
        made = render(recipe, paths, tmp_path / mode, films=("master",), workers=2)
        assert made["report"]["runtime"]["device"] == device


def test_masks_and_the_spill_view_are_made_by_the_twin_too(clip: tuple[Path, Path], monkeypatch: Any) -> None:
    recipe, paths = two_layers(*clip, 2, mode="best")
    comp = Comp(recipe, paths)
    want = comp.still(1)
    layer = comp.layers[-1]
    assert layer.keyer is not None
    layer.keyer = TwinKeyer.of(layer.keyer, "cpu")
    got = comp.composed(1, [comp.keyed(1, comp.raw_at(1))], 0)
    assert np.quantile(np.abs(got.alpha - want.alpha), 0.999) < NEAR
    assert want.spill is not None and got.spill is not None
    assert np.quantile(np.abs(got.spill() - want.spill()), 0.999) < NEAR


def test_a_gpu_too_full_for_one_frame_leaves_it_to_the_engine(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paths = two_layers(*clip, FRAMES, mode="best")
    monkeypatch.setenv(accelerators.SWITCH, "torch")
    calls: list[int] = []
    real = keyer.matted

    def full_now_and_then(study: Any, linear: Any, maps: Any = None) -> Any:
        calls.append(len(linear))
        if len(linear) > 1 or len(calls) < 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(study, linear, maps)

    monkeypatch.setattr(keyer, "matted", full_now_and_then)
    monkeypatch.setattr(batches, "free_bytes", lambda device: 2**34)
    seen, runtime = frames_of(recipe, paths, tmp_path)
    assert len(seen) == FRAMES and runtime["frames_by_engine"] > 0
    assert runtime["frames_by_engine"] + runtime["frames_by_twin"] == FRAMES
    assert max(calls) > 1 and calls.count(1) > 0  # halved first, given up only at one


def test_a_sandboxed_render_takes_the_wish_along(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paths = two_layers(*clip, 2, mode="best")
    monkeypatch.setenv(accelerators.SWITCH, "torch")
    args = {"recipe": recipe.to_dict(), "sources": paths, "out_dir": str(tmp_path)}
    made = sandbox.run("render", args)
    assert made["report"]["runtime"]["frames_by_twin"] == 2
