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
from compositing.recipe import LayerRecipe, Recipe

WIDTH, HEIGHT = 144, 256


def tasks(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """The operations to run once, with their arguments; files are written below `folder`."""
    size = {"width": WIDTH, "height": HEIGHT, "seed": 1, "params": {}}
    drawn = [("plate", {"family": name, **size, "out_dir": str(folder / name)}) for name in plates.FAMILIES]
    timing = {"frames": 2, "fps_num": 24, "fps_den": 1}
    moved = [("effect", {"family": name, **size, **timing, "out_dir": str(folder / name)}) for name in effects.FAMILIES]
    return [_still(folder), *drawn, *moved]


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
