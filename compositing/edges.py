"""Half-clear pixels: take the screen out of them, and lend them colour from the solid area beside."""

import numpy as np

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.errors import ShapeError


@kernel
def unmix_pixel(red, green, blue, alpha, b0, b1, b2, f0, f1, f2, unmix, extend):  # type: ignore[no-untyped-def]
    """Premultiplied foreground of one pixel: plate - (1 - alpha) screen, leaning on its neighbour as it clears."""
    screen = (np.float32(1.0) - alpha) * unmix
    r = max(red - screen * b0, np.float32(0.0))
    g = max(green - screen * b1, np.float32(0.0))
    b = max(blue - screen * b2, np.float32(0.0))
    lend = extend * (np.float32(1.0) - alpha)
    if lend > 0.0:
        # The neighbour's colour at this pixel's own brightness, within reason: strands may be lighter or darker.
        own = r + g + b
        borrowed = alpha * (f0 + f1 + f2)
        gain = min(max(own / borrowed, np.float32(0.5)), np.float32(1.6)) if borrowed > 1e-6 else np.float32(1.0)
        r += lend * (alpha * f0 * gain - r)
        g += lend * (alpha * f1 * gain - g)
        b += lend * (alpha * f2 * gain - b)
    return r, g, b


@kernel
def _unmix(plate, alpha, screen, foreground, unmix, extend, out):  # type: ignore[no-untyped-def]
    for y in range(plate.shape[0]):
        for x in range(plate.shape[1]):
            out[y, x, 0], out[y, x, 1], out[y, x, 2] = unmix_pixel(
                plate[y, x, 0], plate[y, x, 1], plate[y, x, 2], alpha[y, x],
                screen[y, x, 0], screen[y, x, 1], screen[y, x, 2],
                foreground[y, x, 0], foreground[y, x, 1], foreground[y, x, 2], unmix, extend,
            )  # fmt: skip


def unmix(
    plate: Picture, alpha: Plane, screen: Picture, foreground: Picture, amount: float = 1.0, extend: float = 0.0
) -> Picture:
    """(H, W, 3) premultiplied foreground of a plate whose matte and empty screen are known.

    plate, screen, foreground: (H, W, 3) linear; foreground is the solid area's colour carried outwards; alpha (H, W)
    0..1. amount 1 takes the whole screen out; extend 0..1 is how much clear pixels borrow from `foreground`.
    Source: the matting equation, Porter and Duff 1984 and Smith and Blinn 1996. Raises ShapeError.
    """
    if plate.shape[:2] != alpha.shape or plate.shape != screen.shape or plate.shape != foreground.shape:
        raise ShapeError(f"expected one size, got {plate.shape}, {alpha.shape}, {screen.shape}, {foreground.shape}")
    out = np.empty(plate.shape, np.float32)
    args = (np.ascontiguousarray(a, np.float32) for a in (plate, alpha, screen, foreground))
    _unmix(*args, np.float32(amount), np.float32(extend), out)
    return out
