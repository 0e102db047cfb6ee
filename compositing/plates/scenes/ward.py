"""A hospital ward: beds in a row between curtains, a bright ceiling, the window at the far end."""

import math
from typing import Any

import numpy as np

from compositing.plates.patterns import QUILT
from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, LIT_SHARE, STARS, WARM, Colour, Scenery
from compositing.plates.scenes.dressing import RISES, dressed
from compositing.plates.scenes.furniture import AMBER, BLACK
from compositing.plates.scenes.rooms import back_wall, back_window, door_side, drape, light_panel, side_wall, tint, vase
from compositing.plates.scenes.skyline import tower
from compositing.plates.stage import Stage, Wishes, air_and_key, set_lamp, side_of
from compositing.plates.surfaces import CEILING, SCREEN, SOFT_LAMP, TILES

HALF, BACK, TALL = 2.7, 9.0, 2.85  # half the width, how far the window lies, height; metres
LEVELS = {"day": (0.30, 1.15), "golden": (0.16, 0.95), "night": (0.50, 0.15), "storm": (0.11, 1.75)}
SOFT = AMBER + np.array([0, 0.2, 0.35])
COLD = np.array([0.90, 0.98, 1.0])
RAIL: Colour = (0.45, 0.46, 0.47)


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The ward for these settings (see families/ward.py)."""
    rng = np.random.default_rng(seed)
    flip = side_of(rng, params, -1.0 if params["light"] in ("day", "golden") else 1.0)  # the side of the beds
    turn = flip * 0.17 + math.radians(params["camera_turn"])
    sky, key = air_and_key(params, seed, -flip * 0.5, turn, indoors=True)
    sky[HAZE_FROM], sky[STARS] = BACK, 0.0
    sky[HAZE_NEAR] = 0.00008 * params["haze"]
    level, stops = LEVELS[params["light"]]
    lamps, clutter = params["lamps"] / 100, params["clutter"] / 100
    s = Scenery(sky)
    s.rise = RISES[params["period"]]
    cloth = [(0.32, 0.50, 0.47), (0.30, 0.42, 0.56), (0.55, 0.50, 0.42)][int(rng.integers(3))]
    _shell(s, cloth)
    _ceiling(s, rng, lamps, level)
    for k, z in enumerate((2.5, 5.1, 7.4)):
        _bed(s, rng, flip, z, level, clutter, occupied=k == 1, lamp=lamps > 0.05 and rng.random() < 0.6)
        _curtain(s, rng, flip, z + 1.25, cloth)
    _other_side(s, rng, flip, clutter)
    _outside(s, rng, 0.6 * float(sky[LIT_SHARE]), params["light"] in ("night", "storm"))
    sky[WARM : WARM + 6] *= 1.5
    camera = Camera((-flip * 1.1, params["camera_height"] / 100, 0.0), turn, params["lens"], params["horizon"] / 100)
    dressed(s, params, seed, half=HALF, back=BACK, tall=TALL)
    set_lamp(s, key, camera, params, half=HALF, back=BACK, tall=TALL)
    wishes = Wishes(
        stops + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.10, params["light"]
    )
    return Stage(s, camera, wishes, key)


def _shell(s: Scenery, cloth: Colour) -> None:
    wall = (0.62, 0.62, 0.59)
    s.box((-HALF, -0.2, -3), (HALF, 0, BACK), (0.42, 0.43, 0.42), surface=TILES, a=0.6, shine=0.06, rough=0.35, seed=2,
          texel_m=0.12)  # fmt: skip
    s.box((-HALF, TALL, -3), (HALF, TALL + 0.2, BACK), (0.66, 0.66, 0.64), surface=CEILING, texel_m=0.12)
    for out in (-1.0, 1.0):
        side_wall(s, out * HALF, out, -3, BACK, TALL, [], wall, texel_m=0.1)
        x0, x1 = sorted((out * HALF, out * (HALF - 0.012)))
        s.box((x0, 0, -3), (x1, 1.12, BACK), tint(cloth, 0.75), texel_m=0.1)
        x0, x1 = sorted((out * HALF, out * (HALF - 0.05)))
        s.box((x0, 0.86, -3), (x1, 0.98, BACK), (0.42, 0.33, 0.22), texel_m=0.15)
        s.box((x0, 0, -3), (x1, 0.1, BACK), (0.2, 0.2, 0.2), texel_m=0.2)
    s.box((-HALF, 0, -3.2), (HALF, TALL, -3), wall, texel_m=0.3)
    hole = (-2.0, 2.0, 0.95, 2.5)
    back_wall(s, BACK, -HALF, HALF, TALL, [hole], wall, texel_m=0.1)
    back_window(s, BACK, hole, (0.6, 0.61, 0.62), (4, 1))
    # half-lowered blinds: thin slats
    for k in range(14):
        y = 2.46 - k * 0.042
        s.box((-1.96, y, BACK - 0.05), (0.3, y + 0.006, BACK - 0.015), (0.66, 0.66, 0.64), texel_m=0.6)


def _ceiling(s: Scenery, rng: np.random.Generator, lamps: float, level: float) -> None:
    places = [(x, z) for z in (0.6, 3.0, 5.4, 7.8) for x in (-1.35, 1.35)]
    on = rng.permutation(len(places)) < round(lamps * len(places))
    for k, (x, z) in enumerate(places):
        light_panel(s, x, TALL, z, (0.3, 0.6), tint(COLD, 0.85 * level) if on[k] else (0.0, 0.0, 0.0))
    for z in (1.8, 4.2, 6.6):
        s.box((-0.2, TALL - 0.012, z - 0.2), (0.2, TALL, z + 0.2), (0.4, 0.4, 0.4), texel_m=0.3)


def _bed(
    s: Scenery, rng: np.random.Generator, flip: float, z: float, level: float, clutter: float, *, occupied: bool,
    lamp: bool,
) -> None:  # fmt: skip
    """A bed on wheels with its head at the side wall; rails, cabinet, drip, monitor, lamp over it."""
    wall = flip * HALF
    head, foot = wall - flip * 0.14, wall - flip * 2.15
    low, high = sorted((head, foot))
    s.box((low, 0.42, z - 0.45), (high, 0.5, z + 0.45), (0.4, 0.41, 0.42), texel_m=0.12)
    s.box((low + 0.03, 0.5, z - 0.43), (high - 0.03, 0.64, z + 0.43), (0.68, 0.68, 0.67), surface=QUILT, texel_m=0.07)
    x0, x1 = sorted((head - flip * 0.62, foot + flip * 0.06))
    s.box((x0, 0.62, z - 0.46), (x1, 0.72, z + 0.46), (0.58, 0.63, 0.66), surface=QUILT, seed=int(z), texel_m=0.07)
    if occupied:
        for k in range(4):
            s.ellipsoid((head - flip * (0.75 + 0.32 * k), 0.73, z + 0.02 * k), (0.26, 0.13 - 0.02 * k, 0.22),
                        (0.58, 0.63, 0.66), surface=QUILT, seed=k, texel_m=0.06)  # fmt: skip
    s.ellipsoid((head - flip * 0.3, 0.73, z), (0.2, 0.09, 0.32), (0.74, 0.74, 0.73), surface=QUILT, seed=4,
                texel_m=0.05)  # fmt: skip
    for x, tall in ((head, 1.05), (foot, 0.92)):
        s.box((x - 0.02, 0.5, z - 0.45), (x + 0.02, tall, z + 0.45), (0.50, 0.42, 0.30), texel_m=0.1)
    for side in (-0.49, 0.49):
        x0, x1 = sorted((head - flip * 0.5, head - flip * 1.35))
        for y in (0.72, 0.86):
            s.box((x0, y, z + side - 0.012), (x1, y + 0.03, z + side + 0.012), RAIL, shine=0.15, texel_m=0.3)
        for x in np.linspace(x0, x1, 4):
            s.box((x - 0.012, 0.5, z + side - 0.012), (x + 0.012, 0.88, z + side + 0.012), RAIL, texel_m=0.3)
    for x in (head - flip * 0.2, foot + flip * 0.2):
        for side in (-0.38, 0.38):
            s.cylinder((x, 0.08, z + side), 0.02, 0.34, RAIL, texel_m=0.3)
            s.ellipsoid((x, 0.06, z + side), (0.06, 0.06, 0.025), BLACK, texel_m=0.3)
    # the service panel over the head: a strip of light, sockets
    x0, x1 = sorted((wall, wall - flip * 0.09))
    s.box((x0, 1.5, z - 0.75), (x1, 1.68, z + 0.75), (0.66, 0.67, 0.68), texel_m=0.12)
    on = level if lamp else 0.0
    s.box((x0, 1.685, z - 0.6), (x1, 1.7, z + 0.6), (0.6, 0.6, 0.6), glow=tint(SOFT, 3.2 * on),
          surface=SOFT_LAMP, texel_m=0.3)  # fmt: skip
    if on:
        at = wall - flip * 0.1
        s.lamp((at, 1.75, z - 0.5), (at, 1.75, z + 0.5), tint(SOFT, 0.55 * on), reach=5.0)
    # cabinet and what lies on it
    x, cz = wall - flip * 0.3, z + 0.78
    s.box((x - 0.22, 0.08, cz - 0.2), (x + 0.22, 0.8, cz + 0.2), (0.55, 0.50, 0.42), texel_m=0.08)
    for y in (0.34, 0.58):
        s.box(
            (x - flip * 0.222 - 0.004, y, cz - 0.17),
            (x - flip * 0.222 + 0.004, y + 0.01, cz + 0.17),
            BLACK,
            texel_m=0.3,
        )
    s.cylinder((x, 0.8, cz - 0.08), 0.035, 0.1, (0.6, 0.64, 0.68), shine=0.05, texel_m=0.1)
    if rng.random() < 0.35 + 0.5 * clutter:
        vase(s, rng, x, 0.8, cz + 0.08, 0.22, (0.55, 0.6, 0.62))
    # drip
    dx, dz = wall - flip * 0.45, z - 0.68
    for k in range(5):
        a = 2 * math.pi * k / 5
        s.add(0, (dx + 0.13 * math.cos(a), 0.05, dz - 0.13 * math.sin(a)), (0.14, 0.015, 0.015), RAIL, turn=a,
              texel_m=0.4)  # fmt: skip
    s.cylinder((dx, 0.05, dz), 0.012, 1.95, RAIL, shine=0.15, texel_m=0.4)
    s.box((dx - 0.13, 1.98, dz - 0.008), (dx + 0.13, 2.0, dz + 0.008), RAIL, texel_m=0.4)
    s.ellipsoid((dx + 0.11, 1.82, dz), (0.06, 0.12, 0.03), (0.62, 0.66, 0.66), shine=0.05, texel_m=0.1)
    s.cylinder((dx + 0.11, 1.0, dz), 0.004, 0.72, (0.6, 0.6, 0.58), texel_m=0.5)
    # monitor on an arm
    mx = wall - flip * 0.28
    s.box((min(mx, wall), 1.95, z - 0.42), (max(mx, wall), 1.98, z - 0.38), RAIL, texel_m=0.3)
    turn = flip * -0.5 * math.pi * 0.72
    s.add(0, (mx, 1.95, z - 0.4), (0.17, 0.13, 0.03), (0.55, 0.55, 0.54), turn=turn, texel_m=0.15)
    s.add(0, (mx - flip * 0.03, 1.95, z - 0.42), (0.145, 0.105, 0.012), BLACK, turn=turn, surface=SCREEN, seed=2,
          glow=(0.25, 1.0, 0.55) if rng.random() < 0.75 else (0.0, 0.0, 0.0), texel_m=0.2)  # fmt: skip


def _curtain(s: Scenery, rng: np.random.Generator, flip: float, z: float, cloth: Colour) -> None:
    """A rail in the ceiling and a curtain on it, drawn part of the way."""
    wall = flip * HALF
    reach = float(rng.uniform(0.35, 0.75)) * 2.3
    x0, x1 = sorted((wall - flip * 2.35, wall))
    s.box((x0, TALL - 0.5, z - 0.012), (x1, TALL - 0.48, z + 0.012), RAIL, texel_m=0.4)
    for x in (x0, x1):
        s.cylinder((x, TALL - 0.48, z), 0.008, 0.48, RAIL, texel_m=0.5)
    x0, x1 = sorted((wall - flip * 0.03, wall - flip * reach))
    drape(s, (x0, 0.32, z - 0.04), (x1, TALL - 0.5, z + 0.04), cloth, int(z * 10), fold=0.11)


def _other_side(s: Scenery, rng: np.random.Generator, flip: float, clutter: float) -> None:
    wall = -flip * HALF
    door_side(s, wall, -flip, 2.9, 1.1, 2.15, (0.50, 0.42, 0.30), (0.42, 0.43, 0.44))
    x0, x1 = sorted((wall, wall + flip * 0.5))
    s.box((x0, 0.1, 4.9), (x1, 0.88, 6.4), (0.62, 0.62, 0.6), texel_m=0.1)
    s.box((x0, 0.88, 4.88), (x1, 0.92, 6.42), (0.5, 0.5, 0.5), shine=0.05, texel_m=0.1)
    for k in range(2 + round(5 * clutter)):
        z = 5.05 + 0.22 * k
        x, high = wall + flip * 0.25, float(rng.uniform(0.08, 0.25))
        hue = tint(rng.uniform(0.2, 0.65, 3), 1.0)
        s.box((x - 0.07, 0.92, z - 0.06), (x + 0.07, 0.92 + high, z + 0.06), hue, texel_m=0.1)
    if clutter > 0.3:
        x, z = wall + flip * 0.55, 7.3
        for dx in (-0.2, 0.2):
            for dz in (-0.2, 0.2):
                s.cylinder((x + dx, 0, z + dz), 0.014, 0.44, RAIL, texel_m=0.3)
        s.box((x - 0.23, 0.44, z - 0.23), (x + 0.23, 0.48, z + 0.23), (0.2, 0.3, 0.42), texel_m=0.1)
        s.box(
            (x - flip * 0.22 - 0.02, 0.48, z - 0.23),
            (x - flip * 0.22 + 0.02, 0.9, z + 0.23),
            (0.2, 0.3, 0.42),
            texel_m=0.1,
        )


def _outside(s: Scenery, rng: np.random.Generator, lit: float, dark: bool) -> None:
    ground = -18.0
    s.box((-300, ground - 1, 20), (300, ground, 600), (0.08, 0.09, 0.07), texel_m=40.0)
    for z in (60.0, 95.0, 150.0, 240.0):
        x = -20 - z * 0.5
        while x < 20 + z * 0.5:
            wide = float(rng.uniform(14, 26))
            if rng.random() < 0.7:
                tower(s, rng, (x, ground, z + float(rng.uniform(-8, 8))), (wide, float(rng.uniform(14, 38)), 14.0), lit,
                      beacons=dark, texel_m=8.0)  # fmt: skip
            x += wide + float(rng.uniform(4, 14))
