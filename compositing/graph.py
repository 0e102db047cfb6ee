"""A recipe made ready to be rendered: sources opened, screens studied, then any frame on any thread.

Nodes are cached by digest (operation, version, parameters, inputs): a tweak of one parameter makes only what hangs on it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from compositing.cache import Cache, node_digest
from compositing.colour import Picture, Plane, code8, encode_srgb, linear_from_coded
from compositing.errors import Refused
from compositing.io.pictures import read_picture
from compositing.keying.keyer import VERSION as KEYER_VERSION
from compositing.keying.keyer import Keyed, Keyer
from compositing.layer import defocus, over, placed, resize
from compositing.match import add_grain, grain_tile, light_wrap, match_gains
from compositing.parameters import MATCH, all_values
from compositing.recipe import VIEWS, LayerRecipe, Recipe
from compositing.sources import Source

VERSION = 1  # raise it when anything here changes pixels
GREY = np.float32(0.18)
FIT_KEYS = ("screen_hue_milli",)  # key parameters that the study of the screen depends on


@dataclass
class Frame:
    """One frame, linear. comp (H, W, 3); actor (H, W, 4) premultiplied, all keyed layers over each other; plate (H, W, 3)
    the topmost keyed layer's source as shot; band: part of the picture that was half clear."""

    comp: Picture
    actor: Picture
    plate: Picture
    band: float

    @property
    def alpha(self) -> Plane:
        return np.ascontiguousarray(self.actor[..., 3])

    def view(self, name: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """(H, W, 3) 8-bit sRGB of one of VIEWS. The matte is shown as it is, 0..255, not light. Raises Refused."""
        if name == "comp":
            return code8(self.comp)
        if name == "matte":
            grey = np.round(np.clip(self.actor[..., 3], 0, 1) * 255).astype(np.uint8)
            return np.repeat(grey[..., None], 3, axis=2)
        if name == "foreground":
            return code8(self.actor[..., :3] + (1 - self.actor[..., 3:]) * GREY)
        if name == "plate":
            return code8(self.plate)
        if name == "difference":
            return np.asarray(np.abs(code8(self.comp).astype(np.int16) - code8(self.plate)), np.uint8)
        raise Refused(f"There is no view {name!r}; there are {', '.join(VIEWS)}.")


class Prepared:
    """One layer, its source opened and, where it is keyed, its screen studied."""

    def __init__(self, layer: LayerRecipe, paths: Mapping[str, str], recipe: Recipe, size: tuple[int, int], cache: Cache):
        self.layer = layer
        self.cache = cache
        self.source = Source(layer, _path(paths, layer.source), *size, Fraction(recipe.fps_num, recipe.fps_den))
        self.keyer: Keyer | None = None
        self.digest = node_digest(
            "layer", VERSION, layer.source, layer.fit, layer.centre_milli, list(size), recipe.fps_num, recipe.fps_den
        )
        if self.source.keyed:
            fit = {name: (layer.key or {}).get(name) for name in FIT_KEYS}
            used = self.source.used(recipe.frame_count)
            studied = node_digest("study", KEYER_VERSION, self.digest, layer.clean_plate, fit, list(used))
            study: Keyer = cache.get(studied, lambda: self._study(paths, recipe.frame_count))
            self.keyer = study.with_values(layer.key)

    def _study(self, paths: Mapping[str, str], frame_count: int) -> Keyer:
        plate = None
        if self.layer.clean_plate is not None:
            coded = read_picture(_path(paths, self.layer.clean_plate))
            plate = resize(linear_from_coded(np.ascontiguousarray(coded[..., :3])), *self.source.work_size)
        return Keyer(self.source.samples(frame_count), self.layer.key, plate)

    def linear(self, raw: Any) -> Picture:
        return self.source.linear(raw)

    def key(self, linear: Picture) -> Keyed | None:
        return None if self.keyer is None else self.keyer.key(linear)


class Comp:
    """A recipe with its sources, ready.

    paths: artefact sha256 -> file. width: work at this width instead of the recipe's (previews). Raises Refused for a
    source that is missing or no picture or film, and no_screen.
    """

    def __init__(
        self, recipe: Recipe, paths: Mapping[str, str], width: int | None = None, cache: Cache | None = None
    ) -> None:
        self.recipe = recipe
        self.cache = cache or Cache(256 << 20)
        self.width, self.height = recipe.width, recipe.height
        if width and width < recipe.width:
            self.width = max(16, width - width % 2)
            self.height = max(16, round(recipe.height * self.width / recipe.width / 2) * 2)
        self.match = all_values(MATCH, recipe.match)
        size = (self.width, self.height)
        self.layers = [Prepared(layer, paths, recipe, size, self.cache) for layer in recipe.layers]
        self.tile = grain_tile()
        self.grain = self._grain()
        self.gains = self._gains()

    # -- frames ------------------------------------------------------------------------------------------------------
    def raw(self, start: int, stop: int) -> Iterator[list[Any]]:
        """Each layer's undecoded-to-light frame, for frames start to before stop. Read in order, on one thread."""
        yield from map(list, zip(*(layer.source.raw(start, stop) for layer in self.layers), strict=True))

    def raw_at(self, frame: int) -> list[Any]:
        """The same for one frame, from the cache where it was read before."""
        return [
            self.cache.get(
                node_digest("raw", VERSION, layer.digest, layer.source.place(frame)),
                lambda layer=layer: next(layer.source.raw(frame, frame + 1)),  # type: ignore[misc]
            )
            for layer in self.layers
        ]

    def frame(self, index: int, raws: list[Any]) -> Frame:
        """Composite frame `index` from its layers' raws. Pure: any order, any thread, the same numbers."""
        shape = (self.height, self.width)
        comp = np.full((*shape, 3), GREY, np.float32)
        actor = np.zeros((*shape, 4), np.float32)
        plate: Picture | None = None
        behind = comp
        band = 0.0
        for layer, raw in zip(self.layers, raws, strict=True):
            if raw is None:
                continue
            linear = layer.linear(raw)
            keyed = layer.key(linear)
            picture = layer.source.framed(linear if keyed is None else keyed.picture)
            if layer.layer.kind == "background":
                picture = self._behind(picture, layer, index)
            elif layer.layer.kind == "actor":
                picture = self._matched(picture, layer)
            picture = placed(picture, layer.layer.place)
            opacity = layer.layer.place.get("opacity_milli", 1000) / 1000
            if keyed is not None or layer.layer.kind == "actor":
                behind = comp
                actor = _over4(actor, picture, opacity)
                plate = layer.source.framed(linear)[..., :3]
                band = keyed.band if keyed is not None else band
                comp = over(comp, picture, opacity)
                comp = self._wrapped(comp, behind, picture)
            else:
                comp = over(comp, picture, opacity)
        return Frame(comp, actor, comp if plate is None else np.ascontiguousarray(plate), band)

    def still(self, index: int) -> Frame:
        """Frame `index` through the cache. Raises Refused where the recipe has no such frame."""
        if not 0 <= index < self.recipe.frame_count:
            raise Refused(f"The comp has frames 0 to {self.recipe.frame_count - 1}, so there is no frame {index}.")
        return self.frame(index, self.raw_at(index))

    def report(self) -> dict[str, Any]:
        """What was found in each keyed layer, plain JSON."""
        return {layer.layer.id: layer.keyer.report() for layer in self.layers if layer.keyer is not None}

    # -- taste -------------------------------------------------------------------------------------------------------
    def _px(self, name: str) -> float:
        return self.match[name] / 1000 * min(self.width, self.height) / 1080

    def _behind(self, picture: Picture, layer: Prepared, index: int) -> Picture:
        picture = defocus(picture, self._px("background_defocus_px_milli"))
        if self.grain > 0 and layer.source.still:
            grained = add_grain(np.ascontiguousarray(picture[..., :3]), self.tile, self.grain, index)
            picture = np.dstack([grained, picture[..., 3]])
        return picture

    def _matched(self, picture: Picture, layer: Prepared) -> Picture:
        gains = self.gains.get(layer.layer.id)
        if gains is None:
            return picture
        out = picture.copy()
        out[..., :3] *= gains
        return out

    def _wrapped(self, comp: Picture, behind: Picture, picture: Picture) -> Picture:
        return light_wrap(comp, behind, picture[..., 3], self.match["wrap_milli"] / 1000, self._px("wrap_px_milli"))

    def _grain(self) -> float:
        """The actor's own noise, as measured on the screen, times the recipe's wish."""
        noise = [layer.keyer.plate.noise for layer in self.layers if layer.keyer is not None]
        return 0.0 if not noise else self.match["grain_milli"] / 1000 * min(0.02, 0.18 * max(noise))

    def _gains(self) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
        """Each actor's gains towards the background, found once for the whole clip so that nothing pumps."""
        colour, exposure = self.match["colour_milli"] / 1000, self.match["exposure_match_milli"] / 1000
        if colour == 0 and exposure == 0:
            return {}
        grounds = [layer for layer in self.layers if layer.layer.kind == "background"]
        if not grounds:
            return {}
        middle = self.recipe.frame_count // 2
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
        digest = node_digest("judged", VERSION, layer.digest, index, dict(layer.layer.key or {}), layer.layer.frame_offset)
        return self.cache.get(digest, lambda: self._judged(layer, index))  # type: ignore[no-any-return]

    def _judged(self, layer: Prepared, index: int) -> Picture | None:
        raw = next(layer.source.raw(index, index + 1))
        if raw is None:
            return None
        linear = layer.linear(raw)
        keyed = layer.key(linear)
        picture = layer.source.framed(linear if keyed is None else keyed.picture)
        return resize(picture, max(16, self.width // 6), max(16, self.height // 6))


def _over4(base: Picture, top: Picture, opacity: float) -> Picture:
    keep = 1 - top[..., 3:] * np.float32(opacity)
    return np.asarray(top * np.float32(opacity) + keep * base, np.float32)


def _path(paths: Mapping[str, str], sha: str) -> Path:
    if sha not in paths:
        raise Refused(f"The recipe's source {sha[:12]} was not given.", code="missing_source", sha256=sha)
    return Path(paths[sha])


def straight(picture: Picture) -> Picture:
    """(H, W, 4) straight sRGB-coded float from linear premultiplied: what PNG files of a foreground hold."""
    alpha = picture[..., 3:]
    colour = picture[..., :3] / np.maximum(alpha, 1e-4)
    return np.dstack([encode_srgb(colour), np.clip(alpha, 0, 1)]).astype(np.float32)

