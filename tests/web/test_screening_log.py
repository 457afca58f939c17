"""The screening log, its counts, its export without identifiers, and why one is not enrolled."""

import csv
import io

import pytest
import time_machine

from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import NotEnrolled
from immunosep.web.enrolment.not_enrolling import not_enrol
from tests.web.at_bedside import bedside, consent, patient_of, randomised_patient, url, wall
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

LOG, EXPORT = "/patients/log/", "/patients/log/export.csv"


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("page", [LOG, EXPORT])
@pytest.mark.parametrize("who", ["stranger", "laboratory", "pharmacist", "administrator"])
def test_the_log_is_closed_to_other_roles(cast: Cast, log_in: LogIn, page: str, who: str) -> None:
    assert log_in(getattr(cast, who)).get(page).status_code == 403


def test_the_log_of_another_centre_is_empty(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    abroad = log_in(cast.foreign_consultant)
    assert patient.pk not in abroad.get(LOG).content.decode()
    assert abroad.get(EXPORT).content.decode().splitlines() == ["centre,outcome,reason_ids,reasons"]


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 403), ("monitor", 403), ("foreign_consultant", 404)]
)
def test_others_do_not_say_why(cast: Cast, log_in: LogIn, who: str, status: int) -> None:
    client, patient = log_in(getattr(cast, who)), patient_of(cast)
    sent = {"reasons": ["declined"], "reason": "a slip"}
    assert client.post(url("not_enrolled", patient), sent).status_code == status
    assert client.post(url("screen_again", patient), sent).status_code == status
    assert not NotEnrolled.objects.exists()


def test_what_screening_found_is_ticked(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    answer = client.post(url("screen", patient), bedside(patient, hiv="yes"))
    assert answer["Location"] == url("patient", patient)
    assert url("not_enrolled", patient) in client.get(answer["Location"]).content.decode()
    page = client.get(url("not_enrolled", patient)).content.decode()
    assert page.count("checked") == 1
    assert 'value="hiv" checked' in page


def test_reasons_are_kept_by_id_and_shown_in_words(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    sent = {"reasons": ["hiv", "declined"], "note": "asked twice"}
    assert client.post(url("not_enrolled", patient), sent).status_code == 302
    page = client.get(LOG).content.decode()
    assert "HIV infection; Declined by the patient or the relatives (asked twice)" in page
    assert Event.objects.latest("sequence").after == {"reasons": ["hiv", "declined"]}


def test_the_same_again_is_one(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    for reasons in (["declined"], ["hiv"]):
        client.post(url("not_enrolled", patient), {"reasons": reasons})
    assert NotEnrolled.objects.get().reasons == ["declined"]


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Choose at least one reason"),
        ({"reasons": ["bad luck"]}, "not on the list"),
        ({"reasons": ["other"]}, "Say in the note"),
        ({"reasons": ["declined"], "note": "x" * 301}, "longer than 300"),
    ],
)
def test_a_reason_that_tells_nothing_is_refused(
    cast: Cast, log_in: LogIn, sent: dict[str, object], told: str
) -> None:
    answer = log_in(cast.nurse).post(url("not_enrolled", patient_of(cast)), sent)
    assert (answer.status_code, NotEnrolled.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_a_participant_is_enrolled_and_stays_so(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    patient = randomised_patient(cast, client)
    answer = client.post(url("not_enrolled", patient), {"reasons": ["declined"]})
    assert b"is randomised, and so enrolled" in answer.content


def test_it_is_taken_back_with_a_reason(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.nurse), patient_of(cast)
    not_enrol(patient.pk, reasons=["declined"], by=cast.nurse, now=NOW)
    assert b"Screen again" in client.get(url("not_enrolled", patient)).content
    assert client.post(url("screen_again", patient), {"reason": ""}).status_code == 422
    for _ in "ab":
        sent = {"reason": "the family thought again"}
        assert client.post(url("screen_again", patient), sent).status_code == 302
    assert not NotEnrolled.objects.exists()
    assert Event.objects.latest("sequence").before == {"reasons": ["declined"], "note": ""}


def test_the_counts_add_up(cast: Cast, log_in: LogIn) -> None:
    client = log_in(cast.consultant)
    randomised = randomised_patient(cast, client)
    patient_of(cast)
    for reasons in (["hiv"], ["hiv", "declined"]):
        not_enrol(patient_of(cast).pk, reasons=reasons, by=cast.nurse, now=NOW)
    sent = {"kind": "stop_all_keep_data", "at": wall(NOW)}
    client.post(url("withdraw", randomised), sent)
    client.post(url("in_error", randomised), {"reason": "consent was not for this"})
    counts = client.get(LOG).context["counts"]
    assert (counts.screened, counts.in_screening, counts.not_enrolled) == (4, 1, 2)
    assert (counts.randomised, counts.treated, counts.withdrew, counts.in_error) == (1, 0, 1, 1)
    assert dict(counts.by_reason)["HIV infection"] == 2


def test_the_export_has_no_identifier(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    client.post(url("consent", patient), consent(cast))
    not_enrol(patient.pk, reasons=["declined"], note="his brother", by=cast.nurse, now=NOW)
    text = client.get(EXPORT).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows == [
        {
            "centre": cast.jena.pk,
            "outcome": "not enrolled",
            "reason_ids": "declined",
            "reasons": "Declined by the patient or the relatives",
        }
    ]
    assert [word for word in (patient.pk, "2026", "brother") if word in text] == []


def test_the_exports_order_tells_nobodys_number(cast: Cast, log_in: LogIn) -> None:
    for reason in ("no_time", "declined"):
        not_enrol(patient_of(cast).pk, reasons=[reason], by=cast.nurse, now=NOW)
    lines = log_in(cast.consultant).get(EXPORT).content.decode().splitlines()[1:]
    assert lines == sorted(lines)
