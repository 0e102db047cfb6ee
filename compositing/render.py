"""Recipes to files: `still` one frame, `render` the whole comp in chunks that survive a crash.

Bytes are deterministic: the same recipe over the same sources gives the same files. A file appears under its own name
only when it is whole; a render that was killed goes on from its last finished chunk.
"""

import hashlib
import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.cache import Cache
from compositing.devices import threads
from compositing.errors import Refused
from compositing.graph import VERSION, Comp, Frame
from compositing.io.join import join_films
from compositing.io.pictures import write_jpg, write_png8
from compositing.io.strip import Filmstrip
from compositing.io.video import VideoWriter, open_frames
from compositing.keying.keyer import VERSION as KEYER_VERSION
from compositing.recipe import Recipe, digest

Report = Callable[[int, int, str], None]

CHUNK_FRAMES = 48
MASTER_CRF, PROXY_CRF = 14, 22
PROXY_SIDE, LAYER_SIDE = 720, 540  # shorter side of the review proxies, at most
KEYINT = 12
STILL_CACHE = Cache(640 << 20)  # a warm child keeps decoded frames and studied screens between stills


@dataclass(frozen=True)
class Film:
    """One of the films a render makes: which view, at most how wide, how well."""

    name: str
    view: str
    side: int | None
    crf: int
    preset: str
    keyint: int


FILMS = {
    "fast": (
        Film("master", "comp", None, MASTER_CRF, "veryfast", 48),
        Film("proxy", "comp", PROXY_SIDE, PROXY_CRF, "veryfast", KEYINT),
        Film("matte", "matte", LAYER_SIDE, PROXY_CRF, "veryfast", KEYINT),
        Film("foreground", "foreground", LAYER_SIDE, PROXY_CRF, "veryfast", KEYINT),
    ),
    "best": (
        Film("master", "comp", None, MASTER_CRF, "medium", 48),
        Film("proxy", "comp", PROXY_SIDE, PROXY_CRF, "fast", KEYINT),
        Film("matte", "matte", LAYER_SIDE, PROXY_CRF, "fast", KEYINT),
        Film("foreground", "foreground", LAYER_SIDE, PROXY_CRF, "fast", KEYINT),
    ),
}


def film_size(film: Film, width: int, height: int) -> tuple[int, int]:
    """(width, height) of a film of a comp of that size; even, never grown."""
    if film.side is None or min(width, height) <= film.side:
        return width, height
    scale = film.side / min(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def frames_in_order(
    comp: Comp, start: int, stop: int, work: Callable[[int, Frame], Any], workers: int | None = None
) -> Iterator[tuple[int, Any]]:
    """(frame number, work(number, frame)) in order; frames are made on several threads, a few ahead of the reader."""
    workers = workers or threads()

    def make(index: int, raws: list[Any]) -> Any:
        return work(index, comp.frame(index, raws))

    cv2.setNumThreads(1)  # frames are the unit of parallel work; OpenCV's own threads would only get in the way
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[int, Future[Any]]] = deque()
        try:
            for index, raws in enumerate(comp.raw(start, stop), start):
                waiting.append((index, pool.submit(make, index, raws)))
                if len(waiting) > workers:
                    due, future = waiting.popleft()
                    yield due, future.result()
            while waiting:
                due, future = waiting.popleft()
                yield due, future.result()
        finally:
            for _, future in waiting:
                future.cancel()


def render_key(recipe: Recipe) -> str:
    """Names a render's chunks: the recipe (with its sources' digests) and everything here that changes bytes."""
    films = [[f.name, f.view, f.side, f.crf, f.preset, f.keyint] for f in FILMS[recipe.mode]]
    return digest([recipe.to_dict(), VERSION, KEYER_VERSION, CHUNK_FRAMES, films])[:16]


def render(
    recipe: Recipe,
    paths: Mapping[str, str],
    out_dir: str | Path,
    report: Report | None = None,
    on_frame: Callable[[int, Frame], None] | None = None,
) -> dict[str, Any]:
    """Render `recipe` into out_dir: master, review proxies of comp, matte and foreground, poster and filmstrip.

    paths: artefact sha256 -> file. Chunks that an interrupted render of the same recipe finished are used again.
    on_frame sees every frame (number, frame) on a working thread; with it nothing is taken over from earlier renders.
    Returns the `render` operation's result (see docs/ARCHITECTURE.md). Raises Refused.
    """
    started = time.monotonic()
    tell = report or (lambda done, total, stage: None)
    out = Path(out_dir)
    chunks = out / f"chunks-{render_key(recipe)}"
    chunks.mkdir(parents=True, exist_ok=True)
    tell(0, recipe.frame_count, "study")
    comp = Comp(recipe, paths)
    films = FILMS[recipe.mode]
    sizes = {film.name: film_size(film, comp.width, comp.height) for film in films}
    bands: list[int] = []
    rendered = 0
    starts = range(0, recipe.frame_count, CHUNK_FRAMES)
    for number, start in enumerate(starts):
        stop = min(start + CHUNK_FRAMES, recipe.frame_count)
        done = _finished(chunks, number, films) if on_frame is None else None
        if done is None:
            done = _chunk(comp, films, sizes, chunks, number, start, stop, tell, on_frame)
            rendered += stop - start
        bands += done["band_ppm"]
        tell(stop, recipe.frame_count, "frames")
    tell(recipe.frame_count, recipe.frame_count, "join")
    result: dict[str, Any] = {}
    for film in films:
        parts = [chunks / f"{number:04d}.{film.name}.mp4" for number in range(len(starts))]
        target = out / f"{film.name}.mp4"
        join_films(parts, target)
        result[film.name] = str(target)
        result[f"{film.name}_size"] = list(sizes[film.name])
    result |= _pictures(out, recipe.frame_count)
    for leftover in chunks.iterdir():
        leftover.unlink()
    chunks.rmdir()
    seconds = time.monotonic() - started
    result |= {
        "frame_count": recipe.frame_count, "width": comp.width, "height": comp.height,
        "fps_num": recipe.fps_num, "fps_den": recipe.fps_den, "recipe_sha256": recipe.sha256(),
        "sha256": file_sha256(result["master"]), "seconds": round(seconds, 3), "frames_rendered": rendered,
        "report": {"screens": comp.report(), "band_milli": round(sum(bands) / max(1, len(bands)) / 1000)},
    }  # fmt: skip
    return result


def _finished(chunks: Path, number: int, films: tuple[Film, ...]) -> dict[str, Any] | None:
    """What an earlier run noted about a chunk, if it and all its films are there."""
    note = chunks / f"{number:04d}.json"
    if not note.exists() or not all((chunks / f"{number:04d}.{film.name}.mp4").exists() for film in films):
        return None
    try:
        noted = json.loads(note.read_text())
    except ValueError:
        return None
    return noted if isinstance(noted, dict) and "band_ppm" in noted else None


def _chunk(
    comp: Comp,
    films: tuple[Film, ...],
    sizes: Mapping[str, tuple[int, int]],
    chunks: Path,
    number: int,
    start: int,
    stop: int,
    tell: Report,
    on_frame: Callable[[int, Frame], None] | None,
) -> dict[str, Any]:
    rate = comp.recipe.fps_num, comp.recipe.fps_den

    def work(index: int, frame: Frame) -> tuple[dict[str, NDArray[np.uint8]], float]:
        if on_frame is not None:
            on_frame(index, frame)
        return {film.name: frame.view(film.view, sizes[film.name]) for film in films}, frame.band

    bands = []
    with ExitStack() as stack:
        writers = {
            film.name: stack.enter_context(
                VideoWriter(
                    chunks / f"{number:04d}.{film.name}.mp4", *sizes[film.name], *rate,
                    crf=film.crf, preset=film.preset, keyint=film.keyint,
                )
            )
            for film in films
        }  # fmt: skip
        for index, (pictures, band) in frames_in_order(comp, start, stop, work):
            for name, picture in pictures.items():
                writers[name].write(picture)
            bands.append(round(band * 1_000_000))
            tell(index + 1, comp.recipe.frame_count, "frames")
    note = {"band_ppm": bands}
    part = chunks / f".{number:04d}.json.part"
    part.write_text(json.dumps(note))
    os.replace(part, chunks / f"{number:04d}.json")
    return note


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
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """(H, W, 3) 8-bit sRGB of one frame and one view, and what was found. Raises Refused."""
    comp = Comp(recipe, paths, width, cache)
    made = comp.still(frame)
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
        STILL_CACHE,
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
    """Operation `render`: args recipe, sources, out_dir."""
    return render(_recipe(args), args["sources"], args["out_dir"], report)


def _recipe(args: Mapping[str, Any]) -> Recipe:
    given = args["recipe"]
    return Recipe.from_json(given) if isinstance(given, str) else Recipe.from_dict(given)
