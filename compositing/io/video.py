"""Read films frame by frame, in the colours, shape and rate asked for. Writing is in `writer.py` and offered here
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, overload

import av
from numpy.typing import NDArray

from compositing.errors import MediaError
from compositing.io.colours import Matrix, Planes, colours, pixels, tagged
from compositing.io.colours import planes as planes_of
from compositing.io.container import MAX_PIXELS
from compositing.io.geometry import crop_for, even, scale, turn
from compositing.io.reader import Reader
from compositing.io.sequence import Sequence, is_zip, listing, sequence_frames
from compositing.io.timeline import read_timeline
from compositing.io.writer import VideoWriter

__all__ = [
    "Planes",
    "Reader",
    "VideoInfo",
    "VideoWriter",
    "frame_total",
    "open_frames",
    "picked_planes",
    "read_frame",
    "video_info",
]


@dataclass(frozen=True)
class VideoInfo:
    """What a film is before a frame of it is decoded. width, height: as stored; display_*: as shown, turned and with
    square pixels; rotation: degrees clockwise to turn it for showing; frame_count: by packets."""

    width: int
    height: int
    display_width: int
    display_height: int
    rotation: int
    fps: Fraction
    vfr: bool
    frame_count: int
    codec: str
    pix_fmt: str
    matrix: Matrix
    full_range: bool
    tagged: bool


def video_info(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> VideoInfo:
    """The film's facts, from its packets and its first frame. Raises Refused and MediaError as `Reader` does.

    A zip of pictures is a film of the rate that its pictures name, or 24: it is read at any rate, frame for frame.
    What was found of the last few films is kept.
    """
    if is_zip(path):
        return _sequence_info(Path(path), max_pixels)
    try:
        stat = Path(path).stat()
    except OSError:
        return _film_info(str(path), (0, 0), max_pixels)
    return _film_info(str(path), (stat.st_size, stat.st_mtime_ns), max_pixels)


@lru_cache(maxsize=32)
def _film_info(path: str, _key: tuple[int, int], max_pixels: int) -> VideoInfo:
    with Reader(Path(path), max_pixels, 1) as reader:
        _, first = next(reader.frames(0, 1))
        context = reader.stream.codec_context
        matrix, full = colours(context, first.format.name)
        width, height = reader.display_size()
        timeline = reader.timeline
        return VideoInfo(
            context.width,
            context.height,
            width,
            height,
            reader.rotation,
            timeline.fps,
            timeline.vfr,
            timeline.count,
            context.name,
            first.format.name,
            matrix,
            full,
            tagged(context),
        )


def _sequence_info(path: Path, max_pixels: int) -> VideoInfo:
    with Sequence(path, max_pixels) as sequence:
        first = next(picture for _place, picture in sequence.frames(0, 1))
        height, width, count = first.shape
        deep = {"uint8": "", "uint16": "64", "float32": "f32"}[first.dtype.name]
        return VideoInfo(
            width, height, width, height, 0, sequence.rate() or Fraction(24), False, sequence.count,
            sequence.listing.kind, ("rgba" if count == 4 else "rgb") + deep, "rgb", True, True,
        )  # fmt: skip


def as_fps(fps: Fraction | tuple[int, int] | int | str | None) -> Fraction | None:
    """A rational rate from (num, den), "30000/1001", a whole number or a Fraction."""
    return Fraction(*fps) if isinstance(fps, tuple) else None if fps is None else Fraction(fps)


@overload
def open_frames(
    path: str | Path,
    *,
    centre_milli: int | None = None,
    width: int | None = None,
    height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None,
    planes: Literal[False] = False,
    start: int = 0,
    stop: int | None = None,
    bits: int = 8,
    alpha: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[NDArray]: ...
@overload
def open_frames(
    path: str | Path,
    *,
    centre_milli: int | None = None,
    width: int | None = None,
    height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None,
    planes: Literal[True],
    start: int = 0,
    stop: int | None = None,
    bits: int = 8,
    alpha: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[Planes]: ...
def open_frames(
    path: str | Path,
    *,
    centre_milli: int | None = None,
    width: int | None = None,
    height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None,
    planes: bool = False,
    start: int = 0,
    stop: int | None = None,
    bits: int = 8,
    alpha: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[Any]:
    """The film's frames in order, upright, at the size and constant rate asked for.

    Yields (H, W, 3) sRGB-coded uint8 (uint16 with bits=16; 4 channels, straight, with alpha=True), or `Planes` with
    planes=True. Without width and height the picture keeps its display size; with both it is cropped to their shape
    about centre_milli (0..1000, 500 the middle) and scaled; with one the other follows. `fps` drops or repeats frames
    (59.94 to 29.97 keeps every second; a variable rate goes by time stamps; 23.976 to 24 is frame for frame). `start`
    and `stop` count frames after that, from 0. The same array may be yielded twice for a repeated frame: copy before
    writing into it.
    Raises Refused and MediaError with a sentence, and never yields fewer frames than `frame_total` says.
    """
    if is_zip(path):
        yield from sequence_frames(
            path, centre_milli=centre_milli, width=width, height=height, planes=planes, start=start, stop=stop,
            bits=bits, alpha=alpha, max_pixels=max_pixels,
        )  # fmt: skip
        return
    timeline = read_timeline(path, max_pixels=max_pixels)
    wanted = timeline.conform(as_fps(fps))
    wanted = wanted[start:stop]
    if not wanted:
        return
    with Reader(Path(path), max_pixels) as reader:
        # An AVI without stamps counts its packets; its frames may be fewer.
        source = reader.frames(wanted[0], wanted[-1] + 1)
        place, made = -1, None
        for target in wanted:
            fresh = False
            while place < target:
                try:
                    place, frame = next(source)
                except StopIteration:
                    break
                fresh = True
            if fresh or made is None:
                make = _planes_as if planes else _picture_as
                made = make(reader, frame, width, height, centre_milli, bits, alpha)
            yield made


def picked_planes(
    path: str | Path,
    places: list[int],
    *,
    centre_milli: int | None = None,
    width: int | None = None,
    height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None,
    max_pixels: int = MAX_PIXELS,
) -> list[Planes]:
    """What `open_frames` with planes=True yields at those places, rising, and nothing else: most of what lies between
    is not even decoded. Raises Refused and MediaError as it does."""
    if not is_zip(path):
        wanted = read_timeline(path, max_pixels=max_pixels).conform(as_fps(fps))
        targets = [wanted[place] for place in places]
        with Reader(Path(path), max_pixels) as reader:
            found = reader.picked(targets)
            if found is not None:
                return [_planes_as(reader, found[target], width, height, centre_milli, 8, False) for target in targets]
    # Each frame fetched by itself decodes half a group of pictures, up to 125 frames of x264's own.
    runs = [places] if places[-1] - places[0] < 20 * len(places) else [[place] for place in places]
    picked: list[Planes] = []
    for run in runs:
        frames = open_frames(
            path, centre_milli=centre_milli, width=width, height=height, fps=fps, planes=True, start=run[0],
            stop=run[-1] + 1, max_pixels=max_pixels,
        )  # fmt: skip
        asked = frozenset(run)
        picked += [frame for place, frame in enumerate(frames, run[0]) if place in asked]
    return picked


def frame_total(path: str | Path, fps: Fraction | tuple[int, int] | int | None = None) -> int:
    """How many frames `open_frames(path, fps=fps)` yields."""
    if is_zip(path):
        return len(listing(path).names)
    return len(read_timeline(path).conform(as_fps(fps)))


def read_frame(
    path: str | Path,
    index: int,
    *,
    centre_milli: int | None = None,
    width: int | None = None,
    height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None,
    bits: int = 8,
    alpha: bool = False,
) -> NDArray:
    """Frame `index` (from 0) alone, as `open_frames` would yield it; seeks to the key frame before it.

    Raises MediaError (no_such_frame) outside the film.
    """
    frames = open_frames(
        path,
        centre_milli=centre_milli,
        width=width,
        height=height,
        fps=fps,
        start=index,
        stop=index + 1,
        bits=bits,
        alpha=alpha,
    )
    if index >= 0:
        for picture in frames:
            return picture
    total = frame_total(path, fps)
    raise MediaError(
        f"{Path(path).name} has {total} frames, so there is no frame {index}.",
        code="no_such_frame",
        name=Path(path).name,
        frame=index,
        frame_count=total,
    )


def target_size(shown: tuple[int, int], width: int | None, height: int | None) -> tuple[int, int]:
    """(width, height) to make from a picture shown at `shown`: a side left out follows the other one."""
    if width and height:
        return width, height
    if width:
        return width, even(shown[1] * width / shown[0])
    if height:
        return even(shown[0] * height / shown[1]), height
    return shown


def _picture_as(
    reader: Reader,
    frame: av.VideoFrame,
    width: int | None,
    height: int | None,
    centre: int | None,
    bits: int,
    alpha: bool,
) -> NDArray:
    shown = reader.display_size()
    picture = turn(pixels(reader.stream.codec_context, frame, bits=bits, alpha=alpha), reader.rotation)
    wanted = target_size(shown, width, height)
    # The crop is found in shown pixels and mapped back to stored ones, which may not be square.
    rows, columns = picture.shape[:2]
    part = crop_for(shown[0], shown[1], *wanted, centre)
    left, right = round(part.left * columns / shown[0]), round((part.left + part.width) * columns / shown[0])
    top, bottom = round(part.top * rows / shown[1]), round((part.top + part.height) * rows / shown[1])
    return scale(picture[top:bottom, left:right], *wanted)


def _planes_as(
    reader: Reader,
    frame: av.VideoFrame,
    width: int | None,
    height: int | None,
    centre: int | None,
    _bits: int,
    _alpha: bool,
) -> Planes:
    planes = planes_of(reader.stream.codec_context, frame)
    shown = reader.display_size()
    wanted = target_size(shown, width, height)
    part = crop_for(shown[0], shown[1], *wanted, centre)
    luma = turn(planes[0], reader.rotation)
    sub_x, sub_y = planes[0].shape[1] / planes[1].shape[1], planes[0].shape[0] / planes[1].shape[0]
    if reader.rotation % 180:
        sub_x, sub_y = sub_y, sub_x
    out = []
    for number, plane in enumerate(planes):
        plane = luma if number == 0 else turn(plane, reader.rotation)
        rows, columns = plane.shape
        left, right = round(part.left * columns / shown[0]), round((part.left + part.width) * columns / shown[0])
        top, bottom = round(part.top * rows / shown[1]), round((part.top + part.height) * rows / shown[1])
        size = wanted if number == 0 else (-(-wanted[0] // round(sub_x)), -(-wanted[1] // round(sub_y)))
        out.append(scale(plane[top:bottom, left:right], *size))
    return Planes(out[0], out[1], out[2], depth=planes.depth, matrix=planes.matrix, full_range=planes.full_range)
