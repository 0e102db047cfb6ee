# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Patterned faces of rooms: stone, cloth, paper windows, carpets, wallpaper, painted beams."""

import math

from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, hash3, step, value_noise

MARBLE, CURTAIN, LATTICE, RUG, WALLPAPER, PAINTED, QUILT, BRICK = 16, 17, 18, 19, 20, 21, 22, 23


@kernel
def stroke(at, period, width, blur):
    """1 on a line of `width` repeated each `period`, averaged over `blur` metres."""
    d = abs(at / period - math.floor(at / period + 0.5)) * period
    soft = max(blur, 1e-4)
    near = 1.0 - step(width * 0.5 - soft * 0.5, width * 0.5 + soft * 0.5, d)
    share = width / period
    return near + (share - near) * min(1.0, max(0.0, (blur - 0.3 * period) / (0.5 * period)))


@kernel
def marble(ar, ag, ab, shine, mu, mv, fp, seed, slab):
    """Polished slabs of `slab` metres with veins; (albedo rgb, shine)."""
    col = math.floor(mu / slab)
    row = math.floor(mv / slab)
    turn = 7.0 * hash3(col, row, seed)
    x = mu * (1.0 if hash3(col, row, seed + 1) < 0.5 else -1.0) + turn
    y = mv + 3.1 * turn
    warp = fbm(x * 1.1, y * 1.1, 4, seed)
    vein = abs(fbm(x * 1.7 + 2.6 * warp, y * 1.3 + 1.7 * warp, 5, seed + 3) - 0.48)
    k = 0.80 + 0.22 * fbm(x * 3.0, y * 3.0, 4, seed + 9) - 0.35 * math.exp(-vein * 46.0)
    seam = max(stroke(mu, slab, 0.006, fp), stroke(mv, slab, 0.006, fp))
    k *= 1.0 - 0.4 * seam
    return ar * k, ag * k, ab * k, shine * (1.0 - 0.7 * seam)


@kernel
def curtain(ar, ag, ab, er, eg, eb, mu, mv, v, fp, seed, fold):
    """Cloth hanging in folds about `fold` metres wide; what glows through it follows the folds."""
    x = mu + 0.05 * value_noise(mv * 0.7, mu * 2.0, seed) + 0.7 * fold * value_noise(mu / fold * 0.4, 3.7, seed + 1)
    wave = 0.5 + 0.5 * math.cos(2.0 * math.pi * x / fold)
    deep = 0.30 + 0.70 * wave
    fine = min(1.0, fp / fold)
    deep += (0.65 - deep) * step(0.25, 0.6, fine)
    weave = 1.0 + 0.1 * (value_noise(mu * 90.0, mv * 14.0, seed + 4) - 0.5) * (1.0 - min(1.0, fp * 60.0))
    k = deep * weave
    glow = (0.55 + 0.6 * wave) * (0.75 + 0.35 * v)
    return ar * k, ag * k, ab * k, er * glow, eg * glow, eb * glow


@kernel
def lattice(ar, ag, ab, er, eg, eb, mu, mv, fp, cell, style):
    """Paper behind wooden bars: straight squares, or squares within squares (style 1); glow is the paper's."""
    bar = max(stroke(mu, cell, 0.016, fp), stroke(mv, cell, 0.016, fp))
    if style > 0.5:
        x = mu / cell - math.floor(mu / cell) - 0.5
        y = mv / cell - math.floor(mv / cell) - 0.5
        ring = abs(max(abs(x), abs(y)) - 0.27) * cell
        soft = max(fp, 1e-4)
        inner = 1.0 - step(0.007 - soft * 0.5, 0.007 + soft * 0.5, ring)
        if max(abs(x), abs(y)) > 0.27:
            cross = min(abs(x), abs(y)) * cell
            inner = max(inner, 1.0 - step(0.007 - soft * 0.5, 0.007 + soft * 0.5, cross))
        inner += (0.2 - inner) * step(0.3 * cell, 0.7 * cell, fp)
        bar = max(bar, inner)
    paper = 0.86 + 0.28 * value_noise(mu * 6.0, mv * 6.0, 17)
    k = 1.0 - bar
    return (
        ar * bar + 0.72 * k,
        ag * bar + 0.66 * k,
        ab * bar + 0.54 * k,
        er * k * paper,
        eg * k * paper,
        eb * k * paper,
    )


@kernel
def rug(ar, ag, ab, u, v, mu, mv, fp, seed, cell, border):
    """Woven carpet: diamonds in a field of `cell` metres, a `border` along its long sides; no line finer than seen."""
    x = mu / cell - math.floor(mu / cell) - 0.5
    y = mv / cell - math.floor(mv / cell) - 0.5
    d = abs(x) + abs(y)
    clear = 1.0 - step(0.25, 0.7, fp / cell)
    ring = 1.0 if (d > 0.42 and d < 0.47) or d < 0.10 or (d > 0.22 and d < 0.26) else 0.0
    k = 0.85 + (0.75 * ring - 0.12) * clear
    pile = 0.9 + 0.2 * (value_noise(mu * 70.0, mv * 70.0, seed) if fp < 0.02 else 0.5)
    if border > 0.0:
        edge = min(u, 1.0 - u)
        if edge < border:
            k = 0.45 if edge < border * 0.8 else 1.7
    wear = 0.88 + 0.24 * fbm(mu * 0.9, mv * 0.9, 3, seed + 5)
    k *= pile * wear
    gold = max(0.0, k - 0.95)
    return ar * k + (0.05 + 0.2 * ar) * gold, ag * k + (0.045 + 0.5 * ag) * gold, ab * k + 0.02 * gold


@kernel
def wallpaper(ar, ag, ab, mu, mv, fp, seed, cell, rail):
    """Papered wall with a faint figure each `cell` metres; panelled wood colour below the `rail` height."""
    if mv < rail:
        panel = abs(mu / 0.62 - math.floor(mu / 0.62) - 0.5) * 0.62
        y = mv / rail
        edge = 1.0 if panel > 0.265 or y < 0.14 or y > 0.84 else 0.0
        groove = 1.0 if abs(panel - 0.262) < 0.007 or abs(y - 0.14) < 0.012 or abs(y - 0.84) < 0.012 else 0.0
        k = (0.62 + 0.1 * edge) * (1.0 - 0.4 * groove * (1.0 - min(1.0, fp * 40.0)))
        if y > 0.95:
            k = 0.85
        return ar * k, ag * k, ab * k
    x = abs(mu / cell - math.floor(mu / cell) - 0.5)
    shift = 0.5 * (math.floor(mu / cell) % 2.0)
    y = abs(mv / (cell * 1.4) + shift - math.floor(mv / (cell * 1.4) + shift) - 0.5)
    leaf = abs(x - 0.22 * math.cos(y * 9.0)) + 0.5 * y
    figure = step(0.20, 0.24, leaf) - step(0.30, 0.34, leaf)
    figure += 1.0 - step(0.05, 0.08, x * x * 4.0 + y * y * 3.0)
    k = 1.0 + 0.16 * (figure - 0.3) * (1.0 - min(1.0, fp / cell * 2.5))
    k *= 0.93 + 0.14 * fbm(mu * 0.8, mv * 0.8, 3, seed)
    return ar * k, ag * k, ab * k


@kernel
def painted(ar, ag, ab, mu, mv, fp, seed, panel):
    """Painted timber of a palace: blue and green fields edged in gold, a gilt figure in the middle of each."""
    n = math.floor(mu / panel)
    x = mu / panel - n
    blue = n % 2.0 < 0.5
    r = 0.02 if blue else 0.03
    g = 0.07 if blue else 0.16
    b = 0.28 if blue else 0.11
    rim = 1.0 if x < 0.05 or x > 0.95 else 0.0
    swirl = fbm(x * 9.0 + 5.0 * hash3(int(n), seed, 1), mv * 14.0, 4, seed + int(n))
    gilt = step(0.52, 0.60, swirl) * step(0.10, 0.2, x) * (1.0 - step(0.8, 0.9, x))
    gilt = max(rim, 0.8 * gilt)
    gilt += (0.25 - gilt) * step(0.15, 0.5, fp / panel)
    k = 0.8 + 0.4 * value_noise(mu * 5.0, mv * 5.0, seed + 3)
    return (r + (0.62 - r) * gilt) * k, (g + (0.42 - g) * gilt) * k, (b + (0.12 - b) * gilt) * k


@kernel
def quilt(ar, ag, ab, mu, mv, fp, seed, cell):
    """Bedding: soft creases, stitched in squares of `cell` metres where cell > 0."""
    crease = fbm(mu * 2.1 + 1.4 * fbm(mu * 1.3, mv * 1.3, 3, seed + 2), mv * 2.6, 4, seed)
    k = 0.72 + 0.56 * crease
    if cell > 0.0:
        k *= 1.0 - 0.3 * max(stroke(mu, cell, 0.012, fp), stroke(mv, cell, 0.012, fp))
    return ar * k, ag * k, ab * k


@kernel
def brick(ar, ag, ab, mu, mv, fp, seed, long_, tall):
    """Courses of bricks or stone blocks, `long_` by `tall` metres, each with its own tone."""
    row = math.floor(mv / tall)
    x = mu / long_ + 0.5 * (row % 2.0)
    col = math.floor(x)
    tone = 0.75 + 0.5 * hash3(col, row, seed)
    joint = max(stroke(mu + 0.5 * long_ * (row % 2.0), long_, 0.012, fp), stroke(mv, tall, 0.012, fp))
    k = tone * (0.8 + 0.4 * fbm(mu * 6.0, mv * 6.0, 3, seed)) * (1.0 - 0.45 * joint)
    return ar * k, ag * k, ab * k
