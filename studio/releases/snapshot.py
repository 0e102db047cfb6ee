"""The cut as plain data: what a release was made from, and whether the cut still says the same."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from studio.comps.models import Version, VersionLayer
from studio.core.canonical import digest
from studio.footage.models import Take
from studio.productions.models import Episode, LayerKind
from studio.releases.models import CutItem

BYTES = ("shot", "version", "media_sha256", "recipe_sha256", "frame_in", "frame_out", "audio")


def cut_items(episode: Episode) -> list[CutItem]:
    """The cut's items in the board's order, with all that a page, the gate and the conform read of them."""
    layers = VersionLayer.objects.select_related("element", "layer__likeness").order_by("order")
    takes = Take.objects.select_related("artefact").order_by("number")
    rows = CutItem.objects.filter(cut__episode=episode).select_related(
        "shot__scene__episode", "shot__production", "version__poster", "version__proxy", "version__master", "cut"
    )
    layers = layers.prefetch_related(Prefetch("element__takes", takes))
    return list(
        rows.prefetch_related(Prefetch("version__version_layers", layers)).order_by("shot__order", "shot__code")
    )


def last_frame(item: CutItem) -> int:
    """Index of the last frame the cut shows; of an empty version -1."""
    count = item.version.frame_count if item.version else 0
    return count - 1 if item.frame_out is None else item.frame_out


def audio_of(version: Version) -> dict[str, Any] | None:
    """The sound under a version: the file of the take that its frontmost actor was keyed from, and the take's frame
    that sounds with the version's frame 0. None: no take with sound, so silence."""
    offsets = {part.get("id"): int(part.get("frame_offset") or 0) for part in version.recipe.get("layers") or ()}
    for layer in reversed(list(version.version_layers.all())):
        if layer.kind != LayerKind.ACTOR:
            continue
        for take in layer.element.takes.all():
            if take.artefact_id == layer.artefact_sha256 and take.probe.get("audio"):
                return {
                    "sha256": take.artefact_id,
                    "offset_frames": offsets.get(str(layer.layer_id), 0),
                    "take": take.number,
                }
    return None


def item_of(item: CutItem) -> dict[str, Any]:
    """One item as a release keeps it. Frames are indexes from 0, inclusive."""
    version = item.version
    assert version is not None
    return {
        "shot": item.shot.code,
        "version": version.name,
        "version_id": str(version.pk),
        "media_sha256": version.master_id or "",
        "recipe_sha256": version.recipe_sha256,
        "frame_in": item.frame_in,
        "frame_out": last_frame(item),
        "audio": audio_of(version),
    }


def items_of(rows: Iterable[CutItem]) -> list[dict[str, Any]]:
    return [item_of(row) for row in rows if row.version is not None]


def cut_digest(items: Iterable[dict[str, Any]]) -> str:
    """sha256 over everything in the items that decides the film's bytes."""
    return digest([{name: item[name] for name in BYTES} for item in items])


def inputs_of(episode: Episode, *, label: str) -> dict[str, Any]:
    """Whatever else decides the film's bytes. label: "" | "required" | "added"."""
    production = episode.production
    return {
        "title": f"{production.title} {episode.code}",
        "width": production.width,
        "height": production.height,
        "fps_num": production.fps_num,
        "fps_den": production.fps_den,
        "filing_number": production.filing_number.strip(),
        "content_producer": production.content_producer.strip() if label else "",
        "label": label,
    }


def frames_of(items: Iterable[dict[str, Any]]) -> int:
    return sum(item["frame_out"] - item["frame_in"] + 1 for item in items)
