"""What pictures show, by tiny CLIP and DINO models: the same numbers again, and what grade and lines can't tell."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image
from safetensors.torch import load_file, save_file

from compositing.errors import Refused
from modelhost import loading, seeing, tiny_encoders
from studio.generation import continuity, registry
from studio.generation.backends import diffusers
from studio.generation.models import PictureSense
from studio.ledger.models import Entry
from studio.media.models import Artefact
from studio.productions.models import Element, LayerKind, Location, Origin, Rate
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import make_artefact, make_episode, make_production, make_scene, make_shot
from tests.model.stage import Model

PAPERS = {"licence": "MIT", "source": "built in this test", "commercial": "yes"}


@pytest.fixture(scope="module")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    loading.settle(1)
    root = tmp_path_factory.mktemp("encoders")
    return {name: Model(tiny_encoders.build(root / name, name)) for name in tiny_encoders.ENCODERS}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five rooms full of rings, and the fourth full of crosses: of the same colour and ink, in the same places."""
    root = tmp_path_factory.mktemp("places")
    return [room(root / f"{n}.png", "crosses" if n == 3 else "rings", n) for n in range(5)]


def room(path: Path, things: str, chance: int) -> Path:
    down, across = np.mgrid[:32, :32] - 15.5
    far = np.hypot(down, across)
    ring = (far < 10.9) & (far > 7)
    cross = (np.minimum(abs(down), abs(across)) < 3) & (np.maximum(abs(down), abs(across)) < 10)
    thing = np.asarray(ring if things == "rings" else cross, float)
    walls = np.linspace(90, 170, 512)[:, None, None] + np.array([10, 0, -15.0]) * np.ones((512, 288, 1))
    walls -= 60 * 204 / thing.sum() * np.tile(thing, (16, 9))[..., None]
    walls += np.random.default_rng(chance).normal(0, 4, walls.shape)
    Image.fromarray(np.clip(walls, 0, 255).astype(np.uint8)).save(path)
    return path


def seen(model: Model, paths: list[Path]) -> dict[str, Any]:
    folder = loading.Folder(model.folder, model.manifest.files)
    return seeing.embed(
        model.manifest.sha256, folder, paths, loading.Shelf(), lambda *_: None, lambda: False
    )  # fmt: skip


@pytest.mark.parametrize("name", ["clip", "dinov2", "dino"])
def test_a_picture_gives_the_same_direction_whatever_is_read_beside_it(
    encoders: dict[str, Model], places: list[Path], name: str
) -> None:
    model = encoders[name]
    assert (model.manifest.kind, model.manifest.family) == ("encoder", name)
    whole = seen(model, places[2:])["vectors"]
    assert whole[::-1] == seen(model, places[:1:-1])["vectors"]
    assert abs(np.linalg.norm(whole[0]) - 10_000) < 20 and whole[0] != whole[1]


def test_weights_that_lack_a_part_are_refused_instead_of_made_up(
    encoders: dict[str, Model], places: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    shutil.copytree(encoders["dinov2"].folder, folder)
    weights = load_file(folder / "model.safetensors")
    weights.pop("layernorm.weight")
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(Refused, match="not whole"):
        seen(Model(folder), places[:1])


def test_a_place_of_like_colours_and_lines_but_other_things_stands_out_by_clip_and_by_dino(
    db: None, client: Client, settings: Any, tmp_path: Path, encoders: dict[str, Model], places: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("HUO_THREADS", "1")
    settings.MODEL_HOME = tmp_path / "models"
    production = make_production(width=72, height=128)
    Rate.objects.create(production=production, key="cpu_hour", amount_minor=3_600_000, source="test", valid_from="2026-01-01")  # fmt: skip  # noqa: E501
    cast = make_cast(production)
    place = Location.objects.create(production=production, name="Store 仓库")
    scene = make_scene(make_episode(production))
    scene.location = place
    scene.save()
    for path in places:
        shot = make_shot(scene)
        sha = make_artefact(production, path.read_bytes(), mime="image/png", suffix=".png").pk
        held = {"artefact_id": sha, "poster_id": sha, "production": production, "origin": Origin.PROCEDURAL}
        element = Element.objects.create(name="Plate", kind=LayerKind.BACKGROUND, **held)
        shot.layers.filter(kind=LayerKind.BACKGROUND).update(element=element)
    client.force_login(cast.dan)
    address = reverse("generation:continuity", args=[production.slug, place.pk])
    client.get(address)
    drain_jobs()
    text = client.get(address).content.decode()
    assert "data-flagged" not in text and "No registered model says what the pictures show" in text

    for name in ("clip", "dinov2"):
        shutil.copytree(encoders[name].folder, settings.MODEL_HOME / name)
        registry.add(approved_by=cast.priya, name=name, production=production, random_weights=True, **PAPERS)
    try:
        client.get(address)
        drain_jobs()
        client.get(address)
        drain_jobs()
    finally:
        diffusers.HOST.close()
    found = continuity.read(place)
    assert [row.others for row in found.rows] == [[], [], [], ["DINOv2", "CLIP"], []]
    assert not any(row.standing.flagged for row in found.rows) and not any(one.waiting for one in found.measures)
    text = client.get(address).content.decode()
    assert text.count("data-flagged") == 1 and "other things than the rest of this place (DINOv2, CLIP)" in text
    assert PictureSense.objects.count() == 2 * Artefact.objects.filter(mime="image/png").count() == 10
    entry = Entry.objects.filter(verb="location.compared").first()
    assert entry.cost_minor >= 1 and entry.data["pictures"] == 5
    told = json.loads(client.get(f"/api/v1/productions/{production.slug}/locations/{place.pk}/continuity").content)
    assert told[3]["other_things"] == ["dinov2", "clip"] and told[0]["things_milli"]["clip"] > 900
