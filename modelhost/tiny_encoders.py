"""Picture encoders of toy size with random weights: CLIP, DINOv2, DINO as transformers saves them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from transformers import (
    CLIPConfig,
    CLIPModel,
    Dinov2Config,
    Dinov2Model,
    ViTConfig,
    ViTModel,
)

SIZES = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
SIDE, PATCH = 64, 8


def clip() -> Any:
    seeing = SIZES | {"image_size": SIDE, "patch_size": PATCH, "projection_dim": 24}
    reading = SIZES | {"vocab_size": 64, "max_position_embeddings": 8, "projection_dim": 24}
    return CLIPModel(CLIPConfig(text_config=reading, vision_config=seeing, projection_dim=24))


def dinov2() -> Any:
    sizes = {name: value for name, value in SIZES.items() if name != "intermediate_size"}
    return Dinov2Model(Dinov2Config(**sizes, mlp_ratio=2, image_size=SIDE, patch_size=PATCH))


def dino() -> Any:
    return ViTModel(ViTConfig(**SIZES, image_size=SIDE, patch_size=PATCH), add_pooling_layer=False)


ENCODERS: dict[str, Callable[[], Any]] = {"clip": clip, "dinov2": dinov2, "dino": dino}


def build(folder: Path, name: str, seed: int = 0) -> Path:
    """Write an encoder into `folder`. Its weights are as wide as a trained one's: with the narrow ones it would start
    its training with, every picture is the same to it. The same seed gives the same weights."""
    torch.manual_seed(seed)
    model = ENCODERS[name]()
    for weight in model.parameters():
        if weight.ndim > 1 and weight.shape[-1] > 1:
            torch.nn.init.normal_(weight, std=2.0 / weight[0].numel() ** 0.5)
    model.save_pretrained(folder, safe_serialization=True)
    return folder
