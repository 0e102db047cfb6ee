# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Which solid a ray meets first: boxes turned about the vertical, upright cylinders, ellipsoids, in a tree of bounds.

Axes: x to the right, y up, z away from the camera, in metres.
A scene travels through the kernels as one tuple of arrays (`Scene`).
"""

import math
from typing import NamedTuple

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from compositing.plates.kernels import STACK, kernel, on_the_stack

BOX, CYLINDER, ELLIPSOID = 0, 1, 2
FAR = 1.0e30
NEAR_M = 1.0e-4


class Scene(NamedTuple):
    """geo (N, 9): kind, centre xyz, half sizes xyz, cos and sin of the turn. attr (N, 14): see `scene.Scenery.add`.

    bounds (M, 6), links (M, 2): the tree; a leaf has first >= 0 and count, an inner node -1 - axis and its right child.
    maps_at (N, 6, 3): each face's first texel, width, height in light (T, 3), the bounced and lamp light it receives;
    sun (T,): the share of the sun that reaches it. lamps (L, 14), panes (K, 7), air (40,): see `scene`.
    """

    geo: np.ndarray
    attr: np.ndarray
    bounds: np.ndarray
    links: np.ndarray
    maps_at: np.ndarray
    light: np.ndarray
    sun: np.ndarray
    lamps: np.ndarray
    panes: np.ndarray
    air: np.ndarray


@kernel
def _meet(geo, i, ox, oy, oz, dx, dy, dz, limit):
    """Distance to solid i from outside it, or FAR."""
    px = ox - geo[i, 1]
    py = oy - geo[i, 2]
    pz = oz - geo[i, 3]
    hx = geo[i, 4]
    hy = geo[i, 5]
    hz = geo[i, 6]
    c = geo[i, 7]
    s = geo[i, 8]
    kind = geo[i, 0]
    lx = c * px - s * pz
    lz = s * px + c * pz
    ex = c * dx - s * dz
    ez = s * dx + c * dz
    if kind == 0.0:
        ix = 1.0 / ex if abs(ex) > 1e-12 else 1e12
        iy = 1.0 / dy if abs(dy) > 1e-12 else 1e12
        iz = 1.0 / ez if abs(ez) > 1e-12 else 1e12
        a = -lx * ix
        k = hx * abs(ix)
        near = a - k
        far = a + k
        a = -py * iy
        k = hy * abs(iy)
        near = max(near, a - k)
        far = min(far, a + k)
        a = -lz * iz
        k = hz * abs(iz)
        near = max(near, a - k)
        far = min(far, a + k)
        if near <= far and near > NEAR_M and near < limit:
            return near
        return FAR
    if kind == 1.0:
        best = FAR
        qa = ex * ex + ez * ez
        if qa > 1e-14:
            qb = lx * ex + lz * ez
            qc = lx * lx + lz * lz - hx * hx
            disc = qb * qb - qa * qc
            if disc > 0:
                t = (-qb - math.sqrt(disc)) / qa
                if t > NEAR_M and t < limit and abs(py + t * dy) <= hy:
                    best = t
        if abs(dy) > 1e-12:
            t = (-py - math.copysign(hy, dy)) / dy
            if t > NEAR_M and t < min(limit, best):
                x = lx + t * ex
                z = lz + t * ez
                if x * x + z * z <= hx * hx:
                    best = t
        return best
    ax = lx / hx
    ay = py / hy
    az = lz / hz
    bx = ex / hx
    by = dy / hy
    bz = ez / hz
    qa = bx * bx + by * by + bz * bz
    qb = ax * bx + ay * by + az * bz
    qc = ax * ax + ay * ay + az * az - 1.0
    disc = qb * qb - qa * qc
    if disc > 0:
        t = (-qb - math.sqrt(disc)) / qa
        if t > NEAR_M and t < limit:
            return t
    return FAR


@kernel
def first_hit(scene, ox, oy, oz, dx, dy, dz, limit, any_hit):
    """(distance, solid) of the nearest solid before `limit`, (limit, -1) if none; any_hit stops at the first found."""
    bounds = scene.bounds
    links = scene.links
    geo = scene.geo
    ix = 1.0 / dx if abs(dx) > 1e-12 else 1e12
    iy = 1.0 / dy if abs(dy) > 1e-12 else 1e12
    iz = 1.0 / dz if abs(dz) > 1e-12 else 1e12
    best = limit
    found = -1
    stack = carray(on_the_stack(), STACK)  # type: ignore[call-arg]
    top = 0
    stack[0] = 0
    while top >= 0:
        node = stack[top]
        top -= 1
        ta = (bounds[node, 0] - ox) * ix
        tb = (bounds[node, 3] - ox) * ix
        near = min(ta, tb)
        far = max(ta, tb)
        ta = (bounds[node, 1] - oy) * iy
        tb = (bounds[node, 4] - oy) * iy
        near = max(near, min(ta, tb))
        far = min(far, max(ta, tb))
        ta = (bounds[node, 2] - oz) * iz
        tb = (bounds[node, 5] - oz) * iz
        near = max(near, min(ta, tb))
        far = min(far, max(ta, tb))
        if near > far or far < 0 or near > best:
            continue
        first = links[node, 0]
        if first >= 0:
            for i in range(first, first + links[node, 1]):
                t = _meet(geo, i, ox, oy, oz, dx, dy, dz, best)
                if t < best:
                    best = t
                    found = i
                    if any_hit:
                        return best, found
        else:
            axis = -first - 1
            right = links[node, 1]
            forward = dx if axis == 0 else (dy if axis == 1 else dz)
            if forward >= 0:
                stack[top + 1] = right
                stack[top + 2] = node + 1
            else:
                stack[top + 1] = node + 1
                stack[top + 2] = right
            top += 2
    return best, found


@kernel
def face_at(geo, i, x, y, z):
    """(face, u, v, normal xyz, metres along u and v) at a point on solid i; u, v in 0..1, metres from a corner."""
    px = x - geo[i, 1]
    py = y - geo[i, 2]
    pz = z - geo[i, 3]
    c = geo[i, 7]
    s = geo[i, 8]
    lx = c * px - s * pz
    lz = s * px + c * pz
    hx = geo[i, 4]
    hy = geo[i, 5]
    hz = geo[i, 6]
    kind = geo[i, 0]
    nx = 0.0
    ny = 0.0
    nz = 0.0
    if kind == 0.0:
        gx = abs(lx) - hx
        gy = abs(py) - hy
        gz = abs(lz) - hz
        if gx >= gy and gx >= gz:
            face = 0 if lx < 0 else 1
            nx = -1.0 if lx < 0 else 1.0
            u = (lz / hz + 1) * 0.5
            v = (py / hy + 1) * 0.5
            mu = lz + hz
            mv = py + hy
        elif gy >= gz:
            face = 2 if py < 0 else 3
            ny = -1.0 if py < 0 else 1.0
            u = (lx / hx + 1) * 0.5
            v = (lz / hz + 1) * 0.5
            mu = lx + hx
            mv = lz + hz
        else:
            face = 4 if lz < 0 else 5
            nz = -1.0 if lz < 0 else 1.0
            u = (lx / hx + 1) * 0.5
            v = (py / hy + 1) * 0.5
            mu = lx + hx
            mv = py + hy
    elif kind == 1.0:
        if abs(py) >= hy - 1e-6 and lx * lx + lz * lz < hx * hx * 0.99999:
            face = 2 if py < 0 else 3
            ny = -1.0 if py < 0 else 1.0
            u = (lx / hx + 1) * 0.5
            v = (lz / hx + 1) * 0.5
            mu = lx + hx
            mv = lz + hx
        else:
            face = 0
            r = math.sqrt(lx * lx + lz * lz) + 1e-12
            nx = lx / r
            nz = lz / r
            angle = math.atan2(lz, lx)
            u = angle / (2 * math.pi) + 0.5
            v = (py / hy + 1) * 0.5
            mu = (angle + math.pi) * hx
            mv = py + hy
    else:
        face = 0
        nx = lx / (hx * hx)
        ny = py / (hy * hy)
        nz = lz / (hz * hz)
        r = math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
        nx /= r
        ny /= r
        nz /= r
        angle = math.atan2(nz, nx)
        u = angle / (2 * math.pi) + 0.5
        v = math.asin(max(-1.0, min(1.0, ny))) / math.pi + 0.5
        mu = (angle + math.pi) * hx
        mv = py + hy
    return face, u, v, c * nx + s * nz, ny, -s * nx + c * nz, mu, mv


@kernel
def received(scene, i, face, u, v):
    """(r, g, b, sun share) of the baked light at (u, v) of a face, bilinear."""
    start = scene.maps_at[i, face, 0]
    w = scene.maps_at[i, face, 1]
    h = scene.maps_at[i, face, 2]
    x = min(max(u * w - 0.5, 0.0), w - 1.0)
    y = min(max(v * h - 0.5, 0.0), h - 1.0)
    x0 = int(x)
    y0 = int(y)
    x1 = min(x0 + 1, w - 1)
    y1 = min(y0 + 1, h - 1)
    fx = x - x0
    fy = y - y0
    a = start + y0 * w + x0
    b = start + y0 * w + x1
    c = start + y1 * w + x0
    d = start + y1 * w + x1
    wa = (1 - fx) * (1 - fy)
    wb = fx * (1 - fy)
    wc = (1 - fx) * fy
    wd = fx * fy
    m = scene.light
    return (
        m[a, 0] * wa + m[b, 0] * wb + m[c, 0] * wc + m[d, 0] * wd,
        m[a, 1] * wa + m[b, 1] * wb + m[c, 1] * wc + m[d, 1] * wd,
        m[a, 2] * wa + m[b, 2] * wb + m[c, 2] * wc + m[d, 2] * wd,
        scene.sun[a] * wa + scene.sun[b] * wb + scene.sun[c] * wc + scene.sun[d] * wd,
    )
