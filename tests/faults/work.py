"""Handlers for the fault tests, loaded by their workers with `celery worker --include tests.faults.work`."""

import os
import signal
import time
from typing import Any

from django.db import transaction

from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.jobs.runner import Run
from studio.ledger import services as ledger


@handler("fault.pieces")
def pieces(job: Job, run: Run) -> dict[str, Any]:
    """Write payload["count"] pieces to the scratch folder, slowly; then enter them in the books, once."""
    count = job.payload["count"]
    made = 0
    for number in range(count):
        path = run.scratch / f"{number:03d}.piece"
        if not path.exists():
            part = path.with_name(f".{path.name}.part")
            part.write_text(f"{job.pk} {number}")
            time.sleep(job.payload["each_s"])
            os.replace(part, path)
            made += 1
        run.progress(number + 1, count, "pieces")
        run.stop_if_asked()
    text = "".join(sorted(path.read_text() for path in run.scratch.glob("*.piece")))
    with transaction.atomic():
        run.fence()
        data = {"attempt": job.attempt, "made": made, "length": len(text)}
        ledger.record("fault.recorded", production_id=job.production_id, subject=job, data=data)
    return {"made": made}


@handler("fault.render")
def render(job: Job, run: Run) -> dict[str, Any]:
    """A real render by the engine in its child, kept and entered in the books."""
    args = {key: job.payload[key] for key in ("recipe", "sources")}
    result = run.child("render", args | {"out_dir": str(run.scratch)})
    master = run.store(result["master"], "video/mp4")
    with transaction.atomic():
        run.fence()
        data = {"attempt": job.attempt, "frames_rendered": result["frames_rendered"]}
        ledger.record(
            "fault.recorded", production_id=job.production_id, subject=job, made_from=[master.sha256], data=data
        )
    return {"sha256": master.sha256, "frames_rendered": result["frames_rendered"], "frames": result["frame_count"]}


@handler("fault.poison")
def poison(_job: Job, _run: Run) -> None:
    """What a bad library does to its worker."""
    os.kill(os.getpid(), signal.SIGKILL)


@handler("fault.stubborn")
def stubborn(job: Job, run: Run) -> dict[str, Any]:
    """Pauses its own worker past its lease in the first attempt, then tries to record as if nothing had happened."""
    if job.attempt == 1:
        os.kill(os.getpid(), signal.SIGSTOP)
    with transaction.atomic():
        run.fence()
        ledger.record(
            "fault.recorded", production_id=job.production_id, subject=job, data={"attempt": job.attempt, "made": 0}
        )
    return {"by": job.attempt}
