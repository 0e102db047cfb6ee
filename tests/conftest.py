"""What every test may use. Each session has its own PostgreSQL and Valkey; DATABASE_URL and REDIS_URL override."""

import os

import pytest
from django.conf import settings

from tests.servers import Servers

# Before anything asks for settings: this file is the first of ours that pytest loads.
SERVERS = Servers()
os.environ["DJANGO_SETTINGS_MODULE"] = "studio.config.settings"
assert settings.INSTALLED_APPS, "settings load here, so that pytest-django finds them configured"


@pytest.fixture(scope="session")
def servers() -> Servers:
    """Running PostgreSQL and Valkey. Tests with a database have them already."""
    SERVERS.start()
    return SERVERS


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: Servers) -> None:
    """pytest-django calls this before it makes the test database: the moment to have a server."""


def pytest_unconfigure() -> None:
    SERVERS.stop()
