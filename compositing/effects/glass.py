"""What lies on or in the lens: drops on the pane before it, and light that leaks in at the sides; puddles below."""

import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from compositing.effects.flows import Flow, full, smooth
from compositing.effects.lives import Lives, shown
from compositing.effects.shapes import (
    ANGLE,
    BLUE,
    COVER,
    LONG,
    RED,
    RIM,
    SOFT,
    WIDE,
    X,
    Y,
    covered,
    glowing,
    lay,
    shapes,
    shine,
)

Pictures = Iterator[np.ndarray]
LEAKS = {
    "amber": ((1.0, 0.42, 0.10), (1.0, 0.16, 0.06)),
    "pink": ((1.0, 0.30, 0.42), (0.75, 0.14, 0.60)),
    "blue": ((0.20, 0.48, 1.0), (0.36, 0.20, 1.0)),
    "white": ((1.0, 0.92, 0.80), (1.0, 0.80, 0.62)),
}


def drops_on_glass(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: beads that stay, and drops that run down between them.

    A drop shows the sky upside down: bright at its foot, dark at its head.
    """
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    rng = np.random.default_rng(form["seed"])
    unit = height / 1920 * (0.8 + 1.6 * params["size"] / 100)
    beads = round(40 + 900 * params["density"] / 100)
    still = drop_shapes(
        rng.uniform(0, width, beads), rng.uniform(0, height, beads), unit * (2 + 13 * rng.random(beads) ** 3), params
    )
    ground = np.zeros((height, width, 4), np.float32)
    lay(ground, still)
    running = round(2 + 26 * params["running"] / 100)
    life = Lives.over(running, form["frames"], fps, rng.uniform(1.4, 3.5, running), form["seed"] + 1)
    size = unit * (8 + 7 * life.own[:, 0])
    for n in range(form["frames"]):
        age, chance = life.at(n)
        # It hangs, lets go, and runs faster than it began; now and then it waits.
        gone = np.clip((age - 0.18) / 0.82, 0, 1) ** 1.5
        gone = gone - 0.035 * np.sin(gone * 6 * math.pi)
        y = (chance[:, 1] * 0.85 - 0.1) * height + gone * height * (0.5 + 0.7 * chance[:, 2])
        x = chance[:, 0] * width + np.sin(gone * 9 + chance[:, 3] * 6) * 9 * unit
        seen = shown(age, 0.12, 0.1)
        picture = ground.copy()
        trail = shapes(running)
        trail[:, X], trail[:, Y] = x, (y + (chance[:, 1] * 0.85 - 0.1) * height) / 2
        long_ = np.maximum(y - (chance[:, 1] * 0.85 - 0.1) * height, 1) / 2
        trail[:, LONG], trail[:, WIDE], trail[:, ANGLE] = long_, size * 0.55, math.pi / 2
        trail[:, RED : BLUE + 1], trail[:, SOFT] = (0.80, 0.85, 0.90), 0.5
        trail[:, COVER] = 0.12 * params["opacity"] / 100 * seen
        lay(picture, trail)
        drops = drop_shapes(x, y, size, params)
        drops[:, COVER] *= np.tile(seen, 3)
        lay(picture, drops)
        yield covered(picture)


def drop_shapes(x: np.ndarray, y: np.ndarray, size: np.ndarray, params: dict[str, Any]) -> np.ndarray:
    """Three shapes a drop: its body, the dark above and the light below."""
    count, strong = len(x), params["opacity"] / 100
    parts = shapes(3 * count)
    body, dark, light = parts[:count], parts[count : 2 * count], parts[2 * count :]
    for part in (body, dark, light):
        part[:, X], part[:, Y], part[:, LONG], part[:, WIDE] = x, y, size * 1.12, size
        part[:, ANGLE] = math.pi / 2
    body[:, RED : BLUE + 1], body[:, COVER], body[:, SOFT] = (0.62, 0.67, 0.72), 0.16 * strong, 0.2
    dark[:, Y] = y - 0.30 * size
    dark[:, LONG], dark[:, WIDE] = size * 0.62, size * 0.86
    dark[:, ANGLE] = 0
    dark[:, LONG], dark[:, WIDE] = size * 0.86, size * 0.62
    dark[:, RED : BLUE + 1], dark[:, COVER], dark[:, SOFT] = (0.05, 0.06, 0.08), 0.42 * strong, 0.9
    light[:, Y] = y + 0.48 * size
    light[:, ANGLE] = 0
    light[:, LONG], light[:, WIDE] = size * 0.62, size * 0.36
    light[:, RED : BLUE + 1], light[:, COVER], light[:, SOFT] = (0.95, 0.97, 1.0), 0.75 * strong, 0.85
    return parts


def puddle_rings(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: rings that widen on wet ground, flatter and denser far away."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    count = round(8 + 260 * (params["density"] / 100) ** 1.3)
    life = Lives.over(count, form["frames"], fps, 0.55 / (params["speed"] / 100), form["seed"])
    horizon = height * (1 - params["height"] / 100)
    picture = np.zeros((height, width, 4), np.float32)
    made = np.concatenate([shapes(count)] * 4)
    for n in range(form["frames"]):
        age, chance = life.at(n)
        down = 0.04 + 0.96 * np.sqrt(chance[:, 1])  # 0 at the far edge of the wet ground
        y, x = horizon + down * (height - horizon), chance[:, 0] * width
        scale = height * 0.032 * down * (0.6 + 0.8 * chance[:, 2])
        fade = (1 - age) ** 1.6 * params["opacity"] / 100
        for ring in range(2):
            reach = scale * np.clip(age * 1.15 - 0.16 * ring, 0, None) + 0.6
            for side, tone, at in ((0, 0.92, -0.05), (1, 0.04, 0.10)):
                part = made[(2 * ring + side) * count : (2 * ring + side + 1) * count]
                part[:, X], part[:, Y] = x, y + at * scale * 0.3
                part[:, LONG], part[:, WIDE] = reach, reach * (0.16 + 0.20 * down)
                part[:, RED : BLUE + 1] = tone
                part[:, RIM], part[:, SOFT] = 1.0, 0.0
                part[:, COVER] = fade * (0.85 if side == 0 else 0.55) * (1 - 0.45 * ring) * (age > 0.16 * ring)
        picture[:] = 0
        lay(picture, made)
        yield covered(picture)


def light_leaks(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: warm light over a side of the picture, breathing."""
    width, height = form["width"], form["height"]
    seconds = form["frames"] * form["fps_den"] / form["fps_num"]
    flow = Flow(
        width, height, (0.9 * width, 0.42 * height), seconds=seconds, seed=form["seed"], drift=(0.0, 0.0),
        change=0.9 * params["speed"] / 100, octaves=2, warp=0.6, coarse=16,
    )  # fmt: skip
    columns, rows = flow.size
    over = (np.arange(columns, dtype=np.float32)[None, :] + 0.5) / columns
    sides = {"left": 1 - over, "right": over, "both": np.maximum(1 - over, over)}
    side = sides[params["side"]] * np.ones((rows, 1), np.float32)
    one, other = (np.array(colour, np.float32) for colour in LEAKS[params["colour"]])
    light = np.zeros((height, width, 4), np.float32)
    for n in range(form["frames"]):
        noise = flow.at(n / form["frames"])
        reach = params["size"] / 100
        inner = smooth(1.02 - 0.75 * reach, 1.18 - 0.25 * reach, side + 0.55 * noise)
        outer = smooth(0.92 - 0.95 * reach, 1.20 - 0.25 * reach, side + 0.7 * noise)
        strong = np.float32(params["opacity"] / 100)
        small = strong * (1.5 * inner[..., None] * one + 0.55 * outer[..., None] * other)
        light[..., :3] = np.maximum(
            full(np.asarray(cv2.GaussianBlur(small, (0, 0), 2.0), np.float32), width, height), 0
        )
        yield glowing(light)


def bokeh(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: lamps far out of focus, twinkling a little."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    count = round(6 + 90 * params["density"] / 100)
    life = Lives.over(count, form["frames"], fps, form["frames"] / fps, form["seed"])
    own = life.own
    made = shapes(count)
    made[:, X] = own[:, 0] * width * 1.1 - 0.05 * width
    made[:, Y] = height * (params["line"] / 100 + (own[:, 1] - 0.5) * 0.5 * (0.3 + own[:, 2]))
    made[:, LONG] = made[:, WIDE] = height * (0.008 + 0.030 * params["size"] / 100) * (0.6 + 0.8 * own[:, 3])
    made[:, RIM], made[:, SOFT] = 0.35, 0.06
    palette = np.array([(1.0, 0.55, 0.20), (1.0, 0.78, 0.45), (1.0, 0.22, 0.16), (0.35, 0.62, 1.0), (0.9, 0.92, 1.0)])
    made[:, RED : BLUE + 1] = palette[(own[:, 4] * own[:, 5] * len(palette)).astype(int)]
    light = np.zeros((height, width, 4), np.float32)
    for n in range(form["frames"]):
        twinkle = 0.8 + 0.2 * np.sin(2 * math.pi * (n / form["frames"] * np.rint(1 + 5 * own[:, 6]) + own[:, 7]))
        made[:, COVER] = 0.75 * params["opacity"] / 100 * twinkle * (0.35 + 0.65 * own[:, 2])
        light[:] = 0
        shine(light, made)
        yield glowing(light)
