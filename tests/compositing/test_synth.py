"""Clips with a known truth: exact, seeded, and readable by what scores them."""

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from compositing.cli import main, read_mattes
from compositing.colour import linear_from_coded
from compositing.errors import Refused
from compositing.io.video import video_info
from compositing.metrics import compare_comps, compare_mattes
from compositing.synth.scene import CASES, case, random_scene
from compositing.synth.shoot import shoot, straight16, true_comp, write_case

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 72, 128


def tree(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth")
    assert main(["synth", "--out", str(folder), "--cases", "even_curly", "--size", "72x128", "--frames", "2",
                 "--quiet"]) == 0  # fmt: skip
    return folder / "case_even_curly"


def test_the_true_comp_is_the_clean_foreground_over_the_background(drawn: Path) -> None:
    background = cv2.cvtColor(cv2.imread(str(drawn / "background.png")), cv2.COLOR_BGR2RGB)
    for number in (1, 2):
        name = f"{number:04d}.png"
        stored = cv2.cvtColor(cv2.imread(str(drawn / "clean_fg" / name), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)
        alpha = cv2.imread(str(drawn / "alpha" / name), cv2.IMREAD_UNCHANGED)
        assert stored.dtype == alpha.dtype == np.uint16 and (stored[..., 3] == alpha).all()
        share = alpha[..., None] / 65535
        linear = linear_from_coded(stored[..., :3]) * share + (1 - share) * linear_from_coded(background)
        said = linear_from_coded(cv2.cvtColor(cv2.imread(str(drawn / "true_comp" / name)), cv2.COLOR_BGR2RGB))
        assert np.abs(said ** (1 / 2.4) - linear ** (1 / 2.4)).max() < 1.2 / 255
        assert (true_comp(stored, background) == cv2.imread(str(drawn / "true_comp" / name))[..., ::-1]).all()


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_named_case_is_its_foreground_and_the_screen_before_the_lens(name: str) -> None:
    shot = next(shoot(case(name), WIDTH, HEIGHT, 1))
    assert np.abs(shot.plate - (shot.spilled + (1 - shot.alpha[..., None]) * shot.screen)).max() < 1e-6
    assert np.isfinite(shot.seen).all() and shot.clean.min() >= 0
    inside, outside = (shot.alpha > 0.999).mean(), (shot.alpha < 0.001).mean()
    assert inside > 0.15 and outside > 0.02  # an actor before a screen, both seen
    assert ((shot.alpha > 0.02) & (shot.alpha < 0.98)).mean() > 0.02  # with an edge worth keying
    # Where no actor is, the plate is the screen; what is stored as foreground there is nothing.
    assert np.abs(shot.plate - shot.screen)[shot.alpha == 0].max() < 1e-6
    assert straight16(shot.clean, shot.alpha)[..., 3][shot.alpha == 0].max() == 0


def test_spill_is_the_screens_colour_and_nothing_else_differs_from_the_clean_foreground() -> None:
    scene = case("wrinkled_blonde")
    shot = next(shoot(scene, WIDTH, HEIGHT, 1))
    spill = (shot.spilled - shot.clean)[shot.alpha > 0.99]
    assert spill[:, 1].mean() > 3 * max(spill[:, 0].mean(), spill[:, 2].mean()) > -1
    assert spill[:, 1].mean() > 0.005


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(drawn: Path, tmp_path: Path) -> None:
    write_case(case("even_curly"), tmp_path / "again", WIDTH, HEIGHT, 2)
    assert tree(tmp_path / "again") == tree(drawn)
    write_case(case("even_curly", 1), tmp_path / "other", WIDTH, HEIGHT, 2)
    assert tree(tmp_path / "other")["alpha/0001.png"] != tree(drawn)["alpha/0001.png"]
    assert random_scene(5) == random_scene(5) != random_scene(6)


def test_the_film_is_tagged_and_the_truth_scores_perfectly_against_itself(drawn: Path) -> None:
    info = video_info(drawn / "source.mp4")
    assert (info.width, info.height, info.frame_count) == (WIDTH, HEIGHT, 2)
    assert (info.matrix, info.full_range, info.tagged, info.pix_fmt) == ("bt709", False, True, "yuv420p10le")
    true = read_mattes(drawn / "alpha")
    assert compare_mattes(true, true)["MAD"] == 0
    comps = [cv2.imread(str(path))[..., ::-1] / np.float32(255) for path in sorted((drawn / "true_comp").glob("*.png"))]
    assert compare_comps(comps, comps, true, "green")["fringe"] == 0


def test_motion_blurs_the_true_matte() -> None:
    bare = replace(case("fast_motion"), strands=200, thickness=0.0)
    moved = next(shoot(bare, WIDTH, HEIGHT, 1, start=4)).alpha
    held = next(shoot(replace(bare, shutter=0.001), WIDTH, HEIGHT, 1, start=4)).alpha
    half_clear = [float((a * (1 - a)).mean()) for a in (moved, held)]
    assert half_clear[0] > 1.3 * half_clear[1]


def test_unknown_cases_and_odd_sizes_are_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Refused, match="even_curly"):
        case("nobody")
    with pytest.raises(Refused, match="even size"):
        write_case(case("even_curly"), tmp_path, 71, 128, 1)
    assert main(["synth", "--out", str(tmp_path), "--cases", "nobody"]) == 2
    assert "no case" in capsys.readouterr().err
