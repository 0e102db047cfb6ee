"""A place as Blender is told it: boxes, columns, balls, lamps and a camera, in metres. Plain data, no Blender.

x right, y away from the camera, z up; the camera stands over the origin and looks along y. Colours are linear.
"""

import math
import random
from collections.abc import Mapping
from typing import Any

Colour = tuple[float, float, float]
ON_A_ROOF_M = 1.6  # the camera over its roof; its height as a person sets it counts from the street
AHEAD_M = 2.2  # an actor in a close-up stands about here (compositing.plates.stage)
FILM_MM = 36.0  # tall
WARM: Colour = (1.30, 0.98, 0.62)
KEYS: dict[str, Colour] = {
    "day": (1.0, 0.96, 0.90), "golden": (1.0, 0.66, 0.34), "night": (1.0, 0.74, 0.46), "storm": (0.72, 0.86, 1.0),
}  # fmt: skip
# (colour, strength) of the sky; (colour, strength, elevation) of the sun or moon
SKIES: dict[str, tuple[Colour, float]] = {
    "day": ((0.45, 0.65, 1.0), 1.0), "golden": ((0.95, 0.62, 0.42), 0.45), "night": ((0.12, 0.14, 0.26), 0.012),
    "storm": ((0.45, 0.52, 0.60), 0.35),
}  # fmt: skip
SUNS: dict[str, tuple[Colour, float, float]] = {
    "day": ((1.0, 0.95, 0.86), 3.5, 42), "golden": ((1.0, 0.55, 0.22), 4.0, 11), "night": ((0.55, 0.68, 1.0), 0.05, 40),
    "storm": ((0.75, 0.85, 1.0), 0.25, 60),
}  # fmt: skip
LIT = {"day": 0.1, "golden": 0.25, "night": 0.32, "storm": 0.3}  # share of a tower's windows with light in them
LEVEL = {"day": 0.17, "golden": 0.085, "night": 0.06, "storm": 0.09}  # geometric mean the picture is exposed to
SUN_AZIMUTH = -125.0
DRAFT_TALL, DRAFT_SAMPLES, FINAL_SAMPLES = 1000, 16, 24
DENOISE = True


class Build:
    """Things of a place, in the order they were put there."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  (where things stand is no secret)
        self.things: list[dict[str, Any]] = []
        self.lamps: list[dict[str, Any]] = []

    def add(self, shape: str, at: tuple[float, float, float], size: tuple[float, float, float], colour: Colour,
            rough: float = 0.6, **more: Any) -> None:  # fmt: skip
        """shape: box, column (standing) or ball. at: its middle; size: along x, y, z. more: emit (strength), metal,
        turn (degrees about z), windows {"share", "colour", "strength", "seed"}."""
        self.things.append({"shape": shape, "at": at, "size": size, "colour": colour, "rough": rough, **more})

    def lamp(self, at: tuple[float, float, float], to: tuple[float, float, float], colour: Colour, watts: float,
             wide: float) -> None:  # fmt: skip
        self.lamps.append({"at": at, "to": to, "colour": colour, "watts": watts, "wide": wide})


def toward(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """The unit vector to a light whose azimuth counts from the lens, 90 at the picture's right."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)


def described(family: str, params: Mapping[str, Any], seed: int, width: int, height: int) -> dict[str, Any]:
    """Everything Blender needs for one picture: things, lamps, sun, sky, camera, size, samples, seed, level; and
    `light`, as a plate tells it."""
    build, light = Build(seed), str(params["light"])
    {"office": _office, "palace": _palace, "rooftop": _rooftop}[family](build, params)
    warmth = int(params.get("key_warmth", 0)) / 100
    tint = tuple(value**warmth for value in WARM)
    keyed = params.get("key_azimuth", "") != ""
    azimuth = float(params["key_azimuth"]) if keyed else SUN_AZIMUTH
    colour, strength, elevation = SUNS[light]
    indoors = family != "rooftop"
    if keyed and indoors:
        colour, elevation = KEYS[light], 25.0
        x, y, z = toward(azimuth, elevation)
        soft = int(params.get("key_softness", 40)) / 100
        build.lamp(
            (3 * x, AHEAD_M + 3 * y, 1.5 + 3 * z), (0.0, AHEAD_M, 1.5), _times(colour, tint),
            {"day": 320.0, "golden": 320.0, "night": 160.0, "storm": 240.0}[light], 0.3 + 1.7 * soft,
        )  # fmt: skip
    sun_at = azimuth if not indoors else SUN_AZIMUTH
    horizon = int(params["horizon"]) / 100
    stop = 5.6 * 0.15 ** (int(params["defocus"]) / 100)
    told = _times(colour, tint)
    sky, sky_strength = SKIES[light]
    return {
        "width": width, "height": height, "seed": seed % 2**31, "denoise": DENOISE,
        "samples": DRAFT_SAMPLES if height < DRAFT_TALL else FINAL_SAMPLES,
        "things": build.things, "lamps": build.lamps,
        "sun": {"to": toward(sun_at, SUNS[light][2]), "strength": strength,
                "colour": _times(SUNS[light][0], tint if not indoors else (1.0, 1.0, 1.0))},
        "sky": {"colour": sky, "strength": sky_strength},
        "camera": {"height": int(params["camera_height"]) / 100 if indoors else ON_A_ROOF_M,
                   "lens": int(params["lens"]), "film": FILM_MM,
                   "turn": int(params.get("camera_turn", 0)), "shift": horizon - 0.5, "focus": AHEAD_M,
                   "stop": stop if int(params["defocus"]) else 0},
        "level": LEVEL[light] * 2 ** (int(params.get("brightness", 0)) / 100),
        "light": {
            "source": "key" if indoors and keyed else "sun", "azimuth": round(azimuth), "elevation": round(elevation),
            "direction_milli": [round(1000 * value) for value in _plate_axes(toward(azimuth, elevation))],
            "key_milli": [round(1000 * value) for value in told],
            "ambient_milli": [round(1000 * value) for value in sky],
        },
        "told": {"focal_milli": round(1000 * int(params["lens"]) / FILM_MM), "horizon_milli": round(1000 * horizon),
                 "height_mm": 10 * int(params["camera_height"]), "soft_milli": 10 * int(params["defocus"])},
    }  # fmt: skip


def _plate_axes(vector: tuple[float, float, float]) -> tuple[float, float, float]:
    """x right, y up, z away from the camera, as plates tell directions."""
    return vector[0], vector[2], vector[1]


def _times(colour: Colour, tint: Any) -> Colour:
    return colour[0] * tint[0], colour[1] * tint[1], colour[2] * tint[2]


def _towers(build: Build, light: str, near: float, far: float, down: float, count: int) -> None:
    rng = build.rng
    for number in range(count):
        y = near + (far - near) * ((number + rng.random()) / count) ** 1.4
        x = rng.uniform(-1, 1) * (0.55 * y + 12)
        wide, tall = rng.uniform(14, 34), max(8.0, down + rng.uniform(-0.10, 0.26) * y + rng.uniform(-12, 14))
        grey = rng.uniform(0.05, 0.22)
        warm = rng.choice([(1.0, 0.72, 0.42), (1.0, 0.85, 0.62), (0.75, 0.88, 1.0)])
        lit = {"share": LIT[light], "colour": warm, "strength": 0.5 if light == "day" else 1.1, "seed": number}
        build.add("box", (x, y, tall / 2 - down), (wide, wide, tall), (grey, grey, grey * 1.1), 0.4, windows=lit)


def _office(build: Build, params: Mapping[str, Any]) -> None:
    light, rng = str(params["light"]), build.rng
    wall, floor, wood = (0.46, 0.44, 0.41), (0.07, 0.07, 0.075), (0.16, 0.085, 0.04)
    build.add("box", (0, 3.5, -0.05), (12, 15, 0.1), floor, 0.25)
    build.add("box", (0, 3.5, 3.25), (12, 15, 0.1), (0.62, 0.61, 0.58), 0.8)
    build.add("box", (-3.05, 3.5, 1.6), (0.1, 15, 3.3), wall, 0.8)
    build.add("box", (3.05, 3.5, 1.6), (0.1, 15, 3.3), wall, 0.8)
    build.add("box", (0, -4.0, 1.6), (12, 0.1, 3.3), wall, 0.8)
    for x in (-3, -1.5, 0.2, 1.7, 3):  # the wall of glass: mullions, a sill, a head
        build.add("box", (x, 9.0, 1.6), (0.09, 0.14, 3.3), (0.03, 0.03, 0.035), 0.4)
    build.add("box", (0, 9.0, 0.15), (10, 0.2, 0.3), (0.05, 0.05, 0.05), 0.4)
    build.add("box", (0, 9.0, 2.55), (10, 0.1, 0.06), (0.03, 0.03, 0.035), 0.4)
    on = {"day": 1.5, "golden": 2.0, "night": 7.0, "storm": 6.0}[light]
    for x in (-1.3, 1.3):
        for y in (3.0, 5.0, 7.0):
            build.add("box", (x, y, 3.17), (0.3, 1.3, 0.06), (1, 0.95, 0.86), emit=on)
    for side in (-1, 1):  # shelves with books
        for level in range(5):
            z = 0.45 + 0.5 * level
            build.add("box", (side * 2.8, 5.4, z), (0.4, 4.2, 0.035), wood, 0.5)
            build.add("box", (side * 2.63, 5.4, z - 0.035), (0.03, 4.0, 0.015), (1, 0.78, 0.5), emit=on)
            y = 3.4
            while y < 7.3:
                thick = rng.uniform(0.03, 0.09)
                if rng.random() < 0.3 + int(params["clutter"]) / 150:
                    tone = rng.uniform(0.05, 0.4)
                    colour = (tone, tone * rng.uniform(0.4, 1), tone * rng.uniform(0.3, 1))
                    tall = rng.uniform(0.2, 0.36)
                    build.add("box", (side * 2.82, y, z + tall / 2 + 0.02), (0.22, thick, tall), colour, 0.7)
                y += thick + 0.012
    for x, y in ((-1.5, 4.6), (1.5, 5.4), (-1.2, 7.3), (0.9, 8.1)):  # desks with screens and lamps
        build.add("box", (x, y, 0.74), (1.4, 0.7, 0.05), wood, 0.35)
        for leg in (-0.6, 0.6):
            build.add("box", (x + leg, y, 0.36), (0.06, 0.6, 0.72), (0.05, 0.05, 0.05), 0.5)
        build.add("box", (x, y + 0.05, 1.1), (0.72, 0.04, 0.42), (0.01, 0.01, 0.012), 0.3)
        build.add("box", (x, y + 0.025, 1.1), (0.68, 0.01, 0.38), (0.42, 0.62, 1.0), emit=1.6)
        build.add("column", (x + 0.6, y, 0.92), (0.05, 0.05, 0.35), (0.1, 0.08, 0.05), 0.3, metal=1.0)
        build.add("column", (x + 0.6, y, 1.18), (0.26, 0.26, 0.2), (1.0, 0.78, 0.48), emit=0.4 * on)
        build.add("box", (x, y - 0.75, 0.5), (0.5, 0.5, 0.1), (0.03, 0.03, 0.035), 0.8)
        build.add("box", (x, y - 0.98, 0.85), (0.48, 0.06, 0.6), (0.03, 0.03, 0.035), 0.8)
    _towers(build, light, 130, 800, 90, 110)


def _palace(build: Build, params: Mapping[str, Any]) -> None:
    light = str(params["light"])
    red, gold, dark = (0.30, 0.026, 0.018), (0.55, 0.36, 0.13), (0.05, 0.03, 0.02)
    build.add("box", (0, 7, -0.05), (22, 30, 0.1), (0.06, 0.04, 0.03), 0.16)
    build.add("box", (0, 7, 6.6), (22, 30, 0.2), dark, 0.7)
    build.add("box", (0, 18.1, 3.2), (22, 0.2, 7), (0.20, 0.11, 0.06), 0.7)
    build.add("box", (0, -6, 3.2), (22, 0.2, 7), (0.3, 0.16, 0.09), 0.8)
    sun = {"day": 3.0, "golden": 5.5, "night": 0.25, "storm": 0.8}[light]
    glow = {"day": (1.0, 0.97, 0.9), "golden": (1.0, 0.80, 0.52), "night": (0.4, 0.5, 0.9), "storm": (0.7, 0.8, 1.0)}[
        light
    ]
    for side in (-1, 1):
        build.add("box", (side * 8.4, 7, 0.6), (0.3, 26, 1.2), (0.3, 0.13, 0.06), 0.7)
        build.add("box", (side * 8.4, 7, 5.6), (0.3, 26, 2.0), (0.2, 0.05, 0.03), 0.7)
        for y in range(-2, 18, 3):
            build.add("box", (side * 8.5, y + 1.5, 2.9), (0.04, 2.4, 3.4), glow, emit=sun)  # paper behind the lattice
            for n in range(7):
                build.add("box", (side * 8.35, y + 0.42 + 0.36 * n, 2.9), (0.05, 0.035, 3.4), dark, 0.6)
            for n in range(9):
                build.add("box", (side * 8.35, y + 1.5, 1.35 + 0.39 * n), (0.05, 2.4, 0.035), dark, 0.6)
        for x in (2.9, 5.9):
            for deep in (4.5, 8.0, 11.5, 15.0):
                build.add("column", (side * x, deep, 3.0), (0.62, 0.62, 6.2), red, 0.28)
                build.add("column", (side * x, deep, 0.16), (0.95, 0.95, 0.32), (0.4, 0.38, 0.34), 0.6)
                build.add("box", (side * x, deep, 5.25), (0.9, 0.9, 0.24), gold, 0.35, metal=0.8)
                build.add("ball", (side * (x - 1.4), deep - 1.2, 4.1), (0.52, 0.52, 0.62), (1.0, 0.40, 0.13), emit=1.1)
                build.add("column", (side * (x - 1.4), deep - 1.2, 5.4), (0.02, 0.02, 2.0), dark, 0.5)
    blue, green = (0.03, 0.08, 0.30), (0.03, 0.20, 0.12)
    for far in (4.5, 8.0, 11.5, 15.0):  # painted beams
        build.add("box", (0, far, 5.65), (17, 0.4, 0.55), blue, 0.5)
        for n in range(-8, 9):
            colour = green if n % 2 else gold
            build.add("box", (n * 1.0, far - 0.21, 5.65), (0.55, 0.02, 0.34), colour, 0.5, metal=0.0 if n % 2 else 0.6)
        build.add("box", (0, far, 5.98), (17, 0.5, 0.1), gold, 0.4, metal=0.7)
    for n in range(5):  # steps to the throne, the screen behind it
        build.add("box", (0, 15.4 + 0.3 * n, 0.09 + 0.18 * n), (6.0 - 0.5 * n, 0.3, 0.18), (0.3, 0.1, 0.05), 0.3)
    build.add("box", (0, 17.2, 1.1), (5, 1.6, 0.5), (0.35, 0.05, 0.03), 0.35)
    build.add("box", (0, 17.9, 2.7), (4.4, 0.12, 3.0), gold, 0.3, metal=0.9)
    build.add("box", (0, 17.3, 1.75), (1.3, 0.7, 0.8), gold, 0.3, metal=0.9)


def _rooftop(build: Build, params: Mapping[str, Any]) -> None:
    light, rng = str(params["light"]), build.rng
    concrete = (0.20, 0.195, 0.19)
    build.add("box", (0, 2, -0.15), (18, 16, 0.3), concrete, 0.55)
    build.add("box", (0, 9.9, 0.5), (18, 0.25, 1.0), (0.26, 0.25, 0.24), 0.8)
    build.add("box", (0, 9.9, 1.03), (18, 0.35, 0.06), (0.14, 0.14, 0.14), 0.6)
    for n in range(-8, 9):
        build.add("column", (n * 1.05, 9.9, 1.35), (0.04, 0.04, 0.6), (0.3, 0.3, 0.3), 0.35, metal=1.0)
    build.add("box", (0, 9.9, 1.64), (18, 0.05, 0.05), (0.3, 0.3, 0.3), 0.35, metal=1.0)
    for _number in range(2 + int(params["clutter"]) // 25):  # plant
        x, y = rng.choice((-1, 1)) * rng.uniform(2.2, 6.5), rng.uniform(5, 9)
        wide, tall = rng.uniform(0.7, 1.4), rng.uniform(0.5, 1.2)
        build.add("box", (x, y, tall / 2), (wide, wide * 0.7, tall), (0.32, 0.33, 0.33), 0.5, metal=0.4)
        build.add("column", (x, y, tall + 0.05), (0.5, 0.5, 0.1), (0.05, 0.05, 0.05), 0.6)
    on = {"day": 0.0, "golden": 3.0, "night": 14.0, "storm": 10.0}[light]
    for n in range(9):  # a string of bulbs
        x = -4 + n
        build.add("ball", (x, 7.0, 2.75 - 0.28 * math.sin(math.pi * n / 8)), (0.09, 0.09, 0.09), (1.0, 0.68, 0.36),
                  emit=on)  # fmt: skip
    _towers(build, light, 110, 900, int(params["camera_height"]) / 100 - ON_A_ROOF_M, 130)
