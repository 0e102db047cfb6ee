"""One layer of a comp made ready: its source opened and, where it is keyed, its screen studied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from compositing.additive import detail_core, lost_detail, with_detail
from compositing.cache import Cache, node_digest
from compositing.colour import Picture, Plane, linear_from_coded
from compositing.errors import Refused
from compositing.hints.models import needed
from compositing.hints.person import VERSION as HINT_VERSION
from compositing.hints.person import Segmenter
from compositing.io.pictures import read_picture
from compositing.keying.keyer import VERSION as KEYER_VERSION
from compositing.keying.keyer import Keyed, Keyer, Matted
from compositing.layer import opaque, placed, resize
from compositing.look import VERSION as LOOK_VERSION
from compositing.look import Look, look_of, shadow_of
from compositing.masks import VERSION as MASKS_VERSION
from compositing.masks import Masks, masks_at, numbers_at
from compositing.matting.person import VERSION as PERSON_VERSION
from compositing.matting.person import PersonKeyer
from compositing.recipe import LayerRecipe, Recipe
from compositing.sources import Readings, Source

VERSION = 3  # raise it when anything here or in `graph` changes pixels
# Key parameters that the matte does not look at: `Keyer.foreground` alone does.
FOREGROUND_KEYS = ("unmix_milli", "extend_milli", "despill_milli", "despill_luma_milli")
FIT_KEYS = ("screen_hue_milli",)  # key parameters that the study of the screen depends on


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
        self,
        layer: LayerRecipe,
        paths: Mapping[str, str],
        recipe: Recipe,
        size: tuple[int, int],
        cache: Cache,
        readings: Readings | None = None,
    ) -> None:
        self.layer = layer
        self.cache = cache
        self.readings = readings
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
        if self.readings is None:
            return self.cache.get(digest, lambda: next(self.source.raw(frame, frame + 1)))
        return self.cache.get(digest, partial(self.readings.raw, self.source, frame))

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


def _path(paths: Mapping[str, str], sha: str) -> Path:
    if sha not in paths:
        raise Refused(f"The recipe's source {sha[:12]} was not given.", code="missing_source", sha256=sha)
    return Path(paths[sha])
