"""Common comps in one go: from a film's planes to the master's planes, row by row, without a full-size picture between.

The common comp, one keyed actor over one background, needs no more than: the matte's band solved (clear and solid rows
are known from the low-resolution maps), the actor's pixels unmixed, despilled and laid over, and everything else copied
from the background, which was coded once. The row functions are the plain path's own (`keying.matte`), so both give the
same picture to a code value; whatever this path does not know goes the plain way (`Fused.of` returns None).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.cache import node_digest
from compositing.colour import LUMA, TO_CODE8, TO_LINEAR, Picture
from compositing.edges import crisp_taps
from compositing.films import Film
from compositing.fused_blocks import SUB
from compositing.fused_copy import affine, toe_of
from compositing.fused_ground import FINE, grain_rows, moving_rows, rounded, still_rows
from compositing.fused_kernels import comp_rows, wrap_input
from compositing.fused_matte import alpha_rows, crisp_rows
from compositing.graph import GREY, Comp, Prepared
from compositing.io.colours import Planes
from compositing.keying.chroma import low_linear, low_luma, plane_numbers
from compositing.keying.keyer import Keyer
from compositing.layer import gains_of
from compositing.match import TILE, wrap_factor

VERSION = 7  # raise it when anything here changes pixels

KNOWN_PLACE = {"exposure_milli", "temperature_milli", "tint_milli"}
Planar = NDArray[np.uint8]  # (H * 3 / 2, W): Y, then U and V at half size, 4:2:0 limited BT.709


Fine = tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]
NONE_FINE: Fine = (np.zeros((2, 2), np.int16), np.zeros((1, 1), np.int16), np.zeros((1, 1), np.int16))


@dataclass(frozen=True)
class Ground:
    """What stands behind the actor. light (3, H, W): linear; planar: its codes, where it has no grain; else fine: Y, U,
    V in 64ths of a code, and grain: what a unit of noise adds to each, in 256ths; low: small, for the light wrap."""

    light: NDArray[np.float32]
    planar: Planar
    fine: Fine | None
    grain: Fine | None
    low: Picture


@dataclass(frozen=True)
class Small:
    """A frame studied small. low: luma at the size of its colour planes; maps: see `Keyer.maps_of`."""

    low: NDArray[np.unsignedinteger]
    maps: NDArray[np.float32]


def planar(rgb: NDArray[np.floating]) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """(Y, U, V) in 8-bit codes, unrounded, BT.709 limited 4:2:0, of an sRGB-coded float picture (H, W, 3)."""
    luma = rgb @ LUMA
    mean = rgb.reshape(rgb.shape[0] // 2, 2, rgb.shape[1] // 2, 2, 3).mean((1, 3))
    mean_luma = mean @ LUMA
    u, v = (mean[..., 2] - mean_luma) / 1.8556, (mean[..., 0] - mean_luma) / 1.5748
    return 16 + 219 * luma, 128 + 224 * u, 128 + 224 * v


class Fused:
    """A comp that this path can make. `pictures` is pure: any order, any thread, the same bytes."""

    @classmethod
    def of(cls, comp: Comp, films: Sequence[Film], sizes: Mapping[str, tuple[int, int]]) -> Fused | None:
        """The fused path for `comp`, or None where it has anything that only the plain path does."""
        return cls(comp, films, sizes) if _suits(comp) and {f.view for f in films} <= VIEWS_MADE else None

    def __init__(self, comp: Comp, films: Sequence[Film], sizes: Mapping[str, tuple[int, int]]) -> None:
        self.comp, self.films, self.sizes = comp, films, sizes
        self._held = threading.local()  # a thread's alpha: pages that are asked for anew each frame cost 2 ms of it
        self.width, self.height = comp.width, comp.height
        self.actor = comp.layers[-1]
        assert isinstance(self.actor.keyer, Keyer)  # else the comp is special
        self.keyer = self.actor.keyer
        place = self.actor.layer.place
        gains = gains_of(*(place.get(name, 0) for name in ("exposure_milli", "temperature_milli", "tint_milli")))
        matched = comp.gains.get(self.actor.layer.id)
        self.gains = gains if matched is None else np.asarray(gains * matched, np.float32)
        self.toe = toe_of(self.gains)
        crisp = self.keyer.values["crisp_milli"] / 1000 if self.keyer.best else 0
        self.crisp = np.float32(crisp)
        self.wrap = np.float32(comp.match["wrap_milli"] / 1000)
        px = comp.px("wrap_px_milli")
        factor = wrap_factor(px)
        self.wrap_size = (max(1, self.width // factor), max(1, self.height // factor))
        self.wrap_sigma = max(0.5, px / factor / 2)
        self.tile = np.round(np.tile(comp.tile, (1, self.width // TILE + 2)) * FINE).astype(np.int16)
        columns = self.keyer.low[0]
        across = np.clip((np.arange(self.width) + 0.5) * columns / self.width - 0.5, 0, columns - 1)
        self.cells = across.astype(np.int32)
        self.parts = (across - self.cells).astype(np.float32)
        self.still: Ground | None = None
        if len(comp.layers) == 1:
            self.still = self._ground(np.full((self.height, self.width, 3), GREY, np.float32), 0.0)
        elif comp.layers[0].source.still:
            raw = comp.layers[0].raw_at(0)
            picture = np.ascontiguousarray(comp._scenery(comp.layers[0], raw)[..., :3])
            digest = node_digest("ground", VERSION, comp.layers[0].digest, comp.recipe.to_dict())
            self.still = comp.cache.get(digest, lambda: self._ground(picture, comp.grain))

    def _ground(self, linear: Picture, grain: float) -> Ground:
        light, fine = np.empty((3, self.height, self.width), np.float32), self._fine()
        still_rows(linear, light, *fine)
        if grain > 0:
            noise = self._fine()
            grain_rows(light, np.float32(grain), *noise)
            return Ground(light, np.zeros((3, 2), np.uint8), fine, noise, self._small(linear))
        planar = np.empty((self.height * 3 // 2, self.width), np.uint8)
        for plane, target in zip(fine, _parts(planar), strict=True):
            rounded(plane, target.reshape(-1))
        return Ground(light, planar, None, None, self._small(linear))

    def _fine(self) -> Fine:
        y, u, v = (np.empty((self.height // s, self.width // s), np.int16) for s in (1, 2, 2))
        return y, u, v

    def _small(self, linear: Picture) -> Picture:
        if self.wrap <= 0:
            return linear[:1, :1].copy()  # a view would keep the whole of it
        return np.asarray(cv2.resize(linear, self.wrap_size, interpolation=cv2.INTER_AREA), np.float32)

    def _moving(self, raw: Any) -> Ground:
        """The ground of a frame of a film."""
        layer = self.comp.layers[0]
        bare = layer.source.work_size == (self.width, self.height) and not layer.layer.place
        if bare and self.comp.match["background_defocus_px_milli"] == 0 and self.comp.soften == 0:
            linear = np.ascontiguousarray(layer.linear(raw)[..., :3])
        else:
            linear = np.ascontiguousarray(self.comp._scenery(layer, raw)[..., :3])
        light = np.empty((3, self.height, self.width), np.float32)
        planar = np.empty((self.height * 3 // 2, self.width), np.uint8)
        moving_rows(linear, light, planar)
        return Ground(light, planar, None, None, self._small(linear))

    def pictures(self, index: int, raws: list[Any]) -> tuple[dict[str, Planar], float]:
        """({film: planar picture at its size}, the band's share) of frame `index`, from its layers' raws."""
        planes: Planes = raws[-1]
        ground = self.still if self.still is not None else self._moving(raws[0])
        luma, cb, cr = (np.ascontiguousarray(plane) for plane in planes)
        numbers, keyer = plane_numbers(planes), self.keyer
        small = self.studied(planes)
        low, maps = small.low, small.maps
        # The light wrap and a crisp edge look beside a row: alpha is solved before then, else along with the comp.
        solving, band = self.crisp == 0 and self.wrap == 0, 0
        alpha, kind = self._room()
        if not solving:
            alpha, kind, band = self.keyed(planes, small)
        shown = alpha
        if self.crisp > 0:
            shown = np.empty_like(alpha)
            band = crisp_rows(alpha, self.crisp, crisp_taps(), shown)
        wrap = self._wrap(shown, ground)
        comp = np.empty((self.height * 3 // 2, self.width), np.uint8)
        wants_foreground = any(film.view == "foreground" for film in self.films)
        foreground = np.empty_like(comp) if wants_foreground else comp
        grain = ground.grain
        down, right = 0, 0
        if grain is not None:
            down, right = np.random.Generator(np.random.PCG64(index)).integers(0, TILE, 2)
        solved = comp_rows(
            luma, low, cb, cr, numbers, TO_LINEAR, maps, self.cells, self.parts, self._wide(maps), alpha, shown, kind,
            ground.light, ground.planar, ground.fine or NONE_FINE, grain or NONE_FINE, grain is not None, self.tile,
            int(down), int(right), np.float32(self.comp.grain if grain is not None else 0), wrap, self.wrap, self.gains,
            keyer.lean, keyer.foreground_numbers(), np.float32(keyer.side), affine(self.gains, numbers), self.toe,
            GREY, TO_CODE8, comp, wants_foreground, foreground, solving, keyer.screen.along, keyer.screen.across,
            keyer.matte_numbers(),
        )  # fmt: skip
        band += int(solved)
        made = {}
        for film in self.films:
            size = self.sizes[film.name]
            if film.view == "matte":
                made[film.name] = matte_planar(shown, size)
            else:
                made[film.name] = resized(comp if film.view == "comp" else foreground, size)
        return made, band / (self.width * self.height)

    def studied(self, planes: Planes) -> Small:
        """A frame of the actor studied small."""
        low = low_luma(planes)
        return Small(low, self.keyer.maps_of(low_linear(planes, self.keyer.low, low)))

    def keyed(self, planes: Planes, small: Small) -> tuple[NDArray[np.uint16], NDArray[np.uint8], int]:
        """Of a frame: alpha (H, W); which parts of it are clear, solid or mixed (see `alpha_rows`); how many pixels are
        half clear. The alpha is this thread's own, and the next frame's too."""
        luma, cb, cr = (np.ascontiguousarray(plane) for plane in planes)
        (alpha, kind), keyer = self._room(), self.keyer
        band = alpha_rows(
            luma, small.low, cb, cr, plane_numbers(planes), TO_LINEAR, small.maps, self.cells, self.parts,
            keyer.screen.along, keyer.screen.across, keyer.matte_numbers(), alpha, kind,
        )  # fmt: skip
        return alpha, kind, int(band)

    def _room(self) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
        """This thread's alpha, and what its parts are, to be written."""
        if not hasattr(self._held, "alpha"):
            self._held.alpha = np.empty((self.height, self.width), np.uint16)
            self._held.kind = np.empty((self.height // 2, -(-self.width // SUB)), np.uint8)
        return self._held.alpha, self._held.kind

    def _wide(self, maps: NDArray[np.float32]) -> NDArray[np.float32]:
        """(2, h, W / 2): nature and near of maps (h, w, 12): see `solid_run`."""
        size = self.width // 2, len(maps)
        planes = (np.ascontiguousarray(maps[..., kind]) for kind in (8, 9))
        return np.stack([np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)) for plane in planes])

    def _wrap(self, alpha: NDArray[np.uint16], ground: Ground) -> Picture:
        if self.wrap <= 0:
            return np.zeros((1, 1, 4), np.float32)
        less = cv2.resize(alpha, self.wrap_size, interpolation=cv2.INTER_AREA)
        four = np.empty((*less.shape, 4), np.float32)
        wrap_input(less, ground.low, four)
        return np.asarray(cv2.GaussianBlur(four, (0, 0), self.wrap_sigma), np.float32)


VIEWS_MADE = {"comp", "matte", "foreground"}


def resized(picture: Planar, size: tuple[int, int]) -> Planar:
    """A planar picture at (width, height) `size`, both even."""
    width = picture.shape[1]
    height = picture.shape[0] * 2 // 3
    if (width, height) == size:
        return picture
    out = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    for plane, target in zip(_parts(picture), _parts(out), strict=True):
        cv2.resize(plane, target.shape[::-1], dst=target, interpolation=cv2.INTER_AREA)
    return out


def rgb_of(picture: Planar, size: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w, 3) 8-bit sRGB of a planar picture, at (width, height) `size`."""
    y, u, v = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32) for plane in _parts(picture)
    )
    y, u, v = (y - 16) * (255 / 219), (u - 128) * (255 / 224), (v - 128) * (255 / 224)
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - LUMA[0] * red - LUMA[2] * blue) / LUMA[1]
    return np.asarray(np.round(np.clip(np.dstack([red, green, blue]), 0, 255)), np.uint8)


def matte_planar(alpha: NDArray[np.uint16], size: tuple[int, int]) -> Planar:
    """A matte as a grey planar picture: as it is, not as light."""
    if alpha.shape[::-1] != size:
        alpha = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint16)
    out = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
    out[: size[1]] = cv2.convertScaleAbs(alpha, alpha=219 / 65535, beta=16)
    return out


def _parts(picture: Planar) -> tuple[Planar, Planar, Planar]:
    """Y (H, W), U and V (H / 2, W / 2) of a planar picture, as views."""
    width = picture.shape[1]
    height = picture.shape[0] * 2 // 3
    flat = picture.reshape(-1)
    quarter = width * height // 4
    u = flat[width * height : width * height + quarter].reshape(height // 2, width // 2)
    v = flat[width * height + quarter :].reshape(height // 2, width // 2)
    return picture[:height], u, v


def _suits(comp: Comp) -> bool:
    layers = comp.layers
    if comp.reach or comp.special or not 1 <= len(layers) <= 2:
        return False
    if comp.recipe.mode == "best" and type(layers[-1].keyer) is not Keyer:
        return False  # a twin keys on a GPU
    size = (comp.width, comp.height)
    return _suits_as_actor(layers[-1], size) and (len(layers) == 1 or _suits_as_ground(layers[0]))


def _suits_as_actor(layer: Prepared, size: tuple[int, int]) -> bool:
    if layer.keyer is None or layer.source.still or layer.source.work_size != size or layer.layer.masks:
        return False
    if layer.layer.extend == "clear" or not set(layer.layer.place) <= KNOWN_PLACE:
        return False
    if any(layer.keyer.values[name] for name in ("shrink_px_milli", "soften_px_milli")):
        return False
    return not layer.source.sequence  # whose pictures are light already


def _suits_as_ground(layer: Prepared) -> bool:
    if layer.acts or layer.layer.kind != "background" or not layer.solid or layer.layer.masks:
        return False
    return layer.source.still or (
        layer.layer.extend != "clear" and layer.layer.place.get("opacity_milli", 1000) == 1000
    )
