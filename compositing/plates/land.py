# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Open land: hills and mountains from noise, water that mirrors them, trees that stand on them.

The camera stands upright, so each column of the picture is one slice of land: it is walked from near to far and drawn
wherever it rises above what is drawn already.
"""

import math
from typing import NamedTuple

import numpy as np

from compositing.plates.bands import in_bands
from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, hash3, step, value_noise
from compositing.plates.picture import SKY_DEPTH, Camera
from compositing.plates.scene import (
    HORIZON,
    LIVE,
    OTHER_SHARE,
    OTHER_TIME,
    SUN_B,
    SUN_G,
    SUN_R,
    SUN_X,
    SUN_Y,
    SUN_Z,
    SURF,
    SURF_COUNT,
    SURF_NTH,
    SWAY,
    TIME,
    ZENITH,
)
from compositing.plates.shade import fresnel, through_air
from compositing.plates.sky import sky

LAKE, SEA, WOOD, PLAIN = 0, 1, 2, 3
FARTHEST = 14000.0


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


@kernel
def _columns(land, cam, linear, depth, water, low, high):
    """Draw the land of columns low..high; water (H, W) gets 1 where it shows water, depth its metres along the lens."""
    rows = linear.shape[0]
    form = land.form
    for px in range(low, high):
        vx = (px + 0.5 - cam[6]) / cam[5]
        ex = cam[3] * vx + cam[4]
        ez = -cam[4] * vx + cam[3]
        bottom = rows
        far = 1.2
        was_y = rows * 2.0
        was = far
        while far < FARTHEST and bottom > 0:
            pixel = far / cam[5]
            y = max(0.0 if form[0] < 2.0 else -1e9, height(form, cam[0] + far * ex, cam[2] + far * ez, pixel))
            row = cam[7] - (y - cam[1]) / far * cam[5]
            if row < bottom:
                first = max(0, math.ceil(row - 0.5))
                for py in range(first, bottom):
                    span = was_y - row
                    k = 1.0 if span < 1e-6 else min(1.0, max(0.0, (was_y - (py + 0.5)) / span))
                    at = was + (far - was) * k
                    x = cam[0] + at * ex
                    z = cam[2] + at * ez
                    fine = at / cam[5]
                    raw = height(form, x, z, fine)
                    depth[py, px] = at
                    if form[0] < 2.0 and raw <= 0.0:
                        # the water's own depth: where the ray meets its surface
                        drop = (py + 0.5 - cam[7]) / cam[5]
                        if drop > 1e-6:
                            depth[py, px] = min(FARTHEST, cam[1] / drop)
                        water[py, px] = 1
                        continue
                    reach = at * math.sqrt(ex * ex + ez * ez)
                    r, g, b = ground(land, x, z, raw, reach, fine)
                    q = 1.0 / math.sqrt(ex * ex + ez * ez)
                    passes, hr, hg, hb = through_air(land.air, reach, ex * q, 0.0, ez * q)
                    linear[py, px, 0] = r * passes + hr
                    linear[py, px, 1] = g * passes + hg
                    linear[py, px, 2] = b * passes + hb
                bottom = min(bottom, first)
            was = far
            was_y = row
            far += max(0.05, far * 0.006)


@kernel
def _skies(land, cam, linear, depth, low, high):
    columns = linear.shape[1]
    for py in range(low, high):
        vy = (cam[7] - (py + 0.5)) / cam[5]
        for px in range(columns):
            if depth[py, px] < SKY_DEPTH:
                continue
            vx = (px + 0.5 - cam[6]) / cam[5]
            q = 1.0 / math.sqrt(vx * vx + vy * vy + 1.0)
            dx = (cam[3] * vx + cam[4]) * q
            dz = (-cam[4] * vx + cam[3]) * q
            r, g, b = sky(land.air, dx, max(0.0, vy * q), dz)
            linear[py, px, 0] = r
            linear[py, px, 1] = g
            linear[py, px, 2] = b


@kernel
def _tree(land, cam, linear, depth, n):
    """One tree as a flat figure that faces the lens, lit from the sun's side."""
    tree = land.trees[n]
    air = land.air
    x = tree[0] - cam[0]
    z = tree[2] - cam[2]
    ax = cam[3] * x - cam[4] * z
    az = cam[4] * x + cam[3] * z
    if az < 1.0:
        return
    size = tree[3] / az * cam[5]
    if size < 1.0:
        return
    kind = tree[4]
    lean = tree[5]
    if air[LIVE] > 0.0:
        give = 0.003 if kind == 2.0 else (0.011 if kind == 3.0 else 0.006)
        lean += give * (math.sin(air[SWAY] + tree[6]) + 0.4 * math.sin(3.0 * air[SWAY] + 2.3 * tree[6]))
    foot = cam[7] - (tree[1] - cam[1]) / az * cam[5]
    middle = cam[6] + ax / az * cam[5]
    spread = 0.30 if kind == 0.0 else (0.46 if kind == 1.0 else (0.10 if kind == 2.0 else 0.05))
    seed = int(tree[6])
    rows, columns = depth.shape
    top = max(0, int(foot - size) - 1)
    left = max(0, int(middle - size * (spread + abs(lean))) - 1)
    right = min(columns, int(middle + size * (spread + abs(lean))) + 2)
    sun_side = air[SUN_X] * cam[3] - air[SUN_Z] * cam[4]
    q = 1.0 / math.sqrt(x * x + z * z + 1.0)
    passes, hr, hg, hb = through_air(air, math.sqrt(x * x + z * z), x * q, 0.0, z * q)
    shade = tree[7]
    sr = air[SUN_R] * shade
    sg = air[SUN_G] * shade
    sb = air[SUN_B] * shade
    kr = 0.7 * air[ZENITH] + 0.4 * air[HORIZON]
    kg = 0.7 * air[ZENITH + 1] + 0.4 * air[HORIZON + 1]
    kb = 0.7 * air[ZENITH + 2] + 0.4 * air[HORIZON + 2]
    green = land.form[6]
    for py in range(top, min(rows, int(foot) + 1)):
        v = (foot - (py + 0.5)) / size
        if v < 0.0 or v > 1.0:
            continue
        for px in range(left, right):
            if depth[py, px] < az:
                continue
            u = (px + 0.5 - middle) / size - lean * v
            lit = 0.5
            ar = 0.05
            ag = 0.035
            ab = 0.022
            if kind == 0.0:
                tier = v * 9.0 + 1.5 * value_noise(u * 14.0, v * 11.0, seed)
                reach = 0.27 * (1.0 - v) ** 0.85 * (0.62 + 0.38 * (1.0 - (tier - math.floor(tier))))
                reach *= 0.7 + 0.6 * value_noise(v * 40.0, (1.0 if u > 0 else 2.0), seed + 1)
                if abs(u) > reach or v < 0.05:
                    if abs(u) > 0.012 or v > 0.2:
                        continue
                else:
                    tone = 0.5 + 0.9 * value_noise(u * 60.0, v * 60.0, seed + 2)
                    lit = min(1.0, max(0.0, 0.45 + 0.55 * (u / max(reach, 1e-3)) * (1.0 if sun_side > 0 else -1.0)))
                    ar = 0.028 * tone + 0.05 * (1 - green) * tone
                    ag = 0.062 * tone
                    ab = 0.026 * tone
            elif kind == 1.0:
                wide = 0.40 * math.sqrt(max(0.0, 1.0 - ((v - 0.62) / 0.38) ** 2)) if v > 0.24 else 0.0
                edge = wide * (0.72 + 0.5 * fbm(u * 9.0 + 7.0, v * 9.0, 4, seed))
                holes = fbm(u * 22.0, v * 22.0, 3, seed + 4)
                if abs(u) > edge or holes < 0.30:
                    if abs(u) > 0.022 - 0.012 * v or v > 0.7:
                        continue
                else:
                    clump = fbm(u * 13.0, v * 13.0, 4, seed + 3)
                    lit = min(
                        1.0, max(0.0, 0.2 + 0.9 * clump + 0.5 * u * (1.0 if sun_side > 0 else -1.0) + 0.3 * (v - 0.6))
                    )
                    ar = 0.06 + 0.20 * (1 - green)
                    ag = 0.11 + 0.02 * (1 - green)
                    ab = 0.03
            elif kind == 2.0:
                wide = 0.016 * (1.25 - 0.6 * v) * (1.0 + 0.5 * step(0.06, 0.0, v))
                edge = wide * (0.94 + 0.12 * value_noise(v * 60.0, 1.0 if u > 0 else 3.0, seed))
                if abs(u) > edge or v < 0.008 * value_noise(u * 900.0, 2.0, seed + 8):
                    continue  # grass stands before its foot
                bark = fbm(u / wide * 3.0, v * 70.0, 4, seed + 1)
                across = u / edge
                lit = min(1.0, max(0.0, 0.5 + 0.6 * across * (1.0 if sun_side > 0 else -1.0)))
                k = 0.45 + 1.1 * bark
                ar = 0.10 * k
                ag = 0.072 * k
                ab = 0.050 * k
            else:
                wide = 0.0052 * (1.1 - 0.5 * v)
                if abs(u) > wide or v < 0.011 * value_noise(u * 700.0, 3.0, seed + 8):
                    continue  # grass stands before its foot
                joint = v * 26.0 + 0.3 * hash3(seed, 3, 4)
                knot = step(0.06, 0.02, abs(joint - math.floor(joint + 0.5)))
                across = u / wide
                lit = min(1.0, max(0.0, 0.55 + 0.55 * across * (1.0 if sun_side > 0 else -1.0)))
                k = (0.8 + 0.4 * value_noise(v * 30.0, 5.0, seed)) * (1.0 - 0.45 * knot)
                dry = hash3(seed, 5, 9)
                ar = (0.115 + 0.075 * dry + 0.10 * (1 - green)) * k
                ag = (0.160 + 0.010 * dry) * k
                ab = 0.062 * k
            dapple = 0.35 + 0.65 * step(0.4, 0.65, value_noise(u * 20.0 + seed, v * 16.0, 77))
            r = ar * (sr * lit * dapple + kr)
            g = ag * (sg * lit * dapple + kg)
            b = ab * (sb * lit * dapple + kb)
            linear[py, px, 0] = r * passes + hr
            linear[py, px, 1] = g * passes + hg
            linear[py, px, 2] = b * passes + hb
            depth[py, px] = az


@kernel
def _grove(land, cam, linear, depth):
    for n in range(land.trees.shape[0]):
        _tree(land, cam, linear, depth, n)


@kernel
def _swell(air, p, q, size, k, seed):
    """Height 0..1 of the k-th of five trains of waves `size` metres long, at (p, q) in waves; each has its own way and
    the speed that its length gives it (deep water: 1.25 m/s times the root of the length), here a little less."""
    if air[LIVE] == 0.0:
        return value_noise(p, q, seed + 40 + k)
    side = 0.25 if k == 0 else (-0.6 if k == 1 else (0.8 if k == 2 else (-0.3 if k == 3 else 0.5)))
    along = 1.0 if k < 2 else (0.3 if k == 2 else (-0.6 if k == 3 else 0.5))
    speed = 0.75 / math.sqrt(size)
    t = air[TIME] * speed
    a = value_noise(p + side * t, q + along * t / 0.55, seed + 40 + k)
    share = air[OTHER_SHARE]
    if share == 0.0:
        return a
    t = air[OTHER_TIME] * speed
    b = value_noise(p + side * t, q + along * t / 0.55, seed + 40 + k)
    # two waters mixed are calmer than one: brought back to its height
    even = math.sqrt((1.0 - share) * (1.0 - share) + share * share)
    return 0.5 + ((a - 0.5) * (1.0 - share) + (b - 0.5) * share) / even


@kernel
def _waters(land, cam, linear, depth, water, low, high):
    """Water: mirrors what stands above it as far as it is drawn, the sky beyond; waves by wind, glitter of the sun."""
    rows, columns = depth.shape
    air = land.air
    wind = land.form[5]
    sea = land.form[0] == 1.0
    seed = int(land.form[7])
    for py in range(low, high):
        for px in range(columns):
            if water[py, px] == 0:
                continue
            far = depth[py, px]
            vx = (px + 0.5 - cam[6]) / cam[5]
            vy = (cam[7] - (py + 0.5)) / cam[5]
            x = cam[0] + far * (cam[3] * vx + cam[4])
            z = cam[2] + far * (-cam[4] * vx + cam[3])
            q = 1.0 / math.sqrt(vx * vx + vy * vy + 1.0)
            dx = (cam[3] * vx + cam[4]) * q
            dy = vy * q
            dz = (-cam[4] * vx + cam[3]) * q
            # waves: long swells on a sea, ripples on a lake; what is finer than a pixel only roughens the mirror
            fine = far / cam[5] * (1.0 + 0.25 * abs(far / max(0.5, cam[1])))
            sx = 0.0
            sz = 0.0
            crest = 0.0
            size = 14.0 if sea else 2.6
            steepness = (0.34 if sea else 0.10) * wind
            for k in range(5):
                if size > fine * 0.7:
                    a = _swell(air, x / size + 3.1 * k, z / (size * 0.55), size, k, seed)
                    b = _swell(air, x / size + 3.1 * k + 0.35, z / (size * 0.55), size, k, seed)
                    c = _swell(air, x / size + 3.1 * k, z / (size * 0.55) + 0.35, size, k, seed)
                    fade = min(1.0, (size / max(fine, 1e-3) - 0.7) * 0.5)
                    sx += (b - a) * steepness * fade * 1.6
                    sz += (c - a) * steepness * fade * 2.6
                    crest += (a - 0.5) * fade * (0.5**k)
                size *= 0.45
            nx = -sx
            ny = 1.0
            nz = -sz
            w = 1.0 / math.sqrt(nx * nx + 1.0 + nz * nz)
            nx *= w
            ny *= w
            nz *= w
            dot = dx * nx + dy * ny + dz * nz
            mx = dx - 2 * dot * nx
            my = max(0.01, dy - 2 * dot * ny)
            mz = dz - 2 * dot * nz
            r, g, b = sky(air, mx, my, mz)
            if not sea:
                # the picture above the horizon, mirrored, pushed about by the slope of the water
                lift = my / max(0.2, cam[4] * mx + cam[3] * mz)
                row = cam[7] - lift * cam[5]
                across = cam[6] + (cam[3] * mx - cam[4] * mz) / max(0.2, cam[4] * mx + cam[3] * mz) * cam[5]
                iy = int(row)
                ix = min(columns - 1, max(0, int(across)))
                if 0 <= iy < rows:
                    seen = depth[iy, ix]
                    if seen < SKY_DEPTH:
                        # a mirrored thing stands a little lower than the thing itself
                        iy = min(rows - 1, max(0, int(row + 2.0 * cam[1] / max(seen, 30.0) * cam[5])))
                    if water[iy, ix] == 0 and seen > far:
                        r = linear[iy, ix, 0]
                        g = linear[iy, ix, 1]
                        b = linear[iy, ix, 2]
            k = fresnel(0.02, -dot)
            base = 0.25 * air[ZENITH + 1] + 0.35 * air[HORIZON + 1] + 0.08 * air[SUN_G]
            shallow = step(9.0, 1.0, far - land.form[2]) if sea else step(14.0, 2.0, far - land.form[2])
            dr = base * (0.008 + 0.12 * shallow)
            dg = base * (0.045 + 0.20 * shallow)
            db = base * (0.060 + 0.14 * shallow)
            r = r * k + dr * (1 - k)
            g = g * k + dg * (1 - k)
            b = b * k + db * (1 - k)
            glint = max(0.0, mx * air[SUN_X] + my * air[SUN_Y] + mz * air[SUN_Z])
            spark = min(6.0, 5.0 * glint**420 + 0.6 * glint**60) * (
                0.3 + 1.4 * value_noise(x * 2.0, z * 6.0, seed + 50)
            )
            r += air[SUN_R] * spark
            g += air[SUN_G] * spark
            b += air[SUN_B] * spark
            if sea:
                line = z - land.form[2] - 1.3 * math.sin(x * 0.13 + seed) - 2.2 * fbm(x * 0.11, 0.3, 4, seed + 51)
                foam = 0.0
                for n in range(-1 if air[SURF] > 0.0 else 0, 3):
                    # breakers roll in one after the other; the last runs out, a new one rises far out
                    row = n + air[SURF]
                    nth = n + int(air[SURF_NTH])
                    if air[SURF_COUNT] > 0.0:
                        nth = nth % int(air[SURF_COUNT])
                    at = line - 0.6 - 6.5 * row * (1.0 + 0.5 * max(row, 0.0))
                    soft = step(1.5 + 0.8 * max(row, 0.0), 0.0, abs(at)) * fbm(x * 1.7, z * 1.7, 5, seed + 52 + nth)
                    seen = step(-1.0, 0.0, row) * step(3.0, 2.0, row)
                    foam = max(foam, seen * step(0.24, 0.5, soft * (1.05 - 0.12 * row)))
                foam = max(
                    foam,
                    wind
                    * step(0.26, 0.36, crest)
                    * step(0.45, 0.6, fbm(x * 0.9, z * 0.9, 4, seed + 53))
                    * step(900.0, 60.0, far),
                )
                light = 0.55 * (air[ZENITH + 1] + air[HORIZON + 1]) + 0.45 * air[SUN_G]
                r += (0.82 * (light * 0.6 + 0.4 * (air[SUN_R] * 0.45 + 0.5 * air[HORIZON])) - r) * foam
                g += (0.84 * light - g) * foam
                b += (0.86 * (light * 0.6 + 0.4 * (air[SUN_B] * 0.45 + 0.6 * air[HORIZON + 2])) - b) * foam
            passes, hr, hg, hb = through_air(air, far, dx, 0.0, dz)
            linear[py, px, 0] = r * passes + hr
            linear[py, px, 1] = g * passes + hg
            linear[py, px, 2] = b * passes + hb


def look_out(land: Land, camera: Camera, width: int, height_px: int) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) linear light and (H, W) metres along the lens of the land as the camera sees it."""
    cam = camera.array(width, height_px)
    linear = np.zeros((height_px, width, 3), np.float32)
    depth = np.full((height_px, width), SKY_DEPTH, np.float32)
    water = np.zeros((height_px, width), np.uint8)
    in_bands(width, 48, lambda a, b: _columns(land, cam, linear, depth, water, a, b))
    in_bands(height_px, 32, lambda a, b: _skies(land, cam, linear, depth, a, b))
    _grove(land, cam, linear, depth)
    if water.any():
        # the mirror reads rows above the water only: those are finished, so bands may run side by side
        in_bands(height_px, 32, lambda a, b: _waters(land, cam, linear, depth, water, a, b))
    return linear, depth
