"""How alike the backgrounds of one place are: by grade and by geometry, from the engine's looks, and by what they show,
where a CLIP or DINO has read them. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from statistics import median
from typing import Any

# dE, CIE 1976, between the mean colours of patches: from this on two shots cut together look graded apart.
GRADE_APART = 6.0
# How many times the usual distance within the place counts as an outlier, where its shots differ more than that anyway
# (a place by day and by night).
GRADE_TIMES = 2.5
# Cosine between the rises of brightness: the same place in another light keeps 0.5 to 0.95, other places stay below.
GEOMETRY_OTHER = 0.4
FEWEST = 3  # shots from which on something can be an outlier


@dataclass(frozen=True)
class Standing:
    """One shot among those of its place. grade: dE from the middle of the place. geometry: cosine with the shot it is
    most alike. graded_apart, elsewhere: it is flagged."""

    grade: float
    geometry: float
    graded_apart: bool
    elsewhere: bool

    @property
    def flagged(self) -> bool:
        return self.graded_apart or self.elsewhere


def compare(looks: Sequence[dict[str, Any]]) -> list[Standing]:
    """Each look (see `compositing.continuity.look_of`) against the others of its place, in the same order."""
    if not looks:
        return []
    middle = [median(column) for column in zip(*(look["lab"] for look in looks), strict=True)]
    grades = [grade_distance(look["lab"], middle) for look in looks]
    usual = median(grades)
    spread = median(abs(grade - usual) for grade in grades)
    limit = max(GRADE_APART, usual + GRADE_TIMES * max(spread, 0.4 * usual))
    nearest = _nearest([look["edges"] for look in looks])
    enough = len(looks) >= FEWEST
    return [
        Standing(grade, near, enough and grade > limit, enough and near < GEOMETRY_OTHER)
        for grade, near in zip(grades, nearest, strict=True)
    ]


def grade_distance(one: Sequence[float], other: Sequence[float]) -> float:
    """Mean dE (CIE 1976) between patches; L, a, b in tenths, patch by patch."""
    patches = range(0, len(one), 3)
    return sum(math.dist(one[at : at + 3], other[at : at + 3]) for at in patches) / len(patches) / 10


@dataclass(frozen=True)
class Shown:
    """What a shot shows, against its place. alike: cosine with the middle of the place. other: it is flagged."""

    alike: float
    other: bool


def shown(directions: Sequence[Sequence[int]], other_milli: int) -> list[Shown]:
    """Each picture's direction (see `modelhost.seeing`) against the middle of all, in the same order.

    other_milli: how far, in thousandths of a cosine, one must lie beyond the usual before it can show other things.
    """
    if not directions:
        return []
    middle = [median(column) for column in zip(*directions, strict=True)]
    alike = [_cosine(one, middle) for one in directions]
    usual = median(alike)
    spread = median(abs(one - usual) for one in alike)
    limit = max(other_milli / 1000, GRADE_TIMES * max(spread, 0.4 * (1 - usual)))
    enough = len(directions) >= FEWEST
    return [Shown(one, enough and usual - one > limit) for one in alike]


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    return sum(map(mul, one, other)) / lengths if lengths else 0.0


def _nearest(edges: list[list[int]]) -> list[float]:
    best = [1.0 if len(edges) == 1 else -1.0] * len(edges)
    for i, one in enumerate(edges):
        for j in range(i):
            near = sum(map(mul, one, edges[j])) / 1e6
            best[i], best[j] = max(best[i], near), max(best[j], near)
    return best
