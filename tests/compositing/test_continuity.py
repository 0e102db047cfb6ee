"""The look of a place in few numbers: the light changes its grade, another place its geometry."""

from pathlib import Path

import cv2
import numpy as np

from compositing.continuity import GRID, continuity_op, look_of
from compositing.io.pictures import write_png8


def room(seed: int, light: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """Boxes before a wall, 8-bit sRGB."""
    rng = np.random.default_rng(seed)
    picture = np.full((256, 144, 3), 120, np.uint8)
    for _ in range(14):
        x, y, shade = int(rng.integers(0, 120)), int(rng.integers(0, 220)), int(rng.integers(20, 230))
        cv2.rectangle(picture, (x, y), (x + int(rng.integers(12, 60)), y + int(rng.integers(12, 90))), (shade,) * 3, -1)
    return np.asarray(np.clip(picture * np.array(light), 0, 255), np.uint8)


def cosine(one: dict[str, list[int]], other: dict[str, list[int]]) -> float:
    return sum(a * b for a, b in zip(one["edges"], other["edges"], strict=True)) / 1e6


def grade(one: dict[str, list[int]], other: dict[str, list[int]]) -> float:
    a, b = (np.array(look["lab"], float).reshape(-1, 3) / 10 for look in (one, other))
    return float(np.linalg.norm(a - b, axis=1).mean())


def test_another_light_keeps_the_geometry_and_another_room_does_not() -> None:
    day, dim, other = look_of(room(1)), look_of(room(1, (0.5, 0.42, 0.35))), look_of(room(2))
    assert cosine(day, day) > 0.999 and grade(day, day) == 0
    assert cosine(day, dim) > 0.9 and cosine(day, other) < 0.4
    assert grade(day, dim) > 6


def test_the_operation_answers_in_the_order_asked_and_in_whole_numbers(tmp_path: Path) -> None:
    paths = [tmp_path / "one.png", tmp_path / "two.png"]
    for seed, path in enumerate(paths):
        write_png8(path, room(seed))
    told = continuity_op({"pictures": [str(path) for path in paths]}, lambda *_: None)
    assert told["looks"] == [look_of(room(seed)) for seed in (0, 1)]
    patches = GRID[0] * GRID[1]
    assert len(told["looks"][0]["lab"]) == 3 * patches and len(told["looks"][0]["edges"]) == 2 * patches
    assert all(isinstance(value, int) for value in told["looks"][0]["lab"])


def test_a_small_lantern_is_one_of_the_picture_s_colours_though_every_patch_is_grey() -> None:
    street = room(3)
    street[60:70, 70:80] = (214, 40, 30)  # three thousandths of it
    colours = look_of(street)["colours"]
    red = [row for row in colours if row[1] > 300 and row[2] > 200]
    assert len(red) == 1 and 1 <= red[0][3] <= 5 and sum(row[3] for row in colours) > 900
    assert not any(row[1] > 300 for row in look_of(room(3))["colours"])
