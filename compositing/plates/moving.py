"""A plate as a clip: the place is built and lit once, then seen anew at every frame from where the camera has come to.

Nothing is warped: near and far part as they do before a lens. Exposure, palette and the light on things are those of
the first frame throughout.
"""

import importlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from compositing.plates.canopy import canopy
from compositing.plates.family import STILL, Family
from compositing.plates.finish import bloom, defocus, develop, develop_soft
from compositing.plates.finished import Plate, camera_of, glass_of, grade_of, half_size, light_of, lit
from compositing.plates.land import WOOD, height
from compositing.plates.outlook import look_out
from compositing.plates.picture import Camera, Exposure, add_points, expose, with_mirrors
from compositing.plates.rides import ridden, speeds
from compositing.plates.scene import (
    DRIFT,
    LIVE,
    OTHER_SHARE,
    OTHER_TIME,
    SURF,
    SURF_COUNT,
    SURF_NTH,
    SWAY,
    TIME,
    Scenery,
)
from compositing.plates.shade import pane_before
from compositing.plates.shutter import drawn_out, moved
from compositing.plates.stage import Stage, Woods
from compositing.plates.trace import FAR, Scene, first_hit

# What a whole "How far" moves: metres in rooms and under the open sky, degrees, parts of the picture's height.
WALK_M, STREET_M, PAN_DEG, TILT, RISE_M = 1.7, 5.0, 22.0, 0.26, 1.1
SHAKE_DEG, SHAKE_M = 1.3, 0.035
KEPT_FREE = 0.45  # of the way to what stands nearest, the camera goes at most
CLOUDS_GO = {"day": 0.018, "golden": 0.014, "night": 0.014, "storm": 0.045}
SWING_S, BREAKER_S = 3.2, 6.5  # the wind's swing; from one breaker to the next
RAYS = 4
# From this soft focus on, a picture of 1000 lines or more is seen at half its size: the lens blurs away what that loses
# (0.15 blurs what lies 4 m off by 3.5 px of 1920).
SOFT_ENOUGH = 0.15


@dataclass(frozen=True)
class Clip:
    """Its frames, each (picture (H, W, 3) uint8, depth (h, w) metres as it was seen, at that size or at half of it),
    and what of them lasts: depth and light of the first. cameras: where each frame is seen from."""

    frames: Iterator[tuple[np.ndarray, np.ndarray]]
    first: Plate
    cameras: list[Camera]

    @property
    def pictures(self) -> Iterator[np.ndarray]:
        return (picture for picture, _ in self.frames)


def clip(
    found: Family, params: dict[str, Any], *, seed: int, frames: int, fps_num: int, fps_den: int, width: int,
    height: int, report: Callable[[int, int, str], None],
) -> Clip:  # fmt: skip
    """`frames` pictures (height, width, 3) uint8 of a family of plates, with the camera move of its settings."""
    module, _, function = found.draw.partition(":")
    report(0, frames, "scene")
    stage: Stage = getattr(importlib.import_module(module), function)(params, seed)
    seconds = frames * fps_den / fps_num
    loop = params["camera_loop"] == "yes"
    small = half_size(stage.wishes.soft, height, SOFT_ENOUGH)
    size = (width // 2, height // 2) if small else (width, height)
    scene = rides = None
    if isinstance(stage.ground, Scenery):
        scene = lit(stage, height, lambda k: report(round(k * frames * 0.1), frames, "light"))
        rides = stage.ground.rides()
    along = path(stage, scene, params, seed, frames, loop)
    cameras = [along(float(n)) for n in range(frames)]
    open_frames = params["camera_shutter"] / 360
    gust = 1.5 if params["weather"] != "clear" else 1.0

    def seen(n: int) -> tuple[np.ndarray, np.ndarray]:
        live(stage.air, n / frames, seconds, loop, CLOUDS_GO[params["light"]] * gust)
        now = replace(stage, camera=cameras[n])
        if isinstance(now.ground, Woods):
            linear, depth = _woods(now, stage.camera, seed, *size)
            gone = None
        else:
            assert scene is not None and rides is not None
            got, linear = _solids(now, ridden(scene, rides, float(stage.air[TIME])), *size)
            depth, gone = got.depth, None
            if rides.any() and open_frames:
                each = np.append(speeds(rides, float(stage.air[TIME])), 0.0)  # the last: the sky's
                gone = each[got.solid] * (open_frames * fps_den / fps_num)
        if open_frames and (gone is not None or along(n - 0.5) != along(n + 0.5)):
            opened, closed = along(n - open_frames / 2), along(n + open_frames / 2)
            linear = drawn_out(linear, depth, moved(depth, cameras[n], opened, closed, gone))
        return linear, depth

    def shown(n: int, linear: np.ndarray, depth: np.ndarray) -> np.ndarray:
        wishes = stage.wishes
        linear = bloom(defocus(linear, depth, wishes.soft), wishes.bloom)
        grade = grade_of(wishes)
        if small:
            return develop_soft(linear, wishes.stops, grade, seed % 100000, width, height)
        return develop(linear, wishes.stops, grade, seed % 100000)

    linear, depth = seen(0)
    picture = shown(0, linear, depth)
    whole = depth if not small else cv2.resize(depth, (width, height), interpolation=cv2.INTER_NEAREST)
    opening = replace(stage, camera=cameras[0])
    first = Plate(picture, whole, light_of(opening, linear, picture), camera_of(opening), glass=glass_of(opening))

    def drawn() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield picture, depth
        for n in range(1, frames):
            found = seen(n)
            yield shown(n, *found), found[1]

    return Clip(drawn(), first, cameras)


def _solids(stage: Stage, scene: Scene, width: int, height: int) -> tuple[Exposure, np.ndarray]:
    assert isinstance(stage.ground, Scenery)
    got = expose(scene, stage.camera, width, height, RAYS, lambda k: None)
    linear = with_mirrors(got)
    add_points(linear, got.depth, stage.camera, stage.ground.points, scene)
    return got, linear


def _woods(stage: Stage, home: Camera, seed: int, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    assert isinstance(stage.ground, Woods)
    # seen once for each pixel, edges would crawl as the camera moves and water rolls
    linear, depth = look_out(stage.ground.land, stage.camera, width * 3 // 2, height * 3 // 2)
    linear = cv2.resize(np.minimum(linear, 20.0), (width, height), interpolation=cv2.INTER_AREA)
    depth = cv2.resize(depth, (width, height), interpolation=cv2.INTER_NEAREST)
    if stage.ground.leaves:
        linear = canopy(linear, stage.ground.land, seed, stage.ground.leaves, home, stage.camera)
    return linear, depth


def live(air: np.ndarray, share: float, seconds: float, loop: bool, drift: float) -> None:
    """Set a scene's air to `share` 0..1 of a clip of `seconds`; see the numbers in `scene`."""
    air[LIVE] = 2.0 if loop else 1.0
    air[TIME] = share * seconds
    air[DRIFT] = drift
    air[OTHER_TIME], air[OTHER_SHARE] = (air[TIME] - seconds, share) if loop else (0.0, 0.0)
    swings, breakers = seconds / SWING_S, seconds / BREAKER_S
    if loop:
        swings, breakers = max(1.0, round(swings)), max(1.0, round(breakers))
        air[SURF_COUNT] = breakers
    air[SWAY] = 2 * math.pi * swings * share
    gone = breakers * share
    air[SURF] = (1.0 - gone % 1.0) % 1.0
    air[SURF_NTH] = math.ceil(gone)


def path(
    stage: Stage, scene: Scene | None, params: dict[str, Any], seed: int, frames: int, loop: bool
) -> Callable[[float], Camera]:
    """Where the camera stands at a frame, and between frames. A loop goes there and back; it never comes near to what
    stands about."""
    move, reach = params["camera_move"], params["camera_reach"] / 100
    home = stage.camera
    if move in (STILL, "stand"):
        return lambda n: home
    cos, sin = math.cos(home.turn), math.sin(home.turn)
    ways = {"push": (sin, 0.0, cos), "pull": (-sin, 0.0, -cos), "truck_left": (-cos, 0.0, sin),
            "truck_right": (cos, 0.0, -sin), "rise": (0.0, 1.0, 0.0)}  # fmt: skip
    if move in ways:
        far = reach * free_way(stage, scene, ways[move], RISE_M if move == "rise" else None)
        way = np.array(ways[move]) * far
    shake = _shake(seed, frames, loop)

    def at(n: float) -> Camera:
        share = 0.5 - 0.5 * math.cos(2 * math.pi * n / frames) if loop else n / max(1, frames - 1)
        place, turn, horizon = np.array(home.place), home.turn, home.horizon
        if move in ways:
            place = place + way * share
        elif move in ("pan_left", "pan_right"):
            angle = math.radians(PAN_DEG) * reach * share
            turn += angle if move == "pan_right" else -angle
        elif move in ("tilt_up", "tilt_down"):
            horizon += TILT * reach * share * (1.0 if move == "tilt_up" else -1.0)
        else:
            across, up, side, rise = shake(n) * reach
            turn += math.radians(SHAKE_DEG) * across
            horizon += math.radians(SHAKE_DEG) * up * home.lens_mm / 36.0
            place = place + SHAKE_M * np.array([cos * side, rise, -sin * side])
        if isinstance(stage.ground, Woods):
            form = stage.ground.land.form
            under, now = (max(0.0, float(height(form, spot[0], spot[2], 0.5))) for spot in (home.place, place))
            place[1] = max(place[1], now + 0.6 * (home.place[1] - under))
        return Camera((float(place[0]), float(place[1]), float(place[2])), turn, home.lens_mm, horizon)

    return at


def free_way(stage: Stage, scene: Scene | None, way: tuple[float, float, float], most: float | None = None) -> float:
    """Metres that the camera may go along `way` (length one): no nearer than about half way to what stands there."""
    if scene is None:
        assert isinstance(stage.ground, Woods)
        return most or (1.6 if stage.ground.land.form[0] == WOOD else STREET_M)
    nearest = FAR
    for up in (-0.35, -0.12, 0.0, 0.12):
        for side in (-0.2, 0.0, 0.2):
            aside = (way[2] * side, up, -way[0] * side)
            ray = np.array(way) + np.array(aside) if not way[1] else np.array([side, 1.0, up])
            ray /= np.linalg.norm(ray)
            line = (*stage.camera.place, *(float(v) for v in ray))
            met, _solid = first_hit(scene, *line, FAR, False)
            nearest = min(nearest, pane_before(scene, *line, met)[0])
    longest = most or (WALK_M if nearest < 30.0 else STREET_M)
    return float(min(longest, KEPT_FREE * nearest))


def _shake(seed: int, frames: int, loop: bool) -> Callable[[float], np.ndarray]:
    """(4,) about -1..1 at a frame: a hand's slow drift and small tremor, two for the turn, two for the place."""
    phases = np.random.default_rng([seed, 11]).random((4, 4))
    rates, weights = np.array((1.0, 2.0, 5.0, 11.0)), np.array((0.55, 0.35, 0.16, 0.05))
    # a loop holds whole swings; else a swing of the slowest takes some 4 s of 24 frames a second
    turns = rates if loop else rates * frames / 96.0

    def at(n: float) -> np.ndarray:
        swung = np.sin(2 * math.pi * (turns * n / frames + phases)) @ weights
        return np.asarray(swung - np.sin(2 * math.pi * phases) @ weights, np.float64)

    return at
