"""The cut made one film: approved masters end to end, their takes' sound under them, the label burned, the key written.

Every frame asked for is taken once, so the result has exactly the sum of them; the same cut gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.checks import Args, existing, whole
from compositing.errors import MediaError, Refused
from compositing.io import label as labels
from compositing.io.aigc import KEY, encode_aigc, parse_aigc
from compositing.io.loudness import measure_loudness
from compositing.io.sound import Sound, sample_of
from compositing.io.verify import sha256_of
from compositing.io.video import frame_total, open_frames
from compositing.io.writer import VideoWriter
from compositing.timecode import Rate

CRF, PRESET, KEYINT = 16, "fast", 48
EDGE = 96  # samples (2 ms) over which sound fades at a cut, so that it does not click


@dataclass(frozen=True)
class Item:
    """One shot of the cut: frames frame_in..frame_out (inclusive, from 0) of the master at `path`.

    audio: the film whose sound lies under it (None: silence); audio_offset: that film's frame, at the cut's rate, which
    sounds with the master's frame 0.
    """

    path: Path
    frame_in: int
    frame_out: int
    audio: Path | None
    audio_offset: int = 0

    @property
    def frame_count(self) -> int:
        return self.frame_out - self.frame_in + 1


@dataclass(frozen=True)
class Label:
    """What to burn, and how: height of the lowest character in thousandths of the short side, time in thousandths of a
    second (0: the whole film), `end`: once more at the end."""

    text: str = labels.TEXT
    height_permille: int = labels.HEIGHT_PERMILLE
    seconds_milli: int = labels.SECONDS_MILLI
    end: bool = False


@dataclass(frozen=True)
class Credit:
    """A line for the head of the film, such as its filing number."""

    text: str
    height_permille: int = 30
    seconds_milli: int = 3_000


def conform(
    items: list[Item],
    out: Path,
    *,
    rate: Rate,
    width: int,
    height: int,
    label: Label | None = None,
    credit: Credit | None = None,
    aigc: dict[str, Any] | None = None,
    title: str = "",
    report: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """Write the cut to `out` (MP4: H.264 High, AAC 48 kHz stereo, BT.709, faststart) and say what it became.

    Returns {"path", "frame_count", "width", "height", "fps_num", "fps_den", "sha256", "size_bytes", "loudness",
    "items", "label", "label_height_px", "label_frames"}; the label's figures are measured in the finished file's
    decoded pixels.
    Raises Refused (empty_cut, frames_outside, bad_aigc, label_too_long) and MediaError (short_master, and as reading
    does).
    """
    _check(items, rate)
    total = sum(item.frame_count for item in items)
    overlays = _overlays(label, credit, width, height, rate, total)
    keys = {name: text for name, text in (("title", title), (KEY, encode_aigc(aigc) if aigc else "")) if text}
    done = 0
    with VideoWriter(
        out, width, height, rate.num, rate.den, crf=CRF, preset=PRESET, keyint=KEYINT, audio=2, metadata=keys
    ) as film:
        for item in items:
            film_start = done
            start = sample_of(item.frame_in + item.audio_offset, rate.fraction)
            with _sound(item, rate, start) as sound:
                pictures = open_frames(
                    item.path,
                    fps=rate.fraction,
                    width=width,
                    height=height,
                    start=item.frame_in,
                    stop=item.frame_out + 1,
                )
                for picture in pictures:
                    pieces = [piece for span, placed in overlays if done in span for piece in placed]
                    film.write(labels.burn(picture, pieces) if pieces else picture)
                    here, then = sample_of(done, rate.fraction), sample_of(done + 1, rate.fraction)
                    block = sound.read(then - here) if sound else np.zeros((2, then - here), np.float32)
                    if done == film_start:
                        block = _fade(block, rising=True)
                    if done == film_start + item.frame_count - 1:
                        block = _fade(block, rising=False)
                    film.write_audio(block)
                    done += 1
                    if report is not None:
                        report(done, total, "frames")
            if done != film_start + item.frame_count:
                raise MediaError(
                    f"{item.path.name} gave {done - film_start} frames instead of {item.frame_count}. Render it again.",
                    code="short_master",
                    name=item.path.name,
                    frames=done - film_start,
                    expected=item.frame_count,
                )
    loudness = measure_loudness(out)
    seen = labels.measure_label(out, label.text, label.height_permille) if label else None
    return {
        "path": str(out),
        "frame_count": film.frame_count,
        "width": width,
        "height": height,
        "fps_num": rate.num,
        "fps_den": rate.den,
        "sha256": sha256_of(out),
        "size_bytes": out.stat().st_size,
        "loudness": asdict(loudness) if loudness else None,
        "items": [item.frame_count for item in items],
        "label": {"permille": seen.permille, "meets": seen.meets(), "end_frames": seen.end_frames} if seen else None,
        "label_height_px": seen.height_px if seen else 0,
        "label_frames": seen.frames if seen else 0,
    }


def _check(items: list[Item], rate: Rate) -> None:
    if not items:
        raise Refused("The cut is empty. Add at least one approved shot.", code="empty_cut")
    for item in items:
        there = frame_total(item.path, rate.fraction)
        if not 0 <= item.frame_in <= item.frame_out < there:
            raise Refused(
                f"The cut asks for frames {item.frame_in} to {item.frame_out} of {item.path.name}, which has {there} "
                "(0 to the last). Trim the shot or render it longer.",
                code="frames_outside",
                name=item.path.name,
                frame_in=item.frame_in,
                frame_out=item.frame_out,
                frame_count=there,
            )


Overlay = tuple[range, list[labels.Placed]]


def _overlays(
    label: Label | None, credit: Credit | None, width: int, height: int, rate: Rate, total: int
) -> list[Overlay]:
    def frames(seconds_milli: int) -> int:
        return total if seconds_milli == 0 else min(total, rate.frames_in(Fraction(seconds_milli, 1000)))

    overlays: list[Overlay] = []
    if label:
        placed = [labels.place_label(label.text, width, height, label.height_permille)]
        span = frames(label.seconds_milli)
        overlays.append((range(span), placed))
        if label.end and span < total:
            overlays.append((range(max(span, total - span), total), placed))
    if credit:
        lines = labels.place_credit(credit.text, width, height, credit.height_permille)
        overlays.append((range(frames(credit.seconds_milli)), lines))
    return overlays


class _Silence:
    """Stands in for a sound where there is none."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        return None


def _sound(item: Item, rate: Rate, start: int) -> Sound | _Silence:
    return Sound(item.audio, fps=rate.fraction, start=start) if item.audio else _Silence()


def _fade(block: NDArray[np.float32], *, rising: bool) -> NDArray[np.float32]:
    length = min(EDGE, block.shape[1])
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    out = block.copy()
    if rising:
        out[:, :length] *= ramp
    else:
        out[:, block.shape[1] - length :] *= ramp[::-1]
    return out


def _item(args: Args) -> Item:
    path = existing(args)
    audio: Path | None = path
    offset = 0
    if "audio" in args:
        sound = args["audio"]
        audio = existing(sound) if sound else None
        offset = whole(sound, "offset_frames", -10_000_000, 10_000_000, 0) if sound else 0
    return Item(path, whole(args, "frame_in", 0, 10_000_000), whole(args, "frame_out", 0, 10_000_000), audio, offset)


def _rate(args: Args) -> Rate:
    fps = args.get("fps")
    if isinstance(fps, str):
        return Rate.parse(fps)
    if isinstance(fps, (list, tuple)) and len(fps) == 2:
        return Rate(int(fps[0]), int(fps[1]))
    if isinstance(fps, int):
        return Rate(fps)
    return Rate(whole(args, "fps_num", 1, 1_000_000), whole(args, "fps_den", 1, 100_000, 1))


def conform_op(args: Args, report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Operation `conform`: {"items", "fps_num", "fps_den" (or "fps"), "width", "height", "label", "credit",
    "metadata", "out"}.

    items: [{"path", "frame_in", "frame_out", "audio"?: {"path", "offset_frames"} or null}]; label: {"text",
    "height_permille", "seconds_milli", "end"} or null; credit: {"text", "height_permille"?, "seconds_milli"?}, a text,
    or null; metadata: {"AIGC", "title"}.

    An item without "audio" keeps its master's own sound; null is silence. AIGC may be an object or its JSON.
    """
    label, credit, metadata = args.get("label"), args.get("credit"), args.get("metadata") or {}
    if isinstance(credit, str):
        credit = {"text": credit}
    aigc = metadata.get(KEY)
    width, height = (whole(args, side, 16, 8192) for side in ("width", "height"))
    return conform(
        [_item(item) for item in args.get("items") or []],
        Path(str(args["out"])),
        rate=_rate(args),
        width=width,
        height=height,
        label=Label(
            str(label.get("text") or labels.TEXT),
            whole(label, "height_permille", 10, 300, labels.HEIGHT_PERMILLE),
            whole(label, "seconds_milli", 0, 10_000_000, labels.SECONDS_MILLI),
            bool(label.get("end")),
        )
        if label is not None
        else None,
        credit=Credit(
            str(credit["text"]),
            whole(credit, "height_permille", 10, 100, 30),
            whole(credit, "seconds_milli", 0, 10_000_000, 3_000),
        )
        if credit and credit.get("text")
        else None,
        aigc=parse_aigc(aigc) if isinstance(aigc, str) else aigc,
        title=str(metadata.get("title") or ""),
        report=report,
    )
