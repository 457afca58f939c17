"""The addresses of amendments."""

from django.urls import path

from immunosep.web.amendments import views

urlpatterns = [
    path("", views.amendments, name="amendments"),
    path("versions/<slug:digest>/", views.version, name="amendment_version"),
    path("<int:number>/", views.amendment, name="amendment"),
    path("<int:number>/at/<slug:centre>/", views.at_centre, name="amendment_at"),
]
