from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "immunosep.web.followup"
    label = "followup"
