"""Hair and wool: strands grown on the head at rest, then carried along by its movement, tips later than roots."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compositing.synth.body import HEAD, NECK, SKULL, Pose, pose
from compositing.synth.scene import Scene

Numbers = NDArray[np.float64]
JOINTS = 26


@dataclass(frozen=True)
class Hair:
    """points: (n, m, 3) about the head's middle; widths, shade: (n, m); colours: (n, 3). lag: frames the tips trail."""

    points: Numbers
    widths: Numbers
    colours: Numbers
    shade: Numbers
    lag: float


def _roots(rng: np.random.Generator, count: int, style: str) -> Numbers:
    """(n, 3) points on the unit sphere where hair grows: crown, back and temples, not the face."""
    found: list[Numbers] = []
    have = 0
    while have < count:
        at = rng.normal(size=(4 * count, 3))
        at /= np.linalg.norm(at, axis=1, keepdims=True)
        x, y, z = at.T
        line = 0.45 - 1.15 * np.maximum(z, 0) - 0.15 * np.abs(x)  # the hairline rises towards the forehead
        grows = (y < line) & (y < 0.5)
        if style == "bun":
            grows &= y < 0.3
        found.append(at[grows])
        have += int(grows.sum())
    return np.concatenate(found)[:count]


def _smooth_walk(rng: np.random.Generator, count: int, joints: int, knots: int) -> Numbers:
    """(count, joints, 3) slow random curves that start at 0."""
    knot = np.cumsum(rng.normal(size=(count, knots, 3)), 1)
    knot = np.concatenate([np.zeros((count, 1, 3)), knot], 1)
    at = np.linspace(0, knots, joints)
    low = np.minimum(at.astype(int), knots - 1)
    part = at - low
    part = (part * part * (3 - 2 * part))[None, :, None]
    return np.asarray(knot[:, low] * (1 - part) + knot[:, low + 1] * part)


def grow(scene: Scene) -> Hair:
    """The hair of a scene, head at rest."""
    rng = np.random.Generator(np.random.PCG64(scene.seed + 1))
    count, joints, style = scene.strands, JOINTS, scene.style
    clumps = max(40, count // 45)
    guide_root = _roots(rng, clumps, style)
    which = rng.integers(clumps, size=count)
    wild = rng.random(count) < scene.flyaways
    root = guide_root[which] + rng.normal(scale=0.10, size=(count, 3))
    own = _roots(rng, count, style)
    root[wild] = own[wild]
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    x, y, z = root.T
    bald = (y > 0.45 - 1.15 * np.maximum(z, 0) - 0.15 * np.abs(x)) | (y > 0.5)
    root[bald] = own[bald]

    s = np.linspace(0, 1, joints)
    length = scene.hair_length * np.exp(rng.normal(0, 0.16, count)) * np.where(wild, rng.uniform(0.5, 1.25, count), 1)
    outward = root * np.array([1, 1, 1])
    down = np.array([0, 1.0, -0.1])
    parting = np.sign(root[:, 0] + 0.12 * rng.normal(size=count) + 0.1)
    sideways = np.stack([parting, np.zeros(count), np.zeros(count)], 1)
    if style == "curly":
        fall, stand = rng.uniform(0.15, 0.7), 1.0
    elif style == "short":
        fall, stand = 0.35, 0.7
    elif style == "bun":
        fall, stand = 0.0, 0.25
    else:
        fall, stand = 5.0, 0.40
    start = outward * stand + 0.25 * sideways * (fall > 1) + 0.15 * rng.normal(size=(count, 3))
    start[wild] += 0.7 * outward[wild] + 0.5 * rng.normal(size=(int(wild.sum()), 3))
    drop = fall * np.where(wild, rng.uniform(0.2, 0.9, count), 1.0)
    direction = start[:, None, :] + (drop[:, None] * (s**0.75)[None, :])[..., None] * down
    # Long hair hugs the head before it falls: near the roots it may not point into it nor far away from it.
    if style in ("long", "wavy"):
        hug = np.clip(1 - s / 0.35, 0, 1)[None, :, None] * np.where(wild, 0.4, 1.0)[:, None, None]
        tangent = direction - (direction * outward[:, None]).sum(-1, keepdims=True) * outward[:, None]
        direction = direction * (1 - hug) + hug * (tangent + 0.22 * outward[:, None])
    if style == "bun":
        towards = np.array([0, -1.25, -0.25]) - root
        gather = np.where(wild, rng.uniform(0.0, 0.6, count), 0.95)[:, None, None]
        direction = direction * (1 - gather) + gather * (
            towards[:, None] + 0.6 * outward[:, None] * (1 - 2 * s)[None, :, None]
        )
    bend = _smooth_walk(rng, count, joints, 4) * (0.04 + 0.30 * wild[:, None, None])
    shared = _smooth_walk(rng, clumps, joints, 4)[which] * 0.16
    direction = direction + bend + np.where(wild[:, None, None], 0.3, 1.0) * shared
    direction /= np.linalg.norm(direction, axis=2, keepdims=True) + 1e-9
    step = (length / (joints - 1))[:, None, None]
    skull = SKULL * 1.03 + np.array([0, -0.004, 0.0])
    origin = root * skull + [0, -0.02, -0.012]
    points = origin[:, None, :] + np.concatenate([np.zeros((count, 1, 3)), np.cumsum(direction[:, 1:] * step, 1)], 1)

    if scene.curl > 0:  # a helix about the strand: its own phase, its clump's radius and pitch
        side = np.cross(direction, rng.normal(size=3))
        side /= np.linalg.norm(side, axis=2, keepdims=True) + 1e-9
        other = np.cross(direction, side)
        radius = scene.curl * np.exp(rng.normal(0, 0.35, clumps))[which] * np.where(wild, 1.3, 1.0)
        turns = length / np.maximum(2 * np.pi * radius * rng.uniform(0.7, 1.5, clumps)[which], 0.02)
        turns = np.minimum(turns, (joints - 1) / 5.5)  # no more turns than the joints can show
        phase = 2 * np.pi * (rng.random(clumps)[which] + 0.12 * rng.normal(size=count) + wild * rng.random(count))
        angle = phase[:, None] + 2 * np.pi * turns[:, None] * s[None, :]
        grown = (radius[:, None] * np.clip(s / 0.12, 0, 1)[None, :])[..., None]
        points = points + grown * (np.cos(angle)[..., None] * side + np.sin(angle)[..., None] * other)

    # Nothing grows through the skull or far into the face.
    rel = (points - [0, -0.01, 0.0]) / (SKULL * 1.02)
    inside = np.linalg.norm(rel, axis=2, keepdims=True)
    pushed = np.where(inside < 1, points / np.maximum(inside, 0.3), points)
    points = np.where(wild[:, None, None], pushed, pushed)
    taper = (0.55 + 0.45 * np.clip((1 - s) / 0.45, 0, 1))[None, :]
    widths = scene.thickness * np.exp(rng.normal(0, 0.25, count))[:, None] * taper
    tone = np.exp(rng.normal(0, 0.18, count))[:, None] * np.exp(rng.normal(0, 0.05, (count, 3)))
    colours = np.clip(np.array(scene.hair) * tone, 0.003, 0.8)
    # Inside the mass less light arrives: by how far a point lies from the middle, beside its neighbours.
    far = np.linalg.norm(points / np.array([1, 1.2, 1]), axis=2)
    inner = np.quantile(far, 0.25, axis=0)[None, :], np.quantile(far, 0.85, axis=0)[None, :]
    depth = np.clip((far - inner[0]) / np.maximum(inner[1] - inner[0], 1e-3), 0, 1)
    shade = np.where(wild[:, None], 1.0, 0.35 + 0.65 * depth) * np.exp(rng.normal(0, 0.15, count))[:, None]
    return Hair(points, widths, colours, shade, 0.5 if style in ("long", "wavy") else 0.2)


def hair_at(scene: Scene, hair: Hair, time: float) -> tuple[Numbers, NDArray[np.integer]]:
    """World points (n, m, 3) at `time`, and the order to draw them in, farthest first."""
    joints = hair.points.shape[1]
    s = np.linspace(0, 1, joints)
    moved = np.empty_like(hair.points)
    for m in range(joints):
        late: Pose = pose(scene, time - hair.lag * 2.0 * s[m] ** 2)
        moved[:, m] = HEAD + late.shift + NECK + (hair.points[:, m] - NECK) @ late.turn.T
    return moved, np.argsort(moved[..., 2].mean(1), kind="stable")


def wool(scene: Scene, shapes: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Fibres (n, 4, 3) standing off the garment's solids, their widths (n, 4) and colours (n, 3)."""
    rng = np.random.Generator(np.random.PCG64(scene.seed + 2))
    points, joints = [], 4
    for row in shapes[shapes[:, 24] == 2]:
        count = 2600
        at = rng.normal(size=(count, 3))
        at /= np.linalg.norm(at, axis=1, keepdims=True)
        axes, inverse = row[12:21].reshape(3, 3), row[3:12].reshape(3, 3)
        start = row[:3] + at @ axes.T * 0.985
        normal = at @ inverse
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        way = normal + 0.9 * rng.normal(size=(count, 3))
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        reach = (scene.wool * np.exp(rng.normal(0, 0.4, count)))[:, None]
        bend = 0.5 * rng.normal(size=(count, 3))
        line = [start + (k / (joints - 1)) * reach * (way + (k / (joints - 1)) * bend) for k in range(joints)]
        points.append(np.stack(line, 1))
    fibres = np.concatenate(points)
    widths = np.full(fibres.shape[:2], scene.thickness * 1.3)
    colours = np.clip(np.array(scene.garment) * np.exp(rng.normal(0, 0.2, (len(fibres), 1))), 0.003, 0.85)
    return fibres, widths, colours
