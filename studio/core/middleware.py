"""Answers domain errors with their sentence, and sets the headers every page carries."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from studio.core.errors import DomainError

# Scripts, styles and pictures come from the studio alone; uploads go to the ingest's own port or path.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self'; connect-src 'self' ws: wss: {ingest}; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'"
)


class PageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(ingest=ingest_origin(request)))
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A domain error becomes its sentence: JSON for the API, a small partial for htmx, a page otherwise."""
        if not isinstance(error, DomainError):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"error": str(error), "code": error.code}, status=error.status)
        template = "core/error.html#sentence" if getattr(request, "htmx", False) else "core/error.html"
        return render(request, template, {"error": error}, status=error.status)


def ingest_origin(request: HttpRequest) -> str:
    """Where this page's uploads go: the configured address, else the ingest's port on the page's own host."""
    if settings.INGEST_URL:
        return str(settings.INGEST_URL)
    host = request.get_host().rsplit(":", 1)[0] if not request.get_host().endswith("]") else request.get_host()
    return f"{request.scheme}://{host}:{settings.INGEST_PORT}"
