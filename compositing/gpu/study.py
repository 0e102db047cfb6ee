"""A studied clip, ready to be keyed by the twin: plain numbers and a function for the small maps.

Filled from a `keying.Keyer`, of which only the numbers are known here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from compositing.colour import Picture
from compositing.despill import OPEN_WEDGE
from compositing.gpu import key, refine
from compositing.keying.refine import Net, shipped


@dataclass(frozen=True)
class Study:
    """along, across (3,); matte, lean, foreground: the keyer's numbers; side; low: (width, height) of the maps.

    maps: (h, w, 3) linear at `low` to the keyer's (h, w, 12) maps. shrink_px, soften_px: of the matte's edge. crisp:
    how much of the lens's softness is taken back; learned: how much of the refiner's correction counts, net: its
    weights, noise: the plate's, which it is told.
    """

    along: np.ndarray
    across: np.ndarray
    matte: np.ndarray
    lean: np.ndarray
    foreground: np.ndarray
    side: float
    low: tuple[int, int]
    maps: Callable[[Picture], np.ndarray]
    shrink_px: float = 0.0
    soften_px: float = 0.0
    crisp: float = 0.0
    learned: float = 0.0
    net: Net | None = None
    noise: float = 0.0


def study_of(keyer: Any) -> Study:
    """The numbers of a `keying.Keyer`."""
    scale = min(keyer.size) / 1080 / 1000
    return Study(
        keyer.screen.along, keyer.screen.across, keyer.matte_numbers(), keyer.lean, keyer.foreground_numbers(),
        keyer.side, keyer.low, keyer.maps_of, keyer.values["shrink_px_milli"] * scale,
        keyer.values["soften_px_milli"] * scale, keyer.values["crisp_milli"] / 1000 if keyer.best else 0.0,
        keyer.learned, shipped(), keyer.plate.noise,
    )  # fmt: skip


def area_weights(size: int, less: int) -> np.ndarray:
    """(less, size) how much each pixel counts in each of fewer: by area, as OpenCV's INTER_AREA. Rows sum to 1."""
    edges = np.arange(less + 1) * size / less
    at = np.arange(size)
    inside = np.clip(np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at), 0, None)
    return np.asarray(inside / inside.sum(1, keepdims=True), np.float32)


def shrink(linear: Tensor, low: tuple[int, int]) -> Tensor:
    """(n, 3, h, w) of (n, 3, H, W), by area, on its own device."""
    height, width = linear.shape[2:]
    rows = torch.from_numpy(area_weights(height, low[1])).to(linear.device)
    columns = torch.from_numpy(area_weights(width, low[0])).to(linear.device)
    return torch.matmul(rows, torch.matmul(linear, columns.T))


def maps_for(study: Study, linear: Tensor) -> Tensor:
    """(n, 10, h, w) maps of a batch: shrunk on the device, fitted on the CPU, sent back."""
    small = shrink(linear, study.low).permute(0, 2, 3, 1).contiguous().cpu().numpy()
    made = np.stack([study.maps(picture) for picture in small]).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(made)).to(linear.device)


def matted(study: Study, linear: Tensor, maps: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """(alpha (n, 1, H, W), maps (n, c, h, w)) of a batch (n, 3, H, W); maps: made already, or None."""
    small = maps_for(study, linear) if maps is None else maps
    large = key.upsampled(small, linear.shape[2], linear.shape[3])
    alpha = key.matte(linear, large, study.along, study.across, study.matte)
    if study.net is not None and study.learned > 0:
        alpha = refine.refined(
            linear, small, alpha, study.along, study.across, study.side, study.noise, study.learned, study.net
        )
    if study.shrink_px:
        alpha = key.edge_shifted(alpha, study.shrink_px)
    if study.soften_px > 0.05:
        alpha = key.softened(alpha, study.soften_px)
    return alpha, small


def foreground(study: Study, linear: Tensor, alpha: Tensor, maps: Tensor) -> Tensor:
    """(n, 4, H, W) premultiplied foreground of a batch whose mattes (n, 1, H, W) are known. maps (n, c, h, w)."""
    large = key.upsampled(maps, linear.shape[2], linear.shape[3])
    top = key.foreground(linear, alpha, large, study.lean, study.foreground, study.side, OPEN_WEDGE)
    return key.crisp(top, study.crisp) if study.crisp > 0 else top


def keyed(study: Study, linear: Tensor, maps: Tensor | None = None) -> Tensor:
    """(n, 4, H, W) premultiplied foreground of a batch (n, 3, H, W); maps: made already, or None."""
    alpha, small = matted(study, linear, maps)
    return foreground(study, linear, alpha, small)


def comped(study: Study, linear: Tensor, background: Tensor, maps: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """(comp (n, 3, H, W), alpha (n, 1, H, W)), linear, of a batch over a background (1 or n, 3, H, W)."""
    top = keyed(study, linear, maps)
    return key.over(background, top), top[:, 3:4]
