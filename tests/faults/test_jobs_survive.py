"""Nothing is lost and nothing is doubled, whoever is killed: worker, PostgreSQL, Valkey."""

import os
import signal
import uuid
from pathlib import Path

import pytest
from django.db import Error, connection

from compositing import sandbox
from compositing.recipe import LayerRecipe, Recipe
from studio.jobs import services
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.ledger.models import Entry
from studio.media import storage
from tests.faults.stage import ROOT, Stage, children_of

pytestmark = pytest.mark.fault
CHUNKS = 10  # enough that a fast machine is still at it when it is stopped
CLIP = ROOT / "fixtures" / "media" / "plain.mp4"


class Work:
    """Some jobs of one production, and what the books say of them."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.production, self.jobs = stage, uuid.uuid4(), []

    def submit(self, kind, **payload):
        job = services.submit(kind, production_id=self.production, subject=None, payload=payload)
        self.jobs.append(job)
        return job

    def rows(self):
        """The jobs as they are; [] while the database is away."""
        try:
            return list(Job.objects.filter(production_id=self.production).order_by("created_at"))
        except Error:
            connection.close()
            return []

    def running(self):
        return [job for job in self.rows() if job.state == "leased"]

    def until_running(self, pieces=1):
        self.stage.until(
            lambda: any(job.progress_done >= pieces for job in self.running()), f"a job has made {pieces} pieces"
        )

    def until_ended(self):
        self.stage.until(lambda: (rows := self.rows()) and not any(job.live for job in rows), "all jobs have ended")

    def recorded_once(self):
        """Each job done, each entered exactly once, and the chain whole."""
        rows = self.rows()
        assert {job.state for job in rows} == {"done"}, [(job.state, job.error) for job in rows]
        entries = list(Entry.objects.filter(production_id=self.production, verb="fault.recorded"))
        assert sorted(entry.subject_id for entry in entries) == sorted(str(job.pk) for job in self.jobs)
        assert ledger.verify(self.production) == []
        return entries


@pytest.fixture
def work(stage):
    return Work(stage)


def test_a_worker_killed_again_and_again_loses_nothing_and_doubles_nothing(stage, work):
    for _ in range(4):
        work.submit("fault.pieces", count=12, each_s=0.1)
    stage.sweeper()
    worker = stage.worker()
    for _ in range(2):
        work.until_running(pieces=3)
        worker.kill()
        worker = stage.worker()
    work.until_ended()
    entries = work.recorded_once()
    lengths = {entry.data["length"] for entry in entries}
    assert lengths == {sum(len(f"{uuid.UUID(int=0)} {number}") for number in range(12))}, "pieces lost or torn"
    assert any(entry.data["attempt"] > 1 for entry in entries), "no job was interrupted: the test tests nothing"
    assert sum(entry.data["made"] for entry in entries) < 4 * 12, "finished pieces were not used again"


def test_a_worker_killed_in_the_middle_of_a_real_render_ends_with_the_same_bytes(stage, work, tmp_path):
    digest = storage.sha256_of(CLIP)
    layer = LayerRecipe(id="plate", kind="background", source=digest, extend="loop")
    recipe = Recipe(width=180, height=320, fps_num=24, fps_den=1, frame_count=48 * CHUNKS, layers=(layer,))
    args = {"recipe": recipe.to_dict(), "sources": {digest: str(CLIP)}}
    expected = sandbox.run("render", args | {"out_dir": str(tmp_path)})

    job = work.submit("fault.render", **args)
    stage.sweeper()
    worker = stage.worker()
    folder = Path(stage.home / "scratch" / "jobs" / str(job.pk))
    # A chunk is finished by its films' note and by its figures'; when the third has one, the first two have both.
    stage.until(lambda: list(folder.glob("*/chunks-*/0002.json")), "the render has finished two chunks")
    children = children_of(worker.pid)
    assert children, "the render runs in no child"
    os.kill(worker.pid, signal.SIGKILL)
    stage.until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), "the engine's child is gone too")
    stage.worker()
    work.until_ended()
    work.recorded_once()
    done = work.rows()[0]
    assert done.attempt == 2
    assert done.result["sha256"] == expected["sha256"]
    assert done.result["frames"] == 48 * CHUNKS
    assert done.result["frames_rendered"] <= 48 * (CHUNKS - 2), "finished chunks were rendered again"
    assert storage.path_of(expected["sha256"]).exists()
    stage.until(lambda: not folder.exists(), "the scratch folder is gone")


def test_killing_valkey_loses_nothing_though_its_data_are_gone(stage, work):
    for _ in range(4):
        work.submit("fault.pieces", count=10, each_s=0.1)
    stage.sweeper()
    stage.worker()
    work.until_running()
    stage.kill_server("valkey")
    for path in stage.valkey.folder.rglob("*"):
        if path.is_file():
            path.unlink()
    work.submit("fault.pieces", count=2, each_s=0.1)  # asked for while there is no broker
    stage.start_server("valkey")
    work.until_ended()
    assert len(work.recorded_once()) == 5
    assert max(job.attempt for job in work.rows()) == 1, "work was repeated though no worker had died"


def test_killing_postgresql_in_the_middle_loses_nothing_and_doubles_nothing(stage, work):
    for _ in range(4):
        work.submit("fault.pieces", count=10, each_s=0.15)
    stage.sweeper()
    stage.worker()
    for _ in range(2):
        work.until_running(pieces=2)
        stage.kill_server("postgres")
        assert work.rows() == []
        stage.start_server("postgres")
    work.until_ended()
    work.recorded_once()


def test_a_job_that_kills_its_worker_is_given_up_after_three_attempts_and_others_go_on(stage, work):
    poison = work.submit("fault.poison")
    stage.sweeper()
    for _ in range(3):
        worker = stage.worker()
        stage.until(lambda worker=worker: not worker.running, "the poison has killed its worker")
    other = work.submit("fault.pieces", count=1, each_s=0.01)
    stage.worker()
    work.until_ended()
    rows = {job.pk: job for job in work.rows()}
    assert (rows[poison.pk].state, rows[poison.pk].attempt) == ("failed", 3)
    assert "3 times" in rows[poison.pk].error
    assert rows[other.pk].state == "done"
    assert Entry.objects.filter(production_id=work.production, verb="job.failed").count() == 1
    assert ledger.verify(work.production) == []


def test_a_worker_paused_past_its_lease_cannot_write_when_it_wakes(stage, work):
    job = work.submit("fault.stubborn")
    stage.sweeper()
    sleeper = stage.worker("sleeper")
    stage.until(lambda: state_of(sleeper.pid) == "T", "the first worker stands still")
    stage.worker("second")
    work.until_ended()
    os.kill(sleeper.pid, signal.SIGCONT)
    log = stage.folder / "sleeper.log"
    stage.until(lambda: "attempt abandoned" in log.read_text(), "the first worker has noticed")
    entries = work.recorded_once()
    assert [entry.data["attempt"] for entry in entries] == [2]
    assert Job.objects.get(pk=job.pk).result == {"by": 2}


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_worker_hears_of_work_without_the_sweeper(stage, work):
    stage.worker()
    stage.until(lambda: "ready." in (stage.folder / "worker.log").read_text(), "the worker listens")
    work.submit("fault.pieces", count=1, each_s=0.01)
    work.until_ended()
    work.recorded_once()


def test_a_worker_asked_to_stop_gives_its_work_back_at_once(stage, work):
    job = work.submit("fault.pieces", count=40, each_s=0.1)
    stage.sweeper()
    worker = stage.worker()
    work.until_running(pieces=2)
    worker.ask_to_stop()
    stage.until(lambda: not worker.running, "the worker has gone")
    assert Job.objects.get(pk=job.pk).state == "queued", "not given back: it would have to wait for its lease"
    services.cancel("Dan", Job.objects.get(pk=job.pk))
