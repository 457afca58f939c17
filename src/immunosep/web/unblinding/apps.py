from django.apps import AppConfig


class UnblindingConfig(AppConfig):
    name = "immunosep.web.unblinding"
    label = "unblinding"
