"""What an uploaded still picture is, and a small JPEG of it for the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.checks import existing, folder, whole
from compositing.io.container import MAX_PIXELS
from compositing.io.geometry import scale
from compositing.io.pictures import picture_kind, read_picture, write_jpg

PREVIEW_SIDE = 960
GREY = 118  # sRGB code of 18 % linear: what a transparent picture is shown over


def preview_of(picture: NDArray, longest: int = PREVIEW_SIDE) -> NDArray:
    """(h, w, 3) uint8 no longer than `longest` on a side, never larger than the picture, transparency over grey."""
    small = (picture >> 8).astype(np.uint8) if picture.dtype == np.uint16 else picture
    rows, columns = small.shape[:2]
    factor = min(1.0, longest / max(rows, columns))
    if factor < 1:
        small = scale(small, max(1, round(columns * factor)), max(1, round(rows * factor)))
    if small.shape[2] == 4:
        alpha = small[:, :, 3:].astype(np.float32) / 255
        small = (small[:, :, :3] * alpha + GREY * (1 - alpha) + 0.5).astype(np.uint8)
    return small


def picture_info_op(args: dict[str, Any], report: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Operation `picture_info`: {"path", "out_dir"?, "max_pixels"?} -> width, height, bits, kind, has_alpha, preview.

    has_alpha: whether any pixel is really transparent. preview: preview.jpg in out_dir, or null without one.
    """
    path = existing(args)
    with path.open("rb") as stream:
        kind = picture_kind(stream.read(16))
    picture = read_picture(path, max_pixels=whole(args, "max_pixels", 1, 2**31, MAX_PIXELS))
    report(1, 2, "read")
    top = np.iinfo(picture.dtype).max
    preview = None
    if args.get("out_dir"):
        preview = folder(args) / "preview.jpg"
        write_jpg(preview, preview_of(picture))
    report(2, 2, "preview")
    return {
        "width": picture.shape[1],
        "height": picture.shape[0],
        "bits": 16 if picture.dtype == np.uint16 else 8,
        "kind": kind,
        "has_alpha": bool(picture.shape[2] == 4 and (picture[:, :, 3] < top).any()),
        "preview": str(preview) if preview else None,
    }
