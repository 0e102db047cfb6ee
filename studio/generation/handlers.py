"""Draws as work."""

from typing import Any

from django.db import transaction

from compositing.errors import EngineError
from studio.generation import continuity, fit, previews, registry, replays, sensing, services
from studio.generation.backends import BACKENDS, diffusers
from studio.generation.backends.base import Context
from studio.generation.models import Draw, RegisteredModel
from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.media import storage
from studio.productions.models import Location


def ended(job: Job) -> None:
    """A job that failed or was cancelled ends its draw with the same word and sentence."""
    draw = Draw.objects.select_related("layer__shot").filter(pk=job.payload["draw"]).first()
    if draw is not None and draw.state in (Draw.State.QUEUED, Draw.State.RUNNING):
        cancelled = job.state == Job.State.CANCELLED
        services.end_draw(draw=draw, state=Draw.State.CANCELLED if cancelled else Draw.State.FAILED, sentence=job.error)


@handler("generation.verify")
def verify_model(job: Job, run: Any) -> dict[str, Any]:
    """Hash a model's folder again. Minutes for a large one: never in a page."""
    model = RegisteredModel.objects.get(pk=job.payload["model"])
    run.progress(0, 1, "verify")
    found = registry.verify(model=model, actor=job.created_by)
    with transaction.atomic():
        run.fence()
    return {"state": found.state, "finding": found.finding}


@handler(continuity.KIND)
def make_looks(job: Job, run: Any) -> dict[str, Any]:
    """What backgrounds of a place look like, for its continuity page; or the pictures of a library."""
    if "pictures" in job.payload:
        wanted = continuity.unread(job.payload["pictures"])
    else:
        wanted = continuity.missing(Location.objects.get(pk=job.payload["location"]))
    if not wanted:
        return {"made": 0}
    made = run.child("continuity", {"pictures": [str(storage.path_of(sha)) for sha in wanted]})
    with transaction.atomic():
        run.fence()
        continuity.keep(dict(zip(wanted, made["looks"], strict=True)))
    return {"made": len(wanted)}


@handler(sensing.KIND)
def make_senses(job: Job, run: Any) -> dict[str, Any]:
    """What a registered CLIP or DINO sees in the backgrounds of a place."""
    location = Location.objects.select_related("production").get(pk=job.payload["location"])
    model = sensing.model_of(job.payload["manifest"])
    wanted = sensing.unread(model.manifest_sha256, continuity.pictures_at(location))
    if not wanted:
        return {"made": 0}
    args = {
        "model": model.manifest_sha256,
        "folder": {"path": str(registry.folder_of(model)), "files": model.manifest},
        "pictures": [str(storage.path_of(sha)) for sha in wanted],
    }
    try:
        made = diffusers.HOST.request(
            "embed", args, cancelled=run.cancelled,
            on_progress=lambda step: run.progress(step.done, step.total, step.stage),
        )  # fmt: skip
    except EngineError as error:
        sensing.found_out(model, error)
        raise
    with transaction.atomic():
        run.fence()
        sensing.keep(location=location, model=model, made=made, pictures=wanted, actor=job.created_by)
    return {"made": len(wanted), "seconds_milli": made["seconds_milli"]}


@handler(fit.KIND)
def make_lights(job: Job, run: Any) -> dict[str, Any]:
    """The light in the pictures of a layer's draws and on the shot's actor, for the order by fit."""
    layer = fit.layer_of(job.payload["layer"])
    pictures, actor = fit.missing(layer)
    scenes: dict[str, Any] = {}
    own: dict[str, Any] = {}
    if pictures:
        made = run.child("scene_lights", {"pictures": [str(storage.path_of(sha)) for sha in pictures]})
        scenes = dict(zip(pictures, made["lights"], strict=True))
    if actor is not None:
        sha, recipe = actor
        made = run.child("actor_light", {"recipe": recipe, "sources": {sha: str(storage.path_of(sha))}})
        own = {sha: made["light"]}
    with transaction.atomic():
        run.fence()
        fit.keep(fit.SCENE, scenes)
        fit.keep(fit.ACTOR, own)
    return {"made": len(scenes) + len(own)}


@handler("generation.draw", failed=ended)
def run_draw(job: Job, run: Any) -> dict[str, Any]:
    draw = Draw.objects.select_related("layer__shot__production", "asked_by").get(pk=job.payload["draw"])
    services.start(draw=draw)
    context = Context(
        child=run.child,
        scratch=run.scratch,
        path_of=storage.path_of,
        progress=run.progress,
        cancelled=run.cancelled,
        show=lambda jpeg: previews.keep(draw.pk, jpeg),
    )
    made = BACKENDS[draw.backend].run(draw.recipe, context)
    front = run.store(made.front, made.mime, suffix=made.suffix) if made.front else None
    kept: dict[str, Any] = {
        "artefact": run.store(made.picture, made.mime, suffix=made.suffix),
        "poster": run.store(made.poster, "image/jpeg", suffix=".jpg") if made.poster else None,
        "proxy": run.store(made.proxy, "video/mp4", suffix=".mp4") if made.proxy else None,
        "depth": run.store(made.depth, "image/png", suffix=".png") if made.depth else None,
        "media": made.media | ({"front": front.pk} if front else {}),
        "seconds_milli": made.seconds_milli,
        "fingerprint": made.fingerprint,
    }
    with transaction.atomic():
        run.fence()
        services.record_draw(draw=draw, made=kept, use=bool(job.payload.get("use")))
        replays.settle(draw=draw)
    previews.forget(draw.pk)
    return {"artefact": kept["artefact"].pk}
