"""Takes a person may see."""

from typing import Any

from django.db.models import QuerySet

from studio.footage.models import Take
from studio.productions.models import Production, Role, Shot


def takes_for(user: Any, production: Production) -> QuerySet[Take]:
    """The production's takes, newest shoot first. Takes are internal: a guest sees none."""
    inside = production.memberships.filter(user_id=user.pk).exclude(role=Role.GUEST).exists()
    takes = Take.objects.filter(shot__production=production) if inside else Take.objects.none()
    return takes.select_related(
        "shot__production",
        "shot__scene__episode",
        "layer",
        "artefact",
        "uploaded_by",
        "proxy",
        "poster",
        "filmstrip",
        "waveform",
    )


def takes_of(user: Any, shot: Shot) -> QuerySet[Take]:
    return takes_for(user, shot.production).filter(shot=shot).order_by("layer__order", "number")
