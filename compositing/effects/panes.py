"""Drops on a place's windows: they keep to their panes, get smaller and softer with them, and go along with them when
the camera moves."""

import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.effects.glass import drop_shapes
from compositing.effects.lives import Lives, Numbers, shown
from compositing.effects.shapes import ANGLE, BLUE, COVER, LONG, RED, SOFT, WIDE, X, Y, covered, lay, shapes
from compositing.effects.windows import Windows

# A drop drawn over the whole picture lies on glass about a metre off; on a window it is drawn as if that were so many
# times nearer than it is, down to a share of that size: true drops eight metres off could not be seen.
NEARER, SMALLEST = 3.4, 0.42
TRIED = 6000  # places on the panes that drops are chosen from
FINER = 5.0  # times as many as on a pane before the lens, of the same share of the picture
KEEPS = 0.25  # of the place's own soft focus: drops catch the light, and are seen through it


def drops_on_panes(params: dict[str, Any], **form: int) -> Iterator[NDArray[np.uint16]]:
    """Yield (H, W, 4) uint16 sRGB, straight alpha. params["windows"]: where they lie, see effects/windows.py."""
    windows: Windows = params["windows"]
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    rng = np.random.default_rng(form["seed"])
    unit = height / 1920 * (0.8 + 1.6 * params["size"] / 100)
    masks = windows.masks(form["frames"])
    first = next(masks)
    share = float(first.mean())
    pane, across, up = _chosen(windows, rng, first)
    beads = min(len(pane), round((40 + 900 * params["density"] / 100) * FINER * share))
    running = min(len(pane) - beads, round((4 + 60 * params["running"] / 100) * math.sqrt(share) * 1.6))
    own = unit * (2 + 13 * rng.random(beads) ** 3)
    life = Lives.over(running, form["frames"], fps, rng.uniform(2.2, 4.5, running), form["seed"] + 1)
    heavy = unit * (8 + 7 * life.own[:, 0])
    tone = np.array(windows.ground.tones()[0])
    still = slice(0, beads)
    runs = slice(beads, beads + running)
    tall = windows.panes[pane[runs], 4] - windows.panes[pane[runs], 2]
    tall = np.where(
        windows.panes[pane[runs], 0] == 0, tall, windows.panes[pane[runs], 5] - windows.panes[pane[runs], 3]
    )
    bed: NDArray[np.float32] | None = None
    box = _box(first)
    for n in range(form["frames"]):
        mask = first if n == 0 else next(masks)
        here = windows.ground.at(n)
        if bed is None or windows.ground.way is not None:
            box = _box(mask)  # only there is anything to be drawn
            bed = np.zeros((box[0].stop - box[0].start, box[1].stop - box[1].start, 4), np.float32)
            x, y, size, seen = _seen(windows, n, pane[still], across[still], up[still], own)
            parts = drop_shapes(x, y, size, params)
            parts[:, COVER] *= np.tile(seen, 3)
            _toned(parts, tone, box)
            lay(bed, parts)
        picture = bed.copy()
        age, chance = life.at(n)
        gone = np.clip((age - 0.18) / 0.82, 0, 1) ** 1.5
        gone = gone - 0.035 * np.sin(gone * 6 * math.pi)
        way = np.minimum(tall, 1.9) * (0.35 + 0.5 * chance[:, 2])
        top = up[runs] + (0.5 * chance[:, 0]) * tall * 0.4
        beside = across[runs] + 0.35 * (chance[:, 1] - 0.5) + 0.006 * np.sin(gone * 9 + chance[:, 3] * 6)
        x, y, size, seen = _seen(windows, n, pane[runs], beside, top - gone * way, heavy)
        _, y0, _, _ = _seen(windows, n, pane[runs], beside, top, heavy)
        seen = seen * shown(age, 0.12, 0.1)
        trail = shapes(running)
        trail[:, X], trail[:, Y] = x, (y + y0) / 2
        trail[:, LONG], trail[:, WIDE], trail[:, ANGLE] = np.maximum(y - y0, 1) / 2, size * 0.5, math.pi / 2
        trail[:, RED : BLUE + 1], trail[:, SOFT] = (0.80, 0.85, 0.90), 0.5
        trail[:, COVER] = 0.22 * params["opacity"] / 100 * seen
        _toned(trail, tone, box)
        lay(picture, trail)
        parts = drop_shapes(x, y, size, params)
        parts[:, COVER] *= np.tile(seen, 3)
        _toned(parts, tone, box)
        lay(picture, parts)
        blur = KEEPS * here.blur_share(float(np.median(_far(windows, n, pane, across, up)))) * height
        if blur > 0.3:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32)
        picture *= mask[box][..., None]
        whole = np.zeros((height, width, 4), np.uint16)
        whole[box] = covered(picture)
        yield whole


def _box(mask: NDArray[np.float32]) -> tuple[slice, slice]:
    """The smallest part of the picture that holds all of a mask; a corner where there is none."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return slice(0, 2), slice(0, 2)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _toned(parts: NDArray[np.float32], tone: Numbers, box: tuple[slice, slice]) -> None:
    """Drops shine by the place's light, at night less; and they are moved into `box`."""
    parts[:, RED : BLUE + 1] *= np.clip(0.55 + 0.45 * tone, 0, 1)
    parts[:, X] -= box[1].start
    parts[:, Y] -= box[0].start


def _points(windows: Windows, pane: NDArray[np.int64], across: Numbers, up: Numbers) -> Numbers:
    """(K, 3) metres in the place of what lies `across` and `up` on panes."""
    at = windows.panes[pane]
    sideways = at[:, 0] == 0
    return np.stack([np.where(sideways, at[:, 1], across), up, np.where(sideways, across, at[:, 1])], 1)


def _far(windows: Windows, n: int, pane: NDArray[np.int64], across: Numbers, up: Numbers) -> Numbers:
    return windows.seen_at(_points(windows, pane, across, up), n)[2] if len(pane) else np.ones(1)


def _seen(
    windows: Windows, n: int, pane: NDArray[np.int64], across: Numbers, up: Numbers, size: Numbers
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """(x, y, size in pixels, 1 where before the camera) of drops at frame n."""
    x, y, far = windows.seen_at(_points(windows, pane, across, up), n)
    scale = np.clip(NEARER / np.maximum(far, 0.1), SMALLEST, 1.0)
    return x, y, size * scale, np.asarray(far > 0.1, np.float64)


def _chosen(
    windows: Windows, rng: np.random.Generator, mask: NDArray[np.float32]
) -> tuple[NDArray[np.int64], Numbers, Numbers]:
    """(pane, metres across, metres up) of places on the glass that show at the first frame, in a drawn order."""
    height, width = mask.shape
    panes = windows.panes
    wide, tall = panes[:, 4] - panes[:, 2], panes[:, 5] - panes[:, 3]
    pane = rng.choice(len(panes), TRIED, p=wide * tall / (wide * tall).sum())
    one = panes[pane, 2] + rng.random(TRIED) * wide[pane]
    other = panes[pane, 3] + rng.random(TRIED) * tall[pane]
    sideways = panes[pane, 0] == 0  # there the first of the two axes is the height
    across, up = np.where(sideways, other, one), np.where(sideways, one, other)
    x, y, far = windows.seen_at(_points(windows, pane, across, up), 0)
    column, row = (np.clip(v, 0, top - 1).astype(int) for v, top in ((x, width), (y, height)))
    inside = (far > 0.1) & (x > 0) & (x < width) & (y > 0) & (y < height) & (mask[row, column] > 0.5)
    return pane[inside], across[inside], up[inside]
