"""Compile the kernels before anybody waits for them: one tiny picture of each kind, in the children that will be used.

Compiled kernels are kept on the disk (`sandbox.numba_cache`, `plates/kernels.py`), so this costs once per version.
"""

import argparse
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from compositing import effects, plates, sandbox
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter
from compositing.recipe import LayerRecipe, Recipe

WIDTH, HEIGHT = 144, 256
LARGE = 896  # film this wide is studied at the size of its colour: see `fused.SPARE`


def tasks(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """The operations to run once, with their arguments; files are written below `folder`."""
    size = {"width": WIDTH, "height": HEIGHT, "seed": 1, "params": {}}
    drawn = [("plate", {"family": name, **size, "out_dir": str(folder / name)}) for name in plates.FAMILIES]
    timing = {"frames": 2, "fps_num": 24, "fps_den": 1}
    moved = [("effect", {"family": name, **size, **timing, "out_dir": str(folder / name)}) for name in effects.FAMILIES]
    # The longest first: two at a time, the short ones fill up the rest.
    return [*_renders(folder), _still(folder), *drawn, *moved]


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
    """A grey figure before a green wall, over itself: everything that keys and composites has its turn."""
    picture = np.full((HEIGHT, WIDTH, 3), (40, 170, 60), np.uint8)
    picture[80:, 40:100] = (150, 110, 90)
    take = folder / "take.png"
    write_png8(take, picture)
    source = "0" * 64
    layers = (LayerRecipe("plate", "background", source), LayerRecipe("actor", "actor", source, key={}))
    recipe = Recipe(width=WIDTH, height=HEIGHT, fps_num=24, fps_den=1, frame_count=1, mode="fast", layers=layers)
    args = {"recipe": recipe.to_dict(), "sources": {source: str(take)}, "frame": 0, "out": str(folder / "still.jpg")}
    return "still", args


def command(_args: argparse.Namespace) -> int:
    """`python -m compositing warm`."""
    with tempfile.TemporaryDirectory(prefix="huo-warm-") as name, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda task: sandbox.run(*task), tasks(Path(name))))
    return 0
