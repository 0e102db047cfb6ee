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
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.filter import Graph

from compositing.colour import TO_LINEAR, Coded, code8, decode_srgb
from compositing.devices import threads
from compositing.errors import EngineError, Refused
from compositing.films import FILMS, MASTER_CRF, MASTER_KEYINT, film_size
from compositing.fused import Fused, bounding
from compositing.fused_kernels import alpha_rows
from compositing.graph import Comp
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter, open_frames, video_info
from compositing.keying import Keyer
from compositing.keying.chroma import low_linear, low_luma, plane_numbers
from compositing.keying.screen import find_screen
from compositing.recipe import LayerRecipe, Recipe, plain
from compositing.render import file_sha256, render, still_op


def drawn_take(width: int, height: int, frames: int) -> Iterator[Coded]:
    """A stand-in actor before an uneven green screen: head, shoulders, hair, a waving arm, grain."""
    rng = np.random.Generator(np.random.PCG64(5))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1 - 0.35 * np.hypot(x / width - 0.4, y / height - 0.3)
    screen = decode_srgb(np.array([60, 160, 75]) / 255.0) * light[..., None]
    skin, coat = np.array([0.4, 0.22, 0.15], np.float32), np.array([0.12, 0.1, 0.25], np.float32)
    strands = rng.uniform(0, 1, (400, 4))
    noise = rng.standard_normal((height, width, 1)).astype(np.float32) * 0.004
    for frame in range(frames):
        swing = np.sin(frame / 6)
        shape = np.zeros((height, width), np.uint8)
        middle = int(width * (0.5 + 0.03 * swing))
        for centre, axes in (((middle, height * 0.34), (0.19 * width, 0.15 * height)),
                             ((width / 2, height * 0.95), (0.42 * width, 0.42 * height))):  # fmt: skip
            at, radii = (int(centre[0]), int(centre[1])), (int(axes[0]), int(axes[1]))
            cv2.ellipse(shape, at, radii, 0, 0, 360, 255, -1, cv2.LINE_AA)
        hand = (int(width * (0.82 + 0.1 * swing)), int(height * 0.4))
        cv2.line(shape, (int(width * 0.75), int(height * 0.75)), hand, 255, max(2, width // 14), cv2.LINE_AA)
        for turn, reach, bend, root in strands:
            angle = np.pi * (1.05 + 0.9 * turn)
            x0 = middle + np.cos(angle) * width * 0.18 * (0.8 + 0.2 * root)
            y0 = height * 0.33 + np.sin(angle) * height * 0.14
            x1 = x0 + np.cos(angle + bend - 0.5) * width * 0.09 * reach
            y1 = y0 + np.sin(angle + bend - 0.5) * height * 0.06 * reach
            cv2.line(shape, (int(x0), int(y0)), (int(x1), int(y1)), 255, 1, cv2.LINE_AA)
        alpha = cv2.GaussianBlur(shape, (0, 0), 0.7).astype(np.float32)[..., None] / 255
        body = np.where(y[..., None] < height * 0.5, skin, coat) * light[..., None]
        yield code8(np.clip(alpha * body + (1 - alpha) * screen + noise, 0, 1).astype(np.float32))


def peer(
    source: Path, background: Path, out: Path, width: int, height: int, frames: int, key: str, blend: float,
    preset: str = "veryfast",
) -> float:  # fmt: skip
    """Seconds FFmpeg's own graph takes: decode, scale, chromakey, despill, overlay, x264 as our master has it.

    The same crf, preset, profile, key frames and rate control as `io.writer`'s; it alone keeps all of x264's threads,
    which ours does without: with them the same frames may give other bytes.
    """
    started = time.monotonic()
    with av.open(str(source)) as film, av.open(str(background)) as still, av.open(str(out), "w") as box:
        stream = film.streams.video[0]
        stream.thread_type = "AUTO"
        rate = stream.average_rate or Fraction(24)
        settings = f"keyint={MASTER_KEYINT}:min-keyint={min(MASTER_KEYINT, 12)}:no-mbtree=1"
        options = {"crf": str(MASTER_CRF), "preset": preset, "x264-params": settings}
        video = box.add_stream("libx264", rate=rate, options=options)
        video.codec_context.profile = "High"
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        ground = next(still.decode(video=0)).reformat(width=width, height=height, format="yuv420p")
        graph: Any = None
        for index, frame in enumerate(film.decode(stream)):
            if index >= frames:
                break
            if graph is None:
                graph = Graph()
                entry = graph.add_buffer(template=stream, time_base=stream.time_base)
                behind = graph.add_buffer(width=width, height=height, format=ground.format, time_base=stream.time_base)
                scale = graph.add("scale", f"{width}:{height}:flags=bicubic")
                chroma = graph.add("chromakey", f"0x{key}:0.1:{blend}")
                clean = graph.add("despill", "green")
                over = graph.add("overlay", "format=yuv420")
                form = graph.add("format", "yuv420p")
                sink = graph.add("buffersink")
                entry.link_to(scale)
                scale.link_to(chroma)
                chroma.link_to(clean)
                behind.link_to(over, 0, 0)
                clean.link_to(over, 0, 1)
                over.link_to(form)
                form.link_to(sink)
                graph.configure()
            ground.pts, ground.time_base = frame.pts, stream.time_base
            behind.push(ground)
            entry.push(frame)
            while True:
                try:
                    made = sink.pull()
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                made.pts = None
                box.mux(video.encode(made))
        box.mux(video.encode(None))
    return time.monotonic() - started


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
    return {"seconds": made["seconds"], "cpu_s": time.process_time() - cpu, "cold_s": cold}


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
    keyer = fused.keyer
    alpha = np.empty((comp.height, comp.width), np.uint16)
    for index, raw in enumerate(raws):
        planes = raw[-1]
        low, coding = low_luma(planes), plane_numbers(planes)
        maps = timed("study small", partial(_maps, fused, planes, low))
        told = (keyer.screen.along, keyer.screen.across, keyer.matte_numbers())
        where = (maps, bounding(maps), fused.bounds)
        timed("matte", partial(alpha_rows, planes[0], low, *planes[1:], coding, TO_LINEAR, *where, *told, alpha))
        timed("engine, master", partial(master.pictures, index, raw))
        pictures.append(timed("engine, all films", partial(fused.pictures, index, raw))[0])
    for film in films:
        cpu = time.process_time()
        with VideoWriter(
            Path(job["folder"]) / f"{film.name}.mp4", *sizes[film.name], recipe.fps_num, recipe.fps_den,
            crf=film.crf, preset=film.preset, keyint=film.keyint,
        ) as writer:  # fmt: skip
            for made in pictures:
                writer.write(made[film.name])
        spent[f"encode {film.name}"] = time.process_time() - cpu
    return {"stages": {name: round(seconds * 1000 / count, 1) for name, seconds in spent.items()}}


def _maps(fused: Fused, planes: Any, low: Any) -> Any:
    return fused.keyer.maps_of(low_linear(planes, fused.keyer.low, low))


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
    """A clip looped to job["frames"] frames: memory in use, in the first tenth and in the last."""
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
    tenth = job["frames"] / 10
    # The first chunk is left out: while it renders, caches fill.
    early = [held for frame, held in seen if 48 < frame <= 48 + tenth] or [held for _, held in seen]
    late = [held for frame, held in seen if frame > job["frames"] - tenth] or early
    return {
        "seconds": made["seconds"], "cpu_s": time.process_time() - cpu, "frames": job["frames"],
        "early_mb": round(max(early)), "late_mb": round(max(late)),
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
def material(folder: Path, source: Path | None, width: int, height: int, frames: int) -> tuple[Recipe, dict[str, str]]:
    """A recipe in fast mode over a take (drawn when none is given) and a drawn background, and where they are."""
    if source is None:
        source = folder / f"take-{width}.mp4"
        with VideoWriter(source, width, height, 24, 1, crf=16, preset="veryfast") as writer:
            for picture in drawn_take(width, height, frames):
                writer.write(picture)
    info = video_info(source)
    y, x = np.mgrid[0:height, 0:width]
    ground = np.dstack([x * 255 // width, y * 255 // height, np.full_like(x, 96)]).astype(np.uint8)
    background = folder / f"background-{width}.png"
    write_png8(background, ground)
    actor, behind = file_sha256(source), file_sha256(background)
    layers = (LayerRecipe("background", "background", behind), LayerRecipe("actor", "actor", actor))
    total = min(frames, info.frame_count)
    recipe = Recipe(width, height, info.fps.numerator, info.fps.denominator, total, layers, "fast")
    return recipe, {actor: str(source), behind: str(background)}


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
        result["sizes"] = _sizes(work, width, height, min(frames, 24), recipe, taken["fast master"], quick)
        if long_frames:
            asked = {"kind": "long", "recipe": recipe.to_dict(), "paths": paths, "frames": long_frames, "tell": True}
            result["long"] = alone(asked)
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
    folder: Path, width: int, height: int, frames: int, whole: Recipe, taken: dict[str, Any], quick: bool
) -> list[dict[str, Any]]:
    """Cost at three sizes, and at half the frames: processor nanoseconds a pixel should stay about the same."""
    rows = [_size_row(whole, taken)]
    for share in (2 / 3, 1 / 2):
        side = max(16, round(width * share / 2) * 2), max(16, round(height * share / 2) * 2)
        recipe, paths = material(folder, None, *side, frames)
        job = {"kind": "render", "films": ["master"], "recipe": recipe.to_dict(), "paths": paths}
        rows.append(_size_row(recipe, _rounds({"size": job}, 1 if quick else 2)["size"]))
    return rows


def _size_row(recipe: Recipe, taken: dict[str, Any]) -> dict[str, Any]:
    pixels = recipe.width * recipe.height
    return {
        "size": [recipe.width, recipe.height], "frames": recipe.frame_count,
        "cpu_ms": round(taken["cpu_s"] * 1000 / recipe.frame_count, 1),
        "cpu_ns_a_pixel": round(taken["cpu_s"] * 1e9 / recipe.frame_count / pixels, 1),
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


PAGE = """# How fast it is

Made by `python -m compositing bench --write docs/bench.md`. Ours and the peer in one run on one machine, each row in a
process of its own, turn by turn, the best of its turns: machines differ and drift, so the ratio is the figure to trust,
and where others were at work on the machine the ratio of processor time is steadier than that of the clock.

*plain* does what the peer does: key, despill, over, one master. *master* adds what the studio does to every comp
(colour match, light wrap, grain, whose noise the encoder pays for too). *delivery* adds the review films of comp, matte
and foreground, the poster, the filmstrip and the figures of quality. Both sides encode H.264 High at one crf, preset,
key frame distance and rate control; the peer alone may use several encoder threads, since our bytes must not hang on
how many there are. Ours includes studying the clip before its first frame.

"""


def as_page(result: dict[str, Any]) -> str:
    """docs/bench.md."""
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result["machine"].items())
    gpu = result.get("gpu") or {"gpu": None, "note": GPU_WANTED}
    row = gpu["note"] if gpu.get("gpu") is None else ", ".join(f"{name} {value}" for name, value in gpu.items())
    return f"{PAGE}Machine: {told}.\n\n{table(result)}\n\nGPU: {row}\n"


GPU_WANTED = (
    "needs a GPU and torch: `.venv-worker/bin/python -m compositing bench --gpu` prints frames a second without codec."
)


def table(result: dict[str, Any]) -> str:
    """The result as Markdown, as `docs/bench.md` holds it."""
    width, height = result["size"]
    lines = [
        f"{result['frames']} frames of {width} x {height}, {result['threads']} threads. Peer: {result['peer']}.", "",
        "| | fps | peer fps | ratio | CPU ms a frame | peer's | ratio | peak MB |", "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, row in result["rows"].items():
        figures = ("fps", "peer_fps", "ratio", "cpu_ms", "peer_cpu_ms", "cpu_ratio", "peak_mb")
        lines.append(f"| {name} | " + " | ".join(str(row[figure]) for figure in figures) + " |")
    draft = result["draft"]
    lines += [
        "",
        f"Draft (all films, half size): {draft['fps']} fps, {draft['of_best']} times best's speed "
        f"({draft['cpu_of_best']} times by processor time).",
        f"Cold start to the second frame: {result['cold_start_s']} s. Most memory of any row: {result['peak_mb']} MB.",
        "Stills at 540 wide, ms: " + ", ".join(f"{name} {ms}" for name, ms in result["stills_ms"].items()) + ".",
        "Processor ms a frame by part: "
        + ", ".join(f"{name} {ms}" for name, ms in result["stages_cpu_ms"].items()) + ".",
        "Cost by size: " + "; ".join(
            f"{row['size'][0]} x {row['size'][1]}, {row['frames']} frames: {row['cpu_ms']} ms, "
            f"{row['cpu_ns_a_pixel']} ns a pixel" for row in result["sizes"]
        ) + ".",
    ]  # fmt: skip
    if "long" in result:
        long = result["long"]
        lines.append(
            f"{long['frames']} frames in one render: {long['early_mb']} MB in the first tenth, {long['late_mb']} MB in "
            f"the last, peak {long['peak_mb']} MB."
        )
    return "\n".join(lines)


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
