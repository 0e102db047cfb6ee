"""Who takes an upload once its bytes are verified and kept: by what it was uploaded for."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from studio.core.errors import DomainError
from studio.media.models import Artefact, Upload

Receiver = Callable[[Upload, Artefact], Any]
RECEIVERS: dict[str, Receiver] = {}
REFUSERS: dict[str, Callable[[Upload], None]] = {}


def receiver(kind: str, *, corrupt: Callable[[Upload], None] | None = None) -> Callable[[Receiver], Receiver]:
    """Register `function(upload, artefact)` for uploads whose `purpose["kind"]` is `kind` ("take", "plate").

    It runs inside the transaction that marks the upload stored, so both happen or neither; queue slow work as a job.
    A DomainError it raises refuses the file: the upload becomes corrupt with that sentence. corrupt(upload): told of
    any upload of this kind whose bytes were refused.
    """

    def register(function: Receiver) -> Receiver:
        known = RECEIVERS.get(kind)
        if known is not None and known is not function:
            raise ValueError(f"Two receivers for {kind!r}: {known.__module__} and {function.__module__}")
        RECEIVERS[kind] = function
        if corrupt is not None:
            REFUSERS[kind] = corrupt
        return function

    return register


def find(kind: str) -> Receiver:
    try:
        return RECEIVERS[kind]
    except KeyError:
        raise DomainError(_("Nothing here takes an upload for “%(kind)s”.") % {"kind": kind}) from None
