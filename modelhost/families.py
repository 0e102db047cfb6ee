"""The classes of models that can be drawn with: their pipelines, their sizes, their habits. Standard library only.

Class names are those of diffusers 0.42; a pipeline that is not named here is refused, whatever its folder says.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TEXT, IMAGE, INPAINT, CONTROL = "text", "image", "inpaint", "control"
VIDEO_TEXT, VIDEO_IMAGE = "video_text", "video_image"
TASKS = (TEXT, IMAGE, INPAINT, CONTROL, VIDEO_TEXT, VIDEO_IMAGE)
VIDEO = frozenset({VIDEO_TEXT, VIDEO_IMAGE})

# What a recipe may name. "default" leaves the folder's own scheduler; flow models take flow schedulers alone.
DIFFUSION_SCHEDULERS = {
    "default": "",
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_a": "EulerAncestralDiscreteScheduler",
    "dpmpp_2m": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
}
FLOW_SCHEDULERS = {"default": "", "flow_euler": "FlowMatchEulerDiscreteScheduler"}


@dataclass(frozen=True)
class Family:
    """name: as the registry writes it. pipelines: task -> class. index: the classes its model_index.json may name.

    multiple: width and height are multiples of it. guidance_name: the call's name for guidance_milli. negative: whether
    it reads a negative prompt. frames: (first, step) such as 1 + 4n. long_side: the longer side it was trained for, in
    pixels. denoiser: the module whose forward is one step. shared: its video pipelines are made
    of the same parts. whole: starting from a picture is its inpainting, with everything to be drawn. looks: it looks at
    the picture it starts from instead of drawing on it, so there is no strength. loras: whether diffusers puts any on.
    """

    name: str
    title: str
    pipelines: dict[str, str]
    index: frozenset[str]
    multiple: int
    steps: int
    guidance_milli: int
    denoiser: str = "transformer"
    guidance_name: str = "guidance_scale"
    negative: bool = True
    schedulers: dict[str, str] = field(default_factory=lambda: FLOW_SCHEDULERS)
    frames: tuple[int, int] = (1, 0)
    long_side: int = 1024
    controlnet: str = ""
    shared: bool = False
    whole: bool = False
    looks: bool = False
    loras: bool = True

    @property
    def video(self) -> bool:
        return bool(VIDEO & set(self.pipelines))

    def canvas(self, width: int, height: int) -> tuple[int, int]:
        """The smallest size it can draw that holds width x height."""
        return -(-width // self.multiple) * self.multiple, -(-height // self.multiple) * self.multiple

    def tasks(self, class_name: str) -> tuple[str, ...]:
        """What a folder of this class can do: picture pipelines share their parts, most video pipelines do not."""
        if not self.video or self.shared:
            return tuple(self.pipelines)
        return tuple(task for task, name in self.pipelines.items() if name == class_name)

    def frame_count(self, asked: int) -> int:
        """The least number of frames it can draw that is not fewer than `asked`."""
        first, step = self.frames
        return 1 if not step else first + -(-max(0, asked - first) // step) * step


def _picture(prefix: str) -> dict[str, str]:
    found = {TEXT: f"{prefix}Pipeline", IMAGE: f"{prefix}Img2ImgPipeline", INPAINT: f"{prefix}InpaintPipeline"}
    return found | {CONTROL: f"{prefix}ControlNetPipeline"}


def _family(name: str, title: str, pipelines: dict[str, str], **more: object) -> Family:
    index = more.pop("index", None) or set(pipelines.values())
    return Family(name, title, pipelines, frozenset(index), **more)  # type: ignore[arg-type, call-overload]


_ALL = (
    _family(
        "sd", "Stable Diffusion 1 and 2", _picture("StableDiffusion"), multiple=8, steps=30,
        guidance_milli=7_500, denoiser="unet", schedulers=DIFFUSION_SCHEDULERS, long_side=768,
        controlnet="ControlNetModel",
    ),
    _family(
        "sdxl", "Stable Diffusion XL", _picture("StableDiffusionXL"), multiple=8, steps=30,
        guidance_milli=6_000, denoiser="unet", schedulers=DIFFUSION_SCHEDULERS, controlnet="ControlNetModel",
    ),
    _family(
        "sd3", "Stable Diffusion 3", _picture("StableDiffusion3"), multiple=16, steps=28,
        guidance_milli=7_000, controlnet="SD3ControlNetModel",
    ),
    _family(
        "flux", "FLUX", _picture("Flux"), multiple=16, steps=28, guidance_milli=3_500,
        negative=False, controlnet="FluxControlNetModel",
    ),
    _family(
        "flux2", "FLUX.2", {TEXT: "Flux2Pipeline", IMAGE: "Flux2Pipeline"}, multiple=16, steps=28,
        guidance_milli=4_000, negative=False, looks=True,
    ),
    _family(
        "flux2-klein", "FLUX.2 klein",
        {TEXT: "Flux2KleinPipeline", IMAGE: "Flux2KleinInpaintPipeline", INPAINT: "Flux2KleinInpaintPipeline"},
        multiple=16, steps=4, guidance_milli=4_000, negative=False, whole=True,
    ),
    _family(
        "qwen-image", "Qwen-Image", _picture("QwenImage"), multiple=16, steps=40,
        guidance_milli=4_000, guidance_name="true_cfg_scale", controlnet="QwenImageControlNetModel", long_side=1328,
    ),
    _family(
        "z-image", "Z-Image", _picture("ZImage"), multiple=16, steps=9, guidance_milli=1_000,
        controlnet="ZImageControlNetModel",
    ),
    _family(
        "wan", "Wan", {VIDEO_TEXT: "WanPipeline", VIDEO_IMAGE: "WanImageToVideoPipeline"}, multiple=16, steps=40,
        guidance_milli=5_000, frames=(1, 4), long_side=1280,
    ),
    _family(
        "ltx", "LTX-Video", {VIDEO_TEXT: "LTXPipeline", VIDEO_IMAGE: "LTXImageToVideoPipeline"}, multiple=32, steps=40,
        guidance_milli=3_000, frames=(1, 8), long_side=1216, shared=True,
    ),
    _family(
        "hunyuan", "HunyuanVideo",
        {VIDEO_TEXT: "HunyuanVideoPipeline", VIDEO_IMAGE: "HunyuanVideoImageToVideoPipeline"},
        multiple=16, steps=40, guidance_milli=6_000, frames=(1, 4), long_side=1280, negative=False,
    ),
    _family(
        "hunyuan15", "HunyuanVideo 1.5",
        {VIDEO_TEXT: "HunyuanVideo15Pipeline", VIDEO_IMAGE: "HunyuanVideo15ImageToVideoPipeline"}, multiple=16,
        steps=40, guidance_milli=6_000, frames=(1, 4), long_side=1280, guidance_name="", loras=False,
    ),
)  # fmt: skip
FAMILIES: dict[str, Family] = {family.name: family for family in _ALL}
# What stands beside a pipeline: fits a family, is never drawn with alone.
CONTROLNET, LORA, PIPELINE, WORKFLOW = "controlnet", "lora", "pipeline", "workflow"
ENCODER = "encoder"  # draws nothing: it says what a picture shows, see `encoders`
KINDS = (PIPELINE, CONTROLNET, LORA, WORKFLOW, ENCODER)


def family_of(class_name: str) -> Family | None:
    """The family whose pipeline carries this class name in its model_index.json."""
    return next((family for family in _ALL if class_name in family.index), None)


def controlled_by(class_name: str) -> list[str]:
    """Families that a ControlNet of this class may fit."""
    return [family.name for family in _ALL if family.controlnet and family.controlnet == class_name]
