"""Seeds by location: draws of one place come from one family, so that a look found there can be found again. Pure."""

import hashlib
from typing import Any

FAMILY = 1_000  # seeds in a family
MOST = 2**31 - 1


def family_of(production: Any, location: Any) -> int:
    """The first seed of a location's family (of the production's own where a scene has no location).

    production, location: ids. The same everywhere, without a table.
    """
    sha = hashlib.sha256(f"{production}:{location or ''}".encode()).digest()
    return int.from_bytes(sha[:8], "big") % (MOST // FAMILY) * FAMILY


def is_in(seed: int, family: int) -> bool:
    return family <= seed < family + FAMILY


def following(used: set[int], family: int, count: int = 1) -> int:
    """The first of `count` consecutive seeds of the family that nobody has drawn with; past its end it begins anew."""
    for seed in range(family, family + FAMILY - count + 1):
        if not any(seed + number in used for number in range(count)):
            return seed
    return family
