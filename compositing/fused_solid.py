"""The fused path's solid pixels, nine in ten of an actor: planes to despilled, matched planes, a vector at a time.

Nothing is mixed there, so a run of them needs no branch and no table: light by polynomials (a hundredth of an 8-bit
code off the curve), scratch of a size known when compiled, so that the compiler knows that rows of it do not overlap.
"""

import numpy as np

from compositing.despill import OPEN_WEDGE, despill_pixel
from compositing.devices import kernel
from compositing.fused_light import CHUNK, HALF, PAD, VECTOR, code_of, lit, planes_of_codes

OPEN_SIDE = np.float32(OPEN_WEDGE)


@kernel
def solid_run(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, y, first, last, coding, wide, lean, numbers, side, gains, top, below, u, v
):  # fmt: skip
    """Write two rows of 4:2:0 planes from row `y` (even) of 4:2:0 planes, pixels first to last (even), all solid.

    wide (2, rows, W / 2): the maps' nature and near, wide as the colour planes and low as the maps. numbers: as for
    `foreground_row`.
    """
    height = luma.shape[0]
    cells = wide.shape[1]
    told = (lean[0], lean[1], lean[2], lean[3], lean[4], lean[5], lean[6], lean[7], lean[8], lean[9], lean[10])
    strength, keep, wedge = numbers[2], numbers[3], numbers[4]
    gain_r, gain_g, gain_b = gains[0], gains[1], gains[2]
    work = np.empty((12, PAD), np.float32)
    codes = np.empty((6, PAD), np.int32)
    for start in range(first, last, CHUNK):
        count = min(CHUNK, last - start) // 2
        full = (count + VECTOR - 1) // VECTOR * VECTOR
        c0 = start // 2
        for pair in range(2):
            at = y + pair
            down = min(max((at + 0.5) * cells / height - 0.5, 0.0), cells - 1.0)
            i = int(down)
            j = min(i + 1, cells - 1)
            part = np.float32(down - i)
            lit(luma, low, cb, cr, at, start, count, coding, work)
            several = min(full, wide.shape[2] - c0)
            for k in range(several):
                work[10, k] = wide[0, i, c0 + k] + part * (wide[0, j, c0 + k] - wide[0, i, c0 + k])
            for k in range(several):
                work[11, k] = wide[1, i, c0 + k] + part * (wide[1, j, c0 + k] - wide[1, i, c0 + k])
            for n in range(0, 2 * HALF, HALF):
                for k in range(count):
                    r, g, b = despill_pixel(
                        work[0, n + k], work[1, n + k], work[2, n + k], told, strength, keep, side, wedge, OPEN_SIDE,
                        work[10, k], work[11, k],
                    )  # fmt: skip
                    codes[0, n + k] = code_of(r * gain_r)
                    codes[1, n + k] = code_of(g * gain_g)
                    codes[2, n + k] = code_of(b * gain_b)
            planes_of_codes(codes, pair, start, count, top, below, u, v)
