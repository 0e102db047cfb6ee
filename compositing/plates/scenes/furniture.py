"""Things that stand in rooms, each built from a few solids, with the small irregularity of things in use."""

import math

import numpy as np

from compositing.plates.scene import Colour, Scenery
from compositing.plates.surfaces import BOOKS, SCREEN, SOFT_LAMP, WOOD

BLACK: Colour = (0.025, 0.025, 0.028)
STEEL: Colour = (0.25, 0.25, 0.26)
AMBER = np.array([1.0, 0.62, 0.28])


def _tint(rgb: np.ndarray, power: float) -> Colour:
    return (float(rgb[0] * power), float(rgb[1] * power), float(rgb[2] * power))


def desk(s: Scenery, rng: np.random.Generator, x: float, z: float, clutter: float, lamp: bool, level: float) -> None:
    """A desk 1.6 m wide in the middle of (x, z), screens toward the far side, its chair on this one."""
    half, deep, top = 0.8, 0.38, 0.735
    s.box(
        (x - half, top - 0.03, z - deep),
        (x + half, top, z + deep),
        (0.26, 0.165, 0.095),
        surface=WOOD,
        seed=int(rng.integers(99)),
        texel_m=0.07,
        shine=0.03,
        rough=0.5,
    )
    for ex in (-half + 0.05, half - 0.05):
        for ez in (-deep + 0.05, deep - 0.05):
            s.box((x + ex - 0.02, 0, z + ez - 0.02), (x + ex + 0.02, top - 0.03, z + ez + 0.02), BLACK, texel_m=0.2)
    side = float(rng.choice([-1.0, 1.0]))
    px = x + side * (half - 0.28)
    s.box((px - 0.2, 0.03, z - 0.3), (px + 0.2, 0.58, z + 0.3), (0.30, 0.30, 0.31), texel_m=0.12)
    for k in range(3):
        s.box(
            (px - 0.19, 0.05 + k * 0.18, z - 0.31),
            (px + 0.19, 0.2 + k * 0.18, z - 0.3),
            (0.34, 0.34, 0.35),
            texel_m=0.15,
        )
    # a felt screen behind
    felt = [(0.06, 0.10, 0.12), (0.13, 0.12, 0.12), (0.10, 0.07, 0.05)][int(rng.integers(3))]
    s.box((x - half, 0.62, z + deep), (x + half, 1.12, z + deep + 0.03), felt, texel_m=0.1)
    screens = 1 + int(rng.random() < 0.35 + 0.4 * clutter)
    for k in range(screens):
        at = x + (k - (screens - 1) / 2) * 0.62 + float(rng.uniform(-0.03, 0.03))
        turn = float(rng.uniform(-0.16, 0.16)) - (k - (screens - 1) / 2) * -0.22
        on = rng.random() < 0.7
        glow = (0.55 * level * 1.6, 0.72 * level * 1.6, 1.5 * level * 1.6) if on else (0.0, 0.0, 0.0)
        s.add(
            0,
            (at, top + 0.33, z + 0.17),
            (0.285, 0.165, 0.012),
            BLACK,
            turn=turn,
            glow=glow,
            surface=SCREEN,
            seed=int(rng.integers(99)),
            texel_m=0.2,
            shine=0.02,
            rough=0.4,
        )
        s.add(0, (at, top + 0.32, z + 0.19), (0.295, 0.175, 0.010), BLACK, turn=turn, texel_m=0.2)
        s.cylinder((at, top, z + 0.22), 0.025, 0.3, STEEL, texel_m=0.2)
        s.cylinder((at, top, z + 0.2), 0.11, 0.012, STEEL, texel_m=0.1)
    s.add(
        0,
        (x, top + 0.01, z - 0.12),
        (0.21, 0.009, 0.065),
        (0.05, 0.05, 0.055),
        turn=float(rng.uniform(-0.08, 0.08)),
        texel_m=0.2,
    )
    s.add(2, (x + 0.32, top + 0.015, z - 0.1), (0.03, 0.018, 0.05), BLACK, texel_m=0.2)
    for _ in range(round(2 + 7 * clutter)):
        _small_thing(s, rng, x + float(rng.uniform(-0.72, 0.72)), top, z + float(rng.uniform(-0.3, 0.28)))
    _chair(s, rng, x + float(rng.uniform(-0.2, 0.2)), z - 0.62 - float(rng.uniform(0, 0.2)))
    if lamp:
        _desk_lamp(s, rng, x - side * (half - 0.2), top, z + 0.12, level)


def _small_thing(s: Scenery, rng: np.random.Generator, x: float, y: float, z: float) -> None:
    kind = int(rng.integers(5))
    turn = float(rng.uniform(-0.6, 0.6))
    if kind == 0:
        s.cylinder((x, y, z), 0.04, 0.095, _tint(rng.uniform(0.1, 0.8, 3), 1.0), texel_m=0.1)
    elif kind == 1:
        for k in range(int(rng.integers(1, 5))):
            s.add(
                0,
                (x, y + 0.012 + k * 0.024, z),
                (0.11, 0.011, 0.15),
                _tint(rng.uniform(0.05, 0.6, 3), 1.0),
                turn=turn + float(rng.uniform(-0.2, 0.2)),
                texel_m=0.15,
            )
    elif kind == 2:
        s.add(
            0,
            (x, y + 0.004 + float(rng.uniform(0, 0.03)), z),
            (0.105, 0.004, 0.148),
            (0.72, 0.71, 0.68),
            turn=turn,
            texel_m=0.15,
        )
    elif kind == 3:
        s.cylinder((x, y, z), 0.035, 0.1, BLACK, texel_m=0.1)
        for _ in range(4):
            s.cylinder(
                (x + float(rng.uniform(-0.02, 0.02)), y + 0.05, z + float(rng.uniform(-0.02, 0.02))),
                0.004,
                0.12,
                _tint(rng.uniform(0.05, 0.7, 3), 1.0),
                texel_m=0.2,
            )
    else:
        s.add(0, (x, y + 0.08, z), (0.06, 0.08, 0.012), (0.3, 0.24, 0.18), turn=turn, texel_m=0.1)


def _desk_lamp(s: Scenery, rng: np.random.Generator, x: float, y: float, z: float, level: float) -> None:
    s.cylinder((x, y, z), 0.085, 0.02, BLACK, texel_m=0.1)
    s.cylinder((x, y, z), 0.012, 0.42, STEEL, texel_m=0.2)
    s.cylinder(
        (x, y + 0.34, z),
        0.115,
        0.15,
        (0.55, 0.42, 0.26),
        glow=_tint(AMBER, 3.2 * level),
        surface=SOFT_LAMP,
        texel_m=0.1,
    )
    s.cylinder(
        (x, y + 0.335, z), 0.10, 0.01, (0.8, 0.8, 0.8), glow=_tint(AMBER, 16.0 * level), surface=SOFT_LAMP, texel_m=0.1
    )
    s.lamp(
        (x - 0.03, y + 0.32, z - 0.03), (x + 0.03, y + 0.32, z + 0.03), _tint(AMBER, 1.5 * level), down=0.7, reach=5.0
    )
    s.lamp((x - 0.03, y + 0.56, z - 0.03), (x + 0.03, y + 0.56, z + 0.03), _tint(AMBER, 0.34 * level), reach=3.5)


def _chair(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    turn = math.pi + float(rng.uniform(-0.7, 0.7))
    cloth = [(0.03, 0.03, 0.034), (0.09, 0.09, 0.10), (0.16, 0.08, 0.04)][int(rng.integers(3))]
    c, q = math.cos(turn), math.sin(turn)
    s.cylinder((x, 0.44, z), 0.24, 0.07, cloth, texel_m=0.12)
    s.cylinder((x, 0.08, z), 0.03, 0.38, STEEL, texel_m=0.2)
    for k in range(5):
        a = turn + k * 2 * math.pi / 5
        s.add(
            0, (x + 0.15 * math.cos(a), 0.07, z - 0.15 * math.sin(a)), (0.16, 0.018, 0.022), BLACK, turn=a, texel_m=0.3
        )
        s.ellipsoid((x + 0.3 * math.cos(a), 0.03, z - 0.3 * math.sin(a)), (0.03, 0.03, 0.03), BLACK, texel_m=0.3)
    bx, bz = x + 0.24 * q, z + 0.24 * c
    s.add(0, (bx, 0.82, bz), (0.21, 0.28, 0.03), cloth, turn=turn, texel_m=0.1)
    s.add(0, (bx, 0.58, bz), (0.03, 0.12, 0.02), BLACK, turn=turn, texel_m=0.2)
    for side in (-1, 1):
        ax, az = x + side * 0.27 * c, z - side * 0.27 * q
        s.add(0, (ax, 0.68, az), (0.03, 0.015, 0.13), BLACK, turn=turn, texel_m=0.2)
        s.add(0, (ax, 0.58, az), (0.015, 0.1, 0.02), BLACK, turn=turn, texel_m=0.2)


def shelves(
    s: Scenery, rng: np.random.Generator, wall: float, z: float, long_: float, flip: float, full: float, level: float
) -> None:
    """Shelves against a side wall at x = wall, from z on, with books, boxes and a strip of light under each board."""
    near = wall - flip * 0.34
    low, high = min(wall, near), max(wall, near)
    board = (0.045, 0.03, 0.02)
    for zz in (z, z + long_ / 2, z + long_):
        s.box((low, 0, zz - 0.015), (high, 2.3, zz + 0.015), board, texel_m=0.12)
    s.box((wall - flip * 0.03 - 0.005, 0, z), (wall - flip * 0.03 + 0.005, 2.3, z + long_), board, texel_m=0.12)
    for k in range(6):
        y = 0.06 + k * 0.44
        s.box((low, y, z), (high, y + 0.025, z + long_), board, texel_m=0.1)
        if k == 5:
            break
        if level and k > 1:
            at = wall - flip * 0.28
            s.box(
                (at - 0.008, y + 0.415, z + 0.05),
                (at + 0.008, y + 0.425, z + long_ - 0.05),
                (0.5, 0.5, 0.5),
                glow=_tint(AMBER, 5.0 * level),
                surface=SOFT_LAMP,
                texel_m=0.5,
            )
            s.lamp(
                (at, y + 0.41, z + 0.05),
                (at, y + 0.41, z + long_ - 0.05),
                _tint(AMBER, 0.3 * level),
                down=0.5,
                reach=1.6,
            )
        for bay in range(2):
            start = z + bay * long_ / 2 + 0.03
            if rng.random() < full:
                span = float(rng.uniform(0.4, 0.95)) * (long_ / 2 - 0.06)
                back = wall - flip * 0.24
                s.box(
                    (min(back, wall), y + 0.025, start),
                    (max(back, wall), y + 0.36, start + span),
                    (0.26, 0.24, 0.22),
                    surface=BOOKS,
                    seed=int(rng.integers(999)),
                    c=0.9,
                    texel_m=0.08,
                )
            else:
                s.ellipsoid(
                    (wall - flip * 0.18, y + 0.13, start + 0.3),
                    (0.09, 0.11, 0.09),
                    _tint(rng.uniform(0.1, 0.7, 3), 1.0),
                    texel_m=0.08,
                )
                s.box(
                    (wall - flip * 0.18 - 0.09, y + 0.025, start + 0.5),
                    (wall - flip * 0.18 + 0.09, y + 0.2, start + 0.72),
                    _tint(rng.uniform(0.1, 0.4, 3), 1.0),
                    texel_m=0.08,
                )


def floor_lamp(s: Scenery, at: Colour, level: float) -> None:
    x, y, z = at
    s.cylinder((x, y, z), 0.15, 0.02, BLACK, texel_m=0.15)
    s.cylinder((x, y, z), 0.012, 1.45, BLACK, texel_m=0.3)
    s.cylinder(
        (x, y + 1.36, z), 0.19, 0.3, (0.7, 0.6, 0.45), glow=_tint(AMBER, 2.6 * level), surface=SOFT_LAMP, texel_m=0.15
    )
    s.lamp(
        (x - 0.05, y + 1.34, z - 0.05), (x + 0.05, y + 1.34, z + 0.05), _tint(AMBER, 0.7 * level), down=0.5, reach=6.0
    )
    s.lamp((x - 0.05, y + 1.69, z - 0.05), (x + 0.05, y + 1.69, z + 0.05), _tint(AMBER, 0.6 * level), reach=6.0)


def pendant(s: Scenery, at: Colour, drop: float, level: float) -> None:
    """A lamp on a cord, hanging `drop` metres below `at`."""
    x, y, z = at
    s.cylinder((x, y - drop, z), 0.004, drop, BLACK, texel_m=0.4)
    s.ellipsoid(
        (x, y - drop, z),
        (0.10, 0.10, 0.10),
        (0.75, 0.7, 0.6),
        glow=_tint(AMBER * [1, 1.15, 1.4], 2.4 * level),
        surface=SOFT_LAMP,
        texel_m=0.2,
    )
    if level:
        s.lamp(
            (x - 0.08, y - drop - 0.15, z - 0.08),
            (x + 0.08, y - drop - 0.15, z + 0.08),
            _tint(AMBER * [1, 1.15, 1.4], 0.42 * level),
            reach=6.0,
        )


def plant(s: Scenery, rng: np.random.Generator, at: Colour, tall: float) -> None:
    """A plant in a pot: stems that lean out, leaves along them."""
    x, y, z = at
    s.cylinder((x, y, z), 0.17, 0.36, (0.5, 0.48, 0.45), texel_m=0.12)
    s.cylinder((x, y + 0.34, z), 0.155, 0.03, (0.03, 0.022, 0.015), texel_m=0.2)
    for _ in range(13):
        angle, lean = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(0.1, 0.42))
        reach = tall * float(rng.uniform(0.5, 1.0))
        for k in range(1, 7):
            t = k / 6
            px = x + math.cos(angle) * lean * t * t * reach + float(rng.uniform(-0.04, 0.04))
            pz = z + math.sin(angle) * lean * t * t * reach + float(rng.uniform(-0.04, 0.04))
            py = y + 0.36 + t * reach * (1 - 0.25 * t * lean)
            green = (0.03 + 0.03 * rng.random(), 0.09 + 0.08 * rng.random(), 0.03)
            s.add(
                2,
                (px, py, pz),
                (0.075, 0.012 + 0.03 * float(rng.random()), 0.03),
                green,
                turn=float(rng.uniform(0, 3.1)),
                texel_m=0.4,
            )


def sofa(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    """A low seat for two along z."""
    cloth = [(0.10, 0.05, 0.035), (0.045, 0.065, 0.075), (0.16, 0.15, 0.14)][int(rng.integers(3))]
    out = math.copysign(1.0, x)
    s.box((x - 0.4, 0.12, z - 0.8), (x + 0.4, 0.42, z + 0.8), cloth, texel_m=0.1)
    s.box((x + out * 0.28 - 0.12, 0.3, z - 0.8), (x + out * 0.28 + 0.12, 0.8, z + 0.8), cloth, texel_m=0.1)
    for end in (-0.8, 0.8):
        s.box((x - 0.42, 0.12, z + end - 0.09), (x + 0.42, 0.6, z + end + 0.09), cloth, texel_m=0.1)
    s.add(0, (x + out * 0.05, 0.52, z + 0.45), (0.09, 0.18, 0.2), (0.4, 0.22, 0.08), turn=0.3, texel_m=0.1)
