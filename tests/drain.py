"""Stands in for the workers: runs what is queued, here and now."""

from studio.jobs import registry, runner
from studio.jobs.models import Job


def drain_jobs(*, may_fail: bool = False, most: int = 200) -> list[Job]:
    """Run queued jobs, and what they queue, in this process until none is left; returns them as they ended.

    A failed job fails the test with its sentence (its error, if it was none of ours) unless `may_fail`.
    """
    registry.autodiscover()
    queues = ["interactive", "cpu", "gpu", "remote"]
    ended: list[Job] = []
    while (job := runner.claim(queues=queues, now=True)) is not None:
        runner.execute(job, beat=False, debug=not may_fail)
        job.refresh_from_db()
        if job.state == Job.State.QUEUED:  # to be tried again, or asked for again meanwhile
            continue
        ended.append(job)
        assert may_fail or job.state != Job.State.FAILED, f"{job.kind} ({job.title}) failed: {job.error}"
        assert len(ended) <= most, f"more than {most} jobs: do they queue each other for ever?"
    return ended
