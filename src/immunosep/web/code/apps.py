from django.apps import AppConfig


class SealedCodeConfig(AppConfig):
    name = "immunosep.web.code"
    label = "code"
