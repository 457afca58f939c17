from django.apps import AppConfig


class CasebookConfig(AppConfig):
    name = "immunosep.web.casebook"
    label = "casebook"
