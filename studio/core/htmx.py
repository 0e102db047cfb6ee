"""Small answers to htmx: a toast, a closed dialog."""

from typing import TypeVar

from django.http import HttpResponseBase
from django_htmx.http import trigger_client_event

R = TypeVar("R", bound=HttpResponseBase)


def toast(response: R, text: object, *, level: str = "good", undo: str = "") -> R:
    """Let the page say `text` at its lower right.

    Level: good | info | error; undo: an address that takes it back (POST).
    """
    return trigger_client_event(response, "toast", {"text": str(text), "level": level, "undo": undo})


def close_dialog(response: R) -> R:
    """Close the page's open dialogs after this answer."""
    return trigger_client_event(response, "close-dialog", {})
