from importlib import import_module

from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "studio.media"
    label = "media"

    def ready(self) -> None:
        """`Run.store` keeps files in this app's store. (Models are not there yet at import time.)"""
        registry = import_module("studio.jobs.registry")
        registry.keep_with(import_module("studio.media.storage").adopt)
