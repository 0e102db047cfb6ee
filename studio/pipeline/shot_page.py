"""What a shot's page shows beside its card: layers with their ways, versions, activity."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from studio.comps.models import Version
from studio.comps.selectors import versions_for
from studio.footage.models import Take
from studio.generation.models import Draw
from studio.ledger.models import Entry
from studio.media.models import Artefact
from studio.pipeline import verbs
from studio.pipeline.steps import address
from studio.productions.models import Layer, LayerKind, Origin, Shot


@dataclass
class LayerRow:
    """A layer, what fills it, where its work happens (`url`, with `count` takes or draws so far) and how it can
    be moved.
    """

    layer: Layer
    poster: Artefact | None
    url: str
    count: int
    captured: bool
    last: bool = False
    first: bool = False


def layer_rows(shot: Shot) -> list[LayerRow]:
    """The shot's layers, nearest first, as people read a stack."""
    layers = list(
        shot.layers.select_related("element__poster", "likeness", "overridden_by", "proposed_by").order_by("-order")
    )
    here = (shot.production.slug, shot.scene.episode.code, shot.path_code)
    takes = _counts(Take.objects.filter(shot=shot))
    draws = _counts(Draw.objects.filter(layer__shot=shot))
    rows = []
    for number, layer in enumerate(layers):
        layer.shot = shot
        captured = layer.route == Origin.CAPTURED or (not layer.route and layer.kind == LayerKind.ACTOR)
        url = address("footage:takes", *here) if captured else address("generation:draws", *here, layer.pk)
        poster = layer.element.poster if layer.element else None
        count = (takes if captured else draws).get(layer.pk, 0)
        rows.append(LayerRow(layer, poster, url, count, captured, number == len(layers) - 1, number == 0))
    return rows


def _counts(rows: Any) -> dict[Any, int]:
    counts: dict[Any, int] = {}
    for layer in rows.values_list("layer", flat=True):
        counts[layer] = counts.get(layer, 0) + 1
    return counts


def versions(user: Any, shot: Shot) -> list[Version]:
    """The newest 24 that this person may see: a guest those that reached review."""
    return list(versions_for(user, shot)[:24])


def activity(shot: Shot, most: int = 14) -> list[dict[str, Any]]:
    """The newest entries of the books about this shot and what belongs to it: `[{"entry", "said", "detail"}]`."""
    about = Q(subject_code=shot.code) | Q(subject_code__startswith=f"{shot.code} ") | Q(subject_id=str(shot.pk))
    rows = Entry.objects.filter(about, production_id=shot.production_id).order_by("-seq")[:most]
    return [{"entry": row, "said": verbs.said(row.verb), "detail": verbs.detail(row)} for row in rows]
