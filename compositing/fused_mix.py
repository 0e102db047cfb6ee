"""The fused path's half-clear pixels laid over the ground, in blocks: see `fused_blocks`."""

import numpy as np

from compositing.despill import OPEN_WEDGE, despill_pixel, lean_kept
from compositing.devices import kernel
from compositing.fused_blocks import LANES, PAIRS, PARTS, PIXELS, ROW, WIDE, C
from compositing.fused_light import code_of
from compositing.fused_vectors import FEW, put, put_few, put_few_together, put_together, taken, taken_apart

LEAST_WRAP = np.float32(1e-4)  # less of the background's light is not seen
OPEN_SIDE = np.float32(OPEN_WEDGE)
B0, B1, B2, F0, F1, F2, NATURE, CLOSE, KEYED, LAID, G0, G1, G2, NOISE, L0, L1, L2, WRAP = C[13:31]
C1, C2, C3, C4, C5, C6, C7 = C[1:8]
ONE = np.uint64(1)
EVERY = (1 << PARTS) - 1


@kernel
def take_wide(c0, natures, work):  # type: ignore[no-untyped-def]
    """Write nature and near of the maps at a block's pixels to their channels. natures: see `fused_copy.nature_row`."""
    half = natures.shape[1]
    for row in range(2):
        base = ROW * np.uint64(row)
        taken(natures, c0, work, base + NATURE)
        taken(natures, c0, work, base + NATURE + PAIRS)
        taken(natures, half + c0, work, base + CLOSE)
        taken(natures, half + c0, work, base + CLOSE + PAIRS)


@kernel
def take_rest(  # type: ignore[no-untyped-def]
    y, c0, alpha, shown, ground, grained, tile, down, right, wrapped, light, work
):  # fmt: skip
    """Write what a block is laid over the ground with, beside its light and its maps, from KEYED on.

    alpha, shown (H, W) uint16: as keyed and as laid over; ground (3, H, W): linear; tile: grain in 64ths; light
    (2, w, 4): the light wrap at the block's rows.
    """
    height, width = alpha.shape
    scale = np.float32(1.0 / 65535.0)
    for row in range(2):
        at, base = (y + row) * width + 2 * c0, ROW * np.uint64(row)
        taken_apart(alpha, at, work, base + KEYED)
        taken_apart(shown, at, work, base + LAID)
        for k in range(PIXELS + PIXELS):
            work[base + KEYED + k] *= scale
        taken_apart(ground, at, work, base + G0)
        taken_apart(ground, at + height * width, work, base + G1)
        taken_apart(ground, at + 2 * height * width, work, base + G2)
        if grained:
            noise = (y + row + down) % tile.shape[0] * tile.shape[1] + right + 2 * c0
            taken_apart(tile, noise, work, base + NOISE)
        if wrapped > np.float32(0.0):
            reach = light.shape[1]
            step = reach / width
            for x in range(WIDE):
                spot = min(max((2 * c0 + x + 0.5) * step - 0.5, 0.0), reach - 1.0)
                before = int(spot)
                after = min(before + 1, reach - 1)
                share = np.float32(spot - before)
                to = base + L0 + np.uint64((x >> 1) + (x & 1) * LANES)
                for c in range(4):
                    value = light[row, before, c]
                    work[to + np.uint64(c * WIDE)] = value + share * (light[row, after, c] - value)


@kernel
def cut_block(told, numbers, side, gains, work):  # type: ignore[no-untyped-def]
    """Light of a block becomes the actor's own, premultiplied, graded: see `keying.matte.foreground_row`."""
    unmix, extend, strength, keep, wedge = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    gain_r, gain_g, gain_b = gains[0], gains[1], gains[2]
    one, zero = np.float32(1.0), np.float32(0.0)
    for row in range(2):
        base = ROW * np.uint64(row)
        for n in range(PIXELS):
            k = base + n
            a = work[KEYED + k]
            f0, f1, f2, nature = work[F0 + k], work[F1 + k], work[F2 + k], work[NATURE + k]
            screen = (one - a) * unmix
            r = max(work[k] - screen * work[B0 + k], zero)
            g = max(work[C1 + k] - screen * work[B1 + k], zero)
            b = max(work[C2 + k] - screen * work[B2 + k], zero)
            # See `edges.unmix_pixel`: the neighbour's colour at this pixel's own brightness, within reason.
            lend = extend * (one - a)
            borrowed = a * (f0 + f1 + f2)
            known = borrowed > np.float32(1e-6)
            own = (r + g + b) / (borrowed if known else one)
            own = a * (min(max(own, np.float32(0.5)), np.float32(1.6)) if known else one)
            r += lend * (own * f0 - r)
            g += lend * (own * f1 - g)
            b += lend * (own * f2 - b)
            r, g, b = lean_kept(r, g, b, a, f0, f1, f2, told, nature)
            r, g, b = despill_pixel(r, g, b, told, strength, keep, side, wedge, OPEN_SIDE, nature, work[CLOSE + k])
            seen = a > zero
            more = work[LAID + k] / (a if seen else one)
            more = more if seen else zero
            work[k], work[C1 + k], work[C2 + k] = r * gain_r * more, g * gain_g * more, b * gain_b * more


@kernel
def clean_block(told, numbers, side, gains, work):  # type: ignore[no-untyped-def]
    """Light of a block, all solid, despilled and graded; to channels 3 to 5."""
    strength, keep, wedge = numbers[2], numbers[3], numbers[4]
    gain_r, gain_g, gain_b = gains[0], gains[1], gains[2]
    for row in range(2):
        base = ROW * np.uint64(row)
        for n in range(PIXELS):
            k = base + n
            r, g, b = despill_pixel(
                work[k], work[C1 + k], work[C2 + k], told, strength, keep, side, wedge, OPEN_SIDE, work[NATURE + k],
                work[CLOSE + k],
            )  # fmt: skip
            work[C3 + k], work[C4 + k], work[C5 + k] = r * gain_r, g * gain_g, b * gain_b


@kernel
def lay_block(grained, amount, wrapped, work):  # type: ignore[no-untyped-def]
    """Lay a block, cut out, over the ground; to channels 3 to 5."""
    one, zero = np.float32(1.0), np.float32(0.0)
    for row in range(2):
        base = ROW * np.uint64(row)
        if grained:
            for n in range(PIXELS):
                k = base + n
                g0, g1, g2 = work[G0 + k], work[G1 + k], work[G2 + k]
                bright = np.float32(0.2126) * g0 + np.float32(0.7152) * g1 + np.float32(0.0722) * g2
                noise = (
                    work[NOISE + k]
                    * np.float32(1.0 / 64.0)
                    * amount
                    * np.sqrt(max(bright, zero) * np.float32(5.5555556))
                )
                work[G0 + k] = max(g0 + noise, zero)
                work[G1 + k] = max(g1 + noise, zero)
                work[G2 + k] = max(g2 + noise, zero)
        for n in range(PIXELS):
            k = base + n
            rest = one - work[LAID + k]
            work[C3 + k] = work[k] + rest * work[G0 + k]
            work[C4 + k] = work[C1 + k] + rest * work[G1 + k]
            work[C5 + k] = work[C2 + k] + rest * work[G2 + k]
        if wrapped > zero:
            for n in range(PIXELS):
                k = base + n
                mask = work[LAID + k] * wrapped * work[WRAP + k]
                mask = mask if mask > LEAST_WRAP else zero
                r, g, b = work[C3 + k], work[C4 + k], work[C5 + k]
                work[C3 + k] = r + mask * work[L0 + k] * (one - min(max(r, zero), one))
                work[C4 + k] = g + mask * work[L1 + k] * (one - min(max(g, zero), one))
                work[C5 + k] = b + mask * work[L2 + k] * (one - min(max(b, zero), one))


@kernel
def grey_block(grey, work):  # type: ignore[no-untyped-def]
    """Lay a block, cut out, over grey; to channels 3 to 5."""
    for row in range(2):
        base = ROW * np.uint64(row)
        for n in range(PIXELS):
            k = base + n
            under = (np.float32(1.0) - work[LAID + k]) * grey
            work[C3 + k], work[C4 + k], work[C5 + k] = work[k] + under, work[C1 + k] + under, work[C2 + k] + under


@kernel
def code_block(work, codes):  # type: ignore[no-untyped-def]
    """Code channels 3 to 5: to codes (8 * WIDE,) int32 the block's upper row of Y, its lower one, and U and V."""
    for row in range(2):
        base, to = ROW * np.uint64(row), C4 * np.uint64(row)
        for k in range(PIXELS):
            r = code_of(work[base + C3 + k])
            g = code_of(work[base + C4 + k])
            b = code_of(work[base + C5 + k])
            codes[to + C1 + k], codes[to + C2 + k], codes[to + C3 + k] = r, g, b
            value = r * np.int32(11966) + g * np.int32(40254) + b * np.int32(4064) + np.int32(1048576 + 32768)
            codes[to + k] = value >> 16
    level = np.int32(33554432 + 131072)  # 128 and a half, over four pixels
    for k in range(PAIRS):
        r = codes[C1 + k] + codes[C1 + PAIRS + k] + codes[C5 + k] + codes[C5 + PAIRS + k]
        g = codes[C2 + k] + codes[C2 + PAIRS + k] + codes[C6 + k] + codes[C6 + PAIRS + k]
        b = codes[C3 + k] + codes[C3 + PAIRS + k] + codes[C7 + k] + codes[C7 + PAIRS + k]
        codes[C1 + k] = (level - np.int32(6596) * r - np.int32(22188) * g + np.int32(28784) * b) >> 18
        codes[C2 + k] = (level + np.int32(28784) * r - np.int32(26145) * g - np.int32(2639) * b) >> 18


@kernel
def put_block(c0, first, parts, codes, top, below, u, v):  # type: ignore[no-untyped-def]
    """Write those `parts` (a bit each) of a coded block, counted from pair `first`, to two rows of a film's planes."""
    if parts == EVERY and c0 == first:
        pair = np.uint64(c0)
        put_together(codes, C[0], top, pair + pair)
        put_together(codes, C4, below, pair + pair)
        put(codes, C1, u, pair)
        put(codes, C2, v, pair)
        return
    for part in range(PARTS):
        if (parts >> part) & 1:
            begin = first + part * FEW
            k, c = np.uint64(begin - c0), np.uint64(begin)
            if begin + FEW <= len(u):
                put_few_together(codes, k, top, c + c)
                put_few_together(codes, C4 + k, below, c + c)
                put_few(codes, C1 + k, u, c)
                put_few(codes, C2 + k, v, c)
                continue
            for n in range(np.uint64(len(u) - begin)):  # at the end of a row
                top[c + c + n + n], top[c + c + n + n + ONE] = np.uint8(codes[k + n]), np.uint8(codes[PAIRS + k + n])
                below[c + c + n + n] = np.uint8(codes[C4 + k + n])
                below[c + c + n + n + ONE] = np.uint8(codes[C4 + PAIRS + k + n])
                u[c + n], v[c + n] = np.uint8(codes[C1 + k + n]), np.uint8(codes[C2 + k + n])
