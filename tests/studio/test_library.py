"""The library: kept once, found by words, colour and picture, used at one click, its saving booked; who sees what."""

import json
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from studio.comps import recipes, selectors
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import continuity, library, places, reuse, services, shelf, styles, swatches
from studio.generation.backends import BACKENDS
from studio.generation.models import LibraryItem, LibraryUse, PlateLook
from studio.jobs.models import Job
from studio.ledger.models import Entry
from studio.media.models import ArtefactUse
from studio.productions.models import LayerKind, Location, Membership, Origin, Rate
from studio.productions.routing import Facts
from tests.cast import make_cast, make_user
from tests.drain import drain_jobs
from tests.factories import fill, make_artefact, make_episode, make_layer, make_production, make_scene, make_shot
from tests.studio.comfy_server import png

RATES = {"draw": 100, "vfx_day": 100_000, "person_day": 50_000}
PATCHES = 9 * 16


def look(*colours, rise=1):
    """A look with these colours in equal shares; rise: the way its brightness goes."""
    patches = [colours[at * len(colours) // PATCHES] for at in range(PATCHES)]
    lab = [round(10 * one) for colour in patches for one in swatches.lab_of(colour)]
    return {"lab": lab, "edges": [59 * rise if at % 2 == 0 else 59 for at in range(2 * PATCHES)]}


@pytest.fixture
def production(db):
    return make_production(width=72, height=128)


@pytest.fixture
def cast(production):
    return make_cast(production)


@pytest.fixture
def shots(production):
    scene = make_scene(make_episode(production))
    return [make_shot(scene) for _ in range(3)]


@pytest.fixture
def other(db):
    """Another production with people of its own, and one item."""
    production = make_production(title="Elsewhere")
    olga = make_user("olga")
    Membership.objects.create(production=production, user=olga, role="vfx_supervisor")
    shot = make_shot(make_scene(make_episode(production)))
    item = keep(olga, shot, "Foreign hall 异乡大堂")
    return production, olga, item, shot


def background(shot):
    return shot.layers.get(kind=LayerKind.BACKGROUND)


def plate(shot, name="City", **fields):
    picture = make_artefact(shot.production, mime="image/png", suffix=".png")
    layer = fields.pop("layer", None) or background(shot)
    values = {"origin": Origin.GENERATED, "ai_made": True, "licence": "CC0-1.0", "source": "flux"} | fields
    return fill(layer, name=name, artefact=picture, poster=picture, **values)


def keep(actor, shot, name="City", seen=None, **facts):
    element = plate(shot, name)
    if seen:
        PlateLook.objects.create(artefact_id=element.poster_id, version=continuity.VERSION, look=seen)
    return library.add(actor=actor, production=shot.production, element=element, **facts)


def rate(production, **amounts):
    for key, amount in amounts.items():
        Rate.objects.create(
            production=production, key=key, amount_minor=amount, source="t", valid_from=date(2026, 1, 1)
        )


# What it saves


def facts(**rates):
    return Facts("wide", "none", "none", True, "none", 48, ("background",), rates=rates)


def test_reuse_saves_what_making_anew_costs_less_what_placing_does():
    told = reuse.saving("background", "generated", facts(**RATES))
    # five draws at 100, a twentieth of a VFX day, less a fiftieth of a person's day
    assert told["amount_minor"] == 500 + 5_000 - 1_000 and told["missing"] == []
    assert sum(line["amount_minor"] for line in told["lines"]) == told["amount_minor"]
    procedural = reuse.saving("background", "procedural", facts(**RATES, cpu_hour=3_600))
    assert [line["key"] for line in procedural["lines"]] == ["cpu_hour"]  # placing it costs the same either way
    assert reuse.saving("background", "library", facts(**RATES))["amount_minor"] == 0


def test_without_a_rate_there_is_no_figure_and_the_rate_is_named():
    told = reuse.saving("background", "generated", facts(vfx_day=1, person_day=1))
    assert told["amount_minor"] is None and told["missing"] == ["draw"]


# Keep and use


def test_an_item_takes_its_elements_papers_and_stands_in_the_books(cast, shots):
    item = keep(cast.ana, shots[0], "Office at night", words="teal  desk")
    assert (item.kind, item.licence, item.source, item.words) == ("location", "CC0-1.0", "flux", "teal desk")
    entry = Entry.objects.get(verb="library.added")
    assert entry.data["licence"] == "CC0-1.0" and entry.made_from == [item.element.artefact_id]
    with pytest.raises(Conflict, match="already"):
        library.add(actor=cast.ana, production=item.production, element=item.element)
    with pytest.raises(Invalid, match="crowd"):
        library.add(actor=cast.ana, production=item.production, element=plate(shots[1]), kind="crowd")
    with pytest.raises(Invalid, match="licence"):
        library.add(actor=cast.ana, production=item.production, element=plate(shots[1], licence=""))
    for who in (cast.cleo, cast.eddie, cast.kai, cast.gus):
        with pytest.raises(Forbidden):
            library.add(actor=who, production=item.production, element=plate(shots[1]))


def test_one_click_fills_a_layer_as_library_and_books_the_saving_with_its_rates(cast, shots, production):
    rate(production, **RATES)
    item = keep(cast.ana, shots[0])
    layer = background(shots[1])
    use = library.use_in_layer(actor=cast.dan, item=item, layer=layer)
    layer.refresh_from_db()
    element = layer.element
    assert (element.origin, element.ai_made, element.licence) == ("library", True, "CC0-1.0")
    assert element.artefact_id == item.element.artefact_id and element.pk != item.element_id
    entry = Entry.objects.get(verb="library.used")
    assert entry.subject_code == shots[1].code and entry.data["saving_minor"] == use.saving["amount_minor"] == 4_500
    assert {line["key"]: line["rate_minor"] for line in entry.data["lines"]} == RATES
    assert shelf.saved(production) == shelf.Saved(4_500, 1, 1, ())
    with pytest.raises(Conflict, match="already"):
        library.use_in_layer(actor=cast.dan, item=item, layer=layer)
    library.use_in_layer(actor=cast.dan, item=item, layer=background(shots[2]))
    assert background(shots[2]).element == element  # one element, however often it is used
    with pytest.raises(Conflict, match="came from the library"):
        library.add(actor=cast.ana, production=production, element=element)
    with pytest.raises(Invalid, match="can't fill"):
        library.use_in_layer(actor=cast.dan, item=item, layer=make_layer(shots[1], LayerKind.CROWD))
    with pytest.raises(Forbidden):
        library.use_in_layer(actor=cast.cleo, item=item, layer=background(shots[1]))


def test_a_drawn_prop_is_kept_as_one_and_stands_before_the_actor_of_another_shot(
    client: Client, cast, shots, production
):
    drawn = make_layer(shots[0], LayerKind.FOREGROUND)
    other = make_layer(shots[1], LayerKind.FOREGROUND, route="captured")
    assert "lantern" in {offer.name for offer in BACKENDS["procedural"].offers(LayerKind.FOREGROUND)}
    asked = {"family": "lantern", "params": {"lit": "yes"}, "seed": 3, "draft": False, "use_when_done": True}
    services.request_draws(actor=cast.ana, layer=drawn, **asked)
    drain_jobs()
    drawn.refresh_from_db()
    assert drawn.element.media["has_alpha"] and drawn.element.origin == Origin.PROCEDURAL
    item = library.add(actor=cast.ana, production=production, element=drawn.element, terms="This series only")
    assert item.kind == "prop" and item.licence
    client.force_login(cast.dan)
    shelf_of = reverse("generation:library", args=[production.slug]) + f"?layer={other.pk}"
    address = [production.slug, shots[1].scene.episode.code, shots[1].path_code]
    assert shelf_of in client.get(reverse("productions:shot", args=address)).content.decode()
    assert str(item.pk) in client.get(shelf_of).content.decode()
    library.use_in_layer(actor=cast.dan, item=item, layer=other)
    fill(background(shots[1]), artefact=make_artefact(production, mime="image/png", suffix=".png"))
    recipe = recipes.build(selectors.facts_of(shots[1]), {})
    last = recipe.layers[-1]
    assert (last.kind, last.source, last.key) == ("foreground", drawn.element.artefact_id, None)


def test_a_use_is_taken_back_with_its_saving_unless_something_else_fills_the_layer(cast, shots, production):
    rate(production, **RATES)
    before = plate(shots[1], "Sketch")
    item = keep(cast.ana, shots[0])
    use = library.use_in_layer(actor=cast.dan, item=item, layer=background(shots[1]))
    library.take_back(actor=cast.ana, use=use)
    assert background(shots[1]).element == before and shelf.saved(production).uses == 0
    assert Entry.objects.get(verb="library.taken_back").data["saving_minor"] == -4_500
    with pytest.raises(Conflict):
        library.take_back(actor=cast.ana, use=use)
    again = library.use_in_layer(actor=cast.dan, item=item, layer=background(shots[2]))
    plate(shots[2], "Newer")
    with pytest.raises(Conflict, match="Something else"):
        library.take_back(actor=cast.dan, use=again)


def test_a_missing_rate_is_said_and_not_guessed(client: Client, cast, shots, production):
    item = keep(cast.ana, shots[0])
    use = library.use_in_layer(actor=cast.dan, item=item, layer=background(shots[1]))
    assert use.saving["amount_minor"] is None and Entry.objects.get(verb="library.used").data["saving_minor"] is None
    client.force_login(cast.ana)
    text = client.get(reverse("generation:library_item", args=[production.slug, item.pk])).content.decode()
    assert "no figure: the rate card has no" in text and "price per draw" in text
    assert "not all counted" in client.get(reverse("generation:library", args=[production.slug])).content.decode()


def test_a_style_is_kept_and_given_to_another_production(cast, production, other):
    theirs, olga, _item, _shot = other
    styles.change(actor=olga, production=theirs, look="muted teal", avoid="lens flares")
    item = library.add(actor=olga, production=theirs, kind="style")
    library.change(actor=olga, item=item, shared=True)
    use = library.use_style(actor=cast.ana, item=item, production=production)
    assert styles.style_of(production).look == "muted teal"
    library.take_back(actor=cast.ana, use=use)
    assert styles.style_of(production).look == ""
    with pytest.raises(Invalid, match="no style yet"):
        library.add(actor=cast.ana, production=production, kind="style")


def test_a_shared_location_locks_one_of_another_production(cast, production, other):
    theirs, olga, _item, shot = other
    hall = Location.objects.create(production=theirs, name="Hall")
    element = plate(shot, "Hall")
    version = places.lock(actor=olga, location=hall, words="marble", plates=[element.artefact_id], seed_family=9_000)
    item = library.add(actor=olga, production=theirs, element=element, version=version)
    library.change(actor=olga, item=item, shared=True)
    here = Location.objects.create(production=production, name="Lobby")
    locked = library.lock_with(actor=cast.ana, item=item, location=here)
    assert (locked.words, locked.seed_family, locked.sha256) == ("marble", 9_000, version.sha256)
    assert ArtefactUse.objects.filter(production_id=production.pk, artefact_id=element.artefact_id).exists()


# Finding


def test_it_is_found_by_every_word_by_colour_and_by_a_picture_like_it(cast, shots, production):
    teal = keep(cast.ana, shots[0], "Office at night", words="desk", seen=look("#2a6f7f", "#101014"))
    warm = keep(cast.ana, shots[1], "Palace", words="candles", seen=look("#d08a3c", "#7a1f2b", rise=-1))
    near = keep(cast.ana, shots[2], "Office, later", seen=look("#2f7484", "#101014"))

    def names(**asked):
        return [one.item for one in shelf.search(cast.eddie, production, **asked)]

    assert names(words="office desk") == [teal] and names(words="cc0 palace") == [warm]
    assert names(colour="2a6f7f") == [teal, near] and names(colour="#d08a3c") == [warm]
    assert names(like=str(teal.pk)) == [near, warm] and names(like=teal.element.poster_id)[0] == teal
    assert names(kind="crowd") == [] and names(layer=background(shots[0])) == [near, warm, teal]
    lantern = look("#808488", "#606468")  # a street with one red lantern: no patch of it is red
    row = [round(10 * one) for one in swatches.lab_of("#c8281e")]
    lantern["colours"] = [[*row, 4], [560, 0, -20, 700]]
    street = keep(cast.ana, make_shot(shots[0].scene), "Street", seen=lantern)
    assert names(colour="cc2a20") == [street]
    (one,) = shelf.search(cast.ana, production, colour="cc2a20")
    assert one.percent == "< 1 %" and "#c8281e" in one.colours
    for wrong in ({"colour": "teal"}, {"like": "ab" * 32}, {"like": "nonsense"}):
        with pytest.raises(Invalid):
            names(**wrong)
    library.retire(actor=cast.ana, item=warm)
    assert names(words="palace") == []
    with pytest.raises(Conflict, match="taken out"):
        library.use_in_layer(actor=cast.ana, item=warm, layer=background(shots[0]))


def test_looking_reads_new_pictures_once(client: Client, cast, shots, production):
    picture = make_artefact(production, png(72, 128, (40, 110, 125), {}), mime="image/png", suffix=".png")
    element = fill(background(shots[0]), name="Teal", artefact=picture, poster=picture, licence="own")
    library.add(actor=cast.ana, production=production, element=element)
    client.force_login(cast.ana)
    address = reverse("generation:library", args=[production.slug])
    assert "being read" in client.get(address).content.decode()
    client.get(address)
    assert Job.objects.filter(kind=continuity.KIND).count() == 1
    drain_jobs()
    found = client.get(address, {"colour": "286e7d"}).content.decode()
    assert "being read" not in found and "Teal" in found and "--colour:#286e7d" in found


# Who sees what


def test_what_is_not_shared_is_found_by_nobody_outside(client: Client, cast, shots, production, other):
    _theirs, olga, item, _shot = other
    seen = look("#2a6f7f")
    PlateLook.objects.create(artefact_id=item.element.poster_id, version=continuity.VERSION, look=seen)
    mine = keep(cast.ana, shots[0], "Mine", seen=seen)
    client.force_login(cast.ana)
    page = reverse("generation:library", args=[production.slug])
    for query in ({}, {"words": "Foreign"}, {"colour": "2a6f7f"}, {"like": str(mine.pk)}, {"where": "shared"}):
        text = client.get(page, query).content.decode()
        assert "异乡" not in text and "Elsewhere" not in text, query
    assert client.get(page, {"like": str(item.pk)}).status_code == 422
    assert client.get(page, {"like": item.element.poster_id}).status_code == 422
    for name in ("library_item", "library_picture"):
        assert client.get(reverse(f"generation:{name}", args=[production.slug, item.pk])).status_code == 404
    with pytest.raises(Forbidden):
        library.use_in_layer(actor=cast.ana, item=item, layer=background(shots[1]))
    library.change(actor=olga, item=item, shared=True)
    assert "异乡" in client.get(page, {"words": "Foreign"}).content.decode()
    assert client.get(reverse("generation:library_picture", args=[production.slug, item.pk])).status_code == 200


def test_a_guest_of_one_production_sees_no_library_there_and_nothing_of_it_elsewhere(cast, shots, production, other):
    theirs, _olga, item, _shot = other
    Membership.objects.create(production=theirs, user=cast.dan, role="guest")
    assert shelf.search(cast.dan, theirs) == [] and item not in shelf.items_for(cast.dan, production)
    Membership.objects.create(production=theirs, user=cast.vera, role="compositor")
    assert item in shelf.items_for(cast.vera, production)  # in both teams: seen, yet not hers to give away
    with pytest.raises(Forbidden, match="not shared"):
        library.use_in_layer(actor=cast.vera, item=item, layer=background(shots[0]))


def test_used_in_names_only_shots_that_the_person_may_see(cast, shots, production, other):
    theirs, olga, item, shot = other
    library.change(actor=olga, item=item, shared=True)
    library.use_in_layer(actor=cast.dan, item=item, layer=background(shots[1]))
    assert shelf.used_in(cast.dan, item) == [(production, [shots[1]])]
    assert shelf.used_in(olga, item) == [(theirs, [shot])]


def test_sharing_is_the_producers_and_the_supervisors(cast, shots):
    item = keep(cast.ana, shots[0])
    with pytest.raises(Forbidden):
        library.change(actor=cast.ana, item=item, shared=True)
    library.change(actor=cast.vera, item=item, shared=True)
    library.change(actor=cast.priya, item=item, shared=False)
    verbs = list(Entry.objects.filter(verb__startswith="library.").order_by("seq").values_list("verb", flat=True))
    assert verbs == ["library.added", "library.shared", "library.unshared"]


def test_the_pages_keep_use_and_take_back(client: Client, cast, shots, production):
    element = plate(shots[0], "Night office")
    client.force_login(cast.ana)
    page = reverse("generation:library", args=[production.slug])
    assert str(element.pk) in client.get(page).content.decode()
    client.post(page, {"element": str(element.pk), "name": "Night office", "words": "desk", "kind": ""})
    item = LibraryItem.objects.get()
    layer = background(shots[1])
    use = reverse("generation:library_use", args=[production.slug, item.pk])
    told = client.post(use, {"layer": str(layer.pk), "next": "draws"})
    assert told.status_code == 302 and f"/draws/{layer.pk}/" in told["Location"]
    shown = client.get(reverse("generation:library_item", args=[production.slug, item.pk])).content.decode()
    assert shots[0].code in shown and shots[1].code in shown and "Take back" in shown
    client.post(reverse("generation:library_back", args=[production.slug, LibraryUse.objects.get().pk]))
    layer.refresh_from_db()
    assert layer.element is None or layer.element.origin != Origin.LIBRARY


def test_scripts_search_use_and_take_back(client: Client, cast, shots, production):
    item = keep(cast.ana, shots[0], "Night office", words="desk", seen=look("#2a6f7f", "#101014"))
    client.force_login(cast.ana)
    root = f"/api/v1/productions/{production.slug}/library"
    (found,) = client.get(root, {"words": "desk", "colour": "2a6f7f"}).json()
    assert (found["id"], found["origin"], found["mine"]) == (str(item.pk), "generated", True)
    assert found["colours"] == ["#2a6f7f", "#101014"] and found["apart_milli"] < 500

    def post(path, body):
        return client.post(f"{root}/{path}", json.dumps(body), content_type="application/json")

    layer = background(shots[1])
    use = post(f"{item.pk}/use", {"layer": str(layer.pk)}).json()
    assert use["layer"] == str(layer.pk) and use["saving"]["missing"]
    codes = [shots[0].code, shots[1].code]
    assert client.get(f"{root}/{item.pk}/used-in").json() == [{"production": production.slug, "shots": codes}]
    assert post(f"uses/{use['id']}/take-back", {}).status_code == 204
    told = client.patch(f"{root}/{item.pk}", json.dumps({"retired": True}), content_type="application/json").json()
    assert told["retired"] and client.get(root).json() == []
