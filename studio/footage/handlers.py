"""Slow work on takes: probe, then proxy with filmstrip, waveform and screen check."""

from typing import Any

from django.db import transaction

from compositing.errors import Refused
from studio.footage import services
from studio.footage.models import Take
from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.media import storage


def refused(job: Job) -> None:
    """A job that failed leaves its sentence on the take."""
    take = Take.objects.filter(pk=job.payload["take"]).exclude(state=Take.State.REFUSED).first()
    if take is not None and take.state in (Take.State.RECEIVED, Take.State.PROBED):
        services.refuse_take(take=take, sentence=job.error)


@handler("footage.probe", failed=refused)
def probe(job: Job, run: Any) -> dict[str, Any]:
    take = Take.objects.select_related("shot__production", "artefact").get(pk=job.payload["take"])
    args = {
        "path": str(storage.path_of(take.artefact_id)),
        "max_pixels": services.MAX_PIXELS,
        "max_frames": services.MAX_FRAMES,
        "fps_num": take.shot.production.fps_num,  # what a zip of pictures is played at
        "fps_den": take.shot.production.fps_den,
    }
    result = run.child("probe", args)
    with transaction.atomic():
        run.fence()
        services.record_probe(take=take, probe=result)
    return {"frames": result["frame_count"]}


@handler("footage.proxy", failed=refused)
def proxy(job: Job, run: Any) -> dict[str, Any]:
    take = Take.objects.select_related("shot__production", "artefact").get(pk=job.payload["take"])
    if (twin := services.twin(take)) is not None:  # the same film for another shot: it was looked at already
        names = ("proxy", "poster", "filmstrip", "waveform", "tiles", "frame_count")
        with transaction.atomic():
            run.fence()
            made = {name: getattr(twin, name) for name in names}
            services.record_proxy(take=take, made=made, screen=twin.screen, held=twin.probe["held"])
        return {"frames": twin.frame_count}
    production = take.shot.production
    path = str(storage.path_of(take.artefact_id))
    made = run.child(
        "proxy",
        {
            "path": path,
            "out_dir": str(run.scratch),
            "fps_num": production.fps_num,
            "fps_den": production.fps_den,
            "width": production.width,
            "height": production.height,
            "centre_milli": take.centre_milli,
            "damaged": take.probe.get("corrupt_frames", []),
        },
    )
    try:
        # What brings an alpha is not keyed: no screen is looked for, and none is missed.
        judged = {} if take.probe.get("has_alpha") else {"path": path, "centre_milli": take.centre_milli}
        screen = run.child("screen_check", judged) if judged else {}
    except Refused as error:  # a take without a screen is still a take
        screen = {"grade": "", "reasons": [{"code": error.code, "params": error.params}], "message": str(error)}
    kinds = {
        "proxy": ("video/mp4", ".mp4"),
        "poster": ("image/jpeg", ".jpg"),
        "filmstrip": ("image/jpeg", ".jpg"),
        "waveform": ("image/png", ".png"),
    }
    stored = {
        name: run.store(made[name], mime, suffix=suffix) if made.get(name) else None
        for name, (mime, suffix) in kinds.items()
    }
    tiles = made["tiles"]
    with transaction.atomic():
        run.fence()
        services.record_proxy(
            take=take,
            made=stored
            | {"tiles": tiles if isinstance(tiles, int) else tiles["count"], "frame_count": made["frame_count"]},
            screen=screen,
            held=made["held"],
        )
    return {"frames": made["frame_count"]}
