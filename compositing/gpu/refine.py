"""Twin of `keying.refine`: the learned edge refiner over whole frames, nothing outside the band's cells."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from compositing.keying.refine import DILATIONS, HIGH, LOW, REACH, Net


def band_cells(alpha: Tensor) -> Tensor:
    """(n, 1, ceil(H / 2), ceil(W / 2)) 1 for each cell that touches the unknown band, and for its neighbours."""
    touched = ((alpha > LOW) & (alpha < HIGH)).to(alpha.dtype)
    cells = functional.max_pool2d(touched, 2, ceil_mode=True)
    return functional.max_pool2d(cells, 3, stride=1, padding=1)


def _taken(maps: Tensor, axis: int, places: np.ndarray) -> Tensor:
    """Maps read at `places` along one axis, between their rows or columns."""
    size = maps.shape[axis]
    places = np.clip(places, 0, size - 1)
    first = places.astype(np.int64)
    shape = [1, 1, 1, 1]
    shape[axis] = len(places)
    part = torch.from_numpy((places - first).astype(np.float32)).to(maps.device).view(shape)
    near = maps.index_select(axis, torch.from_numpy(first).to(maps.device))
    far = maps.index_select(axis, torch.from_numpy(np.minimum(first + 1, size - 1)).to(maps.device))
    return near + part * (far - near)


def _cells(plane: Tensor) -> Tensor:
    """(n, 4, rows, columns) the four pixels of each cell of (n, 1, H, W); an odd edge is carried on."""
    height, width = plane.shape[2:]
    whole = functional.pad(plane, (0, width % 2, 0, height % 2), mode="replicate")
    return functional.pixel_unshuffle(whole, 2)


def features(
    linear: Tensor, maps: Tensor, alpha: Tensor, along: np.ndarray, across: np.ndarray, side: float, noise: float
) -> Tensor:
    """(n, 24, rows, columns) what the net sees of every cell. maps (n, >= 8, h, w), small; see `keying.refine`."""
    height, width = alpha.shape[2:]
    rows, columns = (height + 1) // 2, (width + 1) // 2
    down = (np.minimum(2 * np.arange(rows), height - 1) + 0.5) * maps.shape[2] / height - 0.5
    right = (2 * np.arange(columns) + 1.0) * maps.shape[3] / width - 0.5
    near = _taken(_taken(maps[:, :8], 2, down), 3, right)
    screen, solid = near[:, 0:3], near[:, 3:6]

    def dot(picture: Tensor, direction: np.ndarray) -> Tensor:
        weights = torch.tensor(direction, dtype=picture.dtype, device=picture.device).view(1, 3, 1, 1)
        return (picture * weights).sum(1, keepdim=True)

    s_along = dot(screen, along).clamp_min(1e-4)
    s_across = dot(screen, across) / s_along
    s_light = screen.sum(1, keepdim=True).clamp_min(1e-4)

    def against(own: Tensor, cross: Tensor, light: Tensor) -> list[Tensor]:
        own = own / s_along
        cross = cross / s_along - own * s_across
        return [own.clamp(-3, 3), (cross * side).clamp(-3, 3), (light / s_light).clamp(max=3)]

    planes = [_cells(dot(linear, along)), _cells(dot(linear, across)), _cells(linear.sum(1, keepdim=True))]
    said = _cells(alpha)
    seen: list[Tensor] = []
    for k in range(4):
        seen += [*against(*(plane[:, k : k + 1] for plane in planes)), said[:, k : k + 1]]
    seen += against(dot(solid, along), dot(solid, across), solid.sum(1, keepdim=True))
    seen += [near[:, 6:7], near[:, 7:8], torch.full_like(s_along, min(noise * 20, 3.0)), s_along / s_light]
    return torch.cat([*seen, s_light.clamp_min(0).sqrt()], 1)


def change(net: Net, seen: Tensor, mask: Tensor) -> Tensor:
    """(n, 4, rows, columns) the net's corrections of each cell's four pixels."""

    def there(values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(seen.device)

    values = functional.conv2d(seen, there(net.enter.T)[:, :, None, None], there(net.enter_bias)).relu() * mask
    channels = values.shape[1]
    for number, apart in enumerate(DILATIONS):
        kernels = there(net.spread[number].T).reshape(channels, 1, 3, 3)
        near = functional.conv2d(
            values, kernels, there(net.spread_bias[number]), padding=apart, dilation=apart, groups=channels
        ).relu()
        mixed = functional.conv2d(near, there(net.mix[number].T)[:, :, None, None], there(net.mix_bias[number]))
        values = (values + mixed).relu() * mask
    return functional.conv2d(values, there(net.leave.T)[:, :, None, None], there(net.leave_bias)) * mask


def refined(
    linear: Tensor, maps: Tensor, alpha: Tensor, along: np.ndarray, across: np.ndarray, side: float, noise: float,
    amount: float, net: Net,
) -> Tensor:  # fmt: skip
    """(n, 1, H, W) alpha with its unknown band corrected; arguments as for `features`, amount as for the engine's."""
    height, width = alpha.shape[2:]
    mask = band_cells(alpha)
    seen = features(linear, maps, alpha, along, across, side, noise)
    free = mask * (seen[:, 19:20] < 0.999) * (seen[:, 20:21] > 0.001)
    more = functional.pixel_shuffle(change(net, seen, mask) * free, 2)[:, :, :height, :width]
    more = more.maximum(REACH * (alpha - 1)).minimum(REACH * alpha)
    touched = functional.interpolate(free, scale_factor=2, mode="nearest")[:, :, :height, :width] > 0
    return torch.where(touched, (alpha + amount * more).clamp(0, 1), alpha)
