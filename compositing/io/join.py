"""Join films of one making end to end without encoding again: the chunks of a render."""

import os
from collections.abc import Sequence
from pathlib import Path

import av

from compositing.errors import EngineError


def join_films(parts: Sequence[Path], target: Path) -> None:
    """Copy the packets of `parts` (same codec, size, rate; each beginning with a key frame) into `target`, faststart.

    The same parts give the same bytes; `target` appears only when whole. Raises EngineError where a part differs.
    """
    temporary = target.with_name(f".{target.name}.part")
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    try:
        with av.open(str(temporary), "w", format="mp4", container_options=options) as box:
            stream = None
            offset = 0
            for part in parts:
                with av.open(str(part)) as film:
                    source = film.streams.video[0]
                    if stream is None:
                        stream = box.add_stream_from_template(source)
                        stream.time_base = source.time_base
                        first = (source.width, source.height, source.time_base)
                    elif (source.width, source.height, source.time_base) != first:
                        raise EngineError(f"{part.name} is of another making than the chunk before it.")
                    end = 0
                    for packet in film.demux(source):
                        if packet.dts is None or packet.pts is None:
                            continue
                        end = max(end, packet.pts + (packet.duration or 0))
                        packet.pts += offset
                        packet.dts += offset
                        packet.stream = stream
                        box.mux(packet)
                    offset += end
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
