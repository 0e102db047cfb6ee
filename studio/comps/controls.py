"""The parameter page's controls, described from the engine's one table. Pure."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from compositing.parameters import KEY, PLACE, Parameter
from studio.comps.recipes import (
    CENTRE,
    LAYER_GUIDES,
    LAYER_PARAMETERS,
    MASKS,
    MATCH_GUIDES,
    MATCH_PARAMETERS,
    OFFSET,
    LayerFacts,
)

GROUPS = {
    "screen": gettext_lazy("Screen"),
    "matte": gettext_lazy("Matte"),
    "garbage": gettext_lazy("Garbage matte"),
    "despill": gettext_lazy("Despill"),
    "edges": gettext_lazy("Edges"),
    "place": gettext_lazy("Place"),
    "grade": gettext_lazy("Grade"),
    "cast": gettext_lazy("Light it casts"),
    "time": gettext_lazy("Time and crop"),
    "match": gettext_lazy("Match"),
}
CHOICES = {
    "extend": (
        gettext_lazy("When it runs out"),
        {
            "": gettext_lazy("automatic"), "hold": gettext_lazy("hold the last frame"),
            "loop": gettext_lazy("start again"), "clear": gettext_lazy("show nothing"),
        },
    ),
    "method": (
        gettext_lazy("Matte by"),
        {
            "": gettext_lazy("automatic"), "screen": gettext_lazy("the screen's colour"),
            "person": gettext_lazy("the person (no screen: soft edges, hair will not hold)"),
        },
    ),
    "fit": (
        gettext_lazy("Fit"),
        {
            "": gettext_lazy("automatic (fill the frame)"), "contain": gettext_lazy("show all of it"),
            "stretch": gettext_lazy("stretch"),
        },
    ),
}  # fmt: skip
# Each view: its key on the keyboard, its name, what it shows. The backings below are the foreground's.
VIEWS = {
    "comp": ("C", pgettext_lazy("view", "Comp"), gettext_lazy("The finished picture")),
    "matte": ("M", pgettext_lazy("view", "Matte"), gettext_lazy("The matte as it is: black clear, white solid")),
    "status": (
        "S", pgettext_lazy("view", "Status"), gettext_lazy("Black clear, white solid, grey whatever lies between")
    ),
    "foreground": (
        "F", pgettext_lazy("view", "Foreground"), gettext_lazy("The actor alone; press again for another backing")
    ),
    "plate": ("P", pgettext_lazy("view", "Plate"), gettext_lazy("As it was shot")),
    "difference": ("D", pgettext_lazy("view", "Difference"), gettext_lazy("What the comp changed of the plate")),
    "spill": ("X", pgettext_lazy("view", "Spill"), gettext_lazy("What the despill took off, four times as bright")),
}  # fmt: skip
BACKINGS = {
    "foreground": gettext_lazy("on grey"),
    "foreground_checker": gettext_lazy("on a checkerboard"),
    "foreground_black": gettext_lazy("on black"),
    "foreground_red": gettext_lazy("on red"),
}
# How a version is rendered: its name, and what it is for.
MODES = {
    "draft": (gettext_lazy("Draft"), gettext_lazy("half size, to judge timing and the edit")),
    "fast": (gettext_lazy("Fast"), gettext_lazy("full size, the quick key")),
    "best": (gettext_lazy("Best"), gettext_lazy("full size, the careful key: for finals")),
}
# What does nothing without a screen: there the person's outline makes the matte (see `compositing.matting.person`).
SCREEN_ONLY = frozenset(
    ("screen_hue_milli", "gain_milli", "balance_milli", "core_milli", "refine_milli", "hint_milli", "despill_milli",
     "despill_luma_milli", "skin_milli", "extend_milli", "crisp_milli", "temporal_milli")
)  # fmt: skip
# How a stored whole number is shown: shown = stored * factor, with so many decimals.
UNITS = {
    "milli": (0.001, 2, ""),
    "px_milli": (0.001, 1, "px"),
    "angle_milli": (0.36, 0, "°"),
    "switch": (1, 0, ""),
    "frames": (1, 0, ""),
}


def control(parameter: Parameter, scope: str) -> dict[str, Any]:
    """One control for a template. scope: the layer's id or "match"."""
    factor, decimals, sign = UNITS[parameter.unit]
    automatic = parameter.auto is not None
    return {
        "key": f"{scope}.{parameter.name}",
        "name": parameter.name,
        "label": _(parameter.label),
        "help": _(parameter.help),
        "min": 0 if automatic else parameter.minimum,
        "max": parameter.maximum,
        "step": parameter.step,
        "default": parameter.default,
        "automatic": automatic,
        "screen_only": parameter.set == KEY and parameter.name in SCREEN_ONLY,
        "unit": parameter.unit,
        "factor": factor,
        "decimals": decimals,
        "sign": sign,
    }


def _groups(parameters: Iterable[Parameter], scope: str) -> list[dict[str, Any]]:
    rows: dict[str, list[dict[str, Any]]] = {}
    for parameter in parameters:
        rows.setdefault(parameter.group, []).append(control(parameter, scope))
    return [
        {
            "name": name,
            "label": label,
            "controls": rows[name],
            "choices": [],
            "open": name in ("screen", "matte", "despill", "match"),
        }
        for name, label in GROUPS.items()
        if name in rows
    ]


def layer_groups(layer: LayerFacts) -> list[dict[str, Any]]:
    """The groups of controls that make sense for what fills `layer`; none for an empty one."""
    if layer.filling is None:
        return []
    sets = {PLACE, "layer"} | ({KEY} if layer.keyed else set())
    wanted = [p for p in LAYER_PARAMETERS.values() if p.set in sets and (p is not OFFSET or layer.filling.moving)]
    if layer.keyed or layer.kind in ("actor", "background"):  # these take light, they cast none
        wanted = [p for p in wanted if p.group != "cast"]
    groups = _groups(wanted, layer.id)
    for group in groups:
        if group["name"] == CENTRE.group:
            names = [name for name in ("extend", "fit") if name != "extend" or layer.filling.moving]
            group["choices"] = [_choice(layer.id, name) for name in names]
        if group["name"] == "screen":
            group["choices"] = [_choice(layer.id, "method")]
        if group["name"] in ("place", "grade"):
            group["open"] = not layer.keyed
    return groups


def _choice(scope: str, name: str) -> dict[str, Any]:
    label, options = CHOICES[name]
    return {"key": f"{scope}.{name}", "name": name, "label": label, "options": options.items()}


def match_groups() -> list[dict[str, Any]]:
    return _groups(MATCH_PARAMETERS.values(), "match")


def names() -> dict[str, str]:
    """What each parameter is called, for "Undo: Despill"."""
    parameters = (LAYER_PARAMETERS, MATCH_PARAMETERS, LAYER_GUIDES, MATCH_GUIDES)
    table = {p.name: _(p.label) for some in parameters for p in some.values()}
    more = {"": _("Visibility"), MASKS: _("Masks")}
    return table | {name: str(label) for name, (label, _options) in CHOICES.items()} | more
