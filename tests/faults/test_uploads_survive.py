"""An upload arrives whole, however often the ingest is killed and the line drops."""

import base64
import hashlib
import http.client
import os
import random
import threading
import time

import pytest

from studio.media import receivers, services, storage, sweep
from studio.media.models import Upload
from tests.cast import make_user
from tests.drain import drain_jobs
from tests.factories import make_production

pytestmark = pytest.mark.fault
PART = 2 * 1024 * 1024


class Client:
    """Sends as the browser does: parts with checksums, and HEAD after anything that went wrong."""

    def __init__(self, stage, data):
        self.port, self.data, self.interruptions = stage.ingest_port, data, 0
        digest = hashlib.sha256(data).hexdigest()
        production, person = make_production(), make_user("cleo")
        self.ticket = services.create_permit(
            person, production, "A001 归途.mp4", len(data), digest, {"kind": "fault"}, "http://127.0.0.1:8000"
        )
        self.path = f"/files/{self.ticket['upload']}"

    def ask(self, method, path, body=None, **headers):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            permit = {"Tus-Resumable": "1.0.0", "Authorization": f"Permit {self.ticket['permit']}"}
            line.request(method, path, body=body, headers=permit | given)
            answer = line.getresponse()
            answer.read()
            return answer
        finally:
            line.close()

    def send_all(self):
        offset = None
        while offset is None or offset < len(self.data):
            try:
                if offset is None:
                    self.ask("POST", "/files/", Upload_Length=str(len(self.data)))
                    offset = int(self.ask("HEAD", self.path).headers["Upload-Offset"])
                    continue
                part = self.data[offset : offset + PART]
                checksum = base64.b64encode(hashlib.sha256(part).digest()).decode()
                answer = self.ask(
                    "PATCH",
                    self.path,
                    Slow(part),
                    Content_Type="application/offset+octet-stream",
                    Content_Length=str(len(part)),
                    Upload_Offset=str(offset),
                    Upload_Checksum=f"sha256 {checksum}",
                )
                offset = int(answer.headers["Upload-Offset"]) if answer.status == 204 else None
            except (OSError, http.client.HTTPException):
                self.interruptions += 1
                offset = None
                time.sleep(0.02)


class Slow:
    """A body that takes a moment, so that a kill finds it under way."""

    def __init__(self, data):
        self.view = memoryview(data)

    def read(self, _count=-1):
        time.sleep(0.002)
        piece, self.view = bytes(self.view[:65536]), self.view[65536:]
        return piece


def test_an_ingest_killed_in_the_middle_goes_on_to_identical_bytes(stage, monkeypatch):
    got = []
    monkeypatch.setitem(receivers.RECEIVERS, "fault", lambda upload, artefact: got.append(artefact.sha256))
    data = os.urandom(24 * 1024 * 1024 + 777)
    client = Client(stage, data)
    ingest = stage.ingest()
    sender = threading.Thread(target=client.send_all)
    sender.start()
    path = services.upload_path(client.ticket["upload"])
    dice = random.Random(7)
    for kill in range(4):
        target = (kill + 1) * 4 * 1024 * 1024 + dice.randrange(PART)
        stage.until(lambda target=target: path.exists() and path.stat().st_size > target, "more has arrived")
        ingest.kill()
        ingest = stage.ingest()
    sender.join(60)
    assert not sender.is_alive(), stage.logs()
    assert client.interruptions >= 4, "no kill met the sender: the test tests nothing"
    drain_jobs()
    upload = Upload.objects.get(pk=client.ticket["upload"])
    assert (upload.state, upload.artefact_id) == ("stored", hashlib.sha256(data).hexdigest()), upload.error
    assert storage.path_of(upload.artefact_id).read_bytes() == data
    assert got == [upload.artefact_id], "received twice, or not at all"


def test_an_ingest_killed_after_the_last_byte_is_made_good_by_the_sweeper(stage, monkeypatch):
    monkeypatch.setitem(receivers.RECEIVERS, "fault", lambda upload, artefact: None)
    data = os.urandom(3_000_000)
    client = Client(stage, data)
    client_path = services.upload_path(client.ticket["upload"])
    client_path.parent.mkdir(parents=True, exist_ok=True)
    client_path.write_bytes(data)
    Upload.objects.filter(pk=client.ticket["upload"]).update(state="receiving")
    assert sweep.settle_uploads() >= 1
    drain_jobs()
    assert Upload.objects.get(pk=client.ticket["upload"]).state == "stored"
