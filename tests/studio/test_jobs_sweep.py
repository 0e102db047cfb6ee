"""`manage.py sweep`: every duty is done, and one that cannot be done does not keep the others from it."""

import io

import pytest
from django.core.management import call_command
from django.db import OperationalError

from studio.jobs import hints, services
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.pipeline.management.commands import sweep
from tests.factories import make_production

pytestmark = pytest.mark.django_db


def test_one_round_anchors_the_books_and_says_what_it_did():
    production = make_production()
    ledger.record("x.y", production_id=production.pk, subject=production)
    said = io.StringIO()
    call_command("sweep", stdout=said)
    assert "anchor_changed: 1" in said.getvalue()
    assert said.getvalue().count("\n") == len(sweep.DUTIES)
    assert ledger.anchor_path(production.pk).exists()


def test_a_duty_that_fails_is_left_for_the_next_round(caplog, monkeypatch):
    def broken():
        raise OperationalError("the database is away")

    command = sweep.Command()
    monkeypatch.setattr(sweep.connection, "close", lambda: None, raising=False)
    command._try(broken)
    assert "could not sweep" in caplog.text


def test_a_broker_that_is_away_costs_a_hint_and_nothing_else(monkeypatch):
    def no_broker(*_args, **_kwargs):
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr("celery.app.base.Celery.send_task", no_broker)
    monkeypatch.setattr("celery.app.base.Celery.connection_for_read", no_broker)
    job = services.submit("test.work", production_id=make_production().pk, subject=None)
    assert hints.send(str(job.pk), "cpu") is False
    assert hints.waiting("cpu") is None
    assert Job.objects.get(pk=job.pk).state == "queued"


def test_the_broker_counts_its_hints(servers):
    before = hints.waiting("nobody-consumes-this")
    assert hints.send("not-a-job", "nobody-consumes-this")
    assert hints.waiting("nobody-consumes-this") == before + 1
