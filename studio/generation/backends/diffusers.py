"""Pictures and films by learned models, drawn in the worker's model host. Layers made so are AI-made, and say so."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compositing.errors import EngineError
from modelhost import recipe as recipes
from modelhost.client import Keeper
from modelhost.families import (
    CONTROL,
    CONTROLNET,
    FAMILIES,
    IMAGE,
    INPAINT,
    LORA,
    PIPELINE,
    TEXT,
    VIDEO,
    VIDEO_IMAGE,
    VIDEO_TEXT,
    Family,
)
from studio.core.canonical import digest
from studio.core.engine_sentences import sentence
from studio.core.errors import Invalid
from studio.generation import registry
from studio.generation.backends import pace
from studio.generation.backends.base import Choice, Context, Control, Estimate, Offer, Output
from studio.generation.models import RegisteredModel

HOST = Keeper()
KINDS = frozenset({"background", "foreground", "effect", "crowd"})
TASKS = {
    TEXT: gettext_noop("from words"),
    IMAGE: gettext_noop("from a picture"),
    INPAINT: gettext_noop("drawn on around a picture"),
    CONTROL: gettext_noop("along a depth map or pose"),
    VIDEO_TEXT: gettext_noop("film from words"),
    VIDEO_IMAGE: gettext_noop("film from a picture"),
}
GUESS = gettext_noop("a guess from the model's size")
FINAL_STRENGTH_MILLI = 350  # a final keeps a draft's picture and draws its detail anew
REFUSED_FOLDER = ("model_changed", "model_missing", "model_moving")


class Diffusers:
    name = "diffusers"
    origin = "generated"
    ai_made = True
    queue = "gpu"
    rate = "gpu_hour"
    one_pace = False

    def offers(self, kind: str) -> list[Offer]:
        if kind not in KINDS:
            return []
        rows = list(RegisteredModel.objects.filter(state="verified", approved_at__isnull=False))
        nets = [row for row in rows if row.kind == CONTROLNET]
        loras = [row for row in rows if row.kind == LORA]
        return [
            self._offer(row, task, nets, loras)
            for row in rows
            if row.kind == PIPELINE
            for task in FAMILIES[row.family].tasks(row.class_name)
            if task != CONTROL or _fitting(nets, row)
        ]

    def _offer(self, row: RegisteredModel, task: str, nets: list[Any], loras: list[Any]) -> Offer:
        family = FAMILIES[row.family]
        controls = _controls(family, task, _fitting(nets, row), loras if family.loras else [])
        return Offer(
            f"{row.name}/{task}", f"{row.title} · {TASKS[task]}", family.title, KINDS, tuple(controls), row.name, task,
            task in VIDEO, family.name,
        )  # fmt: skip

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """recipe: family ("model/task"), params, seed, width, height, fps_num, fps_den. Raises Invalid."""
        name, _slash, task = str(recipe.get("family", "")).partition("/")
        model = registry.usable(name)
        family = FAMILIES[model.family]
        try:
            params = recipes.check_params(family, task, recipe.get("params") or {})
        except EngineError as error:
            raise Invalid(_in_words(error)) from error
        if task not in family.tasks(model.class_name):
            raise Invalid(
                _("%(model)s can't do this; choose another model or way of drawing.") % {"model": model.title}
            )
        parts: dict[str, Any] = {"pipeline": _part(model)}
        if task == CONTROL:
            net = registry.usable(str(params.get("control_model") or _first_net(model)), CONTROLNET)
            parts["controlnet"] = _part(net)
        if params.get("loras"):
            parts["loras"] = [
                _part(registry.usable(one["name"], LORA)) | {"weight_milli": one["weight_milli"]}
                for one in params["loras"]
            ]
        width, height = int(recipe["width"]), int(recipe["height"])
        canvas = family.canvas(width, height)
        return {
            "schema": recipes.SCHEMA, "family": f"{model.name}/{task}", "task": task, "model_class": family.name,
            "dtype": model.dtype, "parts": parts, "params": params, "seed": int(recipe["seed"]),
            "width": width, "height": height, "canvas_width": canvas[0], "canvas_height": canvas[1],
            "fps_num": int(recipe["fps_num"]), "fps_den": int(recipe["fps_den"]),
        }  # fmt: skip

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        """A guess from the model's size; the first draw teaches more."""
        name = str(recipe["parts"]["pipeline"]["name"])
        model = RegisteredModel.objects.filter(name=name).first()
        milli = pace.guess(self.work(recipe), size=model.size if model else 0, device="cuda")
        return Estimate(milli, self.rate, GUESS, name)

    def work(self, recipe: Mapping[str, Any]) -> int:
        params = recipe["params"]
        steps = params["steps"] * params.get("strength_milli", 1_000) // 1_000 or 1
        return pace.units(recipe["canvas_width"], recipe["canvas_height"], steps, params.get("frames", 1))

    def inputs(self, recipe: Mapping[str, Any]) -> list[str]:
        params = recipe["params"]
        if any(not params.get(name) for name in recipes.needs(recipe["task"])):
            raise Invalid(_("This way of drawing starts from a picture: choose one."))
        return [str(params[name]) for name in recipes.PICTURES if params.get(name)]

    def final(self, recipe: Mapping[str, Any], artefact: str) -> dict[str, Any]:
        """A picture is drawn on from the draft at full size; a film is drawn anew from the same seed."""
        asked = {name: recipe[name] for name in ("family", "params", "seed")}
        if recipe["task"] in VIDEO or recipe["task"] == INPAINT:
            return asked
        keep = {"control_image", "control_kind", "control_model", "control_weight_milli"}
        params = {name: value for name, value in recipe["params"].items() if name not in keep}
        params |= {"image": artefact, "strength_milli": FINAL_STRENGTH_MILLI}
        return asked | {"family": f"{recipe['parts']['pipeline']['name']}/{IMAGE}", "params": params}

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        made = finished(context.scratch, recipe) or self._draw(recipe, context)
        media = {
            "width": made["width"], "height": made["height"], "frame_count": made["frame_count"],
            "has_alpha": made["has_alpha"], "models": registry.parts_of(recipe), "timing": made["timing"],
        }  # fmt: skip
        common: dict[str, Any] = {"seconds_milli": made["seconds_milli"], "fingerprint": made["fingerprint"]}
        if made.get("picture"):
            path = context.scratch / made["picture"]
            shown = context.child("picture_info", {"path": str(path), "out_dir": str(context.scratch)})
            params = recipe["params"]
            known = params.get("control_kind") == "depth" and params.get("control_image")
            return Output(
                picture=path, mime="image/png", suffix=".png", media=media, poster=Path(shown["preview"]),
                depth=context.path_of(params["control_image"]) if known else None, **common,
            )  # fmt: skip
        path = context.scratch / made["clip"]
        form = {name: recipe[name] for name in ("width", "height", "fps_num", "fps_den")}
        shown = context.child("proxy", {"path": str(path), "out_dir": str(context.scratch), **form})
        return Output(
            picture=path, mime="video/mp4", suffix=".mp4", poster=Path(shown["poster"]), proxy=Path(shown["proxy"]),
            media=media | {"fps_num": recipe["fps_num"], "fps_den": recipe["fps_den"]}, **common,
        )  # fmt: skip

    def _draw(self, recipe: Mapping[str, Any], context: Context) -> dict[str, Any]:
        seen = -1

        def on_progress(step: Any) -> None:
            nonlocal seen
            context.progress(step.done, step.total, step.stage)
            look = context.scratch / "preview.jpg"
            try:
                now = look.stat().st_mtime_ns
                if now != seen:
                    seen = now
                    context.show(look.read_bytes())
            except OSError:
                return

        args = {
            "recipe": dict(recipe), "out_dir": str(context.scratch), "folders": _folders(recipe),
            "inputs": {sha256: str(context.path_of(sha256)) for sha256 in self.inputs(recipe)},
        }  # fmt: skip
        try:
            made = HOST.request("draw", args, on_progress=on_progress, cancelled=context.cancelled)
        except EngineError as error:
            if error.code in REFUSED_FOLDER:
                for sha256, folder in args["folders"].items():  # type: ignore[attr-defined]
                    if Path(folder["path"]).name == error.params.get("name"):
                        registry.mark_changed(sha256=sha256, error=error)
            raise
        return keep_finished(context.scratch, recipe, made)


# -- a finished draw survives the worker that made it


def keep_finished(scratch: Path, recipe: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """Write down beside its file that a draw is whole; a later attempt records it without drawing again."""
    kept = {**made, "recipe": digest(dict(recipe))}
    for name in ("picture", "clip"):
        if made.get(name):
            kept[name] = Path(made[name]).name
    part = scratch / ".made.json.part"
    with part.open("w") as handle:
        json.dump(kept, handle)
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, scratch / "made.json")
    return kept


def finished(scratch: Path, recipe: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an earlier attempt of this very recipe finished, if its file is there."""
    try:
        kept: dict[str, Any] = json.loads((scratch / "made.json").read_text())
    except (OSError, ValueError):
        return None
    file = scratch / str(kept.get("picture") or kept.get("clip") or "-")
    return kept if kept.get("recipe") == digest(dict(recipe)) and file.is_file() else None


# -- inside


def _in_words(error: EngineError) -> str:
    return sentence(error.code, error.params, str(error))


def _part(model: RegisteredModel) -> dict[str, Any]:
    return {"name": model.name, "manifest": model.manifest_sha256}


def _folders(recipe: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """manifest sha256 -> where it lies and what was approved, for every model of a recipe."""
    found = {}
    for part in registry.parts_of(recipe):
        row = RegisteredModel.objects.filter(manifest_sha256=part["manifest"]).first()
        if row is None:
            raise Invalid(
                _("The model %(name)s was struck from the registry, or replaced, since this was asked for.")
                % {"name": part["name"]}
            )
        found[row.manifest_sha256] = {"path": str(registry.folder_of(row)), "files": row.manifest}
    return found


def _fitting(nets: list[Any], row: RegisteredModel) -> list[Any]:
    """ControlNets whose class the family takes."""
    return [net for net in nets if net.class_name == FAMILIES[row.family].controlnet]


def _first_net(model: RegisteredModel) -> str:
    wanted = FAMILIES[model.family].controlnet
    net = RegisteredModel.objects.filter(kind=CONTROLNET, class_name=wanted, state="verified").first()
    if net is None or not wanted:
        raise Invalid(_("No ControlNet for %(model)s is registered.") % {"model": model.title})
    return net.name


def _controls(family: Family, task: str, nets: list[Any], loras: list[Any]) -> list[Control]:
    """What a page asks for, in the order people fill it in."""
    least = recipes.NUMBERS
    found = [
        Control("prompt", gettext_noop("What it shows"), gettext_noop("In any language the model knows."), "text",
                maximum=recipes.MOST_PROMPT, default="", required=task in (TEXT, VIDEO_TEXT))
    ]  # fmt: skip
    if family.negative:
        found.append(Control("negative", gettext_noop("What it must not show"), gettext_noop("Things the model is to keep away from."), "text", maximum=recipes.MOST_PROMPT, default=""))  # fmt: skip  # noqa: E501
    if task in (IMAGE, INPAINT, VIDEO_IMAGE):
        found.append(Control("image", gettext_noop("Start from"), gettext_noop("A plate, a draw or a frame of this production."), "picture", default="", required=True))  # fmt: skip  # noqa: E501
    if task == INPAINT:
        found.append(Control("mask", gettext_noop("Where to draw"), gettext_noop("White is drawn anew. Without one the picture is drawn on beyond its edges."), "picture", default=""))  # fmt: skip  # noqa: E501
    if task in (IMAGE, INPAINT) and not family.looks:
        usual = 600 if task == IMAGE else 1_000
        found.append(Control("strength_milli", gettext_noop("Strength"), gettext_noop("How far it may leave the picture it starts from."), "number", *least["strength_milli"], usual, "‰"))  # fmt: skip  # noqa: E501
    if task == CONTROL:
        found += [
            Control("control_image", gettext_noop("Follow"), gettext_noop("A depth map or a pose of this production."), "picture", default="", required=True),  # noqa: E501
            Control("control_kind", gettext_noop("It is"), gettext_noop("What the picture to follow tells."), "choice", default="depth",  # noqa: E501
                    choices=(Choice("depth", gettext_noop("a depth map")), Choice("pose", gettext_noop("a pose")))),
            Control("control_model", gettext_noop("By"), gettext_noop("The ControlNet that reads it."), "choice", default=nets[0].name if nets else "",  # noqa: E501
                    choices=tuple(Choice(net.name, net.title) for net in nets)),
            Control("control_weight_milli", gettext_noop("How closely"), gettext_noop("How closely the picture is followed."), "number", *least["control_weight_milli"], 1_000, "‰"),  # noqa: E501
        ]  # fmt: skip
    if task in VIDEO:
        found.append(Control("frames", gettext_noop("Frames"), gettext_noop("How long the clip is."), "number", *least["frames"], family.frame_count(48), ""))  # fmt: skip  # noqa: E501
    found += [
        Control("steps", gettext_noop("Steps"), gettext_noop("More is finer and costs more."), "number", *least["steps"], family.steps, ""),  # noqa: E501
        Control("guidance_milli", gettext_noop("Guidance"), gettext_noop("How strictly the words are followed."), "number", *least["guidance_milli"], family.guidance_milli, "‰"),  # noqa: E501
        Control("scheduler", gettext_noop("Scheduler"), gettext_noop("How the steps are spaced."), "choice", default="default",  # noqa: E501
                choices=tuple(Choice(name, name if name != "default" else gettext_noop("the model's own")) for name in family.schedulers)),  # noqa: E501
    ]  # fmt: skip
    if loras:
        found.append(Control("loras", gettext_noop("LoRAs"), gettext_noop("Small additions to the model: a style, a place."), "loras", default="",  # noqa: E501
                             choices=tuple(Choice(row.name, row.title) for row in loras)))  # fmt: skip
    return found
