"""Location lock: versions that never change, shots that keep theirs, and draws that follow it."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from studio.comps import grounds, selectors
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import alike, following, pinning, places, prompting, services, styles, swatches
from studio.generation.backends import BACKENDS
from studio.generation.backends.base import Control, Offer
from studio.generation.models import Draw, LocationVersion, PinMove, ShotPin
from studio.ledger.models import Entry
from studio.productions.models import LayerKind, Location
from tests.cast import make_cast
from tests.factories import fill, make_artefact, make_episode, make_production, make_scene, make_shot

NIGHT = {"light": "night", "weather": "rain", "words": "one desk lamp"}
DAY = {"light": "day", "weather": "clear", "words": ""}
CONTENT = {
    "words": "two desks by the window", "lights": [NIGHT, DAY], "palette": "cold", "colours": ["#2a6f7f", "#d08a3c"],
    "lens_mm": 50, "seed_family": 7_000, "family": "office", "family_settings": {"clutter": 20, "camera_height": 130},
}  # fmt: skip


@pytest.fixture
def production(db):
    return make_production(width=72, height=128)


@pytest.fixture
def cast(production):
    return make_cast(production)


@pytest.fixture
def place(production):
    return Location.objects.create(production=production, name="Office 办公室", description="31st floor")


@pytest.fixture
def shots(place):
    scene = make_scene(make_episode(place.production), title="Office, night")
    scene.location = place
    scene.save()
    return [make_shot(scene) for _ in range(3)]


def background(shot):
    return shot.layers.get(kind=LayerKind.BACKGROUND)


def ask(cast, shot, params=None, family="office", **more):
    return services.request_draws(actor=cast.vera, layer=background(shot), family=family, params=params or {}, **more)


# Pure


def test_a_palette_is_the_colours_a_picture_is_made_of():
    teal, amber = ([round(10 * one) for one in swatches.lab_of(colour)] for colour in ("#2a6f7f", "#d08a3c"))
    look = 100 * teal + 44 * amber
    assert swatches.palette(look) == ["#2a6f7f", "#d08a3c"]
    assert swatches.apart(look, "#d08a3c") < 1 and swatches.apart(100 * teal, "#d08a3c") > 30
    assert [swatches.name_of(one) for one in ("#2a6f7f", "#d08a3c", "#888888", "#101014")] == [
        "teal", "amber", "grey", "black",
    ]  # fmt: skip
    assert swatches.named(["#2a6f7f", "#2b7080", "#7a1f2b"], "zh") == "色调为青绿、暗红" and swatches.named([]) == ""
    for colour in ("#000000", "#ffffff", "#123456", "#fedcba"):
        assert swatches.hex_of(swatches.lab_of(colour)) == colour


def test_a_scene_takes_the_light_its_heading_means_and_else_the_first():
    lights = [NIGHT, DAY]
    assert pinning.light_for(lights, prompting.meant("Office, noon"))["light"] == "day"
    assert pinning.light_for(lights, prompting.meant("写字楼·夜"))["light"] == "night"
    assert pinning.light_for(lights, [])["light"] == "night" and pinning.light_for([], ["night"]) == {}


def test_an_offer_takes_what_it_has_and_can_hold():
    pinned = pinning.pinned_of({"words": "", "avoid": "", **CONTENT}, ["night"])
    offers = {offer.name: offer for kind in LayerKind for offer in BACKENDS["procedural"].offers(kind)}
    office = pinning.params_for("office", offers["office"].parameters, pinned)
    assert office == {"light": "night", "weather": "rain", "palette": "cold", "lens": 50, "clutter": 20,
                      "camera_height": 130}  # fmt: skip
    city = pinning.params_for("city", offers["city"].parameters, pinned)
    assert "clutter" not in city and city["palette"] == "cold" and city["camera_height"] == 130
    assert pinning.params_for("crowd", offers["crowd"].parameters, pinned) == {"camera_height": 130}
    assert pinning.params_for("rain", offers["rain"].parameters, pinned) == {}


def test_a_prompt_speaks_of_the_pinned_place():
    pinned = pinning.pinned_of({"words": "", "avoid": "plants", **CONTENT}, ["night"])
    asked = prompting.Asked("background", "Rooftop", "", "Rooftop, day", pinned)
    told = prompting.help_for("sdxl", asked, prompting.Style())
    for words in ("two desks by the window", "night", "rain", "one desk lamp", "cold blue", "teal", "50mm lens"):
        assert words in told.prompt, words
    assert "daylight" not in told.prompt and "35mm" not in told.prompt and told.negative.startswith("plants")


# Versions and pins


def test_versions_count_up_never_change_and_stand_in_the_books(cast, place):
    first = places.lock(actor=cast.ana, location=place, comment="As scouted", **CONTENT)
    second = places.lock(actor=cast.dan, location=place, lens_mm=35)
    assert (first.name, second.name) == ("v001", "v002") and second.words == first.words and second.lens_mm == 35
    first.words = "another place"
    with pytest.raises(Conflict):
        first.save()
    with pytest.raises(Conflict, match="Nothing differs"):
        places.lock(actor=cast.dan, location=place, lens_mm=35)
    entries = Entry.objects.filter(verb="location.locked").order_by("seq")
    assert [entry.data["version"] for entry in entries] == ["v001", "v002"]
    assert entries[1].data["changed"] == ["lens_mm"] and entries[1].data["sha256"] == second.sha256 != first.sha256


def test_what_cannot_be_pinned_is_refused_and_so_is_who_may_not(cast, place, production):
    for wrong in ({"colours": ["teal"]}, {"palette": "pink"}, {"lens_mm": 3}, {"plates": ["ab" * 32]},
                  {"lights": [{"light": "noon"}]}, {"family": "office", "family_settings": {"trees": 1}},
                  {"seed_family": -1}, {"words": "x" * 1001}, {"mood": "blue"}):  # fmt: skip
        with pytest.raises(Invalid):
            places.lock(actor=cast.vera, location=place, **wrong)
    for who in (cast.cleo, cast.eddie, cast.kai, cast.gus):
        with pytest.raises(Forbidden):
            places.lock(actor=who, location=place, **CONTENT)
    foreign = make_artefact(make_production(), mime="image/png", suffix=".png")
    with pytest.raises(Invalid, match="picture of this production"):
        places.lock(actor=cast.vera, location=place, plates=[foreign.pk])
    assert not LocationVersion.objects.exists()


def test_a_new_version_moves_no_shot_until_somebody_moves_it_and_can_be_taken_back(cast, place, shots):
    first = places.lock(actor=cast.vera, location=place, **CONTENT)
    places.upgrade(actor=cast.dan, version=first, shots=shots[:2])
    second = places.lock(actor=cast.vera, location=place, palette="warm")
    assert [places.standing(shot).version.number for shot in shots] == [1, 1, 2]
    assert [places.standing(shot).behind for shot in shots] == [True, True, False]
    with pytest.raises(Forbidden):
        places.upgrade(actor=cast.ana, version=second)
    moves = places.upgrade(actor=cast.dan, version=second)
    assert len(moves) == 3 and {places.standing(shot).version for shot in shots} == {second}
    told = Entry.objects.filter(verb="shot.pinned", subject_code=shots[0].code).order_by("-seq").first()
    assert (told.data["from"], told.data["version"], told.data["changed"]) == ("v001", "v002", ["palette"])
    third = places.lock(actor=cast.vera, location=place, palette="neon")
    places.upgrade(actor=cast.dan, version=third, shots=[shots[1]])
    back, left = places.take_back(actor=cast.dan, location=place, batch=moves[0].batch)
    assert len(back) == 2 and [move.shot for move in left] == [shots[1]]
    assert places.standing(shots[0]).version == first and places.standing(shots[1]).version == third
    assert not places.standing(shots[2]).pinned and Entry.objects.filter(verb="shot.unpinned").count() == 2
    with pytest.raises(Conflict):
        places.take_back(actor=cast.dan, location=place, batch=moves[0].batch)


def test_a_shot_of_another_place_is_not_moved(cast, place, shots, production):
    other = Location.objects.create(production=production, name="Roof")
    roof = places.lock(actor=cast.vera, location=other, words="parapet")
    with pytest.raises(Invalid):
        places.upgrade(actor=cast.dan, version=roof, shots=shots[:1])
    places.lock(actor=cast.vera, location=place, **CONTENT)
    places.upgrade(actor=cast.dan, version=places.newest(place))
    shots[0].scene.location = other
    shots[0].scene.save()
    found = places.standing(shots[0])
    assert found.version == roof and not found.pinned  # the scene moved: the office's version does not follow it


# Draws


def test_a_draw_takes_the_pinned_version_by_default_and_its_recipe_and_books_name_it(cast, place, shots):
    version = places.lock(actor=cast.vera, location=place, **CONTENT)
    (draw,) = ask(cast, shots[0])
    assert draw.seed == 7_000
    assert {name: draw.recipe["params"][name] for name in ("light", "weather", "palette", "lens", "clutter")} == {
        "light": "night", "weather": "rain", "palette": "cold", "lens": 50, "clutter": 20,
    }  # fmt: skip
    named = draw.recipe["location"]
    assert (named["version"], named["sha256"], named["departed"]) == (1, version.sha256, [])
    assert Entry.objects.get(verb="draw.asked").data["location"] == named
    assert ShotPin.objects.get(shot=shots[0]).version == version  # its first draw pins it
    assert Entry.objects.get(verb="shot.pinned").data["by_itself"] is True
    (other,) = ask(cast, shots[0], {"light": "day"})
    assert other.recipe["location"]["departed"] == ["light"] and other.seed == 7_001
    (free,) = ask(cast, shots[0], follow=False)
    assert free.recipe["params"]["lens"] != 50 and "lens" in free.recipe["location"]["departed"]


def test_a_final_and_its_sisters_stay_with_the_version_of_their_draft(cast, place, shots):
    places.lock(actor=cast.vera, location=place, **CONTENT)
    (draft,) = ask(cast, shots[0])
    draft.state = Draw.State.DONE
    draft.artefact = make_artefact(place.production, mime="image/png", suffix=".png")
    draft.save()
    second = places.lock(actor=cast.vera, location=place, palette="warm")
    places.upgrade(actor=cast.dan, version=second)
    final = services.promote(actor=cast.vera, draw=draft)
    assert final.recipe["location"]["version"] == 1 and final.recipe["params"] == draft.recipe["params"]
    (sister,) = alike.more_like(actor=cast.vera, draw=draft, count=1)
    assert sister.recipe["location"]["version"] == 1 and sister.recipe["params"]["palette"] == "cold"
    (fresh,) = ask(cast, shots[0])
    assert fresh.recipe["location"]["version"] == 2 and fresh.recipe["params"]["palette"] == "warm"


def test_an_unlocked_place_draws_as_ever(cast, place, shots):
    (draw,) = ask(cast, shots[0])
    assert "location" not in draw.recipe and not PinMove.objects.exists()


def test_the_prompt_of_a_locked_place_is_written_for_a_model_that_reads_one(cast, place, shots):
    version = places.lock(actor=cast.vera, location=place, avoid="plants", **CONTENT)
    offer = Offer("a/text", "A", "", frozenset({"background"}), model="a", model_class="sdxl", parameters=(
        Control("prompt", "Prompt", "", "text", maximum=2000, default=""),
        Control("negative", "Never", "", "text", maximum=2000, default=""),
    ))  # fmt: skip
    told = styles.help_of(background(shots[0]), offer, "en", version=version)
    assert "two desks by the window" in told.prompt and "plants" in told.negative
    taken = following.defaults(background(shots[0]), offer, version)
    assert taken == {"prompt": told.prompt, "negative": told.negative}


def test_pictures_of_the_place_are_offered_once_each(cast, place, shots, production):
    element = fill(background(shots[0]))
    fill(background(shots[1]), element)
    assert [row["artefact"] for row in places.pictures(place)] == [element.artefact_id]


def test_scripts_lock_move_and_take_back(client: Client, cast, place, shots):
    client.force_login(cast.dan)
    root = f"/api/v1/productions/{place.production.slug}/locations/{place.pk}"

    def post(path, body):
        return client.post(f"{root}/{path}", json.dumps(body), content_type="application/json")

    made = post("versions", {"words": "two desks", "lights": [NIGHT], "comment": "scouted"}).json()
    assert (made["name"], made["lights"], made["lens_mm"]) == ("v001", [NIGHT], None)
    assert post("versions", {"words": "two desks"}).status_code == 409
    assert post("versions", {"lens_mm": 50}).json()["words"] == "two desks"
    moved = post("pins", {"version": 1, "shots": [shots[0].code]}).json()
    assert moved["moved"] == [{"shot": shots[0].code, "from": None, "to": 1}]
    pins = client.get(f"{root}/pins").json()
    assert [(pin["version"], pin["pinned"]) for pin in pins] == [(1, True), (2, False), (2, False)]
    assert pins[0]["changes"] == ["Lens: – → 50 mm"]
    assert post(f"pins/{moved['batch']}/take-back", {}).json() == {"taken_back": [shots[0].code], "left": []}
    assert post("pins", {"version": 1, "shots": ["EP09_SC01_SH010"]}).status_code == 422


def test_a_shot_that_was_moved_is_offered_to_be_drawn_by_its_new_version(client: Client, cast, place, shots):
    places.lock(actor=cast.vera, location=place, **CONTENT)
    (draw,) = ask(cast, shots[0], draft=False)
    draw.state = Draw.State.DONE
    draw.artefact = make_artefact(place.production, mime="image/png", suffix=".png")
    draw.save()
    services.promote(actor=cast.vera, draw=draw)
    second = places.lock(actor=cast.vera, location=place, palette="warm")
    address = reverse("generation:place", args=[place.production.slug, place.pk])
    client.force_login(cast.dan)
    assert "Draw it by" not in client.get(address).content.decode()
    places.upgrade(actor=cast.dan, version=second)
    page = client.get(address).content.decode()
    assert page.count("Draw it by v002") == 1
    moved = client.post(address + "upgrade/", {"version": "2"}, headers={"HX-Request": "true"}).content.decode()
    assert f'hx-get="{address}"' in moved  # what follows live events can be got, the address of a move cannot
    layer = background(shots[0])
    where = [place.production.slug, "EP01", shots[0].path_code, layer.pk]
    sent = {"backend": "procedural", "family": "office", "seed": str(draw.seed), "count": "1"}
    client.post(reverse("generation:ask", args=where), sent)
    anew = layer.draws.get(draft=True)
    assert anew.seed == draw.seed and anew.recipe["location"]["version"] == 2
    assert (anew.recipe["params"]["palette"], anew.recipe["location"]["departed"]) == ("warm", [])
    client.force_login(cast.cleo)
    assert "Draw it by" not in client.get(address).content.decode()


def test_the_lens_of_the_pinned_version_is_the_comp_pages(cast, place, shots):
    version = places.lock(actor=cast.vera, location=place, **CONTENT)
    fill(background(shots[0]))
    facts = selectors.facts_of(shots[0])
    ground = grounds.ground_of(shots[0], facts, {})
    assert ground is not None and ground.lens_mm == version.lens_mm == 50


def test_the_form_keeps_a_version_and_an_error_stands_beside_it(client: Client, cast, place, shots):
    client.force_login(cast.ana)
    lock = reverse("generation:lock", args=[place.production.slug, place.pk])
    sent = {
        "words": "two desks", "lights": ["night"], "weather-night": "rain", "words-night": "one lamp",
        "palette": "cold", "lens_mm": "50", "seed_family": "7000", "colours": ["#2a6f7f"], "colour_more_on": "1",
        "colour_more": "#D08A3C", "by_rule": "keep", "comment": "First",
    }  # fmt: skip
    told = client.post(lock, sent, headers={"HX-Request": "true"})
    assert told.headers["HX-Redirect"] == reverse("generation:place", args=[place.production.slug, place.pk])
    version = LocationVersion.objects.get()
    assert version.lights == [{"light": "night", "weather": "rain", "words": "one lamp"}]
    assert (version.colours, version.lens_mm, version.seed_family) == (["#2a6f7f", "#d08a3c"], 50, 7_000)
    assert client.post(lock, sent, headers={"HX-Request": "true"}).status_code == 409
    assert client.post(lock, sent | {"lens_mm": "long"}).status_code == 422
    shown = client.get(reverse("generation:place", args=[place.production.slug, place.pk])).content.decode()
    assert "takes v001 at its first draw" in shown and "--colour:#2a6f7f" in shown
    assert "Move to" not in shown  # an artist keeps versions; shots are moved by others
