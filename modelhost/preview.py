"""A cheap look at a draw that is under way: latents to colours by one linear map, fitted to the model's own encoder.

No second network and no table of numbers from elsewhere: a page of known colours is encoded once per model, and least
squares finds the map back. Coarse, and enough to cancel a draw that goes wrong.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

PATCHES = 8  # colours along one side of the page


def fit(vae: Any, multiple: int = 8) -> NDArray | None:
    """(channels + 1, 3) float32: the last row is the offset; from latents as the denoiser sees them to sRGB 0..1.

    None where this model's encoder does not take a picture (its draws then show no preview).
    """
    side = PATCHES * multiple * 2
    colours = np.random.default_rng(7).random((PATCHES, PATCHES, 3), np.float32)
    page = colours.repeat(side // PATCHES, 0).repeat(side // PATCHES, 1)
    weight = next(vae.parameters())
    picture = torch.from_numpy(page.transpose(2, 0, 1)[None] * 2 - 1).to(weight.device, weight.dtype)
    try:
        with torch.inference_mode():
            if _is_video(vae):
                picture = picture[:, :, None]
            found = vae.encode(picture).latent_dist.mode()
    except (RuntimeError, ValueError, AttributeError, TypeError):
        return None
    flat = _channels_last(_as_denoised(vae, found))
    rows, columns = flat.shape[:2]
    seen = page[:: side // rows, :: side // columns][:rows, :columns].reshape(-1, 3)
    known = np.concatenate([flat.reshape(rows * columns, -1), np.ones((rows * columns, 1), np.float32)], axis=1)
    return np.linalg.lstsq(known, seen, rcond=None)[0].astype(np.float32)


def show(latents: torch.Tensor, colours: NDArray, rows: int, columns: int, vae: Any = None) -> NDArray:
    """(H, W, 3) uint8 of latents in the middle of a draw; rows, columns: the latent picture's size where packed."""
    normal = getattr(vae, "bn", None)
    if normal is not None and latents.ndim == 3:
        latents = _renormed(latents, normal, rows, columns)
    elif latents.ndim == 3:
        latents = _unpacked(latents, rows, columns, colours.shape[0] - 1)
    flat = _channels_last(latents)
    seen = flat @ colours[:-1] + colours[-1]
    return (np.clip(np.nan_to_num(seen), 0, 1) * 255 + 0.5).astype(np.uint8)


def _is_video(vae: Any) -> bool:
    return "Wan" in type(vae).__name__ or "Qwen" in type(vae).__name__ or "Video" in type(vae).__name__


def _as_denoised(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """From the encoder's scale to the denoiser's, as the pipelines do it."""
    config = vae.config
    mean, std = getattr(config, "latents_mean", None), getattr(config, "latents_std", None)
    if mean is None:
        buffers = dict(vae.named_buffers(recurse=False))  # LTX keeps them as tensors of its own
        mean, std = buffers.get("latents_mean"), buffers.get("latents_std")
    if mean is not None and std is not None:
        shape = [1, -1] + [1] * (latents.ndim - 2)
        mean, std = (torch.as_tensor(one).view(shape).to(latents) for one in (mean, std))
        return (latents - mean) / std
    return (latents - (getattr(config, "shift_factor", None) or 0)) * (getattr(config, "scaling_factor", None) or 1)


def _unpacked(latents: torch.Tensor, rows: int, columns: int, channels: int) -> torch.Tensor:
    """(1, n, c * 4) tokens of 2 x 2 latents, or (1, n, c) of one each, back to (1, c, rows, columns); of a film its
    middle frame."""
    if latents.shape[2] == channels:
        frames = latents.shape[1] // (rows * columns)
        return latents.view(1, frames, rows, columns, channels)[:, frames // 2].permute(0, 3, 1, 2)
    tokens = latents.view(1, rows // 2, columns // 2, channels, 2, 2)
    return tokens.permute(0, 3, 1, 4, 2, 5).reshape(1, channels, rows, columns)


def _renormed(latents: torch.Tensor, normal: Any, rows: int, columns: int) -> torch.Tensor:
    """FLUX.2's tokens, each a normed 2 x 2 of latents, channels first: back to (1, c, rows, columns) as encoded."""
    spread = (normal.running_var + normal.eps).sqrt().to(latents)
    tokens = latents * spread + normal.running_mean.to(latents)
    tokens = tokens.view(1, rows // 2, columns // 2, -1, 2, 2)
    return tokens.permute(0, 3, 1, 4, 2, 5).reshape(1, tokens.shape[3], rows, columns)


def _channels_last(latents: torch.Tensor) -> NDArray:
    """(H, W, C) float32 of the first picture, or of a film's middle frame."""
    one = latents[0]
    if one.ndim == 4:  # (C, F, H, W), or (F, C, H, W) in some pipelines: the channel axis comes first here
        one = one[:, one.shape[1] // 2]
    return np.ascontiguousarray(one.float().cpu().numpy().transpose(1, 2, 0))
