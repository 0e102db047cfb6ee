"""The row loops of the fused path's matte: clear and solid parts from the maps, the band between them solved."""

import numpy as np

from compositing.devices import kernel
from compositing.edges import crisp_pixel
from compositing.fused_blocks import (
    LANES,
    MAPS,
    PAIRS,
    PARTS,
    PIXELS,
    ROOM,
    ROW,
    SUB,
    WIDE,
    C,
    block_at,
    in_blocks,
    light_block,
    maps_block,
    tones_of,
)
from compositing.fused_vectors import put_together
from compositing.keying.chroma import planes_row
from compositing.keying.matte import matte_row

CLEAR, SOLID, MIXED = np.uint8(0), np.uint8(1), np.uint8(2)
B0, B1, B2, F0, F1, F2, CORE, REACH, OWN, SURE = C[MAPS : MAPS + 10]
C1, C2, C3, C4, C5 = C[1:6]


@kernel
def part_row(low, y, height, row, first, last):  # type: ignore[no-untyped-def]
    """`layer.row_of` of the columns first to last alone, a vector at a time. low (h, w, c) or (h, w), row
    (w, c) or (w,): contiguous."""
    rows, channels = low.shape[0], low.size // (low.shape[0] * low.shape[1])
    place = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
    i = int(place)
    part = np.float32(place - i)
    a, b = low[i].reshape(-1), low[min(i + 1, rows - 1)].reshape(-1)
    out = row.reshape(-1)
    for k in range(first * channels, last * channels):
        out[k] = a[k] + part * (b[k] - a[k])


@kernel
def known_parts(maps, cells, kinds):  # type: ignore[no-untyped-def]
    """Write kinds (h, parts of SUB pixels) uint8 of each row of the maps: 1 where all that a part's pixels look at is
    solid, 2 where it is clear, 0 elsewhere."""
    last = maps.shape[1] - 1
    for r in range(maps.shape[0]):
        for s in range(kinds.shape[1]):
            core, reach = np.float32(1.0), np.float32(0.0)
            end = min(cells[min(SUB * s + SUB, len(cells)) - 1] + 1, last)
            for cell in range(cells[SUB * s], end + 1):
                core, reach = min(core, maps[r, cell, 6]), max(reach, maps[r, cell, 7])
            kinds[r, s] = 1 if core >= np.float32(0.999) else (2 if reach <= np.float32(0.001) else 0)


@kernel
def solve_block(along, across, numbers, work):  # type: ignore[no-untyped-def]
    """Alpha of a block, in 65535ths and half of one more, to channel 3: see `keying.matte.matte_row`, of which this is
    the same without a branch."""
    wedge, gain, balance, clear = numbers[0], numbers[1], numbers[2], numbers[3]
    refine, black, white = numbers[4], numbers[5], numbers[6]
    intensity, shine, noise_light, noise_colour = numbers[7], numbers[8], numbers[9], numbers[10]
    one, zero = np.float32(1.0), np.float32(0.0)
    root3 = np.float32(0.57735027)
    stretch = one / max(white - black, np.float32(1e-3))
    a0, a1, a2, s0, s1, s2 = along[0], along[1], along[2], across[0], across[1], across[2]
    for row in range(2):
        base = ROW * np.uint64(row)
        for n in range(PIXELS):
            k = base + n
            p0, p1, p2 = work[k], work[C1 + k], work[C2 + k]
            b0, b1, b2 = work[B0 + k], work[B1 + k], work[B2 + k]
            f0, f1, f2 = work[F0 + k], work[F1 + k], work[F2 + k]
            core, reach = work[CORE + k], work[REACH + k]
            screen_along = one / max(b0 * a0 + b1 * a1 + b2 * a2, np.float32(1e-4))
            screen_across = b0 * s0 + b1 * s1 + b2 * s2
            own_along = p0 * a0 + p1 * a1 + p2 * a2
            own_across = p0 * s0 + p1 * s1 + p2 * s2
            own_across -= own_along * (screen_across * screen_along - balance)
            usual = wedge * abs(own_across)
            rest = max(p0 + p1 + p2 - own_along * (b0 + b1 + b2) * screen_along, zero)
            usual += work[SURE + k] * (work[OWN + k] * rest - usual)
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
            value = value if reach > np.float32(0.001) else zero
            work[C3 + k] = value * np.float32(65535.0) + np.float32(0.5)


@kernel
def put_alpha(y, c0, first, work, alpha, kind):  # type: ignore[no-untyped-def]
    """Write a solved block's alpha, and what each of its parts, from pair `first` on, is where `kind` says MIXED; how
    many pixels from there on are half clear."""
    low, high = np.float32(0.02 * 65535.0 + 0.5), np.float32(0.98 * 65535.0 + 0.5)
    half, pairs = np.int32(0), first - c0
    for row in range(2):
        base = ROW * np.uint64(row) + C3
        put_together(work, base, alpha, (y + row) * alpha.shape[1] + 2 * c0)
        for k in range(PAIRS):
            even, odd = work[base + k], work[base + PAIRS + k]
            half += np.int32((even > low) & (even < high)) + np.int32((odd > low) & (odd < high))
        for k in range(pairs):
            even, odd = work[base + np.uint64(k)], work[base + PAIRS + np.uint64(k)]
            half -= np.int32((even > low) & (even < high)) + np.int32((odd > low) & (odd < high))
    for k in range(PAIRS):  # least and most of four pixels
        a, b = work[C3 + k], work[C3 + PAIRS + k]
        c, d = work[ROW + C3 + k], work[ROW + C3 + PAIRS + k]
        work[C4 + k] = min(min(a, b), min(c, d))
        work[C5 + k] = max(max(a, b), max(c, d))
    for part in range(PARTS):
        s = 2 * first // SUB + part
        if s < len(kind) and kind[s] == MIXED:
            least, most = np.float32(65536.0), np.float32(0.0)
            for k in range(part * SUB // 2 + pairs, min(part * SUB // 2 + SUB // 2 + pairs, LANES)):
                least, most = min(least, work[C4 + np.uint64(k)]), max(most, work[C5 + np.uint64(k)])
            kind[s] = CLEAR if most < np.float32(1.0) else (SOLID if least >= np.float32(65535.0) else MIXED)
    return half


@kernel
def _kind_of(alpha, y, s):  # type: ignore[no-untyped-def]
    any_, all_ = np.uint16(0), np.uint16(65535)
    for x in range(SUB * s, min(SUB * s + SUB, alpha.shape[1])):
        any_ |= alpha[y, x] | alpha[y + 1, x]
        all_ &= alpha[y, x] & alpha[y + 1, x]
    return CLEAR if any_ == 0 else (SOLID if all_ == 65535 else MIXED)


@kernel
def alpha_pair(  # type: ignore[no-untyped-def]
    y, luma, low, cb, cr, coding, tones, table, maps, kinds, cells, parts, along, across, numbers, spread, held, alpha,
    kind, work, lit,
):  # fmt: skip
    """`alpha_rows` of rows y (even) and y + 1 alone; kind: of theirs. kinds: see `known_parts`; spread, held: see
    `maps_block`, of ten channels. work (blocks or 1, ROOM): a block's scratch, left as it is where each has its own;
    lit (blocks,): set to 1 where a block was solved."""
    height, width = luma.shape
    rows, count, half = maps.shape[0], len(kind), 0
    above = int(min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0))
    below = int(min(max((y + 1.5) * rows / height - 0.5, 0.0), rows - 1.0))
    a, b, c = kinds[above], kinds[min(above + 1, rows - 1)], kinds[min(below + 1, rows - 1)]
    for s in range(count):
        both = a[s] & b[s] & c[s]
        kind[s] = SOLID if both == 1 else (CLEAR if both == 2 else MIXED)
    packed, end = in_blocks(luma, cb), 0
    while end < count:
        s = end
        while end < count and kind[end] == kind[s]:
            end += 1
        first, last = SUB * s, min(SUB * end, width)
        if kind[s] != MIXED:
            alpha[y : y + 2, first:last] = np.uint16(65535 if kind[s] == SOLID else 0)
        elif not packed:
            half += _solve_run(
                first, last, y, luma, low, cb, cr, coding, table, maps, along, across, numbers, alpha
            )  # fmt: skip
            for n in range(s, end):
                kind[n] = _kind_of(alpha, y, n)
    for block in range(len(lit) if packed else 0):
        wanted = False
        for s in range(PARTS * block, min(PARTS * block + PARTS, count)):
            wanted |= kind[s] == MIXED
        if wanted:
            c0, own = block_at(block, width), work[block if len(work) > 1 else 0]
            light_block(luma, low, cb, cr, y, c0, tones, own)
            maps_block(maps, y, height, block, c0, cells, parts, 10, spread, held, own)
            solve_block(along, across, numbers, own)
            half += put_alpha(y, c0, block * LANES, own, alpha, kind)
            lit[block] = 1
    return half


@kernel
def _solve_run(first, last, y, luma, low, cb, cr, coding, table, maps, along, across, numbers, alpha):  # type: ignore[no-untyped-def]
    """Alpha of pixels first to last of rows y and y + 1 of planes of any shape; how many of them are half clear."""
    height, width = luma.shape
    row, scratch = np.empty((maps.shape[1], maps.shape[2]), np.float32), np.empty((10, cb.shape[1] + 2), np.float32)
    line, values = np.empty((width, 3), np.float32), np.empty(width, np.float32)
    half = 0
    for at in range(y, y + 2):
        part_row(maps, at, height, row, 0, maps.shape[1])
        planes_row(luma, low, cb, cr, at, first, last, coding, table, scratch, line)
        matte_row(line, row, along, across, numbers, first, last, values)
        for x in range(first, last):
            alpha[at, x] = np.uint16(values[x] * np.float32(65535.0) + np.float32(0.5))
            half += values[x] > np.float32(0.02) and values[x] < np.float32(0.98)
    return half


@kernel
def alpha_rows(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, coding, table, maps, cells, parts, along, across, numbers, alpha, kind
):  # fmt: skip
    """Write (H, W) uint16 alpha of a film's planes, and kind (H / 2, parts of SUB pixels across): clear, solid or
    mixed; how many pixels are half clear.

    maps: see `Keyer.maps_of`; cells, parts (W,): see `maps_block`.
    """
    height, width = luma.shape
    blocks = (width + WIDE - 1) // WIDE
    kinds = np.empty((maps.shape[0], kind.shape[1]), np.uint8)
    known_parts(maps, cells, kinds)
    spread, held = np.empty(4 * blocks * 10 * WIDE, np.float32), np.full((4, blocks), -1, np.int64)
    work, lit, tones = np.empty((1, ROOM), np.float32), np.zeros(blocks, np.uint8), tones_of(coding)
    half = 0
    for y in range(0, height, 2):
        half += alpha_pair(
            y, luma, low, cb, cr, coding, tones, table, maps, kinds, cells, parts, along, across, numbers, spread, held,
            alpha, kind[y // 2], work, lit,
        )  # fmt: skip
    return half


@kernel
def crisp_rows(alpha, amount, taps, out):  # type: ignore[no-untyped-def]
    """Write `edges.crisp` of an alpha (H, W), uint16; how many pixels are half clear."""
    scale, most = np.float32(1.0 / 65535.0), np.float32(3.0)
    low, high = np.float32(0.02), np.float32(0.98)
    half = 0
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            value = alpha[y, x]
            out[y, x] = value
            if value == 0 or value == 65535:
                continue
            own = np.float32(value) * scale
            sharp = min(crisp_pixel(alpha, y, x, amount, taps, scale), own * most)
            out[y, x] = np.uint16(sharp * np.float32(65535.0) + np.float32(0.5))
            if sharp > low and sharp < high:
                half += 1
    return half
