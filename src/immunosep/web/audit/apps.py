from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "immunosep.web.audit"
    label = "audit"
