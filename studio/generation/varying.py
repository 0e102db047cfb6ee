"""More like this: what is asked for again, and what of it varies. Pure: settings in, settings out."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

SEED, SETTINGS, PICTURE = "seed", "settings", "picture"
WAYS = (SEED, SETTINGS, PICTURE)
SPREAD_PERMILLE = 150  # of a setting's range, to either side: a sister, not a stranger
# What decides how long and how dear a draw is stays: variations cost what was said. And so does when it is there.
FIXED = frozenset({"steps", "frames", "start", "duration", "fade_in", "fade_out", "distance"})
PICTURE_STRENGTH_MILLI = 550  # lets go of the picture's detail, keeps its arrangement


def settings(parameters: Iterable[Any], params: Mapping[str, Any], seed: int, number: int) -> dict[str, Any]:
    """`params` with every number moved a little within its range, the same for the same seed and number.

    parameters: an offer's (name, kind, minimum, maximum, default); number: which of the draws, from 0.
    """
    moved = dict(params)
    for one in parameters:
        if one.kind != "number" or one.name in FIXED:
            continue
        span = one.maximum - one.minimum
        reach = max(1, span * SPREAD_PERMILLE // 1000)
        sha = hashlib.sha256(f"{seed}:{number}:{one.name}".encode()).digest()
        step = int.from_bytes(sha[:4], "big") % (2 * reach + 1) - reach
        usual = params.get(one.name, one.default)
        moved[one.name] = min(one.maximum, max(one.minimum, int(usual) + step))
    return moved
