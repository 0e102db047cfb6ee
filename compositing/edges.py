"""Half-clear pixels: take the screen out of them, and lend them colour from the solid area beside."""

import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.errors import ShapeError

CRISP_PX = 0.8


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
def crisp_pixel(matte, y, x, amount, taps, scale):  # type: ignore[no-untyped-def]
    """Alpha of one half-clear pixel with the lens's softness taken back: itself plus its difference from the mean
    around it. taps: (5,) weights of that mean, each way; scale: what 1 of the matte (H, W) stands for."""
    height, width = matte.shape
    soft = np.float32(0.0)
    for j in range(-2, 3):
        row = min(max(y + j, 0), height - 1)
        for i in range(-2, 3):
            soft += taps[j + 2] * taps[i + 2] * np.float32(matte[row, min(max(x + i, 0), width - 1)])
    alpha = np.float32(matte[y, x]) * scale
    return min(max(alpha + amount * (alpha - soft * scale), np.float32(0.0)), np.float32(1.0))


@kernel
def _crisp(picture, amount, taps, out):  # type: ignore[no-untyped-def]
    most = np.float32(3.0)  # times brighter at most: near nothing there is no colour to scale
    matte = picture[:, :, 3]
    for y in range(picture.shape[0]):
        for x in range(picture.shape[1]):
            alpha = matte[y, x]
            gain = np.float32(1.0)
            if np.float32(0.0) < alpha < np.float32(1.0):
                gain = min(crisp_pixel(matte, y, x, amount, taps, np.float32(1.0)) / alpha, most)
            for c in range(4):
                out[y, x, c] = picture[y, x, c] * gain


def crisp_taps(sigma_px: float = CRISP_PX) -> NDArray[np.float32]:
    """(5,) weights of the mean that `crisp_pixel` holds a pixel against."""
    taps = np.exp(-0.5 * (np.arange(-2, 3) / sigma_px) ** 2)
    return np.asarray(taps / taps.sum(), np.float32)


def crisp(picture: Picture, amount: float = 0.8, sigma_px: float = CRISP_PX) -> Picture:
    """A keyed layer with the lens's softness taken back at its half-clear edge.

    picture: (H, W, 4) linear, premultiplied; the colour goes with its alpha, so the screen stays out of it. amount 0
    leaves it; 0.8 at a sigma of 0.8 px fits a lens that spreads about half a pixel (found on drawn clips: on curls
    MAD -7 %, Grad -30 %). Solid and clear pixels are left alone. Raises ShapeError.
    """
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise ShapeError(f"expected (H, W, 4), got {picture.shape}")
    out = np.empty(picture.shape, np.float32)
    _crisp(np.ascontiguousarray(picture, np.float32), np.float32(amount), crisp_taps(sigma_px), out)
    return out


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
