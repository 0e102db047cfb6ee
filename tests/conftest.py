"""What every test may use. Each session has its own PostgreSQL and Valkey; DATABASE_URL and REDIS_URL override."""

import os
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from studio.bootstrap.postgres import NAME
from tests.servers import Servers

# Before anything asks for settings: this file is the first of ours that pytest loads.
SERVERS = Servers()
os.environ["DJANGO_SETTINGS_MODULE"] = "studio.config.settings"
assert settings.INSTALLED_APPS, "settings load here, so that pytest-django finds them configured"
# A cast is nine passwords; the real hasher is slow on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Every test client loads the middleware anew: static files are looked up when asked for, not all of them each time.
settings.WHITENOISE_AUTOREFRESH = True
if SERVERS.postgres is not None:  # ours has all tables: the test database begins as a copy
    settings.DATABASES["default"]["TEST"] = {"TEMPLATE": NAME}
DJANGOS = {"django_migrations", "django_content_type", "auth_permission"}
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
    """Transactional tests leave empty tables, which the books refuse: their triggers sleep while tables are emptied.

    Django's TRUNCATE costs 0.2 CPU-s each time, and waits for every reader. Deleting what little a test wrote costs a
    fiftieth. It takes a superuser, so an outside database is emptied Django's way, with the triggers off for good;
    `tests/studio/test_ledger.py` wakes one and sees it refuse.
    """
    if SERVERS.postgres is not None:
        TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[method-assign]
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table, trigger in BOOKS.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")


def empty_tables(_case: Any) -> None:
    """Every table but those that hold what Django itself knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({name for (name,) in cursor.fetchall()} - DJANGOS)
        delete = "".join(f'DELETE FROM "{table}";' for table in tables)
        cursor.execute(f"SET session_replication_role = replica; {delete} SET session_replication_role = origin")


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
