"""A first draw begins with what the script says: the place's family, the hour's light, the weather's effect."""

import pytest
from django.test import Client

from compositing import effects, plates
from studio.generation import heeding, places, table
from studio.productions.models import Location
from tests.cast import make_cast
from tests.factories import make_episode, make_production, make_scene, make_shot


@pytest.mark.parametrize(
    ("kind", "heading", "name", "family", "settings"),
    [
        ("background", "INT. OFFICE - NIGHT", "Background", "office", {"light": "night"}),
        ("background", "内景 酒店房间 夜 雨", "背景", "bedroom", {"light": "night", "weather": "rain"}),
        ("background", "EXT. HOTEL - DUSK", "Background", "city", {"light": "golden"}),
        ("background", "茶馆 下午", "Background", "palace", {"light": "golden", "end": "tea"}),
        ("background", "INT. SPACESHIP - DAY", "Background", "", {"light": "day"}),
        ("effect", "INT. OFFICE - NIGHT, RAIN", "Effect", "glass_drops", {}),
        ("effect", "Rooftop, night, rain", "Effect", "rain", {}),
        ("effect", "EXT. STREET - NIGHT, RAIN", "Fire in the barrel", "fire", {}),
        ("effect", "INT. OFFICE - DAY", "Effect", "", {}),
        ("crowd", "PALACE, NIGHT", "Crowd", "crowd", {"tone": "night", "period": "ancient"}),
    ],
)
def test_headings_mean_families_and_settings(kind, heading, name, family, settings) -> None:
    heard = heeding.heard_in(kind, heading, name=name)
    assert heard.family == family
    known = {**plates.FAMILIES, **effects.FAMILIES}
    offer = known[family or {"background": "office", "effect": "rain"}[kind]]
    assert heard.settings(offer.parameters) == settings


def test_every_family_that_is_meant_is_there() -> None:
    assert set(heeding.FAMILIES.values()) <= plates.FAMILIES.keys()
    meant = {*heeding.NAMED, *heeding.WEATHER_EFFECTS.values(), *heeding.INDOORS.values()}
    assert meant <= effects.FAMILIES.keys()


@pytest.mark.django_db
def test_the_form_opens_on_the_headings_place_and_a_locked_place_goes_over_it(client: Client) -> None:
    production = make_production(width=216, height=384)
    cast = make_cast(production)
    place = Location.objects.create(production=production, name="Old tower")
    shot = make_shot(make_scene(make_episode(production), title="INT. OFFICE - DAY", location=place))
    layer = shot.layers.get(kind="background")
    chosen = _chosen(table.asking(cast.dan, layer, {}))
    assert (chosen["offer"].name, dict(_told(chosen))["light"]) == ("office", "day")
    client.force_login(cast.dan)
    page = client.get(f"/p/{production.slug}/EP01/{shot.path_code}/draws/{layer.pk}/").content.decode()
    assert "It begins with what the scene says: Office · Day." in page
    places.lock(actor=cast.dan, location=place, family="ward", lights=[{"light": "storm", "weather": "rain"}])
    chosen = _chosen(table.asking(cast.dan, layer, {}))
    assert (chosen["offer"].name, dict(_told(chosen))["light"]) == ("ward", "storm")


def _chosen(asking):
    (row,) = [row for row in asking["offers"] if row["chosen"]]
    return row


def _told(row):
    return [(one.name, value) for one, value in row["fields"]]
