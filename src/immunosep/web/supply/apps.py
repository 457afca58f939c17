from django.apps import AppConfig


class SupplyConfig(AppConfig):
    name = "immunosep.web.supply"
    label = "supply"
