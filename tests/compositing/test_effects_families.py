"""Every family of effects: alpha over nothing, the same pictures again, a loop without a seam, settings that act."""

import importlib
from typing import Any

import numpy as np
import pytest

from compositing.effects import FAMILIES, estimate_seconds

WIDTH, HEIGHT, FRAMES = 90, 160, 24
ADDED = sorted(set(FAMILIES) - {"rain"})
# What makes each show most, so that a small picture of few frames holds something of it.
LIVELY: dict[str, dict[str, Any]] = {
    "snow": {"density": 80}, "petals": {"density": 90}, "dust": {"density": 90}, "embers": {"density": 90},
    "sword_light": {"speed": 60}, "glass_drops": {"running": 90},
}  # fmt: skip


def drawn(name: str, seed: int = 4, frames: int = FRAMES, **params: Any) -> np.ndarray:
    found = FAMILIES[name]
    module, _, function = found.draw.partition(":")
    draw = getattr(importlib.import_module(module), function)
    form = {"seed": seed, "frames": frames, "fps_num": 24, "fps_den": 1, "width": WIDTH, "height": HEIGHT}
    return np.stack(list(draw(found.settings(LIVELY.get(name, {}) | params), **form)))


def seen(pictures: np.ndarray) -> np.ndarray:
    """Premultiplied, 0..1: what a change of alpha or of colour does to a picture."""
    straight = pictures.astype(np.float64) / 65535
    return straight[..., :3] * straight[..., 3:]


@pytest.mark.parametrize("name", ADDED)
def test_something_is_seen_over_nothing_and_it_moves(name: str) -> None:
    made = drawn(name)
    assert made.shape == (FRAMES, HEIGHT, WIDTH, 4) and made.dtype == np.uint16
    alpha = made[..., 3] / 65535
    assert alpha.max() > 0.05 and alpha.min() < 0.5
    assert np.ptp(seen(made), axis=0).max() > 0.01


@pytest.mark.parametrize("name", ADDED)
def test_the_same_wish_gives_the_same_pictures_and_another_seed_others(name: str) -> None:
    assert np.array_equal(drawn(name, frames=8), drawn(name, frames=8))
    assert not np.array_equal(drawn(name, frames=8), drawn(name, seed=5, frames=8))


@pytest.mark.parametrize("name", sorted(set(ADDED) - {"lightning", "sword_light"}))
def test_the_last_frame_leads_into_the_first(name: str) -> None:
    made = seen(drawn(name, frames=48))
    steps = [float(np.abs(made[n] - made[n - 1]).mean()) for n in range(48)]
    assert 0 < steps[0] < 1.3 * max(steps[1:])


@pytest.mark.parametrize("name", ["lightning", "sword_light"])
def test_what_strikes_is_over_before_the_loop_begins_again(name: str) -> None:
    light = seen(drawn(name, frames=48)).mean((1, 2, 3))
    assert light.max() > 20 * max(light[0], light[-1], 1e-6)


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("snow", {"density": 20}, {"density": 90}), ("petals", {"size": 50}, {"size": 200}),
        ("dust", {"opacity": 20}, {"opacity": 90}), ("embers", {"density": 20}, {"density": 90}),
        ("fog", {"height": 20}, {"height": 90}), ("smoke", {"reach": 30}, {"reach": 95}),
        ("fire", {"height": 15}, {"height": 80}), ("lightning", {"flash": 0}, {"flash": 90}),
        ("light_leaks", {"size": 20}, {"size": 80}), ("glass_drops", {"density": 10}, {"density": 90}),
        ("puddle_rings", {"density": 15}, {"density": 90}), ("bokeh", {"size": 10}, {"size": 90}),
        ("sword_light", {"width": 10}, {"width": 90}), ("energy", {"size": 15}, {"size": 80}),
        ("crowd", {"density": 10}, {"density": 90}),
    ],
)  # fmt: skip
def test_more_is_more(name: str, less: dict[str, Any], more: dict[str, Any]) -> None:
    assert drawn(name, **more)[..., 3].mean() > 1.2 * drawn(name, **less)[..., 3].mean()


def test_flames_stand_at_the_foot_and_are_warm() -> None:
    made = drawn("fire", height=30)
    alpha = made[..., 3].astype(np.float64)
    assert alpha[:, -20:].mean() > 10 * max(1.0, alpha[:, :40].mean())
    light = seen(made)[:, -40:].mean((0, 1, 2))
    assert light[0] > 1.3 * light[1] > 1.3 * light[2]


def test_smoke_leans_with_the_wind_and_fog_lies_low() -> None:
    columns = np.arange(WIDTH)

    def middle(wind: int) -> float:
        upper = drawn("smoke", wind=wind)[:, : HEIGHT // 2, :, 3].mean((0, 1))
        return float((upper * columns).sum() / upper.sum())

    assert middle(-90) < WIDTH / 2 < middle(90)
    rows = drawn("fog", height=50)[..., 3].mean((0, 2))
    assert rows[-20:].mean() > 20 * max(1.0, rows[:20].mean())


def test_every_family_says_what_it_costs() -> None:
    for name in FAMILIES:
        assert 0 < estimate_seconds(name, 1080, 1920, 48) / 48 <= 0.2


def figures(**params: Any) -> np.ndarray:
    return drawn("crowd", frames=4, **params)


def test_a_crowd_stands_on_the_ground_the_far_ones_small_below_the_eye_level() -> None:
    near = figures(nearest=12, depth=4, horizon=40)[0, ..., 3].astype(np.float64)
    far = figures(nearest=60, depth=4, horizon=40)[0, ..., 3].astype(np.float64)

    def tall(alpha: np.ndarray) -> int:
        rows = np.flatnonzero(alpha.max(1) > 6000)
        return int(rows[-1] - rows[0])

    assert tall(near) > 2.5 * tall(far)
    rows = np.flatnonzero(far.max(1) > 6000)
    assert rows[0] > 0.35 * HEIGHT and rows[-1] < 0.6 * HEIGHT


def test_a_crowd_walks_on_and_closes_its_loop() -> None:
    made = seen(drawn("crowd", frames=240, walking=100, direction="left", nearest=18))
    steps = [float(np.abs(made[n] - made[n - 1]).mean()) for n in range(240)]
    assert 0 < steps[0] < 1.3 * max(steps[1:])
    assert np.abs(made[0] - made[120]).mean() > 3 * max(steps)


def test_periods_dress_differently_and_night_is_darker_than_day() -> None:
    assert not np.array_equal(figures(period="modern"), figures(period="ancient"))
    assert seen(figures(tone="night")).mean() < 0.7 * seen(figures(tone="day")).mean()
