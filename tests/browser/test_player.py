"""The player shows the frame it names: read back from pixels, by seeking, stepping, playing, comparing."""

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from studio.comps.models import Version
from studio.productions.models import Shot
from tests.browser.clips import READ, coded_film
from tests.browser.conftest import until
from tests.cast import Cast, make_cast
from tests.factories import make_artefact, make_episode, make_production, make_scene, make_shot, make_version

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]
RATES = {"23.976": (24000, 1001), "24": (24, 1), "25": (25, 1), "29.97": (30000, 1001), "30": (30, 1)}
FRAMES = 49
PLAYER = "document.querySelector('huo-player')"
AT_REST = f"(p => !p.playing && !p.reel.running && p.aim === null)({PLAYER})"
BOTH_AT_REST = f"{AT_REST} && (c => c.reel && !c.reel.running && c.reel.drawn !== null)({PLAYER}.compare)"


def set_stage(folder: Path, rate: tuple[int, int] = (24, 1)) -> tuple[Shot, Cast]:
    production = make_production(fps_num=rate[0], fps_den=rate[1])
    cast = make_cast(production)
    return make_shot(make_scene(make_episode(production)), state="in_review", duration_frames=FRAMES), cast


def film(shot: Shot, folder: Path, **fields: Any) -> Any:
    production = shot.production
    path = coded_film(
        folder / f"{random.random()}.mp4", FRAMES, Fraction(production.fps_num, production.fps_den), **fields
    )
    return make_artefact(production, path, internal=False)


def in_review(shot: Shot, folder: Path, cast: Cast, **fields: Any) -> Version:
    fields = {"proxy": film(shot, folder), "state": "in_review"} | fields
    return make_version(shot, created_by=cast.cleo, frame_count=FRAMES, **fields)


def address(shot: Shot, version: str = "") -> str:
    return f"/p/{shot.production.slug}/EP01/{shot.path_code}/review/" + (f"{version}/" if version else "")


def open_player(page: Page, where: str) -> None:
    page.goto(where)
    until(page, "document.querySelector('huo-player')?.reel?.drawn === document.querySelector('huo-player').frame")


def shown(page: Page) -> int:
    """The number in the pixels of the film that is looked at."""
    return page.evaluate(f"({READ})(document.querySelector('huo-player').reel.element)")


def named(page: Page) -> tuple[int, int]:
    """(the frame the player holds, the frame its counter says, as an index)"""
    said = int(page.locator("[data-part=frame-field]").input_value()) - 1001
    return page.evaluate("document.querySelector('huo-player').frame"), said


def seek(page: Page, frame: int) -> None:
    page.evaluate(f"document.querySelector('huo-player').seek({frame})")


def settled(page: Page, frame: int) -> None:
    until(page, f"{AT_REST} && {PLAYER}.frame === {frame}")


@pytest.mark.parametrize("rate", RATES.values(), ids=RATES.keys())
def test_the_frame_named_is_the_frame_shown(sign_in, tmp_path, rate):
    shot, cast = set_stage(tmp_path, rate)
    in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    chance = random.Random(sum(rate))
    for frame in [0, FRAMES - 1, 12, 11, 13, *(chance.randrange(FRAMES) for _ in range(20))]:
        seek(page, frame)
        assert (shown(page), *named(page)) == (frame, frame, frame)
    seek(page, 20)
    for key, step in (
        [("ArrowRight", 1)] * 6 + [("ArrowLeft", -1)] * 8 + [("Shift+ArrowRight", 10), ("Shift+ArrowLeft", -10)]
    ):
        expected = min(FRAMES - 1, max(0, named(page)[0] + step))
        page.keyboard.press(key)
        settled(page, expected)
        assert (shown(page), named(page)[1]) == (expected, expected)
    for key, expected in (("End", FRAMES - 1), ("Home", 0)):
        page.keyboard.press(key)
        settled(page, expected)
        assert shown(page) == expected


def test_playing_pausing_and_shuttling_end_on_the_frame_that_is_named(sign_in, tmp_path):
    shot, cast = set_stage(tmp_path, (30000, 1001))
    in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    for keys in (["l"], [" "], ["l", "l"], ["j"], ["j", "j"]):
        seek(page, 24)
        for key in keys:
            page.keyboard.press(key)
        speed = page.evaluate("document.querySelector('huo-player').speed")
        assert speed == {"l": 1, " ": 1, "ll": 2, "j": -1, "jj": -2}["".join(keys)]
        way = "<" if speed < 0 else ">"
        until(page, f"document.querySelector('huo-player').frame {way} 24")
        page.keyboard.press("k")
        until(page, AT_REST)
        frame, said = named(page)
        assert shown(page) == frame == said


def test_in_and_out_hold_the_loop(sign_in, tmp_path):
    shot, cast = set_stage(tmp_path)
    in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    seek(page, 20)
    page.keyboard.press("i")
    seek(page, 26)
    page.keyboard.press("o")
    assert (
        page.locator("[data-part=in]").inner_text() == "1021" and page.locator("[data-part=out]").inner_text() == "1027"
    )
    page.evaluate(
        """() => { const p = document.querySelector('huo-player'); window.seen = [];
        p.addEventListener('huo:frame', (event) => window.seen.push(event.detail.frame));
        p.seek(20).then(() => p.play(1)); }"""
    )
    until(page, "window.seen.filter((frame, i) => i && frame < window.seen[i - 1]).length >= 2")
    page.keyboard.press("k")
    seen = page.evaluate("window.seen")
    assert min(seen) >= 20
    assert max(seen) <= 28, "a frame may slip through before the jump, no more"
    page.keyboard.press("p")
    assert page.locator("[data-part=out]").inner_text() == "–"


def test_a_typed_frame_a_step_and_a_timecode_are_gone_to(sign_in, tmp_path):
    shot, cast = set_stage(tmp_path)
    in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    open_player(page, address(shot))
    field = page.locator("[data-part=frame-field]")
    for typed, expected in (
        ("1030", 29),
        ("-5", 24),
        ("+3", 27),
        ("00:00:01:10", 34),
        ("9999", FRAMES - 1),
        ("nonsense", FRAMES - 1),
    ):
        field.fill(typed)
        field.press("Enter")
        settled(page, expected)
        assert shown(page) == expected
        assert named(page) == (expected, expected)
    assert page.locator("[data-part=timecode]").inner_text() == "00:00:02:00"


def test_views_and_versions_keep_the_frame_and_compare_holds_both_on_it(sign_in, tmp_path):
    shot, cast = set_stage(tmp_path)
    old = in_review(shot, tmp_path, cast, state="superseded", proxy=film(shot, tmp_path, first=100))
    in_review(shot, tmp_path, cast, matte=film(shot, tmp_path, first=200, tint=10))
    page = sign_in(cast.dan)
    open_player(page, address(shot, "v002"))
    seek(page, 17)
    page.keyboard.press("m")
    until(page, "document.querySelector('[data-view=matte]').ariaSelected === 'true'")
    until(
        page, "document.querySelector('huo-player').reel.src.length && !document.querySelector('huo-player[aria-busy]')"
    )
    assert shown(page) == 217
    page.keyboard.press("1")
    until(page, "!document.querySelector('huo-player[aria-busy]')")
    assert shown(page) == 17
    other = f"({READ})(document.querySelector('huo-player').compare.reel.element)"
    for key in ("w", "b", "x"):
        page.keyboard.press(key)
        until(page, BOTH_AT_REST)
        for frame in (30, 31, 5):
            seek(page, frame)
            until(page, BOTH_AT_REST)
            assert (shown(page), page.evaluate(other)) == (frame, 100 + frame)
        page.keyboard.press("l")
        until(page, "document.querySelector('huo-player').frame > 12")
        page.keyboard.press("k")
        until(page, "document.querySelector('huo-player').aim === null")
        until(page, BOTH_AT_REST)
        assert page.evaluate(other) - 100 == shown(page) == named(page)[0]
    page.locator("[data-part=strip]").click(position={"x": 200, "y": 30})
    until(page, BOTH_AT_REST)
    frame = named(page)[0]
    page.locator(".rail a").nth(1).click()
    page.wait_for_url(f"**/{old.name}/?frame={frame + 1001}")
    until(page, "document.querySelector('huo-player')?.reel?.drawn > 0")
    assert shown(page) == 100 + frame


def test_a_vanished_film_says_so_and_can_be_tried_again(sign_in, tmp_path):
    shot, cast = set_stage(tmp_path)
    in_review(shot, tmp_path, cast)
    page = sign_in(cast.dan)
    page.route("**/media/**", lambda route: route.abort())
    page.goto(address(shot))
    page.get_by_text("This film can't be shown").wait_for()
    page.unroute("**/media/**")
    page.get_by_role("button", name="Try again").click()
    until(page, "document.querySelector('huo-player').reel.drawn === 0")
    assert shown(page) == 0
