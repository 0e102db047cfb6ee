"""Procedural plates: places drawn from rules, with their depth and their light. Never the work of a model.

A family of plates is described in `families/` (standard library only: pages read it) and drawn by a scene in `scenes/`,
which only a child imports.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from compositing.errors import Refused
from compositing.plates.families import FAMILIES, family
from compositing.plates.family import CAMERA_LOOP, CAMERA_MOVE, CAMERA_SHUTTER, STILL

__all__ = ["FAMILIES", "estimate_clip_seconds", "estimate_seconds", "family", "moves", "plate_op", "settings"]

Report = Callable[[int, int, str], None]
SMALLEST, LARGEST, MOST_PIXELS, MOST_FRAMES = 64, 4320, 4320 * 2432, 1440
# Of a clip: from which soft focus on frames are seen at half their size (moving.py), what share of the time that takes,
# and what coding takes per megapixel.
SOFT_FROM, SOFT_SHARE, CODED = 15, 0.29, 0.17
STILL_SOFT_FROM, STILL_SOFT_SHARE, TALL = 20, 0.58, 1000  # the same of a picture (finished.py)
DRAWN_OUT = 0.12  # CPU-seconds a megapixel that motion blur takes


def settings(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of family `name`, with defaults where `params` is silent. Raises Refused with a sentence."""
    return family(name).settings(params)


def estimate_seconds(name: str, width: int, height: int, params: Mapping[str, Any] | None = None) -> float:
    """About how many CPU-seconds a plate takes on one core of a plain machine, before anything is drawn."""
    found = family(name)
    if int((params or {}).get("defocus", 0)) < STILL_SOFT_FROM or height < TALL:
        return found.estimate_seconds(width, height)
    return round(found.seconds_fixed + STILL_SOFT_SHARE * found.seconds_per_megapixel * width * height / 1e6, 2)


def estimate_clip_seconds(name: str, params: Mapping[str, Any], width: int, height: int, frames: int) -> float:
    """The same of a clip: what is built and lit once, then every frame, and its coding."""
    found = family(name)
    soft = int(params.get("defocus", 0)) >= SOFT_FROM and height >= TALL
    drawn_out = params.get(CAMERA_SHUTTER.name, CAMERA_SHUTTER.default) and params.get(CAMERA_MOVE.name) != "stand"
    each = found.frame_seconds_per_megapixel + (DRAWN_OUT if drawn_out else 0.0)
    each = each * (SOFT_SHARE if soft else 1.0) + CODED
    return round(found.estimate_seconds(width, height) / 2 + frames * each * width * height / 1e6, 2)


def moves(params: Mapping[str, Any]) -> bool:
    """Whether these settings ask for a clip, not for a picture."""
    return params.get(CAMERA_MOVE.name, STILL) != STILL


def plate_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Draw a plate. args: family, params, seed, width, height, out_dir; with a camera move in params also frames,
    fps_num, fps_den; see docs/ARCHITECTURE.md.

    Gives picture (8-bit sRGB PNG), preview (JPEG), depth (16-bit PNG: 65535 * depth_near_m / metres, 0 is the sky; its
    text holds camera and light), light (directions and linear colours in thousandths; x right, y up, z away from the
    camera; azimuth and elevation in degrees as in compositing/light.py), camera (focal_milli: focal length in heights
    of the picture; horizon_milli: from its top, in heights; height_mm over the ground; ground_to_mm: where a shore
    ends it; soft_milli: soft focus), settings and seconds (CPU). With a camera move: clip (H.264), preview (H.264),
    poster (JPEG), frame_count, loops, light and camera of the first frame, and depth: the first frame's, with smaller
    maps of the later ones and the camera's way inside (see effects/ground.py).
    The same args give the same bytes. Raises Refused for unknown families, settings and sizes.
    """
    found = family(str(args["family"]))
    chosen = found.settings(args.get("params") or {})
    seed, width, height = (_whole(args, name) for name in ("seed", "width", "height"))
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST and width * height <= MOST_PIXELS):
        raise Refused(f"A plate of {width} x {height} cannot be drawn; each side goes from {SMALLEST} to {LARGEST}.")
    if seed < 0:
        raise Refused(f"The seed is {seed}; give a whole number from 0.")
    timing = _timing(args) if moves(chosen) else {}
    if timing and (width % 2 or height % 2):
        raise Refused(f"A clip of {width} x {height} cannot be coded; give even sides.")
    out_dir = Path(args["out_dir"])
    out_dir.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    about = {"origin": found.origin, "family": found.name, "version": found.version, "settings": chosen, "seed": seed}
    files = importlib.import_module("compositing.plates.files")
    if timing:
        draw = importlib.import_module("compositing.plates.moving").clip
        clip = draw(found, chosen, seed=seed, width=width, height=height, report=report, **timing)
        answer = files.save_clip(clip, out_dir, about, report, width=width, height=height, **timing)
        answer |= {"frame_count": timing["frames"], "loops": chosen[CAMERA_LOOP.name] == "yes"}
    else:
        module, _, function = found.draw.partition(":")
        report(1, 100, "scene")
        stage = getattr(importlib.import_module(module), function)(chosen, seed)
        made = importlib.import_module("compositing.plates.finished").still(stage, seed, width, height, report)
        answer = files.save(made, out_dir, about)
        report(100, 100, "done")
    return {
        **answer,
        "origin": found.origin,
        "settings": chosen,
        "width": width,
        "height": height,
        "seconds": round(time.process_time() - began, 2),
    }


def _timing(args: dict[str, Any]) -> dict[str, int]:
    frames, num, den = (_whole({"fps_den": 1, **args}, name) for name in ("frames", "fps_num", "fps_den"))
    if not 2 <= frames <= MOST_FRAMES:
        raise Refused(f"A clip of {frames} frames cannot be drawn; it goes from 2 to {MOST_FRAMES}.")
    if den < 1 or not 1 <= Fraction(num, den) <= 120:
        raise Refused(f"{num}/{den} is no frame rate; it goes from 1 to 120 frames a second.")
    return {"frames": frames, "fps_num": num, "fps_den": den}


def _whole(args: dict[str, Any], name: str) -> int:
    value = args.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"The {name} is {value!r}; give a whole number.")
    return value
