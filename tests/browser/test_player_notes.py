"""Notes and drawings beside the player, and a decision that a changed version refuses: as people do it."""

from pathlib import Path

import pytest

from studio.comps.models import Version
from studio.reviews import services
from studio.reviews.models import Annotation, Decision, Note
from tests.browser.conftest import PHONE, until
from tests.browser.test_player import AT_REST, PLAYER, address, film, in_review, open_player, seek, set_stage, shown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]


def strokes(page) -> int:
    return page.locator("huo-annotate path").count()


def test_a_note_is_drawn_and_written_on_a_frame_and_found_there_again(sign_in, tmp_path: Path):
    shot, cast = set_stage(tmp_path)
    in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    seek(page, 30)
    page.keyboard.press("d")
    box = page.locator("[data-part=frame]").bounding_box()
    for height in (0.3, 0.5):
        page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * height)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * height, steps=8)
        page.mouse.up()
    assert strokes(page) == 2
    page.keyboard.press("Control+z")
    assert strokes(page) == 1
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("n")
    page.keyboard.type("Green in the flyaways")
    page.get_by_label("must", exact=True).check()
    page.locator("#note-text").press("Control+Enter")
    page.locator(".note .text", has_text="Green in the flyaways").wait_for()
    row = Note.objects.get()
    assert (row.frame_in, row.frame_out, row.must) == (30, 30, True)
    drawing = Annotation.objects.get()
    points = drawing.strokes[0]["points"]
    assert drawing.frame == 30 and abs(points[0][0] - 200) < 8 and abs(points[-1][0] - 800) < 8
    assert all(abs(y - 300) < 8 for _x, y in points)
    assert page.locator("#note-text").input_value() == "" and strokes(page) == 1
    page.keyboard.press("Escape")
    seek(page, 29)
    assert strokes(page) == 0
    page.locator(".mark").click()
    until(page, f"{AT_REST} && {PLAYER}.frame === 30")
    assert strokes(page) == 1 and shown(page) == 30
    seek(page, 3)
    page.get_by_role("button", name="Go to frame 1031").click()
    until(page, f"{AT_REST} && {PLAYER}.frame === 30")


def test_in_and_out_give_the_note_its_range(sign_in, tmp_path: Path):
    shot, cast = set_stage(tmp_path)
    version = in_review(shot, tmp_path, cast)
    page = sign_in(cast.vera)
    open_player(page, address(shot))
    for frame, key in ((20, "i"), (43, "o")):
        seek(page, frame)
        page.keyboard.press(key)
    layer = version.version_layers.first()
    page.locator("#note-layer").select_option(label=layer.name)
    page.locator("#note-text").fill("They walk in step")
    page.get_by_role("button", name="Send", exact=True).first.click()
    page.get_by_role("button", name="Go to frame 1021").wait_for()
    row = Note.objects.get()
    assert (row.frame_in, row.frame_out, row.layer_id) == (20, 43, layer.layer_id)


def test_a_page_that_went_stale_is_refused_where_the_hand_is(sign_in, tmp_path: Path):
    shot, cast = set_stage(tmp_path)
    version = in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    Version.objects.filter(pk=version.pk).update(master=film(shot, tmp_path, first=300))
    page.get_by_role("button", name="Approve v001").click()
    page.locator("#decision").get_by_text("changed since you looked").wait_for()
    assert not Decision.objects.exists()
    page.reload()
    until(page, AT_REST)
    page.get_by_role("button", name="Approve v001").click()
    page.locator("#decision .state[data-state=approved]").wait_for()
    assert Decision.objects.get().media_sha256 == Version.objects.get().master_id


def test_the_player_survives_what_the_page_fetches_anew(sign_in, tmp_path: Path):
    shot, cast = set_stage(tmp_path)
    version = in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    page.evaluate(f"window.film = {PLAYER}.reel.element; {PLAYER}.play(1)")
    services.add_note(actor=cast.vera, version=version, text="From elsewhere", frame_in=5)
    page.evaluate("for (const id of ['notes', 'decision']) window.htmx.trigger(document.getElementById(id), 'live')")
    page.locator(".note .text", has_text="From elsewhere").wait_for()
    assert page.evaluate(f"window.film === {PLAYER}.reel.element && !window.film.paused")
    assert page.locator(".mark").count() == 1


def test_on_a_phone_the_player_comes_first_and_every_target_fits_a_thumb(sign_in, tmp_path: Path):
    shot, cast = set_stage(tmp_path)
    version = in_review(shot, tmp_path, cast)
    services.add_note(actor=cast.dan, version=version, text="More rain?", frame_in=5, internal=False)
    page = sign_in(cast.gus, PHONE)
    open_player(page, address(shot))
    player, notes = page.locator("huo-player").bounding_box(), page.locator("#notes").bounding_box()
    assert player["y"] + player["height"] <= notes["y"] + 1
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    small = page.evaluate(
        """() => ['.player-controls button', '.player .tab', '.composer button', '.noteacts .btn', '.place .btn']
        .flatMap((kind) => [...document.querySelectorAll(kind)]).filter((one) => one.offsetParent)
        .map((one) => [one.getAttribute('aria-label') || one.textContent.trim(), one.offsetHeight])
        .filter(([, height]) => height < 44)"""
    )
    assert small == []
    page.get_by_role("button", name="One frame on").tap()
    until(page, f"{AT_REST} && {PLAYER}.frame === 1")
