# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Hashes and smooth noise for surfaces and skies: the same numbers on every run, from integers alone."""

import math

from compositing.plates.kernels import kernel


@kernel
def hash3(a: int, b: int, c: int) -> float:
    """A number in 0..1 that looks random and depends on three integers."""
    h = (a * 374761393 + b * 668265263 + c * 2147483647 + 974634619) & 0xFFFFFFFF
    h = ((h ^ (h >> 15)) * 2246822519) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 3266489917) & 0xFFFFFFFF
    h = h ^ (h >> 16)
    return h / 4294967296.0


@kernel
def value_noise(x: float, y: float, seed: int) -> float:
    """Smooth noise in 0..1, one bump per unit."""
    xi = math.floor(x)
    yi = math.floor(y)
    fx = x - xi
    fy = y - yi
    fx = fx * fx * fx * (fx * (fx * 6 - 15) + 10)
    fy = fy * fy * fy * (fy * (fy * 6 - 15) + 10)
    i = int(xi)
    j = int(yi)
    a = hash3(i, j, seed)
    b = hash3(i + 1, j, seed)
    c = hash3(i, j + 1, seed)
    d = hash3(i + 1, j + 1, seed)
    return a + (b - a) * fx + (c - a + (a - b - c + d) * fx) * fy


@kernel
def fbm(x: float, y: float, octaves: int, seed: int) -> float:
    """Several layers of noise in 0..1, each rotated so that no grid shows."""
    total = 0.0
    weight = 0.5
    for k in range(octaves):
        total += weight * value_noise(x, y, seed + k * 17)
        x, y = 1.6 * x + 1.2 * y + 5.3, -1.2 * x + 1.6 * y + 1.7
        weight *= 0.5
    return total


@kernel
def step(low: float, high: float, x: float) -> float:
    """0 below `low`, 1 above `high`, smooth between."""
    t = (x - low) / (high - low)
    t = min(1.0, max(0.0, t))
    return t * t * (3 - 2 * t)
