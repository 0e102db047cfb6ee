"""What the production's socket tells, and whom."""

import json
from collections.abc import Coroutine
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser
from django.urls import path

from studio.config.consumer import ProductionEvents
from studio.ledger.services import record
from studio.productions import people
from tests.cast import make_cast
from tests.factories import make_production, make_shot

pytestmark = pytest.mark.django_db(transaction=True)
ROUTES = URLRouter([path("ws/p/<slug:slug>/", ProductionEvents.as_asgi())])


@pytest.fixture
def production() -> Any:
    return make_production()


@pytest.fixture
def cast(production: Any) -> Any:
    return make_cast(production)


class Socket(ApplicationCommunicator):
    """One page's socket, without a server around it."""

    def __init__(self, production: Any, user: Any) -> None:
        scope = {"type": "websocket", "path": f"/ws/p/{production.slug}/", "headers": [], "subprotocols": []}
        super().__init__(ROUTES, scope | {"user": user})

    async def connect(self) -> dict[str, Any]:
        await self.send_input({"type": "websocket.connect"})
        return dict(await self.receive_output(timeout=5))

    async def heard(self) -> list[dict[str, Any]]:
        told = []
        while not await self.receive_nothing(timeout=0.4):
            told.append(json.loads((await self.receive_output())["text"]))
        return told

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait()


def run(steps: Coroutine[Any, Any, Any]) -> Any:
    async def go() -> Any:
        return await steps

    return async_to_sync(go)()


@pytest.mark.parametrize("name", ["otto", "nobody", "elsewhere"])
def test_strangers_nobody_and_people_of_other_productions_are_turned_away(
    production: Any, cast: Any, name: str
) -> None:
    user = AnonymousUser() if name == "nobody" else cast.otto
    if name == "elsewhere":
        make_production().memberships.create(user=user, role="producer")

    answer = run(Socket(production, user).connect())
    assert (answer["type"], answer["code"]) == ("websocket.close", 4403)


def test_a_guest_hears_that_a_shot_changed_and_nothing_of_the_team_s_doings(production: Any, cast: Any) -> None:
    shot = make_shot(production.episodes.create(number=1).scenes.create(number=1))

    def work() -> None:
        record("take.circled", production_id=production.pk, subject=shot, actor=cast.dan, code=shot.code)
        people.invite(actor=cast.priya, production=production, email="nina@huo.test", role="editor", link=str)

    async def listen() -> tuple[list[Any], list[Any]]:
        dan, gus = Socket(production, cast.dan), Socket(production, cast.gus)
        for one in (dan, gus):
            assert (await one.connect())["type"] == "websocket.accept"
        await sync_to_async(work)()
        told = await dan.heard(), await gus.heard()
        await dan.leave()
        await gus.leave()
        return told

    team, guest = run(listen())
    assert [(row["verb"], row["code"]) for row in team] == [
        ("take.circled", shot.code), ("member.invited", "nina@huo.test"),
    ]  # fmt: skip
    assert [(row["verb"], row["key"]) for row in guest] == [("changed", str(shot.pk))]


def test_whoever_leaves_the_production_hears_no_more(production: Any, cast: Any) -> None:
    member = production.memberships.get(user=cast.cleo)

    async def listen() -> dict[str, Any]:
        cleo = Socket(production, cast.cleo)
        assert (await cleo.connect())["type"] == "websocket.accept"
        await sync_to_async(people.remove_member)(actor=cast.priya, member=member)
        return dict(await cleo.receive_output(timeout=5))

    answer = run(listen())
    assert (answer["type"], answer["code"]) == ("websocket.close", 4403)
