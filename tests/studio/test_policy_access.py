"""Every page and API operation x every role, as `access.py` lists them; what it does not list fails here."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from studio.config.api import api
from tests.cast import ROLES, Cast, make_cast, make_user
from tests.factories import make_production
from tests.studio import access, access_work
from tests.studio.access import Row, World

pytestmark = pytest.mark.django_db
ROWS = access.ROWS + access_work.ROWS
ELSEWHERE = access.ELSEWHERE | access_work.ELSEWHERE
LISTED = access.LISTED + access_work.LISTED
# Pages' addresses that take JSON.
BY_SCRIPT = ("comps:settings", "comps:undo", "comps:redo", "comps:reset", "comps:copy")
LETTERS = dict(zip(ROLES, "PDVCAEKG", strict=True))


def ask(row: Row, world: World, user=None):
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    data = row.data(world) if callable(row.data) else row.data
    scripts = row.method != "get" and (row.name.startswith("api:") or row.name in BY_SCRIPT)
    extra = {"content_type": "application/json"} if scripts else {}
    return getattr(client, row.method)(row.url(world), data, **extra)


def let_in(answer) -> bool:
    assert answer.status_code < 500, f"{answer.status_code}: {answer.content[:300]!r}"
    away = answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")
    return answer.status_code not in (401, 403, 404, 405) and not away


def within(row: Row, world: World, user=None) -> bool:
    """Ask, and take back whatever the answer changed."""
    with transaction.atomic():
        answer = let_in(ask(row, world, user))
        transaction.set_rollback(True)
    return answer


@pytest.fixture
def world():
    world = World()
    world.join(make_cast(world.production))
    return world


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name}-{row.method}")
def test_who_gets_in(world, row):
    cast: Cast = world.cast
    inside = {letter for name, letter in LETTERS.items() if within(row, world, getattr(cast, name))}
    expected = set("PDVCAEKG") if row.who in "*?" else set(row.who)
    assert inside == expected
    assert within(row, world, cast.otto) is row.own
    elsewhere = make_user("boss")  # a producer in another production is a stranger in this one
    make_production().memberships.create(user=elsewhere, role="producer")
    assert within(row, world, elsewhere) is row.own
    assert within(row, world) is (row.who == "?")


def names() -> set[str]:
    found = set()

    def walk(resolver, namespace: str) -> None:
        for pattern in resolver.url_patterns:
            if isinstance(pattern, URLPattern):
                if namespace in LISTED and pattern.name:
                    found.add(f"{namespace}:{pattern.name}")
            elif pattern.namespace != "api":
                walk(pattern, pattern.namespace or namespace)

    walk(get_resolver(), "")
    return found


def operations() -> dict[str, dict]:
    paths = api.get_openapi_schema()["paths"]
    return {operation["operationId"]: operation for path in paths.values() for operation in path.values()}


def test_every_page_is_listed():
    assert names() - {row.name for row in ROWS} - set(ELSEWHERE) == set()


def test_every_operation_is_listed():
    ours = {f"api:{name}" for name, operation in operations().items() if "releases" not in operation.get("tags", [])}
    assert ours - {row.name for row in ROWS} - set(ELSEWHERE) == set()


def test_every_operation_finds_its_production_in_its_address():
    lost = [
        name
        for name, operation in operations().items()
        if any(given["in"] == "query" and given["name"] == "slug" for given in operation.get("parameters", []))
    ]
    assert lost == [], "these routers are ninja's own: use studio.core.api.Router"


def test_nothing_listed_is_gone():
    known = names() | {f"api:{name}" for name in operations()}
    assert {row.name for row in ROWS} - known == set()
