# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Motion blur: each pixel drawn out along the way it goes while the shutter is open.

How far that is follows from its exact depth, from where the camera stands as the shutter opens and closes, and from
how far what is seen there rides by itself. What a pixel gathers it takes from what crosses it: from what stands nearer
as far as that goes, from what lies behind as far as it itself goes. Reflections go with the face they are seen in;
water and clouds are not drawn out. Source: McGuire et al. (2012), "A Reconstruction Filter for Plausible Motion Blur".
"""

import math

import numpy as np

from compositing.plates.bands import in_bands
from compositing.plates.kernels import kernel
from compositing.plates.noise import hash3
from compositing.plates.picture import Camera

LONGEST = 0.06  # of the picture's height: farther nothing is drawn out
LEAST_PX = 0.7
MOST_SAMPLES = 21
TILE = 16


def moved(
    depth: np.ndarray, now: Camera, opened: Camera, closed: Camera, rides: np.ndarray | None = None
) -> np.ndarray:
    """(H, W, 2) float32 pixels, right and down, that each pixel goes from the shutter's opening to its closing. rides
    (H, W): metres along z that what is seen there goes by itself meanwhile."""
    height, width = depth.shape
    out = np.zeros((height, width, 2), np.float32)
    cameras = [one.array(width, height) for one in (now, opened, closed)]
    ridden = np.zeros((1, 1), np.float32) if rides is None else np.ascontiguousarray(rides, np.float32)
    in_bands(height, 64, lambda low, high: _moved(depth, *cameras, ridden, LONGEST * height, out, low, high))
    return out


def drawn_out(linear: np.ndarray, depth: np.ndarray, motion: np.ndarray) -> np.ndarray:
    """(H, W, 3) linear light, each pixel drawn out along `motion`, see `moved`."""
    speed = np.hypot(motion[..., 0], motion[..., 1])
    if float(speed.max(initial=0.0)) < LEAST_PX:
        return linear
    height, width = depth.shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    most = np.zeros((rows, columns, 2), np.float32)
    _tiles(motion, most)
    around = max(1, math.ceil(float(speed.max()) / 2 / TILE))
    wide = np.zeros_like(most)
    _neighbours(most, around, wide)
    out = np.empty((height, width, 3), np.float32)
    picture = np.ascontiguousarray(linear, np.float32)
    in_bands(height, 64, lambda low, high: _drawn(picture, depth, motion, wide, out, low, high))
    return out


@kernel
def _seen_at(cam, x, y, z):
    x -= cam[0]
    y -= cam[1]
    z -= cam[2]
    ahead = max(0.05, cam[4] * x + cam[3] * z)
    return cam[6] + (cam[3] * x - cam[4] * z) / ahead * cam[5], cam[7] - y / ahead * cam[5]


@kernel
def _moved(depth, now, opened, closed, rides, longest, out, low, high):
    width = depth.shape[1]
    for row in range(low, high):
        vy = (now[7] - row - 0.5) / now[5]
        for column in range(width):
            vx = (column + 0.5 - now[6]) / now[5]
            far = depth[row, column]
            x = now[0] + (now[3] * vx + now[4]) * far
            y = now[1] + vy * far
            z = now[2] + (now[3] - now[4] * vx) * far
            half = 0.5 * rides[row, column] if rides.shape[0] > 1 else 0.0
            ax, ay = _seen_at(opened, x, y, z - half)
            bx, by = _seen_at(closed, x, y, z + half)
            mx = bx - ax
            my = by - ay
            length = math.sqrt(mx * mx + my * my)
            if length > longest:
                mx *= longest / length
                my *= longest / length
            out[row, column, 0] = mx
            out[row, column, 1] = my


@kernel
def _tiles(motion, most):
    height, width = motion.shape[:2]
    for y in range(height):
        for x in range(width):
            a = motion[y, x, 0]
            b = motion[y, x, 1]
            tile = most[y // TILE, x // TILE]
            if a * a + b * b > tile[0] * tile[0] + tile[1] * tile[1]:
                tile[0] = a
                tile[1] = b


@kernel
def _neighbours(most, around, out):
    rows, columns = most.shape[:2]
    for y in range(rows):
        for x in range(columns):
            for yy in range(max(0, y - around), min(rows, y + around + 1)):
                for xx in range(max(0, x - around), min(columns, x + around + 1)):
                    a = most[yy, xx, 0]
                    b = most[yy, xx, 1]
                    if a * a + b * b > out[y, x, 0] ** 2 + out[y, x, 1] ** 2:
                        out[y, x, 0] = a
                        out[y, x, 1] = b


@kernel
def _drawn(picture, depth, motion, wide, out, low, high):
    height, width = depth.shape
    for y in range(low, high):
        for x in range(width):
            vx = wide[y // TILE, x // TILE, 0]
            vy = wide[y // TILE, x // TILE, 1]
            length = math.sqrt(vx * vx + vy * vy)
            r = picture[y, x, 0]
            g = picture[y, x, 1]
            b = picture[y, x, 2]
            if length >= LEAST_PX:
                count = min(MOST_SAMPLES, 2 + int(length))
                own = math.sqrt(motion[y, x, 0] ** 2 + motion[y, x, 1] ** 2)
                here = depth[y, x]
                total = 1.0
                shift = hash3(x, y, 701)
                for n in range(count):
                    at = (n + shift) / count - 0.5
                    sx = min(max(int(x + 0.5 + vx * at), 0), width - 1)
                    sy = min(max(int(y + 0.5 + vy * at), 0), height - 1)
                    goes = own
                    if depth[sy, sx] <= here * 1.05:
                        goes = math.sqrt(motion[sy, sx, 0] ** 2 + motion[sy, sx, 1] ** 2)
                    weight = min(1.0, max(0.0, 0.5 * goes - abs(at) * length + 0.5))
                    r += weight * picture[sy, sx, 0]
                    g += weight * picture[sy, sx, 1]
                    b += weight * picture[sy, sx, 2]
                    total += weight
                r /= total
                g /= total
                b /= total
            out[y, x, 0] = r
            out[y, x, 1] = g
            out[y, x, 2] = b
