"""The one WebSocket consumer: it tells a production's pages which subject changed, never what it holds."""

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from studio.core.events import group_name
from studio.ledger.selectors import changes_since
from studio.productions.models import Production
from studio.productions.selectors import production_for


class ProductionEvents(AsyncJsonWebsocketConsumer):
    """Joins the production's group; on (re)connection replays the subjects changed since the last ledger id the page saw."""

    production: Production | None = None

    async def connect(self) -> None:
        user = self.scope.get("user")
        slug = self.scope["url_route"]["kwargs"]["slug"]
        self.production = await self._find(user, slug)
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
                await self.send_json(change)

    async def changed(self, event: dict[str, Any]) -> None:
        await self.send_json(event["change"])

    @database_sync_to_async
    def _find(self, user: Any, slug: str) -> Production | None:
        return production_for(user, slug) if user is not None and user.is_authenticated else None

    @database_sync_to_async
    def _missed(self, since: int) -> list[dict[str, Any]]:
        assert self.production is not None
        return changes_since(self.production.pk, since)
