"""What a background looks like in few numbers, so that shots of one place can be held side by side.

Grade: the mean colour of each patch, in CIELAB. Geometry: which way brightness rises in each patch, whatever the
light's strength; so the same place in another light stays the same place. No learned weights are needed.
Colours: the picture's own, each with how much of it there is; one lantern in a grey street is one of them, though every
patch around it is grey.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from compositing.io.pictures import read_picture

VERSION = 2  # raise it when the numbers change: looks of another version are made anew
GRID = (9, 16)  # patches across and down
WORK = (144, 256)
BIN = 8.0  # CIELAB: colours that lie so near are counted together
ONE_COLOUR = 13.0  # dE within which counted colours are one
MOST_COLOURS = 10
LEAST_PERMILLE = 1  # of the picture that a colour covers at least
VIVID = 24.0  # chroma that makes a colour count for twice what it covers


def look_of(picture: np.ndarray) -> dict[str, Any]:
    """Of (H, W, 3 or more), uint8 or float 0..1, sRGB: lab, L a b in tenths patch by patch; edges, the rise of L to
    the right and down patch by patch, in thousandths of their own length, patches row by row; colours, see
    `colours_of`."""
    coded = picture[..., :3].astype(np.float32)
    if picture.dtype == np.uint8:
        coded /= 255
    elif picture.dtype == np.uint16:
        coded /= 65535
    small = cv2.resize(coded, WORK, interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.float32)
    patches = cv2.resize(lab, GRID, interpolation=cv2.INTER_AREA)
    # Lines matter, not how strong they are: each rise is held against the brightness around it.
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 2.0)
    deviation = np.sqrt(cv2.GaussianBlur((light - cv2.GaussianBlur(light, (0, 0), 12.0)) ** 2, (0, 0), 12.0)) + 2.0
    rises = [cv2.Sobel(light, cv2.CV_32F, 1 - down, down, ksize=3) / deviation for down in (0, 1)]
    edges = np.stack([cv2.resize(rise, GRID, interpolation=cv2.INTER_AREA) for rise in rises], -1)
    length = max(1e-6, float(np.linalg.norm(edges)))
    return {
        "lab": [int(value) for value in np.rint(patches * 10).reshape(-1)],
        "edges": [int(value) for value in np.rint(edges / length * 1000).reshape(-1)],
        "colours": colours_of(lab),
    }


def colours_of(lab: np.ndarray) -> list[list[int]]:
    """Of (h, w, 3) CIELAB: up to MOST_COLOURS [L, a, b in tenths, share in thousandths], the most striking first.
    A little of a vivid colour counts as much as a lot of a grey one: by the root of its share, times its chroma.

    Counted colours (BIN wide) join the strongest one within ONE_COLOUR of it, whose mean they move.
    """
    points = lab.reshape(-1, 3).astype(np.float64)
    _keys, where, counts = np.unique(
        np.floor(points / BIN).astype(np.int64), axis=0, return_inverse=True, return_counts=True
    )
    where = where.reshape(-1)
    means = np.stack([np.bincount(where, points[:, axis]) for axis in range(3)], -1) / counts[:, None]
    left = counts.astype(np.float64)
    found: list[list[int]] = []
    while len(found) < MOST_COLOURS and left.any():
        weight = np.sqrt(left) * (1 + np.hypot(means[:, 1], means[:, 2]) / VIVID)
        strongest = int(np.argmax(weight))
        near = (np.linalg.norm(means - means[strongest], axis=1) < ONE_COLOUR) & (left > 0)
        share = left[near].sum()
        if share * 1000 >= LEAST_PERMILLE * len(points):
            mean = (means[near] * left[near, None]).sum(0) / share
            found.append([*(int(value) for value in np.rint(mean * 10)), round(share * 1000 / len(points))])
        left[near] = 0
    return found


def continuity_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """args: pictures (paths). Gives looks, one per picture in order, and their version. Raises EngineError."""
    looks = []
    for at, path in enumerate(args["pictures"]):
        looks.append(look_of(read_picture(path)))
        report(at + 1, len(args["pictures"]), "looks")
    return {"version": VERSION, "looks": looks}
