"""Without a screen: the network's rough answer, bent onto the picture's edges and steady over frames."""

import cv2
import numpy as np
import pytest

from compositing.colour import code8, linear_from_coded
from compositing.hints.person import Segmenter
from compositing.io.video import open_frames
from compositing.keying.chroma import linear_from_planes
from compositing.keying.keyer import Keyer
from compositing.matting.person import PersonKeyer
from compositing.matting.refine import at_full_size, guided, steadied, trimap
from compositing.parameters import KEY, all_values
from tests.compositing.test_hints import TAKE, segmenter  # noqa: F401  (the fixture)

pytestmark = pytest.mark.slow

Take = tuple[list[np.ndarray], list[np.ndarray]]


def location(kind: str, height: int, width: int) -> np.ndarray:
    """(H, W, 3) linear: a place out of focus, bright with windows or dark with lights."""
    rng = np.random.default_rng(11)
    coarse = rng.uniform(0, 1, (14, 8, 3)).astype(np.float32)
    place = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    return (0.15 + 0.6 * place).astype(np.float32) if kind == "day" else (0.12 * place**3).astype(np.float32)


@pytest.fixture(scope="module")
def acted() -> Take:
    """(frames linear premultiplied (H, W, 4), their mattes) of the demo's actress, by her green screen."""
    frames = [
        linear_from_planes(planes)
        for index, planes in enumerate(open_frames(TAKE, centre_milli=None, width=270, height=480, planes=True))
        if index in (0, 1, 2, 18)
    ]
    keyer = Keyer(frames)
    keyed = [keyer.key(frame) for frame in frames]
    return [one.picture for one in keyed], [one.alpha for one in keyed]


def on_location(acted: Take, kind: str, seed: int = 0) -> list[np.ndarray]:
    """The actress in that place, 8 bit with some grain: footage that never saw a screen."""
    pictures, mattes = acted
    place = location(kind, *mattes[0].shape)
    rng = np.random.default_rng(seed)
    frames = []
    for picture, alpha in zip(pictures, mattes, strict=True):
        comp = picture[..., :3] + (1 - alpha[..., None]) * place
        frames.append(linear_from_coded(code8(comp + rng.normal(0, 0.003, comp.shape).astype(np.float32))))
    return frames


def gradient(alpha: np.ndarray) -> np.ndarray:
    return np.hypot(cv2.Sobel(alpha, cv2.CV_32F, 1, 0), cv2.Sobel(alpha, cv2.CV_32F, 0, 1)) / 8


@pytest.mark.parametrize("kind", ["day", "night"])
def test_the_refined_matte_is_nearer_to_the_truth_than_the_network(
    segmenter: Segmenter,  # noqa: F811
    acted: Take,
    kind: str,
) -> None:
    frames, truth = on_location(acted, kind), acted[1]
    keyer = PersonKeyer(frames, segmenter)
    mine = [keyer.matted(frame).alpha for frame in frames]
    rough = [segmenter.person(frame) for frame in frames]
    off = [np.abs(a - t).mean() for a, t in zip(mine, truth, strict=True)]
    rough_off = [np.abs(a - t).mean() for a, t in zip(rough, truth, strict=True)]
    slope = [((gradient(a) - gradient(t)) ** 2).mean() for a, t in zip(mine, truth, strict=True)]
    rough_slope = [((gradient(a) - gradient(t)) ** 2).mean() for a, t in zip(rough, truth, strict=True)]
    assert np.mean(off) < 0.97 * np.mean(rough_off) < 0.02
    assert np.mean(slope) < 0.75 * np.mean(rough_slope)


def test_it_says_what_it_is_worth(segmenter: Segmenter, acted: Take) -> None:  # noqa: F811
    report = PersonKeyer(on_location(acted, "day"), segmenter).report()
    assert report["method"] == "person" and report["grade"] == "C"
    empty = PersonKeyer([location("day", 480, 270)], segmenter)
    assert not empty.found and empty.report()["grade"] == "D"


def test_neighbours_take_flicker_out_and_leave_motion(segmenter: Segmenter, acted: Take) -> None:  # noqa: F811
    still = (([acted[0][0]] * 3), ([acted[1][0]] * 3))
    frames = on_location(still, "day")
    keyer = PersonKeyer(frames, segmenter)
    near = [keyer.matted(frame) for frame in frames]
    alone = np.abs(near[1].alpha - near[0].alpha).mean()
    held = keyer.settled(near, 1).alpha
    assert np.abs(held - keyer.settled(near[:2], 0).alpha).mean() < 0.8 * alone
    other = location("night", 480, 270)
    moved = steadied([frames[0], other], [near[0].alpha, np.zeros_like(near[0].alpha)], 0)
    assert np.abs(moved - near[0].alpha)[frames[0].max(-1) > 0.5].max() < 0.1


def test_the_keyers_parameters_count(segmenter: Segmenter, acted: Take) -> None:  # noqa: F811
    frames = on_location(acted, "day")
    keyer = PersonKeyer(frames, segmenter)
    plain = keyer.matted(frames[0]).alpha
    cut = keyer.with_values({"garbage_left_milli": 500}).matted(frames[0]).alpha
    assert not cut[:, :135].any() and np.array_equal(cut[:, 136:], plain[:, 136:])
    assert keyer.with_values({"shrink_px_milli": 4000}).matted(frames[0]).alpha.sum() < plain.sum()


def test_the_foreground_sums_up_to_the_picture_inside_and_to_nothing_outside(
    segmenter: Segmenter,  # noqa: F811
    acted: Take,
) -> None:
    frames = on_location(acted, "day")
    keyed = PersonKeyer(frames, segmenter, all_values(KEY, {})).key(frames[0])
    solid = keyed.alpha >= 1
    assert np.allclose(keyed.picture[solid][:, :3], frames[0][solid], atol=1e-6)
    assert not keyed.picture[keyed.alpha <= 0].any()


def test_a_matte_that_follows_the_picture_comes_back_at_any_size() -> None:
    y, x = np.mgrid[0:1:240j, 0:1:160j].astype(np.float32)
    truth = np.clip((x + 0.3 * y - 0.5) * 20 + 0.5, 0, 1)
    big = (0.05 + 0.6 * truth[..., None] * np.array([1, 0.7, 0.5])) ** 2
    low = cv2.resize(big.astype(np.float32), (80, 120), interpolation=cv2.INTER_AREA)
    small = cv2.resize(truth, (80, 120), interpolation=cv2.INTER_AREA)
    nothing = np.zeros(small.shape, bool)
    back = at_full_size(big.astype(np.float32), guided(np.sqrt(low), small), nothing, nothing)
    assert np.abs(back - truth).mean() < 0.02


def test_the_band_lies_about_the_outline() -> None:
    person = np.zeros((200, 100), np.float32)
    person[50:] = 1
    inside, outside = trimap(person)
    assert inside[60:].all() and not inside[:50].any()
    assert outside[:40].all() and not outside[50:].any()
