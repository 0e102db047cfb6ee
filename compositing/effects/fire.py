"""Flames from a fluid's look, not from a fluid: noise that rises, narrows and burns out, coloured by its heat."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from compositing.effects.flows import Flow, full, smooth
from compositing.effects.shapes import glowing

Pictures = Iterator[np.ndarray]
GRAIN = 5  # times smaller than the picture: the smallest tongue is some 17 pixels wide
# Linear light of a flame by how hot it is, from soot to core; each channel joins later than the one before.
HEAT = {"wood": (1.0, 0.30, 0.055), "gas": (0.18, 0.42, 1.0), "spirit": (0.30, 1.0, 0.50), "purple": (0.72, 0.20, 1.0)}


def flames(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: fire along the foot of the picture, or in one place."""
    width, height = form["width"], form["height"]
    seconds = form["frames"] * form["fps_den"] / form["fps_num"]
    tall = 0.10 + 0.75 * params["height"] / 100
    cell = width * (0.07 + 0.13 * params["size"] / 100)
    rise = 3.4 * params["speed"] / 100 * (0.6 + tall)
    flow = Flow(
        width, height, (cell, cell * 2.1), seconds=seconds, seed=form["seed"], drift=(0.0, -rise), change=1.1,
        octaves=4, warp=0.9, coarse=GRAIN,
    )  # fmt: skip
    broad = Flow(
        width, height, (cell * 2.6, cell * 4), seconds=seconds, seed=form["seed"] + 9, drift=(0.0, -rise * 0.35),
        change=1.4, octaves=2, coarse=GRAIN,
    )  # fmt: skip
    rows, columns = flow.size[1], flow.size[0]
    up = 1 - (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows
    over = (np.arange(columns, dtype=np.float32)[None, :] + 0.5) / columns - params["x"] / 100
    bed = np.maximum(params["width"] / 100 * 0.62, 0.02)
    ground = smooth(1.25, 0.72, np.abs(over - 0.35 * params["wind"] / 100 * up * tall) / bed)
    colour = np.array(HEAT[params["colour"]], np.float32)
    power = np.float32(params["opacity"] / 100 * 3.6)
    for n in range(form["frames"]):
        part = n / form["frames"]
        noise, gust = flow.at(part), broad.at(part)
        reach = tall * (0.55 + 1.1 * np.clip(gust + 0.45, 0, 1.1)) * np.sqrt(ground)
        burnt = up / np.maximum(reach, 1e-3)
        heat = np.clip(1.08 - burnt + (0.75 + 0.75 * burnt) * noise * 1.3, 0, 1.25) * (burnt < 2.2)
        heat *= smooth(0.0, 0.25, ground)
        core = np.clip(heat, 0, None) ** 1.6
        small = power * core[..., None] * colour ** (1.0 / (0.35 + 0.75 * np.clip(heat, 0.05, 1.2)[..., None]))
        yield glowing(full(small.astype(np.float32), width, height))
