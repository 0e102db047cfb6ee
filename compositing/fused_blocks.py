"""The fused path's half-clear pixels are worked on in blocks of 32 pixels by 2 rows.

They come in short runs, and what a run costs to begin is more than its pixels do. Each step of a block is a loop of a
length known when compiled over scratch whose channels lie at places known when compiled, so that it becomes a few whole
vectors without a branch or a remainder: a row's even pixels, then its odd ones. Light by polynomials: `fused_light`.
"""

import numpy as np

from compositing.colour import light_of
from compositing.devices import inlined, kernel
from compositing.fused_vectors import LANES as LANES
from compositing.fused_vectors import taken, taken_apart
from compositing.keying.chroma import alike

WIDE = 2 * LANES  # pixels across a block: LANES pairs of them
SUB = 8  # pixels across the parts of a block that are clear, solid or half clear together
PARTS = WIDE // SUB
# Of the flat scratch, unsigned, so that no place could count from its end (loops would not fill vectors then):
C = tuple(np.uint64(n * WIDE) for n in range(31))  # where a row's channels begin
ROW = np.uint64(31 * WIDE)  # what a row takes
STAGE = np.uint64(2 * ROW)  # three rows of each of low, cb and cr: the columns before, its own, and those after
PLANE = np.uint64(9 * LANES)
ROOM = int(STAGE) + 3 * 9 * LANES
MAPS = 13  # channel of the first of the maps
PAIRS, PIXELS = np.uint64(LANES), np.uint64(WIDE)
C1, C2, C13 = C[1], C[2], C[MAPS]
UPPER, OWN, LOWER = (STAGE + np.uint64((3 * n + 1) * LANES) for n in range(3))  # where the rows' columns are staged
BEFORE, AFTER = np.uint64(2**64 - LANES), PAIRS
NEAR, ASIDE, FAR = np.float32(0.5625), np.float32(0.1875), np.float32(0.0625)


@kernel
def in_blocks(luma, cb):  # type: ignore[no-untyped-def]
    """Whether a film's planes can be worked on in blocks: 4:2:0 of at least a block's width."""
    height, width = luma.shape
    return cb.shape[0] * 2 == height and cb.shape[1] * 2 == width and width >= WIDE


@kernel
def block_at(block, width):  # type: ignore[no-untyped-def]
    """The first pair of pixels of a block: the last one of a row may begin within the one before it."""
    return min(block * LANES, width // 2 - LANES)


@kernel
def tones_of(coding):  # type: ignore[no-untyped-def]
    """What `light_block` is told of a film's coding, from `keying.chroma.plane_numbers`."""
    one, two = np.float32(1.0), np.float32(2.0)
    y_gain, y_zero, c_gain, c_zero, kr, kb = coding[0], coding[1], coding[2], coding[3], coding[4], coding[5]
    inverse = (y_gain / coding[6]) * (y_gain / coding[6])
    kg = one / (one - kr - kb)
    return y_gain, y_zero, c_zero, two * (one - kr) * c_gain, two * (one - kb) * c_gain, kr, kb, kg, inverse


@inlined
def _staged(plane, at, c0, to, work):  # type: ignore[no-untyped-def]
    """A row's columns before a block's own, its own, and those after them."""
    columns = plane.shape[1]
    first = at * columns + c0
    taken(plane, first, work, to + PAIRS)
    if c0 > 0 and c0 + LANES < columns:
        taken(plane, first - 1, work, to)
        taken(plane, first + 1, work, to + PIXELS)
    else:
        for k in range(LANES):
            work[to + np.uint64(k)] = np.float32(plane[at, max(c0 + k - 1, 0)])
            work[to + PIXELS + np.uint64(k)] = np.float32(plane[at, min(c0 + k + 1, columns - 1)])


@inlined
def _lit(tones, here, side, other, work):  # type: ignore[no-untyped-def]
    """Light of half a row from `here` on. side: where, from its own, its next columns are; other: its next row."""
    y_gain, y_zero, c_zero, red_v, blue_u, kr, kb, kg, inverse = tones
    for k in range(PAIRS):
        bright = work[here + k]
        w0, w1, w2, w3, total = alike(
            bright, work[OWN + k], work[OWN + side + k], work[other + k], work[other + side + k], NEAR, ASIDE, ASIDE,
            FAR, inverse,
        )  # fmt: skip
        u = w0 * work[OWN + PLANE + k] + w1 * work[OWN + side + PLANE + k]
        u = (u + w2 * work[other + PLANE + k] + w3 * work[other + side + PLANE + k]) * total - c_zero
        v = w0 * work[OWN + PLANE + PLANE + k] + w1 * work[OWN + side + PLANE + PLANE + k]
        v = (v + w2 * work[other + PLANE + PLANE + k] + w3 * work[other + side + PLANE + PLANE + k]) * total - c_zero
        bright = (bright - y_zero) * y_gain
        red = bright + red_v * v
        blue = bright + blue_u * u
        green = (bright - kr * red - kb * blue) * kg
        work[here + k], work[here + C1 + k], work[here + C2 + k] = light_of(red), light_of(green), light_of(blue)


@kernel
def light_block(luma, low, cb, cr, y, c0, tones, work):  # type: ignore[no-untyped-def]
    """Write red, green and blue light of a block to channels 0 to 2. See `keying.chroma.planes_row`.

    y (even), c0: the block's first row, and column of 4:2:0 planes; low: luma at the size of cb and cr.
    """
    middle, most = y // 2, cb.shape[0] - 1
    for n in range(3):
        at = min(max(middle + n - 1, 0), most)
        to = STAGE + np.uint64(n * 3 * LANES)
        _staged(low, at, c0, to, work)
        _staged(cb, at, c0, to + PLANE, work)
        _staged(cr, at, c0, to + PLANE + PLANE, work)
    taken_apart(luma, y * luma.shape[1] + 2 * c0, work, C[0])
    taken_apart(luma, (y + 1) * luma.shape[1] + 2 * c0, work, ROW)
    _lit(tones, C[0], BEFORE, UPPER, work)
    _lit(tones, PAIRS, AFTER, UPPER, work)
    _lit(tones, ROW, BEFORE, LOWER, work)
    _lit(tones, ROW + PAIRS, AFTER, LOWER, work)


@kernel
def _spread_block(maps, r, c0, cells, parts, channels, begin, spread):  # type: ignore[no-untyped-def]
    """Write row `r` of maps (h, w, 12) at a block's columns to spread from `begin` on: even pixels, then odd ones; of
    the maps the first eight and the last two, or the first `channels` of them."""
    last = maps.shape[1] - 1
    for n in range(2):
        for k in range(LANES):
            x = 2 * (c0 + k) + n
            cell, part, to = cells[x], parts[x], begin + np.uint64(n * LANES + k)
            after = min(cell + 1, last)
            for c in range(channels):
                source = c if c < 8 else c + 2
                value = maps[r, cell, source]
                spread[to + np.uint64(c * WIDE)] = value + part * (maps[r, after, source] - value)


@kernel
def maps_block(maps, y, height, block, c0, cells, parts, channels, spread, held, work):  # type: ignore[no-untyped-def]
    """Write the maps at a block's pixels to channels from MAPS on: the first `channels` of those `fused_matte` wants.

    cells, parts (W,): the column of the maps before each pixel, and how far it is to the next. spread (4 * blocks *
    channels * WIDE,), held (4, blocks): rows of the maps stretched so far, and which: kept from block to block.
    """
    rows, size = maps.shape[0], np.uint64(channels * WIDE)
    blocks = held.shape[1]
    for row in range(2):
        place = min(max((y + row + 0.5) * rows / height - 0.5, 0.0), rows - 1.0)
        i = int(place)
        j = min(i + 1, rows - 1)
        part = np.float32(place - i)
        a, b = np.uint64(i % 4 * blocks + block) * size, np.uint64(j % 4 * blocks + block) * size
        if held[i % 4, block] != i:
            _spread_block(maps, i, c0, cells, parts, channels, a, spread)
            held[i % 4, block] = i
        if held[j % 4, block] != j:
            _spread_block(maps, j, c0, cells, parts, channels, b, spread)
            held[j % 4, block] = j
        base = ROW * np.uint64(row) + C13
        for k in range(size):
            work[base + k] = spread[a + k] + part * (spread[b + k] - spread[a + k])
