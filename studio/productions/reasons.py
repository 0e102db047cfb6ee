"""The sentences of routing: codes become words in the reader's language, where they are shown."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from studio.productions.models import Shot

SENTENCES = {
    "in_library": gettext_lazy("The location's library already holds one that fits: made once, paid once."),
    "performance": gettext_lazy("The shot lives on %(performance)s: only an actor gives that."),
    "eyes": gettext_lazy("This close the audience reads the eyes, and drawn eyes feel cold."),
    "a_person": gettext_lazy("A person stays recognisably themselves from shot to shot only when captured."),
    "soft_focus": gettext_lazy(
        "This close the background is soft: a procedural plate does, at next to no cost, and can be re-lit."
    ),
    "empty_exterior": gettext_lazy("An exterior without an actor: generating it saves the whole trip."),
    "exterior": gettext_lazy("An exterior behind an actor: a generated plate saves the location day and the travel."),
    "seen_sharp": gettext_lazy("The room is seen whole and sharp: it needs detail that a generated plate has."),
    "interior_by_rule": gettext_lazy(
        "An interior of the genre at this size is made well by rule, at no price per draw."
    ),
    "crowd_behind_focus": gettext_lazy("The crowd stands behind the focus: small, blurred figures by rule do."),
    "crowd_few_seen_whole": gettext_lazy("A few people seen whole are cheaper to shoot than to correct."),
    "crowd_many": gettext_lazy("Many people cost a day of extras: generated, they cost draws."),
    "weather_by_rule": gettext_lazy(
        "Weather (%(effect)s) follows rules: procedural, with alpha, in front of and behind the actor."
    ),
    "effect_by_rule": gettext_lazy(
        "An effect that the shot's facts do not name: made by rule, with alpha, at no price per draw."
    ),
    "effect_unsafe_or_unreal": gettext_lazy("On set this effect (%(effect)s) is unsafe or unreal: generated."),
    "comes_with_the_take": gettext_lazy("It comes with the take."),
    "over_budget": gettext_lazy("Generated, the shot would cost more than its budget, so this layer goes procedural."),
    "still_over_budget": gettext_lazy("Even so the shot stays over its budget: ask the producer, or change the shot."),
    "no_rate": gettext_lazy("No forecast: the rate card has no rate for %(rates)s."),
}
CHOICES = {"framing": Shot.Framing, "performance": Shot.Performance, "effect": Shot.Effect, "crowd": Shot.Crowd}


def sentence(reason: Mapping[str, Any]) -> str:
    """`{"code": "eyes", "params": {"framing": "close_up"}}` in words. An unknown code is shown as it is."""
    words = {
        name: str(CHOICES[name](value).label) if name in CHOICES else value
        for name, value in reason.get("params", {}).items()
    }
    text = SENTENCES.get(str(reason.get("code")))
    return str(text) % words if text is not None else str(reason.get("code"))
