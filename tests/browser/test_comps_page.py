"""The comp page under a hand: the picture follows, settings are saved and undone, a version is rendered."""

import queue
import threading

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
    page.click("#comp-start button[type=submit]")
    page.wait_for_selector("#comp-start .error-here")
    assert "v001 is being rendered" in page.inner_text("#comp-start .error-here")
    drain_jobs()
    page.reload()
    page.wait_for_selector("#version-v001[data-state='in_review']")
    assert Version.objects.get().comment == "All automatic"
    assert page.is_enabled("#comp-compare")


def test_on_a_phone_nothing_is_wider_than_the_screen(shot, worker, sign_in):
    page = sign_in(make_cast(shot.production).vera, PHONE)
    page.goto(f"/p/{shot.production.slug}/EP01/{shot.path_code}/comp/")
    until(page, SHOWN, 180)  # the engine starts, and may have kernels to compile
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
