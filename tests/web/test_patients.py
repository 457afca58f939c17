"""The list of patients, adding one, and the page of one."""

import uuid

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from immunosep.errors import RefusedError
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.centres.actions import set_status
from immunosep.web.centres.models import Status
from immunosep.web.enrolment.models import Patient
from immunosep.web.enrolment.not_enrolling import not_enrol
from immunosep.web.enrolment.recording import add_patient
from tests.web.at_bedside import (
    bedside,
    patient_of,
    randomised_patient,
    ready_patient,
    results,
    url,
)
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

LIST = "/patients/"


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("who", ["stranger", "pharmacist", "laboratory", "administrator"])
def test_the_list_is_closed_to_other_roles(cast: Cast, log_in: LogIn, who: str) -> None:
    assert log_in(getattr(cast, who)).get(LIST).status_code == 403


def test_a_patient_of_another_centre_is_absent(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    abroad = log_in(cast.foreign_consultant)
    assert abroad.get(url("patient", patient)).status_code == 404
    assert abroad.get(reverse("patient", args=["01-9999"])).status_code == 404
    assert patient.pk not in abroad.get(LIST).content.decode()


def test_the_page_is_closed_to_other_roles_of_the_centre(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    assert log_in(cast.laboratory).get(url("patient", patient)).status_code == 403


def test_adding_gives_the_next_number_and_leads_to_screening(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.nurse)
    sent = {"centre": cast.jena.pk, "request": str(uuid.uuid4())}
    answer = client.post(LIST, sent)
    assert answer["Location"] == reverse("screen", args=["01-0001"])
    client.post(LIST, sent | {"request": str(uuid.uuid4())})
    assert list(Patient.objects.values_list("pk", flat=True)) == ["01-0001", "01-0002"]
    assert Event.objects.filter(action="enrolment.add_patient").count() == 2


def test_adding_twice_from_one_page_adds_one(cast: Cast, log_in: LogIn) -> None:
    client, sent = log_in(cast.nurse), {"centre": cast.jena.pk, "request": str(uuid.uuid4())}
    first, second = client.post(LIST, sent), client.post(LIST, sent)
    assert (first["Location"], Patient.objects.count()) == (second["Location"], 1)


def test_adding_without_a_page_number_still_adds(cast: Cast, log_in: LogIn) -> None:
    answer = log_in(cast.nurse).post(LIST, {"centre": cast.jena.pk, "request": "none"})
    assert answer.status_code == 302


def test_adding_at_another_centre_is_absent(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).post(LIST, {"centre": cast.athens.pk}).status_code == 404
    assert not Patient.objects.exists()


def test_a_monitor_may_look_but_not_add(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.monitor)
    assert b"Add a patient" not in client.get(LIST).content
    assert client.post(LIST, {"centre": cast.jena.pk}).status_code == 404


def test_nothing_that_identifies_is_asked(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.nurse).get(LIST).content.decode()
    assert page.count("<input") - page.count('type="hidden"') == 0


def test_a_paused_centre_adds_nobody(cast: Cast, log_in: LogIn) -> None:
    set_status(cast.jena, Status.PAUSED, by=Site(), now=NOW)
    answer = log_in(cast.nurse).post(LIST, {"centre": cast.jena.pk})
    assert (answer.status_code, Patient.objects.count()) == (422, 0)
    assert b"The centre is paused" in answer.content


def test_a_page_adds_one_patient(cast: Cast) -> None:
    asked = uuid.uuid4()
    add_patient(cast.jena, by=cast.nurse, now=NOW, request=asked)
    with pytest.raises(IntegrityError), transaction.atomic():
        Patient.objects.create(
            number="01-9", centre=cast.jena, added_at=NOW, added_by=cast.nurse, request=asked
        )


def test_numbers_go_on_after_a_refusal(cast: Cast) -> None:
    patient_of(cast)
    set_status(cast.jena, Status.PAUSED, by=Site(), now=NOW)
    with pytest.raises(RefusedError):
        patient_of(cast)
    set_status(cast.jena, Status.OPEN, by=Site(), now=NOW)
    assert patient_of(cast).pk == "01-0002"


def stage_on(client: Client, patient: Patient) -> str:
    page: str = client.get(url("patient", patient)).content.decode()
    return page.partition('class="badge ')[2].partition(">")[2].partition("<")[0]


def test_the_page_tells_each_stage(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    assert stage_on(client, patient) == "Screening"
    client.post(url("screen", patient), bedside(patient))
    assert stage_on(client, patient) == "Waiting for consent"
    assert (
        b"52 h 0 min left until 4 Mar 2026 14:00 CET" in client.get(url("patient", patient)).content
    )
    assert b"52 h 0 min" in client.get(LIST).content


def test_the_list_shows_ready_and_decided(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    ready_patient(cast, client)
    out = patient_of(cast)
    not_enrol(out.pk, reasons=["declined"], by=cast.nurse, now=NOW)
    page = client.get(LIST).content.decode()
    open_part, closed_part = page.split("<h2>Decided</h2>")
    assert "Ready to randomise" in open_part
    assert out.pk in closed_part
    assert out.pk not in open_part


def test_the_next_action_is_in_words_for_who_may_not(cast: Cast, log_in: LogIn) -> None:
    patient = ready_patient(cast, log_in(cast.consultant))
    page = log_in(cast.nurse).get(url("patient", patient)).content
    assert b"An investigator may randomise now." in page
    assert url("randomise", patient).encode() not in page


def test_a_corrected_value_after_randomisation_is_told_and_freezes_nothing(
    cast: Cast, log_in: LogIn
) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    frozen = patient.allocation.values
    assert b"would be" not in client.get(url("patient", patient)).content
    correct_ferritin(client, patient)
    page = client.get(url("patient", patient)).content.decode()
    assert "the immune state would be: Macrophage activation-like syndrome" in page
    patient.allocation.refresh_from_db()
    assert (patient.allocation.values, patient.allocation.immune_state) == (
        frozen,
        "immunoparalysis",
    )


def correct_ferritin(client: Client, patient: Patient) -> None:
    sent = results(patient, ferritin_ng_ml="9000", reason="read from the wrong tube")
    assert client.post(url("laboratory_result", patient), sent).status_code == 302


def test_one_centre_of_several_can_be_chosen(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    client = log_in(cast.monitor)
    assert patient.pk in client.get(LIST, {"centre": cast.jena.pk}).content.decode()
    assert patient.pk not in client.get(LIST, {"centre": cast.athens.pk}).content.decode()
