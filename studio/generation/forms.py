"""What pages and scripts may send about draws."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from studio.core.errors import Invalid
from studio.generation.backends.base import Offer
from studio.productions.models import Origin


class PlateForm(forms.Form):
    """A plate from outside, and what its sender declares of it."""

    filename = forms.CharField(max_length=255)
    size = forms.IntegerField(min_value=0)
    sha256 = forms.CharField(max_length=64, required=False)
    origin = forms.ChoiceField(choices=Origin.choices, label=gettext_lazy("Where it comes from"))
    ai_made = forms.BooleanField(required=False, label=gettext_lazy("Made by AI"))
    licence = forms.CharField(max_length=80, required=False, label=gettext_lazy("Licence"))
    source = forms.CharField(max_length=300, required=False, label=gettext_lazy("Source"))


def params_of(offer: Offer, sent: Mapping[str, Any]) -> dict[str, Any]:
    """An offer's parameters out of form fields: numbers as whole numbers, absent ones left to their default.

    LoRAs come as `loras` (their names, repeated) with `lora-weight-<name>` beside each.
    """
    params: dict[str, Any] = {}
    for parameter in offer.parameters:
        if parameter.kind == "loras":
            names = sent.getlist("loras") if isinstance(sent, QueryDict) else sent.get("loras", [])
            chosen = [
                {"name": name, "weight_milli": _whole(sent.get(f"lora-weight-{name}") or 1_000, parameter.title)}
                for name in names
                if name
            ]
            if chosen:
                params[parameter.name] = chosen
            continue
        value = sent.get(parameter.name, "")
        if value in ("", None):
            continue
        params[parameter.name] = _whole(value, parameter.title) if parameter.kind in ("number", "angle") else value
    return params


def _whole(value: Any, title: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Invalid(_("“%(name)s” needs a whole number.") % {"name": _(title)}) from None
