"""Recipes to files: `still` one frame, `render` the whole comp in chunks that survive a crash.

Bytes are deterministic: the same recipe over the same sources gives the same files. A file appears under its own name
only when it is whole; a render that was killed goes on from its last finished chunk.
"""

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.cache import Cache, node_digest
from compositing.devices import threads
from compositing.errors import Refused
from compositing.executors import Executor
from compositing.films import FILMS, Chunk, Film, Room, film_size, finished, same_as
from compositing.frames import frames_in_order
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
from compositing.sources import Readings

Report = Callable[[int, int, str], None]

CHUNK_FRAMES = 48
MOST_LANES = 4  # each holds a decoder and its films' encoders
QUALITIES = ("final", "draft")  # draft: half the size, fast mode: for judging timing and edit
STILL_CACHE = Cache(640 << 20)  # a warm child keeps decoded frames and studied screens between stills
STILL_READINGS = Readings()
STILL_FRAMES = Cache(96 << 20)  # few: each holds on to what it was made from


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
    quality: "final", or "draft": half the size in fast mode, not judged. films: only these (the bench).
    workers: threads, which change no byte. Returns the `render` operation's result (see docs/ARCHITECTURE.md). Raises
    Refused.
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
    judging = quality == "final" and sizes.keys() >= {*NEEDS, "proxy"}
    same = same_as(wanted, sizes)
    all_wanted, wanted = wanted, tuple(film for film in wanted if film.name not in same)
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
    for film in all_wanted:
        target = out / f"{film.name}.mp4"
        if film.name in same:
            part = out / f".{target.name}.part"
            shutil.copyfile(out / f"{same[film.name]}.mp4", part)
            os.replace(part, target)
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

    parts = _lanes(missing, len(films), workers, comp)
    each = max(1, workers // len(parts))
    room = Room(workers * 2 + 2 + len(parts))
    stopped, lock = threading.Event(), threading.Lock()
    done = recipe.frame_count - sum(stop - start for start, stop in _runs(missing, recipe.frame_count))

    def told() -> None:
        nonlocal done
        with lock:
            done += 1
            tell(done, recipe.frame_count, "frames")

    def lane(numbers: list[int]) -> dict[int, dict[str, Any]]:
        """Render these chunks one after the other, on `each` threads beside this one and the films' own."""
        open_chunks: dict[int, Chunk] = {}
        notes: dict[int, dict[str, Any]] = {}

        def check() -> None:
            if stopped.is_set():
                raise _Stopped
            for chunk in open_chunks.values():
                chunk.check()

        def enter() -> None:
            check()
            room.take(check)

        def settle(least: int) -> None:
            while len(open_chunks) > least:
                number = next(iter(open_chunks))
                notes[number] = open_chunks[number].finish()
                del open_chunks[number]
                trim()

        try:
            for start, stop in _runs(numbers, recipe.frame_count):
                frames = frames_in_order(comp, start, stop, work, each, enter, seen, fused)
                for index, (pictures, band) in frames:
                    number = index // CHUNK_FRAMES
                    if index % CHUNK_FRAMES == 0:
                        settle(1)
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
                    told()
            settle(0)
        except BaseException:
            stopped.set()
            for chunk in open_chunks.values():
                chunk.drop()
            raise
        return notes

    if len(parts) == 1:
        return lane(parts[0])
    with ThreadPoolExecutor(len(parts), "lane") as pool:
        running = [pool.submit(lane, numbers) for numbers in parts]
        try:
            wait(running)
        except BaseException:
            stopped.set()
            raise
    failures = [error for future in running if (error := future.exception()) is not None]
    for error in sorted(failures, key=lambda error: isinstance(error, _Stopped)):
        raise error
    return {number: note for future in running for number, note in future.result().items()}


class _Stopped(Exception):
    """Another lane failed: what it failed with is what counts."""


def _lanes(missing: list[int], films: int, workers: int, comp: Comp) -> list[list[int]]:
    """The chunks in as many unbroken parts as are rendered side by side: so many that there is an encoder for every
    processor, since each encodes in one thread. A keyer that takes many frames at once has the machine to itself."""
    count = 1 if comp.at_once > 1 else max(1, min(MOST_LANES, len(missing), round(workers / max(1, films))))
    ends = [round(place * len(missing) / count) for place in range(count + 1)]
    return [missing[first:last] for first, last in pairwise(ends)]


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
    readings: Readings | None = None,
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """(H, W, 3) 8-bit sRGB of one frame and one view, and what was found. frames: where whole frames are kept, so that
    another view of one is only shown. Raises Refused."""
    comp = Comp(recipe, paths, width, cache, readings)
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
        STILL_CACHE, STILL_FRAMES, STILL_READINGS,
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
