"""The demo production: what it is made of, that it is real, that it can be interrupted, that it is made once."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Sum

from studio.accounts.demo import demo_users
from studio.comps.models import Version
from studio.footage.models import Take
from studio.generation.models import Draw
from studio.ledger.models import Entry
from studio.ledger.services import verify
from studio.media import storage
from studio.pipeline.demo import data
from studio.pipeline.demo.meter import Meter
from studio.pipeline.demo.seed import PLANNED, seed, seeded
from studio.productions.models import Element, Role, Shot
from studio.releases.models import Release
from studio.reviews.models import Decision, Note


def test_the_plan_is_whole() -> None:
    codes = [shot.code for shot in data.SHOTS]
    assert len(set(codes)) == len(codes) >= 12
    assert {shot.scene for shot in data.SHOTS} == set(data.SCENES)
    assert {person.role for person in data.PEOPLE} == set(Role.values)
    assert all(source and valid_from for _key, _model, _amount, source, valid_from in data.RATES)


def test_every_file_of_the_demo_says_where_it_comes_from() -> None:
    note = (data.FIXTURES / "README.md").read_text()
    assert "CC0" in note
    for path in data.FIXTURES.iterdir():
        if path.suffix in (".mp4", ".jpg"):
            assert path.name in note, f"{path.name} has no line in fixtures/demo/README.md"


def test_the_declared_plate_does_not_hide_what_it_is() -> None:
    source = str(data.DECLARED["source"])
    assert data.DECLARED["ai_made"] and data.DECLARED["origin"] == "generated"
    assert "on purpose" in source and "by rule" in source


def test_progress_says_how_long_it_still_takes() -> None:
    lines: list[str] = []
    done: dict[str, int] = {}
    meter = Meter(lines.append, {"comps.render": 4}, lambda: done)
    meter.say("one")
    done["comps.render"] = 2
    meter.say("two")
    done["comps.render"] = 4
    meter.say("three")
    assert "left" not in lines[0] and re.search(r"about \d+ s left", lines[1]) and "left" not in lines[2]


class Interrupted(Exception):
    pass


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_demo_is_made_for_real_goes_on_after_an_interruption_and_is_made_once(settings, monkeypatch) -> None:
    settings.DEMO = True
    # A quarter of the pixels: the same steps, sooner.
    monkeypatch.setattr(data, "PRODUCTION", data.PRODUCTION | {"width": 270, "height": 480})

    def break_off(line: str) -> None:
        if "drew" in line:
            raise Interrupted

    with pytest.raises(Interrupted):
        seed(break_off)
    assert seeded() is None
    assert 0 < Draw.objects.exclude(state="queued").count() < PLANNED["generation.draw"], "it broke off in the middle"

    lines: list[str] = []
    production = seed(lines.append)
    made = Take.objects.count(), Draw.objects.count()
    assert made == (PLANNED["footage.proxy"], PLANNED["generation.draw"]), "nothing is sent or drawn a second time"
    assert any("left" in line for line in lines), lines

    states = set(production.shots.values_list("state", flat=True))
    assert states == set(Shot.State.values) - {"released"}
    assert set(production.memberships.values_list("role", flat=True)) == set(Role.values)
    assert demo_users().count() == len(data.PEOPLE)

    versions = Version.objects.exclude(state="failed")
    assert versions.count() == PLANNED["comps.render"]
    assert len({version.master_id for version in versions}) == versions.count(), "each comp has bytes of its own"
    for version in versions:
        assert storage.path_of(version.master_id or "").stat().st_size > 5_000
        assert version.frame_count == version.shot.duration_frames >= 24
    assert versions.filter(version_layers__kind="actor").distinct().count() >= 3

    declared = Element.objects.get(ai_made=True)
    assert declared.licence == "CC0-1.0" and "on purpose" in declared.source
    assert (
        Note.objects.filter(must=True, state="verified").exists()
        and Note.objects.filter(must=True, state="open").exists()
    )
    assert not [row for row in Decision.objects.select_related("version") if row.actor_id == row.version.created_by_id]

    release = Release.objects.get(episode__number=1)
    assert release.state == "blocked" and len(release.items) == 3
    blocking = {check["code"] for check in release.checks if check["state"] == "block"}
    assert "filing" in blocking, blocking

    assert verify(production.pk) == []
    assert Entry.objects.filter(production_id=production.pk).aggregate(sum=Sum("cost_minor"))["sum"] > 0
    entries = Entry.objects.filter(production_id=production.pk).count()
    said = StringIO()
    call_command("seed_demo", stdout=said)
    assert "here already" in said.getvalue()
    assert Entry.objects.filter(production_id=production.pk).count() == entries, "a second seeding changes nothing"
    said = StringIO()
    call_command("demo_accounts", stdout=said)
    assert said.getvalue().count("@huo.demo") == len(Role.values) and data.PASSWORD in said.getvalue()
