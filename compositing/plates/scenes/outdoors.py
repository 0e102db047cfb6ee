"""Places under the open sky: a mountain lake, a sea shore, woods, and the sky alone."""

import math
from typing import Any

import numpy as np

from compositing.plates.land import LAKE, PLAIN, SEA, WOOD, Land, height
from compositing.plates.picture import Camera
from compositing.plates.scene import CLOUD_LIT, CLOUDS, GLOW, HAZE, HAZE_COLOUR, HAZE_FROM, HAZE_NEAR, HORIZON
from compositing.plates.stage import Key, Stage, Wishes, Woods, air_and_key

STOPS = {"day": -0.25, "golden": -0.05, "night": 2.0, "storm": 1.5}
# under trees there is less light, by the water more
SHADED = {WOOD: {"day": 0.2, "night": 1.9, "storm": 0.6}, SEA: {"day": -0.45}}
SEA_TURN = 0.12  # radians that the lens looks along the shore
SUN_TURN = {"day": 2.2, "golden": 0.42, "night": 0.35, "storm": 1.2}


def lake(params: dict[str, Any], seed: int) -> Stage:
    """A lake among mountains (see families/lake.py)."""
    rng, _flip, sky, key = _begin(params, seed)
    sky[HAZE] *= 0.22
    peak = 500.0 + 13.0 * params["peaks"]
    snow = {"summer": 1.05, "autumn": 0.75, "winter": 0.12}[params["season"]] * peak
    green = {"summer": 1.0, "autumn": 0.25, "winter": 0.6}[params["season"]]
    form = np.array([LAKE, peak, 13.0, 420.0, snow, params["wind"] / 100, green, seed % 9973], np.float64)
    trees = []
    for _ in range(round(9 * params["trees"])):
        z = float(rng.uniform(60, 900))
        x = float(rng.uniform(-0.55, 0.55)) * z + (60.0 if rng.random() < 0.5 else -60.0)
        level = float(height(form, x, z, 1.0))
        if level > 1.0:
            kind = 0.0 if rng.random() < 0.8 else 1.0
            trees.append(_tree(rng, x, level - 0.6, z, float(rng.uniform(9, 22)), kind))
    return _stage(params, Land(form, sky, _sorted(trees)), key)


def sea(params: dict[str, Any], seed: int) -> Stage:
    """A shore and the open sea (see families/sea.py)."""
    _rng, flip, sky, key = _begin(params, seed, SEA_TURN)
    sky[HAZE] *= 0.7
    form = np.array(
        [SEA, 420.0, 2.5 + 0.1 * params["beach"], flip, 0.0, 0.35 + params["wind"] / 110, 1.0, seed % 9973], np.float64
    )
    return _stage(params, Land(form, sky, _sorted([])), key, flip * SEA_TURN)


def forest(params: dict[str, Any], seed: int) -> Stage:
    """Woods with a path (see families/forest.py)."""
    rng, _flip, sky, key = _begin(params, seed)
    sky[HAZE_FROM] = 0.0
    sky[HAZE] = 0.004 + 0.00022 * params["haze"] + (0.012 if params["weather"] == "mist" else 0.0)
    green = {"summer": 1.0, "autumn": 0.15, "winter": 0.5}[params["season"]]
    form = np.array([WOOD, 5.0, 0.0, 0.0, 1e9, 0.0, green, seed % 9973], np.float64)
    count = 160 + 12 * params["trees"]
    kind = params["kind"]
    trees = []
    for _ in range(count):
        z = 3.2 + 92.0 * float(rng.random()) ** 1.35
        x = float(rng.uniform(-0.75, 0.75)) * (z + 6.0)
        path = 2.2 * math.sin(z * 0.09) + 0.9
        if abs(x - path) < 1.5 + 0.01 * z:
            continue
        level = float(height(form, x, z, 0.5)) - 0.1
        if kind == "bamboo":
            trees.append(_tree(rng, x, level, z, float(rng.uniform(9, 15)), 3.0, lean=0.035))
        elif kind == "pines":
            trees.append(_tree(rng, x, level, z, float(rng.uniform(13, 24)), 2.0, lean=0.012))
            if rng.random() < 0.35:
                trees.append(_tree(rng, x + 1.0, level, z + 1.5, float(rng.uniform(2, 6)), 0.0))
        else:
            trees.append(_tree(rng, x, level, z, float(rng.uniform(12, 20)), 2.0, lean=0.03))
            if z > 14:
                trees.append(_tree(rng, x, level, z + 0.5, float(rng.uniform(9, 15)), 1.0, lean=0.02))
    for _ in range(90):  # the far edge of the wood closes the view
        z = float(rng.uniform(95, 150))
        x = float(rng.uniform(-0.7, 0.7)) * z
        trees.append(_tree(rng, x, float(height(form, x, z, 1.0)) - 0.5, z, float(rng.uniform(12, 24)), 1.0))
    return _stage(params, Land(form, sky, _sorted(trees)), key, leaves=kind)


def heavens(params: dict[str, Any], seed: int) -> Stage:
    """Nothing but sky over a low line of hills (see families/sky.py)."""
    _rng, _flip, sky, key = _begin(params, seed)
    if params["weather"] == "clear":
        sky[CLOUDS] = params["clouds"] / 100
    form = np.array([PLAIN, 30.0, 0.0, 0.0, 1e9, 0.0, 0.7, seed % 9973], np.float64)
    return _stage(params, Land(form, sky, _sorted([])), key)


def _begin(
    params: dict[str, Any], seed: int, aside: float = 0.0
) -> tuple[np.random.Generator, float, np.ndarray, Key | None]:
    rng = np.random.default_rng(seed)
    flip = 1.0 if rng.random() < 0.5 else -1.0
    turn = flip * aside + math.radians(params["camera_turn"])
    sky, key = air_and_key(params, seed, flip * SUN_TURN[params["light"]], turn)
    sky[HAZE_FROM], sky[HAZE_NEAR] = 6.0, 0.0
    if params["light"] == "night":  # far from any town: the moon's cold light alone
        for at, cold in ((HORIZON, (0.012, 0.018, 0.034)), (CLOUD_LIT, (0.034, 0.042, 0.062)),
                         (HAZE_COLOUR, (0.010, 0.015, 0.028)), (GLOW, (0.020, 0.028, 0.046))):  # fmt: skip
            sky[at : at + 3] = cold
    return rng, flip, sky, key


def _tree(
    rng: np.random.Generator, x: float, foot: float, z: float, tall: float, kind: float, lean: float = 0.02
) -> tuple[float, ...]:
    shade = 0.35 + 0.65 * float(rng.random())
    return (x, foot, z, tall, kind, float(rng.uniform(-lean, lean)), float(rng.integers(1, 9999)), shade)


def _sorted(trees: list[tuple[float, ...]]) -> np.ndarray:
    """Farthest first: a nearer tree is drawn over it."""
    found = np.array(trees, np.float64).reshape(-1, 8)
    return np.ascontiguousarray(found[np.argsort(-found[:, 2], kind="stable")])


def _stage(params: dict[str, Any], land: Land, key: Key | None, turn: float = 0.0, leaves: str = "") -> Stage:
    camera = Camera(
        (0.0, params["camera_height"] / 100 + max(0.0, float(height(land.form, 0.0, 0.0, 0.5))), 0.0),
        turn + math.radians(params["camera_turn"]), params["lens"], params["horizon"] / 100,
    )  # fmt: skip
    wishes = Wishes(
        STOPS[params["light"]]
        + SHADED.get(int(land.form[0]), {}).get(params["light"], 0.0)
        + params["brightness"] / 100,
        params["defocus"] / 100,
        params["palette"],
        0.12,
    )
    return Stage(Woods(land, leaves), camera, wishes, key)
