"""Streets of other times: the 1980s with slab blocks, plane trees, bicycles and a bus; the republican era with arcaded
houses, cloth signs, tram rails and rickshaws."""

import math

import numpy as np

from compositing.plates.scene import Colour, Scenery
from compositing.plates.scenes.skyline import FLATS
from compositing.plates.scenes.street import DARK, walker
from compositing.plates.surfaces import FACADE, SIGN, SOFT_LAMP

EIGHTIES, REPUBLICAN = "eighties", "republican"
ARCADE_M, STOREY_M = 2.5, 3.9  # how far upper floors stand out over the pavement; how high one is
WALLS: dict[str, tuple[Colour, ...]] = {
    EIGHTIES: ((0.34, 0.32, 0.28), (0.28, 0.13, 0.09), (0.40, 0.39, 0.36), (0.36, 0.30, 0.20)),
    REPUBLICAN: ((0.26, 0.11, 0.075), (0.44, 0.38, 0.27), (0.22, 0.20, 0.18), (0.36, 0.22, 0.13), (0.40, 0.40, 0.36)),
}
CLOTH: tuple[Colour, ...] = ((0.42, 0.05, 0.035), (0.48, 0.32, 0.07), (0.50, 0.46, 0.38), (0.06, 0.10, 0.20))
LEAVES: Colour = (0.046, 0.070, 0.026)
LAMPLIGHT: Colour = (1.0, 0.72, 0.38)


def _times(colour: Colour, k: float) -> Colour:
    return (colour[0] * k, colour[1] * k, colour[2] * k)


def _between(s: Scenery, x0: float, x1: float, y: tuple[float, float], z: tuple[float, float], albedo: Colour,
             **more: object) -> None:  # fmt: skip
    s.box((min(x0, x1), y[0], z[0]), (max(x0, x1), y[1], z[1]), albedo, **more)


def house(
    s: Scenery, rng: np.random.Generator, wall: float, side: float, z: float, size: tuple[float, float], lit: float,
    era: str,
) -> None:  # fmt: skip
    """A house from z on, its face at x = wall on the left (side -1) or right (1); size: depth, length along z."""
    deep, long_ = size
    tone = WALLS[era][int(rng.integers(len(WALLS[era])))]
    trim = _times(tone, 1.35 if era == REPUBLICAN else 0.8)
    storeys = int(rng.integers(2, 5)) if era == REPUBLICAN else int(rng.integers(4, 7))
    storey = STOREY_M if era == REPUBLICAN else 3.0
    tall = (4.0 if era == REPUBLICAN else 4.2) + storey * (storeys - 1)
    face = wall - side * ARCADE_M if era == REPUBLICAN else wall
    cell = float(rng.choice([1.7, 2.1, 2.5])) if era == REPUBLICAN else float(rng.choice([2.4, 3.0]))
    look = {
        "surface": FACADE, "seed": int(rng.choice(FLATS)) * 1000 + int(rng.integers(0, 390)), "a": cell, "b": storey,
        "c": float(np.clip(lit * rng.uniform(0.5, 1.5), 0, 0.9)), "texel_m": 3.0,
    }  # fmt: skip
    _between(s, wall, wall + side * deep, (0.0, 4.0), (z, z + long_), tone, texel_m=3.0)
    _between(s, face, wall + side * deep, (4.0, tall), (z, z + long_), tone, **look)
    if era == REPUBLICAN:
        for at in np.arange(z + 0.25, z + long_ - 0.1, 3.1):
            _between(s, face, face + side * 0.42, (0.12, 4.0), (float(at), float(at) + 0.42), trim, texel_m=0.8)
            _between(s, face - side * 0.05, face + side * 0.5, (3.4, 4.0), (float(at) - 0.12, float(at) + 0.54), trim,
                     texel_m=1.5)  # fmt: skip
        for n in range(storeys):
            y = 4.0 + storey * n
            _between(s, face - side * (0.35 if n == storeys - 1 else 0.16), face, (y - 0.16, y + 0.14), (z, z + long_),
                     trim, texel_m=1.5)  # fmt: skip
        if rng.random() < 0.6:
            mid = z + long_ / 2
            for k in range(3):
                half = (0.34 - 0.11 * k) * long_
                _between(s, face - side * 0.12, face + side * 0.3, (tall + 0.14 + 0.6 * k, tall + 0.8 + 0.6 * k),
                         (mid - half, mid + half), trim, texel_m=1.5)  # fmt: skip
        if rng.random() < 0.5:
            y, at = 4.0 + storey * int(rng.integers(0, max(1, storeys - 1))), z + float(rng.uniform(1, long_ - 4))
            _balcony(s, face, side, y, at, 2.8, trim)
        return
    _between(s, face - side * 0.3, wall + side * deep, (tall, tall + 0.5), (z, z + long_), trim, texel_m=3.0)
    for at in np.arange(z + 1.2, z + long_ - 3.0, 4.6):
        for n in range(storeys - 1):
            if rng.random() < 0.7:
                y = 4.2 + storey * n
                _balcony(s, face, side, y, float(at), 2.4, trim)
                if rng.random() < 0.5:  # washing on a pole
                    for k in range(int(rng.integers(2, 5))):
                        cloth = CLOTH[int(rng.integers(len(CLOTH)))] if rng.random() < 0.4 else (0.5, 0.5, 0.5)
                        _between(s, face - side * 1.05, face - side * 1.09, (y + 0.95, y + 1.75),
                                 (float(at) + 0.55 * k, float(at) + 0.55 * k + 0.42), cloth, texel_m=1.0)  # fmt: skip


def _balcony(s: Scenery, face: float, side: float, y: float, z: float, wide: float, tone: Colour) -> None:
    _between(s, face, face - side * 1.0, (y, y + 0.14), (z, z + wide), tone, texel_m=1.5)
    _between(s, face - side * 0.93, face - side * 1.0, (y + 0.14, y + 0.95), (z, z + wide), _times(tone, 0.75),
             texel_m=1.5)  # fmt: skip


def board(s: Scenery, rng: np.random.Generator, wall: float, side: float, z: float, era: str, power: float) -> None:
    """A sign that nothing lights but the street: a long cloth or board with writing, or a red banner of the 1980s."""
    face = wall - side * (ARCADE_M if era == REPUBLICAN else 0.0)
    cloth = CLOTH[int(rng.integers(len(CLOTH)))]
    cell = float(rng.choice([0.55, 0.7, 0.85]))
    count, foot = int(rng.integers(3, 6)), float(rng.uniform(3.4, 5.2))
    ink: Colour = (0.9, 0.72, 0.3) if max(cloth) < 0.45 else (0.75, 0.68, 0.55)
    near, far = face - side * 0.3, face - side * (0.3 + cell)
    _between(s, near, far, (foot, foot + cell * count), (z - 0.02, z + 0.02), cloth,
             glow=_times(ink, 0.35 + 0.25 * power), surface=SIGN, seed=int(rng.integers(9999)), a=cell, b=cell,
             texel_m=0.5)  # fmt: skip
    _between(s, face, far, (foot + cell * count, foot + cell * count + 0.06), (z - 0.03, z + 0.03), DARK, texel_m=1.0)
    if era == REPUBLICAN and rng.random() < 0.5:
        _lantern(s, far - side * 0.3, foot + 0.4, z, power)


def _lantern(s: Scenery, x: float, y: float, z: float, power: float) -> None:
    red: Colour = (1.0, 0.16, 0.05)
    s.ellipsoid((x, y, z), (0.24, 0.28, 0.24), (0.4, 0.05, 0.03), glow=_times(red, 0.15 + 2.6 * power),
                surface=SOFT_LAMP, texel_m=0.5)  # fmt: skip
    if power:
        s.lamp((x - 0.1, y - 0.1, z - 0.1), (x + 0.1, y + 0.1, z + 0.1), _times(red, 0.8 * power), reach=7.0)


def banner(s: Scenery, rng: np.random.Generator, z: float, half: float) -> None:
    """A red cloth with writing across the street."""
    y, cell = float(rng.uniform(6.4, 7.6)), 0.9
    s.box((-half + 2.5, y, z - 0.02), (half - 2.5, y + cell, z + 0.02), (0.45, 0.03, 0.02),
          glow=(0.75, 0.62, 0.30), surface=SIGN, seed=int(rng.integers(9999)), a=0.0, b=cell, texel_m=1.0)  # fmt: skip
    s.box((-half, y + 0.9, z - 0.015), (half, y + 0.93, z + 0.015), DARK, texel_m=2.0)


def post_lamp(s: Scenery, x: float, z: float, power: float) -> None:
    """A post 4 m tall with a globe."""
    s.cylinder((x, 0.1, z), 0.06, 3.9, DARK, texel_m=1.0)
    s.cylinder((x, 0.1, z), 0.12, 0.7, DARK, texel_m=0.6)
    s.box((x - 0.28, 3.72, z - 0.025), (x + 0.28, 3.77, z + 0.025), DARK, texel_m=1.0)
    s.ellipsoid((x, 4.2, z), (0.2, 0.24, 0.2), (0.6, 0.58, 0.5), glow=_times(LAMPLIGHT, 13.0 * power),
                surface=SOFT_LAMP, texel_m=0.5)  # fmt: skip
    if power:
        s.lamp((x - 0.15, 4.0, z - 0.15), (x + 0.15, 4.3, z + 0.15), _times(LAMPLIGHT, 5.5 * power), reach=22.0)
        s.point((x, 4.2, z - 0.2), _times(LAMPLIGHT, 1.2 * power), 0.34)


def plane_tree(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    """A plane tree, its crown many tufts."""
    tall = float(rng.uniform(4.6, 6.0))
    s.cylinder((x, 0.1, z), 0.19, tall, (0.20, 0.18, 0.13), texel_m=0.6)
    near = z < 45
    for _ in range(34 if near else 12):
        angle, far = float(rng.uniform(0, 2 * math.pi)), 2.4 * float(rng.random()) ** 0.6
        size = float(rng.uniform(0.22, 0.55)) * (1.0 if near else 1.8)
        up = float(rng.uniform(-0.5, 2.4)) * math.sqrt(max(0.05, 1 - (far / 2.9) ** 2))
        shade = float(rng.uniform(0.55, 1.5))
        leaf = (LEAVES[0] * shade * float(rng.uniform(0.8, 1.5)), LEAVES[1] * shade, LEAVES[2] * shade)
        s.ellipsoid((x + far * math.cos(angle), tall + up, z + far * math.sin(angle)),
                    (size * float(rng.uniform(0.8, 1.3)), size * 0.7, size), leaf, texel_m=0.8)  # fmt: skip


def rails(s: Scenery) -> None:
    """Two tracks of a tram, and its wire."""
    for middle in (-1.7, 1.7):
        for x in (middle - 0.55, middle + 0.55):
            s.box((x - 0.045, -0.01, -20), (x + 0.045, 0.012, 420), (0.22, 0.21, 0.2), shine=0.3, rough=0.3,
                  texel_m=8.0)  # fmt: skip
        s.box((middle - 0.012, 5.9, -20), (middle + 0.012, 5.92, 420), DARK, texel_m=20.0)


def rickshaw(s: Scenery, rng: np.random.Generator, x: float, z: float, away: bool, rolls: bool) -> None:
    """A rickshaw with its puller."""
    ahead = 1.0 if away else -1.0
    ride = s.ride
    for side in (-0.42, 0.42):
        s.ellipsoid((x + side, 0.52, z), (0.03, 0.52, 0.52), (0.05, 0.04, 0.03), texel_m=0.4)
    s.box((x - 0.34, 0.62, z - 0.3), (x + 0.34, 0.8, z + 0.3), (0.09, 0.02, 0.015), texel_m=0.3)
    back = z - ahead * 0.32
    s.box((x - 0.34, 0.8, min(back, back - ahead * 0.08)), (x + 0.34, 1.35, max(back, back - ahead * 0.08)),
          (0.07, 0.018, 0.014), texel_m=0.3)  # fmt: skip
    s.ellipsoid((x, 1.5, z - ahead * 0.12), (0.40, 0.34, 0.42), (0.025, 0.025, 0.028), texel_m=0.3)
    for side in (-0.3, 0.3):
        s.box((x + side - 0.02, 0.74, min(z, z + ahead * 1.7)), (x + side + 0.02, 0.79, max(z, z + ahead * 1.7)),
              (0.10, 0.06, 0.03), texel_m=0.6)  # fmt: skip
    if not rolls:
        walker(s, rng, x, z + ahead * 1.5, False)
    s.ride = ride


def old_car(s: Scenery, rng: np.random.Generator, x: float, z: float, away: bool, lights: float, era: str) -> None:
    """A black saloon of the thirties; in the eighties a plain one, a van or a bus."""
    shine = {"shine": 0.05, "rough": 0.22, "texel_m": 0.35}
    end = z - 2.0
    if era == EIGHTIES and rng.random() < 0.35:
        cream, green = (0.42, 0.38, 0.28), [(0.06, 0.16, 0.10), (0.30, 0.05, 0.04)][int(rng.integers(2))]
        s.box((x - 1.2, 0.5, z - 2.0), (x + 1.2, 1.5, z + 6.6), green, **shine)
        s.box((x - 1.2, 1.5, z - 2.0), (x + 1.2, 3.0, z + 6.6), cream, **shine)
        s.box((x - 1.08, 1.6, z - 2.02), (x + 1.08, 2.45, z - 1.9), (0.02, 0.022, 0.026), **shine)
        s.box((x - 1.22, 1.65, z - 1.5), (x + 1.22, 2.4, z + 6.2), (0.02, 0.022, 0.026), **shine)
        for wz in (-0.8, 5.0):
            for wx in (-1.15, 1.15):
                s.ellipsoid((x + wx, 0.5, z + wz), (0.14, 0.5, 0.5), (0.015, 0.015, 0.015), texel_m=0.6)
        wide, low = 0.9, 0.75
    elif era == EIGHTIES:
        paint = [(0.36, 0.34, 0.30), (0.06, 0.09, 0.13), (0.16, 0.17, 0.12), (0.02, 0.02, 0.022)][int(rng.integers(4))]
        s.box((x - 0.82, 0.3, z - 2.0), (x + 0.82, 0.92, z + 2.0), paint, **shine)
        s.box((x - 0.72, 0.92, z - 1.15), (x + 0.72, 1.40, z + 1.0), (0.015, 0.016, 0.019), **shine)
        s.box((x - 0.70, 1.38, z - 1.05), (x + 0.70, 1.46, z + 0.9), paint, **shine)
        wide, low = 0.62, 0.68
    else:
        paint = [(0.015, 0.015, 0.017), (0.05, 0.02, 0.018), (0.02, 0.035, 0.03)][int(rng.integers(3))]
        front = 1.0 if away else -1.0
        s.box((x - 0.62, 0.55, z - 1.9), (x + 0.62, 1.12, z + 1.9), paint, **shine)
        cabin = z - front * 0.7
        s.box((x - 0.64, 1.1, cabin - 1.0), (x + 0.64, 1.62, cabin + 1.0), (0.015, 0.016, 0.02), **shine)
        s.box((x - 0.66, 1.6, cabin - 1.05), (x + 0.66, 1.76, cabin + 1.05), paint, **shine)
        for wx in (-0.72, 0.72):
            for wz in (-1.3, 1.3):
                s.ellipsoid((x + wx, 0.66, z + wz), (0.2, 0.26, 0.62), paint, **shine)
                s.ellipsoid((x + wx, 0.36, z + wz), (0.09, 0.36, 0.36), (0.02, 0.02, 0.02), texel_m=0.5)
        wide, low, end = 0.45, 0.95, z - 1.9
    if era == EIGHTIES:
        for wx in (-0.8, 0.8):
            for wz in (-1.25, 1.25):
                s.ellipsoid((x + wx, 0.33, z + wz), (0.1, 0.33, 0.33), (0.015, 0.015, 0.015), texel_m=0.6)
    glow: Colour = (1.0, 0.04, 0.02) if away else (1.0, 0.85, 0.6)
    for dx in (-wide, wide):
        s.ellipsoid((x + dx, low, end - 0.03), (0.1, 0.1, 0.05), (0.2, 0.2, 0.2),
                    glow=_times(glow, (5.0 if away else 10.0) * lights), surface=SOFT_LAMP, texel_m=0.5)  # fmt: skip


def cyclist(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    """Somebody on a bicycle: two wheels, a frame, a bent back."""
    for wz in (-0.5, 0.5):
        s.ellipsoid((x, 0.34, z + wz), (0.018, 0.34, 0.34), (0.03, 0.03, 0.03), texel_m=0.6)
    s.box((x - 0.015, 0.5, z - 0.4), (x + 0.015, 0.8, z + 0.4), DARK, texel_m=0.6)
    coat = [(0.05, 0.08, 0.15), (0.10, 0.12, 0.10), (0.30, 0.29, 0.27), (0.16, 0.17, 0.18)][int(rng.integers(4))]
    s.ellipsoid((x, 1.25, z), (0.21, 0.34, 0.2), coat, texel_m=0.3)
    for side in (-0.1, 0.1):
        s.cylinder((x + side, 0.45, z + 0.05), 0.07, 0.55, (0.03, 0.035, 0.05), texel_m=0.5)
    s.ellipsoid((x, 1.68, z + 0.05), (0.09, 0.12, 0.1), (0.09, 0.06, 0.045), texel_m=0.3)
