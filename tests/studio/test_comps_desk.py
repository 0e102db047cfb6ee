"""The compositor's desk: figures kept with a version, what was found in words, presets, copies of settings."""

import json
from types import SimpleNamespace

import pytest
from django.urls import reverse

from studio.comps import copying, desk, lit, page, portable, presets, quality, selectors, services
from studio.comps.explained import explain
from studio.comps.models import Preset
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.footage.models import Take
from studio.ledger.models import Entry
from studio.productions.models import Location, Shot
from tests.cast import make_cast
from tests.factories import fill, make_artefact, make_scene, make_shot, make_take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("servers")]

GREEN = {"found": True, "name": "green", "hue_milli": 340, "hue_degrees": 122, "srgb": [60, 180, 70], "grade": "B",
         "evenness_milli": 820, "reasons": []}  # fmt: skip
BLUE = GREEN | {"name": "blue", "hue_milli": 640, "hue_degrees": 230, "srgb": [40, 70, 200]}


def measured(**worst):
    """The engine's `qc` of four frames; worst: figure -> its highest value, at frame 2."""
    names = ("band_ppm", "residual_milli", "flicker_ppm", "holes_ppm", "dirt_ppm", "spill_milli")
    series = {name: [0, 10, worst.get(name, 20), 10] for name in names} | {"evenness_milli": [820] * 4}
    summary = {
        name: {"median": sorted(row)[1], "worst": max(row), "frame": row.index(max(row))}
        for name, row in series.items()
    }
    places = {"flicker": [], "residual": [{"frame": 2, "value": 9, "x_milli": 1, "y_milli": 2}], "holes": []}
    rows = [
        {
            "why": "residual",
            "frame": 2,
            "panels": [{"what": w, "frame": 2} for w in ("comp", "comp_crop", "matte_crop")],
        }
    ]
    sheet = {"path": "/nowhere", "panel_width": 216, "panel_height": 384, "rows": rows}
    return {"edition": 1, "series": series, "summary": summary, "worst": places, "sheet": sheet}


def a_shot(scene=None, screen=GREEN, number=None):
    shot = make_shot(scene, number)
    for layer in shot.layers.all():
        element = fill(layer, media={"frame_count": 48, "fps_num": 24, "fps_den": 1})
        if layer.kind == "actor":
            make_take(shot, layer=layer, screen=screen, circled=True, element=element)
    return shot


@pytest.fixture
def shot():
    scene = make_scene()
    scene.location = Location.objects.create(production=scene.episode.production, name="Rooftop")
    scene.save()
    return a_shot(scene)


@pytest.fixture
def cast(shot):
    return make_cast(shot.production)


def actor_of(shot):
    return str(shot.layers.get(kind="actor").pk)


def give(cast, shot, **values):
    return services.save_settings(actor=cast.cleo, shot=shot, values={actor_of(shot): values})


def rendered(cast, shot, qc=None, **report):
    version = services.start_version(
        actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": shot.versions.count()}}
    )
    files = {name: make_artefact(shot.production) for name in (*services.FILES, "worst")}
    screen = {"name": "green", "srgb": [60, 180, 70], "hue_milli": 340, "share_milli": 610, "noise_milli": 8,
              "clean_plate": False} | report  # fmt: skip
    result = {"frame_count": 4, "tiles": 4, "report": {"screens": {actor_of(shot): screen}}, "qc": qc}
    run = SimpleNamespace(fence=lambda: None)
    return services.record_render(run=run, version=version, files=files, result=result, seconds_milli=1000)


def url(shot, name, *more):
    return reverse(f"comps:{name}", args=[*page.address(shot), *more])


# Figures


def test_figures_are_kept_with_the_version_and_every_frame_beside_them(cast, shot):
    version = rendered(cast, shot, measured(residual_milli=5200))
    assert version.qc["summary"]["residual_milli"] == {"median": 10, "worst": 5200, "frame": 2}
    assert version.qc_frames["residual_milli"] == [0, 10, 5200, 10]
    assert version.qc["spark"]["residual_milli"] == [[0, 0], [1, 10], [2, 5200], [3, 10]]
    assert version.worst_id and "path" not in version.qc["sheet"]


def test_a_version_that_was_not_measured_shows_nothing(client, cast, shot):
    version = rendered(cast, shot, None)
    assert (version.qc, version.qc_frames) == ({}, {})
    client.force_login(cast.cleo)
    assert b'class="qc"' not in client.get(url(shot, "comp")).content


def test_figures_say_what_got_better_and_worse(cast, shot):
    old = measured()
    old["summary"]["residual_milli"]["median"] = 6000
    old["summary"]["flicker_ppm"]["median"] = 100
    new = measured()
    new["summary"]["residual_milli"]["median"] = 1000
    new["summary"]["flicker_ppm"]["median"] = 900
    rows = {row.figure.name: row for row in quality.rows(quality.stored(new)[0], quality.stored(old)[0])}
    assert (rows["residual_milli"].change, rows["residual_milli"].before, rows["residual_milli"].grade) == (
        "better", "6.0", "good")  # fmt: skip
    assert (rows["flicker_ppm"].change, rows["flicker_ppm"].grade) == ("worse", "fair")
    assert rows["holes_ppm"].change == "same" and rows["band_ppm"].change == ""
    assert quality.compared(list(rows.values()), "v002") == "1 figure better, 1 worse than v002."
    assert quality.verdict(list(rows.values())) == "Worth a look: Flicker."


def test_a_long_film_becomes_few_columns_that_keep_their_peaks():
    values = [0] * 1000
    values[777] = 50
    columns = quality.columns(values)
    assert len(columns) == quality.BUCKETS
    assert [777, 50] in columns and sum(value for _at, value in columns) == 50


def test_the_page_names_frames_and_compares_with_the_version_before(client, cast, shot):
    rendered(cast, shot, measured(residual_milli=9000))
    version = rendered(cast, shot, measured(residual_milli=5200))
    client.force_login(cast.cleo)
    listed = client.get(url(shot, "comp")).content.decode()
    assert 'class="qc"' in listed and "Screen colour left" in listed
    told = client.get(url(shot, "figures", version.name)).content.decode()
    assert 'href="?frame=1003"' in told and "v001" in told
    assert 'viewBox="0 0 648 384"' in told and version.worst_id in told


def test_the_review_page_shows_figures_to_the_team_and_not_to_guests(client, cast, shot):
    version = rendered(cast, shot, measured())
    services.submit_for_review(actor=cast.cleo, version=version)
    address = reverse("reviews:version", args=[*page.address(shot), version.name])
    client.force_login(cast.dan)
    assert 'class="qc"' in client.get(address).content.decode()
    client.force_login(cast.gus)
    answer = client.get(address)
    assert answer.status_code == 200 and 'class="qc"' not in answer.content.decode()
    assert client.get(f"/p/{shot.production.slug}/media/{version.worst_id}").status_code == 404


def test_what_was_found_and_done_is_said_in_sentences(cast, shot):
    version = rendered(cast, shot, measured(band_ppm=70_000))
    (part,) = desk.parts(version)
    said = {one.topic: f"{one.found} {one.done}" for one in part["findings"]}
    assert said["Screen"].startswith("green, hue 122°, 61 % of the picture. Found by itself")
    assert part["short"] == "screen: green, evenness 0.82, noise low, 0.0 % in the unknown band, spill low"
    assert said["Light"].startswith("Evenness 0.82.")
    assert said["Noise"].startswith("Noise is low. A still background is given the same grain")
    assert "in the unknown band" in said["Edge"] and "Despill at 100 %" in said["Spill"]


def test_what_the_engine_was_told_or_helped_by_is_said_too():
    mask = {"id": "m", "kind": "garbage"}
    layer = {"key": {"screen_hue_milli": 300, "despill_milli": 0}, "masks": [mask, mask | {"off": True}]}
    report = {"name": "green", "srgb": [60, 180, 70], "hue_milli": 340, "share_milli": 500, "hint": True}
    said = {one.topic: f"{one.found} {one.done}" for one in explain(layer, {"mode": "fast"}, report, measured())}
    assert "on the colour you picked" in said["Screen"] and "Despill is off" in said["Spill"]
    assert said["Masks"].startswith("1 polygon") and "outline was found" in said["Person"]
    assert "quick key" in said["Edge"] and "keyed by itself" in said["Over time"]


def test_the_light_on_the_face_is_held_against_the_background_s():
    actor = {"azimuth": -60, "elevation": 30, "believed": 1}
    same, other, pale = (
        lit.said({"actor": actor, "background": {"apart": apart, "colour_milli": colour, "even": 0}})
        for apart, colour in ((10, 2_000), (80, 9_000), (10, 9_000))
    )
    assert same == ("From the left, from above.", "The background's light suits it.", "good")
    assert "80° away" in other[1] and "ΔE 9" in other[1] and other[2] == "poor"
    assert "mirror" not in pale[1] and pale[2] == "fair"
    even = lit.said({"actor": actor, "background": {"apart": 80, "colour_milli": 0, "even": 1}})
    assert even[2] == "good" and lit.said({"actor": actor})[1] == ""
    assert "no side is brighter" in lit.said({"actor": actor | {"believed": 0}})[0]
    (finding,) = (
        one for one in explain({}, {}, {"light": {"actor": actor}, "method": "person"}, {}) if "face" in one.topic
    )
    assert finding.found.startswith("From the left")


def test_a_key_without_a_screen_says_so_and_claims_nothing_else():
    told = explain({"key": {}}, {"mode": "best"}, {"method": "person", "grade": "C"}, {})
    assert [one.topic for one in told] == ["Screen"]
    assert "No screen" in told[0].found and told[0].grade == "fair"
    # The keyer's own parameters have done nothing there, so nothing is said of them.
    told = explain({"key": {}}, {"mode": "best"}, {"method": "person", "grade": "C"}, measured())
    said = {one.topic: f"{one.found} {one.done}" for one in told}
    assert "Solved again" not in said["Edge"] and "Held steady" in said["Over time"] and "Spill" not in said


def test_a_matte_without_a_screen_is_never_called_good(cast, shot):
    version = rendered(cast, shot, measured())
    assert desk.short(version, None)["grade"] == "good"
    version.report = {"screens": {actor_of(shot): {"method": "person"}}}
    told = desk.short(version, None)
    assert told["grade"] == "fair" and "without a screen" in told["verdict"]


def test_before_the_first_version_the_takes_own_check_speaks(client, cast, shot):
    Take.objects.update(screen=GREEN | {"reasons": [{"code": "soft", "params": {}}]})
    told = desk.explained(cast.cleo, shot)
    assert told["version"] is None and told["parts"][0]["findings"][-1].found.startswith("Edges are soft")
    assert [part["short"] for part in told["parts"]] == ["screen: green, evenness 0.82"]
    client.force_login(cast.cleo)
    page_ = client.get(reverse("comps:comp", args=page.address(shot))).content.decode()
    assert "Found in the take" in page_ and "Render a version: here stands" not in page_


def test_a_take_without_a_screen_says_what_can_be_done(cast, shot, monkeypatch):
    Take.objects.update(screen={"found": False, "grade": "D", "reasons": []})
    element = shot.layers.get(kind="actor").element
    element.media |= {"screen": False}
    element.save()
    for network, words in ((None, "compositing hints install"), ("8" * 64, "by their outline")):
        monkeypatch.setattr(selectors, "installed", lambda network=network: network)
        monkeypatch.setattr(selectors, "NETWORK", network)
        (part,) = desk.explained(cast.cleo, shot)["parts"]
        assert words in f"{part['findings'][0].found} {part['findings'][0].done}"


# Presets


def test_a_preset_travels_by_the_layers_part_and_leaves_place_and_masks_alone(cast, shot):
    give(cast, shot, despill_milli=800, x_milli=200, garbage_left_milli=100)
    preset = presets.save(actor=cast.cleo, shot=shot, name=" Night,  blue ")
    assert (preset.name, preset.location.name) == ("Night, blue", "Rooftop")
    other = a_shot(shot.scene)
    services.save_settings(actor=cast.cleo, shot=other, values={actor_of(other): {"core_milli": 500, "x_milli": -100}})
    saved = presets.apply(actor=cast.vera, preset=preset, shot=other)
    assert saved.values == {actor_of(other): {"despill_milli": 800, "x_milli": -100}}
    back = services.step_settings(actor=cast.vera, shot=other, steps=-1)
    assert back.values == {actor_of(other): {"core_milli": 500, "x_milli": -100}}
    assert Entry.objects.get(verb="preset.applied").data["name"] == "Night, blue"


def test_a_preset_made_on_green_keeps_a_blue_takes_own_colour(cast, shot):
    give(cast, shot, screen_hue_milli=330, despill_milli=800)
    preset = presets.save(actor=cast.cleo, shot=shot, name="Green")
    blue = a_shot(shot.scene, screen=BLUE)
    assert not presets.fits(preset, blue)
    assert presets.apply(actor=cast.cleo, preset=preset, shot=blue).values == {actor_of(blue): {"despill_milli": 800}}


def test_a_name_is_taken_once_for_a_place(cast, shot):
    presets.save(actor=cast.cleo, shot=shot, name="Night")
    with pytest.raises(Conflict, match="already"):
        presets.save(actor=cast.vera, shot=shot, name="night")
    presets.save(actor=cast.vera, shot=shot, name="Night", everywhere=True)
    assert Preset.objects.count() == 2
    with pytest.raises(Invalid, match="needs a name"):
        presets.save(actor=cast.cleo, shot=shot, name="  ")
    with pytest.raises(Invalid, match="no group"):
        presets.save(actor=cast.cleo, shot=shot, name="Odd", groups=["weather"])


def test_saving_over_and_renaming_can_be_taken_back(cast, shot):
    give(cast, shot, despill_milli=800)
    preset = presets.save(actor=cast.cleo, shot=shot, name="Night")
    give(cast, shot, despill_milli=300)
    over = presets.save_over(actor=cast.vera, preset=preset, shot=shot)
    assert over.values["actor"] == {"despill_milli": 300}
    back = presets.take_back(actor=cast.vera, preset=over, revision=over.revision)
    assert back.values["actor"] == {"despill_milli": 800}
    named = presets.rename(actor=cast.cleo, preset=back, name="Dusk")
    with pytest.raises(Conflict, match="since"):
        presets.take_back(actor=cast.cleo, preset=named, revision=over.revision)
    assert presets.take_back(actor=cast.cleo, preset=named).name == "Night"


def test_a_deleted_preset_comes_back(cast, shot):
    preset = presets.save(actor=cast.cleo, shot=shot, name="Night")
    presets.delete(actor=cast.vera, preset=preset)
    assert not presets.presets_for(cast.cleo, shot.production).exists()
    with pytest.raises(Conflict, match="deleted"):
        presets.rename(actor=cast.cleo, preset=preset, name="Dusk")
    presets.restore(actor=cast.cleo, preset=presets.gone_for(cast.cleo, shot.production, preset.pk))
    assert presets.presets_for(cast.cleo, shot.production).get() == preset
    verbs = list(Entry.objects.filter(verb__startswith="preset.").order_by("seq").values_list("verb", flat=True))
    assert verbs == ["preset.saved", "preset.deleted", "preset.restored"]


@pytest.mark.parametrize("who", ["priya", "eddie", "kai", "gus"])
def test_who_does_not_comp_keeps_and_copies_nothing(cast, shot, who):
    person = getattr(cast, who)
    with pytest.raises(Forbidden):
        presets.save(actor=person, shot=shot, name="Night")
    with pytest.raises(Forbidden):
        copying.copy_to(actor=person, shot=shot, codes=["EP01_SC01_SH020"])
    assert not Preset.objects.exists()


def test_the_location_comes_first_in_the_list(cast, shot):
    elsewhere = make_scene(shot.scene.episode)
    elsewhere.location = Location.objects.create(production=shot.production, name="Alley")
    elsewhere.save()
    presets.save(actor=cast.cleo, shot=a_shot(elsewhere), name="Wet")
    presets.save(actor=cast.cleo, shot=shot, name="House", everywhere=True)
    presets.save(actor=cast.cleo, shot=shot, name="Night")
    told = [(place, [row.name for row in rows]) for place, rows in presets.ordered_for(cast.vera, shot)]
    assert told == [("here", ["Night"]), ("everywhere", ["House"]), ("elsewhere", ["Wet"])]


def test_a_preset_is_looked_at_applied_and_undone_from_the_page(client, cast, shot):
    give(cast, shot, despill_milli=800)
    client.force_login(cast.cleo)
    kept = client.post(
        url(shot, "presets"), {"name": "Night", "groups": portable.usual()}, headers={"HX-Request": "true"}
    )
    assert kept.status_code == 200 and "Night" in kept.content.decode()
    assert "/delete/" in kept.content.decode(), "keeping it can be undone"
    preset, other = Preset.objects.get(), a_shot(shot.scene)
    look = client.get(url(other, "preset", preset.pk)).content.decode()
    assert "Despill" in look and "automatic" in look and "0.80" in look
    seen = selectors.settings_of(other).seen
    answer = client.post(
        url(other, "preset_apply", preset.pk), json.dumps({"seen": seen}), content_type="application/json"
    )
    assert answer.json()["values"] == {actor_of(other): {"despill_milli": 800}}
    stale = client.post(
        url(other, "preset_apply", preset.pk), json.dumps({"seen": seen}), content_type="application/json"
    )
    assert stale.status_code == 409 and stale.json()["settings"]["values"]


# Copies


def test_the_setup_is_the_scene_and_the_location_and_says_which_screens_fit(cast, shot):
    give(cast, shot, despill_milli=800, screen_hue_milli=330)
    near = a_shot(shot.scene)
    blue = a_shot(shot.scene, screen=BLUE)
    same_place = make_scene(shot.scene.episode)
    same_place.location = shot.scene.location
    same_place.save()
    far = a_shot(same_place)
    a_shot(make_scene(shot.scene.episode))  # another place: not of the set-up
    make_shot(shot.scene)  # nothing to key yet
    found = copying.targets(cast.cleo, shot)
    assert [(one.shot.code, one.fits, one.same_scene) for one in found] == [
        (near.code, True, True), (far.code, True, False), (blue.code, False, True)
    ]  # fmt: skip
    assert [len(one.changes) for one in found] == [2, 2, 1]
    assert "Another screen (blue)" in found[2].warning


def test_settings_are_copied_each_with_its_own_undo(cast, shot):
    give(cast, shot, despill_milli=800, screen_hue_milli=330, x_milli=50)
    near, blue, same = a_shot(shot.scene), a_shot(shot.scene, screen=BLUE), a_shot(shot.scene)
    give(cast, near, core_milli=300)
    give(cast, same, despill_milli=800, screen_hue_milli=330)
    done = copying.copy_to(actor=cast.vera, shot=shot, codes=[near.code, blue.code, same.code])
    assert [(one.shot.code, one.state, one.kept_screen) for one in done] == [
        (near.code, "changed", False), (blue.code, "changed", True), (same.code, "same", False)
    ]  # fmt: skip
    assert selectors.settings_of(near).values == {actor_of(near): {"despill_milli": 800, "screen_hue_milli": 330}}
    assert selectors.settings_of(blue).values == {actor_of(blue): {"despill_milli": 800}}
    copying.take_back(actor=cast.vera, shot=near, seen=done[0].seen)
    assert selectors.settings_of(near).values == {actor_of(near): {"core_milli": 300}}
    give(cast, blue, despill_milli=100)
    with pytest.raises(Conflict, match="changed since"):
        copying.take_back(actor=cast.vera, shot=blue, seen=done[1].seen)
    entries = Entry.objects.filter(verb="settings.copied").order_by("seq")
    assert [entry.subject_code for entry in entries] == [near.code, blue.code]
    assert entries[0].data["from"] == shot.code


def test_a_shot_of_another_setup_is_refused_before_anything_is_changed(cast, shot):
    give(cast, shot, despill_milli=800)
    near, away = a_shot(shot.scene), a_shot(make_scene(shot.scene.episode))
    with pytest.raises(Invalid, match="not of this set-up"):
        copying.copy_to(actor=cast.cleo, shot=shot, codes=[near.code, away.code])
    assert selectors.settings_of(near).values == {}


def test_one_target_that_refuses_spoils_none_of_the_others(cast, shot, monkeypatch):
    give(cast, shot, despill_milli=800)
    near, next_one = a_shot(shot.scene), a_shot(shot.scene)
    real = services.save_settings

    def busy(*, shot, **kwargs):
        if shot.pk == near.pk:
            raise Conflict("Somebody else changed these settings meanwhile.")
        return real(shot=shot, **kwargs)

    monkeypatch.setattr(services, "save_settings", busy)
    done = copying.copy_to(actor=cast.cleo, shot=shot, codes=[near.code, next_one.code])
    assert [one.state for one in done] == ["refused", "changed"]
    assert "Somebody else" in done[0].sentence


def test_the_copy_page_ticks_what_fits_and_tells_what_became_of_each(client, cast, shot):
    give(cast, shot, despill_milli=800)
    near, blue = a_shot(shot.scene), a_shot(shot.scene, screen=BLUE)
    client.force_login(cast.cleo)
    told = client.get(url(shot, "copies")).content.decode()
    assert f'value="{near.code}" checked' in told and f'value="{blue.code}" checked' not in told
    assert "evenness 0.82" in told and "1 setting would change" in told
    form = {"targets": [near.code], "groups": portable.usual()}
    done = client.post(url(shot, "copies"), form, headers={"HX-Request": "true"}).content.decode()
    assert "1 setting changed" in done
    seen = selectors.settings_of(near).seen
    back = client.post(url(shot, "copy_back"), {"target": near.code, "seen": seen}, headers={"HX-Request": "true"})
    assert back.status_code == 200 and selectors.settings_of(near).values == {}


def test_takes_stay_out_of_a_guests_sight(client, cast, shot):
    assert Take.objects.exists()
    client.force_login(cast.gus)
    for name in ("copies", "presets", "explained"):
        assert client.get(url(shot, name)).status_code in (403, 404)


def test_what_is_settled_or_of_another_scene_is_not_ticked_unasked(cast, shot):
    give(cast, shot, despill_milli=800)
    near, settled, far = a_shot(shot.scene), a_shot(shot.scene), a_shot(make_scene(shot.scene.episode))
    far.scene.location = shot.scene.location
    far.scene.save()
    settled.state = Shot.State.APPROVED
    settled.save()
    told = {target.shot.code: target for target in copying.targets(cast.cleo, shot)}
    assert [told[code].ticked for code in (near.code, settled.code, far.code)] == [True, False, False]
    assert all(target.changes for target in told.values()), "each may be ticked by hand"
