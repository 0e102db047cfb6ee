"""The figures that need no truth, held against pictures whose faults are known."""

import cv2
import numpy as np
import pytest

from compositing import qc
from compositing.colour import encode_srgb
from compositing.errors import ShapeError
from compositing.io.video import VideoWriter
from compositing.worst import loupe, make_sheet, panel_size

SIZE = (270, 480)  # width, height
SCREEN = np.array([0.05, 0.4, 0.08], np.float32)
CODES = tuple(int(v) for v in np.round(encode_srgb(SCREEN) * 255))
Y, X = np.mgrid[: SIZE[1], : SIZE[0]]


def oval(dx=0.0, soft=12.0):
    """(h, w) a true matte: an actor as an oval whose foot leaves the frame."""
    d = np.hypot((X - 135 - dx) / 85, (Y - 300) / 190)
    return np.clip((1 - d) * soft + 0.5, 0, 1).astype(np.float32)


def cloth(seed=1):
    """(h, w, 3) linear: a warm garment with a pattern."""
    weave = 1 + 0.25 * np.random.default_rng(seed).standard_normal((SIZE[1], SIZE[0], 1)).astype(np.float32)
    return np.clip(np.array([0.3, 0.18, 0.12], np.float32) * weave, 0.01, 1)


def coded(linear):
    return np.round(encode_srgb(np.clip(linear, 0, 1).astype(np.float32)) * 255).astype(np.uint8)


def over_grey(alpha, colour):
    return coded(alpha[..., None] * colour + (1 - alpha[..., None]) * 0.18)


def plate_of(alpha, colour, screen=SCREEN):
    return coded(alpha[..., None] * colour + (1 - alpha[..., None]) * screen)


def matte_of(alpha):
    return np.round(alpha * 255).astype(np.uint8)


def look(alpha, colour=None, plate=None, found=None, screens=(CODES,)):
    """What is said of a frame keyed as `alpha` and `found`, when `alpha` is what truly stands before the screen."""
    colour = cloth() if colour is None else colour
    fore = over_grey(alpha, colour) if found is None else over_grey(*found)
    return qc.glance(
        matte_of(alpha if found is None else found[0]),
        fore,
        plate_of(alpha, colour) if plate is None else plate,
        screens,
    )


def test_a_perfect_key_has_nothing_to_show():
    figures = look(oval()).figures
    assert figures["residual_milli"] < 300  # a third of one 8-bit code
    assert figures["holes_ppm"] == figures["dirt_ppm"] == 0
    assert figures["evenness_milli"] > 990


@pytest.mark.parametrize("codes", [4, 12])
def test_a_rim_of_screen_colour_is_measured_in_8_bit_codes_and_found(codes):
    alpha = oval()
    fore = over_grey(alpha, cloth()).astype(np.int16)
    rim = cv2.dilate(((alpha > 0.02) & (alpha < 0.98)).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    left = rim & (X < 90)
    fore[..., 1] += np.where(left, codes, 0).astype(np.int16)
    told = qc.glance(matte_of(alpha), np.clip(fore, 0, 255).astype(np.uint8), plate_of(alpha, cloth()), (CODES,))
    share = left.sum() / rim.sum()
    assert told.figures["residual_milli"] / 1000 == pytest.approx(codes * share, rel=0.35)
    assert told.spots["residual_milli"][0] < 400


def test_a_green_garment_is_not_called_residue():
    olive = np.broadcast_to(np.array([0.12, 0.2, 0.08], np.float32), (*oval().shape, 3))
    assert look(oval(), np.ascontiguousarray(olive)).figures["residual_milli"] < 300


def test_without_a_screen_nothing_is_said_of_its_colour():
    figures = look(oval(), screens=()).figures
    assert set(figures) == {"holes_ppm", "dirt_ppm"}


def test_an_opening_in_the_actor_is_a_hole_where_no_screen_shows():
    alpha = oval()
    torn = alpha.copy()
    torn[300:320, 120:150] = 0.2
    told = look(alpha, found=(torn, cloth()))
    assert told.figures["holes_ppm"] == pytest.approx(20 * 30 * 0.8 / alpha.size * 1e6, rel=0.05)
    assert abs(told.spots["holes_ppm"][0] - 500) < 60 and abs(told.spots["holes_ppm"][1] - 645) < 60


def test_the_gap_of_an_arm_on_the_hip_is_no_hole():
    alpha = oval()
    gap = np.clip(1 - (np.hypot(X - 135, Y - 300) - 20) / 3, 0, 1).astype(np.float32)
    assert look(np.minimum(alpha, 1 - gap)).figures["holes_ppm"] < 20


def test_specks_outside_are_dirt_and_hair_is_not():
    alpha = oval()
    dusty = alpha.copy()
    for x, y in ((20, 40), (240, 60), (30, 200)):
        dusty[y : y + 3, x : x + 3] = 0.5
    hair = alpha.copy()
    hair[60:115, 130:132] = 0.4  # hangs on the actor
    assert look(alpha, found=(dusty, cloth())).figures["dirt_ppm"] == pytest.approx(
        27 * 0.5 / alpha.size * 1e6, rel=0.05
    )
    assert look(hair).figures["dirt_ppm"] == 0


def test_a_prop_in_the_air_is_not_dirt():
    alpha = oval()
    alpha[30:60, 30:60] = 1
    assert look(alpha).figures["dirt_ppm"] == 0


def test_what_despill_took_off_is_told_as_a_part_of_the_screens_colour():
    alpha, colour = oval(), cloth()
    lit = colour + np.where(oval(soft=2)[..., None] < 1, 0.08, 0) * np.array([0, 1, 0], np.float32)
    spilled = look(alpha, plate=plate_of(alpha, lit), found=(alpha, colour)).figures["spill_milli"]
    clean = look(alpha, colour).figures["spill_milli"]
    assert spilled > 100 > 30 > clean


def test_an_uneven_screen_says_so():
    fall = (1 - 0.6 * X / SIZE[0])[..., None].astype(np.float32)
    figures = look(oval(), plate=plate_of(oval(), cloth(), SCREEN * fall)).figures
    lit = fall[oval() == 0]
    assert figures["evenness_milli"] == pytest.approx(1000 * (1 - lit.std() / lit.mean()), abs=30)


def test_the_matte_of_a_moving_actor_is_not_flicker():
    first, second = look(oval(0)), look(oval(6))
    assert qc.step(first, second)[0] < 40


def test_a_matte_that_boils_on_a_still_picture_is_flicker_of_the_right_size():
    alpha = oval()
    boiling = alpha.copy()
    boiling[100:140] = np.clip(boiling[100:140] * 0.8, 0, 1)
    first, second = look(alpha), look(alpha, found=(boiling, cloth()))
    value, spot = qc.step(first, second)
    assert value == pytest.approx(float(np.abs(alpha - boiling).mean()) * 1e6, rel=0.03)
    assert abs(spot[1] - 250) < 60


def test_a_bigger_matte_film_and_foreground_are_judged_at_the_plates_size():
    alpha = cv2.resize(oval(), (540, 960), interpolation=cv2.INTER_LINEAR)
    colour = cv2.resize(cloth(), (540, 960), interpolation=cv2.INTER_LINEAR)
    told = qc.glance(
        np.repeat(matte_of(alpha)[..., None], 3, axis=2), over_grey(alpha, colour), plate_of(oval(), cloth()), [CODES]
    )
    assert told.alpha.shape == told.plate.shape[:2] == (480, 270)
    assert told.figures["residual_milli"] < 400 and told.figures["holes_ppm"] == 0


def test_chunks_joined_are_the_film_judged_in_one_go():
    rng = np.random.default_rng(3)
    looks = [look(np.clip(oval() * rng.uniform(0.9, 1), 0, 1).astype(np.float32)) for _ in range(7)]
    whole, parts = qc.Tally(), [qc.Tally(), qc.Tally(), qc.Tally()]
    for number, one in enumerate(looks):
        whole.add(one)
        parts[number // 3].add(one)
    joined = qc.Tally()
    for part in parts:
        joined.join(qc.Tally.from_note(part.note(), part.looks()))
    assert joined.report([1] * 7) == whole.report([1] * 7)
    assert len(joined.series["flicker_ppm"]) == 7


def test_worst_frames_stand_apart_and_are_worth_a_look():
    values = [0, 9, 10, 9, 0, 0, 0, 0, 0, 8, 1, 2]
    assert qc.worst_frames(values, least=2, apart=4) == [2, 9]
    assert qc.worst_frames(values, least=50) == []


def test_the_summary_names_median_and_worst():
    told = qc.summary({"holes_ppm": [0, 5, 1], "evenness_milli": [900, 700, 800]})
    assert told == {
        "holes_ppm": {"median": 1, "worst": 5, "frame": 1},
        "evenness_milli": {"median": 800, "worst": 700, "frame": 1},
    }


@pytest.mark.parametrize(("srgb", "weights"), [((60, 180, 70), (-0.5, 1, -0.5)), ((40, 70, 200), (-0.5, -0.5, 1))])
def test_green_and_blue_screens_are_judged_by_their_own_channel(srgb, weights):
    assert qc.lean_weights(srgb) == pytest.approx(weights)


def test_an_odd_screens_lean_is_nothing_for_grey_and_a_grey_screen_is_refused():
    weights = qc.lean_weights((210, 190, 40))
    assert float(weights.sum()) == pytest.approx(0, abs=1e-6)
    assert float(np.array([210, 190, 40]) @ weights) > 100
    with pytest.raises(ShapeError):
        qc.lean_weights((120, 120, 121))


def test_the_sheet_shows_a_row_of_three_for_each_frame_to_look_at(tmp_path):
    films = {}
    for name in ("proxy", "matte"):
        films[name] = tmp_path / f"{name}.mp4"
        with VideoWriter(films[name], 72, 128, 24, 1, crf=10, preset="veryfast", keyint=12) as film:
            for index in range(8):
                film.write(np.full((128, 72, 3), index * 30, np.uint8))
    worst = {
        "flicker": [{"frame": 7, "value": 9, "x_milli": 500, "y_milli": 500}],
        "residual": [{"frame": 3, "value": 9, "x_milli": 0, "y_milli": 999}],
        "holes": [],
    }
    told = make_sheet(tmp_path / "worst.jpg", films["proxy"], films["matte"], worst, 8)
    assert [(row["why"], row["frame"]) for row in told["rows"]] == [("flicker", 7), ("residual", 3)]
    assert [panel["frame"] for panel in told["rows"][0]["panels"]] == [6, 7, 7]
    picture = cv2.imread(told["path"])
    wide, high = panel_size(72, 128)
    assert picture.shape == (2 * high, 3 * wide, 3)
    assert abs(int(picture[high // 2, wide // 2, 0]) - 180) < 12  # frame 6 of the matte
    assert abs(int(picture[high + high // 2, 2 * wide + wide // 2, 0]) - 90) < 12
    assert make_sheet(tmp_path / "none.jpg", films["proxy"], films["matte"], {"flicker": []}, 8) is None


def test_the_loupe_stays_inside_the_frame():
    assert loupe(720, 1280, 0, 999, 4) == (0, 960, 180, 1280)
    assert loupe(720, 1280, 500, 500, 4) == (270, 480, 450, 800)
