"""The addresses of follow-up."""

from django.urls import path

from immunosep.web.followup.views import casebook, doses, due, pages, timeline

urlpatterns = [
    path("follow-up/", due.follow_up, name="follow_up"),
    path("patients/<str:number>/casebook/", casebook.casebook, name="casebook"),
    path("patients/<str:number>/casebook/timeline/", timeline.timeline, name="timeline"),
    path("patients/<str:number>/casebook/doses/", doses.dose_plan, name="dose_plan"),
    path("patients/<str:number>/casebook/carry/", casebook.carry, name="carry_over"),
    path("patients/<str:number>/casebook/missed/", casebook.missed, name="missed_visit"),
    path("patients/<str:number>/casebook/new/<str:form>/", pages.new_page, name="new_page"),
    path("patients/<str:number>/casebook/check/<str:form>/", pages.check, name="page_check"),
    path("patients/<str:number>/casebook/pages/<int:pk>/", pages.page, name="casebook_page"),
    path("patients/<str:number>/casebook/pages/<int:pk>/step/", pages.step, name="page_step"),
]
