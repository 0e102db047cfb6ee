# mypy: disable-error-code="no-untyped-def,no-untyped-call"
"""Faces of a city: windows with people's evenings behind them, shop fronts, signs."""

import math

from compositing.plates.kernels import kernel
from compositing.plates.noise import fbm, hash3, step, value_noise
from compositing.plates.scene import COOL, WARM


@kernel
def _band(at, low, high, blur):
    """1 between low and high, with edges as wide as a pixel."""
    soft = max(blur, 1e-4)
    return step(low - soft * 0.5, low + soft * 0.5, at) * (1.0 - step(high - soft * 0.5, high + soft * 0.5, at))


@kernel
def facade(air, ar, ag, ab, face, mu, mv, fp, seed, wide, tall, lit):
    """Windows `wide` by `tall` metres from centre to centre; lit: the share with a light on, 0..1.

    Three kinds by seed: flats (single windows), offices (bands, whole floors on), curtain wall (all glass).
    """
    seed = seed + face * 101
    style = int(hash3(seed // 1000, 7, 1) * 3)
    col = math.floor(mu / wide)
    row = math.floor(mv / tall)
    x = mu / wide - col
    y = mv / tall - row
    bx = fp / wide
    by = fp / tall
    if style == 0:
        left, right, low, high = 0.22, 0.80, 0.30, 0.82
    elif style == 1:
        left, right, low, high = 0.03, 0.97, 0.34, 0.88
    else:
        left, right, low, high = 0.04, 0.96, 0.10, 0.95
    cover = _band(x, left, right, bx) * _band(y, low, high, by)
    mean_cover = (right - left) * (high - low)
    blend = min(1.0, max(0.0, max(bx, by) * 1.4 - 0.5))
    floor_on = hash3(row, seed, 11)
    chance = lit
    if style != 0:
        chance = lit * (2.2 if floor_on < 0.3 else (0.75 if floor_on < 0.75 else 0.15))
    group = col if style == 0 else col // (1 + int(hash3(row, seed, 5) * 4))
    on = 1.0 if hash3(group, row, seed) < chance else 0.0
    level = 0.35 + 1.65 * hash3(group, row, seed + 1) ** 2
    tint = hash3(group, row, seed + 2)
    if style != 0:
        tint = 0.35 * tint + 0.65 * hash3(row // 3, seed, 8)
    t = step(0.35, 0.75, tint)
    wr = air[WARM] + (air[COOL] - air[WARM]) * t
    wg = air[WARM + 1] + (air[COOL + 1] - air[WARM + 1]) * t
    wb = air[WARM + 2] + (air[COOL + 2] - air[WARM + 2]) * t
    inside = 1.0
    if bx < 0.25:
        # ceiling lights at the top, a curtain to one side, something standing on the sill
        iy = (y - low) / (high - low)
        ix = (x - left) / (right - left)
        inside = 0.45 + 0.75 * iy * iy
        drawn = hash3(col, row, seed + 3)
        if drawn < 0.35 and ix < 0.15 + drawn:
            inside *= 0.45 + 0.25 * math.sin(ix * 60.0) * max(0.0, 1 - bx * 8)
        elif drawn > 0.8 and iy < 0.5 * drawn and abs(ix - 0.5) < 0.12:
            inside *= 0.25
        if style == 2 or style == 1:
            bar = _band(ix * 3 - math.floor(ix * 3), 0.04, 0.96, bx * 3)
            inside *= 0.4 + 0.6 * bar
    e = on * level * inside * cover
    far = lit * 0.62 * mean_cover
    e = e + (far - e) * blend
    dim = 0.78 + 0.44 * value_noise(mu * 0.31, mv * 0.11, seed)
    dim *= 1.0 - 0.25 * _band(y, 0.0, 0.06, by) * (1 - blend)
    glass = cover * (1 - blend) + mean_cover * blend
    ar = ar * dim * (1 - glass) + 0.012 * glass
    ag = ag * dim * (1 - glass) + 0.014 * glass
    ab = ab * dim * (1 - glass) + 0.018 * glass
    # a negative roughness tells the caller that this mirror shows the open sky only
    return ar, ag, ab, e * wr, e * wg, e * wb, (0.09 if style == 2 else 0.05) * glass, -1.0


@kernel
def glyphs(mu, mv, wide, cell, fp, seed):
    """Brightness 0..1 of a column or row of square signs' strokes: reads as writing, says nothing."""
    col = math.floor(mu / cell)
    row = math.floor(mv / cell)
    x = mu / cell - col
    y = mv / cell - row
    if fp > cell * 0.5:
        return 0.4
    k = 0.0
    blur = fp / cell
    for s in range(6):
        h = hash3(col * 7 + s, row, seed)
        h2 = hash3(col * 7 + s, row, seed + 1)
        h3 = hash3(col * 7 + s, row, seed + 2)
        at = 0.18 + 0.64 * math.floor(h * 5) / 4.0
        low = 0.14 + 0.3 * math.floor(h2 * 3) / 2.0
        high = low + 0.3 + 0.4 * h3
        high = min(high, 0.88)
        if s % 2 == 0:
            k = max(k, _band(y, at - 0.045, at + 0.045, blur) * _band(x, low, high, blur))
        else:
            k = max(k, _band(x, at - 0.045, at + 0.045, blur) * _band(y, low, high, blur))
    frame = 1.0
    if wide > 0:
        frame = _band(mu, cell * 0.06, wide - cell * 0.06, fp)
    return k * frame


@kernel
def shop_window(ar, ag, ab, er, eg, eb, mu, mv, fp, seed, tall):
    """A lit shop front, `tall` metres high: sign band, panes, goods on shelves and people's shapes before them."""
    unit = 4.6
    n = math.floor(mu / unit)
    x = mu - n * unit
    shut = hash3(n, seed, 1) < 0.22
    level = 0.35 + 1.3 * hash3(n, seed, 2)
    warm = hash3(n, seed, 3)
    wr = er * (0.8 + 0.5 * warm)
    wg = eg * (0.9 + 0.1 * warm)
    wb = eb * (1.6 - 1.2 * warm)
    e = 0.0
    top = mv / tall
    if x < 0.18 or x > unit - 0.18:
        return ar, ag, ab, 0.0, 0.0, 0.0, 0.0, 0.4
    if top > 0.78:
        if top < 0.97 and not shut:
            hue = hash3(n, seed, 4)
            k = 0.16 + 1.5 * glyphs(mu - n * unit, mv - 0.78 * tall, 0.0, 0.19 * tall, fp, seed + n)
            sr = 1.5 if hue < 0.45 else 0.25
            sg = 0.25 if hue < 0.3 else (0.9 if hue < 0.75 else 0.35)
            sb = 0.2 if hue < 0.45 else 1.2
            return ar * 0.3, ag * 0.3, ab * 0.3, k * sr, k * sg, k * sb, 0.0, 0.4
        return ar, ag, ab, 0.0, 0.0, 0.0, 0.0, 0.4
    if shut:
        ribs = 0.7 + 0.3 * math.sin(mv * 42.0) * max(0.0, 1 - fp * 20)
        return 0.10 * ribs, 0.10 * ribs, 0.11 * ribs, 0.0, 0.0, 0.0, 0.0, 0.4
    if top < 0.08:
        return ar * 0.5, ag * 0.5, ab * 0.5, 0.0, 0.0, 0.0, 0.0, 0.4
    e = level * (0.25 + 1.1 * top)
    shelf = mv * 1.8
    goods = hash3(math.floor(mu * 5), math.floor(shelf), seed + 9)
    if fp < 0.15 and top < 0.6:
        e *= 0.12 + 1.15 * goods
        if shelf - math.floor(shelf) < 0.1:
            e *= 0.4
    e *= 0.35 + 1.3 * fbm(mu * 1.4, mv * 1.4, 3, seed + 21)
    frame = abs(x / 1.4 - math.floor(x / 1.4 + 0.5)) * 1.4
    if frame < 0.04:
        e *= 0.15
    return 0.02, 0.02, 0.02, e * wr, e * wg, e * wb, 0.05, -1.0
