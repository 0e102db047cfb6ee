"""What a layer shows at each frame: a film or a picture, keyed or with its own alpha, at the size it is worked on."""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, overload

import numpy as np

from compositing.colour import Picture, linear_from_coded
from compositing.errors import Refused
from compositing.io.geometry import crop_for, even
from compositing.io.pictures import picture_kind, read_picture
from compositing.io.sequence import is_zip, sequence_frames
from compositing.io.timeline import read_timeline
from compositing.io.video import Planes, VideoInfo, frame_total, open_frames, picked_planes, video_info
from compositing.keying.chroma import linear_from_planes, low_linear
from compositing.keying.cloth import shrink
from compositing.layer import fit_into, opaque, premultiplied, resize
from compositing.recipe import LayerRecipe

SOLID = 0xFF00  # of 65535: what a codec leaves of an alpha that was solid
SAMPLES = 8  # frames a keyer studies
STEPS = 8  # reading on over so many frames is cheaper than looking for a key frame


def is_picture(path: Path) -> bool:
    """Whether the file's first bytes are a PNG's, JPEG's, WebP's or TIFF's. Raises Refused for a missing file."""
    try:
        with path.open("rb") as file:
            return picture_kind(file.read(16)) is not None
    except OSError as error:
        raise Refused(f"{path.name} cannot be opened: {error.strerror}.", code="missing", name=path.name) from error


@lru_cache(maxsize=4)
def _picture(path: str, _key: tuple[int, int]) -> Any:
    """A picture's pixels, kept for the last few: a tweak must not decode its background again. Never written into."""
    coded = read_picture(Path(path))
    coded.setflags(write=False)
    return coded


@dataclass
class Source:
    """One layer's artefact, read for a frame of width x height at a rational rate."""

    layer: LayerRecipe
    path: Path
    width: int
    height: int
    fps: Fraction

    def __post_init__(self) -> None:
        self.path = Path(self.path)
        self.still = is_picture(self.path)
        self.sequence = not self.still and is_zip(self.path)
        self.frames = 1 if self.still else frame_total(self.path, self.fps)

    @cached_property
    def info(self) -> VideoInfo:
        return video_info(self.path)

    @cached_property
    def has_alpha(self) -> bool:
        if self.still:
            coded = self._coded
            if coded.shape[2] < 4:
                return False
            return bool((coded[..., 3] < np.iinfo(coded.dtype).max).any())
        if not self.info.pix_fmt.startswith(("yuva", "rgba", "argb", "bgra", "abgr", "gbrap", "ya8", "ya16")):
            return False
        # A camera may write an alpha that is solid throughout: such a take is keyed like any other.
        for place in sorted({0, self.frames // 2, self.frames - 1}):
            shown = next(open_frames(self.path, fps=self.fps, start=place, stop=place + 1, bits=16, alpha=True))
            if (shown[..., 3] < SOLID).any():
                return True
        return False

    @property
    def keyed(self) -> bool:
        """Whether this layer is keyed: an actor without alpha of its own, or any layer with `key` given."""
        return self.layer.key is not None or (self.layer.kind == "actor" and not self.has_alpha)

    @cached_property
    def _coded(self) -> Any:
        stat = self.path.stat()
        return _picture(str(self.path), (stat.st_size, stat.st_mtime_ns))

    @cached_property
    def work_size(self) -> tuple[int, int]:
        """(width, height) this layer is worked on: the frame's share of the source, never grown before the key."""
        if self.still:
            shown = (self._coded.shape[1], self._coded.shape[0])
        else:
            shown = (self.info.display_width, self.info.display_height)
        if self.layer.fit == "cover":
            crop = crop_for(*shown, self.width, self.height, self.layer.centre_milli)
            return (self.width, self.height) if crop.width >= self.width else (even(crop.width), even(crop.height))
        scale = min(1.0, min(self.width / shown[0], self.height / shown[1]))
        return max(2, even(shown[0] * scale)), max(2, even(shown[1] * scale))

    def place(self, frame: int) -> int | None:
        """The source frame shown at the recipe's `frame`; None where the layer shows nothing."""
        if self.still:
            return 0
        index = frame + self.layer.frame_offset
        if 0 <= index < self.frames:
            return index
        if self.layer.extend == "clear":
            return None
        return index % self.frames if self.layer.extend == "loop" else min(max(index, 0), self.frames - 1)

    def own_frame(self, frame: int) -> int:
        """The layer's own frame at the recipe's `frame`, which its masks are keyed by: the one that is shown, or, for
        a picture and where nothing is shown, the one that would be."""
        shown = None if self.still else self.place(frame)
        return frame + self.layer.frame_offset if shown is None else shown

    def in_work(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """Points in parts of the frame (as `framed` gives it) as parts of the picture at its work size."""
        left, top, wide, tall = self._within
        return [((x - left) / wide, (y - top) / tall) for x, y in points]

    def in_frame(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        """Points in parts of the picture at its work size as parts of the frame (as `framed` gives it)."""
        left, top, wide, tall = self._within
        return [(left + x * wide, top + y * tall) for x, y in points]

    @property
    def _within(self) -> tuple[float, float, float, float]:
        """Where the picture lies in the frame: left, top, width, height in parts of it."""
        if self.layer.fit != "contain":
            return 0.0, 0.0, 1.0, 1.0
        columns, rows = self.work_size
        scale = min(self.width / columns, self.height / rows)
        wide, tall = columns * scale / self.width, rows * scale / self.height
        left, top = ((1 - side) * self.layer.centre_milli / 1000 for side in (wide, tall))
        return left, top, wide, tall

    def _open(self, start: int, stop: int | None) -> Iterator[Any]:
        width, height = self.work_size
        centre = self.layer.centre_milli if self.layer.fit == "cover" else None
        if self.sequence:
            return sequence_frames(
                self.path, centre_milli=centre, width=width, height=height, start=start, stop=stop,
                alpha=self.has_alpha and not self.keyed, linear=True,
            )  # fmt: skip
        if self.has_alpha and not self.keyed:
            return open_frames(
                self.path, centre_milli=centre, width=width, height=height, fps=self.fps, start=start, stop=stop,
                bits=16, alpha=True,
            )  # fmt: skip
        return open_frames(
            self.path,
            centre_milli=centre,
            width=width,
            height=height,
            fps=self.fps,
            start=start,
            stop=stop,
            planes=True,
        )

    def raw(self, start: int, stop: int) -> Iterator[Any]:
        """What `linear` takes, for the recipe's frames start to before stop; None where the layer shows nothing.

        A run of source frames is decoded in one go; a held frame is decoded once.
        """
        reader: Iterator[Any] = iter(())
        due, held = -1, None
        for frame in range(start, stop):
            index = self.place(frame)
            if index is None:
                yield None
                continue
            if self.still:
                yield self._coded
                continue
            if index == due - 1 and held is not None:
                yield held
                continue
            if index != due:
                reader = self._open(index, None)
            held = next(reader, held)
            due = index + 1
            yield held

    def frames_from(self, index: int) -> Iterator[Any]:
        """The source's own frames from `index` on, as `raw` gives them."""
        return self._open(index, None)

    def linear(self, raw: Any) -> Picture:
        """(h, w, 3) linear, or (h, w, 4) linear premultiplied where the source's alpha is used; work size."""
        if self.still:
            linear = linear_from_coded(raw)
            if raw.shape[2] == 4:
                # Alpha is coverage: never bent by the colour curve.
                linear[..., 3] = raw[..., 3].astype(np.float32) / np.iinfo(raw.dtype).max
                linear = premultiplied(linear)
                if self.keyed or not self.has_alpha:
                    linear = np.ascontiguousarray(linear[..., :3])
            if self.layer.fit == "cover":
                part = crop_for(linear.shape[1], linear.shape[0], self.width, self.height, self.layer.centre_milli)
                linear = linear[part.top : part.top + part.height, part.left : part.left + part.width]
            return (
                resize(np.ascontiguousarray(linear), *self.work_size)
                if linear.shape[1::-1] != self.work_size
                else linear
            )
        if isinstance(raw, np.ndarray):
            if raw.dtype == np.float32:
                return raw.copy()  # a sequence's pictures are light already; whoever works on them may write into them
            linear = linear_from_coded(raw)
            linear[..., 3] = raw[..., 3].astype(np.float32) / np.iinfo(raw.dtype).max
            return premultiplied(linear)
        return linear_from_planes(raw)

    def framed(self, picture: Picture) -> Picture:
        """The layer at the frame's size, (height, width, 4), from its picture at the work size."""
        four = picture if picture.shape[2] == 4 else opaque(picture)
        return fit_into(four, self.width, self.height, self.layer.fit, self.layer.centre_milli)

    def used(self, frame_count: int) -> tuple[int, int]:
        """First and last source frame that the recipe's frames 0 to frame_count - 1 show (all of it where it loops)."""
        first = min(max(self.layer.frame_offset, 0), self.frames - 1)
        last = min(max(self.layer.frame_offset + frame_count - 1, first), self.frames - 1)
        if self.layer.extend == "loop" and self.layer.frame_offset + frame_count > self.frames:
            return 0, self.frames - 1
        return first, last

    def samples(self, frame_count: int, count: int = SAMPLES) -> "Samples":
        """Up to `count` of the frames that are used, spread evenly, linear at the work size: what a keyer studies."""
        if self.still:
            return Samples(self, [self._coded])
        first, last = self.used(frame_count)
        places = sorted(set(np.linspace(first, last, min(count, last - first + 1)).round().astype(int).tolist()))
        if not self.sequence:
            places = read_timeline(self.path).nearer(places, self.fps)
        return Samples(self, self._picked(places))

    def _picked(self, places: list[int]) -> list[Any]:
        """The raws of those source frames, rising."""
        if self.sequence or (self.has_alpha and not self.keyed):
            frames, wanted = enumerate(self._open(places[0], places[-1] + 1), places[0]), frozenset(places)
            return [raw for place, raw in frames if place in wanted]
        width, height = self.work_size
        centre = self.layer.centre_milli if self.layer.fit == "cover" else None
        return list(picked_planes(self.path, places, centre_milli=centre, width=width, height=height, fps=self.fps))


class Readings:
    """Films kept open between stills: the frame after the one before costs one frame's decoding, not a group's, and so
    do most of the frames before it. Safe to use from several threads.
    """

    def __init__(self, films: int = 2, frames: int = 2 * STEPS) -> None:
        self._films, self._frames = films, frames
        self._open: OrderedDict[tuple[Any, ...], tuple[int, Iterator[Any]]] = OrderedDict()
        self._read: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def raw(self, source: Source, frame: int) -> Any:
        """What `source.raw` yields at the recipe's `frame`."""
        index = source.place(frame)
        if index is None or source.still:
            return next(source.raw(frame, frame + 1))
        stat = source.path.stat()
        name = (
            str(source.path), stat.st_size, stat.st_mtime_ns, source.work_size, source.fps, source.layer.fit,
            source.layer.centre_milli, source.keyed,
        )  # fmt: skip
        with self._lock:
            if (name, index) in self._read:
                return self._read[name, index]
            due, frames = self._open.pop(name, (-1, iter(())))
        if not due <= index < due + STEPS:
            # Whoever goes back goes on going back: what is decoded on the way there is kept.
            back = 0 <= due - index <= 2 * STEPS
            due = max(0, index - STEPS + 1) if back else index
            frames = source.frames_from(due)
        for raw in islice(frames, index - due + 1):
            self._keep(self._read, (name, due), raw, self._frames)
            due += 1
        if due <= index:  # the film ended before it said it would
            return next(source.raw(frame, frame + 1))
        self._keep(self._open, name, (due, frames), self._films)
        return raw

    def _keep(self, among: OrderedDict[Any, Any], name: Any, value: Any, most: int) -> None:
        with self._lock:
            among[name] = value
            while len(among) > most:
                among.popitem(last=False)


class Samples(Sequence[Picture]):
    """Frames kept as they were read, an eighth of their light's size; made light anew each time one is asked for."""

    def __init__(self, source: Source, raws: list[Any]) -> None:
        self._source, self._raws = source, raws
        self._lows: dict[tuple[int, tuple[int, int]], Picture] = {}

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of each."""
        return self._source.work_size

    def low(self, place: int, size: tuple[int, int]) -> Picture:
        """One of them at (width, height) `size`, made once; film with pixels to spare is never made full-size light."""
        if (place, size) not in self._lows:
            raw = self._raws[place]
            made = low_linear(raw, size) if isinstance(raw, Planes) else shrink(self[place], size)
            self._lows[place, size] = made
        return self._lows[place, size]

    def __len__(self) -> int:
        return len(self._raws)

    @overload
    def __getitem__(self, place: int) -> Picture: ...
    @overload
    def __getitem__(self, place: slice) -> "Samples": ...
    def __getitem__(self, place: int | slice) -> "Picture | Samples":
        if isinstance(place, slice):
            return Samples(self._source, self._raws[place])
        return self._source.linear(self._raws[place])
