"""Moving plates: near and far part as before a lens, light stays, loops close, the same bytes every time."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from compositing.effects.ground import Way, ground_of
from compositing.errors import Refused
from compositing.plates import FAMILIES, bands, estimate_clip_seconds, plate_op
from compositing.plates.moving import clip, live
from compositing.plates.picture import Camera
from compositing.plates.scene import AIR_SIZE, SURF, SURF_COUNT, SURF_NTH, SWAY
from compositing.plates.shutter import drawn_out, moved

pytestmark = pytest.mark.slow

WIDTH, HEIGHT, FRAMES = 72, 128, 6


def args(folder: Path, family: str, **params: Any) -> dict[str, Any]:
    return {
        "family": family, "params": {"camera_move": "stand", "defocus": 0, **params}, "seed": 2, "frames": FRAMES,
        "fps_num": 24, "width": WIDTH, "height": HEIGHT, "out_dir": str(folder),
    }  # fmt: skip


def drawn(family: str, frames: int = FRAMES, width: int = WIDTH, height: int = HEIGHT, **params: Any) -> np.ndarray:
    chosen = FAMILIES[family].settings({"camera_move": "stand", "defocus": 0, **params})
    made = clip(FAMILIES[family], chosen, seed=2, frames=frames, fps_num=24, fps_den=1, width=width, height=height,
                report=lambda *_: None)  # fmt: skip
    return np.stack(list(made.pictures)).astype(np.float64)


def test_a_clip_is_h264_of_the_asked_length_with_depth_and_light_of_its_first_frame(tmp_path: Path) -> None:
    made = plate_op(args(tmp_path, "office", camera_move="push"), lambda *_: None)
    with av.open(made["clip"]) as box:
        assert box.streams.video[0].codec_context.name == "h264"
        assert "procedural" in box.metadata["comment"]
        assert sum(1 for _ in box.decode(video=0)) == FRAMES == made["frame_count"]
    assert made["loops"] is False and made["light"]["direction_milli"]
    still = plate_op({**args(tmp_path / "s", "office"), "params": {"defocus": 0}}, lambda *_: None)
    assert Path(made["depth"]).stat().st_size > 0 and "picture" in still and "clip" not in still


@pytest.mark.parametrize("family", ["office", "sea"])
def test_the_same_wish_gives_the_same_bytes_on_any_number_of_threads(
    family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plate_op(args(tmp_path / "a", family, camera_move="handheld"), lambda *_: None)
    monkeypatch.setattr(bands, "THREADS", 1)
    second = plate_op(args(tmp_path / "b", family, camera_move="handheld"), lambda *_: None)
    for key in ("clip", "preview", "poster", "depth"):
        assert Path(first[key]).read_bytes() == Path(second[key]).read_bytes()


def shifted(before: np.ndarray, after: np.ndarray) -> int:
    """Pixels to the right at which the rows agree best."""
    one, two = before.mean(2), after.mean(2)
    scores = [np.abs(one[:, 12:-12] - np.roll(two, -k, 1)[:, 12:-12]).mean() for k in range(-12, 13)]
    return int(np.argmin(scores)) - 12


def test_near_and_far_part_as_the_camera_trucks() -> None:
    shown = drawn("office", 2, 108, 192, camera_move="truck_right", camera_reach=25, light="day", ceiling_lights=0,
                  camera_shutter=0)  # fmt: skip
    far, near = shifted(shown[0][70:88], shown[1][70:88]), shifted(shown[0][100:140], shown[1][100:140])
    assert near < far <= 0  # all goes left, what stands near farther


def test_the_shutter_draws_out_what_passes_as_far_as_it_goes_and_0_freezes_it() -> None:
    def detail(degrees: int) -> float:
        shown = drawn("office", 2, 108, 192, camera_move="truck_right", camera_reach=8, camera_shutter=degrees,
                      light="day")  # fmt: skip
        return float(np.abs(np.diff(shown[1][70:].mean(2), axis=1)).mean())

    frozen, half, whole = detail(0), detail(180), detail(360)
    assert whole < half < frozen and whole < 0.75 * frozen


def test_a_line_is_drawn_out_by_the_way_it_goes_and_only_where_it_stands() -> None:
    depth = np.full((160, 90), 10.0, np.float32)
    linear = np.zeros((160, 90, 3), np.float32)
    linear[:, 44:46] = 1.0
    home = Camera((0.0, 1.5, 0.0), 0.0, 36.0, 0.5)
    motion = moved(depth, home, replace(home, place=(-0.25, 1.5, 0.0)), replace(home, place=(0.25, 1.5, 0.0)))
    assert motion[20, 45] == pytest.approx((-8.0, 0.0), abs=0.01)  # half a metre at 10 m through a lens of 160 px
    row = drawn_out(linear, depth, motion)[20, :, 0]
    assert (row > 0.05).sum() in range(7, 12) and row.sum() == pytest.approx(2.0, rel=0.1)
    near = depth.copy()
    near[:, :40] = 2.0  # what stands still before it stays clean
    halted = motion.copy()
    halted[:, :40] = 0.0
    assert drawn_out(linear, near, halted)[20, :40].max() == 0.0


def test_exposure_stays_while_the_picture_changes() -> None:
    # the lamp that fills a quarter of the picture leaves it: a camera that measured anew would open up
    shown = drawn("corridor", 3, camera_move="truck_left", camera_reach=100, lamps=100)
    changed = np.abs(shown[0] - shown[-1]).mean(2)
    assert changed.mean() > 4
    calm = changed < np.percentile(changed, 25)  # what looks alike in both looks just alike
    assert abs(np.median((shown[-1] - shown[0])[calm])) < 1.5


@pytest.mark.parametrize(("family", "least"), [("sea", 0.5), ("sky", 0.02), ("office", 0.02), ("forest", 0.1)])
def test_a_place_lives_before_a_camera_that_stands(family: str, least: float) -> None:
    shown = drawn(family, 24, light="golden", desk_lamps=100) if family == "office" else drawn(family, 24, light="day")
    assert np.abs(shown[0] - shown[12]).mean() > least


@pytest.mark.parametrize(("family", "move"), [("sea", "stand"), ("sky", "pan_left"), ("lake", "handheld")])
def test_a_loops_last_frame_leads_into_its_first(family: str, move: str) -> None:
    shown = drawn(family, 16, camera_move=move, camera_loop="yes", light="day", camera_reach=20)
    steps = [float(np.abs(shown[n] - shown[n - 1]).mean()) for n in range(16)]
    assert steps[0] < 1.3 * max(steps[1:])
    assert np.abs(shown[0] - shown[8]).mean() > 0.1


def test_breakers_and_wind_come_round_in_a_loop() -> None:
    first, last = np.zeros(AIR_SIZE), np.zeros(AIR_SIZE)
    live(first, 0.0, 10.0, True, 0.02)
    live(last, 1.0, 10.0, True, 0.02)
    assert last[SURF] == pytest.approx(first[SURF]) and last[SURF_NTH] % last[SURF_COUNT] == first[SURF_NTH]
    assert np.cos(last[SWAY]) == pytest.approx(1.0)


def test_traffic_drives_on_and_not_into_the_lens() -> None:
    for seed in (2, 3):
        chosen = FAMILIES["city"].settings({"camera_move": "stand", "defocus": 0, "traffic": 100, "light": "day"})
        made = clip(FAMILIES["city"], chosen, seed=seed, frames=10, fps_num=4, fps_den=1, width=WIDTH, height=HEIGHT,
                    report=lambda *_: None)  # fmt: skip
        shown = np.stack(list(made.pictures)).astype(np.float64)
        street = shown[:, 64:84]
        assert np.abs(street[5] - street[0]).mean() > 1.0
        assert min(frame[-30:].mean() for frame in shown) > 0.5 * shown[0][-30:].mean()  # no bonnet fills the picture


def test_who_stands_before_a_moving_camera_stays_on_the_ground_that_is_seen(tmp_path: Path) -> None:
    made = plate_op(args(tmp_path, "lobby", camera_move="push", camera_reach=100), lambda *_: None)
    ground = ground_of(Path(made["depth"]), WIDTH, HEIGHT)
    assert ground.way is not None and len(ground.way.stands) == FRAMES and 0.5 < ground.way.nearer() < 5
    last = ground.at(FRAMES - 1)
    # the far wall has come nearer by as much as the camera went
    wall = np.s_[HEIGHT // 2 - 4, WIDTH // 2]
    assert float(ground.metres[wall] - last.metres[wall]) == pytest.approx(ground.way.nearer(), abs=0.15)
    across, distance = ground.way.seen_from(FRAMES - 1, np.array([0.0, 1.0]), np.array([9.0, 9.0]))
    assert distance == pytest.approx(9.0 - ground.way.nearer(), abs=0.3)
    row, stands = last.feet(WIDTH / 2 + across * last.focal * HEIGHT / distance, distance)
    assert stands.all() and (row > ground.feet(np.full(2, WIDTH / 2), np.full(2, 9.0))[0]).all()
    side = Way(np.array([[0.0, 1.5, 0, 0, 0.5], [0.1, 1.5, 0, 0, 0.5], [0.2, 1.5, 0, 0, 0.5]]), shutter=0.5)
    assert side.drawn_out(1, 10.0, 1.0) == pytest.approx((-0.005, 0.0))  # half of a frame's 0.1 m, ten metres away
    stood = plate_op(args(tmp_path / "s", "sky"), lambda *_: None)
    assert ground_of(Path(stood["depth"]), WIDTH, HEIGHT).way is None


def test_a_clips_price_is_known_before_and_soft_focus_makes_it_cheaper() -> None:
    soft, sharp = (estimate_clip_seconds("office", {"defocus": d}, 1080, 1920, 96) for d in (25, 0))
    assert 0 < soft < 0.6 * sharp
    assert estimate_clip_seconds("office", {"defocus": 25}, 1080, 1920, 192) > 1.8 * soft


def test_what_cannot_be_drawn_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="from 2 to"):
        plate_op(args(tmp_path, "sky") | {"frames": 1}, lambda *_: None)
    with pytest.raises(Refused, match="even sides"):
        plate_op(args(tmp_path, "sky") | {"width": 73}, lambda *_: None)
