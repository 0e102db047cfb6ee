"""What a take shows besides its key, measured once per clip on its sampled frames: a shadow, the lens's blur, grain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from compositing.camera import edge_blur, grain_of, grain_of_root, perceptual
from compositing.colour import Picture, Plane
from compositing.devices import each
from compositing.keying.cloth import lows_of, shrink
from compositing.keying.keyer import Keyer, Matted
from compositing.layer import placed
from compositing.light import KeyLight, key_light
from compositing.matting.person import PersonKeyer
from compositing.shadow import SLIGHT, shadow_found, shadow_ratio, standing_shadow

VERSION = 6  # raise it when anything here changes numbers
SHADOW_FRAMES = 5
# What "match amount" multiplies; the widths and the fine detail of the key stay as they are.
WEIGHED = (
    "colour_milli", "exposure_match_milli", "key_match_milli", "wrap_milli", "grain_milli", "sharpness_milli",
    "shadow_milli",
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """What one clip shows. shadow: whether the screen shows a real one; standing (h, w): the part of it that the clean
    plate holds. blur: sigma in px, at the work size, of the actor's sharpest edges, None where they tell nothing.
    grain: deviation at middle grey, linear. light: on the actor's face, None where none is seen."""

    shadow: bool = False
    blur: float | None = None
    grain: float = 0.0
    standing: Plane | None = None
    light: KeyLight | None = None


def look_of(keyer: Keyer | PersonKeyer, samples: Sequence[Picture]) -> Look:
    """Judge a clip by its samples, (H, W, 3) linear at the work size, and by its automatic key."""
    middle = samples[len(samples) // 2]
    height, width = middle.shape[:2]
    if isinstance(keyer, PersonKeyer):
        alpha = keyer.with_values(None).matted(middle).alpha
        return Look(False, edge_blur(perceptual(middle), alpha), grain_of(middle), light=key_light(middle, alpha))
    automatic = keyer.with_values(None)
    places = sorted(
        set(np.linspace(0, len(samples) - 1, min(SHADOW_FRAMES, len(samples))).round().astype(int).tolist())
    )
    centre = len(samples) // 2

    def seen(low: Picture) -> tuple[Plane, Plane]:
        maps = automatic.maps_of(low)
        alpha = automatic.matte(low, maps)
        return shadow_ratio(low, maps[..., :3], alpha), alpha

    lows = lows_of(samples, keyer.low)
    looked = each(seen, [lows[place] for place in places])
    ratios, alphas = [ratio for ratio, _ in looked], [alpha for _, alpha in looked]
    standing = standing_shadow(keyer.plate.picture, alphas)
    low_alpha = alphas[places.index(centre)] if centre in places else seen(lows[centre])[1]
    alpha = np.asarray(cv2.resize(low_alpha, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    root = perceptual(middle)
    blur, grain, light = each(
        lambda measure: measure(),
        (
            lambda: edge_blur(root, (alpha > 0.02).astype(np.float32)),
            lambda: grain_of_root(root, (alpha < 0.002).astype(np.float32)),
            lambda: key_light(lows[centre], low_alpha),
        ),
    )
    return Look(
        shadow_found([ratio * standing for ratio in ratios], alphas), blur, grain,
        standing if float(standing.min()) < 1 - SLIGHT and not keyer.plate.captured else None, light,
    )  # fmt: skip


def shadow_of(look: Look, matted: Matted, low: tuple[int, int], place: Mapping[str, int], opacity: float) -> Plane:
    """(h, w) what part of the light stays behind a keyed frame that fills the frame, moved as its layer is."""
    alpha = np.asarray(cv2.resize(matted.alpha, low, interpolation=cv2.INTER_AREA), np.float32)
    ratio = shadow_ratio(shrink(matted.linear, low), np.ascontiguousarray(matted.maps[..., :3]), alpha)
    if look.standing is not None:
        ratio = ratio * look.standing
    depth = ((1 - ratio) * np.float32(opacity)).astype(np.float32)
    moves = {name: value for name, value in place.items() if name in ("flip", "scale_milli", "x_milli", "y_milli")}
    if moves:  # moved as light that is lacking, so that none is lacking beyond the layer's edge
        depth = placed(np.dstack([depth, depth, depth, np.ones_like(depth)]), moves)[..., 0]
    return np.asarray(1 - depth, np.float32)


def weighed(values: Mapping[str, int], shadow: bool) -> dict[str, int]:
    """The match values as they come to act: times the amount of match, the shadow left out where there is none."""
    amount = values["match_milli"] / 1000
    acting = {name: round(value * amount) if name in WEIGHED else value for name, value in values.items()}
    acting["match_milli"] = 0  # it has acted
    for name in ("colour_milli", "exposure_match_milli", "key_match_milli", "wrap_milli", "sharpness_milli"):
        acting[name] = min(acting[name], 1000)
    if not shadow:
        acting["shadow_milli"] = 0
    return acting
