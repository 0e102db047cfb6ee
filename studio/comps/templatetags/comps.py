"""The desk's panels as tags, so that a page needs one line for each."""

from typing import Any

from django import template

from studio.comps import desk, relight_page
from studio.comps.models import Version
from studio.productions.models import Shot

register = template.Library()


@register.inclusion_tag("comps/_qc.html", takes_context=True)
def version_figures(context: Any, version: Version, before: Version | None = None) -> dict[str, Any]:
    """A version's figures in one line, with the rest behind a click. Nothing for a version that was not measured.

    before: the version to hold it against; the page knows it, or the newest measured one below is looked up.
    """
    if not version.qc:
        return {"rows": []}
    user = context["request"].user
    shot = version.shot
    told = desk.short(version, before if before is not None and before.qc else desk.measured_before(user, version))
    return told | {"production": shot.production, "shot": shot, "episode": shot.scene.episode}


@register.inclusion_tag("comps/_explained.html", takes_context=True)
def comp_explained(context: Any, shot: Shot) -> dict[str, Any]:
    """What the engine found in the shot's newest version, and what it did about it."""
    return desk.explained(context["request"].user, shot)


@register.inclusion_tag("comps/_relight.html", takes_context=True)
def relight_block(context: Any, shot: Shot) -> dict[str, Any]:
    """The background lit like its actor: ask, watch, take or drop."""
    return relight_page.block(context["request"].user, shot)
