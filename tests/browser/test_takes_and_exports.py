"""The takes page tells what was found; the comp page hands a foreground out: by hand, on a desk and on a phone."""

import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from studio.comps.models import Export, Version
from tests.browser.conftest import PHONE
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.studio.comps_footage import make_filled_shot, write_footage
from tests.studio.test_takes_found import MEDIA, png, sent

pytestmark = [pytest.mark.journey, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def picture(page, folder, name) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def address(shot, tail: str) -> str:
    episode, path = shot.code.split("_", 1)
    return f"/p/{shot.production.slug}/{episode}/{path}/{tail}/"


def test_takes_say_what_was_found_and_a_foreground_is_handed_out(tmp_path: Path, sign_in, shots_folder):
    shot = make_filled_shot(*write_footage(tmp_path))
    cast = make_cast(shot.production)
    with zipfile.ZipFile(tmp_path / "take.zip", "w") as box:
        for number in (1001, 1002, 1004, 1005):
            box.writestr(f"A003/A003.{number}.png", png(shade=number - 1001))
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as box:
        box.writestr("../p.1.png", png())
    for path, name in (
        (MEDIA / "corrupt.mp4", "A001_C001.mp4"), (MEDIA / "landscape_5994.mp4", "A002_C001.mp4"),
        (tmp_path / "take.zip", "A003.zip"), (tmp_path / "bad.zip", "A004.zip"),
    ):  # fmt: skip
        sent(shot, cast, path, name)
    drain_jobs(may_fail=True)
    page = sign_in(cast.cleo)
    page.goto(address(shot, "takes"))
    for words in ("whole frame before it is held", "1 of every 2", "Missing pictures: 1003", "A004.zip holds a file"):
        expect(page.locator("#takes")).to_contain_text(words if words != "1 of every 2" else "59.94 becomes 24")
    picture(page, shots_folder, "takes_found")
    phone = sign_in(cast.cleo, viewport=PHONE)
    phone.goto(address(shot, "takes"))
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(phone, shots_folder, "takes_found_phone")

    page.goto(address(shot, "comp"))
    page.get_by_role("button", name="Render a version").click()
    expect(page.locator("#version-v001")).to_be_visible()
    drain_jobs()
    assert Version.objects.get().master_id
    page.reload()
    row = page.locator("#version-v001 .comp-exports")
    row.locator("summary").click()
    picture(page, shots_folder, "exports_before")
    row.get_by_role("button", name="EXR pictures").click()
    expect(page.locator("#version-v001 .job")).to_contain_text("Export the foreground")
    picture(page, shots_folder, "exports_waiting")
    drain_jobs()
    page.reload()
    row = page.locator("#version-v001 .comp-exports")
    row.locator("summary").click()
    with page.expect_download() as fetched:
        row.get_by_role("link", name="EXR pictures").click()
    assert fetched.value.suggested_filename == Export.objects.get().filename
    picture(page, shots_folder, "exports_done")
    phone.goto(address(shot, "comp"))
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.locator("#version-v001 .comp-exports summary").click()
    picture(phone, shots_folder, "exports_phone")
