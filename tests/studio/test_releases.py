"""A release: gate, real master, three hands, seal; and what every change of the bytes undoes."""

from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from studio.core.errors import Conflict, Forbidden, Invalid, NotThere
from studio.jobs.models import Job
from studio.jobs.services import cancel
from studio.ledger import services as ledger
from studio.ledger.models import Entry
from studio.media import storage
from studio.productions.models import Likeness, Production, Shot
from studio.releases import conforming, cutting, sealing, services
from studio.releases.models import Release, Signature
from studio.reviews import services as reviews
from studio.reviews.seen import Seen
from tests.drain import drain_jobs
from tests.factories import make_artefact
from tests.studio.releasing import Stage, approve, make_head, make_stage

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
GOOD_MANIFEST = {"present": True, "valid": True, "trusted": True, "state": "Trusted", "problems": []}


@pytest.fixture
def stage() -> Stage:
    stage = make_stage(2)
    stage.cut()
    return stage


def again(release: Release) -> Release:
    return Release.objects.select_related("episode__production", "job", "master").get(pk=release.pk)


def blocking(release: Release) -> set[str]:
    return {one["code"] for one in again(release).checks if one["state"] == "block"}


def with_master(stage: Stage, **measured: Any) -> Release:
    """A release whose master was recorded as if it had been conformed and measured."""
    release = services.conform(actor=stage.cast.eddie, release=stage.release())
    job = release.job
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state="done")
    seen = {
        "frame_count": 72, "width": 72, "height": 128, "fps_num": 24, "fps_den": 1, "aigc": None,
        "label_height_px": 0, "label_frames": 0, "manifest": GOOD_MANIFEST,
    } | measured  # fmt: skip
    master = make_artefact(stage.production)
    with transaction.atomic():
        run = SimpleNamespace(job=job, fence=lambda: None)
        services.record_master(run=run, release=release, master=master, measured=seen)
    return again(release)


def sign(stage: Stage, release: Release, *names: str) -> Release:
    for name in names:
        sealing.sign(actor=getattr(stage.cast, name), release=release, master_sha256=str(release.master_id))
    return again(release)


# The gate before there is a master


def test_a_cut_in_order_blocks_nothing_and_waits_for_its_master(stage):
    release = stage.release()
    assert release.state == "draft" and not blocking(release) and len(release.items) == 2
    with pytest.raises(Conflict, match="Release 1 is still open"):
        stage.release()


def test_a_blocked_gate_says_what_blocks_and_makes_no_master(stage):
    Production.objects.filter(pk=stage.production.pk).update(filing_number="")
    Likeness.objects.update(consent_reference="")
    release = stage.release()
    assert release.state == "blocked" and blocking(release) == {"filing", "consent"}
    with pytest.raises(Conflict, match="2 checks"):
        services.conform(actor=stage.cast.eddie, release=release)


def test_an_open_or_merely_answered_must_note_blocks_until_it_is_verified(stage):
    release = stage.release()
    version = stage.shots[0].versions.get()
    note = reviews.add_note(actor=stage.cast.dan, version=version, text="Her eyeline.", must=True)
    services.keep_true(release)
    assert blocking(release) == {"must_notes"}
    for state, blocks in (("addressed", True), ("reopened", True), ("verified", False), ("declined", False)):
        note.state = state
        note.save()
        services.keep_true(release)
        assert bool(blocking(release)) is blocks, state


def test_a_newer_version_and_a_veto_block(stage):
    release = stage.release()
    newer = make_head(stage.shots[0], stage.cast)
    services.keep_true(release)
    assert blocking(release) == {"head"}
    approve(stage.cast, newer)
    services.keep_true(release)
    assert blocking(release) == {"head"}  # the old approval still covers what the cut plays
    cutting.take_head(actor=stage.cast.eddie, episode=stage.episode, shot=stage.shots[0])
    assert not blocking(release)
    reviews.decide(actor=stage.cast.kai, version=newer, choice="veto", seen=_seen(newer), comment="No label.")
    services.keep_true(release)
    assert {"approved", "bytes"} <= blocking(release)


def _seen(version):
    return Seen.of(type(version).objects.get(pk=version.pk))


def test_an_approval_of_other_layers_or_bytes_is_no_approval(stage):
    release = stage.release()
    version = stage.shots[0].versions.get()
    layer = version.version_layers.first()
    layer.digest = "0" * 64
    layer.save()
    services.keep_true(release)
    assert "bytes" in blocking(release)


# Waivers and the label


def test_a_waiver_belongs_to_the_right_hand_and_to_what_it_saw(stage):
    Production.objects.filter(pk=stage.production.pk).update(filing_number="", budget_minor=-1)
    ledger.record("draw.done", production_id=stage.production.pk, subject=stage.production, cost_minor=5)
    release = stage.release()
    found = {one["code"]: one for one in release.checks}
    filing = {"release": release, "code": "filing", "fingerprint": found["filing"]["fingerprint"]}
    with pytest.raises(Forbidden):
        services.waive(actor=stage.cast.priya, reason="Filed, on its way.", **filing)
    with pytest.raises(Invalid, match="reason"):
        services.waive(actor=stage.cast.kai, reason=" ", **filing)
    with pytest.raises(Conflict, match="something else"):
        services.waive(actor=stage.cast.kai, reason="x", **(filing | {"fingerprint": "0" * 64}))
    services.waive(actor=stage.cast.kai, reason="Filed, on its way.", **filing)
    budget = {"release": release, "code": "budget", "fingerprint": found["budget"]["fingerprint"]}
    services.waive(actor=stage.cast.priya, reason="The network pays.", **budget)
    assert again(release).state == "draft" and not blocking(release)
    assert set(Entry.objects.filter(verb="release.waived").values_list("data__check", flat=True)) == {
        "filing",
        "budget",
    }
    Production.objects.filter(pk=stage.production.pk).update(budget_minor=-2)  # another finding than the waived one
    services.keep_true(release)
    assert blocking(release) == {"budget"}


def test_what_nobody_may_waive_is_not_waived(stage):
    Production.objects.filter(pk=stage.production.pk).update(height=120)
    release = stage.release()
    found = next(one for one in release.checks if one["code"] == "format")
    for name in ("priya", "dan", "kai"):
        with pytest.raises(Invalid, match="can't be waived"):
            services.waive(
                actor=getattr(stage.cast, name),
                release=release,
                code="format",
                fingerprint=found["fingerprint"],
                reason="x",
            )


def test_the_label_follows_the_layers_and_compliance_may_add_one(stage):
    release = stage.release()
    assert release.inputs["label"] == "" and conforming.aigc_of(release) is None
    assert conforming.conform_args(release, Path("out.mp4"))["label"] is None
    with pytest.raises(Forbidden):
        services.set_label(actor=stage.cast.dan, release=release, added=True)
    release = services.set_label(actor=stage.cast.kai, release=release, added=True)
    assert release.inputs["label"] == "added" and (conforming.aigc_of(release) or {})["Label"] == "2"
    assert conforming.conform_args(release, Path("out.mp4"))["label"]["height_permille"] >= 50
    assert services.set_label(actor=stage.cast.kai, release=release, added=False).inputs["label"] == ""


def test_an_ai_made_layer_obliges_the_label_and_the_producer_code():
    stage = make_stage(2, ai=True, content_producer="too-short")
    stage.cut()
    release = stage.release()
    assert release.inputs["label"] == "required" and blocking(release) == {"producer_code"}
    services.set_label(actor=stage.cast.kai, release=release, added=False)
    assert again(release).inputs["label"] == "required"  # no hand can take off what a layer obliges


# The master, the hands, the seal


def test_three_hands_on_the_same_bytes_seal(stage):
    release = with_master(stage)
    assert release.state == "ready"
    release = sign(stage, release, "kai", "dan")
    assert release.state == "ready" and Signature.objects.count() == 2
    release = sign(stage, release, "priya")
    assert release.state == "sealed" and release.sealed_at
    assert set(Shot.objects.values_list("state", flat=True)) == {"released"}
    entry = Entry.objects.get(verb="release.sealed")
    assert entry.data["master"] == release.master_id and set(entry.data["signed_by"]) == {
        "producer", "director", "compliance",
    }  # fmt: skip
    with pytest.raises(Conflict, match="sealed already"):
        sign(stage, release, "priya")


def test_the_seal_is_anchored_outside_the_database(stage, django_capture_on_commit_callbacks):
    release = with_master(stage)
    with django_capture_on_commit_callbacks(execute=True):
        sign(stage, release, "priya", "dan", "kai")
    assert ledger.anchor_path(stage.production.pk).exists()
    assert ledger.verify(stage.production.pk) == [] and ledger.verify_anchors(stage.production.pk) == []


def test_a_hand_signs_once_and_only_the_three_may(stage):
    release = with_master(stage)
    sign(stage, release, "dan")
    with pytest.raises(Conflict, match="signed as"):
        sign(stage, release, "dan")
    for name in ("vera", "cleo", "ana", "eddie", "gus"):
        with pytest.raises(Forbidden):
            sign(stage, release, name)
    with pytest.raises(NotThere):
        sign(stage, release, "otto")
    stage.cast.kai.is_automation = True
    with pytest.raises(Forbidden, match="automation"):
        sign(stage, release, "kai")


def test_a_stale_page_signs_nothing(stage):
    release = with_master(stage)
    with pytest.raises(Conflict, match="changed since you looked"):
        sealing.sign(actor=stage.cast.dan, release=release, master_sha256=make_artefact(stage.production).pk)
    assert not Signature.objects.exists()


def test_bytes_that_rot_in_the_store_are_not_signed(stage):
    release = with_master(stage)
    path = storage.path_of(str(release.master_id))
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(Conflict, match="store"):
        sign(stage, release, "dan")


CHANGES = {
    "trim": lambda s, r: cutting.trim(
        actor=s.cast.eddie, episode=s.episode, shot=s.shots[0], frame_in=1, frame_out=None
    ),
    "order": lambda s, r: cutting.move(actor=s.cast.eddie, episode=s.episode, shot=s.shots[1], after=None),
    "remove": lambda s, r: cutting.remove_shot(actor=s.cast.eddie, episode=s.episode, shot=s.shots[1]),
    "label": lambda s, r: services.set_label(actor=s.cast.kai, release=r, added=True),
    "filing": lambda s, r: Production.objects.filter(pk=s.production.pk).update(filing_number="other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_the_bytes_returns_it_to_draft_and_voids_the_hands(stage, change):
    release = sign(stage, with_master(stage), "priya", "dan")
    seen = release.master_id
    CHANGES[change](stage, again(release))
    with pytest.raises(Conflict, match="changed since you looked"):
        sealing.sign(actor=stage.cast.kai, release=again(release), master_sha256=str(seen))
    release = again(release)
    assert release.state == "draft" and release.master_id is None and not release.measured


def test_a_must_note_that_comes_late_stops_the_third_hand_but_keeps_the_others(stage):
    release = sign(stage, with_master(stage), "priya", "dan")
    note = reviews.add_note(actor=stage.cast.dan, version=stage.shots[0].versions.get(), text="Wait.", must=True)
    with pytest.raises(Conflict, match="gate blocks again"):
        sign(stage, release, "kai")
    assert again(release).state == "blocked"
    type(note).objects.update(state="verified")
    assert sign(stage, release, "kai").state == "sealed"


def test_a_master_that_is_not_what_was_asked_is_blocked(stage):
    release = with_master(stage, frame_count=71, manifest=GOOD_MANIFEST | {"valid": False, "state": "Invalid"})
    assert release.state == "blocked" and blocking(release) == {"master", "manifest"}
    assert services.conform(actor=stage.cast.eddie, release=release).state == "checking"  # made again


def test_the_cut_that_changes_under_a_running_conform_stops_it(stage):
    release = services.conform(actor=stage.cast.eddie, release=stage.release())
    with pytest.raises(Conflict, match="made already"):
        services.conform(actor=stage.cast.eddie, release=release)
    CHANGES["trim"](stage, release)
    assert again(release).state == "draft" and Job.objects.get(kind=services.CONFORM).state == "cancelled"


def test_a_cancelled_conform_leaves_a_draft_that_says_so(stage):
    release = services.conform(actor=stage.cast.eddie, release=stage.release())
    cancel(stage.cast.eddie, Job.objects.get(kind=services.CONFORM))
    release = again(release)
    assert release.state == "draft" and "Cancelled" in release.error


def test_a_sealed_release_is_published_and_withdrawn_with_a_reason(stage):
    release = sign(stage, with_master(stage), "priya", "dan", "kai")
    with pytest.raises(Forbidden):
        sealing.publish(actor=stage.cast.dan, release=release)
    assert sealing.publish(actor=stage.cast.kai, release=release).state == "published"
    with pytest.raises(Invalid, match="why"):
        sealing.withdraw(actor=stage.cast.priya, release=release, reason="")
    sealing.withdraw(actor=stage.cast.priya, release=release, reason="The music's licence ran out.")
    release = again(release)
    assert release.state == "withdrawn" and release.master_id
    assert set(Shot.objects.values_list("state", flat=True)) == {"in_cut"}
    assert stage.release().number == 2


# The real thing


@pytest.fixture
def keys(settings, tmp_path):
    settings.KEY_HOME = tmp_path / "keys"


def verify(path: Path) -> str:
    out = StringIO()
    call_command("verify_release", str(path), stdout=out, no_color=True)
    return out.getvalue()


def test_an_episode_with_an_ai_layer_is_conformed_labelled_sealed_and_every_tampering_is_noticed(keys, tmp_path):
    stage = make_stage(2, ai=True, width=540, height=960)
    stage.cut()
    cutting.trim(actor=stage.cast.eddie, episode=stage.episode, shot=stage.shots[0], frame_in=2, frame_out=None)
    release = services.conform(actor=stage.cast.eddie, release=stage.release())
    jobs = drain_jobs()
    assert [job.kind for job in jobs if job.kind.startswith("releases.")] == ["releases.conform"]
    release = again(release)
    seen = release.measured
    assert release.state == "ready", release.checks
    assert seen["frame_count"] == 70 and (seen["width"], seen["height"]) == (540, 960)
    assert seen["label_height_px"] >= 27 and seen["label_frames"] >= 48
    assert seen["aigc"]["Label"] == "1" and seen["aigc"]["ProduceID"] == str(release.pk)
    assert seen["manifest"]["trusted"] and seen["manifest"]["cut_digest"] == release.cut_digest
    assert seen["manifest"]["actions"] == 1 + 4 and seen["manifest"]["release"] == str(release.pk)
    assert seen["loudness"]["silent"] is False

    master = storage.path_of(str(release.master_id))
    with pytest.raises(CommandError, match="never sealed"):
        verify(master)
    sign(stage, release, "priya", "dan", "kai")
    said = verify(master)
    assert "Priya Rao" in said and "NOT" not in said and "is what the books say" in said

    sealing.verify(actor=stage.cast.eddie, release=again(release))
    [job] = drain_jobs()
    assert job.result["good"], job.result

    data = bytearray(master.read_bytes())
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 1
    changed = {"flip": flipped, "append": data + b"\0\0\0\x10free" + b"A" * 8, "cut": data[: len(data) // 2]}
    for name, tampered in changed.items():
        (tmp_path / f"{name}.mp4").write_bytes(tampered)
        with pytest.raises(CommandError, match="in no book"):
            verify(tmp_path / f"{name}.mp4")
    remux(master, tmp_path / "remux.mp4")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_release", str(tmp_path / "remux.mp4"), stdout=out, no_color=True)
    assert "no C2PA manifest" in out.getvalue()
    (tmp_path / "words.mp4").write_text("no film")
    with pytest.raises(CommandError, match="in no book"):
        verify(tmp_path / "words.mp4")


def remux(source: Path, out: Path) -> None:
    """The same pictures in a new box, as any converter would."""
    with av.open(str(source)) as film, av.open(str(out), "w") as copy:
        pictures = copy.add_stream_from_template(film.streams.video[0])
        for packet in film.demux(film.streams.video[0]):
            if packet.dts is not None:
                packet.stream = pictures
                copy.mux(packet)


def test_an_episode_without_an_ai_layer_owes_no_label_and_carries_none(keys):
    stage = make_stage(1, width=540, height=960)
    stage.cut()
    release = services.conform(actor=stage.cast.eddie, release=stage.release())
    drain_jobs()
    release = again(release)
    assert release.state == "ready", (release.error, release.checks)
    assert release.measured["aigc"] is None and release.measured["label_height_px"] == 0
    sign(stage, release, "priya", "dan", "kai")
    assert "No label is owed" in verify(storage.path_of(str(release.master_id)))
