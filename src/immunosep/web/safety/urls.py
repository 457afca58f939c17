"""The addresses of safety."""

from django.urls import path

from immunosep.web.safety import views

urlpatterns = [
    path("", views.safety, name="safety"),
    path("listing/", views.listing, name="safety_listing"),
    path("listing.csv", views.listing_csv, name="safety_listing_csv"),
    path("events/<int:pk>/", views.event, name="safety_event"),
    path("events/<int:pk>/report/", views.report, name="report_serious"),
    path("events/<int:pk>/follow-up/", views.add_follow_up, name="add_follow_up"),
    path("events/<int:pk>/assess/", views.judge, name="assess_event"),
    path("events/<int:pk>/submit/", views.sent, name="submit_event"),
    path("events/<int:pk>/code/", views.coded, name="code_event"),
]
