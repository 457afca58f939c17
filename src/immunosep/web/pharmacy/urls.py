"""The addresses of the unblinded pharmacy, in a keyed process alone."""

from django.urls import path

from immunosep.web.pharmacy import depot_views, stock_views, views

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("orders/<str:number>/", views.prepare_order, name="prepare"),
    path("orders/<str:number>/labels.pdf", views.labels, name="labels"),
    path("orders/<str:number>/hand-over/", views.hand_over_all, name="hand_over_all"),
    path("preparations/<str:number>/check/", views.check, name="check"),
    path("preparations/<str:number>/label.pdf", views.label, name="label"),
    path("preparations/<str:number>/hand-over/", views.hand_over, name="hand_over"),
    path("preparations/<str:number>/discard/", views.discard, name="discard"),
    path("stock/", stock_views.stock, name="stock"),
    path("stock/<str:centre>/", stock_views.stock, name="stock_of"),
    path("depot/", depot_views.depot, name="depot"),
    path("depot/send/", depot_views.send, name="send"),
    path("packing/", depot_views.packing, name="packing"),
    path("packing/<str:batch>/list.csv", depot_views.batch_list, name="batch_list"),
    path("packing/<str:batch>/labels.pdf", depot_views.batch_labels, name="batch_labels"),
]
