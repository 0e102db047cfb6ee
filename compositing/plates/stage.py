"""A place made ready to be looked at: what stands there, where the camera stands, where the key comes from."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from compositing.plates.airs import air
from compositing.plates.family import STILL
from compositing.plates.land import Land
from compositing.plates.picture import Camera
from compositing.plates.scene import SUN_B, SUN_R, SUN_X, SUN_Y, Scenery, colour

AHEAD_M = 2.2  # an actor in a close-up stands about here: a room's key is set for that place
# What the key is where the place has no sun of its own: the moon, a break in the clouds, a lamp in a room.
NO_SUN = {"day": 0.6, "golden": 0.6, "night": 0.13, "storm": 0.55}
IN_ROOMS = {
    "day": (1.0, 0.96, 0.90),
    "golden": (1.0, 0.66, 0.34),
    "night": (1.0, 0.74, 0.46),
    "storm": (0.72, 0.86, 1.0),
}
ROOM_LIGHT = {"day": 0.9, "golden": 1.1, "night": 0.9, "storm": 0.8}  # linear light it brings to the actor's place
WARM_KEY = np.array([1.30, 0.98, 0.62])  # what a key wholly warm is multiplied with; wholly cold by the inverse


@dataclass(frozen=True)
class Wishes:
    """How the picture is taken: stops, soft focus 0..1, palette, share of light that blooms; indoors: the time of day
    that the film is graded for, "" for none."""

    stops: float
    soft: float
    palette: str
    bloom: float = 0.10
    indoors: str = ""


@dataclass(frozen=True)
class Key:
    """The key light as asked for. azimuth: degrees, 0 from the lens, 90 from the picture's right, 180 from behind, as
    in compositing/light.py; elevation: degrees; colour (3,): linear."""

    azimuth: float
    elevation: float
    colour: tuple[float, float, float]

    def direction(self) -> np.ndarray:
        """(3,) towards the light: x right, y up, z away from the camera."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        return np.array([math.cos(e) * math.sin(a), math.sin(e), -math.cos(e) * math.cos(a)])


@dataclass(frozen=True)
class Woods:
    """Open land with what hangs into the picture: leaves names a wood's kind, "" for none."""

    land: Land
    leaves: str = ""


@dataclass(frozen=True)
class Stage:
    """What a family builds from its settings and a seed; `finished` takes pictures of it."""

    ground: Scenery | Woods
    camera: Camera
    wishes: Wishes
    key: Key | None = None

    @property
    def air(self) -> np.ndarray:
        return self.ground.land.air if isinstance(self.ground, Woods) else self.ground.air


def rolling(params: dict[str, Any]) -> bool:
    """Whether cars and people go on their way: in a clip that does not have to come back to its first frame."""
    return bool(params.get("camera_move", STILL) != STILL and params.get("camera_loop") != "yes")


def side_of(rng: np.random.Generator, params: dict[str, Any], keyed: float) -> float:
    """-1 or 1 by chance, or as the asked key has it: `keyed` where it comes from the right, else its opposite."""
    own = 1.0 if rng.random() < 0.5 else -1.0
    azimuth = params.get("key_azimuth")
    if azimuth is None or abs(math.sin(math.radians(azimuth))) < 0.17:
        return own
    return keyed if azimuth > 0 else -keyed


def air_and_key(
    params: dict[str, Any], seed: int, own_turn: float, camera_turn: float, *, indoors: bool = False
) -> tuple[np.ndarray, Key | None]:
    """(air, key): the sun where the family has it (`own_turn`, radians right of straight ahead), or where it is asked
    for, as the camera, turned by camera_turn, sees it. Indoors the key is a lamp that `set_lamp` sets."""
    azimuth = params.get("key_azimuth")
    turn = own_turn if azimuth is None else camera_turn + math.pi - math.radians(azimuth)
    sky = air(params["light"], params["weather"], params["haze"], turn, seed)
    warmth = params.get("key_warmth", 0) / 100
    sun = sky[SUN_R : SUN_B + 1]
    sun *= WARM_KEY**warmth
    if azimuth is None:
        return sky, None
    light = params["light"]
    elevation = math.degrees(math.asin(float(sky[SUN_Y])))
    if indoors:
        return sky, Key(azimuth, min(elevation, 32.0), colour(np.array(IN_ROOMS[light]) * WARM_KEY**warmth))
    if sun.max() < NO_SUN[light]:
        own = sun / sun.max() if sun.max() > 0 else np.array([0.80, 0.92, 1.0]) * WARM_KEY**warmth
        sky[SUN_R : SUN_B + 1] = own * NO_SUN[light]
    return sky, Key(azimuth, elevation, colour(sky[SUN_R : SUN_B + 1].copy()))


def set_lamp(
    s: Scenery, key: Key | None, camera: Camera, params: dict[str, Any], *, half: float, back: float, tall: float
) -> None:
    """Put a lamp into a room where `key` asks for it, off the picture or high in it, as a film crew would.

    half: half the room's width, back: how far its end lies, tall: its height; metres.
    """
    if key is None:
        return
    cos, sin = math.cos(camera.turn), math.sin(camera.turn)
    x0, z0 = camera.place[0] + sin * AHEAD_M, camera.place[2] + cos * AHEAD_M
    x, _, z = key.direction()
    ahead = math.hypot(x, z)
    wx, wz = (cos * x + sin * z) / ahead, (-sin * x + cos * z) / ahead
    edge = min(1.2, 0.35 * half)
    far = 5.0
    for way, at, low, high in ((wx, x0, -half + edge, half - edge), (wz, z0, -2.6, back - 1.4)):
        if abs(way) > 1e-6:
            far = min(far, max(0.6, ((high if way > 0 else low) - at) / way))
    y = min(tall - 0.3, camera.place[1] + far * math.tan(math.radians(key.elevation)))
    reach = math.hypot(far, y - camera.place[1])
    wide = 0.05 + 0.007 * params.get("key_softness", 40)
    power = np.array(key.colour) * ROOM_LIGHT[params["light"]] * reach * reach
    cx, cz = x0 + wx * far, z0 + wz * far
    aim = np.array([x0 - cx, camera.place[1] - 0.2 - y, z0 - cz])
    s.lamp(
        (cx - wide, y, cz - wide), (cx + wide, y, cz + wide), colour(power), down=2.0,
        aim=colour(aim / np.linalg.norm(aim)),
    )  # fmt: skip


def sun_direction(sky: np.ndarray, camera: Camera) -> np.ndarray:
    """(3,) towards the sun or moon as the camera sees it: x right, y up, z away."""
    x, y, z = sky[SUN_X : SUN_X + 3]
    cos, sin = math.cos(camera.turn), math.sin(camera.turn)
    return np.array([cos * x - sin * z, y, sin * x + cos * z])
