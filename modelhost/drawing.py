"""One recipe, drawn: from a warm pipeline to a picture or a film on disk, a step at a time, stoppable within one.

- Batch 1 and a generator on the CPU: the same seed gives the same noise on every device.
- A stop raises out of the next module's forward (a global pre-hook), in the text encoder, the denoiser and the decoder
  alike. `_interrupt` would decode and return half a picture without an error.
- Latents are on disk before they are decoded: what runs out of memory then, or dies, is decoded again and not drawn
  again.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn.modules.module import register_module_forward_pre_hook

from compositing.errors import Cancelled, Refused
from modelhost import pictures, preview
from modelhost.families import CONTROL, FAMILIES, IMAGE, INPAINT, VIDEO, VIDEO_IMAGE, Family
from modelhost.loading import Folder, Loaded, Shelf, empty, fingerprint
from modelhost.recipe import complete, needs

Report = Callable[[int, int, str], None]
LATENTS = "latents.safetensors"
PREVIEW_EVERY_S = 0.3
# Recovery from too little memory, gentle first: (what is tried, what the fingerprint calls it).
OFFLOADS = ("none", "model", "sequential")


@dataclass
class Request:
    """recipe: complete; folders: manifest sha256 -> Folder; inputs: artefact sha256 -> path; out: where files go."""

    recipe: dict[str, Any]
    folders: dict[str, Folder]
    inputs: dict[str, Path]
    out: Path


@contextmanager
def stoppable(stopping: Callable[[], bool]) -> Iterator[None]:
    """While open, every module's forward asks first. Raises Cancelled out of the pipeline."""

    def ask(_module: Any, _args: Any) -> None:
        if stopping():
            raise Cancelled("The draw was cancelled.")

    hook = register_module_forward_pre_hook(ask)
    try:
        yield
    finally:
        hook.remove()


def draw(request: Request, shelf: Shelf, report: Report, stopping: Callable[[], bool]) -> dict[str, Any]:
    """Draw it. Files appear in `request.out` whole or not at all.

    Returns {"picture" or "clip", "width", "height", "frame_count", "has_alpha", "seconds_milli" (on a CPU: of the
    CPU), "timing", "fingerprint"}.
    Raises Refused for what can't be drawn here, with advice; Cancelled when asked to stop.
    """
    recipe = request.recipe = complete(request.recipe)
    family = FAMILIES[recipe["model_class"]]
    for name in needs(recipe["task"]):
        if not recipe["params"].get(name):
            raise Refused(
                f"This way of drawing starts from a picture: choose one for “{name}”.",
                code="draw_needs_picture", name=name,
            )  # fmt: skip
    # A CPU is shared, so its draws are counted in CPU-seconds, as procedural ones are; a GPU draws one at a time.
    clock = time.monotonic if torch.cuda.is_available() else time.process_time
    began = clock()
    report(0, recipe["params"]["steps"], "loading")
    part = recipe["parts"]["pipeline"]
    with stoppable(stopping):
        base = shelf.pipeline(part["manifest"], request.folders[part["manifest"]], recipe["dtype"])
        loaded_s = clock() - began
        found, recovered = _recovering(request, family, base, shelf, report)
    report(1, 1, "saving")
    made = _keep(found, recipe, request.out)
    seconds = clock() - began
    print_ = fingerprint(recipe["dtype"]) | ({"recovered": recovered} if recovered else {})
    timing = {"load_milli": round(loaded_s * 1000), "draw_milli": round((seconds - loaded_s) * 1000)}
    return made | {"seconds_milli": round(seconds * 1000), "timing": timing, "fingerprint": print_}


def _recovering(
    request: Request, family: Family, base: Loaded, shelf: Shelf, report: Report
) -> tuple[NDArray | Image.Image, list[str]]:
    """What was drawn, and what had to be given up for it. Raises Refused with advice where memory never suffices."""
    recovered: list[str] = []
    ways = [way for way in OFFLOADS if way == "none" or torch.cuda.is_available()]
    for way in ways[ways.index(base.moved) if base.moved in ways else 0 :]:
        try:
            return _run(request, family, base, shelf, way, report, recovered), recovered
        except torch.OutOfMemoryError:
            recovered.append(f"offload after {way}")
            shelf.forget(keep=base.key)
            empty()
    raise Refused(
        "The model and this picture together need more memory than this device has, even piece by piece. "
        "Draw it smaller, with fewer frames, with a smaller model or in float16, or on a device with more memory.",
        code="draw_memory",
    )  # fmt: skip


def _run(
    request: Request, family: Family, base: Loaded, shelf: Shelf, way: str, report: Report, recovered: list[str]
) -> NDArray | Image.Image:
    recipe, params, out = request.recipe, request.recipe["params"], request.out
    pipe = _pipeline(request, family, base, shelf)
    latents = out / LATENTS
    name = hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()
    adapters = False
    decode = pipe.vae.decode
    try:
        _place(pipe, base, way)
        pipe.scheduler = _scheduler(family, base, params["scheduler"])
        _tile(pipe, on=bool(params["tiling"]))
        adapters = _wear(pipe, request, shelf)
        start, before, mask = _starts(request, family)
        pipe.vae.decode = _guarded(pipe, decode, latents, name, report, recovered)
        if _has(latents, name) and getattr(pipe, "safety_checker", None) is None:
            whole = _decoded(pipe, latents, family)
        else:
            with torch.inference_mode():
                answer = pipe(**_call(pipe, request, family, start, mask, _steps(pipe, base, request, report)))
            whole = (answer.images if hasattr(answer, "images") else answer.frames)[0]
        if mask is not None and before is not None and isinstance(whole, Image.Image):
            whole = pictures.kept(whole, before, mask)
        return whole
    finally:
        pipe.vae.decode = decode
        _tile(pipe, on=False)
        if adapters:
            pipe.unload_lora_weights()
        if hasattr(pipe, "maybe_free_model_hooks"):
            pipe.maybe_free_model_hooks()


def _pipeline(request: Request, family: Family, base: Loaded, shelf: Shelf) -> Any:
    """The task's own pipeline over the same parts in memory."""
    recipe = request.recipe
    cls = getattr(diffusers, family.pipelines[recipe["task"]])
    more: dict[str, Any] = {}
    if recipe["task"] == CONTROL:
        sha256 = recipe["parts"]["controlnet"]["manifest"]
        more["controlnet"] = shelf.controlnet(sha256, request.folders[sha256], recipe["dtype"])
    if type(base.what) is cls and not more:
        return base.what
    pipe = cls.from_pipe(base.what, torch_dtype=getattr(torch, recipe["dtype"]), **more)
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _place(pipe: Any, base: Loaded, way: str) -> None:
    """Put the parts where they are to run: all on the device, or one after the other."""
    if not torch.cuda.is_available():
        return
    if base.moved != way:
        pipe.remove_all_hooks()
        pipe.to("cpu")
        empty()
    if way == "none":
        pipe.to("cuda")
    elif way == "model":
        pipe.enable_model_cpu_offload()
    else:
        pipe.enable_sequential_cpu_offload()
    base.moved = way


def _scheduler(family: Family, base: Loaded, name: str) -> Any:
    """A fresh one for every draw: schedulers remember, and what a cancelled draw left must not be seen."""
    cls = getattr(diffusers, family.schedulers[name]) if family.schedulers[name] else type(base.scheduler)
    return cls.from_config(base.scheduler.config)


def _tile(pipe: Any, *, on: bool) -> None:
    for word in ("tiling", "slicing"):
        switch = getattr(pipe.vae, f"{'enable' if on else 'disable'}_{word}", None)
        if switch is not None:
            try:
                switch()
            except NotImplementedError:
                continue  # this decoder has no tiles: it decodes whole


def _wear(pipe: Any, request: Request, shelf: Shelf) -> bool:
    """Put the recipe's LoRAs on. Whether there are any."""
    worn = request.recipe["parts"].get("loras") or []
    names = [f"lora{number}" for number in range(len(worn))]
    for name, part in zip(names, worn, strict=True):
        weights = load_file(shelf.lora(part["manifest"], request.folders[part["manifest"]]))
        try:
            pipe.load_lora_weights(weights, adapter_name=name)
            pipe.set_adapters([name], [1.0])  # one of whose weights nothing fitted is not there
        except (ValueError, RuntimeError, KeyError, AttributeError) as error:
            pipe.unload_lora_weights()
            raise Refused(
                f"The LoRA {part['name']} does not fit this model. "
                f"Choose one made for {request.recipe['model_class']}.",
                code="draw_lora_unfit", name=part["name"], model=request.recipe["model_class"],
            ) from error  # fmt: skip
    if worn:
        pipe.set_adapters(names, [part["weight_milli"] / 1000 for part in worn])
    return bool(worn)


def _starts(request: Request, family: Family) -> tuple[Any, Image.Image | None, Image.Image | None]:
    """(what the pipeline starts from, the untouched picture, the mask), in the canvas's size; None where not asked."""
    recipe, params = request.recipe, request.recipe["params"]
    width, height = recipe["canvas_width"], recipe["canvas_height"]

    def stored(name: str) -> Image.Image:
        path = request.inputs.get(params[name])
        if path is None:
            raise Refused(f"The picture for “{name}” is not in the store any more.", code="draw_input_gone", name=name)
        return pictures.opened(path)

    if recipe["task"] == CONTROL:
        picture = stored("control_image")
        shown = pictures.grey_depth(picture) if params["control_kind"] == "depth" else picture.convert("RGB")
        return pictures.cover(shown, width, height), None, None
    if recipe["task"] == IMAGE and family.whole:
        before = pictures.cover(stored("image").convert("RGB"), width, height)
        return before, None, Image.new("L", before.size, 255)
    if recipe["task"] in (IMAGE, VIDEO_IMAGE):
        return pictures.cover(stored("image").convert("RGB"), width, height), None, None
    if recipe["task"] == INPAINT:
        if params.get("mask"):
            before = pictures.cover(stored("image").convert("RGB"), width, height)
            mask = pictures.cover(stored("mask").convert("L"), width, height)
        else:
            before, mask = pictures.outpainted(stored("image"), width, height)
        return before, before, mask
    return None, None, None


def _call(
    pipe: Any, request: Request, family: Family, start: Any, mask: Any, on_step: Callable[..., Any]
) -> dict[str, Any]:
    """The pipeline's arguments: only those that its signature knows."""
    recipe, params = request.recipe, request.recipe["params"]
    known = inspect.signature(type(pipe).__call__).parameters
    film = recipe["task"] in VIDEO
    given: dict[str, Any] = {
        "prompt": params["prompt"],
        "num_inference_steps": params["steps"],
        "width": recipe["canvas_width"],
        "height": recipe["canvas_height"],
        "generator": torch.Generator("cpu").manual_seed(recipe["seed"]),
        "num_images_per_prompt": 1,
        "output_type": "np" if film else "pil",
        "callback_on_step_end": on_step,
        "callback_on_step_end_tensor_inputs": ["latents"],
    }
    if "callback_on_step_end" not in known:
        _count(pipe, on_step)
    if family.guidance_name:
        given[family.guidance_name] = params["guidance_milli"] / 1000
    elif getattr(pipe, "guider", None) is not None:  # a part of its own, for this draw alone
        pipe.guider = pipe.guider.new(guidance_scale=params["guidance_milli"] / 1000)
    if family.negative:
        # An empty negative switches true guidance off in some pipelines; a space is an empty one that counts.
        given["negative_prompt"] = params["negative"] or " "
    if film:
        given |= {"num_frames": family.frame_count(params["frames"]), "frame_rate": _rate(recipe)}
    if start is not None:
        name = "control_image" if recipe["task"] == CONTROL and "control_image" in known else "image"
        given[name] = start
    if mask is not None:
        given["mask_image"] = mask
    if "strength_milli" in params:
        given["strength"] = params["strength_milli"] / 1000
    if recipe["task"] == CONTROL:
        given["controlnet_conditioning_scale"] = params["control_weight_milli"] / 1000
    return {name: value for name, value in given.items() if name in known}


def _count(pipe: Any, on_step: Callable[..., Any]) -> None:
    """Steps of a pipeline that calls nobody after each: its scheduler, made for this draw, is asked once a step."""
    step, done = pipe.scheduler.step, 0

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal done
        answer = step(*args, **kwargs)
        on_step(pipe, done, None, {"latents": answer[0]})
        done += 1
        return answer

    pipe.scheduler.step = counted


def _rate(recipe: dict[str, Any]) -> int:
    return round(recipe["fps_num"] / recipe["fps_den"])


def _steps(pipe: Any, base: Loaded, request: Request, report: Report) -> Callable[..., dict[str, Any]]:
    """Called after every step: how far it is, and now and then what it looks like."""
    recipe = request.recipe
    scale = getattr(pipe, "vae_scale_factor", None) or getattr(pipe, "vae_scale_factor_spatial", None)
    scale = scale or getattr(pipe, "vae_spatial_compression_ratio", 8)
    rows, columns = recipe["canvas_height"] // scale, recipe["canvas_width"] // scale
    shown = 0.0

    def on_step(_pipe: Any, step: int, _time: Any, given: dict[str, Any]) -> dict[str, Any]:
        nonlocal shown
        total = getattr(_pipe, "_num_timesteps", 0) or recipe["params"]["steps"]
        if base.colours is not None and "latents" in given and time.monotonic() - shown > PREVIEW_EVERY_S:
            shown = time.monotonic()
            try:
                pixels = preview.show(given["latents"], base.colours, rows, columns, base.what.vae)
                pictures.write_preview(request.out / "preview.jpg", pixels, recipe["width"], recipe["height"])
            except (RuntimeError, ValueError, OSError):
                base.colours = None  # this family packs its latents in a way of its own: no preview, never no draw
        report(step + 1, total, "steps")
        return given

    return on_step


def _guarded(
    pipe: Any, decode: Callable[..., Any], latents: Path, name: str, report: Report, recovered: list[str]
) -> Callable[..., Any]:
    """`vae.decode` that first puts what it is given on disk, and does not give up when memory runs out."""

    def decoded(z: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        report(0, 1, "decoding")
        if not _has(latents, name):
            _save(latents, z, args[0] if args else kwargs.get("temb"), name)
        try:
            return decode(z, *args, **kwargs)
        except torch.OutOfMemoryError:
            empty()
            _tile(pipe, on=True)
            recovered.append("decoded in tiles")
        try:
            return decode(z, *args, **kwargs)
        except torch.OutOfMemoryError:
            if z.device.type == "cpu":
                raise
            empty()
            recovered.append("decoded on the CPU")
        # Slow, and the draw is not lost.
        vae, dtype, where = pipe.vae, pipe.vae.dtype, z.device
        pipe.remove_all_hooks()
        vae.to("cpu", torch.float32)
        try:
            answer = decode(z.to("cpu", torch.float32), *args, **kwargs)
        finally:
            vae.to(where, dtype)
        return answer

    return decoded


def _save(path: Path, z: torch.Tensor, moment: Any, name: str) -> None:
    tensors = {"latents": z.detach().to("cpu").contiguous()}
    if isinstance(moment, torch.Tensor):
        tensors["moment"] = moment.detach().to("cpu").contiguous()
    part = path.with_name(f".{path.name}.part")
    save_file(tensors, part, metadata={"recipe": name})
    with part.open("rb+") as handle:
        os.fsync(handle.fileno())
    os.replace(part, path)


def _has(path: Path, name: str) -> bool:
    """Whether latents of this very recipe are there, from this attempt or one that died while decoding."""
    if not path.exists():
        return False
    try:
        with safe_open(path, "pt") as kept:
            return bool((kept.metadata() or {}).get("recipe") == name)
    except (OSError, ValueError, RuntimeError):
        return False


def _decoded(pipe: Any, latents: Path, family: Family) -> NDArray | Image.Image:
    """The end of a pipeline's call alone: decode and quantise what was kept."""
    kept = load_file(latents)
    where = pipe._execution_device
    z = kept["latents"].to(where, pipe.vae.dtype)
    more = [kept["moment"].to(where)] if "moment" in kept else []
    with torch.inference_mode():
        decoded = pipe.vae.decode(z, *more, return_dict=False)[0]
        if family.video:
            return np.asarray(pipe.video_processor.postprocess_video(decoded, output_type="np")[0])
        if decoded.ndim == 5:  # Qwen-Image's decoder is a film's, with one frame
            decoded = decoded[:, :, 0]
        picture: Image.Image = pipe.image_processor.postprocess(decoded, output_type="pil")[0]
        return picture


def _keep(found: NDArray | Image.Image, recipe: dict[str, Any], out: Path) -> dict[str, Any]:
    """Cut to the asked size and write. Raises Refused for a picture without any content (NaN: a broken number form)."""
    width, height = recipe["width"], recipe["height"]
    if isinstance(found, Image.Image):
        path = out / "picture.png"
        pictures.write_png(path, pictures.middle(found, width, height))
        return {
            "picture": str(path), "width": width, "height": height, "frame_count": 1,
            "has_alpha": found.mode == "RGBA" and found.getextrema()[3][0] < 255,
        }  # fmt: skip
    if not np.isfinite(found).all():
        raise Refused(
            f"The model gave no picture but broken numbers. Draw it in another number form than {recipe['dtype']}.",
            code="draw_broken", dtype=recipe["dtype"],
        )  # fmt: skip
    if found.shape[1] < height or found.shape[2] < width:  # a model that chooses its own size by the picture's form
        found = np.stack([pictures.grown(frame, width, height) for frame in found])
    frames = (np.clip(found, 0, 1) * 255 + 0.5).astype(np.uint8)[: recipe["params"]["frames"]]
    path = out / "clip.mp4"
    pictures.write_clip(path, frames, width, height, recipe["fps_num"], recipe["fps_den"])
    return {"clip": str(path), "width": width, "height": height, "frame_count": len(frames), "has_alpha": False}
