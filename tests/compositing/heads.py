"""Heads of known light: ellipsoids for skull, jaw, nose, neck and shoulders, hair over them, lit by one key."""

import numpy as np
from numpy.typing import NDArray

from compositing.light import toward

# (middle x, y, z; half axes; what it is): x right, y up, z towards the lens; the head is about 1 tall
HEAD = (
    ((0.00, 0.00, 0.00), (0.36, 0.50, 0.42), "skin"),
    ((0.00, -0.26, 0.06), (0.24, 0.26, 0.30), "skin"),
    ((0.00, -0.04, 0.42), (0.055, 0.11, 0.07), "skin"),
    ((0.00, -0.60, -0.06), (0.17, 0.40, 0.17), "skin"),
    ((0.00, -1.25, -0.10), (0.85, 0.52, 0.36), "cloth"),
)
HAIR = {
    "short": (((0.00, 0.16, -0.09), (0.39, 0.45, 0.42), "hair"),),
    "long": (
        ((0.00, 0.16, -0.10), (0.41, 0.46, 0.43), "hair"),
        ((-0.36, -0.30, -0.10), (0.14, 0.62, 0.26), "hair"),
        ((0.36, -0.30, -0.10), (0.14, 0.62, 0.26), "hair"),
    ),
    "none": (),
}
ALBEDO = {"skin": (0.50, 0.30, 0.22), "hair": (0.03, 0.022, 0.018), "cloth": (0.07, 0.09, 0.16)}
SKINS = {"light": (0.58, 0.38, 0.30), "tan": (0.42, 0.25, 0.17), "dark": (0.13, 0.072, 0.048)}


def head(
    azimuth: float,
    elevation: float,
    *,
    key: tuple[float, float, float] = (1.0, 1.0, 1.0),
    fill: float = 0.15,
    hair: str = "short",
    skin: str = "light",
    turn: float = 0.0,
    size: tuple[int, int] = (216, 384),
    seed: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(picture (H, W, 3) linear over black, matte (H, W)) of a head under a key; turn: degrees it looks aside."""
    width, height = size
    unit = 0.36 * height
    x, y = np.meshgrid((np.arange(width) + 0.5 - width / 2) / unit, (0.42 * height - np.arange(height) - 0.5) / unit)
    depth = np.full((height, width), -9.0)
    normal, albedo = np.zeros((height, width, 3)), np.zeros((height, width, 3))
    spin = np.radians(turn)
    for (mx, my, mz), axes, what in (*HEAD, *HAIR[hair]):
        if what != "cloth":  # the head turns on its neck
            mx, mz = mx * np.cos(spin) + mz * np.sin(spin), mz * np.cos(spin) - mx * np.sin(spin)
        u, v = (x - mx) / axes[0], (y - my) / axes[1]
        rest = 1 - u**2 - v**2
        z = mz + axes[2] * np.sqrt(np.maximum(rest, 0))
        front = (rest > 0) & (z > depth)
        depth = np.where(front, z, depth)
        tilt = np.stack([(x - mx) / axes[0] ** 2, (y - my) / axes[1] ** 2, (z - mz) / axes[2] ** 2], -1)
        tilt /= np.maximum(np.linalg.norm(tilt, axis=-1, keepdims=True), 1e-9)
        normal = np.where(front[..., None], tilt, normal)
        colour = SKINS[skin] if what == "skin" else ALBEDO[what]
        albedo = np.where(front[..., None], colour, albedo)
    matte = (depth > -9).astype(np.float32)
    ray = toward(azimuth, elevation)
    lit = np.clip(normal @ ray, 0, None)[..., None] * np.array(key)
    half = ray + np.array((0.0, 0.0, 1.0))
    shine = np.clip(normal @ (half / np.linalg.norm(half)), 0, None)[..., None] ** 30 * 0.03 * (lit > 0)
    sky = 0.7 + 0.3 * normal[..., 1:2]
    picture = albedo * (lit + fill * sky) + shine * matte[..., None]
    # Eyes, brows and mouth are darker than the skin around them.
    for fx, fy, fw, fh in ((-0.14, 0.04, 0.07, 0.03), (0.14, 0.04, 0.07, 0.03), (0.0, -0.24, 0.10, 0.03)):
        at = fx * np.cos(spin) + 0.38 * np.sin(spin)
        mark = np.exp(-(((x - at) / fw) ** 2 + ((y - fy) / fh) ** 2) * 2)[..., None]
        picture *= 1 - 0.6 * mark
    noise = np.random.default_rng(seed).normal(0, 0.004, picture.shape)
    return np.maximum(picture * matte[..., None] + noise * matte[..., None], 0).astype(np.float32), matte
