"""What workers do for comps: render a version, make a preview."""

import logging
import threading
import time
from pathlib import Path
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db import close_old_connections, transaction
from django.utils.translation import gettext as _

from compositing.errors import EngineError
from compositing.recipe import Recipe
from compositing.sandbox import Warm
from studio.comps import exports, previews, services
from studio.comps.models import Export, Version
from studio.core.errors import Conflict
from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.jobs.runner import Run
from studio.media import storage

# One warm child per worker process: libraries loaded, kernels compiled, last frames and the screen's colour at hand.
_warm: Warm | None = None
_turn = threading.Lock()
log = logging.getLogger(__name__)


@handler(services.RENDER, failed=services.job_failed)
def render(job: Job, run: Run) -> dict[str, Any]:
    """Render a version's recipe and record what came out; a later attempt uses the finished pieces in run.scratch."""
    version = Version.objects.select_related("shot__production", "created_by").get(pk=job.payload["version"])
    if version.state != Version.State.BUILDING:
        raise Conflict(_("%(version)s is not waiting to be rendered any more.") % {"version": version.name})
    recipe = Recipe.from_dict(version.recipe)
    started = time.monotonic()
    result = run.child(
        "render",
        {
            "recipe": recipe.to_dict(),
            "sources": {sha: str(storage.path_of(sha)) for sha in recipe.sources()},
            "out_dir": str(run.scratch),
            **({"quality": "draft"} if version.draft else {}),
        },
    )
    seconds_milli = round((time.monotonic() - started) * 1000)
    files = {}
    for name in services.FILES:
        if result.get(name):
            path = Path(result[name])
            files[name] = run.store(path, services.MIMES.get(path.suffix.lstrip("."), "application/octet-stream"))
    if sheet := (result.get("qc") or {}).get("sheet"):
        files["worst"] = run.store(Path(sheet["path"]), services.MIMES["jpg"])
    submit = bool(job.payload.get("submit"))
    services.record_render(
        run=run, version=version, files=files, result=result, seconds_milli=seconds_milli, submit=submit
    )
    return {"version": str(version.pk), "master": version.master_id}


@handler(exports.EXPORT, failed=exports.export_failed)
def export(job: Job, run: Run) -> dict[str, Any]:
    """Write a version's keyed foreground and keep it by its sha256."""
    row = Export.objects.select_related("version__shot__production", "created_by").get(pk=job.payload["export"])
    recipe = Recipe.from_dict(row.version.recipe)
    started = time.monotonic()
    made = run.child(
        "export",
        {
            "recipe": recipe.to_dict(),
            "sources": {sha: str(storage.path_of(sha)) for sha in recipe.sources()},
            "out_dir": str(run.scratch),
            "kind": row.kind,
            "name": Path(row.filename).stem.removesuffix(f"_{row.kind}"),
            "start_frame": row.version.shot.production.start_frame,
        },
    )
    seconds_milli = round((time.monotonic() - started) * 1000)
    path = Path(made["path"])
    artefact = run.store(path, exports.MIMES[path.suffix], suffix=path.suffix)
    with transaction.atomic():
        exports.record_export(run=run, export=row, artefact=artefact, seconds_milli=seconds_milli)
    return {"export": str(row.pk), "artefact": artefact.pk}


@worker_ready.connect
def make_ready(sender: Any, **_kwargs: object) -> None:
    """The worker that makes previews starts its child before anybody opens a comp."""
    if previews.QUEUE in sender.app.amqp.queues.consume_from:
        threading.Thread(target=_keep_ready, name="ready", daemon=True).start()


def _keep_ready() -> None:
    try:
        _child().request("ready", {})
    except EngineError as error:  # the first preview will try again, and say it
        log.warning("no child is ready for previews", extra={"reason": str(error)})
    threading.Event().wait()  # a child ends with the thread that started it


def _child() -> Warm:
    global _warm
    with _turn:
        if _warm is None:
            _warm = Warm()
        return _warm


@shared_task(name=previews.TASK, ignore_result=True)
def preview(slot: str) -> None:
    """A hint that a page waits for a still: take its newest request and make it."""
    child = _child()
    with _turn:  # before the slot is read: what waited for its turn finds the newest request, not its own old one
        try:
            previews.serve(slot, child.request, storage.path_of)
        finally:
            close_old_connections()
