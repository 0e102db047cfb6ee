"""Full-size SDXL- and FLUX-class pipelines with random weights: what loading, memory, steps and a cancel cost on this
device, without a download.

`python -m modelhost.full FOLDER --family flux` builds one below FOLDER (SDXL 7 GB, FLUX 34 GB) unless it is there,
draws with it through the same shelf and the same drawing as every draw, and prints one JSON object. Sizes: the
published configurations of SDXL base 1.0 and FLUX.1.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, T5Config, T5EncoderModel

from compositing.errors import Cancelled
from modelhost import drawing, loading, manifest, tiny_parts
from modelhost.families import FAMILIES, TEXT
from modelhost.recipe import SCHEMA, check_params

DTYPES = {"sdxl": "float16", "flux": "bfloat16"}


def sdxl_unet() -> UNet2DConditionModel:
    return UNet2DConditionModel(
        block_out_channels=(320, 640, 1280), layers_per_block=2, sample_size=128, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 2, 10), attention_head_dim=(5, 10, 20), cross_attention_dim=2048,
        addition_embed_type="text_time", addition_time_embed_dim=256, projection_class_embeddings_input_dim=2816,
        use_linear_projection=True,
    )  # fmt: skip


def flux_transformer() -> FluxTransformer2DModel:
    return FluxTransformer2DModel(
        patch_size=1, in_channels=64, num_layers=19, num_single_layers=38, attention_head_dim=128,
        num_attention_heads=24, joint_attention_dim=4096, pooled_projection_dim=768, guidance_embeds=True,
        axes_dims_rope=(16, 56, 56),
    )  # fmt: skip


def t5() -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(d_model=4096, d_ff=10240, d_kv=64, num_heads=64, num_layers=24, vocab_size=32128,
                 feed_forward_proj="gated-gelu")
    )  # fmt: skip


def _vae(latent: int, **more: Any) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=latent, sample_size=1024,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4, **more,
    )  # fmt: skip


def _clip(wide: int, layers: int, heads: int, kind: Any = CLIPTextModel) -> Any:
    # Its words are those of the tiny tokenizer: ids 512 and 513 begin and end a text.
    return kind(
        CLIPTextConfig(hidden_size=wide, intermediate_size=4 * wide, num_attention_heads=heads,
                       num_hidden_layers=layers, projection_dim=wide, vocab_size=49408, bos_token_id=512,
                       eos_token_id=513, pad_token_id=513)
    )  # fmt: skip


def sdxl() -> StableDiffusionXLPipeline:
    return StableDiffusionXLPipeline(
        unet=sdxl_unet(), vae=_vae(4, scaling_factor=0.13025), text_encoder=_clip(768, 12, 12),
        text_encoder_2=_clip(1280, 32, 20, CLIPTextModelWithProjection), tokenizer=tiny_parts.clip_tokenizer(),
        tokenizer_2=tiny_parts.clip_tokenizer(),
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False, steps_offset=1),
    )  # fmt: skip


def flux() -> FluxPipeline:
    vae = _vae(16, scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False)
    return FluxPipeline(
        transformer=flux_transformer(), vae=vae, text_encoder=_clip(768, 12, 12), text_encoder_2=t5(),
        tokenizer=tiny_parts.clip_tokenizer(), tokenizer_2=tiny_parts.tokenizer(), scheduler=tiny_parts.flow(),
    )  # fmt: skip


FULL: dict[str, Callable[[], Any]] = {"sdxl": sdxl, "flux": flux}


def build(folder: Path, family: str, device: str) -> Path:
    """Write the pipeline: weights are made on `device`, which for a GPU takes seconds and for a CPU minutes."""
    if folder.exists():
        return folder
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, DTYPES[family]))
    try:
        with torch.device(device):
            torch.manual_seed(0)
            pipe = FULL[family]()
    finally:
        torch.set_default_dtype(usual)
    pipe.save_pretrained(part, safe_serialization=True)
    part.rename(folder)
    return folder


def prove(folder: Path, family: str, steps: int, size: tuple[int, int]) -> dict[str, Any]:
    """Load cold, draw, draw again warm, cancel in the middle; seconds, steps a second, gigabytes, and whether the same
    seed gave the same bytes."""
    loading.settle()
    began = time.monotonic()
    found = manifest.read(folder)
    hashed_s = time.monotonic() - began
    shelf = loading.Shelf()
    clock: list[float] = []
    stopping = threading.Event()
    stop_at = 0

    def report(done: int, _total: int, stage: str) -> None:
        if stage == "steps":
            clock.append(time.monotonic())
            if done == stop_at:
                stopping.set()

    def draw(name: str) -> dict[str, Any]:
        clock.clear()
        out = folder.parent / f"{folder.name}-{name}"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        folders = {found.sha256: loading.Folder(folder, found.files)}
        request = drawing.Request(_recipe(family, found.sha256, steps, size), folders, {}, out)
        made = drawing.draw(request, shelf, report, stopping.is_set)
        made["bytes"] = hashlib.sha256(Path(made["picture"]).read_bytes()).hexdigest()
        return made

    gpu = torch.cuda.is_available()
    cold = draw("cold")
    warm = draw("warm")
    per_step = (clock[-1] - clock[0]) / (len(clock) - 1)
    stop_at = steps // 2
    try:
        draw("stopped")
        stopped_s = None
    except Cancelled:
        stopped_s = round(time.monotonic() - clock[-1], 3)
    return {
        "family": family, "device": cold["fingerprint"]["device_name"], "torch": torch.__version__, "size": size,
        "steps": steps, "folder_gb": round(found.size / 1e9, 1), "hash_s": round(hashed_s, 1),
        "cold_load_s": cold["timing"]["load_milli"] / 1000, "cold_draw_s": cold["timing"]["draw_milli"] / 1000,
        "warm_load_s": warm["timing"]["load_milli"] / 1000, "warm_draw_s": warm["timing"]["draw_milli"] / 1000,
        "steps_per_s": round(1 / per_step, 2), "stopped_after_s": stopped_s,
        "peak_gb": round(torch.cuda.max_memory_allocated() / 1e9, 1) if gpu else None,
        "same_bytes": cold["bytes"] == warm["bytes"], "recovered": cold["fingerprint"].get("recovered", []),
    }  # fmt: skip


def _recipe(family: str, sha256: str, steps: int, size: tuple[int, int]) -> dict[str, Any]:
    habits = FAMILIES[family]
    canvas = habits.canvas(*size)
    return {
        "schema": SCHEMA, "family": f"full/{TEXT}", "task": TEXT, "model_class": family, "dtype": DTYPES[family],
        "parts": {"pipeline": {"name": "full", "manifest": sha256}},
        "params": check_params(habits, TEXT, {"prompt": "a rooftop at night in the rain", "steps": steps}), "seed": 7,
        "width": size[0], "height": size[1], "canvas_width": canvas[0], "canvas_height": canvas[1],
        "fps_num": 24, "fps_den": 1,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m modelhost.full", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--family", choices=[*FULL], default="sdxl")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--size", type=int, nargs=2, default=(768, 1344), metavar=("WIDTH", "HEIGHT"))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    folder = build(chosen.folder / chosen.family, chosen.family, device)
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    print(json.dumps(prove(folder, chosen.family, chosen.steps, tuple(chosen.size))))


if __name__ == "__main__":
    main()
