from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "immunosep.web.accounts"
    label = "accounts"
