"""A take made fit for review: constant rate, upright 9:16, quick to seek, with its poster, filmstrip and waveform."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

from compositing.checks import existing, folder, whole
from compositing.io.container import open_container
from compositing.io.geometry import crop_for, even
from compositing.io.pictures import write_jpg, write_png8
from compositing.io.sound import Sound, sample_of
from compositing.io.strip import Filmstrip, Waveform
from compositing.io.timeline import read_timeline
from compositing.io.video import VideoInfo, frame_total, open_frames, video_info
from compositing.io.writer import VideoWriter
from compositing.io.zipped import is_zip
from compositing.timecode import Rate

CRF, PRESET = 20, "veryfast"
KEYINT = 12  # a seek decodes at most half a second of film


def proxy_size(info: VideoInfo, width: int, height: int, centre_milli: int | None) -> tuple[int, int]:
    """The largest even size of the shape width x height that neither exceeds it nor enlarges the film."""
    part = crop_for(info.display_width, info.display_height, width, height, centre_milli)
    factor = min(Fraction(1), Fraction(part.width, width), Fraction(part.height, height))
    return min(even(width * factor), even(width)), min(even(height * factor), even(height))


def has_sound(path: Path) -> bool:
    if is_zip(path):
        return False
    with open_container(path) as container:
        return bool(container.streams.audio)


def make_proxy(
    path: Path,
    out_dir: Path,
    *,
    rate: Rate | None = None,
    width: int = 1080,
    height: int = 1920,
    centre_milli: int | None = None,
    report: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Write proxy.mp4, poster.jpg, filmstrip.jpg and (where there is sound) waveform.png into `out_dir`.

    Frame n of the proxy is frame n of `open_frames(path, fps=rate)`; without `rate` the film's own is kept. Returns the
    operation's result. Raises Refused and MediaError as reading does.
    """
    info = video_info(path)
    fps = rate.fraction if rate else info.fps
    total = frame_total(path, fps)
    across, down = proxy_size(info, width, height, centre_milli)
    strip, middle = Filmstrip(total, across, down), total // 2
    audible = has_sound(path)
    wave = Waveform(sample_of(total, fps)) if audible else None
    frames = open_frames(path, fps=fps, width=across, height=down, centre_milli=centre_milli)
    keyint = min(KEYINT, max(1, ceil(fps / 2)))
    with (
        Sound(path, fps=fps) if audible else nullcontext() as sound,
        VideoWriter(
            out_dir / "proxy.mp4", across, down, fps.numerator, fps.denominator,
            crf=CRF, preset=PRESET, keyint=keyint, audio=2 if audible else 0,
        ) as film,
    ):  # fmt: skip
        for number, picture in enumerate(frames):
            film.write(picture)
            strip.offer(number, picture)
            if number == middle:
                write_jpg(out_dir / "poster.jpg", picture)
            if wave is not None and sound is not None:
                block = sound.read(sample_of(number + 1, fps) - sample_of(number, fps))
                film.write_audio(block)
                wave.feed(block)
            if report is not None:
                report(number + 1, total, "frames")
    write_jpg(out_dir / "filmstrip.jpg", strip.picture(), 80)
    if wave is not None:
        write_png8(out_dir / "waveform.png", wave.picture())
    return {
        "proxy": str(out_dir / "proxy.mp4"),
        "poster": str(out_dir / "poster.jpg"),
        "filmstrip": str(out_dir / "filmstrip.jpg"),
        "tiles": strip.layout(),
        "waveform": str(out_dir / "waveform.png") if wave is not None else None,
        "frame_count": film.frame_count,
        "fps_num": fps.numerator,
        "fps_den": fps.denominator,
        "width": across,
        "height": down,
        "size_bytes": (out_dir / "proxy.mp4").stat().st_size,
    }


def held_frames(path: Path, fps: Fraction, damaged: Iterable[int]) -> list[int]:
    """The frames at the constant rate `fps` that show one of the film's `damaged` frames, and so the one before it."""
    broken = set(damaged)
    if not broken:
        return []
    if is_zip(path):
        return sorted(broken)
    return [number for number, source in enumerate(read_timeline(path).conform(fps)) if source in broken]


def proxy_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Operation `proxy`: {"path", "out_dir", "fps_num"?, "fps_den"?, "width"?, "height"?, "centre_milli"?, "damaged"?}.

    damaged: the probe's corrupt_frames; the answer's `held` says which of the proxy's frames show one of them.
    """
    rate = None
    if args.get("fps_num"):
        rate = Rate(whole(args, "fps_num", 1, 1_000_000), whole(args, "fps_den", 1, 100_000, 1))
    centre = None if args.get("centre_milli") is None else whole(args, "centre_milli", 0, 1000)
    path = existing(args)
    made = make_proxy(
        path,
        folder(args),
        rate=rate,
        width=whole(args, "width", 16, 8192, 1080),
        height=whole(args, "height", 16, 8192, 1920),
        centre_milli=centre,
        report=report,
    )
    fps = Fraction(made["fps_num"], made["fps_den"])
    return made | {"held": held_frames(path, fps, (int(number) for number in args.get("damaged") or ()))}
