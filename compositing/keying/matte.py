"""The kernels of the matte: colour difference for core and edge, the unknown band solved from local colours.

In the band every pixel is a mix of a known screen B and a foreground near F, the colour of the solid area beside it. F
itself may vary: strands are lighter or darker (along F) and shine (along grey). The matte is read along the direction
that such variation changes least: Fisher's discriminant between B and F, S^-1 (F - B), with S the spread of noise and
of F. The plain colour difference is the special case that trusts colour only; this one also uses brightness, which
4:2:0 film keeps at full resolution.
"""

import numpy as np

from compositing.despill import OPEN_WEDGE, despill_pixel, lean_kept
from compositing.devices import kernel
from compositing.edges import unmix_pixel
from compositing.layer import row_of

OPEN_SIDE = np.float32(OPEN_WEDGE)


@kernel
def matte_row(line, row, along, across, numbers, first, last, alpha):  # type: ignore[no-untyped-def]
    """Write alpha[first:last] (W,) of one row `line` (W, 3), linear.

    row: (w, 12) the maps at this row: screen 3, foreground 3, core 1, reach 1 (both 0..1), two for `foreground_row`,
    then how far the actor leans here per light of its rest (see `spill.split`) and how sure that is. numbers: wedge,
    gain, balance, clear, refine, clip black, clip white, then the spreads: intensity, shine, noise of
    brightness, noise of colour.
    """
    width, columns = line.shape[0], row.shape[0]
    wedge, gain, balance, clear = numbers[0], numbers[1], numbers[2], numbers[3]
    refine, black, white = numbers[4], numbers[5], numbers[6]
    intensity, shine, noise_light, noise_colour = numbers[7], numbers[8], numbers[9], numbers[10]
    one, zero = np.float32(1.0), np.float32(0.0)
    root3 = np.float32(0.57735027)
    stretch = one / max(white - black, np.float32(1e-3))
    step = columns / width
    for x in range(first, last):
        place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
        i = int(place)
        j = min(i + 1, columns - 1)
        part = np.float32(place - i)
        core = row[i, 6] + part * (row[j, 6] - row[i, 6])
        reach = row[i, 7] + part * (row[j, 7] - row[i, 7])
        if core >= np.float32(0.999):
            alpha[x] = one
            continue
        if reach <= np.float32(0.001):
            alpha[x] = zero
            continue
        p0, p1, p2 = line[x, 0], line[x, 1], line[x, 2]
        b0 = row[i, 0] + part * (row[j, 0] - row[i, 0])
        b1 = row[i, 1] + part * (row[j, 1] - row[i, 1])
        b2 = row[i, 2] + part * (row[j, 2] - row[i, 2])
        screen_along = max(b0 * along[0] + b1 * along[1] + b2 * along[2], np.float32(1e-4))
        screen_across = b0 * across[0] + b1 * across[1] + b2 * across[2]
        own_along = p0 * along[0] + p1 * along[1] + p2 * along[2]
        own_across = p0 * across[0] + p1 * across[1] + p2 * across[2]
        own_across -= own_along * (screen_across / screen_along - balance)
        # What of the lean is the actor's own: by the fixed rule, or as the actor's solid parts of this tint lean.
        usual = wedge * abs(own_across)
        rest = max(p0 + p1 + p2 - own_along * (b0 + b1 + b2) / screen_along, zero)
        sure = row[i, 11] + part * (row[j, 11] - row[i, 11])
        usual += sure * ((row[i, 10] + part * (row[j, 10] - row[i, 10])) * rest - usual)
        seen = (own_along - usual) / screen_along * gain
        value = min(max(one - seen, zero), one)
        if seen >= clear:
            value = zero
        elif refine > zero:
            f0 = row[i, 3] + part * (row[j, 3] - row[i, 3])
            f1 = row[i, 4] + part * (row[j, 4] - row[i, 4])
            f2 = row[i, 5] + part * (row[j, 5] - row[i, 5])
            d0, d1, d2 = f0 - b0, f1 - b1, f2 - b2
            square = value * value
            # S = light gg' + colour (I - gg') + a^2 intensity FF', inverted by Sherman and Morrison.
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
            if down > np.float32(1e-3):
                solved = (w0 * (p0 - b0) + w1 * (p1 - b1) + w2 * (p2 - b2)) / down
                solved = min(max(solved, zero), one)
                trust = refine * down / (down + np.float32(8.0))
                # Near bare screen brightness alone must not decide: a wrinkle is dark, and is no hair.
                value += trust * (solved - value) * min(value * np.float32(12.0), one)
        value = (value - black) * stretch
        value = min(max(value, core), one) if value > core else core
        value *= min(reach, one)
        alpha[x] = min(max(value, zero), one)


@kernel
def matte_kernel(linear, low, along, across, numbers, alpha):  # type: ignore[no-untyped-def]
    """Write (H, W) alpha of `linear` (H, W, 3). low: (h, w, 12) maps; numbers: see `matte_row`."""
    row = np.empty((low.shape[1], low.shape[2]), np.float32)
    for y in range(linear.shape[0]):
        row_of(low, y, linear.shape[0], row)
        matte_row(linear[y], row, along, across, numbers, 0, linear.shape[1], alpha[y])


@kernel
def foreground_row(line, alpha, row, lean, numbers, side, first, last, out):  # type: ignore[no-untyped-def]
    """Write out[first:last] (W, 4), premultiplied foreground of one row `line` (W, 3): unmixed, extended, despilled.

    alpha (W,); row: (w, 12) maps: as for `matte_row`; 8 and 9 are nature and near (see `despill_pixel`). numbers:
    unmix, extend, despill, keep brightness, skin wedge.
    """
    width, columns = line.shape[0], row.shape[0]
    step = columns / width
    zero = np.float32(0.0)
    for x in range(first, last):
        a = alpha[x]
        if a <= zero:
            out[x, 0] = out[x, 1] = out[x, 2] = out[x, 3] = zero
            continue
        r, g, b = line[x, 0], line[x, 1], line[x, 2]
        place = min(max((x + 0.5) * step - 0.5, 0.0), columns - 1.0)
        i = int(place)
        j = min(i + 1, columns - 1)
        part = np.float32(place - i)
        if a < np.float32(1.0):
            r, g, b = unmix_pixel(
                r, g, b, a,
                row[i, 0] + part * (row[j, 0] - row[i, 0]),
                row[i, 1] + part * (row[j, 1] - row[i, 1]),
                row[i, 2] + part * (row[j, 2] - row[i, 2]),
                row[i, 3] + part * (row[j, 3] - row[i, 3]),
                row[i, 4] + part * (row[j, 4] - row[i, 4]),
                row[i, 5] + part * (row[j, 5] - row[i, 5]),
                numbers[0], numbers[1],
            )  # fmt: skip
        nature = row[i, 8] + part * (row[j, 8] - row[i, 8])
        if a < np.float32(1.0):
            r, g, b = lean_kept(
                r, g, b, a,
                row[i, 3] + part * (row[j, 3] - row[i, 3]),
                row[i, 4] + part * (row[j, 4] - row[i, 4]),
                row[i, 5] + part * (row[j, 5] - row[i, 5]),
                lean, nature,
            )  # fmt: skip
        near = row[i, 9] + part * (row[j, 9] - row[i, 9])
        r, g, b = despill_pixel(
            r, g, b, lean, numbers[2], numbers[3], side, numbers[4], OPEN_SIDE, nature, near
        )  # fmt: skip
        out[x, 0], out[x, 1], out[x, 2], out[x, 3] = r, g, b, a


@kernel
def foreground_kernel(linear, alpha, low, lean, numbers, side, out):  # type: ignore[no-untyped-def]
    """Write (H, W, 4) premultiplied foreground of `linear` (H, W, 3) and alpha (H, W); see `foreground_row`."""
    row = np.empty((low.shape[1], low.shape[2]), np.float32)
    for y in range(linear.shape[0]):
        row_of(low, y, linear.shape[0], row)
        foreground_row(linear[y], alpha[y], row, lean, numbers, side, 0, linear.shape[1], out[y])
