"""The addresses of accounts and roles."""

from django.urls import path

from immunosep.web.accounts import people_views as views

urlpatterns = [
    path("", views.people, name="people"),
    path("access/", views.access_review, name="access_review"),
    path("<int:pk>/", views.person, name="person"),
]
