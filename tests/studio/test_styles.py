"""The production's style: written by who draws, carried by every prompt, on the page and for scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from studio.core.errors import Forbidden
from studio.generation import styles
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw, RegisteredModel
from studio.generation.prompting import Style
from studio.ledger.models import Entry
from studio.productions.models import Layer, LayerKind, Location, Production
from tests.cast import Cast, make_cast
from tests.factories import make_episode, make_production, make_scene, make_shot


@pytest.fixture
def production(db: None) -> Production:
    return make_production(width=72, height=128)


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def layer(production: Production) -> Layer:
    place = Location.objects.create(production=production, name="Rooftop 天台", description="String of lamps.")
    scene = make_scene(make_episode(production))
    scene.title, scene.location = "Rooftop, night, rain", place
    scene.save()
    return make_shot(scene).layers.get(kind=LayerKind.BACKGROUND)


@pytest.fixture
def registered(db: None) -> Callable[..., RegisteredModel]:
    def make(name: str, family: str, class_name: str) -> RegisteredModel:
        return RegisteredModel.objects.create(
            name=name, title=name, kind="pipeline", family=family, class_name=class_name, dtype="float16", manifest={},
            manifest_sha256=name * 3, state="verified", approved_at="2026-01-01T00:00Z", licence="MIT", source="test",
        )  # fmt: skip

    return make


def test_who_draws_writes_the_style_and_the_books_have_it(cast: Cast, production: Production) -> None:
    styles.change(actor=cast.ana, production=production, look="  muted \n teal ", camera="anamorphic")
    styles.change(actor=cast.dan, production=production, avoid="lens flares")
    assert styles.style_of(production) == Style("muted teal", "anamorphic", "lens flares")
    entries = Entry.objects.filter(verb="style.changed").order_by("seq")
    assert [entry.actor_id for entry in entries] == [cast.ana.pk, cast.dan.pk]
    with pytest.raises(Forbidden):
        styles.change(actor=cast.cleo, production=production, look="neon")


def test_an_offers_prompt_carries_place_hour_weather_and_style(
    cast: Cast, production: Production, layer: Layer, registered: Any
) -> None:
    styles.change(actor=cast.ana, production=production, look="muted teal", avoid="lens flares")
    registered("tagger", "sdxl", "StableDiffusionXLPipeline")
    registered("writer", "flux", "FluxPipeline")
    offers = {offer.name: offer for offer in BACKENDS["diffusers"].offers(LayerKind.BACKGROUND)}
    tags, sentences = (styles.help_of(layer, offers[f"{name}/text"]) for name in ("tagger", "writer"))
    assert {"rooftop", "night", "rain", "muted teal"} <= set(tags.prompt.split(", "))
    assert tags.negative.startswith("lens flares, ") and sentences.negative == ""
    assert "Muted teal." in sentences.prompt and "at night" in sentences.prompt


def test_the_form_holds_words_in_every_language_the_model_reads_and_none_without_a_prompt(
    production: Production, layer: Layer, registered: Any
) -> None:
    registered("bilingual", "qwen-image", "QwenImagePipeline")
    drawn = Template("{% include 'generation/_prompt.html' %}")
    offers = {offer.name: offer for backend in BACKENDS.values() for offer in backend.offers(LayerKind.BACKGROUND)}
    shown = drawn.render(Context({"layer": layer, "offer": offers["bilingual/text"]}))
    assert shown.count("data-prompt-whole") == 2 and "雨" in shown and 'data-prompt-to="negative"' in shown
    assert drawn.render(Context({"layer": layer, "offer": offers["city"]})).strip() == ""


def test_the_page_shows_how_places_read_and_takes_the_style(
    client: Client, cast: Cast, production: Production, layer: Layer
) -> None:
    page = reverse("generation:style", args=[production.slug])
    client.force_login(cast.ana)
    assert client.post(page, {"look": "muted teal", "camera": "", "avoid": ""}).status_code == 302
    shown = client.get(page, {"class": "wan", "language": "zh"}).content.decode()
    assert "城市高楼的天台" in shown and "muted teal" in shown.lower() and "<textarea" in shown
    assert client.post(page, {"look": "x" * 2_000}).status_code == 422
    client.force_login(cast.eddie)
    assert "<textarea" not in client.get(page).content.decode()


def test_the_papers_of_a_draw_show_the_workflow_that_came_with_it(
    client: Client, cast: Cast, production: Production, layer: Layer
) -> None:
    draw = Draw.objects.create(
        layer=layer, backend="upload", origin="generated", recipe={"schema": "upload.1", "filename": "city.png"},
        recipe_sha256="a" * 64, state="done", asked_by=cast.ana,
        media={"comfyui": {"sha256": "b" * 64, "nodes": 7, "models": ["city.safetensors"],
                           "workflow": {"3": {"class_type": "KSampler", "inputs": {"text": "</pre><b>雨</b>"}}}}},
    )  # fmt: skip
    client.force_login(cast.ana)
    shown = client.get(reverse("generation:draw", args=[production.slug, draw.pk])).content.decode()
    assert "city.safetensors" in shown and "KSampler" in shown and "雨" in shown and "<b>雨" not in shown
    Draw.objects.filter(pk=draw.pk).update(media={})
    assert "KSampler" not in client.get(reverse("generation:draw", args=[production.slug, draw.pk])).content.decode()
