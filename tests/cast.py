"""The people of every test: one per role, and a stranger."""

from dataclasses import dataclass, fields

from studio.accounts.models import User
from studio.productions.models import Membership, Production, Role

PASSWORD = "a-long-night-in-the-rain"


@dataclass(frozen=True)
class Cast:
    """`priya` produces, `dan` directs, `vera` supervises, `cleo` composites, `ana` is AI artist, `eddie` edits,
    `kai` is compliance officer, `gus` a guest who may note (not decide), `otto` a stranger."""

    priya: User
    dan: User
    vera: User
    cleo: User
    ana: User
    eddie: User
    kai: User
    gus: User
    otto: User

    def by_role(self) -> dict[str, User]:
        """`{"producer": priya, ..., "stranger": otto}`."""
        return {role: getattr(self, name) for name, role in ROLES.items()} | {"stranger": self.otto}


ROLES = {
    "priya": Role.PRODUCER,
    "dan": Role.DIRECTOR,
    "vera": Role.VFX_SUPERVISOR,
    "cleo": Role.COMPOSITOR,
    "ana": Role.AI_ARTIST,
    "eddie": Role.EDITOR,
    "kai": Role.COMPLIANCE,
    "gus": Role.GUEST,
}
NAMES = {
    "priya": "Priya Rao",
    "dan": "Dan Osei",
    "vera": "Vera Lind",
    "cleo": "Cleo Marsh",
    "ana": "Ana Wu",
    "eddie": "Eddie Cole",
    "kai": "Kai 林凯",
    "gus": "Gus Hart",
    "otto": "Otto Stranger",
}


def make_user(name: str, **fields_: object) -> User:
    """A person who can sign in as `<name>@huo.test` with PASSWORD."""
    email = f"{name}@huo.test"
    return User.objects.filter(email=email).first() or User.objects.create_user(
        email, PASSWORD, **{"name": NAMES.get(name, name.title()), **fields_}
    )


def make_cast(production: Production) -> Cast:
    """Everybody, each in their role in `production` (Otto in none). The same people may join a second production."""
    people = {field.name: make_user(field.name) for field in fields(Cast)}
    for name, role in ROLES.items():
        Membership.objects.get_or_create(
            production=production, user=people[name], defaults={"role": role, "guest_may_note": role == Role.GUEST}
        )
    return Cast(**people)
