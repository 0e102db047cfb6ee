# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Solids that move along a street: put where they are at a time, the tree of bounds fitted about them again."""

import math

import numpy as np

from compositing.plates.kernels import kernel
from compositing.plates.scene import ROUND_FROM, ROUND_TO
from compositing.plates.trace import Scene


@kernel
def round_again(z):
    """z, brought back into the stretch of street that things ride along."""
    span = ROUND_TO - ROUND_FROM
    return ROUND_FROM + (z - ROUND_FROM) - math.floor((z - ROUND_FROM) / span) * span


@kernel
def _put(geo, rides, time, out):
    for i in range(geo.shape[0]):
        z = geo[i, 3]
        if rides[i, 0] != 0.0:
            z += round_again(rides[i, 1] + rides[i, 0] * time) - rides[i, 1]
        if rides[i, 2] != 0.0:
            z += rides[i, 2] * math.sin(2.0 * math.pi * rides[i, 3] * time + rides[i, 4])
        out[i, 3] = z


@kernel
def _fit(geo, bounds, links):
    """Bounds from the leaves up: a node's children come after it."""
    for node in range(bounds.shape[0] - 1, -1, -1):
        first = links[node, 0]
        if first >= 0:
            for axis in range(3):
                bounds[node, axis] = 1e30
                bounds[node, axis + 3] = -1e30
            for i in range(first, first + links[node, 1]):
                c = abs(geo[i, 7])
                s = abs(geo[i, 8])
                hx = c * geo[i, 4] + s * geo[i, 6] + 1e-6
                hy = geo[i, 5] + 1e-6
                hz = s * geo[i, 4] + c * geo[i, 6] + 1e-6
                for axis in range(3):
                    half = hx if axis == 0 else (hy if axis == 1 else hz)
                    bounds[node, axis] = min(bounds[node, axis], geo[i, 1 + axis] - half)
                    bounds[node, axis + 3] = max(bounds[node, axis + 3], geo[i, 1 + axis] + half)
        else:
            right = links[node, 1]
            for axis in range(3):
                bounds[node, axis] = min(bounds[node + 1, axis], bounds[right, axis])
                bounds[node, axis + 3] = max(bounds[node + 1, axis + 3], bounds[right, axis + 3])


def speeds(rides: np.ndarray, time: float) -> np.ndarray:
    """(N,) metres a second that each solid goes along z at a time."""
    swing = 2 * math.pi * rides[:, 3]
    return np.asarray(rides[:, 0] + rides[:, 2] * swing * np.cos(swing * time + rides[:, 4]), np.float64)


def ridden(scene: Scene, rides: np.ndarray, time: float) -> Scene:
    """The scene `time` seconds on; the light on each solid goes with it. scene stays as it is."""
    if not rides.any():
        return scene
    geo, bounds = scene.geo.copy(), scene.bounds.copy()
    _put(scene.geo, rides, time, geo)
    _fit(geo, bounds, scene.links)
    return scene._replace(geo=geo, bounds=bounds)
