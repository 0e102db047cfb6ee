"""Leaves that hang into a picture of woods, near the lens and out of focus, or far and small."""

import math

import cv2
import numpy as np

from compositing.plates.land import Land
from compositing.plates.picture import Camera
from compositing.plates.scene import SWAY

UNDER_LEAVES = np.array([1.02, 1.0, 0.74])
YOUNG, RIPE = np.array([0.78, 0.90, 1.05]), np.array([1.32, 1.02, 0.78])
DISTANCES = (13.0, 7.0, 3.6)  # of its three layers, metres


def canopy(
    linear: np.ndarray, land: Land, seed: int, kind: str, home: Camera | None = None, camera: Camera | None = None
) -> np.ndarray:
    """Leaves at the top of the picture, near and out of focus or far and small, over what is drawn.

    home: the camera that they were hung before; camera: the one that sees them now.
    """
    rng = np.random.default_rng(seed + 77)
    rows, columns = linear.shape[:2]
    green = float(land.form[6])
    base = np.array([0.060 + 0.15 * (1 - green), 0.098 - 0.02 * (1 - green), 0.026])
    if kind == "pines":
        base = np.array([0.034, 0.056, 0.026])
    # under leaves the sky's blue comes as their own green and as the ground's brown
    ambient = 0.8 * land.air[6:9] + 0.5 * land.air[9:12]
    ambient = UNDER_LEAVES * (0.45 * ambient + 0.55 * ambient.mean())
    sun = land.air[3:6]
    out = linear.copy()
    for layer, (count, size, low) in enumerate(((900, 0.011, 0.52), (500, 0.020, 0.40), (160, 0.036, 0.28))):
        cover = np.zeros((rows, columns), np.uint8)
        tone = np.zeros((rows, columns, 2), np.float32)
        slim = 0.24 if kind == "bamboo" else (0.10 if kind == "pines" else 0.42)
        for n in range(count):
            x = int(rng.uniform(-0.05, 1.05) * columns)
            y = int(abs(rng.normal(0, 0.5)) % 0.95 * low * rows)
            if home is not None and camera is not None:
                x, y = _seen(x, y, DISTANCES[layer], home, camera, columns, rows)
                x += round(0.0035 * rows * math.sin(land.air[SWAY] + 0.011 * n * n))
            length = max(1, int(size * rows * rng.uniform(0.5, 1.3)))
            angle = float(rng.uniform(15, 165)) if kind != "bamboo" else float(rng.normal(75, 32))
            axes = (length, max(1, int(length * slim)))
            cv2.ellipse(cover, (x, y), axes, angle, 0, 360, 255, -1, cv2.LINE_AA)
            shade = (float(rng.uniform(0.08, 1.15)), float(rng.random()))
            cv2.ellipse(tone, (x, y), axes, angle, 0, 360, shade, -1)
        soft = (0.0006 + 0.0016 * layer) * rows
        alpha = cv2.GaussianBlur(cover, (0, 0), max(0.4, soft)).astype(np.float32)[..., None] / 255
        toned = cv2.GaussianBlur(tone, (0, 0), max(0.4, soft))
        light, ripe = toned[..., :1], toned[..., 1:]
        # from young and bluish to ripe and yellow
        colour = base * (YOUNG + (RIPE - YOUNG) * ripe) * (ambient + sun * (0.9 * light)) * (0.10 + 1.45 * light)
        out = out * (1 - alpha) + alpha * colour.astype(np.float32)
    return np.asarray(out, np.float32)


def _seen(x: int, y: int, far: float, home: Camera, camera: Camera, columns: int, rows: int) -> tuple[int, int]:
    """Where what `home` saw at pixel (x, y), `far` metres off, lies before `camera`."""
    focal = home.lens_mm / 36.0 * rows
    across, up = (x - columns / 2) / focal * far, (home.horizon * rows - y) / focal * far
    cos, sin = math.cos(home.turn), math.sin(home.turn)
    wx = home.place[0] + cos * across + sin * far - camera.place[0]
    wz = home.place[2] - sin * across + cos * far - camera.place[2]
    cos, sin = math.cos(camera.turn), math.sin(camera.turn)
    depth = max(0.5, sin * wx + cos * wz)
    wy = home.place[1] + up - camera.place[1]
    return (
        round(columns / 2 + focal * (cos * wx - sin * wz) / depth),
        round(camera.horizon * rows - focal * wy / depth),
    )
