from django.apps import AppConfig


class OversightConfig(AppConfig):
    name = "immunosep.web.oversight"
    label = "oversight"
