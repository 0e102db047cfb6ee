"""Chinese and Latin text as coverage, drawn from the font that comes with the install (Noto Sans SC, OFL).

Drawn here, not by FFmpeg or the system: PyAV has no drawtext, a server has no CJK font, and the same text must give the
same pixels everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from fontTools.pens.basePen import BasePen  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from numpy.typing import NDArray

from compositing.errors import EngineError, Refused

PACKAGE, FONT = "justmytype_intl_cjk", "fonts/ofl/notosanssc/NotoSansSC[wght].ttf"
OVERSAMPLE = 4
CURVE_STEPS = 6

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Ink:
    """coverage: (H, W) float32 0..1, cropped to the text's own ink. boxes: (left, top, right, bottom) of each letter
    or digit that has ink, in text order (punctuation and spaces left out)."""

    coverage: NDArray[np.float32]
    boxes: tuple[Box, ...]


class _Outline(BasePen):  # type: ignore[misc]  # fontTools ships no types
    """A glyph's contours as polylines in font units."""

    def __init__(self, glyphs: Any) -> None:
        super().__init__(glyphs)
        self.contours: list[list[tuple[float, float]]] = []

    def _moveTo(self, point: tuple[float, float]) -> None:
        self.contours.append([point])

    def _lineTo(self, point: tuple[float, float]) -> None:
        self.contours[-1].append(point)

    def _curveToOne(self, a: tuple[float, float], b: tuple[float, float], end: tuple[float, float]) -> None:
        start = self.contours[-1][-1]
        for step in range(1, CURVE_STEPS + 1):
            t = step / CURVE_STEPS
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            x, y = (sum(w * p[axis] for w, p in zip(weights, (start, a, b, end), strict=True)) for axis in (0, 1))
            self.contours[-1].append((x, y))


@lru_cache(maxsize=1)
def _font() -> TTFont:
    try:
        path = files(PACKAGE) / FONT
    except ModuleNotFoundError as error:
        raise EngineError(
            "The Chinese font is not installed, so no label can be drawn. Install the package justmytype-intl-cjk.",
            code="no_font",
        ) from error
    return TTFont(str(path), lazy=True)


@lru_cache(maxsize=512)
def _glyph(letter: str, weight: int) -> tuple[tuple[NDArray[np.float64], ...], float]:
    """(contours in em units with y upward, advance in em)."""
    font = _font()
    name = font.getBestCmap().get(ord(letter))
    if name is None:
        raise Refused(f"The font cannot draw {letter!r}. Leave it out of the label.", code="no_glyph", letter=letter)
    glyphs = font.getGlyphSet(location={"wght": weight})
    pen = _Outline(glyphs)
    glyphs[name].draw(pen)
    em = font["head"].unitsPerEm
    return tuple(np.array(points, float) / em for points in pen.contours if len(points) > 2), glyphs[name].width / em


def _fill(contours: list[NDArray[np.float64]], height: int, width: int) -> NDArray[np.bool_]:
    """Non-zero winding: a variable font's strokes overlap, and even-odd filling would punch holes where they do."""
    winding = np.zeros((height, width), np.int16)
    for points in contours:
        x, y = points[:, 0], points[:, 1]
        turn = 1 if float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) > 0 else -1
        shape = np.zeros((height, width), np.uint8)
        cv2.fillPoly(shape, [np.round(points * 16).astype(np.int32)], 1, lineType=cv2.LINE_8, shift=4)
        winding += turn * shape.astype(np.int16)
    return winding != 0


def em_for(text: str, glyph_px: float, weight: int = 700) -> float:
    """The font size in pixels at which the *lowest* letter or digit of `text` is drawn `glyph_px` high.

    A rule that says "text at least 54 px" is met by every character then, the A as well as 生.
    """
    heights = [
        max(float(c[:, 1].max()) for c in contours) - min(float(c[:, 1].min()) for c in contours)
        for letter in text
        if letter.isalnum() and (contours := _glyph(letter, weight)[0])
    ]
    if not heights:
        raise Refused("The label has no letters in it. Write what it should say.", code="empty_label")
    return glyph_px / min(heights)


@lru_cache(maxsize=64)
def letter(text: str, em_px: float, weight: int = 700) -> Ink:
    """Draw one line of text at a font size of `em_px` pixels. Raises Refused (no_glyph, empty_label)."""
    size = em_px * OVERSAMPLE
    margin = OVERSAMPLE * 2
    pen_x, spans = float(margin), []
    for char in text:
        contours, advance = _glyph(char, weight)
        spans.append([np.stack([pen_x + c[:, 0] * size, -c[:, 1] * size], axis=1) for c in contours])
        pen_x += advance * size
    drawn = [c for contours in spans for c in contours]
    if not drawn:
        raise Refused("The label has no letters in it. Write what it should say.", code="empty_label")
    left = min(float(c[:, 0].min()) for c in drawn) - margin
    top = min(float(c[:, 1].min()) for c in drawn) - margin
    width = OVERSAMPLE * -(-int(max(float(c[:, 0].max()) for c in drawn) - left + 2 * margin) // OVERSAMPLE)
    height = OVERSAMPLE * -(-int(max(float(c[:, 1].max()) for c in drawn) - top + 2 * margin) // OVERSAMPLE)
    coverage = np.zeros((height // OVERSAMPLE, width // OVERSAMPLE), np.float32)
    boxes: list[Box] = []
    for char, shapes in zip(text, spans, strict=True):
        if not shapes:
            continue
        filled = _fill([c - (left, top) for c in shapes], height, width).astype(np.float32)
        ink = filled.reshape(height // OVERSAMPLE, OVERSAMPLE, width // OVERSAMPLE, OVERSAMPLE).mean(axis=(1, 3))
        coverage = np.maximum(coverage, ink)
        if char.isalnum():
            rows, columns = np.nonzero(ink.max(axis=1) >= 0.5)[0], np.nonzero(ink.max(axis=0) >= 0.5)[0]
            boxes.append((int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1))
    rows, columns = np.nonzero(coverage.max(axis=1) > 0)[0], np.nonzero(coverage.max(axis=0) > 0)[0]
    x, y = int(columns[0]), int(rows[0])
    cut = coverage[y : rows[-1] + 1, x : columns[-1] + 1]
    return Ink(np.ascontiguousarray(cut), tuple((b[0] - x, b[1] - y, b[2] - x, b[3] - y) for b in boxes))
