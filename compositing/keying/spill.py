"""How far each part of the actor leans towards the screen by nature: learned from the actor's own depth.

Bounce light lands where the actor's surface sees the screen: near the silhouette, and hardly in the middle. So the
middle shows how the actor's colours lean without it. Every colour is split into the part that screen light cannot
change (`rest`: the colour less its lean) and the lean itself; over the clip's deepest pixels a table keeps, for each
part of the picture and each tint of rest, how far it leans. Near the edge whatever leans further is spill, also where a
fixed rule (green at most the mean of red and blue) sees nothing wrong: brown hair never gets that green.

Everything here works at the fit's low resolution; the one per-pixel function is `despill.despill_pixel`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.colour import Picture, Plane
from compositing.despill import OPEN_WEDGE, SKIN, skin_wedge
from compositing.keying.low_kernels import allowed, own_clear
from compositing.keying.study_kernels import cast

ROWS, COLUMNS, TINTS, LEANS = 18, 11, 28, 96
TINT_REACH, LEAN_REACH = 0.75, 0.5  # of the rest's total light: what the table spans, each way
DEEP = 0.06  # of the shorter side: spill has mostly died away so far in
INSIDE = 0.5  # how much what is learned counts beside the fixed rule deep inside: hair turns inside out
QUANTILE = 0.3  # of the leans seen: spill only ever adds
FEW = 0.01  # votes at a place and tint that count as much as the rule
SHALLOW, SHOT_QUANTILE = 0.3, 0.6
OWN = (0.10, 0.14)  # beyond the fixed rule, of the rest's light: from bounce light to the garment's own colour
ENOUGH = 60.0  # deep pixels that outweigh the rule
RARE, STIFF = 0.003, 0.005  # part of the deep pixels that makes a tint heard; what holds a slope towards none
FURTHEST, CLIPPED = 1.4, 0.04  # the widest table; part of the votes beyond a narrower one that calls for it
PROP, FIRM = 0.4, 0.95  # what leans further than that is no hair: it is as it most leans, so that none of it opens
FLOOR = 1.0 / 512


@dataclass(frozen=True)
class Nature:
    """The table: (ROWS, COLUMNS, TINTS) lean per rest light over the picture, how sure it is (0..1), and the clip's
    `slopes_of`."""

    lean: NDArray[np.float32]
    trust: NDArray[np.float32]
    slopes: NDArray[np.float32]


def split(rgb: Picture, along: NDArray[np.float32], light: NDArray[np.float32]) -> tuple[Plane, Picture]:
    """(lean (h, w), rest (h, w, 3)) with rgb = rest + lean * light; light: the screen's colour, 1 along itself.

    Adding screen light changes the lean alone.
    """
    lean = np.asarray(rgb @ along, np.float32)
    return lean, np.asarray(rgb - lean[..., None] * light, np.float32)


def depth_of(opaque: NDArray[np.uint8]) -> Plane:
    """(h, w) distance in pixels to the nearest that is not opaque; the frame's edge is no edge of the actor."""
    padded = cv2.copyMakeBorder(opaque, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1], np.float32)


def lean_reach(along: NDArray[np.float32], light: NDArray[np.float32]) -> float:
    """How far, each way, the table of leans must span before this screen, per light of the rest.

    Before green or blue skin leans away from the screen; before yellow it leans towards it further than LEAN_REACH, and
    a table that ends there would call the rest of skin's own colour spill, and the matte would open. Twice as far as
    the clean tones of SKIN, at most 2: real skin, the warmer and darker, leans further than they.
    """
    lean, rest = split(SKIN[None], along, light)
    natural = float((lean / np.maximum(rest.sum(-1), FLOOR)).max())
    return min(max(LEAN_REACH, 2 * natural), 2.0)


def learn(
    pictures: Sequence[Picture], opaques: Sequence[NDArray[np.uint8]], along: NDArray[np.float32],
    across: NDArray[np.float32], light: NDArray[np.float32],
    clean: bool = True,
) -> Nature:  # fmt: skip
    """The clip's table from sampled frames (h, w, 3) and where each is opaque (h, w) 0 or 1.

    clean: as the actor leans without spill (the depth counts, and its lower leans); else as it was shot, spill and all.
    """
    shape = (ROWS, COLUMNS, TINTS, LEANS)
    votes = np.zeros(shape, np.float64)
    reach = lean_reach(along, light)
    depths, widened = [depth_of(opaque) for opaque in opaques], False
    while True:
        for picture, depth in zip(pictures, depths, strict=True):
            deep = DEEP * min(depth.shape)
            cast(
                np.ascontiguousarray(picture, np.float32), depth, _basis(along, across, light), np.float32(TINT_REACH),
                np.float32(reach), np.float32(FLOOR), np.float32(deep), np.float32(SHALLOW), clean, votes,
            )  # fmt: skip
        # A solid thing of nearly the screen's hue leans further than the table goes: clipped, it would stay half clear.
        if reach >= FURTHEST or votes[..., -1].sum() <= CLIPPED * votes.sum():
            break
        reach, votes, widened = FURTHEST, np.zeros(shape, votes.dtype), True
    # Neighbours speak for each other, loudest where there is nobody else.
    told = votes.astype(np.float32)
    wide: NDArray[np.float32] = np.sum([
        np.float32(share) * _blurred(told, far, tints)
        for share, far, tints in ((1.0, 0.7, 0.7), (0.03, 2.0, 1.0), (0.001, 6.0, 1.5))
    ], axis=0)  # fmt: skip
    amount = wide.sum(-1)
    rising = np.cumsum(wide, -1) / np.maximum(amount, 1e-9)[..., None]
    lean = (np.argmax(rising >= (QUANTILE if clean else SHOT_QUANTILE), -1) / (LEANS - 1) * 2 - 1) * reach
    if not clean and widened:
        most = (np.argmax(rising >= FIRM, -1) / (LEANS - 1) * 2 - 1) * reach
        lean = np.where(lean > PROP, most, lean)
    sure = votes.sum() / max(1, len(pictures))
    slopes = slopes_of(votes.sum((0, 1)), reach)
    trust = np.minimum(amount / (amount + FEW), 1) * sure / (sure + ENOUGH)
    return Nature(lean.astype(np.float32), trust.astype(np.float32), slopes)


def slopes_of(votes: NDArray[np.float64], reach: float) -> NDArray[np.float32]:
    """(2,) how much further the actor leans the further a colour is tinted across the screen's hue, and against it.

    votes (TINTS, LEANS): the clip's; reach: see `lean_reach`. What is redder is less green, and before yellow skin in
    shade is more of both: one line through grey for either side, and flat where little is known.
    """
    told = votes.sum(1)
    rising = np.cumsum(votes, 1) / np.maximum(told, 1e-9)[:, None]
    lean = (np.argmax(rising >= QUANTILE, 1) / (LEANS - 1) * 2 - 1) * reach
    tint = (np.arange(TINTS) / (TINTS - 1) * 2 - 1) * TINT_REACH
    part = told / max(float(told.sum()), 1e-9)
    weight = part / (part + RARE)
    sides = (weight * (tint > 0), weight * (tint < 0))
    slopes = [(w * np.abs(tint) * lean).sum() / ((w * tint * tint).sum() + STIFF) for w in sides]
    return np.asarray(slopes, np.float32)


def _blurred(votes: NDArray[np.float32], far: float, tints: float) -> NDArray[np.float32]:
    """The table blurred along rows and columns (far) and along tints; nothing is beyond its ends."""
    shape = votes.shape
    down = _blurring(shape[0], far) @ votes.reshape(shape[0], -1)
    across = np.matmul(_blurring(shape[1], far), down.reshape(shape[0], shape[1], -1))
    return np.matmul(_blurring(shape[2], tints), across.reshape(shape))


def _blurring(count: int, sigma: float) -> NDArray[np.float32]:
    """(count, count) what a blur takes of each of `count` values for each."""
    reach = int(np.ceil(3 * sigma))
    away = np.abs(np.arange(count)[:, None] - np.arange(count)[None])
    whole = float(np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2).sum())
    return np.asarray(np.where(away <= reach, np.exp(-0.5 * (away / sigma) ** 2), 0) / whole, np.float32)


def allowed_lean(
    foreground: Picture, nature: Nature, along: NDArray[np.float32], across: NDArray[np.float32],
    light: NDArray[np.float32], skin: float, slopes: NDArray[np.float32] | None = None,
) -> Plane:  # fmt: skip
    """(h, w) how far each colour may lean, per light of its rest: by nature, or by the fixed rule.

    Between the two: a little beyond the rule even in depth is bounce light all over; far beyond is the cloth's own.
    slopes: left out of it where given, since `despill_pixel` adds them by each pixel's own tint.
    """
    wedge = skin_wedge(skin, along, across)
    warm = float(SKIN[1] @ across) >= 0
    wedges = np.array([wedge, OPEN_WEDGE] if warm else [OPEN_WEDGE, wedge], np.float32)
    beyond = np.array([OWN[0], OWN[1] - OWN[0]], np.float32)
    out = np.empty(foreground.shape[:2], np.float32)
    allowed(
        np.ascontiguousarray(foreground, np.float32), nature.lean, nature.trust, _basis(along, across, light),
        np.float32(TINT_REACH), np.float32(FLOOR), wedges, beyond,
        np.zeros(2, np.float32) if slopes is None else slopes, out,
    )  # fmt: skip
    return out


def own_lean(
    low: Picture, screen: Picture, by_rule: Plane, nature: Nature, along: NDArray[np.float32],
    across: NDArray[np.float32], light: NDArray[np.float32], gain: float,
) -> tuple[Plane, Plane, Plane]:  # fmt: skip
    """(h, w) each: how far whatever of the actor is in each pixel leans, per light of its rest; how sure that is; and
    how much of the screen (its plate: `screen`) shows there less that lean, `by_rule` where it is not sure.

    Exact where the pixel is a mix, since the screen's light is no part of the rest.
    """
    own, sure, clear = (np.empty(low.shape[:2], np.float32) for _ in range(3))
    own_clear(
        np.ascontiguousarray(low, np.float32), np.ascontiguousarray(screen, np.float32),
        np.ascontiguousarray(by_rule, np.float32), nature.lean, nature.trust, _basis(along, across, light),
        np.float32(TINT_REACH), np.float32(FLOOR), np.float32(gain), own, sure, clear,
    )  # fmt: skip
    return own, sure, clear


def _basis(*directions: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.stack(directions), np.float32)


def edge_share(opaque: NDArray[np.uint8]) -> Plane:
    """(h, w) 1 outside and at the actor's edge, towards 0 deep inside: where bounce light is to be expected."""
    deep = DEEP * min(opaque.shape)
    return np.asarray(np.exp(-depth_of(opaque) / (2 * deep)), np.float32)


def nature_share(opaque: NDArray[np.uint8]) -> Plane:
    """(h, w) how much what is learned counts beside the fixed rule: all at the edge, INSIDE deep within."""
    return np.asarray(INSIDE + (1 - INSIDE) * edge_share(opaque), np.float32)
