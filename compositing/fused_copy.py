"""The fused path's calm pixels: solid, and by the despill's own rule without any spill. They are only graded.

Where nothing is taken off a colour, what is left of the way from planes to light and back is a gain of each channel.
A gain of light is, on the curve of sRGB, a gain and an offset of the coded number (but for its last shadows), and so an
affine map of the film's own Y, U, V: without a grade they are simply copied, which is also truer than any way round.
Whether there is spill is asked of the picture at half its size, with something to spare.
"""

import numpy as np
from numpy.typing import NDArray

from compositing.colour import light_of
from compositing.despill import OPEN_WEDGE
from compositing.devices import kernel

SPARE = np.float32(0.02)  # of a colour's total light: so far from the rule it must be
TOE = np.float32(0.0031308)  # below it the curve is a line, and a gain is not affine with the rest
NEAR_ONE = 0.02  # gains of a coded number that shift the last shadows by less than a third of a code
BRIGHTEST = np.float32(0.9)  # linear: nothing that the way round would clip
OPEN_SIDE = np.float32(OPEN_WEDGE)


def affine(gains: NDArray[np.floating], coding: NDArray[np.float32]) -> NDArray[np.float32]:
    """(3, 4): 8-bit BT.709 limited Y, U, V of a colour's light times (3,) gains, from its planes' numbers and 1.

    coding: see `keying.chroma.plane_numbers`. Exactly the identity for 8-bit BT.709 limited planes and gains of 1.
    """
    kr, kb = float(coding[4]), float(coding[5])
    kg = 1 - kr - kb
    y_gain, y_zero, c_gain, c_zero = (float(value) for value in coding[:4])
    unit = np.array(
        [[y_gain, 0, 0, -y_zero * y_gain], [0, c_gain, 0, -c_zero * c_gain], [0, 0, c_gain, -c_zero * c_gain]]
    )
    red, blue = 2 * (1 - kr), 2 * (1 - kb)
    to_rgb = np.array([[1, 0, red], [1, -kb * blue / kg, -kr * red / kg], [1, blue, 0]])
    power = np.asarray(gains, np.float64) ** (1 / 2.4)
    weights = np.array([0.2126, 0.7152, 0.0722])
    out = np.stack([weights, (np.array([0, 0, 1]) - weights) / 1.8556, (np.array([1, 0, 0]) - weights) / 1.5748])
    whole = out @ (power[:, None] * (to_rgb @ unit))
    whole[:, 3] += out @ (0.055 * (power - 1))
    scale = np.array([219.0, 224.0, 224.0])
    made = whole * scale[:, None]
    made[:, 3] += (16, 128, 128)
    return np.asarray(np.where(np.abs(made - np.round(made)) < 1e-5, np.round(made), made), np.float32)


def toe_of(gains: NDArray[np.floating]) -> np.float32:
    """The least light of a channel that `affine` is right for."""
    near = float(np.abs(np.asarray(gains, np.float64) ** (1 / 2.4) - 1).max()) < NEAR_ONE
    return np.float32(-1) if near else TOE


@kernel
def nature_row(wide, y, height, natures):  # type: ignore[no-untyped-def]
    """Write natures (2, W / 2) of rows y and y + 1: the maps' nature and near. wide (2, h, W / 2): those, wide as the
    colour planes and low as the maps."""
    cells = wide.shape[1]
    down = min(max((y + 1.0) * cells / height - 0.5, 0.0), cells - 1.0)
    i = int(down)
    part = np.float32(down - i)
    for c in range(2):
        a, b, out = wide[c, i], wide[c, min(i + 1, cells - 1)], natures[c]
        for x in range(len(out)):
            out[x] = a[x] + part * (b[x] - a[x])


@kernel
def calm_row(low, cb, cr, tones, natures, y, first, last, gains, toe, lean, numbers, side, calm):  # type: ignore[no-untyped-def]
    """Write calm[first:last] (W / 2,) uint8 of rows y and y + 1: 1 where the despill finds nothing.

    low: luma at the size of cb and cr; tones: see `fused_blocks.tones_of`; natures: see `nature_row`; numbers: as for
    `foreground_row`; toe: see `toe_of`.
    """
    y_gain, y_zero, c_zero, red_v, blue_u, kr, kb, kg, _ = tones
    # Cut out first, so that a place in the loop is known to be no negative one and the loop fills vectors.
    bright, us, vs = low[y // 2, first:last], cb[y // 2, first:last], cr[y // 2, first:last]
    natural, close, out = natures[0, first:last], natures[1, first:last], calm[first:last]
    zero = np.float32(0.0)
    a0, a1, a2, c0, c1, c2 = lean[0], lean[1], lean[2], lean[3], lean[4], lean[5]
    whole = lean[6] + lean[7] + lean[8]
    right, left = lean[9], lean[10]
    skin = numbers[4]
    g0, g1, g2 = max(gains[0], np.float32(1.0)), max(gains[1], np.float32(1.0)), max(gains[2], np.float32(1.0))
    l0, l1, l2 = min(gains[0], np.float32(1.0)), min(gains[1], np.float32(1.0)), min(gains[2], np.float32(1.0))
    for c in range(last - first):
        own = (np.float32(bright[c]) - y_zero) * y_gain
        r = own + red_v * (np.float32(vs[c]) - c_zero)
        b = own + blue_u * (np.float32(us[c]) - c_zero)
        g = light_of((own - kr * r - kb * b) * kg)
        r, b = light_of(r), light_of(b)
        along = r * a0 + g * a1 + b * a2
        across = r * c0 + g * c1 + b * c2
        near = close[c]
        wedge = skin if across * side > zero else OPEN_SIDE
        rule = wedge * abs(across)
        total = r + g + b
        usual = natural[c] * max(total - along * whole, zero) + (right if across > zero else left) * abs(across)
        told = usual if usual > rule else rule + near * (usual - rule)
        told = told if near > zero else rule
        least = min(min(r * l0, g * l1), b * l2)
        most = max(max(r * g0, g * g1), b * g2)
        out[c] = np.uint8((told - along > SPARE * total) & (least > toe) & (most < BRIGHTEST))


@kernel
def copy_run(luma, low, cb, cr, y, first, last, affine, top, below, u, v):  # type: ignore[no-untyped-def]
    """Write two rows of 4:2:0 planes from row `y` (even) of 4:2:0 planes, pixels first to last (even), graded alone."""
    row, own, half = y // 2, affine[0, 0], np.float32(0.5)
    upper, under, to_top, to_below = luma[y, first:last], luma[y + 1, first:last], top[first:last], below[first:last]
    c0, c1 = first // 2, last // 2
    small, blue, red = low[row, c0:c1], cb[row, c0:c1], cr[row, c0:c1]
    to_u, to_v = u[c0:c1], v[c0:c1]
    if affine[0, 1] == 0 and affine[0, 2] == 0 and own == 1 and affine[0, 3] == 0:
        for x in range(last - first):
            to_top[x] = np.uint8(upper[x])
        for x in range(last - first):
            to_below[x] = np.uint8(under[x])
    else:
        by_u, by_v, shift = affine[0, 1], affine[0, 2], affine[0, 3] + half
        for c in range(c1 - c0):
            more = by_u * np.float32(blue[c]) + by_v * np.float32(red[c]) + shift
            to_top[2 * c] = _code(own * np.float32(upper[2 * c]) + more)
            to_top[2 * c + 1] = _code(own * np.float32(upper[2 * c + 1]) + more)
        for c in range(c1 - c0):
            more = by_u * np.float32(blue[c]) + by_v * np.float32(red[c]) + shift
            to_below[2 * c] = _code(own * np.float32(under[2 * c]) + more)
            to_below[2 * c + 1] = _code(own * np.float32(under[2 * c + 1]) + more)
    for k in range(1, 3):
        target = to_u if k == 1 else to_v
        by_y, by_u, by_v, shift = affine[k, 0], affine[k, 1], affine[k, 2], affine[k, 3] + half
        for c in range(c1 - c0):
            value = by_y * np.float32(small[c]) + by_u * np.float32(blue[c]) + by_v * np.float32(red[c])
            target[c] = _code(value + shift)


@kernel
def _code(value):  # type: ignore[no-untyped-def]
    return np.uint8(np.int32(min(max(value, np.float32(0.0)), np.float32(255.0))))
