"""Towers seen from afar, for windows and rooftops."""

import numpy as np

from compositing.plates.noise import hash3
from compositing.plates.scene import Scenery
from compositing.plates.surfaces import FACADE

# Seeds of façades whose windows stand singly, as in houses of flats: `facades.facade` makes its kinds of them.
FLATS = tuple(k for k in range(1, 90) if int(hash3(k, 7, 1) * 3) == 0)


def tower(
    scenery: Scenery,
    rng: np.random.Generator,
    low: tuple[float, float, float],
    size: tuple[float, float, float],
    lit: float,
    *,
    beacons: bool,
    texel_m: float = 6.0,
) -> None:
    """One building on `low`, its near left foot, of size (x, y, z): set-backs, roof clutter, a mast with a light."""
    x, y, z = low
    wide, tall, deep = size[0], size[1] * scenery.rise, size[2]
    shade = float(rng.uniform(0.10, 0.34))
    tone = (shade * rng.uniform(0.9, 1.15), shade, shade * rng.uniform(0.85, 1.1))
    seed = int(rng.integers(1, 90)) * 1000 + int(rng.integers(0, 900))
    if scenery.rise < 1.0:  # before there were towers of glass
        seed = FLATS[seed // 1000 % len(FLATS)] * 1000 + seed % 390
    cell = float(rng.choice([1.5, 1.8, 2.4, 3.0]))
    floor = float(rng.choice([3.2, 3.5, 3.9]))
    level = float(np.clip(lit * rng.uniform(0.35, 1.6), 0, 0.92))
    look = {"surface": FACADE, "seed": seed, "texel_m": texel_m, "a": cell, "b": floor, "c": level}
    parts = 1 if tall < 35 or rng.random() < 0.45 else int(rng.integers(2, 4))
    foot, inset = y, 0.0
    for part in range(parts):
        top = y + tall * (part + 1) / parts if parts == 1 else y + tall * (0.45 + 0.55 * part / (parts - 1))
        scenery.box((x + inset, foot, z + inset), (x + wide - inset, top, z + deep - inset), tone, **look)
        scenery.box(
            (x + inset - 0.15, top - 0.1, z + inset - 0.15),
            (x + wide - inset + 0.15, top + 0.9, z + deep - inset + 0.15),
            (shade * 0.7,) * 3,
            texel_m=texel_m,
        )
        foot = top + 0.9
        inset += min(wide, deep) * float(rng.uniform(0.08, 0.16))
    room = max(0.8, min(wide, deep) / 2 - inset)
    cx, cz = x + wide / 2, z + deep / 2
    for _ in range(int(rng.integers(1, 4))):
        w = float(rng.uniform(0.25, 0.8)) * room
        ox, oz = (float(rng.uniform(-0.5, 0.5)) * room for _ in range(2))
        scenery.box(
            (cx + ox - w / 2, foot, cz + oz - w / 2),
            (cx + ox + w / 2, foot + float(rng.uniform(1.2, 4.0)), cz + oz + w / 2),
            (shade * 0.8,) * 3,
            texel_m=texel_m,
        )
    if tall > 60 and rng.random() < 0.55:
        mast = float(rng.uniform(8, 26))
        scenery.cylinder((cx, foot, cz), 0.35, mast, (0.2, 0.2, 0.2), texel_m=texel_m)
        if beacons:
            scenery.point((cx, foot + mast, cz - 0.4), (9.0, 0.5, 0.25), 0.7, beat=2.0)
