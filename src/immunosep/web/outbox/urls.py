"""The addresses of notices and webhooks."""

from django.urls import path

from immunosep.web.outbox import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/<uuid:pk>/", views.notice, name="notice"),
    path("webhooks/", views.webhooks, name="webhooks"),
    path("webhooks/<int:pk>/end/", views.end, name="end_webhook"),
    path("webhooks/messages/<uuid:pk>/again/", views.again, name="send_again"),
]
