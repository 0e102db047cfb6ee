"""Read the books."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from studio.ledger.models import Entry


def entries(production_id: UUID) -> QuerySet[Entry]:
    return Entry.objects.filter(production_id=production_id).order_by("-seq")


def changes_since(production_id: UUID, since: int, most: int = 500) -> list[dict[str, Any]]:
    """The changes a page missed, oldest first; past `most` the newest ones (pages re-fetch by subject anyway)."""
    rows = Entry.objects.filter(production_id=production_id, pk__gt=since).order_by("-pk")[:most]
    return [row.change() for row in reversed(rows)]
