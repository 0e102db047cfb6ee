"""Recipes to files: `still` one frame, `render` the whole comp in chunks that survive a crash.

Bytes are deterministic: the same recipe over the same sources gives the same files. A file appears under its own name
only when it is whole; a render that was killed goes on from its last finished chunk.
"""

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.cache import Cache, node_digest
from compositing.devices import threads
from compositing.errors import Refused
from compositing.executors import Executor
from compositing.films import FILMS, Chunk, Film, Room, film_size, finished
from compositing.fused import VERSION as FUSED_VERSION
from compositing.fused import Fused, rgb_of
from compositing.graph import VERSION, Comp, Frame
from compositing.io.join import join_films
from compositing.io.pictures import write_jpg, write_png8
from compositing.io.strip import Filmstrip
from compositing.io.video import open_frames
from compositing.judging import NEEDS, Judge, figures, judged
from compositing.keying.keyer import VERSION as KEYER_VERSION
from compositing.keying.keyer import Keyer
from compositing.keying.refine import WEIGHTS_SHA256
from compositing.memory import settle, trim
from compositing.recipe import Recipe, digest

Report = Callable[[int, int, str], None]

CHUNK_FRAMES = 48
QUALITIES = ("final", "draft")  # draft: half the size, fast mode: for judging timing and edit
STILL_CACHE = Cache(640 << 20)  # a warm child keeps decoded frames and studied screens between stills
STILL_FRAMES = Cache(96 << 20)  # few: each holds on to what it was made from


def frames_in_order(
    comp: Comp,
    start: int,
    stop: int,
    work: Callable[[int, Frame], Any],
    workers: int | None = None,
    before: Callable[[], None] | None = None,
    seen: Callable[[int, list[Any]], None] | None = None,
    fused: Fused | None = None,
) -> Iterator[tuple[int, Any]]:
    """(frame number, work(number, frame)) in order; frames are made on several threads, a few ahead of the reader.

    Where the comp looks at neighbouring frames (`comp.reach`), those are read too, also before `start` and beyond
    `stop`. before: called before each frame is begun. seen: given each frame's raws as they are read. fused: its
    pictures are given instead of `work`'s.
    """
    workers = workers or threads()
    reach = 0 if fused is not None else comp.reach
    first, last = max(0, start - reach), min(comp.recipe.frame_count, stop + reach)

    def compose(index: int, near: list[_Part], at: int) -> Any:
        return work(index, comp.composed(index, [future.result() for future in near], at))

    at_once = max(1, min(workers, comp.at_once))
    group: list[tuple[int, list[Any]]] = []
    cv2.setNumThreads(1)  # frames are the unit of parallel work; OpenCV's own threads would only get in the way
    with ThreadPoolExecutor(workers, "frames") as pool:
        keyed: deque[tuple[int, _Part]] = deque()  # one pool runs in order: what a frame waits for began earlier
        waiting: deque[tuple[int, Future[Any]]] = deque()
        due = start
        try:
            for index, raws in enumerate(comp.raw(first, last), first):
                if before is not None and start <= index < stop:
                    before()
                if seen is not None and start <= index < stop:
                    seen(index, raws)
                if fused is not None:
                    waiting.append((index, pool.submit(fused.pictures, index, raws)))
                else:
                    group.append((index, raws))
                    if len(group) < at_once and index < last - 1:
                        continue
                    numbers = [number for number, _ in group]
                    batch = pool.submit(comp.keyed_many, numbers, [raws for _, raws in group])
                    keyed.extend((number, _Part(batch, place)) for place, number in enumerate(numbers))
                    group = []
                while fused is None and due < stop and (index >= due + reach or index == last - 1):
                    while keyed[0][0] < due - reach:
                        keyed.popleft()
                    near = [future for place, future in keyed if abs(place - due) <= reach]
                    at = sum(place < due for place, _ in keyed)
                    waiting.append((due, pool.submit(compose, due, near, at)))
                    due += 1
                while len(waiting) > workers:
                    place, future = waiting.popleft()
                    yield place, future.result()
            while waiting:
                place, future = waiting.popleft()
                yield place, future.result()
        finally:
            for _, part in keyed:
                part.cancel()
            for _, future in waiting:
                future.cancel()


@dataclass(frozen=True)
class _Part:
    """One frame of a batch's future."""

    batch: Future[list[Any]]
    place: int

    def result(self) -> Any:
        return self.batch.result()[self.place]

    def cancel(self) -> None:
        self.batch.cancel()


def drafted(recipe: Recipe) -> Recipe:
    """The recipe as a draft renders it: half the size, fast mode."""
    return replace(
        recipe, width=max(16, round(recipe.width / 4) * 2), height=max(16, round(recipe.height / 4) * 2), mode="fast"
    )


def render_key(recipe: Recipe, quality: str = "final") -> str:
    """Names a render's chunks: the recipe (with its sources' digests) and everything here that changes bytes."""
    films = [[f.name, f.view, f.side, f.crf, f.preset, f.keyint] for f in _films_of(recipe, quality)]
    versions = [VERSION, KEYER_VERSION, FUSED_VERSION, CHUNK_FRAMES, WEIGHTS_SHA256]
    return digest([recipe.to_dict(), *versions, films])[:16]


def _films_of(recipe: Recipe, quality: str) -> tuple[Film, ...]:
    if quality not in QUALITIES:
        raise Refused(f"There is no quality {quality!r}; there are {', '.join(QUALITIES)}.")
    return FILMS["draft" if quality == "draft" else recipe.mode]


def render(
    recipe: Recipe,
    paths: Mapping[str, str],
    out_dir: str | Path,
    report: Report | None = None,
    on_frame: Callable[[int, Frame], None] | None = None,
    *,
    quality: str = "final",
    films: tuple[str, ...] | None = None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Render `recipe` into out_dir: master, review proxies of comp, matte and foreground, poster and filmstrip.

    paths: artefact sha256 -> file. Chunks that an interrupted render of the same recipe finished are used again.
    on_frame sees every frame (number, frame) on a working thread; with it nothing is taken over from earlier renders.
    quality: "final", or "draft": half the size in fast mode. films: only these (the bench). workers: threads, which
    change no byte. Returns the `render` operation's result (see docs/ARCHITECTURE.md). Raises Refused.
    """
    started = time.monotonic()
    tell = report or (lambda done, total, stage: None)
    out = Path(out_dir)
    wanted = tuple(film for film in _films_of(recipe, quality) if films is None or film.name in films)
    asked = recipe
    if quality == "draft":
        recipe = drafted(recipe)
    executor = Executor()
    chunks = out / f"chunks-{render_key(recipe, quality)}{executor.mark}"
    chunks.mkdir(parents=True, exist_ok=True)
    tell(0, recipe.frame_count, "study")
    settle()
    comp = Comp(recipe, paths)
    for layer in comp.layers:
        layer.keyer = executor.taken(layer.keyer)
    screens = comp.report()
    sizes = {film.name: film_size(film, comp.width, comp.height) for film in wanted}
    judging = sizes.keys() >= {*NEEDS, "proxy"}
    starts = range(0, recipe.frame_count, CHUNK_FRAMES)
    notes = {
        number: note for number in range(len(starts))
        if on_frame is None and (note := finished(chunks, number, wanted)) is not None
        and (not judging or judged(chunks, number) is not None)
    }  # fmt: skip
    missing = [number for number in range(len(starts)) if number not in notes]
    with Judge(comp, chunks) if judging and missing else nullcontext() as judge:
        notes |= _chunks(comp, wanted, sizes, chunks, missing, tell, on_frame, workers or threads(), judge)
    tell(recipe.frame_count, recipe.frame_count, "join")
    result: dict[str, Any] = {}
    for film in wanted:
        parts = [chunks / f"{number:04d}.{film.name}.mp4" for number in range(len(starts))]
        target = out / f"{film.name}.mp4"
        join_films(parts, target)
        result[film.name] = str(target)
        result[f"{film.name}_size"] = list(sizes[film.name])
    if "proxy" in result:
        result |= _pictures(out, recipe.frame_count)
    bands = [band for number in sorted(notes) for band in notes[number]["band_ppm"]]
    result["qc"] = figures(chunks, len(starts), bands, out) if judging else None
    for leftover in chunks.iterdir():
        leftover.unlink()
    chunks.rmdir()
    seconds = time.monotonic() - started
    result |= {
        "frame_count": recipe.frame_count, "width": comp.width, "height": comp.height, "quality": quality,
        "fps_num": recipe.fps_num, "fps_den": recipe.fps_den, "recipe_sha256": asked.sha256(),
        "sha256": file_sha256(result[wanted[0].name]), "seconds": round(seconds, 3),
        "frames_rendered": sum(len(notes[number]["band_ppm"]) for number in missing),
        "report": {
            "screens": screens, "band_milli": round(sum(bands) / max(1, len(bands)) / 1000),
            "runtime": executor.report(),
        },
    }  # fmt: skip
    return result


def _chunks(
    comp: Comp,
    films: tuple[Film, ...],
    sizes: Mapping[str, tuple[int, int]],
    folder: Path,
    missing: list[int],
    tell: Report,
    on_frame: Callable[[int, Frame], None] | None,
    workers: int,
    judge: Judge | None = None,
) -> dict[int, dict[str, Any]]:
    """Render the chunks of those numbers; their notes. Reading, keying and each film's encoding overlap."""
    recipe = comp.recipe
    seen = None if judge is None else judge.see
    whole = any(isinstance(layer.keyer, Keyer) and layer.keyer.whole for layer in comp.layers)
    fused = None if on_frame is not None or whole else Fused.of(comp, films, sizes)
    if fused is not None:
        comp.cache.empty()  # it holds what it needs; whole pictures of what it was made from would wait in vain
    trim()

    def work(index: int, frame: Frame) -> tuple[dict[str, NDArray[np.uint8]], float]:
        if on_frame is not None:
            on_frame(index, frame)
        return {film.name: frame.view(film.view, sizes[film.name]) for film in films}, frame.band

    # On many processors a whole chunk may wait, so that two chunks' masters are encoded at once.
    room = Room(workers * 2 + 3 if workers < 4 else CHUNK_FRAMES + workers * 2)
    open_chunks: dict[int, Chunk] = {}
    notes: dict[int, dict[str, Any]] = {}

    def check() -> None:
        for chunk in open_chunks.values():
            chunk.check()

    def settle(least: int) -> None:
        while len(open_chunks) > least:
            number = next(iter(open_chunks))
            notes[number] = open_chunks[number].finish()
            del open_chunks[number]
            trim()

    try:
        for start, stop in _runs(missing, recipe.frame_count):
            frames = frames_in_order(comp, start, stop, work, workers, lambda: room.take(check), seen, fused)
            for index, (pictures, band) in frames:
                number = index // CHUNK_FRAMES
                if index % CHUNK_FRAMES == 0:
                    settle(max(1, workers // 2))
                    rate = recipe.fps_num, recipe.fps_den
                    before = open_chunks[max(open_chunks)] if open_chunks else None
                    open_chunks[number] = Chunk(folder, number, films, sizes, rate, room, before)
                open_chunks[number].write(index, pictures, band)
                if judge is not None:
                    looked = pictures
                    if fused is not None:
                        looked = {name: rgb_of(pictures[name], judge.size) for name in NEEDS}
                    judge.judge(number, index, looked)
                if index + 1 in (stop, (number + 1) * CHUNK_FRAMES):
                    open_chunks[number].close()
                    if judge is not None:
                        judge.end(number)
                tell(index + 1, recipe.frame_count, "frames")
        settle(0)
    except BaseException:
        for chunk in open_chunks.values():
            chunk.drop()
        raise
    return notes


def _runs(numbers: list[int], frame_count: int) -> Iterator[tuple[int, int]]:
    """(first frame, one past the last) of each unbroken run of chunks."""
    at = 0
    while at < len(numbers):
        end = at
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        yield numbers[at] * CHUNK_FRAMES, min((numbers[end] + 1) * CHUNK_FRAMES, frame_count)
        at = end + 1


def _pictures(out: Path, frame_count: int) -> dict[str, Any]:
    """Poster (from the middle of the master) and filmstrip (from the proxy)."""
    proxy = out / "proxy.mp4"
    poster, strip_path = out / "poster.jpg", out / "filmstrip.jpg"
    strip: Filmstrip | None = None
    for index, picture in enumerate(open_frames(proxy)):
        if strip is None:
            strip = Filmstrip(frame_count, picture.shape[1], picture.shape[0])
        strip.offer(index, picture)
        if index == frame_count // 2:
            write_jpg(poster, picture)
    if strip is None:
        raise Refused("The render has no frames.")
    write_jpg(strip_path, strip.picture())
    return {"poster": str(poster), "filmstrip": str(strip_path), "tiles": strip.layout()}


def still(
    recipe: Recipe,
    paths: Mapping[str, str],
    frame: int,
    width: int | None = None,
    view: str = "comp",
    cache: Cache | None = None,
    frames: Cache | None = None,
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """(H, W, 3) 8-bit sRGB of one frame and one view, and what was found. frames: where whole frames are kept, so that
    another view of one is only shown. Raises Refused."""
    comp = Comp(recipe, paths, width, cache)
    name = node_digest("frame", VERSION, recipe.sha256(), comp.width, comp.height, frame)
    made = comp.still(frame) if frames is None else frames.get(name, lambda: comp.still(frame))
    return made.view(view), {"screens": comp.report(), "band_milli": round(made.band * 1000)}


def file_sha256(path: str | Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def still_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Operation `still`: args recipe, sources, frame, width (or None), view, out (.jpg or .png), quality."""
    started = time.monotonic()
    recipe = _recipe(args)
    out = Path(args["out"])
    width = args.get("width")
    report(0, 1, "still")
    picture, found = still(
        recipe, args["sources"], int(args["frame"]), int(width) if width else None, str(args.get("view") or "comp"),
        STILL_CACHE, STILL_FRAMES,
    )  # fmt: skip
    part = out.with_name(f".part-{os.getpid()}-{out.name}")
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix.lower() == ".png":
        write_png8(part, picture)
    else:
        write_jpg(part, picture, int(args.get("quality") or 88))
    os.replace(part, out)
    report(1, 1, "still")
    return {
        "path": str(out), "sha256": file_sha256(out), "width": picture.shape[1], "height": picture.shape[0],
        "seconds": round(time.monotonic() - started, 4), "report": found,
    }  # fmt: skip


def render_op(args: dict[str, Any], report: Report) -> dict[str, Any]:
    """Operation `render`: args recipe, sources, out_dir, quality (left out: "final")."""
    return render(_recipe(args), args["sources"], args["out_dir"], report, quality=str(args.get("quality") or "final"))


def _recipe(args: Mapping[str, Any]) -> Recipe:
    given = args["recipe"]
    return Recipe.from_json(given) if isinstance(given, str) else Recipe.from_dict(given)
