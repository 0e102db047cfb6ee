"""Film planes to linear light, colour brought up to full size under the guidance of brightness.

4:2:0 stores colour for every second pixel each way; stretched plainly, a screen's colour leaks a pixel and a half into
the actor and the matte's edge goes soft and green. Joint bilateral upsampling (Kopf et al., SIGGRAPH 2007): each pixel
takes the colour of those neighbours whose brightness resembles its own.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import TO_LINEAR, Picture, light_of
from compositing.devices import kernel
from compositing.io.video import Planes

# Luma weights (red, blue) of each matrix: ITU-R BT.709, BT.601, SMPTE 240M, BT.2020 (non-constant luminance).
_WEIGHTS = {
    "bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "smpte240m": (0.212, 0.087), "bt2020": (0.2627, 0.0593)
}  # fmt: skip
SPARE = 1.8  # times a size that half a picture must have for the size to be made from it
SIGMA = 0.02  # of full brightness: the step at which a neighbour counts half; least error against the truth cases


@kernel
def _linear_pixel(brightness, u, v, red_v, blue_u, kr, kb, kg, table, line, x):  # type: ignore[no-untyped-def]
    scale, half, zero = np.float32(4096.0), np.float32(0.5), np.int32(0)
    last = np.int32(table.shape[0] - 1)
    red = brightness + red_v * v
    blue = brightness + blue_u * u
    green = (brightness - kr * red - kb * blue) * kg
    line[x, 0] = table[np.uint32(min(max(np.int32(red * scale + half), zero), last))]
    line[x, 1] = table[np.uint32(min(max(np.int32(green * scale + half), zero), last))]
    line[x, 2] = table[np.uint32(min(max(np.int32(blue * scale + half), zero), last))]


@kernel
def alike(own, a, b, c, d, a_share, b_share, c_share, d_share, inverse):  # type: ignore[no-untyped-def]
    """How much each of four neighbours' colour counts for a pixel of brightness `own`, and one over the sum of it.

    A share over one plus the squared difference in sigmas; one division for all four, by their common denominator.
    """
    one = np.float32(1.0)
    a, b = one + (a - own) * (a - own) * inverse, one + (b - own) * (b - own) * inverse
    c, d = one + (c - own) * (c - own) * inverse, one + (d - own) * (d - own) * inverse
    ab, cd = a * b, c * d
    w0, w1, w2, w3 = a_share * b * cd, b_share * a * cd, c_share * ab * d, d_share * ab * c
    return w0, w1, w2, w3, one / (w0 + w1 + w2 + w3)


@kernel
def planes_row(luma, low, cb, cr, y, first, last, numbers, table, work, line):  # type: ignore[no-untyped-def]
    """Write line[first:last] (W, 3), linear, of row `y` of a frame's planes; a pixel more at odd ends.

    low: luma at the chroma planes' size. numbers: see `plane_numbers`. work: (10, columns of cb + 2) scratch. The loops
    are kept apart and free of branches so that the compiler can do eight pixels at once; only the table is looked up
    one by one.
    """
    height, width = luma.shape
    rows, columns = cb.shape
    y_gain, y_zero, c_gain, c_zero = numbers[0], numbers[1], numbers[2], numbers[3]
    kr, kb = numbers[4], numbers[5]
    one = np.float32(1.0)
    kg = one / (one - kr - kb)
    inverse = one / (numbers[6] * numbers[6])
    red_v = np.float32(2.0) * (one - kr)
    blue_u = np.float32(2.0) * (one - kb)
    above, below, share = y, y, np.float32(0.0)
    if rows < height:
        place = y // 2 - 1 + (y & 1)
        share = np.float32(0.25) if (y & 1) else np.float32(0.75)
        above, below = max(place, 0), min(place + 1, rows - 1)
    rest = one - share
    if columns == width:
        for x in range(first, last):
            u = (rest * np.float32(cb[above, x]) + share * np.float32(cb[below, x]) - c_zero) * c_gain
            v = (rest * np.float32(cr[above, x]) + share * np.float32(cr[below, x]) - c_zero) * c_gain
            _linear_pixel((np.float32(luma[y, x]) - y_zero) * y_gain, u, v, red_v, blue_u, kr, kb, kg, table, line, x)
        return
    # Neighbours of a pair of pixels are three: the columns before, at and after it. The rows are padded by one.
    c_first, c_last = first // 2, min((last + 1) // 2, columns)
    for c in range(max(c_first - 1, 0), min(c_last + 1, columns)):
        work[0, c + 1] = (np.float32(low[above, c]) - y_zero) * y_gain
        work[1, c + 1] = (np.float32(low[below, c]) - y_zero) * y_gain
        work[2, c + 1] = (np.float32(cb[above, c]) - c_zero) * c_gain
        work[3, c + 1] = (np.float32(cb[below, c]) - c_zero) * c_gain
        work[4, c + 1] = (np.float32(cr[above, c]) - c_zero) * c_gain
        work[5, c + 1] = (np.float32(cr[below, c]) - c_zero) * c_gain
    for i in range(6):
        if c_first == 0:
            work[i, 0] = work[i, 1]
        if c_last == columns:
            work[i, columns + 1] = work[i, columns]
    near, far = np.float32(0.75), np.float32(0.25)
    full = min(c_last, width // 2)
    for c in range(c_first, full):
        left = (np.float32(luma[y, 2 * c]) - y_zero) * y_gain
        right = (np.float32(luma[y, 2 * c + 1]) - y_zero) * y_gain
        a0, a1, a2 = work[0, c], work[0, c + 1], work[0, c + 2]
        b0, b1, b2 = work[1, c], work[1, c + 1], work[1, c + 2]
        w0, w1, w2, w3, total = alike(left, a0, a1, b0, b1, far * rest, near * rest, far * share, near * share, inverse)
        work[6, c] = (w0 * work[2, c] + w1 * work[2, c + 1] + w2 * work[3, c] + w3 * work[3, c + 1]) * total
        work[7, c] = (w0 * work[4, c] + w1 * work[4, c + 1] + w2 * work[5, c] + w3 * work[5, c + 1]) * total
        shares = near * rest, far * rest, near * share, far * share
        w0, w1, w2, w3, total = alike(right, a1, a2, b1, b2, *shares, inverse)
        work[8, c] = (w0 * work[2, c + 1] + w1 * work[2, c + 2] + w2 * work[3, c + 1] + w3 * work[3, c + 2]) * total
        work[9, c] = (w0 * work[4, c + 1] + w1 * work[4, c + 2] + w2 * work[5, c + 1] + w3 * work[5, c + 2]) * total
    if c_last > full:  # the last pixel of an odd width stands on its own
        work[6, full] = rest * work[2, full + 1] + share * work[3, full + 1]
        work[7, full] = rest * work[4, full + 1] + share * work[5, full + 1]
        x = width - 1
        _linear_pixel(
            (np.float32(luma[y, x]) - y_zero) * y_gain, work[6, full], work[7, full], red_v, blue_u, kr, kb, kg,
            table, line, x,
        )  # fmt: skip
    for c in range(c_first, full):
        x = 2 * c
        left = (np.float32(luma[y, x]) - y_zero) * y_gain
        right = (np.float32(luma[y, x + 1]) - y_zero) * y_gain
        _linear_pixel(left, work[6, c], work[7, c], red_v, blue_u, kr, kb, kg, table, line, x)
        _linear_pixel(right, work[8, c], work[9, c], red_v, blue_u, kr, kb, kg, table, line, x + 1)


@kernel
def _planes_to_linear(luma, low, cb, cr, numbers, table, out):  # type: ignore[no-untyped-def]
    work = np.empty((10, cb.shape[1] + 2), np.float32)
    for y in range(luma.shape[0]):
        planes_row(luma, low, cb, cr, y, 0, luma.shape[1], numbers, table, work, out[y])


@kernel
def _planes_to_low(low, cb, cr, numbers, out):  # type: ignore[no-untyped-def]
    """Write (h, w, 3) linear of planes at one size, at least as large each way, shrunk by area: a row of light at a
    time, so that the light itself is never stored."""
    rows, columns = cb.shape
    height, width = out.shape[0], out.shape[1]
    y_gain, y_zero, c_gain, c_zero, kr, kb = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]
    one = np.float32(1.0)
    kg = one / (one - kr - kb)
    red_v, blue_u = np.float32(2.0) * (one - kr), np.float32(2.0) * (one - kb)
    tall, wide = rows / height, columns / width
    scale = np.float32(1.0 / (tall * wide))
    red, green, blue = np.empty(columns, np.float32), np.empty(columns, np.float32), np.empty(columns, np.float32)
    sums = np.zeros((3, columns), np.float32)
    target = 0
    for y in range(rows):
        for x in range(columns):
            brightness = (np.float32(low[y, x]) - y_zero) * y_gain
            r = brightness + red_v * ((np.float32(cr[y, x]) - c_zero) * c_gain)
            b = brightness + blue_u * ((np.float32(cb[y, x]) - c_zero) * c_gain)
            red[x], blue[x], green[x] = light_of(r), light_of(b), light_of((brightness - kr * r - kb * b) * kg)
        end = (target + 1) * tall
        whole = y + 1 < end - 1e-6
        part = one if whole else np.float32(end - y)
        for x in range(columns):
            sums[0, x] += part * red[x]
            sums[1, x] += part * green[x]
            sums[2, x] += part * blue[x]
        if whole:
            continue
        for x in range(width):
            first, last = x * wide, min((x + 1) * wide, float(columns))
            i = int(first + 1e-6)
            share = np.float32(min(i + 1.0, last) - first)
            r, g, b = share * sums[0, i], share * sums[1, i], share * sums[2, i]
            i += 1
            while i < last - 1e-6:
                share = np.float32(min(last - i, 1.0))
                r, g, b = r + share * sums[0, i], g + share * sums[1, i], b + share * sums[2, i]
                i += 1
            out[target, x, 0], out[target, x, 1], out[target, x, 2] = r * scale, g * scale, b * scale
        rest = one - part
        for x in range(columns):
            sums[0, x], sums[1, x], sums[2, x] = rest * red[x], rest * green[x], rest * blue[x]
        target += 1


def plane_numbers(planes: Planes, sigma: float = SIGMA) -> NDArray[np.float32]:
    """(7,) what the kernels need to know of a frame's coding: gain and zero of luma, of chroma, kr, kb, sigma."""
    kr, kb = _WEIGHTS[planes.matrix]
    unit = float(1 << (planes.depth - 8))
    top = float((1 << planes.depth) - 1)
    if planes.full_range:
        levels = (1 / top, 0.0, 1 / top, 128 * unit)
    else:
        levels = (1 / (219 * unit), 16 * unit, 1 / (224 * unit), 128 * unit)
    return np.array([*levels, kr, kb, sigma], np.float32)


def low_luma(planes: Planes) -> NDArray:
    """Luma at the size of the chroma planes."""
    luma, cb = planes[0], planes[1]
    if cb.shape == luma.shape:
        return np.ascontiguousarray(luma)
    return np.asarray(cv2.resize(luma, (cb.shape[1], cb.shape[0]), interpolation=cv2.INTER_AREA))


def low_linear(planes: Planes, size: tuple[int, int], low: NDArray | None = None) -> Picture:
    """(h, w, 3) linear at (width, height) `size`, by way of the chroma planes' size where they have pixels to spare.

    low: see `low_luma`.
    """
    rows, columns = planes[1].shape
    if columns < SPARE * size[0] or rows < size[1]:
        made = linear_from_planes(planes)
        return made if made.shape[1::-1] == size else np.asarray(cv2.resize(made, size, interpolation=cv2.INTER_AREA))
    out = np.empty((size[1], size[0], 3), np.float32)
    cb, cr = (np.ascontiguousarray(plane) for plane in planes[1:])
    _planes_to_low(low_luma(planes) if low is None else low, cb, cr, plane_numbers(planes), out)
    return out


def linear_from_planes(planes: Planes, sigma: float = SIGMA) -> Picture:
    """(H, W, 3) float32 linear light of one frame's planes, whatever its matrix, range, depth and subsampling.

    sigma: how much brightness may differ (0..1 of the range) before a neighbour's colour stops counting; large is plain
    bilinear. Super-white up to 1.25 is kept, out-of-gamut negatives become 0.
    """
    luma, cb, cr = (np.ascontiguousarray(plane) for plane in planes)
    out = np.empty((*luma.shape, 3), np.float32)
    _planes_to_linear(luma, low_luma(planes), cb, cr, plane_numbers(planes, sigma), TO_LINEAR, out)
    return out
