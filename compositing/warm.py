"""Compile the kernels before anybody waits for them: one tiny picture of each kind, in the children that will be used.

Compiled kernels are kept on the disk (`sandbox.numba_cache`, `plates/kernels.py`), so this costs once per version.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from compositing import effects, plates, sandbox
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import still_op

WIDTH, HEIGHT = 144, 256
LARGE = 896  # film this wide is studied at the size of its colour: see `chroma.SPARE`


def lanes(folder: Path) -> tuple[list[tuple[str, dict[str, Any]]], ...]:
    """The operations to run once, with their arguments; files are written below `folder`. No two lanes need the same
    kernels: children beside each other would compile them twice, since neither sees what the other has not kept yet."""
    size = {"width": WIDTH, "height": HEIGHT, "seed": 1, "params": {}}
    drawn = [("plate", {"family": name, **size, "out_dir": str(folder / name)}) for name in plates.FAMILIES]
    timing = {"frames": 2, "fps_num": 24, "fps_den": 1}
    moved = [("effect", {"family": name, **size, **timing, "out_dir": str(folder / name)}) for name in effects.FAMILIES]
    return [*_renders(folder), _still(folder)], [*drawn, *moved]


def tasks(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """What all lanes run."""
    return [task for lane in lanes(folder) for task in lane]


def _renders(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Films of the same figure: the mode best, straight from planes to planes and large enough to be studied at half
    its size; then with all that goes the plain way, held steady by its neighbours."""
    tasks = []
    plainly = {"key": {"temporal_milli": 500}, "place": {"x_milli": 20}}
    for number, (width, height, actor) in enumerate(((LARGE, LARGE, {}), (WIDTH, HEIGHT, plainly))):
        take = folder / f"take-{number}.mp4"
        with VideoWriter(take, width, height, 24, 1, crf=20, preset="ultrafast") as writer:
            for step in range(2):
                picture = np.full((height, width, 3), (40, 170, 60), np.uint8)
                picture[height // 3 :, width // 4 + 8 * step : width * 2 // 3] = (150, 110, 90)
                writer.write(picture)
        ground, source = "1" * 64, "0" * 64
        behind = folder / f"behind-{number}.png"
        write_png8(behind, np.full((height, width, 3), 90, np.uint8))
        layers = (
            LayerRecipe("plate", "background", ground),
            LayerRecipe("actor", "actor", source, **actor),  # type: ignore[arg-type]
        )
        match = {"grain_milli": 1000, "additive_milli": 500 if actor else 0}
        recipe = Recipe(
            width=width, height=height, fps_num=24, fps_den=1, frame_count=2, mode="best", layers=layers, match=match
        )
        out = str(folder / f"render-{number}")
        sources = {source: str(take), ground: str(behind)}
        tasks.append(("render", {"recipe": recipe.to_dict(), "sources": sources, "out_dir": out}))
    return tasks


def _still(folder: Path) -> tuple[str, dict[str, Any]]:
    """A grey figure of film before a green wall, over a picture: everything that previews need has its turn."""
    film, picture = folder / "still-take.mp4", folder / "take.png"
    seen = np.full((HEIGHT, WIDTH, 3), (40, 170, 60), np.uint8)
    seen[80:, 40:100] = (150, 110, 90)
    with VideoWriter(film, WIDTH, HEIGHT, 24, 1, crf=20, preset="ultrafast") as writer:
        writer.write(seen)
    write_png8(picture, seen)
    source, ground = "0" * 64, "1" * 64
    layers = (LayerRecipe("plate", "background", ground), LayerRecipe("actor", "actor", source, key={}))
    recipe = Recipe(width=WIDTH, height=HEIGHT, fps_num=24, fps_den=1, frame_count=1, mode="fast", layers=layers)
    sources = {source: str(film), ground: str(picture)}
    return "still", {"recipe": recipe.to_dict(), "sources": sources, "frame": 0, "out": str(folder / "still.jpg")}


def ready_op(_args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Operation `ready`: load what previews need, and make one, so that the first that somebody waits for is quick."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="huo-ready-") as name:
        still_op(_still(Path(name))[1], report)
    return {"seconds": round(time.monotonic() - began, 3)}


def command(_args: argparse.Namespace) -> int:
    """`python -m compositing warm`."""
    with tempfile.TemporaryDirectory(prefix="huo-warm-") as name, ThreadPoolExecutor(2) as pool:
        list(pool.map(_run, lanes(Path(name))))
    return 0


def _run(lane: list[tuple[str, dict[str, Any]]]) -> None:
    """Every operation of a lane in one child, which loads its libraries once."""
    with sandbox.Warm(sandbox.RENDER) as child:
        for operation, args in lane:
            child.request(operation, args)
