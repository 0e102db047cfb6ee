# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Open land: the height of its hills, mountains and shores, from noise, and the light that leaves its ground."""

import math
from typing import NamedTuple

import numpy as np

from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, step, value_noise
from compositing.plates.scene import (
    HORIZON,
    SUN_B,
    SUN_G,
    SUN_R,
    SUN_X,
    SUN_Y,
    SUN_Z,
    ZENITH,
)

LAKE, SEA, WOOD, PLAIN = 0, 1, 2, 3


class Land(NamedTuple):
    """What `height` and `ground` read. form: kind, peak height, shore distance, far shore, snow line, wind, green,
    seed; air: as of a scene; trees (N, 8): x, foot, z, height, kind (0 conifer, 1 broadleaf, 2 trunk, 3 bamboo),
    lean, seed, shade."""

    form: np.ndarray
    air: np.ndarray
    trees: np.ndarray


@kernel
def ridged(x, z, octaves, seed):
    """Mountains in 0..1: noise folded into crests."""
    total = 0.0
    weight = 0.5
    keep = 1.0
    for k in range(octaves):
        n = 1.0 - abs(2.0 * value_noise(x, z, seed + 31 * k) - 1.0)
        n = n * n * keep
        total += weight * n
        keep = min(1.0, n * 1.9)
        x, z = 1.62 * x + 1.24 * z + 3.3, -1.24 * x + 1.62 * z + 8.1
        weight *= 0.5
    return total


@kernel
def height(form, x, z, fine):
    """Metres above the water at (x, z); fine: the least size in metres that matters there."""
    kind = form[0]
    seed = int(form[7])
    if kind == 1.0:  # the sea: sand before the water, a headland far out to one side
        sand = 0.03 * (form[2] - z) + 0.10 * (value_noise(x * 0.21, z * 0.35, seed) - 0.5)
        if z < form[2] + 40:
            return max(sand, -3.0)
        side = form[3]
        cape = step(0.0, 1.0, (x * side - 500.0 - 0.10 * z) / 900.0) * step(1800.0, 2600.0, z)
        if cape <= 0.0:
            return -3.0
        return -4.0 + cape * form[1] * ridged(x / 1300.0, z / 1300.0, 6 if fine < 30 else 4, seed)
    if kind == 2.0 or kind == 3.0:  # woods and plains: it rolls
        octaves = 5 if fine < 1.0 else 3
        return form[1] * (fbm(x / 60.0, z / 60.0, octaves, seed) - 0.5) * step(2.0, 30.0, z) + 0.12 * (
            value_noise(x * 1.1, z * 1.1, seed + 5) - 0.5
        )
    near = 0.045 * (form[2] - z) + 0.7 * (value_noise(x * 0.13, z * 0.13, seed) - 0.6) * step(0.0, form[2], z)
    bank = form[3] * (0.75 + 0.6 * value_noise(x / 260.0, 3.1, seed + 1))
    valley = abs(x) - 90.0 - 0.20 * z - 160.0 * value_noise(z / 420.0, 7.7, seed + 2)
    rise = max(step(bank, bank + 2600.0, z), 0.8 * step(0.0, 1500.0, valley) * step(60.0, 500.0, z))
    if z < form[2] + 30.0 and rise <= 0.0:
        return max(near, -4.0)
    if rise <= 0.0:
        return -4.0
    octaves = 8 if fine < 8 else (6 if fine < 40 else 5)
    crest = ridged(x / 2400.0 + 11.0, z / 2400.0, octaves, seed + 3)
    hills = fbm(x / 330.0, z / 330.0, 4 if fine < 40 else 3, seed + 4)
    level = rise * form[1] * (0.18 * hills + crest * (0.25 + 0.95 * rise))
    if fine < 14.0 and level < form[4]:
        # the tops of a wood
        level += 5.0 * value_noise(x / 4.6, z / 4.6, seed + 6) * step(4.0, 30.0, level) * (1.0 - step(7.0, 14.0, fine))
    return level - 5.0


@kernel
def _sunlit(land, x, y, z, distance):
    """Share of the sun that reaches a place: 1, or less behind a crest."""
    air = land.air
    if air[SUN_R] + air[SUN_G] + air[SUN_B] < 0.02 or air[SUN_Y] < 0.02:
        return 0.0
    if land.form[0] == 2.0:
        # under trees: patches
        spot = value_noise(x * 0.8 + 3.0 * air[SUN_X], z * 0.8, 41) * 0.6 + 0.4 * value_noise(x * 3.1, z * 3.1, 42)
        return step(0.50, 0.66, spot)
    if land.form[0] != 0.0:
        return 1.0
    flat = math.sqrt(max(1e-4, 1.0 - air[SUN_Y] * air[SUN_Y]))
    slope = air[SUN_Y] / flat
    share = 1.0
    stride = 20.0 + 0.02 * distance
    reach = stride
    for _ in range(9):
        over = height(land.form, x + air[SUN_X] / flat * reach, z + air[SUN_Z] / flat * reach, 60.0)
        gap = y + slope * reach - over
        share = min(share, 1.0 + gap / (0.06 * reach + 4.0))
        if share <= 0.0:
            return 0.0
        stride *= 1.6
        reach += stride
    return min(1.0, max(0.0, share))


@kernel
def ground(land, x, z, y, distance, fine):
    """(r, g, b) light that leaves the land at a place toward the eye, air not counted."""
    form = land.form
    air = land.air
    seed = int(form[7])
    e = max(0.15, fine)
    hx = height(form, x + e, z, fine) - height(form, x - e, z, fine)
    hz = height(form, x, z + e, fine) - height(form, x, z - e, fine)
    nx = -hx
    ny = 2.0 * e
    nz = -hz
    q = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz)
    nx *= q
    ny *= q
    nz *= q
    steep = 1.0 - ny
    grain = fbm(x * 0.9, z * 0.9, 4, seed + 20) if fine < 0.6 else 0.5
    patch = fbm(x / 38.0, z / 38.0, 4, seed + 21)
    green = form[6]
    if form[0] == 1.0 and z < form[2] + 45.0:
        wet = step(0.35, -0.1, y)
        ar = 0.36 - 0.17 * wet
        ag = 0.29 - 0.14 * wet
        ab = 0.20 - 0.09 * wet
        k = 0.75 + 0.5 * grain
        k *= 0.86 + 0.2 * value_noise(x * 0.9 + 2.0 * value_noise(z * 0.3, 1.0, seed), z * 4.0, seed + 26)
        ar *= k
        ag *= k
        ab *= k
    elif form[0] == 2.0:
        leaf = fbm(x * 5.0, z * 5.0, 4, seed + 22) if fine < 0.2 else 0.5
        ar = 0.10 + 0.16 * leaf * (1.0 - green)
        ag = 0.075 + 0.09 * leaf + 0.05 * green * patch
        ab = 0.035 + 0.02 * leaf
        path = step(1.6, 0.7, abs(x - 2.2 * math.sin(z * 0.09) - 0.9))
        ar += (0.26 * (0.7 + 0.6 * grain) - ar) * path
        ag += (0.20 * (0.7 + 0.6 * grain) - ag) * path
        ab += (0.13 * (0.7 + 0.6 * grain) - ab) * path
    else:
        rock = step(0.16, 0.42, steep + 0.12 * (grain - 0.5) + 0.25 * (patch - 0.5))
        snow = step(-0.10, 0.10, (y - form[4]) / max(50.0, form[1]) + 0.25 * (patch - 0.5)) * step(0.62, 0.40, steep)
        k = 0.7 + 0.6 * patch
        low = step(30.0, 2.0, y)
        ar = (0.045 + 0.10 * (1.0 - green) + 0.07 * low * patch) * k
        ag = (0.075 + 0.03 * (1.0 - green) + 0.08 * low * patch) * k
        ab = (0.030 + 0.02 * low) * k
        if fine < 10.0:
            top = value_noise(x / 4.6, z / 4.6, seed + 6)
            k = 0.55 + 0.8 * top
            ar *= k
            ag *= k
            ab *= k
        if distance < 60.0:
            # tufts, blades in them, and dry patches; what is finer than a pixel is left to its mean
            blade = 0.45 + 0.6 * value_noise(x * 6.0 + 1.7 * z, z * 4.0, seed + 23)
            blade += 0.5 * value_noise(x * 27.0, z * 19.0, seed + 27) if fine < 0.03 else 0.25
            blade += (0.4 * value_noise(x * 110.0, z * 48.0, seed + 28) if fine < 0.008 else 0.2) - 0.2
            stone = step(0.72, 0.76, fbm(x * 0.7, z * 0.7, 4, seed + 24))
            warm = 1.0 - green
            rough = 0.5 + 0.9 * grain
            dry = step(0.42, 0.72, fbm(x * 0.9 + 5.0, z * 0.9, 3, seed + 29))
            ar = ((0.052 + 0.034 * dry) * blade + 0.07 * warm) * (1 - stone) + 0.13 * stone * rough
            ag = ((0.070 - 0.006 * dry) * blade + 0.02 * warm) * (1 - stone) + 0.125 * stone * rough
            ab = (0.024 + 0.006 * dry) * blade * (1 - stone) + 0.115 * stone * rough
        cliff = 0.6 + 0.8 * fbm(x / 30.0, y / 9.0 + z / 60.0, 4, seed + 25)
        ar += (0.20 * cliff - ar) * rock
        ag += (0.185 * cliff - ag) * rock
        ab += (0.17 * cliff - ab) * rock
        ar += (0.86 - ar) * snow
        ag += (0.88 - ag) * snow
        ab += (0.92 - ab) * snow
    facing = max(0.0, nx * air[SUN_X] + ny * air[SUN_Y] + nz * air[SUN_Z])
    share = facing * _sunlit(land, x, y, z, distance) if facing > 0 else 0.0
    up = 0.5 + 0.5 * ny
    wood = form[0] == 2.0
    dim = 0.55 if wood else 1.0
    kr = 0.8 * air[ZENITH] + 0.5 * air[HORIZON]
    kg = 0.8 * air[ZENITH + 1] + 0.5 * air[HORIZON + 1]
    kb = 0.8 * air[ZENITH + 2] + 0.5 * air[HORIZON + 2]
    if wood:  # little of the sky comes through leaves
        mean = (kr + kg + kb) / 3.0
        kr = 0.35 * kr + 0.65 * mean
        kg = 0.35 * kg + 0.65 * mean
        kb = 0.8 * (0.35 * kb + 0.65 * mean)
    lr = air[SUN_R] * share + dim * up * kr
    lg = air[SUN_G] * share + dim * up * kg
    lb = air[SUN_B] * share + dim * up * kb
    return ar * lr, ag * lg, ab * lb
