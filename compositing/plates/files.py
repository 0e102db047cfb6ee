"""A finished plate's files, each saying inside that it is procedural."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from compositing.io.pictures import write_jpg, write_png8, write_png16
from compositing.io.writer import VideoWriter
from compositing.plates.finished import Plate
from compositing.plates.moving import Clip
from compositing.plates.notes import add_comment, add_maps, add_text

DEPTH_NEAR_M = 0.5
PREVIEW_QUALITY = 90
PREVIEW_TALLEST = 960
# Of a clip's later frames: lines of their depth maps, and how far (of a depth) how much of one must have moved.
LATER_LINES, CHANGED, CHANGED_SHARE = 480, 0.03, 0.001
CLIP_CRF = 13  # a background is graded and coded again: little may be lost here


def save(plate: Plate, out_dir: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Write picture, preview and depth to out_dir; about: where they come from, written into each of them.
    normals, of places made of solids: 16-bit PNG, 65535 * (n / 2 + 1 / 2), x right, y up, z towards the camera; the
    sky is the middle."""
    note = json.dumps(about, sort_keys=True)
    picture, preview, depth = out_dir / "plate.png", out_dir / "preview.jpg", out_dir / "depth.png"
    write_png8(picture, plate.picture)
    add_text(picture, note)
    write_jpg(preview, plate.picture, PREVIEW_QUALITY)
    add_comment(preview, note)
    _write_depth(depth, plate, about)
    more = {}
    if plate.normal is not None:
        normals = out_dir / "normals.png"
        write_png16(normals, np.rint((plate.normal * 0.5 + 0.5) * 65535).astype(np.uint16))
        add_text(normals, note)
        more = {"normals": str(normals)}
    return more | {
        "picture": str(picture),
        "preview": str(preview),
        "depth": str(depth),
        "depth_near_milli_m": round(DEPTH_NEAR_M * 1000),
        "light": plate.light,
        "camera": plate.camera,
    }


def save_clip(
    made: Clip, out_dir: Path, about: dict[str, Any], report: Callable[[int, int, str], None], *, frames: int,
    fps_num: int, fps_den: int, width: int, height: int,
) -> dict[str, Any]:  # fmt: skip
    """Write clip.mp4 (H.264), preview.mp4, poster.jpg and depth.png to out_dir: the first frame's depth, in it smaller
    maps of the later frames, and where the camera stands at each."""
    note = json.dumps(about, sort_keys=True)
    clip, preview, poster, depth = (out_dir / name for name in ("clip.mp4", "preview.mp4", "poster.jpg", "depth.png"))
    shrink = min(1.0, PREVIEW_TALLEST / height)
    size = (max(2, round(width * shrink / 2) * 2), max(2, round(height * shrink / 2) * 2))
    tags = {"comment": note}
    later = Later()
    with (
        VideoWriter(clip, width, height, fps_num, fps_den, crf=CLIP_CRF, preset="veryfast", metadata=tags) as film,
        VideoWriter(preview, *size, fps_num, fps_den, crf=24, preset="veryfast", keyint=12, metadata=tags) as small,
    ):
        for n, (picture, metres) in enumerate(made.frames):
            film.write(picture)
            later.see(n, metres)
            shown = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
            small.write(shown)
            if n == frames // 2:
                write_jpg(poster, shown, PREVIEW_QUALITY)
                add_comment(poster, note)
            report(n + 1, frames, "frames")
    way = [
        [*(round(1000 * v) for v in one.place), round(1e6 * one.turn), round(1e6 * one.horizon)] for one in made.cameras
    ]
    _write_depth(depth, made.first, about | {"way": way, "maps": later.at})
    add_maps(depth, later.maps)
    return {
        "clip": str(clip),
        "preview": str(preview),
        "poster": str(poster),
        "depth": str(depth),
        "depth_near_milli_m": round(DEPTH_NEAR_M * 1000),
        "light": made.first.light,
        "camera": made.first.camera,
    }


class Later:
    """Depth maps of a clip's later frames, small, only where they have become different. at: of which frames."""

    def __init__(self) -> None:
        self.at: list[int] = []
        self.maps: list[bytes] = []
        self._last: np.ndarray | None = None

    def see(self, n: int, metres: np.ndarray) -> None:
        step = max(1, round(metres.shape[0] / LATER_LINES))
        small = np.ascontiguousarray(_coded(metres[step // 2 :: step, step // 2 :: step]))
        if self._last is not None:
            apart = np.abs(small.astype(np.float32) - self._last) > CHANGED * np.maximum(small, 64)
            if apart.mean() < CHANGED_SHARE:
                return
        self._last = small.astype(np.float32)
        if n == 0:
            return
        done, data = cv2.imencode(".png", small, [cv2.IMWRITE_PNG_COMPRESSION, 4])
        assert done
        self.at.append(n)
        self.maps.append(data.tobytes())


def _coded(metres: np.ndarray) -> np.ndarray:
    near = np.clip(65535.0 * DEPTH_NEAR_M / np.maximum(metres, DEPTH_NEAR_M), 0, 65535)
    return np.rint(np.where(metres > 1e6, 0, near)).astype(np.uint16)


def _write_depth(path: Path, plate: Plate, about: dict[str, Any]) -> None:
    """The depth map, which tells by itself how to stand something in its picture: camera, light and windows
    in its text."""
    write_png16(path, _coded(plate.depth))
    told = {"depth_near_milli_m": round(DEPTH_NEAR_M * 1000), "camera": plate.camera, "light": plate.light}
    if plate.glass:
        told["glass"] = plate.glass
    add_text(path, json.dumps(about | told, sort_keys=True))
