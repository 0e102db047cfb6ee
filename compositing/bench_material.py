"""What the bench measures on, and what it measures against: a drawn take, and FFmpeg's own filter graph."""

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
from compositing.films import MASTER_CRF, MASTER_KEYINT
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter, video_info
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import file_sha256


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
