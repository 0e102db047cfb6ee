"""The ground of a plate as its depth map tells it: where feet stand, what stands before them, in which light.

A moving plate's map tells it frame by frame: where the camera has come to, and what is seen from there.
"""

import bisect
import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.errors import Refused
from compositing.plates.notes import maps_of, note_of

Numbers = NDArray[np.float64]
AWAY = 0.12  # of the distance: nearer to it than that is the same place
SHOWN = 0.02  # of the columns show the ground at a distance: then it is there where something hides it
PALACES = ("palace",)  # families that stand in no other time
SEARCHED = 0.10  # of the picture's height: ground that rises or falls is looked for so far from where flat ground lies


@dataclass(frozen=True)
class Way:
    """How a moving plate is seen: stands (frames, 5): metres x, y, z, radians to the right, horizon from the top in
    heights; at, maps: PNGs of what is seen from each of those frames on; near: metres that a map's 65535 stands for;
    shutter: how much of a frame's time it stands open."""

    stands: Numbers
    at: tuple[int, ...] = ()
    maps: tuple[bytes, ...] = ()
    near: float = 0.5
    shutter: float = 0.0

    def drawn_out(self, n: int, distance: float, focal: float) -> tuple[float, float]:
        """(right, down) in heights that what stands straight ahead at a distance goes while the shutter is open."""
        last = len(self.stands) - 1
        a, b = max(0, min(n - 1, last)), min(n + 1, last)
        if a >= b:
            return 0.0, 0.0
        middle = self.seen_from(min(n, last), np.zeros(1), np.array([distance]), back=True)
        share = self.shutter / (b - a)
        (xa, za), (xb, zb) = (self.seen_from(k, *middle) for k in (a, b))
        across = focal * float(xb[0] / max(0.5, zb[0]) - xa[0] / max(0.5, za[0]))
        return across * share, float(self.stands[b][4] - self.stands[a][4]) * share

    def seen_from(self, n: int, across: Numbers, distance: Numbers, back: bool = False) -> tuple[Numbers, Numbers]:
        """(across, distance) before frame n's camera of what stands at (across, distance) metres before the first's;
        back: the other way round."""
        first, here = self.stands[0], self.stands[min(n, len(self.stands) - 1)]
        if back:
            first, here = here, first
        x = first[0] + math.cos(first[3]) * across + math.sin(first[3]) * distance - here[0]
        z = first[2] - math.sin(first[3]) * across + math.cos(first[3]) * distance - here[2]
        cos, sin = math.cos(here[3]), math.sin(here[3])
        return np.asarray(cos * x - sin * z), np.asarray(sin * x + cos * z)

    def reach(self, distance: Numbers, half: Numbers) -> tuple[Numbers, Numbers]:
        """(from, to) metres across, as the first camera sees it, that come into view at a distance; half: half of what
        one camera sees there."""
        low, high = -half, half
        for n in range(0, len(self.stands), max(1, len(self.stands) // 12)):
            _, far = self.seen_from(n, np.zeros_like(distance), distance)
            for edge in (-half, half):
                across, _ = self.seen_from(n, edge * far / distance, far, back=True)
                low, high = np.minimum(low, across), np.maximum(high, across)
        return low, high

    def nearer(self) -> float:
        """Metres by which the camera comes nearer, at most."""
        _, gone = self.seen_from(0, np.zeros(1), np.zeros(1))
        gains = [float(gone[0] - self.seen_from(n, np.zeros(1), np.zeros(1))[1][0]) for n in range(len(self.stands))]
        return max(0.0, *gains)


@dataclass(frozen=True)
class Ground:
    """focal: in heights of the picture; horizon: from its top, in heights; high: metres of the lens over the ground;
    ends: metres at which it runs out, as at a shore; soft: soft focus 0..1; metres (H, W): how far what is seen lies,
    1e9 the sky; light: as the plate delivers it;
    glass: its windows, see effects/windows.py; period: what people wear there."""

    focal: float
    horizon: float
    high: float
    ends: float
    soft: float
    metres: NDArray[np.float32]
    light: dict[str, Any]
    way: Way | None = None
    glass: dict[str, Any] | None = None
    period: str = "modern"
    _read: dict[int, NDArray[np.float32]] = field(default_factory=dict, repr=False, compare=False)

    def at(self, n: int) -> "Ground":
        """The ground as it is seen at frame n of a moving plate; beyond its last as at its last."""
        if self.way is None:
            return self
        k = bisect.bisect_right(self.way.at, n) - 1
        metres = self.metres
        if k >= 0:
            if k not in self._read:
                self._read.clear()
                coded = cv2.imdecode(np.frombuffer(self.way.maps[k], np.uint8), cv2.IMREAD_UNCHANGED)
                self._read[k] = _metres(coded, self.way.near, metres.shape[1], metres.shape[0])
            metres = self._read[k]
        first, here = self.way.stands[0], self.way.stands[min(n, len(self.way.stands) - 1)]
        return replace(self, metres=metres, high=self.high + here[1] - first[1], horizon=float(here[4]), way=None)

    def feet(self, x: Numbers, distance: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
        """(rows, stands): where feet at column x and `distance` metres stand, and whether there is ground at all.

        Where something nearer hides the ground it is taken to be flat behind it.
        """
        height, width = self.metres.shape
        flat = self._flat(distance)
        column = np.clip(np.rint(x), 0, width - 1).astype(int)
        reach = np.arange(-round(SEARCHED * height), round(SEARCHED * height) + 1)
        rows = flat[:, None] + reach[None]
        at = self.metres[np.clip(np.rint(rows), 0, height - 1).astype(int), column[:, None]]
        apart = np.abs(at / distance[:, None] - 1)
        apart[(rows < 0) | (rows > height - 1)] = np.inf
        # of all that lies at that distance the nearest to where flat ground would be
        price = np.where(apart < AWAY, np.abs(reach)[None] / height, np.inf)
        best = np.argmin(price, 1)
        found = np.isfinite(price[np.arange(len(x)), best])
        there = self.metres[np.clip(np.rint(flat), 0, height - 1).astype(int), column]
        hidden = (there < distance * (1 - AWAY)) | (flat > height - 1)
        stands = (found | (hidden & self._seen_at(distance))) & (distance < self.ends)
        return np.where(found & ~hidden, rows[np.arange(len(x)), best], flat), stands

    def _seen_at(self, distance: Numbers) -> NDArray[np.bool_]:
        """Whether ground at a distance shows anywhere in the picture, or would lie below it: behind a wall is none.
        Ground lies nearer lower down; a wall or a tower that happens to stand there does not."""
        width = self.metres.shape[1]
        columns = slice(None, None, max(1, width // 96))
        alike = np.ones((len(distance), len(range(width)[columns])), np.bool_)
        for part in (1.0, 0.72):
            row = self._flat(distance * part)
            metres = self.metres[np.clip(np.rint(row), 0, self.metres.shape[0] - 1).astype(int), columns]
            alike &= np.abs(metres / (distance[:, None] * part) - 1) < AWAY
        return np.asarray((alike.mean(1) > SHOWN) | (self._flat(distance) > self.metres.shape[0] - 1))

    def _flat(self, distance: Numbers) -> Numbers:
        """The row of flat ground at a distance."""
        return np.asarray(self.metres.shape[0] * (self.horizon + self.focal * self.high / distance))

    def tones(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """(what the light does to colours, what far ones lose themselves in), coded, from the plate's own light."""
        coded = (np.array(self.light["ambient_milli"], np.float64) / 1000) ** (1 / 2.2)
        coded /= coded.mean()
        level = self.light["level_milli"] / 1000
        tint = np.clip((0.18 + 1.5 * level) * (0.4 + 0.6 * coded), 0.1, 1.1)
        return tuple(tint.tolist()), tuple(np.clip(1.1 * level * coded, 0, 1).tolist())

    def blur_share(self, distance: float) -> float:
        """Sigma of the plate's soft focus at a distance, in heights; the lens of compositing/plates/finish.py."""
        return 0.5 * self.soft * 0.020 * max(0.0, 1 - 1.6 / distance)


def ground_of(path: Path, width: int, height: int) -> Ground:
    """Read a plate's depth map for a picture of width x height. Raises Refused for any other picture."""
    note = note_of(path)
    if "camera" not in note or "light" not in note:
        raise Refused(
            "This depth map does not say how its picture is seen; draw the plate again and take its new depth map.",
            code="ground_unknown",
        )
    coded = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if coded is None or coded.dtype != np.uint16 or coded.ndim != 2:
        raise Refused("This depth map cannot be read; draw the plate again.", code="ground_unknown")
    near = note["depth_near_milli_m"] / 1000
    metres = _metres(coded, near, width, height)
    camera = note["camera"]
    way = None
    if note.get("way"):
        stands = np.array(note["way"], np.float64) / (1e3, 1e3, 1e3, 1e6, 1e6)
        if len(note["maps"]) or np.ptp(stands, 0).any():
            shutter = note.get("settings", {}).get("camera_shutter", 0) / 360
            way = Way(stands, tuple(note["maps"]), tuple(maps_of(path)), near, shutter)
    return Ground(
        camera["focal_milli"] / 1000, camera["horizon_milli"] / 1000, camera["height_mm"] / 1000,
        camera.get("ground_to_mm", 10**12) / 1000, camera["soft_milli"] / 1000, metres, note["light"],
        way, note.get("glass"), _period(note),
    )  # fmt: skip


def _period(note: dict[str, Any]) -> str:
    """What people wear in the place that a depth map is of."""
    if note.get("family") in PALACES:
        return "ancient"
    return str(note.get("settings", {}).get("period", "modern"))


def _metres(coded: Any, near: float, width: int, height: int) -> NDArray[np.float32]:
    """(height, width) metres of a coded depth map."""
    whole = cv2.resize(coded, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.float32)
    return np.where(whole > 0, 65535.0 * near / np.maximum(whole, 1), 1e9).astype(np.float32)
