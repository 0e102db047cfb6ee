"""The learned edge refiner: a small net corrects the matte in the unknown band, from the plate and its fitted screen.

It works on cells of 2 x 2 pixels, and only on those that touch the band and their neighbours: to the net the rest of
the picture is nothing, in training as here. Solid core and garbage are kept. Everything is expressed against the
screen, so one net serves every colour of screen. Weights are plain numbers in edge_refiner.npz beside this file, made
by `python -m compositing.training` and held to their sha256; the model card is docs/refiner.md.

Every cell is worked out on its own, in one order of additions: the same frame gives the same bytes on any thread.
"""

import contextlib
import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.devices import kernel
from compositing.errors import EngineError
from compositing.keying.screen import Screen
from compositing.layer import row_of

WEIGHTS = Path(__file__).with_name("edge_refiner.npz")
WEIGHTS_SHA256 = ""  # of the file that ships; empty: none does
FEATURES = 24  # four numbers for each of a cell's four pixels, then eight for the cell
CHANNELS = 32
DILATIONS = (1, 2, 4, 2, 1)
LOW, HIGH = 0.01, 0.99  # a matte between these is unknown
REACH = 2.0  # the net may triple what is nearly clear or nearly open, no more: noise on bare screen stays noise
LEAST = np.float32(1e-4)

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Net:
    """enter (24, c), enter_bias (c,); for each layer spread (9, c), spread_bias (c,), mix (c, c), mix_bias (c,) stacked
    along the first axis; leave (c, 4), leave_bias (4,)."""

    enter: Rows
    enter_bias: Rows
    spread: Rows
    spread_bias: Rows
    mix: Rows
    mix_bias: Rows
    leave: Rows
    leave_bias: Rows

    @property
    def parameters(self) -> int:
        return sum(int(values.size) for values in vars(self).values())


SHAPES = {
    "enter": (FEATURES, CHANNELS), "enter_bias": (CHANNELS,), "spread": (len(DILATIONS), 9, CHANNELS),
    "spread_bias": (len(DILATIONS), CHANNELS), "mix": (len(DILATIONS), CHANNELS, CHANNELS),
    "mix_bias": (len(DILATIONS), CHANNELS), "leave": (CHANNELS, 4), "leave_bias": (4,),
}  # fmt: skip


def read_net(path: Path, sha256: str | None = None) -> Net | None:
    """The net in a file of plain arrays, or None where there is no file.

    sha256: what the file's bytes must have. Raises EngineError (damaged_weights) for any other bytes or shapes: a matte
    by half-read weights must not pass for the one that was asked for.
    """
    if not path.is_file():
        return None
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if sha256 is None or found == sha256:
        with (
            contextlib.suppress(ValueError, KeyError, OSError, zipfile.BadZipFile),
            np.load(io.BytesIO(data)) as stored,
        ):
            values = {name: np.ascontiguousarray(stored[name], np.float32) for name in SHAPES}
            if all(values[name].shape == shape for name, shape in SHAPES.items()):
                return Net(**values)
    raise EngineError(
        f"The edge refiner's weights, {path.name}, are not the ones this version was measured with: install the studio "
        "anew, or set the parameter Learned edge to 0 until then.",
        code="damaged_weights", name=path.name, sha256=found,
    )  # fmt: skip


@cache
def shipped() -> Net | None:
    """The net that this version ships with, read once; None where it ships none. Raises EngineError."""
    return read_net(WEIGHTS, WEIGHTS_SHA256) if WEIGHTS_SHA256 else None


def band_cells(alpha: Plane) -> NDArray[np.uint8]:
    """(ceil(H / 2), ceil(W / 2)) 1 for each cell that touches the unknown band, and for its neighbours."""
    height, width = alpha.shape
    rows, columns = (height + 1) // 2, (width + 1) // 2
    touched = np.zeros((rows, columns), np.uint8)
    _touched(alpha, np.float32(LOW), np.float32(HIGH), touched)
    return np.asarray(cv2.dilate(touched, np.ones((3, 3), np.uint8)), np.uint8)


@kernel
def _touched(alpha, low, high, out):  # type: ignore[no-untyped-def]
    for y in range(alpha.shape[0]):
        for x in range(alpha.shape[1]):
            if low < alpha[y, x] < high:
                out[y // 2, x // 2] = 1


@kernel
def _features(linear, low, alpha, cells, along, across, side, noise, index, out):  # type: ignore[no-untyped-def]
    """Number the cells of the band in `index` (-1 elsewhere) and write their rows of 24 into `out`."""
    height, width = alpha.shape
    columns = low.shape[1]
    row = np.empty((columns, low.shape[2]), np.float32)
    step = columns / width
    zero, most = np.float32(0.0), np.float32(3.0)
    count = 0
    for j in range(cells.shape[0]):
        row_of(low, min(2 * j, height - 1), height, row)
        for i in range(cells.shape[1]):
            if cells[j, i] == 0:
                index[j, i] = -1
                continue
            place = min(max((2 * i + 1.0) * step - 0.5, 0.0), columns - 1.0)
            a = int(place)
            b = min(a + 1, columns - 1)
            part = np.float32(place - a)
            b0 = row[a, 0] + part * (row[b, 0] - row[a, 0])
            b1 = row[a, 1] + part * (row[b, 1] - row[a, 1])
            b2 = row[a, 2] + part * (row[b, 2] - row[a, 2])
            f0 = row[a, 3] + part * (row[b, 3] - row[a, 3])
            f1 = row[a, 4] + part * (row[b, 4] - row[a, 4])
            f2 = row[a, 5] + part * (row[b, 5] - row[a, 5])
            b_along = max(b0 * along[0] + b1 * along[1] + b2 * along[2], np.float32(1e-4))
            b_across = (b0 * across[0] + b1 * across[1] + b2 * across[2]) / b_along
            b_light = max(b0 + b1 + b2, np.float32(1e-4))
            for k in range(4):
                y, x = min(2 * j + k // 2, height - 1), min(2 * i + k % 2, width - 1)
                p0, p1, p2 = linear[y, x, 0], linear[y, x, 1], linear[y, x, 2]
                own = (p0 * along[0] + p1 * along[1] + p2 * along[2]) / b_along
                cross = (p0 * across[0] + p1 * across[1] + p2 * across[2]) / b_along - own * b_across
                out[count, 4 * k] = min(max(own, -most), most)
                out[count, 4 * k + 1] = min(max(cross * side, -most), most)
                out[count, 4 * k + 2] = min((p0 + p1 + p2) / b_light, most)
                out[count, 4 * k + 3] = alpha[y, x]
            own = (f0 * along[0] + f1 * along[1] + f2 * along[2]) / b_along
            cross = (f0 * across[0] + f1 * across[1] + f2 * across[2]) / b_along - own * b_across
            out[count, 16] = min(max(own, -most), most)
            out[count, 17] = min(max(cross * side, -most), most)
            out[count, 18] = min((f0 + f1 + f2) / b_light, most)
            out[count, 19] = row[a, 6] + part * (row[b, 6] - row[a, 6])
            out[count, 20] = row[a, 7] + part * (row[b, 7] - row[a, 7])
            out[count, 21] = min(noise * np.float32(20.0), most)
            out[count, 22] = b_along / b_light
            out[count, 23] = np.sqrt(max(b_light, zero))
            index[j, i] = count
            count += 1


def features(
    linear: Picture, maps: NDArray[np.float32], alpha: Plane, screen: Screen, side: float, noise: float
) -> tuple[NDArray[np.int32], Rows]:
    """(index (rows, columns), what the net sees (n, 24)): cells in the band are numbered row by row, others are -1.

    linear: (H, W, 3); maps: (h, w, >= 8) of the keyer; alpha: (H, W) the classical matte. side: 1 or -1, where skin
    lies across the screen's hue; noise: the plate's.
    """
    cells = band_cells(alpha)
    index = np.empty(cells.shape, np.int32)
    out = np.empty((int(cells.sum()), FEATURES), np.float32)
    f = np.float32
    _features(linear, maps, alpha, cells, screen.along, screen.across, f(side), f(noise), index, out)
    return index, out


@kernel
def _enter(rows, weight, bias, out):  # type: ignore[no-untyped-def]
    zero = np.float32(0.0)
    for n in range(rows.shape[0]):
        own = out[n]
        for c in range(CHANNELS):
            own[c] = bias[c]
        for k in range(0, FEATURES, 4):
            a, b, d, e = rows[n, k], rows[n, k + 1], rows[n, k + 2], rows[n, k + 3]
            w0, w1, w2, w3 = weight[k], weight[k + 1], weight[k + 2], weight[k + 3]
            for c in range(CHANNELS):
                own[c] += (a * w0[c] + b * w1[c]) + (d * w2[c] + e * w3[c])
        for c in range(CHANNELS):
            own[c] = max(own[c], zero)


@kernel
def _layer(places, values, spread, spread_bias, mix, mix_bias, out):  # type: ignore[no-untyped-def]
    """One layer: each channel over a cell's 3 x 3 `places`, then all channels mixed and added.

    Written so that 32 channels fill whole vectors and few sums wait for one another. The last row of values is 0: there
    lies what is outside.
    """
    near = np.empty(CHANNELS, np.float32)
    zero = np.float32(0.0)
    s0, s1, s2, s3, s4 = spread[0], spread[1], spread[2], spread[3], spread[4]
    s5, s6, s7, s8 = spread[5], spread[6], spread[7], spread[8]
    for n in range(places.shape[0]):
        v0, v1, v2 = values[places[n, 0]], values[places[n, 1]], values[places[n, 2]]
        v3, v4, v5 = values[places[n, 3]], values[n], values[places[n, 5]]
        v6, v7, v8 = values[places[n, 6]], values[places[n, 7]], values[places[n, 8]]
        for c in range(CHANNELS):
            upper = (s0[c] * v0[c] + s1[c] * v1[c]) + s2[c] * v2[c]
            middle = (s3[c] * v3[c] + s4[c] * v4[c]) + s5[c] * v5[c]
            lower = (s6[c] * v6[c] + s7[c] * v7[c]) + s8[c] * v8[c]
            near[c] = max((upper + middle) + (lower + spread_bias[c]), zero)
        there = out[n]
        for c in range(CHANNELS):
            there[c] = v4[c] + mix_bias[c]
        for k in range(0, CHANNELS, 8):
            a0, a1, a2, a3 = near[k], near[k + 1], near[k + 2], near[k + 3]
            a4, a5, a6, a7 = near[k + 4], near[k + 5], near[k + 6], near[k + 7]
            w0, w1, w2, w3 = mix[k], mix[k + 1], mix[k + 2], mix[k + 3]
            w4, w5, w6, w7 = mix[k + 4], mix[k + 5], mix[k + 6], mix[k + 7]
            for c in range(CHANNELS):
                first = (a0 * w0[c] + a1 * w1[c]) + (a2 * w2[c] + a3 * w3[c])
                second = (a4 * w4[c] + a5 * w5[c]) + (a6 * w6[c] + a7 * w7[c])
                there[c] += first + second
        for c in range(CHANNELS):
            there[c] = max(there[c], zero)


@kernel
def _places(index, apart, none, out):  # type: ignore[no-untyped-def]
    """Write (n, 9) the rows of each cell's neighbours `apart` from one another; `none` where there is no cell."""
    rows, columns = index.shape
    for j in range(rows):
        for i in range(columns):
            n = index[j, i]
            if n < 0:
                continue
            for k in range(9):
                y, x = j + (k // 3 - 1) * apart, i + (k % 3 - 1) * apart
                m = index[y, x] if 0 <= y < rows and 0 <= x < columns else -1
                out[n, k] = m if m >= 0 else none


def places_of(index: NDArray[np.int32], apart: int, count: int) -> NDArray[np.int64]:
    """(count, 9) the rows of each cell's 3 x 3 neighbours, `apart` from one another; `count` where there is no cell.

    index: (n, rows, columns) numbers of the cells of n pictures, -1 where there is none.
    """
    found = np.empty((count, 9), np.int64)
    for picture in index:
        _places(picture, apart, count, found)
    return found


@kernel
def _leave(index, values, weight, bias, core, amount, alpha, out):  # type: ignore[no-untyped-def]
    """Add the net's correction to the matte, pixel by pixel; where the core or nothing reaches, the matte stays."""
    height, width = alpha.shape
    channels = values.shape[1]
    zero, one, reach = np.float32(0.0), np.float32(1.0), np.float32(REACH)
    for j in range(index.shape[0]):
        for i in range(index.shape[1]):
            n = index[j, i]
            if n < 0:
                continue
            for k in range(4):
                y, x = 2 * j + k // 2, 2 * i + k % 2
                if y >= height or x >= width or core[n, 0] >= np.float32(0.999) or core[n, 1] <= np.float32(0.001):
                    continue
                change = bias[k]
                for c in range(channels):
                    change += values[n, c] * weight[c, k]
                own = alpha[y, x]
                change = min(max(change, reach * (own - one)), reach * own)
                out[y, x] = min(max(own + amount * change, zero), one)


def run(net: Net, index: NDArray[np.int32], rows: Rows, alpha: Plane, amount: float = 1.0) -> Plane:
    """(H, W) the matte with the net's correction of the cells in `index`. amount 0..1 blends with the classical one."""
    count = len(rows)
    values, other = np.zeros((2, count + 1, CHANNELS), np.float32)
    _enter(rows, net.enter, net.enter_bias, values)
    found: dict[int, NDArray[np.int64]] = {}
    for number, apart in enumerate(DILATIONS):
        if apart not in found:
            found[apart] = places_of(index[None], apart, count)
        layer = net.spread[number], net.spread_bias[number], net.mix[number], net.mix_bias[number]
        _layer(found[apart], values, *layer, other)
        values, other = other, values
    out = alpha.copy()
    _leave(index, values, net.leave, net.leave_bias, rows[:, 19:21], np.float32(amount), alpha, out)
    return out


def refined(
    linear: Picture, maps: NDArray[np.float32], alpha: Plane, screen: Screen, side: float, noise: float,
    amount: float = 1.0, net: Net | None = None,
) -> Plane:  # fmt: skip
    """(H, W) alpha with its unknown band corrected by the net; the same alpha where there is no net or no band.

    Arguments as for `features`; amount: 0 leaves the classical matte, 1 trusts the net.
    """
    net = net or shipped()
    if net is None or amount <= 0:
        return alpha
    index, rows = features(linear, maps, alpha, screen, side, noise)
    return run(net, index, rows, alpha, amount) if len(rows) else alpha
