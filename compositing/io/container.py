"""Open a film that a stranger made, so that it can read nothing but itself.

The file comes in as a Python file object: FFmpeg never sees a path it could look around from. Playlists and pictures
that point elsewhere (HLS, DASH, concat, SVG) are left out of the list of formats, and every further file a demuxer asks
for is refused. `max_pixels` is handed to the decoder before the first frame: a 395 kB MP4 of 16384x8192 would take 1.2
GB.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn

import av
import av.error
from av.container.input import InputContainer

from compositing.errors import MediaError, Refused

MAX_PIXELS = 8192 * 4320  # 8K UHD with room: the largest a camera of this trade writes
FORMATS = (
    "mov,mp4,matroska,webm,avi,mpegts,mpeg,mxf,mxf_opatom,gxf,flv,asf,ogg,nut,dv,h264,hevc,m4v,ivf,mpegvideo,"
    "wav,mp3,flac,aac,aiff"
)
PLAYLIST_HEADS = (b"#EXTM3U", b"ffconcat", b"<?xml", b"[playlist]", b"<MPD", b"<ASX", b"<asx", b"#~ffconcat")
BOXES = (b"ftyp", b"styp", b"mdat", b"wide", b"free", b"skip", b"uuid", b"pnot", b"udta", b"sidx", b"meta", b"emsg")
SVG_HEADS = (b"<svg", b"<!DOCTYPE svg")


def sniff_text(head: bytes) -> str | None:
    """What the first bytes of a file say it is: "svg", "playlist" or None."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if any(start.startswith(mark) for mark in SVG_HEADS) or (start.startswith((b"<?xml", b"<!--")) and b"<svg" in head):
        return "svg"
    if any(start.startswith(mark) for mark in PLAYLIST_HEADS):
        return "playlist"
    return None


def cut_short(path: Path) -> bool:
    """Whether a Matroska or AVI film ends before its own head says it does: it was not copied to its end."""
    with path.open("rb") as file:
        head = file.read(512)
    size = path.stat().st_size
    if head.startswith(b"RIFF"):
        length = int.from_bytes(head[4:8], "little")
        return length > 0 and length + 8 > size
    at = head.find(b"\x18\x53\x80\x67") if head.startswith(b"\x1a\x45\xdf\xa3") else -1
    if at < 0 or at + 5 > len(head) or head[at + 4] == 0:
        return False
    width = 9 - head[at + 4].bit_length()  # a number's first bits say how many bytes it has (RFC 8794, 4)
    length = int.from_bytes(head[at + 4 : at + 4 + width], "big") & ((1 << 7 * width) - 1)
    return length != (1 << 7 * width) - 1 and at + 4 + width + length > size  # all ones: not known when it was written


def breaks_off(path: Path) -> bool:
    """Whether a MOV or MP4 has its pictures but no index: what a copy leaves that did not reach the file's end.

    The boxes are walked by their heads (ISO/IEC 14496-12, 4.2). A file whose last box is longer than the file, and
    whose `moov` was not met before it, has lost it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        at, film = 0, False
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            length, kind = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            if kind in (b"moov", b"moof"):
                return False
            if kind not in BOXES or (length and length < 8):
                return film and at > 0
            film = film or kind in (b"ftyp", b"mdat", b"wide")
            at = at + length if length else size
    return film


def is_one_picture(head: bytes) -> bool:
    """Whether the first bytes are those of a PNG, TIFF, EXR, DPX, JPEG, WebP or HEIC: a frame of a take, sent alone."""
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"avif"):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    return head.startswith((b"\x89PNG", b"II*\0", b"MM\0*", b"\x76\x2f\x31\x01", b"SDPX", b"XPDS", b"\xff\xd8\xff"))


def _no_neighbours(url: str, *_rest: Any) -> NoReturn:
    raise PermissionError(f"a film may not open another file: {url}")


def _refuse_text(stream: IO[bytes], name: str) -> None:
    head = stream.read(4096)
    stream.seek(0)
    if not head:
        raise Refused(f"{name} is empty. Upload it again.", code="empty_file", name=name)
    if is_one_picture(head):
        raise Refused(
            f"{name} is one picture, not a film. Send the film, or pack numbered PNG, TIFF or EXR pictures into a zip.",
            code="one_picture",
            name=name,
        )
    match sniff_text(head):
        case "svg":
            raise Refused(
                f"{name} is an SVG drawing, not a film. Export it as PNG for a plate, or upload the film itself.",
                code="svg",
                name=name,
            )
        case "playlist":
            raise Refused(
                f"{name} is a playlist that points at other files. Upload the film itself.", code="playlist", name=name
            )


@contextmanager
def open_container(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> Iterator[InputContainer]:
    """The film at `path`, demuxed from an open descriptor and held to `max_pixels` per picture.

    Raises Refused (codes missing, empty_file, svg, playlist, broken_off, not_media, too_many_pixels) with a sentence
    for the screen.
    """
    path = Path(path)
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Refused(f"{path.name} cannot be opened: {error.strerror}.", code="missing", name=path.name) from error
    with stream:
        _refuse_text(stream, path.name)
        options = {"format_whitelist": FORMATS, "protocol_whitelist": "fd", "max_pixels": str(max_pixels)}
        try:
            container = av.open(stream, "r", options=options, io_open=_no_neighbours, metadata_errors="replace")
        except MemoryError:
            raise
        except (av.error.FFmpegError, OSError, ValueError) as error:
            if breaks_off(path):
                raise Refused(
                    f"{path.name} breaks off before its index, so no picture in it can be found: the copy or the "
                    "recording did not reach its end. Copy it again from the card.",
                    code="broken_off",
                    name=path.name,
                ) from error
            raise Refused(
                f"{path.name} is not a video that can be read. Export it as MP4 or MOV and upload it again.",
                code="not_media",
                name=path.name,
            ) from error
        with container:
            yield container


def video_stream(container: InputContainer, name: str, *, max_pixels: int = MAX_PIXELS) -> Any:
    """The film's picture stream. Cover art of a sound file does not count.

    Raises Refused: no_video for sound alone, too_many_pixels above `max_pixels`, no_frames where no picture has a size.
    """
    for stream in container.streams.video:
        if stream.disposition & stream.disposition.attached_pic:
            continue
        context = stream.codec_context
        if context.width * context.height > max_pixels:
            raise too_many_pixels(name, context.width, context.height, max_pixels)
        return stream
    if not container.streams.audio:
        raise no_frames(name)
    raise Refused(f"{name} has sound but no picture. Upload the film with its picture.", code="no_video", name=name)


def too_many_pixels(name: str, width: int, height: int, max_pixels: int) -> Refused:
    return Refused(
        f"{name} is {width} × {height}, more than the {max_pixels / 1e6:.0f} million pixels taken here. "
        "Export it smaller and upload it again.",
        code="too_many_pixels",
        name=name,
        width=width,
        height=height,
        max_pixels=max_pixels,
    )


def memory_for(pixels: int) -> bool:
    """Whether a picture of so many pixels can be decoded under this process's limit of address space.

    H.264 answers "invalid data" when it is refused memory, so a film that gives no frame is asked about here.
    """
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return True
    try:
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        used = 0
    return limit - used > pixels * 9  # six pictures of 1.5 bytes a pixel: the decoder's own store of references


def no_frames(name: str) -> MediaError:
    return MediaError(f"{name} has no picture that can be decoded. Export it again.", code="no_frames", name=name)
