"""The HTTP side: tus 1.0 over aiohttp, which reads a body only as fast as the disk takes it."""

import asyncio
import base64
import binascii
import contextvars
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, TypeVar
from uuid import UUID

from aiohttp import ClientError, web
from django.conf import settings
from django.db import Error, connections
from django.utils import translation
from django.utils.translation import gettext as _

from studio.core.errors import DomainError
from studio.media import services
from studio.media.ingest import disk, permits
from studio.media.ingest.errors import Refusal
from studio.media.ingest.permits import Permit
from studio.media.models import Upload
from studio.media.states import ARRIVED, OPEN

log = logging.getLogger(__name__)
VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
BUFFER = 1024 * 1024  # written at once
SILENCE_S = 30.0  # a line that says nothing for so long is taken for dropped
OFFSET_TYPE = "application/offset+octet-stream"
ASKED = "Authorization, Content-Type, Tus-Resumable, Upload-Checksum, Upload-Length, Upload-Metadata, Upload-Offset"
TOLD = "Location, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, "
TOLD += "Upload-Length, Upload-Offset"
DROPPED = (ConnectionError, ClientError, asyncio.TimeoutError, web.RequestPayloadError)

T = TypeVar("T")
# Threads for the database and the disk. Few: each holds a connection while it asks.
threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="ingest")


async def apart(function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Call a blocking function in a thread, and leave no database connection behind."""

    def call() -> T:
        try:
            return function(*args, **kwargs)
        finally:
            connections.close_all()

    words = contextvars.copy_context()  # the sender's language comes along
    return await asyncio.get_running_loop().run_in_executor(threads, words.run, call)


async def on_disk(function: Callable[..., T], *args: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, function, *args)


# -- the door


@web.middleware
async def door(request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> web.Response:
    """Version, origin and the sentence of whatever is refused."""
    origin = request.headers.get("Origin")
    try:
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise Refusal(412, _("This ingest speaks tus 1.0.0."), headers={"Tus-Version": VERSION})
        response = await handler(request)
    except Refusal as refusal:
        response = answer_error(refusal.status, str(refusal), refusal.code, refusal.headers)
    except DomainError as error:
        response = answer_error(error.status, str(error), error.code)
    except Error:
        log.warning("database broke", exc_info=True)
        response = answer_error(503, _("The studio's database is away. The upload goes on by itself."), "database")
        response.headers["Retry-After"] = "2"
    except web.HTTPException as error:
        response = answer_error(error.status, error.reason)
    assert isinstance(response, web.Response)
    response.headers["Tus-Resumable"] = VERSION
    response.headers["X-Content-Type-Options"] = "nosniff"
    if origin and permits.may_ask(origin, request.host):
        response.headers.update(
            {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": TOLD, "Vary": "Origin"}
        )
    return response


def answer_error(status: int, sentence: str, code: str = "", headers: dict[str, str] | None = None) -> web.Response:
    body = json.dumps({"error": sentence, "code": code}, ensure_ascii=False)
    return web.Response(status=status, text=body, content_type="application/json", headers=headers)


def admitted(request: web.Request) -> Permit:
    """The request's permit, its origin and its address checked; from here on we speak the sender's language."""
    permit = permits.read(request.headers.get("Authorization", ""))
    translation.activate(permit.language)
    permits.check_origin(permit, request.headers.get("Origin"))
    named = request.match_info.get("id")
    if named is not None and named != str(permit.upload):
        raise Refusal(403, _("This permit is for another upload."), code="permit")
    return permit


def find(upload_id: UUID) -> Upload:
    """The upload's row. Raises Refusal 404, or 410 for one that ended without its bytes."""
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise Refusal(404, _("There is no such upload. Start it again."), code="gone")
    if upload.state == Upload.State.CORRUPT:
        raise Refusal(410, upload.error or _("The file arrived damaged. Send it again."), code="corrupt")
    if upload.state == Upload.State.EXPIRED or (upload.state in OPEN and upload.expires_at < datetime.now(UTC)):
        raise Refusal(410, upload.error or _("The time for this upload is over. Start it again."), code="expired")
    return upload


def told(upload: Upload, offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


def whole_number(request: web.Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refusal(400, _("The header %(name)s must be a whole number.") % {"name": name})
    return int(text)


# -- the verbs


async def options(request: web.Request) -> web.Response:
    """What this server can do, and the browser's preflight."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Checksum-Algorithm": "sha256",
        "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
        "Access-Control-Allow-Methods": "POST, HEAD, PATCH, DELETE, OPTIONS",
        "Access-Control-Allow-Headers": ASKED,
        "Access-Control-Max-Age": "86400",
    }
    return web.Response(status=204, headers=headers)


async def create(request: web.Request) -> web.Response:
    """Creation: the permit has named the upload already; its bytes get a place. Asking twice gives the same place."""
    permit = admitted(request)
    if "Upload-Defer-Length" in request.headers:
        raise Refusal(400, _("The size of the file must be known at the start."))
    length = whole_number(request, "Upload-Length")
    upload = await apart(find, permit.upload)
    await apart(services.check_room, upload.production_id, length, but=upload.pk)
    if length != permit.size:
        raise Refusal(400, _("The permit is for a file of another size. Choose the same file, or start again."))
    if upload.state in OPEN:
        await on_disk(disk.create, upload.pk)
    base = settings.INGEST_URL or f"{request.scheme}://{request.host}"
    offset = upload.size if upload.state in ARRIVED else await on_disk(disk.offset, upload.pk, upload.size)
    return web.Response(status=201, headers={"Location": f"{base}/files/{upload.pk}", **told(upload, offset)})


async def head(request: web.Request) -> web.Response:
    """How far it is. A file found whole is finished here, should its last answer have been lost."""
    permit = admitted(request)
    upload = await apart(find, permit.upload)
    if upload.state in ARRIVED:
        offset = upload.size
    else:
        try:
            offset = await on_disk(disk.offset, upload.pk, upload.size)
        except FileNotFoundError:
            raise Refusal(404, _("There is no such upload. Start it again."), code="gone") from None
        if offset == upload.size:
            await apart(services.received, upload.pk)
    headers = {"Cache-Control": "no-store", "Upload-Length": str(upload.size), **told(upload, offset)}
    return web.Response(status=200, headers=headers)


async def patch(request: web.Request) -> web.Response:
    """Take a part. What arrives before a line drops is kept, unless its checksum says otherwise."""
    permit = admitted(request)
    if request.content_type != OFFSET_TYPE:
        raise Refusal(415, _("Parts are sent as %(type)s.") % {"type": OFFSET_TYPE})
    wanted, promised = whole_number(request, "Upload-Offset"), checksum(request)
    upload = await apart(find, permit.upload)
    if upload.state in ARRIVED:
        raise Refusal(409, _("Every byte of this file is here already."), headers=told(upload, upload.size))
    try:
        vessel = await on_disk(disk.Vessel, upload.pk, upload.size)
    except disk.Busy:
        raise Refusal(423, _("Another line is sending this file just now."), headers={"Retry-After": "1"}) from None
    except FileNotFoundError:
        raise Refusal(404, _("There is no such upload. Start it again."), code="gone") from None
    with vessel:
        if wanted != vessel.offset:
            raise Refusal(409, _("The next byte expected is another one."), headers=told(upload, vessel.offset))
        if vessel.offset + (request.content_length or 0) > upload.size:
            raise Refusal(413, _("More bytes than the file was said to have."))
        await apart(services.receiving, upload.pk)
        whole = await pour(request, vessel, promised, upload.pk)
        if not whole:
            await apart(services.arrived_so_far, upload.pk, vessel.offset, paused=True)
            raise Refusal(408, _("The line dropped."), headers=told(upload, vessel.offset))
        if promised is not None and vessel.hash is not None and vessel.hash.digest() != promised:
            await on_disk(vessel.drop)
            raise Refusal(
                460, _("A part was damaged on its way; it is sent again."), headers=told(upload, vessel.offset)
            )
        offset = await on_disk(vessel.settle)
    if offset == upload.size:
        await apart(services.received, upload.pk)
    else:
        await apart(services.arrived_so_far, upload.pk, offset, paused=False)
        await apart(find, upload.pk)  # cancelled or expired while the part was under way
    return web.Response(status=204, headers=told(upload, offset))


def checksum(request: web.Request) -> bytes | None:
    """The sha256 in `Upload-Checksum: sha256 <base64>`; None without one. Raises Refusal 400 for another algorithm."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _space, text = header.partition(" ")
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm != "sha256" or len(digest) != 32:
        raise Refusal(400, _("Checksums are sha256, in base64."))
    return digest


async def pour(request: web.Request, vessel: disk.Vessel, promised: bytes | None, upload_id: UUID) -> bool:
    """The body into the file, one buffer at a time. False if the line dropped; then what came is durable.

    Raises Refusal 413 if more comes than fits, 507 on a full disk.
    """
    await on_disk(lambda: vessel.begin(checked=promised is not None))
    gathered = bytearray()
    try:
        while chunk := await asyncio.wait_for(request.content.readany(), SILENCE_S):
            gathered += chunk
            if vessel.offset + len(gathered) > vessel.size:
                await on_disk(vessel.drop)
                raise Refusal(413, _("More bytes than the file was said to have."))
            if len(gathered) >= BUFFER:
                data, gathered = bytes(gathered), bytearray()
                await on_disk(vessel.write, data)
        await on_disk(vessel.write, bytes(gathered))
        return True
    except DROPPED:
        log.info("line dropped", extra={"upload": upload_id, "offset": vessel.offset + len(gathered)})
        await on_disk(vessel.write, bytes(gathered))
        await on_disk(vessel.settle)
        return False
    except asyncio.CancelledError:  # this server goes down
        vessel.write(bytes(gathered))
        vessel.settle()
        raise
    except OSError as error:
        log.error("cannot write", extra={"upload": upload_id, "reason": str(error)})
        await on_disk(vessel.drop)
        sentence = _("The studio's disk cannot take this file. Tell whoever looks after it.")
        raise Refusal(507, sentence, code="disk") from None


async def delete(request: web.Request) -> web.Response:
    """Termination: the sender gives up; the bytes go."""
    permit = admitted(request)
    upload = await apart(find, permit.upload)
    if upload.state in ARRIVED or not await apart(services.end_upload, upload, _("Cancelled by the sender.")):
        raise Refusal(409, _("Every byte of this file is here already; it can't be cancelled any more."))
    return web.Response(status=204)


async def health(_request: web.Request) -> web.Response:
    """`OPTIONS /` without an origin: is it there?"""
    return web.Response(status=204, headers={"Tus-Version": VERSION})


def build() -> web.Application:
    app = web.Application(middlewares=[door])
    for root in ("", "/ingest"):  # nginx may pass its prefix on
        app.router.add_route("OPTIONS", root + "/", health)
        app.router.add_route("OPTIONS", root + "/files/{tail:.*}", options)
        app.router.add_post(root + "/files/", create)
        app.router.add_head(root + "/files/{id}", head)
        app.router.add_patch(root + "/files/{id}", patch)
        app.router.add_delete(root + "/files/{id}", delete)
    return app
