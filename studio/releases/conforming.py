"""From a release's snapshot to what the engine is asked: conform, sign, measure."""

from pathlib import Path
from typing import Any

from django.conf import settings

from studio.comps.models import Version
from studio.media import storage
from studio.releases import labels, manifest
from studio.releases.facts import layer_facts
from studio.releases.labels import LayerFacts
from studio.releases.models import Release


def keys() -> Path:
    """The folder of the studio's own certificates."""
    return Path(settings.KEY_HOME) / "c2pa"


def aigc_of(release: Release) -> dict[str, str] | None:
    """The implicit label's fields, or None where no label is due. "1": made by AI; "2": possibly (compliance added it).

    Source: GB 45438-2025, read through copies; at the first writing the propagator is the producer.
    """
    why = release.inputs["label"]
    if not why:
        return None
    producer, ident = release.inputs["content_producer"], str(release.pk)
    return {
        "Label": "1" if why == "required" else "2",
        "ContentProducer": producer,
        "ProduceID": ident,
        "ReservedCode1": "",
        "ContentPropagator": producer,
        "PropagateID": ident,
        "ReservedCode2": "",
    }


def conform_args(release: Release, out: Path) -> dict[str, Any]:
    """Arguments of the engine's `conform`; everything comes from the snapshot, nothing from the cut as it is now."""
    inputs = release.inputs
    metadata: dict[str, Any] = {"title": inputs["title"]}
    if aigc := aigc_of(release):
        metadata["AIGC"] = aigc
    label = {
        "text": labels.TEXT,
        "height_permille": labels.BURNED_PERMILLE,
        "seconds_milli": labels.BURNED_MILLI,
        "end": False,
    }
    return {
        "items": [
            {
                "path": str(storage.path_of(item["media_sha256"])),
                "frame_in": item["frame_in"],
                "frame_out": item["frame_out"],
                "audio": _audio(item["audio"]),
            }
            for item in release.items
        ],
        **{name: inputs[name] for name in ("fps_num", "fps_den", "width", "height")},
        "label": label if inputs["label"] else None,
        "credit": {"text": inputs["filing_number"]} if inputs["filing_number"] else None,
        "metadata": metadata,
        "out": str(out),
    }


def _audio(audio: dict[str, Any] | None) -> dict[str, Any] | None:
    if audio is None:
        return None
    return {"path": str(storage.path_of(audio["sha256"])), "offset_frames": audio["offset_frames"]}


def layers_of(release: Release) -> list[tuple[LayerFacts, str]]:
    """Each layer of each item of the snapshot, with the sha256 of what filled it."""
    ids = [item["version_id"] for item in release.items]
    versions = {str(row.pk): row for row in Version.objects.filter(pk__in=ids).prefetch_related("version_layers")}
    found = []
    for item in release.items:
        version, frames = versions[item["version_id"]], item["frame_out"] - item["frame_in"] + 1
        for layer in version.version_layers.all():
            found.append((layer_facts(layer, item["shot"], version, frames), layer.artefact_sha256))
    return found


def manifest_of(release: Release) -> dict[str, Any]:
    """The C2PA manifest of the release's master."""
    layers = layers_of(release)
    duty = labels.duty(layer for layer, _sha in layers)
    return manifest.build(
        release=str(release.pk),
        number=release.number,
        production=release.episode.production.title,
        episode=release.episode.code,
        cut_digest=release.cut_digest,
        items=release.items,
        layers=layers,
        inputs=release.inputs,
        because=[f"{layer.shot} {layer.version} {layer.name}" for layer in duty.because],
    )


def summary(seen: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """What a release keeps of `verify_media` and `read_manifest`: plain integers and words."""
    label = seen["label"]
    keep = (
        "sha256", "frame_count", "width", "height", "fps_num", "fps_den", "vfr", "codec", "loudness", "title", "aigc",
        "aigc_error",
    )  # fmt: skip
    said = read["assertions"].get(manifest.ASSERTION) or {}
    return {name: seen.get(name) for name in keep} | {
        "corrupt_frames": len(seen.get("corrupt_frames") or []),
        "audio": bool(seen.get("audio")),
        "label_height_px": label["height_px"],
        "label_permille": label["permille"],
        "label_frames": label["frames"],
        "manifest": {
            **{name: read[name] for name in ("present", "valid", "trusted", "state", "problems", "title", "issuer")},
            "release": said.get("release", ""),
            "cut_digest": said.get("cut_digest", ""),
            "actions": len((read["assertions"].get("c2pa.actions.v2") or {}).get("actions") or []),
            "ingredients": len(read["ingredients"]),
        },
    }
