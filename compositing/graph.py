"""A recipe made ready to be rendered: sources opened, screens studied, then any frame on any thread.

Nodes are cached by digest (operation, version, parameters, inputs): a tweak makes only what hangs on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import cv2
import numpy as np

from compositing.cache import Cache, node_digest
from compositing.cast import Cast, emitted, on_actor, on_ground
from compositing.colour import Picture
from compositing.errors import Refused
from compositing.findings import Findings
from compositing.frame import Frame
from compositing.keying.keyer import Keyer
from compositing.layer import defocus, multiplied, opaque, over, placed
from compositing.look import weighed
from compositing.match import add_grain, grain_tile, light_wrap, wrap_map
from compositing.parameters import MATCH, all_values
from compositing.prepared import VERSION, Prepared
from compositing.recipe import Recipe
from compositing.shadow import cast_shadow
from compositing.sources import Readings

__all__ = ["GREY", "VERSION", "Comp", "Frame", "Prepared"]

GREY = np.float32(0.18)

# One frame as `Comp.keyed` leaves it: an actor layer's Shot, any other layer's raw, None where a layer shows nothing.
Staged = list[Any]


class Comp:
    """A recipe with its sources, ready.

    paths: artefact sha256 -> file. width: work at this width instead of the recipe's (previews). readings: films kept
    open from one still to the next. Raises Refused for a source that is missing or no picture or film, and no_screen.
    """

    def __init__(
        self,
        recipe: Recipe,
        paths: Mapping[str, str],
        width: int | None = None,
        cache: Cache | None = None,
        readings: Readings | None = None,
    ) -> None:
        self.recipe = recipe
        self.cache = cache or Cache(256 << 20)
        self.width, self.height = recipe.width, recipe.height
        if width and width < recipe.width:
            self.width = max(16, width - width % 2)
            self.height = max(16, round(recipe.height * self.width / recipe.width / 2) * 2)
        size = (self.width, self.height)
        self.layers = [Prepared(layer, paths, recipe, size, self.cache, readings) for layer in recipe.layers]
        self.match = weighed(all_values(MATCH, recipe.match), any(layer.look.shadow for layer in self.layers))
        self.reach = max((layer.reach for layer in self.layers), default=0)
        self.tile = grain_tile()
        self.findings = Findings(self.layers, self.match, size, recipe.frame_count, self.cache)
        self.soften, self.grain, self.gains = self.findings.soften, self.findings.grain, self.findings.gains
        self.px = self.findings.px

    @property
    def special(self) -> bool:
        """Whether this comp needs something that only `composed` does, so that `compositing.fused` must not make it.

        What the fused path takes from here: gains, grain, tile, light wrap, and the scenery as `_scenery` makes it.
        """
        unlike = any(layer.keyer is not None and not isinstance(layer.keyer, Keyer) for layer in self.layers)
        return unlike or self.match["additive_milli"] != 0 or self.match["shadow_milli"] != 0

    # -- frames ------------------------------------------------------------------------------------------------------
    def raw(self, start: int, stop: int) -> Iterator[list[Any]]:
        """Each layer's undecoded-to-light frame, for frames start to before stop. Read in order, on one thread."""
        yield from map(list, zip(*(layer.source.raw(start, stop) for layer in self.layers), strict=True))

    def raw_at(self, frame: int) -> list[Any]:
        """The same for one frame, from the cache where it was read before."""
        return [layer.raw_at(frame) for layer in self.layers]

    def keyed(self, index: int, raws: list[Any]) -> Staged:
        """Frame `index` up to its mattes, each by itself. Pure: any order, any thread, the same numbers."""
        return [
            layer.shot(raw, index) if raw is not None and layer.acts else raw
            for layer, raw in zip(self.layers, raws, strict=True)
        ]

    @property
    def at_once(self) -> int:
        """How many frames `keyed_many` likes to be given."""
        return min((layer.keyer.at_once for layer in self.layers if isinstance(layer.keyer, Keyer)), default=1)

    def keyed_many(self, indices: Sequence[int], raws: Sequence[list[Any]]) -> list[Staged]:
        """`keyed` of several frames."""
        layers = zip(self.layers, zip(*raws, strict=True), strict=True)
        return [list(staged) for staged in zip(*(layer.shots(raw, indices) for layer, raw in layers), strict=True)]

    def composed(self, index: int, near: Sequence[Staged], at: int) -> Frame:
        """Frame `index` from near[at] = keyed(index, ...) and its neighbours: `reach` before and after, as far as the
        recipe has them. Pure, and not recursive, so that a chunk gives the same numbers as the whole."""
        shape = (self.height, self.width)
        casts, giving = self._casts(near[at])
        comp: Picture | None = None
        actor: Picture | None = None
        shot: Callable[[], Picture] | None = None
        spill: Callable[[], Picture] | None = None
        band = 0.0
        for place, layer in enumerate(self.layers):
            part = near[at][place]
            if part is None:
                continue
            opacity = layer.layer.place.get("opacity_milli", 1000) / 1000
            if not layer.acts:
                picture = giving[place] if place in giving else self._scenery(layer, part)
                if layer.layer.kind == "background":
                    picture = on_ground(self._grained(picture, layer, index), casts)
                comp = _laid(comp, picture, opacity, layer.solid, shape)
                continue
            matted = layer.settled([staged[place] for staged in near], at)
            keyed = None if matted is None else layer.cut(matted, index, additive=self.match["additive_milli"] / 1000)
            picture = layer.source.framed(layer.unkeyed(part.linear, index) if keyed is None else keyed.picture)
            gains = self.gains.get(layer.layer.id)
            if gains is not None:
                picture = multiplied(picture, gains, in_place=keyed is not None)  # a keyed picture is ours alone
            picture = on_actor(placed(picture, layer.layer.place), casts)
            if comp is None:
                comp = np.full((*shape, 3), GREY, np.float32)
            if matted is not None and self.match["shadow_milli"] > 0:
                ratio = layer.shadow(matted, opacity)
                if ratio is not None:
                    comp = cast_shadow(comp, ratio, self.match["shadow_milli"] / 1000, in_place=True)
            amount = self.match["wrap_milli"] / 1000 * opacity
            wrap = wrap_map(comp, picture, self.px("wrap_px_milli")) if amount > 0 else None
            comp = over(comp, picture, opacity, in_place=True)  # every comp so far is this frame's alone
            if wrap is not None:
                comp = light_wrap(comp, picture, wrap, amount, in_place=True)
            actor = _over4(actor, picture, opacity)
            shot = partial(layer.source.framed, part.linear)
            spill = spill if matted is None else partial(layer.spill, matted, index)
            band = keyed.band if keyed is not None else band
        if comp is None:
            comp = np.full((*shape, 3), GREY, np.float32)
        if actor is None:
            actor = np.zeros((*shape, 4), np.float32)
        return Frame(comp, actor, band, shot if shot is not None else lambda: comp, spill)

    def still(self, index: int) -> Frame:
        """Frame `index` through the cache. Raises Refused where the recipe has no such frame."""
        if not 0 <= index < self.recipe.frame_count:
            raise Refused(f"The comp has frames 0 to {self.recipe.frame_count - 1}, so there is no frame {index}.")
        first, last = max(0, index - self.reach), min(self.recipe.frame_count, index + self.reach + 1)
        near = [[layer.staged_at(place) for layer in self.layers] for place in range(first, last)]
        return self.composed(index, near, index - first)

    def report(self) -> dict[str, Any]:
        """What was found in each keyed layer, plain JSON."""
        return self.findings.report()

    def _scenery(self, layer: Prepared, raw: Any) -> Picture:
        """A layer that is not keyed, (H, W, 4) at the frame's size. A picture's is made once for all frames."""

        def make() -> Picture:
            picture = layer.source.framed(layer.linear(raw))
            if layer.layer.kind == "background":
                picture = defocus(picture, self.px("background_defocus_px_milli"))
                if self.soften > 0:
                    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), self.soften), np.float32)
            return placed(picture, layer.layer.place)

        if not layer.source.still:
            return make()
        defocused = self.match["background_defocus_px_milli"]
        acting = [defocused, round(self.soften * 1000)]
        digest = node_digest("scenery", VERSION, layer.digest, layer.layer.kind, acting, dict(layer.layer.place))
        return self.cache.get(digest, make)  # type: ignore[no-any-return]

    def _casts(self, staged: Staged) -> tuple[list[Cast], dict[int, Picture]]:
        """The light that the frame's effects cast, and the pictures it was read from, by their place."""
        casts, giving = [], {}
        for place, (layer, part) in enumerate(zip(self.layers, staged, strict=True)):
            actor, ground = (layer.layer.place.get(name, 0) / 1000 for name in ("cast_milli", "cast_ground_milli"))
            if part is None or layer.acts or layer.layer.kind == "background" or (actor <= 0 and ground <= 0):
                continue
            giving[place] = self._scenery(layer, part)
            light = emitted(giving[place])
            if light is not None:
                opacity = layer.layer.place.get("opacity_milli", 1000) / 1000
                casts.append(Cast(light, actor * opacity, ground * opacity))
        return casts, giving

    def _grained(self, picture: Picture, layer: Prepared, index: int) -> Picture:
        if self.grain <= 0 or not layer.source.still:
            return picture
        grained = add_grain(np.ascontiguousarray(picture[..., :3]), self.tile, self.grain, index)
        return grained if layer.solid else np.dstack([grained, picture[..., 3]])


def _over4(base: Picture | None, top: Picture, opacity: float) -> Picture:
    if base is None:
        return top if opacity == 1 else top * np.float32(opacity)
    keep = 1 - top[..., 3:] * np.float32(opacity)
    return np.asarray(top * np.float32(opacity) + keep * base, np.float32)


def _laid(base: Picture | None, top: Picture, opacity: float, solid: bool, shape: tuple[int, int]) -> Picture:
    """`top` over `base` (or over grey), always a new picture; a solid layer simply replaces what is behind it."""
    if solid and opacity == 1:
        return np.array(top[..., :3], np.float32, order="C", copy=True)
    if top.shape[2] == 3:
        top = opaque(top)
    return over(base if base is not None else np.full((*shape, 3), GREY, np.float32), top, opacity)
