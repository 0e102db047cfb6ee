"""What a step of the history did to a layer's masks, in words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Mask = Mapping[str, Any]


def said(before: Sequence[Mask], after: Sequence[Mask]) -> str:
    """`garbage mask drawn`, `holdout mask: point moved`, `2 masks deleted`; empty where nothing differs."""
    old, new = ({mask["id"]: mask for mask in masks} for masks in (before, after))
    drawn = [mask for name, mask in new.items() if name not in old]
    gone = [mask for name, mask in old.items() if name not in new]
    other = [(old[name], mask) for name, mask in new.items() if name in old and old[name] != mask]
    if len(drawn) == 1 and not gone and not other:
        return _("%(mask)s drawn") % {"mask": called(drawn[0])}
    if len(gone) == 1 and not drawn and not other:
        return _("%(mask)s deleted") % {"mask": called(gone[0])}
    if len(other) == 1 and not drawn and not gone:
        return _("%(mask)s: %(what)s") % {"mask": called(other[0][0]), "what": _change(*other[0])}
    if gone and not drawn and not other:
        return ngettext("%(n)d mask deleted", "%(n)d masks deleted", len(gone)) % {"n": len(gone)}
    count = len(drawn) + len(gone) + len(other)
    return ngettext("%(n)d mask changed", "%(n)d masks changed", count) % {"n": count} if count else ""


def called(mask: Mask) -> str:
    """Its own name, or its kind."""
    if mask.get("name"):
        return _("mask “%(name)s”") % {"name": mask["name"]}
    return _("garbage mask") if mask["kind"] == "garbage" else _("holdout mask")


def _change(before: Mask, after: Mask) -> str:
    if bool(before.get("off")) != bool(after.get("off")):
        return _("switched off") if after.get("off") else _("switched on")
    if before["kind"] != after["kind"]:
        return _("made garbage") if after["kind"] == "garbage" else _("made a holdout")
    if before.get("name", "") != after.get("name", ""):
        return _("renamed “%(name)s”") % {"name": after["name"]} if after.get("name") else _("name taken off")
    if bool(before.get("invert")) != bool(after.get("invert")):
        return _("inverted") if after.get("invert") else _("no longer inverted")
    if before.get("feather_px_milli", 0) != after.get("feather_px_milli", 0):
        return _("feather %(n)s px") % {"n": f"{after.get('feather_px_milli', 0) / 1000:g}"}
    return _shape(before["keys"], after["keys"])


def _shape(before: Sequence[Mask], after: Sequence[Mask]) -> str:
    corners = len(after[0]["points"]) - len(before[0]["points"])
    if corners:
        return _("point added") if corners > 0 else _("point deleted")
    old, new = ({key["frame"]: key["points"] for key in keys} for keys in (before, after))
    if set(old) - set(new):
        return _("key removed")
    if set(new) - set(old):
        return _("key set")
    moved = max((sum(a != b for a, b in zip(old[at], new[at], strict=True)) for at in new), default=0)
    return _("point moved") if moved == 1 else _("moved")
