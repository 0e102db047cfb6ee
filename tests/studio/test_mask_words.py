"""What a step of the history did to the masks is said in words."""

import pytest

from studio.comps.mask_words import said

SQUARE = [[0, 0], [100, 0], [100, 100], [0, 100]]


def mask(own="a", kind="garbage", **more):
    return {"id": own, "kind": kind, "keys": [{"frame": 0, "points": SQUARE}], **more}


def keys(*frames, points=SQUARE):
    return {"keys": [{"frame": frame, "points": points} for frame in frames]}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ([], [mask()], "garbage mask drawn"),
        ([mask()], [mask(), mask("b", "holdout")], "holdout mask drawn"),
        ([mask(kind="holdout")], [], "holdout mask deleted"),
        ([mask(), mask("b")], [], "2 masks deleted"),
        ([mask()], [mask(off=1)], "garbage mask: switched off"),
        ([mask(off=1)], [mask()], "garbage mask: switched on"),
        ([mask()], [mask(kind="holdout")], "garbage mask: made a holdout"),
        ([mask()], [mask(invert=1)], "garbage mask: inverted"),
        ([mask()], [mask(feather_px_milli=2500)], "garbage mask: feather 2.5 px"),
        ([mask()], [mask(**keys(0, 5))], "garbage mask: key set"),
        ([mask(**keys(0, 5))], [mask(**keys(0))], "garbage mask: key removed"),
        ([mask()], [mask(**keys(0, points=[[5, 5], *SQUARE[1:]]))], "garbage mask: point moved"),
        ([mask()], [mask(**keys(0, points=[[x + 9, y] for x, y in SQUARE]))], "garbage mask: moved"),
        ([mask()], [mask(**keys(0, points=[*SQUARE, [0, 50]]))], "garbage mask: point added"),
        ([mask()], [mask(**keys(0, points=SQUARE[1:]))], "garbage mask: point deleted"),
        ([mask()], [mask(name="Stand")], "garbage mask: renamed “Stand”"),
        ([mask(name="Stand")], [], "mask “Stand” deleted"),
        ([mask()], [mask(off=1), mask("b")], "2 masks changed"),
    ],
)
def test_each_change_of_a_mask_has_its_words(before, after, words):
    assert said(before, after) == words
