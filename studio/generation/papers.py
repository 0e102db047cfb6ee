"""The papers of one draw: what made it, what it cost, whose licence, and whether it can be made again."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from studio.generation import alike, budget, estimates, places, registry, replays, services, table
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw, RegisteredModel
from studio.productions import policy

BADGES = {
    replays.BIT_EXACT: gettext_noop("bit for bit"),
    replays.OTHER_RUNTIME: gettext_noop("same recipe, other runtime"),
    replays.NOT_REPLAYABLE: gettext_noop("not replayable"),
    replays.UNTRIED: gettext_noop("not tried yet"),
    "replaying": gettext_noop("being drawn again"),
}


def papers(user: Any, draw: Draw) -> dict[str, Any]:
    """Everything the recipe panel says of a draw."""
    layer, production = draw.layer, draw.layer.shot.production
    cards = table.Cards(layer, [draw])
    badge = replays.badge(draw) if draw.artefact_id else None
    again = draw.replays.filter(state__in=table.LIVE).select_related("job").first()
    open_to = bool(draw.artefact_id) and not replays.hindrance(draw)
    minor = replay_price(draw) if open_to else None
    action = budget.action_for(draw.backend)
    spends = policy.role_of(user, layer) in policy.TABLE[action]
    return {
        "production": production,
        "episode": layer.shot.scene.episode,
        "shot": layer.shot,
        "layer": layer,
        "draw": draw,
        "title": cards.title(draw),
        "settings": settings_of(draw),
        **location_of(draw),
        "runtime": runtime_of(draw),
        "models": models_of(draw),
        "workflow": workflow_of(draw),
        "pace": pace_of(draw),
        "badge": badge,
        "badge_word": _(BADGES["replaying" if again else badge.code]) if badge else "",
        "again": again,
        "replays": list(draw.replays.filter(state__in=replays.MADE).order_by("-created_at")[:5]),
        "may_replay": open_to and not again and spends,
        "replay_minor": minor,
        "stop": budget.stop(user, production, minor or 0, action) if open_to and spends else "",
        "like": _(table.WAY_TITLES.get(draw.varies, "")) if draw.like_id else "",
        "ways": alike.ways_of(draw) if draw.artefact_id and draw.backend != "upload" else [],
        "tab": "worlds",
    }  # fmt: skip


def told(user: Any, draw: Draw) -> dict[str, Any]:
    """The same for scripts."""
    found = papers(user, draw)
    badge = found["badge"]
    return {
        "title": found["title"],
        "settings": [list(pair) for pair in found["settings"]],
        "runtime": [list(pair) for pair in found["runtime"]],
        "models": [
            {
                "name": row["name"], "manifest": row["manifest"], "against": row["against"],
                "licence": row["model"].licence if row["model"] else "",
            }
            for row in found["models"]
        ],
        "workflow": found["workflow"],
        "location": draw.recipe.get("location"),
        "replay": {"code": badge.code, "sentence": badge.sentence} if badge else None,
        "replaying": bool(found["again"]),
        "replay_minor": found["replay_minor"],
        "ways": found["ways"],
    }  # fmt: skip


def replay_price(draw: Draw) -> int | None:
    """What drawing it again would cost; None without a rate."""
    production = draw.layer.shot.production
    estimate = estimates.estimate(BACKENDS[draw.backend], draw.recipe, production)
    return estimate.price(services.rates_of(production))


def settings_of(draw: Draw) -> list[tuple[str, str]]:
    """(title, value) of every setting of the recipe, in the words of the offer where there still is one."""
    offers = {offer.name: offer for offer in BACKENDS[draw.backend].offers(draw.layer.kind)}
    offer = offers.get(str(draw.recipe.get("family", "")))
    known = {one.name: one for one in offer.parameters} if offer else {}
    found = []
    for name, value in draw.recipe.get("params", {}).items():
        one = known.get(name)
        title = _(one.title) if one else name
        if one is not None and one.kind == "choice":
            shown = next((_(choice.title) for choice in one.choices if choice.value == value), str(value))
        elif name == "loras":
            shown = ", ".join(f"{lora['name']} {lora['weight_milli'] / 1000:g}" for lora in value)
        elif one is not None and one.unit == "‰":
            shown = f"{int(value) / 1000:g}"
        else:
            shown = f"{value}{' ' + one.unit if one is not None and one.unit else ''}"
        if name in (held := (draw.media or {}).get("held", {})):
            shown = _("%(asked)s asked; %(held)s m drawn, nearer they would not hold") % {
                "asked": shown, "held": f"{held[name] / 10:g}",
            }  # fmt: skip
        found.append((title, shown))
    return found


def location_of(draw: Draw) -> dict[str, Any]:
    """The location whose version the draw names, while it is there, and the settings that depart from it, in words."""
    told = draw.recipe.get("location") or {}
    version = places.named_in(draw.recipe)
    offers = {offer.name: offer for offer in BACKENDS[draw.backend].offers(draw.layer.kind)}
    offer = offers.get(str(draw.recipe.get("family", "")))
    titles = {one.name: one.title for one in offer.parameters} if offer else {}
    departed = [_(titles.get(name, name)) for name in told.get("departed", [])]
    return {"location_id": version.location_id if version else None, "departed": departed}


def runtime_of(draw: Draw) -> list[tuple[str, str]]:
    """The fingerprint of the machine and libraries that drew it, as flat pairs."""
    found = []
    for name, value in draw.fingerprint.items():
        if isinstance(value, dict):
            found += [(f"{name} {inner}", str(what)) for inner, what in value.items()]
        else:
            found.append((str(name), str(value)))
    return found


def models_of(draw: Draw) -> list[dict[str, Any]]:
    """The learned models of a recipe with their licences, and what speaks against each in this production."""
    found = []
    for part in registry.parts_of(draw.recipe):
        row = RegisteredModel.objects.filter(manifest_sha256=part["manifest"]).first()
        against = [registry.worded(one) for one in registry.against([part], draw.layer.shot.production)]
        found.append({"name": part["name"], "manifest": part["manifest"], "model": row, "against": against})
    return found


def workflow_of(draw: Draw) -> dict[str, Any] | None:
    """The ComfyUI workflow that came inside the picture: sha256, nodes, models, workflow; None without one."""
    found = draw.media.get("comfyui")
    return dict(found) if found else None


def pace_of(draw: Draw) -> dict[str, int | None]:
    """What was said before and what it came to, in minor units and milliseconds."""
    return {"estimate": draw.estimate_minor, "cost": draw.cost_minor, "milli": draw.seconds_milli}
