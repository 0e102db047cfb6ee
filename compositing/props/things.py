"""The props themselves, each in a frame of its own: 1 is its height, its middle at 0, 0."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.props.shapes import Colour, Sheet, Stuff

GILT = Stuff((0.62, 0.40, 0.11), gloss=0.9, tight=18)
BRASS = Stuff((0.52, 0.36, 0.13), gloss=1.0, tight=22)
BAMBOO = Stuff((0.36, 0.24, 0.11), gloss=0.12)
WOOD = Stuff((0.085, 0.038, 0.018), gloss=0.18, tight=30)
COLOURS: dict[str, Colour] = {
    "red": (0.50, 0.018, 0.014), "white": (0.72, 0.68, 0.58), "amber": (0.66, 0.32, 0.05), "blue": (0.03, 0.10, 0.26),
    "ochre": (0.50, 0.27, 0.07), "ivory": (0.70, 0.62, 0.44), "black": (0.016, 0.015, 0.016),
    "celadon": (0.32, 0.46, 0.36), "clay": (0.19, 0.075, 0.038), "green": (0.012, 0.13, 0.055),
    "steel": (0.46, 0.48, 0.50), "bronze": (0.30, 0.19, 0.075),
}  # fmt: skip


def _table(*pairs: tuple[float, float]) -> Any:
    """A profile through (t, radius) pairs, smooth between them."""
    at, value = np.array(pairs).T
    fine = np.linspace(0, 1, 400)
    kernel = np.hanning(61)
    smooth = np.convolve(np.pad(np.interp(fine, at, value), 30, mode="edge"), kernel / kernel.sum(), mode="valid")
    return lambda t: np.interp(t, fine, smooth)


def _dimmed(colour: Colour, by: float) -> Colour:
    return colour[0] * by, colour[1] * by, colour[2] * by


def _ball(wide: float) -> Any:
    """A round profile."""
    return lambda t: wide * np.sqrt(np.clip(1 - (2 * t - 1) ** 2, 0, 1)) + 1e-4


def _tassel(sheet: Sheet, x: float, y: float, long: float, wide: float, colour: Colour, seed: int) -> None:
    chance = np.random.default_rng(seed + 77)
    sheet.turned(x, y, y + long * 0.16, _table((0, 0.2 * wide), (0.3, wide * 0.62), (1, wide * 0.5)), GILT)
    for n in range(26):
        foot = (n / 25 - 0.5) * 2 * wide * 0.78 + chance.normal(0, wide * 0.07)
        shade = float(chance.uniform(0.65, 1.25))
        end = y + long * float(chance.uniform(0.93, 1.0))
        thread = Stuff(_dimmed(colour, shade), gloss=0.1)
        start = x + (n / 25 - 0.5) * wide * 0.8
        sheet.strip([(start, y + long * 0.14), (x + foot * 0.9, (y + end) / 2), (x + foot, end)], 0.0028, thread)


def lantern(params: dict[str, Any], seed: int, width: int, height: int) -> NDArray[np.float32]:
    sheet = Sheet(width, height, params)
    silk, lit = COLOURS[params["colour"]], params["lit"] == "yes"
    top, bottom, wide = -0.24, 0.20, 0.285
    ribs = 14
    turn = np.random.default_rng(seed).uniform(0, 1)

    def painted(base: NDArray, t: NDArray, across: NDArray) -> NDArray:
        rib = np.abs(((across + 1) / 2 * ribs / 2 * 2 + turn) % 1 - 0.5)  # 0.5 at a rib
        fold = 1 - 0.5 * np.clip((rib - 0.44) / 0.06, 0, 1) - 0.10 * np.cos(rib * 2 * math.pi)
        return base * fold[..., None]

    if lit:
        sheet.halo(0, -0.02, 0.8, (0.34, 0.105, 0.027) if params["colour"] == "red" else (0.36, 0.18, 0.06))
    sheet.strip([(0, -0.33), (0, -3.0)], 0.006, Stuff((0.05, 0.02, 0.01)))
    body = Stuff(silk, gloss=0.10, tight=10, through=0.35)
    sheet.turned(
        0, top, bottom, lambda t: wide * np.clip(1 - np.abs(2 * t - 1) ** 2.3, 0, None) ** 0.5 + 0.001, body, painted
    )
    if lit:  # the flame's light through the silk: strongest before it, falling off to the rim
        _glow(sheet, silk, top, bottom, wide, painted)
    cap = _table((0, 0.088), (0.2, 0.094), (0.5, 0.086), (1, 0.10))
    sheet.turned(0, -0.275, -0.205, cap, GILT, flat=0.18)
    sheet.turned(0, 0.165, 0.235, lambda t: cap(1 - t), GILT, flat=0.18)
    sheet.turned(0, -0.335, -0.27, _table((0, 0.012), (0.5, 0.03), (1, 0.034)), GILT)
    sheet.strip([(0, 0.23), (0, 0.285)], 0.006, Stuff((0.4, 0.02, 0.015)))
    _tassel(sheet, 0, 0.275, 0.225, 0.045, (0.48, 0.03, 0.02), seed)
    return sheet.finished()


def _glow(sheet: Sheet, silk: Colour, top: float, bottom: float, wide: float, painted: Any) -> None:
    hot = np.array([1.0, 0.62, 0.26], np.float32)
    dyed = np.sqrt(np.array(silk, np.float32)) * hot

    def shining(_base: NDArray, t: NDArray, across: NDArray) -> NDArray:
        far = ((t - 0.56) * 1.5) ** 2 + (across * 0.85) ** 2
        heat = np.exp(-far / 0.30)[..., None]
        core = np.exp(-far / 0.035)[..., None] * 0.55
        seen = painted(np.ones((*t.shape, 3), np.float32), t, across) * (dyed * (0.10 + 0.95 * heat) + hot * core)
        return np.asarray(seen, np.float32)

    kept = sheet.key, sheet.air
    sheet.key, sheet.air = np.zeros(3, np.float32), np.ones(3, np.float32)
    stuff = Stuff((1, 1, 1), gloss=0.0, alpha=0.86)
    sheet.turned(
        0, top, bottom, lambda t: wide * np.clip(1 - np.abs(2 * t - 1) ** 2.3, 0, None) ** 0.5 + 0.001, stuff, shining
    )
    sheet.key, sheet.air = kept


def umbrella(params: dict[str, Any], seed: int, width: int, height: int) -> NDArray[np.float32]:
    sheet = Sheet(width, height, params)
    paper = COLOURS[params["colour"]]
    chance = np.random.default_rng(seed)
    ribs, wide, peak, rim, bow = 28, 0.62, -0.46, -0.12, 0.075
    sheet.strip([(0, peak), (0, 0.5)], 0.011, BAMBOO)
    sheet.turned(0, 0.36, 0.5, _table((0, 0.013), (0.2, 0.019), (0.9, 0.02), (1, 0.012)), WOOD)

    def edge(angle: float) -> tuple[float, float]:
        return wide * math.sin(angle), rim + bow * math.cos(angle)

    def slope(angle: float, run: float) -> tuple[float, float]:
        x, y = edge(angle)
        return x * run, peak + (y - peak) * run**1.55

    angles = [math.pi * (n / ribs * 2 - 1) for n in range(ribs + 1)]
    far_side = [n for n in range(ribs) if math.cos((angles[n] + angles[n + 1]) / 2) < 0]
    near_side = [n for n in range(ribs) if n not in far_side]
    inside = Stuff(_dimmed(paper, 0.4), gloss=0.0, through=0.5)
    for n in far_side:  # the inner side, seen below the near rim
        sheet.piece([edge(angles[n]), edge(angles[n + 1]), (0, rim - 0.04)], (0, -0.5, 0.6), inside)
    for n in range(0, ribs, 2):
        sheet.strip([(0, 0.09), (edge(angles[n])[0] * 0.62, rim - 0.015)], 0.004, BAMBOO)
    sheet.turned(0, 0.07, 0.12, _table((0, 0.02), (0.5, 0.027), (1, 0.02)), BAMBOO)
    for n in sorted(near_side, key=lambda n: -abs(angles[n] + angles[n + 1])):
        a, b = angles[n], angles[n + 1]
        middle = (a + b) / 2
        tone = 1 + float(chance.normal(0, 0.03))
        stuff = Stuff(_dimmed(paper, tone), gloss=0.22, tight=14, through=0.3)
        runs = [k / 10 for k in range(11)]
        for k in range(10):
            quad = [slope(a, runs[k]), slope(b, runs[k]), slope(b, runs[k + 1]), slope(a, runs[k + 1])]
            lean = 1.15 - 0.75 * runs[k]
            sheet.piece(quad, (math.sin(middle) * (0.5 + runs[k]), lean, math.cos(middle) * 0.8), stuff)
        sheet.strip([slope(a, run) for run in runs], 0.0032, Stuff(_dimmed(paper, 0.45)))
    band = Stuff((0.025, 0.02, 0.018), gloss=0.1)
    arc = [angles[n] for n in range(ribs + 1) if math.cos(angles[n]) >= -0.001]
    sheet.strip([edge(angle) for angle in arc], 0.0055, band)
    for run in (0.80, 0.86):
        sheet.strip([slope(angle, run) for angle in arc], 0.0028, Stuff((0.6, 0.5, 0.3)))
    sheet.turned(
        0, peak - 0.04, peak + 0.035, _table((0, 0.008), (0.4, 0.02), (1, 0.045)), Stuff((0.03, 0.02, 0.016), gloss=0.4)
    )
    return sheet.finished()


def fan(params: dict[str, Any], seed: int, width: int, height: int) -> NDArray[np.float32]:
    sheet = Sheet(width, height, params)
    own = COLOURS[params["colour"]]
    chance = np.random.default_rng(seed)
    pivot, inner, outer = (0.0, 0.36), 0.36, 0.84
    wide = math.radians(74) * params["open"] / 100
    folds = 26
    ink = np.array((0.55, 0.42, 0.16) if params["colour"] != "ivory" else (0.022, 0.026, 0.03), np.float32)
    waves = [
        (float(chance.uniform(2, 5)), float(chance.uniform(0, 6.3)), float(chance.uniform(0.03, 0.06)))
        for _ in range(3)
    ]
    sun = (float(chance.uniform(-0.5, 0.5)) * wide, 0.70)

    def at(angle: float, far: float) -> tuple[float, float]:
        return pivot[0] + far * math.sin(angle), pivot[1] - far * math.cos(angle)

    def painted(base: NDArray, x: NDArray, y: NDArray) -> NDArray:
        """Two rows of hills in ink, paler behind; a sun; a gilt rim."""
        angle, far = np.arctan2(x - pivot[0], pivot[1] - y), np.hypot(x - pivot[0], y - pivot[1])
        seen = np.array(base)
        for row, (level, strength) in enumerate(((0.60, 0.35), (0.53, 0.8))):
            ridge = level + sum(high * np.abs(np.sin(n * angle + phase + row * 1.7)) for n, phase, high in waves) * 0.7
            hill = np.clip((ridge - far) / 0.004, 0, 1) * np.clip(1 - (ridge - far) / 0.13, 0, 1) * strength
            seen += (ink - seen) * hill[..., None]
        disc = np.clip((0.035 - np.hypot(angle * far - sun[0] * far, far - sun[1])) / 0.004, 0, 1)
        seen += (np.array([0.45, 0.03, 0.02], np.float32) - seen) * (0.85 * disc)[..., None]
        rim = np.clip((far - outer + 0.012) / 0.003, 0, 1)
        return seen + (np.array([0.5, 0.33, 0.1], np.float32) - seen) * rim[..., None]

    ribs = Stuff((0.12, 0.05, 0.022), gloss=0.3)
    for n in range(folds // 2 + 1):
        angle = -wide + 2 * wide * n / (folds // 2)
        sheet.strip([at(angle, -0.03), at(angle, inner + 0.02)], [0.009, 0.013], ribs)
    for n in range(folds):
        a, b = (-wide + 2 * wide * k / folds for k in (n, n + 1))
        middle, lean = (a + b) / 2, 0.42 if n % 2 else -0.42
        quad = [at(a, inner), at(b, inner), at((a + b) / 2, (inner + outer) / 2), at(b, outer), at(a, outer)]
        normal = (math.cos(middle) * lean, math.sin(middle) * lean, 0.9)
        sheet.piece(
            [quad[0], quad[1], quad[3], quad[4]],
            normal,
            Stuff(own, gloss=0.03, through=0.3),
            painted,
        )
    for angle in (-wide, wide):
        sheet.strip(
            [at(angle, -0.04), at(angle, outer + 0.005)], [0.013, 0.019], Stuff((0.10, 0.04, 0.018), gloss=0.35)
        )
    sheet.turned(0, pivot[1] - 0.02, pivot[1] + 0.02, _ball(0.02), BRASS)
    sheet.strip(
        [(0, pivot[1] + 0.02), (0.03, pivot[1] + 0.06), (0.02, pivot[1] + 0.10)], 0.004, Stuff((0.4, 0.03, 0.02))
    )
    _tassel(sheet, 0.02, pivot[1] + 0.09, 0.19, 0.026, (0.44, 0.03, 0.02), seed)
    return sheet.finished()


def tea_set(params: dict[str, Any], seed: int, width: int, height: int) -> NDArray[np.float32]:
    sheet = Sheet(width, height, params)
    glaze = Stuff(COLOURS[params["colour"]], gloss=0.15 if params["colour"] == "clay" else 0.85, tight=60)
    dark = Stuff(_dimmed(glaze.colour, 0.55), gloss=glaze.gloss)
    chance = np.random.default_rng(seed)
    grain = float(chance.uniform(0, 6))

    def planks(base: NDArray, t: NDArray, across: NDArray) -> NDArray:
        lines = np.sin(across * 140 + 6 * np.sin(across * 9 + grain)) * 0.12 + np.sin(across * 31 + grain) * 0.1
        return base * (1 + lines)[..., None]

    board = Stuff((0.16, 0.075, 0.032), gloss=0.22, tight=26)
    sheet.turned(0, 0.36, 0.43, lambda t: 1.02 + 0 * t, board, planks, flat=0.055)
    sheet.piece([(1.02 * math.sin(k / 40 * math.tau), 0.36 + 0.056 * math.cos(k / 40 * math.tau)) for k in range(40)],
                (0, 1, 0.25), Stuff((0.20, 0.095, 0.04), gloss=0.1))  # fmt: skip
    pot, foot = -0.28, 0.365
    for x, wide in ((pot, 0.36), (0.34, 0.17), (0.70, 0.16)):  # what stands on the tray darkens it
        sheet.turned(x, foot - 0.012, foot + 0.018, _ball(wide), Stuff((0.03, 0.014, 0.006), gloss=0, alpha=0.6))
    spout = [(pot + 0.27, 0.12), (pot + 0.40, 0.05), (pot + 0.46, -0.06), (pot + 0.52, -0.13)]
    sheet.strip(spout, [0.075, 0.052, 0.036, 0.030], glaze)
    ring = [(pot - 0.30 - 0.17 * math.sin(k / 12 * math.pi), -0.06 + 0.24 * k / 12) for k in range(13)]
    sheet.strip(ring, 0.026, glaze)
    belly = _table((0, 0.13), (0.12, 0.25), (0.45, 0.35), (0.72, 0.32), (0.93, 0.19), (1, 0.20))
    sheet.turned(pot, -0.13, 0.365, belly, glaze, flat=0.05)
    sheet.turned(pot, -0.215, -0.115, _table((0, 0.05), (0.5, 0.13), (1, 0.155)), glaze, flat=0.06)
    sheet.turned(pot, -0.118, -0.108, lambda t: 0.156 + 0 * t, dark, flat=0.06)
    sheet.turned(pot, -0.29, -0.205, _table((0, 0.015), (0.4, 0.045), (1, 0.022)), glaze)
    for x, size in ((0.34, 1.0), (0.70, 0.94)):
        cup = _table(*((t, wide * size) for t, wide in ((0, 0.145), (0.5, 0.125), (0.85, 0.075), (1, 0.08))))
        upper = foot - 0.20 * size
        sheet.turned(x, upper, foot + 0.005, cup, glaze, flat=0.06)
        for far, stuff in ((0.145, glaze), (0.128, Stuff((0.18, 0.085, 0.018), gloss=0.4))):
            rim = [
                (
                    x + far * size * math.sin(k / 36 * math.tau),
                    upper + 0.028 * size * far / 0.145 * math.cos(k / 36 * math.tau),
                )
                for k in range(36)
            ]
            sheet.piece(rim, (0, 1, 0.4), stuff)
    return sheet.finished()


def desk_lamp(params: dict[str, Any], seed: int, width: int, height: int) -> NDArray[np.float32]:
    sheet = Sheet(width, height, params)
    lit, glass = params["lit"] == "yes", COLOURS[params["colour"]]
    lean = 0.03 * float(np.random.default_rng(seed).uniform(-1, 1))
    if lit:
        sheet.halo(0.02, -0.20, 0.75, (0.34, 0.23, 0.10))
    sheet.turned(0, 0.40, 0.47, _table((0, 0.06), (0.25, 0.17), (0.6, 0.235), (1, 0.25)), BRASS, flat=0.12)
    sheet.turned(0, 0.27, 0.42, _table((0, 0.022), (0.3, 0.028), (0.7, 0.05), (1, 0.075)), BRASS)
    sheet.turned(0, -0.16, 0.30, _table((0, 0.017), (0.45, 0.019), (0.5, 0.034), (0.55, 0.019), (1, 0.024)), BRASS)
    for side in (-1, 1):
        arm = [(0, -0.10), (side * 0.05, -0.16), (side * 0.10 + lean, -0.24), (side * 0.095 + lean, -0.30)]
        sheet.strip(arm, 0.011, BRASS)
    sheet.strip([(0.11, -0.12), (0.112, 0.03)], 0.0035, BRASS)
    sheet.turned(0.112, 0.03, 0.06, _ball(0.009), BRASS)
    lower, upper, half = -0.17, -0.40, 0.33
    if lit:  # the white inner side of the glass, bright, below the rim
        bulb = [
            (lean + half * 0.96 * math.sin(k / 40 * math.tau), lower + 0.030 * math.cos(k / 40 * math.tau))
            for k in range(40)
        ]
        sheet.piece(bulb, (0, -1, 0.3), Stuff((0.7, 0.6, 0.45)).lit(1.0, 0.78, 0.46))

    def shining(base: NDArray, t: NDArray, across: NDArray) -> NDArray:
        heat = np.exp(-(((t - 0.78) / 0.42) ** 2) - (across * 1.05) ** 2)[..., None]
        dyed = np.sqrt(np.array(glass, np.float32)) * np.array([1.0, 0.86, 0.55], np.float32)
        return base + dyed**1.5 * heat * (1.5 if lit and params["colour"] != "black" else 0.0) / np.maximum(
            sheet.air + 0.35 * sheet.key, 0.05
        )

    shade = _table((0, 0.16), (0.2, 0.235), (0.6, 0.305), (1, half))
    sheet.turned(lean, upper, lower, shade, Stuff(glass, gloss=0.7, tight=40, through=0.15), shining, flat=0.07)
    sheet.turned(
        lean,
        lower - 0.013,
        lower + 0.004,
        lambda t: half + 0 * t,
        Stuff(_dimmed(glass, 0.8), gloss=0.5),
        flat=0.07,
    )
    sheet.turned(lean, upper - 0.055, upper + 0.012, _table((0, 0.008), (0.35, 0.03), (0.6, 0.018), (1, 0.05)), BRASS)
    return sheet.finished()


def sword(params: dict[str, Any], seed: int, width: int, height: int) -> NDArray[np.float32]:
    sheet = Sheet(width, height, params)
    metal = COLOURS[params["colour"]]
    point, guard, wide = -0.5, 0.27, 0.021
    blade = [(0.0, point), (wide * 0.8, point + 0.045), (wide, guard), (0.0, guard)]

    def ground(base: NDArray, x: NDArray, y: NDArray) -> NDArray:
        """A ground edge, a hint of the room in the steel."""
        edge = np.clip((np.abs(x) - wide * 0.66) / 0.002, 0, 1)
        room = 0.75 + 0.5 * np.sin(y * 9 + 1.2) ** 2
        return base * (room + 0.5 * edge)[..., None]

    for side in (-1, 1):
        points = [(side * x, y) for x, y in blade]
        sheet.piece(points, (side * 0.62, 0.12, 0.8), Stuff(metal, gloss=0.85, tight=6), ground)
    sheet.strip([(0, point + 0.05), (0, guard)], 0.0012, Stuff(_dimmed(metal, 0.5)))
    wings = [
        (-0.082, guard - 0.020),
        (-0.05, guard + 0.004),
        (0, guard + 0.016),
        (0.05, guard + 0.004),
        (0.082, guard - 0.020),
    ]
    sheet.strip(wings, [0.010, 0.016, 0.024, 0.016, 0.010], GILT)

    def wound(base: NDArray, t: NDArray, across: NDArray) -> NDArray:
        return base * (0.55 + 0.55 * np.abs(np.sin(t * 62 + across * 2.2)))[..., None]

    grip = _table((0, 0.019), (0.5, 0.022), (1, 0.018))
    sheet.turned(0, guard + 0.022, guard + 0.165, grip, Stuff((0.06, 0.018, 0.015), gloss=0.15), wound)
    for y in (guard + 0.026, guard + 0.158):
        sheet.turned(0, y, y + 0.010, lambda t: 0.023 + 0 * t, GILT)
    sheet.turned(0, guard + 0.165, guard + 0.205, _table((0, 0.018), (0.5, 0.033), (1, 0.012)), GILT)
    sheet.strip([(0, guard + 0.20), (0.02, guard + 0.225), (0.055, guard + 0.21)], 0.003, Stuff((0.35, 0.03, 0.02)))
    _tassel(sheet, 0.055, guard + 0.205, 0.16, 0.020, (0.42, 0.03, 0.02), seed)
    return sheet.finished()
