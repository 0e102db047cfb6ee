"""The lights of several pictures at once, for pages that rank backgrounds by how they suit an actor."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from compositing.colour import linear_from_coded
from compositing.graph import Comp
from compositing.io.pictures import read_picture
from compositing.light import scene_light
from compositing.recipe import Recipe

VERSION = 1  # raise it when the numbers change: what was measured by another version is measured anew
WIDTH = 540  # px: light has no finer detail

Report = Callable[[int, int, str], None]


def scene_lights_op(args: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """args: pictures (paths). Gives lights, one per picture in order (see `SceneLight.to_dict`), and their version.
    Raises EngineError."""
    lights = []
    for at, path in enumerate(args["pictures"]):
        coded = read_picture(path)
        lights.append(scene_light(linear_from_coded(np.ascontiguousarray(coded[..., :3]))).to_dict())
        report(at + 1, len(args["pictures"]), "lights")
    return {"version": VERSION, "lights": lights}


def actor_light_op(args: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """args: recipe (of the actor alone), sources. Gives light (see `KeyLight.to_dict`), None where no face is seen or
    nothing is keyed, and its version. Raises Refused as a comp does."""
    report(0, 1, "study")
    comp = Comp(Recipe.from_dict(args["recipe"]), args["sources"], WIDTH)
    found = [told["light"]["actor"] for told in comp.report().values() if "light" in told]
    report(1, 1, "study")
    return {"version": VERSION, "light": found[-1] if found else None}
