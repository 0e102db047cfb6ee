"""The host as a process of its own: nothing but an approved folder is loaded, and a stop keeps its models warm."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compositing.errors import Cancelled, ChildCrashed, EngineError, Refused
from compositing.sandbox import Progress
from modelhost.client import Keeper
from tests.model.stage import Bench, Model, recipe


@pytest.fixture(scope="module")
def keeper() -> Iterator[Keeper]:
    os.environ["HUO_THREADS"] = "1"
    kept = Keeper()
    yield kept
    kept.close()
    del os.environ["HUO_THREADS"]


def args(made: dict, out: Path, *models: Model) -> dict[str, Any]:
    out.mkdir(parents=True, exist_ok=True)
    folders = {one.manifest.sha256: {"path": str(one.folder), "files": one.manifest.files} for one in models}
    return {"recipe": made, "folders": folders, "inputs": {}, "out_dir": str(out)}


def copy_of(model: Model, where: Path) -> Model:
    shutil.copytree(model.folder, where)
    return Model(where)


def test_a_stop_keeps_the_models_warm_and_the_next_draw_is_the_same(
    bench: Bench, keeper: Keeper, tmp_path: Path
) -> None:
    model = bench.model("sd")
    whole = keeper.request("draw", args(recipe(model, steps=6), tmp_path / "a", model))
    pid, stop, asked = keeper.pid, [], []

    def on_progress(step: Progress) -> None:
        if step.stage == "steps" and step.done >= 2:
            stop.append(True)

    def cancelled() -> bool:
        if stop and not asked:
            asked.append(time.monotonic())
        return bool(stop)

    with pytest.raises(Cancelled):
        keeper.request("draw", args(recipe(model, steps=150, seed=1), tmp_path / "b", model),
                       on_progress=on_progress, cancelled=cancelled)  # fmt: skip
    print(f"stopped {time.monotonic() - asked[0]:.2f} s after it was asked")
    again = keeper.request("draw", args(recipe(model, steps=6), tmp_path / "c", model))
    assert keeper.pid == pid, "the warm models were thrown away"
    assert Path(whole["picture"]).read_bytes() == Path(again["picture"]).read_bytes()
    assert again["timing"]["load_milli"] < whole["timing"]["load_milli"]
    assert keeper.request("status", {})["warm"] == [f"{model.manifest.sha256}:float32"]


def test_a_stop_while_the_libraries_load_does_not_wait_for_them(bench: Bench, tmp_path: Path) -> None:
    fresh = Keeper()
    said: list[Progress] = []
    with pytest.raises(Cancelled):
        fresh.request("draw", args(recipe(bench.model("sd")), tmp_path, bench.model("sd")), on_progress=said.append,
                      cancelled=lambda: True)  # fmt: skip
    assert not said and fresh.pid is None


def test_a_deleted_tokenizer_is_refused(bench: Bench, keeper: Keeper, tmp_path: Path) -> None:
    model = copy_of(bench.model("sdxl"), tmp_path / "sdxl")
    (model.folder / "tokenizer" / "tokenizer.json").unlink()
    with pytest.raises(Refused, match=r"missing: tokenizer/tokenizer\.json"):
        keeper.request("draw", args(recipe(model), tmp_path / "out", model))


def test_a_changed_weight_an_extra_file_and_another_manifest_are_refused(
    bench: Bench, keeper: Keeper, tmp_path: Path
) -> None:
    model = copy_of(bench.model("flux"), tmp_path / "flux")
    weights = next((model.folder / "vae").glob("*.safetensors"))
    good = weights.read_bytes()
    weights.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(Refused, match="changed: vae/"):
        keeper.request("draw", args(recipe(model), tmp_path / "out", model))
    weights.write_bytes(good)
    (model.folder / "notes.txt").write_text("hello")
    with pytest.raises(Refused, match=r"not in its manifest: notes\.txt"):
        keeper.request("draw", args(recipe(model), tmp_path / "out", model))
    (model.folder / "notes.txt").unlink()
    asked = args(recipe(model), tmp_path / "out", model)
    asked["recipe"]["parts"]["pipeline"]["manifest"] = other = "0" * 64
    asked["folders"][other] = asked["folders"].pop(model.manifest.sha256)
    with pytest.raises(Refused, match="another manifest"):
        keeper.request("draw", asked)
    shutil.rmtree(model.folder)
    with pytest.raises(Refused, match="no model folder flux here"):
        keeper.request("draw", args(recipe(model), tmp_path / "out", model))


def test_a_killed_host_leaves_no_half_picture_and_is_started_again(
    bench: Bench, keeper: Keeper, tmp_path: Path
) -> None:
    model = bench.model("sd")

    def kill(step: Progress) -> None:
        if step.stage == "steps":
            os.kill(keeper.pid, signal.SIGKILL)

    with pytest.raises(ChildCrashed) as died:
        keeper.request("draw", args(recipe(model, steps=100), tmp_path / "out", model), on_progress=kill)
    assert died.value.code == "child_signal" and not (tmp_path / "out" / "picture.png").exists()
    assert keeper.request("draw", args(recipe(model), tmp_path / "out", model))["frame_count"] == 1


def test_a_setting_that_cannot_be_drawn_comes_back_as_a_sentence(bench: Bench, keeper: Keeper, tmp_path: Path) -> None:
    model = bench.model("sd")
    broken = recipe(model) | {"dtype": "float8"}
    with pytest.raises(EngineError, match="not one of a diffusers draw"):
        keeper.request("draw", args(broken, tmp_path / "out", model))
