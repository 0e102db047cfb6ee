"""Snow, petals and leaves, dust in a beam, embers: small things at many distances, each on its own way."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from compositing.effects.lives import Lives, Numbers, in_half, shown
from compositing.effects.shapes import (
    ANGLE,
    BLUE,
    COVER,
    GREEN,
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
NEAREST_M, FARTHEST_M, FOCUS_M = 0.7, 9.0, 3.0
LENS_M = 0.010  # of the height: how strongly what is out of focus spreads; a 50 mm lens at f/2.4
SNOW_M_S = 1.1  # Source: Locatelli and Hobbs (1974), aggregates of 2 to 6 mm fall 0.8 to 1.4 m/s
SNOW_COLOUR = (0.93, 0.95, 0.98)
PETALS = {  # sRGB of one side and the other
    "cherry": ((0.96, 0.80, 0.85), (0.90, 0.62, 0.72)),
    "plum": ((0.80, 0.14, 0.24), (0.55, 0.06, 0.14)),
    "ginkgo": ((0.94, 0.76, 0.22), (0.78, 0.55, 0.10)),
    "maple": ((0.82, 0.25, 0.10), (0.55, 0.13, 0.07)),
    "paper": ((0.93, 0.90, 0.82), (0.74, 0.71, 0.62)),
}
DUST = {"warm": (1.0, 0.80, 0.52), "cool": (0.62, 0.78, 1.0), "white": (1.0, 0.97, 0.92)}  # linear light


def snow(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: flakes that sink and sway."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    distance = _distances(round(60 + 2600 * (params["density"] / 100) ** 1.3), params["near"], form["seed"])
    fall = SNOW_M_S * params["speed"] / 100 / distance * height  # px a second
    path = height * 1.15
    life = Lives.over(len(distance), form["frames"], fps, path / fall, form["seed"] + 1)
    loop = form["frames"] / fps
    # One that is too slow to cross the picture within the loop comes and goes on its way.
    crosses = path / fall < 1.5 * loop
    gone = np.where(crosses, path, fall * loop * life.seconds)
    wind = math.tan(math.radians(0.6 * params["wind"]))
    made = shapes(len(distance))
    spread = np.abs(1 / distance - 1 / FOCUS_M) * LENS_M * height
    size = np.hypot(0.0052 * height / distance * (0.6 + 0.8 * life.own[:, 0]), spread)
    made[:, LONG] = made[:, WIDE] = np.maximum(size, 0.35 * height / 1920)
    made[:, RED], made[:, GREEN], made[:, BLUE] = SNOW_COLOUR
    made[:, SOFT] = np.clip(0.9 - spread / np.maximum(size, 1e-6) * 0.5, 0.3, 1)
    clear = np.clip(0.0052 * height / distance / np.maximum(size, 1e-6), 0.10, 1) ** 0.7
    strength = params["opacity"] / 100 * clear * np.exp(-distance / 30) * in_half(distance, params)
    picture = np.zeros((height, width, 4), np.float32)
    for n in range(form["frames"]):
        age, chance = life.at(n)
        way = age * gone
        start = np.where(crosses, -0.08 * height, chance[:, 1] * (height + gone) - gone)
        sway = np.sin(2 * math.pi * (age * (1 + np.rint(life.own[:, 1] * 2)) + life.own[:, 2]))
        made[:, Y] = start + way
        made[:, X] = (
            chance[:, 0] * (width * 1.5) - 0.25 * width + wind * (way - gone / 2) + sway * 0.03 * height / distance
        )
        made[:, COVER] = strength * np.where(crosses, 1, shown(age, 0.2, 0.2))
        picture[:] = 0
        lay(picture, made)
        yield covered(picture)


def petals(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: petals or leaves that tumble down the wind."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    distance = _distances(round(8 + 330 * (params["density"] / 100) ** 1.2), params["near"], form["seed"], 6.5)
    face, back = (np.array(one) for one in PETALS[params["kind"]])
    fall = 1.0 * params["speed"] / 100 / distance * height
    path = height * 1.25
    life = Lives.over(len(distance), form["frames"], fps, path / fall, form["seed"] + 1)
    loop = form["frames"] / fps
    crosses = path / fall < 1.5 * loop
    gone = np.where(crosses, path, fall * loop * life.seconds)
    wind = math.tan(math.radians(0.65 * params["wind"]))
    made = shapes(len(distance))
    spread = np.abs(1 / distance - 1 / FOCUS_M) * LENS_M * height
    size = 0.021 * params["size"] / 100 * height / distance * (0.7 + 0.6 * life.own[:, 0])
    made[:, SOFT] = np.clip(spread / np.maximum(size, 1e-6), 0, 1)
    thin = np.clip(size / (size + 0.7 * spread), 0.2, 1) * in_half(distance, params)
    order = np.argsort(-distance)
    picture = np.zeros((height, width, 4), np.float32)
    for n in range(form["frames"]):
        age, chance = life.at(n)
        way = age * gone
        start = np.where(crosses, -0.12 * height, chance[:, 1] * (height + gone) - gone)
        turns = 2 * math.pi * np.rint(1 + 3 * life.own[:, 1])
        tumble = np.cos(age * turns + 2 * math.pi * life.own[:, 2])
        made[:, Y] = start + way
        swing = np.sin(age * turns * 0.5 * 2 + 2 * math.pi * life.own[:, 3]) * 0.05 * height / distance
        made[:, X] = chance[:, 0] * (width * 1.7) - 0.35 * width + wind * (way - gone / 2) + swing
        made[:, LONG] = size + spread
        made[:, WIDE] = size * np.maximum(0.62 * np.abs(tumble), 0.1) + spread
        made[:, ANGLE] = 2 * math.pi * life.own[:, 4] + 2.2 * np.sin(age * turns + life.own[:, 5] * 6)
        side = np.where(tumble[:, None] > 0, face, back) * (0.72 + 0.28 * np.abs(tumble[:, None]))
        made[:, RED : BLUE + 1] = side
        made[:, COVER] = params["opacity"] / 100 * thin * np.where(crosses, 1, shown(age, 0.2, 0.2))
        picture[:] = 0
        lay(picture, made[order])
        yield covered(picture)


def dust(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: motes that hang in light, twinkling as they turn."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    distance = _distances(round(40 + 900 * (params["density"] / 100) ** 1.2), params["near"], form["seed"], 5.0)
    count = len(distance)
    life = Lives.over(count, form["frames"], fps, 3.0 + 4.0 * np.random.default_rng(form["seed"]).random(count), 7)
    made = shapes(count)
    spread = np.abs(1 / distance - 1 / 1.8) * 0.012 * height
    size = np.hypot(0.0019 * height / distance, spread) + 0.7 * height / 1920
    made[:, LONG] = made[:, WIDE] = size
    made[:, SOFT] = np.clip(1.1 - size / (0.010 * height), 0.15, 1)
    made[:, RIM] = np.clip(size / (0.012 * height) - 0.3, 0, 0.55)
    made[:, RED : BLUE + 1] = DUST[params["colour"]]
    bright = 4.0 * params["opacity"] / 100 * np.clip(3.4 * height / 1920 / size, 0.05, 1.0) ** 1.2
    bright = bright * in_half(distance, params)
    pace = params["speed"] / 100 * (form["frames"] / fps) * life.seconds * height / distance
    light = np.zeros((height, width, 4), np.float32)
    for n in range(form["frames"]):
        age, chance = life.at(n)
        bend = np.sin(2 * math.pi * (age * 1.5 + life.own[:, 0]))
        made[:, X] = chance[:, 0] * width * 1.1 - 0.05 * width + pace * (
            (chance[:, 2] - 0.5) * 0.16 * age + 0.012 * bend + 0.10 * params["wind"] / 100 * age
        )  # fmt: skip
        made[:, Y] = (
            chance[:, 1] * height * 1.1 - 0.05 * height + pace * ((chance[:, 3] - 0.6) * 0.12 * age + 0.01 * bend)
        )
        twinkle = 0.55 + 0.45 * np.sin(2 * math.pi * (age * np.rint(2 + 6 * life.own[:, 4]) + life.own[:, 5]))
        made[:, COVER] = bright * twinkle * shown(age, 0.3, 0.3)
        light[:] = 0
        shine(light, made)
        yield glowing(light)


def embers(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha: sparks that rise, sway and burn out."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    distance = _distances(round(20 + 560 * (params["density"] / 100) ** 1.2), params["near"], form["seed"], 7.0)
    count = len(distance)
    rng = np.random.default_rng(form["seed"] + 3)
    speed = params["speed"] / 100 * rng.uniform(0.6, 1.6, count) / distance * height  # px a second
    life = Lives.over(count, form["frames"], fps, rng.uniform(1.2, 3.2, count), form["seed"] + 1)
    seconds = life.seconds * form["frames"] / fps
    made = shapes(count)
    spread = np.abs(1 / distance - 1 / FOCUS_M) * LENS_M * height
    body = 0.0034 * height / distance * (0.5 + life.own[:, 0])
    size = np.hypot(body, spread) + 0.4 * height / 1920
    made[:, SOFT], made[:, RIM] = 0.85, np.clip(size / (0.014 * height) - 0.3, 0, 0.4)
    bright = 9.0 * params["opacity"] / 100 * np.clip((body / size) ** 1.3, 0.02, 1) * in_half(distance, params)
    light = np.zeros((height, width, 4), np.float32)

    def place(age: Numbers, chance: Numbers) -> tuple[Numbers, Numbers]:
        turn = 2 * math.pi * (age * (1 + 2 * life.own[:, 1]) + chance[:, 3])
        sway = np.sin(turn) * 0.05 + np.sin(2.7 * turn + chance[:, 4] * 6) * 0.02
        across = 0.10 * height / distance * (sway * 3 * age + 2.2 * params["wind"] / 100 * age * age)
        start_y = height * (1.04 - (0.55 if params["everywhere"] == "yes" else 0.10) * chance[:, 1])
        return chance[:, 0] * width * 1.1 - 0.05 * width + across * 3, start_y - speed * seconds * age * (
            1 - 0.35 * age
        )

    for n in range(form["frames"]):
        age, chance = life.at(n)
        x, y = place(age, chance)
        earlier = np.maximum(age - 0.5 / fps / seconds, 0)
        x0, y0 = place(earlier, chance)
        streak = np.hypot(x - x0, y - y0)
        made[:, X], made[:, Y] = (x + x0) / 2, (y + y0) / 2
        made[:, LONG], made[:, WIDE] = size + streak / 2, size
        made[:, ANGLE] = np.arctan2(y - y0, x - x0)
        hot = np.clip(1 - 0.75 * age, 0, 1)
        made[:, RED], made[:, GREEN], made[:, BLUE] = 1.0, 0.16 + 0.40 * hot**1.5, 0.02 + 0.13 * hot**3
        flicker = 0.7 + 0.3 * np.sin(2 * math.pi * (age * np.rint(5 + 9 * life.own[:, 5]) + life.own[:, 6]))
        made[:, COVER] = bright * flicker * shown(age, 0.08, 0.5) * size / (size + streak / 2)
        light[:] = 0
        shine(light, made)
        yield glowing(light)


def _distances(count: int, near: int, seed: int, farthest: float = FARTHEST_M) -> Numbers:
    """(count,) metres from the lens: most far, as a widening cone holds them; `near` % of one in thirty close by."""
    rng = np.random.default_rng(seed)
    far = farthest * np.sqrt(rng.random(count) * 0.98 + 0.02)
    close = rng.random(count) < near / 100 * 0.06
    return np.asarray(np.where(close, rng.uniform(NEAREST_M, 1.6, count), np.maximum(far, 1.2)), np.float64)
