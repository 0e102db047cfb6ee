"""People behind: figures of soft shapes on the plate's ground, right in size and in who hides whom.

Sharp they hold at background size, a seventh of the picture tall; out of focus as behind a close-up they hold nearer.
How near they may come follows from both, see `holds_from`; asked for nearer they stand back, and it is said.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.effects.ground import Ground, ground_of
from compositing.effects.shapes import (
    ANGLE,
    BLUE,
    COLUMNS,
    COVER,
    FOLD,
    LONG,
    RED,
    ROUND,
    SIDE,
    SOFT,
    WIDE,
    X,
    Y,
    covered,
    lay,
    shapes,
)
from compositing.errors import Refused

Numbers = NDArray[np.float64]
# How tall a figure may be, of the picture's height, before one sees that it is drawn: sharp; more for each part of the
# height that the blur's sigma is wide; at most. Judged by eye at 1080 x 1920.
HOLDS_SHARP, HOLDS_BLURRED, HOLDS_MOST = 1.71 / 12, 60.0, 0.36
PERSON_M = 1.71
NEARER = 1.2  # 2 would spread them evenly over the ground
ROWS = 3  # that people are blurred in by their distance
FOCAL = 1.0  # of the height: a lens of 36 mm on upright film 36 mm tall, as the plates' rain has
MOST_ALIKE = 2  # of one figure in the view at a time
STRIDE_M, WALK_M_S = 1.45, 1.25  # two steps; an easy pace. Source: Bohannon (1997), comfortable gait speed
# sRGB of coats and gowns, of what is worn below, of hair.
CLOTHES: dict[str, tuple[tuple[tuple[float, float, float], ...], tuple[tuple[float, float, float], ...]]] = {
    "modern": (
        ((0.12, 0.13, 0.15), (0.20, 0.22, 0.27), (0.34, 0.31, 0.28), (0.55, 0.53, 0.50), (0.24, 0.16, 0.14),
         (0.16, 0.21, 0.31), (0.42, 0.20, 0.18), (0.70, 0.68, 0.64)),
        ((0.09, 0.09, 0.11), (0.15, 0.18, 0.25), (0.20, 0.18, 0.16), (0.28, 0.28, 0.30)),
    ),
    "republican": (
        ((0.22, 0.25, 0.30), (0.14, 0.17, 0.24), (0.33, 0.33, 0.32), (0.30, 0.20, 0.17), (0.46, 0.44, 0.38),
         (0.20, 0.28, 0.27)),
        ((0.10, 0.10, 0.11), (0.18, 0.17, 0.16)),
    ),
    "ancient": (
        ((0.46, 0.40, 0.31), (0.33, 0.36, 0.33), (0.27, 0.22, 0.19), (0.40, 0.24, 0.18), (0.22, 0.28, 0.34),
         (0.56, 0.52, 0.43), (0.36, 0.30, 0.22)),
        ((0.20, 0.17, 0.14), (0.30, 0.26, 0.21)),
    ),
}  # fmt: skip
SKIN = ((0.80, 0.62, 0.51), (0.72, 0.54, 0.43), (0.62, 0.45, 0.35))
HAIR = (0.07, 0.06, 0.06)
TONES = {  # what the place's light does to their colours, and how much they lose to the air by depth
    "day": ((1.0, 1.0, 1.0), (0.62, 0.68, 0.76)),
    "golden": ((1.05, 0.86, 0.66), (0.80, 0.58, 0.40)),
    "night": ((0.42, 0.44, 0.54), (0.13, 0.14, 0.19)),
    "lamps": ((0.66, 0.50, 0.38), (0.20, 0.15, 0.13)),
    "storm": ((0.60, 0.66, 0.72), (0.42, 0.47, 0.52)),
}


@dataclass(frozen=True)
class People:
    """One line per figure, the farthest first; metres, sRGB, radians.

    facing: -1 left, 1 right, 0 to or from the lens. low, high: between which metres across they walk.
    """

    distance: Numbers
    across: Numbers
    low: Numbers
    high: Numbers
    tall: Numbers
    girth: Numbers
    coat: Numbers
    below: Numbers
    skin: Numbers
    robe: NDArray[np.bool_]
    walks: NDArray[np.bool_]
    facing: Numbers
    phase: Numbers


def holds_from(params: dict[str, Any], ground: Ground | None = None) -> float:
    """Metres from which on these people hold: through a long lens, or sharp, only far off; a moving camera that comes
    nearer has to stay away so much farther."""
    focal = ground.focal if ground else FOCAL
    sigma = blur_of(params, 1, 6.0, ground)
    tall = min(HOLDS_MOST, HOLDS_SHARP + HOLDS_BLURRED * sigma)
    nearer = ground.way.nearer() if ground and ground.way else 0.0
    return round(PERSON_M * focal / tall + nearer, 1)


def held(params: dict[str, Any], width: int, height: int) -> dict[str, int]:
    """{"nearest": decimetres from which on they really stand} where they were asked for nearer than they hold, else
    {}."""
    ground = ground_of(Path(params["ground"]), width, height) if params.get("ground") else None
    stand = nearest_of(params, ground)
    return {"nearest": round(10 * stand)} if stand > params["nearest"] else {}


def nearest_of(params: dict[str, Any], ground: Ground | None = None) -> float:
    """Metres from which on they stand: as asked, but never so near that one sees how they are drawn."""
    return max(float(params["nearest"]), holds_from(params, ground))


def blur_of(params: dict[str, Any], height: int, distance: float, ground: Ground | None) -> float:
    """Sigma in pixels of a picture of `height` that the lens blurs people with at a distance."""
    if ground:
        return ground.blur_share(distance) * height * params["soft"] / 45
    return 0.006 * height * params["soft"] / 100 * max(0.0, 1 - 1.6 / distance) / 0.9


def people(params: dict[str, Any], seed: int, ratio: float, ground: Ground | None = None) -> People:
    """Who stands where: as many in each metre as the widening view holds. ratio: the picture's width by its height.
    across is where a moving camera's first frame has them."""
    rng = np.random.default_rng(seed)
    near, focal = nearest_of(params, ground), ground.focal if ground else FOCAL
    far = near + params["depth"]
    count = round(4 + 116 * (params["density"] / 100) ** 1.25)
    # rather more of them near than an even spread has: those are who is seen behind a close-up
    distance = np.sort(rng.uniform(near**NEARER, far**NEARER, count) ** (1 / NEARER))[::-1]
    half = 0.5 * distance * ratio / focal + 1.0
    low, high = ground.way.reach(distance, half) if ground and ground.way else (-half, half)
    coats, belows = (np.array(colours) for colours in CLOTHES[params["period"]])
    women = rng.random(count) < 0.5
    walks = rng.random(count) < params["walking"] / 100
    sideways = {"both": rng.choice((-1.0, 1.0), count), "left": -np.ones(count), "right": np.ones(count)}
    facing = sideways.get(params["direction"], np.zeros(count))
    facing = np.where(~walks & (rng.random(count) < 0.55), 0.0, facing)
    long_coat = {"modern": 0.12, "republican": 0.6, "ancient": 0.88}[params["period"]]
    shade = rng.uniform(0.8, 1.15, (count, 1))
    return People(
        distance=distance, across=rng.uniform(low, high), low=low, high=high,
        tall=np.where(women, rng.normal(1.62, 0.05, count), rng.normal(1.73, 0.06, count)),
        girth=rng.uniform(0.9, 1.18, count),
        coat=np.clip(coats[rng.integers(0, len(coats), count)] * shade, 0, 1),
        below=np.clip(belows[rng.integers(0, len(belows), count)] * shade, 0, 1),
        skin=np.array(SKIN)[rng.integers(0, len(SKIN), count)], robe=rng.random(count) < long_coat, walks=walks,
        facing=facing, phase=rng.random(count),
    )  # fmt: skip


def frames_of_crowd(
    params: dict[str, Any], *, seed: int, frames: int, fps_num: int, fps_den: int, width: int, height: int
) -> Iterator[np.ndarray]:
    """Yield `frames` pictures (H, W, 4) uint16 sRGB, straight alpha. params["ground"]: a plate's depth map (a path)
    whose ground they stand on, hidden by what stands nearer, in its light and its focus. Raises Refused where nobody
    would be seen on it."""
    ground = ground_of(Path(params["ground"]), width, height) if params.get("ground") else None
    crowd = people(params, seed, width / height, ground)
    seconds = frames * fps_den / fps_num
    tint, air = (np.array(one) for one in (ground.tones() if ground else TONES[params["tone"]]))
    lost = (1 - np.exp(-crowd.distance / 90 * params["haze"] / 30))[:, None]
    graded = {
        name: getattr(crowd, name) * tint * (1 - lost) + air * lost for name in ("coat", "below", "skin")
    } | {"hair": np.array(HAIR) * tint * (1 - lost) + air * lost}  # fmt: skip
    # One who walks crosses the view and a little more; where that takes several loops, as many of the same figure
    # follow one another, so that each comes to stand where the one before it stood.
    path, middle = crowd.high - crowd.low + 0.4, (crowd.high + crowd.low) / 2
    needed = np.maximum(1, np.rint(path / (WALK_M_S * seconds)))
    # In a loop too short for that the same figure would stand about in threes: then it stays where it is.
    crowd = replace(crowd, walks=crowd.walks & ((needed <= MOST_ALIKE) | (crowd.facing == 0)))
    copies = np.where(crowd.walks & (crowd.facing != 0), needed, 1).astype(int)
    who = np.repeat(np.arange(len(copies)), copies)
    nth = np.concatenate([np.arange(n) for n in copies]) if len(copies) else np.zeros(0)
    picture = np.zeros((height, width, 4), np.float32)
    if ground:
        seen_of(ground, crowd, nearest_of(params, ground))
    # the farthest row first; each is blurred as the lens blurs what stands there
    rows = np.array_split(np.arange(len(who)), ROWS)
    blurs = [blur_of(params, height, float(np.median(crowd.distance[who[row]])), ground) for row in rows]
    lit_from = -math.copysign(0.24, ground.light.get("azimuth", 40)) if ground else 0.18
    for n in range(frames):
        here = ground.at(n) if ground else None
        part = n / frames
        gone = ((part + nth) / copies[who] + crowd.phase[who]) % 1.0 * path[who]
        heading = np.where(crowd.facing[who] == 0, 0.0, crowd.facing[who])
        across = np.where(
            crowd.walks[who] & (heading != 0), middle[who] + heading * (gone - path[who] / 2), crowd.across[who]
        )  # fmt: skip
        distance = crowd.distance[who]
        if ground and ground.way:
            across, distance = ground.way.seen_from(n, across, distance)
        step = np.where(crowd.walks[who], 2 * math.pi * gone / STRIDE_M, 0.0)
        step = np.where(
            crowd.walks[who] & (heading == 0), 2 * math.pi * (part * round(seconds / 1.1) + crowd.phase[who]), step
        )
        idle = np.where(crowd.walks[who], 0.0, np.sin(2 * math.pi * (part + crowd.phase[who])))
        picture[:] = 0
        figures = _figures(crowd, who, across, distance, step, idle, heading, graded, params, width, height, here)
        figures[..., SIDE] *= lit_from
        for row, blur in zip(rows, blurs, strict=True):
            row = row[np.argsort(-distance[row], kind="stable")]
            parts = figures[row].reshape(-1, COLUMNS)
            far = np.repeat(distance[row], figures.shape[1]).astype(np.float32)
            gone = (0.0, 0.0)
            if ground and ground.way and len(far):
                gone = ground.way.drawn_out(n, float(np.median(far)), ground.focal)
            _lay_row(picture, parts, blur, here, far, (gone[0] * height, gone[1] * height))
        yield covered(picture)


def _lay_row(
    picture: NDArray[np.float32], parts: NDArray[np.float32], blur: float, ground: Ground | None,
    far: NDArray[np.float32], gone: tuple[float, float],
) -> None:  # fmt: skip
    """Lay people over `picture`, blurred, drawn out along `gone` pixels: only the lines that they stand in are worked
    on."""
    height = len(picture)
    drawn = parts[parts[:, COVER] > 0]
    if not len(drawn):
        return
    reach = drawn[:, LONG] + drawn[:, WIDE]
    top = int(np.clip((drawn[:, Y] - reach).min() - 3 * blur - 2, 0, height))
    foot = int(np.clip((drawn[:, Y] + reach).max() + 3 * blur + 2, 0, height))
    if foot <= top:
        return
    layer = np.zeros((foot - top, *picture.shape[1:]), np.float32)
    parts = parts.copy()
    parts[:, Y] -= top
    if ground:
        lay(layer, parts, np.ascontiguousarray(ground.metres[top:foot]), far)
    else:
        lay(layer, parts)
    if blur > 0.3:
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), blur), np.float32)
    length = math.hypot(*gone)
    if length > 1.0:
        layer = np.asarray(cv2.filter2D(layer, cv2.CV_32F, _line(gone)), np.float32)
    below = picture[top:foot]
    below *= 1 - layer[..., 3:]
    below += layer


def _line(gone: tuple[float, float]) -> NDArray[np.float32]:
    """What draws a picture out along `gone` pixels, evenly on both sides."""
    reach = math.ceil(max(abs(gone[0]), abs(gone[1])) / 2) + 1
    out = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    count = 4 * reach
    for k in range(count):
        part = (k + 0.5) / count - 0.5
        out[reach + round(part * gone[1]), reach + round(part * gone[0])] += 1 / count
    return out


def seen_of(ground: Ground, crowd: People, nearest: float) -> int:
    """How many of them are seen at all where they first stand. Raises Refused where nobody is."""
    height, width = ground.metres.shape
    unit = ground.focal * height / crowd.distance
    x = width / 2 + crowd.across * unit
    row, stands = ground.feet(x, crowd.distance)
    head = np.clip(np.rint(row - 1.5 * unit), 0, height - 1).astype(int)
    clear = ground.metres[head, np.clip(np.rint(x), 0, width - 1).astype(int)] > crowd.distance - 0.35
    count = int((stands & clear & (x > 0) & (x < width)).sum())
    if count == 0:
        raise Refused(
            f"On this plate nobody would be seen: people stand from {nearest:g} m on, nearer they look drawn, and "
            "there everything is hidden or has no ground. Take a deeper place or a shorter lens.",
            code="crowd_unseen", nearest=f"{nearest:g}",
        )  # fmt: skip
    return count


def _figures(
    crowd: People, who: NDArray[np.int64], across: Numbers, distance: Numbers, step: Numbers, idle: Numbers,
    heading: Numbers, colours: dict[str, Numbers], params: dict[str, Any], width: int, height: int,
    ground: Ground | None,
) -> NDArray[np.float32]:  # fmt: skip
    """(figures, parts, COLUMNS): each figure's parts from the back to the front."""
    distance = np.maximum(distance, 0.5)
    unit = (ground.focal if ground else FOCAL) * height / distance  # pixels a metre
    bob = 0.018 * np.abs(np.cos(step)) * crowd.walks[who]
    foot_y = height * params["horizon"] / 100 + unit * params["camera_height"] / 100
    foot_x = width / 2 + across * unit
    stands = np.ones(len(who), np.bool_)
    if ground:
        foot_y, stands = ground.feet(foot_x, distance)
    tall, girth, robe = crowd.tall[who], crowd.girth[who], crowd.robe[who]
    soft = 0.0008 * height
    side = np.where(heading == 0, 0.35, 1.0)  # a stride shows from the side
    swing = np.sin(step) * 0.42 * side * crowd.walks[who]
    parts: list[NDArray[np.float32]] = []

    def part(x: Numbers, up: Numbers, half_tall: float, half_wide: Any, lean: Numbers | float,
             colour: Numbers, shown: NDArray[np.bool_] | None = None, cloth: float = 0.5) -> None:  # fmt: skip
        """x: metres from the feet, to the right; up: metres over the ground, of a figure 1 m tall; cloth: how deep its
        folds are."""
        made = shapes(len(who))
        made[:, X] = foot_x + x * tall * unit
        made[:, Y] = foot_y - (up + bob) * tall * unit
        made[:, LONG], made[:, WIDE] = half_tall * tall * unit + soft, half_wide * girth * tall * unit + soft
        made[:, ANGLE] = math.pi / 2 - lean
        made[:, RED : BLUE + 1] = np.clip(colour, 0, 1)
        made[:, SOFT] = np.clip(soft / (half_wide * girth * tall * unit + soft) * 1.1, 0.1, 0.9)
        made[:, COVER] = stands if shown is None else shown & stands
        made[:, SIDE], made[:, ROUND], made[:, FOLD] = 1.0, 0.24, cloth
        parts.append(made)

    zero = np.zeros(len(who))
    # where they touch the ground little light gets in
    part(zero, 0.004 + zero - bob, 0.016, 0.17 + 0.05 * robe, zero, np.zeros((len(who), 3)), cloth=0.0)
    parts[-1][:, SOFT], parts[-1][:, COVER] = 1.0, 0.5 * stands
    legs, on, still = ~robe, heading == 0, np.asarray(1.0 - crowd.walks[who])
    coat, below, skin, hair = (colours[name][who] for name in ("coat", "below", "skin", "hair"))
    facing = np.sign(heading + 1e-9)
    dark = 0.72
    # Who stands puts the weight on one leg; who walks lets the knee of the leg that comes forward bend.
    lazy = still * np.where(crowd.phase[who] > 0.5, 1.0, -1.0)
    for which, sign in ((0, 1.0), (1, -1.0)):
        lean = sign * swing + 0.05 * lazy * (sign > 0)
        knee = np.clip(-sign * np.cos(step), 0, 1) * 0.35 * crowd.walks[who] * side
        apart = sign * (0.040 * on + 0.012 * still)
        shade = dark if which else 1.0
        hip_x = apart * 0.8
        knee_x = hip_x + np.sin(lean) * 0.235
        part((hip_x + knee_x) / 2, 0.39 + zero, 0.140, 0.050, lean, below * shade, legs)
        low = lean - knee * facing
        foot_at = knee_x + np.sin(low) * 0.235
        part((knee_x + foot_at) / 2, 0.155 + 0.03 * knee, 0.140, 0.036, low, below * shade * 0.92, legs)
        part(foot_at + 0.022 * heading, 0.020 + 0.05 * knee, 0.017, np.where(on, 0.026, 0.048), zero, hair * 1.2,
             cloth=0.0)  # fmt: skip
    # A gown hangs from the waist, sways with the step and hides the legs.
    sway = 0.02 * np.sin(step)
    for up, tall_, wide_, k in ((0.37, 0.16, 0.094, 0.94), (0.25, 0.17, 0.108, 0.90), (0.13, 0.12, 0.122, 0.84)):
        part(sway * (1.9 - 3 * up), up + zero, tall_, wide_, 0.5 * sway, coat * k, robe, 0.45)

    # the far arm, the body from the hips to the shoulders, the near arm; elbows bend a little
    def arm(sign: float, shade: float) -> None:
        swung = sign * swing * 0.9 - 0.09 * sign * on
        shoulder = 0.096 * sign * on - 0.004 * heading
        elbow = shoulder - np.sin(swung) * 0.15
        part((shoulder + elbow) / 2, 0.695 + zero, 0.092, 0.037, swung, coat * shade)
        bent = swung - (0.30 + 0.25 * crowd.phase[who]) * facing * np.where(on, 0.35 * sign, 1.0)
        hand = elbow - np.sin(bent) * 0.15
        part((elbow + hand) / 2, 0.560 + zero, 0.085, 0.031, bent, coat * shade * 0.95)
        part(hand * 1.02, 0.475 + zero, 0.024, 0.017, bent, skin * 0.85, cloth=0.0)

    arm(-1.0, dark)
    part(zero + 0.004 * lazy, 0.525 + zero, 0.075, np.where(on, 0.088, 0.070), zero, coat * 0.86)
    part(0.006 * idle + 0.003 * lazy, 0.64 + zero, 0.150, np.where(on, 0.096, 0.074), 0.02 * idle, coat * 0.97)
    part(zero, 0.745 + zero, 0.068, np.where(on, 0.112, 0.078), zero, coat * 1.05)
    part(zero, 0.790 + zero, 0.030, np.where(on, 0.084, 0.056), zero, coat * 1.10, cloth=0.2)
    front = np.asarray(params["faces"] != "away") & on
    part(zero, 0.772 + zero, 0.040, 0.022, zero, below * 0.5 + 0.35 * coat.mean(), front & ~robe, 0.2)
    arm(1.0, 0.95)
    head_x = 0.010 * heading + 0.008 * idle
    part(head_x * 0.6, 0.838 + zero, 0.034, 0.029, zero, skin * 0.72, cloth=0.0)
    looks = np.where(on, 0.05 if params["faces"] == "away" else 0.95, 0.9)[:, None]
    long_ = (crowd.phase[who] * 97.0 % 1.0 < 0.42) & ~np.asarray(params["period"] == "ancient")
    part(head_x - 0.014 * heading, 0.872 + zero, 0.072, 0.046, zero, hair, long_, 0.3)
    part(head_x, 0.918 + zero, 0.064, 0.044, 0.05 * idle, skin * looks + hair * (1 - looks), cloth=0.0)
    part(head_x - 0.013 * heading, 0.952 + zero, 0.040, 0.049, 0.15 * heading, hair, cloth=0.3)
    part(head_x - 0.026 * heading, 0.925 + zero, 0.048, 0.030, zero, hair, ~on, 0.3)
    # brows and the shadow under the nose: all of a face that is left at this size
    seen = front | (~on)
    for up, wide_, k in ((0.925, 0.030, 0.62), (0.896, 0.014, 0.70)):
        part(head_x + 0.016 * heading, up + zero, 0.005, wide_ * np.where(on, 1.0, 0.5), zero, skin * k, seen, 0.0)
    bun = robe & np.asarray(params["period"] == "ancient")
    part(head_x, 1.006 + zero, 0.020, 0.022, zero, hair, bun, 0.0)
    return np.asarray(np.stack(parts, 1), np.float32)
