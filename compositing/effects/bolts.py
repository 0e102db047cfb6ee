"""Lightning: a channel that forks, burns in a few strokes, and lights the whole picture while it does."""

import math
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from compositing.effects.shapes import glowing

Pictures = Iterator[np.ndarray]
COLOURS = {"blue": (0.62, 0.74, 1.0), "white": (1.0, 1.0, 1.0), "violet": (0.80, 0.60, 1.0), "gold": (1.0, 0.80, 0.42)}
STROKES = (0, 2, 5)  # frames of 1/24 s after the first at which the channel burns again
FADE_S = 0.09
COARSE = 4  # the glow is drawn at a quarter


def lightning(params: dict[str, Any], **form: int) -> Pictures:
    """Yield (H, W, 4) uint16 sRGB, straight alpha. Each strike has its channel, its strokes and its flash."""
    width, height, fps = form["width"], form["height"], form["fps_num"] / form["fps_den"]
    rng = np.random.default_rng(form["seed"])
    colour = np.array(COLOURS[params["colour"]], np.float32)
    strikes = []
    every = form["frames"] / params["strikes"]
    once = params.get("play") == "once"  # then the first strikes at once, and the last does not come round again
    for k in range(params["strikes"]):
        late = rng.uniform(0.05, 0.45)
        first = round(every * k + (0.0 if once and k == 0 else late) * every)
        strokes = [(first + round(at * fps / 24), rng.uniform(0.6, 1.0) if at else 1.0) for at in STROKES]
        strikes.append((_channel(params, rng, width, height), strokes))
    light = np.zeros((height, width, 4), np.float32)
    force = np.zeros((height, width), np.float32)
    for n in range(form["frames"]):
        force[:] = 0
        for (sharp, glow), strokes in strikes:
            force_now = sum(
                force * math.exp(-((n - at) % form["frames"]) / fps / FADE_S)
                for at, force in strokes
                if (n - at) % form["frames"] < fps * 0.6 and (n >= at or not once)
            )
            if force_now < 0.01:
                continue
            power = np.float32(force_now)
            if params["bolt"]:
                bolt = power * np.float32(params["bolt"] / 50)
                wide = cv2.resize(glow, (width, height), interpolation=cv2.INTER_LINEAR)
                cv2.addWeighted(sharp, float(6.0 * bolt), wide, float(0.85 * bolt), 0.0, wide)
                force += wide
            force += np.float32(0.006 * params["flash"]) * power
        for c in range(3):
            np.multiply(force, colour[c], out=light[..., c])
        yield glowing(light)


def _channel(
    params: dict[str, Any], rng: np.random.Generator, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """((H, W) the channel itself 0..1, (H/4, W/4) its glow)."""
    drawn = np.zeros((height, width), np.uint8)
    x = width * (params["x"] / 100 + rng.uniform(-0.12, 0.12))
    end = (x + rng.uniform(-0.22, 0.22) * width, height * params["reach"] / 100)
    main = _broken(np.array([(x, -0.02 * height), end]), 0.20, rng, 8)
    thick = max(1, round(3.2 * height / 1920))
    _line(drawn, main, thick, 255)
    for _ in range(round(params["forks"] / 100 * 14)):
        at = int(len(main) * rng.uniform(0.12, 0.85))
        way = main[min(at + 12, len(main) - 1)] - main[at]
        turn = rng.choice((-1, 1)) * rng.uniform(0.35, 0.9)
        way = np.array(
            [way[0] * math.cos(turn) - way[1] * math.sin(turn), way[0] * math.sin(turn) + way[1] * math.cos(turn)]
        )
        way = way / max(1e-6, float(np.hypot(*way))) * rng.uniform(0.06, 0.26) * height
        twig = _broken(np.array([main[at], main[at] + way]), 0.24, rng, 6)
        _line(drawn, twig, max(1, thick - 2), int(rng.uniform(60, 150)))
    sharp = drawn.astype(np.float32) / 255
    small = cv2.resize(sharp, (max(1, width // COARSE), max(1, height // COARSE)), interpolation=cv2.INTER_AREA)
    near, far = 0.006 * height / COARSE, 0.035 * height / COARSE
    glow = cv2.GaussianBlur(small, (0, 0), near) * 3.0 + cv2.GaussianBlur(small, (0, 0), far) * 4.0
    return cv2.GaussianBlur(sharp, (0, 0), max(0.4, 0.7 * height / 1920)), glow.astype(np.float32)


def _broken(ends: np.ndarray, rough: float, rng: np.random.Generator, times: int) -> np.ndarray:
    """A line bent in the middle of every piece, again and again; each time by less."""
    line = ends.astype(np.float64)
    for _ in range(times):
        step = np.diff(line, axis=0)
        aside = np.stack([-step[:, 1], step[:, 0]], 1) * rng.normal(0, rough, (len(step), 1))
        woven = np.empty((2 * len(line) - 1, 2))
        woven[0::2], woven[1::2] = line, (line[:-1] + line[1:]) / 2 + aside
        line = woven
    return line


def _line(drawn: np.ndarray, line: np.ndarray, thick: int, value: int) -> None:
    points = np.round(line * 16).astype(np.int32)[:, None]
    layer = np.zeros_like(drawn)
    cv2.polylines(layer, [points], False, value, thick, cv2.LINE_AA, 4)
    np.maximum(drawn, layer, out=drawn)
