"""Building a scene from solids, lamps and panes, and packing it for the kernels."""

import math
from dataclasses import dataclass, field

import numpy as np

from compositing.plates.trace import BOX, CYLINDER, ELLIPSOID, Scene
from compositing.plates.tree import tree

Colour = tuple[float, float, float]


def colour(values: np.ndarray) -> Colour:
    """Three numbers as a plain tuple."""
    return (float(values[0]), float(values[1]), float(values[2]))


# Where each number of the air lies in Scene.air.
SUN_X, SUN_Y, SUN_Z, SUN_R, SUN_G, SUN_B = 0, 1, 2, 3, 4, 5
ZENITH, HORIZON, GLOW = 6, 9, 12  # colours: three numbers each
CLOUDS, CLOUD_LIT, CLOUD_DARK = 15, 16, 19
HAZE, HAZE_FROM, HAZE_COLOUR, HAZE_NEAR = 22, 23, 24, 27
RAIN_ON_GLASS, SKY_SEED, WET, LIT_SHARE, STARS = 28, 29, 30, 31, 32
# Tints that façade windows and signs take, three numbers each.
WARM, COOL = 33, 36
# What lives in a moving picture; all 0 in a still. TIME: seconds; a looping clip mixes in OTHER_SHARE of what is seen
# at OTHER_TIME. LIVE: 1 in a clip, 2 in one that loops. DRIFT: how fast clouds go. SWAY: radians of the wind's swing.
# SURF: how far, 0..1, the breakers still are from where they break; SURF_NTH: which breaker comes first; SURF_COUNT:
# how many there are in a loop, 0 without one.
TIME, OTHER_TIME, OTHER_SHARE, LIVE, DRIFT, SWAY, SURF, SURF_NTH, SURF_COUNT = 39, 40, 41, 42, 43, 44, 45, 46, 47
AIR_SIZE = 48
# Riding things come round again between these; metres along the street.
ROUND_FROM, ROUND_TO = -80.0, 330.0


STANDS = (0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass
class Scenery:
    """What the camera may see, in metres; add solids, then `pack`."""

    air: np.ndarray = field(default_factory=lambda: np.zeros(AIR_SIZE))
    _geo: list[tuple[float, ...]] = field(default_factory=list)
    _attr: list[tuple[float, ...]] = field(default_factory=list)
    _lamps: list[tuple[float, ...]] = field(default_factory=list)
    _panes: list[tuple[float, ...]] = field(default_factory=list)
    rise: float = 1.0  # how high towers stand, of what they would today
    points: list[tuple[float, ...]] = field(default_factory=list)
    # What is added while this is set moves along z: metres a second, where it starts from, then how far it swings
    # about that, how often a second, from which radian.
    ride: tuple[float, ...] | None = None
    _rides: list[tuple[float, ...]] = field(default_factory=list)
    order: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    def add(
        self,
        kind: int,
        centre: Colour,
        half: Colour,
        albedo: Colour,
        *,
        turn: float = 0.0,
        glow: Colour = (0.0, 0.0, 0.0),
        shine: float = 0.0,
        rough: float = 0.3,
        surface: int = 0,
        seed: int = 0,
        texel_m: float = 0.25,
        a: float = 0.0,
        b: float = 0.0,
        c: float = 0.0,
    ) -> None:
        """Add one solid.

        albedo: linear, 0..1. glow: emitted light, linear. shine: mirror reflectance straight on, 0..1; rough: how far
        a reflection blurs, 0..1. surface: a number from `surfaces`, with its own meaning of a, b, c. texel_m: how
        finely the light on it is worked out.
        """
        self._geo.append((kind, *centre, *(max(h, 1e-3) for h in half), math.cos(turn), math.sin(turn)))
        self._attr.append((*albedo, *glow, shine, rough, surface, seed, a, b, c, texel_m))
        self._rides.append(self.ride or STANDS)

    def box(self, low: Colour, high: Colour, albedo: Colour, **more: object) -> None:
        """A box from its lowest to its highest corner; `turn` turns it about its own middle."""
        centre = tuple((p + q) / 2 for p, q in zip(low, high, strict=True))
        half = tuple(abs(q - p) / 2 for p, q in zip(low, high, strict=True))
        self.add(BOX, centre, half, albedo, **more)  # type: ignore[arg-type]

    def cylinder(self, foot: Colour, radius: float, height: float, albedo: Colour, **more: object) -> None:
        """An upright cylinder standing on `foot`."""
        centre = (foot[0], foot[1] + height / 2, foot[2])
        self.add(CYLINDER, centre, (radius, height / 2, radius), albedo, **more)  # type: ignore[arg-type]

    def ellipsoid(self, centre: Colour, half: Colour, albedo: Colour, **more: object) -> None:
        self.add(ELLIPSOID, centre, half, albedo, **more)  # type: ignore[arg-type]

    def lamp(
        self, low: Colour, high: Colour, power: Colour, *, down: float = 0.0, reach: float = 1e9,
        aim: Colour = (0.0, -1.0, 0.0),
    ) -> None:  # fmt: skip
        """A small area that lights the scene, from corner to corner.

        power: radiant intensity each way, linear. down: 0 shines all round, 1 as a ceiling panel does, more: a beam.
        aim: the direction of length one that it shines to. What rides casts no light: it would stay behind.
        """
        if self.ride is not None:
            return
        self._lamps.append((*low, *high, *power, down, reach, *aim))

    def pane(self, axis: int, at: float, low: tuple[float, float], high: tuple[float, float], tint: float) -> None:
        """A sheet of glass across axis 0 (x) or 2 (z); low and high over the other two axes; tint 0..1 passes."""
        self._panes.append((axis, at, *low, *high, tint))

    @property
    def panes(self) -> list[tuple[float, ...]]:
        """The sheets of glass so far: axis, at, low, high, tint, as `pane` was given them."""
        return self._panes

    def point(self, where: Colour, colour: Colour, radius_m: float, *, beat: float = 0.0) -> None:
        """A small bright light, drawn after the solids, hidden by what stands before it; beat: blinks a second."""
        self.points.append((*where, *colour, radius_m, beat, *(self.ride or STANDS)[:2]))

    def solids(self) -> tuple[np.ndarray, np.ndarray]:
        """(geo, attr) of all that stands so far, as `trace.Scene` has them."""
        return np.array(self._geo, np.float64), np.array(self._attr, np.float64)

    def dress(self, attr: np.ndarray) -> None:
        """Have what stands look as the rows of `attr` say, which lie as `solids` gave them."""
        self._attr = [tuple(row) for row in attr.tolist()]

    def tint_lamps(self, tint: Colour) -> None:
        """Multiply the light of every lamp."""
        self._lamps = [
            (*one[:6], *(p * t for p, t in zip(one[6:9], tint, strict=True)), *one[9:]) for one in self._lamps
        ]

    def rides(self) -> np.ndarray:
        """(N, 5): how each solid of the packed scene moves, see `ride`."""
        return np.array(self._rides, np.float64).reshape(-1, 5)[self.order]

    def pack(self, coarse: float) -> Scene:
        """Arrays for the kernels, with an empty light map; coarse > 1 makes its texels larger."""
        geo = np.array(self._geo, np.float64)
        attr = np.array(self._attr, np.float64)
        order, bounds, links = tree(geo)
        self.order = order
        geo, attr = geo[order], attr[order]
        maps_at, count = _maps(geo, attr, coarse)
        return Scene(
            geo,
            attr,
            bounds,
            links,
            maps_at,
            np.zeros((count, 3)),
            np.zeros(count),
            np.array(self._lamps, np.float64).reshape(-1, 14),
            np.array(self._panes, np.float64).reshape(-1, 7),
            self.air,
        )


def _maps(geo: np.ndarray, attr: np.ndarray, coarse: float) -> tuple[np.ndarray, int]:
    """Where each face's texels lie (N, 6, 3), and how many there are."""
    size = 2 * geo[:, 4:7]
    around = np.pi * size[:, 0]
    texel = attr[:, 13] * coarse
    maps_at = np.zeros((len(geo), 6, 3), np.int32)
    at = 0
    for i in range(len(geo)):
        x, y, z = size[i]
        if geo[i, 0] == BOX:
            faces = [(z, y), (z, y), (x, z), (x, z), (x, y), (x, y)]
        elif geo[i, 0] == CYLINDER:
            faces = [(around[i], y), (0, 0), (x, x), (x, x), (0, 0), (0, 0)]
        else:
            faces = [(around[i], y), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)]
        for face, (across, along) in enumerate(faces):
            if across == 0:
                continue
            w = int(np.clip(round(across / texel[i]), 1, 96))
            h = int(np.clip(round(along / texel[i]), 1, 96))
            maps_at[i, face] = (at, w, h)
            at += w * h
    return maps_at, at
