"""A lobby: marble and square columns, rings of light, a desk under a lit wall, glass to the street on one side."""

import math
from typing import Any

import numpy as np

from compositing.plates.patterns import MARBLE
from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, LIT_SHARE, STARS, WARM, Scenery
from compositing.plates.scenes.dressing import RISES, dressed
from compositing.plates.scenes.furniture import AMBER, BLACK, plant, sofa
from compositing.plates.scenes.rooms import downlight, side_wall, side_window, tint, vase
from compositing.plates.scenes.skyline import tower
from compositing.plates.stage import Stage, Wishes, air_and_key, set_lamp, side_of
from compositing.plates.surfaces import PICTURE, SCREEN, SOFT_LAMP, WOOD

HALF, BACK, TALL = 5.2, 17.0, 5.2  # half the width, length, height; metres
IVORY = AMBER + np.array([0, 0.18, 0.25])
LEVELS = {"day": (0.05, 2.25), "golden": (0.10, 1.6), "night": (0.7, 0.40), "storm": (0.035, 3.05)}
# How the sun stands to the glass, radians beside straight ahead, and how high the houses opposite are: by day and in
# the evening it comes in over them.
SUN = {"day": (1.25, 6.0, 15.0), "golden": (0.62, 3.0, 7.0), "night": (1.1, 14.0, 46.0), "storm": (1.1, 10.0, 26.0)}


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The lobby for these settings (see families/lobby.py)."""
    rng = np.random.default_rng(seed)
    flip = side_of(rng, params, 1.0)  # the side of the glass
    turn = flip * 0.14 + math.radians(params["camera_turn"])
    sky, key = air_and_key(params, seed, flip * SUN[params["light"]][0], turn, indoors=True)
    sky[HAZE_FROM], sky[STARS] = BACK + 6, 0.0
    sky[HAZE_NEAR] = 0.00006 * params["haze"]
    level, stops = LEVELS[params["light"]]
    lamps, clutter = params["lamps"] / 100, params["clutter"] / 100
    s = Scenery(sky)
    s.rise = RISES[params["period"]]
    stone = [(0.55, 0.52, 0.47), (0.30, 0.29, 0.28), (0.46, 0.40, 0.33)][int(rng.integers(3))]
    _shell(s, rng, flip, stone)
    _columns(s, stone)
    _rings(s, rng, lamps, level)
    _desk(s, rng, flip, lamps, level, clutter)
    _seats(s, rng, flip, clutter, level)
    _outside(s, rng, flip, 0.7 * float(sky[LIT_SHARE]), params["light"])
    sky[WARM : WARM + 6] *= 1.5
    camera = Camera((-flip * 1.3, params["camera_height"] / 100, 0.0), turn, params["lens"], params["horizon"] / 100)
    dressed(s, params, seed, half=HALF, back=BACK, tall=TALL)
    set_lamp(s, key, camera, params, half=HALF, back=BACK, tall=TALL)
    wishes = Wishes(
        stops + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.12, params["light"]
    )
    return Stage(s, camera, wishes, key)


def _shell(s: Scenery, rng: np.random.Generator, flip: float, stone: tuple[float, ...]) -> None:
    pale = tint(np.array(stone), 1.0)
    s.box((-HALF - 1, -0.3, -4), (HALF + 1, 0, BACK), (0.40, 0.38, 0.35), surface=MARBLE, a=1.2, shine=0.10, rough=0.12,
          seed=2, texel_m=0.16)  # fmt: skip
    s.box((-1.6, 0, -4), (1.6, 0.004, BACK - 3), (0.16, 0.14, 0.13), surface=MARBLE, a=1.6, shine=0.09, rough=0.12,
          seed=7, texel_m=0.2)  # fmt: skip
    s.box((-HALF, TALL, -4), (HALF, TALL + 0.3, BACK), (0.66, 0.64, 0.60), texel_m=0.2)
    s.box((-HALF, 0, -4.3), (HALF, TALL, -4), pale, texel_m=0.3)
    s.box((-HALF, 0, BACK), (HALF, TALL, BACK + 0.3), pale, surface=MARBLE, a=1.5, c=0.0, seed=5, shine=0.03, rough=0.3,
          texel_m=0.14)  # fmt: skip
    closed = -flip * HALF
    s.box((min(closed, closed - flip * 0.3), 0, -4), (max(closed, closed - flip * 0.3), TALL, BACK),
          (0.19, 0.105, 0.06), surface=WOOD, a=0.6, b=1.0, seed=int(rng.integers(99)), shine=0.03, rough=0.5,
          texel_m=0.16)  # fmt: skip
    starts = [float(z) for z in np.arange(-2.6, BACK - 2.4, 2.9)]
    holes: list[tuple[float, ...]] = [(z, z + 2.6, 0.06, 4.4) for z in starts]
    side_wall(s, flip * HALF, flip, -4, BACK, TALL, holes, (0.2, 0.19, 0.18), texel_m=0.16)
    for hole in holes:
        side_window(s, flip * HALF, flip, hole, (0.06, 0.06, 0.065), (2, 2))
    # two lift doors in the timber wall
    for z in (9.6, 11.6):
        x0, x1 = sorted((closed, closed + flip * 0.03))
        s.box((x0, 0, z - 0.62), (x1, 2.5, z + 0.62), (0.34, 0.32, 0.29), texel_m=0.12)
        for d in (-0.29, 0.29):
            x0, x1 = sorted((closed, closed + flip * 0.04))
            s.box(
                (x0, 0, z + d - 0.27), (x1, 2.3, z + d + 0.27), (0.5, 0.44, 0.34), shine=0.3, rough=0.35, texel_m=0.12
            )
        s.box((closed - 0.03, 2.6, z - 0.14), (closed + 0.05 * flip + 0.03, 2.72, z + 0.14), BLACK,
              glow=(1.6, 0.5, 0.12), surface=SCREEN, seed=3, texel_m=0.3)  # fmt: skip


def _columns(s: Scenery, stone: tuple[float, ...]) -> None:
    dark = tint(np.array(stone), 0.55)
    for x in (-3.1, 3.1):
        for z in (3.2, 7.6, 12.0):
            s.box((x - 0.38, 0, z - 0.38), (x + 0.38, TALL, z + 0.38), tint(np.array(stone), 0.9), surface=MARBLE,
                  a=1.3, c=0.0, seed=int(z), shine=0.05, rough=0.25, texel_m=0.14)  # fmt: skip
            s.box((x - 0.43, 0, z - 0.43), (x + 0.43, 0.16, z + 0.43), dark, texel_m=0.14)
            s.box((x - 0.43, TALL - 0.2, z - 0.43), (x + 0.43, TALL, z + 0.43), dark, texel_m=0.2)


def _rings(s: Scenery, rng: np.random.Generator, lamps: float, level: float) -> None:
    """Hanging rings of light over the middle, downlights in rows beside them."""
    for k, (z, radius, drop) in enumerate(((5.4, 1.0, 1.25), (9.6, 1.35, 1.0), (9.9, 0.85, 1.6), (13.6, 1.0, 1.2))):
        on = level if (k + 0.5) / 4 < lamps or (k == 0 and lamps > 0) else 0.0
        y = TALL - drop
        for n in range(28):
            a = 2 * math.pi * n / 28
            s.add(0, (radius * math.cos(a), y, z + radius * math.sin(a)), (0.022, 0.04, radius * math.pi / 27),
                  (0.6, 0.55, 0.45), turn=-a, glow=tint(IVORY, 3.4 * on), surface=SOFT_LAMP,
                  texel_m=0.5)  # fmt: skip
        for n in range(3):
            a = 2 * math.pi * n / 3
            s.cylinder((radius * math.cos(a), y, z + radius * math.sin(a)), 0.004, drop, BLACK, texel_m=0.8)
        if on:
            for n in range(4):
                a = 2 * math.pi * (n + 0.5) / 4
                x, zz = radius * math.cos(a), z + radius * math.sin(a)
                s.lamp((x - 0.2, y - 0.08, zz - 0.2), (x + 0.2, y - 0.08, zz + 0.2),
                       tint(IVORY, 0.62 * on), reach=10.0)  # fmt: skip
    spots = [(x, z) for z in np.arange(1.2, BACK, 2.2) for x in (-4.2, 4.2)]
    lit = rng.permutation(len(spots)) < round(lamps * len(spots))
    for k, (x, z) in enumerate(spots):
        downlight(s, x, TALL, float(z), level * 1.3 if lit[k] else 0.0)


def _desk(s: Scenery, rng: np.random.Generator, flip: float, lamps: float, level: float, clutter: float) -> None:
    z, x = BACK - 2.6, flip * 0.9
    s.box((x - 1.9, 0, z - 0.35), (x + 1.9, 1.06, z + 0.35), (0.16, 0.085, 0.05), surface=WOOD, a=0.2, b=0.0,
          texel_m=0.1)  # fmt: skip
    s.box((x - 1.98, 1.06, z - 0.42), (x + 1.98, 1.12, z + 0.42), (0.5, 0.48, 0.44), surface=MARBLE, a=2.0, shine=0.07,
          rough=0.2, texel_m=0.1)  # fmt: skip
    on = level if lamps > 0 else 0.0
    s.box((x - 1.9, 0.06, z - 0.37), (x + 1.9, 0.1, z - 0.355), (0.6, 0.6, 0.6), glow=tint(AMBER, 3.2 * on),
          surface=SOFT_LAMP, texel_m=0.4)  # fmt: skip
    s.lamp((x - 1.8, 0.08, z - 0.42), (x + 1.8, 0.08, z - 0.42), tint(AMBER, 0.5 * on), reach=4.0)
    # the wall behind: a picture between two strips of light
    s.box((x - 1.5, 1.5, BACK - 0.06), (x + 1.5, 3.6, BACK), (0.55, 0.46, 0.33), surface=PICTURE,
          seed=int(rng.integers(99)), texel_m=0.12)  # fmt: skip
    for side in (-1.75, 1.75):
        s.box((x + side - 0.03, 0.4, BACK - 0.04), (x + side + 0.03, 4.4, BACK - 0.01), (0.6, 0.6, 0.6),
              glow=tint(AMBER, 3.4 * on), surface=SOFT_LAMP, texel_m=0.4)  # fmt: skip
        s.lamp((x + side, 0.5, BACK - 0.12), (x + side, 4.3, BACK - 0.12), tint(AMBER, 0.9 * on), reach=7.0)
    for k in range(2):
        s.add(0, (x - 0.7 + 1.4 * k, 1.3, z + 0.1), (0.24, 0.16, 0.012), BLACK, turn=math.pi, texel_m=0.2)
    vase(s, rng, x - 1.5, 1.12, z, 0.42, (0.5, 0.5, 0.5))
    for k in range(round(4 * clutter)):
        s.box((x + 0.2 + 0.25 * k, 1.12, z - 0.2), (x + 0.38 + 0.25 * k, 1.14 + 0.02 * k, z + 0.05), (0.6, 0.58, 0.54),
              texel_m=0.1)  # fmt: skip


def _seats(s: Scenery, rng: np.random.Generator, flip: float, clutter: float, level: float) -> None:
    for k, z in enumerate((5.4, 9.9)):
        if k > 0 and clutter < 0.3:
            break
        sofa(s, rng, flip * 4.35, z)
        sofa(s, rng, flip * 2.3 * (1 if k else 1.0), z)
        s.box((flip * 3.3 - 0.4, 0.34, z - 0.5), (flip * 3.3 + 0.4, 0.38, z + 0.5), (0.14, 0.13, 0.12), surface=MARBLE,
              a=2.0, shine=0.07, texel_m=0.1)  # fmt: skip
        s.cylinder((flip * 3.3, 0, z), 0.12, 0.34, (0.4, 0.33, 0.2), shine=0.2, texel_m=0.12)
        vase(s, rng, flip * 3.3, 0.38, z, 0.24, (0.6, 0.58, 0.55))
    for z in (1.6, 7.6, 14.4)[: 1 + round(2 * clutter)]:
        plant(s, rng, (-flip * 4.6, 0.0, z), 1.8)
        plant(s, rng, (flip * 4.5, 0.0, z + 4.6), 1.6)


def _outside(s: Scenery, rng: np.random.Generator, flip: float, lit: float, light: str) -> None:
    """The street beside: pavement, houses across it, lamps."""
    dark = light in ("night", "storm")
    _, least, most = SUN[light]
    x0, x1 = sorted((flip * HALF, flip * 300))
    s.box((x0, -0.5, -200), (x1, -0.12, 300), (0.10, 0.10, 0.105), shine=0.05, rough=0.3, texel_m=6.0)
    z = -60.0
    while z < 190:
        wide = float(rng.uniform(12, 24))
        across = flip * float(rng.uniform(26, 34))
        tower(s, rng, (min(across, across + flip * 18), -0.12, z), (18.0, float(rng.uniform(least, most)), wide), lit,
              beacons=dark, texel_m=4.0)  # fmt: skip
        z += wide + float(rng.uniform(0.5, 5))
    if dark:
        for z in range(-20, 120, 14):
            s.point((flip * 14.0, 5.6, float(z)), (6.0, 3.4, 1.4), 0.22)
            s.lamp((flip * 14.0 - 0.1, 5.4, z - 0.1), (flip * 14.0 + 0.1, 5.4, z + 0.1), (9.0, 5.0, 2.0), down=0.7,
                   reach=25.0)  # fmt: skip
