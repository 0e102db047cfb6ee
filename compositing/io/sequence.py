"""A zip of PNG, TIFF or EXR pictures read as a film: frame by frame, at whatever rate it is asked for.

PNG and TIFF are sRGB-coded, EXR and float TIFF are linear light. A picture that is missing or damaged holds the one
before it and is noted, as in `compositing.io.reader`; one of another size is refused by its name.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from compositing.errors import MediaError, Refused
from compositing.io.colours import planes_of_rgb
from compositing.io.container import MAX_PIXELS, no_frames, too_many_pixels
from compositing.io.exr import read_exr, read_header
from compositing.io.geometry import crop_for, scale
from compositing.io.pictures import decode_picture
from compositing.io.tiff import read_tiff
from compositing.io.zipped import MOST_ENTRIES, Listing, is_zip, listing, read_entry

__all__ = ["Sequence", "is_zip", "listing", "sequence_frames"]


@dataclass
class Sequence:
    """One open zip of pictures. Use as a context manager. `damaged` fills while reading: frames missing or broken.

    linear: whether its numbers are light (EXR, float TIFF) and premultiplied, not sRGB-coded and straight.
    """

    path: Path
    max_pixels: int = MAX_PIXELS
    max_frames: int = MOST_ENTRIES
    damaged: set[int] = field(default_factory=set)
    size: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        self.path = Path(self.path)
        self.listing: Listing = listing(self.path, max_frames=self.max_frames)

    def __enter__(self) -> Self:
        self._box = zipfile.ZipFile(self.path)
        return self

    def __exit__(self, *error: Any) -> None:
        self._box.close()

    @property
    def count(self) -> int:
        return len(self.listing.names)

    def picture(self, place: int) -> NDArray:
        """Frame `place` (from 0) as its file stores it: (H, W, 3 or 4) uint8, uint16, or float32 for linear light.

        Raises MediaError for one that is missing or damaged, Refused for too many pixels or another size.
        """
        inside = self.listing.names[place]
        if inside is None:
            number = self.listing.first + place
            raise MediaError(f"Frame {number} is missing.", code="missing_frame", name=self.path.name, frame=number)
        data = read_entry(self._box, inside)
        picture = {"png": self._png, "tiff": self._tiff, "exr": self._exr}[self.listing.kind](data, inside)
        shape = (picture.shape[1], picture.shape[0])
        if self.size is None:
            self.size = shape
        elif shape != self.size:
            raise Refused(
                f"{inside} is {shape[0]} × {shape[1]} and the pictures before it are {self.size[0]} × {self.size[1]}. "
                "A sequence has one size: export it again.",
                code="zip_sizes", name=inside, width=shape[0], height=shape[1],
                first_width=self.size[0], first_height=self.size[1],
            )  # fmt: skip
        return picture

    def _check(self, width: int, height: int, inside: str) -> None:
        if width * height > self.max_pixels:
            raise too_many_pixels(inside, width, height, self.max_pixels)

    def _png(self, data: bytes, inside: str) -> NDArray:
        try:
            return decode_picture(data, inside, max_pixels=self.max_pixels)
        except MediaError:
            raise
        except Refused as error:
            if error.code == "not_a_picture":
                raise _damaged(inside) from error
            raise

    def _tiff(self, data: bytes, inside: str) -> NDArray:
        return read_tiff(data, inside, self.max_pixels)

    def _exr(self, data: bytes, inside: str) -> NDArray:
        head = read_header(data, inside)
        self._check(max(head.width, head.data_width), max(head.height, head.data_height), inside)
        picture = read_exr(data, inside, self.max_pixels)
        if head.chromaticities is not None:
            picture = _in_709(picture, head.chromaticities)
        return picture

    @property
    def linear(self) -> bool:
        return self.listing.kind == "exr"

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, NDArray]]:
        """(number, picture) from `start` to before `stop`; a missing or damaged one holds the last whole one before it
        (or the first there is). Raises MediaError (no_frames) when there is none at all.
        """
        stop = self.count if stop is None else min(stop, self.count)
        held: NDArray | None = None
        for place in range(start, stop):
            try:
                held = self.picture(place)
            except MediaError:
                self.damaged.add(place)
                if held is None:
                    held = self._whole_beside(place)
            yield place, held

    def _whole_beside(self, place: int) -> NDArray:
        for other in [*range(place - 1, -1, -1), *range(place + 1, self.count)]:
            try:
                return self.picture(other)
            except MediaError:
                continue
        raise no_frames(self.path.name)

    def rate(self) -> Fraction | None:
        """The frames a second that the first EXR names; None where none does."""
        inside = next((name for name in self.listing.names if name), None)
        if self.listing.kind != "exr" or inside is None:
            return None
        try:
            return read_header(read_entry(self._box, inside), inside).fps
        except MediaError:
            return None


def _damaged(name: str) -> MediaError:
    return MediaError(f"{name} is damaged and cannot be read. Export it again.", code="damaged_picture", name=name)


def _in_709(picture: NDArray, xy: tuple[float, ...]) -> NDArray:
    # Loaded by need, as in `compositing.io.colours`: it brings a compiler, and a child that probes has no room for it.
    from compositing.transfer import gamut_matrix

    primaries = ((xy[0], xy[1]), (xy[2], xy[3]), (xy[4], xy[5]), (xy[6], xy[7]))
    if min(y for _x, y in primaries) <= 0:
        return picture
    matrix = gamut_matrix(primaries).astype(np.float32)
    if np.abs(matrix - np.eye(3)).max() < 2e-3:
        return picture
    out = np.empty_like(picture)
    out[..., :3] = picture[..., :3] @ matrix.T
    out[..., 3:] = picture[..., 3:]
    return out


def coded16(picture: NDArray, *, alpha: bool) -> NDArray:
    """(H, W, 3 or 4) uint16 sRGB-coded, straight, of a picture as `Sequence.picture` gives it."""
    solid = picture.shape[2] == 4
    if picture.dtype == np.float32:
        from compositing.colour import encode_srgb  # by need: see `_in_709`

        colour = picture[..., :3]
        if solid:
            colour = colour / np.maximum(picture[..., 3:], 1e-4)
        out = np.round(encode_srgb(colour) * 65535).astype(np.uint16)
        clear = np.round(np.clip(picture[..., 3:], 0, 1) * 65535).astype(np.uint16)
    else:
        wide = picture.astype(np.uint16) * (257 if picture.dtype == np.uint8 else 1)
        out, clear = wide[..., :3], wide[..., 3:]
    if not alpha:
        return np.ascontiguousarray(out)
    return np.dstack([out, clear if solid else np.full(out.shape[:2], 65535, np.uint16)])


def _cropped(picture: NDArray, width: int | None, height: int | None, centre: int | None) -> NDArray:
    if not width or not height:
        rows, columns = picture.shape[:2]
        width, height = width or max(2, round(columns * (height or rows) / rows)), height or max(
            2, round(rows * (width or columns) / columns)
        )  # fmt: skip
    part = crop_for(picture.shape[1], picture.shape[0], width, height, centre)
    return scale(picture[part.top : part.top + part.height, part.left : part.left + part.width], width, height)


def sequence_frames(
    path: str | Path,
    *,
    centre_milli: int | None = None,
    width: int | None = None,
    height: int | None = None,
    planes: bool = False,
    start: int = 0,
    stop: int | None = None,
    bits: int = 8,
    alpha: bool = False,
    linear: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Iterator[Any]:
    """What `compositing.io.video.open_frames` yields, of a zip of pictures: each picture is one frame at any rate.

    linear: float32 linear light instead, (H, W, 3), or (H, W, 4) premultiplied with alpha; nothing is clipped.
    """
    with Sequence(Path(path), max_pixels) as sequence:
        made: Any = None
        source: NDArray | None = None
        for _place, picture in sequence.frames(start, stop):
            if picture is not source:
                source = picture
                make = _linear_of if linear else coded16
                made = _cropped(make(picture, alpha=alpha and not planes), width, height, centre_milli)
                if linear:
                    pass
                elif planes:
                    made = planes_of_rgb(made)
                elif bits == 8:
                    made = ((made.astype(np.uint32) + 128) // 257).astype(np.uint8)
            yield made


def _linear_of(picture: NDArray, *, alpha: bool) -> NDArray:
    from compositing.colour import linear_from_coded  # by need: see `_in_709`

    if picture.dtype == np.float32:
        out = picture
    else:
        out = np.asarray(linear_from_coded(picture), np.float32)
        if picture.shape[2] == 4:
            out[..., 3] = picture[..., 3].astype(np.float32) / np.iinfo(picture.dtype).max
            out[..., :3] *= out[..., 3:]
    if not alpha:
        # A keyed picture's own alpha is not used, and its colour is not weakened by it.
        if picture.shape[2] == 4:
            out = out[..., :3] / np.maximum(out[..., 3:], 1e-4)
        return np.ascontiguousarray(np.maximum(out, 0))
    if out.shape[2] == 3:
        out = np.dstack([out, np.ones(out.shape[:2], np.float32)])
    return np.ascontiguousarray(out)
