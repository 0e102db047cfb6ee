"""What a zip of pictures really is: found by decoding every one of them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.io.sequence import Sequence

NAMED = 500


def _depth(picture: NDArray) -> int:
    return {np.dtype(np.uint8): 8, np.dtype(np.uint16): 16}.get(picture.dtype, 32)


def _clear(picture: NDArray) -> bool:
    if picture.shape[2] < 4:
        return False
    solid = 0.999 if picture.dtype == np.float32 else np.iinfo(picture.dtype).max
    return bool((picture[..., 3] < solid).any())


def sequence_facts(
    path: Path,
    *,
    max_pixels: int,
    max_frames: int,
    rate: Fraction | None,
    report: Callable[[int, int, str], None] | None,
) -> dict[str, Any]:
    """The fields of `compositing.io.probe.Probe` for a zip of pictures, all but `colour`.

    rate: what it is played at; without it what its pictures name, or 24. Raises Refused and MediaError as `Sequence`.
    """
    with Sequence(path, max_pixels, max_frames) as sequence:
        clear, depth, place = False, 8, -1
        for place, picture in sequence.frames():
            clear = clear or _clear(picture)
            depth = max(depth, _depth(picture))
            if report is not None:
                report(place + 1, sequence.count, "frames")
        listing = sequence.listing
        assert sequence.size is not None
        width, height = sequence.size
        own = sequence.rate()
        fps = rate or own or Fraction(24)
        return {
            "width": width, "height": height, "display_width": width, "display_height": height, "rotation": 0,
            "fps_num": fps.numerator, "fps_den": fps.denominator, "vfr": False,
            "frame_count": place + 1, "duration_frames": place + 1,
            "corrupt_frames": sorted(sequence.damaged)[:NAMED], "corrupt_count": len(sequence.damaged),
            "codec": listing.kind, "pix_fmt": "rgba" if clear else "rgb", "container": "zip", "audio": None,
            "size_bytes": path.stat().st_size, "depth": depth, "has_alpha": clear,
            "sequence": {
                "first": listing.first, "last": listing.last, "missing": listing.missing[:NAMED],
                "linear": sequence.linear, "own_rate": [own.numerator, own.denominator] if own else None,
            },
        }  # fmt: skip
