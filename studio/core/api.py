"""Routers of `/api/v1/productions/{slug}/...`."""

from collections.abc import Callable
from typing import Any

import ninja


class Router(ninja.Router):
    """A router below one production: `@router.get("/takes")` answers at `/api/v1/productions/{slug}/takes`.

    Ninja reads an operation's path parameters from its own path, not from where its router is mounted, so the
    production's slug is put into each path here (and would be asked for in the query otherwise).
    """

    def add_api_operation(self, path: str, methods: list[str], view_func: Callable[..., Any], **kwargs: Any) -> None:
        super().add_api_operation("/{slug}" + path, methods, view_func, **kwargs)
