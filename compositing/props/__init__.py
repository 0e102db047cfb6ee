"""Procedural props: things with alpha that stand before an actor or behind one. Never the work of a model.

Described in `families` (standard library only: pages read it), drawn by `things`, in a child.
"""

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compositing.errors import Refused
from compositing.props.families import FAMILIES, family

__all__ = ["FAMILIES", "estimate_seconds", "family", "prop_op"]

SMALLEST, LARGEST = 64, 4320


def estimate_seconds(name: str, width: int, height: int) -> float:
    """About how many CPU-seconds a prop takes on one core of a plain machine."""
    return family(name).estimate_seconds(width, height)


def prop_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Draw a prop in its place in the picture. args: family, params, seed, width, height, out_dir.

    Gives picture (8-bit sRGB PNG with straight alpha), preview (JPEG over grey), settings, origin and seconds (CPU).
    The same args give the same bytes. Raises Refused for unknown families, settings and sizes.
    """
    found = family(str(args["family"]))
    chosen = found.settings(args.get("params") or {})
    seed, width, height = (args.get(name) for name in ("seed", "width", "height"))
    for name, value in (("seed", seed), ("width", width), ("height", height)):
        if isinstance(value, bool) or not isinstance(value, int):
            raise Refused(f"The {name} is {value!r}; give a whole number.")
    assert isinstance(seed, int) and isinstance(width, int) and isinstance(height, int)
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise Refused(f"A prop of {width} x {height} cannot be drawn; each side goes from {SMALLEST} to {LARGEST}.")
    if seed < 0:
        raise Refused(f"The seed is {seed}; give a whole number from 0.")
    out_dir = Path(args["out_dir"])
    out_dir.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    report(0, 1, "drawing")
    module, _, function = found.draw.partition(":")
    picture = getattr(importlib.import_module(module), function)(chosen, seed, width, height)
    about = {"origin": found.origin, "family": found.name, "version": found.version, "settings": chosen, "seed": seed}
    answer = importlib.import_module("compositing.props.files").save(picture, out_dir, about)
    report(1, 1, "done")
    return {
        **answer,
        "origin": found.origin,
        "settings": chosen,
        "width": width,
        "height": height,
        "seconds": round(time.process_time() - began, 2),
    }
