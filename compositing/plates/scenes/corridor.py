"""A hotel corridor: doors to both sides, lamps between them, a window at its end."""

import math
from typing import Any

import numpy as np

from compositing.plates.patterns import MARBLE, RUG, WALLPAPER
from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, STARS, Scenery
from compositing.plates.scenes.dressing import dressed
from compositing.plates.scenes.furniture import AMBER, plant
from compositing.plates.scenes.rooms import (
    back_wall,
    back_window,
    door_side,
    downlight,
    drape,
    sconce,
    side_wall,
    tint,
    vase,
)
from compositing.plates.stage import Stage, Wishes, air_and_key, set_lamp, side_of
from compositing.plates.surfaces import PICTURE, WOOD

HALF, BACK, TALL, BAY = 1.12, 23.0, 2.55, 3.6  # half the width, length, height, metres from door to door
LEVELS = {"day": (0.07, 1.45), "golden": (0.16, 0.85), "night": (0.62, 0.45), "storm": (0.10, 1.65)}
# Light of the rooms beside: it falls through the panes over the doors.
PANES = {"day": (1.9, 2.15, 2.4), "golden": (4.2, 2.0, 0.72), "night": (0.0, 0.0, 0.0), "storm": (0.34, 0.44, 0.56)}


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The corridor for these settings (see families/corridor.py)."""
    rng = np.random.default_rng(seed)
    flip = side_of(rng, params, 1.0)
    turn = flip * 0.035 + math.radians(params["camera_turn"])
    sky, key = air_and_key(params, seed, flip * 0.35, turn, indoors=True)
    sky[HAZE_FROM], sky[STARS] = BACK, 0.0
    sky[HAZE_NEAR] = 0.00008 * params["haze"]
    level, stops = LEVELS[params["light"]]
    s = Scenery(sky)
    wall, wood, carpet = [
        ((0.42, 0.35, 0.26), (0.13, 0.06, 0.035), (0.13, 0.035, 0.04)),
        ((0.30, 0.34, 0.33), (0.07, 0.045, 0.035), (0.05, 0.075, 0.10)),
        ((0.46, 0.40, 0.33), (0.20, 0.11, 0.06), (0.10, 0.09, 0.05)),
    ][int(rng.integers(3))]
    _shell(s, wall, wood, carpet)
    lit = params["lamps"] / 100
    pane = np.array(PANES[params["light"]]) * (0.6 if params["weather"] != "clear" else 1.0)
    # a low sun reaches the rooms of one side alone
    _sides(s, rng, wood, lit, level, pane, (0.12 if flip > 0 else 1.0, 1.0 if flip > 0 else 0.12)
           if params["light"] == "golden" else (1.0, 1.0))  # fmt: skip
    _ceiling(s, rng, lit, level)
    _end(s, rng, params["light"], wall, wood)
    clutter = params["clutter"] / 100
    if clutter > 0.15:
        _console(s, rng, flip * (HALF - 0.17), 2 * BAY + 1.9)
    if clutter > 0.45:
        _trolley(s, rng, -flip * (HALF - 0.4), BAY * 1.0 + 2.3)
    if clutter > 0.6:
        plant(s, rng, (-flip * (HALF - 0.25), 0.0, 3 * BAY + 1.6), 0.9)
    camera = Camera((-flip * 0.28, params["camera_height"] / 100, 0.0), turn, params["lens"], params["horizon"] / 100)
    dressed(s, params, seed, half=HALF, back=BACK, tall=TALL)
    set_lamp(s, key, camera, params, half=HALF, back=BACK, tall=TALL)
    wishes = Wishes(
        stops + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.11, params["light"]
    )
    return Stage(s, camera, wishes, key)


def _shell(s: Scenery, wall: tuple[float, ...], wood: tuple[float, ...], carpet: tuple[float, ...]) -> None:
    paint, skirt = tint(np.array(wall), 1.0), tint(np.array(wood), 1.0)
    s.box((-HALF, -0.2, -4), (HALF, 0, BACK), tint(np.array(carpet), 1.0), surface=RUG, a=0.55, b=0.08, texel_m=0.1)
    s.box((-HALF, TALL, -4), (HALF, TALL + 0.3, BACK), (0.66, 0.64, 0.6), texel_m=0.12)
    for out in (-1.0, 1.0):
        side_wall(s, out * HALF, out, -4, BACK, TALL, [], paint, surface=WALLPAPER, a=0.24, b=0.92, texel_m=0.1)
        x0, x1 = sorted((out * HALF, out * (HALF - 0.018)))
        s.box((x0, 0, -4), (x1, 0.12, BACK), skirt, texel_m=0.12)
        s.box((x0, 0.9, -4), (x1, 0.96, BACK), skirt, texel_m=0.12)
        s.box((x0, TALL - 0.09, -4), (x1, TALL, BACK), (0.62, 0.6, 0.56), texel_m=0.12)
    s.box((-HALF, 0, -4.2), (HALF, TALL, -4), paint, texel_m=0.3)


def _sides(
    s: Scenery, rng: np.random.Generator, wood: tuple[float, ...], lit: float, level: float, pane: np.ndarray,
    shares: tuple[float, float],
) -> None:  # fmt: skip
    leaf, trim = tint(np.array(wood), 1.25), tint(np.array(wood), 0.8)
    bays = list(np.arange(0.6, BACK - 2.0, BAY))
    on = rng.permutation(2 * len(bays)) < round(lit * 2 * len(bays))
    for n, z in enumerate(bays):
        for j, out in enumerate((-1.0, 1.0)):
            start = float(z) + (0.0 if out < 0 else BAY * 0.08)
            door_side(s, out * HALF, out, start, 0.92, 2.1, leaf, trim, handle=float(rng.choice([-1.0, 1.0])))
            s.box(
                (out * HALF - 0.012, 1.55, start - 0.24), (out * HALF + 0.012, 1.68, start - 0.13), (0.6, 0.48, 0.25),
                shine=0.2, rough=0.4, texel_m=0.2,
            )  # fmt: skip
            _fanlight(s, out, start, leaf, pane * shares[j])
            sconce(s, out * HALF, out, 1.72, start + 2.2, level * 0.9 if on[2 * n + j] else 0.0)
            if rng.random() < 0.55:
                x0, x1 = sorted((out * HALF, out * (HALF - 0.03)))
                s.box((x0, 1.25, start + 1.45), (x1, 1.95, start + 1.95), (0.6, 0.55, 0.45), surface=PICTURE,
                      seed=int(rng.integers(99)), texel_m=0.12)  # fmt: skip


def _fanlight(s: Scenery, out: float, z: float, frame: tuple[float, float, float], light: np.ndarray) -> None:
    """A pane over a door, and what comes through it."""
    face = out * (HALF - 0.012)
    low, high = sorted((face, out * HALF))
    s.box((low, 2.19, z), (high, 2.45, z + 0.92), (0.16, 0.17, 0.18), glow=tint(light, 1.0), shine=0.05, texel_m=0.3)
    for y0, y1 in ((2.16, 2.19), (2.45, 2.48)):
        low, high = sorted((out * (HALF - 0.03), out * HALF))
        s.box((low, y0, z - 0.04), (high, y1, z + 0.96), frame, texel_m=0.3)
    if light.max() > 0:
        x = out * (HALF - 0.06)
        s.lamp((x, 2.2, z + 0.1), (x, 2.44, z + 0.82), tint(light, 0.34), down=1.0, reach=5.0,
               aim=(-out * 0.8, -0.6, 0.0))  # fmt: skip


def _ceiling(s: Scenery, rng: np.random.Generator, lit: float, level: float) -> None:
    spots = list(np.arange(1.4, BACK - 0.5, BAY / 2))
    on = rng.permutation(len(spots)) < round(lit * len(spots))
    for k, z in enumerate(spots):
        downlight(s, 0.0, TALL, float(z), level * 0.7 if on[k] else 0.0)
    for out in (-1.0, 1.0):
        x = out * (HALF - 0.2)
        glow = tint(AMBER, 1.1 * level * lit)
        s.box((x - 0.05, TALL - 0.05, -3), (x + 0.05, TALL - 0.03, BACK - 0.4), (0.5, 0.5, 0.5), texel_m=0.3)
        s.box((x - 0.03, TALL - 0.028, -3), (x + 0.03, TALL - 0.02, BACK - 0.4), (0.5, 0.5, 0.5), glow=glow,
              texel_m=0.3)  # fmt: skip


def _end(s: Scenery, rng: np.random.Generator, light: str, wall: tuple[float, ...], wood: tuple[float, ...]) -> None:
    """A tall window with drawn-back curtains and a table of marble before it."""
    hole = (-0.62, 0.62, 0.35, 2.25)
    back_wall(s, BACK, -HALF, HALF, TALL, [hole], tint(np.array(wall), 1.0), texel_m=0.1)
    back_window(s, BACK, hole, (0.55, 0.53, 0.5), (2, 3))
    sheer = {"day": (4.2, 4.5, 4.9), "golden": (6.0, 3.1, 1.2), "night": (0.03, 0.04, 0.08),
             "storm": (0.42, 0.52, 0.64)}[light]  # fmt: skip
    drape(s, (-0.6, 0.05, BACK - 0.05), (0.6, 2.3, BACK - 0.03), (0.6, 0.58, 0.55), 3, fold=0.1, glow=sheer)
    cloth = tint(np.array(wood), 1.7)
    for x in (-0.92, 0.92):
        drape(s, (x - 0.2, 0.03, BACK - 0.13), (x + 0.2, 2.38, BACK - 0.07), cloth, 7, fold=0.09)
    if max(sheer) > 0.1:
        s.lamp((-0.5, 0.6, BACK - 0.2), (0.5, 2.1, BACK - 0.2), tint(np.array(sheer), 0.9), reach=14.0)
    s.cylinder((0, 0, BACK - 0.55), 0.06, 0.7, (0.1, 0.07, 0.05), texel_m=0.15)
    s.cylinder((0, 0.7, BACK - 0.55), 0.3, 0.03, (0.6, 0.58, 0.55), surface=MARBLE, a=2.0, shine=0.06, texel_m=0.08)
    vase(s, rng, 0.0, 0.73, BACK - 0.55, 0.4, (0.2, 0.3, 0.34))


def _console(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    s.box((x - 0.16, 0.76, z - 0.55), (x + 0.16, 0.8, z + 0.55), (0.16, 0.08, 0.045), surface=WOOD, shine=0.04,
          texel_m=0.08)  # fmt: skip
    for d in (-0.48, 0.48):
        s.box((x - 0.13, 0, z + d - 0.025), (x + 0.13, 0.76, z + d + 0.025), (0.1, 0.05, 0.03), texel_m=0.12)
    vase(s, rng, x, 0.8, z - 0.2, 0.36, (0.55, 0.52, 0.48))
    for k in range(3):
        s.box((x - 0.09, 0.8 + k * 0.035, z + 0.12), (x + 0.09, 0.833 + k * 0.035, z + 0.38),
              tint(rng.uniform(0.1, 0.5, 3), 1.0), texel_m=0.1)  # fmt: skip


def _trolley(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    """A housekeeping trolley: linen folded on it, a bag at its end."""
    for y in (0.25, 0.62, 0.98):
        s.box((x - 0.24, y, z - 0.42), (x + 0.24, y + 0.03, z + 0.42), (0.3, 0.29, 0.27), texel_m=0.1)
    for dx in (-0.22, 0.22):
        for dz in (-0.4, 0.4):
            s.cylinder((x + dx, 0.08, z + dz), 0.015, 0.95, (0.5, 0.5, 0.5), shine=0.2, texel_m=0.3)
            s.ellipsoid((x + dx, 0.05, z + dz), (0.03, 0.05, 0.05), (0.03, 0.03, 0.03), texel_m=0.3)
    for y in (0.28, 0.65, 1.01):
        for k in range(3):
            high = float(rng.uniform(0.1, 0.28))
            s.box((x - 0.2, y, z - 0.38 + 0.26 * k), (x + 0.2, y + high, z - 0.16 + 0.26 * k), (0.7, 0.69, 0.66),
                  texel_m=0.08)  # fmt: skip
    drape(s, (x - 0.22, 0.2, z - 0.72), (x + 0.22, 0.98, z - 0.45), (0.5, 0.46, 0.38), 4, fold=0.12)
