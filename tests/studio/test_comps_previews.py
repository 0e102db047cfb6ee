"""The live still: one slot a page, a cache by digest, an answer now or later. The engine is stood in for."""

import json
import os
import threading
import time
from dataclasses import replace

import pytest
from django.http import Http404

from studio.comps import previews, recipes, selectors, services
from studio.core.errors import Invalid
from tests.cast import make_cast
from tests.factories import fill, make_shot, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("servers")]


class Engine:
    """Writes a few bytes where a picture is asked for, and remembers what it was asked."""

    def __init__(self, error: Exception | None = None):
        self.asked: list[dict] = []
        self.error = error

    def __call__(self, op, args):
        assert op == "still"
        self.asked.append(args)
        if self.error:
            raise self.error
        with open(args["out"], "wb") as picture:
            picture.write(f"frame {args['frame']}".encode())
        return {"path": args["out"], "report": {"band_milli": 70, "screens": {}}, "seconds": 0.1}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "HOME", tmp_path)
    return tmp_path


@pytest.fixture
def hints(monkeypatch):
    """What the broker is told instead of being told it."""
    sent = []
    monkeypatch.setattr(previews.current_app, "send_task", lambda name, args, **kwargs: sent.append(args[0]))
    return sent


@pytest.fixture
def shot():
    shot = make_shot()
    for layer in shot.layers.all():
        fill(layer)
    return shot


def still(shot, frame=0, values=None, view="comp", layer="", width=72):
    return previews.still_of(shot, selectors.facts_of(shot), values or {}, frame, view, layer, width)


def sources(sha256):
    return f"/store/{sha256}"


def test_a_picture_is_made_once_and_then_found(shot, hints):
    engine, wish = Engine(), still(shot)
    assert previews.ask(wish, "page", wait_s=0)["state"] == "waiting"
    assert previews.serve(hints[0], engine, sources) == wish.digest
    answer = previews.ask(wish, "page", wait_s=0)
    assert (answer["state"], answer["report"]["band_milli"]) == ("ready", 70)
    assert previews.picture_path(wish.shot, wish.digest).read_bytes() == b"frame 0"
    assert len(engine.asked) == len(hints) == 1


def test_a_picture_that_comes_within_the_wait_is_the_answer(shot, hints):
    wish = still(shot)  # read before the thread starts: it has no database of its own
    worker = threading.Timer(0.1, lambda: previews.make(wish, Engine(), sources))
    worker.start()
    assert previews.ask(wish, "page", wait_s=10)["state"] == "ready"
    worker.join()


def test_what_a_hand_left_behind_is_never_rendered(shot, hints):
    engine = Engine()
    for frame in (3, 4, 5):
        previews.ask(still(shot, frame), "page", wait_s=0)
    assert [previews.serve(slot, engine, sources) for slot in hints].count("") == 2
    assert [args["frame"] for args in engine.asked] == [5]


def test_two_pages_do_not_push_each_other_aside(shot, hints):
    engine = Engine()
    previews.ask(still(shot, 3), "cleo", wait_s=0)
    previews.ask(still(shot, 9), "vera", wait_s=0)
    for slot in hints:
        previews.serve(slot, engine, sources)
    assert sorted(args["frame"] for args in engine.asked) == [3, 9]


def test_whatever_decides_the_picture_decides_its_name(shot):
    actor = str(shot.layers.get(kind="actor").pk)
    names = {
        still(shot).digest,
        still(shot, frame=1).digest,
        still(shot, view="matte").digest,
        still(shot, width=1080).digest,
        still(shot, values={actor: {"despill_milli": 800}}).digest,
        still(shot, values={"hidden": [actor]}).digest,
    }
    assert len(names) == 5  # 1080 is more than this production has: the width stays 72's
    assert still(shot).digest == still(shot, values={actor: {"despill_milli": 1000}}).digest


def test_a_still_is_of_what_is_stored_of_an_earlier_state_or_of_a_version(shot):
    cast = make_cast(shot.production)
    mark = {"match": {"wrap_milli": 0}}
    version = make_version(shot, recipe=recipes.build(selectors.facts_of(shot), mark, mode="best").to_dict())
    first = services.save_settings(actor=cast.cleo, shot=shot, values=mark)
    services.save_settings(actor=cast.cleo, shot=shot, values={"match": {"wrap_milli": 300}})

    def wrap(values=None, **wish):
        return dict(previews.still_for(cast.cleo, shot, {"frame": 0, **wish}, values).recipe.match)

    assert wrap() == {"wrap_milli": 300}
    assert wrap({"match": {"wrap_milli": 500}}) == {"wrap_milli": 500}
    assert wrap(step=first.steps()[0]["id"]) == {"wrap_milli": 0}
    of_version = previews.still_for(cast.cleo, shot, {"frame": 0, "version": version.number, "layer": "gone"})
    assert (of_version.recipe.mode, dict(of_version.recipe.match)) == ("best", {"wrap_milli": 0})
    with pytest.raises(Http404):
        wrap(version=99)
    with pytest.raises(Invalid, match="history"):
        wrap(step="0" * 16)


def test_a_fine_still_is_another_file_and_asks_for_quality(shot, hints):
    engine, wish = Engine(), still(shot)
    fine = replace(wish, fine=True)
    assert fine.digest != wish.digest
    previews.make(fine, engine, sources)
    previews.make(wish, engine, sources)
    assert [args.get("quality") for args in engine.asked] == [previews.FINE_QUALITY, None]


def test_one_layers_matte_leaves_the_others_out(shot, hints):
    actor = str(shot.layers.get(kind="actor").pk)
    engine = Engine()
    previews.make(still(shot, view="matte", layer=actor), engine, sources)
    assert [layer["id"] for layer in engine.asked[0]["recipe"]["layers"]] == [actor]
    with pytest.raises(Invalid):
        still(shot, view="matte", layer="gone")


def test_the_plate_is_shown_unkeyed_so_that_a_lost_screen_can_be_pointed_at(shot):
    values = {str(shot.layers.get(kind="actor").pk): {"screen_hue_milli": 850, "exposure_milli": 500}}
    layers = still(shot, values=values, view="plate").recipe.layers
    assert [(layer.source, layer.key, dict(layer.place)) for layer in layers] == [
        (shot.layers.get(kind="actor").element.artefact_id, None, {})
    ]


def test_a_failure_is_a_sentence_and_is_tried_again(shot, hints, home):
    error = type("Refused", (Exception,), {"code": "no_screen"})("No screen was found.")
    wish = still(shot)
    previews.make(wish, Engine(error), sources)
    answer = previews.ask(wish, "page", wait_s=0)
    assert (answer["state"], answer["error"]) == ("failed", "No screen was found.")
    assert not list(home.glob("*/*.part*"))
    note = previews.picture_path(wish.shot, wish.digest).with_suffix(".json")
    old = time.time() - previews.ERROR_S - 1
    os.utime(note, (old, old))
    assert previews.ask(wish, "page", wait_s=0)["state"] == "waiting"


def test_frames_beyond_the_comp_are_refused_with_the_count(shot):
    with pytest.raises(Invalid, match="48 frames"):
        still(shot, frame=48)


def test_a_previews_name_can_not_become_a_path(shot):
    for name in ("../../secret", "a" * 63, "A" * 64):
        with pytest.raises(Invalid):
            previews.picture_path("shot", name)


def test_the_folder_is_kept_under_its_cap_the_longest_unseen_going_first(shot, home):
    wishes = [still(shot, frame) for frame in range(6)]
    for age, wish in enumerate(reversed(wishes)):
        previews.make(wish, Engine(), sources)
        note = previews.picture_path(wish.shot, wish.digest).with_suffix(".json")
        os.utime(note, (time.time() - 1000 + age, time.time() - 1000 + age))
    size = sum(path.stat().st_size for path in home.glob("*/*"))
    previews.sweep(cap_bytes=size // 2)
    assert sum(path.stat().st_size for path in home.glob("*/*")) <= size // 2
    assert previews.look(wishes[0]) is not None  # frame 0 was looked at last
    assert previews.look(wishes[5]) is None


def test_widths_are_few_so_that_pages_share_pictures():
    assert previews.width_for(333, 1080) == 360
    assert previews.width_for(4000, 1080) == 1080
    assert previews.width_for(500, 540) == 540


def test_a_still_survives_the_way_through_the_slot(shot):
    wish = still(shot, 7, {"match": {"wrap_milli": 0}}, "difference")
    again = previews.Still.from_json(json.dumps(json.loads(wish.to_json())))
    assert (again.digest, again.recipe.frame_count) == (wish.digest, recipes.frame_count(selectors.facts_of(shot), {}))
