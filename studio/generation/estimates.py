"""Seconds and price of a draw before it is drawn, learned for every backend from the production's own draws."""

from collections.abc import Mapping
from dataclasses import replace
from statistics import median
from typing import Any

from django.utils.translation import gettext_noop

from studio.generation.backends.base import Backend, Estimate
from studio.generation.backends.pace import KEPT, Sample, learned
from studio.generation.models import Draw
from studio.productions.models import Production

MADE = ("done", "starred", "binned", "promoted")
OWN = gettext_noop("this production's earlier draws")
HOUSE = gettext_noop("earlier draws of other productions")
ALIKE = gettext_noop("this production's draws of other families")
LOOKED_AT = 400  # of the newest draws of a production, or of the house


class Estimates:
    """A production's earlier draws, read once; any number of estimates from them.

    A recipe's own family in this production tells best; then, on backends of one pace, its other families; then the
    same family in other productions; without any of them stands the backend's own measure or guess.
    """

    def __init__(self, production: Production) -> None:
        self.production = production
        self._own: list[Draw] | None = None
        self._house: dict[str, list[Draw]] = {}

    def of(self, engine: Backend, recipe: Mapping[str, Any]) -> Estimate:
        """Before anything is spent. Raises what the backend's own estimate raises."""
        prior = engine.estimate(recipe)
        for rows, basis in self._rows(engine, recipe):
            if rows:
                return _taught(engine, recipe, prior, rows[:KEPT], basis)
        return prior

    def _rows(self, engine: Backend, recipe: Mapping[str, Any]) -> Any:
        family = recipe.get("family")
        if not family:
            return  # an upload: nothing is drawn
        own = [row for row in self.own if row.backend == engine.name]
        yield [row for row in own if row.recipe.get("family") == family], OWN
        if engine.one_pace:
            yield own, ALIKE
        yield [row for row in self.house(engine.name) if row.recipe.get("family") == family], HOUSE

    @property
    def own(self) -> list[Draw]:
        if self._own is None:
            self._own = list(_made().filter(layer__shot__production_id=self.production.pk)[:LOOKED_AT])
        return self._own

    def house(self, backend: str) -> list[Draw]:
        if backend not in self._house:
            rows = _made().filter(backend=backend).exclude(layer__shot__production_id=self.production.pk)
            self._house[backend] = list(rows[:LOOKED_AT])
        return self._house[backend]


def estimate(engine: Backend, recipe: Mapping[str, Any], production: Production) -> Estimate:
    """One estimate; for several of one production keep an `Estimates`."""
    return Estimates(production).of(engine, recipe)


def _made() -> Any:
    rows = Draw.objects.filter(state__in=MADE, seconds_milli__isnull=False).order_by("-created_at")
    return rows.only("backend", "recipe", "media", "seconds_milli", "fingerprint", "created_at")


def _taught(engine: Backend, recipe: Mapping[str, Any], prior: Estimate, rows: list[Draw], basis: str) -> Estimate:
    samples = [
        Sample(engine.work(row.recipe), drawn_milli(row), row.recipe.get("params") == recipe.get("params"))
        for row in rows
    ]
    drawn = learned(engine.work(recipe), samples)
    if drawn is None:
        return prior
    # A model that had to be loaded for most of them will have to be again; one that stays warm will not.
    load = round(median((row.seconds_milli or 0) - drawn_milli(row) for row in rows))
    rate = "cpu_hour" if prior.rate.endswith("_hour") and rows[0].fingerprint.get("device") == "cpu" else prior.rate
    return replace(prior, seconds_milli=max(1, drawn + load), rate=rate, basis=basis, learned_from=len(samples))


def drawn_milli(draw: Draw) -> int:
    """How long a finished draw drew, loading its model apart."""
    timing = draw.media.get("timing") or {}
    return max(1, int(timing.get("draw_milli") or draw.seconds_milli or 1))


__all__ = ["ALIKE", "HOUSE", "OWN", "Estimates", "drawn_milli", "estimate"]
