"""What would change, as people read it: layer, parameter, from, to. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from compositing.parameters import MATCH
from studio.comps import controls, recipes
from studio.comps.recipes import CHOICES, HIDDEN, LAYER_PARAMETERS, MASKS, MATCH_PARAMETERS, ShotFacts, Values
from studio.productions.models import layer_name


@dataclass(frozen=True)
class Difference:
    """One parameter of one layer: its name and both values as the page shows them."""

    layer: str
    label: str
    before: str
    after: str


def differences(before: Values, after: Values, facts: ShotFacts) -> list[Difference]:
    """What `after` would change of `before`, in the order of `recipes.changed`."""
    return [_row(step, before, after, facts) for step in recipes.changed(before, after)]


def _row(step: Sequence[str], before: Values, after: Values, facts: ShotFacts) -> Difference:
    scope, name = step
    layers = {layer.id: layer_name(layer.name, layer.kind) for layer in facts.layers}
    if scope == HIDDEN:
        words = [_("hidden") if name in recipes.hidden(values) else _("shown") for values in (before, after)]
        return Difference(layers.get(name, name), _("Visibility"), *words)
    where = _("Whole picture") if scope == MATCH else layers.get(scope, scope)
    values = [said(scope, name, side.get(scope, {}).get(name)) for side in (before, after)]
    return Difference(where, controls.names().get(name, name), *values)


def said(scope: str, name: str, value: Any) -> str:
    """A stored value as the parameter page shows it; "automatic" for what is not set."""
    if value is None:
        return _("automatic")
    if name == MASKS:
        return ngettext("%(n)d polygon", "%(n)d polygons", len(value)) % {"n": len(value)}
    if name in CHOICES:
        return str(controls.CHOICES[name][1].get(value, value))
    parameter = (MATCH_PARAMETERS if scope == MATCH else LAYER_PARAMETERS).get(name)
    if parameter is None:
        return str(value)
    if parameter.unit == "switch":
        return _("on") if value else _("off")
    factor, decimals, sign = controls.UNITS[parameter.unit]
    return f"{value * factor:.{decimals}f} {sign}".strip()
