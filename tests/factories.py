"""Rows for tests, made straight in the tables: small, vertical, believable. Each takes keywords for what matters to
the test.

Services are what tests test; these only set the stage (no ledger entries).
"""

import hashlib
import itertools
from pathlib import Path
from typing import Any

from django.conf import settings

from compositing.recipe import LayerRecipe, Recipe
from studio.comps.models import Version, VersionLayer
from studio.core.canonical import digest
from studio.core.shotcodes import shot_code
from studio.footage.models import Take
from studio.media.models import Artefact, ArtefactUse
from studio.productions.models import Element, Episode, Layer, LayerKind, Origin, Production, Scene, Shot

_numbers = itertools.count(1)

UNSEEN = (LayerKind.SOUND, LayerKind.SUBTITLE)  # layers that are no picture

# As the engine's `probe` tells of a small vertical film.
PROBE: dict[str, Any] = {
    "width": 72, "height": 128, "display_width": 72, "display_height": 128, "rotation": 0, "fps_num": 24, "fps_den": 1,
    "vfr": False, "frame_count": 48, "duration_frames": 48, "corrupt_frames": [], "corrupt_count": 0, "codec": "h264",
    "pix_fmt": "yuv420p", "container": "mov", "audio": None, "size_bytes": 1000,
}  # fmt: skip


def make_production(**fields: Any) -> Production:
    number = next(_numbers)
    values: dict[str, Any] = {
        "slug": f"the-way-home-{number}",
        "title": "归途 The Way Home",
        "width": 72,
        "height": 128,
        "budget_minor": 3_000_000,
        "draw_cap_minor": 50_000,
    }
    return Production.objects.create(**(values | fields))


def make_episode(production: Production | None = None, number: int = 1, **fields: Any) -> Episode:
    return Episode.objects.create(production=production or make_production(), number=number, **fields)


def make_scene(episode: Episode | None = None, number: int | None = None, **fields: Any) -> Scene:
    episode = episode or make_episode()
    number = number or (episode.scenes.count() + 1)
    return Scene.objects.create(episode=episode, number=number, **({"title": "Rooftop, night, rain"} | fields))


def make_shot(scene: Scene | None = None, number: int | None = None, *, layers: bool = True, **fields: Any) -> Shot:
    """A shot at the end of its episode's cut; with `layers`, a background and an actor in front of it."""
    scene = scene or make_scene()
    number = number or 10 * (scene.shots.count() + 1)
    order = Shot.objects.filter(scene__episode=scene.episode).count() + 1
    values: dict[str, Any] = {"title": "She looks up", "order": order, "duration_frames": 48}
    shot = Shot.objects.create(
        production=scene.episode.production,
        scene=scene,
        code=shot_code(scene.episode.number, scene.number, number),
        **(values | fields),
    )
    if layers:
        make_layer(shot, LayerKind.BACKGROUND, name="City", route=Origin.PROCEDURAL)
        make_layer(shot, LayerKind.ACTOR, name="Lin Xia", route=Origin.CAPTURED)
    return shot


def make_layer(shot: Shot, kind: str = LayerKind.BACKGROUND, **fields: Any) -> Layer:
    values = {"name": str(LayerKind(kind).label).title(), "order": shot.layers.count()}
    return Layer.objects.create(shot=shot, kind=kind, **(values | fields))


def make_artefact(
    production: Production,
    content: bytes | Path | None = None,
    *,
    mime: str = "video/mp4",
    suffix: str = ".mp4",
    internal: bool = True,
) -> Artefact:
    """A file in the store that belongs to `production`.

    Content: bytes, or a file to copy; by default a few unique bytes.
    """
    data = content.read_bytes() if isinstance(content, Path) else content or f"bytes {next(_numbers)}".encode()
    sha256 = hashlib.sha256(data).hexdigest()
    path = Path(settings.MEDIA_HOME) / sha256[:2] / sha256[2:4] / sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    artefact, _ = Artefact.objects.get_or_create(
        sha256=sha256, defaults={"size": len(data), "mime": mime, "suffix": suffix}
    )
    ArtefactUse.objects.get_or_create(production_id=production.pk, artefact=artefact, defaults={"internal": internal})
    return artefact


def make_element(production: Production, kind: str = LayerKind.BACKGROUND, **fields: Any) -> Element:
    """Something that can fill a layer; procedural unless told. Its media say 72×128, 48 frames, 24 fps."""
    values: dict[str, Any] = {
        "name": "City in the rain",
        "origin": Origin.PROCEDURAL,
        "media": {"width": 72, "height": 128, "frame_count": 48, "fps_num": 24, "fps_den": 1, "has_alpha": False},
        "licence": "own work",
    }
    values |= fields
    if "artefact" not in values:
        values["artefact"] = make_artefact(production)
    return Element.objects.create(production=production, kind=kind, **values)


def fill(layer: Layer, element: Element | None = None, **fields: Any) -> Element:
    """Let an element (made by the layer's route where none is given) fill `layer`."""
    if element is None:
        fields = {"origin": layer.route or Origin.PROCEDURAL, "name": layer.name} | fields
        element = make_element(layer.shot.production, layer.kind, **fields)
    layer.element = element
    layer.save(update_fields=["element"])
    return element


def make_take(shot: Shot, **fields: Any) -> Take:
    """A ready take of the shot's actor layer."""
    layer = (
        fields.pop("layer", None)
        or shot.layers.filter(kind=LayerKind.ACTOR).first()
        or make_layer(shot, LayerKind.ACTOR)
    )
    values: dict[str, Any] = {
        "number": layer.takes.count() + 1,
        "slate": "12A",
        "filename": "A001_C003.mp4",
        "state": Take.State.READY,
        "frame_count": 48,
        "probe": dict(PROBE),
    }
    values |= fields
    if "artefact" not in values:
        values["artefact"] = make_artefact(shot.production)
    return Take.objects.create(shot=shot, layer=layer, **values)


def make_version(shot: Shot, **fields: Any) -> Version:
    """A ready version of the shot, bound to bytes, with one VersionLayer per layer (empty layers are filled first)."""
    production = shot.production
    seen = list(shot.layers.exclude(kind__in=UNSEEN)) or [make_layer(shot)]
    filled = [(layer, layer.element or fill(layer)) for layer in seen]
    offset = next(_numbers)  # no two versions are made alike
    recipe = Recipe(
        width=production.width,
        height=production.height,
        fps_num=production.fps_num,
        fps_den=production.fps_den,
        frame_count=shot.duration_frames,
        layers=tuple(LayerRecipe(str(layer.pk), layer.kind, element.artefact_id, offset) for layer, element in filled),
    ).to_dict()
    values: dict[str, Any] = {
        "number": shot.versions.count() + 1,
        "recipe": recipe,
        "recipe_sha256": digest(recipe),
        "state": Version.State.READY,
        "frame_count": shot.duration_frames,
    }
    values |= fields
    if "master" not in values:
        values["master"] = make_artefact(production, internal=False)
    version = Version.objects.create(shot=shot, **values)
    for layer, element in filled:
        layer_recipe = digest({"layer": str(layer.pk), "element": str(element.pk)})
        VersionLayer.objects.create(
            version=version,
            layer=layer,
            order=layer.order,
            kind=layer.kind,
            name=layer.name,
            element=element,
            origin=element.origin,
            ai_made=element.ai_made,
            artefact_sha256=element.artefact_id,
            layer_recipe_sha256=layer_recipe,
            digest=digest([element.artefact_id, layer_recipe]),
        )
    return version
