"""The same bytes on another machine: what differs is named."""

import json
from pathlib import Path

import pytest

from compositing import digests
from compositing.cli import main

pytestmark = pytest.mark.slow


def test_what_another_machine_drew_otherwise_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digests.plates, "FAMILIES", ("sky",))
    monkeypatch.setattr(digests.effects, "FAMILIES", ("snow",))
    monkeypatch.setattr(digests, "SIZE", (64, 114))
    drawn = {name: digest for name, digest in digests.drawn().items() if name.startswith(("sky", "snow"))}
    assert {"sky/day/0/picture", "sky/night/25/depth", "snow/clip"} <= set(drawn)
    monkeypatch.setattr(digests, "drawn", lambda: drawn)
    there = tmp_path / "there.json"
    assert main(["digests", "--write", str(there)]) == 0
    assert main(["digests", "--against", str(there)]) == 0
    said = json.loads(there.read_text())
    said["files"]["sky/day/0/picture"] = "0" * 64
    there.write_text(json.dumps(said))
    capsys.readouterr()
    assert main(["digests", "--against", str(there)]) == 1
    assert "differs: sky/day/0/picture" in capsys.readouterr().out
    there.write_text("[]")
    assert main(["digests", "--against", str(there)]) == 2
    assert "--write" in capsys.readouterr().err
