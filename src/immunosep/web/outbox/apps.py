from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "immunosep.web.outbox"
    label = "outbox"
