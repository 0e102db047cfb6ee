"""The horizon read off lines that were drawn to a known one."""

import cv2
import numpy as np
import pytest

from compositing.horizon import SURE, horizon_of

WIDE, TALL = 270, 480


def room(horizon: float, middle: float, seed: int = 0) -> np.ndarray:
    """(480, 270, 3) linear: walls, floor and ceiling whose boards run to one point, with grain."""
    rng = np.random.default_rng(seed)
    point = np.array([middle * WIDE, horizon * TALL])
    picture = np.full((TALL, WIDE), 0.12, np.float32)
    for _ in range(26):
        edge = rng.uniform(-0.3, 1.3), rng.choice([-0.15, 1.15])
        from_ = np.array([edge[0] * WIDE, edge[1] * TALL])
        start, end = (point + (from_ - point) * share for share in (rng.uniform(0.2, 0.4), rng.uniform(0.7, 1.0)))
        tone = float(rng.uniform(0.02, 0.5))
        cv2.line(picture, tuple(map(int, start)), tuple(map(int, end)), tone, 3, cv2.LINE_AA)
    return np.repeat(np.maximum(picture + rng.normal(0, 0.004, picture.shape), 0)[..., None], 3, 2).astype(np.float32)


@pytest.mark.parametrize("horizon", [0.3, 0.45, 0.6])
def test_what_runs_away_meets_at_the_eye_s_height(horizon: float) -> None:
    for middle in (0.3, 0.5, 0.75):
        found = horizon_of(room(horizon, middle))
        assert found is not None and abs(found[0] - horizon) < 0.03, (middle, found)
        assert found[1] > SURE


def test_the_open_sea_is_its_own_horizon() -> None:
    picture = np.full((TALL, WIDE, 3), 0.5, np.float32)
    picture[220:] = (0.03, 0.08, 0.1)
    found = horizon_of(picture)
    assert found is not None and abs(found[0] - 220 / TALL) < 0.02


def test_where_nothing_has_lines_nothing_is_claimed() -> None:
    y, x = np.mgrid[0:TALL, 0:WIDE]
    cloud = (0.3 + 0.1 * np.sin(x / 40) * np.cos(y / 60))[..., None].repeat(3, 2).astype(np.float32)
    assert horizon_of(cloud) is None
    leaves = np.random.default_rng(1).uniform(0.05, 0.4, (60, 34, 3)).astype(np.float32)
    found = horizon_of(cv2.resize(leaves, (WIDE, TALL), interpolation=cv2.INTER_CUBIC))
    assert found is None or found[1] < SURE
