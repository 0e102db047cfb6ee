"""An effect's files: the clip with alpha, a small film of it over grey, and a poster."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from compositing.io.pictures import write_jpg
from compositing.io.writer import VideoWriter
from compositing.plates.family import Family

GREY = 56  # sRGB: dark enough that rain shows
PREVIEW_TALLEST = 960


def save(
    pictures: Iterator[np.ndarray],
    found: Family,
    out_dir: Path,
    report: Callable[[int, int, str], None],
    *,
    seed: int,
    frames: int,
    fps_num: int,
    fps_den: int,
    width: int,
    height: int,
) -> dict[str, Any]:
    """Write clip.mov, preview.mp4 and poster.jpg from (H, W, 4) uint16 pictures with straight alpha."""
    clip, preview, poster = out_dir / "clip.mov", out_dir / "preview.mp4", out_dir / "poster.jpg"
    shrink = min(1.0, PREVIEW_TALLEST / height)
    size = (max(2, round(width * shrink / 2) * 2), max(2, round(height * shrink / 2) * 2))
    note = {"comment": f"origin: {found.origin}; family: {found.name}; version: {found.version}; seed: {seed}"}
    with (
        VideoWriter(clip, width, height, fps_num, fps_den, alpha=True, qscale=3, metadata=note) as film,
        VideoWriter(preview, *size, fps_num, fps_den, crf=24, preset="veryfast", keyint=12, metadata=note) as small,
    ):
        for n, picture in enumerate(pictures):
            film.write(picture)
            shown = _over_grey(picture, size)
            small.write(shown)
            if n == frames // 2:
                write_jpg(poster, shown)
            report(n + 1, frames, "frames")
    return {"clip": str(clip), "preview": str(preview), "poster": str(poster)}


def _over_grey(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(h, w, 3) uint8 of a picture over even grey, good enough to look at: merged as coded, not in linear light."""
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:].astype(np.float32) / 65535.0
    colour = small[..., :3].astype(np.float32) / 257.0
    return np.rint(GREY + (colour - GREY) * alpha).astype(np.uint8)
