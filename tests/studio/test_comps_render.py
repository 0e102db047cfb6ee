"""A version rendered for real: through the queue, in a child, to bytes in the store."""

import subprocess
import sys

import pytest

from compositing import sandbox
from studio.comps import handlers, previews, selectors, services
from studio.comps.models import Version
from studio.core.errors import Conflict
from studio.ledger import services as ledger
from studio.media import storage
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.studio.comps_footage import FRAMES, make_filled_shot, write_footage


@pytest.fixture(scope="session")
def footage(tmp_path_factory):
    return write_footage(tmp_path_factory.mktemp("footage"))


@pytest.fixture
def shot(db, footage):
    return make_filled_shot(*footage)


@pytest.fixture
def cast(shot):
    return make_cast(shot.production)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_version_goes_from_settings_to_bytes_to_review(shot, cast):
    version = services.start_version(actor=cast.cleo, shot=shot, submit=True)
    assert version.recipe["frame_count"] == FRAMES
    drain_jobs()
    version = Version.objects.get()
    assert (version.state, version.error) == ("in_review", "")
    assert version.frame_count == FRAMES and version.tiles > 0 and version.seconds_milli > 0
    for name in services.FILES:
        assert storage.path_of(getattr(version, f"{name}_id")).stat().st_size > 0, name
    probe = sandbox.run(
        "probe", {"path": str(storage.path_of(version.master_id)), "max_pixels": 10**8, "max_frames": 100}
    )
    assert (probe["width"], probe["height"], probe["frame_count"]) == (72, 128, FRAMES)
    screens = version.report["screens"]
    assert [screen["name"] for screen in screens.values()] == ["green"]
    shot.refresh_from_db()
    assert shot.state == "in_review"
    assert ledger.verify(shot.production_id) == []

    # The same recipe over the same sources is the same picture, and is not made twice.
    with pytest.raises(Conflict, match="v001 was made from exactly these"):
        services.start_version(actor=cast.cleo, shot=shot)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_draft_is_half_the_size_and_as_long(shot, cast):
    services.start_version(actor=cast.cleo, shot=shot, mode="draft", submit=True)
    drain_jobs()
    version = Version.objects.get()
    assert (version.state, version.error, version.frame_count) == ("ready", "", FRAMES)
    master = {"path": str(storage.path_of(version.master_id)), "max_pixels": 10**8, "max_frames": 100}
    probe = sandbox.run("probe", master)
    assert (probe["width"], probe["height"], probe["frame_count"]) == (36, 64, FRAMES)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_engines_refusal_stands_on_the_version_and_a_new_try_is_allowed(shot, cast):
    actor = shot.layers.get(kind="actor")
    services.save_settings(actor=cast.cleo, shot=shot, values={str(actor.pk): {"screen_hue_milli": 850}})
    version = services.start_version(actor=cast.cleo, shot=shot)
    drain_jobs(may_fail=True)
    version.refresh_from_db()
    assert version.state == "failed"
    assert "fills too little of the picture" in version.error
    assert services.start_version(actor=cast.cleo, shot=shot).name == "v002"


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_a_preview_is_the_comp_over_the_plate(shot, cast, tmp_path, monkeypatch):
    monkeypatch.setattr(previews, "HOME", tmp_path)
    monkeypatch.setattr(previews.current_app, "send_task", lambda name, args, **kwargs: handlers.preview(args[0]))
    facts = selectors.facts_of(shot)
    try:
        answers = {
            view: previews.ask(previews.still_of(shot, facts, {}, 4, view, "", 72), "page", wait_s=0)
            for view in ("comp", "matte", "foreground", "plate", "difference")
        }
    finally:
        if handlers._warm is not None:
            handlers._warm.close()
    assert {answer["state"] for answer in answers.values()} == {"ready"}
    pictures = {view: previews.picture_path(str(shot.pk), answer["digest"]) for view, answer in answers.items()}
    assert len({path.read_bytes() for path in pictures.values()}) == 5
    # Measured outside this process, which loads no media library: mean colour of the upper left corner.
    program = (
        "import sys, cv2\n"
        "for path in sys.argv[1:]: print(*cv2.imread(path)[:20, :15].mean((0, 1)).round().astype(int)[::-1])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, *map(str, pictures.values())], check=True, capture_output=True, text=True
    )
    corner = dict(zip(pictures, ([int(v) for v in line.split()] for line in told.stdout.splitlines()), strict=True))
    assert corner["comp"][2] > 120 and corner["comp"][1] < 90  # the plate's blue, no green left
    assert max(corner["matte"]) < 8
    assert corner["plate"][1] > 150
