"""Shots on the board: planning them, moving them in the cut, finding them, and what the board says of them."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.generation.models import Draw
from studio.ledger.models import Entry
from studio.ledger.services import record
from studio.pipeline import board as boards
from studio.pipeline.next_action import ShotFacts, next_step, waits_for
from studio.pipeline.summary import summary_of
from studio.productions import papers, services
from studio.productions.models import LayerKind, Origin, Shot
from studio.productions.policy import Action
from studio.releases.models import Release
from studio.reviews.models import Note
from tests.cast import make_cast
from tests.factories import (
    fill,
    make_artefact,
    make_episode,
    make_layer,
    make_production,
    make_scene,
    make_shot,
    make_take,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def production():
    return make_production()


@pytest.fixture
def episode(production):
    return make_episode(production)


@pytest.fixture
def cast(production):
    return make_cast(production)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def codes(episode):
    return [shot.path_code for shot in Shot.objects.filter(scene__episode=episode).order_by("order")]


def board_url(episode, query=""):
    return f"/p/{episode.production.slug}/{episode.code}/{query}"


# Planning


def test_shots_count_in_tens_and_one_fits_between_two(cast, episode):
    scene = make_scene(episode)
    first, second = (services.create_shot(actor=cast.dan, scene=scene) for _ in range(2))
    between = services.create_shot(actor=cast.dan, scene=scene, number=15)
    assert [first.code, second.code, between.code] == ["EP01_SC01_SH010", "EP01_SC01_SH020", "EP01_SC01_SH015"]
    with pytest.raises(Conflict, match="SH015 exists already"):
        services.create_shot(actor=cast.dan, scene=scene, number=15)


def test_a_new_shot_stands_after_the_last_of_its_scene(cast, episode):
    one, two = make_scene(episode), make_scene(episode)
    for scene in (one, two, one):
        services.create_shot(actor=cast.dan, scene=scene)
    assert codes(episode) == ["SC01_SH010", "SC01_SH020", "SC02_SH010"]


def test_the_facts_decide_the_layers_and_their_routes(cast, episode):
    shot = services.create_shot(
        actor=cast.dan,
        scene=make_scene(episode),
        framing="close_up",
        performance="emotion",
        crowd="many",
        effect="rain",
    )
    layers = {layer.kind: layer for layer in shot.layers.all()}
    assert list(layers) == ["background", "crowd", "actor", "effect"]
    assert layers["actor"].route == Origin.CAPTURED and layers["actor"].reasons
    empty = services.create_shot(actor=cast.dan, scene=shot.scene, framing="empty", performance="none")
    assert [layer.kind for layer in empty.layers.all()] == ["background"]


def test_changing_the_facts_routes_anew_and_is_entered_with_before_and_after(cast, episode):
    shot = services.create_shot(actor=cast.dan, scene=make_scene(episode), framing="close_up")
    services.edit_shot(actor=cast.dan, shot=shot, framing="wide", exterior=True)
    assert shot.layers.get(kind="background").route == Origin.GENERATED
    entry = Entry.objects.filter(verb="shot.edited").last()
    assert entry.data["framing"] == {"from": "close_up", "to": "wide"}


def test_saving_without_a_change_writes_nothing(cast, episode):
    shot = make_shot(make_scene(episode))
    services.edit_shot(actor=cast.dan, shot=shot, title=shot.title)
    assert not Entry.objects.filter(verb="shot.edited").exists()


def test_the_compositor_cannot_plan_shots(cast, episode):
    with pytest.raises(Forbidden):
        services.create_shot(actor=cast.cleo, scene=make_scene(episode))
    with pytest.raises(NotThere):
        services.create_shot(actor=cast.otto, scene=make_scene(episode))


def test_the_format_is_fixed_once_layers_hold_pictures(cast, production, episode):
    services.edit_production(actor=cast.priya, production=production, width=1080, height=1920)
    fill(make_shot(make_scene(episode)).layers.first())
    with pytest.raises(Conflict, match="format is fixed"):
        services.edit_production(actor=cast.priya, production=production, width=720, height=1280)
    services.edit_production(actor=cast.priya, production=production, title="Another name")


def test_a_production_made_in_the_browser_has_its_producer_and_first_episode(cast):
    client = signed_in(cast.otto)
    form = {"title": "雨夜", "picture": "1080x1920", "rate": "23.976", "start_frame": "1001", "currency": "CNY"}
    answer = client.post("/productions/new/", form | {"slug": "rain-night", "budget_minor": "300000"})
    assert answer.status_code == 302
    row = cast.otto.memberships.get().production
    assert (row.fps_num, row.fps_den, row.width, row.budget_minor) == (24000, 1001, 1080, 30_000_000)
    assert row.episodes.get().code == "EP01"
    again = signed_in(cast.dan).post("/productions/new/", form | {"slug": "rain-night"})
    assert again.status_code == 422 and "already has the address" in again.content.decode()


# Layers


def test_a_layer_is_added_where_its_kind_usually_stands(cast, episode):
    shot = make_shot(make_scene(episode))
    services.add_layer(actor=cast.vera, shot=shot, kind="crowd")
    services.add_layer(actor=cast.vera, shot=shot, kind="effect", name="Rain")
    assert [layer.kind for layer in shot.layers.order_by("order")] == ["background", "crowd", "actor", "effect"]
    services.place_layer(actor=cast.vera, layer=shot.layers.get(kind="effect"), order=0)
    assert [layer.order for layer in shot.layers.order_by("order")] == [0, 1, 2, 3]
    assert shot.layers.order_by("order").first().kind == "effect"


def test_a_layer_that_holds_work_stays(cast, episode):
    shot = make_shot(make_scene(episode))
    make_take(shot)
    with pytest.raises(Conflict, match="holds work already"):
        services.remove_layer(actor=cast.vera, layer=shot.layers.get(kind="actor"))
    services.remove_layer(actor=cast.vera, layer=shot.layers.get(kind="background"))
    assert [layer.order for layer in shot.layers.all()] == [0]


def test_an_element_of_another_production_fills_nothing(cast, episode):
    shot = make_shot(make_scene(episode))
    stranger = fill(make_shot(make_scene(make_episode())).layers.first())
    with pytest.raises(Invalid):
        services.fill_layer(layer=shot.layers.first(), element=stranger)


# The cut order


def test_a_moved_shot_keeps_its_code_and_the_move_can_be_undone(cast, episode):
    scene = make_scene(episode)
    for _ in range(3):
        make_shot(scene)
    client = signed_in(cast.eddie)  # the editor cuts
    answer = client.post(board_url(episode, "place/"), {"shot": "EP01_SC01_SH030", "after": ""})
    assert answer.status_code == 204 and codes(episode) == ["SC01_SH030", "SC01_SH010", "SC01_SH020"]
    undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
    client.post(undo)
    assert codes(episode) == ["SC01_SH010", "SC01_SH020", "SC01_SH030"]


def test_a_shot_does_not_move_into_another_episode(cast, production, episode):
    shot = make_shot(make_scene(episode))
    elsewhere = make_shot(make_scene(make_episode(production, 2)))
    with pytest.raises(Invalid, match="within its own episode"):
        services.place_shot(actor=cast.dan, shot=shot, after=elsewhere)
    with pytest.raises(Forbidden):
        services.place_shot(actor=cast.cleo, shot=shot, after=None)


def test_held_and_omitted_shots_come_back_to_where_they_were(cast, episode):
    shot = make_shot(make_scene(episode), state="in_work")
    services.hold_shot(actor=cast.dan, shot=shot)
    assert shot.state == "on_hold"
    services.restore_shot(actor=cast.dan, shot=shot)
    assert shot.state == "in_work"
    services.omit_shot(actor=cast.dan, shot=shot)
    services.restore_shot(actor=cast.dan, shot=shot)
    assert shot.state == "in_work"
    with pytest.raises(Conflict, match="neither on hold nor omitted"):
        services.restore_shot(actor=cast.dan, shot=shot)


# The board


def test_the_board_shows_cut_order_grouped_by_scene(cast, episode):
    one, two = make_scene(episode, title="Rooftop"), make_scene(episode, title="Lake")
    a, b, c = make_shot(one), make_shot(two), make_shot(one)
    runs = boards.board_of(cast.dan, episode).runs
    assert [[card.shot for card in run["cards"]] for run in runs] == [[a], [b], [c]]  # SC01 is cut into twice
    services.place_shot(actor=cast.dan, shot=c, after=a)
    assert [run["scene"] for run in boards.board_of(cast.dan, episode).runs] == [one, two]


def test_a_card_says_what_people_ask_of_it(cast, production, episode):
    shot = make_shot(make_scene(episode), state="in_review", duration_frames=115, title="Lin Xia reads the letter")
    poster = make_artefact(production, mime="image/jpeg", suffix=".jpg")
    version = make_version(shot, poster=poster, state="in_review", created_by=cast.cleo, cost_minor=12_000)
    Note.objects.create(shot=shot, version=version, text="flyaways", must=True, author=cast.dan)
    text = signed_in(cast.dan).get(board_url(episode)).content.decode()
    for said in ("SC01_SH010", "Lin Xia reads the letter", "In review", "v001", "4.8 s", "¥ 120", poster.pk):
        assert said in text
    assert 'data-origin="captured"' in text and "City: procedural, Lin Xia: captured" in text
    assert f'data-live="shot:{shot.pk} code:{shot.code}"' in text


def test_filters_live_in_the_address_with_their_counts(cast, episode):
    scene = make_scene(episode)
    close = make_shot(scene, framing="close_up", title="Her eyes", state="in_review")
    make_version(close, state="in_review", created_by=cast.cleo)
    dear = make_shot(scene, budget_minor=1_000, dialogue="I came back.")
    make_version(dear, cost_minor=2_000)
    make_shot(scene)
    client = signed_in(cast.dan)
    found = client.get(board_url(episode)).context["board"]
    assert found.counts["all"] == 3 and found.counts["close"] == found.counts["review"] == found.counts["over"] == 1
    for query, shots in (
        ("?show=close", [close]),
        ("?show=over", [dear]),
        ("?q=came+BACK", [dear]),
        ("?q=sh010", [close]),
    ):
        assert [card.shot for card in client.get(board_url(episode, query)).context["board"].shown] == shots
    assert "No shot fits" in client.get(board_url(episode, "?q=nowhere")).content.decode()


def test_a_decision_waits_for_who_may_decide_and_did_not_make_it(cast, episode):
    shot = make_shot(make_scene(episode), state="in_review")
    make_version(shot, state="in_review", created_by=cast.vera)

    def waits(user):
        return boards.board_of(user, episode).counts["mine"]

    assert [waits(user) for user in (cast.dan, cast.priya, cast.vera, cast.cleo)] == [1, 1, 0, 0]


def test_an_empty_captured_layer_waits_for_footage_then_for_a_circle(cast, episode):
    shot = make_shot(make_scene(episode), state="routed")
    fill(shot.layers.get(kind="background"))

    def step():
        return boards.board_of(cast.dan, episode).cards[0].step.code

    assert step() == "upload"
    take = make_take(shot)
    assert step() == "circle"
    fill(take.layer, origin="captured")
    assert step() == "comp"


def test_a_guest_sees_what_was_put_up_for_review_and_no_money(cast, episode):
    scene = make_scene(episode)
    hidden, shown = make_shot(scene, title="Secret plan"), make_shot(scene, state="in_review", title="For your eyes")
    version = make_version(shown, state="in_review", cost_minor=77_700)
    Note.objects.create(shot=shown, version=version, text="inside", internal=True)
    client = signed_in(cast.gus)
    text = client.get(board_url(episode)).content.decode()
    assert "For your eyes" in text and "Secret plan" not in text and "777" not in text and "Spent" not in text
    assert boards.board_of(cast.gus, episode).cards[0].notes == 0
    assert client.get(board_url(episode, f"{hidden.path_code}/")).status_code == 404
    page = client.get(board_url(episode, f"{shown.path_code}/")).content.decode()
    assert "What happened" not in page and "777" not in page


def test_a_long_board_asks_no_more_of_the_database_than_a_short_one(cast, episode):
    scene = make_scene(episode)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            boards.board_of(cast.dan, episode)
        return len(captured)

    make_version(make_shot(scene), created_by=cast.cleo)
    few = queries()
    for _ in range(9):
        make_version(make_shot(scene), created_by=cast.cleo)
    assert queries() == few


def test_a_card_is_fetched_alone_as_it_is_now(cast, episode):
    shot = make_shot(make_scene(episode))
    client = signed_in(cast.dan)
    url = board_url(episode, f"{shot.path_code}/card/")
    assert "Planned" in client.get(url).content.decode()
    services.omit_shot(actor=cast.dan, shot=shot)
    text = client.get(url).content.decode()
    assert "Omitted" in text and "<html" not in text


def test_titles_are_text_not_markup(cast, episode):
    make_shot(make_scene(episode, title="<b>x</b>"), title="<script>alert(1)</script>")
    text = signed_in(cast.dan).get(board_url(episode)).content.decode()
    assert "<script>alert" not in text and "<b>x</b>" not in text


def test_an_empty_board_offers_the_first_step_to_who_may_take_it(cast, episode):
    assert "Add the first scene" in signed_in(cast.dan).get(board_url(episode)).content.decode()
    text = signed_in(cast.gus).get(board_url(episode)).content.decode()
    assert "Nothing to see yet" in text and "Add the first scene" not in text


# The sums above


def sums(user, episode):
    return summary_of(episode, boards.board_of(user, episode).cards)


def test_omitted_shots_count_nowhere(cast, episode):
    scene = make_scene(episode)
    make_shot(scene, state="approved")
    make_shot(scene, state="omitted")
    found = sums(cast.dan, episode)
    assert (found.shots, found.approved, found.frames) == (1, 1, 48)


def test_made_of_follows_the_layers_of_the_newest_version(cast, episode):
    shot = make_shot(make_scene(episode), layers=False, duration_frames=100)
    make_layer(shot, LayerKind.BACKGROUND, route=Origin.GENERATED)
    assert sums(cast.dan, episode).made_of == [("generated", 1000.0)]
    fill(shot.layers.get(), origin=Origin.LIBRARY)
    make_version(shot)
    assert sums(cast.dan, episode).made_of == [("library", 1000.0)]


def test_a_saving_is_counted_only_where_rates_allow_and_says_what_is_missing(cast, production, episode):
    shot = services.create_shot(actor=cast.dan, scene=make_scene(episode), framing="close_up", performance="emotion")
    found = sums(cast.dan, episode)
    assert found.saved_minor is None and "location day" in found.saved_missing
    assert "No rate:" in signed_in(cast.dan).get(board_url(episode)).content.decode()
    for key, amount in (("location_day", 1_800_000), ("cpu_hour", 100), ("person_day", 90_000)):
        day = date(2026, 1, 1)
        papers.add_rate(
            actor=cast.priya, production=production, key=key, amount_minor=amount, source="list", valid_from=day
        )
    found = sums(cast.dan, episode)
    layer = shot.layers.get(kind="background")
    assert found.saved_minor == layer.forecast["on_location"]["amount_minor"] - layer.forecast["amount_minor"] > 0
    assert found.saved_layers == 1 and "captured day" in found.saved_missing  # the actor's layer has no rate yet


def test_the_gate_says_what_the_last_check_found(cast, episode):
    make_shot(make_scene(episode))
    assert "not checked yet" in signed_in(cast.dan).get(board_url(episode)).content.decode()
    Release.objects.create(
        episode=episode,
        number=1,
        state="blocked",
        checks=[{"code": "filing", "state": "block"}, {"code": "fps", "state": "pass"}],
    )
    assert len(sums(cast.dan, episode).blocks) == 1
    assert "filing number" in signed_in(cast.dan).get(board_url(episode)).content.decode()


def test_spent_is_what_the_books_say(cast, production, episode):
    shot = make_shot(make_scene(episode))
    record("draw.done", production_id=production.pk, subject=shot, cost_minor=1_250)
    Draw.objects.create(
        layer=shot.layers.first(), backend="procedural", origin="procedural", recipe={}, cost_minor=1_250
    )
    assert sums(cast.dan, episode).spent_minor == 1_250
    assert boards.board_of(cast.dan, episode).cards[0].spent_minor == 1_250


# The next step, as a table


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"state": "on_hold"}, "restore"),
        ({"state": "planned"}, "add_layer"),
        ({"state": "planned", "layers": ("a",), "unrouted": ("a",)}, "route"),
        ({"state": "routed", "layers": ("a",), "empty_captured": ("a",)}, "upload"),
        ({"state": "routed", "layers": ("a",), "empty_made": ("a",)}, "draw"),
        ({"state": "routed", "layers": ("a",), "empty_made": ("a",), "draws_to_pick": True}, "pick_draw"),
        ({"state": "routed", "layers": ("a",), "empty_library": ("a",)}, "plate"),
        ({"state": "in_work", "layers": ("a",)}, "comp"),
        ({"state": "in_work", "layers": ("a",), "head_state": "building"}, "watch_render"),
        ({"state": "in_work", "layers": ("a",), "head_state": "ready"}, "submit"),
        ({"state": "in_review", "layers": ("a",), "head_state": "in_review"}, "review"),
        ({"state": "changes", "layers": ("a",), "head_state": "changes"}, "comp"),
        ({"state": "approved"}, "cut"),
        ({"state": "released"}, "open_release"),
    ],
)
def test_every_state_has_its_next_step(facts, code):
    assert next_step(ShotFacts(**facts)).code == code


def test_looking_on_is_nobodys_duty():
    assert not waits_for(ShotFacts("released"), lambda action: True)
    assert not waits_for(ShotFacts("in_review", decided_by_me=True), lambda action: True)
    assert waits_for(ShotFacts("in_review"), lambda action: action is Action.DECIDE_SHOT)


def test_an_approved_shot_waits_for_the_editor_not_for_the_director():
    assert waits_for(ShotFacts("approved"), lambda action: action is Action.EDIT_CUT)
    assert not waits_for(ShotFacts("approved"), lambda action: action in (Action.EDIT_CUT, Action.DECIDE_SHOT))


# The ledger page


def test_the_ledger_page_filters_proves_and_exports(cast, production, episode):
    services.create_shot(actor=cast.dan, scene=make_scene(episode), title="=SUM(A1)")
    client = signed_in(cast.kai)
    base = f"/p/{production.slug}/ledger"
    assert "planned the shot" in client.get(f"{base}/?about=SH010").content.decode()
    assert "No entry fits" in client.get(f"{base}/?actor=Nobody").content.decode()
    proof = client.post(f"{base}/check/").content.decode()
    assert "Whole: 2 entries" in proof
    lines = json.loads(client.get(f"{base}.json").content)
    assert [line["verb"] for line in lines] == ["shot.created", "shot.routed"] and lines[1]["prev"] == lines[0]["hash"]
    assert client.get(f"{base}.csv").content.decode().startswith("\ufeffseq,at,verb")
    assert signed_in(cast.gus).get(f"{base}/").status_code == 403


def test_a_broken_chain_is_named_on_the_page(cast, production, episode):
    services.create_shot(actor=cast.dan, scene=make_scene(episode))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what an intruder with the database could do
        cursor.execute("UPDATE ledger_entry SET actor_name = 'Somebody' WHERE seq = 1")
        cursor.execute("SET session_replication_role = DEFAULT")
    text = signed_in(cast.kai).post(f"/p/{production.slug}/ledger/check/").content.decode()
    assert "Entry 1 (shot.created) does not match its hash" in text
