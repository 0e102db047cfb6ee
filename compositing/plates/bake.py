# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Light that surfaces receive, worked out once per scene: lamps with soft shadows, sky, glowing faces, bounces."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from numba import carray  # type: ignore[attr-defined]

from compositing.plates.bands import in_bands
from compositing.plates.kernels import STACK, kernel, on_the_stack
from compositing.plates.noise import hash3
from compositing.plates.scene import SUN_B, SUN_G, SUN_R, SUN_X, SUN_Y, SUN_Z
from compositing.plates.sky import sky
from compositing.plates.surfaces import LAMP, SOFT_LAMP, look
from compositing.plates.trace import FAR, Scene, face_at, first_hit

BOUNCES = 4


def bake(scene: Scene, rays: int, report: Callable[[float], None]) -> None:
    """Fill scene.light and scene.sun: `rays` directions per texel, then bounces between texels until they settle."""
    owners = _owners(scene)
    count = len(owners)
    direct = np.zeros((count, 3))
    sunlit = np.zeros((count, 3))
    hit = np.full((count, rays), -1, np.int32)
    tint = np.zeros((count, rays, 3), np.float32)
    good = np.zeros(count, np.uint8)
    in_bands(
        count,
        512,
        lambda low, high: _gather(scene, owners, low, high, direct, sunlit, hit, tint, good),
        report,
    )
    direct += sunlit
    scene.light[:] = direct
    for _ in range(BOUNCES):
        after = np.empty_like(direct)
        in_bands(count, 4096, partial(_bounce, scene, direct, hit, tint, after))
        scene.light[:] = after
    scene.light[:] -= sunlit  # the eye's rays look for the sun themselves, for sharp shadows
    _settle(scene.maps_at, scene.light, scene.sun, good)


def _owners(scene: Scene) -> np.ndarray:
    """(T, 4) int: solid, face, column, row of every texel."""
    rows = []
    for i, face in zip(*np.nonzero(scene.maps_at[:, :, 1]), strict=True):
        _, w, h = scene.maps_at[i, face]
        row, col = np.divmod(np.arange(w * h), w)
        rows.append(np.stack([np.full(w * h, i), np.full(w * h, face), col, row], 1))
    return np.concatenate(rows).astype(np.int32)


@kernel
def _place(geo, i, face, u, v):
    """World point and normal at (u, v) of a face."""
    hx = geo[i, 4]
    hy = geo[i, 5]
    hz = geo[i, 6]
    a = 2 * u - 1
    b = 2 * v - 1
    if geo[i, 0] == 0.0:
        if face < 2:
            s = -1.0 if face == 0 else 1.0
            x, y, z, nx, ny, nz = s * hx, b * hy, a * hz, s, 0.0, 0.0
        elif face < 4:
            s = -1.0 if face == 2 else 1.0
            x, y, z, nx, ny, nz = a * hx, s * hy, b * hz, 0.0, s, 0.0
        else:
            s = -1.0 if face == 4 else 1.0
            x, y, z, nx, ny, nz = a * hx, b * hy, s * hz, 0.0, 0.0, s
    elif geo[i, 0] == 1.0:
        if face == 0:
            angle = (u - 0.5) * 2 * math.pi
            x, y, z, nx, ny, nz = (
                hx * math.cos(angle),
                b * hy,
                hx * math.sin(angle),
                math.cos(angle),
                0.0,
                math.sin(angle),
            )
        else:
            s = -1.0 if face == 2 else 1.0
            x, y, z, nx, ny, nz = a * hx * 0.8, s * hy, b * hx * 0.8, 0.0, s, 0.0
    else:
        angle = (u - 0.5) * 2 * math.pi
        lift = (v - 0.5) * math.pi
        nx = math.cos(lift) * math.cos(angle)
        ny = math.sin(lift)
        nz = math.cos(lift) * math.sin(angle)
        x, y, z = hx * nx, hy * ny, hz * nz
    c = geo[i, 7]
    s = geo[i, 8]
    return (
        geo[i, 1] + c * x + s * z,
        geo[i, 2] + y,
        geo[i, 3] - s * x + c * z,
        c * nx + s * nz,
        ny,
        -s * nx + c * nz,
    )


@kernel
def _buried(scene, skip, x, y, z):
    """Whether a point lies within a solid other than `skip`."""
    stack = carray(on_the_stack(), STACK)  # type: ignore[call-arg]
    top = 0
    stack[0] = 0
    geo = scene.geo
    while top >= 0:
        node = stack[top]
        top -= 1
        bo = scene.bounds[node]
        if x < bo[0] or y < bo[1] or z < bo[2] or x > bo[3] or y > bo[4] or z > bo[5]:
            continue
        first = scene.links[node, 0]
        if first < 0:
            stack[top + 1] = node + 1
            stack[top + 2] = scene.links[node, 1]
            top += 2
            continue
        for i in range(first, first + scene.links[node, 1]):
            if i == skip:
                continue
            px = x - geo[i, 1]
            py = y - geo[i, 2]
            pz = z - geo[i, 3]
            lx = abs(geo[i, 7] * px - geo[i, 8] * pz) / geo[i, 4]
            ly = abs(py) / geo[i, 5]
            lz = abs(geo[i, 8] * px + geo[i, 7] * pz) / geo[i, 6]
            if geo[i, 0] == 0.0:
                within = lx < 1 and ly < 1 and lz < 1
            elif geo[i, 0] == 1.0:
                within = lx * lx + lz * lz < 1 and ly < 1
            else:
                within = lx * lx + ly * ly + lz * lz < 1
            if within:
                return True
    return False


@kernel
def _gather(scene, owners, low, high, direct, sunlit, hit, tint, good):
    air = scene.air
    rays = hit.shape[1]
    for k in range(low, high):
        i = owners[k, 0]
        face = owners[k, 1]
        w = scene.maps_at[i, face, 1]
        h = scene.maps_at[i, face, 2]
        x, y, z, nx, ny, nz = _place(scene.geo, i, face, (owners[k, 2] + 0.5) / w, (owners[k, 3] + 0.5) / h)
        x += nx * 4e-3
        y += ny * 4e-3
        z += nz * 4e-3
        if _buried(scene, i, x, y, z):
            continue
        good[k] = 1
        # two directions across the normal
        if abs(ny) < 0.9:
            q = 1.0 / math.sqrt(nx * nx + nz * nz)
            tx, ty, tz = nz * q, 0.0, -nx * q
        else:
            q = 1.0 / math.sqrt(ny * ny + nz * nz)
            tx, ty, tz = 0.0, nz * q, -ny * q
        bx = ny * tz - nz * ty
        by = nz * tx - nx * tz
        bz = nx * ty - ny * tx
        turn = hash3(k, 1, 501)
        lift = hash3(k, 2, 502)
        sr = 0.0
        sg = 0.0
        sb = 0.0
        for n in range(rays):
            # the R2 sequence (Roberts, 2018), turned per texel
            p = (turn + 0.7548776662466927 * n) % 1.0
            s = (lift + 0.5698402909980532 * n) % 1.0
            rad = math.sqrt(s)
            up = math.sqrt(1.0 - s)
            ca = rad * math.cos(2 * math.pi * p)
            sa = rad * math.sin(2 * math.pi * p)
            dx = ca * tx + sa * bx + up * nx
            dy = ca * ty + sa * by + up * ny
            dz = ca * tz + sa * bz + up * nz
            t, j = first_hit(scene, x, y, z, dx, dy, dz, FAR, False)
            if j < 0:
                r, g, b = sky(air, dx, dy, dz)
                sr += r
                sg += g
                sb += b
                continue
            hf, u, v, _mx, _my, _mz, mu, mv = face_at(scene.geo, j, x + t * dx, y + t * dy, z + t * dz)
            ar, ag, ab, er, eg, eb, _, _ = look(scene, j, hf, u, v, mu, mv, 0.2 + 0.3 * t)
            kind = int(scene.attr[j, 8])
            if kind != LAMP and kind != SOFT_LAMP:
                sr += er
                sg += eg
                sb += eb
            mw = scene.maps_at[j, hf, 1]
            mh = scene.maps_at[j, hf, 2]
            cu = min(max(int(u * mw), 0), mw - 1)
            cv = min(max(int(v * mh), 0), mh - 1)
            hit[k, n] = scene.maps_at[j, hf, 0] + cv * mw + cu
            tint[k, n, 0] = ar
            tint[k, n, 1] = ag
            tint[k, n, 2] = ab
        r = sr / rays
        g = sg / rays
        b = sb / rays
        for m in range(scene.lamps.shape[0]):
            la = scene.lamps[m]
            mid_x = 0.5 * (la[0] + la[3]) - x
            mid_y = 0.5 * (la[1] + la[4]) - y
            mid_z = 0.5 * (la[2] + la[5]) - z
            far = mid_x * mid_x + mid_y * mid_y + mid_z * mid_z
            if far > la[10] * la[10] or max(la[6], la[7], la[8]) / (far + 0.01) < 0.002:
                continue
            long_ = max(la[3] - la[0], la[5] - la[2])
            tries = 1 if long_ * long_ < 0.01 * far else (2 if long_ * long_ < 0.2 * far else 4)
            got = 0.0
            for n in range(tries):
                p = (n + hash3(k, m, 510 + n)) / tries
                s = hash3(k, m, 520 + n)
                dx = la[0] + p * (la[3] - la[0]) - x
                dy = la[1] - y
                dz = la[2] + s * (la[5] - la[2]) - z
                if la[5] - la[2] > la[3] - la[0]:
                    dx = la[0] + s * (la[3] - la[0]) - x
                    dz = la[2] + p * (la[5] - la[2]) - z
                d2 = dx * dx + dy * dy + dz * dz + 1e-4
                d = math.sqrt(d2)
                dx /= d
                dy /= d
                dz /= d
                cosine = dx * nx + dy * ny + dz * nz
                if cosine <= 0:
                    continue
                if la[9] > 0:
                    along = -(dx * la[11] + dy * la[12] + dz * la[13])
                    if along <= 0:
                        continue
                    cosine *= along ** la[9]
                _, block = first_hit(scene, x, y, z, dx, dy, dz, d - 0.03, True)
                if block < 0:
                    got += cosine / (d2 + 0.02)
            got /= tries
            r += la[6] * got
            g += la[7] * got
            b += la[8] * got
        facing = nx * air[SUN_X] + ny * air[SUN_Y] + nz * air[SUN_Z]
        if facing > 0 and air[SUN_R] > 0:
            share = 0.0
            for n in range(4):
                jx = 0.02 * (hash3(k, n, 531) - 0.5)
                jz = 0.02 * (hash3(k, n, 532) - 0.5)
                _, block = first_hit(scene, x, y, z, air[SUN_X] + jx, air[SUN_Y], air[SUN_Z] + jz, FAR, True)
                if block < 0:
                    share += 0.25
            scene.sun[k] = share
            sunlit[k, 0] = air[SUN_R] * facing * share
            sunlit[k, 1] = air[SUN_G] * facing * share
            sunlit[k, 2] = air[SUN_B] * facing * share
        direct[k, 0] = r
        direct[k, 1] = g
        direct[k, 2] = b


@kernel
def _bounce(scene, direct, hit, tint, out, low, high):
    rays = hit.shape[1]
    for k in range(low, high):
        r = 0.0
        g = 0.0
        b = 0.0
        for n in range(rays):
            j = hit[k, n]
            if j >= 0:
                r += tint[k, n, 0] * scene.light[j, 0]
                g += tint[k, n, 1] * scene.light[j, 1]
                b += tint[k, n, 2] * scene.light[j, 2]
        out[k, 0] = direct[k, 0] + r / rays
        out[k, 1] = direct[k, 1] + g / rays
        out[k, 2] = direct[k, 2] + b / rays


@kernel
def _settle(maps_at, light, sun, good):
    """Fill texels that lie within other solids from their neighbours, then even out the noise of few rays."""
    for i in range(maps_at.shape[0]):
        for face in range(6):
            at = maps_at[i, face, 0]
            w = maps_at[i, face, 1]
            h = maps_at[i, face, 2]
            if w * h < 2:
                continue
            for turn in range(5):
                was = light[at : at + w * h].copy()
                lit = good[at : at + w * h].copy()
                for y in range(h):
                    for x in range(w):
                        k = y * w + x
                        if turn < 2 and lit[k]:
                            continue
                        r = 0.0
                        g = 0.0
                        b = 0.0
                        total = 0.0
                        for dy in range(-1, 2):
                            for dx in range(-1, 2):
                                xx = x + dx
                                yy = y + dy
                                if xx < 0 or yy < 0 or xx >= w or yy >= h or not lit[yy * w + xx]:
                                    continue
                                wt = (2.0 if dx == 0 else 1.0) * (2.0 if dy == 0 else 1.0)
                                r += wt * was[yy * w + xx, 0]
                                g += wt * was[yy * w + xx, 1]
                                b += wt * was[yy * w + xx, 2]
                                total += wt
                        if total > 0:
                            light[at + k, 0] = r / total
                            light[at + k, 1] = g / total
                            light[at + k, 2] = b / total
                            good[at + k] = 1
