"""Settings, versions and who may: with tables, without the engine."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.db import transaction

from studio.comps import selectors, services
from studio.comps.models import Version
from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.jobs.models import Job
from studio.ledger.models import Entry
from studio.media.models import ArtefactUse
from studio.productions.models import Rate
from tests.cast import make_cast
from tests.factories import fill, make_artefact, make_layer, make_shot

pytestmark = pytest.mark.django_db


@pytest.fixture
def shot():
    shot = make_shot()
    for layer in shot.layers.all():
        fill(layer)
    return shot


@pytest.fixture
def cast(shot):
    return make_cast(shot.production)


def layer_id(shot, kind="actor"):
    return str(shot.layers.get(kind=kind).pk)


def start(cast, shot, **kwargs):
    return services.start_version(actor=cast.cleo, shot=shot, **kwargs)


def recorded(version, *, seconds_milli=7_200_000, submit=False):
    """What the handler does after the engine's work."""
    run = SimpleNamespace(fence=lambda: None)
    files = {name: make_artefact(version.shot.production) for name in services.FILES}
    result = {"frame_count": 36, "tiles": {"count": 16}, "report": {"band_milli": 70, "screens": {}}}
    return services.record_render(
        run=run, version=version, files=files, result=result, seconds_milli=seconds_milli, submit=submit
    )


def test_settings_are_saved_undone_and_done_again(cast, shot):
    actor = layer_id(shot)
    first = services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"despill_milli": 800}})
    second = services.save_settings(
        actor=cast.cleo, shot=shot, values={actor: {"despill_milli": 800, "core_milli": 500}}, seen=first.seen
    )
    assert second.as_dict()["last"] == [[actor, "core_milli"]]
    back = services.step_settings(actor=cast.cleo, shot=shot, steps=-1, seen=second.seen)
    assert back.values == {actor: {"despill_milli": 800}}
    automatic = services.step_settings(actor=cast.cleo, shot=shot, steps=-1)
    assert (automatic.values, automatic.can_undo, automatic.can_redo) == ({}, False, True)
    assert services.step_settings(actor=cast.cleo, shot=shot, steps=-1).values == {}
    services.step_settings(actor=cast.cleo, shot=shot, steps=1)
    again = services.step_settings(actor=cast.cleo, shot=shot, steps=1)
    assert again.values == second.values
    assert selectors.settings_of(shot).values == second.values


def test_one_goes_back_to_any_state_of_the_history_and_forth_again(cast, shot):
    for value in (100, 200, 300):
        now = services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": value}})
    steps = now.steps()
    assert [step["position"] for step in steps] == [3, 2, 1, 0]
    assert [step["now"] for step in steps] == [True, False, False, False]
    assert (steps[0]["changed"], steps[0]["by"]) == ([["match", "wrap_milli"]], "Cleo Marsh")
    assert steps[0]["at"] and now.step(steps[2]["id"]) == {"match": {"wrap_milli": 100}}
    back = services.return_to_step(actor=cast.vera, shot=shot, position=1, seen=now.seen)
    assert (back.values, back.can_redo) == ({"match": {"wrap_milli": 100}}, True)
    assert len(back.steps()) == 4
    with pytest.raises(Invalid):
        services.return_to_step(actor=cast.vera, shot=shot, position=9)
    with pytest.raises(Conflict):
        services.return_to_step(actor=cast.vera, shot=shot, position=3, seen=now.seen)
    with pytest.raises(Forbidden):
        services.return_to_step(actor=cast.priya, shot=shot, position=3)
    with pytest.raises(Invalid):
        back.step("0" * 16)


def test_a_mask_is_saved_undone_and_refused_in_a_sentence(cast, shot):
    actor = layer_id(shot)
    triangle = {"frame": 3, "points": [[0, 0], [5000, 0], [0, 5000]]}
    mask = {"id": "a", "kind": "garbage", "keys": [triangle], "feather_px_milli": 0, "invert": 0}
    now = services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"masks": [mask]}})
    assert now.values == {actor: {"masks": [{"id": "a", "kind": "garbage", "keys": [triangle]}]}}
    assert now.as_dict()["last"] == [[actor, "masks", "garbage mask drawn"]]
    with pytest.raises(Invalid, match="3 to 200 points"):
        bad = mask | {"keys": [{"frame": 0, "points": [[0, 0]]}]}
        services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"masks": [bad]}})
    assert services.step_settings(actor=cast.cleo, shot=shot, steps=-1).values == {}
    assert services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"masks": []}}).values == {}


def test_an_undo_is_told_in_the_name_of_who_undid(cast, shot):
    services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": 0}})
    assert services.step_settings(actor=cast.vera, shot=shot, steps=-1).as_dict()["by"] == "Vera Lind"


def test_a_change_after_undo_starts_a_new_branch(cast, shot):
    actor = layer_id(shot)
    for value in (100, 200):
        services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"despill_milli": value}})
    services.step_settings(actor=cast.cleo, shot=shot, steps=-1)
    now = services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"despill_milli": 300}})
    assert not now.can_redo
    assert services.step_settings(actor=cast.cleo, shot=shot, steps=-1).values == {actor: {"despill_milli": 100}}


def test_a_stale_page_cannot_overwrite_a_colleagues_settings(cast, shot):
    actor = layer_id(shot)
    seen = selectors.settings_of(shot).seen
    services.save_settings(actor=cast.vera, shot=shot, values={actor: {"despill_milli": 800}}, seen=seen)
    with pytest.raises(Conflict, match="Somebody else"):
        services.save_settings(actor=cast.cleo, shot=shot, values={actor: {"despill_milli": 100}}, seen=seen)
    assert selectors.settings_of(shot).values == {actor: {"despill_milli": 800}}


def test_reset_makes_everything_automatic_and_can_be_undone(cast, shot):
    services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": 0}})
    assert services.reset_settings(actor=cast.cleo, shot=shot).values == {}
    assert services.step_settings(actor=cast.cleo, shot=shot, steps=-1).values == {"match": {"wrap_milli": 0}}


def test_the_history_is_long_but_not_endless(cast, shot):
    for value in range(1, services.HISTORY + 20):
        services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": value}})
    now = selectors.settings_of(shot)
    assert len(now.history) == services.HISTORY
    assert now.values == {"match": {"wrap_milli": services.HISTORY + 19}}


@pytest.mark.parametrize("who", ["priya", "eddie", "kai", "gus"])
def test_who_does_not_comp_can_neither_set_nor_start(cast, shot, who):
    person = getattr(cast, who)
    with pytest.raises(Forbidden):
        services.save_settings(actor=person, shot=shot, values={})
    with pytest.raises(Forbidden):
        services.start_version(actor=person, shot=shot)
    assert not Version.objects.exists()


@pytest.mark.parametrize("who", ["dan", "vera", "cleo", "ana"])
def test_who_comps_can_start_a_version(cast, shot, who):
    version = services.start_version(actor=getattr(cast, who), shot=shot)
    assert (version.name, version.state) == ("v001", "building")


def test_a_stranger_finds_nothing_to_comp(cast, shot):
    with pytest.raises(NotThere):
        services.start_version(actor=cast.otto, shot=shot)


def test_a_version_binds_recipe_layers_and_bytes(cast, shot):
    version = start(cast, shot, comment=" softer hair ", mode="best")
    layers = list(version.version_layers.all())
    assert version.comment == "softer hair"
    assert version.recipe["mode"] == "best"
    assert [layer.kind for layer in layers] == ["background", "actor"]
    assert [layer.origin for layer in layers] == ["procedural", "captured"]
    assert [layer.artefact_sha256 for layer in layers] == [
        row.element.artefact_id for row in shot.layers.order_by("order")
    ]
    job = Job.objects.get(kind="comps.render")
    assert (job.pk, job.subject_id, job.title) == (version.job_id, str(version.pk), version.code)
    entry = Entry.objects.get(verb="version.started")
    assert entry.made_from == sorted(layer.artefact_sha256 for layer in layers)
    shot.refresh_from_db()
    assert shot.state == "in_work"


def test_an_empty_layer_is_named_and_nothing_is_started(cast, shot):
    make_layer(shot, "crowd", name="Passers-by")
    with pytest.raises(Invalid, match="Passers-by"):
        start(cast, shot)
    assert not Version.objects.exists() and not Job.objects.exists()
    hidden = {"hidden": [layer_id(shot, "crowd")]}
    now = services.save_settings(actor=cast.cleo, shot=shot, values=hidden)
    assert now.as_dict()["last"] == [["hidden", layer_id(shot, "crowd")]]
    assert start(cast, shot).version_layers.count() == 2


def test_the_same_recipe_is_not_rendered_twice_at_once(cast, shot):
    start(cast, shot)
    with pytest.raises(Conflict, match="v001 is being rendered"):
        services.start_version(actor=cast.vera, shot=shot)
    assert Version.objects.count() == 1


def test_the_head_is_not_rendered_again_from_the_same_recipe(cast, shot):
    recorded(start(cast, shot))
    with pytest.raises(Conflict, match="v001 was made from exactly these"):
        start(cast, shot)
    other = start(cast, shot, values={"match": {"wrap_milli": 0}})
    assert other.name == "v002"


def test_going_back_to_an_older_look_makes_a_new_version(cast, shot):
    recorded(start(cast, shot))
    recorded(start(cast, shot, values={"match": {"wrap_milli": 0}}))
    assert start(cast, shot).name == "v003"


def test_a_shot_on_hold_is_not_rendered(cast, shot):
    shot.state = "on_hold"
    shot.save()
    with pytest.raises(Conflict, match="On hold"):
        start(cast, shot)


def test_an_unchanged_layer_keeps_its_digest_in_the_next_version(cast, shot):
    first = recorded(start(cast, shot))
    second = recorded(start(cast, shot, values={layer_id(shot): {"despill_milli": 700}}))
    digests = [dict(v.version_layers.values_list("kind", "digest")) for v in (first, second)]
    assert digests[0]["background"] == digests[1]["background"]
    assert digests[0]["actor"] != digests[1]["actor"]
    row = selectors.with_changes(list(selectors.versions_for(cast.cleo, shot)))[0]
    assert (row["kept"], row["changed"], row["before"].name) == (1, 1, "v001")


def test_rendering_is_costed_by_the_rate_card_and_entered(cast, shot):
    Rate.objects.create(
        production=shot.production, key="cpu_hour", amount_minor=50, source="house", valid_from=date(2020, 1, 1)
    )
    version = recorded(start(cast, shot))
    assert (version.state, version.frame_count, version.tiles, version.cost_minor) == ("ready", 36, 16, 100)
    entry = Entry.objects.get(verb="version.rendered")
    assert entry.cost_minor == 100
    assert set(entry.made_from) == {layer.artefact_sha256 for layer in version.version_layers.all()}


def test_without_a_rate_there_is_no_cost(cast, shot):
    assert recorded(start(cast, shot)).cost_minor is None


def test_a_newer_version_supersedes_older_drafts_only(cast, shot):
    first = recorded(start(cast, shot))
    services.submit_for_review(actor=cast.cleo, version=first)
    second = recorded(start(cast, shot, values={"match": {"wrap_milli": 1}}))
    third = recorded(start(cast, shot, values={"match": {"wrap_milli": 2}}))
    for version in (first, second, third):
        version.refresh_from_db()
    assert [first.state, second.state, third.state] == ["in_review", "superseded", "ready"]
    services.submit_for_review(actor=cast.cleo, version=third)
    first.refresh_from_db()
    assert first.state == "superseded"


def test_a_version_that_finishes_after_a_newer_one_is_superseded(cast, shot):
    slow = start(cast, shot)
    quick = recorded(start(cast, shot, values={"match": {"wrap_milli": 1}}))
    recorded(slow)
    slow.refresh_from_db()
    quick.refresh_from_db()
    assert (slow.state, quick.state) == ("superseded", "ready")


def test_submitting_puts_shot_and_files_before_reviewers(cast, shot):
    version = recorded(start(cast, shot))
    services.submit_for_review(actor=cast.cleo, version=version)
    shot.refresh_from_db()
    assert (version.state, shot.state) == ("in_review", "in_review")
    uses = dict(ArtefactUse.objects.values_list("artefact_id", "internal"))
    assert uses[version.proxy_id] is False
    assert all(uses[layer.artefact_sha256] for layer in version.version_layers.all())
    assert [row.name for row in selectors.versions_for(cast.gus, shot)] == ["v001"]


def test_submit_when_done_submits_in_the_authors_name(cast, shot):
    version = recorded(start(cast, shot, submit=True), submit=True)
    version.refresh_from_db()
    assert version.state == "in_review"
    assert Entry.objects.get(verb="version.submitted").actor_id == cast.cleo.pk


def test_submit_when_done_waits_when_the_author_left_the_team(cast, shot):
    version = start(cast, shot, submit=True)
    cast.cleo.memberships.all().delete()
    version.refresh_from_db()
    recorded(version, submit=True)
    version.refresh_from_db()
    assert version.state == "ready"


def test_submit_when_done_waits_when_the_shot_was_put_on_hold(cast, shot):
    version = start(cast, shot, submit=True)
    type(shot).objects.update(state="omitted")
    assert recorded(version, submit=True).state == "ready"
    version.refresh_from_db()
    assert version.state == "ready"
    assert not Entry.objects.filter(verb="version.submitted").exists()


def test_a_version_in_the_making_cannot_be_submitted(cast, shot):
    with pytest.raises(Conflict, match="still being rendered"):
        services.submit_for_review(actor=cast.cleo, version=start(cast, shot))


def test_cancelling_ends_the_job_and_the_version_says_who(cast, shot):
    version = start(cast, shot)
    services.cancel_version(actor=cast.cleo, version=version)
    version.refresh_from_db()
    assert (version.state, version.error) == ("failed", "Cancelled by Cleo Marsh.")
    assert Job.objects.get().state == "cancelled"
    assert start(cast, shot).name == "v002"  # what was called off may be asked for again


def test_only_its_author_and_the_leads_cancel_a_render(cast, shot):
    version = start(cast, shot)
    with pytest.raises(Forbidden):
        services.cancel_version(actor=cast.ana, version=version)
    services.cancel_version(actor=cast.priya, version=version)


def test_a_result_that_comes_after_the_cancel_is_refused(cast, shot):
    version = start(cast, shot)
    services.cancel_version(actor=cast.cleo, version=version)
    with pytest.raises(Conflict), transaction.atomic():
        recorded(version)
    version.refresh_from_db()
    assert version.state == "failed" and version.master_id is None


def test_a_versions_settings_can_be_taken_over_and_undone(cast, shot):
    actor = layer_id(shot)
    version = start(cast, shot, values={actor: {"despill_milli": 650}})
    services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": 0}})
    assert services.copy_settings(actor=cast.cleo, version=version).values == {actor: {"despill_milli": 650}}
    assert services.step_settings(actor=cast.cleo, shot=shot, steps=-1).values == {"match": {"wrap_milli": 0}}


def test_a_draft_stays_with_the_team_and_takes_no_finals_place(cast, shot):
    final = recorded(start(cast, shot, mode="fast"))
    # The same settings once more, to judge timing at half the size: another picture, not the same one again.
    draft = start(cast, shot, mode="draft", submit=True)
    assert (draft.draft, draft.mode, draft.recipe["mode"]) == (True, "draft", "fast")
    assert draft.job.payload["submit"] is False
    draft = recorded(draft, submit=draft.job.payload["submit"])
    final.refresh_from_db()
    assert (final.state, draft.state) == ("ready", "ready")
    with pytest.raises(Conflict, match="v002 is a draft at half the size"):
        services.submit_for_review(actor=cast.cleo, version=draft)
    with pytest.raises(Conflict, match="v001 was made from exactly these"):
        start(cast, shot, mode="fast")
    newer = recorded(start(cast, shot, mode="best"))
    draft.refresh_from_db()
    assert (newer.state, draft.state) == ("ready", "superseded")


def test_a_final_that_finishes_after_a_newer_draft_is_not_superseded(cast, shot):
    final, draft = start(cast, shot, mode="best"), start(cast, shot, mode="draft")
    recorded(draft)
    assert recorded(final).state == "ready"
