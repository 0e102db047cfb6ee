# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Kernels that draw the actor into one sub-frame: solids, strands, cloth that light comes through.

One layer of samples holds nine numbers for each sample: own colour (3, premultiplied: light that would be there without
any screen), screen share (3, premultiplied: times the screen's light it is the spill), alpha, depth, and whether a
solid is there. The split keeps spill exact: the clean picture and the spilled one come from the same samples.

Orthographic, x right, y down, z towards the camera, one unit = the frame's width.
"""

import math

from compositing.devices import kernel

OWN, BOUNCE, ALPHA, DEPTH, SOLID = 0, 3, 6, 7, 8
PLAIN, FACE, CLOTH, SCALP = 0, 1, 2, 3


@kernel
def _hash(i, j, k, seed):  # type: ignore[no-untyped-def]
    h = (i * 374761393 + j * 668265263 + k * 1440662683 + seed * 974634619) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 3266489917) & 0xFFFFFFFF
    return float(h ^ (h >> 16)) / 4294967296.0


@kernel
def noise3(x, y, z, seed):  # type: ignore[no-untyped-def]
    """Smooth noise 0..1 in three dimensions, one bump per unit."""
    i, j, k = math.floor(x), math.floor(y), math.floor(z)
    fx, fy, fz = x - i, y - j, z - k
    fx, fy, fz = fx * fx * (3 - 2 * fx), fy * fy * (3 - 2 * fy), fz * fz * (3 - 2 * fz)
    total = 0.0
    for a in range(2):
        wa = fx if a else 1 - fx
        for b in range(2):
            wb = wa * (fy if b else 1 - fy)
            total += wb * ((1 - fz) * _hash(i + a, j + b, k, seed) + fz * _hash(i + a, j + b, k + 1, seed))
    return total


@kernel
def _face(qx, qy, qz, red, green, blue, hair0, hair1, hair2):  # type: ignore[no-untyped-def]
    """Skin painted with eyes, brows, lips and a blush, in the head's own coordinates (unit sphere, y down)."""
    if qz <= 0.0:
        return red, green, blue
    side = abs(qx)
    blush = math.exp(-(((side - 0.48) / 0.22) ** 2 + ((qy - 0.28) / 0.2) ** 2))
    green -= 0.18 * blush * green
    blue -= 0.16 * blush * blue
    lip = math.exp(-((qx / 0.27) ** 4 + ((qy - 0.53) / 0.065) ** 4))
    line = math.exp(-((qx / 0.25) ** 4 + ((qy - 0.53) / 0.012) ** 2))
    red += lip * (0.1 * red)
    green *= 1 - 0.5 * lip
    blue *= 1 - 0.4 * lip
    dark = 1 - 0.6 * line
    socket = math.exp(-(((side - 0.36) / 0.2) ** 2 + ((qy + 0.02) / 0.12) ** 2))
    dark *= 1 - 0.25 * socket
    red, green, blue = red * dark, green * dark, blue * dark
    ex, ey = (side - 0.36) / 0.145, (qy - 0.0) / 0.062
    inside = ex * ex + ey * ey
    if inside < 1.35:
        white = min(max((1.35 - inside) / 0.35, 0.0), 1.0)
        iris = math.exp(-((ex / 0.42) ** 6 + (ey / 1.1) ** 6))
        tone = 0.5 * (1 - iris) + 0.03 * iris
        lid = 1 - 0.7 * math.exp(-(((ey + 0.9) / 0.3) ** 2))
        red += white * (tone * lid - red)
        green += white * (tone * 0.95 * lid - green)
        blue += white * (tone * 0.93 * lid - blue)
    brow = math.exp(-(((side - 0.37) / 0.2) ** 4 + ((qy + 0.2 + 0.12 * (side - 0.37)) / 0.032) ** 2))
    red += 0.8 * brow * (hair0 * 0.7 - red)
    green += 0.8 * brow * (hair1 * 0.7 - green)
    blue += 0.8 * brow * (hair2 * 0.7 - blue)
    return red, green, blue


@kernel
def solids(shapes, light, scale, offset_x, offset_y, out):  # type: ignore[no-untyped-def]
    """Draw ellipsoids nearest first into `out` (H, W, 9).

    shapes: (n, 28): centre 3; world to unit sphere 9; unit sphere to world (columns, for the box) 9; colour 3; kind;
    shine; roughness of the outline; seed. light: (14,) key direction 3, key colour 3, fill colour 3, screen strength,
    rim strength, hair colour 3. scale: samples per unit; offset: in samples.
    """
    height, width = out.shape[:2]
    for s in range(shapes.shape[0]):
        cx, cy, cz = shapes[s, 0], shapes[s, 1], shapes[s, 2]
        reach_x = math.sqrt(shapes[s, 12] ** 2 + shapes[s, 13] ** 2 + shapes[s, 14] ** 2) * 1.08
        reach_y = math.sqrt(shapes[s, 15] ** 2 + shapes[s, 16] ** 2 + shapes[s, 17] ** 2) * 1.08
        x0 = max(int((cx - reach_x) * scale + offset_x), 0)
        x1 = min(int((cx + reach_x) * scale + offset_x) + 2, width)
        y0 = max(int((cy - reach_y) * scale + offset_y), 0)
        y1 = min(int((cy + reach_y) * scale + offset_y) + 2, height)
        kind, shine, rough, seed = int(shapes[s, 24]), shapes[s, 25], shapes[s, 26], int(shapes[s, 27])
        for y in range(y0, y1):
            dy = (y + 0.5 - offset_y) / scale - cy
            for x in range(x0, x1):
                dx = (x + 0.5 - offset_x) / scale - cx
                ax = shapes[s, 3] * dx + shapes[s, 4] * dy
                ay = shapes[s, 6] * dx + shapes[s, 7] * dy
                az = shapes[s, 9] * dx + shapes[s, 10] * dy
                bx, by, bz = shapes[s, 5], shapes[s, 8], shapes[s, 11]
                aa = bx * bx + by * by + bz * bz
                ab = ax * bx + ay * by + az * bz
                cc = ax * ax + ay * ay + az * az - 1.0
                near = ab * ab - aa * cc
                if near <= -0.2 * aa:
                    continue
                if cz + (-ab + math.sqrt(max(near, 0.0))) / aa + 0.3 * rough <= out[y, x, 7]:
                    continue
                if rough > 0.0:  # the outline moves in and out by a part of the radius, as folds and flesh do
                    mid = -ab / aa
                    ux, uy, uz = ax + mid * bx, ay + mid * by, az + mid * bz
                    bump = noise3(ux * 3.1 + 7.0, uy * 3.1, uz * 3.1, seed) - 0.5
                    bump += 0.5 * (noise3(ux * 7.3, uy * 7.3 + 3.0, uz * 7.3, seed) - 0.5)
                    cc -= rough * bump * 2.0
                    near = ab * ab - aa * cc
                if near <= 0.0:
                    continue
                z = (-ab + math.sqrt(near)) / aa
                depth = cz + z
                if depth <= out[y, x, 7]:
                    continue
                qx, qy, qz = ax + z * bx, ay + z * by, az + z * bz
                nx = shapes[s, 3] * qx + shapes[s, 6] * qy + shapes[s, 9] * qz
                ny = shapes[s, 4] * qx + shapes[s, 7] * qy + shapes[s, 10] * qz
                nz = shapes[s, 5] * qx + shapes[s, 8] * qy + shapes[s, 11] * qz
                size = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz)
                nx, ny, nz = nx * size, ny * size, nz * size
                if kind == CLOTH:  # folds, mostly downwards, bend the normal
                    fold = noise3(qx * 6.0 + 2.0 * qy, qy * 1.7, qz * 2.0, seed + 5)
                    weave = noise3(qx * 40.0, qy * 40.0, qz * 40.0, seed + 6)
                    nx += 0.9 * (fold - 0.5) + 0.12 * (weave - 0.5)
                    ny += 0.35 * (fold - 0.5)
                    size = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz)
                    nx, ny, nz = nx * size, ny * size, nz * size
                red, green, blue = shapes[s, 21], shapes[s, 22], shapes[s, 23]
                if kind == FACE:
                    red, green, blue = _face(qx, qy, qz, red, green, blue, light[11], light[12], light[13])
                if kind in (FACE, PLAIN):
                    mottle = 0.94 + 0.12 * noise3(qx * 9.0, qy * 9.0, qz * 9.0, seed + 3)
                    red, green, blue = red * mottle, green * mottle, blue * mottle
                facing = nx * light[0] + ny * light[1] + nz * light[2]
                soft = 0.35 if kind != CLOTH else 0.15
                key = max(facing + soft, 0.0) / (1.0 + soft)
                hx, hy, hz = light[0], light[1], light[2] + 1.0
                half = max((nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz), 0.0)
                gloss = shine * half**18
                up = 0.6 - 0.4 * ny
                away = 0.5 * (1.0 - nz)
                behind = light[9] * away**1.4
                rim = light[10] * (0.02 + 0.98 * (1.0 - max(nz, 0.0)) ** 5) * (0.15 + shine)
                out[y, x, 0] = red * (key * light[3] + up * light[6]) + gloss * light[3]
                out[y, x, 1] = green * (key * light[4] + up * light[7]) + gloss * light[4]
                out[y, x, 2] = blue * (key * light[5] + up * light[8]) + gloss * light[5]
                out[y, x, 3] = red * behind + rim
                out[y, x, 4] = green * behind + rim
                out[y, x, 5] = blue * behind + rim
                out[y, x, 6] = 1.0
                out[y, x, 7] = depth
                out[y, x, 8] = 1.0


@kernel
def _put(out, x, y, z, share, red, green, blue, b0, b1, b2):  # type: ignore[no-untyped-def]
    if x < 0 or y < 0 or x >= out.shape[1] or y >= out.shape[0] or share <= 0.0 or z <= out[y, x, 7]:
        return
    keep = 1.0 - share
    out[y, x, 0] = out[y, x, 0] * keep + share * red
    out[y, x, 1] = out[y, x, 1] * keep + share * green
    out[y, x, 2] = out[y, x, 2] * keep + share * blue
    out[y, x, 3] = out[y, x, 3] * keep + share * b0
    out[y, x, 4] = out[y, x, 4] * keep + share * b1
    out[y, x, 5] = out[y, x, 5] * keep + share * b2
    out[y, x, 6] = out[y, x, 6] * keep + share


@kernel
def strands(points, widths, colours, shade, heart, light, scale, offset_x, offset_y, out):  # type: ignore[no-untyped-def]
    """Draw strands, farthest first, over what `out` holds and hidden by its solids.

    points: (n, m, 3) world; widths: (n, m) units; colours: (n, 3); shade: (n, m) light that reaches it, 0..1. heart:
    (3,) the middle of the hair, from which it bulges: what faces away catches the screen's light. Each sample takes the
    share of it that the strand covers: a strand thinner than a sample is a faint one, never a broken one.
    """
    count, joints = points.shape[:2]
    for n in range(count):
        c0, c1, c2 = colours[n, 0], colours[n, 1], colours[n, 2]
        pale = (c0 + c1 + c2) / 3.0
        for m in range(joints - 1):
            ax = points[n, m, 0] * scale + offset_x
            ay = points[n, m, 1] * scale + offset_y
            bx = points[n, m + 1, 0] * scale + offset_x
            by = points[n, m + 1, 1] * scale + offset_y
            if max(ax, bx) < -2 or max(ay, by) < -2 or min(ax, bx) > out.shape[1] + 2 or min(ay, by) > out.shape[0] + 2:
                continue
            tx, ty = points[n, m + 1, 0] - points[n, m, 0], points[n, m + 1, 1] - points[n, m, 1]
            tz = points[n, m + 1, 2] - points[n, m, 2]
            size = math.sqrt(tx * tx + ty * ty + tz * tz)
            if size < 1e-9:
                continue
            tx, ty, tz = tx / size, ty / size, tz / size
            along = tx * light[0] + ty * light[1] + tz * light[2]
            lit = math.sqrt(max(1.0 - along * along, 0.0))
            gloss = lit**24 * (0.05 + 0.25 * pale)
            px, py = points[n, m, 0] - heart[0], points[n, m, 1] - heart[1]
            pz = points[n, m, 2] - heart[2]
            far = math.sqrt(px * px + py * py + pz * pz) + 1e-9
            away = 0.5 * (1.0 - pz / far)
            seen = shade[n, m]
            key = (
                0.25 + 0.75 * lit * max(0.2 + 0.8 * (px * light[0] + py * light[1] + pz * light[2]) / far, 0.1)
            ) * seen
            behind = light[9] * (0.15 + away) * (0.3 + 0.7 * seen)
            own0 = c0 * (key * light[3] + 0.7 * seen * light[6]) + gloss * seen * light[3]
            own1 = c1 * (key * light[4] + 0.7 * seen * light[7]) + gloss * seen * light[4]
            own2 = c2 * (key * light[5] + 0.7 * seen * light[8]) + gloss * seen * light[5]
            shine = 0.03 * light[10] * away * (0.3 + 0.7 * seen)
            s0, s1, s2 = c0 * behind + shine, c1 * behind + shine, c2 * behind + shine
            dx, dy = bx - ax, by - ay
            steep = abs(dy) > abs(dx)
            long = abs(dy) if steep else abs(dx)
            steps = max(int(long + 0.5), 1)
            slope = (dx / dy if abs(dy) > 1e-9 else 0.0) if steep else (dy / dx if abs(dx) > 1e-9 else 0.0)
            slant = math.sqrt(1.0 + min(slope * slope, 1.0))
            each = long / steps  # samples walked per step: the ends of a segment count by their part
            for k in range(steps):
                part = (k + 0.5) / steps
                x, y = ax + dx * part, ay + dy * part
                z = points[n, m, 2] + part * (points[n, m + 1, 2] - points[n, m, 2])
                wide = (widths[n, m] + part * (widths[n, m + 1] - widths[n, m])) * scale * slant
                middle, fixed = (x, math.floor(y)) if steep else (y, math.floor(x))
                if wide <= 1.0:
                    low = math.floor(middle - 0.5)
                    part_b = middle - 0.5 - low
                    cover_a, cover_b = wide * each * (1.0 - part_b), wide * each * part_b
                    at = int(low)
                    if steep:
                        _put(out, at, fixed, z, cover_a, own0, own1, own2, s0, s1, s2)
                        _put(out, at + 1, fixed, z, cover_b, own0, own1, own2, s0, s1, s2)
                    else:
                        _put(out, fixed, at, z, cover_a, own0, own1, own2, s0, s1, s2)
                        _put(out, fixed, at + 1, z, cover_b, own0, own1, own2, s0, s1, s2)
                else:
                    for at in range(math.floor(middle - wide / 2), math.floor(middle + wide / 2) + 1):
                        cover = min(at + 1.0, middle + wide / 2) - max(float(at), middle - wide / 2)
                        if steep:
                            _put(out, at, fixed, z, cover * min(each, 1.0), own0, own1, own2, s0, s1, s2)
                        else:
                            _put(out, fixed, at, z, cover * min(each, 1.0), own0, own1, own2, s0, s1, s2)


@kernel
def veil(shape, colour, thick, shine, light, scale, offset_x, offset_y, out):  # type: ignore[no-untyped-def]
    """Draw the skin of one ellipsoid (28 numbers, see `solids`) as cloth or glass that light comes through.

    thick: optical depth seen straight on; towards the outline one looks through more of it. Its far side first.
    """
    height, width = out.shape[:2]
    cx, cy, cz = shape[0], shape[1], shape[2]
    reach_x = math.sqrt(shape[12] ** 2 + shape[13] ** 2 + shape[14] ** 2)
    reach_y = math.sqrt(shape[15] ** 2 + shape[16] ** 2 + shape[17] ** 2)
    seed = int(shape[27])
    for y in range(
        max(int((cy - reach_y) * scale + offset_y), 0), min(int((cy + reach_y) * scale + offset_y) + 2, height)
    ):
        dy = (y + 0.5 - offset_y) / scale - cy
        x0 = max(int((cx - reach_x) * scale + offset_x), 0)
        for x in range(x0, min(int((cx + reach_x) * scale + offset_x) + 2, width)):
            dx = (x + 0.5 - offset_x) / scale - cx
            ax = shape[3] * dx + shape[4] * dy
            ay = shape[6] * dx + shape[7] * dy
            az = shape[9] * dx + shape[10] * dy
            bx, by, bz = shape[5], shape[8], shape[11]
            aa = bx * bx + by * by + bz * bz
            ab = ax * bx + ay * by + az * bz
            near = ab * ab - aa * (ax * ax + ay * ay + az * az - 1.0)
            if near <= 0.0:
                continue
            for side in range(2):
                z = (-ab + (math.sqrt(near) if side else -math.sqrt(near))) / aa
                if cz + z <= out[y, x, 7]:
                    continue
                qx, qy, qz = ax + z * bx, ay + z * by, az + z * bz
                nx = shape[3] * qx + shape[6] * qy + shape[9] * qz
                ny = shape[4] * qx + shape[7] * qy + shape[10] * qz
                nz = shape[5] * qx + shape[8] * qy + shape[11] * qz
                size = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz)
                nx, ny, nz = nx * size, ny * size, nz * size
                fold = noise3(qx * 7.0 + qy, qy * 1.3, qz * 3.0, seed) if shape[26] > 0.0 else 0.5
                through = thick * (0.55 + 0.9 * fold) / max(abs(nz), 0.12)
                share = 1.0 - math.exp(-through)
                key = 0.45 + 0.55 * abs(nx * light[0] + ny * light[1] + nz * light[2])
                half = max(nx * light[0] + ny * light[1] + nz * (light[2] + 1.0), 0.0) / 1.9
                gloss = shine * min(half, 1.0) ** 40
                share = min(share + 0.5 * gloss, 1.0)
                behind = 0.5 * light[9]
                own = key + 0.0
                o0 = colour[0] * (own * light[3] + 0.6 * light[6]) + gloss * light[3]
                o1 = colour[1] * (own * light[4] + 0.6 * light[7]) + gloss * light[4]
                o2 = colour[2] * (own * light[5] + 0.6 * light[8]) + gloss * light[5]
                _put(
                    out, x, y, cz + z, share, o0, o1, o2,
                    colour[0] * behind, colour[1] * behind, colour[2] * behind,
                )  # fmt: skip


@kernel
def gather(samples, per_side, share, total):  # type: ignore[no-untyped-def]
    """Add one sub-frame's samples (H * s, W * s, 9) to `total` (H, W, 7): box over s x s, times `share`."""
    height, width = total.shape[:2]
    weight = share / (per_side * per_side)
    for y in range(height):
        for x in range(width):
            for j in range(per_side):
                for i in range(per_side):
                    for c in range(7):
                        total[y, x, c] += weight * samples[y * per_side + j, x * per_side + i, c]


@kernel
def clear(samples):  # type: ignore[no-untyped-def]
    """Nothing drawn yet."""
    for y in range(samples.shape[0]):
        for x in range(samples.shape[1]):
            for c in range(9):
                samples[y, x, c] = 0.0
            samples[y, x, 7] = -1e9
