"""A city by day or night: an avenue seen from the pavement, or its towers from a roof when the camera stands high."""

import math
from typing import Any

import numpy as np

from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, LIT_SHARE, STARS, WET, Scenery
from compositing.plates.scenes.dressing import RISES
from compositing.plates.scenes.eras import (
    EIGHTIES,
    REPUBLICAN,
    banner,
    board,
    cyclist,
    house,
    old_car,
    plane_tree,
    post_lamp,
    rails,
    rickshaw,
)
from compositing.plates.scenes.skyline import tower
from compositing.plates.scenes.street import (
    car,
    hanging_sign,
    roof,
    shop_row,
    small_street_things,
    street_lamp,
    tangle,
    traffic_light,
    walker,
)
from compositing.plates.stage import Stage, Wishes, air_and_key, rolling, side_of
from compositing.plates.surfaces import ASPHALT, PAVING

ROAD, WALL = 11.0, 9.2  # width of the road; how far from its middle the houses stand; metres
BLOCK, CROSSING = 74.0, 13.0
ROOF_FROM_M = 12.0
MODERN = "modern"
LENS_X, LENS_CLEAR = 2.1, 1.5  # the lens stands so far from the road's middle; cars keep so far from it
STOPS = {"day": -0.35, "golden": -0.1, "night": 0.95, "storm": 0.75}


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The city for these settings (see families/city.py)."""
    rng = np.random.default_rng(seed)
    eye = params["camera_height"] / 100
    high = eye >= ROOF_FROM_M
    side = side_of(rng, params, -1.0)
    turn = math.radians(params["camera_turn"]) - (0.0 if high else side * 0.07)
    sky, key = air_and_key(params, seed, side * (2.3 if params["light"] == "day" else 0.5), turn)
    sky[STARS] = 0.0
    sky[HAZE_FROM], sky[HAZE_NEAR] = 4.0, 0.0
    s = Scenery(sky)
    era = params["period"]
    s.rise = RISES[era] if not high else max(0.4, RISES[era])
    power = {"day": 0.0, "golden": 0.7, "night": 1.0, "storm": 0.7}[params["light"]]
    shops = {"day": 0.6, "golden": 0.9, "night": 1.0, "storm": 0.9}[params["light"]]
    lit = params["windows"] / 100 * float(sky[LIT_SHARE])
    _ground(s, float(sky[WET]), era)
    _blocks(s, rng, lit, shops, eye if high else 0.0, params, power)
    furnish = _furniture if era == MODERN else _old_furniture
    furnish(s, rng, params, power, eye, seed, 0.0 if high else side * LENS_X)
    if high:
        roof(s, rng, eye - 1.6, params["clutter"] / 100, power)
    camera = Camera((0.0 if high else side * LENS_X, eye, 0.0), turn, params["lens"], params["horizon"] / 100)
    wishes = Wishes(
        STOPS[params["light"]] + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.13
    )
    return Stage(s, camera, wishes, key)


def _ground(s: Scenery, wet: float, era: str) -> None:
    s.box((-700, -1.2, -40), (700, -0.02, 1600), (0.05, 0.05, 0.052), texel_m=40.0)
    setts = era == REPUBLICAN
    s.box(
        (-ROAD / 2 - 0.1, -1, -20),
        (ROAD / 2 + 0.1, 0, 420),
        (0.10, 0.095, 0.088) if setts else (0.055, 0.055, 0.058),
        surface=PAVING if setts else ASPHALT,
        a=0.42 if setts else ROAD - 0.6,
        b=ROAD / 2 + 0.1 if era == MODERN else 1000.0,  # so far from the middle nothing is painted
        c=wet,
        shine=0.02 + 0.05 * wet,
        rough=0.75 - 0.35 * wet,
        texel_m=0.9,
        seed=5,
    )
    for side in (-1, 1):
        low, high = sorted((side * ROAD / 2, side * (WALL + 1)))
        s.box(
            (low, -1, -20),
            (high, 0.13, 420),
            (0.13, 0.125, 0.12),
            surface=PAVING,
            a=0.6,
            shine=0.008 + 0.04 * wet,
            rough=0.55,
            texel_m=0.7,
            seed=6,
        )
        low, high = sorted((side * ROAD / 2, side * (ROAD / 2 + 0.16)))
        s.box((low, -1, -20), (high, 0.14, 420), (0.2, 0.2, 0.19), texel_m=1.0)


def _blocks(
    s: Scenery, rng: np.random.Generator, lit: float, shops: float, eye: float, params: dict[str, Any], power: float
) -> None:
    """Houses on both sides, row behind row; from a roof the near ones stay below the eye."""
    signs, era = params["signs"] / 100, params["period"]
    for side in (-1.0, 1.0):
        z = -16.0 if not eye else 8.0
        while z < 400:
            wide = float(rng.uniform(11, 22))
            block_end = (math.floor((z + 20) / BLOCK) + 1) * BLOCK - 20 - CROSSING
            if z + wide > block_end:
                wide = block_end - z
            if wide < 6:
                z = block_end + CROSSING
                continue
            deep = float(rng.uniform(14, 20))
            tall = float(rng.uniform(16, 42)) * (1.0 + (0.9 if z > 110 else 0.0) * float(rng.random()))
            if eye:
                tall = min(tall, eye * (0.35 + 0.5 * float(rng.random()))) if z < 90 else tall * 1.4
            wall = side * WALL
            if era != MODERN:
                house(s, rng, wall, side, z, (deep, wide), lit, era)
                if z < 190:
                    shop_row(s, rng, wall, side, z, wide, shops * (0.45 if power == 0 else 0.6))
                for _ in range(int(rng.binomial(7, min(1.0, signs))) if z < 110 and z > -6 else 0):
                    board(s, rng, wall, side, z + float(rng.uniform(0.8, wide - 0.8)), era, power)
                z += wide + (0.0 if era == REPUBLICAN else float(rng.uniform(0.5, 2.5)))
                continue
            tower(
                s,
                rng,
                (wall if side > 0 else wall - deep, 0.0, z),
                (deep, tall, wide),
                lit,
                beacons=power > 0,
                texel_m=3.5,
            )
            if z < 190:
                shop_row(s, rng, wall, side, z, wide, shops)
            for _ in range(int(rng.binomial(6, min(1.0, signs))) if z < 150 and z > -6 else 0):
                hanging_sign(
                    s, rng, wall, side, z + float(rng.uniform(0.8, wide - 0.8)), shops * (0.3 if power == 0 else 1.0)
                )
            if z < 60:
                for _ in range(round(12 * params["clutter"] / 100)):
                    y, at = float(rng.uniform(5.5, min(tall, 26))), z + float(rng.uniform(0.5, wide - 1.2))
                    s.box(
                        (min(wall, wall - side * 0.4), y, at),
                        (max(wall, wall - side * 0.4), y + 0.6, at + 0.85),
                        (0.22, 0.22, 0.21),
                        texel_m=0.5,
                    )
            z += wide + float(rng.uniform(0.0, 0.8))
    reach = 520.0 if not eye else 900.0
    for row in range(2, 9):
        for side in (-1.0, 1.0):
            z = float(rng.uniform(10, 50)) + (30 if eye else row * 14)
            while z < reach:
                wide = float(rng.uniform(18, 34))
                deep = float(rng.uniform(16, 24))
                near = WALL + 26 + (row - 2) * 36
                seen = near < 0.55 * z + 40
                if seen and rng.random() < 0.86:
                    tall = float(rng.uniform(28, 70)) * (1.0 if rng.random() < 0.7 else float(rng.uniform(1.3, 2.3)))
                    if eye and z < 120:
                        tall = min(tall, eye * (0.4 + 0.55 * float(rng.random())))
                    x = side * near if side > 0 else -near - deep
                    tower(s, rng, (x, 0.0, z), (deep, tall, wide), lit, beacons=power > 0, texel_m=9.0)
                z += wide + float(rng.uniform(6, 18)) + 0.03 * z
    # where the avenue ends
    for k in range(5 if era == MODERN else 0):
        x = -60.0 + k * 26 + float(rng.uniform(-4, 4))
        tower(
            s,
            rng,
            (x, 0.0, 440.0 + float(rng.uniform(0, 120))),
            (22.0, float(rng.uniform(90, 230)), 22.0),
            lit,
            beacons=power > 0,
            texel_m=12.0,
        )


def _furniture(
    s: Scenery, rng: np.random.Generator, params: dict[str, Any], power: float, eye: float, seed: int, lens_x: float
) -> None:
    rolls = rolling(params)
    clutter = params["clutter"] / 100
    start = 9.0 if eye < ROOF_FROM_M else 18.0
    for k, z in enumerate(np.arange(start, 330, 21.0)):
        side = 1.0 if k % 2 else -1.0
        street_lamp(s, side * (ROAD / 2 + 0.6), float(z), -side, power)
        if z > 40:
            street_lamp(s, -side * (ROAD / 2 + 0.6), float(z) + 9, side, power)
    traffic_light(s, ROAD / 2 + 0.5, 40.0, 1.0, max(power, 0.5))
    traffic_light(s, -ROAD / 2 - 0.5, 54.0, -1.0, max(power, 0.5))
    lights = 1.0 if power else 0.15
    for lane, away in ((-3.9, False), (-1.6, False), (1.6, True), (3.9, True)):
        z = float(rng.uniform(10, 22)) if abs(lane) > 2 else float(rng.uniform(17, 30))
        speed = (1.0 if away else -1.0) * (8.5 if abs(lane) < 2 else 7.2)
        while z < 330:
            if rng.random() < 0.15 + 0.75 * params["traffic"] / 100:
                aside = lane + float(rng.uniform(-0.2, 0.2))
                if rolls:
                    s.ride = (speed, z, 0.0, 0.0, 0.0)
                if rolls and not away and abs(aside - lens_x) < LENS_CLEAR:
                    rng.integers(5)  # its paint: what would drive into the lens stays away
                else:
                    car(s, rng, aside, z, away, lights)
                s.ride = None
            z += float(rng.uniform(7.5, 17)) * (1 + z / 160)
    if eye >= ROOF_FROM_M:
        return
    if rolls:  # more cars come from behind the camera, and out of the distance
        behind = np.random.default_rng([seed, 5])
        for lane, z in ((1.6, -12.0), (3.9, -34.0), (1.6, -52.0), (3.9, -70.0)):
            s.ride = (8.5 if lane < 2 else 7.2, z, 0.0, 0.0, 0.0)
            if abs(lane - lens_x) > LENS_CLEAR:
                car(s, behind, lane, z, True, lights)
        s.ride = None
    umbrella = params["weather"] == "rain" or params["light"] == "storm"
    for _ in range(round(26 * clutter)):
        side = float(rng.choice([-1.0, 1.0]))
        walker(
            s,
            rng,
            side * float(rng.uniform(6.3, 8.6)),
            float(9 + 60 * rng.random() ** 1.3),
            umbrella and rng.random() < 0.8,
            rolls,
        )
    for _ in range(round(14 * clutter)):
        side = float(rng.choice([-1.0, 1.0]))
        small_street_things(s, rng, side * float(rng.choice([6.1, 8.6])), float(rng.uniform(6, 50)))
    for z in rng.uniform(10, 80, round(9 * clutter)):
        tangle(s, rng, float(z), WALL)


def _old_furniture(
    s: Scenery, rng: np.random.Generator, params: dict[str, Any], power: float, eye: float, seed: int, lens_x: float
) -> None:
    """Trees, lamps, rails, what drives and who walks in a street of another time."""
    era, rolls, clutter = params["period"], rolling(params), params["clutter"] / 100
    old = era == REPUBLICAN
    if old:
        rails(s)
    for k, z in enumerate(np.arange(8.0, 260.0, 15.0)):
        side = 1.0 if k % 2 else -1.0
        post_lamp(s, side * (ROAD / 2 + 0.5), float(z), power)
        if not old or k % 3 == 2:
            if z > 10:  # one beside the lens would hide the street
                plane_tree(s, rng, -side * (ROAD / 2 + 0.9), float(z) + 4.0)
            if not old and z > 10:
                plane_tree(s, rng, side * (ROAD / 2 + 0.9), float(z) + 8.0)
    if era == EIGHTIES:
        for z in (34.0, 82.0)[: round(2 * params["signs"] / 100 + 0.4)]:
            banner(s, rng, z, WALL)
    lights = 1.0 if power else 0.05
    for lane, away in ((-3.9, False), (-1.7, False), (1.7, True), (3.9, True)):
        z = float(rng.uniform(14, 30))
        while z < 300:
            if rng.random() < 0.08 + 0.5 * params["traffic"] / 100:
                small = rng.random() < (0.6 if old else 0.25)
                speed = (1.0 if away else -1.0) * (2.6 if small else 6.5)
                if rolls:
                    s.ride = (speed, z, 0.0, 0.0, 0.0)
                near = rolls and not away and abs(lane - lens_x) < LENS_CLEAR
                if not near and small and old:
                    rickshaw(s, rng, lane + float(rng.uniform(-0.4, 0.4)), z, away, rolls)
                elif not near:
                    old_car(s, rng, lane, z, away, lights, era)
                s.ride = None
            z += float(rng.uniform(10, 24)) * (1 + z / 160)
    if eye >= ROOF_FROM_M:
        return
    for _ in range(0 if old else round(34 * params["traffic"] / 100)):
        side = float(rng.choice([-1.0, 1.0]))
        if rolls:
            at = float(rng.uniform(6, 70))
            s.ride = (side * 4.0, at, 0.0, 0.0, 0.0)
            cyclist(s, rng, side * float(rng.uniform(4.3, 5.2)), at)
            s.ride = None
        else:
            cyclist(s, rng, side * float(rng.uniform(3.4, 5.2)), float(rng.uniform(7, 70)))
    umbrella = params["weather"] == "rain" or params["light"] == "storm"
    for _ in range(round(30 * clutter)):
        side = float(rng.choice([-1.0, 1.0]))
        walker(s, rng, side * float(rng.uniform(5.9, 8.6)), float(9 + 60 * rng.random() ** 1.3),
               umbrella and rng.random() < 0.6, rolls)  # fmt: skip
    for z in rng.uniform(10, 80, round(7 * clutter)):
        tangle(s, rng, float(z), WALL)
