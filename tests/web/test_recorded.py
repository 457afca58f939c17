"""Everything recorded of a patient, as whoever may see patients reads it."""

import pytest
import time_machine

from tests.web.at_bedside import bedside, patient_of, results, url
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("laboratory", 403), ("pharmacist", 403), ("foreign_consultant", 404)],
)
def test_others_read_no_record(cast: Cast, log_in: LogIn, who: str, status: int) -> None:
    page = url("recorded", patient_of(cast))
    assert log_in(getattr(cast, who)).get(page).status_code == status


def test_a_record_without_entries_says_so(cast: Cast, log_in: LogIn) -> None:
    page = log_in(cast.monitor).get(url("recorded", patient_of(cast))).content
    assert b"Nothing is recorded yet." in page


def test_a_monitor_reads_each_value_who_entered_it_and_what_stood_before(
    cast: Cast, log_in: LogIn
) -> None:
    patient, nurse = patient_of(cast), log_in(cast.nurse)
    nurse.post(url("screen", patient), bedside(patient))
    sent = bedside(patient, sofa="9", hiv="", reason="counted again")
    nurse.post(url("screen", patient), sent)
    page = log_in(cast.monitor).get(url("recorded", patient)).content.decode()
    assert "<s>8</s>" in page
    assert "not known" in page
    assert "1 Mar 2026 14:00 CET" in page
    assert "community-acquired pneumonia" in page
    assert "Nora Nurse<br>Reason: counted again" in page


def test_results_show_their_unit_and_when_the_sample_was_drawn(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    client.post(
        url("laboratory_result", patient), results(patient) | {"ferritin_ng_ml.unit": "ug/L"}
    )
    page = client.get(url("recorded", patient)).content.decode()
    assert "800 µg/L" in page
    assert "drawn 2 Mar 2026 09:00 CET" in page
