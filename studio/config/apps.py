from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "studio.config"
    label = "studio_config"

    def ready(self) -> None:
        """Every process sends hints, so every process knows the broker. (Settings are not there yet at import time.)"""
        import_module("studio.config.celery")
