"""People behind: figures on the plate's ground, right in size and in who hides whom, in its light and its focus.

Sharp they hold at background size, a seventh of the picture tall; out of focus as behind a close-up they hold nearer.
How near they may come follows from both, see `people.holds_from`; asked for nearer they stand back, and it is said.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from compositing.effects.clothes import TALK
from compositing.effects.figures import Moment, figures
from compositing.effects.ground import Ground, Numbers, ground_of
from compositing.effects.limbs import COLUMNS, COVER, R0, R1, SIDE, Y0, Y1, lay_limbs
from compositing.effects.people import FOCAL, People, blur_of, nearest_of, people, seen_of
from compositing.effects.shapes import covered

ROWS = 3  # that people are blurred in by their distance
MOST_ALIKE = 2  # of one figure in the view at a time
STRIDE_M, WALK_M_S = 1.45, 1.25  # two steps; an easy pace. Source: Bohannon (1997), comfortable gait speed
TONES = {  # what the place's light does to their colours, and how much they lose to the air by depth
    "day": ((1.0, 1.0, 1.0), (0.62, 0.68, 0.76)),
    "golden": ((1.05, 0.86, 0.66), (0.80, 0.58, 0.40)),
    "night": ((0.42, 0.44, 0.54), (0.13, 0.14, 0.19)),
    "lamps": ((0.66, 0.50, 0.38), (0.20, 0.15, 0.13)),
    "storm": ((0.60, 0.66, 0.72), (0.42, 0.47, 0.52)),
}


def held(params: dict[str, Any], width: int, height: int) -> dict[str, int]:
    """{"nearest": decimetres from which on they really stand} where they were asked for nearer than they hold, else
    {}."""
    ground = ground_of(Path(params["ground"]), width, height) if params.get("ground") else None
    stand = nearest_of(params, ground)
    return {"nearest": round(10 * stand)} if stand > params["nearest"] else {}


def frames_of_crowd(
    params: dict[str, Any], *, seed: int, frames: int, fps_num: int, fps_den: int, width: int, height: int
) -> Iterator[np.ndarray]:
    """Yield `frames` pictures (H, W, 4) uint16 sRGB, straight alpha. params["ground"]: a plate's depth map (a path)
    whose ground they stand on, hidden by what stands nearer, in its light and its focus. Raises Refused where nobody
    would be seen on it."""
    ground = ground_of(Path(params["ground"]), width, height) if params.get("ground") else None
    crowd = people(params, seed, width / height, ground)
    if ground:
        seen_of(ground, crowd, nearest_of(params, ground))
    seconds = frames * fps_den / fps_num
    tint, air = (np.array(one) for one in (ground.tones() if ground else TONES[params["tone"]]))
    lost = (1 - np.exp(-crowd.distance / 90 * params["haze"] / 30))[:, None]
    graded = {
        name: getattr(crowd, name) * tint * (1 - lost) + air * lost
        for name in ("coat", "below", "trim", "skin", "hair")
    }
    # One who walks crosses the view and a little more; where that takes several loops, as many of the same figure
    # follow one another, so that each comes to stand where the one before it stood.
    path = crowd.high - crowd.low + 0.4
    needed = np.maximum(1, np.rint(path / (WALK_M_S * seconds)))
    # In a loop too short for that the same figure would stand about in threes: then it stays where it is.
    crowd = replace(crowd, walks=crowd.walks & ((needed <= MOST_ALIKE) | (crowd.facing == 0)))
    copies = np.where(crowd.walks & (crowd.facing != 0), needed, 1).astype(int)
    who = np.repeat(np.arange(len(copies)), copies)
    nth = np.concatenate([np.arange(n) for n in copies]) if len(copies) else np.zeros(0)
    picture = np.zeros((height, width, 4), np.float32)
    # the farthest row first; each is blurred as the lens blurs what stands there
    rows = np.array_split(np.arange(len(who)), ROWS)
    blurs = [blur_of(params, height, float(np.median(crowd.distance[who[row]])) if len(row) else 9.0, ground)
             for row in rows]  # fmt: skip
    lit_from = math.copysign(0.26, ground.light.get("azimuth", 40)) if ground else -0.18
    for n in range(frames):
        here = ground.at(n) if ground else None
        now, distance = _moment(crowd, who, nth / copies[who], path, n, n / frames, seconds, graded, params,
                                (width, height), ground, here)  # fmt: skip
        picture[:] = 0
        drawn = figures(now, height)
        drawn[..., SIDE] *= lit_from
        for row, blur in zip(rows, blurs, strict=True):
            row = row[np.argsort(-distance[row], kind="stable")]
            parts = drawn[row].reshape(-1, COLUMNS)
            far = np.repeat(distance[row], drawn.shape[1]).astype(np.float32)
            gone = (0.0, 0.0)
            if ground and ground.way and len(far):
                gone = ground.way.drawn_out(n, float(np.median(far)), ground.focal)
            _lay_row(picture, parts, blur, here, far, (gone[0] * height, gone[1] * height))
        yield covered(picture)


def _moment(
    crowd: People, who: NDArray[np.int64], share: Numbers, path: Numbers, n: int, part: float, seconds: float,
    graded: dict[str, Numbers], params: dict[str, Any], size: tuple[int, int], ground: Ground | None,
    here: Ground | None,
) -> tuple[Moment, Numbers]:  # fmt: skip
    """(people at frame n, `part` 0..1 of the loop; their distances). share: how far along its path a copy is ahead."""
    width, height = size
    middle = (crowd.high + crowd.low) / 2
    walks, phase, heading = crowd.walks[who], crowd.phase[who], crowd.facing[who]
    # each at its own pace within the loop: whole rounds of the path only close it, so paces vary by where they start
    gone = (part * np.ones(len(who)) / _copies(who) + share + phase) % 1.0 * path[who]
    across = np.where(walks & (heading != 0), middle[who] + heading * (gone - path[who] / 2), crowd.across[who])
    distance = crowd.distance[who]
    if ground and ground.way:
        across, distance = ground.way.seen_from(n, across, distance)
    distance = np.maximum(distance, 0.5)
    unit = (ground.focal if ground else FOCAL) * height / distance  # pixels a metre
    x = width / 2 + across * unit
    y = height * params["horizon"] / 100 + unit * params["camera_height"] / 100
    stands = np.ones(len(who), np.bool_)
    if here:
        y, stands = here.feet(x, distance)
    turns = np.maximum(1, np.rint(seconds / 1.1 * (0.9 + 0.2 * phase)))
    step = np.where(heading != 0, 2 * math.pi * gone / (STRIDE_M * (0.9 + 0.2 * (phase * 31 % 1))),
                    2 * math.pi * (part * turns + phase))  # fmt: skip
    step = np.where(walks, step, 0.0)
    beat = 2 * math.pi * (part * np.maximum(1, np.rint(seconds / (3.5 + 3 * phase))) + phase)
    talk = 0.5 + 0.5 * np.sin(2 * math.pi * (part * np.maximum(1, np.rint(seconds / (1.1 + phase))) + phase * 7))
    talk = talk * np.clip(0.3 + np.sin(beat), 0, 1)  # it is one's turn, then the other's
    angle = crowd.turn[who]
    looks = angle + np.where(walks, 0.12, 0.55) * np.sin(beat * 1.0 + 2.0) * np.where(crowd.pose[who] == TALK, 0.3, 1.0)
    moment = Moment(
        x=x, y=y, unit=unit * crowd.tall[who], side=np.cos(angle), front=np.sin(angle), head_side=np.cos(looks),
        head_front=np.sin(looks), step=step, stride=walks * (0.85 + 0.3 * (phase * 17 % 1)),
        sway=np.where(walks, 0.0, np.sign(phase - 0.5) * 0.7 + 0.9 * np.sin(beat)), talk=talk, girth=crowd.girth[who],
        kind=crowd.kind[who], pose=crowd.pose[who], woman=crowd.woman[who], phase=phase, stands=stands,
        colours={name: graded[name][who] for name in graded},
    )  # fmt: skip
    return moment, distance


def _copies(who: NDArray[np.int64]) -> Numbers:
    return np.asarray(np.bincount(who)[who], np.float64)


def _lay_row(
    picture: NDArray[np.float32], parts: NDArray[np.float32], blur: float, ground: Ground | None,
    far: NDArray[np.float32], gone: tuple[float, float],
) -> None:  # fmt: skip
    """Lay people over `picture`, blurred, drawn out along `gone` pixels: only the lines that they stand in are worked
    on."""
    height = len(picture)
    drawn = parts[:, COVER] > 0
    if not drawn.any():
        return
    parts, far = parts[drawn], far[drawn]
    above = np.minimum(parts[:, Y0] - parts[:, R0], parts[:, Y1] - parts[:, R1]).min()
    under = np.maximum(parts[:, Y0] + parts[:, R0], parts[:, Y1] + parts[:, R1]).max()
    top = int(np.clip(above - 3 * blur - 2, 0, height))
    foot = int(np.clip(under + 3 * blur + 2, 0, height))
    if foot <= top:
        return
    layer = np.zeros((foot - top, *picture.shape[1:]), np.float32)
    parts[:, Y0] -= top
    parts[:, Y1] -= top
    if ground:
        lay_limbs(layer, parts, np.ascontiguousarray(ground.metres[top:foot]), far)
    else:
        lay_limbs(layer, parts)
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
