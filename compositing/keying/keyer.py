"""The keyer: a clip's screen is studied once, then each frame is keyed on its own, in any order and on any thread."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.despill import lean_of, skin_wedge
from compositing.devices import each
from compositing.edges import crisp
from compositing.hints.person import Segmenter, holdout, stray
from compositing.keying.cloth import (
    Sampled,
    dim_cloth,
    disc,
    eaten,
    low_size,
    lows_of,
    shrink,
    total_light,
    transparency,
)
from compositing.keying.known import HALF, Marks, find_marks, flat_solid, marks_shown
from compositing.keying.low_kernels import unmixed
from compositing.keying.map_kernels import long_runs, opaque_parts, packed
from compositing.keying.matte import foreground_kernel, matte_kernel
from compositing.keying.plate import CleanPlate, fill_weighed, fit_frame, fit_static, painted
from compositing.keying.refine import refined, shipped
from compositing.keying.screen import Screen, find_screen
from compositing.keying.shade import shaded
from compositing.keying.spill import Nature, allowed_lean, learn, nature_share, own_lean
from compositing.keying.temporal import filtered
from compositing.parameters import KEY, all_values

VERSION = 18  # raise it when anything here changes pixels

# Spreads of the foreground about its neighbour's colour and of the noise, relative to the screen's power. Checked on
# clips of compositing.synth: any of them may move by half without harm.
INTENSITY, SHINE, NOISE_LIGHT, NOISE_COLOUR = 0.5, 0.06, 0.002, 0.003
DIM = 0.3  # as solid as cloth may look that is darker than its fit
DEEP = 7  # pixels at the fit's resolution (240 across) that count as far inside
STRAND, FAINT = 9, (0.03, 2.5)
HELPS = 0.001  # part of the picture that a hint must change, in most samples, to be worth its time
SPILL_SATURATION = 0.3  # of the screen's own: a solid surface with bounce light on it does not pass this


@dataclass(frozen=True)
class Keyed:
    """One keyed frame. picture (H, W, 4) linear premultiplied; alpha (H, W); screen (h, w, 3), the fitted plate."""

    picture: Picture
    alpha: Plane
    screen: Picture
    band: float


@dataclass(frozen=True)
class Matted:
    """One frame with its matte. linear (H, W, 3), maps (see `Keyer.maps`), alpha (H, W)."""

    linear: Picture
    maps: NDArray[np.float32]
    alpha: Plane


class Keyer:
    """Keys frames of one clip.

    samples: some frames of the clip, (H, W, 3) linear, spread over its length. values: the recipe's key parameters.
    clean_plate: the empty screen as shot, (H, W, 3) linear, or None. Raises Refused (no_screen).
    """

    def __init__(
        self, samples: Sequence[Picture], values: Mapping[str, int] | None = None, clean_plate: Picture | None = None
    ) -> None:
        self.values = all_values(KEY, values)
        self.best = False  # the recipe's mode: what costs time and is worth it there
        self.size: tuple[int, int] = getattr(samples, "size", None) or samples[0].shape[1::-1]
        self.low = low_size(*self.size)
        lows = lows_of(samples, self.low)
        self.screen: Screen = find_screen(lows, self.values["screen_hue_milli"])
        captured = None if clean_plate is None else shrink(clean_plate, self.low)
        sampled = [Sampled(low) for low in lows]
        self.screen = painted(sampled, self.screen)
        self.plate: CleanPlate = fit_static(sampled, self.screen, captured)
        self.person: Segmenter | None = None
        self.clear = 1 - max(0.02, min(0.12, 3 * self.plate.noise))
        self.lean, self.side = lean_of(self.screen.along, self.screen.across, self.screen.linear)
        clears = each(self._clear, lows)
        self.marks: Marks | None = find_marks(lows, [clear for _, clear in clears])
        self.dim = dim_cloth(sampled, self.screen)
        opaques = each(lambda both: self._opaque(both[0], *both[1]), zip(lows, clears, strict=True))
        basis = (self.screen.along, self.screen.across, self.lean[6:9])
        self.nature: Nature
        self.as_shot: Nature
        self.nature, self.as_shot = each(lambda clean: learn(lows, opaques, *basis, clean=clean), (True, False))
        self.lean[9:] = self.nature.slopes

    def with_values(self, values: Mapping[str, int] | None, best: bool | None = None) -> "Keyer":
        """The same study of the clip with other parameters: nothing is measured again. best: the recipe's mode, or as
        it was."""
        other = copy.copy(self)
        other.values = all_values(KEY, values)
        other.best = self.best if best is None else best
        return other

    def with_person(self, segmenter: Segmenter, samples: Sequence[Picture]) -> "Keyer":
        """The same keyer, helped by the person segmenter if that changes anything on these samples: it costs time.

        Garbage and holdout only; see `compositing.hints.person`.
        """
        other = copy.copy(self)
        other.values = all_values(KEY, None)
        changes = []
        for sample in samples:
            low = shrink(sample, self.low)
            maps = self.with_values(None).maps_of(low)
            alpha = other.matte(low, maps)
            other.person = segmenter
            helped = other.matte(low, other.maps_of(low))
            other.person = None
            changes.append(float((np.abs(helped - alpha) > 0.1).mean()))
        other.values = self.values
        other.person = segmenter if sum(change > HELPS for change in changes) * 2 > len(changes) else None
        return other

    def _hinted(self, low: Picture, clear: Plane, maps: NDArray[np.float32]) -> NDArray[np.float32]:
        """The maps with core where a person is for sure, and no reach where nothing belongs to one."""
        strength = np.float32(self._milli("hint_milli"))
        if self.person is None or strength <= 0:
            return maps
        person = self.person.person(low)
        open_ = 1 - np.clip(clear, 0, 1)
        keep = 1 - strength * stray(person, open_)
        core = np.maximum(maps[..., 6] * keep, strength * holdout(person, clear) * self._garbage(clear.shape))
        reach = np.maximum(maps[..., 7] * keep, core)
        return np.dstack([maps[..., :6], core, reach, maps[..., 8:]]).astype(np.float32)

    def _milli(self, name: str) -> float:
        return self.values[name] / 1000

    def _pixels(self, name: str) -> float:
        """A *_px_milli parameter in this picture's pixels (they are meant at 1080 wide)."""
        return self.values[name] / 1000 * min(self.size) / 1080

    def _clear(self, low: Picture) -> tuple[Picture, Plane]:
        """(this frame's plate, how clear each pixel is) at the fit's resolution."""
        screen = fit_frame(low, self.plate, self.screen)
        return screen, transparency(low, screen, self.screen, gain=self._milli("gain_milli"))

    def _opaque(self, low: Picture, screen: Picture, clear: Plane) -> NDArray[np.uint8]:
        """1 where nothing of the screen shows through: by colour, or well inside where only bounce light says so."""
        # A garment near the screen's hue, or bounce light: only well inside, where no half-clear edge can be.
        opaque, spilled, half = (np.empty(clear.shape, np.uint8) for _ in range(3))
        f = np.float32
        count = opaque_parts(
            low, screen, clear, self.screen.along, f(SPILL_SATURATION), f(0.05), f(HALF[0]), f(HALF[1]), opaque,
            spilled, half,
        )  # fmt: skip
        opaque |= eaten(spilled, 7)
        if count >= 80:
            opaque |= flat_solid(low, screen, clear, self.plate.noise, half)
        if self.screen.wedge > 0.6:  # skin leans towards this screen, as it never does towards green or blue
            opaque |= self._deep(low, screen, clear)
        return opaque

    def maps(self, linear: Picture) -> NDArray[np.float32]:
        """The maps of a frame at its own size (H, W, 3); see `maps_of`."""
        return self.maps_of(shrink(linear, self.low))

    def maps_of(self, low: Picture) -> NDArray[np.float32]:
        """(h, w, 12) at the fit's resolution: screen 3, foreground 3, core, reach, nature, near, own lean, sure.

        See `matte_kernel` and `foreground_kernel`.
        """
        screen, by_rule = self._clear(low)
        basis = (self.screen.along, self.screen.across, self.lean[6:9])
        gain = self._milli("gain_milli")
        # The same difference, less what is the actor's own lean rather than what the rule takes for it.
        own, sure, clear = own_lean(low, screen, by_rule, self.as_shot, *basis, gain)
        opaque = self._opaque(low, screen, clear)
        foreground = self._foreground(low, screen, clear, opaque)
        if (in_shade := shaded(low, screen, clear, foreground, self.plate)) is not None:
            screen = in_shade
            by_rule = transparency(low, screen, self.screen, gain=gain)
            own, sure, clear = own_lean(low, screen, by_rule, self.as_shot, *basis, gain)
        core = cv2.GaussianBlur(np.asarray(eaten(opaque, 5), np.float32), (0, 0), 1.0)
        touched = _touched(clear, self.plate.noise)
        if self.dim.any():
            touched[self.dim & (1 - clear < DIM)] = 0  # cloth that the fit holds to be lighter
        reach = np.asarray(cv2.GaussianBlur(np.asarray(_dilate(touched, 5), np.float32), (0, 0), 1.0), np.float32)
        if self.marks is not None:
            reach *= 1 - marks_shown(low, screen, self.marks)
        nature = allowed_lean(foreground, self.nature, *basis, self._milli("skin_milli"), self.lean[9:])
        maps = np.empty((*core.shape, 12), np.float32)
        packed(
            screen, foreground, core, eaten(opaque, 3), np.float32(self._milli("core_milli")), reach,
            self._garbage(low.shape[:2]), nature, nature_share(opaque), own, sure, maps,
        )  # fmt: skip
        return maps if self.person is None else self._hinted(low, clear, maps)

    def _foreground(self, low: Picture, screen: Picture, clear: Plane, opaque: NDArray[np.uint8]) -> Picture:
        """(h, w, 3) the actor's colour: from well inside, else from whatever is mostly actor, the screen taken out."""
        weighed = np.empty((*clear.shape, 4), np.float32)
        unmixed(low, screen, clear, eaten(opaque, 2), weighed)
        filled = fill_weighed(weighed, finest=1.0)
        return low if filled is None else filled

    def _deep(self, low: Picture, screen: Picture, clear: Plane) -> NDArray[np.uint8]:
        """1 far inside the actor, where a colour near the screen's (skin before a yellow wall) has opened the matte.

        Far from anything that is truly screen (its hue, lit as the screen is), and mostly solid all around.
        """
        size = np.linalg.norm(low, axis=-1) * np.linalg.norm(screen, axis=-1)
        alike = total_light(low * screen) / np.maximum(size, 1e-6)
        screenish = ((clear > 0.6) & (alike > 0.975) & (total_light(low) > 0.3 * total_light(screen))).astype(np.uint8)
        screenish = cv2.morphologyEx(screenish, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        inside = eaten((1 - screenish).astype(np.uint8), DEEP)
        mostly = cv2.blur(np.clip(1 - clear, 0, 1), (2 * DEEP + 1, 2 * DEEP + 1), borderType=cv2.BORDER_REPLICATE)
        return np.asarray((inside > 0) & (mostly > 0.72), np.uint8)

    def _garbage(self, shape: tuple[int, ...]) -> Plane:
        height, width = shape[:2]
        keep = np.zeros((height, width), np.float32)
        left, right = (round(self._milli(f"garbage_{side}_milli") * width) for side in ("left", "right"))
        top, bottom = (round(self._milli(f"garbage_{side}_milli") * height) for side in ("top", "bottom"))
        keep[top:bottom, left:right] = 1
        return keep

    def matte(self, linear: Picture, maps: NDArray[np.float32]) -> Plane:
        """(H, W) alpha 0..1 of one frame."""
        alpha = np.empty(linear.shape[:2], np.float32)
        matte_kernel(linear, maps, self.screen.along, self.screen.across, self.matte_numbers(), alpha)
        if self.learned > 0:
            alpha = refined(linear, maps, alpha, self.screen, self.side, self.plate.noise, self.learned)
        if (shrink_px := self._pixels("shrink_px_milli")) != 0:
            alpha = _shift_edge(alpha, shrink_px)
        if (soften := self._pixels("soften_px_milli")) > 0.05:
            alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), soften), np.float32)
        return alpha

    @property
    def learned(self) -> float:
        """How much of the learned refiner's correction counts, 0..1: in the mode best, where this version ships one."""
        if not self.best or shipped() is None:
            return 0.0
        return self.values.get("learned_milli", 1000) / 1000

    @property
    def whole(self) -> bool:
        """Whether it wants whole pictures, so that no path may key row by row in its place (`compositing.fused`)."""
        return self.learned > 0

    def matte_numbers(self) -> NDArray[np.float32]:
        """What `matte_row` is told of the clip and of the parameters."""
        return np.array(
            [
                self.screen.wedge, self._milli("gain_milli"), self._milli("balance_milli"), self.clear,
                self._milli("refine_milli"), self._milli("clip_black_milli"), self._milli("clip_white_milli"),
                INTENSITY, SHINE, NOISE_LIGHT, NOISE_COLOUR,
            ], np.float32,
        )  # fmt: skip

    def matted(self, linear: Picture) -> Matted:
        """The matte of one frame on its own: (H, W, 3) linear, the clip's own size."""
        linear = np.ascontiguousarray(linear, np.float32)
        maps = self.maps(linear)
        return Matted(linear, maps, self.matte(linear, maps))

    @property
    def at_once(self) -> int:
        """How many frames `matted_many` likes to be given; more than one on a GPU (`compositing.gpu.keyer`)."""
        return 1

    def matted_many(self, pictures: Sequence[Picture]) -> list[Matted]:
        """The mattes of several frames, each on its own."""
        return [self.matted(picture) for picture in pictures]

    @property
    def reach(self) -> int:
        """How many frames before and after each one `settled` looks at."""
        return 1 if self.values["temporal_milli"] > 0 else 0

    def settled(self, near: Sequence[Matted], at: int) -> Matted:
        """near[at] with its matte held steady by its neighbours: up to `reach` before and after, fewer at the clip's
        ends. Never recursive: it sees the neighbours' own mattes, so that chunks give the same bytes as the whole."""
        if self.reach == 0 or len(near) < 2:
            return near[at]
        alpha = filtered([m.linear for m in near], [m.alpha for m in near], at, self._milli("temporal_milli"))
        return replace(near[at], alpha=alpha)

    def key(self, linear: Picture) -> Keyed:
        """Key one frame on its own. Arguments as for `matted`."""
        return self.foreground(self.matted(linear))

    def foreground(self, matted: Matted) -> Keyed:
        """The premultiplied foreground of a matted frame: unmixed, extended, despilled."""
        linear, maps, alpha = matted.linear, matted.maps, matted.alpha
        out = np.empty((*linear.shape[:2], 4), np.float32)
        foreground_kernel(linear, alpha, maps, self.lean, self.foreground_numbers(), np.float32(self.side), out)
        if self.best and (amount := self._milli("crisp_milli")) > 0:
            out = crisp(out, amount)
            alpha = np.ascontiguousarray(out[..., 3])
        band = float(((alpha > 0.02) & (alpha < 0.98)).mean())
        return Keyed(out, alpha, np.ascontiguousarray(maps[..., :3]), band)

    def foreground_numbers(self) -> NDArray[np.float32]:
        """What `foreground_row` is told of the parameters."""
        names = ("unmix_milli", "extend_milli", "despill_milli", "despill_luma_milli")
        wedge = skin_wedge(self._milli("skin_milli"), self.screen.along, self.screen.across)
        return np.array([*(self._milli(name) for name in names), wedge], np.float32)

    def report(self) -> dict[str, object]:
        """What was found, as plain JSON: for the page's words and for the recipe's record."""
        return {
            "name": self.screen.name, "srgb": list(self.screen.srgb8), "hue_milli": self.screen.hue_milli,
            "share_milli": round(self.screen.share * 1000), "noise_milli": round(self.plate.noise * 1000),
            "clean_plate": self.plate.captured, "hint": self.person is not None, "refiner": self.learned > 0,
        }  # fmt: skip


def _touched(clear: Plane, noise: float) -> NDArray[np.uint8]:
    """1 where something of the actor may be: more than noise, in more than a speck.

    A faint strand is a pixel wide and many long: what hangs together over STRAND pixels counts from a lower level on.
    """
    sure = (clear < 1 - max(0.05, 4 * noise)).astype(np.uint8)
    sure = np.asarray(cv2.morphologyEx(sure, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.uint8)
    if STRAND <= 0:
        return sure
    long = np.empty(clear.shape, np.uint8)
    long_runs(clear, np.float32(max(FAINT[0], FAINT[1] * noise)), STRAND, long)
    return np.asarray(sure | long, np.uint8)


def _dilate(mask: NDArray[np.uint8], radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(mask, disc(radius)), np.uint8)


def _shift_edge(alpha: Plane, inwards_px: float) -> Plane:
    """Move the edge by a part of a pixel or more: whole pixels by morphology, the rest by a mix."""
    whole, part = int(abs(inwards_px)), abs(inwards_px) % 1
    move = cv2.erode if inwards_px > 0 else cv2.dilate
    if whole:
        alpha = np.asarray(move(alpha, disc(whole)), np.float32)
    further = np.asarray(move(alpha, disc(1)), np.float32)
    return np.asarray(alpha + part * (further - alpha), np.float32)
