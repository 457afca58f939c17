"""What a bedside team sends: the pages of enrolment as forms, for the tests that walk them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.test import Client, override_settings
from django.urls import reverse

from immunosep.protocol.forms import FilledBy
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.questions import columns_of
from immunosep.web.enrolment.recording import add_patient, last_entry
from immunosep.web.pharmacy.preparing import check
from immunosep.web.supply.handover import hand_over
from immunosep.web.supply.models import Order, Preparation
from tests.web.people import ELIGIBLE, NOW, PASSWORD, Cast, keys
from tests.web.supplied import prepared, stocked

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


def told_last() -> dict[str, Any]:
    """What the newest event of the audit trail says came of it."""
    after = Event.objects.latest("sequence").after
    assert after is not None
    return dict(after)


@contextmanager
def keyed_process(folder: Path) -> Iterator[None]:
    """What is done within is done by a process that holds the code key, as the pharmacy's does."""
    file = folder / "code.private.pem"
    file.write_bytes(keys().private_pem)
    with override_settings(CODE_KEY_FILE=str(file), KEYED=True):
        yield


def handed_over(
    cast: Cast, patient: Patient, folder: Path, *, route: str = "iv"
) -> list[Preparation]:
    """The doses of one route of the first day, made up, checked and on their way to the ward."""
    order = Order.objects.get(participant=patient.pk, day=1)
    with keyed_process(folder):
        stocked(cast)
        made = prepared(cast, order, route)
        for each in made:
            check(each, label=each.number, by=cast.second_pharmacist, now=NOW)
            hand_over(each, by=cast.pharmacist, now=NOW)
    return made


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
