"""The keyer finds any saturated screen, fits its unevenness, and leaves the actor whole."""

import cv2
import numpy as np
import pytest

from compositing.colour import decode_srgb
from compositing.errors import Refused
from compositing.io.video import Planes
from compositing.keying import Keyer, find_screen, linear_from_planes
from compositing.keying.check import check
from compositing.keying.cloth import usual_colour
from compositing.keying.plate import CleanPlate, fit_frame, fit_static
from tests.compositing.takes import SCREENS, take


@pytest.mark.parametrize("name", SCREENS)
def test_any_saturated_screen_is_found_and_keyed(name: str) -> None:
    plates, mattes, _ = take(SCREENS[name])
    keyer = Keyer(plates)
    assert np.abs(np.array(keyer.screen.srgb8) - SCREENS[name]).max() < 40
    for plate, matte in zip(plates, mattes, strict=True):
        alpha = keyer.key(plate).alpha
        assert np.abs(alpha - matte).mean() < 0.012
        assert alpha[matte == 0].mean() < 0.004
        assert alpha[matte == 1].mean() > 0.99


def test_screens_are_named_by_their_hue() -> None:
    names = {name: find_screen(take(colour, frames=2)[0]).name for name, colour in SCREENS.items()}
    assert names == {"green": "green", "blue": "blue", "yellow": "other", "magenta": "other"}


def test_a_grey_room_is_refused_as_no_screen() -> None:
    with pytest.raises(Refused) as refusal:
        find_screen(take((128, 130, 127))[0])
    assert refusal.value.code == "no_screen"


def test_a_picked_colour_that_fills_too_little_is_said_to_be_the_pick() -> None:
    with pytest.raises(Refused) as refusal:
        find_screen(take(SCREENS["green"], frames=1)[0], 800)
    assert (refusal.value.code, refusal.value.params["hue"]) == ("no_screen_there", 288)


def test_a_hue_set_by_hand_is_looked_for_alone() -> None:
    plates = take(SCREENS["green"], frames=2)[0]
    assert find_screen(plates, hue_milli=355).name == "green"
    with pytest.raises(Refused):
        find_screen(plates, hue_milli=650)


def test_skin_stays_solid_before_a_yellow_wall() -> None:
    plates, mattes, _ = take(SCREENS["yellow"], spill=0.06)
    alpha = Keyer(plates).key(plates[2]).alpha
    inside = cv2.erode((mattes[2] == 1).astype(np.uint8), np.ones((9, 9))) > 0
    assert alpha[inside].min() > 0.9


def test_an_uneven_screen_is_fitted_behind_the_actor_too() -> None:
    plates, _, _ = take(SCREENS["green"], uneven=0.45, noise=0.001)
    wall = take(SCREENS["green"], frames=1, uneven=0.45, noise=0)[0][0]
    screen = find_screen(plates)
    plate = fit_static(plates, screen)
    fitted = fit_frame(plates[0], plate, screen)
    y, x = np.mgrid[0 : 1 : wall.shape[0] * 1j, 0 : 1 : wall.shape[1] * 1j]
    true = screen.linear.sum() * (1 - 0.45 * np.hypot(x - 0.3, y - 0.2))
    ratio = fitted.sum(-1) / true
    assert ratio.std() / ratio.mean() < 0.04


def test_a_flickering_lamp_does_not_move_the_matte() -> None:
    plates, mattes, _ = take(SCREENS["green"], frames=6, noise=0.001)
    keyer = Keyer(plates)
    steady = keyer.key(plates[2]).alpha
    dimmed = keyer.key(plates[2] * np.float32(0.9)).alpha
    assert np.abs(steady - dimmed)[mattes[2] == 0].mean() < 0.003
    assert np.abs(steady - dimmed).mean() < 0.01


def test_a_clean_plate_is_used_as_it_is() -> None:
    plates, mattes, _ = take(SCREENS["green"], uneven=0.5)
    height, width = plates[0].shape[:2]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    from_screen = find_screen(plates).linear * (1 - 0.5 * np.hypot(x - 0.3, y - 0.2))[..., None]
    keyer = Keyer(plates, None, from_screen.astype(np.float32))
    assert keyer.plate.captured
    assert np.abs(keyer.key(plates[1]).alpha - mattes[1]).mean() < 0.012


def test_a_frame_keys_the_same_alone_and_after_others() -> None:
    plates, _, _ = take(SCREENS["green"])
    keyer = Keyer(plates)
    alone = keyer.key(plates[3]).picture
    for plate in plates:
        keyer.key(plate)
    assert np.array_equal(keyer.key(plates[3]).picture, alone)


def test_a_garbage_matte_clears_its_side() -> None:
    plates, _, _ = take(SCREENS["green"], frames=2)
    alpha = Keyer(plates, {"garbage_left_milli": 500}).key(plates[0]).alpha
    assert alpha[:, : alpha.shape[1] // 2 - 3].max() == 0
    assert alpha[:, alpha.shape[1] // 2 + 8 :].max() == 1


def test_shrinking_and_growing_move_the_edge() -> None:
    plates, _, _ = take(SCREENS["green"], frames=2)
    keyer = Keyer(plates)
    area = [
        keyer.with_values({"shrink_px_milli": px}).key(plates[0]).alpha.sum() for px in (4000, 0, -4000)
    ]  # fmt: skip
    assert area[0] < area[1] < area[2]


def test_unmixed_edges_carry_no_screen() -> None:
    plates, mattes, body = take(SCREENS["green"], noise=0.001)
    picture = Keyer(plates).key(plates[0]).picture
    edge = (mattes[0] > 0.2) & (mattes[0] < 0.8)
    colour = picture[edge][:, :3] / np.maximum(picture[edge][:, 3:], 1e-3)
    lean = colour[:, 1] - colour[:, [0, 2]].mean(-1)
    clean = body[edge]
    assert lean.mean() < (clean[:, 1] - clean[:, [0, 2]].mean(-1)).mean() + 0.02


@pytest.mark.parametrize(("full", "depth"), [(False, 8), (True, 8), (False, 10)])
def test_planes_decode_to_the_light_they_were_made_from(full: bool, depth: int) -> None:
    unit = 1 << (depth - 8)
    kind = np.uint8 if depth == 8 else np.uint16
    top = (1 << depth) - 1
    y = np.full((8, 8), top if full else 235 * unit, kind)
    c = np.full((4, 4), 128 * unit, kind)
    white = linear_from_planes(Planes(y, c, c, depth=depth, matrix="bt709", full_range=full))
    assert np.abs(white - 1).max() < 0.02
    black = linear_from_planes(
        Planes(np.full_like(y, 0 if full else 16 * unit), c, c, depth=depth, matrix="bt709", full_range=full)
    )
    assert black.max() < 1e-3


def test_the_matrix_of_the_tags_is_used() -> None:
    y, u, v = np.full((8, 8), 120, np.uint8), np.full((4, 4), 90, np.uint8), np.full((4, 4), 70, np.uint8)
    as709 = linear_from_planes(Planes(y, u, v, depth=8, matrix="bt709", full_range=False))
    as601 = linear_from_planes(Planes(y, u, v, depth=8, matrix="bt601", full_range=False))
    assert np.abs(as709 - as601).max() > 0.02


def test_colour_stays_on_its_side_of_a_brightness_edge() -> None:
    """Guided chroma: red beside green, the edge between two colour samples must not smear both ways."""
    y = np.full((8, 16), 60, np.uint8)
    y[:, 7:] = 160
    u, v = np.full((4, 8), 110, np.uint8), np.full((4, 8), 180, np.uint8)
    u[:, 4:], v[:, 4:] = 90, 70
    guided = linear_from_planes(Planes(y, u, v, depth=8, matrix="bt709", full_range=False))
    plain = linear_from_planes(Planes(y, u, v, depth=8, matrix="bt709", full_range=False), sigma=99.0)
    inside = guided[4, 14]
    assert np.abs(guided[4, 8] - inside).sum() < np.abs(plain[4, 8] - inside).sum()


def test_the_check_grades_a_good_take_above_a_bad_one() -> None:
    good = check(take(SCREENS["green"], uneven=0.05, noise=0.001)[0])
    bad = check(take((105, 128, 108), uneven=0.8, noise=0.02, spill=0.3)[0])
    assert good["grade"] in "AB"
    assert bad["score_milli"] < good["score_milli"] - 200
    assert good["name"] == "green"
    assert all(reason["message"] and "%(" not in reason["message"] for reason in good["reasons"])


def test_edges_drawn_without_a_half_pixel_are_not_called_soft() -> None:
    plate = np.empty((96, 54, 3), np.float32)
    plate[:], plate[30:, 14:40] = decode_srgb(np.array(SCREENS["green"]) / 255), 0.2
    result = check([plate, plate])
    assert result["focus_milli"] == 1000 and result["grade"] == "A"


def test_the_check_says_so_where_there_is_no_screen() -> None:
    result = check(take((128, 130, 127))[0])
    assert (result["found"], result["grade"]) == (False, "D")
    assert result["reasons"][0]["code"] == "no_screen"


def test_the_fit_survives_a_frame_without_any_screen() -> None:
    plates, _, _ = take(SCREENS["green"])
    screen = find_screen(plates)
    plate: CleanPlate = fit_static(plates, screen)
    black = np.zeros_like(plates[0])
    assert np.isfinite(fit_frame(black, plate, screen)).all()


def test_the_paint_is_what_bare_cloth_has_and_not_what_strands_before_it_have() -> None:
    rng = np.random.default_rng(3)
    cloth, hair = np.array([0.09, 0.75, 0.16], np.float32), np.array([0.42, 0.30, 0.15], np.float32)
    part = np.where(rng.random(4000) < 0.6, rng.uniform(0, 0.5, 4000), 0)[:, None]
    mixed = (1 - part) * cloth + part * hair + rng.normal(0, 0.004, (4000, 3))
    share = np.asarray(mixed / mixed.sum(1, keepdims=True), np.float32)
    found = usual_colour(share)
    assert np.abs(found - cloth).max() < 0.01
    assert np.abs(np.median(share, axis=0) - cloth).max() > 0.02
