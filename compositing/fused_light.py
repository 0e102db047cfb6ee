"""A film's 4:2:0 planes to light and back, a vector at a time: what the fused path's runs begin and end with.

Light by polynomials (a hundredth of an 8-bit code off the curve) in place of tables, pixels in scratch of a size known
when compiled, even ones first, so that the compiler knows that nothing overlaps and no loop needs a branch.
"""

import numpy as np

from compositing.devices import inlined, kernel
from compositing.keying.chroma import alike

CHUNK = 512  # pixels at a time: even ones first, then odd ones
HALF = 256
PAD = 544
VECTOR = 32  # a loop's remainder would be done one by one: short runs are worked on to the next of so many instead


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


@inlined
def lit(luma, low, cb, cr, at, start, count, coding, work):  # type: ignore[no-untyped-def]
    """Write red, green and blue light of row `at`, pixels from `start` (even) on, to work[0:3]: `count` even ones, then
    from HALF on as many odd ones; beyond them, up to a multiple of VECTOR, whatever comes. work (10 or more, PAD):
    scratch. See `keying.chroma.planes_row`."""
    rows, columns = cb.shape
    one, near, far = np.float32(1.0), np.float32(0.75), np.float32(0.25)
    y_gain, y_zero, c_gain, c_zero = coding[0], coding[1], coding[2], coding[3]
    kr, kb = coding[4], coding[5]
    kg = one / (one - kr - kb)
    inverse = one / (coding[6] * coding[6])
    red_v, blue_u = np.float32(2.0) * (one - kr), np.float32(2.0) * (one - kb)
    place = at // 2 - 1 + (at & 1)
    above, under = max(place, 0), min(place + 1, rows - 1)
    share = far if at & 1 else near
    rest = one - share
    c0 = start // 2
    full = (count + VECTOR - 1) // VECTOR * VECTOR
    begin, end = max(c0 - 1, 0), min(c0 + max(count + 1, full), columns)
    several = min(full, columns - c0)
    for k in range(begin, end):
        work[3, k - c0 + 1] = (np.float32(low[above, k]) - y_zero) * y_gain
    for k in range(begin, end):
        work[4, k - c0 + 1] = (np.float32(low[under, k]) - y_zero) * y_gain
    for k in range(begin, end):
        work[5, k - c0 + 1] = (np.float32(cb[above, k]) - c_zero) * c_gain
    for k in range(begin, end):
        work[6, k - c0 + 1] = (np.float32(cb[under, k]) - c_zero) * c_gain
    for k in range(begin, end):
        work[7, k - c0 + 1] = (np.float32(cr[above, k]) - c_zero) * c_gain
    for k in range(begin, end):
        work[8, k - c0 + 1] = (np.float32(cr[under, k]) - c_zero) * c_gain
    for n in range(3, 9):
        if c0 == 0:
            work[n, 0] = work[n, 1]
        if c0 + count == columns:
            work[n, count + 1] = work[n, count]
    for k in range(several):
        work[9, k] = (np.float32(luma[at, start + 2 * k]) - y_zero) * y_gain
        work[9, HALF + k] = (np.float32(luma[at, start + 2 * k + 1]) - y_zero) * y_gain
    for k in range(full):
        w0, w1, w2, w3, total = alike(
            work[9, k], work[3, k], work[3, k + 1], work[4, k], work[4, k + 1],
            far * rest, near * rest, far * share, near * share, inverse,
        )  # fmt: skip
        work[0, k] = (w0 * work[5, k] + w1 * work[5, k + 1] + w2 * work[6, k] + w3 * work[6, k + 1]) * total
        work[1, k] = (w0 * work[7, k] + w1 * work[7, k + 1] + w2 * work[8, k] + w3 * work[8, k + 1]) * total
    for k in range(full):
        w0, w1, w2, w3, total = alike(
            work[9, HALF + k], work[3, k + 1], work[3, k + 2], work[4, k + 1], work[4, k + 2],
            near * rest, far * rest, near * share, far * share, inverse,
        )  # fmt: skip
        work[0, HALF + k] = (
            w0 * work[5, k + 1] + w1 * work[5, k + 2] + w2 * work[6, k + 1] + w3 * work[6, k + 2]
        ) * total
        work[1, HALF + k] = (
            w0 * work[7, k + 1] + w1 * work[7, k + 2] + w2 * work[8, k + 1] + w3 * work[8, k + 2]
        ) * total
    for n in range(0, 2 * HALF, HALF):
        for k in range(n, n + full):
            own = work[9, k]
            red = own + red_v * work[1, k]
            blue = own + blue_u * work[0, k]
            green = (own - kr * red - kb * blue) * kg
            work[0, k], work[1, k], work[2, k] = light_of(red), light_of(green), light_of(blue)


@inlined
def planes_of_codes(codes, pair, start, count, top, below, u, v):  # type: ignore[no-untyped-def]
    """Write the upper (pair 0) or lower (1) row of Y, BT.709 limited, of sRGB codes[0:3] as `lit` orders its pixels;
    with the lower one U and V. codes (6, PAD): the last three keep the sums of the upper row until then."""
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
    if pair == 1:
        level = np.int32(33554432 + 131072)  # 128 and a half, over four pixels
        for k in range(count):
            r4, g4, b4 = codes[3, k], codes[4, k], codes[5, k]
            u[start // 2 + k] = np.uint8(
                (level - np.int32(6596) * r4 - np.int32(22188) * g4 + np.int32(28784) * b4) >> 18
            )
            v[start // 2 + k] = np.uint8(
                (level + np.int32(28784) * r4 - np.int32(26145) * g4 - np.int32(2639) * b4) >> 18
            )
