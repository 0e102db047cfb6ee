"""The servers that a test session runs on."""

import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_database_speaks_utf8_and_is_reached_by_socket_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_encoding'), current_setting('listen_addresses'), lower('ÀЖ火')")
        assert cursor.fetchone() == ("UTF8", "", "àж火")


def test_cache_answers(servers: object) -> None:
    cache.set("k", "值")
    assert cache.get("k") == "值"
