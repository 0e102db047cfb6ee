"""Help with prompts inside a form, and what a picture says of how it was made."""

import json
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio.generation import places, prompting, styles

register = template.Library()
TITLES = {
    prompting.PLACE: gettext_noop("Place"), prompting.HOUR: gettext_noop("Time of day"),
    prompting.WEATHER: gettext_noop("Weather"), prompting.LOOK: gettext_noop("Style"),
    prompting.FRAME: gettext_noop("Picture"), prompting.KIND: gettext_noop("Layer"),
    prompting.MOTION: gettext_noop("Movement"),
}  # fmt: skip


@dataclass(frozen=True)
class Chip:
    said: str
    text: str


@dataclass(frozen=True)
class Group:
    """field: the form's field its fragments go into."""

    title: str
    field: str
    fragments: tuple[Chip, ...]


@register.simple_tag
def prompt_helps(layer: Any, offer: Any) -> list[prompting.Help]:
    """Help for every language the offer's class reads, the reader's first; none for an offer without a prompt."""
    if not any(one.name == "prompt" for one in offer.parameters):
        return []
    production = layer.shot.production
    style = getattr(production, "_style_read", None)
    if style is None:  # once per page, however many models it offers
        style = production._style_read = styles.style_of(production)
    version = getattr(layer, "_version_read", None)
    if version is None:
        found = places.standing(layer.shot)
        version = layer._version_read = (found.version if found else None,)
    first = styles.reader()
    languages = sorted(prompting.habit_of(offer.model_class).languages, key=lambda one: one != first)
    return [styles.help_of(layer, offer, language, style, version[0]) for language in languages]


@register.filter
def as_json(value: Any) -> str:
    """As text for people to read and copy."""
    return json.dumps(value, ensure_ascii=False, indent=1)


@register.filter
def prompt_groups(help_: prompting.Help) -> list[Group]:
    """Fragments by group, in reading order; what to avoid last."""
    found = []
    for name, title in TITLES.items():
        chips = tuple(Chip(_said(one), one.text) for one in help_.fragments if one.group == name)
        if chips:
            found.append(Group(_(title), "prompt", chips))
    if help_.avoided:
        found.append(Group(_("Never"), "negative", tuple(Chip(_said(one), one.text) for one in help_.avoided)))
    return found


def _said(fragment: prompting.Fragment) -> str:
    """A title of the table in the reader's language; the production's own words as they are."""
    return fragment.title if fragment.title == fragment.text else _(fragment.title)
