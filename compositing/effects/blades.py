"""Light for fantasy: the arc that a blade leaves, and energy that gathers round a hand."""

import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from compositing.effects.flows import Flow, full, smooth
from compositing.effects.lives import Lives, shown
from compositing.effects.shapes import ANGLE, BLUE, COVER, LONG, RED, SOFT, WIDE, X, Y, glowing, shapes, shine

Pictures = Iterator[np.ndarray]
COLOURS = {
    "white": (0.82, 0.92, 1.0), "blue": (0.16, 0.45, 1.0), "gold": (1.0, 0.62, 0.16), "red": (1.0, 0.12, 0.07),
    "jade": (0.16, 1.0, 0.55), "violet": (0.55, 0.22, 1.0),
}  # fmt: skip
PIECES = 220


def sword_light(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: strokes along an arc, each drawn out behind its tip and gone."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    colour = np.array(COLOURS[params["colour"]], np.float32)
    every, once = form["frames"] / params["strokes"], params.get("play") == "once"
    lasts, fades = 0.22 * 100 / params["speed"] * fps, 0.30 * fps
    rng = np.random.default_rng(form["seed"])
    turns = math.radians(params["turn"]) + rng.uniform(-0.25, 0.25, params["strokes"])
    sweep = math.radians(60 + 1.6 * params["sweep"])
    radius = height * (0.10 + 0.34 * params["size"] / 100)
    middle = (width * params["x"] / 100, height * params["y"] / 100)
    along = (np.arange(PIECES) + 0.5) / PIECES  # 0 at the start of the stroke
    made = shapes(2 * PIECES)
    core, halo = made[:PIECES], made[PIECES:]
    light = np.zeros((height, width, 4), np.float32)
    for n in range(form["frames"]):
        light[:] = 0
        for k in range(params["strokes"]):
            since = n - every * k if once else (n - every * (k + 0.15)) % form["frames"]
            if not 0 <= since <= lasts + fades + 1:
                continue
            tip = min(1.0, since / lasts) ** 0.8
            faded = max(0.0, 1 - max(0.0, since - lasts) / fades)
            drawn = (along <= tip) * np.clip(1 - (tip - along) / 0.75, 0, 1) ** 1.2 * faded**1.5
            side = 1 if k % 2 == 0 else -1
            angle = turns[k] + side * sweep * (along - 0.5)
            bow = 1 + 0.10 * np.sin(along * math.pi)
            x = middle[0] + radius * bow * np.cos(angle)
            y = middle[1] + radius * 0.72 * bow * np.sin(angle)
            # Broad in the middle of the stroke, a point at both ends.
            wide = np.sin(np.clip(along, 0, 1) * math.pi) ** 0.7
            for part, size, bright in ((core, 0.0042, 5.0), (halo, 0.022, 0.42)):
                part[:, X], part[:, Y] = x, y
                part[:, ANGLE] = np.arctan2(np.gradient(y), np.gradient(x))
                part[:, LONG] = radius * sweep / PIECES * 2.2 + size * height * 0.4
                part[:, WIDE] = size * height * wide * (0.4 + params["width"] / 60)
                part[:, SOFT] = 1.0
                part[:, COVER] = bright * params["opacity"] / 100 * drawn
            core[:, RED : BLUE + 1] = 0.45 + 0.55 * colour
            halo[:, RED : BLUE + 1] = colour
            shine(light, made)
        yield glowing(light)


def energy(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: a ball of light with arcs in it and sparks that leave it."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    seconds = form["frames"] / fps
    colour = np.array(COLOURS[params["colour"]], np.float32)
    radius = height * (0.03 + 0.22 * params["size"] / 100)
    middle = (width * params["x"] / 100, height * params["y"] / 100)
    pace = params["speed"] / 100
    flow = Flow(
        width,
        height,
        radius * 0.55,
        seconds=seconds,
        seed=form["seed"],
        change=1.6 * pace,
        octaves=4,
        warp=1.4,
        coarse=5,
    )
    columns, rows = flow.size
    x = (np.arange(columns, dtype=np.float32)[None, :] + 0.5) * (width / columns) - np.float32(middle[0])
    y = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) * (height / rows) - np.float32(middle[1])
    away = np.sqrt(x * x + y * y) / np.float32(radius)
    count = round(10 + 130 * params["sparks"] / 100)
    life = Lives.over(count, form["frames"], fps, 0.5 + 0.6 * np.random.default_rng(form["seed"]).random(count), 3)
    made = shapes(count)
    made[:, SOFT] = 0.9
    made[:, RED : BLUE + 1] = 0.4 + 0.6 * colour
    strong = params["opacity"] / 100
    for n in range(form["frames"]):
        noise = flow.at(n / form["frames"])
        arcs = np.exp(-np.abs(noise) * 26) * smooth(1.30, 0.55, away + 0.5 * noise)
        body = np.exp(-((away * 2.1) ** 2)) * (0.8 + 1.2 * noise) + 0.30 * np.exp(-((away * 1.05) ** 2))
        beat = 0.88 + 0.12 * math.sin(2 * math.pi * n / form["frames"] * max(1, round(2 * pace * seconds)))
        small = strong * beat * (
            (3.2 * arcs + 2.4 * np.exp(-(away * 4.2) ** 2))[..., None] * (0.5 + 0.5 * colour)
            + 1.5 * body[..., None] * colour
        )  # fmt: skip
        calm = np.asarray(cv2.GaussianBlur(small.astype(np.float32), (0, 0), 0.6), np.float32)
        light = full(calm, width, height)
        age, chance = life.at(n)
        angle, out = 2 * math.pi * chance[:, 0], radius * (0.35 + (0.6 + 1.1 * chance[:, 1]) * age**0.7)
        made[:, X], made[:, Y] = middle[0] + out * np.cos(angle), middle[1] + out * np.sin(angle) - 0.3 * radius * age
        made[:, ANGLE] = angle
        made[:, LONG], made[:, WIDE] = height * 0.006 * (1.2 - age), height * 0.0011
        made[:, COVER] = 6 * strong * shown(age, 0.1, 0.6)
        shine(light, made)
        yield glowing(light)
