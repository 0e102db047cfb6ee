"""Small upright takes with a known matte, drawn for the tests: any screen, uneven light, spill, noise, strands."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from compositing.colour import code8, decode_srgb
from compositing.io.pictures import write_png8
from compositing.io.video import VideoWriter
from compositing.recipe import LayerRecipe, Recipe
from compositing.render import file_sha256

WIDTH, HEIGHT = 144, 256
SKIN = np.array([0.42, 0.22, 0.14], np.float32)
COAT = np.array([0.12, 0.12, 0.14], np.float32)
SCREENS = {"green": (58, 158, 74), "blue": (40, 70, 190), "yellow": (205, 205, 20), "magenta": (190, 40, 160)}


def matte_of(frame: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """(H, W) float: head and shoulders that sway with the frame, edges soft by a pixel, a few strands."""
    big = np.zeros((height * 4, width * 4), np.uint8)
    sway = 6 * np.sin(frame / 3)
    at = lambda x, y: (int((x * width + sway) * 4), int(y * height * 4))  # noqa: E731
    cv2.ellipse(big, at(0.5, 0.36), (int(width * 0.8), int(height * 0.5)), 0, 0, 360, 255, -1)
    cv2.ellipse(big, at(0.5, 1.0), (int(width * 1.5), int(height * 1.6)), 0, 0, 360, 255, -1)
    for strand in range(6):
        x = 0.36 + 0.05 * strand
        cv2.line(big, at(x, 0.25), at(x + 0.02 * (strand - 3), 0.18), 255, 5)
    return cv2.resize(big, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def take(
    screen: Sequence[int],
    frames: int = 6,
    uneven: float = 0.3,
    noise: float = 0.003,
    spill: float = 0.0,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """(plates linear (H, W, 3), true mattes (H, W), the actor's clean colour (H, W, 3))."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    light = (1 - uneven * np.hypot(x - 0.3, y - 0.2))[..., None]
    wall = decode_srgb(np.array(screen) / 255.0) * light
    body = np.where(y[..., None] < 0.62, SKIN, COAT) * (0.75 + 0.5 * x[..., None])
    plates, mattes = [], []
    for frame in range(frames):
        alpha = matte_of(frame, width, height)
        lit = body + spill * wall
        grain = rng.normal(0, noise, wall.shape)
        plates.append(np.maximum(alpha[..., None] * lit + (1 - alpha[..., None]) * wall + grain, 0).astype(np.float32))
        mattes.append(alpha)
    return plates, mattes, body.astype(np.float32)


def film(path: Path, plates: Sequence[np.ndarray], fps: int = 24) -> Path:
    with VideoWriter(path, plates[0].shape[1], plates[0].shape[0], fps, 1, crf=8, preset="fast") as writer:
        for plate in plates:
            writer.write(code8(plate))
    return path


def background(path: Path, width: int = WIDTH, height: int = HEIGHT) -> Path:
    y, x = np.mgrid[0:height, 0:width]
    write_png8(path, np.dstack([x * 200 // width, y * 200 // height, np.full_like(x, 90)]).astype(np.uint8))
    return path


def two_layers(source: Path, behind: Path, frames: int, **changes: object) -> tuple[Recipe, dict[str, str]]:
    """A recipe of a background and an actor over the given files, and where they are."""
    paths = {file_sha256(behind): str(behind), file_sha256(source): str(source)}
    key = changes.pop("key", None)
    layers = (
        LayerRecipe("background", "background", file_sha256(behind)),
        LayerRecipe("actor", "actor", file_sha256(source), key=key),  # type: ignore[arg-type]
    )
    size = {"width": WIDTH, "height": HEIGHT, **changes}
    return Recipe(fps_num=24, fps_den=1, frame_count=frames, layers=layers, **size), paths  # type: ignore[arg-type]
