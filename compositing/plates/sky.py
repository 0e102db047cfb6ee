# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The sky in a direction: gradient, glow round the sun, clouds lit from one side."""

import math

from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, hash3, step
from compositing.plates.scene import (
    CLOUD_DARK,
    CLOUD_LIT,
    CLOUDS,
    DRIFT,
    GLOW,
    HORIZON,
    OTHER_SHARE,
    OTHER_TIME,
    SKY_SEED,
    STARS,
    SUN_X,
    SUN_Y,
    SUN_Z,
    TIME,
    ZENITH,
)


@kernel
def sky(air, dx, dy, dz):
    """(r, g, b), linear, of the sky along a direction of length one; below the horizon, the horizon."""
    up = max(dy, 0.0)
    k = up**0.55
    r = air[HORIZON] + (air[ZENITH] - air[HORIZON]) * k
    g = air[HORIZON + 1] + (air[ZENITH + 1] - air[HORIZON + 1]) * k
    b = air[HORIZON + 2] + (air[ZENITH + 2] - air[HORIZON + 2]) * k
    toward = max(0.0, dx * air[SUN_X] + dy * air[SUN_Y] + dz * air[SUN_Z])
    near = 0.35 * toward**4 + 0.9 * toward**40 + 12.0 * toward**900
    wide = math.exp(-9.0 * up)  # the light that lies along the horizon: a city's, or a low sun's
    r += air[GLOW] * (near + 0.5 * wide)
    g += air[GLOW + 1] * (near + 0.5 * wide)
    b += air[GLOW + 2] * (near + 0.5 * wide)
    if air[STARS] > 0.0 and up > 0.05:
        sx = math.floor(dx / (up + 0.4) * 420)
        sz = math.floor(dz / (up + 0.4) * 420)
        if hash3(sx, sz, 77) > 0.9985:
            lum = air[STARS] * hash3(sx, sz, 78) ** 3
            r += lum
            g += lum
            b += lum
    if air[CLOUDS] > 0.0 and dy > 0.0:
        cr, cg, cb, alpha = clouds(air, dx, dy, dz, toward, air[TIME])
        share = air[OTHER_SHARE]
        if share > 0.0:
            er, eg, eb, other = clouds(air, dx, dy, dz, toward, air[OTHER_TIME])
            both = max(1e-6, alpha * (1.0 - share) + other * share)
            cr = (cr * alpha * (1.0 - share) + er * other * share) / both
            cg = (cg * alpha * (1.0 - share) + eg * other * share) / both
            cb = (cb * alpha * (1.0 - share) + eb * other * share) / both
            alpha = both
        r += (cr - r) * alpha
        g += (cg - g) * alpha
        b += (cb - b) * alpha
    return r, g, b


@kernel
def clouds(air, dx, dy, dz, toward, time):
    """(r, g, b, cover 0..1) of the clouds along a direction above the horizon, `time` seconds on; toward: its cosine to
    the sun, not below 0."""
    flat = 1.0 / (dy + 0.12)
    x = dx * flat * 1.1 + air[DRIFT] * time
    z = dz * flat * 1.1 + 0.4 * air[DRIFT] * time
    seed = int(air[SKY_SEED])
    warp = fbm(x * 0.9 + 7.1, z * 0.9, 3, seed + 5)
    form = fbm(x + 0.9 * warp, z * 1.25 + 0.5 * warp, 6, seed)
    edge = 0.92 - 0.62 * air[CLOUDS]
    thick = step(edge - 0.10, edge + 0.24, form + 0.10)
    # A second look a little toward the sun tells the lit rim from the shaded belly.
    toward_sun = fbm(x + 0.9 * warp + 0.14 * air[SUN_X], z * 1.25 + 0.5 * warp + 0.14 * air[SUN_Z], 4, seed)
    rim = min(1.0, max(0.0, 0.5 + 3.2 * (form - toward_sun) - 0.55 * (thick - 0.5)))
    rim = rim * (0.55 + 0.45 * toward) + 0.5 * toward**6
    return (
        air[CLOUD_DARK] + (air[CLOUD_LIT] - air[CLOUD_DARK]) * rim,
        air[CLOUD_DARK + 1] + (air[CLOUD_LIT + 1] - air[CLOUD_DARK + 1]) * rim,
        air[CLOUD_DARK + 2] + (air[CLOUD_LIT + 2] - air[CLOUD_DARK + 2]) * rim,
        thick * step(0.0, 0.10, dy),
    )
