"""<huo-upload> in a real browser against the real ingest: progress, pause, a reload, a dropped line, refusals."""

import asyncio
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp import web
from django.template.loader import render_to_string
from playwright.sync_api import expect

from studio.core.errors import DomainError
from studio.media import services
from studio.media.ingest.app import apart, build
from studio.media.models import Upload
from tests.browser.conftest import PATIENCE_S
from tests.cast import make_user
from tests.factories import make_production

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
STATIC = Path(__file__).parents[2] / "frontend" / "static"
MEGABYTE = 1024 * 1024
PAGE = """<!doctype html><meta charset="utf-8"><meta name="csrf" content="x">
<link rel="stylesheet" href="/static/css/app.css"><body><main class="page">
<form id="about"><input name="layer" value="actor"></form>{element}</main></body>"""


class Ingest:
    """The ingest's application in a thread; can be taken away and brought back on the same port."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.port = 0
        self.up()

    def up(self):
        self.runner, self.port = self.serve(build(), self.port)

    def down(self):
        self.close(self.runner)

    def serve(self, app, port=0):
        async def start():
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
            return runner, runner.addresses[0][1]

        return asyncio.run_coroutine_threadsafe(start(), self.loop).result(10)

    def close(self, runner):
        asyncio.run_coroutine_threadsafe(runner.cleanup(), self.loop).result(10)


@pytest.fixture(scope="module")
def ingest():
    ingest = Ingest()
    yield ingest
    ingest.down()
    ingest.loop.call_soon_threadsafe(ingest.loop.stop)


@pytest.fixture
def studio(settings, ingest, browser):
    """A page with the element, served from a port of its own as the studio is."""
    settings.INGEST_PORT = ingest.port
    production, person = make_production(), make_user("cleo")
    asked = []
    element = render_to_string("media/_upload.html", {"permit_url": "/permit", "form": "#about", "many": True})

    async def page(_request):
        return web.Response(text=PAGE.format(element=element), content_type="text/html")

    async def permit(request):
        values = await request.json()
        asked.append(values)
        origin, purpose = f"http://{request.host}", {"kind": "test"}
        try:
            given = values["filename"], values["size"], "", purpose, origin
            return web.json_response(await apart(services.create_permit, person, production, *given))
        except DomainError as error:
            return web.json_response({"error": str(error)}, status=error.status)

    app = web.Application()
    app.router.add_get("/page", page)
    app.router.add_post("/permit", permit)
    app.router.add_static("/static", STATIC)
    site, port = ingest.serve(app)
    page = browser.new_page(viewport={"width": 900, "height": 700}, base_url=f"http://127.0.0.1:{port}")
    page.set_default_timeout(PATIENCE_S * 1000)
    page.goto("/page")
    page.evaluate("window.arrived = []; addEventListener('uploaded', (event) => arrived.push(event.detail))")
    yield SimpleNamespace(page=page, asked=asked)
    page.close()
    ingest.close(site)


def choose(studio, name, data):
    studio.page.set_input_files("huo-upload input", {"name": name, "mimeType": "video/mp4", "buffer": data})


def row(studio, name):
    return studio.page.locator(".upload", has_text=name)


def only_upload():
    return Upload.objects.get()


def bytes_of():
    return services.upload_path(Upload.objects.get().pk).read_bytes()


def test_a_chosen_file_arrives_in_checked_parts_and_says_so(studio):
    data = os.urandom(14 * MEGABYTE + 5)
    checksums = []
    studio.page.on(
        "request",
        lambda request: checksums.append(request.headers.get("upload-checksum")) if request.method == "PATCH" else None,
    )
    choose(studio, "A001 归途.mp4", data)
    expect(row(studio, "归途")).to_have_attribute("data-state", "done")
    assert only_upload().state == "received" and bytes_of() == data
    assert len(checksums) == 3 and all(text.startswith("sha256 ") for text in checksums)
    assert studio.asked[0] == {"layer": "actor", "filename": "A001 归途.mp4", "size": len(data)}
    assert studio.page.evaluate("arrived[0].upload") == str(only_upload().pk)
    assert studio.page.evaluate("localStorage.length") == 0


def slow_down(studio, bytes_per_s):
    session = studio.page.context.new_cdp_session(studio.page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
    session.send("Network.emulateNetworkConditions", limits)
    return lambda: session.send("Network.emulateNetworkConditions", limits | {"uploadThroughput": -1})


def test_pause_and_go_on(studio):
    data = os.urandom(20 * MEGABYTE)
    full_speed = slow_down(studio, 4 * MEGABYTE)
    choose(studio, "long.mp4", data)
    expect(row(studio, "long").locator(".said")).to_contain_text("left")
    expect(row(studio, "long").locator(".said")).to_contain_text("/s")
    row(studio, "long").get_by_role("button", name="Pause").click()
    expect(row(studio, "long")).to_have_attribute("data-state", "paused")
    assert only_upload().state in ("receiving", "paused", "created")
    full_speed()
    row(studio, "long").get_by_role("button", name="Go on").click()
    expect(row(studio, "long")).to_have_attribute("data-state", "done")
    assert bytes_of() == data
    assert len(studio.asked) == 1


def test_after_a_reload_the_same_file_goes_on_where_it_stopped(studio, tmp_path):
    path = tmp_path / "reel.mp4"
    path.write_bytes(data := os.urandom(20 * MEGABYTE))
    full_speed = slow_down(studio, 5 * MEGABYTE)
    studio.page.set_input_files("huo-upload input", path)
    studio.page.wait_for_function("Object.values(localStorage).some((text) => JSON.parse(text).share > 0.2)")
    studio.page.on("dialog", lambda dialog: dialog.accept())
    studio.page.reload()
    full_speed()
    expect(row(studio, "reel")).to_contain_text("choose the same file again")
    assert len(bytes_of()) >= 6 * MEGABYTE
    sent = []
    studio.page.on(
        "request",
        lambda request: sent.append(int(request.headers["upload-offset"])) if request.method == "PATCH" else None,
    )
    studio.page.set_input_files("huo-upload input", path)
    expect(row(studio, "reel")).to_have_count(1)
    expect(row(studio, "reel")).to_have_attribute("data-state", "done")
    assert min(sent) >= 6 * MEGABYTE, "sent again from the beginning"
    assert bytes_of() == data and len(studio.asked) == 1


def test_a_dropped_line_is_picked_up_again_by_itself(studio, ingest):
    data = os.urandom(20 * MEGABYTE)
    full_speed = slow_down(studio, 5 * MEGABYTE)
    choose(studio, "night.mp4", data)
    expect(row(studio, "night").locator(".said")).to_contain_text("/s")
    ingest.down()
    expect(row(studio, "night")).to_have_attribute("data-state", "retrying")
    expect(row(studio, "night")).to_contain_text("goes on by itself")
    ingest.up()
    full_speed()
    expect(row(studio, "night")).to_have_attribute("data-state", "done")
    assert bytes_of() == data


def test_cancel_takes_the_bytes_back(studio):
    slow_down(studio, 2 * MEGABYTE)
    choose(studio, "wrong.mp4", os.urandom(20 * MEGABYTE))
    expect(row(studio, "wrong").locator(".said")).to_contain_text("/s")
    row(studio, "wrong").get_by_role("button", name="Cancel").click()
    expect(row(studio, "wrong")).to_have_attribute("data-state", "cancelled")
    studio.page.wait_for_timeout(300)
    upload = only_upload()
    assert upload.state == "expired" and not services.upload_path(upload.pk).exists()


def test_a_refusal_stands_at_its_row_while_others_go_on(studio, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    studio.page.set_input_files(
        "huo-upload input",
        [
            {"name": "big.mp4", "mimeType": "video/mp4", "buffer": b"x" * 2000},
            {"name": "small.mp4", "mimeType": "video/mp4", "buffer": b"y" * 500},
        ],
    )
    expect(row(studio, "big").get_by_role("alert")).to_contain_text("one upload may have")
    expect(row(studio, "small")).to_have_attribute("data-state", "done")
    expect(row(studio, "big").get_by_role("button", name="Try again")).to_be_visible()
    if folder := os.environ.get("HUO_SCREENSHOTS"):
        studio.page.screenshot(path=f"{folder}/upload.png")
