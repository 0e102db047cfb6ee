"""The store and what it serves."""

import asyncio
import hashlib
import os
import time
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import AsyncRequestFactory

from studio.core.errors import NotThere
from studio.media import serving, storage, sweep
from studio.media.models import Artefact, ArtefactUse
from tests.cast import make_cast
from tests.factories import make_artefact, make_production

pytestmark = pytest.mark.django_db
FILM = bytes(range(256)) * 40  # 10,240 bytes, every position tells


@pytest.fixture
def production():
    production = make_production()
    production.cast = make_cast(production)
    return production


@pytest.fixture
def film(production):
    return make_artefact(production, FILM)


@pytest.fixture
def cleo(client, production):
    client.force_login(production.cast.cleo)
    return client


def fetch(client, production, artefact, **headers):
    return client.get(
        storage.read_url(production, artefact), headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def test_a_kept_file_lies_under_its_digest_and_the_source_stays(tmp_path, production):
    path = tmp_path / "proxy.mp4"
    path.write_bytes(b"film")
    artefact = storage.adopt(path, mime="video/mp4", production_id=production.pk)
    digest = hashlib.sha256(b"film").hexdigest()
    assert (artefact.sha256, artefact.size, artefact.suffix) == (digest, 4, ".mp4")
    assert storage.path_of(digest).read_bytes() == b"film"
    assert storage.path_of(digest).parts[-3:] == (digest[:2], digest[2:4], digest)
    assert path.exists()


def test_a_kept_file_can_be_read_by_nginx(tmp_path):
    path = tmp_path / "upload"
    path.touch(mode=0o600)
    digest, _size = storage.keep(path)
    assert storage.path_of(digest).stat().st_mode & 0o777 == 0o644


def test_the_same_bytes_are_kept_once_and_used_by_each_production(tmp_path, production):
    other = make_production()
    for number, user in enumerate((production, other, other)):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(b"same")
        storage.adopt(path, mime="video/mp4", production_id=user.pk)
    digest = hashlib.sha256(b"same").hexdigest()
    assert Artefact.objects.filter(sha256=digest).count() == 1
    assert ArtefactUse.objects.filter(artefact_id=digest).count() == 2


def test_a_damaged_file_in_the_store_is_replaced_by_the_whole_one(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(b"whole bytes")
    digest, _size = storage.keep(path)
    storage.path_of(digest).unlink()
    storage.path_of(digest).write_bytes(b"whole")
    storage.keep(path)
    assert storage.path_of(digest).read_bytes() == b"whole bytes"


def test_a_file_on_another_disk_is_copied(tmp_path, monkeypatch):
    def no_links(*_args):
        raise OSError("Invalid cross-device link")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "x.bin"
    path.write_bytes(b"far away")
    digest, _size = storage.keep(path)
    assert storage.path_of(digest).read_bytes() == b"far away"
    assert list((storage.home() / storage.INCOMING).iterdir()) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "g" * 64, "a" * 63])
def test_no_path_is_made_of_anything_but_a_digest(name):
    with pytest.raises(NotThere):
        storage.path_of(name)


def test_a_use_once_open_to_guests_stays_open(tmp_path, production):
    path = tmp_path / "x.mp4"
    path.write_bytes(b"x")
    for internal in (True, False, True):
        artefact = storage.adopt(path, mime="video/mp4", production_id=production.pk, internal=internal)
    assert not ArtefactUse.objects.get(artefact=artefact).internal


def test_orphans_are_deleted_when_old_and_known_files_are_not(production, film):
    orphan = storage.path_of("ab" * 32)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"nobody's")
    half = storage.home() / storage.INCOMING / "half"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    sweep.clear_store()
    assert orphan.exists() and half.exists(), "a file gets its name just before its row: young ones may be somebody's"
    time.sleep(0.05)
    sweep.clear_store(older_than_s=0.01)
    assert not orphan.exists() and not half.exists()
    assert storage.path_of(film.sha256).exists()


def test_the_whole_file_comes_with_its_digest_as_tag(cleo, production, film):
    answer = fetch(cleo, production, film)
    assert answer.status_code == 200 and b"".join(answer.streaming_content) == FILM
    assert answer["ETag"] == f'"{film.sha256}"'
    assert answer["Content-Length"] == str(len(FILM)) and answer["Accept-Ranges"] == "bytes"
    assert "private" in answer["Cache-Control"] and "immutable" in answer["Cache-Control"]
    assert answer["Content-Type"] == "video/mp4"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-299", 100, 299),
        ("bytes=10000-", 10000, 10239),
        ("bytes=-40", 10200, 10239),
        ("bytes=-99999", 0, 10239),
        ("bytes=10239-99999", 10239, 10239),
    ],
)
def test_a_range_gives_its_bytes(cleo, production, film, wanted, first, last):
    answer = fetch(cleo, production, film, Range=wanted)
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/10240"
    assert b"".join(answer.streaming_content) == FILM[first : last + 1]
    assert answer["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize("wanted", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
def test_a_range_outside_the_file_is_416(cleo, production, film, wanted):
    answer = fetch(cleo, production, film, Range=wanted)
    assert answer.status_code == 416 and answer["Content-Range"] == "bytes */10240"


@pytest.mark.parametrize("wanted", ["bytes=0-1,5-6", "frames=0-1", "bytes=", "bytes=-", "bytes=9-3", "bytes=a-b"])
def test_a_range_that_is_none_gets_everything(cleo, production, film, wanted):
    assert fetch(cleo, production, film, Range=wanted).status_code == 200


def test_a_range_of_another_version_gets_everything(cleo, production, film):
    assert fetch(cleo, production, film, Range="bytes=0-9", If_Range='"other"').status_code == 200
    assert fetch(cleo, production, film, Range="bytes=0-9", If_Range=f'"{film.sha256}"').status_code == 206


def test_what_the_browser_has_is_not_sent_again(cleo, production, film):
    answer = fetch(cleo, production, film, If_None_Match=f'"{film.sha256}"')
    assert answer.status_code == 304 and not answer.content


def test_head_tells_the_size_without_the_bytes(cleo, production, film):
    answer = cleo.head(storage.read_url(production, film))
    assert answer.status_code == 200 and answer["Content-Length"] == "10240" and not answer.content


def test_a_download_carries_its_name(cleo, production, film):
    answer = cleo.get(storage.read_url(production, film) + "?download=归途 EP01.mp4")
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''%E5%BD%92%E9%80%94%20EP01.mp4"


def test_nginx_is_told_where_the_file_lies(cleo, production, film, settings):
    settings.ACCEL_PREFIX = "/protected/"
    answer = fetch(cleo, production, film)
    name = film.sha256
    assert answer["X-Accel-Redirect"] == f"/protected/{name[:2]}/{name[2:4]}/{name}"
    assert answer["Content-Type"] == "video/mp4" and answer["ETag"] and not answer.content


def test_a_stranger_another_production_and_a_visitor_get_nothing(client, production, film):
    url = storage.read_url(production, film)
    assert client.get(url).status_code == 302
    client.force_login(production.cast.otto)
    assert client.get(url).status_code == 404
    other = make_production()
    make_cast(other)
    client.force_login(production.cast.cleo)
    assert client.get(storage.read_url(other, film)).status_code == 404


def test_a_guest_gets_what_was_opened_and_no_working_file(client, production, film):
    client.force_login(production.cast.gus)
    url = storage.read_url(production, film)
    assert client.get(url).status_code == 404
    storage.open_to_guests(production.pk, [film.sha256])
    assert client.get(url).status_code == 200


def test_a_file_lost_from_the_disk_is_said_not_500(cleo, production, film):
    storage.path_of(film.sha256).unlink()
    answer = fetch(cleo, production, film)
    assert answer.status_code == 404 and "store" in answer.content.decode()


def test_under_asgi_bytes_are_streamed_in_pieces(film, monkeypatch):
    monkeypatch.setattr(serving, "PIECE", 1000)
    answer = serving.respond(AsyncRequestFactory().get("/"), film)

    async def collect():
        return [piece async for piece in answer.streaming_content]

    assert answer.is_async
    pieces = asyncio.run(collect())
    assert b"".join(pieces) == FILM and max(map(len, pieces)) == 1000


def test_the_filter_gives_the_address_or_nothing(production, film):
    text = Template("{{ production|media_url:film }}|{{ production|media_url:nothing }}").render(
        Context({"production": production, "film": film, "nothing": None})
    )
    assert text == f"/p/{production.slug}/media/{film.sha256}|"


def test_paths_stay_inside_the_home(settings):
    assert Path(settings.MEDIA_HOME).resolve() in storage.path_of("0" * 64).resolve().parents
