"""People on a plate's ground: as large as their distance says, hidden by what stands nearer, or honestly refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from compositing.effects import FAMILIES, effect_op
from compositing.effects.clothes import PERIODS, SKIRT
from compositing.effects.crowd import frames_of_crowd
from compositing.effects.ground import Ground, ground_of
from compositing.effects.people import nearest_of, people
from compositing.errors import Refused
from compositing.plates import plate_op
from compositing.plates.notes import note_of

WIDTH, HEIGHT = 108, 192


def plate(folder: Path, family: str, **params: Any) -> dict[str, Any]:
    args = {"family": family, "params": {"defocus": 0, **params}, "seed": 2, "width": WIDTH, "height": HEIGHT}
    return plate_op({**args, "out_dir": str(folder)}, lambda *_: None)


def flat(width: int = WIDTH, height: int = HEIGHT, wall: float = 1e9) -> Ground:
    """Flat ground seen from 1.5 m through a lens of 36 mm, the horizon in the middle, up to a wall."""
    rows = np.arange(height)[:, None] + 0.5 - height / 2
    metres = np.where(rows > 0, np.minimum(1.5 * height / np.maximum(rows, 1e-3), wall), wall)
    light = {"ambient_milli": [1000, 1000, 1000], "level_milli": 450}
    return Ground(1.0, 0.5, 1.5, 1e9, 0.0, np.repeat(metres, width, 1).astype(np.float32), light)


def test_feet_stand_where_flat_ground_of_that_distance_lies() -> None:
    distance = np.array([12.0, 20.0, 40.0])
    row, stands = flat().feet(np.full(3, 50.0), distance)
    assert stands.all()
    assert row == pytest.approx(HEIGHT / 2 + 1.5 * HEIGHT / distance, abs=1.5)


def test_behind_a_wall_and_beyond_a_shore_there_is_no_ground() -> None:
    _, stands = flat(wall=15.0).feet(np.full(2, 50.0), np.array([12.0, 30.0]))
    assert stands.tolist() == [True, False]


def test_they_come_as_near_as_their_focus_lets_them_hold() -> None:
    def nearest(**params: Any) -> float:
        ground = params.pop("ground", None)
        return nearest_of(FAMILIES["crowd"].settings(params), ground)

    assert nearest(nearest=3, soft=0) == pytest.approx(12, abs=0.3)
    assert nearest(nearest=3, soft=100) < 0.6 * nearest(nearest=3, soft=0)
    assert nearest(nearest=20, soft=100) == 20
    long = replace(flat(), focal=2.0)
    assert nearest(nearest=3, ground=long) == pytest.approx(24, abs=0.5)  # a sharp plate through twice the lens
    assert nearest(nearest=3, ground=replace(long, soft=0.5)) < 16


def test_what_stands_nearer_hides_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(ground: Ground) -> np.ndarray:
        monkeypatch.setattr("compositing.effects.crowd.ground_of", lambda *_: ground)
        params = FAMILIES["crowd"].settings({"density": 80, "soft": 0}) | {"ground": "depth.png"}
        drawn = frames_of_crowd(params, seed=3, frames=1, fps_num=24, fps_den=1, width=WIDTH, height=HEIGHT)
        return next(iter(drawn))[..., 3] / 65535

    free = flat()
    fenced = flat()
    fenced.metres[:, : WIDTH // 2] = np.minimum(fenced.metres[:, : WIDTH // 2], 8.0)
    open_, half = shown(free), shown(fenced)
    assert open_[:, : WIDTH // 2].max() > 0.5
    assert half[:, : WIDTH // 2 - 1].max() < 0.02
    assert half[:, WIDTH // 2 + 1 :].max() > 0.5


def test_they_stand_where_they_are_seen_beside_an_actor_rather_than_behind() -> None:
    walled = flat()
    walled.metres[:, : WIDTH // 2] = np.minimum(walled.metres[:, : WIDTH // 2], 8.0)
    params = FAMILIES["crowd"].settings({"density": 60, "walking": 0, "soft": 0})
    crowd = people(params, 3, WIDTH / HEIGHT, walled)
    column = WIDTH / 2 + crowd.across * HEIGHT / crowd.distance
    assert (column > WIDTH / 2 - 12).mean() > 0.9 and (column > 0.7 * WIDTH).mean() > 0.35
    again = people(params, 3, WIDTH / HEIGHT, walled)
    assert np.array_equal(again.across, crowd.across) and (np.diff(crowd.distance) <= 0).all()


def test_people_dress_as_the_place_has_it() -> None:
    params = FAMILIES["crowd"].settings({"density": 80})
    worn = {
        period: set(people(params, 1, 0.5625, replace(flat(), period=period)).kind.tolist()) for period in PERIODS
    }  # fmt: skip
    assert worn["ancient"].isdisjoint(worn["modern"]) and worn["republican"].isdisjoint(worn["ancient"])
    assert SKIRT in worn["modern"]


def test_the_depth_map_says_by_itself_how_its_picture_is_seen(tmp_path: Path) -> None:
    made = plate(tmp_path, "lobby", lens=50, horizon=40)
    note = note_of(Path(made["depth"]))
    assert note["camera"] == made["camera"] and note["light"] == made["light"]
    ground = ground_of(Path(made["depth"]), 54, 96)
    assert ground.focal == pytest.approx(50 / 36, abs=1e-3) and ground.horizon == 0.4 and ground.high == 1.55
    assert ground.metres.shape == (96, 54)


def test_a_crowd_stands_in_a_lobby_and_is_refused_in_a_bedroom_and_on_water(tmp_path: Path) -> None:
    def crowd(made: dict[str, Any], nearest: int = 16) -> dict[str, Any]:
        args = {"family": "crowd", "params": {"density": 70, "nearest": nearest, "depth": 8}, "seed": 5, "frames": 2}
        size = {"fps_num": 1, "width": WIDTH, "height": HEIGHT, "out_dir": str(tmp_path / "c")}
        return effect_op(args | size | {"ground": made["depth"]}, lambda *_: None)

    made = crowd(plate(tmp_path / "l", "lobby"), 8)
    assert made["frame_count"] == 2 and made["held"] == {"nearest": 117}  # 1.71 m a seventh of the picture, 35 mm
    for family in ("bedroom", "lake"):
        with pytest.raises(Refused, match="nobody would be seen") as refused:
            crowd(plate(tmp_path / family, family))
        assert refused.value.code == "crowd_unseen"


def test_a_picture_that_is_no_plates_depth_is_refused(tmp_path: Path) -> None:
    made = plate(tmp_path, "sky")
    with pytest.raises(Refused, match="does not say"):
        ground_of(Path(made["picture"]), WIDTH, HEIGHT)
