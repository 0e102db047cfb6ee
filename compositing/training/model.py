"""The refiner in torch, on dense tiles with a mask: the same sums as `keying.refine` does cell by cell."""

from pathlib import Path

import numpy as np
from torch import Tensor, nn
from torch.nn import functional

from compositing.keying.refine import DILATIONS, FEATURES, Net

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
        values = functional.relu(self.enter(features)) * mask
        for spread, mix in zip(self.spread, self.mix, strict=True):
            values = functional.relu(values + mix(functional.relu(spread(values)))) * mask
        return self.leave(values) * mask


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
