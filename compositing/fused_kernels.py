"""The row loops of the fused path (`compositing.fused`): the comp straight into planes. Its matte: `fused_matte`."""

import numpy as np

from compositing.devices import kernel
from compositing.fused_blocks import (
    LANES,
    PARTS,
    ROOM,
    SUB,
    WIDE,
    block_at,
    in_blocks,
    light_block,
    maps_block,
    tones_of,
)
from compositing.fused_copy import calm_row, copy_run, nature_row
from compositing.fused_matte import CLEAR, MIXED, SOLID, alpha_pair, known_parts, part_row
from compositing.fused_mix import (
    EVERY,
    LEAST_WRAP,
    clean_block,
    code_block,
    cut_block,
    grey_block,
    lay_block,
    put_block,
    take_rest,
    take_wide,
)
from compositing.keying.chroma import planes_row
from compositing.keying.matte import foreground_row

HALF_CLEAR = np.uint8(1 << PARTS)  # beside a block's parts: that any of them is half clear


@kernel
def wrap_input(alpha, behind, four):  # type: ignore[no-untyped-def]
    """Write (h, w, 4): the background's light where the actor is not, and where that is. alpha: uint16, small."""
    scale = np.float32(1.0 / 65535.0)
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            rest = np.float32(1.0) - np.float32(alpha[y, x]) * scale
            four[y, x, 0] = behind[y, x, 0] * rest
            four[y, x, 1] = behind[y, x, 1] * rest
            four[y, x, 2] = behind[y, x, 2] * rest
            four[y, x, 3] = rest


@kernel
def _code(value, codes):  # type: ignore[no-untyped-def]
    index = np.int32(value * np.float32(65535.0) + np.float32(0.5))
    return codes[np.uint32(min(max(index, np.int32(0)), np.int32(65535)))]


@kernel
def _four(coded, c, x):  # type: ignore[no-untyped-def]
    left = np.int32(coded[0, c, x]) + np.int32(coded[1, c, x])
    return left + np.int32(coded[0, c, x + 1]) + np.int32(coded[1, c, x + 1])


@kernel
def _fine(level, gain, noise, shift):  # type: ignore[no-untyped-def]
    """A code from its 64ths, with grain."""
    value = np.int32(level) + ((np.int32(gain) * noise + (np.int32(1) << (shift - 1))) >> shift)
    return np.uint8(min(max((value + np.int32(32)) >> 6, np.int32(0)), np.int32(255)))


@kernel
def _to_planes(coded, first, last, top, below, u, v):  # type: ignore[no-untyped-def]
    """Two coded rows (2, 3, W) uint8, pixels first to last (even), to planes: BT.709, limited range.

    Integers in 65536ths: 219/255 and 224/255 of the luma weights and of the colour differences.
    """
    half = np.int32(32768)
    for side in range(2):
        red, green, blue = coded[side, 0], coded[side, 1], coded[side, 2]
        target = top if side == 0 else below
        for x in range(first, last):
            value = np.int32(red[x]) * np.int32(11966) + np.int32(green[x]) * np.int32(40254)
            value += np.int32(blue[x]) * np.int32(4064) + np.int32(1048576) + half
            target[x] = np.uint8(value >> 16)
    for c in range(first // 2, last // 2):
        x = 2 * c
        r = _four(coded, 0, x)
        g = _four(coded, 1, x)
        b = _four(coded, 2, x)
        # 128 and a half, over four pixels
        level = np.int32(33554432 + 131072)
        u[c] = np.uint8((level - np.int32(6596) * r - np.int32(22188) * g + np.int32(28784) * b) >> 18)
        v[c] = np.uint8((level + np.int32(28784) * r - np.int32(26145) * g - np.int32(2639) * b) >> 18)


@kernel
def _rows_of(planar, y):  # type: ignore[no-untyped-def]
    """Rows y and y + 1 of Y, and the row of U and of V beside them, of a planar picture (H * 3 / 2, W)."""
    height, half_width = planar.shape[0] * 2 // 3, planar.shape[1] // 2
    flat = planar.reshape(-1)
    at = height * planar.shape[1] + (y // 2) * half_width
    u, v = flat[at : at + half_width], flat[at + height // 2 * half_width : at + height // 2 * half_width + half_width]
    return planar[y], planar[y + 1], u, v


@kernel
def _copied(source, target, first, last):  # type: ignore[no-untyped-def]
    """Copy pixels first to last (even) of two rows, and the colour beside them."""
    for n in range(4):
        begin, end = (first, last) if n < 2 else (first // 2, last // 2)
        a, b = source[n][begin:end], target[n][begin:end]
        for x in range(len(a)):
            b[x] = a[x]


@kernel
def _grained_run(first, last, y, planes, noises, tile, down, right, target):  # type: ignore[no-untyped-def]
    """Copy two rows of the background, pixels first to last (even), adding grain."""
    # Cut out first, so that a place in a loop is known to be no negative one and the loop fills vectors.
    c0, c1 = first // 2, last // 2
    luma, cb, cr = planes[0][y : y + 2, first:last], planes[1][y // 2, c0:c1], planes[2][y // 2, c0:c1]
    ky, ku, kv = noises[0][y : y + 2, first:last], noises[1][y // 2, c0:c1], noises[2][y // 2, c0:c1]
    a = tile[(y + down) % 512, first + right : last + right]
    b = tile[(y + 1 + down) % 512, first + right : last + right]
    to_u, to_v = target[2][c0:c1], target[3][c0:c1]
    for pair in range(2):
        to, level, gain, noise = target[pair][first:last], luma[pair], ky[pair], a if pair == 0 else b
        for x in range(last - first):
            to[x] = _fine(level[x], gain[x], np.int32(noise[x]), 8)
    for c in range(c1 - c0):
        x = 2 * c
        mean = np.int32(a[x]) + np.int32(a[x + 1]) + np.int32(b[x]) + np.int32(b[x + 1])
        to_u[c] = _fine(cb[c], ku[c], mean, 10)
        to_v[c] = _fine(cr[c], kv[c], mean, 10)


@kernel
def _mixed_run(  # type: ignore[no-untyped-def]
    first, last, at, pair, opaque, shown, front, ground, noises, grained, right, amount, light, wrapped, gains,
    grey, codes, coded, wants_foreground, coded_front,
):  # fmt: skip
    """Lay one row's pixels, first to last, over the ground; codes (2, 3, W). opaque: as keyed, shown: as laid over."""
    reach, width = light.shape[0], front.shape[0]
    step = reach / width
    one, zero = np.float32(1.0), np.float32(0.0)
    for x in range(first, last):
        a = shown[x]
        gain = a / opaque[x] if opaque[x] > zero else one
        r, g, b = front[x, 0] * gains[0] * gain, front[x, 1] * gains[1] * gain, front[x, 2] * gains[2] * gain
        if a >= one:
            red, green, blue = _code(r, codes), _code(g, codes), _code(b, codes)
            coded_front[pair, 0, x], coded_front[pair, 1, x], coded_front[pair, 2, x] = red, green, blue
        else:
            rest = one - a
            if wants_foreground:
                under = rest * grey
                coded_front[pair, 0, x] = _code(r + under, codes)
                coded_front[pair, 1, x] = _code(g + under, codes)
                coded_front[pair, 2, x] = _code(b + under, codes)
            g0, g1, g2 = ground[0, at, x], ground[1, at, x], ground[2, at, x]
            if grained:
                bright = np.float32(0.2126) * g0 + np.float32(0.7152) * g1 + np.float32(0.0722) * g2
                noise = np.float32(noises[x + right]) * np.float32(1.0 / 64.0)
                noise *= amount * np.sqrt(max(bright, zero) * np.float32(5.5555556))
                g0, g1, g2 = max(g0 + noise, zero), max(g1 + noise, zero), max(g2 + noise, zero)
            r, g, b = r + rest * g0, g + rest * g1, b + rest * g2
        coloured = a < one
        if wrapped > zero and a > zero:
            place = min(max((x + 0.5) * step - 0.5, 0.0), reach - 1.0)
            i = int(place)
            j = min(i + 1, reach - 1)
            part = np.float32(place - i)
            mask = a * wrapped * (light[i, 3] + part * (light[j, 3] - light[i, 3]))
            if mask > LEAST_WRAP:
                coloured = True
                l0 = light[i, 0] + part * (light[j, 0] - light[i, 0])
                l1 = light[i, 1] + part * (light[j, 1] - light[i, 1])
                l2 = light[i, 2] + part * (light[j, 2] - light[i, 2])
                r += mask * l0 * (one - min(max(r, zero), one))
                g += mask * l1 * (one - min(max(g, zero), one))
                b += mask * l2 * (one - min(max(b, zero), one))
        if coloured:
            red, green, blue = _code(r, codes), _code(g, codes), _code(b, codes)
        coded[pair, 0, x], coded[pair, 1, x], coded[pair, 2, x] = red, green, blue


@kernel
def _reached(light, first, last, wrapped, width):  # type: ignore[no-untyped-def]
    """Whether the background's light reaches any of the pixels first to last of two rows."""
    reach = light.shape[1]
    step = reach / width
    left = max(int((first + 0.5) * step - 0.5), 0)
    for i in range(left, min(int((last + 0.5) * step - 0.5) + 2, reach)):
        if max(light[0, i, 3], light[1, i, 3]) * wrapped > LEAST_WRAP:
            return True
    return False


@kernel
def _calm(calm, s):  # type: ignore[no-untyped-def]
    """Whether all of part `s` is calm. calm (W / 2 and more,)."""
    every = np.uint8(1)
    for c in range(s * SUB // 2, s * SUB // 2 + SUB // 2):
        every &= calm[c]
    return every == 1


@kernel
def _want(first, last, how, wanted):  # type: ignore[no-untyped-def]
    """Mark parts first to last of the blocks they lie in."""
    for s in range(first, last):
        wanted[s // PARTS] |= np.uint8(1 << (s % PARTS)) | how


@kernel
def comp_rows(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, coding, table, maps, cells, parts, wide, alpha, shown, kind, light, planar, fine, noises,
    grained, tile, down, right, amount, wrap, wrapped, gains, lean, numbers, side, affine, toe, grey, codes, out,
    wants_foreground, foreground, solving, along, across, matte_numbers,
):  # fmt: skip
    """Write the comp (and the foreground over grey) as 4:2:0 planes, two rows at a time. See `Fused.pictures`.

    solving: alpha, kind and how many pixels are half clear are found here and now, as `alpha_rows` finds them, and a
    block's light and maps are used for both; else what is given counts.
    """
    height, width = luma.shape
    columns, reach, count = maps.shape[1], wrap.shape[1], kind.shape[1]
    packed = in_blocks(luma, cb)
    row = np.empty((columns, maps.shape[2]), np.float32)
    around = np.empty((2, reach, 4), np.float32)
    scratch = np.empty((10, cb.shape[1] + 2), np.float32)
    line, front = np.empty((width, 3), np.float32), np.empty((width, 4), np.float32)
    opaque, laid = np.empty(width, np.float32), np.empty(width, np.float32)
    coded, coded_front = np.empty((2, 3, width), np.uint8), np.empty((2, 3, width), np.uint8)
    calm, kinds = np.ones(count * SUB // 2, np.uint8), np.empty(count, np.uint8)
    blocks = (width + WIDE - 1) // WIDE
    wanted = np.zeros(blocks, np.uint8)
    work, lit = np.empty((blocks if solving else 1, ROOM), np.float32), np.zeros(blocks, np.uint8)
    block_codes, tones = np.empty(8 * WIDE, np.int32), tones_of(coding)
    spread, held = np.empty(4 * blocks * 10 * WIDE, np.float32), np.full((4, blocks), -1, np.int64)
    known, bands = np.empty((maps.shape[0], count), np.uint8), 0
    if solving:
        known_parts(maps, cells, known)
    natures = np.empty((2, width // 2), np.float32)
    told = (lean[0], lean[1], lean[2], lean[3], lean[4], lean[5], lean[6], lean[7], lean[8], lean[9], lean[10])
    zero, scale = np.float32(0.0), np.float32(1.0 / 65535.0)
    grey_code = codes[np.uint32(grey * np.float32(65535.0) + np.float32(0.5))]
    grey_luma = np.uint8((np.int32(grey_code) * np.int32(56284) + np.int32(1048576 + 32768)) >> 16)
    for y in range(0, height, 2):
        target, over = _rows_of(out, y), _rows_of(foreground, y)
        if solving:
            bands += alpha_pair(
                y, luma, low, cb, cr, coding, tones, table, maps, known, cells, parts, along, across, matte_numbers,
                spread, held, alpha, kind[y // 2], work, lit,
            )  # fmt: skip
        kinds[:] = kind[y // 2]
        nature_row(wide, y, height, natures)
        if wrapped > zero:
            part_row(wrap, y, height, around[0], 0, reach)
            part_row(wrap, y + 1, height, around[1], 0, reach)
            for s in range(count):
                if kinds[s] == SOLID and _reached(around, SUB * s, min(SUB * s + SUB, width), wrapped, width):
                    kinds[s] = MIXED
        if not packed:
            for s in range(count):
                kinds[s] = CLEAR if kinds[s] == CLEAR else MIXED
        end = 0
        while end < count:
            s = end
            while end < count and kinds[end] == kinds[s]:
                end += 1
            first, last = SUB * s, min(SUB * end, width)
            if kinds[s] == CLEAR:
                if grained:
                    _grained_run(first, last, y, fine, noises, tile, down, right, target)
                else:
                    _copied(_rows_of(planar, y), target, first, last)
                if wants_foreground:
                    over[0][first:last] = grey_luma
                    over[1][first:last] = grey_luma
                    over[2][first // 2 : last // 2] = 128
                    over[3][first // 2 : last // 2] = 128
            elif kinds[s] == SOLID:
                calm_row(
                    low, cb, cr, tones, natures, y, first // 2, last // 2, gains, toe, lean, numbers, side, calm
                )  # fmt: skip
                stop = s
                while stop < end:
                    n, quiet = stop, _calm(calm, stop)
                    stop += 1
                    while stop < end and _calm(calm, stop) == quiet:
                        stop += 1
                    if quiet:
                        first, last = SUB * n, min(SUB * stop, width)
                        copy_run(luma, low, cb, cr, y, first, last, affine, *target)
                        if wants_foreground:
                            _copied(target, over, first, last)
                    else:
                        _want(n, stop, np.uint8(0), wanted)
            elif packed:
                _want(s, end, HALF_CLEAR, wanted)
            else:
                begin = max(first * columns // width - 2, 0)
                for pair in range(2):
                    at = y + pair
                    part_row(maps, at, height, row, begin, min(last * columns // width + 3, columns))
                    planes_row(luma, low, cb, cr, at, first, last, coding, table, scratch, line)
                    for x in range(first, last):
                        opaque[x] = np.float32(alpha[at, x]) * scale
                        laid[x] = np.float32(shown[at, x]) * scale
                    foreground_row(line, opaque, row, lean, numbers, side, first, last, front)
                    _mixed_run(
                        first, last, at, pair, opaque, laid, front, light, tile[(at + down) % 512], grained, right,
                        amount, around[pair], wrapped, gains, grey, codes, coded, wants_foreground, coded_front,
                    )  # fmt: skip
                _to_planes(coded, first, last, *target)
                if wants_foreground:
                    _to_planes(coded_front, first, last, *over)
        for block in range(blocks if packed else 0):
            if wanted[block]:
                c0, first, own = block_at(block, width), block * LANES, work[block if solving else 0]
                if not lit[block]:
                    light_block(luma, low, cb, cr, y, c0, tones, own)
                    if wanted[block] >= HALF_CLEAR:
                        maps_block(maps, y, height, block, c0, cells, parts, 6, spread, held, own)
                take_wide(c0, natures, own)
                if wanted[block] >= HALF_CLEAR:
                    take_rest(y, c0, alpha, shown, light, grained, tile, down, right, wrapped, around, own)
                    cut_block(told, numbers, side, gains, own)
                    lay_block(grained, amount, wrapped, own)
                else:
                    clean_block(told, numbers, side, gains, own)
                code_block(own, block_codes)
                put_block(c0, first, wanted[block] & EVERY, block_codes, *target)
                if wants_foreground:
                    if wanted[block] >= HALF_CLEAR:
                        grey_block(grey, own)
                        code_block(own, block_codes)
                    put_block(c0, first, wanted[block] & EVERY, block_codes, *over)
                wanted[block] = 0
            lit[block] = 0
    return bands
