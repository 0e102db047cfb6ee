"""What a diffusers draw is made from: the recipe `diffusers.1`, its bounds, and the sizes it leads to.

Standard library only. Whole numbers throughout (`*_milli` are thousandths), so that its canonical JSON, and with it its
sha256, is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compositing.errors import Refused
from modelhost.families import CONTROL, FAMILIES, IMAGE, INPAINT, TASKS, VIDEO, VIDEO_IMAGE, Family

SCHEMA = "diffusers.1"
DTYPES = ("float32", "float16", "bfloat16")
CONTROLS = ("depth", "pose")
MOST_PROMPT = 4_000
MOST_LORAS = 8
# name -> (least, most): whole numbers of a recipe's params.
NUMBERS = {
    "steps": (1, 150),
    "guidance_milli": (0, 30_000),
    "strength_milli": (10, 1_000),
    "control_weight_milli": (0, 2_000),
    "frames": (1, 600),
    "tiling": (0, 1),
}
TEXTS = ("prompt", "negative")
PICTURES = ("image", "mask", "control_image")  # artefacts by sha256
CHOICES = ("scheduler", "control_kind", "control_model")


def needs(task: str) -> tuple[str, ...]:
    """The pictures a task can't do without."""
    return {IMAGE: ("image",), INPAINT: ("image",), VIDEO_IMAGE: ("image",), CONTROL: ("control_image",)}.get(task, ())


def check_params(family: Family, task: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The whole params of a recipe, defaults filled in. Raises Refused with a sentence for what can't be drawn.

    asked: any of NUMBERS, TEXTS, PICTURES, CHOICES and `loras` ([{"name", "weight_milli"}]).
    """
    known = {*NUMBERS, *TEXTS, *PICTURES, *CHOICES, "loras"}
    if unknown := sorted(set(asked) - known):
        raise Refused(f"There is no setting {unknown[0]!r}.", code="draw_setting", name=unknown[0])
    if task not in TASKS or task not in family.pipelines:
        raise Refused(f"{family.title} can't do {task!r}.", code="draw_task", name=family.title, task=task)
    defaults: dict[str, Any] = {
        "prompt": "", "negative": "", "steps": family.steps, "guidance_milli": family.guidance_milli,
        "scheduler": "default", "tiling": 0,
    }  # fmt: skip
    if task in (IMAGE, INPAINT) and not family.looks:
        defaults["strength_milli"] = 600 if task == IMAGE else 1_000
    if task == CONTROL:
        defaults |= {"control_kind": "depth", "control_weight_milli": 1_000}
    if task in VIDEO:
        defaults["frames"] = family.frame_count(48)
    params = {**defaults, **{name: value for name, value in asked.items() if value not in ("", None)}}
    params = {
        name: value
        for name, value in params.items()
        if name in defaults or name in (*PICTURES, "control_model", "loras")
    }
    for name, (least, most) in NUMBERS.items():
        value = params.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most):
            raise Refused(
                f"{name} is {value!r}; it is a whole number from {least} to {most}.",
                code="draw_number", name=name, value=str(value), least=least, most=most,
            )  # fmt: skip
    for name in TEXTS:
        if not isinstance(params[name], str) or len(params[name]) > MOST_PROMPT:
            raise Refused(
                f"{name} is a text of up to {MOST_PROMPT} characters.", code="draw_text", name=name, most=MOST_PROMPT
            )
        params[name] = params[name].strip()
    if params["scheduler"] not in family.schedulers:
        names = ", ".join(family.schedulers)
        raise Refused(
            f"There is no scheduler {params['scheduler']!r} for {family.title}; there are: {names}.",
            code="draw_scheduler", value=params["scheduler"], name=family.title, names=names,
        )  # fmt: skip
    if params.get("control_kind", "depth") not in CONTROLS:
        raise Refused("A control picture is a depth or a pose.", code="draw_control")
    if "loras" in params:
        params["loras"] = _loras(params["loras"])
        if not params["loras"]:
            del params["loras"]
    return params


def _loras(asked: Any) -> list[dict[str, Any]]:
    good = isinstance(asked, list) and len(asked) <= MOST_LORAS
    good = good and all(
        isinstance(one, dict)
        and isinstance(one.get("name"), str)
        and isinstance(one.get("weight_milli", 1_000), int)
        and -2_000 <= one.get("weight_milli", 1_000) <= 2_000
        for one in asked
    )
    if not good:
        raise Refused(
            f"LoRAs are a list of up to {MOST_LORAS}, each with its name and a weight from -2000 to 2000 thousandths.",
            code="draw_loras", most=MOST_LORAS,
        )  # fmt: skip
    return [{"name": one["name"], "weight_milli": one.get("weight_milli", 1_000)} for one in asked]


def complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe as a host takes it: every field there and of its kind. Raises Refused: it was not made here."""
    try:
        family = FAMILIES[recipe["model_class"]]
        whole = dict(recipe)
        good = (
            whole["schema"] == SCHEMA
            and whole["dtype"] in DTYPES
            and isinstance(whole["seed"], int)
            and all(0 < int(whole[side]) <= 8_192 for side in ("width", "height", "canvas_width", "canvas_height"))
            and whole["parts"]["pipeline"]["manifest"]
        )
        whole["params"] = check_params(family, whole["task"], whole["params"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("This recipe is not one of a diffusers draw.", code="draw_recipe") from error
    if not good:
        raise Refused("This recipe is not one of a diffusers draw.", code="draw_recipe")
    return whole
