"""Folders that look like models from outside: for what needs no model library."""

import json
import struct
from pathlib import Path


def safetensors(path: Path, tensors: dict[str, bytes] | None = None) -> None:
    header, data = {}, b""
    for name, value in (tensors or {"weight": b"\0" * 8}).items():
        header[name] = {"dtype": "U8", "shape": [len(value)], "data_offsets": [len(data), len(data) + len(value)]}
        data += value
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def pipeline(where: Path, class_name: str = "StableDiffusionXLPipeline") -> Path:
    """A pipeline's folder as far as a look from outside goes."""
    for part in ("unet", "vae"):
        safetensors(where / part / "diffusion_pytorch_model.safetensors", {part: part.encode()})
        (where / part / "config.json").write_text("{}")
    index = {"_class_name": class_name, "unet": ["diffusers", "UNet2DConditionModel"],
             "vae": ["diffusers", "AutoencoderKL"], "safety_checker": [None, None]}  # fmt: skip
    (where / "model_index.json").write_text(json.dumps(index))
    (where / "LICENSE").write_text("Apache")
    return where
