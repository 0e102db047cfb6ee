"""Whether a model's licence allows what a production means to do with it. Pure: facts in, reasons out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

# Codes of the European Union's members (2026), so that "EU" in a licence meets "DE" in a production.
EU = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
)
EVERYWHERE = "WW"
SENTENCES = {
    "unapproved": _("%(model)s: nobody has approved this model yet."),
    "unknown": _("%(model)s is not in the model registry any more: its licence can't be shown."),
    "not_commercial": _("%(model)s (%(licence)s) may not be used commercially, and this production is commercial."),
    "commercial_unclear": _("%(model)s (%(licence)s): whether it may be used commercially is contested or not said."),
    "territory": _("%(model)s (%(licence)s) may not be used in %(where)s, where this production is to be shown."),
    "territories_unsaid": _(
        "%(model)s (%(licence)s) may not be used everywhere: say where this production is to be shown."
    ),
    "random_weights": _("%(model)s has random weights: it is for trying out, and what it draws can't be released."),
}


@dataclass(frozen=True)
class Licence:
    """A registered model as far as its use is concerned. territories: ISO codes, EU, or WW for everywhere."""

    model: str
    licence: str
    commercial: str
    allowed: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    approved: bool = False
    random_weights: bool = False


@dataclass(frozen=True)
class Use:
    """What a production means to do: commercial, and where; no territories: not said yet."""

    commercial: bool = True
    territories: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reason:
    """`code` is worded by SENTENCES."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}


def expanded(codes: Iterable[str]) -> frozenset[str]:
    """Codes in capitals, EU with its members beside it."""
    found = {code.strip().upper() for code in codes if code.strip()}
    return frozenset(found | (EU if "EU" in found else set()))


def reasons(licence: Licence, use: Use) -> list[Reason]:
    """What speaks against it, worst first; empty where nothing does."""
    said = {"model": licence.model, "licence": licence.licence}
    found: list[Reason] = []
    if licence.random_weights:
        found.append(Reason("random_weights", {"model": licence.model}))
    if use.commercial and licence.commercial == "no":
        found.append(Reason("not_commercial", said))
    where = barred(licence, use)
    if where:
        found.append(Reason("territory", said | {"where": ", ".join(where)}))
    if not use.territories and (licence.forbidden or licence.allowed):
        found.append(Reason("territories_unsaid", said))
    if use.commercial and licence.commercial not in ("yes", "no"):
        found.append(Reason("commercial_unclear", said))
    if not licence.approved:
        found.append(Reason("unapproved", {"model": licence.model}))
    return found


def barred(licence: Licence, use: Use) -> list[str]:
    """The production's territories in which the licence does not allow it, as the production writes them."""
    forbidden, allowed = expanded(licence.forbidden), expanded(licence.allowed)
    found = []
    for code in sorted(use.territories):
        meant = expanded([code])
        everywhere = EVERYWHERE in meant
        outside = bool(allowed) and EVERYWHERE not in allowed and (everywhere or not meant - {"EU"} <= allowed)
        if outside or meant & forbidden or (everywhere and forbidden):
            found.append(code)
    return found
