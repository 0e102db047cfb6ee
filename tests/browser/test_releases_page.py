"""The cut and the release by hand: keys and dragging order the strip, three people sign and seal a real master."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from studio.media import storage
from studio.releases import snapshot
from studio.releases.models import Release
from tests.browser.conftest import PHONE, until
from tests.drain import drain_jobs
from tests.studio.releasing import make_head, make_stage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


@pytest.fixture
def stage(settings, tmp_path):
    settings.KEY_HOME = tmp_path / "keys"
    film, poster = DEMO / "demo_take_1.mp4", DEMO / "demo_take_1.png"
    return make_stage(3, ai=True, film=film, poster=poster, width=540, height=960, budget_minor=3_000_000)


def order(stage) -> list[str]:
    return [item.shot.path_code[-5:] for item in snapshot.cut_items(stage.episode)]


def picture(page, folder, name) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_the_strip_is_ordered_by_keys_and_by_dragging_and_trimmed_by_the_player(stage, sign_in, shots_folder):
    page = sign_in(stage.cast.eddie)
    page.goto(f"/p/{stage.production.slug}/EP01/cut/")
    picture(page, shots_folder, "cut_empty")
    page.get_by_role("button", name="Add 3 approved shots").click()
    cards = page.locator(".cutcard")
    expect(cards).to_have_count(3)
    page.locator("#cut-SC01_SH030").focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".toast").last).to_contain_text("moved")
    assert order(stage) == ["SH010", "SH030", "SH020"]
    expect(page.locator("#cut-SC01_SH030")).to_be_focused()
    cards.nth(2).drag_to(cards.nth(0), target_position={"x": 8, "y": 60})
    expect(cards.first).to_have_attribute("data-code", stage.shots[1].code)
    assert order(stage) == ["SH020", "SH010", "SH030"]

    page.goto(f"/p/{stage.production.slug}/EP01/cut/?shot=SC01_SH010")
    until(page, "document.querySelector('.cutdesk huo-player')?.dataset.frame === '0'")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    until(page, "document.querySelector('.cutdesk huo-player').dataset.frame === '2'")
    page.keyboard.press("i")
    expect(page.locator("#trim-first")).to_have_value("1003")
    page.get_by_role("button", name="Trim").click()
    expect(page.locator(".cutcard").nth(1)).to_contain_text("1003–1036")
    make_head(stage.shots[1], stage.cast)
    page.reload()
    expect(page.locator(".newer")).to_contain_text("plays v001; v002 is in review")
    picture(page, shots_folder, "cut")
    phone = sign_in(stage.cast.eddie, viewport=PHONE)
    phone.goto(f"/p/{stage.production.slug}/EP01/cut/")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(phone, shots_folder, "cut_phone")


@pytest.mark.slow
def test_a_blocked_gate_is_mended_and_three_people_seal_the_master(stage, sign_in, shots_folder):
    stage.cut()
    production, address = stage.production, f"/p/{stage.production.slug}/EP01/release/"
    type(production).objects.filter(pk=production.pk).update(filing_number="")
    page = sign_in(stage.cast.dan)
    page.goto(address)
    page.get_by_role("button", name="Prepare release 1").click()
    expect(page.locator(".verdict")).to_contain_text("1 check blocks")
    mend = page.locator("#check-filing").get_by_role("link", name="Production settings")
    assert mend.get_attribute("href") == f"/p/{production.slug}/settings/"
    picture(page, shots_folder, "release_blocked")
    type(production).objects.filter(pk=production.pk).update(filing_number="(沪)网微剧审字(2026)第001号")
    page.get_by_role("button", name="Check again").click()
    page.get_by_role("button", name="Make the master").click()
    expect(page.locator(".job")).to_contain_text("waiting for a worker")
    picture(page, shots_folder, "release_checking")
    drain_jobs()
    for name, button in (("kai", "Sign the master"), ("dan", "Sign the master"), ("priya", "Sign and seal")):
        page = sign_in(getattr(stage.cast, name))
        page.goto(address)
        page.get_by_role("button", name=button).click()
        if name == "dan":
            picture(page, shots_folder, "release_sign")
        page.locator("#confirm [data-yes]").click()
        expect(page.locator(".hands .state[data-state=approved]")).to_have_count({"kai": 1, "dan": 2, "priya": 3}[name])
    expect(page.locator(".verdict")).to_contain_text("Sealed on")
    release = Release.objects.get()
    assert release.state == "sealed" and release.measured["label_height_px"] >= 27
    expect(page.locator("#label-title ~ p").first).to_contain_text("AI-made")
    page.get_by_role("button", name="Verify").click()
    expect(page.locator(".job")).to_contain_text("waiting for a worker")
    drain_jobs()
    page.reload()
    expect(page.locator(".findings li[data-good=yes]")).to_have_count(9)
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile("Download")).click()
    assert saved.value.suggested_filename.endswith("EP01-release1.mp4")
    assert storage.sha256_of(saved.value.path()) == release.master_id
    page.wait_for_timeout(600)
    picture(page, shots_folder, "release_sealed")
    phone = sign_in(stage.cast.kai, viewport=PHONE)
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(phone, shots_folder, "release_phone")
