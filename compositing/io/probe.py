"""What a film really is: found by decoding every frame of it, never by believing its header."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorPrimaries, ColorTrc

from compositing.checks import existing, whole
from compositing.errors import Refused
from compositing.io.colours import colours, conversion, tagged
from compositing.io.container import MAX_PIXELS, cut_short
from compositing.io.probe_sequence import sequence_facts
from compositing.io.reader import Reader
from compositing.io.timeline import Timeline
from compositing.io.zipped import is_zip

MAX_FRAMES = 2_000_000  # nine hours at 60 frames a second
NAMED_CORRUPT = 500
ALPHA_FORMATS = ("yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8", "ya16")
ALPHA_EVERY = 12
HDR_TRANSFERS = {int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67)}


@dataclass(frozen=True)
class Audio:
    """One film's first sound: codec name, samples a second, channels, and how many sounds there are."""

    codec: str
    rate: int
    channels: int
    streams: int


@dataclass(frozen=True)
class Colour:
    """What the stream says of itself. tagged: it names its matrix; hdr: PQ or HLG, brought to BT.709 for an SDR screen;
    wide: the same for BT.2020 or P3 (see `compositing.transfer`).
    """

    matrix: str
    full_range: bool
    primaries: str
    transfer: str
    tagged: bool
    hdr: bool
    wide: bool = False


@dataclass(frozen=True)
class Probe:
    """width, height: as stored; display_*: upright, square pixels. rotation: degrees clockwise that set it upright.

    fps_num/fps_den: the exact rate, for a variable one (vfr) the nearest it keeps to. frame_count: frames by decoding,
    damaged ones included. duration_frames: frames at that constant rate (equal to frame_count unless vfr).
    corrupt_frames: numbers from 0 of frames that came out damaged or not at all (the first 500): the whole frame before
    is held. traces: [first, last] of the frames that were coded from a damaged one and may show it (the first 500).
    depth: bits a sample. interlaced: frames of two fields, which reading weaves whole. has_alpha: some pixel of the
    frames looked at (each 12th) is really transparent. sequence: for a zip of pictures its first and last number, the
    numbers that are missing (held too) and what its pictures are; else None. promised: how many frames a film that
    breaks off says it has, 0 for a film that is whole or does not say.
    """

    width: int
    height: int
    display_width: int
    display_height: int
    rotation: int
    fps_num: int
    fps_den: int
    vfr: bool
    frame_count: int
    duration_frames: int
    corrupt_frames: list[int]
    corrupt_count: int
    codec: str
    pix_fmt: str
    container: str
    colour: Colour
    audio: Audio | None
    size_bytes: int
    traces: list[list[int]] = field(default_factory=list)
    depth: int = 8
    interlaced: bool = False
    has_alpha: bool = False
    sequence: dict[str, Any] | None = None
    promised: int = 0


def traces_of(damaged: set[int], keys: set[int], count: int) -> list[list[int]]:
    """[first, last] of the frames between a damaged one and the next key frame: they may have been coded from it."""
    found: list[list[int]] = []
    for number in sorted(damaged):
        last = min((key for key in keys if key > number), default=count) - 1
        first = number + 1
        while first in damaged:
            first += 1
        if first <= last and (not found or first > found[-1][1]):
            found.append([first, last])
    return found[:NAMED_CORRUPT]


def clear_somewhere(frame: Any) -> bool:
    """Whether a decoded frame with an alpha plane has a pixel that is not solid."""
    if not frame.format.name.startswith(ALPHA_FORMATS):
        return False
    shown = frame.reformat(format="rgba64le").to_ndarray()
    return bool((shown[..., 3] < 0xFF00).any())


def _name(kind: Any, value: int) -> str:
    try:
        return str(kind(value).name.lower())
    except ValueError:
        return f"unknown_{value}"


def probe(
    path: str | Path,
    *,
    max_pixels: int = MAX_PIXELS,
    max_frames: int = MAX_FRAMES,
    rate: Fraction | None = None,
    report: Callable[[int, int, str], None] | None = None,
) -> Probe:
    """Decode the whole film and say what it is. rate: what a zip of pictures is played at; a film has its own.

    Raises Refused (codes missing, empty_file, svg, playlist, not_media, no_video, too_many_pixels, too_many_frames) and
    MediaError (no_frames), each with its own sentence.
    """
    path = Path(path)
    if is_zip(path):
        facts = sequence_facts(path, max_pixels=max_pixels, max_frames=max_frames, rate=rate, report=report)
        curve = "linear" if facts["sequence"]["linear"] else "iec61966_2_1"
        return Probe(colour=Colour("rgb", True, "bt709", curve, True, False), **facts)
    with Reader(path, max_pixels, 2, weave=False) as reader:
        timeline = reader.timeline
        if timeline.count > max_frames:
            raise Refused(
                f"{path.name} has {timeline.count} frames, more than the {max_frames} taken here. Split it first.",
                code="too_many_frames",
                name=path.name,
                frame_count=timeline.count,
                max_frames=max_frames,
            )
        count, pix_fmt, depth, clear = 0, "", 8, False
        for place, frame in reader.frames():
            if not pix_fmt:
                pix_fmt, depth = frame.format.name, max(part.bits for part in frame.format.components)
            clear = clear or (place % ALPHA_EVERY == 0 and clear_somewhere(frame))
            count = place + 1
            if report is not None:
                report(count, max(count, timeline.count), "frames")
        context = reader.stream.codec_context
        matrix, full = colours(context, pix_fmt)
        sounds = reader.container.streams.audio
        width, height = reader.display_size()
        transfer = int(context.color_trc)
        return Probe(
            width=context.width,
            height=context.height,
            display_width=width,
            display_height=height,
            rotation=reader.rotation,
            fps_num=timeline.fps.numerator,
            fps_den=timeline.fps.denominator,
            vfr=timeline.vfr,
            frame_count=count,
            duration_frames=len(timeline.conform(timeline.fps)) if timeline.vfr else count,
            corrupt_frames=sorted(reader.damaged)[:NAMED_CORRUPT],
            corrupt_count=len(reader.damaged),
            codec=context.name,
            pix_fmt=pix_fmt,
            container=reader.container.format.name,
            colour=Colour(
                matrix,
                full,
                _name(ColorPrimaries, int(context.color_primaries)),
                _name(ColorTrc, transfer),
                tagged(context),
                transfer in HDR_TRANSFERS,
                conversion(context) is not None,
            ),
            audio=Audio(sounds[0].codec_context.name, sounds[0].rate, sounds[0].channels, len(sounds))
            if sounds
            else None,
            size_bytes=path.stat().st_size,
            traces=traces_of(reader.damaged, reader.keys, count),
            depth=depth,
            interlaced=reader.interlaced,
            has_alpha=clear,
            promised=max(promised(reader.stream, timeline), counted(reader) if cut_short(path) else 0),
        )


def promised(stream: Any, timeline: Timeline) -> int:
    """How many frames the header of a film that was cut off says it has; 0 where its frames last as long as it says.

    By the stream's duration and not by its count of frames: an edit list leaves some of those out on purpose.
    """
    said, unit = stream.duration, Fraction(stream.time_base or 0)
    if not said or not timeline.pts or unit != timeline.time_base:
        return 0
    lasts = (timeline.pts[-1] - timeline.pts[0]) * unit + 1 / timeline.fps
    missing = (said * unit - lasts) * timeline.fps
    return timeline.count + round(missing) if missing > max(3, timeline.count // 50) else 0


def counted(reader: Reader) -> int:
    """How many frames the head of an AVI or Matroska film that was cut off says it has; 0 where it says no more."""
    said = 0
    if reader.container.format.name == "avi":  # its main header's dwTotalFrames; FFmpeg guesses anew where it is cut
        with reader.path.open("rb") as file:
            said = int.from_bytes(file.read(52)[48:], "little")
    elif reader.container.duration:
        said = round(Fraction(reader.container.duration, av.time_base) * reader.timeline.fps)
    return said if said > reader.timeline.count else 0


def probe_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Operation `probe`: {"path", "max_pixels"?, "max_frames"?, "fps_num"?, "fps_den"?} -> the fields of `Probe`.

    fps: the rate that a zip of pictures is played at.
    """
    rate = None
    if args.get("fps_num"):
        rate = Fraction(whole(args, "fps_num", 1, 1_000_000), whole(args, "fps_den", 1, 100_000, 1))
    return asdict(
        probe(
            existing(args),
            max_pixels=whole(args, "max_pixels", 1, 2**31, MAX_PIXELS),
            max_frames=whole(args, "max_frames", 1, 2**31, MAX_FRAMES),
            rate=rate,
            report=report,
        )
    )
