"""Slow work on releases: make the master, and hold one against the books."""

from pathlib import Path
from typing import Any

from compositing.errors import EngineError
from compositing.sandbox import run as run_child
from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.media import storage
from studio.releases import conforming, labels, services, snapshot, verifying
from studio.releases.models import Release
from studio.releases.verifying import Finding


def _release(job: Job) -> Release:
    return Release.objects.select_related("episode__production").get(pk=job.payload["release"])


@handler(services.CONFORM, failed=services.conform_failed)
def conform(job: Job, run: Any) -> dict[str, Any]:
    """Cut -> film with sound, label and key -> C2PA manifest -> measured from its bytes -> stored by its sha256."""
    release = _release(job)
    frames = snapshot.frames_of(release.items)
    whole = 2 * frames + 2  # every frame is written once and read once; signing and reading back are quick
    master = run.scratch / "master.mp4"
    made = run.child("conform", conforming.conform_args(release, run.scratch / "film.mp4"), part=(0, frames, whole))
    keys = str(conforming.keys())
    signing = {"path": made["path"], "out": str(master), "manifest": conforming.manifest_of(release), "keys": keys}
    run.child("sign", signing, part=(frames, 1, whole))
    look = {"path": str(master), "label_text": labels.TEXT}
    seen = run.child("verify_media", look, part=(frames + 1, frames, whole))
    read = run.child("read_manifest", {"path": str(master), "keys": keys}, part=(2 * frames + 1, 1, whole))
    artefact = run.store(master, "video/mp4", suffix=".mp4")
    services.record_master(run=run, release=release, master=artefact, measured=conforming.summary(seen, read))
    return {"release": str(release.pk), "master": artefact.pk}


@handler(services.VERIFY)
def verify(job: Job, run: Any) -> dict[str, Any]:
    """The stored master held against the books; findings as `verifying.Finding.plain`."""
    release = _release(job)
    findings = _examined(storage.path_of(str(release.master_id)), run.child)
    return {"findings": [one.plain() for one in findings], "good": all(one.good for one in findings)}


def examine_file(path: Path) -> list[Finding]:
    """Any file held against the books, outside the queue."""
    return _examined(path, run_child)


def _examined(path: Path, child: Any) -> list[Finding]:
    sha256 = storage.sha256_of(path)
    seen, error = None, ""
    try:
        seen = child("verify_media", {"path": str(path), "label_text": labels.TEXT})
    except EngineError as refused:
        error = str(refused)
    read = child("read_manifest", {"path": str(path), "keys": str(conforming.keys())})
    return verifying.examine(sha256, seen, read, error)
