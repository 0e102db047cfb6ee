"""The review pages and their API: what they show, to whom, and what a stale one may not do."""

import json
from typing import Any

import pytest

from studio.comps.models import Version
from studio.comps.services import submit_for_review
from studio.productions.models import Membership, Shot
from studio.reviews import services
from studio.reviews.models import Decision, Note
from studio.reviews.seen import Seen
from tests.cast import Cast, make_cast
from tests.factories import make_artefact, make_shot, make_version

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def shot() -> Shot:
    return make_shot(state="in_work")


@pytest.fixture
def cast(shot: Shot) -> Cast:
    return make_cast(shot.production)


@pytest.fixture
def version(shot: Shot, cast: Cast) -> Version:
    return submitted(shot, cast)


def submitted(shot: Shot, cast: Cast, **fields: Any) -> Version:
    fields = {"proxy": make_artefact(shot.production)} | fields
    return submit_for_review(actor=cast.cleo, version=make_version(shot, created_by=cast.cleo, **fields))


def page(shot: Shot, rest: str = "") -> str:
    return f"/p/{shot.production.slug}/EP01/{shot.path_code}/review/{rest}"


def ballot(version: Version, choice: str = "approve", **fields: Any) -> dict[str, Any]:
    return {"choice": choice, "seen": json.dumps(Seen.of(version).as_dict()), **fields}


def test_the_page_shows_the_head_and_says_what_an_approval_binds_to(client, shot, cast, version):
    client.force_login(cast.dan)
    html = client.get(page(shot)).content.decode()
    master = version.master_id
    assert f"binds to media {master[:4]}…{master[-4:]}" in html and "Approve v001" in html
    assert 'start-frame="1001"' in html and '<b data-origin="captured">captured</b> Lin Xia' in html


def test_each_role_gets_its_own_buttons(client, shot, cast, version):
    Membership.objects.filter(user=cast.gus).update(guest_may_decide=True)
    for actor, has, lacks in (
        (cast.vera, "First look: v001 is good", "Approve v001"),
        (cast.kai, "Veto v001", "Ask for changes"),
        (cast.cleo, "This is your version", "Approve v001"),
        (cast.ana, "media ", "Approve v001"),
        (cast.gus, "Approve v001", "internal"),
    ):
        client.force_login(actor)
        html = client.get(page(shot)).content.decode()
        assert has in html and lacks not in html, actor


def test_a_stranger_finds_nothing_and_a_guest_no_draft(client, shot, cast, version):
    draft = make_version(shot, created_by=cast.cleo)
    client.force_login(cast.otto)
    assert client.get(page(shot)).status_code == 404
    assert client.post(page(shot, "v001/decision/"), ballot(version)).status_code == 404
    assert client.get(f"/p/{shot.production.slug}/review/").status_code == 404
    client.force_login(cast.gus)
    assert client.get(page(shot, f"{draft.name}/")).status_code == 404
    assert draft.name not in client.get(page(shot)).content.decode()
    client.logout()
    assert client.get(page(shot)).status_code == 302


def test_a_guests_page_holds_no_source_of_a_layer_and_no_comment_of_the_team(client, shot, cast, version):
    services.decide(actor=cast.vera, version=version, choice="changes", seen=Seen.of(version), comment="Actor was ill.")
    client.force_login(cast.gus)
    html = client.get(page(shot)).content.decode()
    assert "Actor was ill." not in html
    for layer in version.version_layers.all():
        assert layer.artefact_sha256 not in html
    client.force_login(cast.dan)
    assert "Actor was ill." in client.get(page(shot)).content.decode()


def test_a_stale_page_cannot_approve_and_is_told_why(client, shot, cast, version):
    client.force_login(cast.dan)
    stale = ballot(version)
    Version.objects.filter(pk=version.pk).update(master=make_artefact(shot.production))
    answer = client.post(page(shot, "v001/decision/"), stale, **HTMX)
    assert answer.status_code == 409 and "changed since you looked" in answer.content.decode()
    newer = submitted(shot, cast)
    answer = client.post(page(shot, "v001/decision/"), stale, **HTMX)
    assert answer.status_code == 409 and f"{newer.name} has come since you looked" in answer.content.decode()
    assert not Decision.objects.exists()


def test_a_panel_that_fetches_itself_never_takes_up_bytes_its_page_does_not_show(client, shot, cast, version):
    client.force_login(cast.dan)
    seen = Seen.of(version).fingerprint
    assert "Approve v001" in client.get(page(shot, f"v001/decision/?seen={seen}"), **HTMX).content.decode()
    Version.objects.filter(pk=version.pk).update(master=make_artefact(shot.production))
    html = client.get(page(shot, f"v001/decision/?seen={seen}"), **HTMX).content.decode()
    assert "Approve v001" not in html and "changed since you opened this page" in html


def test_approving_by_the_page_settles_it(client, shot, cast, version):
    client.force_login(cast.dan)
    answer = client.post(page(shot, "v001/decision/"), ballot(version), **HTMX)
    assert answer.status_code == 200 and "toast" in answer.headers["HX-Trigger"]
    shot.refresh_from_db()
    assert shot.state == "approved"


def test_a_note_is_written_with_frames_as_people_count_them(client, shot, cast, version):
    client.force_login(cast.dan)
    values = {"text": "Rim on the left", "frame_in": "1039", "frame_out": "1039", "must": "on", "internal": "on"}
    html = client.post(page(shot, "v001/notes/"), values, **HTMX).content.decode()
    row = Note.objects.get()
    assert (row.frame_in, row.must, row.internal) == (38, True, True) and ">1039<" in html
    move = f"/p/{shot.production.slug}/review/notes/{row.pk}/move/"
    answer = client.post(move, {"to": "declined", "reason": "Meant so", "on": "1"}, **HTMX)
    assert answer.status_code == 200 and Note.objects.get().state == "declined"
    assert client.post(move, {"to": "declined", "reason": "Again", "on": "1"}, **HTMX).status_code == 409


def test_a_guest_cannot_reach_an_internal_note_by_its_address(client, shot, cast, version):
    row = services.add_note(actor=cast.dan, version=version, text="Secret")
    client.force_login(cast.gus)
    base = f"/p/{shot.production.slug}/review/notes/{row.pk}/"
    for rest, values in (("reply/", {"text": "?"}), ("move/", {"to": "verified"})):
        assert client.post(base + rest, values, **HTMX).status_code == 404
    assert "Secret" not in client.get(page(shot, "v001/notes/?notes=all"), **HTMX).content.decode()


def test_a_note_of_one_production_is_not_reached_through_another(client, shot, cast, version):
    row = services.add_note(actor=cast.dan, version=version, text="Ours")
    other = make_shot()
    make_cast(other.production)
    Membership.objects.filter(production=shot.production, user=cast.dan).delete()
    client.force_login(cast.dan)
    answer = client.post(f"/p/{other.production.slug}/review/notes/{row.pk}/reply/", {"text": "!"}, **HTMX)
    assert answer.status_code == 404


def test_a_shot_without_a_version_says_what_to_do(client, shot, cast):
    client.force_login(cast.dan)
    assert "Nothing to review yet" in client.get(page(shot)).content.decode()


def test_the_queue_filters_by_its_address(client, shot, cast, version):
    client.force_login(cast.dan)
    url = f"/p/{shot.production.slug}/review/"
    assert shot.code in client.get(url).content.decode()
    assert shot.code not in client.get(url + "?show=verify").content.decode()
    assert shot.code not in client.get(url + "?episode=EP02").content.decode()


def test_the_api_writes_reads_moves_and_decides(client, shot, cast, version):
    base = f"/api/v1/productions/{shot.production.slug}"
    client.force_login(cast.dan)

    def send(path: str, body: dict[str, Any]) -> Any:
        return client.post(f"{base}{path}", json.dumps(body), content_type="application/json")

    made = send(f"/shots/{shot.code}/notes", {"version": 1, "text": "Rim", "frame_in": 38})
    assert made.status_code == 201 and made.json()["frame"] == 1039 and made.json()["may"] == ["declined"]
    note = made.json()["id"]
    assert send(f"/notes/{note}/replies", {"text": "Where?"}).json()["replies"][0]["text"] == "Where?"
    assert send(f"/notes/{note}/state", {"to": "declined", "reason": "No"}).json()["state"] == "declined"
    assert [row["id"] for row in client.get(f"{base}/shots/{shot.code}/notes").json()] == [note]
    assert client.get(f"{base}/review-queue").json()["versions"][0]["shot"] == shot.code
    stand = client.get(f"{base}/shots/{shot.code}/versions/1/review").json()
    wrong = {"version": 1, "choice": "approve", "seen": stand["seen"] | {"media": "0" * 64}}
    assert send(f"/shots/{shot.code}/decisions", wrong).status_code == 409
    right = send(f"/shots/{shot.code}/decisions", {"version": 1, "choice": "approve", "seen": stand["seen"]})
    assert right.status_code == 201 and right.json()["seen"] == stand["seen"]
    assert len(client.get(f"{base}/shots/{shot.code}/decisions").json()) == 1
    client.force_login(cast.gus)
    assert client.get(f"{base}/shots/{shot.code}/notes").json() == []
    assert send(f"/notes/{note}/replies", {"text": "?"}).status_code == 404
