"""What people do to a production's structure: productions, episodes, scenes, shots."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from studio.core.errors import Conflict, Invalid
from studio.core.shotcodes import parse_shot_code, shot_code
from studio.jobs import services as jobs
from studio.ledger.services import record
from studio.productions import policy, routes
from studio.productions.layers import (
    add_layer,
    add_usual_layers,
    edit_layer,
    fill_layer,
    make_element,
    place_layer,
    remove_layer,
)
from studio.productions.models import Episode, Membership, Production, Role, Scene, Shot
from studio.productions.policy import Action
from studio.productions.states import SHOT

FORMATS = {"1080x1920": (1080, 1920), "720x1280": (720, 1280), "540x960": (540, 960)}
RATES = {"23.976": (24000, 1001), "24": (24, 1), "25": (25, 1), "29.97": (30000, 1001), "30": (30, 1)}
__all__ = [
    "add_layer",
    "edit_layer",
    "fill_layer",
    "make_element",
    "place_layer",
    "remove_layer",
]  # layers' verbs, by one door

# What routing reads and what a shot is about; everything else of a shot moves by its own service.
SHOT_FACTS = (
    "title", "description", "dialogue", "duration_frames", "framing", "performance", "crowd", "exterior", "effect",
    "budget_minor", "assignee",
)  # fmt: skip
ROUTING_FACTS = ("framing", "performance", "crowd", "exterior", "effect", "duration_frames", "budget_minor")
PRODUCTION_FACTS = (
    "title", "logline", "currency", "budget_minor", "draw_cap_minor", "width", "height", "fps_num", "fps_den",
    "start_frame", "filing_number", "content_producer", "commercial", "territories",
)  # fmt: skip


def free_slug(title: str) -> str:
    """A slug nobody has: from the title's latin words, else `production`."""
    base = slugify(title)[:50] or "production"
    taken = set(Production.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)


@transaction.atomic
def create_production(*, actor: Any, title: str, slug: str = "", **facts: Any) -> Production:
    """A new production; who makes it produces it. It starts with EP01.

    facts: PRODUCTION_FACTS. Raises Conflict for a slug that is taken.
    """
    _known(facts, PRODUCTION_FACTS)
    try:
        with transaction.atomic():
            production = Production.objects.create(title=title, slug=slug or free_slug(title), **facts)
    except IntegrityError as error:
        raise Conflict(
            _("Another production already has the address “%(slug)s”. Choose another.") % {"slug": slug}
        ) from error
    Membership.objects.create(production=production, user=actor, role=Role.PRODUCER)
    record("production.created", production_id=production.pk, subject=production, actor=actor, code=production.slug)
    create_episode(actor=actor, production=production)
    return production


@transaction.atomic
def edit_production(*, actor: Any, production: Production, **facts: Any) -> Production:
    """Change the production's format, money or papers. The picture format is fixed once a shot has been made of layers.

    Who may keep consents (producer, compliance) may set the filing number and the producer code; the rest is the
    producer's.
    """
    papers = {"filing_number", "content_producer", "commercial", "territories"}
    policy.require(actor, Action.CONSENT if set(facts) <= papers else Action.MANAGE, production)
    _known(facts, PRODUCTION_FACTS)
    picture = {"width", "height", "fps_num", "fps_den"}
    if any(name in facts and facts[name] != getattr(production, name) for name in picture) and _has_pictures(
        production
    ):
        raise Conflict(_("The format is fixed: shots already hold pictures made for it."))
    return _changed(production, "production.edited", actor, facts, production=production, code=production.slug)


def _has_pictures(production: Production) -> bool:
    return production.shots.filter(layers__element__isnull=False).exists()


@transaction.atomic
def create_episode(*, actor: Any, production: Production, number: int | None = None, title: str = "") -> Episode:
    """The next episode, or the one with this number. Raises Conflict where it exists."""
    policy.require(actor, Action.EDIT_SHOTS, production)
    number = number or (production.episodes.aggregate(last=Max("number"))["last"] or 0) + 1
    if production.episodes.filter(number=number).exists():
        raise Conflict(_("Episode %(number)d exists already.") % {"number": number})
    episode = Episode.objects.create(production=production, number=number, title=title)
    record("episode.created", production_id=production.pk, subject=episode, actor=actor, code=episode.code)
    return episode


@transaction.atomic
def edit_episode(*, actor: Any, episode: Episode, **facts: Any) -> Episode:
    policy.require(actor, Action.EDIT_SHOTS, episode)
    _known(facts, ("title",))
    return _changed(episode, "episode.edited", actor, facts, production=episode.production, code=episode.code)


@transaction.atomic
def create_scene(
    *, actor: Any, episode: Episode, number: int | None = None, title: str = "", location: Any = None
) -> Scene:
    """The next scene of the episode, or the one with this number. Raises Conflict where it exists."""
    policy.require(actor, Action.EDIT_SHOTS, episode)
    number = number or (episode.scenes.aggregate(last=Max("number"))["last"] or 0) + 1
    if episode.scenes.filter(number=number).exists():
        raise Conflict(_("Scene %(number)d exists already in this episode.") % {"number": number})
    scene = Scene.objects.create(episode=episode, number=number, title=title, location=location)
    record(
        "scene.created",
        production_id=episode.production_id,
        subject=scene,
        actor=actor,
        code=f"{episode.code}_{scene.code}",
    )
    return scene


@transaction.atomic
def edit_scene(*, actor: Any, scene: Scene, **facts: Any) -> Scene:
    policy.require(actor, Action.EDIT_SHOTS, scene)
    _known(facts, ("title", "location"))
    code = f"{scene.episode.code}_{scene.code}"
    return _changed(scene, "scene.edited", actor, facts, production=scene.episode.production, code=code)


@transaction.atomic
def create_shot(*, actor: Any, scene: Scene, number: int | None = None, **facts: Any) -> Shot:
    """A planned shot with the layers its facts ask for, cut after the last shot of its scene.

    number: SH010, SH020 ... (the next ten) unless told; facts: SHOT_FACTS. Raises Conflict for a number in use.
    """
    policy.require(actor, Action.EDIT_SHOTS, scene)
    _known(facts, SHOT_FACTS)
    episode = Episode.objects.select_for_update().get(pk=scene.episode_id)
    numbers = [parse_shot_code(code)[2] for code in scene.shots.values_list("code", flat=True)]
    number = number or (max(numbers, default=0) // 10 + 1) * 10
    code = shot_code(episode.number, scene.number, number)
    if number in numbers:
        raise Conflict(
            _("%(code)s exists already. Shots count in tens, so 15 stands between 10 and 20.") % {"code": code}
        )
    before = [other for other in _cut_order(episode) if other.scene.number <= scene.number]
    shot = Shot.objects.create(production=episode.production, scene=scene, code=code, order=0, **facts)
    _place(episode, shot, after=before[-1] if before else None)
    add_usual_layers(shot)
    record("shot.created", production_id=shot.production_id, subject=shot, actor=actor)
    routes.route_shot(shot=shot)
    jobs.poke(shot)
    return shot


@transaction.atomic
def edit_shot(*, actor: Any, shot: Shot, **facts: Any) -> Shot:
    """Change what a shot is about (SHOT_FACTS). Layers nobody has overridden are routed anew."""
    policy.require(actor, Action.EDIT_SHOTS, shot)
    _known(facts, SHOT_FACTS)
    before = [getattr(shot, name) for name in ROUTING_FACTS]
    _changed(shot, "shot.edited", actor, facts, production=shot.production, code=shot.code)
    if before != [getattr(shot, name) for name in ROUTING_FACTS]:
        routes.route_shot(shot=shot)
    jobs.poke(shot)
    return shot


@transaction.atomic
def place_shot(*, actor: Any, shot: Shot, after: Shot | None) -> str:
    """Move `shot` in its episode's cut order to stand right after `after` (None: first).

    Gives the code of the shot it stood after before (empty: it was first), so that the move can be undone.
    """
    if not policy.may(actor, Action.EDIT_CUT, shot):
        policy.require(actor, Action.EDIT_SHOTS, shot)
    episode = Episode.objects.select_for_update().get(pk=shot.scene.episode_id)
    if after is not None and after.scene.episode_id != episode.pk:
        raise Invalid(_("A shot moves within its own episode."))
    order = [other.pk for other in _cut_order(episode)]
    was = order.index(shot.pk)
    came_after = Shot.objects.get(pk=order[was - 1]).code if was else ""
    if after is None or after.pk != shot.pk:
        _place(episode, shot, after)
    data = {"after": after.code if after else "", "was_after": came_after}
    record("shot.moved", production_id=shot.production_id, subject=shot, actor=actor, data=data)
    return came_after


def _cut_order(episode: Episode) -> list[Shot]:
    return list(Shot.objects.filter(scene__episode=episode).select_related("scene").order_by("order", "code"))


def _place(episode: Episode, shot: Shot, after: Shot | None) -> None:
    """Renumber the episode's cut with `shot` right after `after`. The caller holds the episode's row."""
    others = [other for other in _cut_order(episode) if other.pk != shot.pk]
    at = 0 if after is None else [other.pk for other in others].index(after.pk) + 1
    row = [*others[:at], shot, *others[at:]]
    for number, other in enumerate(row, 1):
        other.order = number
    Shot.objects.bulk_update(row, ["order"])


@transaction.atomic
def hold_shot(*, actor: Any, shot: Shot) -> None:
    """Put a shot on hold: it keeps everything and waits."""
    _set_aside(actor, shot, "on_hold", "shot.held")


@transaction.atomic
def omit_shot(*, actor: Any, shot: Shot) -> None:
    """Take a shot out of the film; it keeps its code, its books and its place, and can be restored."""
    _set_aside(actor, shot, "omitted", "shot.omitted")


def _set_aside(actor: Any, shot: Shot, to: str, verb: str) -> None:
    policy.require(actor, Action.EDIT_SHOTS, shot)
    was = Shot.objects.select_for_update().get(pk=shot.pk).state
    SHOT.move(shot, to, state_before_hold=was)
    record(verb, production_id=shot.production_id, subject=shot, actor=actor, data={"was": was})


@transaction.atomic
def restore_shot(*, actor: Any, shot: Shot) -> None:
    """Bring a held or omitted shot back to the state it had."""
    policy.require(actor, Action.EDIT_SHOTS, shot)
    shot.refresh_from_db()
    if shot.state not in ("on_hold", "omitted"):
        raise Conflict(_("%(code)s is neither on hold nor omitted.") % {"code": shot.code})
    back = shot.state_before_hold or "planned"
    SHOT.move(shot, back, state_before_hold="")
    record("shot.restored", production_id=shot.production_id, subject=shot, actor=actor, data={"to": back})


@transaction.atomic
def move_shot(*, shot: Shot, to: str, actor: Any = None, data: dict[str, Any] | None = None) -> None:
    """Set the shot's state as its work goes on (called by services that have checked who may). No-op where it is `to`
    already.

    Raises Conflict where the state table does not allow it.
    """
    if Shot.objects.filter(pk=shot.pk, state=to).exists():
        shot.state = to
        return
    SHOT.move(shot, to)
    record(f"shot.{to}", production_id=shot.production_id, subject=shot, actor=actor, data=data)


def _known(facts: Mapping[str, Any], names: tuple[str, ...]) -> None:
    strange = set(facts) - set(names)
    if strange:
        raise Invalid(_("Unknown: %(names)s.") % {"names": ", ".join(sorted(strange))})


def _changed(row: Any, verb: str, actor: Any, facts: Mapping[str, Any], *, production: Production, code: str) -> Any:
    """Write the facts that differ and enter before and after in the books; nothing differs, nothing is written."""
    before = {name: getattr(row, name) for name in facts if getattr(row, name) != facts[name]}
    if not before:
        return row
    for name in before:
        setattr(row, name, facts[name])
    row.save(update_fields=list(before))
    data = {name: {"from": _said(before[name]), "to": _said(facts[name])} for name in before}
    record(verb, production_id=production.pk, subject=row, actor=actor, data=data, code=code)
    return row


def _said(value: Any) -> Any:
    return value if value is None or isinstance(value, (bool, int)) else str(value)
