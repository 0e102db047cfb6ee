from django.apps import AppConfig


class CompsConfig(AppConfig):
    name = "studio.comps"
    label = "comps"
