"""The laboratory's worklist and its page: numbers only, units, the sample's time, corrections."""

from datetime import timedelta

import pytest
import time_machine

from immunosep.trials.immunosep import IMMUNOSEP
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Entry
from immunosep.web.enrolment.not_enrolling import not_enrol
from immunosep.web.enrolment.recording import values_up_to
from tests.web.at_bedside import patient_of, randomised_patient, results, url, wall
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast

LIST = "/patients/laboratory/"
PAGE = "laboratory_result"


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("who", ["stranger", "nurse", "pharmacist", "monitor"])
def test_the_laboratory_is_closed_to_other_roles(cast: Cast, log_in: LogIn, who: str) -> None:
    client, patient = log_in(getattr(cast, who)), patient_of(cast)
    assert client.get(LIST).status_code == 403
    assert client.post(url(PAGE, patient), results(patient)).status_code == 403
    assert not Entry.objects.exists()


def test_another_centres_patient_is_absent(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.foreign_consultant), patient_of(cast)
    assert client.get(url(PAGE, patient)).status_code == 404
    assert patient.pk not in client.get(LIST).content.decode()


def test_the_worklist_has_numbers_and_what_is_needed_and_no_more(cast: Cast, log_in: LogIn) -> None:
    patient, gone = patient_of(cast), patient_of(cast)
    not_enrol(gone.pk, reasons=["declined"], by=cast.nurse, now=NOW)
    page = log_in(cast.laboratory).get(LIST).content.decode()
    assert patient.pk in page
    assert gone.pk not in page
    assert "Ferritin, HLA-DR molecules per monocyte" in page


def test_the_laboratory_sees_no_criterion(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    client.post(url(PAGE, patient), results(patient))
    seen = client.get(LIST).content.decode() + client.get(url(PAGE, patient)).content.decode()
    told = [text for c in IMMUNOSEP.criteria for text in (c.text, c.limit) if text in seen]
    states = [state.label for state in IMMUNOSEP.immune_states if state.label in seen]
    assert (told, states) == ([], [])
    assert "decide the immune state" not in seen


def test_results_are_kept_with_the_time_of_the_sample(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    answer = client.post(url(PAGE, patient), results(patient))
    assert answer["Location"] == LIST
    entry = Entry.objects.get(column="ferritin_ng_ml")
    assert (entry.value, entry.observed_at) == (800, NOW - timedelta(hours=1))
    page = client.get(LIST).content.decode()
    assert "Nobody waits for a result" in page
    assert patient.pk in page


def test_ferritin_may_be_in_micrograms_per_litre(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    page = client.get(url(PAGE, patient)).content.decode()
    assert '<option value="ug/L">µg/L</option>' in page
    client.post(url(PAGE, patient), results(patient) | {"ferritin_ng_ml.unit": "ug/L"})
    assert values_up_to(patient)["ferritin_ng_ml"] == {"value": 800, "unit": "ug/L"}


def test_a_molar_unit_needs_the_molecule_and_is_refused(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    answer = client.post(url(PAGE, patient), results(patient) | {"ferritin_ng_ml.unit": "pmol/L"})
    assert answer.status_code == 422
    assert "factor of the molecule" in answer.content.decode()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "give the day and the time"), (wall(NOW + timedelta(minutes=1)), "in the future")],
)
def test_a_sample_needs_a_time_that_has_been(
    cast: Cast, log_in: LogIn, typed: str, told: str
) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    answer = client.post(url(PAGE, patient), results(patient, observed_at=typed))
    assert (answer.status_code, Entry.objects.count()) == (422, 0)
    assert told in answer.content.decode()


def test_a_correction_asks_why_and_keeps_both(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    client.post(url(PAGE, patient), results(patient))
    assert client.post(url(PAGE, patient), results(patient, ferritin_ng_ml="90")).status_code == 422
    sent = results(patient, ferritin_ng_ml="90", reason="read from the wrong line")
    assert client.post(url(PAGE, patient), sent).status_code == 302
    assert [e.value for e in Entry.objects.filter(column="ferritin_ng_ml")] == [800, 90]
    assert Event.objects.latest("sequence").reason == "read from the wrong line"


def test_the_time_of_a_sample_can_be_corrected_alone(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    client.post(url(PAGE, patient), results(patient))
    earlier = NOW - timedelta(hours=3)
    sent = results(patient, observed_at=wall(earlier), reason="from the tube")
    assert client.post(url(PAGE, patient), sent).status_code == 302
    assert [entry.observed_at for entry in Entry.objects.order_by("-id")[:2]] == [earlier] * 2


def test_a_second_sample_does_not_move_the_first(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.laboratory), patient_of(cast)
    client.post(url(PAGE, patient), results(patient, hla_dr_per_monocyte=""))
    later = wall(NOW - timedelta(minutes=10))
    client.post(url(PAGE, patient), results(patient, observed_at=later))
    assert [entry.column for entry in Entry.objects.all()] == [
        "ferritin_ng_ml",
        "hla_dr_per_monocyte",
    ]
    assert f'value="{later}"' in client.get(url(PAGE, patient)).content.decode()


def test_a_sample_drawn_after_randomisation_is_no_screening_result(
    cast: Cast, log_in: LogIn
) -> None:
    patient = randomised_patient(cast, log_in(cast.consultant))
    count = Entry.objects.count()
    with time_machine.travel(NOW + timedelta(hours=5), tick=False):
        late = wall(NOW + timedelta(hours=4))
        sent = results(patient, ferritin_ng_ml="9000", observed_at=late, reason="day 1")
        answer = log_in(cast.laboratory).post(url(PAGE, patient), sent)
    assert (answer.status_code, Entry.objects.count()) == (422, count)
    assert b"drawn after randomisation" in answer.content


def test_the_bedside_team_goes_on_to_what_comes_next(cast: Cast, log_in: LogIn) -> None:
    client, patient = log_in(cast.consultant), patient_of(cast)
    answer = client.post(url(PAGE, patient), results(patient))
    assert answer["Location"] == url("screen", patient)
