"""The addresses of centres."""

from django.urls import path

from immunosep.web.administration import centre_views as views

urlpatterns = [
    path("", views.centres, name="centres"),
    path("<slug:pk>/", views.centre, name="centre"),
]
