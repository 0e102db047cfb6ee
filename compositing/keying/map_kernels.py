"""Loops behind `Keyer.maps_of` that every frame pays for: each does in one walk what NumPy would take many for."""

import numpy as np

from compositing.devices import kernel


@kernel
def clear_of(linear, plate, along, across, wedge, floor, gain, out):  # type: ignore[no-untyped-def]
    """Write (h, w) `cloth.transparency` times gain. linear, plate: (h, w, 3)."""
    a0, a1, a2, s0, s1, s2 = along[0], along[1], along[2], across[0], across[1], across[2]
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            p, q, s = plate[y, x, 0], plate[y, x, 1], plate[y, x, 2]
            own = r * a0 + g * a1 + b * a2
            part = np.float32(1.0) / max(p * a0 + q * a1 + s * a2, floor)
            cross = r * s0 + g * s1 + b * s2 - own * ((p * s0 + q * s1 + s * s2) * part)
            out[y, x] = (own - wedge * abs(cross)) * part * gain


@kernel
def bent(plate, gain, curve, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 3): plate times gain (3,) times curve (n, m, 3), which is stretched over it."""
    height, width = plate.shape[0], plate.shape[1]
    rows, columns = curve.shape[0], curve.shape[1]
    row = np.empty((columns, 3), np.float32)
    place, part = np.empty(width, np.int32), np.empty(width, np.float32)
    for x in range(width):
        across = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
        place[x] = min(int(across), max(columns - 2, 0))
        part[x] = np.float32(across - place[x])
    for y in range(height):
        down = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        first = int(down)
        second = min(first + 1, rows - 1)
        dy = np.float32(down - first)
        for x in range(columns):
            for c in range(3):
                row[x, c] = (curve[first, x, c] + dy * (curve[second, x, c] - curve[first, x, c])) * gain[c]
        for x in range(width):
            i, dx = place[x], part[x]
            j = min(i + 1, columns - 1)
            for c in range(3):
                out[y, x, c] = plate[y, x, c] * (row[i, c] + dx * (row[j, c] - row[i, c]))


@kernel
def halved(picture, out):  # type: ignore[no-untyped-def]
    """Write (ceil h / 2, ceil w / 2, 4): the mean of two by two pixels of (h, w, 4), whose odd edges go on."""
    height, width = picture.shape[0], picture.shape[1]
    for y in range(out.shape[0]):
        top, low = 2 * y, min(2 * y + 1, height - 1)
        for x in range(out.shape[1]):
            left, right = 2 * x, min(2 * x + 1, width - 1)
            for c in range(4):
                above, below = (
                    picture[top, left, c] + picture[top, right, c],
                    picture[low, left, c] + picture[low, right, c],
                )
                out[y, x, c] = np.float32(0.25) * (above + below)


@kernel
def grown(less, soft, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 3): `less`, at half the size, stretched; and the mean that `soft` (h, w, 4, weighed) holds mixed in
    as far as it can be trusted."""
    height, width = out.shape[0], out.shape[1]
    rows, columns = less.shape[0], less.shape[1]
    row = np.empty((columns, 3), np.float32)
    near, far, one = np.float32(0.75), np.float32(0.25), np.float32(1.0)
    for y in range(height):
        own = y // 2
        other = min(max(own - 1 + 2 * (y & 1), 0), rows - 1)
        for x in range(columns):
            for c in range(3):
                row[x, c] = near * less[own, x, c] + far * less[other, x, c]
        for x in range(width):
            i = x // 2
            j = min(max(i - 1 + 2 * (x & 1), 0), columns - 1)
            share = soft[y, x, 3]
            trust = min(share * np.float32(5.0), one)
            scale = trust / max(share, np.float32(1e-6))
            for c in range(3):
                out[y, x, c] = (near * row[i, c] + far * row[j, c]) * (one - trust) + soft[y, x, c] * scale


@kernel
def opaque_parts(low, screen, clear, along, saturation, solid, least, most, opaque, spilled, half):  # type: ignore[no-untyped-def]
    """Write (h, w) uint8 each: opaque, less clear than `solid`; spilled, leaning less than `saturation` of the screen's
    lean; half, clear between least and most. How many of the last."""
    a0, a1, a2, tiny = along[0], along[1], along[2], np.float32(1e-3)
    count = 0
    for y in range(clear.shape[0]):
        for x in range(clear.shape[1]):
            value = clear[y, x]
            r, g, b = low[y, x, 0], low[y, x, 1], low[y, x, 2]
            p, q, s = screen[y, x, 0], screen[y, x, 1], screen[y, x, 2]
            own = (r * a0 + g * a1 + b * a2) * max(p + q + s, tiny)
            usual = (p * a0 + q * a1 + s * a2) * max(r + g + b, tiny)
            opaque[y, x] = value < solid
            spilled[y, x] = own < saturation * usual and value < np.float32(0.5)
            held = value > least and value < most
            half[y, x] = held
            count += held
    return count


@kernel
def _root(parent, n):  # type: ignore[no-untyped-def]
    while parent[n] != n:
        parent[n] = parent[parent[n]]
        n = parent[n]
    return n


@kernel
def long_runs(clear, faint, least, out):  # type: ignore[no-untyped-def]
    """Write (h, w) uint8: 1 where what is less clear than 1 - faint hangs together, corners too, over `least` pixels
    across or down. Runs of a row are joined with those of the row above, so that nothing is walked twice."""
    height, width = clear.shape
    bound = height * ((width + 1) // 2)
    begin, end, parent = np.empty(bound, np.int32), np.empty(bound, np.int32), np.empty(bound, np.int32)
    first = np.empty(height + 1, np.int32)
    top, left, right = np.empty(bound, np.int32), np.empty(bound, np.int32), np.empty(bound, np.int32)
    bottom = np.empty(bound, np.int32)
    count, one = 0, np.float32(1.0)
    for y in range(height):
        first[y] = count
        before = first[y - 1] if y > 0 else 0
        x = 0
        while x < width:
            if one - clear[y, x] > faint:
                start = x
                while x < width and one - clear[y, x] > faint:
                    x += 1
                begin[count], end[count], parent[count] = start, x, count
                top[count], bottom[count], left[count], right[count] = y, y, start, x - 1
                if y > 0:
                    while before < first[y] and end[before] < start:
                        before += 1
                    n = before
                    while n < first[y] and begin[n] <= x:
                        a, b = _root(parent, n), _root(parent, count)
                        if a != b:
                            a, b = min(a, b), max(a, b)
                            parent[b] = a
                            top[a], bottom[a] = min(top[a], top[b]), max(bottom[a], bottom[b])
                            left[a], right[a] = min(left[a], left[b]), max(right[a], right[b])
                        n += 1
                count += 1
            else:
                x += 1
    first[height] = count
    out[:] = 0
    for y in range(height):
        for n in range(first[y], first[y + 1]):
            a = _root(parent, n)
            if right[a] - left[a] + 1 >= least or bottom[a] - top[a] + 1 >= least:
                out[y, begin[n] : end[n]] = 1


@kernel
def packed(screen, foreground, core, inner, firm, reach, garbage, nature, near, own, sure, out):  # type: ignore[no-untyped-def]
    """Write the maps (h, w, 12) from their planes; see `Keyer.maps_of`. Core counts `firm` times where inner (uint8),
    core and reach where garbage leaves them."""
    zero = np.float32(0.0)
    for y in range(core.shape[0]):
        for x in range(core.shape[1]):
            for c in range(3):
                out[y, x, c] = screen[y, x, c]
                out[y, x, 3 + c] = foreground[y, x, c]
            keep = garbage[y, x]
            out[y, x, 6] = core[y, x] * firm * keep if inner[y, x] else zero
            out[y, x, 7], out[y, x, 8] = reach[y, x] * keep, nature[y, x]
            out[y, x, 9], out[y, x, 10], out[y, x, 11] = near[y, x], own[y, x], sure[y, x]
