"""What colour difference cannot know, held to drawn pictures: a prop near the screen's hue, marks, dark folds."""

import numpy as np
import pytest

from compositing.keying.cloth import foldedness, folds, steady
from compositing.keying.keyer import Keyer
from compositing.keying.known import find_marks, flat_solid
from compositing.keying.plate import surface
from compositing.keying.screen import screen_of

GREEN = np.array([0.045, 0.37, 0.075], np.float32)
SIZE = (240, 200)
Y, X = np.mgrid[0 : SIZE[0], 0 : SIZE[1]].astype(np.float32)


def cloth(light: np.ndarray | float = 1.0, seed: int = 1) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(seed))
    picture = np.broadcast_to(GREEN, (*SIZE, 3)) * np.asarray(light, np.float32)[..., None]
    return np.asarray(picture + rng.normal(0, 0.002, picture.shape), np.float32)


def with_actor(picture: np.ndarray, shift: int = 0) -> np.ndarray:
    picture = picture.copy()
    picture[np.hypot((X - 100 - shift) / 45, (Y - 190) / 110) < 1] = (0.4, 0.2, 0.13)
    return picture


def disc(x: float, y: float, radius: float) -> np.ndarray:
    return np.hypot(X - x, Y - y) < radius


@pytest.mark.parametrize(
    ("colour", "part", "solid"),
    [
        ((0.06, 0.22, 0.08), 1.0, True),  # a prop of nearly the screen's hue
        ((0.70, 0.68, 0.66), 0.5, False),  # a veil: lit cloth, half clear
        ((0.0, 0.0, 0.0), 0.5, False),  # a shadow: the screen's own paint, darker
    ],
)
def test_what_is_flat_and_half_the_screens_colour_is_solid_unless_a_veil_or_a_shadow(
    colour: tuple[float, float, float], part: float, solid: bool
) -> None:
    plain = cloth()
    shown = plain.copy()
    inside = disc(100, 120, 25)
    shown[inside] = part * np.array(colour, np.float32) + (1 - part) * plain[inside]
    screen = screen_of(GREEN)
    clear = np.asarray((shown @ screen.along) / (GREEN @ screen.along), np.float32)
    found = flat_solid(shown, cloth(seed=2), clear, 0.01)
    assert found[disc(100, 120, 18)].mean() == (1 if solid else 0)
    assert found[~inside].sum() == 0


def test_a_shaded_prop_of_nearly_the_screens_hue_is_solid_to_its_rim() -> None:
    """Its shaded side leans further towards the screen, for its light, than any table for hair and skin goes."""
    frames = []
    for shift in range(4):
        frame = with_actor(cloth(seed=shift), 2 * shift)
        across = np.clip((X - 40 + shift) / 30, -1, 1)
        shade = (0.5 + 0.5 * across)[..., None] * np.array((0.06, 0.22, 0.08)) + 0.02 * np.clip(across, 0, 1)[..., None]
        prop = disc(40 - shift, 80, 30)
        frame[prop] = shade[prop] + np.random.default_rng(shift).normal(0, 0.002, (int(prop.sum()), 3))
        frames.append(frame.astype(np.float32))
    keyer = Keyer(frames)
    alpha = keyer.key(frames[1]).alpha
    assert alpha[disc(39, 80, 28)].mean() > 0.98
    assert alpha[~disc(39, 80, 33) & (Y < 60)].max() < 0.05


def test_marks_on_the_cloth_are_cleared_and_a_hand_before_them_is_not() -> None:
    frames = []
    for shift in range(5):
        frame = with_actor(cloth(seed=shift), 4 * shift)
        frame[disc(30, 30, 4)] = 0.03
        frames.append(frame)
    marks = find_marks(frames, [np.clip(f[..., 1] / GREEN[1], 0, 1) for f in frames])
    assert marks is not None and marks.mask[30, 30] == 1 and marks.mask[190, 100] == 0
    keyer = Keyer(frames)
    assert keyer.key(frames[2]).alpha[disc(30, 30, 6)].max() < 0.02
    before = frames[2].copy()
    before[disc(30, 40, 20)] = (0.4, 0.2, 0.13)
    assert keyer.key(before).alpha[disc(30, 36, 9)].min() > 0.95


def test_a_mark_seen_in_one_frame_alone_is_no_mark() -> None:
    frames = [with_actor(cloth(seed=n)) for n in range(4)]
    frames[1][disc(30, 30, 4)] = 0.03
    assert find_marks(frames, [np.clip(f[..., 1] / GREEN[1], 0, 1) for f in frames]) is None


def test_the_bottom_of_a_dark_fold_is_screen_and_even_cloth_has_none() -> None:
    hanging = np.exp(0.22 * np.sin(X / 9) - 0.55 * np.clip((X - 150) / 30, 0, 1)).astype(np.float32)
    frames = [with_actor(cloth(hanging, seed), 3 * seed) for seed in range(5)]
    keyer = Keyer(frames)
    screen = keyer.screen
    base = surface(frames[0], frames[0][..., 1] > 2 * frames[0][..., 0])
    assert base is not None and foldedness(frames, base, screen) > 0.9
    assert keyer.key(frames[2]).alpha[:, 185:].max() < 0.05  # dark by more than the surface can follow
    even = [with_actor(cloth(seed=seed), 3 * seed) for seed in range(5)]
    flat = surface(even[0], even[0][..., 1] > 2 * even[0][..., 0])
    assert flat is not None and foldedness(even, flat, screen) == 0


def test_steady_is_what_does_not_move_and_folds_are_flat_and_of_the_paint() -> None:
    frames = [with_actor(cloth(seed=seed), 12 * seed) for seed in range(5)]
    still = steady(frames)
    assert still[disc(20, 20, 15)].all() and still[190, 70:76].sum() == 0
    found = folds(with_actor(cloth(0.5)), screen_of(GREEN))
    assert found[disc(20, 40, 12)].all() and found[190, 100] == 0


def test_a_screen_of_which_the_camera_clipped_a_channel_to_nothing_still_keys() -> None:
    yellow = cloth() * np.array([9.0, 1.3, 0.0], np.float32)
    frames = [with_actor(np.maximum(yellow, 0), 3 * seed) for seed in range(5)]
    keyed = Keyer(frames).key(frames[2])
    assert np.isfinite(keyed.picture).all()
    assert keyed.alpha[disc(20, 20, 15)].max() < 0.02 and keyed.alpha[190:, 90:110].min() > 0.95


@pytest.mark.parametrize("exposure", [0.6, 1.6])
def test_a_frame_that_the_camera_exposed_otherwise_than_the_samples_still_keys(exposure: float) -> None:
    frames = [with_actor(cloth(seed=seed), 3 * seed) for seed in range(5)]
    keyed = Keyer(frames).key(np.asarray(frames[2] * exposure, np.float32))
    assert keyed.alpha[disc(20, 20, 15)].max() < 0.02 and keyed.alpha[190:, 90:110].min() > 0.95
