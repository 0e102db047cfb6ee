"""An office in a corner of a tower: the room, what stands in it, and the city behind the glass."""

import math
from typing import Any

import numpy as np

from compositing.plates.picture import Camera
from compositing.plates.scene import HAZE_FROM, HAZE_NEAR, LIT_SHARE, STARS, WARM, Scenery, colour
from compositing.plates.scenes.dressing import RISES, dressed
from compositing.plates.scenes.furniture import desk, floor_lamp, pendant, plant, shelves, sofa
from compositing.plates.scenes.skyline import tower
from compositing.plates.stage import Stage, Wishes, air_and_key, set_lamp, side_of
from compositing.plates.surfaces import CEILING, CONCRETE, LAMP, PICTURE, TILES, WOOD

WIDE, BACK, TALL = 3.3, 8.4, 3.1  # half the width, how far the glass lies, room height; metres
FLOOR_ABOVE_STREET = 78.0
# how bright the room's own lamps are beside the sky, and stops of exposure, per time of day
LEVELS = {"day": (0.20, 1.55), "golden": (0.22, 0.75), "night": (0.30, 1.20), "storm": (0.16, 1.60)}


# At night hardly anybody is left: of the lights in the ceiling few are on, and those low; what is lit is lit by lamps
# that stand and hang about, by screens and by the city.
LATE_SHARE, LATE_LEVEL, LATE_PENDANTS = 0.3, 0.35, 0.5


def stage(params: dict[str, Any], seed: int) -> Stage:
    """The office for these settings (see families/office.py)."""
    rng = np.random.default_rng(seed)
    flip = side_of(rng, params, -1.0)  # which side the second glass wall is on
    turn = flip * 0.31 + math.radians(params["camera_turn"])  # toward the corner of glass and timber
    sky, key = air_and_key(params, seed, flip * -0.75, turn, indoors=True)
    sky[HAZE_FROM], sky[STARS] = BACK, 0.0
    sky[HAZE_NEAR] = 0.00022 * params["haze"]
    level, stops = LEVELS[params["light"]]
    scenery = Scenery(sky)
    scenery.rise = RISES[params["period"]]
    _shell(scenery, rng, flip)
    late = params["light"] == "night"
    share = params["ceiling_lights"] / 100
    if late:
        share = min(share, LATE_SHARE * share + max(0.0, share - 0.6) * 1.75)  # who asks for all of them gets them
    _ceiling(scenery, rng, share, level * (LATE_LEVEL if late else 1.0))
    hung = level * (LATE_PENDANTS if late else 1.0)
    _furnish(scenery, rng, flip, params["clutter"] / 100, params["desk_lamps"] / 100, level, hung)
    _outside(scenery, rng, flip, 0.6 * sky[LIT_SHARE], params["light"] in ("night", "storm"))
    sky[WARM : WARM + 6] *= 1.8
    camera = Camera((flip * -0.9, params["camera_height"] / 100, 0.0), turn, params["lens"], params["horizon"] / 100)
    dressed(scenery, params, seed, half=WIDE, back=BACK, tall=TALL)
    set_lamp(scenery, key, camera, params, half=WIDE, back=BACK, tall=TALL)
    wishes = Wishes(
        stops + params["brightness"] / 100, params["defocus"] / 100, params["palette"], 0.11, params["light"]
    )
    return Stage(scenery, camera, wishes, key)


def _shell(s: Scenery, rng: np.random.Generator, flip: float) -> None:
    stone = (0.16, 0.155, 0.15)
    s.box(
        (-WIDE - 1, -0.3, -3),
        (WIDE + 1, 0, BACK + 0.2),
        stone,
        surface=TILES,
        a=0.9,
        shine=0.075,
        rough=0.28,
        texel_m=0.15,
        seed=3,
    )
    s.box((-WIDE - 1, TALL, -3), (WIDE + 1, TALL + 0.6, BACK + 0.2), (0.62, 0.62, 0.60), surface=CEILING, texel_m=0.15)
    s.box((-WIDE - 1, 0, -3.2), (WIDE + 1, TALL, -3), (0.4, 0.39, 0.37))
    frame = (0.035, 0.036, 0.04)
    # the glass wall ahead: sill, head, posts, one rail
    s.box((-WIDE - 0.2, 0, BACK - 0.1), (WIDE + 0.2, 0.16, BACK + 0.15), frame, texel_m=0.12)
    s.box((-WIDE - 0.2, TALL - 0.2, BACK - 0.12), (WIDE + 0.2, TALL, BACK + 0.15), frame, texel_m=0.12)
    posts = np.arange(-WIDE, WIDE + 0.01, WIDE / 3.5)
    for x in posts:
        s.box((x - 0.035, 0, BACK - 0.09), (x + 0.035, TALL, BACK + 0.1), frame, texel_m=0.15)
    s.box((-WIDE, 2.36, BACK - 0.05), (WIDE, 2.41, BACK + 0.06), frame, texel_m=0.2)
    s.pane(2, BACK, (-WIDE, 0.16), (WIDE, TALL - 0.2), 0.86)
    # the second glass wall
    side = flip * -WIDE
    for z in np.arange(-2.0, BACK, 1.3):
        s.box((side - 0.06, 0, z - 0.035), (side + 0.06, TALL, z + 0.035), frame, texel_m=0.15)
    for low, high in ((0.0, 0.16), (2.36, 2.41), (TALL - 0.2, TALL)):
        s.box((side - 0.06, low, -3), (side + 0.06, high, BACK), frame, texel_m=0.15)
    s.pane(0, side, (0.16, -3.0), (TALL - 0.2, BACK), 0.86)
    s.box(
        (side - 0.28, 0, BACK - 0.28),
        (side + 0.28, TALL, BACK + 0.28),
        (0.3, 0.29, 0.28),
        surface=CONCRETE,
        seed=5,
        texel_m=0.15,
    )
    # the solid wall: timber panels, a niche of shelves comes later
    wall = flip * WIDE
    s.box(
        (min(wall, wall + flip * 0.4), 0, -3),
        (max(wall, wall + flip * 0.4), TALL, BACK),
        (0.20, 0.115, 0.062),
        surface=WOOD,
        a=0.32,
        b=1.0,
        seed=int(rng.integers(100)),
        texel_m=0.15,
        shine=0.02,
        rough=0.6,
    )
    s.box((wall - 0.04, 0, -3), (wall + 0.04, 0.09, BACK), frame)


def _ceiling(s: Scenery, rng: np.random.Generator, share: float, level: float) -> None:
    """Long lights in the ceiling, in rows; some rows on."""
    rows = (-1.95, 0.15, 2.2)
    starts = (0.9, 3.4, 5.9)
    order = rng.permutation(len(rows) * len(starts))
    on = {int(k) for k in order[: round(share * len(order))]}
    warm = np.array([1.0, 0.90, 0.74])
    for n, (x, z) in enumerate((x, z) for x in rows for z in starts):
        power = level * 5.0 if n in on else 0.0
        glow = colour(warm * power if power else np.full(3, 0.02))
        s.box(
            (x - 0.07, TALL - 0.035, z),
            (x + 0.07, TALL - 0.001, z + 1.7),
            (0.5, 0.5, 0.5),
            glow=glow,
            surface=LAMP,
            texel_m=0.5,
        )
        s.box((x - 0.085, TALL - 0.03, z - 0.02), (x - 0.07, TALL, z + 1.72), (0.05, 0.05, 0.05), texel_m=0.5)
        s.box((x + 0.07, TALL - 0.03, z - 0.02), (x + 0.085, TALL, z + 1.72), (0.05, 0.05, 0.05), texel_m=0.5)
        if power:
            s.lamp((x, TALL - 0.05, z), (x, TALL - 0.05, z + 1.7), colour(warm * power * 0.12), down=1.0)
    for x in (-1.3, 1.3):
        for z in (2.4, 5.2):
            s.box((x - 0.28, TALL - 0.012, z - 0.28), (x + 0.28, TALL, z + 0.28), (0.35, 0.35, 0.35), texel_m=0.3)
            for k in range(5):
                s.box(
                    (x - 0.24, TALL - 0.02, z - 0.22 + k * 0.1),
                    (x + 0.24, TALL - 0.012, z - 0.18 + k * 0.1),
                    (0.06, 0.06, 0.06),
                    texel_m=0.5,
                )


def _furnish(
    s: Scenery, rng: np.random.Generator, flip: float, clutter: float, lamps: float, level: float, hung: float
) -> None:
    """Desks, shelves, plants and lamps; hung: how bright those are that hang."""
    places = [(1.75, 5.0), (0.15, 3.7), (0.3, 6.1), (-1.75, 4.7), (1.6, 7.1), (-1.5, 6.6), (-0.1, 7.55)]
    places = places[: 3 + round(4 * clutter)]
    lit = rng.permutation(len(places)) < round(lamps * len(places))
    for k, (x, z) in enumerate(places):
        desk(s, rng, x * flip + float(rng.uniform(-0.12, 0.12)), z, clutter, bool(lit[k]), level)
    wall = flip * (WIDE - 0.02)
    shelves(s, rng, wall, 5.55, 2.3, flip, 0.35 + 0.6 * clutter, level if lamps > 0 else 0.0)
    s.box(
        (wall - 0.035 * flip - 0.02, 1.15, 3.7),
        (wall - 0.035 * flip + 0.02, 2.15, 5.1),
        (0.6, 0.55, 0.5),
        surface=PICTURE,
        seed=int(rng.integers(99)),
        texel_m=0.15,
    )
    if lamps > 0:
        floor_lamp(s, (flip * -(WIDE - 0.6), 0.0, 7.0), level)
    pendant(s, (flip * 0.95, TALL, 4.6), 0.98, hung * (1.0 if lamps > 0.2 else 0.0))
    pendant(s, (flip * 0.3, TALL, 5.0), 0.72, hung * (1.0 if lamps > 0.2 else 0.0))
    plant(s, rng, (flip * -(WIDE - 0.65), 0.0, 7.55), 1.7)
    if clutter > 0.3:
        plant(s, rng, (flip * (WIDE - 0.6), 0.0, 2.3), 1.35)
        sofa(s, rng, flip * -2.6, 2.6)
    if clutter > 0.65:
        plant(s, rng, (flip * 0.75, 0.0, 7.95), 1.15)


def _outside(s: Scenery, rng: np.random.Generator, flip: float, lit: float, dark: bool) -> None:
    """Towers ahead and to the open side, streets of lamps between them."""
    ground = -FLOOR_ABOVE_STREET
    s.box((-900, ground - 2, -100), (900, ground, 1500), (0.06, 0.06, 0.065), texel_m=60.0)
    for row, z in enumerate((105.0, 150.0, 205.0, 275.0, 370.0, 490.0, 650.0, 840.0)):
        x = -60.0 - z * 0.55
        while x < 60.0 + z * 0.55:
            wide = float(rng.uniform(16, 34))
            if rng.random() < 0.86:
                tall = float(rng.uniform(38, 92)) * (1.0 if rng.random() < 0.72 else float(rng.uniform(1.15, 1.75)))
                tower(
                    s,
                    rng,
                    (x, ground, z + float(rng.uniform(-8, 8))),
                    (wide, tall, float(rng.uniform(16, 30))),
                    lit,
                    beacons=dark,
                    texel_m=12.0,
                )
            x += wide + float(rng.uniform(5, 16)) + row * 1.5
    for z in range(-20, 60, 38):
        wide = float(rng.uniform(18, 28))
        x = flip * -float(rng.uniform(48, 70)) - (wide if flip > 0 else 0)
        tower(s, rng, (x, ground, float(z)), (wide, float(rng.uniform(55, 120)), 26.0), lit, beacons=dark, texel_m=12.0)
    if not dark:
        return
    for _ in range(420):
        z = float(rng.choice([128.0, 178.0, 240.0, 322.0, 430.0, 570.0, 745.0])) + float(rng.uniform(-3, 3))
        x = float(rng.uniform(-0.6, 0.6)) * (z + 60)
        tint = (5.2, 2.7, 1.0) if rng.random() < 0.75 else (3.6, 4.2, 4.8)
        s.point((x, ground + 8.0, z), tint, 0.6)
    # the carpet of lights that a city is, far out
    for _ in range(900):
        z = float(rng.uniform(880, 2600))
        x = float(rng.uniform(-0.85, 0.85)) * z
        tint = ((5.0, 2.6, 1.0), (4.2, 4.2, 4.0), (5.0, 0.7, 0.4), (1.4, 3.6, 4.4))[
            int(rng.choice(4, p=[0.6, 0.24, 0.1, 0.06]))
        ]
        s.point((x, ground + float(rng.uniform(2, 60)), z), tint, float(rng.uniform(0.8, 2.2)))
    # an avenue running out from below, white toward us and red away
    for _ in range(260):
        z = float(rng.uniform(90, 900))
        away = rng.random() < 0.5
        x = flip * (30.0 + 0.32 * z) + (5.0 if away else -5.0) + float(rng.uniform(-2, 2))
        s.point((x, ground + 0.9, z), (6.0, 0.45, 0.25) if away else (5.5, 5.0, 4.0), 0.5)
