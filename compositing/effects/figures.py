"""A person as limbs: body, dress, head and hands, from any side, walking or standing.

Lengths are parts of the person's own height; `lat` to the person's side, `fwd` the way it looks, `up` over the ground.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.effects.clothes import (
    BACK,
    COAT,
    GOWN,
    JACKET,
    JOINED,
    OFFICIAL,
    PHONE,
    QIPAO,
    ROBE,
    RUQUN,
    SERVANT,
    SHIRT,
    SKIRT,
    SUIT,
    TALK,
    TUNIC,
)
from compositing.effects.limbs import BLUE, COVER, CUT, FOLD, R0, R1, RED, ROUND, SIDE, SOFT, X0, X1, Y0, Y1, limbs

Numbers = NDArray[np.float64]
Mask = NDArray[np.bool_]
HIP, KNEE, ANKLE, SHOULDER, NECK, HEAD = 0.525, 0.285, 0.045, 0.812, 0.855, 0.920
STRIDE = 0.42  # radians that a leg swings to either side
EDGE = 0.0006  # of the picture's height that every edge is softened by


@dataclass(frozen=True)
class Moment:
    """People at one moment, one line each. x, y: where their feet stand, pixels; unit: pixels of their height; side,
    front: which way they look (1 to the right, -1 to the left; 1 to the lens, -1 away), head_side, head_front: the
    head; step: radians of the walk, stride: how much of it (0 stands); sway: -1..1 weight from leg to leg; talk: 0..1
    how far a talking hand is raised; kind, pose: see `clothes`; colours: coat, below, trim, skin, hair (N, 3)."""

    x: Numbers
    y: Numbers
    unit: Numbers
    side: Numbers
    front: Numbers
    head_side: Numbers
    head_front: Numbers
    step: Numbers
    stride: Numbers
    sway: Numbers
    talk: Numbers
    girth: Numbers
    kind: NDArray[np.int64]
    pose: NDArray[np.int64]
    woman: Mask
    phase: Numbers
    stands: Mask
    colours: dict[str, Numbers]


class _Drawing:
    """Collects the limbs of all people, part by part."""

    def __init__(self, now: Moment, height: int) -> None:
        self.now, self.edge = now, EDGE * height
        self.bob = 0.010 * np.abs(np.cos(now.step)) * now.stride
        self.parts: list[NDArray[np.float32]] = []

    def at(self, where: tuple[Any, ...]) -> tuple[Numbers, Numbers]:
        """Pixels of (lat, fwd, up), or of (to the right, up) as it is seen."""
        now, up = self.now, where[-1]
        lean = 0.016 * now.sway * np.clip(np.asarray(up) - 0.1, 0, None)  # the weight on one leg shifts all above it
        right = where[0] if len(where) == 2 else where[0] * np.abs(now.front) + where[1] * now.side
        return np.asarray(now.x + (right + lean) * now.unit), np.asarray(now.y - (up + self.bob) * now.unit)

    def limb(
        self, a: tuple[Any, ...], ra: Any, b: tuple[Any, ...], rb: Any, colour: Numbers,
        shown: Any = True, *, cut: float = 0.0, fold: float = 0.35, soft: float = 0.0, cover: float = 1.0,
    ) -> None:  # fmt: skip
        """From a to b (see `at`), `ra` and `rb` half as wide."""
        now = self.now
        made = limbs(len(now.x))
        made[:, X0], made[:, Y0] = self.at(a)
        made[:, X1], made[:, Y1] = self.at(b)
        made[:, R0], made[:, R1] = ra * now.girth * now.unit + self.edge, rb * now.girth * now.unit + self.edge
        made[:, RED : BLUE + 1] = np.clip(colour, 0, 1)
        made[:, COVER] = cover * (now.stands & shown)
        made[:, SIDE], made[:, ROUND], made[:, FOLD], made[:, CUT], made[:, SOFT] = 1.0, 0.22, fold, cut, soft
        self.parts.append(made)


def figures(now: Moment, height: int) -> NDArray[np.float32]:
    """(people, parts, limbs.COLUMNS): each one's limbs from the back to the front."""
    d, kind = _Drawing(now, height), now.kind
    coat, below, trim, skin, hair = (now.colours[name] for name in ("coat", "below", "trim", "skin", "hair"))
    wide = np.abs(now.front)  # 1 seen from the front or the back, 0 from the side

    def is_(*kinds: int) -> Mask:
        return np.asarray(np.isin(kind, kinds))

    long_ = is_(GOWN, QIPAO, ROBE, RUQUN, OFFICIAL)  # to the ground or nearly: hides the legs
    sleeved = is_(ROBE, RUQUN, OFFICIAL)
    bare = is_(SHIRT, QIPAO)
    swing = np.sin(now.step) * STRIDE * now.stride
    body = 0.062 + 0.024 * wide  # half the chest
    waist = np.where(now.woman, 0.048, 0.056) + 0.022 * wide

    d.limb((-0.10, 0, 0.006), 0.016, (0.10, 0, 0.006), 0.016, np.zeros_like(coat), soft=1.0, cover=0.55, fold=0)
    # legs: the far one first, darker
    trousers = np.where(is_(SKIRT, QIPAO)[:, None], skin * 0.82, below)
    shoes = 0.30 * below + 0.04
    calves = ~long_ | is_(QIPAO)
    for sign, shade in ((-1.0, 0.72), (1.0, 1.0)):
        lean = sign * swing
        bend = np.clip(-sign * np.cos(now.step), 0, 1) * 0.62 * now.stride
        knee = (sign * 0.046, np.sin(lean) * 0.245, KNEE + 0.01 * bend)
        low = lean - bend
        ankle = (sign * 0.050, knee[1] + np.sin(low) * 0.235, ANKLE + 0.10 * bend * np.maximum(np.cos(low), 0.2) * 0.6)
        d.limb((sign * 0.044, 0, HIP - 0.02), 0.056, knee, 0.042, trousers * shade, ~long_)
        wrapped = is_(SERVANT, TUNIC)
        d.limb(knee, np.where(wrapped, 0.046, 0.040), ankle, np.where(wrapped, 0.026, 0.030), trousers * shade * 0.95,
               calves)  # fmt: skip
        d.limb((sign * 0.052, ankle[1] - 0.008, ankle[2] - 0.024), 0.019,
               (sign * 0.056, ankle[1] + 0.072, ankle[2] - 0.028), 0.015, shoes, fold=0)  # fmt: skip

    hands = [_hand(now, sign, swing) for sign in (-1.0, 1.0)]
    _arm(d, hands[0], -1.0, 0.74, coat, trim, skin, sleeved, bare)
    _skirts(d, coat, below, trim, waist, swing, is_)
    # the body
    d.limb((0, 0, HIP + 0.02), waist * 1.06, (0, 0, 0.635), waist, np.where(is_(SHIRT)[:, None], below, coat) * 0.93)
    d.limb((0, 0, 0.62), waist, (0, 0.006, 0.765), body, coat)
    d.limb((-0.070, 0, 0.790), 0.036, (0.070, 0, 0.790), 0.036, coat * 1.04, fold=0.15)
    seen = now.front > 0.15
    # what shows between lapels, where robes cross, what buttons close
    d.limb((0, 0.02, 0.815), 0.024, (0.006, 0.05, 0.69), 0.006, trim, seen & is_(JACKET, COAT, SUIT), fold=0)
    d.limb((-0.040, 0.03, 0.818), 0.012, (0.034, 0.055, 0.66), 0.012, trim, seen & sleeved, fold=0)
    d.limb((0.034, 0.03, 0.818), 0.011, (-0.012, 0.052, 0.70), 0.011, trim * 0.9, seen & sleeved, fold=0)
    sash = np.where(is_(RUQUN), 0.715, 0.60)
    d.limb((-0.062, 0, sash), 0.021, (0.062, 0, sash), 0.021, trim, is_(ROBE, RUQUN, SERVANT, OFFICIAL), fold=0.1)
    d.limb((-0.066, 0, 0.66), body * 0.55, (0.066, 0, 0.66), body * 0.55, trim * 0.8,
           is_(GOWN) & (now.phase > 0.6), fold=0.2)  # fmt: skip
    _arm(d, hands[1], 1.0, 0.97, coat, trim, skin, sleeved, bare)
    _head(d, now, hair, skin, trim, is_)
    return np.asarray(np.stack(d.parts, 1), np.float32)


def _skirts(
    d: _Drawing, coat: Numbers, below: Numbers, trim: Numbers, waist: Numbers, swing: Numbers, is_: Any
) -> None:
    """What hangs from the waist: it widens downwards, and follows the step a little late."""
    now = d.now
    sway = 0.10 * np.abs(swing)  # it spreads as the legs part
    late = 0.05 * np.sin(now.step - 0.8) * now.stride
    for shown, top, hem, spread, colour in (
        (is_(SKIRT), 0.60, 0.31, 0.030, below), (is_(COAT), 0.62, 0.29, 0.022, coat * 0.94),
        (is_(JACKET, SUIT), 0.60, 0.475, 0.010, coat * 0.94), (is_(TUNIC), 0.60, 0.42, 0.016, coat * 0.94),
        (is_(SERVANT), 0.62, 0.33, 0.034, coat * 0.94), (is_(QIPAO), 0.62, 0.17, -0.006, coat * 0.96),
        (is_(GOWN), 0.62, 0.055, 0.022, coat * 0.95), (is_(ROBE, OFFICIAL), 0.62, 0.022, 0.068, coat * 0.94),
        (is_(RUQUN), 0.72, 0.014, 0.088, below),
    ):  # fmt: skip
        if not shown.any():
            continue
        half = (top + hem) / 2
        middle = waist * 1.04 + 0.42 * spread + 0.5 * sway
        d.limb((0, 0, top), waist, (0, late * 0.4, half), middle, colour, shown, fold=0.5)
        d.limb((0, late * 0.4, half), middle, (0, late, hem), waist * 1.05 + spread + sway, colour * 0.93, shown,
               cut=1.0, fold=0.7)  # fmt: skip
    # the border of a robe
    wide = waist * 1.05 + 0.066 + sway
    d.limb((0, late * 0.93, 0.052), wide, (0, late, 0.022), wide, trim * 0.8, is_(ROBE, OFFICIAL), cut=2.0, fold=0.2)


def _hand(now: Moment, sign: float, swing: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Where a wrist is: (lat, fwd, up)."""
    still = now.stride < 0.1
    lat, fwd = np.full(len(now.x), sign * 0.118), -sign * np.sin(swing) * 0.42 + 0.02
    up = np.full(len(now.x), 0.478) + 0.10 * np.abs(np.sin(swing))
    places = {JOINED: (0.012, 0.105, 0.605), BACK: (0.03, -0.085, 0.545)}
    for pose, (a, b, c) in places.items():
        # who wears wide sleeves joins the hands when walking, too
        held = (now.pose == pose) & (still | ((pose == JOINED) & np.isin(now.kind, (RUQUN, OFFICIAL))))
        lat, fwd, up = np.where(held, sign * a, lat), np.where(held, b, fwd), np.where(held, c, up)
    if sign > 0:
        phone = (now.pose == PHONE) & still
        low = now.phase > 0.5  # looked at, or at the ear
        lat = np.where(phone, np.where(low, 0.03, 0.085), lat)
        fwd = np.where(phone, np.where(low, 0.14, 0.02), fwd)
        up = np.where(phone, np.where(low, 0.655, 0.895), up)
    talks = (now.pose == TALK) & still
    raised = now.talk if sign > 0 else np.clip(now.talk - 0.5, 0, 1) * 1.4
    lat = np.where(talks, sign * (0.115 - 0.03 * raised), lat)
    fwd = np.where(talks, 0.03 + 0.13 * raised, fwd)
    up = np.where(talks, 0.49 + 0.17 * raised, up)
    return np.asarray(lat), np.asarray(fwd), np.asarray(up)


def _arm(
    d: _Drawing, hand: tuple[Numbers, Numbers, Numbers], sign: float, shade: float, coat: Numbers, trim: Numbers,
    skin: Numbers, sleeved: Mask, bare: Mask,
) -> None:  # fmt: skip
    lat, fwd, up = hand
    shoulder = (sign * 0.098, 0.0, SHOULDER - 0.018)
    elbow = ((shoulder[0] + lat) / 2 + sign * 0.026, (fwd + shoulder[1]) / 2 - 0.038,
             np.minimum((shoulder[2] + up) / 2 - 0.012, 0.72))  # fmt: skip
    hand_at = (lat * 0.96, fwd + 0.014, up - 0.036 * (up < 0.56) + 0.02 * (up > 0.8))
    d.limb((lat, fwd, up), 0.016, hand_at, 0.015, skin * 0.9 * shade, fold=0)
    d.limb(shoulder, 0.037, elbow, np.where(sleeved, 0.042, 0.031), coat * shade)
    lower = np.where(bare[:, None], skin * 0.92, coat)
    d.limb(elbow, np.where(bare, 0.023, 0.029), (lat, fwd, up), np.where(bare, 0.018, 0.021), lower * shade, ~sleeved)
    # a wide sleeve: it opens towards the hand and hangs from the arm
    d.limb(elbow, 0.042, (lat, fwd, up + 0.006), 0.058, coat * shade * 0.97, sleeved, fold=0.5)
    d.limb(((elbow[0] + lat) / 2, (elbow[1] + fwd) / 2, (elbow[2] + up) / 2), 0.046,
           (lat * 0.98, fwd - 0.012, up - 0.125), 0.040, coat * shade * 0.92, sleeved, cut=1.0, fold=0.6)  # fmt: skip
    d.limb((lat * 0.98 - 0.02 * sign, fwd - 0.012, up - 0.118), 0.013, (lat + 0.012 * sign, fwd + 0.01, up - 0.118),
           0.013, trim * shade * 0.85, sleeved, fold=0)  # fmt: skip


def _head(d: _Drawing, now: Moment, hair: Numbers, skin: Numbers, trim: Numbers, is_: Any) -> None:
    s, f = now.head_side, now.head_front
    seen = np.clip((f + 0.35) / 0.7, 0, 1)[:, None]  # how much of the face shows

    def at(fwd: Any, up: Any, lat: Any = 0.0) -> tuple[Any, Any]:
        return fwd * s + lat * np.abs(f), up

    ancient, female = is_(ROBE, RUQUN, SERVANT, OFFICIAL), now.woman
    long_ = female & ((now.phase * 97 % 1 < 0.55) | is_(RUQUN)) & ~is_(QIPAO)
    drop = np.where(is_(RUQUN), 0.68, 0.80)
    behind = long_ & (f > -0.2)
    d.limb(at(-0.012, 0.945), 0.050, at(-0.028, drop + 0.02), 0.042, hair, behind, fold=0.4)
    d.limb((0, 0, 0.80), 0.028, (0, 0.004, NECK + 0.02), 0.026, skin * 0.78, fold=0)
    face = skin * seen + hair * (1 - seen)
    d.limb(at(0.006, 0.888), 0.034, at(0.004, 0.938), 0.043, face, fold=0)
    d.limb(at(-0.016, 0.930), 0.036, at(-0.012, 0.955), 0.044, hair, fold=0.2)
    d.limb(at(-0.004, 0.962), 0.040, at(0.012, 0.962), 0.034, hair, fold=0.2)
    d.limb(at(-0.008, 0.945), 0.050, at(-0.014, drop), 0.044, hair, long_ & (f <= -0.2), fold=0.5)
    looks = f > 0.2
    for lat in (-0.017, 0.017):
        d.limb(at(0.022, 0.922, lat - 0.007), 0.004, at(0.022, 0.922, lat + 0.007), 0.004, skin * 0.45, looks, fold=0)
    d.limb(at(0.030, 0.915), 0.004, at(0.034, 0.902), 0.008, skin * 0.84, looks, fold=0)
    d.limb(at(0.026, 0.886, -0.010), 0.004, at(0.026, 0.886, 0.010), 0.004, skin * [0.80, 0.62, 0.60], looks, fold=0)
    # hair done up, and hats
    men, chance = ~female, now.phase * 53 % 1
    d.limb(at(-0.008, 0.985), 0.020, at(-0.008, 1.012), 0.017, hair, ancient & men & ~is_(OFFICIAL), fold=0)
    d.limb(at(-0.010, 0.990), 0.012, at(-0.004, 0.990), 0.012, trim, is_(ROBE), fold=0)
    for lat in (-0.030, 0.030):
        d.limb(at(-0.016, 0.975, lat), 0.026, at(-0.020, 1.010, lat * 0.8), 0.024, hair, is_(RUQUN), fold=0.2)
    d.limb(at(-0.012, 1.004, 0.028), 0.006, at(-0.012, 1.008, 0.052), 0.006, trim * 1.2, is_(RUQUN), fold=0)
    d.limb(at(-0.004, 0.966), 0.046, at(-0.010, 1.005), 0.036, hair * 0.8, is_(OFFICIAL), fold=0)
    d.limb(at(-0.02, 0.975, -0.115), 0.007, at(-0.02, 0.975, 0.115), 0.007, hair * 0.8, is_(OFFICIAL), fold=0)
    d.limb(at(-0.034, 0.905), 0.026, at(-0.036, 0.895), 0.024, hair, is_(QIPAO), fold=0.2)
    fedora = is_(SUIT) | (is_(GOWN) & (chance < 0.35))
    felt = trim * 0.55 + 0.06
    d.limb(at(0, 0.960, -0.058), 0.009, at(0.0, 0.960, 0.058), 0.009, felt * 0.8, fedora & men, fold=0)
    d.limb(at(-0.002, 0.972), 0.043, at(-0.002, 0.996), 0.035, felt, fedora & men, fold=0)
    cap = is_(TUNIC) & men
    d.limb(at(-0.010, 0.968), 0.045, at(0.010, 0.972), 0.042, felt * 0.9, cap, fold=0.2)
    d.limb(at(0.030, 0.955), 0.008, at(0.052, 0.951), 0.007, felt * 0.7, cap, fold=0)
    skull = is_(GOWN) & (chance >= 0.55)  # the small round cap
    d.limb(at(-0.006, 0.972), 0.041, at(-0.004, 0.984), 0.030, hair * 0.7, skull & men, fold=0)
