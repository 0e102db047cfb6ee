# ruff: noqa: S106 (tokens of tokenizers are no passwords)
"""Real pipelines of toy size with random weights, built on the spot: for tests, and to see the whole way without a
download.

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
    AutoencoderKL,
    AutoencoderKLHunyuanVideo,
    AutoencoderKLLTXVideo,
    AutoencoderKLQwenImage,
    AutoencoderKLWan,
    ControlNetModel,
    DDIMScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    HunyuanVideoPipeline,
    HunyuanVideoTransformer3DModel,
    LTXPipeline,
    LTXVideoTransformer3DModel,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
    WanPipeline,
    WanTransformer3DModel,
    ZImagePipeline,
    ZImageTransformer2DModel,
)
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    LlamaConfig,
    LlamaModel,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen3Config,
    Qwen3Model,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

WIDE = 32  # hidden size of every text encoder here
TURN = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)


def build(folder: Path, family: str, seed: int = 0) -> Path:
    """Write a pipeline of `family` into `folder`. The same seed gives the same weights."""
    torch.manual_seed(seed)
    pipeline = FAMILIES[family]()
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder


def build_controlnet(folder: Path, seed: int = 1) -> Path:
    """A ControlNet that fits the SD pipeline."""
    torch.manual_seed(seed)
    net = ControlNetModel(
        block_out_channels=(8, 8), layers_per_block=1, in_channels=4, norm_num_groups=2, cross_attention_dim=WIDE,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), attention_head_dim=4,
        conditioning_embedding_out_channels=(4, 4, 4, 4),
    )  # fmt: skip
    # A fresh ControlNet ends in zeros and would change nothing: random ends are seen.
    ends = (net.controlnet_cond_embedding.conv_out, *net.controlnet_down_blocks, net.controlnet_mid_block)
    for block in ends:
        torch.nn.init.normal_(block.weight, std=0.3)
    net.save_pretrained(folder, safe_serialization=True)
    return folder


def build_lora(folder: Path, seed: int = 2, strength: float = 0.5) -> Path:
    """A LoRA that fits the SD pipeline's unet."""
    torch.manual_seed(seed)
    unet = _unet()
    unet.add_adapter(LoraConfig(r=2, lora_alpha=2, init_lora_weights="gaussian", target_modules=["to_q", "to_v"]))
    found = get_peft_model_state_dict(unet)
    weights = {name: torch.randn_like(value) * strength for name, value in sorted(found.items())}
    StableDiffusionPipeline.save_lora_weights(folder, unet_lora_layers=weights, safe_serialization=True)
    return folder


def _unet(**changed: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        **{
            "block_out_channels": (8, 8),
            "layers_per_block": 1,
            "sample_size": 32,
            "in_channels": 4,
            "out_channels": 4,
            "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
            "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
            "cross_attention_dim": WIDE,
            "norm_num_groups": 2,
            "attention_head_dim": 4,
            **changed,
        }
    )


def _vae(channels: int = 4, **changed: Any) -> AutoencoderKL:
    """Eight pixels to a latent, as the real ones."""
    return AutoencoderKL(
        **{
            "block_out_channels": (4, 4, 4, 4),
            "down_block_types": ("DownEncoderBlock2D",) * 4,
            "up_block_types": ("UpDecoderBlock2D",) * 4,
            "latent_channels": channels,
            "norm_num_groups": 2,
            "sample_size": 256,
            **changed,
        }
    )


def _clip(projection: bool = False) -> Any:
    config = CLIPTextConfig(
        hidden_size=WIDE, intermediate_size=37, num_attention_heads=4, num_hidden_layers=2, projection_dim=WIDE,
        vocab_size=514, bos_token_id=512, eos_token_id=513, pad_token_id=513, max_position_embeddings=77,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()


def _bytes() -> list[str]:
    """The 256 letters that byte-level tokenizers write bytes with: every language passes, a byte at a time."""
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def clip_tokenizer() -> CLIPTokenizer:
    letters = _bytes()
    words = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={word: number for number, word in enumerate(words)}, merges=[], model_max_length=77,
        bos_token="<|startoftext|>", eos_token="<|endoftext|>", pad_token="<|endoftext|>", unk_token="<|endoftext|>",
    )  # fmt: skip


def tokenizer(**special: Any) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with the marks that T5 and Qwen use."""
    marks = [
        "<pad>",
        "</s>",
        "<unk>",
        "<|im_start|>",
        "<|im_end|>",
        "<|vision_start|>",
        "<|vision_end|>",
        "<|image_pad|>",
    ]
    words = {word: number for number, word in enumerate([*marks, *_bytes()])}
    whole = Tokenizer(BPE(vocab=words, merges=[], unk_token="<unk>"))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=whole, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512, **special
    )
    made.add_special_tokens({"additional_special_tokens": marks[3:]})
    return made


def _t5(kind: Any = T5EncoderModel, config: Any = T5Config, wide: int = WIDE) -> Any:
    return kind(config(d_model=wide, d_ff=37, d_kv=8, num_heads=4, num_layers=2, vocab_size=300)).eval()


def flow(**changed: Any) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(**changed)


def sd(**vae: Any) -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        unet=_unet(), vae=_vae(**vae), text_encoder=_clip(), tokenizer=clip_tokenizer(), safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False, steps_offset=1),
    )  # fmt: skip


def rgba() -> StableDiffusionPipeline:
    """A decoder with a fourth channel: pictures with alpha."""
    return sd(out_channels=4)


def sdxl() -> StableDiffusionXLPipeline:
    unet = _unet(
        cross_attention_dim=2 * WIDE, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + WIDE, use_linear_projection=True,
    )  # fmt: skip
    return StableDiffusionXLPipeline(
        unet=unet, vae=_vae(), text_encoder=_clip(), text_encoder_2=_clip(projection=True),
        tokenizer=clip_tokenizer(), tokenizer_2=clip_tokenizer(),
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False, steps_offset=1),
    )  # fmt: skip


def sd3() -> StableDiffusion3Pipeline:
    transformer = SD3Transformer2DModel(
        sample_size=32, patch_size=2, in_channels=16, num_layers=1, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=WIDE * 2, caption_projection_dim=32, pooled_projection_dim=2 * WIDE, out_channels=16,
    )  # fmt: skip
    return StableDiffusion3Pipeline(
        transformer=transformer, vae=_vae(16, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_clip(True), text_encoder_2=_clip(True),
        text_encoder_3=_t5(wide=2 * WIDE), scheduler=flow(shift=3.0),
        tokenizer=clip_tokenizer(), tokenizer_2=clip_tokenizer(), tokenizer_3=tokenizer(),
    )  # fmt: skip


def flux() -> FluxPipeline:
    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDE, pooled_projection_dim=WIDE, axes_dims_rope=(4, 4, 8), guidance_embeds=True,
    )  # fmt: skip
    return FluxPipeline(
        transformer=transformer, vae=_vae(4, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=_clip(), text_encoder_2=_t5(), tokenizer=clip_tokenizer(), tokenizer_2=tokenizer(),
        scheduler=flow(),
    )  # fmt: skip


def qwen_image() -> QwenImagePipeline:
    transformer = QwenImageTransformer2DModel(
        patch_size=2, in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDE, axes_dims_rope=(8, 4, 4),
    )  # fmt: skip
    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": WIDE, "intermediate_size": 37, "num_hidden_layers": 2, "num_attention_heads": 4,
            "num_key_value_heads": 2, "vocab_size": 300, "rope_parameters": {"rope_type": "default",
            "mrope_section": [1, 1, 2], "rope_theta": 10000.0},
        },
        vision_config={"depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": WIDE},
    )  # fmt: skip
    vae = AutoencoderKLQwenImage(
        base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True],
        latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )  # fmt: skip
    return QwenImagePipeline(
        transformer=transformer, vae=vae, tokenizer=tokenizer(chat_template=TURN), scheduler=flow(),
        text_encoder=Qwen2_5_VLForConditionalGeneration(config).eval(),
    )  # fmt: skip


def z_image() -> ZImagePipeline:
    transformer = ZImageTransformer2DModel(
        all_patch_size=(2,), all_f_patch_size=(1,), in_channels=4, dim=32, n_layers=1, n_refiner_layers=1, n_heads=2,
        n_kv_heads=2, cap_feat_dim=WIDE, axes_dims=[8, 4, 4], axes_lens=[256, 32, 32],
    )  # fmt: skip
    encoder = Qwen3Model(
        Qwen3Config(
            hidden_size=WIDE, intermediate_size=37, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
            vocab_size=300, head_dim=8,
        )
    )  # fmt: skip
    return ZImagePipeline(
        transformer=transformer, vae=_vae(4, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=encoder.eval(), tokenizer=tokenizer(chat_template=TURN), scheduler=flow(shift=3.0),
    )  # fmt: skip


def wan() -> WanPipeline:
    transformer = WanTransformer3DModel(
        patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=16, out_channels=16,
        text_dim=WIDE, freq_dim=32, ffn_dim=32, num_layers=1, cross_attn_norm=True, qk_norm="rms_norm_across_heads",
    )  # fmt: skip
    vae = AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True]
    )
    return WanPipeline(
        transformer=transformer, vae=vae, scheduler=flow(shift=3.0), tokenizer=tokenizer(),
        text_encoder=_t5(UMT5EncoderModel, UMT5Config),
    )  # fmt: skip


def ltx() -> LTXPipeline:
    transformer = LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, patch_size=1, patch_size_t=1, num_attention_heads=4, attention_head_dim=8,
        cross_attention_dim=32, num_layers=1, caption_channels=WIDE,
    )  # fmt: skip
    vae = AutoencoderKLLTXVideo(
        in_channels=3, out_channels=3, latent_channels=8, block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8), layers_per_block=(1,) * 5, decoder_layers_per_block=(1,) * 5,
        spatio_temporal_scaling=(True, True, False, False), decoder_spatio_temporal_scaling=(True, True, False, False),
        decoder_inject_noise=(False,) * 5, upsample_residual=(False,) * 4, upsample_factor=(1,) * 4,
        timestep_conditioning=False, patch_size=1, patch_size_t=1, encoder_causal=True, decoder_causal=False,
    )  # fmt: skip
    return LTXPipeline(
        transformer=transformer, vae=vae, scheduler=flow(), tokenizer=tokenizer(), text_encoder=_t5(),
    )  # fmt: skip


def hunyuan() -> HunyuanVideoPipeline:
    transformer = HunyuanVideoTransformer3DModel(
        in_channels=4, out_channels=4, num_attention_heads=2, attention_head_dim=10, num_layers=1, num_single_layers=1,
        num_refiner_layers=1, patch_size=2, patch_size_t=1, guidance_embeds=True, text_embed_dim=WIDE,
        pooled_projection_dim=WIDE, rope_axes_dim=(2, 4, 4),
    )  # fmt: skip
    vae = AutoencoderKLHunyuanVideo(
        in_channels=3, out_channels=3, latent_channels=4, down_block_types=("HunyuanVideoDownBlock3D",) * 4,
        up_block_types=("HunyuanVideoUpBlock3D",) * 4, block_out_channels=(8, 8, 8, 8), layers_per_block=1,
        norm_num_groups=4, spatial_compression_ratio=8, temporal_compression_ratio=4,
    )  # fmt: skip
    encoder = LlamaModel(
        LlamaConfig(hidden_size=WIDE, intermediate_size=37, num_attention_heads=4, num_hidden_layers=3, vocab_size=300)
    )
    return HunyuanVideoPipeline(
        transformer=transformer, vae=vae, text_encoder=encoder.eval(), tokenizer=tokenizer(), text_encoder_2=_clip(),
        tokenizer_2=clip_tokenizer(), scheduler=flow(shift=7.0),
    )  # fmt: skip


FAMILIES: dict[str, Callable[[], Any]] = {
    "sd": sd, "rgba": rgba, "sdxl": sdxl, "sd3": sd3, "flux": flux, "qwen-image": qwen_image, "z-image": z_image,
    "wan": wan, "ltx": ltx, "hunyuan": hunyuan,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m modelhost.tiny", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--family", choices=[*FAMILIES, "controlnet", "lora"], default="sd")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.family in FAMILIES:
        build(chosen.folder, chosen.family, chosen.seed)
    else:
        {"controlnet": build_controlnet, "lora": build_lora}[chosen.family](chosen.folder, chosen.seed)
    size = sum(path.stat().st_size for path in chosen.folder.rglob("*") if path.is_file())
    print(json.dumps({"folder": str(chosen.folder), "family": chosen.family, "bytes": size}))


if __name__ == "__main__":
    main()
