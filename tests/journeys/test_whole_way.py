"""The whole way, as people walk it: from a green-screen upload to a sealed, labelled episode."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from compositing.io.provenance import ANCHOR, read_manifest
from compositing.io.verify import verify_media
from tests.browser.conftest import chromium
from tests.journeys.stage import Stage, shown, until
from tests.running import ROOT

pytestmark = pytest.mark.journey
TAKES = {"SC01_SH010": ROOT / "fixtures/demo/demo_take_1.mp4", "SC01_SH020": ROOT / "fixtures/demo/demo_take_2.mp4"}
FRAMES = 36


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with chromium() as browser, Stage(tmp_path_factory.mktemp("whole way") / "home", browser) as made:
        yield made


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture from outside: soft lights in the dark, as a stranger's model might have drawn them."""
    rng = np.random.default_rng(7)
    picture = np.zeros((960, 540, 3), np.float32)
    for _ in range(60):
        centre = (int(rng.integers(0, 540)), int(rng.integers(0, 960)))
        cv2.circle(picture, centre, int(rng.integers(8, 50)), rng.uniform(30, 220, 3).tolist(), -1)
    path = tmp_path_factory.mktemp("plates") / "夜景 night.png"
    cv2.imencode(".png", cv2.GaussianBlur(picture, (0, 0), 14).astype(np.uint8))[1].tofile(str(path))
    return path


def yes(page: Any) -> None:
    page.locator("#confirm [data-yes]").click()


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def url(shot: str, tail: str = "") -> str:
    return f"/p/rain/EP01/{shot}/{tail}"


def test_from_a_green_screen_upload_to_a_sealed_episode(stage: Stage, plate: Path) -> None:
    for shot, film in TAKES.items():
        eddie_sends_a_take_and_it_is_measured(stage, shot, film)
        dan_circles_it(stage, shot)
    ana_brings_a_plate_declared_ai_made(stage, "SC01_SH010", plate)
    ana_draws_a_plate_by_rule(stage, "SC01_SH020")
    for shot in TAKES:
        cleo_renders_a_version(stage, shot)
    dan_asks_for_a_change_and_a_stale_page_cannot_approve(stage, "SC01_SH010")
    for shot in TAKES:
        dan_approves(stage, shot)
    dan_cuts(stage)
    the_gate_blocks_until_the_papers_are_there(stage)
    film = kai_makes_the_master_and_three_hands_seal_it(stage)
    the_bytes_say_what_the_books_say(stage, film)
    a_changed_copy_is_found_out(stage, film)
    assert stage.ask("ledger.verify(Production.objects.get(slug='rain').pk)") == []
    assert stage.faults == []


def eddie_sends_a_take_and_it_is_measured(stage: Stage, shot: str, film: Path) -> None:
    page = stage.page("eddie")
    page.goto(url(shot, "takes/"))
    page.set_input_files("huo-upload input[type=file]", str(film))
    shown(page.locator(".take"), "ready", 90)
    text = page.locator(".take").first.inner_text()
    assert "540 × 960" in text and "green" in text and "aac" in text
    stage.look(page, f"takes_{shot}")
    assert stage.ask(f"Take.objects.get(shot__code='EP01_{shot}').artefact_id") == sha256(film)
    assert stage.ask(f"Take.objects.get(shot__code='EP01_{shot}').frame_count") == FRAMES


def dan_circles_it(stage: Stage, shot: str) -> None:
    page = stage.page("dan")
    page.goto(url(shot, "takes/"))
    page.get_by_role("button", name="Circle this take").click()
    shown(page.locator(".take"), "circled")
    page.goto(url(shot))
    shown(page.locator("#layers"), "captured")


def draws_page(stage: Stage, page: Any, shot: str) -> None:
    layer = stage.ask(f"Layer.objects.get(shot__code='EP01_{shot}', kind='background').pk")
    page.goto(url(shot, f"draws/{layer}/"))


def ana_brings_a_plate_declared_ai_made(stage: Stage, shot: str, plate: Path) -> None:
    page = stage.page("ana")
    draws_page(stage, page, shot)
    page.locator("details.plate > summary").click()
    page.select_option("#plate-origin", "generated")
    page.set_input_files("huo-upload input[type=file]", str(plate))
    shown(page.locator("huo-upload"), "licence")  # refused: nothing was declared yet, and the file is not lost
    page.fill("#plate-licence", "CC0")
    page.fill("#plate-source", "outside model, seed 7")
    page.locator("huo-upload").get_by_role("button", name="Try again").click()
    shown(page.locator(".draw[data-state=promoted]"), "AI-generated", 60)
    stage.look(page, "plate_ai")
    element = f"Layer.objects.get(shot__code='EP01_{shot}', kind='background').element"
    assert stage.ask(f"[{element}.ai_made, {element}.licence, {element}.artefact_id]") == [True, "CC0", sha256(plate)]


def ana_draws_a_plate_by_rule(stage: Stage, shot: str) -> None:
    page = stage.page("ana")
    draws_page(stage, page, shot)
    if not page.locator("[data-family='procedural-office']").is_visible():
        page.locator("details.chooser > summary").click()
    page.locator("[data-family='procedural-office']").click()
    form = page.locator("form.ask:not([hidden])")
    form.locator("input[name=count]").fill("2")
    form.get_by_role("button", name="Draw drafts").click()
    until(lambda: page.locator("li.draw[data-state=done]").count() == 2, "two drafts are drawn", 120)
    page.locator("li.draw[data-state=done]").first.locator("[data-act=use] button").click()
    shown(page.locator(".draw[data-state=promoted]"), "procedural", 120)
    assert "AI" not in page.locator(".draw[data-state=promoted]").inner_text()
    stage.look(page, "plate_office")
    element = f"Layer.objects.get(shot__code='EP01_{shot}', kind='background').element"
    assert stage.ask(f"[{element}.origin, {element}.ai_made]") == ["procedural", False]


def cleo_renders_a_version(stage: Stage, shot: str, number: int = 1) -> None:
    page = stage.page("cleo")
    page.goto(url(shot, "comp/"))
    until(
        lambda: page.evaluate("document.querySelector('#comp-still')?.naturalWidth > 0"), "the live still is there", 60
    )
    if number > 1:
        page.get_by_role("slider", name="Despill").first.press("ArrowLeft")
    page.locator(".comp-mode:has([value=fast]) b").click()
    page.get_by_label("Submit for review when done").check()
    page.get_by_role("button", name="Render a version").click()
    name = f"v{number:03d}"
    state = f"Version.objects.filter(shot__code='EP01_{shot}', number={number}).values_list('state', flat=True).first()"
    until(lambda: stage.ask(state) in ("in_review", "failed"), f"{shot} {name} is rendered", 180)
    assert stage.ask(state) == "in_review"
    shown(page.locator("body"), "in review")
    stage.look(page, f"comp_{shot}_{name}")
    version = f"Version.objects.get(shot__code='EP01_{shot}', number={number})"
    assert stage.ask(f"{version}.frame_count") == FRAMES
    master = Path(stage.ask(f"storage.path_of({version}.master_id)"))
    assert sha256(master) == stage.ask(f"{version}.master_id")


def dan_asks_for_a_change_and_a_stale_page_cannot_approve(stage: Stage, shot: str) -> None:
    page = stage.page("dan")
    page.goto(url(shot, "review/"))
    shown(page.locator("#decision"), "Approve v001")
    board = stage.page("priya")  # looks at the board all the while, and touches nothing
    board.goto("/p/rain/EP01/")
    shown(board.locator(".shotcard").first, "v001")
    page.fill("#note-text", "绿边 green left in the flyaways")
    page.locator("#composer input[name=must]").check()
    page.get_by_role("button", name="Send").click()
    shown(page.locator("#notes"), "green left")
    cleo_renders_a_version(stage, shot, 2)  # while Dan still looks at v001
    shown(board.locator(".shotcard").first, "v002")
    version = f"Version.objects.get(shot__code='EP01_{shot}', number=1).state"
    # The page may take the button away by itself at any moment: it is pressed in one turn of the page, or is gone.
    page.evaluate("[...document.querySelectorAll('button')].find(b => b.textContent.includes('Approve v001'))?.click()")
    page.wait_for_timeout(1500)
    assert stage.ask(version) == "superseded"
    assert stage.ask(f"Decision.objects.filter(shot__code='EP01_{shot}').count()") == 0
    cleo_says_it_is_addressed_and_dan_verifies(stage, shot)


def cleo_says_it_is_addressed_and_dan_verifies(stage: Stage, shot: str) -> None:
    cleo, dan = stage.page("cleo"), stage.page("dan")
    cleo.goto(url(shot, "review/"))
    cleo.locator("#notes").get_by_role("button", name="Answered in").first.click()
    shown(cleo.locator("#notes"), "answered in v002")
    dan.goto(url(shot, "review/"))
    dan.locator("#notes").get_by_role("button", name="Verify").first.click()
    until(lambda: stage.ask(f"Note.objects.get(shot__code='EP01_{shot}').state") == "verified", "the note is verified")


def dan_approves(stage: Stage, shot: str) -> None:
    page = stage.page("dan")
    page.goto(url(shot, "review/"))
    stage.look(page, f"review_{shot}")
    head = f"Version.objects.filter(shot__code='EP01_{shot}').order_by('-number').first()"
    name = stage.ask(f"{head}.name")
    page.get_by_role("button", name=f"Approve {name}").click()
    shown(page.locator("#decision"), "approved")
    assert stage.ask(f"{head}.state") == "approved"
    decided = f"Decision.objects.get(shot__code='EP01_{shot}')"
    assert stage.ask(f"[{decided}.media_sha256, {decided}.actor.name]") == [stage.ask(f"{head}.master_id"), "Dan Osei"]


def dan_cuts(stage: Stage) -> None:
    page = stage.page("dan")
    page.goto("/p/rain/EP01/cut/")
    page.get_by_role("button", name="Add 2 approved shots").click()
    until(lambda: stage.ask("CutItem.objects.count()") == 2, "both shots are in the cut")
    stage.look(page, "cut")
    assert stage.ask("list(Shot.objects.order_by('order').values_list('state', flat=True))") == ["in_cut", "in_cut"]


def the_gate_blocks_until_the_papers_are_there(stage: Stage) -> None:
    kai, priya = stage.page("kai"), stage.page("priya")
    kai.goto("/p/rain/EP01/release/")
    kai.get_by_role("button", name="Prepare release 1").click()
    shown(kai.locator("#check-filing"), "no filing number")
    assert kai.locator("#check-filing a").count() and kai.locator("#check-producer_code[data-state=block]").count()
    assert kai.get_by_role("button", name="Make the master").count() == 0
    stage.look(kai, "release_blocked")
    shown(kai.locator(".releasepage"), "1 layer is AI-made")
    priya.goto("/p/rain/settings/")
    priya.fill("[name=filing_number]", "(京)网微剧审字(2026)第0421号")
    priya.fill("[name=content_producer]", "00119111000000000000X100001")
    priya.get_by_role("button", name="Save").click()
    kai.get_by_role("button", name="Make the master").wait_for()  # the open page hears of it


def kai_makes_the_master_and_three_hands_seal_it(stage: Stage) -> Path:
    kai = stage.page("kai")
    kai.get_by_role("button", name="Make the master").click()
    state = "Release.objects.get().state"
    ended = "Release.objects.get().master_id or Release.objects.get().error"
    until(lambda: stage.ask(ended), "the master is made", 240)
    assert stage.ask(state) == "ready", stage.ask("[Release.objects.get().error, Release.objects.get().checks]")
    shown(kai.locator(".releasepage"), "0 of 3 have signed")
    stage.look(kai, "release_ready")
    for name in ("priya", "dan", "kai"):
        page = stage.page(name)
        page.goto("/p/rain/EP01/release/1/")
        page.get_by_role("button", name="Sign").click()
        yes(page)
        signed = f"Signature.objects.filter(signer__email='{name}@huo.test').count()"
        until(lambda signed=signed: stage.ask(signed) == 1, f"{name} has signed")
    shown(kai.locator(".releasepage"), "Sealed on")
    stage.look(kai, "release_sealed")
    assert stage.ask(state) == "sealed"
    assert stage.ask("list(Shot.objects.values_list('state', flat=True))") == ["released", "released"]
    return Path(stage.ask("storage.path_of(Release.objects.get().master_id)"))


def the_bytes_say_what_the_books_say(stage: Stage, film: Path) -> None:
    books = stage.ask("[Release.objects.get().master_id, Production.objects.get(slug='rain').content_producer]")
    seen = verify_media(film)
    assert seen["sha256"] == books[0] == sha256(film)
    assert (seen["frame_count"], seen["width"], seen["height"]) == (2 * FRAMES, 540, 960)
    assert seen["frame_count"] * seen["fps_den"] >= 3 * seen["fps_num"], "an episode of at least 3 s"
    assert seen["audio"] and seen["corrupt_frames"] == []
    assert seen["label"]["height_px"] >= 27 and seen["label"]["frames"] >= 48  # 5 % of 540 px, 2 s of 24 frames
    assert seen["aigc"]["Label"] == "1" and seen["aigc"]["ContentProducer"] == books[1]
    manifest = read_manifest(film, stage.studio.home / "keys" / "c2pa" / ANCHOR)
    assert manifest["valid"] and manifest["trusted"]
    said = stage.manage("verify_release", str(film))
    assert "is what the books say it is" in said.stdout


def a_changed_copy_is_found_out(stage: Stage, film: Path) -> None:
    copy = film.parent.parent / "copy.mp4"
    data = bytearray(film.read_bytes())
    data[len(data) // 2] ^= 1
    copy.write_bytes(data)
    said = stage.manage("verify_release", str(copy), may_fail=True)
    copy.unlink()
    assert said.returncode != 0 and "does not agree with the books" in said.stderr + said.stdout
