"""Serve an artefact's bytes: ranges for players, conditional requests for caches, nginx where there is one."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, StreamingHttpResponse
from django.utils.translation import gettext as _

from studio.core.errors import NotThere
from studio.media import storage
from studio.media.models import Artefact

PIECE = 256 * 1024
RANGE = re.compile(r"^bytes=(\d*)-(\d*)$")


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """The (first, last) byte of a single range; None to answer with everything (no, several or odd ranges).

    Raises ValueError for a range outside the file (416). Source: RFC 9110, section 14.
    """
    match = RANGE.match(header.replace(" ", ""))
    if not match or match[1] == match[2] == "":
        return None
    if not match[1]:  # the last n bytes
        count = int(match[2])
        if count == 0 or size == 0:
            raise ValueError(header)
        return max(0, size - count), size - 1
    first, last = int(match[1]), int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    if first >= size:
        raise ValueError(header)
    return first, min(last, size - 1)


def respond(request: HttpRequest, artefact: Artefact, *, download: str = "") -> HttpResponseBase:
    """The artefact's bytes, or the part asked for. The caller has checked that this person may have them.

    download: a file name, to be saved instead of shown. 206, 304, 416 as RFC 9110 has them; HEAD carries no body.
    """
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    etag = f'"{artefact.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",  # the name is the content
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if download:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(download)}"
    if etag in (tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")):
        return HttpResponse(status=304, headers=headers)
    headers["Content-Type"] = artefact.mime
    if settings.ACCEL_PREFIX:  # nginx has the ranges
        name = artefact.sha256
        accel = f"{settings.ACCEL_PREFIX.rstrip('/')}/{name[:2]}/{name[2:4]}/{name}"
        return HttpResponse(headers=headers | {"X-Accel-Redirect": accel})
    path = storage.path_of(artefact.sha256)
    if not path.is_file():
        said = _("The file is not in the studio's store any more. Restore it from a backup, or make it again.")
        raise NotThere(said)
    return _answer(request, path, headers, etag)


def _answer(request: HttpRequest, path: Path, headers: dict[str, str], etag: str) -> HttpResponseBase:
    size = path.stat().st_size
    status, first, last = 200, 0, size - 1
    wanted = request.headers.get("Range", "")
    if wanted and request.headers.get("If-Range", etag) == etag:
        try:
            part = parse_range(wanted, size)
        except ValueError:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        if part is not None:
            status, (first, last) = 206, part
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    count = last - first + 1
    headers["Content-Length"] = str(count)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    source = path.open("rb")
    source.seek(first)
    body = _pieces_async(source, count) if isinstance(request, ASGIRequest) else _pieces(source, count)
    response = StreamingHttpResponse(body, status=status, headers=headers)
    response._resource_closers.append(source.close)  # type: ignore[attr-defined]
    return response


def _pieces(source: BinaryIO, count: int) -> Iterator[bytes]:
    with source:
        while count > 0 and (piece := source.read(min(PIECE, count))):
            count -= len(piece)
            yield piece


async def _pieces_async(source: BinaryIO, count: int) -> AsyncIterator[bytes]:
    """Reads in a thread, one piece ahead of nobody: a slow reader costs a file handle and 256 kB."""
    with source:
        while count > 0 and (piece := await asyncio.to_thread(source.read, min(PIECE, count))):
            count -= len(piece)
            yield piece
