"""Speed and quality beside a peer in the same run: FFmpeg's chromakey, despill and overlay at the same encoder setting.

Machines differ and shared ones drift: the ratio is the figure to trust, not the frames per second.
"""

import argparse
import importlib
import json
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.filter import Graph

from compositing.colour import Coded, code8, decode_srgb
from compositing.errors import Refused
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter, open_frames, video_info
from compositing.keying import Keyer
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
    source: Path, background: Path, out: Path, width: int, height: int, frames: int, key: str, blend: float
) -> float:
    """Seconds FFmpeg's own graph takes: decode, scale, chromakey, despill, overlay, x264 veryfast as our master."""
    started = time.monotonic()
    with av.open(str(source)) as film, av.open(str(background)) as still, av.open(str(out), "w") as box:
        stream = film.streams.video[0]
        stream.thread_type = "AUTO"
        rate = stream.average_rate or Fraction(24)
        video = box.add_stream("libx264", rate=rate, options={"crf": "14", "preset": "veryfast"})
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


def run(source: Path | None, width: int, height: int, frames: int, mode: str) -> dict[str, Any]:
    """Measure. Returns plain JSON: engine and peer fps at width x height, their ratio, seconds of a warm still."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        if source is None:
            source = work / "take.mp4"
            with VideoWriter(source, width, height, 24, 1, crf=16, preset="veryfast") as writer:
                for picture in drawn_take(width, height, frames):
                    writer.write(picture)
        info = video_info(source)
        total = min(frames, info.frame_count)
        y, x = np.mgrid[0:height, 0:width]
        ground = np.dstack([x * 255 // width, y * 255 // height, np.full_like(x, 96)]).astype(np.uint8)
        background = work / "background.png"
        write_png8(background, ground)
        paths = {file_sha256(source): str(source), file_sha256(background): str(background)}
        first, second = paths
        layers = (LayerRecipe("background", "background", second), LayerRecipe("actor", "actor", first))
        recipe = Recipe(width, height, info.fps.numerator, info.fps.denominator, total, layers, mode)
        short = Recipe(width, height, info.fps.numerator, info.fps.denominator, min(2, total), layers, mode)
        render(short, paths, work / "warm")  # compile and fill caches: both sides are measured warm
        made = render(recipe, paths, work / "full")
        bare = render(plain(recipe), paths, work / "plain")
        still = {
            "recipe": recipe.to_dict(),
            "sources": paths,
            "frame": total // 2,
            "width": 540,
            "out": str(work / "s.jpg"),
        }
        first_still = still_op(still, lambda *_: None)["seconds"]
        changed = recipe.with_layer(LayerRecipe("actor", "actor", first, key={"despill_milli": 900}))
        tweak = still_op({**still, "recipe": changed.to_dict()}, lambda *_: None)["seconds"]
        screen = find_screen([_linear(next(iter(open_frames(source))))])
        key = "".join(f"{value:02x}" for value in screen.srgb8)
        try:
            theirs = peer(source, background, work / "peer.mp4", width, height, total, key, 0.05)
        except av.error.FFmpegError as error:
            raise Refused(f"FFmpeg's own graph failed here: {error}.") from error
    engine_fps, peer_fps = total / made["seconds"], total / theirs
    return {
        "frames": total, "size": [width, height], "mode": mode,
        "engine_fps": round(engine_fps, 2), "engine_plain_fps": round(total / bare["seconds"], 2),
        "peer_fps": round(peer_fps, 2), "ratio": round(engine_fps / peer_fps, 2),
        "ratio_plain": round(total / bare["seconds"] / peer_fps, 2),
        "still_540_first_s": round(first_still, 3), "still_540_tweak_s": round(tweak, 3),
        "engine_makes": "master, three review proxies, poster, filmstrip",
        "peer": "chromakey + despill + overlay, master only",
    }  # fmt: skip


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


def _linear(coded: Coded) -> Any:
    return decode_srgb(coded / np.float32(255))


def command(args: argparse.Namespace) -> int:
    parts = args.size.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() for part in parts):
        raise Refused(f"A size reads like 1080x1920, got {args.size!r}.")
    if args.gpu:
        found = gpu_report(int(parts[0]), int(parts[1]))
        lines = [found["note"]] if found["gpu"] is None else [f"{name}: {value}" for name, value in found.items()]
        print(json.dumps(found, indent=1) if args.json else "\n".join(lines))
        return 0
    result = run(args.source, int(parts[0]), int(parts[1]), args.frames, args.mode)
    if args.json:
        print(json.dumps(result, indent=1))
    else:
        print(f"engine {result['engine_fps']} fps ({result['engine_makes']}; plain {result['engine_plain_fps']} fps)")
        print(f"peer   {result['peer_fps']} fps ({result['peer']})")
        print(f"ratio  {result['ratio']} (plain {result['ratio_plain']})")
        print(
            f"still at 540 wide: first {result['still_540_first_s']} s, after a tweak {result['still_540_tweak_s']} s"
        )
    return 0
