"""What period and palette make of a room that stands: its materials, its lamps, what lies about.

A room is built as it is today; this goes over all that stands in it before any light is worked out.
"""

from typing import Any

import numpy as np

from compositing.plates.patterns import MARBLE, WALLPAPER
from compositing.plates.scene import HAZE_NEAR, Colour, Scenery
from compositing.plates.surfaces import CEILING, FACADE, LAMP, PLAIN, SCREEN, SOFT_LAMP, TILES, WOOD

# Columns of Scenery's attributes, see `Scenery.add`.
GLOW, SHINE, SURFACE, SEED, FIRST = slice(3, 6), 6, 8, 9, 10
# The air of a room is lit as the sky is, which by day is brighter than the room.
HAZES = {"day": 0.25, "golden": 0.5, "night": 1.0, "storm": 0.4}
PROUD_M = 0.006  # that paint and panels stand out from a wall: less than a door does
WALL_M2 = 2.2  # a side so large is a wall's
# By period: the wall's paint, how high a dado goes (metres; 0 without), the floor, what grey metal and plastic were
# then, the light of its lamps.
PERIODS: dict[str, dict[str, Any]] = {
    "eighties": {"wall": (0.60, 0.62, 0.55), "dado": (0.16, 0.36, 0.27), "rail": 1.15, "floor": (0.30, 0.29, 0.26),
                 "wood": (0.27, 0.15, 0.065), "lamp": (0.90, 1.06, 0.92)},
    "republican": {"wall": (0.36, 0.31, 0.20), "dado": (0.11, 0.05, 0.025), "rail": 1.0, "floor": (0.17, 0.085, 0.04),
                   "wood": (0.12, 0.055, 0.028), "lamp": (1.18, 0.88, 0.52)},
}  # fmt: skip
RISES = {"modern": 1.0, "eighties": 0.5, "republican": 0.3}  # of houses outside
PAINTS: dict[str, Colour] = {  # what a palette does to walls and floors
    "warm": (1.25, 0.95, 0.62), "cold": (0.72, 0.96, 1.25), "neon": (0.66, 0.58, 0.80),
}  # fmt: skip
ACCENTS = ((1.0, 0.06, 0.55), (0.05, 0.55, 1.0))  # the two colours of a room lit by signs
NEON = 0.2  # of light that the middle of the room gets from each
STREWN_FROM = 0.6  # of clutter: from here on things stand about on the floor too
PARCELS: tuple[Colour, ...] = ((0.36, 0.24, 0.13), (0.30, 0.21, 0.12), (0.10, 0.12, 0.15), (0.28, 0.07, 0.06))


def dressed(s: Scenery, params: dict[str, Any], seed: int, *, half: float, back: float, tall: float) -> None:
    """Go over a room, half its width, its length and its height given in metres, with its `period`, `palette` and
    `clutter`."""
    rng = np.random.default_rng([seed, 31])
    s.air[HAZE_NEAR] *= HAZES[params["light"]]
    clutter = params["clutter"] / 100
    if clutter > STREWN_FROM:
        _strew(s, rng, (clutter - STREWN_FROM) / (1 - STREWN_FROM), half, back)
    geo, attr = s.solids()
    within = (np.abs(geo[:, 1]) <= half + 1.5) & (geo[:, 3] <= back + 0.6)
    light = np.isin(attr[:, SURFACE], (LAMP, SOFT_LAMP, SCREEN))
    size = 2 * geo[:, 4:7]
    side = np.maximum(size[:, 0], size[:, 2]) * size[:, 1]
    wall = (
        within & ~light & (side > WALL_M2) & (size[:, 1] > 0.9) & np.isin(attr[:, SURFACE], (PLAIN, WALLPAPER, MARBLE))
    )
    floor = within & ~light & (size[:, 0] * size[:, 2] > 4 * WALL_M2) & (geo[:, 2] < 0.1)
    period = PERIODS.get(params.get("period", ""))
    papered = wall & (attr[:, 0:3].min(1) > 0.15)
    if period:
        _as_then(s, attr, within, papered, floor, period)
    paint = PAINTS.get(params["palette"])
    if paint:
        attr[wall | floor, 0:3] *= paint
    if params["palette"] == "neon":
        _signs(s, rng, half, back, tall)
    s.dress(attr)
    if period:
        _dado(s, geo[papered], period)


def _dado(s: Scenery, walls: np.ndarray, period: dict[str, Any]) -> None:
    """The lower part of each wall that stands on the floor, painted or panelled, a rail on top of it."""
    for _, x, y, z, hx, hy, hz, cos, sin in walls.tolist():
        top = min(y + hy, period["rail"])
        if y - hy > 0.1 or top < 0.3 or max(hx, hz) < 0.25:
            continue
        turn = float(np.arctan2(sin, cos))
        wood = period["lamp"][2] < 0.7
        look: dict[str, Any] = {"surface": WOOD, "a": 0.34, "b": 1.0} if wood else {"shine": 0.02, "rough": 0.5}
        s.add(
            0, (x, top / 2, z), (hx + PROUD_M, top / 2, hz + PROUD_M), period["dado"], turn=turn, texel_m=0.14, **look
        )
        s.add(0, (x, top, z), (hx + 2 * PROUD_M, 0.025, hz + 2 * PROUD_M), period["wood"], turn=turn, texel_m=0.3)


def _as_then(
    s: Scenery, attr: np.ndarray, within: np.ndarray, wall: np.ndarray, floor: np.ndarray, period: dict[str, Any]
) -> None:
    albedo = attr[:, 0:3]
    screen = within & (attr[:, SURFACE] == SCREEN)
    attr[screen, SURFACE], attr[screen, GLOW], attr[screen, 0:3] = PLAIN, 0.0, period["wood"]
    grey = within & (np.ptp(albedo, axis=1) < 0.05) & (albedo.mean(1) < 0.58) & np.isin(attr[:, SURFACE], (PLAIN,))
    grey &= ~wall & ~floor & (attr[:, GLOW].max(1) == 0)
    share = np.clip(0.7 + 1.4 * albedo[grey].mean(1, keepdims=True), 0.7, 1.4)
    attr[grey, 0:3] = np.array(period["wood"]) * share
    attr[grey, SHINE] = 0.02
    attr[wall, 0:3] = period["wall"]
    attr[wall, SURFACE], attr[wall, FIRST], attr[wall, FIRST + 1], attr[wall, SHINE] = WALLPAPER, 0.42, 0.0, 0.0
    attr[within & (attr[:, SURFACE] == CEILING), SURFACE] = PLAIN
    tiled = floor & np.isin(attr[:, SURFACE], (TILES, MARBLE, WOOD))
    attr[tiled, 0:3] = period["floor"]
    if period["lamp"][2] < 0.7:  # boards, waxed
        attr[tiled, SURFACE], attr[tiled, FIRST], attr[tiled, FIRST + 1] = WOOD, 0.16, 1.0
    else:  # poured stone chips, polished
        attr[tiled, SURFACE], attr[tiled, FIRST] = TILES, 0.5
    glows = within & (attr[:, SURFACE] != FACADE)
    attr[glows, GLOW] *= period["lamp"]
    s.tint_lamps(period["lamp"])


def _signs(s: Scenery, rng: np.random.Generator, half: float, back: float, tall: float) -> None:
    """Light of signs that one does not see: one colour from each side, from beyond the picture."""
    first = int(rng.integers(2))
    for k, side in enumerate((-1.0, 1.0)):
        colour = np.array(ACCENTS[(first + k) % 2]) * NEON * half * half
        for z in (0.28 * back, 0.72 * back):
            x = side * (half - 0.25)
            s.lamp((x - 0.1, 0.5 * tall, z - 0.6), (x + 0.1, 0.5 * tall, z + 0.6),
                   (float(colour[0]), float(colour[1]), float(colour[2])), reach=3.0 * half)  # fmt: skip


def _strew(s: Scenery, rng: np.random.Generator, much: float, half: float, back: float) -> None:
    """Parcels, bags and heaps of paper along the walls."""
    for _ in range(round(much * min(44.0, max(14.0, 0.5 * half * back)))):
        side = -1.0 if rng.random() < 0.5 else 1.0
        deep = min(0.45, 0.22 * half)
        x, z = side * (half - deep - 0.05 - 0.3 * half * float(rng.random()) ** 2), float(rng.uniform(3.0, back - 0.8))
        y = 0.02
        for _ in range(int(rng.integers(1, 4))):
            w, h = float(rng.uniform(0.4, 1.0)) * deep, float(rng.uniform(0.10, 0.38))
            paper = rng.random() < 0.3
            colour = (0.55, 0.52, 0.46) if paper else PARCELS[int(rng.integers(len(PARCELS)))]
            s.add(0, (x, y + h / 2, z), (w, h / 2, w * float(rng.uniform(0.7, 1.3))), colour,
                  turn=float(rng.uniform(-0.5, 0.5)), texel_m=0.12)  # fmt: skip
            y += h
