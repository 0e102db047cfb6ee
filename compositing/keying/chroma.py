"""Film planes to linear light, colour brought up to full size under the guidance of brightness.

4:2:0 stores colour for every second pixel each way; stretched plainly, a screen's colour leaks a pixel and a half into
the actor and the matte's edge goes soft and green. Joint bilateral upsampling (Kopf et al., SIGGRAPH 2007): each pixel
takes the colour of those neighbours whose brightness resembles its own.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import TO_LINEAR, Picture
from compositing.devices import kernel
from compositing.io.video import Planes

# Luma weights (red, blue) of each matrix: ITU-R BT.709, BT.601, SMPTE 240M, BT.2020 (non-constant luminance).
_WEIGHTS = {
    "bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "smpte240m": (0.212, 0.087), "bt2020": (0.2627, 0.0593)
}  # fmt: skip
SIGMA = 0.02  # of full brightness: the step at which a neighbour counts half; least error against the truth cases


@kernel
def _planes_to_linear(luma, low, cb, cr, y_gain, y_zero, c_gain, c_zero, kr, kb, sigma, table, out):  # type: ignore[no-untyped-def]
    height, width = luma.shape
    rows, columns = cb.shape
    half_x = columns < width
    half_y = rows < height
    kg = np.float32(1.0) / (np.float32(1.0) - kr - kb)
    inverse = np.float32(1.0) / (sigma * sigma)
    calm = sigma * np.float32(0.25)  # below it the weights differ by less than a sixteenth: plain bilinear does
    last = np.float32(table.shape[0] - 1)
    red_v = np.float32(2.0) * (np.float32(1.0) - kr)
    blue_u = np.float32(2.0) * (np.float32(1.0) - kb)
    for y in range(height):
        if half_y:
            y0 = y // 2 - 1 + (y & 1)
            wy1 = np.float32(0.25) if (y & 1) else np.float32(0.75)
        else:
            y0 = y
            wy1 = np.float32(0.0)
        for x in range(width):
            brightness = (np.float32(luma[y, x]) - y_zero) * y_gain
            if half_x or half_y:
                if half_x:
                    x0 = x // 2 - 1 + (x & 1)
                    wx1 = np.float32(0.25) if (x & 1) else np.float32(0.75)
                else:
                    x0 = x
                    wx1 = np.float32(0.0)
                wx0, wy0 = np.float32(1.0) - wx1, np.float32(1.0) - wy1
                xa, xb = max(x0, 0), min(x0 + 1, columns - 1)
                ya, yb = max(y0, 0), min(y0 + 1, rows - 1)
                w00, w10, w01, w11 = wx0 * wy0, wx1 * wy0, wx0 * wy1, wx1 * wy1
                s00 = (np.float32(low[ya, xa]) - y_zero) * y_gain - brightness
                s10 = (np.float32(low[ya, xb]) - y_zero) * y_gain - brightness
                s01 = (np.float32(low[yb, xa]) - y_zero) * y_gain - brightness
                s11 = (np.float32(low[yb, xb]) - y_zero) * y_gain - brightness
                if max(max(abs(s00), abs(s10)), max(abs(s01), abs(s11))) > calm:
                    w00 /= np.float32(1.0) + s00 * s00 * inverse
                    w10 /= np.float32(1.0) + s10 * s10 * inverse
                    w01 /= np.float32(1.0) + s01 * s01 * inverse
                    w11 /= np.float32(1.0) + s11 * s11 * inverse
                    total = np.float32(1.0) / (w00 + w10 + w01 + w11)
                    w00, w10, w01, w11 = w00 * total, w10 * total, w01 * total, w11 * total
                u = w00 * np.float32(cb[ya, xa]) + w10 * np.float32(cb[ya, xb])
                u += w01 * np.float32(cb[yb, xa]) + w11 * np.float32(cb[yb, xb])
                v = w00 * np.float32(cr[ya, xa]) + w10 * np.float32(cr[ya, xb])
                v += w01 * np.float32(cr[yb, xa]) + w11 * np.float32(cr[yb, xb])
                u = (u - c_zero) * c_gain
                v = (v - c_zero) * c_gain
            else:
                u = (np.float32(cb[y, x]) - c_zero) * c_gain
                v = (np.float32(cr[y, x]) - c_zero) * c_gain
            red = brightness + red_v * v
            blue = brightness + blue_u * u
            green = (brightness - kr * red - kb * blue) * kg
            scale = np.float32(4096.0)
            out[y, x, 0] = table[int(min(max(red * scale + np.float32(0.5), np.float32(0.0)), last))]
            out[y, x, 1] = table[int(min(max(green * scale + np.float32(0.5), np.float32(0.0)), last))]
            out[y, x, 2] = table[int(min(max(blue * scale + np.float32(0.5), np.float32(0.0)), last))]


def linear_from_planes(planes: Planes, sigma: float = SIGMA) -> Picture:
    """(H, W, 3) float32 linear light of one frame's planes, whatever its matrix, range, depth and subsampling.

    sigma: how much brightness may differ (0..1 of the range) before a neighbour's colour stops counting; large is plain
    bilinear. Super-white up to 1.25 is kept, out-of-gamut negatives become 0.
    """
    luma, cb, cr = (np.ascontiguousarray(plane) for plane in planes)
    kr, kb = _WEIGHTS[planes.matrix]
    unit = float(1 << (planes.depth - 8))
    top = float((1 << planes.depth) - 1)
    if planes.full_range:
        y_gain, y_zero, c_gain, c_zero = 1 / top, 0.0, 1 / top, 128 * unit
    else:
        y_gain, y_zero, c_gain, c_zero = 1 / (219 * unit), 16 * unit, 1 / (224 * unit), 128 * unit
    height, width = luma.shape
    low: NDArray = luma
    if cb.shape != luma.shape:
        low = cv2.resize(luma, (cb.shape[1], cb.shape[0]), interpolation=cv2.INTER_AREA)
    out = np.empty((height, width, 3), np.float32)
    f = np.float32
    _planes_to_linear(
        luma, low, cb, cr, f(y_gain), f(y_zero), f(c_gain), f(c_zero), f(kr), f(kb), f(sigma), TO_LINEAR, out
    )
    return out
