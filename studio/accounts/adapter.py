"""Sign-in rules: nobody signs up by themselves; a person joins through an invitation."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse


class InvitedOnly(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """A browser that never saw this person speaks their language from the first page on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=365 * 86400, samesite="Lax")
        return response

    def add_message(self, request: HttpRequest, level: Any, *args: Any, **kwargs: Any) -> None:
        """Signing in and out shows for itself; other news become toasts."""
        template = kwargs.get("message_template") or (args[0] if args else "") or ""
        if "logged_" not in str(template):
            super().add_message(request, level, *args, **kwargs)
