"""The ground of the demo production: people, papers, episodes, scenes, shots. Each step looks first what is there."""

from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils.translation import gettext as _

from studio.accounts.models import User
from studio.core.errors import DomainError
from studio.pipeline.demo import data
from studio.productions import papers, people, services
from studio.productions.models import Likeness, Location, Production, Scene, Shot

Cast = dict[str, User]


def producer() -> User:
    """Who makes the production: the first account, without an invitation. Raises DomainError for a name in use."""
    person = data.PEOPLE[0]
    return _account(person)


@transaction.atomic
def production(actor: User) -> Production:
    found = Production.objects.filter(slug=data.SLUG).first()
    return found or services.create_production(actor=actor, slug=data.SLUG, **data.PRODUCTION)


def team(production: Production) -> Cast:
    """Everybody invited by the producer, and joined by the invitation's own link, with an account if they had none."""
    priya = User.objects.get(email=data.PEOPLE[0].email)
    cast = {data.PEOPLE[0].key: priya}
    for person in data.PEOPLE[1:]:
        if not production.memberships.filter(user__email=person.email).exists():
            _invite(priya, production, person)
        cast[person.key] = User.objects.get(email=person.email)
    return cast


def _account(person: data.Person) -> User:
    found = User.objects.filter(email=person.email).first()
    if found is not None and not found.check_password(data.PASSWORD):
        raise DomainError(
            _("%(email)s has an account here that is not the demo's: nothing was made.") % {"email": person.email}
        )
    return found or User.objects.create(email=person.email, password=_hashed(), name=person.name)


@cache
def _hashed() -> str:
    """The demo's one password, hashed once: it takes about half a second, on purpose."""
    return make_password(data.PASSWORD)


@transaction.atomic
def _invite(priya: User, production: Production, person: data.Person) -> None:
    _invitation, secret = people.invite(
        actor=priya,
        production=production,
        email=person.email,
        role=person.role,
        link=str,
        guest_may_note=person.may_note,
    )
    people.accept(user=_account(person), secret=secret)


def keep_papers(production: Production, cast: Cast) -> None:
    """Rate card with sources and dates, locations, consents."""
    for key, model, amount_minor, source, valid_from in data.RATES:
        if not production.rates.filter(key=key, model=model).exists():
            papers.add_rate(
                actor=cast["priya"], production=production, key=key, model=model, amount_minor=amount_minor,
                source=source, valid_from=valid_from,
            )  # fmt: skip
    for name, description in data.LOCATIONS.values():
        if not production.locations.filter(name=name).exists():
            papers.keep_location(actor=cast["dan"], production=production, name=name, description=description)
    for facts in data.LIKENESSES.values():
        if not production.likenesses.filter(name=facts["name"]).exists():
            papers.keep_consent(actor=cast["kai"], production=production, **facts)


def breakdown(production: Production, cast: Cast) -> dict[str, Shot]:
    """Episodes, scenes and shots, routed by rule as they are entered; `{code: shot}`."""
    dan = cast["dan"]
    places = {key: Location.objects.get(production=production, name=name) for key, (name, _) in data.LOCATIONS.items()}
    faces = {
        key: Likeness.objects.get(production=production, name=facts["name"]) for key, facts in data.LIKENESSES.items()
    }
    for number, title in data.EPISODES.items():
        episode = production.episodes.filter(number=number).first()
        if episode is None:
            services.create_episode(actor=dan, production=production, number=number, title=title)
        elif not episode.title:
            services.edit_episode(actor=dan, episode=episode, title=title)
    scenes: dict[tuple[int, int], Scene] = {}
    for (episode_number, number), (title, place) in data.SCENES.items():
        episode = production.episodes.get(number=episode_number)
        scenes[episode_number, number] = episode.scenes.filter(number=number).first() or services.create_scene(
            actor=dan, episode=episode, number=number, title=title, location=places[place]
        )
    return {shot.code: _shot(production, cast, scenes, faces, shot) for shot in data.SHOTS}


@transaction.atomic
def _shot(
    production: Production, cast: Cast, scenes: dict[Any, Scene], faces: dict[str, Likeness], wanted: data.ShotData
) -> Shot:
    found = production.shots.filter(code=wanted.code).first()
    if found is not None:
        return found
    facts = dict(wanted.facts)
    if wanted.assignee:
        facts["assignee"] = cast[wanted.assignee]
    shot = services.create_shot(actor=cast["dan"], scene=scenes[wanted.scene], number=wanted.number, **facts)
    if wanted.likeness:
        for layer in shot.layers.filter(kind="actor"):
            services.edit_layer(actor=cast["dan"], layer=layer, likeness=faces[wanted.likeness])
    return shot
