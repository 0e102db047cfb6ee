"""Read the store's books. Callers have checked that the reader is in the production."""

from uuid import UUID

from django.db.models import Sum

from studio.media.models import Artefact, ArtefactUse, Upload
from studio.media.states import OPEN


def artefact_of(production_id: UUID, sha256: str, *, guest: bool) -> Artefact | None:
    """The artefact if the production uses it; for a guest only if that use is not internal."""
    uses = ArtefactUse.objects.filter(production_id=production_id, artefact_id=sha256).select_related("artefact")
    if guest:
        uses = uses.filter(internal=False)
    use = uses.first()
    return use.artefact if use else None


def used_bytes(production_id: UUID, *, but: UUID | None = None) -> int:
    """What the production holds, and what it has promised to uploads that are still coming (all `but` one)."""
    held = ArtefactUse.objects.filter(production_id=production_id).aggregate(n=Sum("artefact__size"))["n"] or 0
    coming = Upload.objects.filter(production_id=production_id, state__in=[*OPEN, "received", "verifying"])
    if but is not None:
        coming = coming.exclude(pk=but)
    promised = coming.aggregate(n=Sum("size"))["n"] or 0
    return int(held) + int(promised)
