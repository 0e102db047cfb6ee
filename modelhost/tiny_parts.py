# ruff: noqa: S106 (tokens of tokenizers are no passwords)
"""What tiny pipelines are made of, and the first families of them; see modelhost/tiny.py."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from diffusers import (
    AutoencoderKL,
    AutoencoderKLHunyuanVideo,
    AutoencoderKLLTXVideo,
    AutoencoderKLQwenImage,
    AutoencoderKLWan,
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


def small_unet(**changed: Any) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        **{
            "block_out_channels": (8, 8),
            "layers_per_block": 1,
            "sample_size": 32,
            "in_channels": 4,
            "out_channels": 4,
            # Attention on the halved picture alone, as in SDXL: a full-size draw stays bearable on a CPU.
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            "cross_attention_dim": WIDE,
            "norm_num_groups": 2,
            "attention_head_dim": 4,
            **changed,
        }
    )


def small_vae(channels: int = 4, **changed: Any) -> AutoencoderKL:
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


def small_clip(projection: bool = False) -> Any:
    config = CLIPTextConfig(
        hidden_size=WIDE, intermediate_size=37, num_attention_heads=4, num_hidden_layers=2, projection_dim=WIDE,
        vocab_size=514, bos_token_id=512, eos_token_id=513, pad_token_id=513, max_position_embeddings=77,
    )  # fmt: skip
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()


def _letters() -> list[str]:
    """The 256 letters that byte-level tokenizers write bytes with: every language passes, a byte at a time."""
    return sorted(pre_tokenizers.ByteLevel.alphabet())


def clip_tokenizer() -> CLIPTokenizer:
    letters = _letters()
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
    words = {word: number for number, word in enumerate([*marks, *_letters()])}
    whole = Tokenizer(BPE(vocab=words, merges=[], unk_token="<unk>"))
    whole.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    whole.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=whole, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=512, **special
    )
    made.add_special_tokens({"additional_special_tokens": marks[3:]})
    return made


def small_t5(kind: Any = T5EncoderModel, config: Any = T5Config, wide: int = WIDE) -> Any:
    return kind(config(d_model=wide, d_ff=37, d_kv=8, num_heads=4, num_layers=2, vocab_size=300)).eval()


def flow(**changed: Any) -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(**changed)


def sd(**vae: Any) -> StableDiffusionPipeline:
    return StableDiffusionPipeline(
        unet=small_unet(), vae=small_vae(**vae), text_encoder=small_clip(), tokenizer=clip_tokenizer(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False, steps_offset=1),
    )  # fmt: skip


def rgba() -> StableDiffusionPipeline:
    """A decoder with a fourth channel: pictures with alpha."""
    return sd(out_channels=4)


def sdxl() -> StableDiffusionXLPipeline:
    unet = small_unet(
        cross_attention_dim=2 * WIDE, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + WIDE, use_linear_projection=True,
    )  # fmt: skip
    return StableDiffusionXLPipeline(
        unet=unet, vae=small_vae(), text_encoder=small_clip(), text_encoder_2=small_clip(projection=True),
        tokenizer=clip_tokenizer(), tokenizer_2=clip_tokenizer(),
        scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
                                set_alpha_to_one=False, steps_offset=1),
    )  # fmt: skip


def sd3() -> StableDiffusion3Pipeline:
    transformer = SD3Transformer2DModel(
        sample_size=32, patch_size=2, in_channels=16, num_layers=2, attention_head_dim=8, num_attention_heads=4,
        joint_attention_dim=WIDE * 2, caption_projection_dim=32, pooled_projection_dim=2 * WIDE, out_channels=16,
    )  # fmt: skip
    return StableDiffusion3Pipeline(
        transformer=transformer, vae=small_vae(16, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=small_clip(True), text_encoder_2=small_clip(True),
        text_encoder_3=small_t5(wide=2 * WIDE), scheduler=flow(shift=3.0),
        tokenizer=clip_tokenizer(), tokenizer_2=clip_tokenizer(), tokenizer_3=tokenizer(),
    )  # fmt: skip


def flux() -> FluxPipeline:
    transformer = FluxTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=WIDE, pooled_projection_dim=WIDE, axes_dims_rope=(4, 4, 8), guidance_embeds=True,
    )  # fmt: skip
    return FluxPipeline(
        transformer=transformer, vae=small_vae(4, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
        text_encoder=small_clip(), text_encoder_2=small_t5(), tokenizer=clip_tokenizer(), tokenizer_2=tokenizer(),
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
        transformer=transformer, vae=small_vae(4, shift_factor=0.06, use_quant_conv=False, use_post_quant_conv=False),
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
        text_encoder=small_t5(UMT5EncoderModel, UMT5Config),
    )  # fmt: skip


def ltx() -> LTXPipeline:
    transformer = LTXVideoTransformer3DModel(
        in_channels=8, out_channels=8, patch_size=1, patch_size_t=1, num_attention_heads=4, attention_head_dim=8,
        cross_attention_dim=32, num_layers=1, caption_channels=WIDE,
    )  # fmt: skip
    vae = AutoencoderKLLTXVideo(
        in_channels=3, out_channels=3, latent_channels=8, block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 8, 8, 8), layers_per_block=(1,) * 5, decoder_layers_per_block=(1,) * 5,
        spatio_temporal_scaling=(True, True, True, False), decoder_spatio_temporal_scaling=(True, True, True, False),
        decoder_inject_noise=(False,) * 5, upsample_residual=(False,) * 4, upsample_factor=(1,) * 4,
        timestep_conditioning=False, patch_size=4, patch_size_t=1, encoder_causal=True, decoder_causal=False,
    )  # fmt: skip
    return LTXPipeline(
        transformer=transformer, vae=vae, scheduler=flow(), tokenizer=tokenizer(), text_encoder=small_t5(),
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
        transformer=transformer, vae=vae, text_encoder=encoder.eval(), tokenizer=tokenizer(),
        text_encoder_2=small_clip(), tokenizer_2=clip_tokenizer(), scheduler=flow(shift=7.0),
    )  # fmt: skip


FIRST: dict[str, Callable[[], Any]] = {
    "sd": sd, "rgba": rgba, "sdxl": sdxl, "sd3": sd3, "flux": flux, "qwen-image": qwen_image, "z-image": z_image,
    "wan": wan, "ltx": ltx, "hunyuan": hunyuan,
}  # fmt: skip
