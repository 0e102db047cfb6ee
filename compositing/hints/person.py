"""Where a person is, by a small network; and what that is good for beside a keyer: garbage far off, holdout deep in.

The network sees 256 x 256 pixels whatever the frame: it knows heads from lamps, not hair from wall. So it never draws
an edge: far outside anybody (with a margin) it may clear, well inside somebody it may close, and nothing else.
"""

import threading
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane, code8
from compositing.errors import Refused, ShapeError

VERSION = 1  # raise it when anything here changes numbers
SIDE = 256
MARGIN = 0.08  # of the short side: hair, hands and what they hold reach further than the network sees
INSIDE = 0.03  # of the short side: that far from the network's edge nothing half-clear is to be expected
SPECK = 0.0004  # part of the picture: smaller loose things may be dust or hair, and stay


class Segmenter:
    """The installed network. Safe to call from several threads: each gets a copy of its own.

    Source: MediaPipe Selfie Segmentation (Google, 2021, Apache-2.0), run by OpenCV's dnn.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = np.frombuffer(path.read_bytes(), np.uint8)
        self._own = threading.local()

    def person(self, frame: Picture) -> Plane:
        """(h, w) 0..1, how sure the network is of a person, of a frame (h, w, 3), linear. Always at 256 x 256 inside,
        so the same picture gives the same numbers; give it a small frame, it sees no more. Raises ShapeError, Refused.
        """
        if frame.ndim != 3 or frame.shape[2] != 3:
            raise ShapeError(f"expected (H, W, 3), got {frame.shape}")
        less = cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        seen = code8(np.asarray(less, np.float32)).astype(np.float32) * np.float32(1 / 255)
        net = getattr(self._own, "net", None)
        if net is None:
            try:
                net = self._own.net = cv2.dnn.readNetFromTFLite(self._data)
            except cv2.error as error:
                raise Refused(
                    "The person segmenter's file cannot be run by this OpenCV. Install OpenCV 5.", code="hint_missing"
                ) from error
        net.setInput(np.ascontiguousarray(seen.transpose(2, 0, 1)[None]))
        sure = np.asarray(net.forward(), np.float32).reshape(SIDE, SIDE)
        height, width = frame.shape[:2]
        return np.clip(np.asarray(cv2.resize(sure, (width, height), interpolation=cv2.INTER_LINEAR), np.float32), 0, 1)


def holdout(person: Plane, clear: Plane) -> Plane:
    """(h, w) 0..1: where the matte must be solid, because it is well inside a person.

    person: see `Segmenter.person`; clear (h, w): how much of the screen shows by colour difference, 1 the bare screen.
    Between an arm and the body the screen itself is seen, wherever the network draws its outline: what is as clear as
    bare screen is never closed. A prop of the screen's own colour therefore stays open; that is for a polygon.
    """
    reach = max(1, round(INSIDE * min(person.shape)))
    sure = (person > 0.9).astype(np.uint8)
    inside = cv2.erode(sure, _disc(reach), borderType=cv2.BORDER_REPLICATE).astype(np.float32)
    # A gap's own edge is half clear: what lies beside bare screen stays with the keyer as well.
    bare = cv2.dilate((clear > 0.8).astype(np.uint8), _disc(max(1, reach // 2)))
    soft = cv2.GaussianBlur(inside * (1 - bare), (0, 0), max(0.8, reach / 3), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(2 * soft - 1, 0, 1), np.float32)


def stray(person: Plane, alpha: Plane) -> Plane:
    """(h, w) 0..1: what the matte holds far from anybody and joined to nobody: lamps, stands, the screen's own rim.

    A prop that a hand holds is joined to its holder; dust and loose strands are too small to count. Where the network
    sees nobody at all nothing is stray: it may be wrong.
    """
    sure = (person > 0.3).astype(np.uint8)
    if not sure.any():
        return np.zeros(person.shape, np.float32)
    near = cv2.dilate(sure, _disc(max(1, round(MARGIN * min(person.shape)))))
    held = np.asarray(alpha > 0.2, np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(held, connectivity=8)
    joined = np.zeros(count, bool)
    joined[np.unique(labels[near > 0])] = True
    loose = ~joined & (stats[:, cv2.CC_STAT_AREA] > SPECK * person.size)
    loose[0] = False
    mask = cv2.dilate(loose[labels].astype(np.uint8), _disc(max(1, round(0.012 * min(person.shape)))))
    return np.asarray(cv2.GaussianBlur(mask * (1 - near).astype(np.float32), (0, 0), 1.0), np.float32)


def _disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), np.uint8)
