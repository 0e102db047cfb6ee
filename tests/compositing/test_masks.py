"""Garbage and holdout polygons: exact edges, keys between frames, what they do to a comp, what is refused."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compositing.errors import Refused
from compositing.graph import Comp
from compositing.masks import Masks, coverage, feathered, masks_at
from compositing.polygons import clean_masks, points_at
from compositing.recipe import LayerRecipe, Recipe
from compositing.sources import Source
from tests.compositing.takes import HEIGHT, SCREENS, WIDTH, background, film, take, two_layers

pytestmark = pytest.mark.slow

SQUARE = [[1000, 1000], [9000, 1000], [9000, 9000], [1000, 9000]]


def mask(kind: str = "garbage", *keys: tuple[int, list[list[int]]], **more: object) -> dict[str, object]:
    keys = keys or ((0, SQUARE),)
    return {"id": "m1", "kind": kind, "keys": [{"frame": f, "points": p} for f, p in keys], **more}


def shoelace(points: list[tuple[float, float]]) -> float:
    x, y = np.array(points).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


inside = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(deadline=None, max_examples=200)
@given(corners=st.lists(inside, min_size=3, max_size=3))
def test_a_triangle_covers_exactly_its_area_to_the_part_of_a_pixel(corners: list[tuple[float, float]]) -> None:
    plane = coverage(corners, 37, 53)
    assert plane.min() >= 0 and plane.max() <= 1
    assert float(plane.sum(dtype=np.float64)) == pytest.approx(shoelace(corners) * 37 * 53, abs=2e-3)


def test_the_way_round_and_the_first_point_do_not_matter() -> None:
    points = [(0.1, 0.2), (0.7, 0.11), (0.93, 0.6), (0.4, 0.9)]
    plane = coverage(points, 61, 83)
    np.testing.assert_allclose(coverage(points[::-1], 61, 83), plane, atol=1e-6)
    np.testing.assert_allclose(coverage(points[2:] + points[:2], 61, 83), plane, atol=1e-6)


def test_an_edge_is_antialiased_by_the_share_it_covers() -> None:
    plane = coverage([(0.25, 0), (1, 0), (1, 1), (0.25, 1)], 10, 4)
    np.testing.assert_allclose(plane[0], [0, 0, 0.5, 1, 1, 1, 1, 1, 1, 1], atol=1e-6)


def test_points_outside_the_frame_are_cut_off_at_its_border() -> None:
    assert coverage([(-1, -1), (2, -1), (2, 2), (-1, 2)], 16, 24).min() == 1
    half = coverage([(-0.5, -0.5), (0.5, -0.5), (0.5, 1.5), (-0.5, 1.5)], 16, 24)
    assert half[:, :8].min() == 1 and half[:, 8:].max() == 0
    slanted = coverage([(-1, 0.3), (0.5, -0.7), (2, 0.9), (0.4, 1.8)], 40, 40)
    finer = coverage([(-1, 0.3), (0.5, -0.7), (2, 0.9), (0.4, 1.8)], 400, 400)
    np.testing.assert_allclose(slanted, finer.reshape(40, 10, 40, 10).mean((1, 3)), atol=1e-5)


def test_both_lobes_of_a_crossed_outline_are_covered() -> None:
    plane = coverage([(0, 0), (1, 1), (1, 0), (0, 1)], 40, 40)
    assert plane[20, 3] == 1 and plane[20, 36] == 1 and plane[3, 20] == 0


def test_a_feather_widens_the_edge_evenly_and_leaves_the_border_alone() -> None:
    hard = coverage([(-1, -1), (0.5, -1), (0.5, 2), (-1, 2)], 200, 60)
    for feather in (8.0, 40.0, 90.0):  # the widest is drawn at a lower resolution
        soft = feathered(hard, feather)
        row = soft[30]
        assert all(a >= b - 1e-4 for a, b in pairwise(row))
        assert row[99:101].mean() == pytest.approx(0.5, abs=0.02)
        wide = int((row > 0.025).sum() - (row > 0.975).sum())
        assert wide == pytest.approx(feather, rel=0.15, abs=1)
        assert soft[0, 0] == pytest.approx(1, abs=0.02) and np.ptp(soft[:, 100]) < 1e-5
    assert feathered(hard, 0) is hard


def test_points_move_evenly_between_keys_and_rest_before_and_after() -> None:
    moved = [[x + 1000, y] for x, y in SQUARE]
    (cleaned,) = clean_masks([mask("garbage", (20, moved), (10, SQUARE))])
    assert [key["frame"] for key in cleaned["keys"]] == [10, 20]
    across = {frame: points_at(cleaned, frame)[0][0] for frame in (0, 10, 13, 20, 99)}
    assert across == pytest.approx({0: 0.1, 10: 0.1, 13: 0.13, 20: 0.2, 99: 0.2})


def test_garbage_clears_holdout_closes_and_garbage_wins() -> None:
    half, solid = np.full((40, 40, 4), 0.5, np.float32), np.ones((40, 40, 4), np.float32)
    left = [[0, 0], [5000, 0], [5000, 10000], [0, 10000]]
    top = [[0, 0], [10000, 0], [10000, 5000], [0, 5000]]
    masks = clean_masks([mask("garbage", (0, left)) | {"id": "g"}, mask("holdout", (0, top)) | {"id": "h"}])
    laid = masks_at(masks, 0, 40, 40).on_keyed(half, lambda: solid)[..., 3]
    assert [float(laid[y, x]) for y, x in ((5, 5), (5, 35), (35, 5), (35, 35))] == [0, 1, 0, 0.5]


def test_an_inverted_mask_covers_the_outside_and_one_that_is_off_nothing() -> None:
    (turned,) = clean_masks([mask(invert=1)])
    plane = masks_at([turned], 0, 40, 40).on_layer(np.ones((40, 40, 4), np.float32))[..., 3]
    assert plane[20, 20] == 1 and plane[1, 1] == 0
    assert masks_at(clean_masks([mask(off=1)]), 0, 40, 40) == Masks(None, None)


def test_a_recipe_keeps_masks_in_one_spelling_and_old_recipes_keep_their_digest() -> None:
    source = "a" * 64
    bare = LayerRecipe("actor", "actor", source)
    assert "masks" not in bare.to_dict()
    spelled = mask(feather_px_milli=0, invert=False, off=0, name="  ")
    layer = LayerRecipe("actor", "actor", source, masks=(spelled,))  # type: ignore[arg-type]
    same = LayerRecipe("actor", "actor", source, masks=(mask(),))  # type: ignore[arg-type]
    assert layer.sha256() == same.sha256() != bare.sha256()
    recipe = Recipe(72, 128, 24, 1, 10, (layer,))
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("nonsense", "must be a list"),
        ([mask("mask")], "garbage or holdout"),
        ([mask("garbage", (0, SQUARE[:2]))], "3 to 200 points"),
        ([mask("garbage", (0, SQUARE), (4, SQUARE[:3]))], "same number of points"),
        ([mask("garbage", (4, SQUARE), (4, SQUARE))], "two keys at one frame"),
        ([mask("garbage", (0, [[0.5, 0], [1, 1], [2, 2]]))], "whole number"),  # type: ignore[list-item]
        ([mask("garbage", (0, [[0, 0], [1, 1], [20001, 2]]))], "20000"),
        ([mask(), mask()], "share an id"),
        ([mask(colour="red")], "unknown fields: colour"),
        ([mask(invert=2)], "invert"),
        ([{"id": "m", "kind": "garbage", "keys": []}], "1 to 500 keys"),
    ],
)  # fmt: skip
def test_a_wrong_mask_is_refused_in_a_sentence(wrong: object, says: str) -> None:
    with pytest.raises(Refused, match=says):
        clean_masks(wrong)


def test_a_background_takes_no_masks() -> None:
    with pytest.raises(Refused, match="Only an actor"):
        LayerRecipe("city", "background", "a" * 64, masks=(mask(),))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("masked")
    return film(folder / "take.mp4", take(SCREENS["green"], 6)[0]), background(folder / "bg.png")


def masked(clip: tuple[Path, Path], *masks: dict[str, object], **changes: object) -> Comp:
    recipe, paths = two_layers(*clip, 6)
    layer = recipe.layer("actor")
    fields = {name: getattr(layer, name) for name in layer.__dataclass_fields__} | changes
    return Comp(recipe.with_layer(LayerRecipe(**{**fields, "masks": masks})), paths)


def test_a_moving_garbage_polygon_clears_the_actor_where_it_is_at_that_frame(clip: tuple[Path, Path]) -> None:
    upper = [[0, 0], [10000, 0], [10000, 4000], [0, 4000]]
    lower = [[x, y + 6000] for x, y in upper]
    plain, made = masked(clip), masked(clip, mask("garbage", (0, upper), (5, lower)))
    for frame, rows, others in ((0, slice(0, 100), slice(106, HEIGHT)), (5, slice(156, HEIGHT), slice(0, 150))):
        alpha, without = made.still(frame).alpha, plain.still(frame).alpha
        assert alpha[rows].max() == 0 and without[rows].max() == 1
        np.testing.assert_array_equal(alpha[others], without[others])


def test_a_holdout_is_solid_and_despilled(clip: tuple[Path, Path]) -> None:
    corner = [[0, 0], [2500, 0], [2500, 1200], [0, 1200]]  # bare screen
    made = masked(clip, mask("holdout", (0, corner))).still(0)
    part = made.actor[4:24, 4:30]
    assert part[..., 3].min() == 1
    assert (part[..., 1] <= np.maximum(part[..., 0], part[..., 2]) * 1.25 + 0.02).all()


def test_a_soft_garbage_over_the_actor_only_thins_it(clip: tuple[Path, Path]) -> None:
    middle = [[0, 0], [10000, 0], [10000, 4000], [0, 4000]]
    soft = masked(clip, mask("garbage", (0, middle), feather_px_milli=200_000)).still(0).actor
    hard = masked(clip).still(0).actor
    partly = (hard[..., 3] == 1) & (soft[..., 3] > 0.2) & (soft[..., 3] < 0.8)
    assert partly.sum() > 300
    np.testing.assert_allclose(soft[partly][:, :3] / soft[partly][:, 3:], hard[partly][:, :3], atol=1e-3)


def test_a_mask_stays_on_the_footage_when_the_layer_is_moved_in_time(clip: tuple[Path, Path]) -> None:
    box = [[0, 0], [10000, 0], [10000, 3000], [0, 3000]]
    gone = [[x, y - 9000] for x, y in box]
    early = masked(clip, mask("garbage", (0, box), (2, gone)))
    late = masked(clip, mask("garbage", (0, box), (2, gone)), frame_offset=2)
    np.testing.assert_allclose(late.still(0).alpha, early.still(2).alpha, atol=0.05)
    assert early.still(0).alpha[:76].max() == 0 and late.still(0).alpha[:76].max() == 1


def test_points_of_the_frame_find_a_letterboxed_picture(tmp_path: Path) -> None:
    wide = background(tmp_path / "wide.png", 200, 100)
    layer = LayerRecipe("actor", "actor", "a" * 64, fit="contain", key={})
    source = Source(layer, wide, 100, 200, Fraction(24))
    assert source.work_size == (100, 50)
    assert source.in_work([(0.0, 0.375), (1.0, 0.625)]) == [pytest.approx((0, 0)), pytest.approx((1, 1))]


def test_the_views_show_what_they_say(clip: tuple[Path, Path]) -> None:
    frame = masked(clip).still(0)
    alpha = frame.alpha
    status = frame.view("status")
    assert set(np.unique(status)) == {0, 128, 255}
    assert (alpha[status[..., 0] == 255] > 0.99).all() and (alpha[status[..., 0] == 0] < 0.01).all()
    clear = alpha == 0
    assert not frame.view("foreground_black")[clear].any()
    assert np.unique(frame.view("foreground_red")[clear], axis=0).shape == (1, 3)
    assert np.unique(frame.view("foreground_checker")[clear], axis=0).shape == (2, 3)
    solid = alpha == 1
    np.testing.assert_array_equal(frame.view("foreground_red")[solid], frame.view("foreground_black")[solid])
    assert not frame.view("spill")[clear].any()
    small = frame.view("status", (WIDTH // 2, HEIGHT // 2))
    assert small.shape == (HEIGHT // 2, WIDTH // 2, 3) and set(np.unique(small)) == {0, 128, 255}


def test_the_spill_view_is_black_without_despill_and_green_with_it(tmp_path: Path) -> None:
    spilled = film(tmp_path / "take.mp4", take(SCREENS["green"], 2, spill=0.15)[0])
    behind = background(tmp_path / "bg.png")
    recipe, paths = two_layers(spilled, behind, 2)
    taken = Comp(recipe, paths).still(0).view("spill").astype(int)
    recipe, paths = two_layers(spilled, behind, 2, key={"despill_milli": 0})
    assert not Comp(recipe, paths).still(0).view("spill").any()
    assert taken[..., 1].sum() > 1.5 * max(taken[..., 0].sum(), taken[..., 2].sum())
