"""Colours of a picture out of its look, and what colours are called in a prompt. Pure; a look's lab is in tenths."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

Lab = tuple[float, float, float]
HEX = re.compile(r"#[0-9a-f]{6}")
MOST = 5
ROUNDS = 8
# dE (CIE 1976) within which people call two colours the same in a small swatch.
ALIKE = 12.0
# A colour that covers less than this share (thousandths) counts as further away, by up to so much (dE): what fills a
# picture comes before what is a lamp in it, and the lamp is found all the same.
ALL_OF_IT, LITTLE = 100, 6.0
VIVID = 24.0  # chroma
# A colour counts as being in a picture by its nearest patches: this share of them, in thousandths.
NEAREST_PERMILLE = 100

WHITE = (0.95047, 1.0, 1.08883)  # D65, IEC 61966-2-1


def is_colour(text: str) -> bool:
    return HEX.fullmatch(text) is not None


def lab_of(colour: str) -> Lab:
    """CIELAB (D65) of `#rrggbb`. Raises ValueError for anything else."""
    if not is_colour(colour):
        raise ValueError(colour)
    coded = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    r, g, b = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in coded)
    return lab_of_light(r, g, b)


def lab_of_light(r: float, g: float, b: float) -> Lab:
    """CIELAB (D65) of linear light, BT.709 primaries, 0 to 1. Source: IEC 61966-2-1, CIE 15."""
    xyz = (
        0.4124564 * r + 0.3575761 * g + 0.1804375 * b,
        0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
        0.0193339 * r + 0.1191920 * g + 0.9503041 * b,
    )
    f = [_f(one / white) for one, white in zip(xyz, WHITE, strict=True)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def hex_of(lab: Lab) -> str:
    """`#rrggbb` of a colour in CIELAB, held inside sRGB."""
    fy = (lab[0] + 16) / 116
    x, y, z = (white * _back(one) for white, one in zip(WHITE, (fy + lab[1] / 500, fy, fy - lab[2] / 200), strict=True))
    linear = (
        3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
        -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
        0.0556434 * x - 0.2040259 * y + 1.0572252 * z,
    )
    return hex_of_light(linear)


def hex_of_light(linear: Iterable[float]) -> str:
    """`#rrggbb` in sRGB of linear light, held inside 0 to 1."""
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, _coded(one)))):02x}" for one in linear)


def _f(value: float) -> float:
    return float(value ** (1 / 3)) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116


def _back(value: float) -> float:
    return value**3 if value**3 > 216 / 24389 else (116 * value - 16) * 27 / 24389


def _coded(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def patches(lab: Sequence[int]) -> list[Lab]:
    """A look's patches in CIELAB."""
    return [(lab[at] / 10, lab[at + 1] / 10, lab[at + 2] / 10) for at in range(0, len(lab), 3)]


def palette(lab: Sequence[int], count: int = MOST) -> list[str]:
    """Up to `count` colours of a look, the one that covers most first; colours that look alike are one.

    Groups by k-means from starts that lie far apart (the first is the median patch): the same look, the same colours.
    """
    return list(_palette(tuple(lab), count))


@lru_cache(maxsize=1024)  # 3 ms each, and a library shows many
def _palette(lab: tuple[int, ...], count: int) -> tuple[str, ...]:
    points = patches(lab)
    if not points:
        return ()
    centres = [sorted(points)[len(points) // 2]]
    while len(centres) < count:
        far = max(points, key=lambda point: min(math.dist(point, one) for one in centres))
        if min(math.dist(far, one) for one in centres) < ALIKE:
            break
        centres.append(far)
    groups: list[list[Lab]] = []
    for _round in range(ROUNDS):
        groups = [[] for _one in centres]
        for point in points:
            groups[min(range(len(centres)), key=lambda at: math.dist(point, centres[at]))].append(point)
        centres = [_mean(group) if group else centre for group, centre in zip(groups, centres, strict=True)]
    order = sorted(range(len(centres)), key=lambda at: -len(groups[at]))
    return tuple(dict.fromkeys(hex_of(centres[at]) for at in order if groups[at]))


def _mean(points: list[Lab]) -> Lab:
    total = [sum(column) / len(points) for column in zip(*points, strict=True)]
    return total[0], total[1], total[2]


def apart(lab: Sequence[int], colour: str) -> float:
    """How far a look is from holding `colour`: mean dE of its nearest patches."""
    wanted = lab_of(colour)
    distances = sorted(math.dist(wanted, one) for one in patches(lab))
    nearest = distances[: max(1, len(distances) * NEAREST_PERMILLE // 1000)]
    return sum(nearest) / len(nearest) if nearest else math.inf


def held(look: Mapping[str, Any], colour: str) -> tuple[float, int]:
    """(how far a look is from holding `colour`, how much of the picture the nearest of its own colours covers, in
    thousandths): by its patches and by its own colours, whichever is nearer."""
    wanted = lab_of(colour)
    best, share = apart(look["lab"], colour), NEAREST_PERMILLE
    for lightness, a, b, covers in look.get("colours", ()):
        far = math.dist(wanted, (lightness / 10, a / 10, b / 10)) + LITTLE * max(0.0, 1 - covers / ALL_OF_IT)
        if far < best:
            best, share = far, covers
    return best, share


def shown(look: Mapping[str, Any]) -> list[str]:
    """Up to MOST colours of a look, the one that covers most first, and among them its most striking one."""
    rows = look.get("colours") or []
    if not rows:
        return palette(look["lab"])
    kept = sorted(rows, key=lambda row: -row[3])[:MOST]
    vivid = next((row for row in rows if math.hypot(row[1], row[2]) >= 10 * VIVID), None)
    if vivid is not None and vivid not in kept:
        kept[-1] = vivid
    return list(dict.fromkeys(hex_of((row[0] / 10, row[1] / 10, row[2] / 10)) for row in kept))


# Hue angles (CIELAB, degrees) up to which a colour is called so; in English and Chinese.
HUES = (
    (20, "crimson", "深红"), (50, "red", "红"), (78, "amber", "琥珀"), (105, "yellow", "黄"), (135, "olive", "橄榄绿"),
    (165, "green", "绿"), (228, "teal", "青绿"), (260, "cyan blue", "青蓝"), (295, "blue", "蓝"), (325, "violet", "紫"),
    (350, "magenta", "品红"), (360, "crimson", "深红"),
)  # fmt: skip
GREY_BELOW = 9.0  # chroma
DARK_BELOW, LIGHT_FROM = 30.0, 70.0


def name_of(colour: str, language: str = "en") -> str:
    """What prompts call a colour: "deep teal", "pale amber", "grey"; in Chinese for "zh"."""
    lightness, a, b = lab_of(colour)
    zh = language == "zh"
    if math.hypot(a, b) < GREY_BELOW:
        if lightness < DARK_BELOW / 2:
            return "黑" if zh else "black"
        shade = ("深", "dark ") if lightness < DARK_BELOW else ("浅", "pale ") if lightness >= LIGHT_FROM else ("", "")
        return f"{shade[0]}灰" if zh else f"{shade[1]}grey"
    angle = math.degrees(math.atan2(b, a)) % 360
    _limit, english, chinese = next(one for one in HUES if angle <= one[0])
    shade = ("暗", "deep ") if lightness < DARK_BELOW else ("淡", "pale ") if lightness >= LIGHT_FROM else ("", "")
    return f"{shade[0]}{chinese}" if zh else f"{shade[1]}{english}"


def named(colours: Sequence[str], language: str = "en") -> str:
    """A palette in words for a prompt; empty without colours."""
    words = list(dict.fromkeys(name_of(colour, language) for colour in colours))
    if not words:
        return ""
    return f"色调为{'、'.join(words)}" if language == "zh" else f"palette of {', '.join(words)}"
