"""A bedroom: the bed across the room, lamps beside it, curtains and the town at the far wall."""

import math
from typing import Any

import numpy as np

from compositing.plates.patterns import QUILT, RUG, WALLPAPER
from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, LIT_SHARE, STARS, WARM, Scenery
from compositing.plates.scenes.dressing import RISES, dressed
from compositing.plates.scenes.furniture import AMBER, floor_lamp, plant
from compositing.plates.scenes.rooms import back_wall, back_window, drape, side_wall, tint
from compositing.plates.scenes.skyline import tower
from compositing.plates.stage import Stage, Wishes, air_and_key, set_lamp, side_of
from compositing.plates.surfaces import PICTURE, SOFT_LAMP, WOOD

HALF, BACK, TALL = 2.3, 5.4, 2.75  # half the width, how far the window lies, height; metres
LEVELS = {"day": (0.14, 1.75), "golden": (0.20, 0.95), "night": (0.55, 0.80), "storm": (0.15, 1.85)}


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The bedroom for these settings (see families/bedroom.py)."""
    rng = np.random.default_rng(seed)
    flip = side_of(rng, params, -1.0 if params["light"] in ("day", "golden") else 1.0)  # the side of the bed's head
    turn = flip * 0.26 + math.radians(params["camera_turn"])
    sky, key = air_and_key(params, seed, -flip * 0.55, turn, indoors=True)
    sky[HAZE_FROM], sky[STARS] = BACK, 0.0
    sky[HAZE_NEAR] = 0.0001 * params["haze"]
    level, stops = LEVELS[params["light"]]
    s = Scenery(sky)
    s.rise = RISES[params["period"]]
    wall, cloth = [
        ((0.40, 0.37, 0.33), (0.16, 0.20, 0.24)),
        ((0.34, 0.38, 0.40), (0.36, 0.30, 0.24)),
        ((0.42, 0.33, 0.29), (0.30, 0.12, 0.10)),
    ][int(rng.integers(3))]
    lamps = params["lamps"] / 100
    clutter = params["clutter"] / 100
    _shell(s, wall)
    _window(s, params["light"], cloth)
    _bed(s, rng, flip, cloth, clutter)
    _sides(s, rng, flip, lamps, level, clutter)
    _far(s, rng, flip, lamps, level, clutter)
    _outside(s, rng, 0.7 * float(sky[LIT_SHARE]), params["light"] in ("night", "storm"))
    sky[WARM : WARM + 6] *= 1.6
    camera = Camera((-flip * 1.0, params["camera_height"] / 100, 0.0), turn, params["lens"], params["horizon"] / 100)
    dressed(s, params, seed, half=HALF, back=BACK, tall=TALL)
    set_lamp(s, key, camera, params, half=HALF, back=BACK, tall=TALL)
    wishes = Wishes(
        stops + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.11, params["light"]
    )
    return Stage(s, camera, wishes, key)


def _shell(s: Scenery, wall: tuple[float, ...]) -> None:
    paint = tint(np.array(wall), 1.0)
    s.box((-HALF, -0.2, -3), (HALF, 0, BACK), (0.24, 0.14, 0.075), surface=WOOD, a=0.14, b=1.0, seed=5, shine=0.035,
          rough=0.4, texel_m=0.1)  # fmt: skip
    s.box((-HALF, TALL, -3), (HALF, TALL + 0.2, BACK), (0.66, 0.65, 0.62), texel_m=0.12)
    for out in (-1.0, 1.0):
        side_wall(s, out * HALF, out, -3, BACK, TALL, [], paint, surface=WALLPAPER, a=0.3, b=0.0, texel_m=0.1)
        x0, x1 = sorted((out * HALF, out * (HALF - 0.02)))
        s.box((x0, 0, -3), (x1, 0.1, BACK), (0.6, 0.58, 0.55), texel_m=0.15)
    s.box((-HALF, 0, -3.2), (HALF, TALL, -3), paint, texel_m=0.3)
    back_wall(s, BACK, -HALF, HALF, TALL, [(-1.25, 1.25, 0.55, 2.35)], paint, texel_m=0.1)
    s.box((-1.35, 0, 1.2), (1.5, 0.02, 4.3), (0.36, 0.32, 0.28), surface=RUG, a=0.8, b=0.05, texel_m=0.1)


def _window(s: Scenery, light: str, cloth: tuple[float, ...]) -> None:
    back_window(s, BACK, (-1.25, 1.25, 0.55, 2.35), (0.55, 0.54, 0.52), (3, 1))
    s.cylinder((-1.75, 2.5, BACK - 0.14), 0.012, 0.001, (0.3, 0.25, 0.18))
    s.box((-1.85, 2.49, BACK - 0.16), (1.85, 2.52, BACK - 0.13), (0.3, 0.25, 0.18), texel_m=0.3)
    veil = {"day": (0.95, 1.0, 1.1), "golden": (1.5, 0.9, 0.5), "night": (0.02, 0.025, 0.045),
            "storm": (0.10, 0.12, 0.15)}[light]  # fmt: skip
    for x0, x1 in ((-1.32, -0.72), (0.78, 1.32)):
        drape(s, (x0, 0.04, BACK - 0.1), (x1, 2.48, BACK - 0.08), (0.62, 0.61, 0.58), 3, fold=0.09, glow=veil)
    for x0, x1 in ((-1.85, -1.2), (1.2, 1.85)):
        drape(s, (x0, 0.02, BACK - 0.2), (x1, 2.5, BACK - 0.13), tint(np.array(cloth), 1.0), 8, fold=0.12)


def _bed(s: Scenery, rng: np.random.Generator, flip: float, cloth: tuple[float, ...], clutter: float) -> None:
    """Its head at the side wall, its long side across the picture."""
    head = flip * (HALF - 0.06)
    foot = flip * (HALF - 2.16)
    z0, z1 = 2.35, 4.15
    low, high = sorted((head, foot))
    s.box((low, 0.12, z0), (high, 0.34, z1), (0.10, 0.055, 0.035), surface=WOOD, texel_m=0.1)
    s.box(
        (low + 0.02, 0.34, z0 + 0.02), (high - 0.02, 0.56, z1 - 0.02), (0.66, 0.65, 0.62), surface=QUILT, texel_m=0.08
    )
    x0, x1 = sorted((head - flip * 0.02, head + flip * 0.06))
    s.box((x0, 0.1, z0 - 0.12), (x1, 1.25, z1 + 0.12), tint(np.array(cloth), 0.8), surface=QUILT, a=0.3, texel_m=0.08)
    # the cover, drawn back where the bed is slept in
    edge = head - flip * (0.72 + 0.5 * clutter * float(rng.random()))
    x0, x1 = sorted((edge, foot - flip * 0.03))
    cover = tint(np.array(cloth), 1.0)
    s.box((x0, 0.5, z0 - 0.05), (x1, 0.63, z1 + 0.05), cover, surface=QUILT, a=0.26, seed=3, texel_m=0.07)
    s.box((x0, 0.22, z0 - 0.06), (x1, 0.6, z0 - 0.03), cover, surface=QUILT, seed=6, texel_m=0.08)
    for k in range(3 + round(5 * clutter)):
        s.ellipsoid(
            (edge - flip * (0.06 + 0.16 * float(rng.random())), 0.64, z0 + 0.2 + (z1 - z0 - 0.3) * float(rng.random())),
            (0.16, 0.035 + 0.05 * clutter, 0.26), tint(cover, 1.06), surface=QUILT, seed=k, texel_m=0.06,
        )  # fmt: skip
    for z in (z0 + 0.45, z1 - 0.45):
        lean = float(rng.uniform(-0.05, 0.05))
        s.ellipsoid((head - flip * 0.34, 0.66, z + lean), (0.23, 0.09, 0.36), (0.72, 0.71, 0.68), surface=QUILT,
                    seed=int(rng.integers(99)), texel_m=0.05)  # fmt: skip
        s.ellipsoid((head - flip * 0.2, 0.82, z - lean), (0.12, 0.2, 0.33), tint(np.array(cloth), 1.3), surface=QUILT,
                    seed=int(rng.integers(99)), texel_m=0.05)  # fmt: skip
    if clutter > 0.5:
        s.add(0, (foot + flip * 0.45, 0.66, z0 + 0.5), (0.24, 0.02, 0.3), (0.55, 0.5, 0.42), turn=0.4, surface=QUILT,
              texel_m=0.06)  # fmt: skip


def _sides(s: Scenery, rng: np.random.Generator, flip: float, lamps: float, level: float, clutter: float) -> None:
    wall = flip * (HALF - 0.02)
    for k, z in enumerate((1.95, 4.6)):
        x = wall - flip * 0.24
        s.box((x - 0.22, 0.06, z - 0.24), (x + 0.22, 0.52, z + 0.24), (0.13, 0.07, 0.04), surface=WOOD, shine=0.03,
              texel_m=0.08)  # fmt: skip
        s.cylinder((x, 0.52, z), 0.07, 0.2, (0.45, 0.4, 0.33), shine=0.05, texel_m=0.08)
        on = level if lamps * 2 > k * 0.9 and lamps > 0 else 0.0
        s.cylinder((x, 0.74, z), 0.16, 0.24, (0.75, 0.66, 0.5), glow=tint(AMBER, 2.6 * on), surface=SOFT_LAMP,
                   texel_m=0.12)  # fmt: skip
        if on:
            s.lamp((x - 0.05, 0.71, z - 0.05), (x + 0.05, 0.71, z + 0.05), tint(AMBER, 0.5 * on), down=0.4, reach=4.0)
            s.lamp((x - 0.05, 1.02, z - 0.05), (x + 0.05, 1.02, z + 0.05), tint(AMBER, 0.65 * on), reach=5.0)
        if clutter > 0.3:
            s.box((x - 0.16, 0.52, z - 0.2), (x - 0.02, 0.56, z - 0.03), tint(rng.uniform(0.1, 0.5, 3), 1.0),
                  texel_m=0.1)  # fmt: skip
            s.cylinder((x - flip * 0.12, 0.52, z + 0.15), 0.032, 0.1, (0.5, 0.52, 0.55), shine=0.06, texel_m=0.1)
    x0, x1 = sorted((wall, wall - flip * 0.035))
    s.box((x0, 1.5, 2.75), (x1, 2.2, 3.75), (0.6, 0.55, 0.48), surface=PICTURE, seed=int(rng.integers(99)),
          texel_m=0.12)  # fmt: skip


def _far(s: Scenery, rng: np.random.Generator, flip: float, lamps: float, level: float, clutter: float) -> None:
    """Against the other wall: a wardrobe, a chair with a garment over it, a lamp in the corner."""
    wall = -flip * HALF
    x0, x1 = sorted((wall, wall + flip * 0.58))
    s.box((x0, 0.05, 2.6), (x1, 2.3, 4.2), (0.30, 0.21, 0.14), surface=WOOD, a=0.0, shine=0.03, rough=0.5, texel_m=0.1)
    face = wall + flip * 0.585
    for z in (2.61, 3.4, 4.19):
        s.box((min(face, face + flip * 0.01), 0.08, z - 0.006), (max(face, face + flip * 0.01), 2.27, z + 0.006),
              (0.08, 0.05, 0.03), texel_m=0.3)  # fmt: skip
    for z in (3.32, 3.48):
        s.box((face - 0.02, 1.05, z - 0.012), (face + 0.02, 1.25, z + 0.012), (0.5, 0.45, 0.36), shine=0.2, texel_m=0.3)
    if lamps > 0.5:
        floor_lamp(s, (wall + flip * 0.35, 0.0, 4.85), level * 0.9)
    if clutter > 0.35:
        x, z = wall + flip * 0.95, 1.9
        s.box((x - 0.22, 0.42, z - 0.22), (x + 0.22, 0.47, z + 0.22), (0.34, 0.3, 0.25), texel_m=0.08)
        s.box((x - 0.22, 0.47, z + 0.18), (x + 0.22, 0.95, z + 0.23), (0.16, 0.09, 0.05), texel_m=0.1)
        for dx in (-0.19, 0.19):
            for dz in (-0.19, 0.19):
                s.box((x + dx - 0.02, 0, z + dz - 0.02), (x + dx + 0.02, 0.42, z + dz + 0.02), (0.16, 0.09, 0.05),
                      texel_m=0.2)  # fmt: skip
        drape(s, (x - 0.18, 0.5, z + 0.15), (x + 0.2, 1.0, z + 0.27), tint(rng.uniform(0.08, 0.5, 3), 1.0), 2, fold=0.1)
    plant(s, rng, (-flip * 1.55, 0.0, BACK - 0.45), 1.25)


def _outside(s: Scenery, rng: np.random.Generator, lit: float, dark: bool) -> None:
    ground = -26.0
    s.box((-300, ground - 1, 20), (300, ground, 700), (0.07, 0.07, 0.075), texel_m=40.0)
    for z in (46.0, 70.0, 105.0, 160.0, 240.0, 360.0):
        x = -18 - z * 0.5
        while x < 18 + z * 0.5:
            wide = float(rng.uniform(12, 24))
            if rng.random() < 0.8:
                tower(s, rng, (x, ground, z + float(rng.uniform(-6, 6))),
                      (wide, float(rng.uniform(16, 46)) * (1 + z / 300), float(rng.uniform(10, 18))), lit,
                      beacons=dark, texel_m=8.0)  # fmt: skip
            x += wide + float(rng.uniform(3, 12))
    if dark:
        for _ in range(220):
            z = float(rng.uniform(60, 640))
            warm = (5.0, 2.6, 1.0) if rng.random() < 0.7 else (3.8, 4.2, 4.6)
            s.point((float(rng.uniform(-0.6, 0.6)) * (z + 20), ground + 7.0, z), warm, 0.5)
