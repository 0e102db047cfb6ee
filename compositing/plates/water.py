# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The water of open land: it mirrors what stands above it, moves by wind, glitters and breaks on the shore."""

import math

from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, step, value_noise
from compositing.plates.picture import SKY_DEPTH
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
    TIME,
    ZENITH,
)
from compositing.plates.shade import fresnel, through_air
from compositing.plates.sky import sky


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
def waters(land, cam, linear, depth, water, low, high):
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
