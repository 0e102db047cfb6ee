"""Two peers for clips whose truth is known: what a person would reach with common tools, tuned on the true alpha.

`ffmpeg`: the filters chromakey and despill through PyAV's filter graph. `numpy_keyer`: colour difference against a
second-order fit of the screen. Both choose their settings on the true alpha of a case's first and last frame, which no
user has: they are the best that such a keyer can do. Only `compositing.quality` uses this.
"""

import itertools
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.filter import Graph
from av.video.reformatter import Colorspace
from numpy.typing import NDArray

from compositing.colour import Picture, Plane, code8, linear_from_coded
from compositing.io.pictures import read_picture
from compositing.io.video import open_frames

Cut = tuple[Picture, Plane]  # straight linear colour (H, W, 3) and alpha (H, W)

FFMPEG_GRID = tuple(itertools.product((0.01, 0.02, 0.035, 0.05, 0.08, 0.12, 0.17), (0.03, 0.08, 0.15, 0.25)))
NUMPY_GRID = tuple(
    itertools.product((True, False), ("maximum", "mean"), (0.0, 0.02, 0.05, 0.1), (0.75, 0.8, 0.9, 0.95, 1.0))
)


class Case:
    """A truth case's files, read: coded frames (H, W, 3) float32, true mattes (H, W), facts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.facts = json.loads((folder / "case.json").read_text())
        self.channel = {"green": 1, "blue": 2}[str(self.facts["screen"])]
        self.coded: list[Picture] = [
            np.asarray(f[..., :3] / np.float32(65535)) for f in open_frames(folder / "source.mp4", bits=16)
        ]
        paths = sorted((folder / "alpha").glob("*.png"))
        self.truth: list[Plane] = [
            np.asarray(read_picture(path)[..., 0] / np.float32(65535), np.float32) for path in paths
        ]
        ground = read_picture(folder / "background.png")[..., :3]
        self.ground = linear_from_coded(np.ascontiguousarray(ground))

    @property
    def ends(self) -> tuple[int, int]:
        return 0, len(self.truth) - 1

    def linear(self, index: int) -> Picture:
        return linear_from_coded(_coded16(self.coded[index]))

    @cache  # noqa: B019 (a case lives as long as its tuning)
    def screen(self, index: int, light: bool) -> Picture:
        """The fitted screen of a frame, of linear or of coded light."""
        return fitted_screen(self.linear(index) if light else self.coded[index], self.channel)

    def screen8(self) -> tuple[int, int, int]:
        """The screen's coded colour, measured where the first frame's true alpha is 0."""
        red, green, blue = np.round(np.median(self.coded[0][self.truth[0] <= 0], axis=0) * 255).astype(int)
        return int(red), int(green), int(blue)


def missed(cuts: Iterable[Plane], truth: Sequence[Plane]) -> float:
    """Mean absolute difference: what both peers are tuned by."""
    return float(np.mean([np.abs(cut - true).mean() for cut, true in zip(cuts, truth, strict=True)]))


def ffmpeg(case: Case, similarity: float, blend: float, only: Sequence[int] | None = None) -> list[Cut]:
    """chromakey and despill on the frames `only` (all when None)."""
    key = "0x{:02x}{:02x}{:02x}".format(*case.screen8())
    cuts: list[Cut] = []
    with av.open(str(case.folder / "source.mp4")) as film:
        stream = film.streams.video[0]
        graph: Any = Graph()
        entry = graph.add_buffer(template=stream, time_base=stream.time_base)
        chroma = graph.add("chromakey", f"{key}:{similarity}:{blend}")
        # The filter's defaults suit green; on blue they turn cloth purple.
        despill = graph.add("despill", "green" if case.channel == 1 else "type=blue:green=0:blue=-1")
        sink = graph.add("buffersink")
        for one, next_ in ((entry, chroma), (chroma, despill), (despill, sink)):
            one.link_to(next_)
        graph.configure()
        for index, frame in enumerate(film.decode(stream)):
            if only is not None and index not in only:
                continue
            frame.colorspace = Colorspace.ITU709
            entry.push(frame)
            coded = sink.pull().to_ndarray(format="rgba64le").astype(np.float32) / 65535
            cuts.append((linear_from_coded(_coded16(coded[..., :3])), np.ascontiguousarray(coded[..., 3])))
    return cuts


def _coded16(coded: Picture) -> NDArray[np.uint16]:
    return np.ascontiguousarray(np.round(np.clip(coded, 0, 1) * 65535).astype(np.uint16))


def fitted_screen(picture: Picture, channel: int) -> Picture:
    """(H, W, 3) the median of what is clearly screen, then what is seen nearby, coarse to fine."""
    others = [c for c in range(3) if c != channel]
    strength = picture[..., channel] - picture[..., others].max(-1)
    sure = (strength > 0.55 * np.percentile(strength, 90)).astype(np.uint8)
    sure = cv2.erode(sure, np.ones((5, 5), np.uint8)).astype(np.float32)[..., None]
    out = np.broadcast_to(np.median(picture[sure[..., 0] > 0], axis=0), picture.shape).astype(np.float32)
    for part in (0.3, 0.1, 0.03):
        sigma = part * picture.shape[1]
        weight = cv2.GaussianBlur(sure, (0, 0), sigma)[..., None]
        out = (cv2.GaussianBlur(picture * sure, (0, 0), sigma) + np.float32(0.05) * out) / (weight + np.float32(0.05))
    return np.maximum(out, np.float32(1e-4))


def difference(picture: Picture, screen: Picture, channel: int, rule: str) -> Plane:
    """(H, W) how much of the screen shows: the screen's channel over the larger, or the mean, of the other two."""
    others = [c for c in range(3) if c != channel]

    def over(rgb: Picture) -> Plane:
        pair = rgb[..., others]
        return np.asarray(rgb[..., channel] - (pair.max(-1) if rule == "maximum" else pair.mean(-1)), np.float32)

    return np.asarray(over(picture) / np.maximum(over(screen), 1e-3), np.float32)


def numpy_keyer(case: Case, setting: tuple[bool, str, float, float], only: Sequence[int]) -> list[Cut]:
    """Colour difference, clipped at both ends, unmixed with the fit and despilled by the rule it keys by."""
    light, rule, black, white = setting
    others = [c for c in range(3) if c != case.channel]
    cuts = []
    for index in only:
        linear = case.linear(index)
        alpha = 1 - difference(linear if light else case.coded[index], case.screen(index, light), case.channel, rule)
        alpha = np.clip((alpha - black) / (white - black), 0, 1).astype(np.float32)
        unmixed = np.maximum(linear - (1 - alpha[..., None]) * case.screen(index, True), 0)
        colour = unmixed / np.maximum(alpha, 0.02)[..., None]
        pair = colour[..., others]
        limit = pair.max(-1) if rule == "maximum" else pair.mean(-1)
        colour[..., case.channel] = np.minimum(colour[..., case.channel], limit)
        cuts.append((np.clip(colour, 0, 1).astype(np.float32), alpha))
    return cuts


def tuned(case: Case) -> dict[str, tuple[Any, list[Cut]]]:
    """Each peer's (setting, every frame cut out) with the setting that misses the true alpha of both ends least."""
    ends = [case.truth[i] for i in case.ends]
    best = min(FFMPEG_GRID, key=lambda s: missed((a for _, a in ffmpeg(case, s[0], s[1], case.ends)), ends))
    own = min(NUMPY_GRID, key=lambda s: missed((a for _, a in numpy_keyer(case, s, case.ends)), ends))
    return {
        "ffmpeg": (best, ffmpeg(case, *best)),
        "numpy_keyer": (own, numpy_keyer(case, own, range(len(case.truth)))),
    }  # fmt: skip


def comps(case: Case, cuts: Sequence[Cut]) -> list[NDArray[np.uint8]]:
    """(H, W, 3) sRGB each: over the case's background, in linear light."""
    return [code8((a[..., None] * rgb + (1 - a[..., None]) * case.ground).astype(np.float32)) for rgb, a in cuts]
