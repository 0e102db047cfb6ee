"""Every address of the studio. Apps that have pages or forms bring a `urls` module."""

from importlib.util import find_spec

from django.urls import include, path

from studio.config.api import api
from studio.core import converters

converters.register()

APPS = ("accounts", "media", "jobs", "pipeline", "footage", "generation", "comps", "reviews", "releases")

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    *(path("", include(f"studio.{app}.urls")) for app in APPS if find_spec(f"studio.{app}.urls")),
    path("", include("studio.pipeline.pages")),
]
