"""The refiner in torch, on tiles with a mask: the same sums as `keying.refine` does.

A GPU works on whole tiles. A processor works on the masked cells alone, a fifth of them, as the engine does: a step
takes a fifth of the time there.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from compositing.devices import kernel
from compositing.keying.refine import DILATIONS, FEATURES, Net, places_of

CHANNELS = 32


class Refiner(nn.Module):
    """(n, 24, h, w) features and (n, 1, h, w) mask of cells to (n, 4, h, w) corrections of each cell's four pixels."""

    def __init__(self, channels: int = CHANNELS) -> None:
        super().__init__()
        self.enter = nn.Conv2d(FEATURES, channels, 1)
        self.spread = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=apart, dilation=apart, groups=channels) for apart in DILATIONS
        )
        self.mix = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in DILATIONS)
        self.leave = nn.Conv2d(channels, 4, 1)
        nn.init.zeros_(self.leave.weight)  # begins as the classical matte
        assert self.leave.bias is not None
        nn.init.zeros_(self.leave.bias)

    def forward(self, features: Tensor, mask: Tensor) -> Tensor:
        return self.by_cells(features, mask) if features.device.type == "cpu" else self.whole(features, mask)

    def whole(self, features: Tensor, mask: Tensor) -> Tensor:
        """Every cell of the tiles, masked after each step."""
        values = functional.relu(self.enter(features)) * mask
        for spread, mix in zip(self.spread, self.mix, strict=True):
            values = functional.relu(values + mix(functional.relu(spread(values)))) * mask
        return self.leave(values) * mask

    def by_cells(self, features: Tensor, mask: Tensor) -> Tensor:
        """The masked cells alone."""
        inside = mask[:, 0] > 0
        index = torch.where(inside, inside.flatten().cumsum(0).view_as(inside) - 1, -1).to(torch.int32).numpy()
        values = functional.relu(_mixed(features.permute(0, 2, 3, 1)[inside], self.enter))
        known: dict[int, np.ndarray] = {}
        for spread, mix, apart in zip(self.spread, self.mix, DILATIONS, strict=True):
            if apart not in known:
                known[apart] = places_of(index, apart, len(values))
            weight = spread.weight.reshape(-1, 9).T
            near = functional.relu(_Spread.apply(values, weight, known[apart]) + spread.bias)
            values = functional.relu(values + _mixed(near, mix))
        out = features.new_zeros((*inside.shape, 4))
        out = out.masked_scatter(inside[..., None], _mixed(values, self.leave))
        return out.permute(0, 3, 1, 2)


def _mixed(rows: Tensor, layer: nn.Conv2d) -> Tensor:
    return functional.linear(rows, layer.weight[:, :, 0, 0], layer.bias)


@kernel
def _spread(places, values, weight, out):  # type: ignore[no-untyped-def]
    count, channels = values.shape
    for n in range(count):
        for k in range(9):
            m = places[n, k]
            if m < count:
                for c in range(channels):
                    out[n, c] += weight[k, c] * values[m, c]


@kernel
def _spread_back(places, values, weight, grad, grad_values, grad_weight):  # type: ignore[no-untyped-def]
    count, channels = values.shape
    for n in range(count):
        for k in range(9):
            m = places[n, k]
            if m < count:
                for c in range(channels):
                    grad_values[m, c] += weight[k, c] * grad[n, c]
                    grad_weight[k, c] += values[m, c] * grad[n, c]


class _Spread(torch.autograd.Function):
    """Each channel of (n, c) rows over its cell's nine `places` (n, 9), n where there is no cell; weight (9, c)."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, places: np.ndarray) -> Tensor:  # type: ignore[override]
        ctx.places = places
        ctx.save_for_backward(values, weight)
        out = torch.zeros_like(values)
        _spread(places, *(t.detach().contiguous().numpy() for t in (values, weight)), out.numpy())
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:  # type: ignore[override]
        values, weight = ctx.saved_tensors
        back = torch.zeros_like(values), torch.zeros(weight.shape)
        rows = (t.detach().contiguous().numpy() for t in (values, weight, grad))
        _spread_back(ctx.places, *rows, *(t.numpy() for t in back))
        return *back, None


def numbers_of(model: Refiner) -> Net:
    """The model's weights as the engine takes them."""

    def plain(tensor: Tensor) -> np.ndarray:
        return np.ascontiguousarray(tensor.detach().cpu().numpy(), np.float32)

    return Net(
        plain(model.enter.weight)[:, :, 0, 0].T.copy(), plain(model.enter.bias),
        np.stack([plain(layer.weight).reshape(-1, 9).T for layer in model.spread]),
        np.stack([plain(layer.bias) for layer in model.spread]),
        np.stack([plain(layer.weight)[:, :, 0, 0].T for layer in model.mix]),
        np.stack([plain(layer.bias) for layer in model.mix]),
        plain(model.leave.weight)[:, :, 0, 0].T.copy(), plain(model.leave.bias),
    )  # fmt: skip


def write_net(net: Net, path: Path) -> None:
    """Write the weights; the same weights give the same bytes."""
    part = path.with_name(f".{path.name}.part.npz")
    with part.open("wb") as out:
        np.savez(out, **vars(net))
    part.replace(path)
