"""The cut: approved versions in the board's order, bound to what was approved."""

import pytest

from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.ledger.models import Entry
from studio.productions.models import Shot
from studio.releases import cutting, snapshot
from studio.releases.models import CutItem
from tests.studio.releasing import Stage, approve, make_head, make_stage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def stage() -> Stage:
    return make_stage(3)


def codes(stage: Stage) -> list[str]:
    return [item.shot.path_code for item in snapshot.cut_items(stage.episode)]


def state(shot: Shot) -> str:
    return Shot.objects.get(pk=shot.pk).state


def test_all_approved_heads_come_in_the_boards_order_and_their_shots_are_in_the_cut(stage):
    waiting = stage.shots[1]
    make_head(waiting, stage.cast)  # v002 is not decided on
    items = cutting.add_all(actor=stage.cast.eddie, episode=stage.episode)
    assert [item.shot.path_code for item in items] == ["SC01_SH010", "SC01_SH030"] == codes(stage)
    assert [state(shot) for shot in stage.shots] == ["in_cut", "in_review", "in_cut"]
    assert Entry.objects.filter(verb="cut.edited").count() == 1
    with pytest.raises(Conflict, match="no approved shot"):
        cutting.add_all(actor=stage.cast.eddie, episode=stage.episode)


def test_a_version_that_nobody_approved_is_refused_with_its_state(stage):
    make_head(stage.shots[0], stage.cast)
    with pytest.raises(Conflict, match=r"v002 of .*in review"):
        cutting.add_shot(actor=stage.cast.dan, episode=stage.episode, shot=stage.shots[0])


def test_removing_gives_the_shot_back_as_approved(stage):
    stage.cut()
    cutting.remove_shot(actor=stage.cast.eddie, episode=stage.episode, shot=stage.shots[0])
    assert codes(stage) == ["SC01_SH020", "SC01_SH030"] and state(stage.shots[0]) == "approved"
    with pytest.raises(Conflict, match="not in the cut any more"):
        cutting.remove_shot(actor=stage.cast.eddie, episode=stage.episode, shot=stage.shots[0])


def test_moving_moves_the_board_too_and_tells_how_to_take_it_back(stage):
    stage.cut()
    first, second, third = stage.shots
    was = cutting.move(actor=stage.cast.eddie, episode=stage.episode, shot=third, after=None)
    assert codes(stage) == ["SC01_SH030", "SC01_SH010", "SC01_SH020"] and was == second.code
    assert [shot.code for shot in Shot.objects.order_by("order")] == [third.code, first.code, second.code]
    cutting.move(actor=stage.cast.eddie, episode=stage.episode, shot=third, after=second)
    assert codes(stage) == ["SC01_SH010", "SC01_SH020", "SC01_SH030"]


@pytest.mark.parametrize(("first", "last"), [(0, 36), (20, 10), (-1, 5), (36, None)])
def test_a_trim_outside_the_version_is_refused_in_the_productions_frames(stage, first, last):
    stage.cut()
    with pytest.raises(Invalid, match="1001 to 1036"):
        cutting.trim(actor=stage.cast.eddie, episode=stage.episode, shot=stage.shots[0], frame_in=first, frame_out=last)


def test_a_trim_decides_the_cuts_length_and_digest(stage):
    stage.cut()
    before = snapshot.items_of(snapshot.cut_items(stage.episode))
    cutting.trim(actor=stage.cast.eddie, episode=stage.episode, shot=stage.shots[0], frame_in=4, frame_out=11)
    after = snapshot.items_of(snapshot.cut_items(stage.episode))
    assert snapshot.frames_of(before) == 108 and snapshot.frames_of(after) == 80
    assert snapshot.cut_digest(before) != snapshot.cut_digest(after)


def test_the_cut_keeps_its_version_until_somebody_takes_the_newer_one(stage):
    stage.cut()
    shot = stage.shots[0]
    cutting.trim(actor=stage.cast.eddie, episode=stage.episode, shot=shot, frame_in=30, frame_out=33)
    newer = make_head(shot, stage.cast, frame_count=24)
    with pytest.raises(Conflict, match="approved versions"):
        cutting.take_head(actor=stage.cast.eddie, episode=stage.episode, shot=shot)
    approve(stage.cast, newer)
    assert CutItem.objects.get(shot=shot, version__number=1)
    item = cutting.take_head(actor=stage.cast.eddie, episode=stage.episode, shot=shot)
    assert item.version == newer and (item.frame_in, item.frame_out) == (0, None)  # 1031 is beyond the new version
    assert state(shot) == "in_cut"


def test_sound_comes_from_the_file_of_the_take_the_actor_was_keyed_from():
    stage = make_stage(1)
    stage.cut()
    version = stage.shots[0].versions.get()
    actor = version.version_layers.get(kind="actor")
    version.recipe["layers"] = [{"id": str(actor.layer_id), "frame_offset": 7}]
    version.save()
    [item] = snapshot.items_of(snapshot.cut_items(stage.episode))
    assert item["audio"] == {"sha256": actor.artefact_sha256, "offset_frames": 7, "take": 1}


def test_a_take_without_sound_leaves_silence():
    stage = make_stage(1, sound=False)
    stage.cut()
    assert snapshot.items_of(snapshot.cut_items(stage.episode))[0]["audio"] is None


@pytest.mark.parametrize("name", ["priya", "vera", "cleo", "ana", "kai", "gus"])
def test_only_director_and_editor_cut(stage, name):
    with pytest.raises(Forbidden, match="director and the editor"):
        cutting.add_all(actor=getattr(stage.cast, name), episode=stage.episode)


def test_a_stranger_finds_no_cut(stage):
    with pytest.raises(NotThere):
        cutting.add_all(actor=stage.cast.otto, episode=stage.episode)
