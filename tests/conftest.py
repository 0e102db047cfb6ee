"""What every test may use. Each session has its own PostgreSQL and Valkey; DATABASE_URL and REDIS_URL override."""

import os
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.servers import Servers

# Before anything asks for settings: this file is the first of ours that pytest loads.
SERVERS = Servers()
os.environ["DJANGO_SETTINGS_MODULE"] = "studio.config.settings"
assert settings.INSTALLED_APPS, "settings load here, so that pytest-django finds them configured"
# A cast is nine passwords; the real hasher is slow on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
BOOKS = {"ledger_entry": "ledger_entry_table", "reviews_decision": "decision_table"}


@pytest.fixture(scope="session")
def servers() -> Servers:
    """Running PostgreSQL and Valkey. Tests with a database have them already."""
    SERVERS.start()
    return SERVERS


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: Servers) -> None:
    """pytest-django calls this before it makes the test database: the moment to have a server."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Transactional tests empty all tables by TRUNCATE, which the books refuse: that one trigger sleeps in tests.

    `tests/studio/test_ledger.py` wakes it and sees it refuse.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table, trigger in BOOKS.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


@pytest.hookimpl(trylast=True)  # after pytest-django, which puts what has no database last
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where all tests drive browsers or kill processes, the longest come first, so that no lane ends late alone."""
    longest = ("tests/journeys", "tests/faults")
    if all(item.get_closest_marker("journey") or item.get_closest_marker("fault") for item in items):
        items.sort(key=lambda item: next((at for at, name in enumerate(longest) if item.nodeid.startswith(name)), 9))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """`./test fast` runs in several processes: each is a session like this one, and inherits nothing of it."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)  # else pytest-django loads settings before that session has servers
    SERVERS.forget()


def pytest_unconfigure() -> None:
    SERVERS.stop()
