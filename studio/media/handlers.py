"""The one job of this app: hold an arrived upload against its promise and keep it."""

from django.db import transaction
from django.utils.translation import gettext as _

from studio.core.errors import DomainError
from studio.jobs.models import Job
from studio.jobs.registry import handler
from studio.jobs.runner import Run
from studio.media import receivers, services, storage
from studio.media.models import Upload
from studio.media.states import ENDED, UPLOAD


def adoption_failed(job: Job) -> None:
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=job.payload["upload"])
    if upload.state not in ENDED:
        refuse(upload, job.error)


@handler(services.ADOPT, failed=adoption_failed)
def adopt(job: Job, run: Run) -> dict[str, str]:
    """Check size and declared sha256, keep the bytes, and hand them to the receiver of their purpose."""
    upload = Upload.objects.get(pk=job.payload["upload"])
    if upload.state == Upload.State.RECEIVED:
        with transaction.atomic():
            run.checkpoint()
            UPLOAD.move(upload, Upload.State.VERIFYING)
    path = services.upload_path(upload.pk)
    run.progress(0, upload.size, "verify")
    size = path.stat().st_size
    if size != upload.size:
        figures = {"name": upload.filename, "size": size, "promised": upload.size}
        raise DomainError(_("“%(name)s” arrived with %(size)d bytes instead of %(promised)d. Send it again.") % figures)
    digest = storage.sha256_of(path)
    if upload.sha256 and digest != upload.sha256:
        raise DomainError(
            _("“%(name)s” was damaged on its way: its sha256 is not what the sender declared. Send it again.")
            % {"name": upload.filename}
        )
    run.progress(upload.size, upload.size, "verify")
    artefact = storage.adopt(
        path,
        mime=services.mime_of(upload.filename),
        suffix=_suffix(upload.filename),
        production_id=upload.production_id,
        digest=digest,
        fence=run.checkpoint,
    )
    receive = receivers.find(str(upload.purpose.get("kind", "")))
    with transaction.atomic():
        run.fence()
        services.stored(upload, artefact)
        receive(upload, artefact)
    return {"sha256": artefact.sha256}


def _suffix(filename: str) -> str:
    tail = filename.rpartition(".")[2] if "." in filename else ""
    return f".{tail.lower()}" if tail.isalnum() and len(tail) < 10 else ""


def refuse(upload: Upload, sentence: str) -> None:
    services.refuse(upload, sentence)
    told = receivers.REFUSERS.get(str(upload.purpose.get("kind", "")))
    if told is not None:
        told(upload)
