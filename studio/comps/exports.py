"""A version's keyed foreground for other programs: asked for, recorded, given up."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from studio.comps.models import Export, Version
from studio.core import events
from studio.core.errors import Conflict, Invalid
from studio.jobs import services as jobs
from studio.jobs.models import Job
from studio.ledger import services as ledger
from studio.media.models import Artefact
from studio.productions import policy
from studio.productions.policy import Action

EXPORT = "comps.export"
SUFFIX = {Export.Kind.PRORES: ".mov", Export.Kind.PNG: "_png.zip", Export.Kind.EXR: "_exr.zip"}
MIMES = {".mov": "video/quicktime", ".zip": "application/zip"}
RENDERED = ("ready", "in_review", "approved", "changes", "superseded")


@transaction.atomic
def start_export(*, actor: Any, version: Version, kind: str) -> Export:
    """Queue the export of `version`'s foreground; one that is being made, or is made, is returned as it is.

    kind: one of `Export.Kind`. Raises Invalid for another, Conflict for a version that was never rendered.
    """
    policy.require(actor, Action.COMP, version)
    if kind not in Export.Kind.values:
        kinds = ", ".join(Export.Kind.values)
        raise Invalid(_("A foreground is exported as one of %(kinds)s.") % {"kinds": kinds})
    if version.state not in RENDERED:
        raise Conflict(_("%(version)s is not rendered, so it has no foreground yet.") % {"version": version.name})
    if not any(layer.get("kind") == "actor" or layer.get("key") is not None for layer in version.recipe["layers"]):
        raise Invalid(_("This version has no keyed layer, so there is no foreground to export."))
    name = f"{version.shot.code}_{version.name}_fg"
    export, _made = Export.objects.get_or_create(
        version=version, kind=kind, defaults={"filename": name + SUFFIX[Export.Kind(kind)], "created_by": actor}
    )
    export = Export.objects.select_for_update(of=("self",)).select_related("job").get(pk=export.pk)
    if export.artefact_id or (export.job is not None and export.job.live):
        return export
    export.error, export.created_by = "", actor
    export.job = jobs.submit(
        EXPORT,
        production_id=version.shot.production_id,
        subject=version,
        title=export.filename,
        payload={"export": str(export.pk)},
        queue="cpu",
        key=f"{EXPORT}:{export.pk}",
        created_by=actor,
    )
    export.save(update_fields=["error", "created_by", "job"])
    _tell(export, "version.export_started")
    return export


def _tell(export: Export, verb: str) -> None:
    version = export.version
    events.publish(
        version.shot.production_id,
        {"verb": verb, "subject": "version", "key": str(version.pk), "code": version.code},
    )


@transaction.atomic
def record_export(*, run: Any, export: Export, artefact: Artefact, seconds_milli: int) -> Export:
    """The file is kept under its sha256 and entered in the books. Raises LeaseLost for an attempt that is not ours."""
    run.fence()
    export.artefact, export.seconds_milli, export.error = artefact, seconds_milli, ""
    export.save(update_fields=["artefact", "seconds_milli", "error"])
    version = export.version
    ledger.record(
        "version.exported",
        production_id=version.shot.production_id,
        subject=version,
        actor=export.created_by,
        made_from=sorted({layer.artefact_sha256 for layer in version.version_layers.all()}),
        data={
            "shot": str(version.shot_id), "recipe": version.recipe_sha256, "kind": export.kind,
            "file": export.filename, "sha256": artefact.pk, "bytes": artefact.size, "seconds_milli": seconds_milli,
        },
    )  # fmt: skip
    return export


def export_failed(job: Job) -> None:
    """The export was given up or cancelled: it says why, and may be asked for again."""
    export = Export.objects.select_related("version__shot").filter(pk=job.payload.get("export")).first()
    if export is not None and not export.artefact_id:
        export.error = job.error or _("The export was given up. Start it again.")
        export.save(update_fields=["error"])
        _tell(export, "version.export_failed")
