"""What draws came to: spent, kept, lost, for a layer, a shot or a production.

A pick counts once: a draft and the final drawn from it are one, a draw made to compare a replay is none, and what was
brought from outside is no draw. Failed and cancelled draws are booked apart: they cost, and they are nobody's pick.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from studio.generation.models import Draw
from studio.productions.models import Layer, Production, Shot

# What the trade reports: in 2023-24 one draw in five could be used, with today's models nine in ten.
INDUSTRY_THEN_PERMILLE, INDUSTRY_NOW_PERMILLE = 200, 900
KEPT = ("starred", "promoted")
MADE = ("done", "starred", "binned", "promoted")
LIVE = ("queued", "running")


@dataclass(frozen=True)
class Totals:
    """Counts of picks, minor units. spent: finished draws, replays and finals too; lost: failed and cancelled ones;
    live: estimates of what still runs. None: the rate card priced none of them.

    kept_milli: milliseconds of the film that a draw fills; per_kept_second: everything spent and lost over that.
    """

    made: int
    kept: int
    binned: int
    undecided: int
    live: int
    failed: int
    cancelled: int
    spent_minor: int | None
    lost_minor: int | None
    live_minor: int | None
    kept_milli: int
    per_kept_second_minor: int | None

    @property
    def share_permille(self) -> int | None:
        """Kept of made; None before anything was made."""
        return self.kept * 1000 // self.made if self.made else None

    @property
    def share_percent(self) -> int | None:
        return None if self.share_permille is None else round(self.share_permille / 10)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"share_permille": self.share_permille}


def of_layer(layer: Layer) -> Totals:
    return _totals(Draw.objects.filter(layer=layer), Layer.objects.filter(pk=layer.pk))


def of_shot(shot: Shot) -> Totals:
    return _totals(Draw.objects.filter(layer__shot=shot), shot.layers.all())


def of_production(production: Production) -> Totals:
    return _totals(
        Draw.objects.filter(layer__shot__production=production), Layer.objects.filter(shot__production=production)
    )


def _totals(rows: QuerySet[Draw], layers: QuerySet[Layer]) -> Totals:
    drawn = rows.exclude(backend="upload").order_by()
    picks = drawn.filter(final_of=None, replay_of=None)
    used_final = Exists(Draw.objects.filter(final_of=OuterRef("pk"), state__in=KEPT))
    kept = Q(state__in=KEPT) | Q(used_final=True)
    counted = picks.filter(state__in=MADE).annotate(used_final=used_final).aggregate(
        made=Count("pk"), kept=Count("pk", filter=kept), binned=Count("pk", filter=Q(state="binned") & ~kept)
    )  # fmt: skip
    sums = drawn.aggregate(
        spent=Sum("cost_minor", filter=Q(state__in=MADE)),
        lost=Sum("cost_minor", filter=Q(state__in=("failed", "cancelled"))),
        coming=Sum("estimate_minor", filter=Q(state__in=LIVE)),
        live=Count("pk", filter=Q(state__in=LIVE)),
        failed=Count("pk", filter=Q(state="failed")),
        cancelled=Count("pk", filter=Q(state="cancelled")),
    )
    milli = kept_milli(layers)
    return Totals(
        made=counted["made"], kept=counted["kept"], binned=counted["binned"],
        undecided=counted["made"] - counted["kept"] - counted["binned"],
        live=sums["live"], failed=sums["failed"], cancelled=sums["cancelled"],
        spent_minor=sums["spent"], lost_minor=sums["lost"], live_minor=sums["coming"],
        kept_milli=milli, per_kept_second_minor=_per_second(sums, milli),
    )  # fmt: skip


def kept_milli(layers: QuerySet[Layer]) -> int:
    """How much film draws fill: each layer that a draw is in use for counts its shot's length once."""
    used = Exists(Draw.objects.filter(layer=OuterRef("pk"), state="promoted").exclude(backend="upload"))
    rows = layers.filter(used).values_list(
        "shot__duration_frames", "shot__production__fps_num", "shot__production__fps_den"
    )
    return sum(round(Fraction(frames * 1000 * den, num)) for frames, num, den in rows)


def _per_second(sums: Mapping[str, int | None], milli: int) -> int | None:
    if not milli or (sums["spent"] is None and sums["lost"] is None):
        return None
    return -(-((sums["spent"] or 0) + (sums["lost"] or 0)) * 1000 // milli)
