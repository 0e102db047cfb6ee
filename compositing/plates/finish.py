# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""The lens and the film: defocus with discs of light, bloom, exposure, palette, tone curve, dither."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from compositing.plates.kernels import kernel
from compositing.plates.noise import hash3

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
BRIGHTEST = 40.0


@dataclass(frozen=True)
class Grade:
    """A palette: colours multiply shadows and lights; saturation and contrast about 1."""

    shadows: tuple[float, float, float] = (1.0, 1.0, 1.0)
    lights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    contrast: float = 1.0


def defocus(linear: np.ndarray, depth: np.ndarray, amount: float, focus_m: float = 1.6) -> np.ndarray:
    """Blur as a lens focused on an actor at `focus_m` would: amount 1 gives far discs of about 4 % of the height."""
    if amount <= 0:
        return linear
    height = linear.shape[0]
    radius = amount * 0.020 * height * np.clip(1.0 - focus_m / np.maximum(depth, focus_m), 0.0, 1.0)
    widest = float(radius.max())
    if widest < 0.6:
        return linear
    count = 2 if widest < 3 else 4
    steps = np.linspace(0.0, widest, count)
    picture = np.minimum(linear, BRIGHTEST)
    # far first: each nearer layer lies over what is behind it
    out: np.ndarray | None = None
    for k in range(count - 1, -1, -1):
        share = np.clip(1.0 - np.abs(radius / widest * (count - 1) - k), 0.0, 1.0).astype(np.float32)
        colour, cover = _disc(picture * share[..., None], share, float(steps[k]))
        out = colour if out is None else out * (1.0 - np.minimum(cover, 1.0))[..., None] + colour
        if k == count - 1:
            # behind the nearest edges of the farthest layer there is more of the same
            out = colour / np.maximum(cover, 1e-3)[..., None] * np.minimum(1.0, cover * 50)[..., None]
    assert out is not None
    return out


def _disc(colour: np.ndarray, cover: np.ndarray, radius: float) -> tuple[np.ndarray, np.ndarray]:
    if radius < 0.5:
        return colour, cover
    height, width = cover.shape
    if radius > 7:
        half = (width // 2, height // 2)
        small, part = _disc(
            cv2.resize(colour, half, interpolation=cv2.INTER_AREA),
            cv2.resize(cover, half, interpolation=cv2.INTER_AREA),
            radius / 2,
        )
        return (
            cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR),
            cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR),
        )
    reach = math.ceil(radius + 1)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    far = np.sqrt(x * x + y * y)
    disc = np.clip(radius + 0.5 - far, 0.0, 1.0) * (0.85 + 0.3 * np.clip(far / radius, 0, 1) ** 4)
    disc /= disc.sum()
    both = np.dstack([colour, cover])
    blurred = cv2.filter2D(both, cv2.CV_32F, disc, borderType=cv2.BORDER_REFLECT)
    return np.ascontiguousarray(blurred[..., :3]), np.ascontiguousarray(blurred[..., 3])


def bloom(linear: np.ndarray, amount: float) -> np.ndarray:
    """Light that a lens spreads about bright places, in widening rings; nothing is lost, `amount` of it wanders."""
    height, width = linear.shape[:2]
    capped = np.minimum(linear, BRIGHTEST)
    small = cv2.resize(capped, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    unit = height / 4 / 480.0
    spread = np.zeros_like(small)
    for sigma, weight in ((2.0, 0.4), (7.0, 0.3), (24.0, 0.2), (60.0, 0.1)):
        spread += weight * _wide(small, sigma * unit)
    wide = cv2.resize(spread, (width, height), interpolation=cv2.INTER_CUBIC)
    return capped * (1.0 - amount) + np.maximum(wide, 0.0) * amount


def _wide(picture: np.ndarray, sigma: float) -> np.ndarray:
    height, width = picture.shape[:2]
    if sigma > 8:
        half = cv2.resize(picture, (max(2, width // 2), max(2, height // 2)), interpolation=cv2.INTER_AREA)
        return cv2.resize(_wide(half, sigma / 2), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.GaussianBlur(picture, (0, 0), max(0.3, sigma), borderType=cv2.BORDER_REPLICATE)


def develop(linear: np.ndarray, stops: float, grade: Grade, seed: int) -> np.ndarray:
    """(H, W, 3) uint8 sRGB from linear light: exposure, falloff to the corners, palette, film curve, dither."""
    out = np.empty(linear.shape, np.uint8)
    _develop(np.ascontiguousarray(linear, np.float32), _settings(stops, grade), seed, out)
    return out


def develop_soft(linear: np.ndarray, stops: float, grade: Grade, seed: int, width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8 as `develop` gives it, from a smaller picture without fine detail: enlarged once it is
    coded, then dithered."""
    coded = np.empty(linear.shape, np.float32)
    _tone(np.ascontiguousarray(linear, np.float32), _settings(stops, grade), coded)
    large = cv2.resize(coded, (width, height), interpolation=cv2.INTER_CUBIC)
    out = np.empty((height, width, 3), np.uint8)
    _dither(large, seed, out)
    return out


def _settings(stops: float, grade: Grade) -> np.ndarray:
    return np.array([2.0**stops, *grade.shadows, *grade.lights, grade.saturation, grade.contrast])


@kernel
def _curve(x):
    """Film-like: a toe, a straight middle, a long shoulder. Source: Hable (2010), "Filmic Tonemapping Operators", with
    white at 9."""
    y = ((x * (0.22 * x + 0.03) + 0.002) / (x * (0.22 * x + 0.30) + 0.06)) - 0.0333333
    return y / 0.8072


@kernel
def _coded(linear, s, y, x, height, width):
    """(r, g, b) sRGB-coded 0..1 of one pixel."""
    gain = s[0]
    ex = (x - width / 2) / height
    ey = (y - height / 2) / height
    corner = 1.0 - 0.32 * min(1.0, (ex * ex + ey * ey) * 2.2)
    r = max(linear[y, x, 0], 0.0) * gain * corner
    g = max(linear[y, x, 1], 0.0) * gain * corner
    b = max(linear[y, x, 2], 0.0) * gain * corner
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    k = luma / (luma + 0.18)
    r *= s[1] + (s[4] - s[1]) * k
    g *= s[2] + (s[5] - s[2]) * k
    b *= s[3] + (s[6] - s[3]) * k
    luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
    r = max(0.0, luma + (r - luma) * s[7])
    g = max(0.0, luma + (g - luma) * s[7])
    b = max(0.0, luma + (b - luma) * s[7])
    # very bright light loses its colour, as on film
    top = max(r, g, b)
    white = min(1.0, max(0.0, (top - 1.5) / 14.0))
    r += (top - r) * white
    g += (top - g) * white
    b += (top - b) * white
    return _print(r, s[8]), _print(g, s[8]), _print(b, s[8])


@kernel
def _print(v, contrast):
    v = 0.18 * (v / 0.18) ** contrast
    v = min(1.0, max(0.0, _curve(v * 1.9)))
    return 12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055


@kernel
def _grained(v, x, y, n, seed):
    noise = hash3(x, y, seed * 8 + n) + hash3(x, y, seed * 8 + n + 3) - 1.0
    return int(min(255.0, max(0.0, v * 255.0 + 0.5 + 0.5 * noise)))


@kernel
def _develop(linear, s, seed, out):
    height, width = out.shape[:2]
    for y in range(height):
        for x in range(width):
            r, g, b = _coded(linear, s, y, x, height, width)
            out[y, x, 0] = _grained(r, x, y, 0, seed)
            out[y, x, 1] = _grained(g, x, y, 1, seed)
            out[y, x, 2] = _grained(b, x, y, 2, seed)


@kernel
def _tone(linear, s, out):
    height, width = out.shape[:2]
    for y in range(height):
        for x in range(width):
            r, g, b = _coded(linear, s, y, x, height, width)
            out[y, x, 0] = r
            out[y, x, 1] = g
            out[y, x, 2] = b


@kernel
def _dither(coded, seed, out):
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            for n in range(3):
                out[y, x, n] = _grained(coded[y, x, n], x, y, n, seed)
