"""Bearer tokens for scripts."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja.security import HttpBearer

from studio.accounts.models import ApiToken, User


class Bearer(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """The token's owner becomes the request's user; None (401) for an unknown, expired or disabled one."""
        now = datetime.now(UTC)
        alive = Q(expires_at=None) | Q(expires_at__gt=now)
        row = (
            ApiToken.objects.filter(alive, sha256=ApiToken.digest(token), user__is_active=True)
            .select_related("user")
            .first()
        )
        if row is None:
            return None
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
        request.user = row.user
        user: User = row.user
        return user


bearer = Bearer()
