"""An effect in its place and time: at the windows alone, around an actor, from one frame to another."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from compositing.effects import effect_op
from compositing.io.pictures import write_png16
from compositing.io.video import open_frames
from compositing.plates.notes import add_text

WIDTH, HEIGHT = 90, 160
LIGHT = {"ambient_milli": [1000, 1000, 1000], "level_milli": 450}


def drawn(folder: Path, family: str, ground: Path | None = None, frames: int = 4, **params: Any) -> dict[str, Any]:
    args = {"family": family, "params": params, "seed": 3, "frames": frames, "fps_num": 24, "fps_den": 1}
    more = {"ground": str(ground)} if ground else {}
    return effect_op(args | {"width": WIDTH, "height": HEIGHT, "out_dir": str(folder)} | more, lambda *_: None)


def alphas(path: str) -> np.ndarray:
    return np.stack([picture[..., 3] / np.iinfo(picture.dtype).max for picture in open_frames(path, alpha=True)])


def room(folder: Path) -> Path:
    """The depth of a wall 4 m off with a window over its upper left, through which lies a street, and a post in it."""
    metres = np.full((HEIGHT, WIDTH), 4.0)
    metres[20:80, 5:50] = 30.0
    metres[:, 24:30] = 2.0
    path = folder / "depth.png"
    write_png16(path, np.rint(65535 * 0.5 / metres).astype(np.uint16))

    def wide(column: float) -> int:
        return round(1000 * (column - WIDTH / 2) * 4 / HEIGHT)

    def high(row: float) -> int:
        return round(1000 * (1.5 + (HEIGHT / 2 - row) * 4 / HEIGHT))

    note = {
        "depth_near_milli_m": 500, "light": LIGHT,
        "camera": {"focal_milli": 1000, "horizon_milli": 500, "height_mm": 1500, "soft_milli": 0},
        "glass": {"stand": [0, 1500, 0, 0, 500000], "panes": [[2, 4000, wide(5), high(80), wide(50), high(20)]]},
    }  # fmt: skip
    add_text(path, json.dumps(note))
    return path


@pytest.mark.parametrize("family", ["glass_drops", "rain", "lightning"])
def test_in_a_room_it_stays_at_the_windows_behind_what_stands_before_them(family: str, tmp_path: Path) -> None:
    lively = {"glass_drops": {"density": 100}, "rain": {"density": 100}, "lightning": {"play": "once"}}[family]
    made = drawn(tmp_path / "in", family, room(tmp_path), **lively)
    seen = alphas(made["clip"]).max(0)
    assert made["in_place"] and seen[22:78, 7:22].mean() > 0.01 and seen[22:78, 33:48].mean() > 0.01
    outside = seen.copy()
    outside[17:83, 2:53] = 0
    assert outside.max() < 0.01 and seen[22:78, 26:28].max() < 0.1
    lens = alphas(drawn(tmp_path / "lens", family, room(tmp_path), where="frame", **lively)["clip"]).max(0)
    assert lens[90:].max() > 0.05


@pytest.mark.parametrize("family", ["rain", "snow", "petals", "dust", "embers", "fog"])
def test_one_draw_parts_around_the_actor_and_both_halves_are_the_whole(family: str, tmp_path: Path) -> None:
    params = {"density": 90, "near": 100, "distance": 200} if family != "fog" else {"distance": 300, "height": 100}
    made = drawn(tmp_path / "parted", family, where="around", **params)
    behind, front = alphas(made["clip"]), alphas(made["front"])
    assert behind.max() > 0.02 and front.max() > 0.02
    nearer = drawn(tmp_path / "nearer", family, where="around", **params | {"distance": 60})
    assert alphas(nearer["front"]).mean() < front.mean()  # who stands nearer has less before him
    if family != "fog":  # of fog each half is drawn by itself
        whole = alphas(drawn(tmp_path / "whole", family, where="frame", **params)["clip"])
        assert np.abs(1 - (1 - behind) * (1 - front) - whole).mean() < 0.02


def test_it_begins_lasts_and_fades_by_the_shots_frames(tmp_path: Path) -> None:
    made = drawn(tmp_path / "rain", "rain", frames=40, density=100, start=8, duration=24, fade_in=6, fade_out=4)
    there = alphas(made["clip"]).mean((1, 2))
    assert made["loops"] is False and made["frame_count"] == 40
    assert there[:8].max() == 0 and there[32:].max() == 0 and there[9:31].min() > 0
    assert there[8] < 0.4 * there[18] and there[31] < 0.5 * there[24]
    assert drawn(tmp_path / "loop", "rain")["loops"] is True


@pytest.mark.parametrize("family", ["lightning", "sword_light"])
def test_once_strikes_at_its_frame_and_does_not_come_again(family: str, tmp_path: Path) -> None:
    there = alphas(drawn(tmp_path, family, frames=70, play="once", start=11)["clip"]).mean((1, 2))
    assert there[:11].max() == 0 and there[11:14].max() > 0.2 * there.max() and there[40:].max() < 0.02 * there.max()


def test_drops_lie_on_the_glass_as_soft_as_the_place_and_the_same_every_time(tmp_path: Path) -> None:
    first, second = (drawn(tmp_path / name, "glass_drops", room(tmp_path)) for name in "ab")
    assert Path(first["clip"]).read_bytes() == Path(second["clip"]).read_bytes()
    assert cv2.imread(first["poster"]) is not None
