"""`{{ production|media_url:artefact }}`: where members fetch an artefact."""

from typing import Any

from django import template

from studio.media.models import Artefact
from studio.media.storage import read_url

register = template.Library()


@register.filter
def media_url(production: Any, artefact: Artefact | str | None) -> str:
    """Empty for no artefact, so that a page can show its empty state instead of a broken picture."""
    return read_url(production, artefact)
