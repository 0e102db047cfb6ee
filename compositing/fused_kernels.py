"""The row loops of the fused path (`compositing.fused`): the comp straight into planes. Its matte: `fused_matte`."""

import numpy as np

from compositing.devices import kernel
from compositing.fused_band import LEAST_WRAP, mixed_run
from compositing.fused_copy import calm_row, copy_run
from compositing.fused_matte import hold_rows, part_row
from compositing.fused_solid import solid_run
from compositing.keying.chroma import planes_row
from compositing.keying.matte import foreground_row

FINE = 64  # steps of a code that a background's planes and the grain's tile are kept in
RUN = 32  # solid pixels that are copied together
BLOCK = 8  # pixels that are clear together are copied from the background


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
def _ground_run(first, last, y, planes, noises, grained, tile, down, right, top, below, u, v):  # type: ignore[no-untyped-def]
    """Copy two rows of the background, pixels first to last (even), adding grain."""
    # Cut out first, so that a place in a loop is known to be no negative one and the loop fills vectors.
    c0, c1 = first // 2, last // 2
    luma, cb, cr = planes[0][y : y + 2, first:last], planes[1][y // 2, c0:c1], planes[2][y // 2, c0:c1]
    ky, ku, kv = noises[0][y : y + 2, first:last], noises[1][y // 2, c0:c1], noises[2][y // 2, c0:c1]
    a = tile[(y + down) % 512, first + right : last + right]
    b = tile[(y + 1 + down) % 512, first + right : last + right]
    to_u, to_v = u[c0:c1], v[c0:c1]
    for pair in range(2):
        target, level, gain, noise = (
            (top if pair == 0 else below)[first:last],
            luma[pair],
            ky[pair],
            a if pair == 0 else b,
        )
        if grained:
            for x in range(last - first):
                target[x] = _fine(level[x], gain[x], np.int32(noise[x]), 8)
        else:
            for x in range(last - first):
                target[x] = np.uint8((np.int32(level[x]) + np.int32(32)) >> np.int32(6))
    if grained:
        for c in range(c1 - c0):
            x = 2 * c
            mean = np.int32(a[x]) + np.int32(a[x + 1]) + np.int32(b[x]) + np.int32(b[x + 1])
            to_u[c] = _fine(cb[c], ku[c], mean, 10)
            to_v[c] = _fine(cr[c], kv[c], mean, 10)
    else:
        for c in range(c1 - c0):
            to_u[c] = np.uint8((np.int32(cb[c]) + np.int32(32)) >> np.int32(6))
        for c in range(c1 - c0):
            to_v[c] = np.uint8((np.int32(cr[c]) + np.int32(32)) >> np.int32(6))


@kernel
def _mixed_run(  # type: ignore[no-untyped-def]
    first, last, at, pair, line, opaque, shown, front, ground, noises, grained, right, amount, light, wrapped, gains,
    grey, codes, coded, wants_foreground, coded_front,
):  # fmt: skip
    """Lay one row's pixels, first to last, over the ground; codes (2, 3, W). opaque: as keyed, shown: as laid over."""
    reach, width = light.shape[0], line.shape[0]
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
            g0, g1, g2 = ground[at, x, 0], ground[at, x, 1], ground[at, x, 2]
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
def _block(alpha, y, first, last, light, wrapped, width):  # type: ignore[no-untyped-def]
    """0: pixels first to last of rows y and y + 1 are clear; 1: solid, beyond the wrap's reach; 2: anything else."""
    any_, all_ = np.uint16(0), np.uint16(65535)
    for x in range(first, last):
        any_ |= alpha[y, x] | alpha[y + 1, x]
        all_ &= alpha[y, x] & alpha[y + 1, x]
    if any_ == 0:
        return 0
    if all_ != 65535:
        return 2
    if wrapped > np.float32(0.0):
        reach = light.shape[1]
        step = reach / width
        left = max(int((first + 0.5) * step - 0.5), 0)
        for i in range(left, min(int((last + 0.5) * step - 0.5) + 2, reach)):
            if max(light[0, i, 3], light[1, i, 3]) * wrapped > LEAST_WRAP:
                return 2
    return 1


@kernel
def _calm(calm, first, last):  # type: ignore[no-untyped-def]
    every = np.uint8(1)
    for c in range(first // 2, last // 2):
        every &= calm[c]
    return every == 1


@kernel
def comp_rows(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, coding, table, maps, need, bounds, parts, wide, alpha, shown, ground, gy, gu, gv, ky, ku, kv,
    grained, tile, down, right, amount, wrap, wrapped, gains, lean, numbers, side, half, affine, toe, grey, codes, out,
    wants_foreground, foreground,
):  # fmt: skip
    """Write the comp (and the foreground over grey) as 4:2:0 planes, two rows at a time. See `Fused.pictures`."""
    height, width = luma.shape
    columns, reach = maps.shape[1], wrap.shape[1]
    quartered = cb.shape[0] * 2 == height and cb.shape[1] * 2 == width
    row = np.empty((columns, maps.shape[2]), np.float32)
    light = np.empty((2, reach, 4), np.float32)
    work = np.empty((10, cb.shape[1] + 2), np.float32)
    line = np.empty((width, 3), np.float32)
    opaque, laid = np.empty(width, np.float32), np.empty(width, np.float32)
    front = np.empty((width, 4), np.float32)
    coded = np.empty((2, 3, width), np.uint8)
    coded_front = np.empty((2, 3, width), np.uint8)
    calm = np.empty(width // 2 + 1, np.uint8)
    spreads = np.zeros((2, 2, maps.shape[2], width), np.float32)
    held = np.full((2, 2), -1, np.int64)
    uppers, between = np.zeros(2, np.int64), np.zeros(2, np.float32)
    flat, flat_front = out.reshape(-1), foreground.reshape(-1)
    size, half_width = height * width, width // 2
    zero, scale = np.float32(0.0), np.float32(1.0 / 65535.0)
    grey_code = codes[np.uint32(grey * np.float32(65535.0) + np.float32(0.5))]
    grey_luma = np.uint8((np.int32(grey_code) * np.int32(56284) + np.int32(1048576 + 32768)) >> 16)
    for y in range(0, height, 2):
        top, below = out[y], out[y + 1]
        u = flat[size + (y // 2) * half_width : size + (y // 2 + 1) * half_width]
        v = flat[size + size // 4 + (y // 2) * half_width : size + size // 4 + (y // 2 + 1) * half_width]
        top_front, below_front = foreground[y], foreground[y + 1]
        u_front = flat_front[size + (y // 2) * half_width : size + (y // 2 + 1) * half_width]
        v_front = flat_front[size + size // 4 + (y // 2) * half_width : size + size // 4 + (y // 2 + 1) * half_width]
        if wrapped > zero:
            part_row(wrap, y, height, light[0], 0, reach)
            part_row(wrap, y + 1, height, light[1], 0, reach)
        if quartered:
            for pair in range(2):
                uppers[pair], between[pair] = hold_rows(
                    maps, y + pair, height, need, bounds, parts, 6, held[pair], spreads[pair]
                )  # fmt: skip
        start = 0
        while start < width:
            stop, kind = start, 2
            while stop < width:
                edge = min(stop + BLOCK, width)
                here = _block(alpha, y, stop, edge, light, wrapped, width)
                if here == 1 and not quartered:
                    here = 2
                if stop == start:
                    kind = here
                elif here != kind:
                    break
                stop = edge
            first, last = start, stop
            start = stop
            if kind == 0:
                _ground_run(
                    first, last, y, (gy, gu, gv), (ky, ku, kv), grained, tile, down, right, top, below, u, v
                )  # fmt: skip
                if wants_foreground:
                    top_front[first:last] = grey_luma
                    below_front[first:last] = grey_luma
                    u_front[first // 2 : last // 2] = 128
                    v_front[first // 2 : last // 2] = 128
                continue
            if kind == 1:
                calm_row(half, wide, y, height, first // 2, last // 2, gains, toe, lean, numbers, side, calm)
                at = first
                while at < last:
                    quiet = _calm(calm, at, min(at + RUN, last))
                    end = min(at + RUN, last)
                    while end < last and _calm(calm, end, min(end + RUN, last)) == quiet:
                        end = min(end + RUN, last)
                    if quiet:
                        copy_run(luma, low, cb, cr, y, at, end, affine, top, below, u, v)
                    else:
                        solid_run(
                            luma, low, cb, cr, y, at, end, coding, wide, lean, numbers, side, gains, top, below, u, v
                        )  # fmt: skip
                    at = end
                if wants_foreground:
                    top_front[first:last] = top[first:last]
                    below_front[first:last] = below[first:last]
                    u_front[first // 2 : last // 2] = u[first // 2 : last // 2]
                    v_front[first // 2 : last // 2] = v[first // 2 : last // 2]
                continue
            if quartered:
                mixed_run(
                    luma, low, cb, cr, y, first, last, coding, wide, spreads, uppers, between, alpha, shown, ground,
                    tile, down, right, grained, amount, light, wrapped, gains, lean, numbers, side, grey, top, below,
                    u, v, wants_foreground, top_front, below_front, u_front, v_front,
                )  # fmt: skip
                continue
            begin = max(first * columns // width - 2, 0)
            end = min(last * columns // width + 3, columns)
            for pair in range(2):
                at = y + pair
                part_row(maps, at, height, row, begin, end)
                planes_row(luma, low, cb, cr, at, first, last, coding, table, work, line)
                for x in range(first, last):
                    opaque[x] = np.float32(alpha[at, x]) * scale
                    laid[x] = np.float32(shown[at, x]) * scale
                foreground_row(line, opaque, row, lean, numbers, side, first, last, front)
                _mixed_run(
                    first, last, at, pair, line, opaque, laid, front, ground, tile[(at + down) % 512], grained, right,
                    amount, light[pair], wrapped, gains, grey, codes, coded, wants_foreground, coded_front,
                )  # fmt: skip
            _to_planes(coded, first, last, top, below, u, v)
            if wants_foreground:
                _to_planes(coded_front, first, last, top_front, below_front, u_front, v_front)


@kernel
def encode_rows(linear, codes, gy, gu, gv):  # type: ignore[no-untyped-def]
    """Write a linear picture (H, W, 3) as planes in 64ths of a code (int16): the background of a frame of a film."""
    height, width = linear.shape[:2]
    coded = np.empty((2, 3, width), np.uint8)
    rows = np.empty((2, width), np.uint8)
    chroma = np.empty((2, width // 2), np.uint8)
    for y in range(0, height, 2):
        for pair in range(2):
            for x in range(width):
                coded[pair, 0, x] = _code(linear[y + pair, x, 0], codes)
                coded[pair, 1, x] = _code(linear[y + pair, x, 1], codes)
                coded[pair, 2, x] = _code(linear[y + pair, x, 2], codes)
        _to_planes(coded, 0, width, rows[0], rows[1], chroma[0], chroma[1])
        for x in range(width):
            gy[y, x] = np.int16(rows[0, x]) * np.int16(64)
            gy[y + 1, x] = np.int16(rows[1, x]) * np.int16(64)
        for c in range(width // 2):
            gu[y // 2, c] = np.int16(chroma[0, c]) * np.int16(64)
            gv[y // 2, c] = np.int16(chroma[1, c]) * np.int16(64)
