"""Loops over maps at the fit's resolution, where NumPy would walk them a dozen times. Each mirrors one of `plate`'s."""

import numpy as np

from compositing.devices import kernel


@kernel
def weigh(values, weight, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 4): values (h, w, 3) times weight (h, w), and the weight."""
    for y in range(weight.shape[0]):
        for x in range(weight.shape[1]):
            w = weight[y, x]
            out[y, x, 0] = values[y, x, 0] * w
            out[y, x, 1] = values[y, x, 1] * w
            out[y, x, 2] = values[y, x, 2] * w
            out[y, x, 3] = w


@kernel
def bare_parts(linear, plate, along, across, wedge, low, high, floor, bare, light, share, chroma, pure):  # type: ignore[no-untyped-def]
    """One walk for all that a frame's plate is judged by.

    bare (h, w) uint8: nothing but screen shows, as `bare_screen` has it; light (h, w, 2): the total light, and its
    square; share (h, w, 3): each colour's part of it; chroma (h, w): the screen's over the plate's, which hair before
    it lowers, however light; pure (h, w): how pure the colour is, over the plate's.
    """
    a0, a1, a2, s0, s1, s2 = along[0], along[1], along[2], across[0], across[1], across[2]
    one = np.float32(1.0)
    for y in range(linear.shape[0]):
        for x in range(linear.shape[1]):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            p, q, s = plate[y, x, 0], plate[y, x, 1], plate[y, x, 2]
            own = r * a0 + g * a1 + b * a2
            scale = one / max(p * a0 + q * a1 + s * a2, floor)
            cross = r * s0 + g * s1 + b * s2 - own * ((p * s0 + q * s1 + s * s2) * scale)
            clear = (own - wedge * abs(cross)) * scale
            total = r + g + b
            bright = total / max(p + q + s, floor)
            bare[y, x] = clear > low and clear < high and bright > low and bright < high + np.float32(0.1)
            held = max(total, floor)
            light[y, x, 0] = held
            light[y, x, 1] = held * held
            part = one / held
            share[y, x, 0], share[y, x, 1], share[y, x, 2] = r * part, g * part, b * part
            chroma[y, x] = own * scale
            pure[y, x] = own * scale / max(bright, np.float32(1e-3))


@kernel
def rough_of(light, out):  # type: ignore[no-untyped-def]
    """Write (h, w): the deviation over the mean, from blurred means (h, w, 2) of a value and its square."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            mean = light[y, x, 0]
            out[y, x] = np.sqrt(max(light[y, x, 1] - mean * mean, np.float32(0.0))) / mean


@kernel
def calm_of(bare, soft, share, paint, rough, tint):  # type: ignore[no-untyped-def]
    """Clear `bare` (h, w) uint8 where the screen is rougher (soft) or further from its paint (share) than usual."""
    for y in range(bare.shape[0]):
        for x in range(bare.shape[1]):
            if bare[y, x]:
                stray = max(max(abs(share[y, x, 0] - paint[0]), abs(share[y, x, 1] - paint[1])),
                            abs(share[y, x, 2] - paint[2]))  # fmt: skip
                if soft[y, x] >= rough or stray >= tint:
                    bare[y, x] = 0


@kernel
def seen_of(linear, plate, bare, smooth, top, soft, pure, purest, soft_pure, sums):  # type: ignore[no-untyped-def]
    """Write sums (n, m, 4): the mean over each part of the picture of the ratios of linear to plate (h, w, 3) times how
    well a pixel shows the screen, and of that; see `topmost`. What the latter adds up to over all pixels."""
    height, width = bare.shape
    rows, columns = sums.shape[0], sums.shape[1]
    zero, total = np.float32(0.0), 0.0
    by, by_pure = np.float32(1.0) / soft, np.float32(1.0) / soft_pure
    sums[:] = zero
    column = np.empty(width, np.int32)
    wide = np.zeros(columns, np.float32)
    for x in range(width):
        column[x] = x * columns // width
        wide[column[x]] += np.float32(1.0)
    last, tall = 0, np.float32(0.0)
    for y in range(height):
        row = y * rows // height
        if row != last:
            for x in range(columns):
                for c in range(4):
                    sums[last, x, c] /= wide[x] * tall
            last, tall = row, zero
        tall += np.float32(1.0)
        for x in range(width):
            if bare[y, x] == 0:
                continue
            below = min(smooth[y, x] - top[y, x] + soft, zero) * by
            below += min(pure[y, x] - purest[y, x] + soft_pure, zero) * by_pure
            seen = np.exp(below)
            at = column[x]
            sums[row, at, 0] += seen * linear[y, x, 0] / plate[y, x, 0]
            sums[row, at, 1] += seen * linear[y, x, 1] / plate[y, x, 1]
            sums[row, at, 2] += seen * linear[y, x, 2] / plate[y, x, 2]
            sums[row, at, 3] += seen
            total += seen
    for x in range(columns):
        for c in range(4):
            sums[last, x, c] /= wide[x] * tall
    return total


@kernel
def _columns(table, width):  # type: ignore[no-untyped-def]
    """(which column of a table (rows, columns, tints) lies before each of `width` pixels, how far from it)."""
    columns = table.shape[1]
    place, part = np.empty(width, np.int32), np.empty(width, np.float32)
    for x in range(width):
        across = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
        place[x] = min(int(across), columns - 2)
        part[x] = np.float32(across - place[x])
    return place, part


@kernel
def _row_of_tables(lean, trust, y, height, row):  # type: ignore[no-untyped-def]
    """Both tables (rows, columns, tints) at row `y` of `height` pixels: row (columns, tints, 2)."""
    rows = lean.shape[0]
    down = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
    a = min(int(down), rows - 2)
    dy = np.float32(down - a)
    for b in range(lean.shape[1]):
        for c in range(lean.shape[2]):
            row[b, c, 0] = lean[a, b, c] + dy * (lean[a + 1, b, c] - lean[a, b, c])
            row[b, c, 1] = trust[a, b, c] + dy * (trust[a + 1, b, c] - trust[a, b, c])


@kernel
def _told(row, b, dx, tint):  # type: ignore[no-untyped-def]
    """(lean, trust) of a row of the tables between four neighbours; tint -1..1."""
    tints = row.shape[1]
    place = (tint * np.float32(0.5) + np.float32(0.5)) * np.float32(tints - 1)
    c = min(max(np.int32(place), np.int32(0)), np.int32(tints - 2))
    dz = place - np.float32(c)
    lean = row[b, c, 0] + dz * (row[b, c + 1, 0] - row[b, c, 0])
    other = row[b + 1, c, 0] + dz * (row[b + 1, c + 1, 0] - row[b + 1, c, 0])
    trust = row[b, c, 1] + dz * (row[b, c + 1, 1] - row[b, c, 1])
    else_ = row[b + 1, c, 1] + dz * (row[b + 1, c + 1, 1] - row[b + 1, c, 1])
    return lean + dx * (other - lean), trust + dx * (else_ - trust)


@kernel
def own_clear(low, screen, by_rule, lean, trust, basis, reach, floor, gain, own, sure, clear):  # type: ignore[no-untyped-def]
    """Write own and sure, (h, w) each, as `spill.own_lean` has them, and clear (h, w): how much of the screen shows,
    less what is the actor's own lean. lean, trust: a `spill.Nature`; basis (3, 3): along, across, light."""
    height, width = own.shape
    one, zero = np.float32(1.0), np.float32(0.0)
    a0, a1, a2 = basis[0, 0], basis[0, 1], basis[0, 2]
    s0, s1, s2 = basis[1, 0], basis[1, 1], basis[1, 2]
    l0, l1, l2 = basis[2, 0], basis[2, 1], basis[2, 2]
    place, part = _columns(lean, width)
    row = np.empty((lean.shape[1], lean.shape[2], 2), np.float32)
    lit, rests, tints = np.empty(width, np.float32), np.empty(width, np.float32), np.empty(width, np.float32)
    seen = np.empty(width, np.float32)
    for y in range(height):
        _row_of_tables(lean, trust, y, height, row)
        for x in range(width):  # what can be done a vector at a time
            r, g, b = low[y, x, 0], low[y, x, 1], low[y, x, 2]
            leaning = r * a0 + g * a1 + b * a2
            p, q, s = r - leaning * l0, g - leaning * l1, b - leaning * l2
            rest = p + q + s
            total = max(rest, floor)
            tints[x] = min(max((p * s0 + q * s1 + s * s2) / (total * reach), -one), one)
            seen[x] = min(max(total / max(r + g + b, floor) * np.float32(10.0) - one, zero), one)
            shown = screen[y, x, 0] * a0 + screen[y, x, 1] * a1 + screen[y, x, 2] * a2
            scale = gain / max(shown, np.float32(1e-4))
            lit[x], rests[x] = leaning * scale, rest * scale
        for x in range(width):
            mine, known = _told(row, place[x], part[x], tints[x])
            known *= seen[x]
            own[y, x], sure[y, x] = mine, known
            clear[y, x] = by_rule[y, x] + known * (lit[x] - mine * rests[x] - by_rule[y, x])


@kernel
def allowed(foreground, lean, trust, basis, reach, floor, wedges, beyond, slopes, out):  # type: ignore[no-untyped-def]
    """Write (h, w) as `spill.allowed_lean` has it. wedges: of the rule, where a colour leans across one way, the other;
    beyond: where own colour begins beyond the rule, and over how much it comes to count; slopes: see
    `spill.allowed_lean`."""
    height, width = out.shape
    one, zero = np.float32(1.0), np.float32(0.0)
    a0, a1, a2 = basis[0, 0], basis[0, 1], basis[0, 2]
    s0, s1, s2 = basis[1, 0], basis[1, 1], basis[1, 2]
    l0, l1, l2 = basis[2, 0], basis[2, 1], basis[2, 2]
    place, part = _columns(lean, width)
    row = np.empty((lean.shape[1], lean.shape[2], 2), np.float32)
    crosses = np.empty(width, np.float32)
    for y in range(height):
        _row_of_tables(lean, trust, y, height, row)
        for x in range(width):
            r, g, b = foreground[y, x, 0], foreground[y, x, 1], foreground[y, x, 2]
            leaning = r * a0 + g * a1 + b * a2
            p, q, s = r - leaning * l0, g - leaning * l1, b - leaning * l2
            crosses[x] = (p * s0 + q * s1 + s * s2) / max(p + q + s, floor)
        for x in range(width):
            cross = crosses[x]
            tint = min(max(cross / reach, -one), one)
            known, sure = _told(row, place[x], part[x], tint)
            rule = (wedges[0] if cross > zero else wedges[1]) * abs(cross)
            if known > rule:
                known = rule + min(max((known - rule - beyond[0]) / beyond[1], zero), one) * (known - rule)
            by_tint = (slopes[0] if cross > zero else slopes[1]) * min(abs(cross), reach)  # on beyond the table
            out[y, x] = rule + sure * (known - rule) - by_tint


@kernel
def unmixed(low, screen, clear, inner, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 4): the actor's colour, the screen taken out of it but where inner (h, w) uint8, times how much it
    can be believed; and that."""
    one, zero = np.float32(1.0), np.float32(0.0)
    for y in range(clear.shape[0]):
        for x in range(clear.shape[1]):
            solid = one - clear[y, x]
            w = np.float32(0.02) if solid > np.float32(0.7) else zero
            if solid > np.float32(0.35):
                w += np.float32(0.0005)
            share = min(max(clear[y, x], zero), one)
            if inner[y, x]:
                w += one
                share = zero
            scale = w / max(one - share, np.float32(0.3))
            for c in range(3):
                value = low[y, x, c] - share * screen[y, x, c]
                out[y, x, c] = max(value, zero) * scale if share > zero else low[y, x, c] * w
            out[y, x, 3] = w


@kernel
def shade_parts(low, screen, foreground, most, hardly, pure, ratio, mixed):  # type: ignore[no-untyped-def]
    """One walk for what `shade.shaded` judges by.

    pure (h, w) uint8: no further than `most` from the plate's own colour; ratio (h, w): its light over the plate's;
    mixed (h, w): how much there is of the colour that a mix with the actor of that light would have, less `hardly` of
    how strong that colour is.
    """
    least, zero, one = np.float32(1e-4), np.float32(0.0), np.float32(1.0)
    for y in range(ratio.shape[0]):
        for x in range(ratio.shape[1]):
            r, g, b = low[y, x, 0], low[y, x, 1], low[y, x, 2]
            p, q, s = screen[y, x, 0], screen[y, x, 1], screen[y, x, 2]
            light = max(r + g + b, least)
            of_light, of_usual = one / light, one / max(p + q + s, least)
            paint0, paint1, paint2 = p * of_usual, q * of_usual, s * of_usual
            away0, away1, away2 = r * of_light - paint0, g * of_light - paint1, b * of_light - paint2
            value = light * of_usual
            part = min(max(one - value, zero), one)
            m0 = p + part * (foreground[y, x, 0] - p)
            m1 = q + part * (foreground[y, x, 1] - q)
            m2 = s + part * (foreground[y, x, 2] - s)
            of_mix = one / max(m0 + m1 + m2, least)
            m0, m1, m2 = m0 * of_mix - paint0, m1 * of_mix - paint1, m2 * of_mix - paint2
            mixed[y, x] = away0 * m0 + away1 * m1 + away2 * m2 - hardly * (m0 * m0 + m1 * m1 + m2 * m2)
            pure[y, x] = max(max(abs(away0), abs(away1)), abs(away2)) < most
            ratio[y, x] = value


@kernel
def shade_cloth(pure, ratio, mixed, darkest, darker, rough, out):  # type: ignore[no-untyped-def]
    """Write (h, w) uint8: 1 where it is pure, as dark as shade, and over the 3 x 3 pixels around, the actor's colour is
    lacking (`shade_parts`) and the light of what is pure deviates by less than `rough`. How many."""
    height, width = ratio.shape
    zero, one, found = np.float32(0.0), np.float32(1.0), 0
    for y in range(height):
        # What is beyond the picture's edge mirrors what is before it, as in OpenCV's filters.
        above, below = 1 if y == 0 else y - 1, height - 2 if y == height - 1 else y + 1
        for x in range(width):
            out[y, x] = 0
            if pure[y, x] == 0 or ratio[y, x] >= darker or ratio[y, x] <= darkest:
                continue
            left, right = 1 if x == 0 else x - 1, width - 2 if x == width - 1 else x + 1
            lent, count, value, square = zero, zero, zero, zero
            for i in (above, y, below):
                for j in (left, x, right):
                    lent += mixed[i, j]
                    if pure[i, j]:
                        count += one
                        value += ratio[i, j]
                        square += ratio[i, j] * ratio[i, j]
            mean = value / count
            if lent < zero and square / count - mean * mean < rough * rough:
                out[y, x] = 1
                found += 1
    return found
