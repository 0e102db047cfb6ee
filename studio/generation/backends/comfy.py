"""Draws on a remote ComfyUI server: registered workflows, their settings filled in from the recipe.

Room for a vendor's own API: another class with the `Backend` protocol and another wire; what the studio does with what
comes back is here already.
"""

import asyncio
import json
import queue
import threading
import uuid
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compositing.errors import Refused
from modelhost.families import WORKFLOW
from modelhost.recipe import MOST_PROMPT, NUMBERS
from studio.core.errors import Invalid
from studio.generation import comfy_graph, registry, workflow_png
from studio.generation.backends import comfy_wire, pace
from studio.generation.backends.base import Context, Control, Estimate, Offer, Output
from studio.generation.backends.diffusers import finished, keep_finished
from studio.generation.models import RegisteredModel

KINDS = frozenset({"background", "foreground", "effect", "crowd"})
SCHEMA = "comfy.1"
PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
FILMS = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".mkv": "video/x-matroska"}
USUAL_S, USUAL_STEPS = 30, 30


class Comfy:
    name = "remote"
    origin = "generated"
    ai_made = True
    queue = "remote"
    rate = "draw"
    one_pace = False

    def offers(self, kind: str) -> list[Offer]:
        if kind not in KINDS or not settings.COMFY_URL:
            return []
        rows = RegisteredModel.objects.filter(kind=WORKFLOW, state="verified", approved_at__isnull=False)
        return [
            Offer(
                f"{row.name}/workflow",
                row.title,
                gettext_noop("on the drawing server"),
                KINDS,
                tuple(_controls(row.workflow["bind"])),
                row.name,
                "workflow",
                "frames" in row.workflow["bind"],
            )
            for row in rows
        ]

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """recipe: family ("workflow's name/workflow"), params, seed, width, height, fps. Raises Invalid."""
        if not settings.COMFY_URL:
            raise Invalid(_("No drawing server is set: the operator sets HUO_COMFY_URL."))
        model = registry.usable(str(recipe.get("family", "")).partition("/")[0], WORKFLOW)
        bound = model.workflow["bind"]
        params = {name: value for name, value in (recipe.get("params") or {}).items() if value not in (None, "")}
        if unknown := sorted(set(params) - set(bound)):
            raise Invalid(_("This workflow has no setting “%(name)s”.") % {"name": unknown[0]})
        for name, value in params.items():
            if name in NUMBERS:
                least, most = NUMBERS[name]
                if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                    said = _("“%(name)s” is a whole number from %(least)s to %(most)s.")
                    raise Invalid(said % {"name": name, "least": least, "most": most})
            elif not isinstance(value, str) or len(value) > MOST_PROMPT:
                raise Invalid(_("“%(name)s” is a text.") % {"name": name})
        return {
            "schema": SCHEMA, "family": f"{model.name}/workflow", "params": params, "seed": int(recipe["seed"]),
            "parts": {"workflow": {"name": model.name, "manifest": model.manifest_sha256}},
            "width": int(recipe["width"]), "height": int(recipe["height"]),
            "fps_num": int(recipe["fps_num"]), "fps_den": int(recipe["fps_den"]),
        }  # fmt: skip

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        """By the draw, at the model's own price."""
        name = str(recipe["parts"]["workflow"]["name"])
        return Estimate(USUAL_S * 1000, self.rate, gettext_noop("the rate card's price per draw"), name)

    def work(self, recipe: Mapping[str, Any]) -> int:
        """Pixels x steps x frames, as far as the workflow's settings tell them."""
        params = recipe["params"]
        steps, frames = params.get("steps", USUAL_STEPS), params.get("frames", 1)
        return pace.units(recipe["width"], recipe["height"], steps, frames)

    def inputs(self, recipe: Mapping[str, Any]) -> list[str]:
        image = recipe["params"].get("image")
        return [str(image)] if image else []

    def final(self, recipe: Mapping[str, Any], artefact: str) -> dict[str, Any]:
        asked = {name: recipe[name] for name in ("family", "params", "seed")}
        model = registry.usable(str(recipe["parts"]["workflow"]["name"]), WORKFLOW)
        if {"image", "strength_milli"} <= set(model.workflow["bind"]):
            asked["params"] = recipe["params"] | {"image": artefact, "strength_milli": 350}
        return asked

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        made = finished(context.scratch, recipe)
        if made is None:
            made = keep_finished(context.scratch, recipe, beside(self._draw, recipe, _row(recipe), context))
        path = context.scratch / str(made.get("picture") or made["clip"])
        suffix = path.suffix.lower()
        fingerprint = {"server": settings.COMFY_URL, "models": made["models"]}
        common: dict[str, Any] = {"seconds_milli": made["seconds_milli"], "fingerprint": fingerprint}
        media: dict[str, Any] = {"models": registry.parts_of(recipe)}
        if suffix in PICTURES:
            shown = context.child("picture_info", {"path": str(path), "out_dir": str(context.scratch)})
            media |= {
                "width": shown["width"],
                "height": shown["height"],
                "frame_count": 1,
                "has_alpha": shown["has_alpha"],
            }
            if told := workflow_png.read(path):
                media["comfyui"] = told
            return Output(
                picture=path, mime=PICTURES[suffix], suffix=suffix, media=media, poster=Path(shown["preview"]), **common
            )
        probe = context.child("probe", {"path": str(path)})
        form = {name: recipe[name] for name in ("width", "height", "fps_num", "fps_den")}
        shown = context.child("proxy", {"path": str(path), "out_dir": str(context.scratch), **form})
        media |= {
            "width": probe["display_width"], "height": probe["display_height"], "frame_count": shown["frame_count"],
            "fps_num": recipe["fps_num"], "fps_den": recipe["fps_den"],
            "has_alpha": probe["pix_fmt"].startswith(("yuva", "rgba", "bgra", "argb", "gbrap")),
        }  # fmt: skip
        return Output(
            picture=path, mime=FILMS[suffix], suffix=suffix, media=media, poster=Path(shown["poster"]),
            proxy=Path(shown["proxy"]), **common,
        )  # fmt: skip

    async def _draw(self, recipe: Mapping[str, Any], model: RegisteredModel, context: Context) -> dict[str, Any]:
        """Queue it (or find what an earlier attempt queued), wait, fetch."""
        graph, bound = model.workflow["graph"], model.workflow["bind"]
        began = asyncio.get_running_loop().time()
        ticket = context.scratch / "remote.json"
        async with comfy_wire.Server(settings.COMFY_URL, uuid.uuid4().hex) as server:
            prompt = str(json.loads(ticket.read_text())["prompt"]) if ticket.exists() else ""
            if not prompt or not await server.where(prompt):
                values = {
                    **recipe["params"],
                    "seed": recipe["seed"],
                    "width": recipe["width"],
                    "height": recipe["height"],
                }
                if values.get("image"):
                    path = context.path_of(values["image"])
                    values["image"] = await server.upload(path, f"{values['image'][:16]}.png")
                # Written before it is asked for: a worker that dies in between finds it again, and pays once.
                prompt = str(uuid.uuid4())
                ticket.write_text(json.dumps({"prompt": prompt}))
                named = await server.queue(comfy_graph.filled(graph, bound, values), prompt)
                if named != prompt:
                    prompt = named
                    ticket.write_text(json.dumps({"prompt": prompt}))
            context.progress(0, 1, "queued")
            entry = await server.follow(prompt, context.progress, context.show, context.cancelled)
            file = next((one for one in comfy_wire.files_of(entry) if _suffix(one) in PICTURES | FILMS), None)
            if file is None:
                raise Refused(
                    "The workflow ended without a picture or a film. Let it end in a node that saves one.",
                    code="remote_nothing",
                )
            to = context.scratch / f"drawn{_suffix(file)}"
            await server.fetch(file, to)
        spent = round((asyncio.get_running_loop().time() - began) * 1000)
        kind = "picture" if to.suffix in PICTURES else "clip"
        return {kind: str(to), "seconds_milli": spent, "models": comfy_graph.models_in(graph)}


def beside(
    work: Callable[..., Coroutine[Any, Any, dict[str, Any]]], recipe: Mapping[str, Any], model: Any, context: Context
) -> dict[str, Any]:
    """Run `work` on an event loop of its own thread, and pass on here what it says: the job's row is this thread's."""
    said: queue.Queue[Callable[[], None]] = queue.Queue()
    stop = threading.Event()
    there = replace(
        context,
        progress=lambda *step: said.put(lambda: context.progress(*step)),
        show=lambda jpeg: said.put(lambda: context.show(jpeg)),
        cancelled=stop.is_set,
    )
    with ThreadPoolExecutor(1, thread_name_prefix="comfy") as pool:
        answer = pool.submit(lambda: asyncio.run(work(recipe, model, there)))
        try:
            while not (answer.done() and said.empty()):
                if not stop.is_set() and context.cancelled():
                    stop.set()
                try:
                    said.get(timeout=comfy_wire.POLL_S)()
                except queue.Empty:
                    continue
        except BaseException:
            stop.set()
            raise
    return answer.result()


def _row(recipe: Mapping[str, Any]) -> RegisteredModel:
    part = recipe["parts"]["workflow"]
    row = RegisteredModel.objects.filter(manifest_sha256=part["manifest"], kind=WORKFLOW).first()
    if row is None:
        said = _("The workflow %(name)s was struck from the registry, or replaced, since this was asked for.")
        raise Invalid(said % {"name": part["name"]})
    return row


def _suffix(file: Mapping[str, Any]) -> str:
    return Path(str(file["filename"])).suffix.lower()


def _controls(bound: Mapping[str, Any]) -> list[Control]:
    titles = {
        "prompt": gettext_noop("What it shows"), "negative": gettext_noop("What it must not show"),
        "image": gettext_noop("Start from"), "steps": gettext_noop("Steps"), "guidance_milli": gettext_noop("Guidance"),
        "strength_milli": gettext_noop("Strength"), "frames": gettext_noop("Frames"),
    }  # fmt: skip
    found = []
    for name, title in titles.items():
        if name not in bound:
            continue
        help_ = gettext_noop("As the workflow has it where you leave it empty.")
        if name in NUMBERS:
            least, most = NUMBERS[name]
            usual = {"steps": 30, "guidance_milli": 7_000, "strength_milli": 600, "frames": 49}[name]
            found.append(
                Control(name, title, help_, "number", least, most, usual, "‰" if name.endswith("_milli") else "")
            )
        else:
            found.append(Control(name, title, help_, "picture" if name == "image" else "text", default=""))
    return found
