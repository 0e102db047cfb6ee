"""The compositor's desk under a hand: a preset kept and applied to another shot, settings copied, figures clicked."""

import subprocess
import sys
import uuid

import pytest

from compositing import sandbox
from studio.comps import previews, selectors, services
from studio.comps.models import Preset, Version
from studio.footage.models import Take
from studio.productions.models import Location
from tests.browser.conftest import DESKTOP, PHONE, until
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import fill, make_artefact, make_shot, make_take
from tests.studio.comps_footage import make_filled_shot, write_footage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SCREEN = {"found": True, "name": "green", "hue_milli": 340, "hue_degrees": 122, "srgb": [40, 170, 60], "grade": "B",
          "evenness_milli": 820, "reasons": []}  # fmt: skip
# A take whose key has something to show: a box whose edge is lit by the screen, and a hole that comes and goes.
PROGRAM = """
import sys
import numpy as np
from compositing.io.video import VideoWriter
rng = np.random.default_rng(1)
with VideoWriter(sys.argv[1], 216, 384, 24, 1, crf=8, preset="veryfast", keyint=12) as film:
    for index in range(24):
        frame = np.zeros((384, 216, 3), np.float32)
        frame[:] = (40, 170, 60)
        frame[120:, 50 + index:140 + index] = (170, 60, 50)
        frame[120:, 50 + index:60 + index] = (120, 110, 55)
        if index % 6 == 3:
            frame[220:250, 85 + index:100 + index] = (60, 150, 58)
        film.write(np.clip(frame + rng.normal(0, 2, frame.shape), 0, 255).astype(np.uint8))
"""


@pytest.fixture
def shot(tmp_path, monkeypatch):
    monkeypatch.setattr(previews.current_app, "send_task", lambda *args, **kwargs: None)
    take, plate = write_footage(tmp_path)
    subprocess.run([sys.executable, "-c", PROGRAM, str(take)], check=True, cwd=sandbox.ROOT)
    shot = make_filled_shot(take, plate)
    layer = shot.layers.get(kind="actor")
    layer.element.media |= {"width": 216, "height": 384, "frame_count": 24}
    layer.element.save()
    shot.production.width, shot.production.height = 216, 384
    shot.production.save()
    make_take(shot, layer=layer, screen=SCREEN, circled=True, element=layer.element)
    shot.scene.location = Location.objects.create(production=shot.production, name="Rooftop")
    shot.scene.save()
    return shot


def another(shot, **screen):
    other = make_shot(shot.scene, title="He answers")
    for layer in other.layers.all():
        element = fill(layer, artefact=make_artefact(shot.production), media={"frame_count": 24})
        if layer.kind == "actor":
            make_take(other, layer=layer, screen=SCREEN | screen, circled=True, element=element)
    return other


def renumbered(version, number):
    """The same render once more under another number, before reviewers in its stead: rendering takes its time."""
    layers = list(version.version_layers.all())
    Version.objects.filter(pk=version.pk).update(state="superseded")
    version.pk, version.number, version.recipe_sha256 = uuid.uuid4(), number, f"{number:064}"
    version.save(force_insert=True)
    for layer in layers:
        layer.pk, layer.version = uuid.uuid4(), version
        layer.save(force_insert=True)
    return version


def actor_of(shot):
    return str(shot.layers.get(kind="actor").pk)


def at(shot, more=""):
    return f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/{more}"


def test_a_preset_is_kept_applied_to_another_shot_and_undone(shot, sign_in):
    cast, other = make_cast(shot.production), another(shot)
    services.save_settings(actor=cast.cleo, shot=shot, values={actor_of(shot): {"despill_milli": 800}})
    page = sign_in(cast.cleo)
    page.goto(at(shot))
    page.click("#presets-open")
    page.fill("#preset-name", "Rooftop, night")
    page.click("#preset-new button[type=submit]")
    page.wait_for_selector(".preset-name:has-text('Rooftop, night')")
    assert Preset.objects.get().location.name == "Rooftop"

    page.goto(at(other))
    page.click("#presets-open")
    page.click(".preset-name:has-text('Rooftop, night')")
    page.wait_for_selector(".desk-changes:has-text('Despill')")
    assert selectors.settings_of(other).values == {}, "looking changes nothing"
    page.click(".preset-acts .primary")
    page.wait_for_selector("#comp-undo:not([disabled])")
    assert selectors.settings_of(other).values == {actor_of(other): {"despill_milli": 800}}
    assert not page.is_visible("#presets"), "the picture is in sight again"
    page.click("#comp-undo")
    page.wait_for_selector("#comp-redo:not([disabled])")
    assert selectors.settings_of(other).values == {}


def test_a_deleted_preset_is_brought_back_at_once(shot, sign_in):
    cast = make_cast(shot.production)
    page = sign_in(cast.cleo)
    page.goto(at(shot))
    page.click("#presets-open")
    page.fill("#preset-name", "Night")
    page.click("#preset-new button[type=submit]")
    page.click(".preset-name:has-text('Night')")
    page.click(".preset-acts button:has-text('Delete')")
    page.wait_for_selector(".preset-name:has-text('Night')", state="detached")
    page.click(".desk-said:has-text('is deleted') button")
    until(page, "() => document.querySelector('.preset-name')?.textContent.includes('Night')")
    assert Preset.objects.get().deleted_at is None


def test_settings_are_copied_to_ticked_shots_and_one_is_undone(shot, sign_in):
    cast = make_cast(shot.production)
    near, blue = another(shot), another(shot, name="blue", hue_milli=640, srgb=[40, 70, 200])
    services.save_settings(
        actor=cast.cleo, shot=shot, values={actor_of(shot): {"despill_milli": 800, "screen_hue_milli": 330}}
    )
    page = sign_in(cast.cleo)
    page.goto(at(shot))
    page.click("#copies-open")
    page.wait_for_selector(f"input[value='{near.code}']:checked")
    assert not page.is_checked(f"input[value='{blue.code}']"), "a blue take is not given a green key unasked"
    page.check(f"input[value='{blue.code}']")
    page.click("#copies-form button[type=submit]")
    page.wait_for_selector(f"#copied-{blue.pk}")
    assert "its own screen colour was kept" in page.inner_text(f"#copied-{blue.pk}")
    assert "2 / 2" in page.inner_text("[data-far]")
    assert selectors.settings_of(near).values == {actor_of(near): {"despill_milli": 800, "screen_hue_milli": 330}}
    page.click(f"#copied-{near.pk} button")
    page.wait_for_selector(f"li:has-text('{near.code}'):has-text('as it was')")
    assert selectors.settings_of(near).values == {}
    assert selectors.settings_of(blue).values == {actor_of(blue): {"despill_milli": 800}}


def test_a_figure_leads_to_its_frame_on_the_comp_page_and_in_review(shot, sign_in, shots_folder):
    cast = make_cast(shot.production)
    services.start_version(actor=cast.cleo, shot=shot, submit=True)
    drain_jobs()
    version = renumbered(Version.objects.get(), 2)
    assert version.qc["summary"] and version.qc["sheet"]["rows"], "the take has frames to look at"
    frame = version.qc["summary"]["flicker_ppm"]["frame"]
    page = sign_in(cast.cleo)
    page.goto(at(shot))
    page.click(f"#qc-{version.pk} > summary")
    page.wait_for_selector(f"#qc-{version.pk} .qc-table")
    page.click(f"#qc-{version.pk} .qc-table tr:has-text('Flicker') a.link")
    until(page, f"() => document.getElementById('comp-number').value === '{1001 + frame}'")
    assert "than v001" in page.inner_text(f"#qc-{version.pk}") or "as in v001" in page.inner_text(f"#qc-{version.pk}")
    assert "screen: green, evenness" in page.inner_text("#comp-explained > summary")
    page.click("#comp-explained > summary")
    assert "green, hue" in page.inner_text("#comp-explained dl")
    page.click("#comp-explained > summary")
    # A sparkline goes to the frame that is pointed at.
    line = page.locator(f"#qc-{version.pk} .qc-spark").first
    box = line.bounding_box()
    line.click(position={"x": box["width"] - 2, "y": box["height"] / 2})
    until(page, "() => document.getElementById('comp-number').value === '1024'")
    if shots_folder:
        page.screenshot(path=shots_folder / "comp.png")

    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/review/v002/")
    page.click(f"#qc-{version.pk} > summary")
    page.click(f"#qc-{version.pk} .qc-strips a >> nth=0")
    wanted = version.qc["sheet"]["rows"][0]["frame"]
    until(page, f"() => document.querySelector('[data-part=frame-field]').value === '{1001 + wanted}'")
    if shots_folder:
        page.screenshot(path=shots_folder / "review.png")
        for name, address in (("comp", at(shot)), ("review", page.url.split("?")[0])):
            phone = sign_in(cast.cleo, PHONE)
            phone.goto(address)
            phone.click(f"#qc-{version.pk} > summary")
            phone.wait_for_selector(f"#qc-{version.pk} .qc-table")
            phone.screenshot(path=shots_folder / f"{name}-phone.png", full_page=True)
    assert Take.objects.count() == 1


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_the_dialogs_fit_the_screen(shot, sign_in, shots_folder, viewport):
    cast = make_cast(shot.production)
    another(shot)
    another(shot, name="blue", hue_milli=640, srgb=[40, 70, 200])
    services.save_settings(actor=cast.cleo, shot=shot, values={actor_of(shot): {"despill_milli": 800}})
    page = sign_in(cast.cleo, viewport)
    page.goto(at(shot))
    for name, ready in (("presets", "#preset-new"), ("copies", "#copies-form")):
        page.click(f"#{name}-open")
        page.wait_for_selector(ready)
        if shots_folder:
            page.screenshot(path=shots_folder / f"{name}-{viewport['width']}.png")
        box = page.locator(f"#{name}").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= viewport["width"]
        page.click(f"#{name} [data-close]")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
