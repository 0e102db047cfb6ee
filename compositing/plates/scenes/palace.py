"""A hall of an older age: two rows of lacquered columns, paper windows to one side, a dais at the end."""

import math
from typing import Any

import numpy as np

from compositing.plates.patterns import LATTICE, PAINTED, RUG, WALLPAPER
from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, STARS, Scenery
from compositing.plates.scenes.dressing import dressed
from compositing.plates.scenes.rooms import candle_stand, drape, lantern, tint, vase
from compositing.plates.stage import Stage, Wishes, air_and_key, set_lamp, side_of
from compositing.plates.surfaces import PICTURE, TILES, WOOD

HALF, BACK, TALL = 4.6, 15.5, 5.6  # half the width, length, height under the ceiling; metres
LACQUER, GILT, DARK = (0.26, 0.022, 0.014), (0.55, 0.36, 0.11), (0.07, 0.03, 0.02)
FLAME = np.array([1.0, 0.58, 0.24])
# how bright the flames are beside the sky, what glows through the paper, stops of exposure
LEVELS = {
    "day": (0.16, (1.35, 1.4, 1.45), 1.45),
    "golden": (0.30, (2.3, 1.15, 0.45), 0.60),
    "night": (0.9, (0.02, 0.03, 0.06), 0.60),
    "storm": (0.24, (0.22, 0.27, 0.34), 1.85),
}


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The hall for these settings (see families/palace.py)."""
    rng = np.random.default_rng(seed)
    flip = side_of(rng, params, 1.0)  # the side of the windows
    turn = flip * 0.19 + math.radians(params["camera_turn"])
    sky, key = air_and_key(params, seed, flip * 1.25, turn, indoors=True)
    sky[HAZE_FROM], sky[STARS] = BACK + 8, 0.0
    sky[HAZE_NEAR] = 0.00010 * params["haze"]
    flame, paper, stops = LEVELS[params["light"]]
    if params["weather"] != "clear":
        paper = tint(paper, 0.6)
    s = Scenery(sky)
    burning = params["candles"] / 100
    _shell(s, rng, flip)
    _windows(s, flip, paper)
    _columns(s)
    if params["end"] == "throne":
        _throne(s, rng, flame * min(1.0, burning * 2))
    else:
        _tea(s, rng, flame * min(1.0, burning * 2))
    _things(s, rng, flip, params["clutter"] / 100, burning, flame)
    camera = Camera((flip * -1.35, params["camera_height"] / 100, 0.0), turn, params["lens"], params["horizon"] / 100)
    dressed(s, params, seed, half=HALF, back=BACK, tall=TALL)
    set_lamp(s, key, camera, params, half=HALF, back=BACK, tall=TALL)
    wishes = Wishes(
        stops + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.13, params["light"]
    )
    return Stage(s, camera, wishes, key)


def _shell(s: Scenery, rng: np.random.Generator, flip: float) -> None:
    s.box((-HALF - 2, -0.3, -4), (HALF + 2, 0, BACK + 0.3), (0.085, 0.075, 0.07), surface=TILES, a=0.62, shine=0.09,
          rough=0.2, texel_m=0.14, seed=3)  # fmt: skip
    s.box((-1.15, 0, 0.2), (1.15, 0.012, BACK - 3.2), (0.21, 0.045, 0.032), surface=RUG, a=0.5, b=0.09, texel_m=0.14)
    s.box((-HALF - 1, TALL, -4), (HALF + 1, TALL + 0.4, BACK + 0.3), (0.16, 0.05, 0.03), surface=WOOD, a=0.4,
          texel_m=0.2)  # fmt: skip
    s.box((-HALF - 1, 0, -4.3), (HALF + 1, TALL, -4), (0.2, 0.07, 0.05), texel_m=0.3)
    s.box((-HALF - 1, 0, BACK), (HALF + 1, TALL, BACK + 0.3), (0.30, 0.14, 0.06), surface=WALLPAPER, a=0.55, b=1.0,
          texel_m=0.14)  # fmt: skip
    closed = -flip * HALF
    s.box((min(closed, closed - flip * 0.3), 0, -4), (max(closed, closed - flip * 0.3), TALL, BACK),
          (0.26, 0.085, 0.045), surface=WALLPAPER, a=0.7, b=1.1, texel_m=0.16)  # fmt: skip
    # beams across, painted, with smaller ones between
    for z in np.arange(1.6, BACK, 2.75):
        s.box((-HALF, TALL - 0.62, z - 0.17), (HALF, TALL - 0.16, z + 0.17), DARK, surface=PAINTED, a=0.92, b=0.0,
              seed=4, texel_m=0.2)  # fmt: skip
        s.box((-HALF, TALL - 0.16, z - 0.24), (HALF, TALL - 0.04, z + 0.24), LACQUER, texel_m=0.25)
    for x in (-2.6, 2.6, 0.0):
        s.box((x - 0.12, TALL - 0.42, -3), (x + 0.12, TALL - 0.1, BACK), DARK, surface=PAINTED, a=0.8, seed=9,
              texel_m=0.25)  # fmt: skip
    for x in np.arange(-HALF + 0.45, HALF, 0.9):
        s.box((x - 0.03, TALL - 0.08, -3), (x + 0.03, TALL, BACK), GILT, texel_m=0.4)


def _windows(s: Scenery, flip: float, paper: tuple[float, float, float]) -> None:
    """Doors of lattice along one side: some stand open to the light, the rest glow through their paper."""
    wall = flip * HALF
    for n, z in enumerate(np.arange(0.4, BACK - 0.6, 2.75)):
        z0, z1 = float(z), float(z) + 2.45
        for zz in (z0 - 0.15, z1 + 0.15):
            s.box((wall - 0.16, 0, zz - 0.15), (wall + 0.16, TALL, zz + 0.15), LACQUER, shine=0.04, rough=0.3,
                  texel_m=0.2)  # fmt: skip
        s.box((wall - 0.1, 3.35, z0), (wall + 0.1, 3.6, z1), LACQUER, texel_m=0.2)
        s.box((wall - 0.04, 3.6, z0), (wall + 0.04, TALL, z1), DARK, surface=LATTICE, a=0.3, b=1.0,
              glow=tint(paper, 0.8), texel_m=0.25)  # fmt: skip
        quarter = (z1 - z0) / 4
        for leaf in range(4):
            a, b = z0 + leaf * quarter, z0 + (leaf + 1) * quarter
            if n % 2 == 1 and leaf in (1, 2):
                # an open pair: the leaf stands into the room, light falls through its bars
                side = a if leaf == 1 else b
                _open_leaf(s, wall, flip, side)
                continue
            s.box((wall - 0.04, 0, a + 0.02), (wall + 0.04, 0.95, b - 0.02), LACQUER, texel_m=0.2)
            s.box((wall - 0.05, 0.3, a + 0.12), (wall + 0.05, 0.8, b - 0.12), GILT, surface=PICTURE, seed=leaf,
                  texel_m=0.2)  # fmt: skip
            s.box((wall - 0.03, 0.95, a + 0.02), (wall + 0.03, 3.35, b - 0.02), DARK, surface=LATTICE, a=0.2,
                  b=float(leaf % 2), glow=paper, texel_m=0.25)  # fmt: skip
            for edge in (a, b):
                s.box((wall - 0.05, 0, edge - 0.03), (wall + 0.05, 3.35, edge + 0.03), LACQUER, texel_m=0.25)
    # what lies outside: a terrace and its balustrade
    for y, tall in ((0.0, 0.08), (0.85, 0.1)):
        s.box((wall + flip * 2.2 - 0.06, y, -4), (wall + flip * 2.2 + 0.06, y + tall, BACK), (0.6, 0.58, 0.54),
              texel_m=0.5)  # fmt: skip
    s.box((min(wall, wall + flip * 9), -0.2, -4), (max(wall, wall + flip * 9), -0.02, BACK + 4), (0.42, 0.41, 0.39),
          texel_m=0.6)  # fmt: skip
    if max(paper) > 0.08:
        s.lamp((wall - flip * 0.15, 0.9, 0.5), (wall - flip * 0.15, 3.3, BACK - 1), tint(paper, 3.4), reach=12.0)


def _open_leaf(s: Scenery, wall: float, flip: float, z: float) -> None:
    x0, x1 = sorted((wall, wall - flip * 0.6))
    s.box((x0, 0, z - 0.03), (x1, 0.95, z + 0.03), LACQUER, texel_m=0.2)
    for x in np.linspace(x0, x1, 4):
        s.box((x - 0.012, 0.95, z - 0.015), (x + 0.012, 3.35, z + 0.015), DARK, texel_m=0.3)
    for y in np.linspace(0.95, 3.35, 13):
        s.box((x0, y - 0.012, z - 0.015), (x1, y + 0.012, z + 0.015), DARK, texel_m=0.3)


def _columns(s: Scenery) -> None:
    for x in (-2.6, 2.6):
        for z in np.arange(1.6, BACK - 1.5, 2.75):
            s.cylinder((x, 0, z), 0.34, 0.16, (0.34, 0.33, 0.31), texel_m=0.12)
            s.cylinder((x, 0.16, z), 0.27, TALL - 0.3, LACQUER, shine=0.045, rough=0.25, texel_m=0.1)
            s.cylinder((x, TALL - 0.95, z), 0.285, 0.06, GILT, shine=0.2, rough=0.4, texel_m=0.1)
            s.cylinder((x, 0.3, z), 0.28, 0.05, GILT, shine=0.2, rough=0.4, texel_m=0.1)


def _dais(s: Scenery, steps: int) -> float:
    """Steps up to a platform; gives its height."""
    for k in range(steps):
        s.box((-2.3 + 0.15 * k, 0.17 * k, BACK - 3.4 + 0.34 * k), (2.3 - 0.15 * k, 0.17 * (k + 1), BACK),
              (0.17, 0.035, 0.02), texel_m=0.12, shine=0.03, rough=0.4)  # fmt: skip
        s.box((-2.3 + 0.15 * k, 0.17 * (k + 1) - 0.03, BACK - 3.42 + 0.34 * k),
              (2.3 - 0.15 * k, 0.17 * (k + 1), BACK - 3.38 + 0.34 * k), GILT, texel_m=0.2)  # fmt: skip
    return 0.17 * steps


def _screen(s: Scenery, y: float, z: float, rng: np.random.Generator) -> None:
    """A folding screen of five leaves, painted, in gilt frames."""
    for k in range(-2, 3):
        turn = 0.22 if k % 2 else -0.22
        s.add(0, (k * 0.72, y + 1.25, z), (0.36, 1.15, 0.03), (0.5, 0.36, 0.15), turn=turn, surface=PICTURE,
              seed=int(rng.integers(99)), texel_m=0.12)  # fmt: skip
        for top in (0.09, 2.42):
            s.add(0, (k * 0.72, y + top, z), (0.37, 0.05, 0.045), GILT, turn=turn, shine=0.15, rough=0.4, texel_m=0.2)
    s.box((-0.5, y + 2.46, z - 0.03), (0.5, y + 2.72, z + 0.03), GILT, texel_m=0.2)


def _throne(s: Scenery, rng: np.random.Generator, level: float) -> None:
    y, z = _dais(s, 4), BACK - 1.35
    _screen(s, y, BACK - 0.55, rng)
    s.box((-0.72, y, z - 0.42), (0.72, y + 0.46, z + 0.42), DARK, surface=WOOD, texel_m=0.08)
    s.box((-0.66, y + 0.46, z - 0.38), (0.66, y + 0.54, z + 0.36), (0.5, 0.3, 0.05), texel_m=0.08)
    s.box((-0.72, y + 0.46, z + 0.34), (0.72, y + 1.3, z + 0.44), GILT, shine=0.2, rough=0.4, texel_m=0.08)
    s.ellipsoid((0, y + 1.33, z + 0.39), (0.38, 0.24, 0.06), GILT, shine=0.2, rough=0.4, texel_m=0.1)
    for x in (-0.72, 0.72):
        s.box((x - 0.07, y + 0.46, z - 0.42), (x + 0.07, y + 0.82, z + 0.42), GILT, shine=0.2, rough=0.4, texel_m=0.1)
    s.box((-0.5, y, z - 0.95), (0.5, y + 0.22, z - 0.6), DARK, texel_m=0.1)
    for x in (-1.5, 1.5):
        candle_stand(s, rng, x, z - 0.3, y + 1.25, level)
        s.cylinder((x * 1.25, 0, BACK - 3.9), 0.2, 0.5, (0.16, 0.13, 0.06), texel_m=0.1)
        s.ellipsoid((x * 1.25, 0.72, BACK - 3.9), (0.26, 0.24, 0.26), (0.22, 0.17, 0.07), shine=0.12, rough=0.4,
                    texel_m=0.1)  # fmt: skip
    if level > 0:  # lamps hidden behind the screen's top light the wall
        s.lamp((-1.6, y + 2.7, BACK - 0.3), (1.6, y + 2.7, BACK - 0.3), tint(FLAME, 1.1 * level), reach=4.0)


def _tea(s: Scenery, rng: np.random.Generator, level: float) -> None:
    y, z = _dais(s, 1), BACK - 2.0
    _screen(s, y, BACK - 0.55, rng)
    s.box((-0.8, y + 0.34, z - 0.42), (0.8, y + 0.4, z + 0.42), (0.12, 0.05, 0.03), surface=WOOD, shine=0.05, rough=0.3,
          texel_m=0.07)  # fmt: skip
    for x in (-0.7, 0.7):
        for d in (-0.34, 0.34):
            s.box((x - 0.04, y, z + d - 0.04), (x + 0.04, y + 0.34, z + d + 0.04), DARK, texel_m=0.2)
    for x, d in ((-1.25, 0.0), (1.25, 0.0), (-0.4, -0.85), (0.45, -0.8)):
        s.box((x - 0.27, y, z + d - 0.27), (x + 0.27, y + 0.1, z + d + 0.27), (0.32, 0.06, 0.04), texel_m=0.08)
    glaze = (0.30, 0.42, 0.36)
    s.ellipsoid((0.1, y + 0.5, z), (0.13, 0.1, 0.13), (0.14, 0.07, 0.05), shine=0.06, rough=0.3, texel_m=0.06)
    s.box((0.2, y + 0.47, z - 0.012), (0.31, y + 0.53, z + 0.012), (0.14, 0.07, 0.05), texel_m=0.1)
    for _ in range(6):
        x, d = float(rng.uniform(-0.6, 0.6)), float(rng.uniform(-0.3, 0.3))
        s.cylinder((x, y + 0.4, z + d), 0.04, 0.05, glaze, shine=0.05, texel_m=0.1)
    vase(s, rng, -0.55, y + 0.4, z + 0.2, 0.34, glaze)
    for x in (-1.7, 1.7):
        candle_stand(s, rng, x, z + 0.2, y + 1.15, level)
    lantern(s, 0.0, TALL - 2.0, z - 0.2, 0.3, level, FLAME, 1.5)


def _things(s: Scenery, rng: np.random.Generator, flip: float, clutter: float, burning: float, flame: float) -> None:
    hue = np.array([1.0, 0.30, 0.10])
    rows = list(np.arange(3.0, BACK - 3.0, 2.75))
    lit = rng.permutation(len(rows) * 2) < round(burning * len(rows) * 2)
    for k, z in enumerate(rows):
        for j, x in enumerate((-1.75, 1.75)):
            lantern(s, x, TALL - 0.75, float(z), 0.26, flame if lit[2 * k + j] else 0.0, hue, 0.7)
    closed = -flip * (HALF - 0.05)
    for k, z in enumerate(np.arange(2.2, BACK - 2, 2.75)):
        if k >= 1 + round(4 * clutter):
            break
        x = closed + flip * 0.35
        if k % 2 == 0:
            s.box((x - 0.28, 0.74, z - 0.6), (x + 0.28, 0.8, z + 0.6), (0.12, 0.045, 0.025), surface=WOOD, shine=0.04,
                  texel_m=0.08)  # fmt: skip
            for d in (-0.5, 0.5):
                s.box((x - 0.24, 0, z + d - 0.05), (x + 0.24, 0.74, z + d + 0.05), DARK, texel_m=0.12)
            vase(s, rng, x, 0.8, float(z) - 0.25, 0.55, (0.55, 0.6, 0.66) if k % 4 else (0.25, 0.38, 0.32))
            s.box((closed - 0.02, 1.5, z - 0.35), (closed + 0.02, 3.0, z + 0.35), (0.7, 0.62, 0.45), surface=PICTURE,
                  seed=int(rng.integers(99)), texel_m=0.12)  # fmt: skip
        else:
            candle_stand(s, rng, x + flip * 0.2, float(z), 1.35, flame if rng.random() < burning else 0.0)
    if clutter > 0.25:
        # silk drawn back from the nearer columns
        for x in (-2.6, 2.6):
            z = 4.35
            drape(s, (x - 0.08, 0.6, z - 0.5), (x + 0.08, TALL - 0.7, z + 0.12), (0.40, 0.05, 0.035), 5, fold=0.16)
            drape(s, (x - 0.06, 0.5, z + 5.0), (x + 0.06, TALL - 0.7, z + 5.6), (0.45, 0.28, 0.07), 8, fold=0.16)
