"""What happens to a studio started by ./run when its processes are killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from studio.bootstrap.home import Home
from studio.bootstrap.postgres import Postgres
from studio.bootstrap.process import Process, birth
from studio.bootstrap.valkey import Valkey
from tests.running import RunningStudio

pytestmark = [pytest.mark.fault, pytest.mark.slow]
linux = pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends children with their parent")


@pytest.fixture
def place() -> Iterator[Path]:
    with somewhere() as folder:
        yield folder


@contextmanager
def somewhere() -> Iterator[Path]:
    """A folder with spaces in its name that any user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="huo run 火 "))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningStudio]:
    """One studio for the tests that leave it as whole as they found it: a first start is most of such a test."""
    with somewhere() as folder, RunningStudio(folder / "data", prepared=True) as studio:
        yield studio


@linux
def test_killed_supervisor_leaves_no_orphan_and_the_next_start_works(place: Path) -> None:
    studio = RunningStudio(place / "data").start()
    before = studio.processes()
    names = ("postgres", "valkey", "granian", "studio.media.ingest", "sweep", "worker")
    assert all(any(name in line for line in before.values()) for name in names), before
    studio.kill()
    studio.until(lambda: not studio.processes(), "every child is gone", timeout_s=15)
    with RunningStudio(place / "data") as again:
        assert again.status() < 500
        assert again.interrupt() == 0
    assert not again.processes()
    assert "Stopped." in again.said()


@linux
def test_whatever_is_killed_comes_back(running: RunningStudio) -> None:
    for name, words in {
        "postgres": ["postgres", "-D"],
        "valkey": ["valkey-server"],
        "web": ["granian"],
        "ingest": ["studio.media.ingest"],
        "worker-cpu": ["worker", "--queues cpu"],
        "sweeper": ["sweep"],
    }.items():
        pid = running.pid_of(*words)
        assert pid, f"no process {words} in {running.processes()}"
        born = birth(pid)
        os.kill(pid, signal.SIGKILL)
        running.until(
            lambda name=name: f"{name} was ended by SIGKILL; it starts again" in running.said(), f"{name} is missed"
        )
        running.until(
            lambda words=words, pid=pid, born=born: (
                (new := running.pid_of(*words)) and (new, birth(new)) != (pid, born)
            ),
            f"{name} is back",
        )
    running.until(lambda: running.status() < 500, "the page answers again")


@linux
def test_worker_of_the_web_server_does_not_outlive_it(running: RunningStudio) -> None:
    main = running.pid_of("granian")
    workers = {pid for pid, line in running.processes().items() if "granian" in line and pid != main}
    assert workers and running.process
    os.kill(running.process.pid, signal.SIGSTOP)  # so that only the kernel can act
    try:
        os.kill(main, signal.SIGKILL)
        running.until(lambda: not workers & set(running.processes()), "granian's worker is gone", timeout_s=10)
    finally:
        os.kill(running.process.pid, signal.SIGCONT)
    running.until(lambda: running.status() < 500, "the page answers again")


def test_second_start_on_the_same_data_is_refused_by_a_sentence(running: RunningStudio) -> None:
    second = RunningStudio(running.home)
    second.output = running.home.parent / "second-output.txt"
    second.start(wait=False)
    assert second.process is not None
    assert second.process.wait(30) == 1
    # One line: what is wrong, and what to do.
    said = second.said().strip().splitlines()
    assert len(said) == 1 and said[0].startswith("Cannot start: The studio already runs on")
    assert running.url in said[0]


def test_outside_server_that_does_not_answer_is_named(place: Path) -> None:
    env = {"DATABASE_URL": "postgresql://huo@127.0.0.1:9/huo"}
    studio = RunningStudio(place / "data", env=env).start(wait=False)
    assert studio.process is not None
    assert studio.process.wait(60) == 1
    assert "The server named by DATABASE_URL cannot be used" in studio.said()
    assert not (place / "data" / "postgres").exists()


def test_outside_servers_are_used_and_none_of_ours_is_started(place: Path) -> None:
    home = Home(place / "elsewhere")
    home.open()
    postgres = Postgres(home.postgres, home.sockets("postgres"), place / "postgres.log")
    valkey = Valkey(home.valkey, home.sockets("valkey"), place / "valkey.log")
    processes = []
    for server in (postgres, valkey):
        server.prepare()
        processes.append(Process(server.program()).start())
        server.wait(processes[-1])
    try:
        env = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        with RunningStudio(place / "data", env=env) as studio:
            assert not studio.pid_of("postgres", "-D") and not studio.pid_of("valkey-server")
            assert studio.interrupt() == 0
        assert not (place / "data" / "postgres").exists()
        assert all(process.running for process in processes), "stopping the studio leaves them alone"
    finally:
        for process in reversed(processes):
            process.stop()
        home.close()


def test_setup_only_starts_nothing(place: Path) -> None:
    studio = RunningStudio(place / "data", "--setup-only").start(wait=False)
    assert studio.process is not None
    assert studio.process.wait(300) == 0
    assert "Ready: " in studio.said()
    assert not (place / "data").exists()
    assert (
        subprocess.run([studio.said().split("Ready: ")[1].strip(), "-c", "import django, av"], check=False).returncode
        == 0
    )
