from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "immunosep.web.public"
    label = "public"
