"""The keyed foreground handed out: asked for once, made in a child, kept by its sha256, entered in the books."""

import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from compositing import sandbox
from studio.comps import exports, services
from studio.comps.models import Export, Version
from studio.core.errors import Conflict, Forbidden, Invalid
from studio.jobs import services as jobs
from studio.ledger import services as ledger
from studio.ledger.models import Entry
from studio.media import storage
from tests.cast import make_cast
from tests.drain import drain_jobs
from tests.factories import make_version
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


def ready(shot, cast):
    """A version that says it is rendered, from the shot's real settings and sources."""
    version = services.start_version(actor=cast.cleo, shot=shot)
    jobs.cancel(cast.cleo, version.job)
    Version.objects.filter(pk=version.pk).update(state=Version.State.READY, error="")
    version.refresh_from_db()
    return version


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_foreground_goes_from_a_button_to_bytes_in_the_store(shot, cast):
    version = ready(shot, cast)
    for kind in Export.Kind.values:
        exports.start_export(actor=cast.cleo, version=version, kind=kind)
    drain_jobs()
    rows = {row.kind: row for row in Export.objects.all()}
    assert set(rows) == set(Export.Kind.values)
    assert all(row.artefact_id and not row.error and row.seconds_milli for row in rows.values())
    probe = sandbox.run("probe", {"path": str(storage.path_of(rows["prores4444"].artefact_id))})
    assert (probe["codec"], probe["has_alpha"], probe["frame_count"]) == ("prores", True, FRAMES)
    name = f"{shot.code}_{version.name}_fg"
    assert {row.filename for row in rows.values()} == {f"{name}.mov", f"{name}_png.zip", f"{name}_exr.zip"}
    for kind in ("png", "exr"):
        with zipfile.ZipFile(storage.path_of(rows[kind].artefact_id)) as box:
            assert box.namelist() == [f"{name}/{name}.{1001 + n}.{kind}" for n in range(FRAMES)]
    entries = Entry.objects.filter(verb="version.exported")
    assert {entry.data["sha256"] for entry in entries} == {row.artefact_id for row in rows.values()}
    assert ledger.verify(shot.production_id) == []
    # Made is made: asked again, nothing is done twice, and the team (no guest) may fetch it.
    again = exports.start_export(actor=cast.dan, version=version, kind="exr")
    assert again.pk == rows["exr"].pk and not again.job.live
    url = reverse("pipeline:media", args=[shot.production.slug, rows["exr"].artefact_id]) + "?download=fg.zip"
    client = Client()
    client.force_login(cast.eddie)
    assert "fg.zip" in client.get(url)["Content-Disposition"]
    client.force_login(cast.gus)
    assert client.get(url).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_asking_twice_makes_one_job_and_cancelling_leaves_the_button(shot, cast):
    version = ready(shot, cast)
    first = exports.start_export(actor=cast.cleo, version=version, kind="png")
    assert exports.start_export(actor=cast.dan, version=version, kind="png").job_id == first.job_id
    jobs.cancel(cast.cleo, first.job)
    first.refresh_from_db()
    assert "Cancelled" in first.error and not first.live
    assert exports.start_export(actor=cast.cleo, version=version, kind="png").job_id != first.job_id


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_who_may_not_render_may_not_export_and_what_is_not_there_is_told(shot, cast):
    version = ready(shot, cast)
    with pytest.raises(Forbidden):
        exports.start_export(actor=cast.eddie, version=version, kind="png")
    with pytest.raises(Invalid, match="prores4444"):
        exports.start_export(actor=cast.cleo, version=version, kind="avi")
    with pytest.raises(Invalid, match="no keyed layer"):
        bare = {**version.recipe, "layers": [dict(version.recipe["layers"][0], kind="background")]}
        exports.start_export(
            actor=cast.cleo, version=make_version(shot, state=Version.State.READY, recipe=bare), kind="png"
        )
    with pytest.raises(Conflict, match="not rendered"):
        exports.start_export(
            actor=cast.cleo, version=make_version(shot, state=Version.State.FAILED, recipe=version.recipe), kind="png"
        )


@pytest.mark.django_db
@pytest.mark.usefixtures("servers")
def test_the_page_and_the_api_show_the_same_exports(shot, cast):
    version = ready(shot, cast)
    Version.objects.filter(pk=version.pk).update(master=version.version_layers.first().artefact_sha256)
    client = Client()
    client.force_login(cast.cleo)
    episode, path = shot.code.split("_", 1)
    url = reverse("comps:export", args=[shot.production.slug, episode, path, version.name])
    answer = client.post(url, {"kind": "exr"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Export the foreground" in text and 'value="prores4444"' in text and 'value="exr"' not in text
    told = client.get(f"/api/v1/productions/{shot.production.slug}/shots/{shot.code}/versions/{version.name}/exports")
    assert [(row["kind"], row["artefact"]) for row in told.json()] == [("exr", None)]
