"""The addresses of one's tokens."""

from django.urls import path

from immunosep.web.api import token_views as views

urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("<int:pk>/revoke/", views.revoke, name="revoke_token"),
]
