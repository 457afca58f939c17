"""The addresses of blinded supply."""

from django.urls import path

from immunosep.web.supply import views

urlpatterns = [
    path("orders/", views.orders, name="orders"),
    path("preparations/<str:number>/receive/", views.receive, name="receive"),
    path("preparations/<str:number>/discard/", views.discard_dose, name="discard_dose"),
]
