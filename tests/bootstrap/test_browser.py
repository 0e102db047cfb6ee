"""Which browser the journeys get."""

import os
from pathlib import Path

import pytest

from studio.bootstrap import browser


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser."""
    for name in ("HUO_BROWSER", "PLAYWRIGHT_BROWSERS_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(browser, "PLACES", ())
    return tmp_path


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_named_browser_goes_before_the_systems_and_that_before_playwrights(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.find() is None
    own = program(bare / ".cache" / "ms-playwright" / "chromium-1200" / "chrome-linux" / "chrome")
    assert browser.find() == str(own)
    system = program(bare / "chromium")
    assert browser.find() == str(system)
    monkeypatch.setenv("HUO_BROWSER", "/opt/mine")
    assert browser.find() == "/opt/mine"


def test_machine_that_offers_no_browser_is_told_what_to_install(
    bare: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[list[str]] = []

    def refuse(command: list[str], log: Path, timeout_s: float) -> bool:
        tried.append(command)
        return False

    monkeypatch.setattr(browser, "_run", refuse)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert browser.ensure(Path("/venv/python"), bare / "log") is None
    assert tried == [["/venv/python", "-m", "playwright", "install", "chromium"]]
    assert "install Chrome or Chromium, or name one in HUO_BROWSER" in capsys.readouterr().out


def test_root_gets_the_distributions_browser(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare / "apt-get")

    def install(command: list[str], log: Path, timeout_s: float) -> bool:
        if command[:2] == ["apt-get", "install"]:
            program(bare / "chromium")
            return True
        return command[0] == "apt-get"

    monkeypatch.setattr(browser, "_run", install)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert browser.ensure(Path("/venv/python"), bare / "log") == str(bare / "chromium")
