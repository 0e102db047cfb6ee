"""C2PA manifests: signed offline, read back, and every change of the bytes noticed."""

from pathlib import Path

import numpy as np
import pytest

from compositing.io.provenance import ANCHOR, make_identity, read_manifest, sign
from compositing.io.writer import VideoWriter

SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
MANIFEST = {
    "claim_generator_info": [{"name": "Huo", "version": "0.1"}],
    "title": "雨夜 EP01",
    "assertions": [
        {"label": "c2pa.actions.v2", "data": {"actions": [{"action": "c2pa.created", "digitalSourceType": SOURCE}]}},
        {"label": "huo.release", "data": {"cut": "abc"}},
    ],
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_identity(folder)
    return folder


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Path:
    folder = tmp_path_factory.mktemp("films")
    with VideoWriter(folder / "film.mp4", 72, 128, 24, 1, crf=30, preset="ultrafast", keyint=12) as film:
        for n in range(12):
            film.write(np.full((128, 72, 3), n * 10, np.uint8))
    sign(folder / "film.mp4", folder / "signed.mp4", MANIFEST, keys)
    return folder / "signed.mp4"


def test_a_signed_film_is_valid_and_trusted_under_its_own_anchor(signed: Path, keys: Path) -> None:
    read = read_manifest(signed, keys / ANCHOR)
    assert read["valid"] and read["trusted"] and read["title"] == "雨夜 EP01"
    assert read["assertions"]["huo.release"] == {"cut": "abc"}


def test_another_studios_anchor_does_not_trust_it(signed: Path, tmp_path: Path) -> None:
    make_identity(tmp_path / "others")
    read = read_manifest(signed, tmp_path / "others" / ANCHOR)
    assert read["valid"] and not read["trusted"]


@pytest.mark.parametrize("tamper", ["flip", "append"])
def test_changed_bytes_are_noticed(signed: Path, keys: Path, tmp_path: Path, tamper: str) -> None:
    data = bytearray(signed.read_bytes())
    if tamper == "flip":
        data[-20] ^= 1
    else:
        data += b"\0\0\0\x10free" + b"A" * 8
    (tmp_path / "changed.mp4").write_bytes(data)
    read = read_manifest(tmp_path / "changed.mp4", keys / ANCHOR)
    assert read["present"] and not read["valid"] and read["problems"]


def test_a_film_without_a_manifest_says_so(signed: Path, keys: Path) -> None:
    read = read_manifest(signed.with_name("film.mp4"), keys / ANCHOR)
    assert not read["present"] and read["state"] == "absent"


def test_the_keys_are_for_their_owner_alone(keys: Path) -> None:
    assert all((path.stat().st_mode & 0o077) == 0 for path in keys.iterdir())
