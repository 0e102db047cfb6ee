"""Things that stand and move in streets."""

import math

import numpy as np

from compositing.plates.scene import Colour, Scenery
from compositing.plates.surfaces import SHOP, SIGN, SOFT_LAMP

DARK: Colour = (0.03, 0.032, 0.036)
NEON: tuple[Colour, ...] = (
    (1.0, 0.04, 0.12),
    (0.03, 0.55, 1.0),
    (1.0, 0.06, 0.55),
    (1.0, 0.38, 0.05),
    (0.05, 0.85, 0.45),
    (0.95, 0.88, 0.75),
    (1.0, 0.10, 0.03),
    (0.35, 0.12, 1.0),
)


def _times(colour: Colour, k: float) -> Colour:
    return (colour[0] * k, colour[1] * k, colour[2] * k)


def street_lamp(s: Scenery, x: float, z: float, lean: float, power: float) -> None:
    """A mast 8 m tall with an arm toward the road; power 0 is off."""
    warm: Colour = (1.0, 0.60, 0.27)
    s.cylinder((x, 0.0, z), 0.075, 8.0, DARK, texel_m=1.0)
    s.cylinder((x, 0.0, z), 0.14, 0.9, DARK, texel_m=0.5)
    s.box((min(x, x + lean * 1.9), 7.93, z - 0.04), (max(x, x + lean * 1.9), 8.0, z + 0.04), DARK, texel_m=1.0)
    head = x + lean * 1.75
    s.ellipsoid(
        (head, 7.9, z),
        (0.38, 0.09, 0.17),
        (0.4, 0.4, 0.4),
        glow=_times(warm, 26.0 * power),
        surface=SOFT_LAMP,
        texel_m=0.5,
    )
    if power:
        s.lamp(
            (head - 0.3, 7.75, z - 0.15), (head + 0.3, 7.75, z + 0.15), _times(warm, 19.0 * power), down=1.2, reach=34.0
        )
        s.point((head, 7.85, z - 0.2), _times(warm, 2.0 * power), 0.55)


def car(s: Scenery, rng: np.random.Generator, x: float, z: float, away: bool, lights: float) -> None:
    """A car 4.5 m long whose middle is at (x, z); away: its tail is toward the camera. lights 0..1."""
    paint = [(0.02, 0.02, 0.023), (0.35, 0.35, 0.36), (0.13, 0.012, 0.012), (0.02, 0.035, 0.07), (0.30, 0.17, 0.015)][
        int(rng.integers(5))
    ]
    shine = {"shine": 0.05, "rough": 0.2, "texel_m": 0.3}
    s.box((x - 0.9, 0.28, z - 2.2), (x + 0.9, 0.78, z + 2.2), paint, **shine)
    s.box((x - 0.86, 0.74, z - 1.9), (x + 0.86, 0.95, z + 1.95), paint, **shine)
    s.box((x - 0.76, 0.9, z - 1.45), (x + 0.76, 1.32, z + 0.75), (0.012, 0.013, 0.016), **shine)
    s.box((x - 0.72, 1.3, z - 1.15), (x + 0.72, 1.45, z + 0.45), paint, **shine)
    for wx in (-0.86, 0.86):
        for wz in (-1.4, 1.4):
            s.ellipsoid((x + wx, 0.33, z + wz), (0.12, 0.33, 0.33), (0.015, 0.015, 0.015), texel_m=0.5)
    end = z - 2.215
    colour: Colour = (1.0, 0.035, 0.02) if away else (1.0, 0.93, 0.78)
    power = (9.0 if away else 16.0) * lights
    for side in (-0.66, 0.66):
        wide, tall = (0.2, 0.07) if away else (0.17, 0.085)
        s.box(
            (x + side - wide, 0.66 - tall, end - 0.02),
            (x + side + wide, 0.66 + tall, end),
            (0.1, 0.1, 0.1),
            glow=_times(colour, power),
            surface=SOFT_LAMP,
            texel_m=0.5,
        )
        if lights:
            s.point((x + side, 0.66, end - 0.1), _times(colour, 0.12 * power), 0.2 if away else 0.26)
    if lights:
        s.lamp(
            (x - 0.5, 0.55, end - 0.4),
            (x + 0.5, 0.55, end - 0.2),
            _times(colour, (0.35 if away else 2.2) * lights),
            reach=9.0 if away else 14.0,
        )
    s.box((x - 0.26, 0.42, end - 0.01), (x + 0.26, 0.53, end), (0.5, 0.5, 0.5), texel_m=0.5)


def walker(s: Scenery, rng: np.random.Generator, x: float, z: float, umbrella: bool, walks: bool = False) -> None:
    """Someone on the pavement, a shape among lights: never to be looked at closely; walks: away or this way."""
    pace = (1.25 if int(z * 10) % 2 else -1.25) if walks else 0.0
    body = (pace, z, 0.0, 0.0, 0.0) if walks else None
    s.ride = body
    tall = float(rng.uniform(0.93, 1.07))
    coat = [(0.02, 0.02, 0.025), (0.07, 0.055, 0.045), (0.10, 0.02, 0.02), (0.05, 0.07, 0.10)][int(rng.integers(4))]
    for side in (-0.09, 0.09):
        step = float(rng.uniform(-0.12, 0.12))
        if walks:
            s.ride = (pace, z, 0.24, 0.86, 0.0 if side < 0 else math.pi)
            step = 0.0
        s.cylinder((x + side, 0.12, z + step), 0.065, 0.82 * tall, (0.02, 0.02, 0.024), texel_m=0.4)
        s.ellipsoid((x + side, 0.16, z + step - 0.06), (0.06, 0.05, 0.13), DARK, texel_m=0.5)
    s.ride = body
    s.ellipsoid((x, 1.02 * tall + 0.12, z), (0.24, 0.42, 0.16), coat, texel_m=0.2)
    s.ellipsoid((x, 1.30 * tall + 0.12, z), (0.23, 0.16, 0.13), coat, texel_m=0.2)
    s.ellipsoid((x, 1.60 * tall + 0.12, z), (0.085, 0.115, 0.10), (0.09, 0.06, 0.045), texel_m=0.2)
    if umbrella:
        cloth = [(0.015, 0.015, 0.018), (0.28, 0.03, 0.03), (0.05, 0.09, 0.16), (0.4, 0.38, 0.35)][int(rng.integers(4))]
        s.ellipsoid((x + 0.1, 1.95 * tall, z), (0.56, 0.16, 0.56), cloth, texel_m=0.2)
        s.cylinder((x + 0.1, 1.2 * tall, z), 0.012, 0.78 * tall, DARK, texel_m=0.5)
    s.ride = None


def hanging_sign(s: Scenery, rng: np.random.Generator, wall: float, side: float, z: float, power: float) -> None:
    """An upright sign that stands out from a wall at x = wall on the left (side -1) or right (1) of the street."""
    cell = float(rng.choice([0.6, 0.8, 1.05, 1.3]))
    count = int(rng.integers(3, 8))
    foot = float(rng.uniform(4.5, 11.0))
    if z < 16:
        cell, count = min(cell, 0.7), min(count, 5)
    gap = 0.35
    near, far = wall - side * gap, wall - side * (gap + cell)
    low, high = min(near, far), max(near, far)
    colour = NEON[int(rng.integers(len(NEON)))]
    filled = rng.random() < 0.35
    s.box(
        (low, foot, z - 0.09),
        (high, foot + cell * count, z + 0.09),
        DARK,
        glow=_times(colour, power * (1.15 if filled else 3.4)),
        surface=SIGN,
        seed=int(rng.integers(9999)),
        a=cell,
        b=cell,
        c=0.55 if filled else 0.0,
        texel_m=0.5,
    )
    s.box((low - 0.05, foot - 0.05, z - 0.07), (high + 0.05, foot + cell * count + 0.05, z + 0.07), DARK, texel_m=0.6)
    for y in (foot + 0.3, foot + cell * count - 0.3):
        s.box((min(wall, near), y, z - 0.03), (max(wall, near), y + 0.05, z + 0.03), DARK, texel_m=0.8)
    if power:
        mid = foot + cell * count / 2
        s.lamp((low, mid, z - 0.4), (high, mid, z - 0.3), _times(colour, power * 3.2), reach=16.0)


def shop_row(
    s: Scenery, rng: np.random.Generator, wall: float, side: float, z: float, long_: float, power: float
) -> None:
    """Shop fronts along a wall from z on, `long_` metres, 4 m tall, with an awning here and there."""
    tall = 4.0
    near = wall - side * 0.12
    s.box(
        (min(wall + side * 0.5, near), 0.15, z),
        (max(wall + side * 0.5, near), tall, z + long_),
        (0.10, 0.095, 0.09),
        glow=_times((1.0, 0.80, 0.54), 0.62 * power),
        surface=SHOP,
        seed=int(rng.integers(9999)),
        b=tall,
        texel_m=0.8,
    )
    s.box(
        (min(wall, wall - side * 0.5), tall, z),
        (max(wall, wall - side * 0.5), tall + 0.22, z + long_),
        (0.09, 0.09, 0.095),
        texel_m=0.8,
    )
    at = z + 0.4
    while at < z + long_ - 3.2:
        if rng.random() < 0.4:
            cloth = _times(NEON[int(rng.integers(len(NEON)))], 0.22)
            for k in range(4):
                out = near - side * (0.3 + 0.3 * k)
                s.box(
                    (min(out, out - side * 0.3), 3.0 - 0.1 * k, at),
                    (max(out, out - side * 0.3), 3.05 - 0.1 * k, at + 3.0),
                    cloth,
                    texel_m=0.5,
                )
        at += 4.6


def traffic_light(s: Scenery, x: float, z: float, side: float, power: float) -> None:
    """A mast with an arm over the road, red or green toward the camera."""
    s.cylinder((x, 0, z), 0.08, 5.8, DARK, texel_m=1.0)
    tip = x - side * 4.0
    s.box((min(x, tip), 5.6, z - 0.05), (max(x, tip), 5.72, z + 0.05), DARK, texel_m=1.0)
    s.box((tip - 0.17, 5.1, z - 0.12), (tip + 0.17, 6.2, z + 0.05), (0.015, 0.015, 0.015), texel_m=0.8)
    for k, colour in enumerate(((0.15, 1.0, 0.55), (0.3, 0.18, 0.02), (0.05, 0.006, 0.004))):
        lit = 11.0 * power if k == 0 else 0.5
        s.ellipsoid(
            (tip, 5.32 + k * 0.33, z - 0.13),
            (0.11, 0.11, 0.04),
            (0.02, 0.02, 0.02),
            glow=_times(colour, lit),
            surface=SOFT_LAMP,
            texel_m=0.5,
        )


def small_street_things(s: Scenery, rng: np.random.Generator, x: float, z: float) -> None:
    """A bin, a box of wires, a bollard, a bicycle's worth of bars, or a crate."""
    kind = int(rng.integers(4))
    if kind == 0:
        s.cylinder((x, 0.12, z), 0.24, 0.85, (0.05, 0.06, 0.055), texel_m=0.3)
    elif kind == 1:
        s.box((x - 0.3, 0.12, z - 0.45), (x + 0.3, 1.35, z + 0.45), (0.12, 0.13, 0.12), texel_m=0.3)
    elif kind == 2:
        for k in range(3):
            s.cylinder((x, 0.12, z + k * 1.4), 0.07, 0.85, (0.3, 0.28, 0.1), texel_m=0.3)
    else:
        for k in range(int(rng.integers(2, 5))):
            s.add(
                0,
                (x + float(rng.uniform(-0.1, 0.1)), 0.29 + k * 0.34, z),
                (0.25, 0.165, 0.3),
                (0.2, 0.14, 0.08),
                turn=float(rng.uniform(-0.3, 0.3)),
                texel_m=0.3,
            )


def roof(s: Scenery, rng: np.random.Generator, top: float, clutter: float, power: float) -> None:
    """The roof we stand on, `top` metres up: slab, parapet with a rail, machines, tanks, pipes."""
    edge = 4.4
    s.box(
        (-16, top - 2, -8),
        (16, top, edge),
        (0.17, 0.165, 0.16),
        shine=0.05,
        rough=0.35,
        surface=15,
        a=1.6,
        seed=8,
        texel_m=0.25,
    )
    s.box((-16, top - 30, edge - 0.3), (16, top + 0.55, edge), (0.2, 0.19, 0.18), texel_m=0.25)
    s.box((-16, top + 0.55, edge - 0.36), (16, top + 0.62, edge + 0.06), (0.24, 0.23, 0.22), texel_m=0.25)
    for x in np.arange(-8, 8.1, 1.6):
        s.cylinder((float(x), top + 0.6, edge - 0.15), 0.022, 0.5, DARK, texel_m=0.4)
    for y in (0.85, 1.08):
        s.box((-8, top + y, edge - 0.17), (8, top + y + 0.035, edge - 0.13), DARK, texel_m=0.4)
    for k in range(round(1 + 4 * clutter)):
        x = float(rng.uniform(1.4, 4.4)) * (1 if k % 2 else -1)
        z = float(rng.uniform(2.8, 3.8))
        w, h = float(rng.uniform(0.4, 0.8)), float(rng.uniform(0.7, 1.3))
        s.box((x - w, top, z - 0.4), (x + w, top + h, z + 0.4), (0.33, 0.33, 0.33), texel_m=0.15)
        s.cylinder((x, top + h, z), min(w, 0.36), 0.05, (0.04, 0.04, 0.04), texel_m=0.2)
        for b in range(5):
            s.box(
                (x - w + 0.06, top + 0.12 + b * h * 0.16, z - 0.42),
                (x + w - 0.06, top + 0.15 + b * h * 0.16, z - 0.4),
                (0.08, 0.08, 0.08),
                texel_m=0.3,
            )
    for k in range(25):
        # a string of bulbs from mast to mast
        t = k / 24
        x, y = -4.8 + 9.6 * t, top + 3.1 - 0.55 * 4 * t * (1 - t)
        s.add(0, (x, y + 0.09, edge - 0.2), (0.21, 0.006, 0.006), DARK, texel_m=1.0)
        if k % 2 == 0:
            bulb = _times((1.0, 0.55, 0.2), 9.0 * power + 0.05)
            s.ellipsoid(
                (x, y, edge - 0.2), (0.045, 0.06, 0.045), (0.5, 0.5, 0.5), glow=bulb, surface=SOFT_LAMP, texel_m=0.5
            )
            if power:
                s.lamp(
                    (x, y, edge - 0.25), (x + 0.02, y, edge - 0.22), _times((1.0, 0.55, 0.2), 0.16 * power), reach=6.0
                )
    for x in (-4.85, 4.85):
        s.cylinder((x, top, edge - 0.2), 0.03, 3.2, DARK, texel_m=0.5)
    side = 1.0 if rng.random() < 0.5 else -1.0
    s.cylinder((side * 3.4, top, 3.9), 0.03, 4.2, DARK, texel_m=0.5)
    for k in range(4):
        s.box(
            (side * 3.4 - 0.5 + 0.08 * k, top + 3.0 + 0.3 * k, 3.885),
            (side * 3.4 + 0.5 - 0.08 * k, top + 3.02 + 0.3 * k, 3.915),
            DARK,
            texel_m=0.6,
        )
    if power:
        s.ellipsoid(
            (-side * 2.6, top + 1.2, edge - 0.4),
            (0.09, 0.09, 0.09),
            (0.5, 0.5, 0.5),
            glow=(12.0 * power, 7.0 * power, 3.0 * power),
            surface=SOFT_LAMP,
            texel_m=0.3,
        )
        s.lamp(
            (-side * 2.6, top + 1.15, edge - 0.55),
            (-side * 2.6 + 0.05, top + 1.15, edge - 0.5),
            (1.5 * power, 0.9 * power, 0.4 * power),
            reach=7.0,
        )


def tangle(s: Scenery, rng: np.random.Generator, z: float, half: float) -> None:
    """A cable across the street, sagging: short straight lengths."""
    y, sag = float(rng.uniform(7.5, 11)), float(rng.uniform(0.3, 0.9))
    steps = 40
    for k in range(steps):
        t = (k + 0.5) / steps
        x = -half + 2 * half * t
        s.add(
            0,
            (x, y - sag * 4 * t * (1 - t), z + math.sin(k) * 0.02),
            (half / steps + 0.05, 0.012, 0.012),
            DARK,
            texel_m=2.0,
        )
