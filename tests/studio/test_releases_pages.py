"""What people see and press on the cut's and the release's pages, and what scripts get."""

import json
import re

import pytest

from studio.productions.models import Production
from studio.releases import services
from studio.releases.models import CutItem, Release
from tests.studio.releasing import Stage, approve, make_head, make_stage
from tests.studio.test_releases import sign, with_master

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def stage() -> Stage:
    return make_stage(2)


@pytest.fixture
def cut(stage) -> str:
    return f"/p/{stage.production.slug}/EP01/cut/"


@pytest.fixture
def page(stage) -> str:
    return f"/p/{stage.production.slug}/EP01/release/"


def words(response) -> str:
    assert response.status_code == 200, response.content.decode()[:400]
    return re.sub(r"\s+", " ", response.content.decode())


def test_an_empty_cut_offers_its_approved_shots_and_takes_them_all(client, stage, cut):
    client.force_login(stage.cast.eddie)
    assert "The cut is empty" in words(client.get(cut)) and "Add 2 approved shots" in words(client.get(cut))
    shown = words(client.post(f"{cut}add/", headers={"HX-Request": "true"}))
    assert 'id="cutpage"' in shown and "1001–1036" in shown and "<html" not in shown
    assert "72" in words(client.get(cut)) and "The cut is empty" not in words(client.get(cut))


def test_trimming_speaks_the_productions_frames(client, stage, cut):
    stage.cut()
    client.force_login(stage.cast.eddie)
    client.post(f"{cut}SC01_SH020/trim/", {"first": 1005, "last": 1010})
    item = CutItem.objects.get(shot=stage.shots[1])
    assert (item.frame_in, item.frame_out) == (4, 9)
    refused = client.post(f"{cut}SC01_SH020/trim/", {"first": 1005, "last": 2000}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "1001 to 1036" in refused.content.decode()


def test_a_newer_version_is_warned_of_and_taken_with_one_press(client, stage, cut):
    stage.cut()
    newer = make_head(stage.shots[0], stage.cast)
    client.force_login(stage.cast.eddie)
    assert "plays v001; v002 is in review" in words(client.get(cut))
    approve(stage.cast, newer)
    assert "Take v002" in words(client.get(cut))
    shown = words(client.post(f"{cut}SC01_SH010/take/", headers={"HX-Request": "true"}))
    assert "Take v002" not in shown and CutItem.objects.get(shot=stage.shots[0]).version == newer


def test_a_move_can_be_undone_from_its_toast(client, stage, cut):
    stage.cut()
    client.force_login(stage.cast.eddie)
    moved = client.post(f"{cut}move/", {"shot": stage.shots[1].code, "after": ""}, headers={"HX-Request": "true"})
    undo = json.loads(moved.headers["HX-Trigger"])["toast"]["undo"]
    assert client.post(undo, headers={"HX-Request": "true"}).status_code == 200
    assert [row["shot"] for row in services.create(actor=stage.cast.dan, episode=stage.episode).items] == [
        shot.code for shot in stage.shots
    ]


def test_who_may_not_cut_sees_no_buttons_and_a_guest_nothing(client, stage, cut, page):
    stage.cut()
    client.force_login(stage.cast.cleo)
    assert "Take out of the cut" not in words(client.get(cut)) and client.post(f"{cut}add/").status_code == 403
    client.force_login(stage.cast.gus)
    assert client.get(cut).status_code == client.get(page).status_code == 403
    client.force_login(stage.cast.otto)
    assert client.get(cut).status_code == client.get(page).status_code == 404


def test_a_blocked_release_says_what_blocks_links_to_it_and_is_waived_by_the_right_hand(client, stage, page):
    stage.cut()
    Production.objects.filter(pk=stage.production.pk).update(filing_number="")
    client.force_login(stage.cast.dan)
    assert "Prepare release 1" in words(client.get(page))
    client.post(f"{page}new/")
    shown = words(client.get(page))
    assert "1 check blocks" in shown and "The production has no filing number yet" in shown
    assert f"/p/{stage.production.slug}/settings/" in shown and "Waive with a reason" not in shown
    assert "Make the master" not in shown
    client.force_login(stage.cast.kai)
    found = next(one for one in Release.objects.get().checks if one["code"] == "filing")
    sent = {"code": "filing", "fingerprint": found["fingerprint"], "reason": "On its way."}
    client.post(f"{page}1/waive/", sent)
    shown = words(client.get(page))
    assert "Waived by Kai 林凯: On its way." in shown and "Make the master" in shown


def test_the_page_follows_a_paper_that_came_after_the_check(client, stage, page):
    stage.cut()
    Production.objects.filter(pk=stage.production.pk).update(filing_number="")
    release = stage.release()
    Production.objects.filter(pk=stage.production.pk).update(filing_number="X-1")
    client.force_login(stage.cast.dan)
    assert "Nothing blocks" in words(client.get(page))
    release.refresh_from_db()
    assert release.state == "draft" and release.inputs["filing_number"] == "X-1"


def test_the_three_sign_on_the_page_and_the_sealed_page_lists_it_all(client, stage, page):
    stage.cut()
    release = with_master(stage)
    for number, name in enumerate(("kai", "dan", "priya")):
        client.force_login(getattr(stage.cast, name))
        shown = words(client.get(page))
        assert (
            f"{number} of 3 have signed" in shown and ("Sign and seal" if number == 2 else "Sign the master") in shown
        )
        stale = client.post(f"{page}1/sign/", {"master": "0" * 64}, headers={"HX-Request": "true"})
        assert stale.status_code == 409
        client.post(f"{page}1/sign/", {"master": release.master_id})
    shown = words(client.get(f"{page}1/"))
    assert "Sealed on" in shown and str(release.master_id) in shown and "only who has its anchor" in shown
    assert "Priya Rao" in shown and "Dan Osei" in shown and "Prepare release 2" in shown
    address = re.search(r'href="(/p/[^"]+/media/[^"]+download=[^"]+)"', shown)
    assert address is not None
    saved = client.get(address[1])
    assert (
        "attachment" in saved.headers["Content-Disposition"] and saved.headers["ETag"].strip('"') == release.master_id
    )


def test_an_editor_is_offered_no_signature(client, stage, page):
    stage.cut()
    with_master(stage)
    client.force_login(stage.cast.eddie)
    assert "Sign the master" not in words(client.get(page))


# Scripts


@pytest.fixture
def api(client, stage):
    base = f"/api/v1/productions/{stage.production.slug}/episodes/EP01"

    def call(method: str, path: str, **body):
        send = getattr(client, method)
        return (
            send(f"{base}{path}", json.dumps(body), content_type="application/json") if body else send(f"{base}{path}")
        )

    client.force_login(stage.cast.dan)
    return call


def test_a_script_cuts_releases_and_signs(api, client, stage):
    assert api("post", "/cut", act="add_all").json()["frames"] == 72
    code = stage.shots[0].code
    edited = api("post", "/cut", act="trim", shot=code, frame_in=2, frame_out=11).json()
    assert [item["frames"] for item in edited["items"]] == [10, 36]
    assert api("post", "/cut", act="fly", shot=code).status_code == 422
    api("post", "/cut", act="trim", shot=code)
    made = api("post", "/releases")
    assert made.status_code == 201 and made.json()["state"] == "draft" and made.json()["frames"] == 72
    assert api("post", "/releases").status_code == 409
    assert api("post", "/releases/1/conform").status_code == 202
    assert api("get", "/releases/1").json()["state"] == "checking"
    assert api("get", "/releases/1/verify").status_code == 404


def test_a_script_gets_a_sealed_release_with_its_hands(api, stage):
    stage.cut()
    release = with_master(stage)
    assert api("post", "/releases/1/sign", master="0" * 64).status_code in (404, 409)
    assert api("post", "/releases/1/sign", master=release.master_id).status_code == 200
    sign(stage, release, "priya", "kai")
    got = api("get", "/releases/1").json()
    assert got["state"] == "sealed" and {row["role"] for row in got["signatures"]} == {
        "producer",
        "director",
        "compliance",
    }
    assert api("post", "/releases/1/publish").status_code == 403
