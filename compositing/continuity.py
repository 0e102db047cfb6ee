"""What a background looks like in few numbers, so that shots of one place can be held side by side.

Grade: the mean colour of each patch, in CIELAB. Geometry: which way brightness rises in each patch, whatever the
light's strength; so the same place in another light stays the same place. No learned weights are needed.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from compositing.io.pictures import read_picture

VERSION = 1  # raise it when the numbers change: looks of another version are made anew
GRID = (9, 16)  # patches across and down
WORK = (144, 256)


def look_of(picture: np.ndarray) -> dict[str, list[int]]:
    """Of (H, W, 3 or more), uint8 or float 0..1, sRGB: lab, L a b in tenths patch by patch; edges, the rise of L to
    the right and down patch by patch, in thousandths of their own length. Patches row by row."""
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
    }


def continuity_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """args: pictures (paths). Gives looks, one per picture in order, and their version. Raises EngineError."""
    looks = []
    for at, path in enumerate(args["pictures"]):
        looks.append(look_of(read_picture(path)))
        report(at + 1, len(args["pictures"]), "looks")
    return {"version": VERSION, "looks": looks}
