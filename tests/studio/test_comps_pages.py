"""The comp page and its API: who gets in, what they see, what they are told."""

import json

import pytest
from django.urls import reverse

from studio.accounts.models import ApiToken
from studio.comps import page, previews, selectors
from studio.comps.models import Version
from tests.cast import make_cast
from tests.factories import fill, make_layer, make_shot, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("servers")]


@pytest.fixture
def shot():
    shot = make_shot()
    for layer in shot.layers.all():
        fill(layer)
    return shot


@pytest.fixture
def cast(shot):
    return make_cast(shot.production)


def url(shot, name, *more):
    return reverse(f"comps:{name}", args=[*page.address(shot), *more])


def send(client, method, address, **body):
    return getattr(client, method)(address, json.dumps(body), content_type="application/json")


@pytest.mark.parametrize(
    ("who", "status", "may"),
    [
        *[(name, 200, True) for name in ("dan", "vera", "cleo", "ana")],
        *[(name, 200, False) for name in ("priya", "eddie", "kai")],
        ("gus", 404, False),
        ("otto", 404, False),
    ],
)
def test_the_team_looks_and_who_comps_may_change(client, cast, shot, who, status, may):
    client.force_login(getattr(cast, who))
    answer = client.get(url(shot, "comp"))
    assert answer.status_code == status
    if status == 200:
        assert (b'id="comp-start"' in answer.content) is may
        assert b"Lin Xia" in answer.content and b"City" in answer.content
        assert b"1001" in answer.content


def test_a_guest_sees_no_parameters_even_of_a_shot_in_review(client, cast, shot):
    shot.state = "in_review"
    shot.save()
    client.force_login(cast.gus)
    for name in ("comp", "settings", "layers", "panels", "versions"):
        assert client.get(url(shot, name)).status_code == 403, name


def test_an_empty_shot_offers_the_first_step(client, cast, shot):
    bare = make_shot(shot.scene)
    client.force_login(cast.cleo)
    text = client.get(url(bare, "comp")).content.decode()
    assert "Nothing to comp yet" in text
    assert reverse("productions:shot", args=page.address(bare)) in text


def test_an_empty_layer_is_named_with_the_way_out(client, cast, shot):
    make_layer(shot, "crowd", name="Passers-by")
    client.force_login(cast.cleo)
    assert "“Passers-by” is empty" in client.get(url(shot, "comp")).content.decode()


def test_settings_are_saved_undone_and_kept_from_a_stale_page(client, cast, shot):
    client.force_login(cast.cleo)
    seen = client.get(url(shot, "settings")).json()["seen"]
    values = {"match": {"wrap_milli": 0}}
    saved = send(client, "put", url(shot, "settings"), values=values, seen=seen).json()
    assert (saved["values"], saved["can_undo"]) == (values, True)
    stale = send(client, "put", url(shot, "settings"), values={}, seen=seen)
    assert stale.status_code == 409
    assert stale.json()["settings"]["values"] == values and "Somebody else" in stale.json()["error"]
    assert send(client, "post", url(shot, "undo"), seen=saved["seen"]).json()["values"] == {}
    assert send(client, "post", url(shot, "redo")).json()["values"] == values
    assert send(client, "post", url(shot, "reset")).json()["values"] == {}


def test_the_history_is_listed_and_gone_back_in(client, cast, shot):
    client.force_login(cast.cleo)
    assert client.get(url(shot, "history")).json() == {"steps": []}
    for value in (0, 300):
        send(client, "put", url(shot, "settings"), values={"match": {"wrap_milli": value}})
    steps = client.get(url(shot, "history")).json()["steps"]
    assert [(step["position"], step["now"], step["by"]) for step in steps] == [
        (2, True, "Cleo Marsh"), (1, False, "Cleo Marsh"), (0, False, ""),
    ]  # fmt: skip
    told = send(client, "post", url(shot, "go"), position=1).json()
    assert (told["values"], told["position"], told["can_redo"]) == ({"match": {"wrap_milli": 0}}, 1, True)
    for wrong in ("1", None, True, 7):
        assert send(client, "post", url(shot, "go"), position=wrong).status_code == 422


def test_the_api_draws_a_mask_and_goes_back_before_it(client, cast, shot):
    client.force_login(cast.cleo)
    base = f"/api/v1/productions/{shot.production.slug}/shots/{shot.code}/comp/settings"
    actor = str(shot.layers.get(kind="actor").pk)
    points = [[0, 0], [5000, 0], [0, 5000]]
    mask = {"id": "a", "kind": "garbage", "keys": [{"frame": 0, "points": points}]}
    assert send(client, "put", base, values={actor: {"masks": [mask]}}).json()["values"] == {actor: {"masks": [mask]}}
    wrong = send(client, "put", base, values={actor: {"masks": [mask | {"kind": "soft"}]}})
    assert wrong.status_code == 422 and "garbage or holdout" in wrong.json()["error"]
    steps = client.get(base + "/history").json()
    assert [step["changed"] for step in steps] == [[[actor, "masks", "garbage mask drawn"]], []]
    assert send(client, "post", base + "/go", position=0).json()["values"] == {}


def test_a_value_out_of_range_is_refused_with_both_sides(client, cast, shot):
    client.force_login(cast.cleo)
    answer = send(client, "put", url(shot, "settings"), values={"match": {"wrap_milli": 5000}})
    assert answer.status_code == 422
    assert "1000" in answer.json()["error"] and "5000" in answer.json()["error"]


def test_a_producer_is_refused_in_words(client, cast, shot):
    client.force_login(cast.priya)
    answer = send(client, "put", url(shot, "settings"), values={})
    assert answer.status_code == 403
    assert "role" in answer.json()["error"]


def test_a_waiting_preview_says_so_and_a_made_one_is_served_to_the_team_only(client, cast, shot, tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "HOME", tmp_path)
    monkeypatch.setattr(previews.ask, "__kwdefaults__", {"wait_s": 0})
    monkeypatch.setattr(previews.current_app, "send_task", lambda *args, **kwargs: None)
    client.force_login(cast.cleo)
    wish = {"frame": 3, "view": "matte", "width": 72, "page": "p1"}
    waiting = send(client, "post", url(shot, "preview"), **wish)
    assert (waiting.status_code, waiting.json()["state"]) == (202, "waiting")

    def engine(_op, args):
        with open(args["out"], "wb") as picture:
            picture.write(b"jpeg")
        return {"path": args["out"], "report": {}, "seconds": 0.1}

    still = previews.still_of(shot, selectors.facts_of(shot), {}, 3, "matte", "", 72)
    previews.make(still, engine, lambda sha: tmp_path / sha)
    ready = send(client, "post", url(shot, "preview"), **wish)
    assert ready.status_code == 200
    address = ready.json()["url"]
    assert client.get(address).content == b"jpeg"
    for person, status in ((cast.otto, 404), (cast.kai, 200)):
        client.force_login(person)
        assert client.get(address).status_code == status


def test_a_preview_of_nonsense_is_refused(client, cast, shot):
    client.force_login(cast.cleo)
    for wish in ({"frame": -1, "page": "p"}, {"frame": 0, "view": "xray", "page": "p"}, {"frame": 999, "page": "p"}):
        assert send(client, "post", url(shot, "preview"), **wish).status_code == 422, wish


def test_a_version_is_started_from_the_page_with_or_without_script(client, cast, shot):
    client.force_login(cast.cleo)
    answer = client.post(url(shot, "start"), {"comment": "first", "mode": "fast", "submit": "on"})
    assert answer.status_code == 302
    version = Version.objects.get()
    assert (version.comment, version.recipe["mode"], version.job.payload["submit"]) == ("first", "fast", True)
    again = client.post(url(shot, "start"), {"mode": "fast"}, headers={"HX-Request": "true"})
    assert again.status_code == 409
    assert "v001 is being rendered" in again.content.decode()


def test_a_ready_version_is_submitted_and_its_settings_taken_over(client, cast, shot):
    client.force_login(cast.cleo)
    version = make_version(shot)
    assert "Submit for review" in client.get(url(shot, "comp")).content.decode()
    answer = client.post(url(shot, "submit", version.name), headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "in review" in answer.content.decode()
    version.refresh_from_db()
    assert version.state == "in_review"


# The API


@pytest.fixture
def api(client, cast, shot):
    """(method, path below the shot, body) -> response, in Cleo's name."""
    token = "a-token-for-this-test"
    ApiToken.objects.create(user=cast.cleo, sha256=ApiToken.digest(token))
    base = f"/api/v1/productions/{shot.production.slug}/shots/{shot.code}"

    def call(method, path, body=None, token=token):
        headers = {"Authorization": f"Bearer {token}"}
        if method == "get":
            return client.get(base + path, headers=headers)
        return getattr(client, method)(
            base + path, json.dumps(body or {}), content_type="application/json", headers=headers
        )

    return call


def test_the_api_does_what_the_page_does(api, shot):
    assert api("put", "/comp/settings", {"values": {"match": {"wrap_milli": 0}}}).json()["frame_count"] == 48
    assert api("post", "/comp/settings/undo").json()["values"] == {}
    started = api("post", "/versions", {"mode": "fast", "comment": "by script"})
    assert started.status_code == 201
    told = started.json()
    assert (told["name"], told["state"], told["shot"]) == ("v001", "building", shot.code)
    assert [layer["kind"] for layer in told["layers"]] == ["background", "actor"]
    assert api("post", "/versions", {"mode": "fast"}).status_code == 409
    assert api("post", "/versions/v001/submit").status_code == 409
    assert api("post", "/versions/v001/cancel").json()["state"] == "failed"
    assert [row["name"] for row in api("get", "/versions").json()] == ["v001"]
    assert api("get", "/versions/v002").status_code == 404


def test_the_api_lists_the_engines_parameters(client, cast, shot):
    client.force_login(cast.cleo)
    rows = client.get(f"/api/v1/productions/{shot.production.slug}/comp/parameters").json()
    assert {"name", "minimum", "maximum", "default", "unit"} <= set(rows[0])
    assert "despill_milli" in {row["name"] for row in rows}


def test_the_api_knows_no_strangers(client, cast, shot):
    base = f"/api/v1/productions/{shot.production.slug}/shots/{shot.code}"
    assert client.get(base + "/versions").status_code == 401
    client.force_login(cast.otto)
    assert client.get(base + "/versions").status_code == 404
    assert client.get(base + "/comp/settings").status_code == 404
