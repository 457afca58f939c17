"""The addresses of the programming interface, version 1."""

from django.urls import include, path

from immunosep.web.api.document import openapi
from immunosep.web.api.problems import nothing_here
from immunosep.web.api.views import doses, enrolment, overseeing, pages, patients, queries, safety
from immunosep.web.api.views import trial as the_trial

ONE_PAGE = "patients/<str:number>/pages/<int:pk>"
VERSION_1 = [
    path("openapi.json", openapi, name="api_document"),
    path("trial", the_trial.TheTrial.as_view(), name="api_trial"),
    path("centres", the_trial.Centres.as_view(), name="api_centres"),
    path("patients", patients.Patients.as_view(), name="api_patients"),
    path("patients/<str:number>", patients.OnePatient.as_view(), name="api_patient"),
    path("patients/<str:number>/verdict", patients.PatientVerdict.as_view(), name="api_verdict"),
    path("patients/<str:number>/consent", enrolment.Consent.as_view(), name="api_consent"),
    path("patients/<str:number>/withdrawal", enrolment.Withdrawal.as_view(), name="api_withdraw"),
    path("patients/<str:number>/values", enrolment.Values.as_view(), name="api_values"),
    path("patients/<str:number>/laboratory", enrolment.Laboratory.as_view(), name="api_results"),
    path("patients/<str:number>/randomise", enrolment.Randomisation.as_view(), name="api_allocate"),
    path("patients/<str:number>/in-error", enrolment.InError.as_view(), name="api_in_error"),
    path("patients/<str:number>/not-enrolled", enrolment.NotEnrolled.as_view(), name="api_refuse"),
    path("patients/<str:number>/screen-again", enrolment.ScreenAgain.as_view(), name="api_again"),
    path("patients/<str:number>/doses", doses.Doses.as_view(), name="api_doses"),
    path("patients/<str:number>/doses/receive", doses.ReceiveDose.as_view(), name="api_receive"),
    path("patients/<str:number>/doses/give", doses.GiveDose.as_view(), name="api_give"),
    path("patients/<str:number>/pages", pages.Pages.as_view(), name="api_pages"),
    path("patients/<str:number>/missed", pages.Missed.as_view(), name="api_missed"),
    path(ONE_PAGE, pages.OnePage.as_view(), name="api_page"),
    path(f"{ONE_PAGE}/values", pages.PageValues.as_view(), name="api_page_values"),
    path(f"{ONE_PAGE}/complete", pages.CompletePage.as_view(), name="api_complete"),
    path(f"{ONE_PAGE}/reopen", pages.ReopenPage.as_view(), name="api_reopen"),
    path(f"{ONE_PAGE}/queries", queries.PageQueries.as_view(), name="api_ask"),
    path(f"{ONE_PAGE}/report", safety.ReportEvent.as_view(), name="api_report"),
    path(f"{ONE_PAGE}/follow-up", safety.FollowEvent.as_view(), name="api_follow_up"),
    path("queries", queries.Queries.as_view(), name="api_queries"),
    path("queries/<int:pk>", queries.OneQuery.as_view(), name="api_query"),
    path("queries/<int:pk>/answer", queries.AnswerQuery.as_view(), name="api_answer"),
    path("queries/<int:pk>/close", queries.CloseQuery.as_view(), name="api_close"),
    path("queries/<int:pk>/reopen", queries.ReopenQuery.as_view(), name="api_ask_again"),
    path("adverse-events", safety.AdverseEvents.as_view(), name="api_events"),
    path("deviations", overseeing.Deviations.as_view(), name="api_deviations"),
    path("deviations/<int:pk>/judge", overseeing.JudgeDeviation.as_view(), name="api_judge"),
    path("screening-log", overseeing.ScreeningLog.as_view(), name="api_log"),
    path("audit", overseeing.AuditTrail.as_view(), name="api_audit"),
    path("vital-status", overseeing.VitalStatuses.as_view(), name="api_vital"),
    path("<path:rest>", nothing_here, name="api_nothing"),
]
urlpatterns = [path("api/1/", include(VERSION_1))]
