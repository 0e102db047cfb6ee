"""Speed beside a peer in the same run: FFmpeg's chromakey, despill and overlay at the same encoder setting.

Machines differ and shared ones drift: the ratio is the figure to trust, not the frames a second. Every row is measured
in a process of its own, so that its memory and its processor time are its own; rows take turns, and the best counts.
"""

import argparse
import contextlib
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.bench_material import drawn_take, material, peer
from compositing.bench_page import as_page, table
from compositing.colour import Coded, decode_srgb
from compositing.devices import threads
from compositing.errors import EngineError, Refused
from compositing.films import FILMS, Film, film_size
from compositing.fused import Fused
from compositing.graph import Comp
from compositing.io.video import VideoWriter, open_frames
from compositing.keying import Keyer
from compositing.keying.screen import find_screen
from compositing.recipe import Recipe, plain
from compositing.render import CHUNK_FRAMES, render, still_op


# -- one measurement, in a process of its own ------------------------------------------------------------------------
def measure(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job and say what it took: seconds, cpu_s, peak_mb; for a render also cold_s, from the process's start."""
    kinds: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "render": _render_job, "peer": _peer_job, "stages": _stages_job, "stills": _stills_job, "long": _long_job
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="huo-bench-") as folder:
        found = kinds[job["kind"]](job | {"folder": folder})
    return found | {"peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def _render_job(job: dict[str, Any]) -> dict[str, Any]:
    recipe, folder = Recipe.from_dict(job["recipe"]), Path(job["folder"])
    films = tuple(job["films"]) if job["films"] else None
    quality = job.get("quality", "final")
    short = replace(recipe, frame_count=min(2, recipe.frame_count))
    render(short, job["paths"], folder / "warm", quality=quality, films=films)
    cold = time.time() - job["born"]
    cpu = time.process_time()
    made = render(recipe, job["paths"], folder / "full", quality=quality, films=films)
    found = {"seconds": made["seconds"], "cpu_s": time.process_time() - cpu, "cold_s": cold}
    if job.get("half"):
        cpu = time.process_time()
        half = replace(recipe, frame_count=recipe.frame_count // 2)
        render(half, job["paths"], folder / "half", quality=quality, films=films)
        found["half_cpu_s"] = time.process_time() - cpu
    return found


def _peer_job(job: dict[str, Any]) -> dict[str, Any]:
    recipe = Recipe.from_dict(job["recipe"])
    ground, actor = (Path(job["paths"][layer.source]) for layer in recipe.layers)
    cpu = time.process_time()
    try:
        seconds = peer(
            actor, ground, Path(job["folder"]) / "peer.mp4", recipe.width, recipe.height, recipe.frame_count,
            job["key"], 0.05, job["preset"],
        )  # fmt: skip
    except av.error.FFmpegError as error:
        raise Refused(f"FFmpeg's own graph failed here: {error}.") from error
    return {"seconds": seconds, "cpu_s": time.process_time() - cpu}


def _stages_job(job: dict[str, Any]) -> dict[str, Any]:
    """Processor milliseconds a frame of each part of a fast comp, one after the other on one thread."""
    cv2.setNumThreads(1)
    recipe = Recipe.from_dict(job["recipe"])
    comp = Comp(recipe, job["paths"])
    films = FILMS["fast"]
    sizes = {film.name: film_size(film, comp.width, comp.height) for film in films}
    fused, master = Fused.of(comp, films, sizes), Fused.of(comp, films[:1], sizes)
    if fused is None or master is None:
        return {"stages": {}}
    count = min(12, recipe.frame_count)
    spent: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began = time.thread_time()
        made = work()
        spent[name] = spent.get(name, 0.0) + time.thread_time() - began
        return made

    cpu = time.process_time()
    raws = list(comp.raw(0, count))
    spent["decode"] = time.process_time() - cpu
    master.pictures(0, raws[0])
    fused.pictures(0, raws[0])
    pictures = []
    for index, raw in enumerate(raws):
        small = timed("study small", partial(fused.studied, raw[-1]))
        timed("matte", partial(fused.keyed, raw[-1], small))
        timed("engine, master", partial(master.pictures, index, raw))
        pictures.append(timed("engine, all films", partial(fused.pictures, index, raw))[0])
    for film in films:
        spent[f"encode {film.name}"] = _encoded(
            film, [made[film.name] for made in pictures], sizes, recipe, job["folder"]
        )
    bare = Fused.of(Comp(plain(recipe), job["paths"]), films[:1], sizes)
    if bare is not None:
        flat = [bare.pictures(index, raw)[0]["master"] for index, raw in enumerate(raws)]
        spent["encode plain master"] = _encoded(films[0], flat, sizes, recipe, job["folder"])
    return {"stages": {name: round(seconds * 1000 / count, 1) for name, seconds in spent.items()}}


def _encoded(
    film: Film, pictures: Sequence[NDArray[np.uint8]], sizes: dict[str, tuple[int, int]], recipe: Recipe, folder: str
) -> float:
    """Processor seconds that x264 takes for these pictures."""
    cpu = time.process_time()
    with VideoWriter(
        Path(folder) / f"{film.name}.mp4", *sizes[film.name], recipe.fps_num, recipe.fps_den,
        crf=film.crf, preset=film.preset, keyint=film.keyint,
    ) as writer:  # fmt: skip
        for picture in pictures:
            writer.write(picture)
    return time.process_time() - cpu


def _stills_job(job: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds a preview takes in one warm process: the first, the same again, and after tweaks of each kind."""
    recipe = Recipe.from_dict(job["recipe"])
    args = {"sources": job["paths"], "frame": recipe.frame_count // 2, "width": 540, "view": "comp"}
    actor = recipe.layers[-1]
    tweaks = {
        "first": recipe,
        "again": recipe,
        "despill": recipe.with_layer(replace(actor, key={"despill_milli": 900})),
        "clip white": recipe.with_layer(replace(actor, key={"clip_white_milli": 970})),
        "exposure": recipe.with_layer(replace(actor, place={"exposure_milli": 250})),
        "light wrap": replace(recipe, match={"wrap_milli": 300}),
        "size": recipe.with_layer(replace(actor, place={"scale_milli": 900})),
    }
    warm = Path(job["folder"])
    still_op(
        {**args, "recipe": replace(recipe, fps_num=recipe.fps_num * 2).to_dict(), "out": str(warm / "w.jpg")}, _quiet
    )
    found = {}
    last = tweaks["size"]
    asked: dict[str, tuple[Recipe, dict[str, Any]]] = {name: (changed, {}) for name, changed in tweaks.items()}
    asked |= {"view": (last, {"view": "matte"}), "next frame": (last, {"frame": recipe.frame_count // 2 + 1})}
    for name, (changed, other) in asked.items():
        made = still_op({**args, **other, "recipe": changed.to_dict(), "out": str(warm / "still.jpg")}, _quiet)
        found[name] = round(made["seconds"] * 1000)
    return {"stills_ms": found}


def _long_job(job: dict[str, Any]) -> dict[str, Any]:
    """A clip looped to job["frames"] frames: the most memory in use in each tenth of it."""
    recipe = Recipe.from_dict(job["recipe"])
    layers = tuple(replace(layer, extend="loop") for layer in recipe.layers)
    recipe = replace(recipe, layers=layers, frame_count=job["frames"])
    seen: list[tuple[int, float]] = []
    done, stop = [0], threading.Event()

    def watch() -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not stop.wait(0.25):
            held = int(Path("/proc/self/statm").read_text().split()[1]) * page / (1 << 20)
            seen.append((done[0], held))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()

    def told(frames: int, _total: int, stage: str) -> None:
        if stage == "frames":
            done[0] = frames
        if job.get("tell") and frames % 240 == 0:
            print(f"{frames} of {job['frames']} frames", file=sys.stderr)

    cpu = time.process_time()
    made = render(recipe, job["paths"], Path(job["folder"]), told, quality=job.get("quality", "final"))
    stop.set()
    watcher.join()
    # The first chunk is left out: while it renders, caches fill.
    tenths: list[list[float]] = [[] for _ in range(10)]
    for frame, held in seen:
        if frame > CHUNK_FRAMES or job["frames"] <= CHUNK_FRAMES:
            tenths[min(9, frame * 10 // job["frames"])].append(held)
    return {
        "seconds": made["seconds"], "cpu_s": time.process_time() - cpu, "frames": job["frames"],
        "quality": job.get("quality", "final"), "tenths_mb": [round(max(held)) for held in tenths if held],
    }  # fmt: skip


def _quiet(_done: int, _total: int, _stage: str) -> None:
    """A listener that does not listen."""


def alone(job: dict[str, Any]) -> dict[str, Any]:
    """`measure` in a fresh process. Raises Refused with what it was refused for, or EngineError where it died."""
    asked = json.dumps(job | {"born": time.time()})
    done = subprocess.run(
        [sys.executable, "-m", "compositing.bench", asked], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise EngineError(f"The measurement {job['kind']!r} ended with {done.returncode}; its reason stands above.")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


# -- the whole bench -------------------------------------------------------------------------------------------------
def run(
    source: Path | None, width: int, height: int, frames: int, *, quick: bool = False, long_frames: int = 0
) -> dict[str, Any]:
    """Measure everything. Plain JSON: rows (ours, peer, ratio), memory, cold start, stills, draft, sizes, stages."""
    with tempfile.TemporaryDirectory(prefix="huo-bench-") as folder:
        work = Path(folder)
        recipe, paths = material(work, source, width, height, frames)
        actor = Path(paths[recipe.layers[-1].source])
        screen = find_screen([_linear(next(iter(open_frames(actor))))])
        key = "".join(f"{value:02x}" for value in screen.srgb8)
        best = replace(recipe, mode="best")
        one = ["master"]
        jobs: dict[str, dict[str, Any]] = {}
        for mode, made in (("fast", recipe), ("best", best)):
            preset = FILMS[mode][0].preset
            base = {"recipe": made.to_dict(), "paths": paths}
            jobs[f"{mode} peer"] = {"kind": "peer", "key": key, "preset": preset, **base}
            jobs[f"{mode} plain"] = {"kind": "render", "films": one, **base, "recipe": plain(made).to_dict()}
            jobs[f"{mode} master"] = {"kind": "render", "films": one, **base}
            jobs[f"{mode} delivery"] = {"kind": "render", "films": None, **base}
        jobs["draft"] = {"kind": "render", "films": None, "quality": "draft", "recipe": best.to_dict(), "paths": paths}
        taken = _rounds(jobs, 1 if quick else 3)
        result: dict[str, Any] = {
            "frames": recipe.frame_count, "size": [width, height], "threads": threads(), "rows": {},
            "peer": "FFmpeg's chromakey + despill + overlay, master only, the same x264 settings, all its threads",
            "machine": machine(),
        }  # fmt: skip
        for mode in ("fast", "best"):
            theirs = taken[f"{mode} peer"]
            for what in ("plain", "master", "delivery"):
                ours = taken[f"{mode} {what}"]
                result["rows"][f"{mode} {what}"] = {
                    "fps": round(recipe.frame_count / ours["seconds"], 2),
                    "peer_fps": round(recipe.frame_count / theirs["seconds"], 2),
                    "ratio": round(theirs["seconds"] / ours["seconds"], 2),
                    "cpu_ms": round(ours["cpu_s"] * 1000 / recipe.frame_count, 1),
                    "peer_cpu_ms": round(theirs["cpu_s"] * 1000 / recipe.frame_count, 1),
                    "cpu_ratio": round(theirs["cpu_s"] / ours["cpu_s"], 2), "peak_mb": ours["peak_mb"],
                }  # fmt: skip
        whole = taken["best delivery"]
        result["draft"] = {
            "fps": round(recipe.frame_count / taken["draft"]["seconds"], 2),
            "of_best": round(whole["seconds"] / taken["draft"]["seconds"], 2),
            "cpu_of_best": round(whole["cpu_s"] / taken["draft"]["cpu_s"], 2),
        }
        result["cold_start_s"] = round(taken["fast master"]["cold_s"], 2)
        result["peak_mb"] = max(row["peak_mb"] for row in taken.values())
        result["stages_cpu_ms"] = alone({"kind": "stages", "recipe": recipe.to_dict(), "paths": paths})["stages"]
        result["stills_ms"] = alone({"kind": "stills", "recipe": recipe.to_dict(), "paths": paths})["stills_ms"]
        result["sizes"] = _sizes(work, width, height, min(frames, 48), recipe, paths, quick)
        if long_frames:
            asked = {"kind": "long", "recipe": recipe.to_dict(), "paths": paths, "tell": True}
            lengths = {"draft": long_frames, "final": long_frames // 5}
            result["long"] = [
                alone({**asked, "quality": quality, "frames": frames}) for quality, frames in lengths.items()
            ]
    return result


def _rounds(jobs: dict[str, dict[str, Any]], rounds: int) -> dict[str, dict[str, Any]]:
    """Each job's best of several turns, in time and in processor time; the most memory of any."""
    taken: dict[str, dict[str, Any]] = {}
    for _ in range(rounds):
        for name, job in jobs.items():
            found = alone(job)
            known = taken.setdefault(name, found)
            for figure, value in found.items():
                pick = max if figure == "peak_mb" else min
                known[figure] = pick(known[figure], value)
    return taken


def _sizes(
    folder: Path, width: int, height: int, frames: int, whole: Recipe, paths: dict[str, str], quick: bool
) -> list[dict[str, Any]]:
    """Cost at three sizes, each at two lengths: what a clip costs whatever its length, and what a pixel of it does."""
    rows = []
    for share in (1, 2 / 3, 1 / 2):
        recipe, where = replace(whole, frame_count=min(frames, whole.frame_count)), paths
        if share < 1:
            side = max(16, round(width * share / 2) * 2), max(16, round(height * share / 2) * 2)
            recipe, where = material(folder, None, *side, frames)
        job = {"kind": "render", "films": ["master"], "half": True, "recipe": recipe.to_dict(), "paths": where}
        rows.append(size_row(recipe, _rounds({"size": job}, 1 if quick else 2)["size"]))
    return rows


def size_row(recipe: Recipe, taken: dict[str, Any]) -> dict[str, Any]:
    """From processor seconds of a clip and of its first half: fixed_ms of it all; cpu_ms of each frame, and a pixel."""
    length = recipe.frame_count
    frame_s = (taken["cpu_s"] - taken["half_cpu_s"]) / max(1, length - length // 2)
    return {
        "size": [recipe.width, recipe.height], "frames": length,
        "fixed_ms": round(1000 * (taken["cpu_s"] - frame_s * length)),
        "cpu_ms": round(frame_s * 1000, 1), "cpu_ns_a_pixel": round(frame_s * 1e9 / recipe.width / recipe.height, 1),
    }  # fmt: skip


def machine() -> dict[str, Any]:
    """What it was measured on, plain JSON: processor, how many of it, memory, load, versions."""
    found = {"processor": platform.processor() or platform.machine(), "processors": threads()}
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text()
        names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
        found["processor"] = names[0] if names else found["processor"]
        found["memory_gb"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30))
        found["load"] = round(os.getloadavg()[0], 1)
    libraries = {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}
    return found | {
        "python": platform.python_version(), "numpy": np.__version__, "opencv": cv2.__version__, "pyav": av.__version__,
        "libavcodec": libraries.get("libavcodec", ""),
    }  # fmt: skip


def _linear(coded: Coded) -> Any:
    return decode_srgb(coded / np.float32(255))


def gpu_report(width: int, height: int) -> dict[str, Any]:
    """The torch twin's speed on this machine's GPU, without codec; where there is none, `note` says so. Plain JSON."""
    try:
        twin, study = (importlib.import_module(f"compositing.gpu.{name}") for name in ("bench", "study"))
        torch = importlib.import_module("torch")
    except ImportError:
        note = "The GPU's speed was not measured: this environment has no torch. Run it with .venv-worker/bin/python."
        return {"gpu": None, "note": note}
    frames = [_linear(picture) for picture in drawn_take(width, height, 2)]
    frame = torch.from_numpy(np.ascontiguousarray(frames[0].transpose(2, 0, 1)))
    return dict(twin.measure(study.study_of(Keyer(frames)), frame))


def command(args: argparse.Namespace) -> int:
    parts = args.size.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise Refused(f"A size reads like 1080x1920, got {args.size!r}.")
    if args.gpu:
        found = gpu_report(int(parts[0]), int(parts[1]))
        lines = [found["note"]] if found["gpu"] is None else [f"{name}: {value}" for name, value in found.items()]
        print(json.dumps(found, indent=1) if args.json else "\n".join(lines))
        return 0
    frames = min(args.frames, 16) if args.quick else args.frames
    long_frames = args.long * 24 * 60 if args.long else 0
    result = run(args.source, int(parts[0]), int(parts[1]), frames, quick=args.quick, long_frames=long_frames)
    if args.write:
        args.write.parent.mkdir(parents=True, exist_ok=True)
        args.write.write_text(as_page(result))
    print(json.dumps(result, indent=1) if args.json else table(result))
    return 0


if __name__ == "__main__":
    try:
        print(json.dumps(measure(json.loads(sys.argv[1]))))
    except EngineError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(2)
