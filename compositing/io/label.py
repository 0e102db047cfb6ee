"""The burned label ("AI生成") and the head credit: drawn into frames, and measured again in decoded pixels.

The rule (GB 45438-2025, read through copies): on the opening picture, at least 2 s, text at least 5 % of the shortest
side. It is met by the lowest character, and never believed from a font size: 54 asked drew 40 to 48 pixels elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from compositing.errors import Refused
from compositing.io.lettering import Box, Ink, em_for, letter
from compositing.io.video import frame_total, open_frames, video_info

TEXT = "AI生成"
HEIGHT_PERMILLE = 56  # of the short side; 50 is the rule, the rest survives rounding and the encoder
SECONDS_MILLI = 3_000
PLATE_DARKNESS = 0.68  # black behind the letters: under them nothing is brighter than a third of white
WEIGHT = 700
# The label's top left, in thousandths of width and height: below a phone's tabs, clear of the buttons on the right.
LEFT_MILLI, TOP_MILLI = 60, 90
CREDIT_MILLI = 740  # the credit's middle, above a phone's caption
ALIKE = 0.55  # how much of drawn and seen letters must overlap to call it the label

LEAST_CREDIT_PX = 8  # below, a character has no pixel left that is surely ink


@dataclass(frozen=True)
class Placed:
    """One piece of text at its place: `plate` is the dark box behind it, (x, y) the ink's top left."""

    ink: Ink
    x: int
    y: int
    plate: Box


def place_label(text: str, width: int, height: int, height_permille: int = HEIGHT_PERMILLE) -> Placed:
    """Where the label stands in a width x height picture, its lowest character `height_permille` of the short side."""
    glyph_px = ceil(min(width, height) * height_permille / 1000)
    ink = letter(text, em_for(text, glyph_px, WEIGHT), WEIGHT)
    rows, columns = ink.coverage.shape
    pad = max(2, round(glyph_px * 0.35))
    x, y = round(width * LEFT_MILLI / 1000) + pad, round(height * TOP_MILLI / 1000) + pad
    if x + columns + pad > width or y + rows + pad > height:
        raise Refused(
            f"The label {text!r} is too long for a picture {width} wide. Use a shorter text such as {TEXT}.",
            code="label_too_long",
            text=text,
            width=width,
        )
    return Placed(ink, x, y, (x - pad, y - pad, x + columns + pad, y + rows + pad))


def place_credit(text: str, width: int, height: int, height_permille: int) -> list[Placed]:
    """The credit's lines, centred, broken where they would be wider than nine tenths of the picture."""
    em = max(LEAST_CREDIT_PX, min(width, height) * height_permille / 1000)
    lines: list[str] = [""]
    for char in " ".join(text.split()):
        if lines[-1] and letter(lines[-1] + char, em, 500).coverage.shape[1] > width * 0.88:
            lines.append("")
        lines[-1] = (lines[-1] + char).lstrip()
    placed, pad = [], max(2, round(em * 0.4))
    for number, line in enumerate(line for line in lines if line):
        ink = letter(line, em, 500)
        x = (width - ink.coverage.shape[1]) // 2
        y = round(height * CREDIT_MILLI / 1000 + number * em * 1.5)
        placed.append(
            Placed(ink, x, y, (x - pad, y - pad, x + ink.coverage.shape[1] + pad, y + ink.coverage.shape[0] + pad))
        )
    return placed


def burn(picture: NDArray[np.uint8], pieces: list[Placed]) -> NDArray[np.uint8]:
    """A copy of the picture, (H, W, 3) uint8, with white letters on dark plates."""
    out = picture.copy()
    for piece in pieces:
        left, top, right, bottom = piece.plate
        left, top = max(0, left), max(0, top)
        under = out[top:bottom, left:right].astype(np.float32) * (1 - PLATE_DARKNESS)
        cover = np.zeros((*under.shape[:2], 1), np.float32)
        rows, columns = piece.ink.coverage.shape
        cover[piece.y - top : piece.y - top + rows, piece.x - left : piece.x - left + columns, 0] = piece.ink.coverage
        out[top:bottom, left:right] = np.round(under * (1 - cover) + 245 * cover).astype(np.uint8)
    return out


@dataclass(frozen=True)
class LabelMeasure:
    """What decoded pixels say. height_px: the lowest character (0: no label); short_side: of the picture; frames: how
    many at the opening show it without a gap; end_frames: at the end; fps: the film's rate."""

    text: str
    height_px: int
    short_side: int
    frames: int
    end_frames: int
    fps: Fraction

    @property
    def permille(self) -> int:
        """Thousandths of the short side, rounded down."""
        return self.height_px * 1000 // self.short_side

    def meets(self, least_permille: int = 50, least_seconds: Fraction | int = 2) -> bool:
        """Whether it is high enough and at the opening for long enough."""
        return self.height_px * 1000 >= least_permille * self.short_side and self.frames >= least_seconds * self.fps


def _seen(picture: NDArray[np.uint8], piece: Placed) -> tuple[float, int]:
    """(overlap 0..1 of the drawn letters and the bright pixels at their place, height in pixels of the lowest one)."""
    left, top, right, bottom = piece.plate
    part = picture[top:bottom, left:right].astype(np.float32).mean(axis=2)
    drawn = np.zeros(part.shape, bool)
    rows, columns = piece.ink.coverage.shape
    y, x = piece.y - top, piece.x - left
    drawn[y : y + rows, x : x + columns] = piece.ink.coverage >= 0.5
    bright, dark = float(np.median(part[drawn])), float(np.median(part[~drawn]))
    if bright - dark < 60:
        return 0.0, 0
    seen = part > (bright + dark) / 2
    union = np.count_nonzero(seen | drawn)
    overlap = np.count_nonzero(seen & drawn) / union if union else 0.0
    heights = []
    for box in piece.ink.boxes:
        column = seen[max(0, y + box[1] - 3) : y + box[3] + 3, max(0, x + box[0]) : x + box[2]]
        lines = np.nonzero(column.any(axis=1))[0]
        heights.append(int(lines[-1] - lines[0] + 1) if lines.size else 0)
    return overlap, min(heights, default=0)


def find_label(picture: NDArray[np.uint8], text: str = TEXT, height_permille: int | None = None) -> Placed | None:
    """The label in one decoded picture, at the size asked for or (None) at whichever fits best; None if absent."""
    height, width = picture.shape[:2]
    best: tuple[float, Placed | None] = (ALIKE, None)
    for permille in range(20, 121) if height_permille is None else (height_permille,):
        try:
            piece = place_label(text, width, height, permille)
        except Refused as error:
            if error.code == "label_too_long":
                break
            raise
        overlap, _ = _seen(picture, piece)
        if overlap >= best[0]:
            best = (overlap, piece)
    return best[1]


def measure_label(path: str | Path, text: str = TEXT, height_permille: int | None = None) -> LabelMeasure:
    """Look for the burned label in a film's decoded pixels: at its opening and at its end.

    height_permille: the size it was asked for, or None to find it out. Raises Refused and MediaError as reading does.
    """
    info = video_info(path)
    total = frame_total(path)
    short = min(info.display_width, info.display_height)
    heights: list[int] = []
    piece: Placed | None = None
    for picture in open_frames(path):
        if piece is None:
            piece = find_label(picture, text, height_permille)
            if piece is None:
                break
        overlap, height_px = _seen(picture, piece)
        if overlap < ALIKE:
            break
        heights.append(height_px)
    end_frames = len(heights)
    if piece is not None and len(heights) < total:
        end_frames = 0
        for picture in open_frames(path, start=max(len(heights), total - ceil(10 * info.fps))):
            end_frames = end_frames + 1 if _seen(picture, piece)[0] >= ALIKE else 0
    # The lowest of all frames but the worst tenth: one frame's noise must not decide, a fade may not hide.
    steady = sorted(heights)[len(heights) // 10] if heights else 0
    return LabelMeasure(text, steady, short, len(heights), end_frames, info.fps)
