"""The addresses of unblinding that need no key: asking, and the register."""

from django.urls import path

from immunosep.web.unblinding import views

urlpatterns = [
    path("", views.unblindings, name="unblindings"),
    path("enter/", views.enter, name="enter_unblinding"),
    path("<int:pk>/review/", views.review, name="review_unblinding"),
    path("<str:number>/", views.unblind, name="unblind"),
]
