"""The planner as a job: at most one live per shot."""

from typing import Any

from django.db import transaction

from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.pipeline.advance import advance


@handler("pipeline.advance")
def advance_shot(job: Job, run: Any) -> dict[str, Any]:
    with transaction.atomic():
        run.fence()
        steps = advance(job.payload["shot"])
    return {"steps": [step.do for step in steps]}
