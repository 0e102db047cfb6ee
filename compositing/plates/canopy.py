"""Leaves that hang into a picture of woods, near the lens and out of focus, or far and small."""

import cv2
import numpy as np

from compositing.plates.land import Land


def canopy(linear: np.ndarray, land: Land, seed: int, kind: str) -> np.ndarray:
    """Leaves at the top of the picture, near and out of focus or far and small, over what is drawn."""
    rng = np.random.default_rng(seed + 77)
    rows, columns = linear.shape[:2]
    green = float(land.form[6])
    base = np.array([0.05 + 0.16 * (1 - green), 0.12 - 0.03 * (1 - green), 0.025])
    if kind == "pines":
        base = np.array([0.03, 0.06, 0.025])
    ambient = 0.8 * land.air[6:9] + 0.5 * land.air[9:12]
    sun = land.air[3:6]
    out = linear.copy()
    for layer, (count, size, low) in enumerate(((900, 0.011, 0.52), (500, 0.020, 0.40), (160, 0.036, 0.28))):
        cover = np.zeros((rows, columns), np.uint8)
        tone = np.zeros((rows, columns), np.float32)
        slim = 0.16 if kind == "bamboo" else (0.10 if kind == "pines" else 0.42)
        for _ in range(count):
            x = int(rng.uniform(-0.05, 1.05) * columns)
            y = int(min(0.95, abs(rng.normal(0, 0.5))) * low * rows)
            length = max(1, int(size * rows * rng.uniform(0.5, 1.3)))
            angle = float(rng.uniform(15, 165)) if kind != "bamboo" else float(rng.normal(75, 32))
            axes = (length, max(1, int(length * slim)))
            cv2.ellipse(cover, (x, y), axes, angle, 0, 360, 255, -1, cv2.LINE_AA)
            cv2.ellipse(tone, (x, y), axes, angle, 0, 360, float(rng.uniform(0.25, 1.15)), -1)
        soft = (0.0006 + 0.0016 * layer) * rows
        alpha = cv2.GaussianBlur(cover, (0, 0), max(0.4, soft)).astype(np.float32)[..., None] / 255
        light = cv2.GaussianBlur(tone, (0, 0), max(0.4, soft))[..., None]
        colour = base * (ambient + sun * (0.9 * light)) * (0.5 + light)
        out = out * (1 - alpha) + alpha * colour.astype(np.float32)
    return np.asarray(out, np.float32)
