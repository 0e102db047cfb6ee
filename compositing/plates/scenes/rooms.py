"""What rooms are made of: walls with openings, windows, curtains, doors, lamps on walls, ceilings and stands."""

import math

import numpy as np

from compositing.plates.patterns import CURTAIN
from compositing.plates.scene import Colour, Scenery
from compositing.plates.scenes.furniture import AMBER, BLACK
from compositing.plates.surfaces import SOFT_LAMP

FLAME = np.array([1.0, 0.66, 0.28])


def tint(rgb: np.ndarray | Colour, power: float) -> Colour:
    """A colour times a power."""
    return (float(rgb[0]) * power, float(rgb[1]) * power, float(rgb[2]) * power)


def side_wall(
    s: Scenery, at: float, out: float, low_z: float, high_z: float, tall: float, openings: list[tuple[float, ...]],
    albedo: Colour, **more: object,
) -> None:  # fmt: skip
    """A wall across x = at, 0.25 m thick away from the room (out: +1 right, -1 left), with holes (z0, z1, y0, y1)."""
    thick = 0.25 * out

    def part(z0: float, z1: float, y0: float, y1: float) -> None:
        if z1 - z0 > 0.01 and y1 - y0 > 0.01:
            s.box((min(at, at + thick), y0, z0), (max(at, at + thick), y1, z1), albedo, **more)

    z = low_z
    for z0, z1, y0, y1 in sorted(openings):
        part(z, z0, 0, tall)
        part(z0, z1, 0, y0)
        part(z0, z1, y1, tall)
        z = z1
    part(z, high_z, 0, tall)


def back_wall(
    s: Scenery, at: float, low_x: float, high_x: float, tall: float, openings: list[tuple[float, ...]],
    albedo: Colour, **more: object,
) -> None:  # fmt: skip
    """A wall across z = at, 0.25 m thick away from the camera, with holes (x0, x1, y0, y1)."""

    def part(x0: float, x1: float, y0: float, y1: float) -> None:
        if x1 - x0 > 0.01 and y1 - y0 > 0.01:
            s.box((x0, y0, at), (x1, y1, at + 0.25), albedo, **more)

    x = low_x
    for x0, x1, y0, y1 in sorted(openings):
        part(x, x0, 0, tall)
        part(x0, x1, 0, y0)
        part(x0, x1, y1, tall)
        x = x1
    part(x, high_x, 0, tall)


def side_window(
    s: Scenery, at: float, out: float, hole: tuple[float, ...], frame: Colour, bars: tuple[int, int] = (2, 2)
) -> None:
    """Frame, bars (along z, along y) and glass in a hole (z0, z1, y0, y1) of a side wall."""
    z0, z1, y0, y1 = hole
    mid = at + 0.12 * out
    for n in range(bars[0] + 1):
        z = z0 + (z1 - z0) * n / bars[0]
        s.box((mid - 0.03, y0, z - 0.025), (mid + 0.03, y1, z + 0.025), frame, texel_m=0.15)
    for n in range(bars[1] + 1):
        y = y0 + (y1 - y0) * n / bars[1]
        s.box((mid - 0.03, y - 0.025, z0), (mid + 0.03, y + 0.025, z1), frame, texel_m=0.15)
    s.box((at - 0.06 * out - 0.02, y0 - 0.04, z0 - 0.04), (at + 0.1 * out + 0.02, y0, z1 + 0.04), frame, texel_m=0.1)
    s.pane(0, mid + 0.02 * out, (y0, z0), (y1, z1), 0.9)


def back_window(s: Scenery, at: float, hole: tuple[float, ...], frame: Colour, bars: tuple[int, int] = (2, 2)) -> None:
    """Frame, bars (along x, along y) and glass in a hole (x0, x1, y0, y1) of a back wall."""
    x0, x1, y0, y1 = hole
    mid = at + 0.12
    for n in range(bars[0] + 1):
        x = x0 + (x1 - x0) * n / bars[0]
        s.box((x - 0.025, y0, mid - 0.03), (x + 0.025, y1, mid + 0.03), frame, texel_m=0.15)
    for n in range(bars[1] + 1):
        y = y0 + (y1 - y0) * n / bars[1]
        s.box((x0, y - 0.025, mid - 0.03), (x1, y + 0.025, mid + 0.03), frame, texel_m=0.15)
    s.box((x0 - 0.05, y0 - 0.04, at - 0.08), (x1 + 0.05, y0, at + 0.1), frame, texel_m=0.1)
    s.pane(2, mid + 0.02, (x0, y0), (x1, y1), 0.9)


def drape(
    s: Scenery, low: Colour, high: Colour, cloth: Colour, seed: int, *, fold: float = 0.13, glow: Colour = (0, 0, 0)
) -> None:
    """A curtain: a thin box of cloth in folds; glow: the light outside that comes through it."""
    s.box(low, high, cloth, surface=CURTAIN, a=fold, seed=seed, glow=glow, texel_m=0.12)


def door_side(s: Scenery, at: float, out: float, z: float, wide: float, tall: float, leaf: Colour, trim: Colour,
              handle: float = 1.0) -> None:  # fmt: skip
    """A closed door standing a little back in a side wall, from z to z + wide, with its frame and handle."""
    deep = 0.035 * out
    face = at - 0.01 * out
    s.box((min(face, face + deep), 0, z), (max(face, face + deep), tall, z + wide), leaf, texel_m=0.1)
    for y0, y1 in ((0.15, tall * 0.45), (tall * 0.5, tall - 0.15)):
        panel = face - 0.006 * out
        s.box(
            (min(panel, face), y0, z + 0.12), (max(panel, face), y1, z + wide - 0.12), tint(leaf, 0.86), texel_m=0.1
        )  # fmt: skip
    jut = at - 0.035 * out
    for z0, z1 in ((z - 0.08, z), (z + wide, z + wide + 0.08)):
        s.box((min(jut, at), 0, z0), (max(jut, at), tall + 0.08, z1), trim, texel_m=0.12)
    s.box((min(jut, at), tall, z - 0.08), (max(jut, at), tall + 0.08, z + wide + 0.08), trim, texel_m=0.12)
    grip = z + 0.09 if handle > 0 else z + wide - 0.09
    s.box(
        (min(jut - 0.03 * out, jut), 0.98, grip - 0.012), (max(jut - 0.03 * out, jut), 1.02, grip + 0.1),
        (0.5, 0.42, 0.25), shine=0.3, rough=0.3, texel_m=0.2,
    )  # fmt: skip


def sconce(s: Scenery, at: float, out: float, y: float, z: float, level: float, hue: np.ndarray = AMBER) -> None:
    """A shaded lamp on a side wall, light above and below it."""
    x = at - 0.13 * out
    s.box((min(x, at), y - 0.01, z - 0.015), (max(x, at), y + 0.01, z + 0.015), (0.4, 0.33, 0.2), texel_m=0.2)
    s.cylinder((x, y - 0.02, z), 0.085, 0.2, (0.75, 0.66, 0.5), glow=tint(hue, 2.6 * level), surface=SOFT_LAMP,
               texel_m=0.15)  # fmt: skip
    if level > 0:
        for lift in (-0.06, 0.24):
            s.lamp((x - 0.03, y + lift, z - 0.03), (x + 0.03, y + lift, z + 0.03), tint(hue, 0.32 * level), reach=4.5)


def downlight(s: Scenery, x: float, ceiling: float, z: float, level: float, hue: np.ndarray = AMBER) -> None:
    """A round lamp set into the ceiling."""
    glow = tint(hue, 14.0 * level) if level > 0 else (0.02, 0.02, 0.02)
    s.cylinder((x, ceiling - 0.008, z), 0.055, 0.007, (0.6, 0.6, 0.6), glow=glow, texel_m=0.3)
    s.cylinder((x, ceiling - 0.006, z), 0.075, 0.005, (0.4, 0.4, 0.4), texel_m=0.3)
    if level > 0:
        s.lamp((x - 0.04, ceiling - 0.03, z - 0.04), (x + 0.04, ceiling - 0.03, z + 0.04), tint(hue, 1.1 * level),
               down=2.5, reach=7.0)  # fmt: skip


def light_panel(s: Scenery, x: float, ceiling: float, z: float, half: tuple[float, float], power: Colour) -> None:
    """A flat lit panel in the ceiling, half sizes across and along; power 0 is off."""
    hx, hz = half
    on = max(power) > 0
    s.box((x - hx - 0.02, ceiling - 0.02, z - hz - 0.02), (x + hx + 0.02, ceiling, z + hz + 0.02), (0.5, 0.5, 0.5),
          texel_m=0.3)  # fmt: skip
    s.box((x - hx, ceiling - 0.028, z - hz), (x + hx, ceiling - 0.018, z + hz), (0.6, 0.6, 0.6),
          glow=tint(power, 3.0) if on else (0.02, 0.02, 0.02), texel_m=0.4)  # fmt: skip
    if on:
        s.lamp((x - hx, ceiling - 0.04, z - hz), (x + hx, ceiling - 0.04, z + hz), tint(power, 1.6 * hx * hz * 4),
               down=1.0, reach=9.0)  # fmt: skip


def lantern(s: Scenery, x: float, y: float, z: float, size: float, level: float, hue: np.ndarray, cord: float) -> None:
    """A paper lantern hanging on a cord, gilt ends and a tassel."""
    gilt = (0.5, 0.34, 0.10)
    s.cylinder((x, y, z), 0.006, cord, BLACK, texel_m=0.5)
    s.ellipsoid((x, y - size, z), (size * 0.85, size, size * 0.85), tint(hue, 0.35), glow=tint(hue, 1.9 * level),
                surface=SOFT_LAMP, texel_m=0.2)  # fmt: skip
    for lift in (-0.06, -2 * size + 0.0):
        s.cylinder((x, y + lift, z), size * 0.42, 0.06, gilt, texel_m=0.2)
    s.cylinder((x, y - 2 * size - 0.35, z), 0.022, 0.35, (0.45, 0.05, 0.03), texel_m=0.3)
    if level > 0:
        s.lamp((x - 0.1, y - 2 * size - 0.1, z - 0.1), (x + 0.1, y - 2 * size - 0.1, z + 0.1),
               tint(hue, 0.7 * level), reach=9.0)  # fmt: skip


def candle_stand(s: Scenery, rng: np.random.Generator, x: float, z: float, tall: float, level: float) -> None:
    """A standing holder with candles of uneven height, their flames small bright drops."""
    gilt = (0.48, 0.33, 0.12)
    s.cylinder((x, 0, z), 0.16, 0.03, gilt, texel_m=0.2)
    s.cylinder((x, 0.03, z), 0.018, tall, gilt, texel_m=0.3)
    s.cylinder((x, tall, z), 0.2, 0.015, gilt, texel_m=0.2)
    for k in range(5):
        angle = 2 * math.pi * k / 5 + 0.3
        cx, cz = x + 0.14 * math.cos(angle), z + 0.14 * math.sin(angle)
        high = float(rng.uniform(0.1, 0.24))
        s.cylinder((cx, tall + 0.015, cz), 0.02, high, (0.7, 0.6, 0.45), glow=tint(AMBER, 0.25 * level), texel_m=0.3)
        if level > 0:
            s.ellipsoid((cx, tall + high + 0.05, cz), (0.011, 0.034, 0.011), (0.9, 0.8, 0.5),
                        glow=tint(FLAME, 22.0 * level), surface=SOFT_LAMP, seed=k, c=1.0, texel_m=0.5)  # fmt: skip
    if level > 0:
        s.lamp((x - 0.12, tall + 0.3, z - 0.12), (x + 0.12, tall + 0.34, z + 0.12), tint(AMBER, 0.55 * level),
               reach=7.0)  # fmt: skip


def vase(s: Scenery, rng: np.random.Generator, x: float, y: float, z: float, tall: float, glaze: Colour) -> None:
    """A vase with a few bare branches in it."""
    s.ellipsoid((x, y + tall * 0.38, z), (tall * 0.26, tall * 0.38, tall * 0.26), glaze, shine=0.05, rough=0.2,
                texel_m=0.08)  # fmt: skip
    s.cylinder((x, y + tall * 0.66, z), tall * 0.1, tall * 0.3, glaze, texel_m=0.1)
    for _ in range(6):
        angle, lean = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(0.05, 0.3))
        for k in range(1, 9):
            t = k / 8 * tall * 1.7
            px, pz = x + math.cos(angle) * lean * t * t / tall, z + math.sin(angle) * lean * t * t / tall
            s.ellipsoid((px, y + tall * 0.9 + t * 0.75, pz), (0.011, 0.08 * tall + 0.02, 0.011), (0.09, 0.055, 0.035),
                        texel_m=0.5)  # fmt: skip
            if k > 3 and rng.random() < 0.6:
                s.ellipsoid((px + float(rng.uniform(-0.03, 0.03)), y + tall * 0.9 + t * 0.75, pz),
                            (0.022, 0.018, 0.022), (0.62, 0.22, 0.24), texel_m=0.5)  # fmt: skip
