"""What goes wrong at a start ends in one sentence that says what to do."""

import collections
import errno
import importlib.util
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from studio.bootstrap import install, ports, run
from studio.bootstrap.errors import CannotStart
from studio.bootstrap.home import Home
from tests.running import ROOT, free_port

Usage = collections.namedtuple("Usage", "total used free")


def test_taken_port_is_named_with_a_free_one() -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(CannotStart) as refused:
            ports.check("127.0.0.1", port)
    assert f"Port {port}, needed for the studio, is taken" in str(refused.value)
    offered = int(str(refused.value).rpartition("--port ")[2].rstrip("."))
    ports.check("127.0.0.1", offered)


def test_taken_upload_port_is_named_too() -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        with pytest.raises(CannotStart, match=f"Port {port + 1}, needed for uploads, is taken"):
            ports.check("127.0.0.1", port)


def test_port_out_of_range_and_foreign_address_are_refused() -> None:
    with pytest.raises(CannotStart, match="between 1 and 65534"):
        ports.check("127.0.0.1", 65535)
    with pytest.raises(CannotStart, match=r"Cannot listen on 192\.0\.2\.1"):  # TEST-NET-1: nobody's
        ports.check("192.0.2.1", free_port())


def test_second_start_on_a_data_folder_is_told_about_the_first(tmp_path: Path) -> None:
    first = Home(tmp_path / "data")
    first.open()
    first.note_running(address="http://127.0.0.1:8123", children=[], env={})
    with pytest.raises(CannotStart) as refused:
        Home(tmp_path / "data").open()
    assert f"process {os.getpid()}" in str(refused.value)
    assert "http://127.0.0.1:8123" in str(refused.value)


def test_full_disk_is_seen_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "data")
    home.open()
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10, 10, 3 * 2**20))
    with pytest.raises(CannotStart, match="Only 3 MB are free on the disk"):
        home.check_room()
    with pytest.raises(CannotStart, match="installing needs 1500 MB"):
        install._check_room(tmp_path, install.STUDIO.room)


def test_disk_that_fills_during_a_start_ends_it_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "/data/lock")

    monkeypatch.setattr(run, "start", full)
    assert run.main([]) == 1
    assert "the disk is full (/data/lock)" in capsys.readouterr().err


def test_folder_with_other_things_is_neither_used_nor_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotStart, match=r"holds other things \(thesis.txt\)"):
        Home(tmp_path).open()
    with pytest.raises(CannotStart, match="nothing was deleted"):
        Home(tmp_path).reset()
    assert (tmp_path / "thesis.txt").exists()


def test_reset_empties_a_data_folder_and_leaves_it_usable(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.open()
    (home.folder / "media" / "ab").mkdir(parents=True)
    (home.folder / "secret_key").write_text("x")
    home.reset()
    assert {entry.name for entry in home.folder.iterdir()} == {"lock", "logs", "huo-studio.json"}


def test_reset_does_not_guess_when_nobody_can_answer(tmp_path: Path) -> None:
    home = Home(tmp_path / "data")
    home.open()
    options = run.parse(["--reset"])
    with pytest.raises(CannotStart, match="add --yes"):
        run.reset(home, options)


def test_python_without_ensurepip_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(CannotStart, match=r"has no ensurepip.*apt-get install python3\.\d+-venv"):
        install._make(tmp_path)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "is full: free about 1.5 GB"),
        ("ERROR: No matching distribution found for av~=18.1.0", "could not be found for this machine"),
        ("Failed to establish a new connection: [Errno -2]", "index could not be reached"),
        ("error: something else", "Installing failed"),
    ],
)
def test_failed_installation_names_the_reason_and_shows_the_log(tmp_path: Path, said: str, sentence: str) -> None:
    log = tmp_path / "pip.log"
    log.write_text(said)
    with pytest.raises(CannotStart) as failed:
        install._explain(log, tmp_path, install.STUDIO.room)
    assert sentence in str(failed.value)


def test_environment_is_current_only_in_its_place_with_its_packages(tmp_path: Path) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.touch()
    wanted = {"packages": "digest", "place": str(tmp_path)}
    (tmp_path / install.STAMP).write_text(json.dumps(wanted | {"extras": ["dev", "local"]}))
    assert install._is_current(tmp_path, python, wanted, {"local"})
    assert not install._is_current(tmp_path, python, wanted, {"local", "worker"})
    assert not install._is_current(tmp_path, python, wanted | {"packages": "newer"}, {"local"})
    assert not install._is_current(tmp_path, python, wanted | {"place": "/moved"}, {"local"})


def test_torch_comes_before_everything_else_into_the_workers_environment() -> None:
    assert install._pinned(install.Path(__file__).parents[2], install.WORKER.first) == ["torch==2.13.0"]
    assert install._pinned(install.Path(__file__).parents[2], install.STUDIO.first) == []


@pytest.mark.parametrize("script", ["run", "test"])
def test_other_systems_and_other_pythons_are_told_what_is_needed(tmp_path: Path, script: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    project = tmp_path / "project"
    (project / "studio" / "bootstrap").mkdir(parents=True)
    for name in (script, "studio/bootstrap/python.sh"):
        shutil.copy(ROOT / name, project / name)
    for name in ("dirname", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    uname = tools / "uname"
    uname.write_text('#!/bin/sh\n[ "$1" = -s ] && echo FreeBSD || echo riscv64\n')
    uname.chmod(0o755)
    refused = subprocess.run(
        ["sh", project / script], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "Linux (x86-64 or arm64) and macOS, not on FreeBSD riscv64" in refused.stderr
    uname.write_text('#!/bin/sh\n[ "$1" = -s ] && echo Linux || echo aarch64\n')
    refused = subprocess.run(
        ["sh", project / script], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13 and found none" in refused.stderr


def test_an_environment_of_another_place_is_not_emptied_through_a_link(tmp_path: Path) -> None:
    other, here = tmp_path / "other" / ".venv", tmp_path / "here"
    (other / "bin").mkdir(parents=True)
    here.mkdir()
    for path, text in {"pyvenv.cfg": "home = /usr/bin\n", install.STAMP: "{}", "bin/pip": "#!/other/python\n"}.items():
        (other / path).write_text(text)
    (here / ".venv").symlink_to(other)
    shutil.copy(ROOT / "pyproject.toml", here)
    with pytest.raises(CannotStart, match="remove the link"):
        install.ensure(here, {"local"})
    assert {path.name for path in other.iterdir()} >= {"pyvenv.cfg", install.STAMP, "bin"}
