# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The light that leaves a scene toward an eye: surfaces under baked light, sun with true shadows, air, glass."""

import math

from compositing.plates.kernels import kernel
from compositing.plates.noise import hash3, step, value_noise
from compositing.plates.scene import (
    GLOW,
    HAZE,
    HAZE_COLOUR,
    HAZE_FROM,
    HAZE_NEAR,
    SUN_B,
    SUN_G,
    SUN_R,
    SUN_X,
    SUN_Y,
    SUN_Z,
)
from compositing.plates.sky import sky
from compositing.plates.surfaces import look
from compositing.plates.trace import FAR, Scene, face_at, first_hit, received

__all__ = ["Scene", "seen", "through_air"]

FAINT = 0.09


@kernel
def through_air(air, distance, dx, dy, dz):
    """(what passes 0..1, added r, g, b) over a distance."""
    depth = max(0.0, distance - air[HAZE_FROM]) * air[HAZE] + min(distance, air[HAZE_FROM]) * air[HAZE_NEAR]
    passes = math.exp(-depth)
    toward = max(0.0, dx * air[SUN_X] + dy * air[SUN_Y] + dz * air[SUN_Z]) ** 6
    k = 1.0 - passes
    return (
        passes,
        k * (air[HAZE_COLOUR] + 0.6 * toward * air[GLOW]),
        k * (air[HAZE_COLOUR + 1] + 0.6 * toward * air[GLOW + 1]),
        k * (air[HAZE_COLOUR + 2] + 0.6 * toward * air[GLOW + 2]),
    )


@kernel
def seen(scene, ox, oy, oz, dx, dy, dz, spread, sun_rays):
    """What a ray meets: (r, g, b, distance, solid, normal xyz, shine, rough).

    spread: radians that one pixel covers. Air is included; mirrors are not, but for glass faces that show the sky.
    """
    air = scene.air
    t, i = first_hit(scene, ox, oy, oz, dx, dy, dz, FAR, False)
    if i < 0:
        r, g, b = sky(air, dx, dy, dz)
        return r, g, b, FAR, -1, 0.0, 0.0, 0.0, 0.0, 0.0
    x = ox + t * dx
    y = oy + t * dy
    z = oz + t * dz
    face, u, v, nx, ny, nz, mu, mv = face_at(scene.geo, i, x, y, z)
    slant = max(0.12, abs(dx * nx + dy * ny + dz * nz))
    ar, ag, ab, er, eg, eb, shine, rough = look(scene, i, face, u, v, mu, mv, t * spread / math.sqrt(slant))
    lr, lg, lb, share = received(scene, i, face, u, v)
    facing = nx * air[SUN_X] + ny * air[SUN_Y] + nz * air[SUN_Z]
    if facing > 0 and air[SUN_R] > 0:
        if sun_rays and air[SUN_R] + air[SUN_G] + air[SUN_B] > FAINT:  # a moon's shadow is the light map's
            off = 2e-3 + 1e-4 * t
            _, block = first_hit(
                scene, x + nx * off, y + ny * off, z + nz * off, air[SUN_X], air[SUN_Y], air[SUN_Z], FAR, True
            )
            share = 0.0 if block >= 0 else 1.0
        lr += air[SUN_R] * facing * share
        lg += air[SUN_G] * facing * share
        lb += air[SUN_B] * facing * share
    r = ar * lr + er
    g = ag * lg + eg
    b = ab * lb + eb
    if rough < 0:
        k = -2 * (dx * nx + dy * ny + dz * nz)
        edge = shine + (1 - shine) * (1 - slant) ** 5 * min(1.0, shine * 20)
        sr, sg, sb = sky(air, dx + k * nx, max(0.02, dy + k * ny), dz + k * nz)
        r += edge * sr
        g += edge * sg
        b += edge * sb
        shine = 0.0
        rough = 0.0
    passes, hr, hg, hb = through_air(air, t, dx, dy, dz)
    return r * passes + hr, g * passes + hg, b * passes + hb, t, i, nx, ny, nz, shine, rough


@kernel
def pane_before(scene, ox, oy, oz, dx, dy, dz, limit):
    """(distance, index) of the first sheet of glass before `limit`, (limit, -1) if none."""
    found = -1
    for k in range(scene.panes.shape[0]):
        if scene.panes[k, 0] == 0.0:
            if abs(dx) < 1e-9:
                continue
            t = (scene.panes[k, 1] - ox) / dx
            p = oy + t * dy
            q = oz + t * dz
        else:
            if abs(dz) < 1e-9:
                continue
            t = (scene.panes[k, 1] - oz) / dz
            p = ox + t * dx
            q = oy + t * dy
        inside = p > scene.panes[k, 2] and p < scene.panes[k, 4] and q > scene.panes[k, 3] and q < scene.panes[k, 5]
        if t > 1e-3 and t < limit and inside:
            limit = t
            found = k
    return limit, found


@kernel
def drop_bend(p, q, amount):
    """(bend across, bend up, brightness) that water on glass gives at (p, q) metres: beads, and runs down from them."""
    bend_p = 0.0
    bend_q = 0.0
    light = 1.0
    for layer in range(3):
        cell = 0.022 * (1.0 + 1.3 * layer)
        ci = math.floor(p / cell)
        cj = math.floor(q / (cell * 1.3))
        if hash3(ci, cj, 301 + layer) > 0.55 * amount:
            continue
        cx = (ci + 0.3 + 0.4 * hash3(ci, cj, 302 + layer)) * cell
        cy = (cj + 0.3 + 0.4 * hash3(ci, cj, 303 + layer)) * cell * 1.3
        radius = cell * (0.12 + 0.22 * hash3(ci, cj, 304 + layer))
        ex = (p - cx) / radius
        ey = (q - cy) / (radius * 1.15)
        d = ex * ex + ey * ey
        if d < 1.0:
            bend_p -= 0.9 * ex
            bend_q -= 0.9 * ey
            light *= 0.55 + 0.45 * (1 - d * d)
    lane = math.floor(p / 0.16)
    centre = (lane + 0.5 + 0.28 * (value_noise(q * 3.0, lane * 3.7, 311) - 0.5) * 2) * 0.16
    if hash3(lane, 5, 312) < 0.5 * amount:
        w = 0.006 + 0.006 * value_noise(q * 5.0, lane * 1.0, 313)
        e = (p - centre) / w
        if abs(e) < 1 and value_noise(q * 1.3, lane * 9.1, 314) > 0.35:
            bend_p -= 0.6 * e
            light *= 0.8
    return bend_p, bend_q, light


@kernel
def ripple(x, z, distance, amount):
    """Slope (x, z) of a wet or polished floor at a place: what breaks its mirror up."""
    fade = amount / (1.0 + 0.02 * distance)
    sx = value_noise(x * 3.1, z * 2.3, 401) + 0.5 * value_noise(x * 8.3, z * 6.1, 402) - 0.75
    sz = value_noise(x * 2.7, z * 3.7, 403) + 0.5 * value_noise(x * 7.1, z * 9.7, 404) - 0.75
    return sx * fade, sz * fade


@kernel
def fresnel(shine, cosine):
    """Schlick's share of mirrored light."""
    k = 1.0 - min(1.0, max(0.0, cosine))
    return shine + (1.0 - shine) * step(0.0, 0.02, shine) * k * k * k * k * k
