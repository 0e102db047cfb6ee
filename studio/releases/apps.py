from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "studio.releases"
    label = "releases"
