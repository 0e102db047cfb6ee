"""tus 1.0, spoken to the real ingest over real sockets."""

import asyncio
import base64
import hashlib
import http.client
import json
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from aiohttp import web

from studio.core.errors import Invalid
from studio.jobs.models import Job
from studio.ledger.models import Entry
from studio.media import receivers, services, storage, sweep
from studio.media.ingest.app import build
from studio.media.models import Upload
from tests.cast import make_user
from tests.drain import drain_jobs
from tests.factories import make_artefact, make_production

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGE = "http://127.0.0.1:8000"
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def port():
    """The ingest's application in a thread with its own loop."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(build())

    async def start():
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner.addresses[0][1]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


@pytest.fixture
def received(monkeypatch):
    """What the receiver for `test` got."""
    got = []
    monkeypatch.setitem(receivers.RECEIVERS, "test", lambda upload, artefact: got.append((upload.filename, artefact)))
    return got


class Sender:
    """A tus client as plain as can be."""

    def __init__(self, port, data, *, name="take 归途.mp4", declared="", origin=PAGE, **limits):
        self.port, self.data = port, data
        self.production = limits.pop("production", None) or make_production()
        self.ticket = services.create_permit(
            make_user("cleo"), self.production, name, len(data), declared, {"kind": "test"}, origin
        )
        self.headers = TUS | {"Authorization": f"Permit {self.ticket['permit']}"}
        self.path = f"/files/{self.ticket['upload']}"

    @property
    def row(self):
        return Upload.objects.get(pk=self.ticket["upload"])

    def ask(self, method, path=None, body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        wanted = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        line.request(method, path or self.path, body=body, headers=self.headers | wanted)
        answer = line.getresponse()
        text = answer.read()
        line.close()
        sentence = json.loads(text).get("error", "") if text else ""
        return SimpleNamespace(status=answer.status, headers=answer.headers, sentence=sentence)

    def create(self, **headers):
        return self.ask("POST", "/files/", **({"Upload_Length": str(len(self.data))} | headers))

    def send(self, start, end, *, checksum=False, damage=False, **headers):
        part = self.data[start:end]
        if checksum:
            headers["Upload_Checksum"] = "sha256 " + base64.b64encode(hashlib.sha256(part).digest()).decode()
        if damage:
            part = bytes([part[0] ^ 1]) + part[1:]
        kind = {"Content_Type": "application/offset+octet-stream"}
        return self.ask("PATCH", body=part, **({"Upload_Offset": str(start)} | kind | headers))

    def offset(self):
        return int(self.ask("HEAD").headers["Upload-Offset"])


@pytest.fixture
def sender(port, received):
    sender = Sender(port, os.urandom(300_000))
    assert sender.create().status == 201
    return sender


def test_the_server_says_what_it_can_do(port):
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("OPTIONS", "/files/", headers={"Origin": PAGE})
    answer = line.getresponse()
    assert answer.status == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "expiration", "termination", "checksum"}
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256"
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_a_file_sent_in_parts_is_stored_and_received(sender, received):
    for start in range(0, 300_000, 100_000):
        answer = sender.send(start, start + 100_000, checksum=True)
        assert (answer.status, answer.headers["Upload-Offset"]) == (204, str(start + 100_000))
        assert answer.headers["Upload-Expires"].endswith("GMT")
    assert sender.row.state == "received"
    drain_jobs()
    row = sender.row
    assert (row.state, row.offset) == ("stored", 300_000)
    assert storage.path_of(row.artefact_id).read_bytes() == sender.data
    assert [name for name, _artefact in received] == ["take 归途.mp4"]
    assert row.artefact.mime == "video/mp4"
    assert not services.upload_path(row.pk).exists()
    assert Entry.objects.filter(verb="upload.stored", subject_id=str(row.pk)).count() == 1
    assert sender.ask("HEAD").headers["Upload-Offset"] == "300000"


def test_creation_gives_a_place_and_gives_it_again(sender):
    again = sender.create()
    assert again.status == 201 and again.headers["Location"].endswith(sender.path)
    sender.send(0, 1000)
    assert sender.create().headers["Upload-Offset"] == "1000", "a second creation must not empty the file"


def test_a_wrong_offset_is_refused_and_changes_nothing(sender):
    sender.send(0, 1000)
    answer = sender.send(500, 1500)
    assert (answer.status, answer.headers["Upload-Offset"]) == (409, "1000")
    assert sender.offset() == 1000


def test_a_damaged_part_is_dropped_and_may_be_sent_again(sender):
    sender.send(0, 1000, checksum=True)
    answer = sender.send(1000, 5000, checksum=True, damage=True)
    assert answer.status == 460 and "damaged" in answer.sentence
    assert sender.offset() == 1000
    assert sender.send(1000, 5000, checksum=True).status == 204


@pytest.mark.parametrize("checksum", ["md5 1B2M2Y8AsgTpgAmY7PhCfg==", "sha256 ???", "sha256 AAAA", "sha256"])
def test_an_unknown_checksum_is_refused(sender, checksum):
    assert sender.send(0, 10, Upload_Checksum=checksum).status == 400


def drop_line(sender, count, *, checksum=False):
    """Promise a part, send `count` bytes of it, and go."""
    headers = sender.headers | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    if checksum:
        headers["Upload-Checksum"] = "sha256 " + base64.b64encode(hashlib.sha256(sender.data).digest()).decode()
    lines = [f"PATCH {sender.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(sender.data)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    line = socket.create_connection(("127.0.0.1", sender.port))
    line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + sender.data[:count])
    time.sleep(0.1)
    line.close()


def until(true, what):
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.mark.parametrize("checksum", [False, True])
def test_what_arrived_before_the_line_dropped_is_kept(sender, checksum):
    drop_line(sender, 123_456, checksum=checksum)
    until(lambda: sender.row.state == "paused", "the upload is not marked as paused")
    assert sender.offset() == 123_456 == sender.row.offset
    assert sender.send(123_456, 300_000).status == 204
    drain_jobs()
    assert storage.path_of(sender.row.artefact_id).read_bytes() == sender.data


def test_two_lines_cannot_write_one_file(sender):
    headers = sender.headers | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    lines = [f"PATCH {sender.path} HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 1000"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", sender.port)) as line:
        line.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + sender.data[:10])
        until(lambda: sender.row.state == "receiving", "the first line is not heard")
        answer = sender.send(0, 1000)
        assert answer.status == 423
        line.sendall(sender.data[10:1000])
        assert line.recv(4096).startswith(b"HTTP/1.1 204")


def test_more_bytes_than_promised_are_refused(sender):
    sender.data += b"more"
    answer = sender.send(0, 300_004)
    assert answer.status == 413 and sender.offset() == 0


def test_more_bytes_than_promised_in_chunks_without_a_length_are_refused(sender):
    sender.data += b"x" * 2_000_000
    line = http.client.HTTPConnection("127.0.0.1", sender.port, timeout=20)
    headers = sender.headers | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    pieces = (sender.data[start : start + 65536] for start in range(0, len(sender.data), 65536))
    try:
        line.request("PATCH", sender.path, body=pieces, headers=headers, encode_chunked=True)
        assert line.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # refused before we had finished sending
    assert sender.offset() == 0


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Authorization": "Permit forged"}, 401),
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer huo_x", "Cookie": "sessionid=abc"}, 401),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "null"}, 403),
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": "٣"}, 400),
    ],
)
def test_a_request_that_is_not_in_order_is_refused(sender, change, status):
    base = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Origin": PAGE}
    headers = {name: value.encode() for name, value in (sender.headers | base | change).items()}
    line = http.client.HTTPConnection("127.0.0.1", sender.port, timeout=20)
    line.request("PATCH", sender.path, body=sender.data, headers=headers)
    answer = line.getresponse()
    assert answer.status == status
    if "Origin" in change:
        assert answer.headers["Access-Control-Allow-Origin"] != "http://evil.example"
    assert sender.offset() == 0


def test_a_permit_opens_its_own_upload_only(sender, port):
    other = Sender(port, b"another")
    other.create()
    assert sender.ask("HEAD", other.path).status == 403
    assert sender.ask("DELETE", other.path).status == 403
    assert other.row.state == "created"


@pytest.mark.parametrize("path", ["/files/../../secret_key", "/files/%2e%2e%2fsecret_key", "/files/x"])
def test_no_path_can_be_made_of_an_id(sender, path):
    assert sender.ask("HEAD", path).status in (403, 404, 405)


def test_termination_removes_the_bytes(sender):
    sender.send(0, 1000)
    assert sender.ask("DELETE").status == 204
    assert not services.upload_path(sender.row.pk).exists()
    assert sender.ask("HEAD").status == 410
    assert sender.send(1000, 2000).status == 410


def test_an_expired_upload_is_gone(sender):
    sender.send(0, 1000)
    Upload.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert sender.ask("HEAD").status == 410
    assert sweep.expire_uploads() == 1
    row = sender.row
    assert row.state == "expired" and "in time" in row.error
    assert not services.upload_path(row.pk).exists()


def test_a_permit_runs_out(port, settings):
    settings.UPLOAD_EXPIRY_HOURS = -1
    late = Sender(port, b"late")
    answer = late.create()
    assert answer.status == 410 and "over" in answer.sentence


def test_quota_and_size_are_checked_when_asking_and_when_creating(port, settings, received):
    settings.QUOTA_BYTES = 1000
    production = make_production()
    first = Sender(port, b"x" * 600, production=production)
    with pytest.raises(services.TooLarge, match="storage has") as refused:
        Sender(port, b"x" * 600, production=production)
    assert refused.value.status == 413
    settings.QUOTA_BYTES = 500
    answer = first.create()
    assert answer.status == 413 and "Ask the producer" in answer.sentence
    settings.UPLOAD_MAX_BYTES = 100
    with pytest.raises(services.TooLarge, match="one upload may have"):
        Sender(port, b"x" * 101)


def test_what_a_production_holds_counts_against_its_quota(port, settings):
    production = make_production()
    make_artefact(production, b"y" * 800)
    settings.QUOTA_BYTES = 1000
    with pytest.raises(services.TooLarge):
        Sender(port, b"x" * 300, production=production)
    Sender(port, b"x" * 200, production=production)


def test_another_size_than_the_permits_is_refused(port):
    sender = Sender(port, b"x" * 100)
    assert sender.create(Upload_Length="99").status == 400
    assert sender.create(Upload_Length=None, Upload_Defer_Length="1").status == 400


@pytest.mark.parametrize(("name", "size"), [("", 5), ("/", 5), ("clip.mp4", 0), ("a\0b", 5)])
def test_an_unnamed_or_empty_file_gets_no_permit(name, size):
    with pytest.raises(Invalid):
        services.create_permit(make_user("cleo"), make_production(), name, size, "", {"kind": "test"}, PAGE)


def test_a_path_in_the_name_is_only_a_name():
    ticket = services.create_permit(
        make_user("cleo"), make_production(), "..\\..\\etc/passwd", 5, "", {"kind": "test"}, PAGE
    )
    assert Upload.objects.get(pk=ticket["upload"]).filename == "passwd"


def test_a_file_that_is_not_what_was_declared_is_corrupt_with_a_sentence(port, received):
    sender = Sender(port, b"these bytes", declared=hashlib.sha256(b"other bytes").hexdigest())
    sender.create()
    sender.send(0, 11)
    drain_jobs(may_fail=True)
    row = sender.row
    assert row.state == "corrupt" and "sha256" in row.error and received == []
    assert not services.upload_path(row.pk).exists()
    assert sender.ask("HEAD").status == 410


def test_a_receivers_refusal_reaches_the_upload(port, monkeypatch):
    def refuse(_upload, _artefact):
        raise Invalid("This shot takes no more takes.")

    monkeypatch.setitem(receivers.RECEIVERS, "test", refuse)
    sender = Sender(port, b"abc")
    sender.create()
    sender.send(0, 3)
    drain_jobs(may_fail=True)
    assert (sender.row.state, sender.row.error) == ("corrupt", "This shot takes no more takes.")


def test_the_last_answer_lost_is_made_good_by_asking_or_by_the_sweeper(port, received):
    """The ingest died between the last byte and the word about it."""
    for make_good in (lambda sender: sender.offset(), lambda sender: sweep.settle_uploads()):
        sender = Sender(port, b"whole file")
        sender.create()
        services.upload_path(sender.row.pk).write_bytes(b"whole file")
        make_good(sender)
        assert sender.row.state == "received"
    drain_jobs()
    assert len(received) == 2


def test_unchecked_bytes_of_a_killed_server_are_dropped(sender):
    sender.send(0, 1000, checksum=True)
    path = services.upload_path(sender.row.pk)
    with path.open("ab") as file:
        file.write(b"unchecked")
    path.with_suffix(".pending").write_text("1000")
    assert sender.offset() == 1000
    assert path.stat().st_size == 1000


def test_a_finished_upload_is_adopted_once_even_if_everybody_asks(sender):
    sender.send(0, 300_000)
    for _ in range(3):
        sender.offset()
        sweep.settle_uploads()
    assert Job.objects.filter(kind="media.adopt").count() == 1
    assert sender.send(0, 10).status == 409
    assert sender.ask("DELETE").status == 409


def test_an_answer_tells_the_page_its_offset_and_is_not_cached(sender):
    answer = sender.ask("HEAD", Origin=PAGE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Upload-Offset" in answer.headers["Access-Control-Expose-Headers"]
