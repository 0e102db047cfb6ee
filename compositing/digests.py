"""The same bytes on another machine: `python -m compositing digests`.

Draws every family small, here, and holds the SHA-256 of each file against what another machine wrote. Processors
differ in what their vector units round (a fused multiply-add rounds once, a multiplication and an addition twice), and
libraries choose among variants of a function by the processor they find: so "the same recipe, the same bytes" has to
be looked at from machine to machine, not only from run to run.
"""

import argparse
import hashlib
import json
import platform
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numba
import numpy as np

from compositing import effects, plates
from compositing.errors import Refused

SIZE = (90, 160)
FRAMES = 4
LIGHTS = ("day", "night")
LENSES = (0, 25)  # sharp, and as soft as behind a close-up


def drawn() -> dict[str, str]:
    """{"office/night/25/picture": SHA-256, ...}: every family of plates in two lights, sharp and soft, with depth and
    normals; a moving plate; every family of effects; a crowd on a plate's ground."""
    found: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="huo-digests-") as name:
        folder = Path(name)
        for family in plates.FAMILIES:
            for light in LIGHTS:
                for defocus in LENSES:
                    made = _plate(family, folder, light=light, defocus=defocus)
                    found |= _digests(f"{family}/{light}/{defocus}", made, folder)
        found |= _digests("moving", _plate("office", folder, FRAMES, camera_move="push"), folder)
        for family in effects.FAMILIES:
            found |= _digests(family, _effect(family, folder), folder)
        ground = _plate("lobby", folder, light="day")["depth"]
        found |= _digests("crowd on ground", _effect("crowd", folder, ground=ground), folder)
    return found


def machine() -> dict[str, str]:
    """What of a machine decides how it rounds."""
    names = [line.split(":", 1)[1].strip() for line in _processors() if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "architecture": platform.machine(),
        "opencv's variants": cv2.getCPUFeaturesLine(),  # type: ignore[attr-defined]
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "numba": numba.__version__,
    }


def command(args: argparse.Namespace) -> int:
    """`python -m compositing digests [--write FILE] [--against FILE]`: 1 where a file differs."""
    other = _read(args.against) if args.against else None
    here = {"machine": machine(), "files": drawn()}
    if args.write:
        args.write.write_text(json.dumps(here, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    if other is None:
        print(f"{len(here['files'])} files drawn on {here['machine']['processor']}.")
        return 0
    names = sorted({*here["files"], *other["files"]})
    differ = [name for name in names if here["files"].get(name) != other["files"].get(name)]
    print(f"{len(names) - len(differ)} of {len(names)} files are the same to the byte.")
    for name in differ:
        print(f"  differs: {name}")
    for key, value in here["machine"].items():
        print(f"{key}: {value}" + (f", there {said}" if (said := other["machine"].get(key)) != value else ""))
    return 1 if differ else 0


def _plate(family: str, folder: Path, frames: int = 1, **params: Any) -> dict[str, Any]:
    args = {"family": family, "params": params, "seed": 3, "width": SIZE[0], "height": SIZE[1], "out_dir": str(folder)}
    return plates.plate_op(args | ({"frames": frames, "fps_num": 24} if frames > 1 else {}), _silent)


def _effect(family: str, folder: Path, **more: Any) -> dict[str, Any]:
    args = {"family": family, "params": {}, "seed": 3, "frames": FRAMES, "fps_num": 24, "fps_den": 1}
    args |= {"width": SIZE[0], "height": SIZE[1], "out_dir": str(folder / "effect")}
    return effects.effect_op(args | more, _silent)


def _digests(label: str, answer: dict[str, Any], folder: Path) -> dict[str, str]:
    files = {key: Path(value) for key, value in answer.items() if isinstance(value, str) and str(folder) in value}
    return {f"{label}/{key}": hashlib.sha256(path.read_bytes()).hexdigest() for key, path in files.items()}


def _silent(_done: int, _total: int, _stage: str) -> None:
    return


def _processors() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return []


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {"machine": dict(found["machine"]), "files": dict(found["files"])}
    except (ValueError, KeyError, TypeError) as error:
        raise Refused(f"{path} holds no digests; make it on the other machine with --write.") from error
