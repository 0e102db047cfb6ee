"""The light an actor was shot in, read off the keyed picture: where the key comes from, its colour, how hard it is.

The face is taken for part of an ellipsoid, which gives every pixel of skin a normal; then the light is searched that
explains the skin's brightness best: one key by Lambert's law over an even ambient (Lambert shading with a clamped
cosine, as in Basri and Jacobs 2003). Nothing is learned, so it needs no weights and is the same on every machine.
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import LUMA, Picture, Plane, encode_srgb

SMALL = 256  # px: the long side at which it is worked out; light has no fine detail
LEAST_SKIN = 150  # px of skin at that size; fewer tell nothing
LEAST_FACE = 14.0  # px of half a face's width at that size: a smaller one holds too little shading to judge by
LEAST_PATCHES = 24
# The oval of a face is not the outline of the head: at its rim the skin has turned this far (sine) from the lens.
RIM_ACROSS, RIM_DOWN = 0.97, 0.93
STEP = 5  # degrees of the search
TALL = 1.36  # a head is so much taller than wide
SHINE = 0.7  # of the blue is taken off the red: shine is in both, the skin's own light hardly in blue
# What a cold or a warm lamp does to skin is taken back before it is looked for, where as it is none is found.
LAMPS = ((1.0, 1.0, 1.0), (1.25, 1.0, 0.78), (0.8, 1.0, 1.25))
NARROWEST = 0.68  # of the head with its hair is face
INNER = 0.72  # of the oval: within this all is face, hair lies outside
EVEN = 3.0  # times the middle tone: a background whose brightest part is less bright lights from everywhere
SURE = 0.45  # share of the skin's shading that is explained from which on the direction is believed


@dataclass(frozen=True)
class KeyLight:
    """azimuth: degrees, 0 from the lens, 90 from the picture's right, 180 from behind, -90 from its left; elevation:
    degrees above the eye. colour, ambient (3,): linear, luminance of both together 1. softness 0..1: how much of the
    light has no direction. sure 0..1: how much of the shading this explains; below SURE the direction is a guess.
    centre (x, y), size (w, h): where the face was found, in parts of the picture."""

    azimuth: float
    elevation: float
    colour: tuple[float, float, float]
    ambient: tuple[float, float, float]
    softness: float
    sure: float
    centre: tuple[float, float]
    size: tuple[float, float]

    def direction(self) -> NDArray[np.float64]:
        """(3,) towards the light: x right, y up, z towards the lens."""
        return toward(self.azimuth, self.elevation)

    def mirrored(self) -> "KeyLight":
        """The same light where the picture is shown the other way round."""
        return replace(self, azimuth=-self.azimuth, centre=(1 - self.centre[0], self.centre[1]))

    def to_dict(self) -> dict[str, Any]:
        """Integers only: degrees as they are, the rest in thousandths."""
        return {
            "azimuth": round(self.azimuth), "elevation": round(self.elevation),
            "colour_milli": [round(1000 * value) for value in self.colour],
            "ambient_milli": [round(1000 * value) for value in self.ambient],
            "softness_milli": round(1000 * self.softness), "sure_milli": round(1000 * self.sure),
            "believed": int(self.sure >= SURE),
            "centre_milli": [round(1000 * value) for value in self.centre],
            "size_milli": [round(1000 * value) for value in self.size],
        }  # fmt: skip


def toward(azimuth: float | NDArray[np.integer], elevation: float) -> NDArray[np.float64]:
    """(3,) the unit vector of an azimuth and an elevation in degrees, as KeyLight says them; (3, n) of n azimuths."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(a) * np.cos(e), np.sin(e) + 0 * a, np.cos(a) * np.cos(e)])


def key_light(picture: Picture, alpha: Plane) -> KeyLight | None:
    """The light on the actor of `picture` (H, W, 3), linear, under `alpha` (H, W) 0..1; None where no face is seen."""
    scale = SMALL / max(alpha.shape)
    size = (max(8, round(alpha.shape[1] * scale)), max(8, round(alpha.shape[0] * scale)))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    matte = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    face = face_region(small, matte)
    if face is None:
        return None
    mask, (x, y), (half_wide, half_tall) = face
    if half_wide < LEAST_FACE:
        return None
    rows, columns = np.nonzero(mask)
    across = RIM_ACROSS * (columns + 0.5 - x) / half_wide
    up = -RIM_DOWN * (rows + 0.5 - y) / half_tall
    inside = across**2 + up**2 < 0.97
    across, up = across[inside], up[inside]
    normals = np.stack([across, up, np.sqrt(1 - across**2 - up**2)], 1)
    skin = small[rows[inside], columns[inside]].astype(np.float64)
    direction = _searched(normals, skin[:, 0] - SHINE * skin[:, 2])
    if direction is None:
        return None
    azimuth, elevation, sure = direction
    lit = np.clip(normals @ toward(azimuth, elevation), 0, None)
    colour, ambient = _shares(lit, skin)
    both = max(1e-6, float((colour + ambient) @ LUMA))
    height, width = mask.shape
    return KeyLight(
        azimuth, elevation, _three(colour / both), _three(ambient / both), float(ambient @ LUMA) / both, sure,
        (float(x) / width, float(y) / height), (2 * float(half_wide) / width, 2 * float(half_tall) / height),
    )  # fmt: skip


def face_region(
    picture: Picture, alpha: Plane
) -> tuple[NDArray[np.bool_], tuple[float, float], tuple[float, float]] | None:
    """(mask (h, w), middle (x, y) px, half width and height px) of the largest patch of skin; None without one.

    picture (h, w, 3) linear. Skin is told by its colour alone, after the picture is brought to a middle brightness: so
    neither its lightness nor the light's strength matters (chroma range after Chai and Ngan 1999, widened).
    """
    solid = alpha > 0.9
    if solid.sum() < LEAST_SKIN:
        return None
    light = picture @ LUMA
    middle_light = max(1e-4, float(np.median(light[solid])))
    for lamp in LAMPS:
        skin = solid & _skin_coloured(picture * (np.array(lamp, np.float32) * np.float32(0.18 / middle_light)))
        if skin.sum() >= LEAST_SKIN:
            break
    else:
        return None
    # Skin in shadow comes back by the oval; dark hair, which has the colour of skin, must not come in.
    skin &= light > 0.3 * float(np.percentile(light[skin], 90))
    clean = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    clean = cv2.morphologyEx(clean, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clean)
    if count < 2:
        return None
    # A face is large, high up, and not much wider than tall; hands and a bare arm lose.
    areas = stats[1:, cv2.CC_STAT_AREA].astype(np.float64)
    tops = stats[1:, cv2.CC_STAT_TOP] / alpha.shape[0]
    best = 1 + int(np.argmax(areas * np.clip(1.4 - tops, 0.1, 1)))
    if stats[best, cv2.CC_STAT_AREA] < LEAST_SKIN:
        return None
    found = labels == best
    left, wide = float(stats[best, cv2.CC_STAT_LEFT]), float(stats[best, cv2.CC_STAT_WIDTH])
    top, tall = float(stats[best, cv2.CC_STAT_TOP]), float(min(stats[best, cv2.CC_STAT_HEIGHT], 1.4 * wide))
    # The side in shadow may be too dark to look like skin, but the matte knows where the head ends: its middle is the
    # face's, and the lit side says how far the face goes.
    rows = np.arange(int(top + 0.2 * tall), max(int(top + 0.2 * tall) + 1, int(top + 0.7 * tall)))
    edges = [np.flatnonzero(solid[row])[[0, -1]] for row in rows if solid[row].any()]
    middle, matte_half = left + wide / 2, 0.0
    if edges:
        middle = float(np.median([(one + other + 1) / 2 for one, other in edges]))
        matte_half = float(np.median([(other + 1 - one) / 2 for one, other in edges]))
    middle = float(np.clip(middle, left - 0.1 * wide, left + 1.1 * wide))
    half_wide = max(middle - left, left + wide - middle, NARROWEST * matte_half, 2.0)
    # Hair hides the brow but not how tall the head is: the matte above the face tells where the skull ends.
    columns = slice(int(middle - 0.25 * half_wide), int(middle + 0.25 * half_wide) + 1)
    over = solid[: int(top) + 1, columns].mean(axis=1) > 0.5
    bare = np.flatnonzero(~over)
    crown = max(float(bare[-1] + 1) if len(bare) else 0.0, top - 0.6 * half_wide)
    half_tall = TALL * half_wide
    centre = crown + 0.06 * (top - crown) + half_tall
    y, x = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]]
    away = np.hypot((x + 0.5 - middle) / half_wide, (y + 0.5 - centre) / half_tall)
    # Well inside the oval everything is face, however dark; towards its rim only what looks like skin.
    mask = solid & (((away < INNER) & (y > top)) | (found & (away < 1)))
    return mask, (middle, centre), (half_wide, half_tall)


def _skin_coloured(linear: Picture) -> NDArray[np.bool_]:
    coded = (np.clip(encode_srgb(np.clip(linear, 0, 1)), 0, 1) * 255).astype(np.uint8)
    red, blue = (cv2.cvtColor(coded, cv2.COLOR_RGB2YCrCb)[..., k].astype(np.int16) for k in (1, 2))
    return np.asarray((red > 136) & (red < 172) & (blue < 126) & (blue > 76) & (red - blue > 14))


def _searched(normals: NDArray[np.float64], light: NDArray[np.float64]) -> tuple[float, float, float] | None:
    """(azimuth, elevation, share explained): the direction whose shading fits best; None where too little is seen.

    Brows, lips and shine are left out by taking the middle of what each patch of the oval shows.
    """
    cells: dict[tuple[int, int], list[int]] = {}
    for at, (a, b) in enumerate(np.floor(normals[:, :2] * 8).astype(int)):
        cells.setdefault((int(a), int(b)), []).append(at)
    patches = [at for at in cells.values() if len(at) >= 4]
    if len(patches) < LEAST_PATCHES:
        return None
    n = np.array([normals[at].mean(0) for at in patches])
    n /= np.linalg.norm(n, axis=1, keepdims=True)
    seen = np.array([np.median(light[at]) for at in patches])
    weight = np.sqrt(np.array([len(at) for at in patches], np.float64))
    weight /= weight.sum()
    best = (np.inf, 0.0, 0.0)
    spread = float((weight * (seen - float((weight * seen).sum())) ** 2).sum())
    for elevation in range(-30, 81, STEP):
        around = np.arange(-180, 180, STEP)
        rays = toward(around, elevation)
        lit = np.clip(n @ rays, 0, None)
        mean, own = weight @ lit, float(weight @ seen)
        cov = (weight * (seen - own)) @ (lit - mean)
        var = np.maximum(weight @ (lit - mean) ** 2, 1e-9)
        slope = np.maximum(cov / var, 0)
        base = own - slope * mean
        slope = np.where(base < 0, np.maximum((weight * seen) @ lit / np.maximum(weight @ lit**2, 1e-9), 0), slope)
        base = np.maximum(base, 0)
        miss = (weight[:, None] * (seen[:, None] - base - slope * lit) ** 2).sum(0)
        # A light from behind that grazes the rim explains a gradient as well as one from the side: prefer the nearer.
        miss = miss + 0.02 * spread * (np.abs(around) > 110)
        at = int(np.argmin(miss))
        if miss[at] < best[0]:
            best = (float(miss[at]), float(around[at]), float(elevation))
    return best[1], best[2], float(np.clip(1 - best[0] / max(spread, 1e-12), 0, 1))


def _shares(lit: NDArray[np.float64], skin: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """((3,), (3,)) how much of each channel comes with the key, how much without; both as light on the same skin."""
    design = np.stack([lit, np.ones_like(lit)], 1)
    fit, *_ = np.linalg.lstsq(design, skin, rcond=None)
    key, ambient = np.maximum(fit[0], 0), np.maximum(fit[1], 0)
    # What the skin itself is coloured is taken out by the mean of both: their difference is the light's.
    albedo = np.maximum(skin.mean(0), 1e-6)
    albedo /= float(albedo @ LUMA)
    half = np.sqrt(albedo)  # half of what is found is taken for the skin's own, as in the colour match
    return key / half, ambient / half


def _three(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


@dataclass(frozen=True)
class SceneLight:
    """Where a background's brightest part lies. aside: degrees right of the middle, as seen from the lens; colour (3,):
    linear, of the light in the whole picture, luminance 1; contrast: how many times brighter than the middle tone."""

    aside: float
    colour: tuple[float, float, float]
    contrast: float

    def mirrored(self) -> "SceneLight":
        """The same where the picture is shown the other way round."""
        return replace(self, aside=-self.aside)

    def to_dict(self) -> dict[str, Any]:
        """Whole numbers: aside in degrees, the rest in thousandths."""
        return {
            "aside": round(self.aside), "light_milli": [round(1000 * value) for value in self.colour],
            "contrast_milli": round(1000 * self.contrast), "even": int(self.contrast < EVEN),
        }  # fmt: skip


def scene_light(picture: Picture) -> SceneLight:
    """The light of a background (H, W, 3), linear: what is brightest in it lights whoever stands before it."""
    scale = SMALL / max(picture.shape[:2])
    size = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    small = np.clip(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), 0, 4).astype(np.float64)
    light = small @ LUMA
    bright = light >= np.quantile(light, 0.97)
    across = float(np.average(np.nonzero(bright)[1] + 0.5, weights=light[bright] + 1e-6)) - size[0] / 2
    mean = small.reshape(-1, 3).mean(0) + small[bright].mean(0) * 0.25
    colour = mean / max(1e-6, float(mean @ LUMA))
    contrast = float(light[bright].mean() / max(1e-3, float(np.median(light))))
    # As wide as a lens of 36 mm on film 36 mm tall sees; a lamp at the frame's edge lights from further aside than it
    # is seen, so the angle is doubled.
    return SceneLight(float(2 * np.degrees(np.arctan(across / size[1]))), _three(colour), contrast)


def compared(
    actor: KeyLight,
    scene: SceneLight,
    gains: NDArray[np.floating] | None = None,
    scene_gains: NDArray[np.floating] | None = None,
) -> dict[str, Any]:
    """Whole numbers: apart (degrees between the sides their lights come from, before and behind alike), colour_milli
    (dE, CIE 1976, between middle grey in either light), even (1: the background has no brightest side), and
    what `SceneLight.to_dict` says. gains, scene_gains (3,): what grade and match make of either's colour."""
    side = side_of(actor.azimuth, actor.elevation)
    own = np.array(actor.colour) + np.array(actor.ambient)
    own = own if gains is None else own * gains
    there = np.array(scene.colour) if scene_gains is None else np.array(scene.colour) * scene_gains
    return {
        "apart": round(abs(side - scene.aside)),
        "colour_milli": round(1000 * float(np.linalg.norm(_lab(own) - _lab(there)))),
    } | scene.to_dict()


def side_of(azimuth: float, elevation: float) -> float:
    """Degrees right (or, negative, left) of the lens that a light comes from, whether from before or from behind."""
    return float(np.degrees(np.arcsin(np.clip(toward(azimuth, elevation)[0], -1, 1))))


def _lab(light: NDArray[np.float64]) -> NDArray[np.float32]:
    """(3,) CIELAB of middle grey under a light of luminance 1."""
    grey = np.clip(0.18 * light / max(1e-6, float(light @ LUMA)), 0, 1).astype(np.float32)
    coded = np.asarray(encode_srgb(grey), np.float32).reshape(1, 1, 3)
    return np.asarray(cv2.cvtColor(coded, cv2.COLOR_RGB2Lab), np.float32)[0, 0]
