from django.apps import AppConfig


class AmendmentsConfig(AppConfig):
    name = "immunosep.web.amendments"
    label = "amendments"
