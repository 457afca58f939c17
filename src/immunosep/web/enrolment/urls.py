"""The addresses of enrolment."""

from django.urls import path

from immunosep.web.enrolment.views import (
    consent,
    doses,
    laboratory,
    patients,
    randomise,
    record,
    screen,
    screening_log,
)

urlpatterns = [
    path("", patients.patients, name="patients"),
    path("laboratory/", laboratory.laboratory, name="laboratory"),
    path("laboratory/<str:number>/", laboratory.laboratory_result, name="laboratory_result"),
    path("log/", screening_log.screening_log, name="screening_log"),
    path("log/export.csv", screening_log.screening_log_csv, name="screening_log_csv"),
    path("<str:number>/", patients.patient, name="patient"),
    path("<str:number>/record/", record.recorded, name="recorded"),
    path("<str:number>/screen/", screen.screen, name="screen"),
    path("<str:number>/screen/check/", screen.check, name="screen_check"),
    path("<str:number>/consent/", consent.consent, name="consent"),
    path("<str:number>/withdraw/", consent.withdrawal, name="withdraw"),
    path("<str:number>/randomise/", randomise.randomise_patient, name="randomise"),
    path("<str:number>/in-error/", randomise.in_error, name="in_error"),
    path("<str:number>/doses/", doses.doses, name="doses"),
    path("<str:number>/doses/receive/", doses.receive, name="receive_dose"),
    path("<str:number>/doses/give/", doses.give, name="give_dose"),
    path("<str:number>/not-enrolled/", screening_log.not_enrolled, name="not_enrolled"),
    path("<str:number>/screen-again/", screening_log.open_again, name="screen_again"),
]
