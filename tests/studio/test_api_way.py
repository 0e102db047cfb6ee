"""The whole way by `/api/v1` with bearer tokens: from an empty production to a sealed master, as six people."""

import json
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.test import Client

from studio.accounts.services import issue_token
from studio.media import services as media
from studio.media import storage
from tests.cast import make_user
from tests.drain import drain_jobs
from tests.studio.comps_footage import FRAMES, write_footage

PEOPLE = {
    "dan": "director",
    "cleo": "compositor",
    "ana": "ai_artist",
    "eddie": "editor",
    "kai": "compliance",
}
SHOT = "EP01_SC01_SH010"


class Script:
    """A person's script: it holds a token, and every answer but the expected one fails the test with its sentence."""

    def __init__(self, name: str) -> None:
        self.user = make_user(name)
        self.headers = {"Authorization": f"Bearer {issue_token(user=self.user, name='nightly')[1]}"}
        self.client = Client()

    def __call__(self, method: str, path: str, sent: Any = None, *, expect: int = 200) -> Any:
        body = {"data": json.dumps(sent or {}), "content_type": "application/json"} if method != "get" else {}
        answer = getattr(self.client, method)(f"/api/v1/productions{path}", headers=self.headers, **body)
        assert answer.status_code == expect, f"{method} {path}: {answer.status_code} {answer.content.decode()[:800]}"
        return json.loads(answer.content) if answer.content else None


@pytest.fixture
def team(transactional_db: None) -> dict[str, Script]:
    return {name: Script(name) for name in ("priya", *PEOPLE)}


@pytest.mark.slow
def test_a_script_takes_an_episode_from_nothing_to_a_sealed_master(team: dict[str, Script], tmp_path: Any) -> None:
    priya, dan, cleo = team["priya"], team["dan"], team["cleo"]
    film, _plate = write_footage(tmp_path)
    papers = {"filing_number": "(沪)网微剧审字(2026)第001号", "content_producer": "001191110000MA000000X000005"}
    made = priya("post", "", {"title": "归途", "format": "540x960", "rate": "24", "slug": "way", **papers}, expect=201)
    assert (made["width"], made["fps_num"], made["start_frame"]) == (540, 24, 1001)
    everybody_joins(team)
    layers = the_shot_is_planned(team)
    a_take_is_sent_and_circled(team, layers["actor"], film.read_bytes())
    a_plate_is_drawn(team, layers["background"])

    cleo("put", f"/way/shots/{SHOT}/comp/settings", {"values": {layers["actor"]: {"despill_milli": 900}}})
    assert render(cleo, "fast")["state"] == "in_review"
    note = dan("post", f"/way/shots/{SHOT}/notes", must_note(layers["actor"]), expect=201)
    assert (note["frame"], note["state"]) == (1003, "open")
    cleo("post", f"/way/shots/{SHOT}/comp/settings/undo")
    assert render(cleo, "fast")["name"] == "v002"
    cleo("post", f"/way/notes/{note['id']}/state", {"to": "addressed", "version": 2})
    cleo("post", f"/way/notes/{note['id']}/state", {"to": "verified"}, expect=403)
    assert dan("post", f"/way/notes/{note['id']}/state", {"to": "verified"})["state"] == "verified"
    it_is_approved_as_seen(team)
    it_is_cut_and_sealed(team)
    proof = priya("get", "/way/ledger/proof")
    assert proof == {"whole": True, "breaks": [], "anchor_faults": []}


def everybody_joins(team: dict[str, Script]) -> None:
    """The producer invites by script; each person opens the link in a browser."""
    for name, role in PEOPLE.items():
        sent = {"email": team[name].user.email, "role": role}
        link = team["priya"]("post", "/way/invitations", sent, expect=201)["link"]
        browser = Client()
        browser.force_login(team[name].user)
        assert browser.post(urlsplit(link).path).status_code == 302
    assert len(team["dan"]("get", "/way/members")) == 6


def the_shot_is_planned(team: dict[str, Script]) -> dict[str, str]:
    """{kind: layer id} of a new shot, its actor named, its background's route set by a person."""
    priya, dan = team["priya"], team["dan"]
    assert priya("post", "/way/episodes", {"title": "Two"}, expect=201)["code"] == "EP02"
    place = dan("post", "/way/locations", {"name": "Roof"}, expect=201)
    dan("post", "/way/episodes/EP01/scenes", {"title": "Roof, night", "location": place["id"]}, expect=201)
    facts = {"scene": "SC01", "title": "She looks up", "duration_frames": FRAMES, "framing": "close_up"}
    shot = dan("post", "/way/episodes/EP01/shots", facts | {"performance": "emotion"}, expect=201)
    assert shot["code"] == SHOT and all(layer["reasons"] for layer in shot["layers"])
    layers = {layer["kind"]: layer["id"] for layer in shot["layers"]}
    person = team["kai"]("post", "/way/consents", {"name": "Lin Xia", "consent_reference": "C-12"}, expect=201)
    dan("patch", f"/way/shots/{SHOT}/layers/{layers['actor']}", {"likeness": person["id"]})
    route = {"route": "procedural", "reason": "The roof burned down."}
    team["cleo"]("put", f"/way/shots/{SHOT}/layers/{layers['background']}/route", route, expect=403)
    set_by = dan("put", f"/way/shots/{SHOT}/layers/{layers['background']}/route", route)
    assert set_by["overridden"] and set_by["override_reason"] == route["reason"]
    return layers


def a_take_is_sent_and_circled(team: dict[str, Script], layer: str, content: bytes) -> None:
    """The permit comes by script. The ingest's own tests send by tus; here the bytes lie where it would put them."""
    sent = {"filename": "A001.mp4", "size": len(content), "layer": layer}
    permit = team["eddie"]("post", f"/way/shots/{SHOT}/takes", sent)
    path = media.upload_path(permit["upload"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    assert media.received(UUID(permit["upload"]))
    drain_jobs()
    (take,) = team["dan"]("get", f"/way/takes?shot={SHOT}")
    assert (take["state"], take["frame_count"], take["error"]) == ("ready", FRAMES, "")
    assert team["dan"]("post", f"/way/takes/{take['id']}/circle")["circled"]


def a_plate_is_drawn(team: dict[str, Script], layer: str) -> None:
    priya = team["priya"]
    priya("post", "/way/rates", {"key": "cpu_hour", "amount_minor": 900, "source": "quote", "valid_from": "2026-01-01"},
          expect=201)  # fmt: skip
    families = {offer["family"] for offer in team["ana"]("get", f"/way/layers/{layer}/offers")}
    asked = {"family": sorted(families)[0], "seed": 7, "draft": False, "use_when_done": True}
    team["ana"]("post", f"/way/layers/{layer}/draws", asked, expect=403)  # no cap is set: an AI artist spends nothing
    priya("patch", "/way", {"draw_cap_minor": 100_000})
    (draw,) = team["ana"]("post", f"/way/layers/{layer}/draws", asked)
    drain_jobs()
    done = team["ana"]("get", f"/way/draws/{draw['id']}")
    assert (done["state"], done["origin"]) == ("promoted", "procedural") and done["cost_minor"] is not None


def render(cleo: Script, mode: str) -> Any:
    version = cleo("post", f"/way/shots/{SHOT}/versions", {"mode": mode, "submit": True}, expect=201)
    drain_jobs()
    job = cleo("get", f"/way/jobs/{version['job']}")
    assert (job["state"], job["progress_permille"]) == ("done", 1000)
    return cleo("get", f"/way/shots/{SHOT}/versions/{version['name']}")


def must_note(layer: str) -> dict[str, Any]:
    return {"version": 1, "text": "Less green.", "must": True, "layer": layer, "frame_in": 2, "internal": False}


def it_is_approved_as_seen(team: dict[str, Script]) -> None:
    """A decision carries the digests that were seen; those of another version are refused."""
    dan, path = team["dan"], f"/way/shots/{SHOT}"
    (waiting,) = dan("get", "/way/review-queue")["versions"]
    assert waiting["version"] == "v002"
    old = dan("get", f"{path}/versions/1/review")["seen"]
    seen = dan("get", f"{path}/versions/2/review")["seen"]
    assert dan("post", f"{path}/decisions", {"version": 2, "choice": "approve", "seen": old}, expect=409)
    team["cleo"]("post", f"{path}/decisions", {"version": 2, "choice": "approve", "seen": seen}, expect=403)
    said = dan("post", f"{path}/decisions", {"version": 2, "choice": "approve", "seen": seen}, expect=201)
    assert said["seen"] == seen
    assert dan("get", path)["state"] == "approved"


def it_is_cut_and_sealed(team: dict[str, Script]) -> None:
    eddie, dan, episode = team["eddie"], team["dan"], "/way/episodes/EP01"
    (item,) = eddie("post", f"{episode}/cut", {"act": "add_all"})["items"]
    assert (item["shot"], item["version"], item["frames"]) == (SHOT, "v002", FRAMES)
    release = dan("post", f"{episode}/releases", expect=201)
    one = f"{episode}/releases/{release['number']}"
    dan("post", f"{one}/conform", expect=202)
    drain_jobs()
    release = dan("get", one)
    blocks = [
        (check["code"], check["why"], check["params"]) for check in release["checks"] if check["state"] == "block"
    ]
    assert (release["state"], blocks) == ("ready", [])
    assert release["measured"]["frame_count"] == FRAMES
    assert storage.sha256_of(storage.path_of(release["master"])) == release["master"]
    eddie("post", f"{one}/sign", {"master": release["master"]}, expect=403)
    for name in ("priya", "dan", "kai"):
        release = team[name]("post", f"{one}/sign", {"master": release["master"]})
    assert release["state"] == "sealed" and len(release["signatures"]) == 3
    eddie("post", f"{one}/verify", expect=202)
    drain_jobs()
    assert eddie("get", f"{one}/verify")["good"] is True
    assert team["kai"]("post", f"{one}/publish")["state"] == "published"
