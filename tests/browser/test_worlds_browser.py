"""Location lock and library by hand: shots moved and moved back, a library item put to use at one click."""

import pytest
from playwright.sync_api import expect

from studio.generation import library, places
from studio.generation.models import ShotPin
from studio.productions.models import LayerKind, Location, Origin
from tests.cast import make_cast
from tests.factories import fill, make_artefact, make_episode, make_production, make_scene, make_shot
from tests.studio.comfy_server import png

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_director_moves_shots_and_takes_it_back_and_an_artist_fills_a_layer_from_the_library(sign_in):
    production = make_production()
    cast = make_cast(production)
    place = Location.objects.create(production=production, name="Office 办公室")
    scene = make_scene(make_episode(production), title="Office, night", location=place)
    first, second = make_shot(scene), make_shot(scene)
    picture = make_artefact(production, png(72, 128, (40, 110, 125), {}), mime="image/png", suffix=".png")
    element = fill(
        first.layers.get(kind=LayerKind.BACKGROUND), name="Night office", artefact=picture, poster=picture,
        licence="own",
    )  # fmt: skip
    library.add(actor=cast.ana, production=production, element=element)
    old = places.lock(actor=cast.vera, location=place, words="two desks", plates=[picture.pk])
    places.upgrade(actor=cast.dan, version=old)
    places.lock(actor=cast.vera, location=place, palette="cold", comment="Colder")

    page = sign_in(cast.dan)
    page.goto(f"/p/{production.slug}/worlds/{place.pk}/place/")
    expect(page.locator("#shots .onpic.behind")).to_have_count(2)
    expect(page.locator("#shots").get_by_text("Palette: – → Cold").first).to_be_visible()
    page.get_by_role("button", name="Move all to v002").click()
    expect(page.locator("#shots .onpic.behind")).to_have_count(0)
    with page.expect_response("**/back/"):
        page.locator(".toast").get_by_role("button", name="Undo").click()
    page.reload()  # this server sends no events; where there are some, the shots follow by themselves
    expect(page.locator("#shots .onpic.behind")).to_have_count(2)
    assert set(ShotPin.objects.values_list("version__number", flat=True)) == {1}

    page = sign_in(cast.ana)
    layer = second.layers.get(kind=LayerKind.BACKGROUND)
    page.goto(f"/p/{production.slug}/{second.code[:4]}/{second.path_code}/draws/{layer.pk}/")
    page.get_by_role("link", name="From the library").click()
    page.locator("#shelf").get_by_role("button", name="Use", exact=True).click()
    page.wait_for_url("**/draws/**")
    layer.refresh_from_db()
    assert layer.element is not None and layer.element.origin == Origin.LIBRARY
