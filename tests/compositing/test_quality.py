"""The quality command renders truth cases as the studio does and holds the scores against the peers'."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from compositing import peers, quality
from compositing.cli import main
from compositing.colour import code8, linear_from_coded
from compositing.errors import Refused
from compositing.io.pictures import read_picture, write_png8, write_png16
from tests.compositing.takes import SCREENS, background, film, take


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small case and a peer that keys badly."""
    folder = tmp_path_factory.mktemp("truth")
    case = folder / "case_T"
    plates, mattes, body = take(SCREENS["green"], frames=3)
    for name in ("alpha", "true_comp"):
        (case / name).mkdir(parents=True)
    film(case / "source.mp4", plates)
    background(case / "background.png")
    behind = linear_from_coded(np.ascontiguousarray(read_picture(case / "background.png")[..., :3]))
    for index, alpha in enumerate(mattes, 1):
        write_png16(case / "alpha" / f"{index:04d}.png", np.round(alpha * 65535).astype(np.uint16))
        comp = alpha[..., None] * body + (1 - alpha[..., None]) * behind
        write_png8(case / "true_comp" / f"{index:04d}.png", code8(comp.astype(np.float32)))
    (case / "case.json").write_text(json.dumps({"case": "T", "screen": "green", "difficulty": "drawn"}))
    peer = {"MAD": 90.0, "Grad": 9.0, "dtSSD": 9.0, "fringe": 9.0, "dull": 1.0, "PSNRedge": 12.0, "run": {"fps": 1}}
    (folder / "baselines.json").write_text(json.dumps([{"case": "T", "method": "bad_peer", **peer}]))
    return folder


def test_a_case_is_rendered_scored_and_held_against_its_peers(truth: Path, tmp_path: Path) -> None:
    row = quality.measure(truth, ["fast"], tmp_path)[0]
    assert row["scores"]["spill"] == pytest.approx(row["scores"]["fringe"] + row["scores"]["dull"])
    assert row["peers"]["bad_peer"]["spill"] == 10
    assert row["standing"]["MAD"] == "far ahead"
    assert row["standing"]["core"] == "kept"
    kept = sorted((tmp_path / "case_T" / "fast" / "matte").glob("*.png"))
    assert len(kept) == 3
    found = cv2.imread(str(kept[0]), cv2.IMREAD_UNCHANGED) / 65535
    true = cv2.imread(str(truth / "case_T" / "alpha" / "0001.png"), cv2.IMREAD_UNCHANGED) / 65535
    assert np.abs(found - true).mean() * 1e3 == pytest.approx(row["scores"]["MAD"], rel=0.5)


def test_behind_is_said_where_a_peer_is_better() -> None:
    peers = {"one": {"MAD": 5.0, "PSNRedge": 30.0}, "two": {"MAD": 9.0, "PSNRedge": 33.0}}
    found = quality.standing({"MAD": 6.0, "PSNRedge": 34.0, "core": 1.2, "flicker": 0.1}, peers)
    assert found == {"MAD": "behind", "PSNRedge": "ahead", "core": "broken", "flicker": "kept"}
    assert quality.best_peer(peers, "PSNRedge") == ("two", 33.0)


def test_the_page_says_who_made_it(truth: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "quality.md"
    assert main(["quality", "--truth", str(truth), "--mode", "fast", "--write", str(page)]) == 0
    text = page.read_text()
    assert "python -m compositing quality" in text
    assert "**ours, fast**" in text and "bad_peer" in text
    assert capsys.readouterr().out in text


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no truth case"):
        quality.cases_in(tmp_path)


def test_the_first_mode_of_the_shipped_case_lies_beside_its_peers() -> None:
    peers = quality.peers_of(quality.TRUTH)
    facts = json.loads((quality.cases_in(quality.TRUTH)[0] / "case.json").read_text())
    assert {"ffmpeg", "blender_keying", "numpy_keyer"} <= set(peers[facts["case"]])


def test_a_peer_is_tuned_on_the_true_alpha_and_keys_the_screen_out(truth: Path) -> None:
    case = peers.Case(truth / "case_T")
    for name, (_, cuts) in peers.tuned(case).items():
        missed = peers.missed((alpha for _, alpha in cuts), case.truth)
        blank = peers.missed((np.ones_like(true) for true in case.truth), case.truth)
        assert missed < 0.15 * blank, name
        comp = peers.comps(case, cuts)[0][case.truth[0] <= 0].astype(int)
        assert np.median(np.abs(comp - code8(case.ground)[case.truth[0] <= 0])) <= 2
