"""The queue: asked for once, run once, recorded once."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.test import override_settings

from compositing.errors import ChildCrashed, Refused
from studio.core.errors import Conflict, DomainError
from studio.jobs import outcome, registry, runner, selectors, services, sweep
from studio.jobs.errors import LeaseLost
from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.ledger.models import Entry
from studio.media import storage
from studio.media.models import ArtefactUse
from tests.drain import drain_jobs
from tests.factories import make_production, make_shot

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def handlers(monkeypatch):
    """Handlers registered in a test are forgotten after it."""
    registry.autodiscover()
    monkeypatch.setattr(registry, "HANDLERS", dict(registry.HANDLERS))


def submit(kind="test.work", **fields):
    values = {"production_id": make_production().pk, "subject": None, "title": "Ein Stück Arbeit"} | fields
    return services.submit(kind, **values)


def expire(job):
    Job.objects.filter(pk=job.pk).update(lease_until=datetime.now(UTC) - MINUTE)


def test_a_job_runs_and_keeps_what_its_handler_returns(handlers):
    handler("test.work")(lambda job, run: {"twice": job.payload["n"] * 2})
    job = submit(payload={"n": 21})
    assert [ended.pk for ended in drain_jobs()] == [job.pk]
    job.refresh_from_db()
    assert (job.state, job.result, job.attempt) == ("done", {"twice": 42}, 1)
    assert job.finished_at and job.lease_until is None


def test_the_same_key_is_queued_once_and_free_again_when_done(handlers):
    handler("test.work")(lambda job, run: None)
    first = submit(key="proxy:1")
    assert submit(key="proxy:1").pk == first.pk
    drain_jobs()
    assert submit(key="proxy:1").pk != first.pk


def test_a_poke_while_advance_runs_makes_it_run_once_more(handlers):
    shot = make_shot()
    seen = []

    def advance(job, run):
        seen.append(job.attempt)
        if len(seen) == 1:
            assert services.poke(shot).pk == job.pk
            services.poke(shot)

    registry.HANDLERS["pipeline.advance"] = registry.Handler("pipeline.advance", advance)
    services.poke(shot)
    services.poke(shot)
    assert Job.objects.filter(kind="pipeline.advance").count() == 1
    drain_jobs()
    assert seen == [1, 2]
    assert Job.objects.get(kind="pipeline.advance").state == "done"


def test_a_refused_input_fails_at_once_with_its_sentence_and_tells_the_subject(handlers):
    told = []

    @handler("test.work", failed=lambda job: told.append((job.state, job.error)))
    def work(job, run):
        raise Refused("This is not a video.", code="not_video")

    job = submit()
    drain_jobs(may_fail=True)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.error) == ("failed", 1, "This is not a video.")
    assert job.result["error"]["code"] == "not_video"
    assert told == [("failed", "This is not a video.")]
    assert Entry.objects.get(verb="job.failed", subject_id=str(job.pk)).data["error"] == "This is not a video."


def test_an_unexpected_error_is_tried_three_times(handlers):
    calls = []

    @handler("test.work")
    def work(job, run):
        calls.append(job.attempt)
        raise ZeroDivisionError("seven")

    job = submit()
    drain_jobs(may_fail=True)
    job.refresh_from_db()
    assert calls == [1, 2, 3], "attempts number themselves"
    assert job.state == "failed" and "ZeroDivisionError" in job.error


def test_a_killed_child_is_tried_again_but_a_limit_is_not(handlers):
    handler("test.killed")(lambda job, run: (_ for _ in ()).throw(ChildCrashed("killed", code="child_signal")))
    handler("test.limit")(lambda job, run: (_ for _ in ()).throw(ChildCrashed("too big", code="child_memory")))
    killed, limit = submit("test.killed"), submit("test.limit")
    drain_jobs(may_fail=True)
    killed.refresh_from_db()
    limit.refresh_from_db()
    assert (killed.attempt, limit.attempt) == (3, 1)


def test_a_database_error_does_not_count_as_an_attempt(handlers):
    calls = []

    @handler("test.work")
    def work(job, run):
        calls.append(1)
        if len(calls) <= 4:
            raise OperationalError("server closed the connection unexpectedly")

    job = submit()
    drain_jobs(may_fail=True)
    job.refresh_from_db()
    assert (job.state, job.failures, len(calls)) == ("done", 0, 5)


def test_an_unknown_kind_fails_with_a_sentence():
    job = submit("test.unheard_of")
    drain_jobs(may_fail=True)
    job.refresh_from_db()
    assert job.state == "failed" and "test.unheard_of" in job.error


def test_two_functions_for_one_kind_are_a_mistake(handlers):
    handler("test.work")(lambda job, run: None)
    with pytest.raises(ValueError, match="Two handlers"):
        handler("test.work")(lambda job, run: None)


def test_waiting_work_is_cancelled_at_once_and_ended_work_is_not(handlers):
    told = []
    handler("test.work", failed=lambda job: told.append(job.state))(lambda job, run: None)
    job = submit()
    services.cancel("Priya", job)
    job.refresh_from_db()
    assert (job.state, job.error, told) == ("cancelled", "Cancelled by Priya.", ["cancelled"])
    with pytest.raises(Conflict, match="ended already"):
        services.cancel("Priya", job)
    assert drain_jobs() == []


def test_running_work_stops_when_cancelled(handlers):
    @handler("test.work")
    def work(job, run):
        services.cancel("Dan", job)
        run.stop_if_asked()
        pytest.fail("went on after the cancel")

    job = submit()
    drain_jobs()
    job.refresh_from_db()
    assert (job.state, job.error) == ("cancelled", "Cancelled by Dan.")


def test_an_expired_lease_goes_back_and_the_old_attempt_can_write_nothing(handlers):
    handler("test.work")(lambda job, run: {"by": job.attempt})
    submit()
    stale = runner.claim(queues=["cpu"])
    run = runner.Run(stale)
    expire(stale)
    assert sweep.expire_leases() == 1
    fresh = runner.claim(queues=["cpu"], now=True)
    assert (fresh.pk, fresh.attempt, fresh.failures) == (stale.pk, 2, 1)
    with pytest.raises(LeaseLost), transaction.atomic():
        run.fence()
    with pytest.raises(LeaseLost):
        outcome.done(stale, {"by": "the dead"})
    run.progress(9, 9)
    runner.execute(fresh, beat=False)
    fresh.refresh_from_db()
    assert (fresh.state, fresh.result, fresh.progress_done) == ("done", {"by": 2}, 0)


def test_a_live_lease_is_left_alone(handlers):
    handler("test.work")(lambda job, run: None)
    submit()
    runner.claim(queues=["cpu"])
    assert sweep.expire_leases() == 0
    assert runner.claim(queues=["cpu"], now=True) is None


def test_a_poison_job_is_given_up_after_three_dead_workers(handlers):
    told = []
    handler("test.work", failed=lambda job: told.append(job.error))(lambda job, run: None)
    job = submit()
    for _ in range(3):
        expire(runner.claim(queues=["cpu"], now=True))
        sweep.expire_leases()
    job.refresh_from_db()
    assert job.state == "failed" and "3 times" in job.error and told == [job.error]
    assert Entry.objects.filter(verb="job.failed").count() == 1


def test_work_recorded_by_a_worker_that_died_before_saying_done_is_not_run_again(handlers):
    handler("test.work")(lambda job, run: pytest.fail("ran twice"))
    submit()
    job = runner.claim(queues=["cpu"])
    with transaction.atomic():
        runner.Run(job).fence()
    expire(job)
    sweep.expire_leases()
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_fence_outside_a_transaction_is_a_mistake():
    submit()
    run = runner.Run(runner.claim(queues=["cpu"]))
    with pytest.raises(RuntimeError, match="inside a transaction"):
        run.fence()


def test_a_retry_keeps_what_earlier_attempts_finished_in_a_folder_of_its_own(handlers):
    folders = []

    @handler("test.work")
    def work(job, run):
        folders.append(run.scratch)
        (run.scratch / f"chunk_{job.attempt}.mp4").write_text("whole")
        (run.scratch / "chunk_9.mp4.part").write_text("half")
        (run.scratch / ".next").write_text("half")
        if job.attempt < 3:
            raise ZeroDivisionError
        return {"found": sorted(path.name for path in run.scratch.iterdir())}

    job = submit()
    drain_jobs(may_fail=True)
    job.refresh_from_db()
    assert len(set(folders)) == 3
    wanted = [".next", "chunk_1.mp4", "chunk_2.mp4", "chunk_3.mp4", "chunk_9.mp4.part"]
    assert job.result["found"] == wanted
    assert not any(folder.exists() for folder in folders), "scratch stays behind"


def test_a_later_attempt_does_not_take_half_files_along(handlers):
    submit()
    job = runner.claim(queues=["cpu"])
    first = runner.Run(job).scratch
    for name in (".hidden", "x.part", "chunk_0.mp4"):
        (first / name).write_text("x")
    expire(job)
    sweep.expire_leases()
    second = runner.Run(runner.claim(queues=["cpu"], now=True)).scratch
    assert [path.name for path in second.iterdir()] == ["chunk_0.mp4"]
    assert not first.exists()


def test_store_keeps_a_file_for_the_jobs_production(handlers):
    @handler("test.work")
    def work(job, run):
        path = run.scratch / "proxy.mp4"
        path.write_bytes(b"film")
        return {"sha256": run.store(path, "video/mp4").sha256}

    job = submit()
    drain_jobs()
    job.refresh_from_db()
    assert storage.path_of(job.result["sha256"]).read_bytes() == b"film"
    assert ArtefactUse.objects.get(production_id=job.production_id).artefact_id == job.result["sha256"]


def test_a_handlers_failure_callback_that_breaks_does_not_keep_the_job_alive(handlers):
    def broken(job):
        raise KeyError("subject gone")

    @handler("test.work", failed=broken)
    def work(job, run):
        raise DomainError("No.")

    job = submit()
    drain_jobs(may_fail=True)
    job.refresh_from_db()
    assert job.state == "failed" and job.error == "No."


def test_lost_hints_are_sent_again_only_when_the_broker_holds_none(handlers, monkeypatch):
    sent = []
    monkeypatch.setattr("studio.jobs.hints.send", lambda job_id, queue: sent.append((job_id, queue)) or True)
    job = submit()
    Job.objects.filter(pk=job.pk).update(hinted_at=datetime.now(UTC) - MINUTE)
    monkeypatch.setattr("studio.jobs.hints.waiting", lambda queue: 3)
    assert sweep.resend_hints() == 0
    monkeypatch.setattr("studio.jobs.hints.waiting", lambda queue: None)
    assert sweep.resend_hints() == 0
    monkeypatch.setattr("studio.jobs.hints.waiting", lambda queue: 0)
    assert sweep.resend_hints() == 1
    assert sent == [(str(job.pk), "cpu")]
    assert sweep.resend_hints() == 0, "hinted a moment ago"


def test_time_left_follows_the_pace():
    job = Job(
        state="leased", started_at=datetime.now(UTC) - timedelta(seconds=30), progress_done=25, progress_total=100
    )
    assert 88 <= job.seconds_left <= 92
    assert job.time_left in ("1:28", "1:29", "1:30", "1:31", "1:32")
    assert Job(state="leased", started_at=datetime.now(UTC)).seconds_left is None


def test_scratch_of_ended_jobs_is_swept(handlers):
    submit()
    job = runner.claim(queues=["cpu"])
    folder = runner.Run(job).scratch
    sweep.clear_scratch()
    assert folder.exists(), "the job is live"
    Job.objects.filter(pk=job.pk).update(state="failed")
    assert sweep.clear_scratch() >= 1 and not folder.exists()


def test_the_queue_board_counts_by_queue(handlers):
    production = make_production().pk
    submit(production_id=production)
    submit(production_id=production, queue="gpu")
    runner.claim(queues=["gpu"])
    assert selectors.counts(production) == {"cpu": {"queued": 1, "leased": 0}, "gpu": {"queued": 0, "leased": 1}}


@pytest.mark.django_db(transaction=True)
def test_twenty_workers_claim_twenty_jobs_once_each(handlers):
    jobs = {submit().pk for _ in range(20)}
    claimed: list = []

    def worker():
        try:
            while (job := runner.claim(queues=["cpu"])) is not None:
                claimed.append(job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == sorted(jobs)


@pytest.mark.django_db(transaction=True)
def test_pokes_from_many_threads_make_one_job():
    shot = make_shot()

    def poke():
        try:
            services.poke(shot)
        finally:
            connection.close()

    threads = [threading.Thread(target=poke) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Job.objects.filter(kind="pipeline.advance").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_renews_the_lease_and_hears_a_cancel(handlers):
    heard = threading.Event()

    @handler("test.work")
    def work(job, run):
        began = Job.objects.get(pk=job.pk).lease_until
        while Job.objects.get(pk=job.pk).lease_until == began:
            heard.wait(0.02)
        services.cancel("Dan", job)
        while True:
            heard.wait(0.02)
            run.stop_if_asked()

    job = submit()
    with override_settings(HEARTBEAT_S=0.05):
        runner.execute(runner.claim(job.pk))
    job.refresh_from_db()
    assert job.state == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_a_running_attempt_learns_that_its_lease_is_lost(handlers):
    @handler("test.work")
    def work(job, run):
        Job.objects.filter(pk=job.pk).update(attempt=99)
        assert run.lost.wait(10)
        run.stop_if_asked()

    job = submit()
    with override_settings(HEARTBEAT_S=0.05):
        runner.execute(runner.claim(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempt, job.result) == ("leased", 99, {})


def test_a_worker_going_down_gives_its_job_back_uncounted(handlers, monkeypatch):
    stopping = threading.Event()
    monkeypatch.setattr(runner, "STOPPING", stopping)

    @handler("test.work")
    def work(job, run):
        stopping.set()
        run.stop_if_asked()

    job = submit()
    runner.execute(runner.claim(job.pk), beat=False)
    job.refresh_from_db()
    assert (job.state, job.failures, Path(runner.scratch_of(job)).exists()) == ("queued", 0, False)
