"""WebSockets carry cookies across sites, so the page's origin must be the host it talks to."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier


class SameOrigin:
    """Deny sockets whose Origin is missing, null, or another host than the Host header names."""

    def __init__(self, app: Callable[..., Awaitable[Any]]) -> None:
        self.app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = {name.lower(): value.decode("latin1") for name, value in scope.get("headers", [])}
        origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
        if not host or urlsplit(origin).netloc != host:
            return await WebsocketDenier()(scope, receive, send)
        return await self.app(scope, receive, send)
