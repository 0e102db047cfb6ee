# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""A look out over open land: its ground, its sky, its trees and its water, near before far.

The camera stands upright, so each column of the picture is one slice of land: it is walked from near to far and drawn
wherever it rises above what is drawn already.
"""

import math

import numpy as np

from compositing.plates.bands import in_bands
from compositing.plates.grove import grove
from compositing.plates.kernels import kernel
from compositing.plates.land import Land, ground, height
from compositing.plates.picture import SKY_DEPTH, Camera
from compositing.plates.shade import through_air
from compositing.plates.sky import sky
from compositing.plates.water import waters

FARTHEST = 14000.0


@kernel
def _columns(land, cam, linear, depth, water, low, high):
    """Draw the land of columns low..high; water (H, W) gets 1 where it shows water, depth its metres along the lens."""
    rows = linear.shape[0]
    form = land.form
    for px in range(low, high):
        vx = (px + 0.5 - cam[6]) / cam[5]
        ex = cam[3] * vx + cam[4]
        ez = -cam[4] * vx + cam[3]
        bottom = rows
        far = 1.2
        was_y = rows * 2.0
        was = far
        while far < FARTHEST and bottom > 0:
            pixel = far / cam[5]
            y = max(0.0 if form[0] < 2.0 else -1e9, height(form, cam[0] + far * ex, cam[2] + far * ez, pixel))
            row = cam[7] - (y - cam[1]) / far * cam[5]
            if row < bottom:
                first = max(0, math.ceil(row - 0.5))
                for py in range(first, bottom):
                    span = was_y - row
                    k = 1.0 if span < 1e-6 else min(1.0, max(0.0, (was_y - (py + 0.5)) / span))
                    at = was + (far - was) * k
                    x = cam[0] + at * ex
                    z = cam[2] + at * ez
                    fine = at / cam[5]
                    raw = height(form, x, z, fine)
                    depth[py, px] = at
                    if form[0] < 2.0 and raw <= 0.0:
                        # the water's own depth: where the ray meets its surface
                        drop = (py + 0.5 - cam[7]) / cam[5]
                        if drop > 1e-6:
                            depth[py, px] = min(FARTHEST, cam[1] / drop)
                        water[py, px] = 1
                        continue
                    reach = at * math.sqrt(ex * ex + ez * ez)
                    r, g, b = ground(land, x, z, raw, reach, fine)
                    q = 1.0 / math.sqrt(ex * ex + ez * ez)
                    passes, hr, hg, hb = through_air(land.air, reach, ex * q, 0.0, ez * q)
                    linear[py, px, 0] = r * passes + hr
                    linear[py, px, 1] = g * passes + hg
                    linear[py, px, 2] = b * passes + hb
                bottom = min(bottom, first)
            was = far
            was_y = row
            far += max(0.05, far * 0.006)


@kernel
def _skies(land, cam, linear, depth, low, high):
    columns = linear.shape[1]
    for py in range(low, high):
        vy = (cam[7] - (py + 0.5)) / cam[5]
        for px in range(columns):
            if depth[py, px] < SKY_DEPTH:
                continue
            vx = (px + 0.5 - cam[6]) / cam[5]
            q = 1.0 / math.sqrt(vx * vx + vy * vy + 1.0)
            dx = (cam[3] * vx + cam[4]) * q
            dz = (-cam[4] * vx + cam[3]) * q
            r, g, b = sky(land.air, dx, max(0.0, vy * q), dz)
            linear[py, px, 0] = r
            linear[py, px, 1] = g
            linear[py, px, 2] = b


def look_out(land: Land, camera: Camera, width: int, height_px: int) -> tuple[np.ndarray, np.ndarray]:
    """(H, W, 3) linear light and (H, W) metres along the lens of the land as the camera sees it."""
    cam = camera.array(width, height_px)
    linear = np.zeros((height_px, width, 3), np.float32)
    depth = np.full((height_px, width), SKY_DEPTH, np.float32)
    water = np.zeros((height_px, width), np.uint8)
    in_bands(width, 48, lambda a, b: _columns(land, cam, linear, depth, water, a, b))
    in_bands(height_px, 32, lambda a, b: _skies(land, cam, linear, depth, a, b))
    grove(land, cam, linear, depth)
    if water.any():
        # the mirror reads rows above the water only: those are finished, so bands may run side by side
        in_bands(height_px, 32, lambda a, b: waters(land, cam, linear, depth, water, a, b))
    return linear, depth
