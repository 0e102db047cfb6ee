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
def trusted(filled, soft):  # type: ignore[no-untyped-def]
    """Mix the mean that `soft` (h, w, 4, weighed) holds into `filled` (h, w, 3), as far as it can be trusted."""
    for y in range(filled.shape[0]):
        for x in range(filled.shape[1]):
            share = soft[y, x, 3]
            trust = min(max(share * np.float32(5.0), np.float32(0.0)), np.float32(1.0))
            scale = np.float32(1.0) / max(share, np.float32(1e-6))
            for c in range(3):
                filled[y, x, c] += trust * (soft[y, x, c] * scale - filled[y, x, c])


@kernel
def bare_parts(linear, plate, along, across, wedge, low, high, floor, bare, light, share, ratio, pure):  # type: ignore[no-untyped-def]
    """One walk for all that a frame's plate is judged by.

    bare (h, w) uint8: nothing but screen shows, as `bare_screen` has it; light (h, w, 2): log of the total light, and
    its square; share (h, w, 3): each colour's part of it; ratio (h, w, 4): frame over plate, and that of the screen's
    chroma alone, which hair before it lowers, however light; pure (h, w): how pure the colour is, over the plate's.
    """
    for y in range(linear.shape[0]):
        for x in range(linear.shape[1]):
            r, g, b = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
            p, q, s = plate[y, x, 0], plate[y, x, 1], plate[y, x, 2]
            own = r * along[0] + g * along[1] + b * along[2]
            screen = max(p * along[0] + q * along[1] + s * along[2], floor)
            cross = r * across[0] + g * across[1] + b * across[2]
            cross -= own * ((p * across[0] + q * across[1] + s * across[2]) / screen)
            clear = (own - wedge * abs(cross)) / screen
            total = r + g + b
            bright = total / max(p + q + s, floor)
            bare[y, x] = clear > low and clear < high and bright > low and bright < high + np.float32(0.1)
            held = max(total, floor)
            value = np.log(held)
            light[y, x, 0] = value
            light[y, x, 1] = value * value
            part = np.float32(1.0) / held
            share[y, x, 0], share[y, x, 1], share[y, x, 2] = r * part, g * part, b * part
            ratio[y, x, 0], ratio[y, x, 1], ratio[y, x, 2], ratio[y, x, 3] = r / p, g / q, b / s, own / screen
            pure[y, x] = own / screen / max(bright, np.float32(1e-3))


@kernel
def rough_of(light, out):  # type: ignore[no-untyped-def]
    """Write (h, w): the deviation, from blurred means (h, w, 2) of a value and its square."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            mean = light[y, x, 0]
            out[y, x] = np.sqrt(max(light[y, x, 1] - mean * mean, np.float32(0.0)))


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
def seen_of(bare, smooth, top, soft, pure, purest, soft_pure, ratio):  # type: ignore[no-untyped-def]
    """ratio (h, w, 4) becomes the ratios times how well each pixel shows the screen, and that; see `topmost`."""
    zero = np.float32(0.0)
    for y in range(bare.shape[0]):
        for x in range(bare.shape[1]):
            seen = zero
            if bare[y, x]:
                below = min(smooth[y, x] - top[y, x] + soft, zero) / soft
                below += min(pure[y, x] - purest[y, x] + soft_pure, zero) / soft_pure
                seen = np.exp(below)
            ratio[y, x, 0] *= seen
            ratio[y, x, 1] *= seen
            ratio[y, x, 2] *= seen
            ratio[y, x, 3] = seen


@kernel
def _place(table, height, width, y, x):  # type: ignore[no-untyped-def]
    """(row, column, and how far to the next of each) of a table (rows, columns, tints) at a pixel."""
    rows, columns = table.shape[0], table.shape[1]
    down = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
    across = min(max((x + 0.5) * columns / width - 0.5, 0.0), columns - 1.0)
    a, b = min(int(down), rows - 2), min(int(across), columns - 2)
    return a, b, np.float32(down - a), np.float32(across - b)


@kernel
def _between(table, a, b, dy, dx, tint):  # type: ignore[no-untyped-def]
    """A table's value between eight neighbours; tint -1..1."""
    tints = table.shape[2]
    place = (tint * np.float32(0.5) + np.float32(0.5)) * np.float32(tints - 1)
    c = min(max(int(place), 0), tints - 2)
    dz = place - np.float32(c)
    near = table[a, b, c] + dz * (table[a, b, c + 1] - table[a, b, c])
    right = table[a, b + 1, c] + dz * (table[a, b + 1, c + 1] - table[a, b + 1, c])
    below = table[a + 1, b, c] + dz * (table[a + 1, b, c + 1] - table[a + 1, b, c])
    far = table[a + 1, b + 1, c] + dz * (table[a + 1, b + 1, c + 1] - table[a + 1, b + 1, c])
    near += dx * (right - near)
    below += dx * (far - below)
    return near + dy * (below - near)


@kernel
def own_clear(low, screen, by_rule, lean, trust, basis, reach, floor, gain, own, sure, clear):  # type: ignore[no-untyped-def]
    """Write own and sure, (h, w) each, as `spill.own_lean` has them, and clear (h, w): how much of the screen shows,
    less what is the actor's own lean. lean, trust: a `spill.Nature`; basis (3, 3): along, across, light."""
    height, width = own.shape
    one, zero = np.float32(1.0), np.float32(0.0)
    along, across, light = basis[0], basis[1], basis[2]
    for y in range(height):
        for x in range(width):
            r, g, b = low[y, x, 0], low[y, x, 1], low[y, x, 2]
            leaning = r * along[0] + g * along[1] + b * along[2]
            p, q, s = r - leaning * light[0], g - leaning * light[1], b - leaning * light[2]
            rest = p + q + s
            total = max(rest, floor)
            tint = min(max((p * across[0] + q * across[1] + s * across[2]) / total / reach, -one), one)
            seen = min(max(total / max(r + g + b, floor) * np.float32(10.0) - one, zero), one)
            i, j, dy, dx = _place(lean, height, width, y, x)
            mine = _between(lean, i, j, dy, dx, tint)
            known = _between(trust, i, j, dy, dx, tint) * seen
            shown = screen[y, x, 0] * along[0] + screen[y, x, 1] * along[1] + screen[y, x, 2] * along[2]
            value = (leaning - mine * rest) / max(shown, np.float32(1e-4)) * gain
            own[y, x], sure[y, x] = mine, known
            clear[y, x] = by_rule[y, x] + known * (value - by_rule[y, x])


@kernel
def allowed(foreground, lean, trust, basis, reach, floor, wedges, beyond, out):  # type: ignore[no-untyped-def]
    """Write (h, w) as `spill.allowed_lean` has it. wedges: of the rule, where a colour leans across one way, the other;
    beyond: where own colour begins beyond the rule, and over how much it comes to count."""
    height, width = out.shape
    one, zero = np.float32(1.0), np.float32(0.0)
    along, across, light = basis[0], basis[1], basis[2]
    for y in range(height):
        for x in range(width):
            r, g, b = foreground[y, x, 0], foreground[y, x, 1], foreground[y, x, 2]
            leaning = r * along[0] + g * along[1] + b * along[2]
            p, q, s = r - leaning * light[0], g - leaning * light[1], b - leaning * light[2]
            cross = (p * across[0] + q * across[1] + s * across[2]) / max(p + q + s, floor)
            tint = min(max(cross / reach, -one), one)
            i, j, dy, dx = _place(lean, height, width, y, x)
            known = _between(lean, i, j, dy, dx, tint)
            sure = _between(trust, i, j, dy, dx, tint)
            rule = (wedges[0] if cross > zero else wedges[1]) * abs(cross)
            if known > rule:
                known = rule + min(max((known - rule - beyond[0]) / beyond[1], zero), one) * (known - rule)
            out[y, x] = rule + sure * (known - rule)


@kernel
def unmixed(low, screen, clear, inner, source, weight):  # type: ignore[no-untyped-def]
    """Write source (h, w, 3), the actor's colour with the screen taken out but where inner, and weight (h, w)."""
    one, zero = np.float32(1.0), np.float32(0.0)
    for y in range(clear.shape[0]):
        for x in range(clear.shape[1]):
            solid = one - clear[y, x]
            w = np.float32(0.02) if solid > np.float32(0.7) else zero
            if solid > np.float32(0.35):
                w += np.float32(0.0005)
            share = min(max(clear[y, x], zero), one)
            if inner[y, x] > zero:
                w += inner[y, x]
                share = zero
            scale = one / max(one - share, np.float32(0.3))
            for c in range(3):
                value = (low[y, x, c] - share * screen[y, x, c]) * scale
                source[y, x, c] = max(value, zero) if share > zero else low[y, x, c]
            weight[y, x] = w


@kernel
def packed(screen, foreground, core, reach, nature, near, own, sure, out):  # type: ignore[no-untyped-def]
    """Write the maps (h, w, 12) from their planes; see `Keyer.maps_of`."""
    for y in range(core.shape[0]):
        for x in range(core.shape[1]):
            for c in range(3):
                out[y, x, c] = screen[y, x, c]
                out[y, x, 3 + c] = foreground[y, x, c]
            out[y, x, 6], out[y, x, 7], out[y, x, 8] = core[y, x], reach[y, x], nature[y, x]
            out[y, x, 9], out[y, x, 10], out[y, x, 11] = near[y, x], own[y, x], sure[y, x]


@kernel
def shade_parts(low, screen, foreground, most, pure, ratio, lent, around):  # type: ignore[no-untyped-def]
    """One walk for what `shade.shaded` judges by.

    pure (h, w) uint8: no further than `most` from the plate's own colour; ratio (h, w): its light over the plate's;
    lent (h, w, 2): how much there is of the colour that a mix with the actor of that light would have, and how strong
    that colour is; around (h, w, 3): 1, ratio and its square where pure, else 0.
    """
    least, zero, one = np.float32(1e-4), np.float32(0.0), np.float32(1.0)
    for y in range(ratio.shape[0]):
        for x in range(ratio.shape[1]):
            r, g, b = low[y, x, 0], low[y, x, 1], low[y, x, 2]
            p, q, s = screen[y, x, 0], screen[y, x, 1], screen[y, x, 2]
            light, usual = max(r + g + b, least), max(p + q + s, least)
            away0, away1, away2 = r / light - p / usual, g / light - q / usual, b / light - s / usual
            is_pure = max(max(abs(away0), abs(away1)), abs(away2)) < most
            value = light / usual
            part = min(max(one - value, zero), one)
            m0 = p + part * (foreground[y, x, 0] - p)
            m1 = q + part * (foreground[y, x, 1] - q)
            m2 = s + part * (foreground[y, x, 2] - s)
            mixed = max(m0 + m1 + m2, least)
            m0, m1, m2 = m0 / mixed - p / usual, m1 / mixed - q / usual, m2 / mixed - s / usual
            lent[y, x, 0] = away0 * m0 + away1 * m1 + away2 * m2
            lent[y, x, 1] = m0 * m0 + m1 * m1 + m2 * m2
            counts = one if is_pure else zero
            pure[y, x], ratio[y, x] = is_pure, value
            around[y, x, 0], around[y, x, 1], around[y, x, 2] = counts, counts * value, counts * value * value
