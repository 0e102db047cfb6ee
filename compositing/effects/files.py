"""An effect's files: the clip with alpha, a small film of it over grey, and a poster."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from compositing.cast import emitted
from compositing.colour import decode_srgb
from compositing.io.pictures import write_jpg
from compositing.io.writer import VideoWriter
from compositing.plates.family import Family

GREY = 56  # sRGB: dark enough that rain shows
PREVIEW_TALLEST = 960
EMIT_STEP = 4  # every such pixel of the preview tells what light a frame gives off


def save(
    drawn: list[Iterator[np.ndarray]],
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
    """Write clip.mov, preview.mp4 and poster.jpg from (H, W, 4) uint16 pictures with straight alpha; of two rows of
    pictures, behind and in front of an actor, the second goes to front.mov, and both are shown.

    lights_milli, of what gives off light: each frame's [red, green, blue, x, y] in thousandths, as a comp will cast it.
    """
    clip, preview, poster = out_dir / "clip.mov", out_dir / "preview.mp4", out_dir / "poster.jpg"
    shrink = min(1.0, PREVIEW_TALLEST / height)
    size = (max(2, round(width * shrink / 2) * 2), max(2, round(height * shrink / 2) * 2))
    note = {"comment": f"origin: {found.origin}; family: {found.name}; version: {found.version}; seed: {seed}"}
    lights: list[list[int]] = []
    clips = [clip, out_dir / "front.mov"][: len(drawn)]
    with (
        ExitStack() as films,
        VideoWriter(preview, *size, fps_num, fps_den, crf=24, preset="superfast", keyint=12, metadata=note) as small,
    ):
        open_ = [
            films.enter_context(VideoWriter(path, width, height, fps_num, fps_den, alpha=True, qscale=3, metadata=note))
            for path in clips
        ]
        for n, pictures in enumerate(zip(*drawn, strict=True)):
            shown = np.full((size[1], size[0], 3), GREY, np.uint8)
            for film, picture in zip(open_, pictures, strict=True):
                film.write(picture)
                less = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
                shown = _over(less, shown)
                if found.emits:
                    light = emitted(_linear(less[::EMIT_STEP, ::EMIT_STEP]))
                    lights.append([0, 0, 0, 500, 500] if light is None else light.milli())
            small.write(shown)
            if n == frames // 2:
                write_jpg(poster, shown)
            report(n + 1, frames, "frames")
    answer: dict[str, Any] = {"clip": str(clip), "preview": str(preview), "poster": str(poster)}
    if len(drawn) > 1:
        answer["front"] = str(clips[1])
    return answer | ({"lights_milli": lights} if found.emits else {})


def _linear(straight: np.ndarray) -> np.ndarray:
    """(h, w, 4) linear premultiplied of straight sRGB-coded uint16."""
    alpha = straight[..., 3:].astype(np.float32) / 65535
    coded = np.ascontiguousarray(straight[..., :3].astype(np.float32) / 65535)
    return np.dstack([decode_srgb(coded) * alpha, alpha])


def _over(small: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 of a picture over another, good enough to look at: merged as coded, not in linear light."""
    alpha = small[..., 3:].astype(np.float32) / 65535.0
    colour = small[..., :3].astype(np.float32) / 257.0
    return np.rint(ground + (colour - ground) * alpha).astype(np.uint8)
