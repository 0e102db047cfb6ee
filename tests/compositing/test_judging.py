"""What is measured while a film renders: the same however it is cut up, and without a trace in the films."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import compositing.render as rendering
from compositing import qc
from compositing.fused import Fused
from compositing.graph import Comp
from compositing.judging import Judge
from compositing.render import render
from tests.compositing.takes import HEIGHT, SCREENS, WIDTH, background, film, take, two_layers

pytestmark = pytest.mark.slow

FRAMES = 10


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("take")
    return film(folder / "take.mp4", take(SCREENS["green"], FRAMES)[0]), background(folder / "bg.png")


def plain(told: dict[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("series", "summary", "worst")}


def test_a_render_says_how_its_key_stands_frame_by_frame(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    told = render(recipe, paths, tmp_path)["qc"]
    assert set(told["series"]) == {"band_ppm", *qc.FIGURES}
    assert all(len(values) == FRAMES for values in told["series"].values())
    assert all(isinstance(value, int) for values in told["series"].values() for value in values)
    assert told["series"]["flicker_ppm"][0] == 0
    assert told["summary"]["evenness_milli"]["worst"] > 700
    assert json.loads(json.dumps(told)) == told
    for why, frames in told["worst"].items():
        for place in frames:
            assert place["value"] >= qc.WORST[why][1] and 0 <= place["frame"] < FRAMES


def test_figures_do_not_hang_on_how_the_film_was_cut_up_or_interrupted(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    whole = render(recipe, paths, tmp_path / "whole")
    monkeypatch.setattr(rendering, "CHUNK_FRAMES", 4)
    real = Fused.pictures

    def dies(self: Fused, index: int, raws: list[Any]) -> Any:
        if index >= 6:
            raise KeyboardInterrupt
        return real(self, index, raws)

    monkeypatch.setattr(Fused, "pictures", dies)
    with pytest.raises(KeyboardInterrupt):
        render(recipe, paths, tmp_path / "cut")
    monkeypatch.setattr(Fused, "pictures", real)
    resumed = render(recipe, paths, tmp_path / "cut", workers=8)
    assert resumed["frames_rendered"] < FRAMES
    assert plain(resumed["qc"]) == plain(whole["qc"])


def test_a_render_of_the_master_alone_is_not_judged(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    assert render(recipe, paths, tmp_path, films=("master",))["qc"] is None


def test_judging_that_fails_stops_the_render_instead_of_hanging_it(
    clip: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, paths = two_layers(*clip, FRAMES)

    def broken(*_: object) -> qc.Look:
        raise MemoryError("no room")

    monkeypatch.setattr(qc, "glance", broken)
    with pytest.raises(MemoryError):
        render(recipe, paths, tmp_path)


def test_the_small_plate_is_what_the_plate_view_shows(clip: tuple[Path, Path], tmp_path: Path) -> None:
    recipe, paths = two_layers(*clip, FRAMES)
    comp = Comp(recipe, paths)
    raws = comp.raw_at(3)
    frame = comp.still(3)
    with Judge(comp, tmp_path) as judge:
        judge.see(3, raws)
        small = judge.plate(raws[-1])
    assert small.shape == (HEIGHT, WIDTH, 3)
    gap = np.abs(small.astype(int) - frame.view("plate"))
    assert float(gap.mean()) < 2  # the guided chroma of the full plate is not worth its time here
