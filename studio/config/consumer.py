"""The one WebSocket consumer: it tells a production's pages which subject changed, never what it holds."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from studio.core.events import group_name
from studio.ledger.selectors import changes_since
from studio.productions.models import Production, Role
from studio.productions.policy import role_of
from studio.productions.selectors import production_for

# Who was invited, what was shot, drawn and paid is the team's.
GUEST_SUBJECTS = ("production", "episode", "scene", "shot", "version", "note", "cut", "release", "board")


class ProductionEvents(AsyncJsonWebsocketConsumer):
    """Joins the production's group; on (re)connection replays what changed since the last ledger id the page saw."""

    production: Production | None = None
    guest = False

    async def connect(self) -> None:
        user = self.scope.get("user")
        slug = self.scope["url_route"]["kwargs"]["slug"]
        self.production, self.guest = await self._find(user, slug)
        if self.production is None:
            await self.close(code=4403)
            return
        await self.channel_layer.group_add(group_name(self.production.pk), self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.production is not None:
            await self.channel_layer.group_discard(group_name(self.production.pk), self.channel_name)

    async def receive_json(self, content: Any, **_kwargs: Any) -> None:
        """`{"since": ledger id}` asks for what was missed; anything else is ignored."""
        since = content.get("since") if isinstance(content, dict) else None
        if isinstance(since, int) and since >= 0 and self.production is not None:
            for change in await self._missed(since):
                await self._tell(change)

    async def changed(self, event: dict[str, Any]) -> None:
        change = event["change"]
        if change["subject"] == "membership":  # perhaps this person's: a role changed, or somebody left
            slug = self.scope["url_route"]["kwargs"]["slug"]
            production, self.guest = await self._find(self.scope.get("user"), slug)
            if production is None:
                await self.close(code=4403)
                return
        await self._tell(change)

    async def _tell(self, change: dict[str, Any]) -> None:
        """A guest hears that something of what guests see changed, not what was done."""
        if not self.guest:
            await self.send_json(change)
        elif change["subject"] in GUEST_SUBJECTS:
            await self.send_json(change | {"verb": "changed"})

    @database_sync_to_async
    def _find(self, user: Any, slug: str) -> tuple[Production | None, bool]:
        """The production if this person is in it, and whether as a guest."""
        production = production_for(user, slug) if user is not None and user.is_authenticated else None
        return production, production is not None and role_of(user, production) is Role.GUEST

    @database_sync_to_async
    def _missed(self, since: int) -> list[dict[str, Any]]:
        assert self.production is not None
        return changes_since(self.production.pk, since)
