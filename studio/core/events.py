"""What tells open pages that something changed: a subject's name, never its content."""

import logging
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)


def group_name(production_id: UUID | str) -> str:
    return f"production.{production_id}"


def publish(production_id: UUID | str, change: dict[str, Any]) -> None:
    """After the commit, send `change` ({"subject", "code", "verb", "id"}) to the production's open pages.

    A lost message costs a page its liveness until the next one, never its truth: a failure is logged and swallowed.
    """

    def send() -> None:
        try:
            layer = get_channel_layer()
            if layer is not None:
                message = {"type": "changed", "change": change}
                async_to_sync(layer.group_send)(group_name(production_id), message)
        except Exception:  # the broker may be down; the page re-fetches on reconnection
            log.warning("event not sent", extra={"change": change}, exc_info=True)

    transaction.on_commit(send, robust=True)
