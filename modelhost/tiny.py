"""Real pipelines of toy size with random weights, built on the spot: for tests, and to see the whole way without a
download. ControlNets and LoRAs that fit them too.

They load, step, cancel and save exactly as full ones do, and draw noise. `python -m modelhost.tiny FOLDER --family
sdxl` writes one. Their registry entry says "random weights", and nothing they drew can reach a release.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from diffusers import (
    AutoencoderKLFlux2,
    AutoencoderKLHunyuanVideo15,
    AutoencoderKLWan,
    ClassifierFreeGuidance,
    ControlNetModel,
    Flux2KleinPipeline,
    Flux2Pipeline,
    Flux2Transformer2DModel,
    FluxControlNetModel,
    HunyuanVideo15ImageToVideoPipeline,
    HunyuanVideo15Pipeline,
    HunyuanVideo15Transformer3DModel,
    QwenImageControlNetModel,
    SD3ControlNetModel,
    WanImageToVideoPipeline,
    WanTransformer3DModel,
    ZImageControlNetModel,
)
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from transformers import (
    ByT5Tokenizer,
    MistralConfig,
    MistralForCausalLM,
    Qwen2_5_VLTextConfig,
    Qwen2_5_VLTextModel,
    Qwen3Config,
    Qwen3ForCausalLM,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
    UMT5Config,
    UMT5EncoderModel,
)

from modelhost import tiny_encoders
from modelhost.tiny_parts import FIRST, TURN, WIDE, flow, small_t5, tokenizer

# FLUX.2 sends its words as lists of pieces.
PIECES = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{% for p in m['content'] %}{{ p['text'] }}{% endfor %}"
    "<|im_end|>\n{% endfor %}"
)


def _flux2(wide: int, *, guided: bool) -> dict[str, Any]:
    """What both FLUX.2 pipelines are made of, beside their text encoder; `wide`: its width, of which three layers are
    read."""
    return {
        "transformer": Flux2Transformer2DModel(
            in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
            joint_attention_dim=3 * wide, timestep_guidance_channels=16, axes_dims_rope=(4, 4, 4, 4),
            guidance_embeds=guided,
        ),
        "vae": AutoencoderKLFlux2(
            block_out_channels=(4, 4, 4, 4), layers_per_block=1, latent_channels=4, norm_num_groups=2, sample_size=64
        ),
        "scheduler": flow(shift=3.0, use_dynamic_shifting=True),
    }  # fmt: skip


def flux2_klein() -> Flux2KleinPipeline:
    encoder = Qwen3ForCausalLM(
        Qwen3Config(hidden_size=8, intermediate_size=8, num_hidden_layers=28, num_attention_heads=2,
                    num_key_value_heads=2, vocab_size=300, head_dim=4)
    )  # fmt: skip
    return Flux2KleinPipeline(
        text_encoder=encoder.eval(), tokenizer=tokenizer(chat_template=TURN), **_flux2(8, guided=False)
    )


def flux2() -> Flux2Pipeline:
    encoder = MistralForCausalLM(
        MistralConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=31, num_attention_heads=2,
                      num_key_value_heads=2, vocab_size=300, head_dim=4)
    )  # fmt: skip
    return Flux2Pipeline(
        text_encoder=encoder.eval(), tokenizer=tokenizer(chat_template=PIECES), **_flux2(8, guided=True)
    )


def wan_image() -> WanImageToVideoPipeline:
    """As Wan 2.2 comes: the picture among the latents, no encoder of its own for it."""
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=36, out_channels=16,
        text_dim=WIDE, freq_dim=32, ffn_dim=32, num_layers=1, cross_attn_norm=True, qk_norm="rms_norm_across_heads",
    )  # fmt: skip
    vae = AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )
    return WanImageToVideoPipeline(
        transformer=transformer, transformer_2=None, vae=vae, scheduler=flow(shift=3.0), tokenizer=tokenizer(),
        text_encoder=small_t5(UMT5EncoderModel, UMT5Config), image_encoder=None, image_processor=None,
    )  # fmt: skip


def _hunyuan15(task: str) -> dict[str, Any]:
    transformer = HunyuanVideo15Transformer3DModel(
        in_channels=9, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1,
        num_refiner_layers=1, patch_size=1, patch_size_t=1, text_embed_dim=WIDE, text_embed_2_dim=WIDE,
        image_embed_dim=8, rope_axes_dim=(2, 4, 4), target_size=96, task_type=task,
    )  # fmt: skip
    vae = AutoencoderKLHunyuanVideo15(
        latent_channels=4, block_out_channels=(16, 16, 16, 16, 16), layers_per_block=1, spatial_compression_ratio=16,
        temporal_compression_ratio=4, downsample_match_channel=False, upsample_match_channel=False,
    )  # fmt: skip
    encoder = Qwen2_5_VLTextModel(
        Qwen2_5_VLTextConfig(hidden_size=WIDE, intermediate_size=37, num_hidden_layers=4, num_attention_heads=4,
                             num_key_value_heads=2, vocab_size=300, rope_parameters={"rope_type": "default",
                             "mrope_section": [1, 1, 2], "rope_theta": 10000.0})
    )  # fmt: skip
    return {
        "transformer": transformer, "vae": vae, "scheduler": flow(shift=7.0), "text_encoder": encoder.eval(),
        "tokenizer": tokenizer(chat_template=TURN), "text_encoder_2": small_t5(), "tokenizer_2": ByT5Tokenizer(),
        "guider": ClassifierFreeGuidance(guidance_scale=6.0),
    }  # fmt: skip


def hunyuan15() -> HunyuanVideo15Pipeline:
    return HunyuanVideo15Pipeline(**_hunyuan15("t2v"))


def hunyuan15_image() -> HunyuanVideo15ImageToVideoPipeline:
    seen = SiglipVisionConfig(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
                              image_size=378, patch_size=14)  # fmt: skip
    return HunyuanVideo15ImageToVideoPipeline(
        image_encoder=SiglipVisionModel(seen).eval(),
        feature_extractor=SiglipImageProcessor(size={"height": 378, "width": 378}), **_hunyuan15("i2v"),
    )  # fmt: skip


FAMILIES: dict[str, Callable[[], Any]] = FIRST | {
    "flux2": flux2, "flux2-klein": flux2_klein, "wan-image": wan_image,
    "hunyuan15": hunyuan15, "hunyuan15-image": hunyuan15_image,
}  # fmt: skip


def build(folder: Path, family: str, seed: int = 0) -> Path:
    """Write a pipeline of any family into `folder`. The same seed gives the same weights."""
    torch.manual_seed(seed)
    FAMILIES[family]().save_pretrained(folder, safe_serialization=True)
    return folder


def build_controlnet(folder: Path, family: str, seed: int = 1) -> Path:
    """A ControlNet that fits the tiny pipeline of `family`, with ends that are not the zeros they start as."""
    torch.manual_seed(seed)
    pipe = FAMILIES[family]()
    net = _controlnet(family, getattr(pipe, "transformer", None) or pipe.unet)
    for weight in net.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    net.save_pretrained(folder, safe_serialization=True)
    return folder


def _controlnet(family: str, denoiser: Any) -> Any:
    heads = {"attention_head_dim": 16, "num_attention_heads": 2}
    match family:
        case "sd" | "sdxl":
            return ControlNetModel.from_unet(denoiser, conditioning_embedding_out_channels=(4, 4, 4, 4))
        case "sd3":
            return SD3ControlNetModel.from_transformer(denoiser, num_layers=1, num_extra_conditioning_channels=0)
        case "flux":
            return FluxControlNetModel.from_transformer(denoiser, num_layers=1, num_single_layers=1, **heads)
        case "qwen-image":
            return QwenImageControlNetModel.from_transformer(denoiser, num_layers=1, **heads)
        case _:
            return ZImageControlNetModel(
                control_layers_places=[0], control_refiner_layers_places=[0], control_in_dim=4, dim=32,
                n_refiner_layers=1, n_heads=2, n_kv_heads=2,
            )  # fmt: skip


def build_lora(folder: Path, family: str, seed: int = 2, strength: float = 0.5) -> Path:
    """A LoRA that fits the tiny pipeline of `family`."""
    torch.manual_seed(seed)
    pipe = FAMILIES[family]()
    name = "transformer" if getattr(pipe, "transformer", None) is not None else "unet"
    denoiser = getattr(pipe, name)
    denoiser.add_adapter(LoraConfig(r=2, lora_alpha=2, init_lora_weights="gaussian", target_modules=["to_q", "to_v"]))
    found = get_peft_model_state_dict(denoiser)
    weights = {key: torch.randn_like(value) * strength for key, value in sorted(found.items())}
    type(pipe).save_lora_weights(folder, **{f"{name}_lora_layers": weights}, safe_serialization=True)
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m modelhost.tiny", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--family", choices=[*FAMILIES, *tiny_encoders.ENCODERS], default="sd")
    parser.add_argument("--beside", choices=["controlnet", "lora"], help="what goes beside that family instead")
    parser.add_argument("--seed", type=int, help="other weights")
    chosen = parser.parse_args()
    more = {} if chosen.seed is None else {"seed": chosen.seed}
    makers: dict[str, Callable[..., Path]] = {"controlnet": build_controlnet, "lora": build_lora}
    make = tiny_encoders.build if chosen.family in tiny_encoders.ENCODERS else makers.get(chosen.beside, build)
    make(chosen.folder, chosen.family, **more)
    size = sum(path.stat().st_size for path in chosen.folder.rglob("*") if path.is_file())
    print(json.dumps({"folder": str(chosen.folder), "family": chosen.family, "bytes": size}))


if __name__ == "__main__":
    main()
