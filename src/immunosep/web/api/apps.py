from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "immunosep.web.api"
    label = "api"
