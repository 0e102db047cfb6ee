"""A recipe made ready to be rendered: sources opened, screens studied, then any frame on any thread.

Nodes are cached by digest (operation, version, parameters, inputs): a tweak makes only what hangs on it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from compositing.additive import detail_core, lost_detail, with_detail
from compositing.cache import Cache, node_digest
from compositing.camera import edge_blur, grain_of, missing_blur, missing_grain, perceptual
from compositing.cast import Cast, emitted, on_actor, on_ground
from compositing.colour import Picture, Plane, code8, encode_srgb, linear_from_coded
from compositing.errors import Refused
from compositing.hints.models import needed
from compositing.hints.person import VERSION as HINT_VERSION
from compositing.hints.person import Segmenter
from compositing.horizon import VERSION as HORIZON_VERSION
from compositing.horizon import horizon_of
from compositing.io.pictures import read_picture
from compositing.keying.keyer import VERSION as KEYER_VERSION
from compositing.keying.keyer import Keyed, Keyer, Matted
from compositing.layer import (
    defocus,
    gains_of,
    multiplied,
    opaque,
    over,
    over_checker,
    over_flat,
    over_grey,
    placed,
    placed_point,
    resize,
)
from compositing.light import compared, scene_light
from compositing.look import VERSION as LOOK_VERSION
from compositing.look import Look, look_of, shadow_of, weighed
from compositing.masks import VERSION as MASKS_VERSION
from compositing.masks import Masks, masks_at, numbers_at
from compositing.match import add_grain, grain_tile, light_wrap, match_gains, wrap_map
from compositing.matting.person import VERSION as PERSON_VERSION
from compositing.matting.person import PersonKeyer
from compositing.parameters import MATCH, all_values
from compositing.recipe import VIEWS, LayerRecipe, Recipe
from compositing.shadow import cast_shadow
from compositing.sources import Source

VERSION = 2  # raise it when anything here changes pixels
GREY = np.float32(0.18)
# Where "status" calls the matte clear or solid: a level and a half of 255, so that no coding noise shows as unknown.
CLEAR, SOLID = np.float32(1.5 / 255), np.float32(253.5 / 255)
STATUS = (0, 128, 255)
SPILL_GAIN = np.float32(4)  # most of what despill takes is a few thousandths of white
RED = (0.6, 0.02, 0.02)  # linear; strong enough that neither skin nor a green rim hides on it
LEAST_BLUR, MOST_BLUR = 0.35, 3.0  # px: less is not seen, more is not the lens
MOST_GRAIN = 0.02  # at middle grey
# Key parameters that the matte does not look at: `Keyer.foreground` alone does.
FOREGROUND_KEYS = ("unmix_milli", "extend_milli", "despill_milli", "despill_luma_milli")
FIT_KEYS = ("screen_hue_milli",)  # key parameters that the study of the screen depends on


@dataclass
class Frame:
    """One frame, linear. comp (H, W, 3); actor (H, W, 4) premultiplied, all keyed layers over each other.

    shot gives the topmost keyed layer's source (H, W, 3 or 4); band: part of the picture that was half clear.
    spill gives what despill took off that layer, (H, W, 3); None: nothing is keyed.
    """

    comp: Picture
    actor: Picture
    band: float
    shot: Callable[[], Picture]
    spill: Callable[[], Picture] | None = None

    @cached_property
    def plate(self) -> Picture:
        """(H, W, 3) linear: the actor's source as shot, at the frame's size."""
        return np.ascontiguousarray(self.shot()[..., :3])

    @property
    def alpha(self) -> Plane:
        return np.ascontiguousarray(self.actor[..., 3])

    def view(self, name: str, size: tuple[int, int] | None = None) -> np.ndarray[Any, np.dtype[np.uint8]]:
        """(H, W, 3) 8-bit sRGB of one of VIEWS, at (width, height) `size` or its own. Raises Refused.

        The matte is shown as it is, 0..255, not as light. Shrinking happens in linear light.
        """
        if name == "comp":
            return code8(_less(self.comp, size))
        if name == "matte":
            alpha = _less(self.alpha, size)
            return np.repeat(np.round(np.clip(alpha, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)
        if name == "status":
            return _status(self.alpha, size)
        if name == "foreground":
            return code8(over_grey(_less(self.actor, size)))
        if name == "foreground_checker":
            return code8(over_checker(_less(self.actor, size)))
        if name == "foreground_black":
            return code8(np.ascontiguousarray(_less(self.actor, size)[..., :3]))
        if name == "foreground_red":
            return code8(over_flat(_less(self.actor, size), RED))
        if name == "spill":
            taken = np.zeros_like(self.comp) if self.spill is None else self.spill()
            return code8(_less(taken, size) * SPILL_GAIN)
        if name == "plate":
            return code8(_less(self.plate, size))
        if name == "difference":
            comp, plate = code8(_less(self.comp, size)), code8(_less(self.plate, size))
            return np.asarray(np.abs(comp.astype(np.int16) - plate), np.uint8)
        raise Refused(f"There is no view {name!r}; there are {', '.join(VIEWS)}.")


def _less(picture: Picture, size: tuple[int, int] | None) -> Picture:
    if size is None or picture.shape[1::-1] == size:
        return picture
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _status(alpha: Plane, size: tuple[int, int] | None) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """(H, W, 3): black where the matte is clear, white where it is solid, middle grey between. Shrunk without mixing
    levels: a pixel that holds anything unknown is unknown, so that one lost pixel is still seen."""
    levels = np.full(alpha.shape, STATUS[1], np.uint8)
    levels[alpha <= CLEAR] = STATUS[0]
    levels[alpha >= SOLID] = STATUS[2]
    if size is not None and alpha.shape[::-1] != size:
        mixed = cv2.resize(levels, size, interpolation=cv2.INTER_AREA)
        levels = np.where((mixed == STATUS[0]) | (mixed == STATUS[2]), mixed, np.uint8(STATUS[1]))
    return np.repeat(levels[..., None], 3, axis=2)


@dataclass
class Shot:
    """An actor layer's part of a frame before its neighbours had their say. linear (h, w, 3 or 4): as shot; matted: its
    matte by itself, where the layer is keyed."""

    linear: Picture
    matted: Matted | None


# One frame as `Comp.keyed` leaves it: an actor layer's Shot, any other layer's raw, None where a layer shows nothing.
Staged = list[Any]


class Prepared:
    """One layer, its source opened and, where it is keyed, its screen studied."""

    def __init__(
        self, layer: LayerRecipe, paths: Mapping[str, str], recipe: Recipe, size: tuple[int, int], cache: Cache
    ):
        self.layer = layer
        self.cache = cache
        self.source = Source(layer, _path(paths, layer.source), *size, Fraction(recipe.fps_num, recipe.fps_den))
        self.keyer: Keyer | PersonKeyer | None = None
        self.look = Look()
        bare = set(layer.place) <= {"exposure_milli", "temperature_milli", "tint_milli", "saturation_milli", "flip"}
        self.solid = layer.fit != "contain" and bare and not self.source.has_alpha
        self.digest = node_digest(
            "layer", VERSION, layer.source, layer.fit, layer.centre_milli, list(size), recipe.fps_num, recipe.fps_den
        )
        self.studied = self.digest
        if self.source.keyed:
            fit = {name: (layer.key or {}).get(name) for name in FIT_KEYS}
            used = self.source.used(recipe.frame_count)
            versions = [KEYER_VERSION, HINT_VERSION, PERSON_VERSION, LOOK_VERSION]
            self.studied = node_digest(
                "study",
                KEYER_VERSION,
                versions,
                self.digest,
                layer.clean_plate,
                fit,
                list(used),
                layer.method,
                layer.hint,
            )
            study, self.look = cache.get(self.studied, lambda: self._study(paths, recipe.frame_count))
            self.keyer = study.with_values(layer.key, recipe.mode == "best")

    def _study(self, paths: Mapping[str, str], frame_count: int) -> tuple[Keyer | PersonKeyer, Look]:
        samples = self.source.samples(frame_count)
        segmenter = None if self.layer.hint is None else Segmenter(needed(self.layer.hint))
        if self.layer.method == "person":
            assert segmenter is not None  # recipes see to it
            matter = PersonKeyer(samples, segmenter, self.layer.key)
            if not matter.found:
                raise Refused(
                    "Nobody was found in the picture: a matte without a screen needs a person to follow.",
                    code="nobody_found",
                )
            return matter, look_of(matter, samples)
        plate = None
        if self.layer.clean_plate is not None:
            coded = read_picture(_path(paths, self.layer.clean_plate))
            plate = resize(linear_from_coded(np.ascontiguousarray(coded[..., :3])), *self.source.work_size)
        keyer = Keyer(samples, self.layer.key, plate)
        if segmenter is not None:
            keyer = keyer.with_person(segmenter, samples)
        return keyer, look_of(keyer, samples)

    @property
    def acts(self) -> bool:
        """Whether it is an actor or keyed, and so takes the background's light; else it is scenery."""
        return self.keyer is not None or self.layer.kind == "actor"

    def linear(self, raw: Any) -> Picture:
        return self.source.linear(raw)

    def raw_at(self, frame: int) -> Any:
        """The layer's raw of one frame, from the cache where it was read before."""
        digest = node_digest("raw", VERSION, self.digest, self.source.place(frame))
        return self.cache.get(digest, lambda: next(self.source.raw(frame, frame + 1)))

    def staged_at(self, frame: int) -> Any:
        """What `Comp.keyed` gives of this layer, from the cache: a tweak of the despill must not key again."""
        raw = self.raw_at(frame)
        if raw is None or not self.acts:
            return raw
        matte = {name: value for name, value in (self.layer.key or {}).items() if name not in FOREGROUND_KEYS}
        place = self.source.place(frame)
        versions = [VERSION, KEYER_VERSION, HINT_VERSION, PERSON_VERSION]
        best = isinstance(self.keyer, Keyer) and self.keyer.learned > 0  # then the mode is part of the matte
        digest = node_digest("shot", VERSION, versions, self.studied, place, matte, best)
        return self.cache.get(digest, lambda: self.shot(raw, frame))

    @property
    def reach(self) -> int:
        """How many frames before and after each one its matte looks at."""
        return 0 if self.keyer is None else self.keyer.reach

    def shot(self, raw: Any, frame: int) -> Shot:
        """The frame in light, and its matte by itself."""
        linear = self.linear(raw)
        return Shot(linear, None if self.keyer is None else self.keyer.matted(linear))

    def shots(self, raws: Sequence[Any], frames: Sequence[int]) -> list[Any]:
        """`shot` of several frames at once; what is not there, or is no actor, stays as it is."""
        if not isinstance(self.keyer, Keyer) or self.keyer.at_once == 1:
            return [
                self.shot(raw, frame) if raw is not None and self.acts else raw
                for raw, frame in zip(raws, frames, strict=True)
            ]
        linears = [self.linear(raw) for raw in raws if raw is not None]
        made = iter(zip(linears, self.keyer.matted_many(linears), strict=True))
        return [None if raw is None else Shot(*next(made)) for raw in raws]

    def settled(self, near: Sequence[Shot | None], at: int) -> Matted | None:
        """The matte of near[at] held steady by its neighbours; None where the layer is not keyed."""
        here = near[at]
        if self.keyer is None or here is None or here.matted is None:
            return None
        known = {place: shot.matted for place, shot in enumerate(near) if shot is not None and shot.matted is not None}
        return self.keyer.settled(list(known.values()), list(known).index(at))

    def cut(
        self, matted: Matted, frame: int, keyer: Keyer | PersonKeyer | None = None, additive: float = 0.0
    ) -> Keyed | None:
        """The foreground of a matted frame with the layer's masks laid on it; None where the layer is not keyed.

        additive: how much of the light of what the matte lost is added, 0..2; see `compositing.additive`.
        """
        keyer = keyer or self.keyer
        if keyer is None:
            return None
        keyed, masks = keyer.foreground(matted), self.masks(frame)
        if additive > 0 and isinstance(keyer, Keyer):
            detail = lost_detail(matted.linear, keyed.picture, keyed.screen, keyer.screen.along)
            core = detail_core([detail[::4, ::4]], [keyed.alpha[::4, ::4]])
            with_detail(keyed.picture, detail, core, additive, in_place=True)
        if masks is None:
            return keyed
        whole = Matted(matted.linear, matted.maps, np.ones_like(matted.alpha))
        picture = masks.on_keyed(keyed.picture, lambda: keyer.foreground(whole).picture)
        alpha = np.ascontiguousarray(picture[..., 3])
        return Keyed(picture, alpha, keyed.screen, float(((alpha > 0.02) & (alpha < 0.98)).mean()))

    def shadow(self, matted: Matted, opacity: float) -> Plane | None:
        """(h, w) the keyed frame's own shadow; None where its clip shows none or the layer does not fill the frame."""
        source = self.source
        if not self.look.shadow or self.keyer is None or source.work_size != (source.width, source.height):
            return None
        return shadow_of(self.look, matted, self.keyer.low, self.layer.place, opacity)

    @property
    def blur(self) -> float | None:
        """Sigma in px of the sharpest edges of the actor, as large as he stands in the comp."""
        if self.look.blur is None:
            return None
        grown = self.layer.place.get("scale_milli", 1000) / 1000 * self.source.width / self.source.work_size[0]
        return self.look.blur * grown

    def masks(self, frame: int) -> Masks | None:
        """The layer's masks at the recipe's `frame`, at its work size; drawn once where they stand still."""
        if not self.layer.masks:
            return None
        own, size = self.source.own_frame(frame), self.source.work_size
        digest = node_digest("masks", MASKS_VERSION, self.digest, list(size), numbers_at(self.layer.masks, own))
        share = min(self.source.width, self.source.height) / min(
            self.source.width / size[0], self.source.height / size[1]
        )
        return self.cache.get(  # type: ignore[no-any-return]
            digest, lambda: masks_at(self.layer.masks, own, *size, self.source.in_work, share)
        )

    def unkeyed(self, linear: Picture, frame: int) -> Picture:
        """An actor with an alpha of its own, its garbage taken off."""
        masks = self.masks(frame)
        return linear if masks is None else masks.on_layer(linear if linear.shape[2] == 4 else opaque(linear))

    def spill(self, matted: Matted, frame: int) -> Picture:
        """(H, W, 3) linear: what the despill changed in the keyed layer, where the layer stands in the frame."""
        keyed = self.cut(matted, frame)
        if self.keyer is None or keyed is None:
            return np.zeros((self.source.height, self.source.width, 3), np.float32)
        bare = self.cut(matted, frame, self.keyer.with_values({**(self.layer.key or {}), "despill_milli": 0}))
        assert bare is not None
        taken = np.abs(bare.picture[..., :3] - keyed.picture[..., :3])
        shown = self.source.framed(np.dstack([taken, bare.alpha]))
        return np.ascontiguousarray(placed(shown, self.layer.place)[..., :3])


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
        size = (self.width, self.height)
        self.layers = [Prepared(layer, paths, recipe, size, self.cache) for layer in recipe.layers]
        self.match = weighed(all_values(MATCH, recipe.match), any(layer.look.shadow for layer in self.layers))
        self.reach = max((layer.reach for layer in self.layers), default=0)
        self.tile = grain_tile()
        self.soften, self.grain = self._camera()
        self.gains = self._gains()

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
            wrap = wrap_map(comp, picture, self._px("wrap_px_milli")) if amount > 0 else None
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
        keyed = [layer for layer in self.layers if layer.keyer is not None]
        return {layer.layer.id: layer.keyer.report() | self._light(layer) for layer in keyed if layer.keyer is not None}

    # -- taste -------------------------------------------------------------------------------------------------------
    def _px(self, name: str) -> float:
        return self.match[name] / 1000 * min(self.width, self.height) / 1080

    def _scenery(self, layer: Prepared, raw: Any) -> Picture:
        """A layer that is not keyed, (H, W, 4) at the frame's size. A picture's is made once for all frames."""

        def make() -> Picture:
            picture = layer.source.framed(layer.linear(raw))
            if layer.layer.kind == "background":
                picture = defocus(picture, self._px("background_defocus_px_milli"))
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
        if soften < LEAST_BLUR or self._px("background_defocus_px_milli") > soften:
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
            found = self._of_ground("light", ground, _light_of)
            if found is not None:
                gains = self.gains.get(layer.layer.id, np.ones(3, np.float32)) * _grade_of(place)
                there = ground.layer.place
                told["light"]["background"] = compared(
                    own, found.mirrored() if there.get("flip") else found, gains, _grade_of(there)
                )
        return told

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
            horizon = self._of_ground("horizon", ground, horizon_of)
            if horizon is not None:
                told |= {"horizon_milli": 1000 * horizon[0], "horizon_sure_milli": 1000 * horizon[1]}
        return {name: round(value) for name, value in told.items() if value is not None}

    @property
    def _ground(self) -> Prepared | None:
        """The background nearest to the actor that takes no light itself."""
        grounds = [layer for layer in self.layers if layer.layer.kind == "background" and not layer.acts]
        return grounds[-1] if grounds else None

    def _of_ground(self, what: str, ground: Prepared, measure: Callable[[Picture], Any]) -> Any:
        """`measure` of the background's middle frame, (H, W, 3) at the frame's size, from the cache where it was done
        before; None where it shows nothing."""
        middle = self.recipe.frame_count // 2
        digest = node_digest(what, LOOK_VERSION, HORIZON_VERSION, ground.digest, ground.source.place(middle))

        def made() -> Any:
            raw = ground.raw_at(middle)
            if raw is None:
                return None
            return measure(np.ascontiguousarray(ground.source.framed(ground.linear(raw))[..., :3]))

        return self.cache.get(digest, made)

    def _camera_of_ground(self, ground: Prepared) -> tuple[float | None, float]:
        return self._of_ground("camera", ground, _camera_of) or (None, 0.0)

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
    return edge_blur(perceptual(picture)), grain_of(picture)


def _grade_of(place: Mapping[str, int]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """(3,) what a layer's grade does to the colour of its light."""
    return gains_of(0, place.get("temperature_milli", 0), place.get("tint_milli", 0))


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


def _path(paths: Mapping[str, str], sha: str) -> Path:
    if sha not in paths:
        raise Refused(f"The recipe's source {sha[:12]} was not given.", code="missing_source", sha256=sha)
    return Path(paths[sha])


def straight(picture: Picture) -> Picture:
    """(H, W, 4) straight sRGB-coded float from linear premultiplied: what PNG files of a foreground hold."""
    alpha = picture[..., 3:]
    colour = picture[..., :3] / np.maximum(alpha, 1e-4)
    return np.dstack([encode_srgb(colour), np.clip(alpha, 0, 1)]).astype(np.float32)
