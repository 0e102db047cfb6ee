"""The draw table's services: totals that count a pick once, a budget stop that says who may lift it, more like this,
finals of drafts, and a draw in its shot before anybody picked it."""

import json

import pytest
from django.test import Client

from studio.comps import previews
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.generation import alike, papers, services, table, totals, varying
from studio.generation.backends import BACKENDS
from studio.generation.models import Draw
from studio.productions.models import Layer, LayerKind, Membership, Production, Rate, Shot
from tests.cast import Cast, make_cast
from tests.factories import make_artefact, make_episode, make_production, make_scene, make_shot

pytestmark = pytest.mark.django_db


@pytest.fixture
def production() -> Production:
    made = make_production(width=216, height=384, draw_cap_minor=500)
    Rate.objects.create(production=made, key="cpu_hour", amount_minor=36_000, source="test", valid_from="2026-01-01")
    return made


@pytest.fixture
def cast(production: Production) -> Cast:
    return make_cast(production)


@pytest.fixture
def shot(production: Production) -> Shot:
    return make_shot(make_scene(make_episode(production)), duration_frames=48)


@pytest.fixture
def background(shot: Shot) -> Layer:
    return shot.layers.get(kind=LayerKind.BACKGROUND)


def ask(cast: Cast, layer: Layer, **changed: object) -> list[Draw]:
    usual = {"actor": cast.ana, "layer": layer, "family": "office", "params": {}, "count": 1}
    return services.request_draws(**{**usual, **changed})  # type: ignore[arg-type]


def finish(draw: Draw, cost_minor: int = 2, state: str = "done", **fields: object) -> Draw:
    """As if a worker had drawn it."""
    artefact = make_artefact(draw.layer.shot.production)
    values = {"state": state, "artefact": artefact, "cost_minor": cost_minor, "seconds_milli": 900, **fields}
    values.setdefault("media", {"frame_count": 1, "width": 80, "height": 144})
    for name, value in values.items():
        setattr(draw, name, value)
    draw.save()
    return draw


def test_a_pick_counts_once_and_lost_draws_are_booked_apart(cast: Cast, background: Layer) -> None:
    first, second, third, fourth, fifth = ask(cast, background, count=5)
    finish(first, state="promoted", cost_minor=3)
    finish(second)
    finish(third, state="binned", bin_reason="too busy")
    finish(fourth, state="failed", cost_minor=4)
    final = finish(ask(cast, background, draft=False, final_of=second)[0], state="starred", cost_minor=10)
    again = services.queue_again(cast.ana, first, 2)
    finish(again, state="done", cost_minor=3)
    found = totals.of_layer(background)
    assert (found.made, found.kept, found.binned, found.undecided) == (3, 2, 1, 0)
    assert (found.failed, found.cancelled, found.live) == (1, 0, 1)
    assert (found.spent_minor, found.lost_minor) == (3 + 2 + 2 + 10 + 3, 4)
    assert found.live_minor == fifth.estimate_minor
    assert found.kept_milli == 2000 and found.per_kept_second_minor == 12
    assert found.share_permille == 666 and final.final_of == second
    assert totals.of_shot(background.shot) == totals.of_production(background.shot.production) == found


def test_nothing_drawn_has_no_share_and_no_price(background: Layer) -> None:
    found = totals.of_layer(background)
    assert found.share_permille is None and found.per_kept_second_minor is None and found.spent_minor is None


def test_the_budget_stops_before_anything_is_queued_and_names_who_may_lift_it(
    cast: Cast, background: Layer, production: Production
) -> None:
    finish(ask(cast, background)[0], cost_minor=499)
    with pytest.raises(Forbidden, match="Priya Rao") as stopped:
        ask(cast, background, count=8)
    assert "¥ 0.01 of your ¥ 5 " in str(stopped.value) and Draw.objects.count() == 1
    production.draw_cap_minor = None
    production.save()
    with pytest.raises(Forbidden, match="Ask Priya Rao to set one"):
        ask(cast, background)
    with pytest.raises(Forbidden, match="Vera Lind"):
        ask(cast, background, actor=cast.cleo)
    assert ask(cast, background, actor=cast.priya)


def test_a_failed_draw_does_not_count_against_the_artists_sum(cast: Cast, background: Layer) -> None:
    finish(ask(cast, background)[0], cost_minor=499, state="failed")
    assert ask(cast, background, count=4)


def test_seeds_come_from_the_locations_family_and_are_not_used_twice(cast: Cast, background: Layer) -> None:
    seeds = [draw.seed for draw in ask(cast, background, count=3) + ask(cast, background, count=2)]
    first = services.seed_family(background)
    assert seeds == list(range(first, first + 5))


def test_more_like_a_draw_varies_what_it_says(cast: Cast, background: Layer) -> None:
    (draw,) = ask(cast, background, params={"clutter": 20})
    finish(draw)
    assert alike.ways_of(draw) == ["seed", "settings"]
    others = alike.more_like(actor=cast.ana, draw=draw, count=3)
    assert {other.recipe["params"]["clutter"] for other in others} == {20}
    assert len({other.seed for other in [*others, draw]}) == 4 and {other.like for other in others} == {draw}
    moved = alike.more_like(actor=cast.ana, draw=draw, count=3, varies="settings")
    assert {other.seed for other in moved} == {draw.seed} and {other.varies for other in moved} == {"settings"}
    assert len({other.recipe_sha256 for other in [*moved, draw]}) == 4
    more = alike.more_like(actor=cast.ana, draw=draw, count=1, varies="settings")
    assert more[0].recipe_sha256 not in {other.recipe_sha256 for other in moved}
    with pytest.raises(Conflict):
        alike.more_like(actor=cast.ana, draw=draw, varies="picture")


def test_moved_settings_stay_in_range_and_leave_the_price_alone() -> None:
    offer = next(one for one in BACKENDS["procedural"].offers("background") if one.name == "office")
    for number in range(40):
        moved = varying.settings(offer.parameters, {}, 7, number)
        for one in offer.parameters:
            if one.kind == "number":
                assert one.minimum <= moved[one.name] <= one.maximum
    assert varying.settings(offer.parameters, {}, 7, 3) == varying.settings(offer.parameters, {}, 7, 3)

    class Steps:
        name, kind, minimum, maximum, default = "steps", "number", 1, 100, 20

    assert varying.settings([Steps], {"steps": 20}, 7, 0) == {"steps": 20}


def test_a_draft_in_use_is_drawn_once_at_full_size(cast: Cast, background: Layer, production: Production) -> None:
    draft = finish(ask(cast, background)[0])
    final = services.promote(actor=cast.ana, draw=draft)
    assert isinstance(final, Draw) and final.final_of == draft and final.seed == draft.seed
    assert (final.recipe["width"], final.recipe["height"]) == (production.width, production.height)
    with pytest.raises(Conflict, match="already"):
        services.promote(actor=cast.ana, draw=draft)
    finish(final)
    assert not isinstance(services.promote(actor=cast.dan, draw=draft), Draw)
    background.refresh_from_db()
    final.refresh_from_db()
    assert final.state == "promoted" and background.element is not None
    assert Draw.objects.count() == 2


def test_a_star_survives_the_bin_and_back(cast: Cast, background: Layer) -> None:
    draw = finish(ask(cast, background)[0])
    services.star(actor=cast.ana, draw=draw)
    services.bin_draw(actor=cast.ana, draw=draw, reason="too dark")
    services.restore(actor=cast.ana, draw=draw, starred=True)
    draw.refresh_from_db()
    assert draw.state == "starred" and not draw.bin_reason


def test_cards_stand_in_the_order_of_their_seeds_newest_request_first(cast: Cast, background: Layer) -> None:
    old = [finish(draw) for draw in ask(cast, background, count=3)]
    new = [finish(draw) for draw in ask(cast, background, count=2)]
    shown = [card["draw"] for card in table.sheet(cast.ana, background)["cards"]]
    assert shown == [*new, *old]
    services.bin_draw(actor=cast.ana, draw=old[0], reason="  the signs fight the face ")
    assert [card["draw"] for card in table.sheet(cast.ana, background, "binned")["cards"]] == [old[0]]
    assert table.reasons(background.shot.production)[0] == "the signs fight the face"


def test_papers_say_what_made_a_draw_and_what_replaying_it_would_cost(cast: Cast, background: Layer) -> None:
    draw = finish(ask(cast, background, params={"clutter": 20})[0], fingerprint={"family": "office", "version": 1})
    told = papers.told(cast.ana, draw)
    assert ["Clutter", "20 %"] in told["settings"] and ["version", "1"] in told["runtime"]
    assert told["replay"]["code"] == "untried" and told["replay_minor"]
    again = services.queue_again(cast.ana, draw, 1)
    assert papers.told(cast.ana, draw)["replaying"]
    finish(again, artefact=draw.artefact, fingerprint=draw.fingerprint)
    assert papers.told(cast.ana, draw)["replay"]["code"] == "bit_exact"
    assert table.Cards(background, [draw]).badge(draw) == "bit_exact"


def test_the_page_asks_with_a_price_before_and_stars_with_a_way_back(
    cast: Cast, background: Layer, client: Client
) -> None:
    client.force_login(cast.ana)
    shot = background.shot
    base = f"/p/{shot.production.slug}/EP01/{shot.path_code}/draws/{background.pk}/"
    quote = client.post(base + "quote/", {"family": "office", "count": "3"}).content.decode()
    assert "3 draws" in quote and "data-quote-draft" in quote and not Draw.objects.exists()
    assert client.post(base + "quote/", {"family": "office", "count": "40"}).status_code == 422
    client.post(base + "ask/", {"family": "office", "count": "2", "clutter": "35"})
    first, second = Draw.objects.order_by("seed")
    assert first.recipe["params"]["clutter"] == 35 and first.batch == second.batch
    told = client.get(base + "progress/").json()["draws"]
    assert told[str(first.pk)]["state"] == "queued"
    finish(first)
    star = f"/p/{shot.production.slug}/draw/{first.pk}/"
    answer = client.post(star + "star/", headers={"HX-Request": "true"})
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo"] == star + "unstar/"
    assert b'data-state="starred"' in answer.content
    answer = client.post(star + "bin/", {"reason": "wrong light"}, headers={"HX-Request": "true"})
    undo = json.loads(answer.headers["HX-Trigger"])["toast"]["undo"]
    client.post(undo, headers={"HX-Request": "true"})
    first.refresh_from_db()
    assert first.state == "starred"
    for part in ("", "?part=sheet", "?part=ask", f"?like={first.pk}&varies=settings", "?show=lost", "?like=nonsense"):
        assert client.get(base + part).status_code == 200
    assert client.get(star).status_code == client.get(star + "?part=1").status_code == 200


def test_a_crowd_begins_on_the_ground_of_its_own_background(cast: Cast, background: Layer, client: Client) -> None:
    (draw,) = ask(cast, background, params={"light": "golden", "camera_height": 133}, draft=False)
    finish(draw)
    draw.depth = make_artefact(background.shot.production, mime="image/png", suffix=".png")
    draw.save()
    services.promote(actor=cast.dan, draw=draw)
    crowd = background.shot.layers.create(kind="crowd", name="Crowd", order=9)
    fields = {one.name: value for one, value in table.asking(cast.dan, crowd, {})["offers"][0]["fields"]}
    assert (fields["ground"], fields["tone"]) == (draw.depth_id, "golden")


def test_asked_again_a_crowd_moves_to_the_ground_of_the_background_that_took_the_place(
    cast: Cast, background: Layer
) -> None:
    depths = []
    crowd = background.shot.layers.create(kind="crowd", name="Crowd", order=9)
    for n, light in enumerate(("night", "golden")):
        (draw,) = ask(cast, background, params={"light": light}, draft=False)
        finish(draw)
        draw.depth = make_artefact(background.shot.production, f"depth {n}".encode(), mime="image/png", suffix=".png")
        draw.save()
        services.promote(actor=cast.dan, draw=draw)
        depths.append(draw.depth_id)
        if not n:
            services.request_draws(
                actor=cast.vera, layer=crowd, family="crowd", params={"ground": draw.depth_id, "tone": light}, count=1
            )
    (stood,) = crowd.draws.all()
    assert depths[0] != depths[1] and stood.recipe["params"]["ground"] == depths[0]

    def begins(**query: str) -> tuple[object, object]:
        fields = {one.name: value for one, value in table.asking(cast.vera, crowd, query)["offers"][0]["fields"]}
        return fields["ground"], fields["tone"]

    assert begins() == (depths[1], "golden")
    assert begins(like=str(stood.pk))[0] == depths[0]


def test_the_page_of_one_who_may_not_spend_says_who_may(cast: Cast, background: Layer, client: Client) -> None:
    client.force_login(cast.cleo)
    shot = background.shot
    page = client.get(f"/p/{shot.production.slug}/EP01/{shot.path_code}/draws/{background.pk}/").content.decode()
    assert "Vera Lind" in page and "data-draft" not in page


def test_scripts_see_totals_reasons_papers_and_ask_for_more(cast: Cast, background: Layer, client: Client) -> None:
    client.force_login(cast.ana)
    base = f"/api/v1/productions/{background.shot.production.slug}"
    (draw,) = ask(cast, background)
    assert client.get(f"{base}/draws/{draw.pk}").json()["progress"]["state"] == "queued"
    assert client.get(f"{base}/draws/{draw.pk}/preview.jpg").status_code == 204
    finish(draw)
    made = client.post(f"{base}/draws/{draw.pk}/more", {"count": 2, "varies": "settings"}, "application/json").json()
    assert [row["like"] for row in made] == [str(draw.pk)] * 2
    assert client.get(f"{base}/layers/{background.pk}/draw-totals").json()["made"] == 1
    assert (
        client.get(f"{base}/shots/{background.shot.code}/draw-totals").json()
        == client.get(f"{base}/draw-totals").json()
    )
    assert "wrong light" in client.get(f"{base}/draw-reasons").json()
    assert client.get(f"{base}/draws/{draw.pk}/papers").json()["ways"] == ["seed", "settings"]
    quoted = client.post(
        f"{base}/layers/{background.pk}/quote",
        {"family": "office", "backend": "procedural", "count": 16},
        "application/json",
    ).json()
    assert quoted["minor"] and quoted["cap_minor"] == 500 and quoted["stop"] == ""


def test_a_preview_puts_the_draw_where_its_layers_filling_is(cast: Cast, background: Layer, shot: Shot) -> None:
    draw = finish(ask(cast, background)[0], origin="procedural")
    still = previews.still_for(cast.ana, shot, {"frame": 3, "draw": str(draw.pk)})
    assert still.recipe.sources() == (draw.artefact_id,)
    hidden = previews.still_for(cast.ana, shot, {"frame": 3, "draw": str(draw.pk)}, {"hidden": [str(background.pk)]})
    assert hidden.recipe.sources() == (draw.artefact_id,)
    with pytest.raises(Invalid):
        previews.still_for(cast.ana, shot, {"frame": 3})
    other = make_shot(shot.scene, 2)
    with pytest.raises(Invalid, match="no finished draw"):
        previews.still_for(cast.ana, other, {"frame": 0, "draw": str(draw.pk)})
    with pytest.raises(Invalid, match="no draw's name"):
        previews.still_for(cast.ana, shot, {"frame": 0, "draw": "x"})
    Membership.objects.filter(user=cast.ana).delete()
    with pytest.raises(Invalid, match="no finished draw"):
        previews.still_for(cast.ana, shot, {"frame": 0, "draw": str(draw.pk)})
