"""The frames to look at, as pictures: a sheet with a row of three panels for each, cut from a render's own films."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.io.pictures import write_jpg
from compositing.io.video import open_frames

PANEL_SIDE = 216  # pixels of a panel's shorter side
ZOOM = {"flicker": 3, "residual": 4, "holes": 3}  # how much closer than the whole frame the loupe stands
PANELS = {
    "flicker": (("matte_crop", -1), ("matte_crop", 0), ("matte_crop", 1)),
    "residual": (("comp", 0), ("comp_crop", 0), ("matte_crop", 0)),
    "holes": (("comp", 0), ("comp_crop", 0), ("matte_crop", 0)),
}
FRAME_COLOUR = (240, 240, 240)

Picture8 = NDArray[np.uint8]


def make_sheet(
    out: str | Path, proxy: str | Path, matte: str | Path, worst: Mapping[str, Sequence[Mapping[str, int]]], count: int
) -> dict[str, Any] | None:
    """Write the sheet to `out` (JPEG) and say what is on it; None, and no file, where no frame is worth a look.

    proxy, matte: the render's films, `count` frames each. worst: as `qc.Tally.report` names them. Returns {"path",
    "panel_width", "panel_height", "rows": [{"why", "frame", "panels": [{"what", "frame"}]}]}; a row is three panels
    high as wide: row n begins at n x panel_height.
    """
    rows: list[dict[str, Any]] = []
    strips: list[Picture8] = []
    size = (0, 0)
    for why, frames in worst.items():
        for place in frames:
            at = int(place["frame"])
            first, stop = max(0, at - 1), min(count, at + 2)
            films = {
                name: list(open_frames(path, start=first, stop=stop))
                for name, path in (("comp", proxy), ("matte", matte))
            }
            panels, told = [], []
            for what, by in PANELS[why]:
                frame = min(max(at + by, 0), count - 1)
                film = films["matte" if what.startswith("matte") else "comp"]
                picture = film[min(frame - first, len(film) - 1)]
                size = size if size[0] else panel_size(picture.shape[1], picture.shape[0])
                box = loupe(picture.shape[1], picture.shape[0], int(place["x_milli"]), int(place["y_milli"]), ZOOM[why])
                panels.append(_panel(picture, box, size, cropped=what.endswith("crop")))
                told.append({"what": what, "frame": frame})
            strips.append(np.concatenate(panels, axis=1))
            rows.append({"why": why, "frame": at, "panels": told})
    if not strips:
        return None
    write_jpg(out, np.concatenate(strips, axis=0))
    return {"path": str(out), "panel_width": size[0], "panel_height": size[1], "rows": rows}


def panel_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) of a panel for films of that size."""
    factor = PANEL_SIDE / min(width, height)
    return max(2, round(width * factor)), max(2, round(height * factor))


def loupe(width: int, height: int, x_milli: int, y_milli: int, zoom: int) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the part of a frame that stands around a spot, kept inside the frame."""
    wide, high = max(2, width // zoom), max(2, height // zoom)
    left = min(max(x_milli * width // 1000 - wide // 2, 0), width - wide)
    top = min(max(y_milli * height // 1000 - high // 2, 0), height - high)
    return left, top, left + wide, top + high


def _panel(picture: Picture8, box: tuple[int, int, int, int], size: tuple[int, int], *, cropped: bool) -> Picture8:
    left, top, right, bottom = box
    if cropped:
        part = picture[top:bottom, left:right]
        how = cv2.INTER_AREA if part.shape[1] > size[0] else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(part, size, interpolation=how), np.uint8)
    shown = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8).copy()
    scale = size[0] / picture.shape[1]
    first, last = ((round(x * scale), round(y * scale)) for x, y in ((left, top), (right - 1, bottom - 1)))
    cv2.rectangle(shown, first, last, FRAME_COLOUR, 1)
    return shown
