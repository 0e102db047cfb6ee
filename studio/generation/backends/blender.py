"""Plates traced by Blender, where it is installed. Scenes of ours, drawn by rule: labelled procedural, never AI."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compositing.blender import offers
from compositing.errors import Refused
from studio.core.errors import Invalid
from studio.generation.backends.base import Context, Estimate, Offer, Output

MEASURED = gettext_noop("the scene's measured CPU-seconds")
INSTALL = gettext_noop(
    "Blender is not installed. On the studio's machine run ./run --blender --setup-only once (0.6 GB), then start the "
    "studio again: its scenes stand with what is drawn by rule."
)


class Blender:
    name = "blender"
    origin = "procedural"
    ai_made = False
    queue = "cpu"
    rate = "cpu_hour"
    one_pace = True

    def offers(self, kind: str) -> list[Offer]:
        """Backgrounds, while Blender is there."""
        if kind != "background" or offers.interpreter() is None:
            return []
        return [
            Offer(scene.family, scene.title, scene.summary, frozenset({"background"}), scene.parameters)
            for scene in offers.SCENES.values()
        ]

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """recipe: family, params, seed, width, height."""
        scene = offers.SCENES.get(str(recipe.get("family", "")))
        if scene is None:
            said = _("Blender has no scene “%(name)s”; there are: %(names)s.")
            raise Invalid(said % {"name": recipe.get("family", ""), "names": ", ".join(offers.SCENES)})
        if offers.interpreter() is None:
            raise Invalid(_(INSTALL))
        try:
            params = scene.as_family().settings(recipe.get("params") or {})
        except Refused as error:
            raise Invalid(str(error)) from error
        return {
            "schema": "blender.1", "family": scene.family, "version": scene.version, "params": params,
            "seed": int(recipe["seed"]), "width": int(recipe["width"]), "height": int(recipe["height"]),
        }  # fmt: skip

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        return Estimate(self.work(recipe), self.rate, MEASURED)

    def work(self, recipe: Mapping[str, Any]) -> int:
        """The CPU-milliseconds that the scene took where it was measured."""
        scene = offers.SCENES[recipe["family"]]
        pixels = recipe["width"] * recipe["height"] / 1e6
        return round(1000 * (scene.seconds_fixed + scene.seconds_per_megapixel * pixels))

    def inputs(self, recipe: Mapping[str, Any]) -> list[str]:
        return []

    def final(self, recipe: Mapping[str, Any], artefact: str) -> dict[str, Any]:
        return {name: recipe[name] for name in ("family", "params", "seed")}

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        args = {name: recipe[name] for name in ("family", "params", "seed", "width", "height")}
        made = context.child("blender", args | {"out_dir": str(context.scratch)})
        size = {"width": recipe["width"], "height": recipe["height"], "family": recipe["family"]}
        return Output(
            picture=Path(made["picture"]),
            mime="image/png",
            suffix=".png",
            media={"frame_count": 1, "has_alpha": False, "light": made["light"]} | size,
            poster=Path(made["preview"]),
            depth=Path(made["depth"]),
            seconds_milli=round(made["seconds"] * 1000),
            fingerprint={"family": recipe["family"], "version": recipe["version"], "blender": made["blender"]},
        )


def installed() -> bool:
    return offers.interpreter() is not None
