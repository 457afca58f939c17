from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "immunosep.web.safety"
    label = "safety"
