# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Trees on open land, each a flat figure that faces the lens."""

import math

from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, hash3, step, value_noise
from compositing.plates.scene import HORIZON, LIVE, SUN_B, SUN_G, SUN_R, SUN_X, SUN_Z, SWAY, ZENITH
from compositing.plates.shade import through_air


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
def grove(land, cam, linear, depth):
    """Draw every tree of the land into linear (H, W, 3) and depth (H, W)."""
    for n in range(land.trees.shape[0]):
        _tree(land, cam, linear, depth, n)
