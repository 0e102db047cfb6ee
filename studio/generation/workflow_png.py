"""A ComfyUI workflow inside a PNG: its text chunks, read without decoding a pixel. Kept as provenance.

PNG (Third Edition) sections 11.3.3: tEXt, zTXt and iTXt; ComfyUI writes "prompt" and "workflow". Sizes are bounded, for
the file is a stranger's.
"""

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.core.canonical import digest
from studio.generation.comfy_graph import models_in, without_floats

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST = 2 * 2**20
MOST_CHUNKS = 4_000


def texts(path: Path) -> Iterator[tuple[str, str]]:
    """(keyword, text) of each text chunk before the picture's end. Nothing for a file that is no PNG."""
    with path.open("rb") as handle:
        if handle.read(8) != SIGNATURE:
            return
        for _number in range(MOST_CHUNKS):
            head = handle.read(8)
            if len(head) < 8:
                return
            length, kind = struct.unpack(">I4s", head)
            if kind == b"IEND":
                return
            if kind not in (b"tEXt", b"zTXt", b"iTXt") or length > MOST:
                handle.seek(length + 4, 1)
                continue
            data = handle.read(length)
            handle.seek(4, 1)
            if (found := _text(kind, data)) is not None:
                yield found


def _text(kind: bytes, data: bytes) -> tuple[str, str] | None:
    keyword, separator, rest = data.partition(b"\0")
    if not separator:
        return None
    packed = False
    if kind == b"zTXt":
        packed, rest = True, rest[1:]
    elif kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    if packed:
        try:
            unpacker = zlib.decompressobj()
            rest = unpacker.decompress(rest, MOST)
        except zlib.error:
            return None
    return keyword.decode("latin-1"), rest.decode("utf-8" if kind == b"iTXt" else "latin-1", "replace")


def read(path: Path) -> dict[str, Any] | None:
    """{"sha256", "nodes", "models", "workflow"} of the workflow in a PNG, fractions as text; None without one."""
    graphs: dict[str, Any] = {}
    try:
        for keyword, text in texts(path):
            if keyword in ("prompt", "workflow") and keyword not in graphs:
                told = json.loads(text)
                if isinstance(told, dict):
                    graphs[keyword] = told
    except (ValueError, RecursionError, OSError):
        return None
    graph = graphs.get("prompt") or graphs.get("workflow")
    if not graph:
        return None
    whole = without_floats(graph)
    nodes = whole.get("nodes")
    count = len(nodes) if isinstance(nodes, list) else len(whole)
    return {"sha256": digest(whole), "nodes": count, "models": models_in(graph), "workflow": whole}
