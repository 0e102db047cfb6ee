"""Procedural effects: short clips with alpha that loop without a seam. Never the work of a model.

Described in `families/` (standard library only: pages read it), drawn by the modules they name, in a child.
"""

import importlib
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from compositing.effects.families import FAMILIES, family
from compositing.effects.lasting import PLACE, is_around, is_timed
from compositing.errors import Refused

__all__ = ["FAMILIES", "effect_op", "estimate_seconds", "family", "is_around", "is_timed", "settings"]

Report = Callable[[int, int, str], None]
SMALLEST, LARGEST, MOST_FRAMES = 64, 4320, 1440
SLOWEST_FPS, FASTEST_FPS = 1, 120
TWICE = 1.5  # of an effect around the actor, drawn behind and in front, how much more it takes


def settings(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting of family `name`, with defaults where `params` is silent. Raises Refused with a sentence."""
    return family(name).settings(params)


def estimate_seconds(name: str, width: int, height: int, frames: int, params: Mapping[str, Any] | None = None) -> float:
    """About how many CPU-seconds a clip takes on one core of a plain machine."""
    found = family(name)
    times = TWICE if is_around(params or {}) else 1.0
    return round(found.seconds_fixed + times * found.seconds_per_megapixel * width * height * frames / 1e6, 2)


def effect_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Draw a clip. args: family, params, seed, frames, fps_num, fps_den, width, height, out_dir; `ground`: the file of
    the depth map that params["ground"] names.

    Gives clip (ProRes 4444 MOV, straight alpha), preview (H.264 over grey), poster (JPEG over grey), frame_count,
    loops (whether the last frame leads into the first), in_place (whether it is a part of the place, at its windows),
    settings, seconds (CPU); of what gives off light also lights_milli (see effects/files.py); of a crowd held (what of
    its settings was not followed, see effects/crowd.py); of what lies around the actor also front, the clip of what is
    nearer than the actor: `clip` holds the rest. The same args give the same bytes.
    Raises Refused for unknown families, settings and sizes.
    """
    found = family(str(args["family"]))
    chosen = found.settings(args.get("params") or {})
    size = {name: _whole(args, name) for name in ("seed", "frames", "fps_num", "fps_den", "width", "height")}
    width, height, frames = size["width"], size["height"], size["frames"]
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST) or width % 2 or height % 2:
        raise Refused(
            f"An effect of {width} x {height} cannot be drawn; each side is even and goes from {SMALLEST} to {LARGEST}."
        )
    if not 2 <= frames <= MOST_FRAMES:
        raise Refused(f"An effect of {frames} frames cannot be drawn; it goes from 2 to {MOST_FRAMES}.")
    if size["fps_den"] < 1 or not SLOWEST_FPS <= Fraction(size["fps_num"], size["fps_den"]) <= FASTEST_FPS:
        raise Refused(f"{size['fps_num']}/{size['fps_den']} is no frame rate; it goes from 1 to 120 frames a second.")
    if size["seed"] < 0:
        raise Refused(f"The seed is {size['seed']}; give a whole number from 0.")
    out_dir = Path(args["out_dir"])
    out_dir.mkdir(parents=True, exist_ok=True)
    began = time.process_time()
    module, _, function = found.draw.partition(":")
    draw = getattr(importlib.import_module(module), function)
    save = importlib.import_module("compositing.effects.files").save
    used = chosen | ({"ground": _file(args)} if chosen.get("ground") or args.get("ground") else {})
    drawn, in_place = [draw(used, **size)], False
    if found.kind != "crowd":
        drawn, in_place = _placed(draw, used, size)
    answer = save(drawn, found, out_dir, report, **size)
    if found.kind == "crowd":
        answer["held"] = importlib.import_module(module).held(used, width, height)
    return {
        **answer,
        "origin": found.origin,
        "settings": chosen,
        "frame_count": frames,
        "loops": not is_timed(chosen),
        "in_place": in_place,
        "width": width,
        "height": height,
        "seconds": round(time.process_time() - began, 2),
    }


def _placed(draw: Callable[..., Any], params: dict[str, Any], form: dict[str, int]) -> tuple[list[Any], bool]:
    """(its pictures as they lie in the shot: [all], or [behind the actor, in front]; whether they are a part of the
    place, at its windows, and so behind whoever stands in it)."""
    timed = importlib.import_module("compositing.effects.timing").timed
    if is_around(params):
        return [timed(draw, params | {"half": half}, **form) for half in ("behind", "front")], False
    if params.get("where") == PLACE and params.get("ground"):
        windows = importlib.import_module("compositing.effects.windows")
        found = windows.windows_of(Path(params["ground"]), form["width"], form["height"])
        if found is not None and draw.__name__ == "drops_on_glass":
            panes = importlib.import_module("compositing.effects.panes").drops_on_panes
            return [timed(panes, params | {"windows": found}, **form)], True
        if found is not None:
            return [windows.through(timed(draw, params, **form), found, form["frames"])], True
    return [timed(draw, params, **form)], False


def _file(args: dict[str, Any]) -> str:
    path = Path(str(args.get("ground") or ""))
    if not path.is_file():
        raise Refused("The depth map that they should stand on was not given; choose it again.", code="ground_unknown")
    return str(path)


def _whole(args: dict[str, Any], name: str) -> int:
    value = args.get(name, 1 if name == "fps_den" else None)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(f"The {name} is {value!r}; give a whole number.")
    return value
