"""The row loops of the fused path's matte: clear and solid stretches from the maps, the band between them solved."""

import numpy as np

from compositing.devices import kernel
from compositing.edges import crisp_pixel
from compositing.fused_band import matte_run, spread_row
from compositing.keying.chroma import planes_row
from compositing.keying.matte import matte_row


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
def alpha_rows(  # type: ignore[no-untyped-def]
    luma, low, cb, cr, coding, table, maps, bounding, need, bounds, parts, along, across, numbers, alpha
):  # fmt: skip
    """Write (H, W) uint16 alpha of a film's planes; how many pixels are half clear.

    maps: see `Keyer.maps`; bounding: (2, h, w) the least core and the most reach of each cell and the one after it;
    need (h, w): the cells of the maps that any band beside their row looks at; bounds: (w + 1,) first pixel of each
    cell between two columns of the maps; parts (W,): how far each pixel is from its cell's column to the next.
    """
    height, width = luma.shape
    columns = maps.shape[1]
    quartered = cb.shape[0] * 2 == height and cb.shape[1] * 2 == width
    row = np.empty((columns, maps.shape[2]), np.float32)
    work = np.empty((10, cb.shape[1] + 2), np.float32)
    line = np.empty((width, 3), np.float32)
    values = np.empty(width, np.float32)
    spread = np.zeros((2, maps.shape[2], width), np.float32)
    held = np.full(2, -1, np.int64)
    full = np.float32(65535.0)
    half = 0
    ends = np.empty((2, columns), np.float32)
    kinds = np.empty(columns, np.uint8)
    for y in range(height):
        part_row(bounding[0], y, height, ends[0], 0, columns)
        part_row(bounding[1], y, height, ends[1], 0, columns)
        for x in range(columns):
            solid = ends[0, x] >= np.float32(0.999)
            clear = ends[1, x] <= np.float32(0.001)
            kinds[x] = np.uint8(1) if solid else (np.uint8(0) if clear else np.uint8(2))
        if quartered:
            upper, part = hold_rows(maps, y, height, need, bounds, parts, 12, held, spread)
        cell = 0
        while cell < columns:
            kind = kinds[cell]
            end = cell + 1
            while end < columns and kinds[end] == kind:
                end += 1
            begin = cell
            first, last = bounds[cell], bounds[end]
            cell = end
            if kind == 0:
                alpha[y, first:last] = 0
            elif kind == 1:
                alpha[y, first:last] = 65535
            elif quartered:
                half += matte_run(
                    luma, low, cb, cr, y, first, last, coding, spread, upper, part, along, across, numbers, alpha[y]
                )  # fmt: skip
            else:
                part_row(maps, y, height, row, max(begin - 1, 0), min(end + 2, columns))
                planes_row(luma, low, cb, cr, y, first, last, coding, table, work, line)
                matte_row(line, row, along, across, numbers, first, last, values)
                for x in range(first, last):
                    value = values[x]
                    alpha[y, x] = np.uint16(value * full + np.float32(0.5))
                    if value > np.float32(0.02) and value < np.float32(0.98):
                        half += 1
    return half


@kernel
def hold_rows(maps, y, height, need, bounds, parts, channels, held, spread):  # type: ignore[no-untyped-def]
    """Have spread (2, 12, W) hold the two rows of the maps around row `y` of the picture; (the upper one's place in it,
    how far `y` is from it to the other). held (2,): which rows it holds."""
    rows = maps.shape[0]
    place = min(max((y + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
    i = int(place)
    j = min(i + 1, rows - 1)
    upper = 1 if held[1] == i else 0
    for side, wanted in ((upper, i), (1 - upper, j)):
        if held[side] != wanted:
            spread_row(maps, wanted, need, bounds, parts, channels, spread[side])
            held[side] = wanted
    return upper, np.float32(place - i)


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
