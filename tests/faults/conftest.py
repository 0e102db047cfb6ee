"""Fault tests talk to the stage's own database, not to the session's."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import ConnectionHandler, connections
from django.test import override_settings

from studio.config.celery import broker
from studio.config.settings import database
from tests.faults.stage import Stage


@pytest.fixture(scope="package")
def whole_stage() -> Iterator[Stage]:
    stage = Stage()
    try:
        stage.start()
        yield stage
    finally:
        stage.stop()


@pytest.fixture
def stage(whole_stage: Stage, servers: Any, django_db_blocker: Any) -> Iterator[Stage]:
    """The stage, empty of programs; this test's Django speaks to its database and its folders."""
    usual = connections["default"]
    connections["default"] = ConnectionHandler({"default": database(whole_stage.postgres.url)})["default"]
    home = whole_stage.home
    usual_broker = current_app.conf.broker_url
    hint_through(broker(whole_stage.valkey.url))
    folders = {"MEDIA_HOME": home / "media", "UPLOAD_HOME": home / "uploads", "SCRATCH_HOME": home / "scratch"}
    try:
        with django_db_blocker.unblock(), override_settings(**folders, INGEST_PORT=whole_stage.ingest_port):
            yield whole_stage
    finally:
        whole_stage.clear()
        connections["default"].close()
        connections["default"] = usual
        hint_through(usual_broker)


def hint_through(url: str) -> None:
    """Celery keeps its connections by address: forget which ones it used."""
    current_app.conf.broker_url = url
    current_app._pool = current_app.amqp._producer_pool = None
