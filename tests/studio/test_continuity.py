"""A place's continuity page: every shot beside the others, and the two that do not belong are flagged."""

import random
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import compositing
from studio.generation import continuity, sensing, standing_out
from studio.generation.models import PictureSense, PlateLook, RegisteredModel
from studio.jobs.models import Job
from studio.productions.models import Element, LayerKind, Location, Origin
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import make_artefact, make_episode, make_production, make_scene, make_shot
from tests.studio.comfy_server import png

PATCHES = 9 * 16


def look(seed: int, light: float = 0.0, shake: int = 0) -> dict[str, list[int]]:
    """A place (seed), its light, and how far this shot differs by chance."""
    rng, chance = random.Random(seed), random.Random(shake)
    lab = [rng.randint(200, 700) + round(light * 10) + chance.randint(-8, 8) for _ in range(3 * PATCHES)]
    edges = [rng.gauss(0, 1) + 0.2 * chance.gauss(0, 1) for _ in range(2 * PATCHES)]
    length = sum(value * value for value in edges) ** 0.5
    return {"lab": lab, "edges": [round(1000 * value / length) for value in edges]}


@pytest.fixture
def production(db):
    return make_production(width=72, height=128)


@pytest.fixture
def cast(production):
    return make_cast(production)


@pytest.fixture
def place(production):
    return Location.objects.create(production=production, name="Office 办公室")


def shots_at(place, count):
    scene = make_scene(make_episode(place.production))
    scene.location = place
    scene.save()
    return [make_shot(scene) for _ in range(count)]


def fill(shot, data=None, **fields):
    artefact = make_artefact(shot.production, data, mime="image/png", suffix=".png")
    element = Element.objects.create(
        production=shot.production, name="Plate", kind=LayerKind.BACKGROUND, origin=Origin.PROCEDURAL,
        artefact=artefact, poster=artefact, **fields,
    )  # fmt: skip
    shot.layers.filter(kind=LayerKind.BACKGROUND).update(element=element)
    return artefact.pk


def test_another_place_and_another_light_stand_out_of_sixty():
    looks = [look(1, shake=n + 1) for n in range(58)] + [look(2, shake=90), look(1, light=14, shake=91)]
    found = standing_out.compare(looks)
    assert [at for at, one in enumerate(found) if one.flagged] == [58, 59]
    assert found[58].elsewhere and not found[59].elsewhere and found[59].graded_apart


def test_a_place_by_day_and_by_night_is_no_outlier_and_two_shots_are_too_few():
    both = [look(1, light=30 * (n % 2), shake=n + 1) for n in range(12)]
    assert not any(one.flagged for one in standing_out.compare(both))
    assert not any(one.flagged for one in standing_out.compare([look(1), look(2)]))
    assert standing_out.compare([]) == [] and standing_out.compare([look(3)])[0].geometry == 1


def test_sixty_shots_open_in_under_a_second_and_flag_the_two_that_were_planted(client: Client, cast, place):
    for n, shot in enumerate(shots_at(place, 60)):
        sha = fill(shot)
        made = look(2, shake=n) if n == 17 else look(1, light=15, shake=n) if n == 41 else look(1, shake=n)
        PlateLook.objects.create(artefact_id=sha, version=continuity.VERSION, look=made)
    client.force_login(cast.dan)
    address = reverse("generation:continuity", args=[place.production.slug, place.pk])
    client.get(address)
    began = time.process_time()
    page = client.get(address)
    assert time.process_time() - began < 1
    text = page.content.decode()
    assert text.count("data-flagged") == 2 and not Job.objects.filter(kind=continuity.KIND).exists()
    only = client.get(address, {"show": "flagged"}).content.decode()
    assert only.count('<li class="draw"') == 2


def test_looking_makes_what_is_missing_once_and_for_every_place(client: Client, cast, place):
    first, _empty = shots_at(place, 2)
    client.force_login(cast.vera)
    address = reverse("generation:continuity", args=[place.production.slug, place.pk])
    assert "Nothing fills its background yet" in client.get(address).content.decode()
    fill(first, png(72, 128, (90, 120, 150), {}))
    assert "being compared" in client.get(address).content.decode()
    client.get(address)
    assert Job.objects.filter(kind=continuity.KIND).count() == 1
    drain_jobs()
    text = client.get(address).content.decode()
    assert "being compared" not in text and "ΔE 0.0" in text and PlateLook.objects.count() == 1
    assert (
        reverse("generation:continuity", args=[place.production.slug, place.pk])
        in client.get(reverse("generation:worlds", args=[place.production.slug])).content.decode()
    )


def test_the_looks_that_are_read_are_those_the_engine_makes():
    """Pages can't import the engine's module: its number stands in both places."""
    told = re.search(r"^VERSION = (\d+)", Path(compositing.__file__).with_name("continuity.py").read_text(), re.M)
    assert told and int(told[1]) == continuity.VERSION


def test_scripts_are_told_the_same(client: Client, cast, place):
    for n, shot in enumerate(shots_at(place, 4)):
        PlateLook.objects.create(
            artefact_id=fill(shot), version=continuity.VERSION, look=look(2 if n == 3 else 1, shake=n)
        )
    client.force_login(cast.vera)
    told = client.get(f"/api/v1/productions/{place.production.slug}/locations/{place.pk}/continuity").json()
    assert [one["elsewhere"] for one in told] == [False, False, False, True]
    assert told[0]["view_milli"] > 800 and told[0]["grade_milli"] < 6000


def test_a_guest_and_a_stranger_see_no_continuity(client: Client, cast, place):
    address = reverse("generation:continuity", args=[place.production.slug, place.pk])
    client.force_login(cast.gus)
    assert client.get(address).status_code == 403
    client.force_login(cast.otto)
    assert client.get(address).status_code == 404


def test_after_a_failure_looking_asks_no_more_and_a_person_may(client: Client, cast, place):
    (shot,) = shots_at(place, 1)
    fill(shot, png(72, 128, (90, 120, 150), {}))
    client.force_login(cast.vera)
    address = reverse("generation:continuity", args=[place.production.slug, place.pk])
    client.get(address)
    Job.objects.filter(kind=continuity.KIND).update(state=Job.State.FAILED, error="The picture can't be read.")
    client.get(address)
    client.get(f"/api/v1/productions/{place.production.slug}/locations/{place.pk}/continuity")
    assert Job.objects.filter(kind=continuity.KIND).count() == 1
    client.post(address)
    assert Job.objects.filter(kind=continuity.KIND, state=Job.State.QUEUED).count() == 1


def encoder(family: str = "dinov2", **more: object) -> RegisteredModel:
    usual = {"licence": "Apache-2.0", "commercial": "yes", "source": "test", "approved_at": datetime.now(UTC)}
    return RegisteredModel.objects.create(
        name=f"{family}-small", title="DINOv2 small", kind="encoder", family=family, class_name="Dinov2Model",
        manifest={"a": "b"}, manifest_sha256=family * 8, state="verified", **(usual | more),
    )  # fmt: skip


def direction(seed: int, shake: int, size: int = 384) -> list[int]:
    rng, chance = random.Random(seed), random.Random(shake)
    return [round(500 * (rng.gauss(0, 1) + 0.3 * chance.gauss(0, 1))) for _ in range(size)]


def test_by_a_registered_dino_another_thing_in_the_same_colours_stands_out(client: Client, cast, place):
    model = encoder()
    for n, shot in enumerate(shots_at(place, 60)):
        sha = fill(shot)
        PlateLook.objects.create(artefact_id=sha, version=continuity.VERSION, look=look(1, shake=n))
        if n != 5:
            seen = direction(2 if n == 9 else 1, n)
            PictureSense.objects.create(artefact_id=sha, manifest=model.manifest_sha256, version=1, vector=seen)
    client.force_login(cast.dan)
    address = reverse("generation:continuity", args=[place.production.slug, place.pk])
    client.get(address)
    began = time.process_time()
    text = client.get(address).content.decode()
    assert time.process_time() - began < 1
    assert text.count("data-flagged") == 1 and "other things than the rest of this place (DINOv2)" in text
    job = Job.objects.get(kind=sensing.KIND)
    assert job.queue == "gpu" and "./run --worker" in text  # the sixth is read by whoever holds models
    # Other files of the model: whatever was read by the old ones counts no more.
    RegisteredModel.objects.update(manifest_sha256="other" * 8)
    assert continuity.read(place).measures[0].waiting == 60


def test_a_model_whose_licence_forbids_it_compares_nothing_and_the_page_says_why(client: Client, cast, place):
    encoder(commercial="no", licence="CC-BY-NC-4.0")
    fill(shots_at(place, 1)[0])
    client.force_login(cast.dan)
    text = client.get(reverse("generation:continuity", args=[place.production.slug, place.pk])).content.decode()
    assert "DINOv2 is registered and not used here" in text and "may not be used commercially" in text
    assert not Job.objects.filter(kind=sensing.KIND).exists()
