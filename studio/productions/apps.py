from django.apps import AppConfig


class ProductionsConfig(AppConfig):
    name = "studio.productions"
    label = "productions"
