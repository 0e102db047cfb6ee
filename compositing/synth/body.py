"""The actor's solids: ellipsoids for skull, face, neck, torso, arms and hands, posed at a moment."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from compositing.synth.raster import CLOTH, FACE, PLAIN, SCALP
from compositing.synth.scene import Scene

Numbers = NDArray[np.float64]
HEAD = np.array([0.5, 0.62, 0.0])
SKULL = np.array([0.142, 0.185, 0.165])
NECK = np.array([0.0, 0.17, -0.02])  # the head turns about this point below its middle


@dataclass(frozen=True)
class Pose:
    """turn: (3, 3) the head's rotation; shift: (3,) the body's movement; hand: (3,) wrist, tilt of the hand."""

    turn: Numbers
    shift: Numbers
    wrist: Numbers
    tilt: float


def rotation(yaw: float, pitch: float, roll: float) -> Numbers:
    """Degrees: yaw to the side, pitch down, roll towards the shoulder."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)


def pose(scene: Scene, time: float) -> Pose:
    """Where everything is at `time` (frames)."""
    rng = np.random.Generator(np.random.PCG64(scene.seed + 5))
    phase = rng.uniform(0, 2 * np.pi, 6)
    yaw = scene.turn * np.sin(2 * np.pi * time / scene.turn_frames + phase[0])
    pitch = 0.25 * scene.turn * np.sin(2 * np.pi * time / (1.7 * scene.turn_frames) + phase[1])
    roll = 0.3 * scene.turn * np.sin(2 * np.pi * time / (1.3 * scene.turn_frames) + phase[2])
    shift = np.array([
        scene.sway * np.sin(2 * np.pi * time / 21 + phase[3]), 0.4 * scene.sway * np.sin(2 * np.pi * time / 17), 0.0,
    ])  # fmt: skip
    swing = np.sin(2 * np.pi * time / scene.wave_frames + phase[4])
    lift = np.cos(2 * np.pi * time / scene.wave_frames + phase[5])
    wrist = np.array([0.80 + scene.wave * swing, 1.02 + 0.35 * scene.wave * lift, 0.22])
    return Pose(rotation(yaw, pitch, roll), shift, wrist, 14 + 130 * scene.wave * swing)


def ellipsoid(
    centre: Numbers, axes: Numbers, colour: tuple[float, ...], kind: int, shine: float, rough: float, seed: int
) -> Numbers:
    """One row for `raster.solids`. axes: (3, 3), its columns reach from the centre to the surface."""
    row = np.zeros(28)
    row[0:3], row[3:12], row[12:21] = centre, np.linalg.inv(axes).ravel(), axes.ravel()
    row[21:24], row[24:28] = colour, (kind, shine, rough, seed)
    return row


def _bone(start: Numbers, end: Numbers, radius: float, depth: float | None = None) -> tuple[Numbers, Numbers]:
    """Centre and axes of an ellipsoid that reaches from start to end."""
    along = (end - start) / 2
    length = np.linalg.norm(along) + 1e-9
    side = np.array([along[1], -along[0], 0.0])
    side = side / (np.linalg.norm(side) + 1e-9)
    front = np.cross(along / length, side)
    return (start + end) / 2, np.stack([side * radius, along * 1.12, front * (depth or radius)], 1)


def body(scene: Scene, now: Pose) -> Numbers:
    """(n, 28) head, neck, torso and arms at a moment."""
    seed, rows = scene.seed, []
    cloth = (scene.garment, CLOTH, 0.03)

    def head(
        offset: tuple[float, float, float], radii: tuple[float, float, float], kind: int, colour: tuple, shine: float
    ) -> None:
        centre = HEAD + now.shift + NECK + now.turn @ (np.array(offset) - NECK)
        rows.append(ellipsoid(centre, now.turn * np.array(radii), colour, kind, shine, 0.0, seed))

    head((0, 0, 0), (SKULL[0], SKULL[1], SKULL[2]), FACE, scene.skin, 0.12)
    head((0, 0.085, 0.02), (0.114, 0.125, 0.114), PLAIN, scene.skin, 0.10)
    head((0, 0.175, 0.095), (0.045, 0.034, 0.04), PLAIN, scene.skin, 0.10)
    head((0, 0.035, 0.155), (0.02, 0.05, 0.03), PLAIN, scene.skin, 0.16)
    head((0, 0.068, 0.165), (0.029, 0.018, 0.025), PLAIN, scene.skin, 0.16)
    for side in (-1, 1):
        head((side * 0.142, 0.01, -0.015), (0.016, 0.04, 0.025), PLAIN, scene.skin, 0.08)
    under = tuple(0.45 * v for v in scene.hair)
    head((0, -0.034, -0.03), (SKULL[0] * 1.045, SKULL[1] * 0.96, SKULL[2] * 0.98), SCALP, under, 0.02)
    if scene.style == "bun":
        head((0, -0.215, -0.05), (0.075, 0.06, 0.07), SCALP, under, 0.03)
    if scene.style in ("long", "wavy"):  # the mass of hair behind the neck, which strands alone would leave thin
        head((0, 0.10, -0.11), (0.115, 0.22, 0.07), SCALP, under, 0.02)
    at = now.shift
    rows.append(
        ellipsoid(HEAD + at + [0, 0.25, -0.035], np.diag([0.075, 0.17, 0.075]), scene.skin, PLAIN, 0.08, 0.0, seed)
    )
    sunk = 0.6 * at
    parts = (
        ((0.5, 0.985, -0.08), (0.19, 0.085, 0.10)), ((0.5, 1.46, -0.03), (0.315, 0.56, 0.17)),
        ((0.385, 1.065, -0.10), (0.20, 0.115, 0.11)), ((0.615, 1.065, -0.10), (0.20, 0.115, 0.11)),
    )  # fmt: skip
    for number, (place, radii) in enumerate(parts):
        rows.append(ellipsoid(np.array(place) + sunk, np.diag(radii), *cloth, 0.035, seed + 11 + number))
    for side in (-1, 1):
        if side == 1 and scene.hand:
            continue
        centre, axes = _bone(
            np.array([0.5 + side * 0.265, 1.00, -0.03]) + sunk, np.array([0.5 + side * 0.37, 1.72, -0.02]), 0.085
        )
        rows.append(ellipsoid(centre, axes, *cloth, 0.05, seed + 21 + side))
    return np.stack(rows)


def hand(scene: Scene, now: Pose) -> Numbers:
    """(n, 28) the raised arm, its fingers and what it holds; no rows where it is down."""
    if not scene.hand:
        return np.zeros((0, 28))
    seed, wrist = scene.seed, now.wrist + now.shift
    elbow = np.array([0.83, 1.50, 0.12])
    shoulder = np.array([0.73, 1.08, -0.02]) + 0.6 * now.shift
    rows = [
        ellipsoid(*_bone(shoulder, elbow, 0.08), scene.garment, CLOTH, 0.03, 0.05, seed + 31),
        ellipsoid(*_bone(elbow, elbow + 0.62 * (wrist - elbow), 0.066), scene.garment, CLOTH, 0.03, 0.06, seed + 32),
        ellipsoid(*_bone(elbow, wrist, 0.042, 0.04), scene.skin, PLAIN, 0.08, 0.0, seed),
    ]
    turn = rotation(0, 0, now.tilt - 10)

    def at(x: float, y: float, z: float = 0.0) -> Numbers:
        return np.asarray(wrist + turn @ np.array([x, y, z]))

    rows.append(ellipsoid(*_bone(at(0, 0.02), at(0, -0.115), 0.05, 0.024), scene.skin, PLAIN, 0.08, 0.0, seed))
    for finger, (spread, length) in enumerate(((-0.036, 0.10), (-0.012, 0.12), (0.013, 0.115), (0.036, 0.09))):
        start, out = at(spread, -0.09), at(spread * 2.0, -0.09 - 0.5 * length, 0.01)
        tip = at(spread * 2.5, -0.09 - length, 0.0)
        rows.append(ellipsoid(*_bone(start, out, 0.0135), scene.skin, PLAIN, 0.1, 0.0, seed + finger))
        rows.append(ellipsoid(*_bone(out, tip, 0.0118), scene.skin, PLAIN, 0.1, 0.0, seed + finger))
    rows.append(
        ellipsoid(*_bone(at(-0.04, -0.02, 0.01), at(-0.088, -0.095, 0.02), 0.015), scene.skin, PLAIN, 0.1, 0.0, seed)
    )
    if scene.prop is not None:
        axes = turn @ np.diag([0.085, 0.115, 0.03])
        rows.append(ellipsoid(at(0.0, -0.16, 0.045), axes, scene.prop, PLAIN, 0.25, 0.0, seed + 40))
    return np.stack(rows)


def glass_of(scene: Scene, now: Pose) -> Numbers | None:
    """The glass in the hand, or None."""
    if scene.glass <= 0 or not scene.hand:
        return None
    turn = rotation(0, 0, now.tilt - 10)
    centre = now.wrist + now.shift + turn @ np.array([-0.02, -0.17, 0.07])
    return ellipsoid(centre, turn @ np.diag([0.06, 0.10, 0.06]), (0.25, 0.27, 0.28), PLAIN, 0.9, 0.0, scene.seed + 50)


def veil_of(scene: Scene, now: Pose) -> Numbers | None:
    """The veil over head and shoulders, or None."""
    if scene.veil <= 0:
        return None
    turn = 0.4 * now.turn + 0.6 * np.eye(3)
    centre = HEAD + now.shift + [0.0, 0.17, -0.02]
    return ellipsoid(centre, turn @ np.diag([0.27, 0.43, 0.25]), scene.veil_colour, CLOTH, 0.05, 1.0, scene.seed + 51)


def lights(scene: Scene) -> Numbers:
    """(14,) for the kernels: key direction, key and fill colour, screen strength, rim, hair colour."""
    rng = np.random.Generator(np.random.PCG64(scene.seed + 6))
    towards = np.array([rng.uniform(-0.7, 0.7), rng.uniform(-0.75, -0.3), rng.uniform(0.5, 1.0)])
    towards /= np.linalg.norm(towards)
    fill = np.array(scene.key)[::-1] * scene.fill
    return np.concatenate([towards, np.array(scene.key) * 0.85, fill, [scene.spill, 0.35 * scene.rim], scene.hair])
