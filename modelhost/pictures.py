"""Pictures and films on their way into a pipeline and out of it. 8-bit sRGB, as models take and give them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from compositing.errors import Refused
from compositing.io.writer import VideoWriter

Image.MAX_IMAGE_PIXELS = 8192 * 8192
LONGEST_PREVIEW = 320


def opened(path: Path) -> Image.Image:
    """A stored still. Raises Refused for what is no picture."""
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture.copy()
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(
            f"{path.name[:12]} is no still picture that a model could start from. Choose a PNG or JPEG.",
            code="draw_no_picture", name=path.name[:12],
        ) from error  # fmt: skip


def grey_depth(picture: Image.Image) -> Image.Image:
    """A depth map as ControlNets were trained on: near is bright, over the whole range, three channels.

    Takes 8-bit pictures as they are, and 16-bit ones (65535 x near / metres, 0 the sky) stretched.
    """
    if picture.mode in ("RGB", "RGBA", "L", "P"):
        return picture.convert("RGB")
    values = np.asarray(picture, np.float32)
    top = float(np.percentile(values, 99.5)) or 1.0
    flat = (np.clip(values / top, 0, 1) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(flat).convert("RGB")


def cover(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The picture scaled to fill width x height, its overhang cut off evenly."""
    factor = max(width / picture.width, height / picture.height)
    size = max(width, round(picture.width * factor)), max(height, round(picture.height * factor))
    grown = picture.resize(size, Image.Resampling.LANCZOS)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return grown.crop((left, top, left + width, top + height))


def grown(frame: NDArray, width: int, height: int) -> NDArray:
    """(H, W, 3) float 0..1 scaled to fill width x height, its overhang cut off evenly."""
    seen = Image.fromarray((np.clip(frame, 0, 1) * 255 + 0.5).astype(np.uint8))
    return np.asarray(cover(seen, width, height), np.float32) / 255


def outpainted(picture: Image.Image, width: int, height: int) -> tuple[Image.Image, Image.Image]:
    """(canvas, mask) for drawing on around a picture that is fitted inside width x height.

    The new area starts from the picture's own stretched edge; the mask (white: draw here) reaches a little into it.
    """
    factor = min(width / picture.width, height / picture.height)
    size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
    small = picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    padding = ((top, height - size[1] - top), (left, width - size[0] - left), (0, 0))
    canvas = Image.fromarray(np.pad(np.asarray(small), padding, mode="edge"))
    overlap = max(2, min(size) // 32)
    mask = np.full((height, width), 255, np.uint8)
    rows = slice(top + (overlap if top else 0), top + size[1] - (overlap if top else 0))
    columns = slice(left + (overlap if left else 0), left + size[0] - (overlap if left else 0))
    mask[rows, columns] = 0
    return canvas, Image.fromarray(mask)


def kept(drawn: Image.Image, before: Image.Image, mask: Image.Image) -> Image.Image:
    """What was drawn where the mask is white, and the untouched picture elsewhere, with a soft seam."""
    soft = mask.convert("L").filter(ImageFilter.GaussianBlur(max(1, min(mask.size) // 128)))
    return Image.composite(drawn.convert("RGB"), before.convert("RGB"), soft)


def middle(picture: Image.Image, width: int, height: int) -> Image.Image:
    """The middle width x height of a picture that is at least that large."""
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


def write_png(path: Path, picture: Image.Image) -> None:
    """Whole or not at all: written beside and renamed. One compression level, so that bytes repeat."""
    part = path.with_name(f".{path.name}.part")
    picture.save(part, "PNG", compress_level=6)
    _keep(part, path)


def write_preview(path: Path, pixels: NDArray, width: int, height: int) -> None:
    """A small JPEG of (H, W, 3) uint8, in the proportions of width x height."""
    factor = LONGEST_PREVIEW / max(width, height)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    part = path.with_name(f".{path.name}.part")
    Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC).save(part, "JPEG", quality=80)
    os.replace(part, path)  # only a preview: it need not survive a crash


def write_clip(path: Path, frames: NDArray, width: int, height: int, fps_num: int, fps_den: int) -> None:
    """(F, H, W, 3) uint8 as H.264 without visible loss; its middle width x height."""
    top, left = (frames.shape[1] - height) // 2, (frames.shape[2] - width) // 2
    with VideoWriter(path, width, height, fps_num, fps_den, crf=6, keyint=1) as writer:
        for frame in frames:
            writer.write(np.ascontiguousarray(frame[top : top + height, left : left + width]))


def _keep(part: Path, path: Path) -> None:
    with part.open("rb+") as handle:
        os.fsync(handle.fileno())
    os.replace(part, path)
