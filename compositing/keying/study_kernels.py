"""Loops behind the study of a clip, walked once for each of its sampled frames."""

import numpy as np

from compositing.devices import kernel


@kernel
def cast(picture, depth, basis, tint_reach, reach, floor, deep, shallow, clean, votes):  # type: ignore[no-untyped-def]
    """Add to votes (rows, columns, tints, leans) how each deep enough pixel leans; see `spill.learn`.

    picture (h, w, 3); depth (h, w): pixels to the nearest that is not opaque; deep: how many of them are deep inside.
    """
    height, width = depth.shape
    rows, columns, tints, leans = votes.shape
    one, half = np.float32(1.0), np.float32(0.5)
    least = half * deep if clean else np.float32(1.5)
    for y in range(height):
        for x in range(width):
            away = depth[y, x]
            if away <= least:
                continue
            r, g, b = picture[y, x, 0], picture[y, x, 1], picture[y, x, 2]
            lean = r * basis[0, 0] + g * basis[0, 1] + b * basis[0, 2]
            p, q, s = r - lean * basis[2, 0], g - lean * basis[2, 1], b - lean * basis[2, 2]
            total = max(p + q + s, floor)
            if total <= np.float32(0.3) * (r + g + b):
                continue  # nearly all lean: that is no actor's colour
            near = away / deep
            weight = min(near * near, np.float32(4.0)) if clean else np.exp(-near / shallow) + np.float32(0.01)
            cross = p * basis[1, 0] + q * basis[1, 1] + s * basis[1, 2]
            tint = min(max(cross / total / tint_reach, -one), one)
            leaning = min(max(lean / total / reach * half + half, np.float32(0.0)), one)
            i, j = y * rows // height, x * columns // width
            k = np.int32(np.rint((tint * half + half) * np.float32(tints - 1)))
            votes[i, j, k, np.int32(np.rint(leaning * np.float32(leans - 1)))] += weight


@kernel
def chroma_of(linear, table, cb, cr):  # type: ignore[no-untyped-def]
    """Write cb and cr (h, w), BT.709, -0.5..0.5, of a linear picture (h, w, 3). table: codes 0..1 of light 0..1."""
    last = np.int32(table.shape[0] - 1)
    scale, half, zero = np.float32(last), np.float32(0.5), np.int32(0)
    for y in range(cb.shape[0]):
        for x in range(cb.shape[1]):
            r = table[min(max(np.int32(linear[y, x, 0] * scale + half), zero), last)]
            g = table[min(max(np.int32(linear[y, x, 1] * scale + half), zero), last)]
            b = table[min(max(np.int32(linear[y, x, 2] * scale + half), zero), last)]
            luma = np.float32(0.2126) * r + np.float32(0.7152) * g + np.float32(0.0722) * b
            cb[y, x] = (b - luma) * np.float32(1 / 1.8556)
            cr[y, x] = (r - luma) * np.float32(1 / 1.5748)


@kernel
def bare_of(linear, plate, along, across, wedge, floor, low, high, out):  # type: ignore[no-untyped-def]
    """Write (h, w) bool: `cloth.bare_screen`. linear, plate: (h, w, 3)."""
    a0, a1, a2, s0, s1, s2 = along[0], along[1], along[2], across[0], across[1], across[2]
    top = high + np.float32(0.1)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            p, q, s = plate[y, x, 0], plate[y, x, 1], plate[y, x, 2]
            own = r * a0 + g * a1 + b * a2
            part = np.float32(1.0) / max(p * a0 + q * a1 + s * a2, floor)
            cross = r * s0 + g * s1 + b * s2 - own * ((p * s0 + q * s1 + s * s2) * part)
            clear = (own - wedge * abs(cross)) * part
            light, usual = r + g + b, max(p + q + s, floor)
            lit = light > low * usual and light < top * usual
            out[y, x] = clear > low and clear < high and lit


@kernel
def light_and_square(linear, floor, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 2): the total light of (h, w, 3), and its square."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            light = max(linear[y, x, 0] + linear[y, x, 1] + linear[y, x, 2], floor)
            out[y, x, 0], out[y, x, 1] = light, light * light


@kernel
def shares_of(linear, floor, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 3): each colour's part of the light."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            part = np.float32(1.0) / max(linear[y, x, 0] + linear[y, x, 1] + linear[y, x, 2], floor)
            for c in range(3):
                out[y, x, c] = linear[y, x, c] * part


@kernel
def most_seen(linear, seen, along, best, most):  # type: ignore[no-untyped-def]
    """Where seen (h, w, float 0 or 1) and more of the screen's chroma is there than `most` (h, w) holds: keep it, and
    the pixel in best (h, w, 3)."""
    for y in range(most.shape[0]):
        for x in range(most.shape[1]):
            if seen[y, x] > 0:
                r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
                chroma = r * along[0] + g * along[1] + b * along[2]
                if chroma > most[y, x]:
                    most[y, x] = chroma
                    best[y, x, 0], best[y, x, 1], best[y, x, 2] = r, g, b


@kernel
def summed(linear, base, gain, shown, floor, total, counted):  # type: ignore[no-untyped-def]
    """Add to total (h, w, 3) linear over base and gain (3,) times shown (h, w), and shown to counted (h, w). A channel
    whose gain is 0 tells nothing: it counts as 1."""
    one = np.float32(1.0)
    for y in range(counted.shape[0]):
        for x in range(counted.shape[1]):
            weight = shown[y, x]
            if weight > 0:
                for c in range(3):
                    level = one
                    if gain[c] > 0:
                        level = linear[y, x, c] / max(base[y, x, c], floor) / gain[c]
                    total[y, x, c] += level * weight
                counted[y, x] += weight


@kernel
def steady_of(light, floor, near, part, out):  # type: ignore[no-untyped-def]
    """Write (h, w): 1 where at least `part` of the frames' lights (n, h, w) are within `near` of the middle one."""
    count, height, width = light.shape
    held = np.empty(count, np.float32)
    for y in range(height):
        for x in range(width):
            for n in range(count):  # sorted as they are put in
                value, at = light[n, y, x], n
                while at > 0 and held[at - 1] > value:
                    held[at] = held[at - 1]
                    at -= 1
                held[at] = value
            middle = (held[(count - 1) // 2] + held[count // 2]) * np.float32(0.5)
            middle = max(middle, floor)
            same = 0
            for n in range(count):
                same += abs(held[n] - middle) < near * middle
            out[y, x] = same >= part * count
