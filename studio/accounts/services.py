"""What people do with their own account."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from studio.accounts.models import ApiToken, User
from studio.core.errors import Invalid, NotThere


@transaction.atomic
def issue_token(*, user: User, name: str, days: int = 0) -> tuple[ApiToken, str]:
    """A new bearer token and its secret, which is shown once and never stored. days: 0 for one that does not expire.

    Raises Invalid for an empty name or a negative number of days.
    """
    if not name.strip() or days < 0:
        raise Invalid(_("Say what the token is for, and for how many days it should work."))
    secret = ApiToken.fresh_secret()
    token = ApiToken.objects.create(
        user=user,
        name=name.strip()[:100],
        sha256=ApiToken.digest(secret),
        expires_at=datetime.now(UTC) + timedelta(days=days) if days else None,
    )
    return token, secret


@transaction.atomic
def revoke_token(*, user: User, token_id: UUID) -> None:
    """Scripts that use this token are refused from now on. Raises NotThere for somebody else's."""
    deleted, _rows = ApiToken.objects.filter(user=user, pk=token_id).delete()
    if not deleted:
        raise NotThere(_("This token is already gone."))


@transaction.atomic
def set_language(*, user: User, language: str) -> None:
    """Remember the language this person reads; empty: what the browser asks for."""
    user.language = language
    user.save(update_fields=["language"])


@transaction.atomic
def update_profile(*, user: User, name: str, language: str) -> None:
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])
