from django.apps import AppConfig


class FootageConfig(AppConfig):
    name = "studio.footage"
    label = "footage"
