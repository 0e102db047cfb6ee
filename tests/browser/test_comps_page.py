"""The comp page under a hand: the picture follows, settings are saved and undone, a version is rendered."""

import queue
import threading

import cv2
import numpy as np
import pytest

from studio.comps import handlers, previews, selectors
from studio.comps.models import Version
from tests.browser.conftest import PHONE, until
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.studio.comps_footage import FRAMES, make_filled_shot, write_footage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
SHOWN = "() => { const i = document.getElementById('comp-still'); return i && !i.hidden && i.naturalWidth > 0; }"


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """An interactive worker in a thread of its own, as the real one has: previews are made by the real engine."""
    slots: queue.Queue[str | None] = queue.Queue()
    monkeypatch.setattr(previews, "HOME", tmp_path / "previews")
    monkeypatch.setattr(previews.current_app, "send_task", lambda name, args, **kwargs: slots.put(args[0]))

    def work():
        while (slot := slots.get()) is not None:
            handlers.preview(slot)
        if handlers._warm is not None:
            handlers._warm.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    slots.put(None)
    thread.join()


@pytest.fixture
def shot(tmp_path):
    return make_filled_shot(*write_footage(tmp_path))


def test_a_hand_changes_undoes_and_renders(shot, worker, sign_in):
    cast = make_cast(shot.production)
    page = sign_in(cast.cleo)
    actor = str(shot.layers.get(kind="actor").pk)
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN, 180)  # the engine starts, and may have kernels to compile
    first = page.get_attribute("#comp-still", "src")
    until(page, "() => document.querySelector('[data-screen]').textContent.includes('green')")
    assert page.text_content("#comp-range") == f"1001–{1000 + FRAMES}"

    # A typed value moves the picture and is saved; Ctrl+Z takes it back on the server too.
    page.fill(f"[data-key='{actor}.gain_milli'] [data-number]", "0.8")
    page.keyboard.press("Tab")
    until(page, f"() => document.getElementById('comp-still').getAttribute('src') !== '{first}'")
    page.wait_for_selector("#comp-undo:not([disabled])")
    assert selectors.settings_of(shot).values == {actor: {"gain_milli": 800}}
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    page.wait_for_selector("#comp-redo:not([disabled])")
    assert selectors.settings_of(shot).values == {}

    # Arrows step frames as they are counted on set; letters change the view.
    page.keyboard.press("ArrowRight")
    assert page.input_value("#comp-number") == "1002"
    page.keyboard.press("m")
    assert page.get_attribute("[data-view='matte']", "aria-selected") == "true"

    page.fill("#comp-comment", "All automatic")
    page.click("#comp-start button[type=submit]")
    page.wait_for_selector("#version-v001[data-state='building']")
    # The list is replaced by what others change while this answer is on its way: the refusal is said all the same.
    page.evaluate("""() => document.body.addEventListener("htmx:beforeSend", () => {
        const list = document.getElementById("comp-versions"); list.replaceWith(list.cloneNode(true));
    }, { once: true })""")
    page.click("#comp-start button[type=submit]")
    page.wait_for_selector("#comp-start .error-here")
    assert "v001 is being rendered" in page.inner_text("#comp-start .error-here")
    drain_jobs()
    page.reload()
    page.wait_for_selector("#version-v001[data-state='ready']")  # reviewers get it when somebody says so
    assert Version.objects.get().comment == "All automatic"
    assert page.is_enabled("#comp-compare")

    # Space plays the film of the version that these settings made; stopped, the still of the very frame stands there.
    until(page, SHOWN)
    page.keyboard.press(" ")
    until(page, "() => document.querySelector('.reel:not([hidden])')?.currentTime > 0.05")
    assert page.inner_text("#comp-playing") == "v001"
    page.keyboard.press("k")
    until(page, "() => !document.querySelector('.reel:not([hidden])')")
    frame = int(page.input_value("#comp-number")) - 1001
    assert abs(page.evaluate("document.querySelector('.reel').currentTime") - (frame + 0.5) / 24) < 0.5 / 24
    # What no film shows is played picture by picture, and none is left out.
    asked = []
    page.on("request", lambda sent: asked.append(sent.post_data_json) if sent.url.endswith("/preview/") else None)
    page.keyboard.press("s")
    page.keyboard.press("l")
    until(page, "() => document.getElementById('comp-number').value === '1001'")
    page.keyboard.press("Escape")
    assert page.get_attribute("#comp-play", "data-playing") == "no"
    assert {wish["frame"] for wish in asked if wish["view"] == "status"} >= set(range(frame + 1, FRAMES))


def answered(page, report):
    """Let every preview be answered at once, without an engine: a grey picture and `report`."""
    answer = {"state": "ready", "url": "/made-up.jpg", "digest": "0" * 64, "report": report, "seconds": 0.1}
    grey = cv2.imencode(".jpg", np.full((128, 72, 3), 119, np.uint8))[1].tobytes()
    page.route("**/comp/preview/", lambda route: route.fulfill(json=answer))
    page.route("**/made-up.jpg", lambda route: route.fulfill(body=grey, content_type="image/jpeg"))


def test_a_matte_by_the_person_is_said_and_offers_nothing_that_needs_a_screen(shot, sign_in):
    page = sign_in(make_cast(shot.production).cleo)
    actor = str(shot.layers.get(kind="actor").pk)
    told = {"method": "person", "grade": "C", "share_milli": 300, "noise_milli": 9, "clean_plate": False}
    answered(page, {"screens": {actor: told}, "band_milli": 28})
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, "() => document.querySelector('[data-screen]').textContent.includes('grade C')")
    assert page.locator(".error-here").count() == 0
    assert not page.is_visible(f"[data-pick='{actor}']") and not page.is_visible(f"[data-key='{actor}.gain_milli']")
    assert page.is_visible(f"[data-key='{actor}.method']") and page.is_visible(f"[data-key='{actor}.soften_px_milli']")
    page.unroute("**/comp/preview/")
    screen = {"name": "green", "hue_milli": 340, "share_milli": 600, "srgb": [40, 170, 60]}
    answered(page, {"screens": {actor: screen}, "band_milli": 28})
    page.keyboard.press("ArrowRight")
    until(page, f"""() => document.querySelector('[data-pick="{actor}"]').offsetParent !== null""")


def test_a_drag_asks_again_only_for_what_it_changes(shot, sign_in):
    cast = make_cast(shot.production)
    page = sign_in(cast.cleo)
    actor = str(shot.layers.get(kind="actor").pk)
    answered(page, {"screens": {}})
    asked = []
    # Those that are seen: a size to drag at is asked for beforehand, in a lane of its own.
    page.on(
        "request",
        lambda sent: (
            asked.append(sent.post_data_json)
            if sent.url.endswith("/preview/") and not sent.post_data_json["page"].endswith("ready")
            else None
        ),
    )
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN)
    page.keyboard.press("w")
    page.wait_for_selector("#comp-other:not([hidden])")
    automatic = [wish for wish in asked if wish["values"] == {}]
    slider = page.locator(f"[data-key='{actor}.despill_milli'] input[type=range]")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(8):
        page.mouse.move(box["x"] + box["width"] * (0.6 - 0.05 * step), box["y"] + box["height"] / 2)
        page.wait_for_timeout(40)
    assert any(wish["width"] <= 360 and wish["values"] != {} for wish in asked), "a smaller picture while it moves"
    assert [wish for wish in asked if wish["values"] == {}] == automatic, "the other side stays as it is"
    page.mouse.up()
    until(page, "() => document.getElementById('comp-picture').dataset.preview === 'fresh'")

    # A take of ten frames that starts at its fifth: six are left, and the strip shows those, not the whole take.
    page.evaluate(
        "(layer) => Object.assign(document.getElementById('comp-tiles').dataset, {strip: 'x', tiles: 10, layer})", actor
    )
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("End")
    row = f"[data-key='{actor}.frame_offset']"
    page.evaluate("() => document.querySelectorAll('.comp-group').forEach((group) => { group.open = true; })")
    assert page.get_attribute(f"{row} input[type=range]", "max") == "9"
    page.fill(f"{row} [data-number]", "4")
    page.keyboard.press("Enter")
    assert (page.inner_text("#comp-range"), page.input_value("#comp-number")) == ("1001–1006", "1006")
    until(page, "() => parseFloat(document.querySelector('#comp-tiles i')?.style.backgroundPosition) >= 44")
    assert asked[-1]["frame"] <= 5 and page.locator(".error-here").count() == 0


def test_a_draft_is_offered_and_stays_with_the_team(shot, sign_in):
    page = sign_in(make_cast(shot.production).cleo)
    answered(page, {"screens": {}})
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    page.click(".comp-mode:has([value=draft]) b")
    assert not page.is_visible(".comp-submit") and page.is_visible(".comp-drafted")
    page.click("#comp-start button[type=submit]")
    page.wait_for_selector("#version-v001[data-state='building']")
    version = Version.objects.get()
    assert version.draft and version.job.payload["submit"] is False


def test_layers_presets_copies_and_a_new_version_have_keys(shot, sign_in):
    page = sign_in(make_cast(shot.production).cleo)
    actor, background = (str(shot.layers.get(kind=kind).pk) for kind in ("actor", "background"))
    answered(page, {"screens": {}})
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN)
    chosen = "() => document.querySelector('[data-select][aria-pressed=true]').dataset.select"
    assert page.evaluate(chosen) == actor
    page.keyboard.press("v")
    assert page.evaluate(chosen) == background
    page.keyboard.press("Shift+V")
    assert page.evaluate(chosen) == actor
    for key, dialog, ready in (("t", "#presets", "#preset-new"), ("o", "#copies", "#copies-body .empty")):
        page.keyboard.press(key)
        page.wait_for_selector(ready)
        page.keyboard.press("Escape")
        page.wait_for_selector(dialog, state="hidden")
    page.keyboard.press("n")
    page.keyboard.type("By keys")
    page.keyboard.press("Enter")
    page.wait_for_selector("#version-v001[data-state='building']")
    assert Version.objects.get().comment == "By keys"


def test_on_a_phone_nothing_is_wider_than_the_screen(shot, worker, sign_in):
    page = sign_in(make_cast(shot.production).vera, PHONE)
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN, 180)  # the engine starts, and may have kernels to compile
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
