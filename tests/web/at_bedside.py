"""What a bedside team sends: the pages of enrolment as forms, for the tests that walk them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client
from django.urls import reverse

from immunosep.protocol.forms import FilledBy
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.enrolment.recording import add_patient, last_entry
from tests.web.people import ELIGIBLE, NOW, PASSWORD, Cast

BERLIN = ZoneInfo("Europe/Berlin")
Sent = dict[str, str]


def patient_of(cast: Cast) -> Patient:
    """A patient just added in Jena."""
    return add_patient(cast.jena, by=cast.nurse, now=NOW)


def url(page: str, patient: Patient) -> str:
    """The address of a patient's page."""
    return reverse(page, args=[patient.pk])


def wall(moment: datetime) -> str:
    """A moment as Jena's wall clock shows it, in a field for day and time."""
    return moment.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")


def bedside(patient: Patient, **changed: str) -> Sent:
    """The screening page filled in for the eligible man, and what is changed."""
    asked = columns_of(FilledBy.BEDSIDE)
    sent = {name: _typed(ELIGIBLE[name]) if name in ELIGIBLE else "" for name in asked}
    sent["sepsis_onset_at"] = wall(NOW - timedelta(hours=20))
    return sent | {"seen": str(last_entry(patient)), "do": "save"} | changed


def results(patient: Patient, **changed: str) -> Sent:
    """The laboratory's page filled in: immunoparalysis, drawn an hour ago."""
    sent = {name: _typed(ELIGIBLE[name]) for name in columns_of(FilledBy.LABORATORY)}
    sent["observed_at"] = wall(NOW - timedelta(hours=1))
    return sent | {"seen": str(last_entry(patient))} | changed


def consent(cast: Cast, **changed: str) -> Sent:
    """The consent page filled in: by the patient, half an hour ago."""
    version = str(cast.jena.consentversion_set.get().pk)
    at = wall(NOW - timedelta(minutes=30))
    return {"given_by": "patient", "version": version, "given_at": at} | changed


def ready_patient(cast: Cast, client: Client) -> Patient:
    """A patient taken by the pages, as an investigator, up to randomisation."""
    patient = patient_of(cast)
    for page, sent in (("screen", bedside), ("laboratory_result", results)):
        assert client.post(url(page, patient), sent(patient)).status_code == 302
    assert client.post(url("consent", patient), consent(cast)).status_code == 302
    return patient


def randomised_patient(cast: Cast, client: Client) -> Patient:
    """The same, randomised."""
    patient = ready_patient(cast, client)
    assert client.post(url("randomise", patient), {"password": PASSWORD}).status_code == 302
    return patient


def _typed(value: Any) -> str:
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )
