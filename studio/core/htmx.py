"""Small answers to htmx: a toast, a closed dialog, another page."""

from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

R = TypeVar("R", bound=HttpResponseBase)


def toast(response: R, text: object, *, level: str = "good", undo: str = "") -> R:
    """Let the page say `text` at its lower right.

    Level: good | info | error; undo: an address that takes it back (POST).
    """
    return trigger_client_event(response, "toast", {"text": str(text), "level": level, "undo": undo})


def close_dialog(response: R) -> R:
    """Close the page's open dialogs after this answer."""
    return trigger_client_event(response, "close-dialog", {})


def go(request: HttpRequest, name: str, *args: Any) -> HttpResponse:
    """On to another page after a form, whether htmx sent it (its errors then stand beside the form) or the browser."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(reverse(name, args=args))
    return redirect(name, *args)
