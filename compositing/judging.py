"""Judges a render's frames beside its encoders: one thread, in order, over pictures that are made anyway."""

import json
import os
import queue
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing import qc
from compositing.colour import Picture, code8
from compositing.graph import Comp, Prepared
from compositing.io.video import Planes
from compositing.layer import fit_into, opaque, placed
from compositing.worst import make_sheet

NEEDS = ("matte", "foreground")  # the films a frame is judged by
AHEAD = 6  # frames that may wait to be judged; then the reader waits too, so that memory stays bounded
WHERE = ("scale_milli", "x_milli", "y_milli", "flip")

Picture8 = NDArray[np.uint8]
Job = tuple[int, int, Mapping[str, Picture8], Any]  # chunk, frame, pictures, raw


class Judge:
    """What is measured of a comp while it renders, chunk by chunk in `folder`. Use as a context; changes no pixel.

    `see` every frame's raws as they are read, `judge` its pictures in order, `end` each chunk.
    """

    def __init__(self, comp: Comp, folder: Path) -> None:
        self.size = qc.small_size(comp.width, comp.height)
        self.screens = [screen["srgb"] for screen in comp.report().values() if screen.get("srgb")]
        acting = [place for place, layer in enumerate(comp.layers) if layer.acts]
        self._place = acting[-1] if acting else -1
        self._layer: Prepared | None = comp.layers[self._place] if acting else None
        self._folder, self._raws = folder, dict[int, Any]()
        self._queue: queue.Queue[Job | int | None] = queue.Queue(AHEAD)
        self._still: tuple[Any, Picture8] | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="judge", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()
        if kind is None and self._error is not None:
            raise self._error

    def see(self, index: int, raws: list[Any]) -> None:
        """Keep what the plate of frame `index` is made from until it is judged."""
        if self._layer is not None:
            self._raws[index] = raws[self._place]

    def judge(self, number: int, index: int, pictures: Mapping[str, Picture8]) -> None:
        """Judge frame `index` of chunk `number` by its pictures. Raises what judging an earlier one failed with."""
        if self._error is not None:
            raise self._error
        raw = self._raws.pop(index, None)
        self._queue.put((number, index, {name: pictures[name] for name in NEEDS}, raw))

    def end(self, number: int) -> None:
        """Chunk `number` is whole: its figures are written beside its films."""
        self._queue.put(number)

    def _run(self) -> None:
        tallies: dict[int, qc.Tally] = {}
        while (item := self._queue.get()) is not None:
            if self._error is not None:
                continue  # drained, so that whoever waits to put is not left waiting
            try:
                if isinstance(item, int):
                    _keep(self._folder, item, tallies.pop(item))
                else:
                    number, _, pictures, raw = item
                    tallies.setdefault(number, qc.Tally()).add(
                        qc.glance(pictures["matte"], pictures["foreground"], self.plate(raw), self.screens)
                    )
            except BaseException as error:  # told to whoever renders
                self._error = error

    def plate(self, raw: Any) -> Picture8:
        """(h, w, 3): the keyed layer as shot, small, where it stands in the frame; grey where it shows nothing."""
        layer = self._layer
        if layer is None or raw is None:
            return np.full((self.size[1], self.size[0], 3), 118, np.uint8)
        if self._still is not None and self._still[0] is raw:
            return self._still[1]
        small = np.ascontiguousarray(_small(layer, raw, self.size)[..., :3])
        where = {name: layer.layer.place[name] for name in WHERE if name in layer.layer.place}
        if layer.layer.fit == "contain" or where:
            four = fit_into(opaque(small), *self.size, layer.layer.fit, layer.layer.centre_milli)
            small = np.ascontiguousarray((placed(four, where) if where else four)[..., :3])
        made = code8(small)
        if layer.source.still:
            self._still = raw, made
        return made


def _small(layer: Prepared, raw: Any, size: tuple[int, int]) -> Picture:
    """The layer's raw frame in linear light at a size that fits into `size`: shrunk before it is brought to light."""
    work = layer.source.work_size
    if layer.layer.fit == "contain":
        scale = min(size[0] / work[0], size[1] / work[1])
        size = (max(1, round(work[0] * scale)), max(1, round(work[1] * scale)))
    if isinstance(raw, Planes):
        parts = [np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA)) for plane in raw]
        small = Planes(*parts, depth=raw.depth, matrix=raw.matrix, full_range=raw.full_range)
        vars(small).update(vars(raw))
        return layer.linear(small)
    linear = layer.linear(raw)
    if linear.shape[1::-1] == size:
        return linear
    return np.asarray(cv2.resize(linear, size, interpolation=cv2.INTER_AREA), np.float32)


def _paths(folder: Path, number: int) -> tuple[Path, Path]:
    return folder / f"{number:04d}.qc.npz", folder / f"{number:04d}.qc.json"


def _keep(folder: Path, number: int, tally: qc.Tally) -> None:
    looks, note = _paths(folder, number)
    part = folder / f".{number:04d}.qc.part"
    with part.open("wb") as file:
        np.savez_compressed(file, **tally.looks())  # type: ignore[arg-type]
    os.replace(part, looks)
    part.write_text(json.dumps({"edition": qc.VERSION, **tally.note()}))
    os.replace(part, note)


def judged(folder: Path, number: int) -> qc.Tally | None:
    """What an earlier run measured of a chunk; None: it has to be rendered again to be measured."""
    looks, note = _paths(folder, number)
    try:
        told = json.loads(note.read_text())
        if told["edition"] != qc.VERSION:
            return None
        with np.load(looks) as pictures:
            return qc.Tally.from_note(told, pictures)
    except (OSError, ValueError, KeyError):
        return None


def figures(folder: Path, chunks: int, band_ppm: list[int], out: Path) -> dict[str, Any] | None:
    """`qc.Tally.report` of the whole film; under "sheet" the picture of the frames to look at, cut from films in `out`.

    None where a chunk was not measured.
    """
    whole = qc.Tally()
    for number in range(chunks):
        part = judged(folder, number)
        if part is None:
            return None
        whole.join(part)
    told = whole.report(band_ppm)
    told["sheet"] = make_sheet(out / "worst.jpg", out / "proxy.mp4", out / "matte.mp4", told["worst"], len(band_ppm))
    return told
