"""What a comp's layers tell about each other, found once for the whole clip: cameras, light, what is lent and leant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from compositing.cache import Cache, node_digest
from compositing.camera import edge_blur, grain_of_root, missing_blur, missing_grain, perceptual
from compositing.colour import Picture
from compositing.horizon import VERSION as HORIZON_VERSION
from compositing.horizon import horizon_of
from compositing.layer import gains_of, placed_point, resize
from compositing.light import SceneLight, compared, scene_light
from compositing.look import VERSION as LOOK_VERSION
from compositing.match import key_gains, match_gains
from compositing.prepared import VERSION, Prepared

LEAST_BLUR, MOST_BLUR = 0.35, 3.0  # px: less is not seen, more is not the lens
MOST_GRAIN = 0.02  # at middle grey
ONE_LIGHT_MILLI = 4500  # dE: two lights nearer than this are seen as one; from 6000 on they are warned of
LEAN_STEP = 50

Gains = np.ndarray[Any, np.dtype[np.float32]]


class Findings:
    """Of the layers of a comp of width x height and frame_count frames. match: its settings, all of them.

    soften: sigma in px, grain: deviation at middle grey that the background is lent; gains: (3,) by each actor's id,
    plain: the same without the light match.
    """

    def __init__(
        self,
        layers: Sequence[Prepared],
        match: Mapping[str, int],
        size: tuple[int, int],
        frame_count: int,
        cache: Cache,
    ) -> None:
        self.layers, self.match, self.frame_count, self.cache = layers, match, frame_count, cache
        self.width, self.height = size
        self.soften, self.grain = self._camera()
        self.plain = self._gains()
        amount = self.match["key_match_milli"] / 1000
        self.gains = dict(self.plain)
        for layer in self.layers if amount > 0 else ():
            if layer.layer.kind == "actor":
                own = self.plain.get(layer.layer.id, np.ones(3, np.float32))
                self.gains[layer.layer.id] = np.asarray(own * self._key(layer, amount), np.float32)

    def px(self, name: str) -> float:
        """A setting in pixels of a frame 1080 wide, in this one's."""
        return self.match[name] / 1000 * min(self.width, self.height) / 1080

    def report(self) -> dict[str, Any]:
        """What was found in each keyed layer, plain JSON."""
        keyed = [layer for layer in self.layers if layer.keyer is not None]
        return {layer.layer.id: layer.keyer.report() | self._light(layer) for layer in keyed if layer.keyer is not None}

    def _camera(self) -> tuple[float, float]:
        """(sigma in px, deviation at middle grey): the blur and the grain that the background lacks beside the actor's
        film, times the recipe's wish. Found once for the whole clip."""
        sharpness, grain = self.match["sharpness_milli"] / 1000, self.match["grain_milli"] / 1000
        actors = [layer for layer in self.layers if layer.keyer is not None]
        grounds = [layer for layer in self.layers if layer.layer.kind == "background" and not layer.acts]
        if not actors or not grounds or (sharpness <= 0 and grain <= 0):
            return 0.0, 0.0
        blur, own = self._camera_of_ground(grounds[-1])
        soften = missing_blur(actors[-1].blur, blur, sharpness)
        if soften < LEAST_BLUR or self.px("background_defocus_px_milli") > soften:
            soften = 0.0
        return min(soften, MOST_BLUR), grain * min(MOST_GRAIN, missing_grain(actors[-1].look.grain, own))

    def _light(self, layer: Prepared) -> dict[str, Any]:
        """{"light": {"actor", "background"}, "camera"}: the light on a face as it stands in the frame, how far the
        background's is from it, graded and matched as both are here; and what either camera left in its picture."""
        own, place = layer.look.light, layer.layer.place
        told: dict[str, Any] = {"camera": self._cameras(layer)}
        if own is None:
            return told
        x, y = own.centre
        (left, top), (right, bottom) = layer.source.in_frame(
            [(x - own.size[0] / 2, y - own.size[1] / 2), (x + own.size[0] / 2, y + own.size[1] / 2)]
        )
        scale = place.get("scale_milli", 1000) / 1000
        own = replace(
            own.mirrored() if place.get("flip") else own,
            centre=placed_point(((left + right) / 2, (top + bottom) / 2), place),
            size=((right - left) * scale, (bottom - top) * scale),
        )
        told["light"] = {"actor": own.to_dict()}
        ground = self._ground
        if ground is not None:
            found = self._of_ground("light", ground)
            if found is not None:
                gains = self.gains.get(layer.layer.id, np.ones(3, np.float32)) * _grade_of(place)
                there = ground.layer.place
                found = found.mirrored() if there.get("flip") else found
                told["light"]["background"] = compared(own, found, gains, _grade_of(there)) | {
                    "lean_milli": self._lean(layer, found)
                }
        return told

    def _lean(self, layer: Prepared, found: SceneLight) -> int:
        """The least light match at which the actor's light and the background's are seen as one; the whole where that
        takes more."""
        own, there = layer.look.light, _grade_of(ground.layer.place) if (ground := self._ground) else None
        plain = self.plain.get(layer.layer.id, np.ones(3, np.float32)) * _grade_of(layer.layer.place)
        for amount in range(0, 1000, LEAN_STEP):
            gains = plain * self._key(layer, amount / 1000)
            if own is None or compared(own, found, gains, there)["colour_milli"] <= ONE_LIGHT_MILLI:
                return amount
        return 1000

    def _key(self, layer: Prepared, amount: float) -> Gains:
        """(3,) the light match of one actor: towards the background's light, from what its face stands in by now."""
        own, ground = layer.look.light, self._ground
        found = None if ground is None or own is None or amount <= 0 else self._of_ground("light", ground)
        if own is None or ground is None or found is None:
            return np.ones(3, np.float32)
        plain = self.plain.get(layer.layer.id, np.ones(3, np.float32)) * _grade_of(layer.layer.place)
        lit = (np.array(own.colour) + np.array(own.ambient)) * plain
        return key_gains(lit, np.array(found.colour) * _grade_of(ground.layer.place), amount)

    def _cameras(self, layer: Prepared) -> dict[str, int]:
        """Whole numbers: blur of the sharpest edges (`*_blur_px_milli`, of a frame 1080 wide) and grain at middle grey
        (`*_grain_ppm`) of the actor and of the background, what the background is lent of both, and its horizon as its
        lines show it (of the unmoved background, 0 top .. 1000). What tells nothing is left out."""
        grown = 1080 / min(self.width, self.height)
        told: dict[str, float | None] = {"actor_grain_ppm": 1e6 * layer.look.grain}
        told["actor_blur_px_milli"] = None if layer.blur is None else 1000 * layer.blur * grown
        ground = self._ground
        if ground is not None:
            blur, grain = self._camera_of_ground(ground)
            told["ground_blur_px_milli"] = None if blur is None else 1000 * blur * grown
            told |= {"ground_grain_ppm": 1e6 * grain, "lent_grain_ppm": 1e6 * self.grain}
            told["lent_blur_px_milli"] = 1000 * self.soften * grown
            horizon = self._of_ground("horizon", ground)
            if horizon is not None:
                told |= {"horizon_milli": 1000 * horizon[0], "horizon_sure_milli": 1000 * horizon[1]}
        return {name: round(value) for name, value in told.items() if value is not None}

    @property
    def _ground(self) -> Prepared | None:
        """The background nearest to the actor that takes no light itself."""
        grounds = [layer for layer in self.layers if layer.layer.kind == "background" and not layer.acts]
        return grounds[-1] if grounds else None

    def _of_ground(self, what: str, ground: Prepared) -> Any:
        """One of MEASURES of the background's middle frame, (H, W, 3) at the frame's size, from the cache where it was
        looked at before; None where it shows nothing."""
        middle = self.frame_count // 2
        digest = node_digest("ground found", LOOK_VERSION, HORIZON_VERSION, ground.digest, ground.source.place(middle))

        def made() -> Any:
            raw = ground.raw_at(middle)
            if raw is None:
                return None
            linear = ground.linear(raw)
            if linear.shape != (self.height, self.width, 3):
                linear = np.ascontiguousarray(ground.source.framed(linear)[..., :3])
            return {name: measure(linear) for name, measure in MEASURES.items()}

        found = self.cache.get(digest, made)
        return None if found is None else found[what]

    def _camera_of_ground(self, ground: Prepared) -> tuple[float | None, float]:
        return self._of_ground("camera", ground) or (None, 0.0)

    def _gains(self) -> dict[str, Gains]:
        """Each actor's gains towards the background, found once for the whole clip so that nothing pumps."""
        colour, exposure = self.match["colour_milli"] / 1000, self.match["exposure_match_milli"] / 1000
        if colour == 0 and exposure == 0:
            return {}
        grounds = [layer for layer in self.layers if layer.layer.kind == "background"]
        if not grounds:
            return {}
        middle = self.frame_count // 2
        ground = self._once(grounds[-1], middle)
        gains = {}
        for layer in self.layers:
            if layer.layer.kind != "actor" or ground is None:
                continue
            own = self._once(layer, middle)
            if own is not None:
                gains[layer.layer.id] = match_gains(own, np.ascontiguousarray(ground[..., :3]), colour, exposure)
        return gains

    def _once(self, layer: Prepared, index: int) -> Picture | None:
        """The layer's picture at `index`, small: enough to judge its light by."""
        # By the automatic key: the light an actor stands in does not hang on how the key is tuned, and nothing pumps
        # while it is.
        digest = node_digest("judged", VERSION, layer.studied, index, layer.layer.frame_offset, layer.layer.extend)
        return self.cache.get(digest, lambda: self._judged(layer, index))  # type: ignore[no-any-return]

    def _judged(self, layer: Prepared, index: int) -> Picture | None:
        raw = layer.raw_at(index)
        if raw is None:
            return None
        linear = layer.linear(raw)
        keyed = None if layer.keyer is None else layer.keyer.with_values(None).key(linear)
        picture = layer.source.framed(linear if keyed is None else keyed.picture)
        return resize(picture, max(16, self.width // 6), max(16, self.height // 6))


def _light_of(picture: Picture) -> Any:
    return scene_light(picture)


def _camera_of(picture: Picture) -> tuple[float | None, float]:
    root = perceptual(picture)
    return edge_blur(root), grain_of_root(root)


MEASURES: dict[str, Callable[[Picture], Any]] = {"light": _light_of, "camera": _camera_of, "horizon": horizon_of}


def _grade_of(place: Mapping[str, int]) -> Gains:
    """(3,) what a layer's grade does to the colour of its light."""
    return gains_of(0, place.get("temperature_milli", 0), place.get("tint_milli", 0))
