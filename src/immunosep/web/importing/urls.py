"""The addresses of importing: somebody's own files, and nobody else's."""

from django.urls import path

from immunosep.web.importing import views

urlpatterns = [
    path("", views.imports, name="imports"),
    path("<int:pk>/", views.import_, name="import"),
    path("<int:pk>/record/", views.record_, name="record_import"),
    path("<int:pk>/put-away/", views.discard, name="discard_import"),
    path("<int:pk>/left-out.csv", views.left_out_csv, name="left_out_csv"),
]
