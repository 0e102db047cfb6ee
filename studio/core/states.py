"""States as tables: which may follow which, changed by compare-and-set."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from studio.core.errors import Conflict


class StateTable:
    """`StateTable({"open": {"closed"}})`: the same table moves rows and draws buttons."""

    def __init__(self, moves: Mapping[str, Iterable[str]], *, field: str = "state") -> None:
        self.moves = {state: frozenset(followers) for state, followers in moves.items()}
        self.field = field

    def may(self, state: str, to: str) -> bool:
        return to in self.moves.get(state, frozenset())

    def sources(self, to: str) -> list[str]:
        return [state for state, followers in self.moves.items() if to in followers]

    def move(self, row: models.Model, to: str, **fields: Any) -> None:
        """Set `row` to `to` if the stored state still allows it; other `fields` change in the same statement.

        Raises Conflict with both states when it does not.
        """
        manager = type(row)._default_manager
        where = {f"{self.field}__in": self.sources(to)}
        if not manager.filter(pk=row.pk, **where).update(**{self.field: to}, **fields):
            now = manager.values_list(self.field, flat=True).get(pk=row.pk)
            words = _("This is “%(now)s” now and can't become “%(to)s”. Reload to see what changed.")
            raise Conflict(words % {"now": now, "to": to})
        setattr(row, self.field, to)
        for name, value in fields.items():
            setattr(row, name, value)
