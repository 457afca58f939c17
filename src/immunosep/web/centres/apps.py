from django.apps import AppConfig


class CentresConfig(AppConfig):
    name = "immunosep.web.centres"
    label = "centres"
