"""A plate from outside: its origin, licence and whether it is AI-made are declared by who brings it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compositing.errors import Refused
from studio.core.errors import Invalid
from studio.generation import workflow_png
from studio.generation.backends.base import Context, Estimate, Offer, Output
from studio.productions.models import Origin

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
MIMES = {
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp",
    ".tif": "image/tiff", ".tiff": "image/tiff", ".mov": "video/quicktime",
    ".zip": "application/zip",
}  # fmt: skip
MAX_PIXELS = 8192 * 8192


class Uploaded:
    name = "upload"
    origin = ""
    ai_made = False
    queue = "cpu"
    rate = "cpu_hour"
    one_pace = False

    def offers(self, kind: str) -> list[Offer]:
        return []  # it comes through the upload form, with its declaration

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """recipe: sha256, filename, origin, ai_made, licence, source, and the production's format."""
        if recipe.get("origin") not in Origin.values:
            raise Invalid(_("Say where the plate comes from: captured, AI-generated, procedural or library."))
        if not str(recipe.get("licence", "")).strip():
            raise Invalid(_("Say under which licence the plate may be used; the release gate asks for it."))
        ai_made, generated = bool(recipe.get("ai_made")), recipe["origin"] == Origin.GENERATED
        if ai_made != generated and recipe["origin"] != Origin.LIBRARY:
            raise Invalid(
                _("Origin and “AI-made” contradict each other: only a generated or library plate is AI-made.")
            )
        names = (
            "sha256",
            "filename",
            "origin",
            "ai_made",
            "licence",
            "source",
            "width",
            "height",
            "fps_num",
            "fps_den",
        )
        return {"schema": "upload.1"} | {name: recipe.get(name) for name in names}

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        return Estimate(2_000, self.rate, gettext_noop("a look at one file"))

    def work(self, recipe: Mapping[str, Any]) -> int:
        return 1

    def inputs(self, recipe: Mapping[str, Any]) -> list[str]:
        return [str(recipe["sha256"])]

    def final(self, recipe: Mapping[str, Any], artefact: str) -> dict[str, Any]:
        raise Invalid(_("An upload has one size only."))

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        path = context.path_of(recipe["sha256"])
        suffix = Path(recipe["filename"]).suffix.lower()
        if suffix in PICTURES:
            return self._picture(path, suffix, recipe, context)
        return self._clip(path, suffix, recipe, context)

    def _picture(self, path: Path, suffix: str, recipe: Mapping[str, Any], context: Context) -> Output:
        info = context.child(
            "picture_info", {"path": str(path), "out_dir": str(context.scratch), "max_pixels": MAX_PIXELS}
        )
        media: dict[str, Any] = {name: info[name] for name in ("width", "height", "has_alpha")} | {"frame_count": 1}
        if suffix == ".png" and (told := workflow_png.read(path)):
            if not recipe["ai_made"]:
                raise Refused(
                    "This PNG carries a ComfyUI workflow: a model made it. Send it again and declare it AI-generated.",
                    code="undeclared_workflow",
                )
            media["comfyui"] = told
        return Output(picture=path, mime=MIMES[suffix], suffix=suffix, media=media, poster=Path(info["preview"]))

    def _clip(self, path: Path, suffix: str, recipe: Mapping[str, Any], context: Context) -> Output:
        probe = context.child("probe", {"path": str(path), "max_pixels": MAX_PIXELS // 2})
        if probe["corrupt_count"]:
            count = probe["corrupt_count"]
            raise Refused(f"{count} frames of this clip are damaged. Export it again.", code="corrupt", count=count)
        form = {name: recipe[name] for name in ("fps_num", "fps_den", "width", "height")}
        made = context.child("proxy", {"path": str(path), "out_dir": str(context.scratch), **form})
        media = {
            "width": probe["display_width"],
            "height": probe["display_height"],
            "frame_count": made["frame_count"],
            "fps_num": recipe["fps_num"],
            "fps_den": recipe["fps_den"],
            "has_alpha": probe["has_alpha"],
        }
        return Output(
            picture=path,
            mime=MIMES.get(suffix, "video/mp4"),
            suffix=suffix or ".mp4",
            media=media,
            poster=Path(made["poster"]),
            proxy=Path(made["proxy"]),
        )
