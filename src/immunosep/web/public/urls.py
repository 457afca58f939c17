"""The addresses anyone may open: the study, its centres, and what a search engine may read."""

from django.urls import path

from immunosep.web.public import views

urlpatterns = [
    path("", views.study, name="study"),
    path("find-centre/", views.find_centre, name="find_centre"),
    path("robots.txt", views.robots, name="robots"),
    path("components/", views.components, name="components"),
]
