from django.apps import AppConfig


class ImportingConfig(AppConfig):
    name = "immunosep.web.importing"
    label = "importing"
