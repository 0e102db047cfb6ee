"""The films a render makes, and their writing: one thread a film, so that encoding overlaps with decoding and keying.

x264 gives the same bytes in one thread only, so the processors are filled by several encoders at once instead: master
and review films side by side, and the next chunk's films before the last chunk's are done. What waits is bounded.
"""

import json
import os
import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.io.video import VideoWriter

MASTER_CRF, PROXY_CRF, DRAFT_CRF = 14, 22, 20
PROXY_SIDE, LAYER_SIDE = 720, 540  # shorter side of the review proxies, at most
KEYINT, MASTER_KEYINT = 12, 48

Pictures = Mapping[str, NDArray[np.uint8]]


@dataclass(frozen=True)
class Film:
    """One of the films a render makes: which view, at most how wide, how well."""

    name: str
    view: str
    side: int | None
    crf: int
    preset: str
    keyint: int


def _films(crf: int, master: str, review: str, layers: int = LAYER_SIDE) -> tuple[Film, ...]:
    return (
        Film("master", "comp", None, crf, master, MASTER_KEYINT),
        Film("proxy", "comp", PROXY_SIDE, PROXY_CRF, review, KEYINT),
        Film("matte", "matte", layers, PROXY_CRF, review, KEYINT),
        Film("foreground", "foreground", layers, PROXY_CRF, review, KEYINT),
    )


FILMS = {
    "fast": _films(MASTER_CRF, "veryfast", "veryfast"),
    "best": _films(MASTER_CRF, "medium", "fast"),
    "draft": _films(DRAFT_CRF, "superfast", "superfast", LAYER_SIDE // 2),
}
# A draft is watched, never conformed: its master is the review film where both have one size, and is encoded once.
FILMS["draft"] = (
    replace(FILMS["draft"][0], keyint=KEYINT), replace(FILMS["draft"][1], crf=DRAFT_CRF), *FILMS["draft"][2:]
)  # fmt: skip


def same_as(films: Sequence[Film], sizes: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """{film: the first film that is the same but for its name}, of those that would be encoded twice."""
    first: dict[tuple[object, ...], str] = {}
    told = {f.name: first.setdefault((f.view, sizes[f.name], f.crf, f.preset, f.keyint), f.name) for f in films}
    return {name: other for name, other in told.items() if name != other}


def film_size(film: Film, width: int, height: int) -> tuple[int, int]:
    """(width, height) of a film of a comp of that size; even, never grown."""
    if film.side is None or min(width, height) <= film.side:
        return width, height
    scale = film.side / min(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class Room:
    """How many frames may be under way at once, from read to written: what bounds a render's memory."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self._free = threading.Semaphore(frames)

    def take(self, failed: Callable[[], None]) -> None:
        """Wait for a place; `failed` is asked now and then and raises where waiting has become pointless."""
        while not self._free.acquire(timeout=0.5):
            failed()

    def give(self) -> None:
        self._free.release()


class _Desk(threading.Thread):
    """Writes one film of one chunk, in the order given. written: told each frame; done: told that the film is whole.

    after: the desk of the same film's chunk before: its encoder is closed before this one's is opened, since an encoder
    of a full-size film holds a hundred megabytes.
    """

    def __init__(
        self, writer: VideoWriter, name: str, written: Callable[[int], None], done: Callable[[], None],
        after: threading.Thread | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name=f"film-{name}", daemon=True)
        self.queue: queue.SimpleQueue[tuple[int, NDArray[np.uint8]] | bool] = queue.SimpleQueue()
        self.error: BaseException | None = None
        self._writer, self._written, self._done, self._after = writer, written, done, after

    def run(self) -> None:
        if self._after is not None:
            self._after.join()
            self._after = None
        try:
            with self._writer as writer:
                while True:
                    item = self.queue.get()
                    if item is True:
                        break
                    if item is False:
                        raise _GivenUp
                    index, picture = item  # type: ignore[misc]
                    writer.write(picture)
                    self._written(index)
            self._done()
        except BaseException as error:  # told to whoever waits for the film
            self.error = error


class _GivenUp(Exception):
    """Nobody wants this chunk any more; what was written of it is removed."""


class Chunk:
    """One chunk's films being written. `write` in order, then `close` or `drop`; `finish` waits for the files.

    after: the chunk before it, closed already; each film's encoder waits for that chunk's.
    """

    def __init__(
        self, folder: Path, number: int, films: Sequence[Film], sizes: Mapping[str, tuple[int, int]],
        rate: tuple[int, int], room: Room, after: "Chunk | None" = None,
    ) -> None:  # fmt: skip
        self.note = folder / f"{number:04d}.json"
        self.noted: dict[str, Any] = {"band_ppm": []}
        self._room, self._lock, self._left = room, threading.Lock(), dict[int, int]()
        self._undone = len(films)
        earlier: Mapping[str, _Desk] = {} if after is None else after._desks
        self._desks: dict[str, _Desk] = {
            film.name: _Desk(
                VideoWriter(
                    folder / f"{number:04d}.{film.name}.mp4", *sizes[film.name], *rate,
                    crf=film.crf, preset=film.preset, keyint=film.keyint,
                ), f"{number}-{film.name}", self._written, self._done, earlier.get(film.name),
            )
            for film in films
        }  # fmt: skip
        for desk in self._desks.values():
            desk.start()

    def _written(self, index: int) -> None:
        with self._lock:
            self._left[index] -= 1
            last = self._left[index] == 0
            if last:
                del self._left[index]
        if last:
            self._room.give()

    def _done(self) -> None:
        with self._lock:
            self._undone -= 1
            if self._undone:
                return
        # Noted by whoever ends last, so that a render killed a moment later need not make this chunk again.
        part = self.note.with_name(f".{self.note.name}.part")
        part.write_text(json.dumps(self.noted))
        os.replace(part, self.note)

    def write(self, index: int, pictures: Pictures, band: float) -> None:
        self.check()
        self.noted["band_ppm"].append(round(band * 1_000_000))
        with self._lock:
            self._left[index] = len(self._desks)
        for name, desk in self._desks.items():
            desk.queue.put((index, pictures[name]))

    def check(self) -> None:
        """Raises what a film's writing failed with."""
        for desk in self._desks.values():
            if desk.error is not None:
                raise desk.error

    def close(self) -> None:
        for desk in self._desks.values():
            desk.queue.put(True)

    def drop(self) -> None:
        """Give up what is not closed yet; a closed chunk is still written to its end."""
        for desk in self._desks.values():
            desk.queue.put(False)
        for desk in self._desks.values():
            desk.join()

    def finish(self) -> dict[str, Any]:
        """The chunk's note, once all its films are there. Raises what a film failed with."""
        for desk in self._desks.values():
            desk.join()
        self.check()
        return self.noted


def finished(folder: Path, number: int, films: Sequence[Film]) -> dict[str, Any] | None:
    """What an earlier run noted about a chunk, if it and all its films are there."""
    note = folder / f"{number:04d}.json"
    if not note.exists() or not all((folder / f"{number:04d}.{film.name}.mp4").exists() for film in films):
        return None
    try:
        noted = json.loads(note.read_text())
    except ValueError:
        return None
    return noted if isinstance(noted, dict) and "band_ppm" in noted else None
