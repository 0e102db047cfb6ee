"""Walk a film frame by frame: every number once, damaged ones held and noted, fields woven into whole frames, seeking
where it pays.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import av
import av.error

from compositing.io.container import MAX_PIXELS, memory_for, no_frames, open_container, too_many_pixels, video_stream
from compositing.io.deinterlace import FIELDS, PROGRESSIVE, interlaced, whole_frames
from compositing.io.geometry import even
from compositing.io.nal import hurt, length_size
from compositing.io.timeline import Timeline, read_timeline

# Decoders that keep quiet about a damaged picture when its slices are decoded by several threads (FFmpeg 8.1, measured:
# H.264 flags nothing, VP9 shows the picture as if it were whole). Whoever asks for a count waits for one thread.
QUIET_IN_SLICES = frozenset({"h264", "vp9"})
SEEK_FROM = 24  # decoding this many frames is cheaper than opening a seek


@dataclass
class Reader:
    """One open film. Use as a context manager; `frames` may be called once.

    damaged: numbers of frames that came out broken or not at all (they hold the frame before), filled while reading.
    interlaced: whether its frames are made of two fields, known once a frame is decoded; weave: make whole frames of
    them. keys: numbers of the frames from which decoding can begin, filled while reading.
    """

    path: Path
    max_pixels: int = MAX_PIXELS
    threads: int = 0
    damaged: set[int] = field(default_factory=set)
    decoded: int = 0
    weave: bool = True
    interlaced: bool = False
    keys: set[int] = field(default_factory=set)
    hurt: set[int] = field(default_factory=set)  # stamps of pictures whose bytes are not what was written

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
        # Frame threads are faster but lose a frame's neighbours with it: whoever asks for a count gets slices.
        self.stream.thread_type = "SLICE" if self.threads else "AUTO"
        if self.threads:
            context.thread_count = 1 if context.name in QUIET_IN_SLICES else self.threads
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)

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
    def _decode(self, wanted: Callable[[int], bool] | None = None, sent: Sequence[int] = ()) -> Iterator[av.VideoFrame]:
        """Decoded frames as they come. wanted: which numbers are asked for; of the rest, those that no other frame is
        made from may be left out, which halves the work where there are many. sent: of which numbers packets are
        decoded at all, in their order, up to the last; of all of them where it is empty."""
        left = set(sent)
        packets = self.container.demux(self.stream)
        context = self.stream.codec_context
        prefix = length_size(context.name, context.extradata)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except MemoryError:
                raise
            except av.error.FFmpegError:
                return  # cut off in the middle
            if prefix and packet.pts is not None and packet.size and hurt(prefix, bytes(packet)):
                self.hurt.add(packet.pts)
            place = None if packet.pts is None else self.timeline.places.get(packet.pts)
            if sent and place is not None and place not in left:
                continue
            left.discard(-1 if place is None else place)
            if wanted is not None and packet.pts is not None:
                context.skip_frame = "DEFAULT" if place is None or wanted(place) else "NONREF"
            try:
                frames = packet.decode()
                if sent and not left:
                    frames = [*frames, *context.decode(None)]
            except MemoryError:
                raise
            except av.error.FFmpegError:
                continue  # `frames` notes what is missing; with frame threads the error names a later packet
            for frame in frames:
                if frame.width * frame.height > self.max_pixels:
                    raise too_many_pixels(self.path.name, frame.width, frame.height, self.max_pixels)
                if self._rotation is None:
                    self._rotation = -round(frame.rotation / 90) * 90 % 360
                    self.interlaced = interlaced(self.stream.codec_context, frame)
                yield frame
            if sent and not left:
                return

    def broken(self, frame: av.VideoFrame) -> bool:
        """Whether a decoded frame is damaged: its decoder says so, or its bytes do."""
        return bool(frame.is_corrupt) or frame.pts in self.hurt

    def picked(self, places: Sequence[int]) -> dict[int, av.VideoFrame] | None:
        """The frames of those numbers, by number, in one pass; None where the film is not whole or is interlaced, so
        that they have to be read as `frames` reads them."""
        if not self.timeline.pts or not places:
            return None
        asked, found = frozenset(places), dict[int, av.VideoFrame]()
        if self.weave and int(self.stream.codec_context.field_order) in FIELDS:
            return None
        groups: dict[int, list[int]] = {}
        for place in sorted(asked):
            group = self.timeline.group_of(place)
            if not group:
                return None
            if len(group) > len(groups.get(group[0], ())):
                groups[group[0]] = group
        for key, group in groups.items():
            # From key frame to key frame; within a group nothing is decoded beyond the last that is asked for.
            if (found or key >= SEEK_FROM) and not self._seek(key):
                return None
            first = True
            for frame in self._decode(asked.__contains__, group):
                number = self.timeline.places.get(frame.pts) if frame.pts is not None else None
                if number is None or (first and not (frame.key_frame and number <= key)) or self.broken(frame):
                    return None
                if self.weave and self.interlaced:
                    return None
                first = False
                if number in asked:
                    found[number] = frame
        return found if len(found) == len(asked) else None

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, av.VideoFrame]]:
        """(number, decoded frame) for each number from `start` to before `stop`, none left out and none twice.

        A number whose frame came out broken, or not at all, gets the last whole one before it (or the first there is)
        and is noted in `damaged`. Interlaced frames are woven whole from their first field and their neighbours.
        Raises MediaError (no_frames) when nothing decodes at all.
        """
        order = int(self.stream.codec_context.field_order) if self.weave else PROGRESSIVE
        if order in FIELDS:
            yield from self._woven(start, stop)
            return
        coded = self._frames(start, stop)
        for number, frame in coded:
            if order != PROGRESSIVE and self.interlaced:
                break  # the stream did not say, its first frame does: begin anew, one frame earlier
            yield number, frame
            order = PROGRESSIVE
        else:
            return
        coded.close()
        with Reader(self.path, self.max_pixels, self.threads, self.damaged, keys=self.keys) as fresh:
            yield from fresh._woven(start, stop)

    def _woven(self, start: int, stop: int | None) -> Iterator[tuple[int, av.VideoFrame]]:
        # One frame more on either side: what a frame becomes must not hang on where reading began.
        with closing(self._frames(max(0, start - 1), None if stop is None else stop + 1)) as coded:
            for number, frame in whole_frames(coded):
                if stop is not None and number >= stop:
                    return
                if number >= start:
                    yield number, frame

    def _frames(self, start: int, stop: int | None) -> Generator[tuple[int, av.VideoFrame], None, None]:
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
            broken = self.broken(frame)
            if broken and start > 0 and held is None and place >= start:
                yield from self._restarted(start, stop)  # the whole frame to hold stands before the one sought for
                return
            if place < due:
                held = held if broken and held is not None else frame
                continue
            if broken and (last is None or place < last):
                self.damaged.add(place)
            elif frame.key_frame:
                self.keys.add(place)
            while due < place and (last is None or due < last):
                self.damaged.add(due)
                yield due, held or frame
                due += 1
            if last is not None and due >= last:
                return
            if broken and held is not None:
                frame = held
            yield due, frame
            held, due = frame, due + 1
            if stop is not None and last is not None and due >= last:
                return
        if held is None and self.decoded == 0:
            context = self.stream.codec_context
            if not memory_for(context.width * context.height):
                raise MemoryError(f"{context.width} x {context.height} does not fit this process's limit")
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
        with Reader(self.path, self.max_pixels, self.threads, keys=self.keys, weave=self.weave) as fresh:
            for place, frame in fresh._frames(0, stop):
                if self._rotation is None:
                    self._rotation = fresh._rotation
                if place >= start:
                    self.damaged |= {place} & fresh.damaged
                    yield place, frame
