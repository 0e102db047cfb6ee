import pytest
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_database_speaks_utf8_and_is_reached_by_socket_only():
    with connection.cursor() as cursor:
        cursor.execute("show server_encoding")
        assert cursor.fetchone() == ("UTF8",)
        cursor.execute("show listen_addresses")
        assert cursor.fetchone() == ("",)
        cursor.execute("select lower('ÀЖ火')")
        assert cursor.fetchone() == ("àж火",)


def test_cache_answers(servers):
    cache.set("k", "值")
    assert cache.get("k") == "值"
