# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""What a solid's face looks like at a point: its own colour, its own light, how it mirrors."""

import math

from compositing.plates.facades import facade, glyphs, shop_window
from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, hash3, step, value_noise
from compositing.plates.patterns import (
    BRICK,
    CURTAIN,
    LATTICE,
    MARBLE,
    PAINTED,
    QUILT,
    RUG,
    WALLPAPER,
    brick,
    curtain,
    lattice,
    marble,
    painted,
    quilt,
    rug,
    stroke,
    wallpaper,
)
from compositing.plates.scene import LIVE, SWAY, TIME

PLAIN, TILES, WOOD, CEILING, SCREEN, FACADE, ASPHALT, SIGN = 0, 1, 2, 3, 4, 5, 6, 7
BOOKS, SHOP, CONCRETE, LAMP, PICTURE, CARPET, SOFT_LAMP, PAVING = 8, 9, 10, 11, 12, 13, 14, 15


@kernel
def _neon(air, seed):
    """What is left of a sign's light as it flickers: most burn steadily, some breathe, a few are failing."""
    way = hash3(seed, 3, 91)
    if way < 0.14:
        tenth = int(air[TIME] * 11.0)
        return 0.22 if hash3(tenth, seed, 92) < 0.3 or hash3(tenth // 9, seed, 93) < 0.2 else 1.0
    if way < 0.5:
        return 0.86 + 0.14 * math.sin(2.0 * air[SWAY] + 9.0 * way + seed)
    return 1.0


@kernel
def look(scene, i, face, u, v, mu, mv, fp):
    """(albedo rgb, glow rgb, shine, rough) at metres (mu, mv) of a face; fp: metres that one pixel covers there."""
    at = scene.attr
    ar = at[i, 0]
    ag = at[i, 1]
    ab = at[i, 2]
    er = at[i, 3]
    eg = at[i, 4]
    eb = at[i, 5]
    shine = at[i, 6]
    rough = at[i, 7]
    kind = int(at[i, 8])
    seed = int(at[i, 9])
    a = at[i, 10]
    b = at[i, 11]
    c = at[i, 12]
    if kind in (TILES, PAVING):
        if face == 3:
            shade = 0.86 + 0.28 * hash3(math.floor(mu / a), math.floor(mv / a), seed)
            grain = 0.85 + 0.3 * fbm(mu * 2.3, mv * 2.3, 5, seed)
            seam = max(stroke(mu, a, 0.008, fp), stroke(mv, a, 0.008, fp))
            k = shade * grain * (1.0 - 0.45 * seam)
            ar *= k
            ag *= k
            ab *= k
            shine *= (1.0 - 0.8 * seam) * (0.75 + 0.5 * value_noise(mu * 1.3, mv * 1.3, seed + 3))
    elif kind == CARPET:
        if face == 3:
            weave = 0.8 + 0.4 * hash3(math.floor(mu / 0.012), math.floor(mv / 0.012), seed)
            weave += (1.0 - weave) * min(1.0, fp / 0.012)
            patch = 0.82 + 0.36 * hash3(math.floor(mu / a), math.floor(mv / a), seed + 1)
            ar *= patch * weave
            ag *= patch * weave
            ab *= patch * weave
    elif kind == WOOD:
        along = mu if b == 0.0 else mv
        across = mv if b == 0.0 else mu
        plank = math.floor(across / a) if a > 0 else 0.0
        tone = 0.8 + 0.4 * hash3(int(plank), seed, 3)
        rings = fbm(along * 1.1 + 31.0 * hash3(int(plank), seed, 5), across * 26.0, 4, seed)
        k = tone * (0.72 + 0.56 * rings)
        if a > 0:
            k *= 1.0 - 0.7 * stroke(across, a, 0.006, fp)
        ar *= k
        ag *= k
        ab *= k
    elif kind == CEILING:
        if face == 2:
            seam = max(stroke(mu, 0.6, 0.02, fp), stroke(mv, 0.6, 0.02, fp))
            speck = 0.94 + 0.12 * value_noise(mu * 60, mv * 60, seed) if fp < 0.02 else 1.0
            k = (1.0 - 0.35 * seam) * speck
            ar *= k
            ag *= k
            ab *= k
    elif kind == CONCRETE:
        k = 0.72 + 0.56 * fbm(mu * 1.7, mv * 1.7, 5, seed)
        k *= 1.0 - 0.3 * stroke(mv, 1.2, 0.012, fp)
        ar *= k
        ag *= k
        ab *= k
    elif kind == SCREEN:
        if face == 4:
            # A bar, a side panel, lines of work and a chart: no text, but a screen in use.
            lit = 0.16
            x = u
            y = 1.0 - v
            if scene.air[LIVE] == 1.0:
                if seed % 3 == 0:  # lines come in at the foot, the rest goes up
                    y += math.floor(scene.air[TIME] * 1.5 + hash3(seed, 2, 6)) / 26.0 if y >= 0.06 else 0.0
                else:  # another chart, another picture, every few seconds
                    seed += 3 * int(scene.air[TIME] / 2.6 + hash3(seed, 2, 6))
            if y < 0.06:
                lit = 0.45
            elif x < 0.2:
                lit = 0.32 + 0.25 * stroke(y, 0.07, 0.03, fp)
            elif seed % 3 == 0:
                row = math.floor(y * 26)
                end = 0.3 + 0.65 * hash3(row, seed, 4)
                on = 1.0 if (y * 26 - row) < 0.5 and x < end and hash3(int(x * 40), row, seed) > 0.2 else 0.0
                lit = 0.1 + 0.75 * on
            elif seed % 3 == 1:
                col = math.floor((x - 0.2) / 0.8 * 12)
                lit = 0.9 if (1 - y) < 0.15 + 0.65 * hash3(col, seed, 9) and ((x - 0.2) * 15) % 1 < 0.6 else 0.28
            else:
                lit = 0.25 + 0.9 * fbm(x * 3.1, y * 4.3, 4, seed)
            er *= lit
            eg *= lit
            eb *= lit
        else:
            er = eg = eb = 0.0
    elif kind == BOOKS:
        if face == 0 or face == 1 or face == 4:
            width = 0.034
            n = math.floor(mu / width)
            tall = 0.55 + 0.42 * hash3(int(n), seed, 1)
            gap = hash3(int(n) // 7, seed, 2)
            if v < tall and gap < c:
                ar *= 0.35 + 1.6 * hash3(int(n), seed, 3)
                ag *= 0.35 + 1.5 * hash3(int(n), seed, 4)
                ab *= 0.35 + 1.4 * hash3(int(n), seed, 5)
                edge = 1.0 - 0.6 * stroke(mu, width, 0.006, fp)
                ar *= edge
                ag *= edge
                ab *= edge
            else:
                ar *= 0.18
                ag *= 0.17
                ab *= 0.16
    elif kind == PICTURE:
        if face == 0 or face == 1 or face == 4:
            if u < 0.05 or u > 0.95 or v < 0.05 or v > 0.95:
                ar = ag = ab = 0.03
            else:
                k = fbm(u * 3.0, v * 3.0 + 2.0 * fbm(u * 2, v * 2, 3, seed + 4), 5, seed)
                if k > 0.5:
                    ar *= 1.5 * k
                    ag *= 1.0 * k
                    ab *= 0.6 * k
                else:
                    ar *= 0.35
                    ag *= 0.5 * (1 - k)
                    ab *= 0.9 * (1 - k)
    elif kind == FACADE:
        if face != 2 and face != 3:
            return facade(scene.air, ar, ag, ab, face, mu, mv, fp, seed, a, b, c)
        ar *= 0.7
        ag *= 0.7
        ab *= 0.7
    elif kind == SIGN:
        if face == 0 or face == 1 or face == 4 or face == 5:
            k = glyphs(mu, mv, a, b, fp, seed)
            base = 0.06 if c == 0.0 else c
            k = base + (1.0 - base) * k
            if scene.air[LIVE] > 0.0:
                k *= _neon(scene.air, seed)
            er *= k
            eg *= k
            eb *= k
        else:
            er = eg = eb = 0.0
    elif kind == SHOP:
        if face != 2 and face != 3:
            return shop_window(ar, ag, ab, er, eg, eb, mu, mv, fp, seed, b)
        er = eg = eb = 0.0
    elif kind == ASPHALT:
        if face == 3:
            fine = 0.75 + 0.5 * value_noise(mu * 23, mv * 23, seed) if fp < 0.08 else 1.0
            wide = fbm(mu * 0.35, mv * 0.35, 5, seed)
            k = fine * (0.7 + 0.6 * wide)
            # puddles: where the road lies low it mirrors cleanly
            puddle = step(0.46, 0.60, fbm(mu * 0.22 + 9.0, mv * 0.13, 4, seed + 9)) * c
            shine = shine + (min(1.0, shine * 2.2 + 0.12 * c) - shine) * puddle
            rough = rough * (1.0 - 0.8 * puddle)
            k *= 1.0 - 0.35 * c
            paint = 0.0
            half = a * 0.5
            off = mu - b
            if (
                abs(abs(off) - half) < 0.07
                or (abs(off) < 0.22 and abs(off) > 0.1)
                or (abs(abs(off) - half * 0.5) < 0.07 and mv % 9.0 < 3.5)
            ):
                paint = 1.0
            zebra = mv % 74.0
            if zebra > 30.0 and zebra < 33.5 and abs(off) < half - 0.3:
                paint = 1.0 if off % 1.0 < 0.5 else 0.0
            paint *= 0.55 + 0.45 * fbm(mu * 5, mv * 5, 3, seed + 2)
            paint *= 1.0 - 0.6 * min(1.0, fp / 0.5)
            ar = ar * k + paint * 0.5
            ag = ag * k + paint * 0.49
            ab = ab * k + paint * 0.45
    elif kind == MARBLE:
        if face == 3 or c == 0.0:
            ar, ag, ab, shine = marble(ar, ag, ab, shine, mu, mv, fp, seed, a)
    elif kind == CURTAIN:
        if face != 2 and face != 3:
            ar, ag, ab, er, eg, eb = curtain(ar, ag, ab, er, eg, eb, mu, mv, v, fp, seed, a)
    elif kind == LATTICE:
        if face != 2 and face != 3:
            ar, ag, ab, er, eg, eb = lattice(ar, ag, ab, er, eg, eb, mu, mv, fp, a, b)
        else:
            er = eg = eb = 0.0
    elif kind == RUG:
        if face == 3:
            ar, ag, ab = rug(ar, ag, ab, u, v, mu, mv, fp, seed, a, b)
    elif kind == WALLPAPER:
        if face != 2 and face != 3:
            ar, ag, ab = wallpaper(ar, ag, ab, mu, mv, fp, seed, a, b)
    elif kind == PAINTED:
        ar, ag, ab = painted(ar, ag, ab, mu, mv, fp, seed, a) if face < 4 or b == 0.0 else (ar, ag, ab)
    elif kind == QUILT:
        ar, ag, ab = quilt(ar, ag, ab, mu, mv, fp, seed, a)
    elif kind == BRICK:
        if face != 2 and face != 3:
            ar, ag, ab = brick(ar, ag, ab, mu, mv, fp, seed, a, b)
    elif kind == SOFT_LAMP and c > 0.0 and scene.air[LIVE] > 0.0:
        flame = 1.0 - c * (0.75 * value_noise(scene.air[TIME] * 7.0 + 3.7 * seed, u, 5 + seed) - 0.2)
        er *= flame
        eg *= flame
        eb *= flame
    elif kind == LAMP and face != 2 and c == 0.0:
        er *= 0.06
        eg *= 0.06
        eb *= 0.06
    return ar, ag, ab, er, eg, eb, shine, rough
