"""Plates, effects and props drawn by rule. Labelled procedural, never AI."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compositing import effects, plates, props
from compositing.errors import Refused
from studio.core.errors import Invalid
from studio.generation.backends.base import Context, Estimate, Offer, Output

KINDS = {
    "plate": frozenset({"background"}),
    "effect": frozenset({"effect", "foreground"}),
    "crowd": frozenset({"crowd"}),
    "prop": frozenset({"foreground"}),
}
STILL = ("plate", "prop")
LOOP_FRAMES = {"effect": 48, "crowd": 240}  # people need the time to cross the view
CLIP_FRAMES = 96  # of a moving plate that is asked for apart from any shot
MEASURED = gettext_noop("the family's measured CPU-seconds")


class Procedural:
    name = "procedural"
    origin = "procedural"
    ai_made = False
    queue = "cpu"
    rate = "cpu_hour"
    one_pace = True

    def offers(self, kind: str) -> list[Offer]:
        return [
            Offer(family.name, family.title, family.summary, KINDS[family.kind], family.parameters)
            for family in (*plates.FAMILIES.values(), *effects.FAMILIES.values(), *props.FAMILIES.values())
            if kind in KINDS[family.kind]
        ]

    def check(self, recipe: Mapping[str, Any]) -> dict[str, Any]:
        """recipe: family, params, seed, width, height, and for effects and moving plates frames, fps_num, fps_den; a
        moving plate, and an effect that begins or ends in its shot, lasts as long as that (`shot_frames`) where
        `frames` is not said."""
        family = self._family(str(recipe.get("family", "")))
        try:
            params = family.settings(recipe.get("params") or {})
        except Refused as error:
            raise Invalid(str(error)) from error
        whole = {
            "schema": "procedural.1",
            "family": family.name,
            "version": family.version,
            "params": params,
            "seed": int(recipe["seed"]),
            "width": int(recipe["width"]),
            "height": int(recipe["height"]),
        }
        if family.kind not in STILL or plates.moves(params):
            usual = 0 if effects.is_timed(params) else LOOP_FRAMES.get(family.kind, 0)
            usual = usual or int(recipe.get("shot_frames") or CLIP_FRAMES)
            whole |= {
                "frames": max(2, int(recipe.get("frames") or usual)),
                "fps_num": int(recipe["fps_num"]),
                "fps_den": int(recipe["fps_den"]),
            }
        return whole

    def estimate(self, recipe: Mapping[str, Any]) -> Estimate:
        return Estimate(self.work(recipe), self.rate, MEASURED)

    def work(self, recipe: Mapping[str, Any]) -> int:
        """The CPU-milliseconds that the family took where it was measured."""
        family = self._family(recipe["family"])
        size = (recipe["width"], recipe["height"])
        if family.kind == "prop":
            seconds = props.estimate_seconds(family.name, *size)
        elif family.kind != "plate":
            seconds = effects.estimate_seconds(family.name, *size, recipe["frames"], recipe["params"])
        elif "frames" in recipe:
            seconds = plates.estimate_clip_seconds(family.name, recipe["params"], *size, recipe["frames"])
        else:
            seconds = plates.estimate_seconds(family.name, *size, recipe["params"])
        return max(1, round(seconds * 1000))

    def inputs(self, recipe: Mapping[str, Any]) -> list[str]:
        return [sha256] if (sha256 := recipe["params"].get("ground")) else []

    def final(self, recipe: Mapping[str, Any], artefact: str) -> dict[str, Any]:
        return {name: recipe[name] for name in ("family", "params", "seed")}

    def run(self, recipe: Mapping[str, Any], context: Context) -> Output:
        family = self._family(recipe["family"])
        args = {name: recipe[name] for name in ("family", "params", "seed", "width", "height")}
        args["out_dir"] = str(context.scratch)
        timing = {name: recipe[name] for name in ("frames", "fps_num", "fps_den") if name in recipe}
        if timing:
            if ground := recipe["params"].get("ground"):
                args["ground"] = str(context.path_of(ground))
            made = context.child("effect" if family.kind != "plate" else "plate", args | timing)
            media = {"frame_count": timing["frames"], "fps_num": timing["fps_num"], "fps_den": timing["fps_den"]}
            front = {"front": Path(made["front"])} if "front" in made else {}
            files = front | {
                "picture": Path(made["clip"]),
                "proxy": Path(made["preview"]),
                "poster": Path(made["poster"]),
            }
        if family.kind == "prop":
            made = context.child("prop", args)
            media = {"frame_count": 1, "has_alpha": True}
            files = {"picture": Path(made["picture"]), "poster": Path(made["preview"])}
            mime, suffix, depth = "image/png", ".png", None
        elif family.kind != "plate":
            media |= {
                "has_alpha": True,
                "loops": made["loops"],
                **{name: made[name] for name in ("held", "in_place") if made.get(name)},
            }
            mime, suffix, depth = "video/quicktime", ".mov", None
        elif timing:
            media |= {"has_alpha": False, "loops": made["loops"], "light": made["light"]}
            mime, suffix, depth = "video/mp4", ".mp4", Path(made["depth"])
        else:
            made = context.child("plate", args)
            media = {"frame_count": 1, "has_alpha": False, "light": made["light"]}
            files = {"picture": Path(made["picture"]), "poster": Path(made["preview"])}
            mime, suffix, depth = "image/png", ".png", Path(made["depth"])
        return Output(
            **files,
            mime=mime,
            suffix=suffix,
            depth=depth,
            media=media | {"width": recipe["width"], "height": recipe["height"], "family": family.name},
            seconds_milli=round(made["seconds"] * 1000),
            fingerprint={"family": family.name, "version": family.version},
        )

    def _family(self, name: str) -> Any:
        found = plates.FAMILIES.get(name) or effects.FAMILIES.get(name) or props.FAMILIES.get(name)
        if found is None:
            names = ", ".join([*plates.FAMILIES, *effects.FAMILIES, *props.FAMILIES])
            said = _("There is no family “%(name)s”; there are: %(names)s.")
            raise Invalid(said % {"name": name, "names": names})
        return found
