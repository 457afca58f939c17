"""The addresses of cleaning the data: queries, pages, participants, centres, the trial."""

from django.urls import path

from immunosep.web.casebook.views import locks, pages, queries, signing

urlpatterns = [
    path("", locks.cleaning, name="cleaning"),
    path("centres/<str:pk>/", locks.clean_centre, name="clean_centre"),
    path("participants/<str:number>/", locks.clean_participant, name="clean_participant"),
    path("participants/<str:number>/sign/<str:block>/", signing.sign_block, name="sign_block"),
    path(
        "participants/<str:number>/sign/<str:block>/confirm/",
        signing.confirm_signature,
        name="confirm_signature",
    ),
    path("pages/<int:pk>/", pages.clean_page, name="clean_page"),
    path("queries/", queries.queries, name="queries"),
    path("queries/<int:pk>/", queries.query, name="query"),
]
