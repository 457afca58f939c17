"""The addresses of blinded supply."""

from django.urls import path

from immunosep.web.supply import kit_views, views

urlpatterns = [
    path("orders/", views.orders, name="orders"),
    path("preparations/<str:number>/discard/", views.discard_dose, name="discard_dose"),
    path("kits/", kit_views.kits, name="kits"),
    path("kits/<str:number>/move/", kit_views.move_kit, name="move_kit"),
    path("orders/<str:number>/dispense/", kit_views.dispense_kit, name="dispense"),
    path("shipments/", kit_views.shipments, name="shipments"),
    path("shipments/<str:number>/receive/", kit_views.receive, name="receive_shipment"),
    path("excursions/", kit_views.excursion, name="excursion"),
    path("excursions/<int:pk>/decide/", kit_views.decide_excursion, name="decide_excursion"),
]
