"""The addresses of oversight."""

from django.urls import path

from immunosep.web.oversight.views import dashboard, delegation, deviations

urlpatterns = [
    path("", dashboard.oversight, name="oversight"),
    path("deviations/", deviations.deviations, name="deviations"),
    path("deviations/csv/", deviations.deviations_csv, name="deviations_csv"),
    path("deviations/look/", deviations.look, name="look_for_deviations"),
    path("deviations/at/<slug:centre>/", deviations.report, name="report_deviation"),
    path("deviations/<int:pk>/", deviations.deviation, name="deviation"),
    path("delegation/", delegation.delegations, name="delegations"),
    path("delegation/<slug:centre>/", delegation.delegation, name="delegation"),
]
