"""Tiny real models with random weights, built on the spot, and recipes that draw with them."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from modelhost import drawing, loading, manifest, tiny
from modelhost.families import FAMILIES, INPAINT
from modelhost.recipe import SCHEMA, check_params


class Model:
    """One built model: its folder, its manifest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = manifest.read(folder)

    @property
    def part(self) -> dict[str, Any]:
        return {"name": self.folder.name, "manifest": self.manifest.sha256}


def build(root: Path, family: str) -> Model:
    """The model of `family` below `root`, built once; `controlnet/sdxl`, `lora/flux`: what goes beside that family."""
    folder = root / family.replace("/", "-")
    if not folder.exists():
        kind, _slash, of = family.rpartition("/")
        {"controlnet": tiny.build_controlnet, "lora": tiny.build_lora}.get(kind, tiny.build)(folder, of)
    return Model(folder)


def recipe(model: Model, task: str = "", *, loras: Sequence[tuple[Model, int]] = (), controlnet: Model | None = None,
           size: tuple[int, int] = (64, 112), seed: int = 7, **params: Any) -> dict[str, Any]:  # fmt: skip
    family = FAMILIES[model.manifest.family]
    task = task or family.tasks(model.manifest.class_name)[0]
    usual = {"prompt": "a rooftop at night, 雨", "steps": 3} | ({"frames": 9} if family.video else {})
    canvas = family.canvas(*size)
    parts: dict[str, Any] = {"pipeline": model.part}
    if controlnet:
        parts["controlnet"] = controlnet.part
    if loras:
        parts["loras"] = [one.part | {"weight_milli": weight} for one, weight in loras]
    return {
        "schema": SCHEMA, "family": f"{model.folder.name}/{task}", "task": task, "model_class": family.name,
        "dtype": "float32", "parts": parts, "params": check_params(family, task, usual | params), "seed": seed,
        "width": size[0], "height": size[1], "canvas_width": canvas[0], "canvas_height": canvas[1],
        "fps_num": 24, "fps_den": 1,
    }  # fmt: skip


class Bench:
    """A shelf of warm models, and a way to draw that hears every step."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shelf = loading.Shelf()
        self.stages: list[str] = []

    def model(self, family: str) -> Model:
        return build(self.root, family)

    def draw(
        self, made: dict[str, Any], out: Path, *models: Model, inputs: dict[str, Path] | None = None,
        on_step: Callable[[int, str], None] | None = None, stopping: threading.Event | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        out.mkdir(parents=True, exist_ok=True)
        self.stages = []

        def report(done: int, total: int, stage: str) -> None:
            self.stages.append(f"{stage} {done}/{total}")
            if on_step:
                on_step(done, stage)

        folders = {one.manifest.sha256: loading.Folder(one.folder, one.manifest.files) for one in models}
        request = drawing.Request(made, folders, inputs or {}, out)
        return drawing.draw(request, self.shelf, report, (stopping or threading.Event()).is_set)


def picture(path: Path, size: tuple[int, int] = (80, 60), colour: tuple[int, int, int] = (200, 120, 40)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    shown = Image.new("RGB", size, colour)
    shown.paste((20, 40, 160), (0, 0, size[0] // 2, size[1] // 2))
    shown.save(path)
    return path


__all__ = ["INPAINT", "Bench", "Model", "build", "picture", "recipe"]
