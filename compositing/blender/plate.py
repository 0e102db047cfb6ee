"""One plate from a program of its own: told what to draw, watched, and what it drew delivered like any plate."""

import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from compositing.blender.describe import described
from compositing.blender.offers import SCENES, interpreter
from compositing.errors import EngineError, Refused
from compositing.io.pictures import read_picture
from compositing.plates.files import save
from compositing.plates.finished import Plate

DRAW = Path(__file__).with_name("draw.py")
SHOWN_LINES = 12


def blender_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Draw a plate in Blender. args: family, params, seed, width, height, out_dir; the answer is `plate_op`'s, and
    `blender`, its version. The same args give the same depth; of the picture some pixels differ by a level or so.

    Raises Refused for unknown scenes, settings and sizes, EngineError where Blender is not here or fails.
    """
    scene = SCENES.get(str(args["family"]))
    if scene is None:
        raise Refused(f"Blender draws no {args['family']!r} here; it draws {', '.join(SCENES)}.")
    chosen = scene.as_family().settings(args.get("params") or {})
    width, height, seed = int(args["width"]), int(args["height"]), int(args["seed"])
    if not (64 <= width <= 4096 and 64 <= height <= 4096) or seed < 0:
        raise Refused(
            f"A plate of {width} x {height} from seed {seed} cannot be drawn: 64 to 4096 a side, seeds from 0."
        )
    python = interpreter()
    if python is None:
        raise EngineError("Blender is not installed: run `./run --blender --setup-only` once.", code="no_blender")
    out_dir = Path(args["out_dir"])
    out_dir.mkdir(parents=True, exist_ok=True)
    told = described(scene.family, chosen, seed, width, height)
    made = _drawn(python, out_dir, told, report)
    picture, depth = out_dir / "picture.png", out_dir / "depth.npy"
    plate = Plate(
        np.ascontiguousarray(read_picture(picture)[..., :3]),
        np.load(depth, allow_pickle=False),
        told["light"],
        told["told"],
    )
    about = {
        "origin": "procedural", "family": scene.family, "version": scene.version, "settings": chosen, "seed": seed,
        "drawn_by": f"Blender {made['blender']}",
    }  # fmt: skip
    answer = save(plate, out_dir, about)
    picture.unlink()
    depth.unlink()
    return answer | {
        "origin": "procedural", "settings": chosen, "width": width, "height": height, "seconds": made["seconds"],
        "blender": made["blender"],
    }  # fmt: skip


def _drawn(python: Path, folder: Path, told: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Start Blender's Python, tell it what to draw, pass on how far it is; its last line. It ends with this process's
    group, and what limits this process limits it."""
    env = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        [str(python), "-P", str(DRAW), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env=env | {"HOME": str(folder)}, cwd=folder,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    lines: list[str] = []
    feeder = threading.Thread(target=_tell, args=(process.stdin, json.dumps(told)), daemon=True)
    feeder.start()
    for line in process.stdout:
        lines = [*lines[-SHOWN_LINES:], line.rstrip()]
        if "| Sample " in line:
            done, _, total = line.rsplit("Sample ", 1)[1].strip().partition("/")
            if done.isdecimal() and total.isdecimal() and int(total) == told["samples"]:
                report(int(done), int(total), "picture")
    feeder.join()
    if process.wait() != 0 or not lines:
        end = " ".join(lines)[-400:]
        raise EngineError(
            f"Blender ended with {process.returncode}: {end}", code="blender_failed", status=process.returncode, end=end
        )
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def _tell(pipe: Any, text: str) -> None:
    try:
        with pipe:
            pipe.write(text)
    except BrokenPipeError:
        return  # it ended early: what it said on its way out is told
