"""Rain as a field of single drops, each with a place in depth; the loop closes because every drop's path does."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from compositing.effects.lives import in_half
from compositing.plates.kernels import kernel
from compositing.plates.noise import hash3

FALL_M_S = 8.5  # terminal speed of a 2.5 mm drop. Source: Gunn and Kinzer (1949)
NEAREST_M, FARTHEST_M = 0.9, 26.0
FOCUS_M = 6.0
COLOUR = np.array([203, 216, 228], np.uint16) * 257  # straight sRGB: cool, a little under white
MOST_DROPS = 3600


def frames_of_rain(
    params: dict[str, Any], *, seed: int, frames: int, fps_num: int, fps_den: int, width: int, height: int
) -> Iterator[np.ndarray]:
    """Yield `frames` pictures (H, W, 4) uint16 sRGB, straight alpha."""
    fps = fps_num / fps_den
    drops = _drops(params, np.random.default_rng(seed), frames, fps, width, height)
    slope = math.tan(math.radians(0.32 * params["wind"]))
    shutter = params["streak"] / 100
    strength = 1.6 * params["opacity"] / 100
    splashes = (
        0 if params.get("half") == "front" else round(params["splash"] * 1.4 * min(1.0, 0.3 + params["density"] / 70))
    )
    picture = np.empty((height, width, 4), np.uint16)
    picture[..., :3] = COLOUR
    for n in range(frames):
        veil = np.zeros((height, width), np.float32)
        _draw_drops(veil, drops, n / frames, frames, slope, shutter, seed)
        if splashes:
            _draw_splashes(veil, splashes, n, frames, fps, seed)
        alpha = 1.0 - np.exp(-veil * strength)
        picture[..., 3] = np.rint(alpha * 65535.0).astype(np.uint16)
        yield picture


def _drops(
    params: dict[str, Any], rng: np.random.Generator, frames: int, fps: float, width: int, height: int
) -> np.ndarray:
    """(N, 6): pixels per loop, streak pixels per open frame, half width, light, phase, paths per loop (0: it fades)."""
    focal = height  # as a lens of 36 mm on upright film 36 mm tall
    count = round(MOST_DROPS * (params["density"] / 100) ** 1.4) + 20
    share = rng.random(count)
    # as many drops in each metre of a widening cone: most are far, some near
    far = FARTHEST_M * np.sqrt(share * (1 - 0.04) + 0.04)
    close = rng.random(count) < params["near"] / 100 * 0.035
    distance = np.where(close, rng.uniform(NEAREST_M, 3.0, count), far)
    pixels_a_frame = FALL_M_S * params["speed"] / 100 / fps / distance * focal * rng.uniform(0.85, 1.15, count)
    out_of_focus = np.abs(1 / distance - 1 / FOCUS_M) * 0.0042 * focal
    half = np.hypot(0.0011 * focal / distance * 1.6, out_of_focus) + 0.35 * height / 1920
    light = np.clip(0.62 * (0.0022 * focal / distance) / half + 0.10, 0.05, 0.5) * rng.uniform(0.35, 1.0, count)
    light *= np.exp(-distance / 30.0) * in_half(distance, params)
    travel = pixels_a_frame * frames
    path = height + pixels_a_frame + 8
    paths = np.rint(travel / path)
    travel = np.where(paths >= 1, paths * path, travel)
    return np.stack([travel, travel / frames, half, light, rng.random(count), paths], 1)


@kernel
def _draw_drops(veil, drops, at, frames, slope, shutter, seed):  # type: ignore[no-untyped-def]
    height, width = veil.shape
    lean = abs(slope) * height
    for k in range(drops.shape[0]):
        travel = drops[k, 0]
        speed = drops[k, 1]
        half = drops[k, 2]
        light = drops[k, 3]
        if light <= 0.0:
            continue
        paths = drops[k, 5]
        long_ = max(2.0 * half, speed * shutter)
        if paths >= 1:
            way = (drops[k, 4] + at) * paths
            turn = math.floor(way) % int(paths)
            y = (way - math.floor(way)) * (travel / paths) - 4
            x = hash3(k, turn, seed % 65521 + 11) * (width + lean)
            x = x - (lean if slope > 0 else 0.0) + slope * y
        else:
            # too slow to cross the picture within the loop: it comes and goes on its way
            lives = max(1, frames // 24)
            way = (drops[k, 4] + at) * lives
            turn = math.floor(way) % lives
            age = way - math.floor(way)
            fall = age * travel / lives
            y = hash3(k, turn, seed % 65521 + 12) * (height + travel / lives) - travel / lives + fall
            x = hash3(k, turn, seed % 65521 + 13) * (width + 2 * lean) - lean + slope * fall
            light *= min(1.0, 4.0 * age, 4.0 * (1.0 - age))
        soft = max(half, 0.5)
        # a longer exposure spreads the same drop thinner
        level = light * (0.35 + 0.65 * min(1.0, 40.0 * soft / long_))
        top = math.floor(y - long_ - soft)
        bottom = math.ceil(y + soft)
        for iy in range(max(0, top), min(height, bottom + 1)):
            along = (y - iy) / long_
            if along < -soft / long_ or along > 1.0 + soft / long_:
                continue
            a = min(1.0, max(0.0, along))
            body = level * min(1.0, 6.0 * (1.0 - a) + 0.05) * (0.55 + 0.45 * math.sin(math.pi * a))
            if soft > 2.0:  # a near drop is out of focus: it has no end
                body *= min(1.0, 4.0 * a + 0.05)
            mid = x - slope * (y - iy)
            first = max(0, math.floor(mid - soft - 1))
            last = min(width - 1, math.ceil(mid + soft + 1))
            for ix in range(first, last + 1):
                e = abs(ix + 0.5 - mid)
                cover = min(1.0, max(0.0, soft + 0.5 - e)) * max(0.0, 1.0 - 0.6 * (e / (soft + 0.5)) ** 2)
                veil[iy, ix] += body * cover


@kernel
def _draw_splashes(veil, count, frame, frames, fps, seed):  # type: ignore[no-untyped-def]
    """Small crowns on the ground: a ring that widens and a few beads thrown up, each over in a quarter of a second."""
    height, width = veil.shape
    life = max(2, round(0.24 * fps))
    rounds = max(1, frames // life)
    for k in range(count):
        start = int(hash3(k, 0, seed % 65521 + 21) * frames)
        passed = (frame - start) % frames
        turn = min(passed * rounds // frames, rounds - 1)
        age = passed - turn * frames / rounds
        if age >= life:
            continue
        t = age / life
        depth = hash3(k, turn, seed % 65521 + 22)
        y = height * (0.84 + 0.155 * depth)
        x = hash3(k, turn, seed % 65521 + 23) * width
        scale = height * (0.003 + 0.007 * depth)
        fade = (1.0 - t) ** 1.5
        radius = scale * (0.35 + 1.6 * t)
        reach = int(radius + 3)
        for iy in range(max(0, int(y - reach * 0.4) - 1), min(height, int(y + reach * 0.4) + 2)):
            for ix in range(max(0, int(x) - reach), min(width, int(x) + reach + 1)):
                ex = (ix + 0.5 - x) / radius
                ey = (iy + 0.5 - y) / (radius * 0.32)
                ring = abs(math.sqrt(ex * ex + ey * ey) - 1.0) * radius
                veil[iy, ix] += 0.42 * fade * max(0.0, 1.0 - ring / (1.2 + 0.1 * scale))
        for b in range(5):
            throw = hash3(k * 5 + b, turn, seed % 65521 + 24) - 0.5
            lift = 0.5 + hash3(k * 5 + b, turn, seed % 65521 + 25)
            bx = x + throw * 2.4 * scale * (0.2 + t)
            by = y - scale * 3.2 * lift * t * (1.25 - t)
            size = max(0.6, scale * 0.10)
            for iy in range(max(0, int(by - size - 1)), min(height, int(by + size) + 2)):
                for ix in range(max(0, int(bx - size - 1)), min(width, int(bx + size) + 2)):
                    far = math.hypot(ix + 0.5 - bx, iy + 0.5 - by)
                    veil[iy, ix] += 0.5 * (1.0 - t) * max(0.0, min(1.0, size + 0.5 - far))
