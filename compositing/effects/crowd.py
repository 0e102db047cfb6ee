"""People far behind: figures of soft shapes on the plate's ground, right in size and in who hides whom.

They hold at background size, a hundred and some pixels tall and a little out of focus; close by they look like what
they are, so how near they may come is bounded.
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
from compositing.effects.shapes import ANGLE, BLUE, COVER, LONG, RED, SOFT, WIDE, X, Y, covered, lay, shapes
from compositing.errors import Refused

Numbers = NDArray[np.float64]
NEAREST_M = 12  # through a lens of 36 mm a figure there is a seventh of the picture tall: nearer it looks drawn
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

    facing: -1 left, 1 right, 0 to or from the lens.
    """

    distance: Numbers
    across: Numbers
    tall: Numbers
    girth: Numbers
    coat: Numbers
    below: Numbers
    skin: Numbers
    robe: NDArray[np.bool_]
    walks: NDArray[np.bool_]
    facing: Numbers
    phase: Numbers


def nearest_of(params: dict[str, Any], focal: float) -> int:
    """Metres from which on they stand: as asked, but never so near that a longer lens shows how they are drawn."""
    return max(int(params["nearest"]), math.ceil(NEAREST_M * focal / FOCAL - 0.15))


def people(params: dict[str, Any], seed: int, ratio: float, focal: float = FOCAL) -> People:
    """Who stands where: as many in each metre as the widening view holds. ratio: the picture's width by its height."""
    rng = np.random.default_rng(seed)
    near = nearest_of(params, focal) if focal != FOCAL else params["nearest"]
    far = near + params["depth"]
    count = round(4 + 116 * (params["density"] / 100) ** 1.25)
    distance = np.sort(np.sqrt(rng.uniform(near**2, far**2, count)))[::-1]
    half = 0.5 * distance * ratio / focal + 1.0
    coats, belows = (np.array(colours) for colours in CLOTHES[params["period"]])
    women = rng.random(count) < 0.5
    walks = rng.random(count) < params["walking"] / 100
    sideways = {"both": rng.choice((-1.0, 1.0), count), "left": -np.ones(count), "right": np.ones(count)}
    facing = sideways.get(params["direction"], np.zeros(count))
    facing = np.where(~walks & (rng.random(count) < 0.55), 0.0, facing)
    long_coat = {"modern": 0.12, "republican": 0.6, "ancient": 0.88}[params["period"]]
    shade = rng.uniform(0.8, 1.15, (count, 1))
    return People(
        distance=distance, across=rng.uniform(-half, half),
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
    focal = ground.focal if ground else FOCAL
    crowd = people(params, seed, width / height, focal)
    seconds = frames * fps_den / fps_num
    tint, air = (np.array(one) for one in (ground.tones() if ground else TONES[params["tone"]]))
    lost = (1 - np.exp(-crowd.distance / 90 * params["haze"] / 30))[:, None]
    graded = {
        name: getattr(crowd, name) * tint * (1 - lost) + air * lost for name in ("coat", "below", "skin")
    } | {"hair": np.array(HAIR) * tint * (1 - lost) + air * lost}  # fmt: skip
    # One who walks crosses the view and a little more; where that takes several loops, as many of the same figure
    # follow one another, so that each comes to stand where the one before it stood.
    path = crowd.distance * width / height / focal + 2.4
    needed = np.maximum(1, np.rint(path / (WALK_M_S * seconds)))
    # In a loop too short for that the same figure would stand about in threes: then it stays where it is.
    crowd = replace(crowd, walks=crowd.walks & ((needed <= MOST_ALIKE) | (crowd.facing == 0)))
    copies = np.where(crowd.walks & (crowd.facing != 0), needed, 1).astype(int)
    who = np.repeat(np.arange(len(copies)), copies)
    nth = np.concatenate([np.arange(n) for n in copies]) if len(copies) else np.zeros(0)
    picture = np.zeros((height, width, 4), np.float32)
    blur = 0.006 * height * params["soft"] / 100
    reach = FOCAL * height / params["nearest"]  # pixels a metre, of the nearest
    level = height * params["horizon"] / 100 + reach * params["camera_height"] / 100
    if ground:
        blur = ground.blur_px(float(np.median(crowd.distance))) * params["soft"] / 45
        reach, level = focal * height / nearest_of(params, focal), float(height)
        seen_of(ground, crowd, nearest_of(params, focal))
    top, foot = (int(np.clip(at, 0, height)) for at in (level - 2.1 * reach - 4 * blur, level + 0.2 * reach + 4 * blur))
    for n in range(frames):
        part = n / frames
        gone = ((part + nth) / copies[who] + crowd.phase[who]) % 1.0 * path[who]
        heading = np.where(crowd.facing[who] == 0, 0.0, crowd.facing[who])
        across = np.where(
            crowd.walks[who] & (heading != 0), heading * (gone - path[who] / 2), crowd.across[who]
        )  # fmt: skip
        step = np.where(crowd.walks[who], 2 * math.pi * gone / STRIDE_M, 0.0)
        step = np.where(
            crowd.walks[who] & (heading == 0), 2 * math.pi * (part * round(seconds / 1.1) + crowd.phase[who]), step
        )
        idle = np.where(crowd.walks[who], 0.0, np.sin(2 * math.pi * (part + crowd.phase[who])))
        picture[:] = 0
        figures = _figures(crowd, who, across, step, idle, heading, graded, params, width, height, ground)
        if ground:
            far = np.repeat(crowd.distance[who], len(figures) // max(1, len(who))).astype(np.float32)
            lay(picture, figures, ground.metres, far)
        else:
            lay(picture, figures)
        if blur > 0.3 and ground:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32)
        elif blur > 0.3:
            picture[top:foot] = cv2.GaussianBlur(picture[top:foot], (0, 0), blur)
        yield covered(picture)


def seen_of(ground: Ground, crowd: People, nearest: int) -> int:
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
            f"On this plate nobody would be seen: people stand from {nearest} m on, nearer they look drawn, and there "
            "everything is hidden or has no ground. Take a deeper place or a shorter lens.",
            code="crowd_unseen", nearest=nearest,
        )  # fmt: skip
    return count


def _figures(
    crowd: People, who: NDArray[np.int64], across: Numbers, step: Numbers, idle: Numbers, heading: Numbers,
    colours: dict[str, Numbers], params: dict[str, Any], width: int, height: int, ground: Ground | None,
) -> NDArray[np.float32]:  # fmt: skip
    """(figures * parts, COLUMNS): every figure's parts one after the other, the farthest figure first."""
    distance = crowd.distance[who]
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

    def part(x: Numbers, up: Numbers, half_tall: Numbers, half_wide: Numbers, lean: Numbers | float, colour: Numbers,
             shown: NDArray[np.bool_] | None = None) -> None:  # fmt: skip
        """x: metres from the feet, to the right; up: metres over the ground, of a figure 1 m tall."""
        made = shapes(len(who))
        made[:, X] = foot_x + x * tall * unit
        made[:, Y] = foot_y - (up + bob) * tall * unit
        made[:, LONG], made[:, WIDE] = half_tall * tall * unit + soft, half_wide * girth * tall * unit + soft
        made[:, ANGLE] = math.pi / 2 - lean
        made[:, RED : BLUE + 1] = np.clip(colour, 0, 1)
        made[:, SOFT] = np.clip(soft / (half_wide * girth * tall * unit + soft) * 1.1, 0.1, 0.9)
        made[:, COVER] = stands if shown is None else shown & stands
        parts.append(made)

    zero, one = np.zeros(len(who)), np.ones(len(who))
    legs = ~robe
    dark = 0.72
    for which, sign in ((0, 1.0), (1, -1.0)):
        lean = sign * swing
        knee = np.clip(-sign * np.cos(step), 0, 1) * 0.35 * crowd.walks[who] * side
        apart = sign * 0.028 * (heading == 0)
        shade = dark if which else 1.0
        thigh_x = apart + np.sin(lean) * 0.12
        part(thigh_x, 0.38 * one, 0.135 * one, 0.046 * one, lean, colours["below"][who] * shade, legs)
        shin_x = apart + np.sin(lean) * 0.23 - np.sin(knee) * 0.06 * np.sign(heading + 1e-9)
        part(shin_x, 0.15 + 0.04 * knee, 0.135 * one, 0.034 * one, lean - knee * np.sign(heading + 1e-9),
             colours["below"][who] * shade * 0.95, legs)  # fmt: skip
        part(shin_x + 0.02 * heading, 0.02 + 0.05 * knee, 0.018 * one, 0.045 * one, zero, colours["hair"][who])
    # A gown hangs from the waist, sways with the step and hides the legs.
    sway = 0.02 * np.sin(step)
    part(sway, 0.27 * one, 0.23 * one, 0.105 * one, zero, colours["coat"][who] * 0.9, robe)
    part(sway * 1.6, 0.13 * one, 0.12 * one, 0.125 * one, zero, colours["coat"][who] * 0.8, robe)
    back = -1.0
    part(0.085 * np.where(heading == 0, back, 0.0) - 0.01 * heading, 0.61 * one, 0.155 * one, 0.036 * one,
         -swing * 0.9 + 0.10 * (heading == 0) * back, colours["coat"][who] * dark)  # fmt: skip
    part(zero + 0.006 * idle, 0.655 * one, 0.175 * one, np.where(heading == 0, 0.105, 0.078), 0.03 * idle,
         colours["coat"][who])  # fmt: skip
    part(zero, 0.76 * one, 0.060 * one, np.where(heading == 0, 0.112, 0.080), zero, colours["coat"][who] * 1.06)
    part(0.085 * np.where(heading == 0, 1.0, 0.0) + 0.01 * heading, 0.61 * one, 0.155 * one, 0.036 * one,
         swing * 0.9 - 0.10 * (heading == 0), colours["coat"][who] * 0.95)  # fmt: skip
    head_x = 0.012 * heading + 0.01 * idle
    part(head_x, 0.845 * one, 0.035 * one, 0.028 * one, zero, colours["skin"][who] * 0.8)
    looks = np.where(params["faces"] == "away", 0.15, 0.85)
    face = colours["skin"][who] * looks + colours["hair"][who] * (1 - looks)
    part(head_x, 0.925 * one, 0.064 * one, 0.046 * one, 0.05 * idle, face)
    part(head_x - 0.012 * heading, 0.955 * one, 0.044 * one, 0.049 * one, zero, colours["hair"][who])
    bun = robe & np.asarray(params["period"] == "ancient")
    part(head_x, 1.008 * one, 0.020 * one, 0.020 * one, zero, colours["hair"][who], bun)
    stacked = np.stack(parts, 1)
    return np.asarray(stacked.reshape(-1, stacked.shape[-1]), np.float32)
