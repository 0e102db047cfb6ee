"""Who stands where in a crowd: chosen for what of the ground is seen, beside an actor rather than behind; alone, in
twos that talk, or on their way."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compositing.effects.clothes import HAIR, HAIR_SHARES, JOINED, PERIODS, RUQUN, SKIN, TALK, Wardrobe
from compositing.effects.ground import Ground, Numbers
from compositing.errors import Refused

# How tall a figure may be, of the picture's height, before one sees that it is drawn: sharp; more for each part of the
# height that the blur's sigma is wide; at most. Judged by eye at 1080 x 1920.
HOLDS_SHARP, HOLDS_BLURRED, HOLDS_MOST = 1.71 / 12, 60.0, 0.36
PERSON_M = 1.71
FOCAL = 1.0  # of the height: a lens of 36 mm on upright film 36 mm tall, as the plates' rain has
NEARER = 1.15  # 2 would spread them evenly over the ground: more of them near, where they are seen
TRIED = 14  # places for each that is taken
APART_M = 0.85  # between strangers
TWOS, TWO_M = 0.45, 0.78  # of those who stand, how many talk to somebody, and how far from each other
ACTOR_WIDE, BEHIND = 0.25, 0.25  # half of what an actor hides of the picture's width; how many go there all the same


@dataclass(frozen=True)
class People:
    """One line per figure, the farthest first; metres, sRGB, radians.

    facing: -1 left, 1 right, 0 along the view: which way they walk; turn: which way they look, 0 to the right, a
    quarter turn towards the lens, minus a quarter away. low, high: between which metres across they walk. kind, pose:
    see `clothes`.
    """

    distance: Numbers
    across: Numbers
    low: Numbers
    high: Numbers
    tall: Numbers
    girth: Numbers
    coat: Numbers
    below: Numbers
    trim: Numbers
    skin: Numbers
    hair: Numbers
    kind: NDArray[np.int64]
    pose: NDArray[np.int64]
    woman: NDArray[np.bool_]
    walks: NDArray[np.bool_]
    facing: Numbers
    turn: Numbers
    phase: Numbers


def holds_from(params: dict[str, Any], ground: Ground | None = None) -> float:
    """Metres from which on these people hold: through a long lens, or sharp, only far off; a moving camera that comes
    nearer has to stay away so much farther."""
    focal = ground.focal if ground else FOCAL
    sigma = blur_of(params, 1, 6.0, ground)
    tall = min(HOLDS_MOST, HOLDS_SHARP + HOLDS_BLURRED * sigma)
    nearer = ground.way.nearer() if ground and ground.way else 0.0
    return round(PERSON_M * focal / tall + nearer, 1)


def nearest_of(params: dict[str, Any], ground: Ground | None = None) -> float:
    """Metres from which on they stand: as asked, but never so near that one sees how they are drawn."""
    return max(float(params["nearest"]), holds_from(params, ground))


def blur_of(params: dict[str, Any], height: int, distance: float, ground: Ground | None) -> float:
    """Sigma in pixels of a picture of `height` that the lens blurs people with at a distance."""
    if ground:
        return ground.blur_share(distance) * height * params["soft"] / 45
    return 0.006 * height * params["soft"] / 100 * max(0.0, 1 - 1.6 / distance) / 0.9


def period_of(params: dict[str, Any], ground: Ground | None) -> str:
    """What they wear: as asked, else as the place has it."""
    asked = str(params["period"])
    return asked if asked != "place" else ground.period if ground else "modern"


def people(params: dict[str, Any], seed: int, ratio: float, ground: Ground | None = None) -> People:
    """Who stands where. ratio: the picture's width by its height. across is where a moving camera's first frame has
    them."""
    rng = np.random.default_rng(seed)
    near, focal = nearest_of(params, ground), ground.focal if ground else FOCAL
    far = near + params["depth"]
    count = round(3 + 66 * (params["density"] / 100) ** 1.2)
    tried = TRIED * count
    distance = rng.uniform(near**NEARER, far**NEARER, tried) ** (1 / NEARER)
    half = 0.5 * distance * ratio / focal + 1.0
    low, high = ground.way.reach(distance, half) if ground and ground.way else (-half, half)
    across = rng.uniform(low, high)
    off = across * focal / distance / ratio  # -0.5 .. 0.5 of the picture's width
    likely = np.where(np.abs(off) < ACTOR_WIDE, BEHIND, 1.0)
    if ground:
        shows = _shows(ground, across, distance)
        likely = likely * np.where(shows | ((np.abs(off) > 0.5) & (ground.way is not None)), 1.0, 1e-6)
    # drawn without putting back, each by its weight. Source: Efraimidis and Spirakis (2006)
    order = np.argsort(-np.log(np.maximum(rng.random(tried), 1e-12)) / likely, kind="stable")
    chosen: list[int] = []
    for k in order[: tried if ground is None else max(count, int((likely > 1e-3).sum()))]:
        if len(chosen) == count:
            break
        if all(math.hypot(across[k] - across[c], distance[k] - distance[c]) > APART_M for c in chosen):
            chosen.append(int(k))
    at = np.array(chosen, int)
    distance, across, low, high = distance[at], across[at], low[at], high[at]
    walks = rng.random(len(at)) < params["walking"] / 100
    sideways = {"both": rng.choice((-1.0, 1.0), len(at)), "left": -np.ones(len(at)), "right": np.ones(len(at))}
    facing = sideways.get(params["direction"], np.zeros(len(at)))
    along = rng.choice((-1.0, 1.0), len(at))  # who comes nearer, and who goes
    gaze = {"away": -1.0, "here": 1.0}.get(params["faces"])
    look = along if gaze is None else np.full(len(at), gaze)
    stood = rng.uniform(-0.48, 0.48, len(at)) * math.pi  # half a turn: to one side, or to or from the lens
    turn = np.where(
        walks, np.where(facing != 0, np.where(facing > 0, 0.0, math.pi) + 0.15 * look, look * math.pi / 2),
        look * (math.pi / 2 + stood * (0.9 if gaze is None else 0.5)),
    )  # fmt: skip
    talks = np.zeros(len(at), np.bool_)
    alone = ~walks & (rng.random(len(at)) < TWOS / (2 - TWOS))
    side = rng.choice((-1.0, 1.0), len(at))
    mates = np.flatnonzero(alone)
    talks[mates] = True
    # whom they talk to stands beside them, a little farther or nearer, turned to them
    turn[mates] = np.where(side[mates] > 0, 0.0, math.pi) + look[mates] * np.where(side[mates] > 0, 0.45, -0.45)
    away = rng.uniform(-0.25, 0.25, len(at))
    distance = np.append(distance, distance[mates] + away[mates])
    across = np.append(across, across[mates] + side[mates] * TWO_M)
    low, high, facing = np.append(low, low[mates]), np.append(high, high[mates]), np.append(facing, facing[mates])
    turn = np.append(turn, math.pi - turn[mates] + 0.25 * away[mates])
    walks, talks = np.append(walks, walks[mates]), np.append(talks, talks[mates])
    back = np.argsort(-distance, kind="stable")
    made = _dressed(PERIODS[period_of(params, ground)], rng, len(back), talks[back])
    return People(
        distance=distance[back], across=across[back], low=low[back], high=high[back], walks=walks[back],
        facing=facing[back], turn=turn[back], **made,
    )  # fmt: skip


def _dressed(has: Wardrobe, rng: np.random.Generator, count: int, talks: NDArray[np.bool_]) -> dict[str, Any]:
    woman = rng.random(count) < 0.5

    def drawn(shares: tuple[tuple[int, float], ...]) -> NDArray[np.int64]:
        weights = np.array([share for _kind, share in shares])
        return rng.choice([one for one, _share in shares], count, p=weights / weights.sum())

    def colours(of: tuple[tuple[float, ...], ...]) -> Numbers:
        shade = rng.uniform(0.85, 1.12, (count, 1))
        return np.clip(np.array(of)[rng.integers(0, len(of), count)] * shade, 0, 1)

    kind = np.where(woman, drawn(has.women), drawn(has.men))
    pose = drawn(has.poses)
    below = np.where((kind == RUQUN)[:, None], colours(has.ladies) * 0.86, colours(has.lower))
    pose = np.where(talks & ((pose != JOINED) | (rng.random(count) < 0.5)), TALK, pose)
    return {
        "tall": np.where(woman, rng.normal(1.62, 0.05, count), rng.normal(1.73, 0.06, count)),
        "girth": rng.uniform(0.92, 1.16, count), "woman": woman, "kind": kind, "pose": pose,
        "coat": np.where(woman[:, None], colours(has.ladies), colours(has.upper)), "below": below,
        "trim": colours(has.trim), "skin": np.array(SKIN)[rng.integers(0, len(SKIN), count)],
        "hair": np.array(HAIR)[rng.choice(len(HAIR), count, p=HAIR_SHARES)], "phase": rng.random(count),
    }  # fmt: skip


def _shows(ground: Ground, across: Numbers, distance: Numbers) -> NDArray[np.bool_]:
    """Whether who stands there is seen from the chest up."""
    height, width = ground.metres.shape
    unit = ground.focal * height / distance
    x = width / 2 + across * unit
    row, stands = ground.feet(x, distance)
    column = np.clip(np.rint(x), 0, width - 1).astype(int)
    clear = np.ones(len(x), np.bool_)
    for up in (1.25, 1.6):
        at = np.clip(np.rint(row - up * unit), 0, height - 1).astype(int)
        clear &= ground.metres[at, column] > distance - 0.35
    return np.asarray(stands & clear & (x > -0.02 * width) & (x < 1.02 * width) & (row - 1.7 * unit < height))


def seen_of(ground: Ground, crowd: People, nearest: float) -> int:
    """How many of them are seen at all where they first stand. Raises Refused where nobody is."""
    count = int(_shows(ground, crowd.across, crowd.distance).sum())
    if count == 0:
        raise Refused(
            f"On this plate nobody would be seen: people stand from {nearest:g} m on, nearer they look drawn, and "
            "there everything is hidden or has no ground. Take a deeper place or a shorter lens.",
            code="crowd_unseen", nearest=f"{nearest:g}",
        )  # fmt: skip
    return count
