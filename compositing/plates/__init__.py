"""Procedural plates: places drawn from rules, with their depth and their light. Never the work of a model.

A family of plates is described in `families/` (standard library only: pages read it) and drawn by a scene in `scenes/`,
which only a child imports.
"""

import importlib
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from compositing.errors import Refused
from compositing.plates.families import FAMILIES, family

__all__ = ["FAMILIES", "estimate_seconds", "family", "plate_op", "settings"]

Report = Callable[[int, int, str], None]
SMALLEST, LARGEST, MOST_PIXELS = 64, 4320, 4320 * 2432


def settings(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of family `name`, with defaults where `params` is silent. Raises Refused with a sentence."""
    return family(name).settings(params)


def estimate_seconds(name: str, width: int, height: int) -> float:
    """About how many CPU-seconds a plate takes on one core of a plain machine, before anything is drawn."""
    return family(name).estimate_seconds(width, height)


def plate_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Draw a plate. args: family, params, seed, width, height, out_dir; see docs/ARCHITECTURE.md.

    Gives picture (8-bit sRGB PNG), preview (JPEG), depth (16-bit PNG: 65535 * depth_near_m / metres, 0 is the sky),
    light (directions and linear colours in thousandths; x right, y up, z away from the camera), settings and
    seconds (CPU).
    The same args give the same bytes. Raises Refused for unknown families, settings and sizes.
    """
    found = family(str(args["family"]))
    chosen = found.settings(args.get("params") or {})
    seed, width, height = (_whole(args, name) for name in ("seed", "width", "height"))
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST and width * height <= MOST_PIXELS):
        raise Refused(f"A plate of {width} x {height} cannot be drawn; each side goes from {SMALLEST} to {LARGEST}.")
    if seed < 0:
        raise Refused(f"The seed is {seed}; give a whole number from 0.")
    out_dir = Path(args["out_dir"])
    out_dir.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    module, _, function = found.draw.partition(":")
    report(1, 100, "scene")
    stage = getattr(importlib.import_module(module), function)(chosen, seed)
    made = importlib.import_module("compositing.plates.finished").still(stage, seed, width, height, report)
    note = json.dumps(
        {
            "origin": found.origin,
            "family": found.name,
            "version": found.version,
            "settings": chosen,
            "seed": seed,
        },
        sort_keys=True,
    )
    save = importlib.import_module("compositing.plates.files").save
    answer = save(made, out_dir, note)
    report(100, 100, "done")
    return {
        **answer,
        "origin": found.origin,
        "settings": chosen,
        "width": width,
        "height": height,
        "seconds": round(time.process_time() - began, 2),
    }


def _whole(args: dict[str, Any], name: str) -> int:
    value = args.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"The {name} is {value!r}; give a whole number.")
    return value
