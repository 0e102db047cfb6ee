"""The web process: pages and the one WebSocket consumer."""

import os

from studio.bootstrap.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studio.config.settings")
if os.environ.get("HUO_SUPERVISED"):
    die_with_parent()  # granian's worker must not outlive granian and keep its port

from django.core.asgi import get_asgi_application

django_app = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import AllowedHostsOriginValidator  # noqa: E402
from django.urls import path  # noqa: E402

from studio.config.consumer import ProductionEvents  # noqa: E402
from studio.config.origin import SameOrigin  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_app,
        "websocket": AllowedHostsOriginValidator(
            SameOrigin(AuthMiddlewareStack(URLRouter([path("ws/p/<slug:slug>/", ProductionEvents.as_asgi())])))
        ),
    }
)
