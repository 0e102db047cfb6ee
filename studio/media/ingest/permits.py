"""The signed permit: whoever carries it may fill one upload, from one origin, until it expires. No cookies."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from studio.media.ingest.errors import Refusal
from studio.media.services import SALT


@dataclass(frozen=True)
class Permit:
    upload: UUID
    size: int
    origin: str
    language: str


def read(authorization: str) -> Permit:
    """The permit in `Authorization: Permit ...`. Raises Refusal 401 without one, or with a forged or expired one."""
    scheme, _space, token = authorization.partition(" ")
    if scheme.lower() != "permit" or not token:
        raise Refusal(401, _("This upload has no permit. Start it from the studio's page."), code="permit")
    try:
        said = signing.loads(token.strip(), salt=SALT)
        permit = Permit(UUID(said["upload"]), int(said["size"]), str(said["origin"]), str(said["language"]))
        until = int(said["until"])
    except (signing.BadSignature, KeyError, ValueError, TypeError):
        raise Refusal(401, _("This upload's permit is not one of ours. Start it again."), code="permit") from None
    if time.time() > until:
        raise Refusal(410, _("The time for this upload is over. Start it again."), code="expired")
    return permit


def check_origin(permit: Permit, origin: str | None) -> None:
    """A page may send only from the origin the permit was made for; a script sends no origin. Raises Refusal 403."""
    if origin is not None and (not permit.origin or origin != permit.origin):
        raise Refusal(403, _("This permit is for uploads from another address."), code="origin")


def may_ask(origin: str, host: str) -> bool:
    """Whether a page of `origin` may even ask (a preflight carries no permit): the studio's own address or host."""
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False
    if settings.CSRF_TRUSTED_ORIGINS and origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return parts.hostname == urlsplit(f"//{host}").hostname
