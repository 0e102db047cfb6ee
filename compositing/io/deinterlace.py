"""Fields to whole frames: FFmpeg's bwdif, fed and read frame by frame, so that frame n is the same wherever reading
begins.

bwdif makes a frame from itself and its two neighbours and no more; whoever begins in the middle feeds one frame before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import av
import av.error
from av.filter import Graph

PROGRESSIVE, FIELDS = 1, (2, 3, 4, 5)  # AVFieldOrder: the four orders of coding and showing two fields


def interlaced(context: Any, first: av.VideoFrame) -> bool:
    """Whether a film's frames are made of two fields: as its stream says, else as its first decoded frame says."""
    order = int(context.field_order)
    return order in FIELDS or (order != PROGRESSIVE and bool(first.interlaced_frame))


def whole_frames(numbered: Iterator[tuple[int, av.VideoFrame]]) -> Iterator[tuple[int, av.VideoFrame]]:
    """The same numbers with frames of one moment each: interlaced ones by their first field, others as they are."""
    graph: Any = None
    due: deque[int] = deque()
    for count, (number, frame) in enumerate(numbered):
        if graph is None:
            graph = Graph()
            source = graph.add_buffer(
                width=frame.width, height=frame.height, format=frame.format.name, time_base=frame.time_base or 1
            )
            weave = graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
            sink = graph.add("buffersink")
            source.link_to(weave)
            weave.link_to(sink)
            graph.configure()
        stamp = frame.pts
        frame.pts = count  # a held frame comes twice; the filter wants stamps that rise
        graph.push(frame)
        frame.pts = stamp
        due.append(number)
        yield from _ready(graph, due)
    if graph is not None:
        graph.push(None)
        yield from _ready(graph, due)


def _ready(graph: Any, due: deque[int]) -> Iterator[tuple[int, av.VideoFrame]]:
    while due:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield due.popleft(), frame
