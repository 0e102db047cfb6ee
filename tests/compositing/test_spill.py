"""What leans towards the screen by nature is learned from the actor's depth, so that spill at the edge is known."""

import cv2
import numpy as np
import pytest

from compositing.colour import chroma_basis, decode_srgb
from compositing.despill import SKIN, despill_pixel, lean_of
from compositing.keying import Keyer
from compositing.keying.spill import (
    LEAN_REACH,
    allowed_lean,
    edge_share,
    lean_reach,
    learn,
    nature_share,
    own_lean,
    split,
)
from tests.compositing.takes import SCREENS, take

HAIR = np.array([0.05, 0.03, 0.018], np.float32)


def disc() -> np.ndarray:
    mask = np.zeros((120, 120), np.uint8)
    cv2.circle(mask, (60, 60), 45, 1, -1)
    return mask


@pytest.mark.parametrize("name", ["green", "blue"])
def test_screen_light_changes_the_lean_and_not_the_rest(name: str) -> None:
    colour = decode_srgb(np.array(SCREENS[name]) / 255)
    along, across = chroma_basis(colour)
    light = lean_of(along, across, colour)[0][6:9]
    before, after = (split(np.asarray(p, np.float32)[None, None], along, light) for p in (HAIR, HAIR + 0.2 * colour))
    assert np.allclose(before[1], after[1], atol=1e-4)
    assert after[0] - before[0] == pytest.approx(0.2 * float(colour @ along), rel=1e-3)


def test_the_depth_tells_how_far_hair_leans() -> None:
    colour = decode_srgb(np.array(SCREENS["green"]) / 255)
    along, across = chroma_basis(colour)
    lean = lean_of(along, across, colour)[0]
    mask = disc()
    spill = edge_share(mask)[..., None] * 0.05 * colour
    picture = np.asarray(HAIR + spill, np.float32)
    nature = learn([picture], [mask], along, across, lean[6:9])
    found = allowed_lean(picture, nature, along, across, lean[6:9], 0.3)
    own, rest = split(HAIR[None, None], along, lean[6:9])
    true = float(own[0, 0] / rest.sum())
    rule_only = allowed_lean(
        picture, learn([picture], [mask * 0], along, across, lean[6:9]), along, across, lean[6:9], 0.3
    )
    assert abs(found[60, 20] - true) < 0.6 * abs(rule_only[60, 20] - true)


def test_a_grey_blue_garment_keeps_its_blue_before_blue() -> None:
    plates, mattes, _ = take(SCREENS["blue"], noise=0.001)
    cloth = np.array([0.13, 0.17, 0.25], np.float32)
    y = np.arange(plates[0].shape[0])[:, None, None]
    dressed = [
        np.where((y > 160) & (m[..., None] > 0), m[..., None] * cloth + (1 - m[..., None]) * p, p).astype(np.float32)
        for p, m in zip(plates, mattes, strict=True)
    ]
    keyed = Keyer(dressed).key(dressed[2])
    inside = cv2.erode((mattes[2] == 1).astype(np.uint8), np.ones((15, 15))) > 0
    inside[:180] = False
    assert keyed.alpha[inside].min() > 0.96
    assert np.abs(keyed.picture[inside][:, :3] - cloth).max() < 0.02


def test_edges_count_most() -> None:
    share = edge_share(disc())
    assert share[0, 0] == 1
    assert share[60, 60] < 0.1 < share[60, 18]


def test_the_actor_s_own_lean_is_read_through_a_mix() -> None:
    """Screen light is no part of a colour's rest, so a half-clear pixel tells its actor's tint, and so its lean."""
    colour = decode_srgb(np.array(SCREENS["blue"]) / 255)
    along, across = chroma_basis(colour)
    light = lean_of(along, across, colour)[0][6:9]
    cloth = np.array([0.13, 0.17, 0.25], np.float32)
    mask = disc()
    plate = np.where(mask[..., None] > 0, cloth, colour).astype(np.float32)
    nature = learn([plate], [mask], along, across, light, clean=False)
    half = np.asarray(0.5 * cloth + 0.5 * colour, np.float32) * np.ones((120, 120, 1), np.float32)
    found, sure, _ = own_lean(half, np.ones_like(half), half[..., 0], nature, along, across, light, 1.0)
    lean, rest = split(cloth[None, None], along, light)
    assert found[60, 60] == pytest.approx(float(lean[0, 0] / rest.sum()), abs=0.01)
    assert sure[60, 60] > 0.75


def test_what_is_learned_still_counts_inside() -> None:
    """Hair that hangs behind the neck lies deep and is full of bounce light."""
    share = nature_share(disc())
    assert share[0, 0] == 1
    assert 0.4 < share[60, 60] < share[60, 18]


def test_skin_before_yellow_keeps_the_lean_it_has_and_before_green_the_table_is_as_it_was() -> None:
    yellow = decode_srgb(np.array((168, 170, 14)) / 255)
    along, across = chroma_basis(yellow)
    light = lean_of(along, across, yellow)[0][6:9]
    skin = decode_srgb(np.array((190, 144, 90)) / 255)
    lean, rest = split(skin[None, None].astype(np.float32), along, light)
    true = float(lean[0, 0] / rest.sum())
    assert true > 1.2 * LEAN_REACH
    picture = np.broadcast_to(skin, (120, 120, 3)).astype(np.float32)
    nature = learn([picture], [disc()], along, across, light)
    found = allowed_lean(picture, nature, along, across, light, 0.1)
    assert float(found[60, 60]) == pytest.approx(true, abs=0.05)
    for name in ("green", "blue"):
        colour = decode_srgb(np.array(SCREENS[name]) / 255)
        along, across = chroma_basis(colour)
        assert lean_reach(along, lean_of(along, across, colour)[0][6:9]) == LEAN_REACH


def test_skin_in_shade_before_yellow_is_no_spill_beside_skin_in_light_or_grey_hair() -> None:
    """What is learned of one place is told on by the tint to what else stands there: a fold, an ear before hair."""
    yellow = decode_srgb(np.array((168, 170, 14)) / 255)
    along, across = chroma_basis(yellow)
    lean, side = lean_of(along, across, yellow)
    light = lean[6:9]
    tones = decode_srgb(np.array(((150, 150, 150), (190, 150, 120), (190, 144, 90), (150, 100, 50))) / 255)
    picture = np.asarray(np.repeat(tones, 30, 0)[None].repeat(120, 0), np.float32)
    solid = np.pad(np.ones((116, 116), np.uint8), 2)
    nature = learn([picture], [solid], along, across, light)
    warm = float(SKIN[1] @ across) >= 0
    assert nature.slopes[0 if warm else 1] > 0.3
    grey = np.broadcast_to(tones[0], (120, 120, 3)).astype(np.float32)
    lean[9:] = nature.slopes
    for beside, sloped in ((True, lean), (False, np.append(lean[:9], [0, 0]).astype(np.float32))):
        at_hair = float(allowed_lean(grey, nature, along, across, light, 0.1, sloped[9:])[60, 10])
        kept = despill_pixel(*tones[2].astype(np.float32), sloped, 1.0, 0.0, side, 0.06, 0.06, at_hair, 1.0)
        taken = float(np.abs(np.array(kept) / tones[2] - 1).max())
        assert taken < 0.15 if beside else taken > 0.3


def test_a_colour_beyond_the_tables_tints_is_told_on_by_the_slope() -> None:
    """Skin in deep shade before yellow is nearly all lean: cut off where the table ends it would turn purple."""
    yellow = decode_srgb(np.array((168, 170, 14)) / 255)
    along, across = chroma_basis(yellow)
    lean, side = lean_of(along, across, yellow)
    tones = decode_srgb(np.array(((150, 150, 150), (190, 150, 120), (190, 144, 90), (110, 75, 30))) / 255)
    picture = np.asarray(np.repeat(tones, 30, 0)[None].repeat(120, 0), np.float32)
    nature = learn([picture], [np.pad(np.ones((116, 116), np.uint8), 2)], along, across, lean[6:9])
    lean[9:] = nature.slopes
    deep = float(allowed_lean(picture, nature, along, across, lean[6:9], 0.1, lean[9:])[60, 105])
    kept = despill_pixel(*tones[3].astype(np.float32), lean, 1.0, 0.4, side, 0.06, 0.06, deep, 1.0)
    assert kept[1] > 0.8 * tones[3][1]
