"""The fused path's half-clear pixels and their surroundings, a vector at a time: see `keying.matte` for what is done.

`matte_run` is `matte_row`; `mixed_run` is `foreground_row` and what is laid over the ground. Branches are choices here,
and the maps are stretched along a row before anything is read from them.
"""

import numpy as np

from compositing.despill import OPEN_WEDGE, despill_pixel, lean_kept
from compositing.devices import inlined, kernel
from compositing.fused_light import CHUNK, HALF, PAD, VECTOR, code_of, lit, planes_of_codes

LEAST_WRAP = np.float32(1e-4)  # less of the background's light is not seen
OPEN_SIDE = np.float32(OPEN_WEDGE)


@kernel
def spread_row(maps, r, need, bounds, parts, channels, out):  # type: ignore[no-untyped-def]
    """Write row `r` of maps (h, w, 12) stretched to the picture's width, its first `channels`: out (12, W), even pixels
    first, then odd ones. need (h, w): which cells; bounds: see `alpha_rows`; parts (W,): how far to the next column."""
    columns, half = maps.shape[1], out.shape[1] // 2
    for x in range(columns):
        if need[r, x] == 0:
            continue
        after = min(x + 1, columns - 1)
        for c in range(channels):
            value = maps[r, x, c]
            step = maps[r, after, c] - value
            for px in range(bounds[x], bounds[x + 1]):
                out[c, (px >> 1) + (px & 1) * half] = value + parts[px] * step


@inlined
def between(spread, i, part, c, c0, count, work, to):  # type: ignore[no-untyped-def]
    """Write channel `c` between rows i and 1 - i of spread (2, 12, W) to work[to]."""
    middle = spread.shape[2] // 2
    several = min((count + VECTOR - 1) // VECTOR * VECTOR, middle - c0)
    for n in range(2):
        for k in range(several):
            a = spread[i, c, n * middle + c0 + k]
            work[to, n * HALF + k] = a + part * (spread[1 - i, c, n * middle + c0 + k] - a)


@kernel
def matte_run(luma, low, cb, cr, y, first, last, coding, spread, i, part, along, across, numbers, alpha):  # type: ignore[no-untyped-def]
    """Write alpha[first:last] (W,) uint16 of row `y` of 4:2:0 planes; how many pixels are half clear.

    spread (2, 12, W): two rows of the maps as `spread_row` has them, `i` the upper one's place and `part` how far it is
    to the other. numbers: see `matte_row`.
    """
    work = np.empty((20, PAD), np.float32)
    wedge, gain, balance, clear = numbers[0], numbers[1], numbers[2], numbers[3]
    refine, black, white = numbers[4], numbers[5], numbers[6]
    intensity, shine, noise_light, noise_colour = numbers[7], numbers[8], numbers[9], numbers[10]
    one, zero = np.float32(1.0), np.float32(0.0)
    root3 = np.float32(0.57735027)
    stretch = one / max(white - black, np.float32(1e-3))
    a0, a1, a2, s0, s1, s2 = along[0], along[1], along[2], across[0], across[1], across[2]
    half = 0
    for start in range(first & ~1, last, CHUNK):
        end = min(start + CHUNK, last)
        count = (end - start + 1) // 2
        lit(luma, low, cb, cr, y, start, count, coding, work)
        for c in range(8):
            between(spread, i, part, c, start // 2, count, work, 10 + c)
        for c in range(2):
            between(spread, i, part, 10 + c, start // 2, count, work, 18 + c)
        for n in range(0, 2 * HALF, HALF):
            for k in range(n, n + count):
                p0, p1, p2 = work[0, k], work[1, k], work[2, k]
                b0, b1, b2 = work[10, k], work[11, k], work[12, k]
                f0, f1, f2 = work[13, k], work[14, k], work[15, k]
                core, reach = work[16, k], work[17, k]
                screen_along = one / max(b0 * a0 + b1 * a1 + b2 * a2, np.float32(1e-4))
                screen_across = b0 * s0 + b1 * s1 + b2 * s2
                own_along = p0 * a0 + p1 * a1 + p2 * a2
                own_across = p0 * s0 + p1 * s1 + p2 * s2
                own_across -= own_along * (screen_across * screen_along - balance)
                usual = wedge * abs(own_across)
                rest = max(p0 + p1 + p2 - own_along * (b0 + b1 + b2) * screen_along, zero)
                usual += work[19, k] * (work[18, k] * rest - usual)
                seen = (own_along - usual) * screen_along * gain
                value = min(max(one - seen, zero), one)
                d0, d1, d2 = f0 - b0, f1 - b1, f2 - b2
                square = value * value
                scale = b0 * b0 + b1 * b1 + b2 * b2 + np.float32(1e-4)
                light = one / ((noise_light + square * shine) * scale)
                colour = one / (noise_colour * scale)
                d_grey = (d0 + d1 + d2) * root3
                f_grey = (f0 + f1 + f2) * root3
                more = (light - colour) * root3
                w0, w1, w2 = colour * d0 + more * d_grey, colour * d1 + more * d_grey, colour * d2 + more * d_grey
                u0, u1, u2 = colour * f0 + more * f_grey, colour * f1 + more * f_grey, colour * f2 + more * f_grey
                wide = square * intensity
                factor = wide * (f0 * w0 + f1 * w1 + f2 * w2) / (one + wide * (f0 * u0 + f1 * u1 + f2 * u2))
                w0, w1, w2 = w0 - factor * u0, w1 - factor * u1, w2 - factor * u2
                down = w0 * d0 + w1 * d1 + w2 * d2
                told = down > np.float32(1e-3)
                held = down if told else one
                solved = min(max((w0 * (p0 - b0) + w1 * (p1 - b1) + w2 * (p2 - b2)) / held, zero), one)
                trust = refine * held / (held + np.float32(8.0))
                shift = trust * (solved - value) * min(value * np.float32(12.0), one)
                value += shift if told else zero
                value = value if seen < clear else zero
                value = min(max((value - black) * stretch, core), one)
                value = min(max(value * min(reach, one), zero), one)
                value = one if core >= np.float32(0.999) else value
                work[3, k] = value if reach > np.float32(0.001) else zero
        for x in range(max(first, start), end):
            value = work[3, ((x - start) >> 1) + ((x - start) & 1) * HALF]
            alpha[x] = np.uint16(np.int32(value * np.float32(65535.0) + np.float32(0.5)))
            if value > np.float32(0.02) and value < np.float32(0.98):
                half += 1
    return half


@kernel
def mixed_run(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, y, first, last, coding, wide, spreads, places, parts, alpha, shown, ground, tile, down, right,
    grained, amount, light, wrapped, gains, lean, numbers, side, grey, top, below, u, v, wants_foreground, top_front,
    below_front, u_front, v_front,
):  # fmt: skip
    """Write two rows of 4:2:0 planes from row `y` (even), pixels first to last (even), laid over the ground; and the
    foreground alone over grey.

    wide: see `solid_run`; spreads (2, 2, 12, W), places and parts (2,): for each row what `matte_run` is told;
    alpha, shown (H, W) uint16: as keyed and as laid over; light (2, w, 4): the light wrap's rows; numbers: as for
    `foreground_row`.
    """
    height, width = luma.shape
    cells, reach = wide.shape[1], light.shape[1]
    told = (lean[0], lean[1], lean[2], lean[3], lean[4], lean[5], lean[6], lean[7], lean[8], lean[9], lean[10])
    unmix, extend, strength, keep, wedge = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    gain_r, gain_g, gain_b = gains[0], gains[1], gains[2]
    one, zero, scale = np.float32(1.0), np.float32(0.0), np.float32(1.0 / 65535.0)
    work = np.empty((20, PAD), np.float32)
    codes = np.empty((6, PAD), np.int32)
    codes_front = np.empty((6, PAD), np.int32)
    step = reach / width
    for start in range(first, last, CHUNK):
        count = min(CHUNK, last - start) // 2
        c0 = start // 2
        for pair in range(2):
            at = y + pair
            lit(luma, low, cb, cr, at, start, count, coding, work)
            for c in range(6):
                between(spreads[pair], places[pair], parts[pair], c, c0, count, work, 10 + c)
            place = min(max((at + 0.5) * cells / height - 0.5, 0.0), cells - 1.0)
            i = int(place)
            j = min(i + 1, cells - 1)
            share = np.float32(place - i)
            several = min((count + VECTOR - 1) // VECTOR * VECTOR, width // 2 - c0)
            for k in range(several):
                work[16, k] = wide[0, i, c0 + k] + share * (wide[0, j, c0 + k] - wide[0, i, c0 + k])
            for k in range(several):
                work[17, k] = wide[1, i, c0 + k] + share * (wide[1, j, c0 + k] - wide[1, i, c0 + k])
            for n in range(2):
                for k in range(several):
                    work[18, n * HALF + k] = np.float32(alpha[at, start + 2 * k + n]) * scale
                for k in range(several):
                    work[19, n * HALF + k] = np.float32(shown[at, start + 2 * k + n]) * scale
            for n in range(0, 2 * HALF, HALF):
                for m in range(count):
                    k = n + m
                    a = work[18, k]
                    screen = (one - a) * unmix
                    r = max(work[0, k] - screen * work[10, k], zero)
                    g = max(work[1, k] - screen * work[11, k], zero)
                    b = max(work[2, k] - screen * work[12, k], zero)
                    # See `edges.unmix_pixel`: the neighbour's colour at this pixel's own brightness, within reason.
                    lend = extend * (one - a)
                    borrowed = a * (work[13, k] + work[14, k] + work[15, k])
                    known = borrowed > np.float32(1e-6)
                    own = (r + g + b) / (borrowed if known else one)
                    own = a * (min(max(own, np.float32(0.5)), np.float32(1.6)) if known else one)
                    r += lend * (own * work[13, k] - r)
                    g += lend * (own * work[14, k] - g)
                    b += lend * (own * work[15, k] - b)
                    r, g, b = lean_kept(
                        r, g, b, a, work[13, k], work[14, k], work[15, k], told, work[16, m]
                    )  # fmt: skip
                    r, g, b = despill_pixel(
                        r, g, b, told, strength, keep, side, wedge, OPEN_SIDE, work[16, m], work[17, m]
                    )  # fmt: skip
                    seen = a > zero
                    more = work[19, k] / (a if seen else one)
                    more = more if seen else zero
                    work[0, k], work[1, k], work[2, k] = r * gain_r * more, g * gain_g * more, b * gain_b * more
            if wants_foreground:
                for n in range(0, 2 * HALF, HALF):
                    for k in range(n, n + count):
                        under = (one - work[19, k]) * grey
                        codes_front[0, k] = code_of(work[0, k] + under)
                        codes_front[1, k] = code_of(work[1, k] + under)
                        codes_front[2, k] = code_of(work[2, k] + under)
                planes_of_codes(codes_front, pair, start, count, top_front, below_front, u_front, v_front)
            for n in range(2):
                for k in range(several):
                    work[3, n * HALF + k] = ground[at, start + 2 * k + n, 0]
                    work[4, n * HALF + k] = ground[at, start + 2 * k + n, 1]
                    work[5, n * HALF + k] = ground[at, start + 2 * k + n, 2]
            if grained:
                noises = tile[(at + down) % 512]
                for n in range(2):
                    for k in range(count):
                        work[6, n * HALF + k] = np.float32(noises[start + 2 * k + n + right]) * np.float32(1.0 / 64.0)
                for n in range(0, 2 * HALF, HALF):
                    for k in range(n, n + count):
                        g0, g1, g2 = work[3, k], work[4, k], work[5, k]
                        bright = np.float32(0.2126) * g0 + np.float32(0.7152) * g1 + np.float32(0.0722) * g2
                        noise = work[6, k] * amount * np.sqrt(max(bright, zero) * np.float32(5.5555556))
                        work[3, k], work[4, k], work[5, k] = (
                            max(g0 + noise, zero),
                            max(g1 + noise, zero),
                            max(g2 + noise, zero),
                        )
            for n in range(0, 2 * HALF, HALF):
                for k in range(n, n + count):
                    rest = one - work[19, k]
                    work[0, k] += rest * work[3, k]
                    work[1, k] += rest * work[4, k]
                    work[2, k] += rest * work[5, k]
            if wrapped > zero:
                for x in range(2 * count):
                    k = (x >> 1) + (x & 1) * HALF
                    spot = min(max((start + x + 0.5) * step - 0.5, 0.0), reach - 1.0)
                    i = int(spot)
                    j = min(i + 1, reach - 1)
                    share = np.float32(spot - i)
                    mask = work[19, k] * wrapped * (light[pair, i, 3] + share * (light[pair, j, 3] - light[pair, i, 3]))
                    if mask > LEAST_WRAP:
                        for c in range(3):
                            value = work[c, k]
                            shine = light[pair, i, c] + share * (light[pair, j, c] - light[pair, i, c])
                            work[c, k] = value + mask * shine * (one - min(max(value, zero), one))
            for n in range(0, 2 * HALF, HALF):
                for k in range(n, n + count):
                    codes[0, k] = code_of(work[0, k])
                    codes[1, k] = code_of(work[1, k])
                    codes[2, k] = code_of(work[2, k])
            planes_of_codes(codes, pair, start, count, top, below, u, v)
