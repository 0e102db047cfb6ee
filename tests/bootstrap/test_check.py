"""`./test` and the tests that need torch: all of them are found, and one line says why they can't run."""

import re
from pathlib import Path
from typing import Any

import pytest

from studio.bootstrap import check
from studio.bootstrap.errors import CannotStart


def test_every_test_that_needs_torch_lies_where_the_model_run_looks() -> None:
    marked = re.compile(r"mark\.(model|gpu)\b")
    folders = [check.ROOT / folder for folder in check.MODEL_FOLDERS]
    found = [path for path in (check.ROOT / "tests").rglob("test_*.py") if marked.search(path.read_text())]
    assert found and all(any(folder in path.parents for folder in folders) for path in found)


def test_an_environment_that_cannot_be_made_is_told_in_one_line_and_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ensure(root: Path, extras: set[str], *where: Any) -> Path:
        if where:
            raise CannotStart("The package index could not be reached, then start again. huo-install.log ends:\nERROR")
        return Path("python")

    class Done:
        returncode = 0
        stdout = ""

    monkeypatch.setattr(check.install, "ensure", ensure)
    monkeypatch.setattr(check.browser, "ensure", lambda *_: "")
    monkeypatch.setattr(check.browser, "ensure_font", lambda *_: None)
    monkeypatch.setattr(check.subprocess, "run", lambda *_, **__: Done())
    assert check.main([]) == 1
    said = [line for line in capsys.readouterr().err.splitlines() if "model tests" in line]
    assert len(said) == 1 and "could not be reached" in said[0] and "ERROR" not in said[0]


def test_the_model_run_takes_arguments_as_pytest_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    class Done:
        returncode = 0

    monkeypatch.setattr(check.install, "ensure", lambda *_: Path("/venv/bin/python"))
    monkeypatch.setattr(check.subprocess, "run", lambda command, **_: asked.append(command) or Done())
    assert check.models([]) == 0 and asked[0][-2:] == list(check.MODEL_FOLDERS)
    assert check.models(["tests/gpu", "-k", "twin"]) == 0 and asked[1][-3:] == ["tests/gpu", "-k", "twin"]
