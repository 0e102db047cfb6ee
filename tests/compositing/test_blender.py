"""Places that Blender draws: what it is told, and, where it is installed, what comes of it."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from compositing import sandbox
from compositing.blender import offers, plate
from compositing.blender.describe import described
from compositing.errors import EngineError, Refused
from compositing.io.pictures import read_picture

SIZE = (64, 112)


def told(family: str = "office", **params: object) -> dict:
    return described(family, offers.SCENES[family].as_family().settings(params), 5, *SIZE)


@pytest.mark.parametrize("family", offers.SCENES)
@pytest.mark.parametrize("light", ["day", "golden", "night", "storm"])
def test_a_description_is_plain_data_and_the_same_every_time(family: str, light: str) -> None:
    one = told(family, light=light)
    assert json.loads(json.dumps(one)) == json.loads(json.dumps(told(family, light=light)))
    assert len(one["things"]) > 50 and one["camera"]["film"] == 36
    assert all(min(thing["size"]) > 0 for thing in one["things"])


def test_the_key_stands_where_it_was_asked_for_and_the_plate_says_so() -> None:
    left, right, own = told(key_azimuth=-60), told(key_azimuth=60), told()
    assert left["lamps"][0]["at"][0] < -1 < 1 < right["lamps"][0]["at"][0] and own["lamps"] == []
    assert (left["light"]["source"], left["light"]["azimuth"]) == ("key", -60) and own["light"]["source"] == "sun"
    x, y, z = left["light"]["direction_milli"]
    assert x < 0 and y > 0 and z < 0 and math.hypot(x, y, z) == pytest.approx(1000, abs=2)
    sun = told("rooftop", key_azimuth=90)["sun"]["to"]
    assert sun[0] > 0.5 and told("rooftop", key_azimuth=90)["light"]["azimuth"] == 90
    warm, cold = (told(key_azimuth=0, key_warmth=value)["light"]["key_milli"] for value in (80, -80))
    assert warm[0] / warm[2] > 3 * cold[0] / cold[2]
    assert told(key_azimuth=0, key_softness=90)["lamps"][0]["wide"] > left["lamps"][0]["wide"]


def test_lens_height_horizon_and_focus_reach_the_camera() -> None:
    camera = told(lens=60, camera_height=120, horizon=40, defocus=0)["camera"]
    assert (camera["lens"], camera["height"], camera["stop"]) == (60, 1.2, 0)
    assert camera["shift"] == pytest.approx(-0.1)
    assert told(defocus=80)["camera"]["stop"] < told(defocus=20)["camera"]["stop"]
    assert told("rooftop", camera_height=3000)["camera"]["height"] == pytest.approx(1.6)


def test_without_blender_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert offers.interpreter(tmp_path) is None
    monkeypatch.setattr(plate, "interpreter", lambda: None)
    args = {"family": "office", "params": {}, "seed": 1, "width": 64, "height": 112, "out_dir": str(tmp_path)}
    with pytest.raises(EngineError, match="run --blender"):
        plate.blender_op(args, lambda *_: None)
    with pytest.raises(Refused, match="office"):
        plate.blender_op(args | {"family": "moon"}, lambda *_: None)


@pytest.mark.slow
@pytest.mark.skipif(offers.interpreter() is None, reason="Blender is not installed (./run --blender --setup-only)")
def test_blender_draws_the_same_plate_twice_with_its_depth_and_light(tmp_path: Path) -> None:
    """Through the sandboxed child, as a job does: no network, limits, and Blender's own Python below it."""
    args = {"family": "palace", "params": {"light": "golden", "key_azimuth": -45, "defocus": 0, "horizon": 40},
            "seed": 3, "width": SIZE[0], "height": SIZE[1]}  # fmt: skip
    seen: list[int] = []
    made = [
        sandbox.run("blender", args | {"out_dir": str(tmp_path / name)}, on_progress=lambda one: seen.append(one.done))
        for name in ("a", "b")
    ]
    assert Path(made[0]["depth"]).read_bytes() == Path(made[1]["depth"]).read_bytes()
    one, other = (read_picture(each["picture"]).astype(np.int16) for each in made)
    assert float(np.abs(one - other).mean()) < 0.5  # Cycles leaves single levels to chance
    assert max(seen) > 1 and made[0]["light"]["azimuth"] == -45 and made[0]["seconds"] > 0
    assert made[0]["origin"] == "procedural" and made[0]["blender"].startswith("4.")
    picture, depth = read_picture(made[0]["picture"]), read_picture(made[0]["depth"])[..., 0].astype(np.float64)
    assert picture.shape[:2] == depth.shape == (SIZE[1], SIZE[0]) and 30 < picture.mean() < 170
    # The floor, 1.5 m below a level camera whose horizon lies at 0.4: metres = lens / film x height / rows below it.
    row = SIZE[1] - 4
    metres = 65535 * 0.5 / depth[row, SIZE[0] // 2]
    wanted = 40 / 36 * 1.5 / ((row + 0.5) / SIZE[1] - 0.4)
    assert metres == pytest.approx(wanted, rel=0.03)
