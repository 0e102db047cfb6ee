"""What people see of running work, and how they stop it."""

import json

import pytest

from studio.accounts.models import ApiToken
from studio.jobs import registry, runner, services
from studio.jobs.models import Job
from tests.cast import make_cast
from tests.factories import make_production

pytestmark = pytest.mark.django_db


@pytest.fixture
def production():
    production = make_production()
    production.cast = make_cast(production)
    return production


@pytest.fixture
def job(production, monkeypatch):
    registry.autodiscover()
    monkeypatch.setattr(registry, "HANDLERS", dict(registry.HANDLERS))
    return services.submit(
        "test.render",
        production_id=production.pk,
        subject=production,
        title="EP01_SC01_SH010 v003",
        created_by=production.cast.cleo,
    )


def test_a_row_tells_how_far_and_offers_cancel(client, production, job):
    client.force_login(production.cast.cleo)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "EP01_SC01_SH010 v003" in page and "waiting for a worker" in page and f"/jobs/{job.pk}/cancel/" in page
    assert f'data-live="job:{job.pk}"' in page
    runner.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(progress_done=30, progress_total=120)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "30 of 120" in page and "--share:25.0%" in page
    Job.objects.filter(pk=job.pk).update(state="failed", error="The disk is full.")
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "The disk is full." in page and "cancel/" not in page


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("cleo", 200),
        ("priya", 200),
        ("dan", 200),
        ("vera", 200),
        ("ana", 403),
        ("eddie", 403),
        ("gus", 404),
        ("otto", 404),
    ],
)
def test_who_asked_for_work_and_who_leads_may_cancel_it(client, production, job, name, status):
    client.force_login(getattr(production.cast, name))
    answer = client.post(f"/jobs/{job.pk}/cancel/", headers={"HX-Request": "true"})
    assert answer.status_code == status
    job.refresh_from_db()
    assert job.state == ("cancelled" if status == 200 else "queued")


def test_without_script_cancel_leads_back(client, production, job):
    client.force_login(production.cast.cleo)
    answer = client.post(f"/jobs/{job.pk}/cancel/", headers={"Referer": "http://testserver/p/x/jobs/"})
    assert (answer.status_code, answer["Location"]) == (302, "http://testserver/p/x/jobs/")


def test_cancel_leads_to_no_other_site(client, production, job):
    client.force_login(production.cast.cleo)
    answer = client.post(f"/jobs/{job.pk}/cancel/", headers={"Referer": "http://evil.example/"})
    assert "evil" not in answer["Location"]


def test_a_guest_and_a_stranger_see_no_work(client, production, job):
    for person in (production.cast.gus, production.cast.otto):
        client.force_login(person)
        assert client.get(f"/jobs/{job.pk}/").status_code == 404


def ask(client, user, method, path, **fields):
    secret = ApiToken.fresh_secret()
    ApiToken.objects.create(user=user, name="script", sha256=ApiToken.digest(secret))
    answer = getattr(client, method)(path, headers={"Authorization": f"Bearer {secret}"}, **fields)
    return answer.status_code, json.loads(answer.content)


def test_scripts_list_read_and_cancel_jobs(client, production, job):
    base = f"/api/v1/productions/{production.slug}/jobs"
    status, rows = ask(client, production.cast.cleo, "get", f"{base}?state=queued")
    assert status == 200 and [row["id"] for row in rows] == [str(job.pk)]
    assert rows[0]["progress_permille"] == 0 and rows[0]["title"] == "EP01_SC01_SH010 v003"
    assert ask(client, production.cast.cleo, "get", f"{base}?state=done")[1] == []
    status, row = ask(client, production.cast.cleo, "post", f"{base}/{job.pk}/cancel")
    assert status == 200 and row["state"] == "cancelled"
    status, row = ask(client, production.cast.cleo, "post", f"{base}/{job.pk}/cancel")
    assert status == 409 and "ended already" in row["error"]
    assert ask(client, production.cast.otto, "get", f"{base}/{job.pk}")[0] == 404
    assert ask(client, production.cast.gus, "get", base)[1] == []
