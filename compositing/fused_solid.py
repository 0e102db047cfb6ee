"""The fused path's solid pixels, nine in ten of an actor: planes to despilled, matched planes, a vector at a time.

Nothing is mixed there, so a run of them needs no branch and no table: light by polynomials (a hundredth of an 8-bit
code off the curve), scratch of a size known when compiled, so that the compiler knows that rows of it do not overlap.
"""

import numpy as np

from compositing.despill import OPEN_WEDGE, despill_pixel
from compositing.devices import kernel
from compositing.keying.chroma import alike

CHUNK = 544  # pixels at a time: even ones first, then odd ones
HALF = 272
PAD = 560
OPEN_SIDE = np.float32(OPEN_WEDGE)


@kernel
def light_of(code):  # type: ignore[no-untyped-def]
    """Linear light of an sRGB-coded number 0..1.25, within 0.01 of an 8-bit code."""
    code = min(max(code, np.float32(0.0)), np.float32(1.25))
    high = np.float32(0.44952461) + code * (np.float32(-0.20428269) + code * np.float32(0.040161394))
    high = np.float32(0.78485131) + code * (np.float32(-0.60303462) + code * high)
    power = np.float32(0.034418013) + code * (np.float32(0.4974955) + code * high)
    power = np.float32(0.00087698671) + code * power
    return power if code > np.float32(0.04045) else code * np.float32(1 / 12.92)


@kernel
def code_of(light):  # type: ignore[no-untyped-def]
    """The 8-bit sRGB code of linear light, clipped, within 0.012 of the curve before it is rounded."""
    light = min(max(light, np.float32(0.0)), np.float32(1.0))
    root = np.sqrt(np.sqrt(light))
    rest = np.float32(0.23880121) - np.float32(0.05261125) * root
    rest = np.float32(1.2172867) + root * (np.float32(-0.5138266) + root * rest)
    power = np.float32(-0.06249459) + root * (np.float32(0.17284065) + root * rest)
    value = power if light > np.float32(0.0031308) else light * np.float32(12.92)
    return np.int32(value * np.float32(255.0) + np.float32(0.5))


@kernel
def solid_run(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, y, first, last, coding, wide, lean, numbers, side, gains, top, below, u, v
):  # fmt: skip
    """Write two rows of 4:2:0 planes from row `y` (even) of 4:2:0 planes, pixels first to last (even), all solid.

    wide: (4, rows, W / 2): the maps' nature at even and at odd pixels, then near, wide as the picture and low as the
    maps. numbers: as for `foreground_row`.
    """
    height, columns = luma.shape[0], cb.shape[1]
    rows, cells = cb.shape[0], wide.shape[1]
    one, near, far = np.float32(1.0), np.float32(0.75), np.float32(0.25)
    y_gain, y_zero, c_gain, c_zero = coding[0], coding[1], coding[2], coding[3]
    kr, kb = coding[4], coding[5]
    kg = one / (one - kr - kb)
    inverse = one / (coding[6] * coding[6])
    red_v, blue_u = np.float32(2.0) * (one - kr), np.float32(2.0) * (one - kb)
    told = (lean[0], lean[1], lean[2], lean[3], lean[4], lean[5], lean[6], lean[7], lean[8])
    strength, keep, wedge = numbers[2], numbers[3], numbers[4]
    gain_r, gain_g, gain_b = gains[0], gains[1], gains[2]
    work = np.empty((11, PAD), np.float32)
    codes = np.empty((6, PAD), np.int32)
    for start in range(first, last, CHUNK):
        count = min(CHUNK, last - start) // 2
        c0 = start // 2
        for pair in range(2):
            at = y + pair
            place = at // 2 - 1 + pair
            above, below_c = max(place, 0), min(place + 1, rows - 1)
            share = far if pair == 1 else near
            rest = one - share
            down = min(max((at + 0.5) * cells / height - 0.5, 0.0), cells - 1.0)
            i = int(down)
            j = min(i + 1, cells - 1)
            part = np.float32(down - i)
            begin, end = max(c0 - 1, 0), min(c0 + count + 1, columns)
            for k in range(begin, end):
                work[0, k - c0 + 1] = (np.float32(low[above, k]) - y_zero) * y_gain
            for k in range(begin, end):
                work[1, k - c0 + 1] = (np.float32(low[below_c, k]) - y_zero) * y_gain
            for k in range(begin, end):
                work[2, k - c0 + 1] = (np.float32(cb[above, k]) - c_zero) * c_gain
            for k in range(begin, end):
                work[3, k - c0 + 1] = (np.float32(cb[below_c, k]) - c_zero) * c_gain
            for k in range(begin, end):
                work[4, k - c0 + 1] = (np.float32(cr[above, k]) - c_zero) * c_gain
            for k in range(begin, end):
                work[5, k - c0 + 1] = (np.float32(cr[below_c, k]) - c_zero) * c_gain
            for n in range(6):
                if c0 == 0:
                    work[n, 0] = work[n, 1]
                if c0 + count == columns:
                    work[n, count + 1] = work[n, count]
            for k in range(count):
                work[6, k] = (np.float32(luma[at, start + 2 * k]) - y_zero) * y_gain
                work[6, HALF + k] = (np.float32(luma[at, start + 2 * k + 1]) - y_zero) * y_gain
            for n in range(2):
                for k in range(count):
                    work[7, n * HALF + k] = wide[n, i, c0 + k] + part * (wide[n, j, c0 + k] - wide[n, i, c0 + k])
                for k in range(count):
                    work[8, n * HALF + k] = wide[n + 2, i, c0 + k] + part * (
                        wide[n + 2, j, c0 + k] - wide[n + 2, i, c0 + k]
                    )
            for k in range(count):
                own = work[6, k]
                w0, w1, w2, w3, total = alike(
                    own, work[0, k], work[0, k + 1], work[1, k], work[1, k + 1],
                    far * rest, near * rest, far * share, near * share, inverse,
                )  # fmt: skip
                work[9, k] = (w0 * work[2, k] + w1 * work[2, k + 1] + w2 * work[3, k] + w3 * work[3, k + 1]) * total
                work[10, k] = (w0 * work[4, k] + w1 * work[4, k + 1] + w2 * work[5, k] + w3 * work[5, k + 1]) * total
            for k in range(count):
                own = work[6, HALF + k]
                w0, w1, w2, w3, total = alike(
                    own, work[0, k + 1], work[0, k + 2], work[1, k + 1], work[1, k + 2],
                    near * rest, far * rest, near * share, far * share, inverse,
                )  # fmt: skip
                work[9, HALF + k] = (
                    w0 * work[2, k + 1] + w1 * work[2, k + 2] + w2 * work[3, k + 1] + w3 * work[3, k + 2]
                ) * total
                work[10, HALF + k] = (
                    w0 * work[4, k + 1] + w1 * work[4, k + 2] + w2 * work[5, k + 1] + w3 * work[5, k + 2]
                ) * total
            for n in range(0, 2 * HALF, HALF):
                for k in range(n, n + count):
                    red = work[6, k] + red_v * work[10, k]
                    blue = work[6, k] + blue_u * work[9, k]
                    green = (work[6, k] - kr * red - kb * blue) * kg
                    r, g, b = despill_pixel(
                        light_of(red), light_of(green), light_of(blue), told, strength, keep, side, wedge, OPEN_SIDE,
                        work[7, k], work[8, k],
                    )  # fmt: skip
                    codes[0, k] = code_of(r * gain_r)
                    codes[1, k] = code_of(g * gain_g)
                    codes[2, k] = code_of(b * gain_b)
            target = top if pair == 0 else below
            for k in range(count):
                even = codes[0, k] * np.int32(11966) + codes[1, k] * np.int32(40254) + codes[2, k] * np.int32(4064)
                odd = codes[0, HALF + k] * np.int32(11966) + codes[1, HALF + k] * np.int32(40254)
                odd += codes[2, HALF + k] * np.int32(4064)
                target[start + 2 * k] = np.uint8((even + np.int32(1048576 + 32768)) >> 16)
                target[start + 2 * k + 1] = np.uint8((odd + np.int32(1048576 + 32768)) >> 16)
            for n in range(3):
                if pair == 0:
                    for k in range(count):
                        codes[3 + n, k] = codes[n, k] + codes[n, HALF + k]
                else:
                    for k in range(count):
                        codes[3 + n, k] += codes[n, k] + codes[n, HALF + k]
        level = np.int32(33554432 + 131072)  # 128 and a half, over four pixels
        for k in range(count):
            r4, g4, b4 = codes[3, k], codes[4, k], codes[5, k]
            u[c0 + k] = np.uint8((level - np.int32(6596) * r4 - np.int32(22188) * g4 + np.int32(28784) * b4) >> 18)
            v[c0 + k] = np.uint8((level + np.int32(28784) * r4 - np.int32(26145) * g4 - np.int32(2639) * b4) >> 18)
