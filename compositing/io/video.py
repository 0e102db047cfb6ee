"""Read films frame by frame in the colours their tags promise. Writing is in `writer.py` and offered here too.

Matrix and range are always said explicitly, never left to a library's default. A film that does not say its matrix is
taken as BT.709 when its longer side has at least 960 pixels or it has at least 720 lines (HD, its halves, and upright
phone footage), else as BT.601 (SD and small web clips); one that does not say its range is limited, unless its pixel
format (yuvj) or RGB says full.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self, overload

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from compositing.errors import MediaError
from compositing.io.container import MAX_PIXELS, no_frames, open_container, too_many_pixels, video_stream
from compositing.io.geometry import crop_for, even, scale, turn
from compositing.io.timeline import Timeline, read_timeline
from compositing.io.writer import VideoWriter

__all__ = ["Planes", "Reader", "VideoInfo", "VideoWriter", "open_frames", "read_frame", "video_info"]

ACCURATE = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
SEEK_FROM = 24  # decoding this many frames is cheaper than opening a seek

Matrix = Literal["bt709", "bt601", "smpte240m", "bt2020", "rgb"]
_MATRIX_OF_TAG: dict[int, Matrix] = {
    0: "rgb", 1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"
}
_SWS = {
    "bt709": Colorspace.ITU709, "bt601": Colorspace.ITU601, "smpte240m": Colorspace.SMPTE240M, "bt2020": Colorspace.BT2020
}
_PLANAR = {
    f"yuv{layout}p{deep}": (8 if not deep else int(deep[:2]))
    for layout in ("420", "422", "444") for deep in ("", "10le", "12le")
} | {"yuvj420p": 8, "yuvj422p": 8, "yuvj444p": 8}


class Planes(tuple[NDArray, NDArray, NDArray]):
    """(Y, U, V) as stored: uint8, or uint16 for 10 and 12 bits; U and V at their own size (half for 4:2:0).

    depth: bits a sample; matrix: "bt709", "bt601", ...; full_range: whether 0..2^depth-1 is used, else 16..235 and 16..240.
    """

    depth: int
    matrix: Matrix
    full_range: bool

    def __new__(cls, y: NDArray, u: NDArray, v: NDArray, *, depth: int, matrix: Matrix, full_range: bool) -> Self:
        planes = super().__new__(cls, (y, u, v))
        planes.depth, planes.matrix, planes.full_range = depth, matrix, full_range
        return planes


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


def untagged_matrix(width: int, height: int) -> Matrix:
    """The matrix of a film that does not say: see the head of this file."""
    return "bt709" if max(width, height) >= 960 or height >= 720 else "bt601"


def _is_rgb(pix_fmt: str) -> bool:
    return pix_fmt.startswith(("rgb", "bgr", "gbr", "pal8", "argb", "abgr", "0rgb", "0bgr"))


@dataclass
class Reader:
    """One open film. Use as a context manager; `frames` may be called once.

    damaged: numbers of frames that came out broken or not at all (they hold the frame before), filled while reading.
    """

    path: Path
    max_pixels: int = MAX_PIXELS
    threads: int = 0
    damaged: set[int] = field(default_factory=set)
    decoded: int = 0

    def __post_init__(self) -> None:
        self.path = Path(self.path)
        self.timeline: Timeline = read_timeline(self.path, max_pixels=self.max_pixels)
        self._rotation: int | None = None

    def __enter__(self) -> Self:
        self._opened = open_container(self.path, max_pixels=self.max_pixels)
        self.container = self._opened.__enter__()
        self.stream = video_stream(self.container, self.path.name, max_pixels=self.max_pixels)
        context = self.stream.codec_context
        context.options = {**context.options, "max_pixels": str(self.max_pixels)}
        self.stream.thread_type = "AUTO"
        if self.threads:
            context.thread_count = self.threads
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)

    # -- colour ------------------------------------------------------------------------------------------------------
    @property
    def tagged(self) -> bool:
        return int(self.stream.codec_context.colorspace) in _MATRIX_OF_TAG

    def colours(self, pix_fmt: str) -> tuple[Matrix, bool]:
        """(matrix, full range?) that this film's `pix_fmt` pixels are coded with."""
        context = self.stream.codec_context
        if _is_rgb(pix_fmt):
            return "rgb", True
        matrix = _MATRIX_OF_TAG.get(int(context.colorspace))
        if matrix is None or matrix == "rgb":
            matrix = untagged_matrix(context.width, context.height)
        return matrix, int(context.color_range) == 2 or pix_fmt.startswith("yuvj")

    def pixels(self, frame: av.VideoFrame, *, bits: int = 8, alpha: bool = False) -> NDArray:
        """(H, W, 3 or 4) sRGB-coded uint8 or uint16 of one decoded frame, as stored: not turned, not cropped."""
        matrix, full = self.colours(frame.format.name)
        target = {(8, False): "rgb24", (16, False): "rgb48le", (8, True): "rgba", (16, True): "rgba64le"}[bits, alpha]
        sws = _SWS.get(matrix)
        shown = frame.reformat(
            format=target, src_colorspace=sws, dst_colorspace=sws,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG, dst_color_range=ColorRange.JPEG,
            interpolation=ACCURATE,
        )
        return shown.to_ndarray()

    def planes(self, frame: av.VideoFrame) -> Planes:
        """The frame's own planes; anything but planar YUV is first made 10-bit 4:4:4 BT.709 limited."""
        matrix, full = self.colours(frame.format.name)
        name = frame.format.name
        if name not in _PLANAR:
            frame = frame.reformat(
                format="yuv444p10le", src_colorspace=_SWS.get(matrix), dst_colorspace=Colorspace.ITU709,
                src_color_range=ColorRange.JPEG if full else ColorRange.MPEG, dst_color_range=ColorRange.MPEG,
                interpolation=ACCURATE,
            )
            name, matrix, full = "yuv444p10le", "bt709", False
        depth = _PLANAR[name]
        kind = np.dtype("<u2") if depth > 8 else np.dtype("u1")
        parts = []
        for plane in frame.planes:
            rows = np.frombuffer(plane, kind).reshape(plane.height, plane.line_size // kind.itemsize)
            parts.append(rows[:, : plane.width].copy())
        return Planes(*parts, depth=depth, matrix=matrix, full_range=full)

    # -- shape -------------------------------------------------------------------------------------------------------
    @property
    def rotation(self) -> int:
        """Degrees clockwise that turn the stored picture upright. Known from the first decoded frame."""
        return self._rotation or 0

    def display_size(self) -> tuple[int, int]:
        """(width, height) as shown: square pixels, turned."""
        context = self.stream.codec_context
        width, height = context.width, context.height
        shape = self.stream.sample_aspect_ratio or Fraction(1)
        if shape != 1 and 0 < shape < 10:
            width = even(width * shape)
        return (height, width) if self.rotation % 180 else (width, height)

    # -- frames ------------------------------------------------------------------------------------------------------
    def _decode(self) -> Iterator[av.VideoFrame]:
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except MemoryError:
                raise
            except av.error.FFmpegError:
                return  # cut off in the middle
            try:
                frames = packet.decode()
            except MemoryError:
                raise
            except av.error.FFmpegError:
                place = self.timeline.place_of(packet.pts)
                if place is not None:
                    self.damaged.add(place)
                continue
            for frame in frames:
                if frame.width * frame.height > self.max_pixels:
                    raise too_many_pixels(self.path.name, frame.width, frame.height, self.max_pixels)
                if self._rotation is None:
                    self._rotation = -round(frame.rotation / 90) * 90 % 360
                yield frame

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, av.VideoFrame]]:
        """(number, decoded frame) for each number from `start` to before `stop`, none left out and none twice.

        A number whose frame could not be decoded gets the one before it (or the first there is) and is noted in `damaged`.
        Raises MediaError (no_frames) when nothing decodes at all.
        """
        counted = bool(self.timeline.pts)
        last = self.timeline.count if counted else None
        if stop is not None:
            last = stop if last is None else min(stop, last)
        seeked = counted and start >= SEEK_FROM and self._seek(start)
        due, held, ordinal = start, None, -1
        for frame in self._decode():
            ordinal += 1
            place = self.timeline.place_of(frame.pts) if counted else ordinal
            if place is None:
                place = ordinal
            if seeked and ordinal == 0 and (place > start or not frame.key_frame):
                self.container.seek(0, stream=self.stream)  # the seek overshot: read from the head
                seeked, ordinal = False, -1
                yield from self._restarted(start, stop)
                return
            self.decoded += 1
            if frame.is_corrupt:
                self.damaged.add(place)
            if place < due:
                held = frame
                continue
            while due < place and (last is None or due < last):
                self.damaged.add(due)
                yield due, held or frame
                due += 1
            if last is not None and due >= last:
                return
            yield due, frame
            held, due = frame, due + 1
            if last is not None and due >= last:
                if stop is not None:
                    return
        if held is None and self.decoded == 0:
            raise no_frames(self.path.name)
        while held is not None and last is not None and due < last:
            self.damaged.add(due)
            yield due, held
            due += 1

    def _seek(self, start: int) -> bool:
        try:
            self.container.seek(self.timeline.pts[start], stream=self.stream, backward=True)
        except av.error.FFmpegError:
            return False
        return True

    def _restarted(self, start: int, stop: int | None) -> Iterator[tuple[int, av.VideoFrame]]:
        with Reader(self.path, self.max_pixels, self.threads, self.damaged) as fresh:
            for place, frame in fresh.frames(0, stop):
                if self._rotation is None:
                    self._rotation = fresh._rotation
                if place >= start:
                    yield place, frame


def video_info(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> VideoInfo:
    """The film's facts, from its packets and its first frame. Raises Refused and MediaError as `Reader` does."""
    with Reader(Path(path), max_pixels, 1) as reader:
        _, first = next(reader.frames(0, 1))
        context = reader.stream.codec_context
        matrix, full = reader.colours(first.format.name)
        width, height = reader.display_size()
        timeline = reader.timeline
        return VideoInfo(
            context.width, context.height, width, height, reader.rotation, timeline.fps, timeline.vfr, timeline.count,
            context.name, first.format.name, matrix, full, reader.tagged,
        )


def as_fps(fps: Fraction | tuple[int, int] | int | str | None) -> Fraction | None:
    """A rational rate from (num, den), "30000/1001", a whole number or a Fraction."""
    return Fraction(*fps) if isinstance(fps, tuple) else None if fps is None else Fraction(fps)


@overload
def open_frames(
    path: str | Path, *, centre_milli: int | None = None, width: int | None = None, height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None, planes: Literal[False] = False, start: int = 0,
    stop: int | None = None, bits: int = 8, alpha: bool = False, max_pixels: int = MAX_PIXELS,
) -> Iterator[NDArray]: ...
@overload
def open_frames(
    path: str | Path, *, centre_milli: int | None = None, width: int | None = None, height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None, planes: Literal[True], start: int = 0,
    stop: int | None = None, bits: int = 8, alpha: bool = False, max_pixels: int = MAX_PIXELS,
) -> Iterator[Planes]: ...
def open_frames(
    path: str | Path, *, centre_milli: int | None = None, width: int | None = None, height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None, planes: bool = False, start: int = 0,
    stop: int | None = None, bits: int = 8, alpha: bool = False, max_pixels: int = MAX_PIXELS,
) -> Iterator[Any]:
    """The film's frames in order, upright, at the size and constant rate asked for.

    Yields (H, W, 3) sRGB-coded uint8 (uint16 with bits=16; 4 channels, straight, with alpha=True), or `Planes` with
    planes=True. Without width and height the picture keeps its display size; with both it is cropped to their shape about
    centre_milli (0..1000, 500 the middle) and scaled; with one the other follows. `fps` drops or repeats frames (59.94 to
    29.97 keeps every second; a variable rate goes by time stamps; 23.976 to 24 is frame for frame). `start` and `stop`
    count frames after that, from 0. The same array may be yielded twice for a repeated frame: copy before writing into it.
    Raises Refused and MediaError with a sentence, and never yields fewer frames than `frame_total` says.
    """
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


def frame_total(path: str | Path, fps: Fraction | tuple[int, int] | int | None = None) -> int:
    """How many frames `open_frames(path, fps=fps)` yields."""
    return len(read_timeline(path).conform(as_fps(fps)))


def read_frame(
    path: str | Path, index: int, *, centre_milli: int | None = None, width: int | None = None, height: int | None = None,
    fps: Fraction | tuple[int, int] | int | None = None, bits: int = 8, alpha: bool = False,
) -> NDArray:
    """Frame `index` (from 0) alone, as `open_frames` would yield it; seeks to the key frame before it.

    Raises MediaError (no_such_frame) outside the film.
    """
    frames = open_frames(
        path, centre_milli=centre_milli, width=width, height=height, fps=fps, start=index, stop=index + 1, bits=bits,
        alpha=alpha,
    )
    if index >= 0:
        for picture in frames:
            return picture
    total = frame_total(path, fps)
    raise MediaError(
        f"{Path(path).name} has {total} frames, so there is no frame {index}.", code="no_such_frame",
        name=Path(path).name, frame=index, frame_count=total,
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
    reader: Reader, frame: av.VideoFrame, width: int | None, height: int | None, centre: int | None, bits: int, alpha: bool
) -> NDArray:
    shown = reader.display_size()
    picture = turn(reader.pixels(frame, bits=bits, alpha=alpha), reader.rotation)
    wanted = target_size(shown, width, height)
    # The crop is found in shown pixels and mapped back to stored ones, which may not be square.
    rows, columns = picture.shape[:2]
    part = crop_for(shown[0], shown[1], *wanted, centre)
    left, right = round(part.left * columns / shown[0]), round((part.left + part.width) * columns / shown[0])
    top, bottom = round(part.top * rows / shown[1]), round((part.top + part.height) * rows / shown[1])
    return scale(picture[top:bottom, left:right], *wanted)


def _planes_as(
    reader: Reader, frame: av.VideoFrame, width: int | None, height: int | None, centre: int | None, _bits: int, _alpha: bool
) -> Planes:
    planes = reader.planes(frame)
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
