from django.apps import AppConfig


class PharmacyConfig(AppConfig):
    name = "immunosep.web.pharmacy"
    label = "pharmacy"
