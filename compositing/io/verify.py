"""Look again at a finished film, from its bytes alone: for `verify_release` and for the gate."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from compositing.checks import existing
from compositing.errors import Refused
from compositing.io.aigc import KEY, parse_aigc
from compositing.io.container import open_container
from compositing.io.label import TEXT, measure_label
from compositing.io.loudness import measure_loudness
from compositing.io.probe import probe


def sha256_of(path: str | Path) -> str:
    """The file's SHA-256 in hex."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_metadata(path: str | Path) -> dict[str, str]:
    """The container's own keys and values. Raises Refused as `open_container` does."""
    with open_container(path) as container:
        return dict(container.metadata)


def read_aigc(path: str | Path) -> dict[str, str] | None:
    """The implicit AI label of a film, from whichever metadata key has AIGC in its name; None without one.

    Raises Refused (bad_aigc) for a key whose value is no label.
    """
    for name, text in read_metadata(path).items():
        if KEY in name.upper():
            return parse_aigc(text)
    return None


def verify_media(
    path: str | Path,
    *,
    label_text: str = TEXT,
    label_height_permille: int | None = None,
    report: Callable[[int, int, str], None] | None = None,
) -> dict[str, Any]:
    """What a film's bytes say: {"sha256", "frame_count", "fps_num", "fps_den", "width", "height", "vfr",
    "corrupt_frames", "codec", "audio", "loudness", "title", "aigc", "aigc_error", "label"}.

    label: {"text", "height_px", "short_side", "permille", "frames", "end_frames", "meets"} measured in decoded pixels.
    Raises Refused and MediaError for a file that is no film.
    """
    facts = probe(path, report=report)
    aigc, aigc_error = None, None
    try:
        aigc = read_aigc(path)
    except Refused as error:
        aigc_error = str(error)
    label = measure_label(path, label_text, label_height_permille)
    loudness = measure_loudness(path)
    return {
        "sha256": sha256_of(path),
        "frame_count": facts.frame_count,
        "fps_num": facts.fps_num,
        "fps_den": facts.fps_den,
        "vfr": facts.vfr,
        "width": facts.display_width,
        "height": facts.display_height,
        "corrupt_frames": facts.corrupt_frames,
        "codec": facts.codec,
        "audio": asdict(facts.audio) if facts.audio else None,
        "loudness": asdict(loudness) if loudness else None,
        "title": read_metadata(path).get("title"),
        "aigc": aigc,
        "aigc_error": aigc_error,
        "label": {
            "text": label.text,
            "height_px": label.height_px,
            "short_side": label.short_side,
            "permille": label.permille,
            "frames": label.frames,
            "end_frames": label.end_frames,
            "meets": label.meets(),
        },
    }


def verify_media_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Operation `verify_media`: {"path", "label_text"?, "label_height_permille"?} -> see `verify_media`."""
    return verify_media(
        existing(args),
        label_text=str(args.get("label_text") or TEXT),
        label_height_permille=args.get("label_height_permille"),
        report=report,
    )
