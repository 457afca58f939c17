"""Screening on a page: what is asked, what is answered as one types, what is saved."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction

from immunosep.errors import RefusedError
from immunosep.protocol.forms import FilledBy
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Entry
from immunosep.web.enrolment.recording import last_entry, record_values, values_up_to
from tests.web.at_bedside import bedside, patient_of, results, url
from tests.web.conftest import LogIn
from tests.web.people import NOW, Cast


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("page", ["screen", "screen_check"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("stranger", 403), ("laboratory", 403), ("pharmacist", 403), ("monitor", 403),
     ("foreign_consultant", 404)],
)  # fmt: skip
def test_others_can_neither_check_nor_save(
    cast: Cast, log_in: LogIn, page: str, who: str, status: int
) -> None:
    patient = patient_of(cast)
    answer = log_in(getattr(cast, who)).post(url(page, patient), bedside(patient))
    assert (answer.status_code, Entry.objects.count()) == (status, 0)


def test_a_patient_nobody_added_is_absent(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).get("/patients/01-0404/screen/").status_code == 404


def test_saving_goes_on_to_consent_and_writes_one_entry_a_value(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    answer = log_in(cast.nurse).post(url("screen", patient), bedside(patient))
    assert answer["Location"] == url("consent", patient)
    values = values_up_to(patient)
    assert (values["sofa"], values["sex"], values["hiv"]) == (8, "male", False)
    patient.refresh_from_db()
    assert patient.entries_made == Entry.objects.count() == len(values)


def test_a_time_is_kept_with_the_offset_of_the_centre(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    log_in(cast.nurse).post(url("screen", patient), bedside(patient))
    assert values_up_to(patient)["sepsis_onset_at"] == "2026-03-01T14:00:00+01:00"


def test_saving_the_same_again_writes_nothing(cast: Cast, log_in: LogIn) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    client.post(url("screen", patient), bedside(patient))
    before = Entry.objects.count(), Event.objects.count()
    assert client.post(url("screen", patient), bedside(patient)).status_code == 302
    assert (Entry.objects.count(), Event.objects.count()) == before


def test_the_page_shows_again_what_was_saved(cast: Cast, log_in: LogIn) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    client.post(url("screen", patient), bedside(patient))
    page = client.get(url("screen", patient)).content.decode()
    assert 'name="sex" value="male" aria-describedby="fault-sex" checked' in page
    assert 'value="2026-03-01T14:00"' in page


def test_every_bad_value_is_told_at_once_and_nothing_is_lost_or_written(
    cast: Cast, log_in: LogIn
) -> None:
    patient = patient_of(cast)
    bad = {"sofa": "99", "age_years": "old", "sepsis_onset_at": "2026-02-30T10:00", "sex": "both"}
    answer = log_in(cast.nurse).post(url("screen", patient), bedside(patient, **bad))
    page = answer.content.decode()
    assert (answer.status_code, Entry.objects.count()) == (422, 0)
    assert [f'<a href="#{name}">' in page for name in bad] == [True] * 4
    assert 'value="99"' in page
    assert 'value="old"' in page
    assert "outside the possible 0 to 24" in page


def test_check_answers_without_writing(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    answer = log_in(cast.nurse).post(url("screen", patient), bedside(patient, do="check"))
    page = answer.content.decode()
    assert (answer.status_code, Entry.objects.count()) == (200, 0)
    assert "Still needed: Consent, Ferritin, HLA-DR molecules per monocyte." in page
    assert "52 h 0 min left until 4 Mar 2026 14:00 CET" in page


def test_check_of_a_bad_value_says_so(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    sent = bedside(patient, do="check", sofa="99")
    assert log_in(cast.nurse).post(url("screen", patient), sent).status_code == 422


def test_the_fragment_tells_each_criterion_and_each_fault(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    sent = bedside(patient, hiv="yes", sofa="99", weight_kg="80")
    answer = log_in(cast.nurse).post(url("screen_check", patient), sent)
    page = answer.content.decode()
    assert (answer.status_code, Entry.objects.count()) == (200, 0)
    assert "<html" not in page
    assert '<span class="badge not-met">applies</span>' in page
    assert 'class="verdict ineligible"' in page
    assert '<p id="fault-sofa" hx-swap-oob="true" class="error">' in page


def test_the_fragment_cannot_be_fetched(cast: Cast, log_in: LogIn) -> None:
    assert log_in(cast.nurse).get(url("screen_check", patient_of(cast))).status_code == 405


def test_what_is_against_enrolment_is_said_first(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    page = log_in(cast.nurse).post(url("screen_check", patient), bedside(patient, age_years="17"))
    answer = page.content.decode().partition("</div>")[0]
    assert "An adult: not met." in answer
    assert "Still needed" not in answer


def test_sofa_by_parts_is_shown_with_its_bounds(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    parts = {"sofa": "", "platelets_10e3_ul": "40", "gcs": "9", "creatinine_mg_dl": "6"}
    answer = log_in(cast.nurse).post(url("screen_check", patient), bedside(patient, **parts))
    said = "between 10 and 22: respiration, liver, cardiovascular missing"
    assert said in answer.content.decode()


def test_a_unit_of_the_hospital_is_kept_as_written_and_understood(
    cast: Cast, log_in: LogIn
) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    sent = bedside(patient, creatinine_mg_dl="442,1") | {"creatinine_mg_dl.unit": "umol/L"}
    client.post(url("screen", patient), sent)
    assert values_up_to(patient)["creatinine_mg_dl"] == {"value": 442.1, "unit": "umol/L"}
    page = client.get(url("screen", patient)).content.decode()
    assert '<option value="umol/L" selected>µmol/L</option>' in page


def test_a_unit_that_cannot_be_is_refused(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    sent = bedside(patient, creatinine_mg_dl="5") | {"creatinine_mg_dl.unit": "kPa"}
    answer = log_in(cast.nurse).post(url("screen", patient), sent)
    assert (answer.status_code, Entry.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("1,234", "may be a decimal or a thousand"),
        ("<3", "a limit (&lt; or &gt;)"),
        ("nan", "finite number"),
    ],
)
def test_a_number_that_may_mean_two_things_is_refused(
    cast: Cast, log_in: LogIn, typed: str, told: str
) -> None:
    patient = patient_of(cast)
    sent = bedside(patient, neutrophils_per_mm3=typed)
    answer = log_in(cast.nurse).post(url("screen", patient), sent)
    assert answer.status_code == 422
    assert told in answer.content.decode()


@pytest.mark.parametrize(("column", "typed"), [("age_years", "110"), ("map_mmhg", "8.250")])
def test_an_unusual_value_is_saved_on_the_second_look(
    cast: Cast, log_in: LogIn, column: str, typed: str
) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    sent = bedside(patient, **{column: typed})
    first = client.post(url("screen", patient), sent)
    assert (first.status_code, Entry.objects.count()) == (422, 0)
    assert b"I looked again" in first.content
    again = client.post(url("screen", patient), sent | {"looked_again": "yes"})
    assert again.status_code == 302
    assert values_up_to(patient)[column] == float(typed)


def test_a_change_of_a_recorded_value_asks_why(cast: Cast, log_in: LogIn) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    client.post(url("screen", patient), bedside(patient))
    count = Entry.objects.count()
    refused = client.post(url("screen", patient), bedside(patient, sofa="9"))
    assert (refused.status_code, Entry.objects.count()) == (422, count)
    assert b"say why a recorded value changes" in refused.content
    sent = bedside(patient, sofa="9", reason="bilirubin came late")
    assert client.post(url("screen", patient), sent).status_code == 302
    event = Event.objects.latest("sequence")
    assert (event.before, event.after) == ({"sofa": 8}, {"sofa": 9})
    assert event.reason == Entry.objects.last().reason == "bilirubin came late"  # type: ignore[union-attr]


def test_a_value_entered_in_error_becomes_unknown_again(cast: Cast, log_in: LogIn) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    client.post(url("screen", patient), bedside(patient))
    client.post(url("screen", patient), bedside(patient, hiv="", reason="wrong patient"))
    assert "hiv" not in values_up_to(patient)
    assert Entry.objects.filter(column="hiv").count() == 2


def test_an_unreasonably_long_reason_is_refused(cast: Cast, log_in: LogIn) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    client.post(url("screen", patient), bedside(patient))
    answer = client.post(url("screen", patient), bedside(patient, sofa="9", reason="x" * 301))
    assert b"longer than 300 characters" in answer.content


def test_of_two_who_change_one_value_the_later_is_told(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    nurse, consultant = log_in(cast.nurse), log_in(cast.consultant)
    nurse.post(url("screen", patient), bedside(patient))
    seen = str(last_entry(patient))
    nurse.post(url("screen", patient), bedside(patient, sofa="9", reason="counted again"))
    late = bedside(patient, sofa="7", gcs="14", reason="counted too", seen=seen)
    answer = consultant.post(url("screen", patient), late)
    page = answer.content.decode()
    assert (answer.status_code, values_up_to(patient)["sofa"]) == (422, 9)
    assert "Nora Nurse changed this to 9" in page
    assert 'name="sofa" value="7"' in page
    assert f'name="seen" value="{last_entry(patient)}"' in page
    again = consultant.post(url("screen", patient), late | {"seen": str(last_entry(patient))})
    assert (again.status_code, values_up_to(patient)["sofa"]) == (302, 7)


def test_two_who_change_different_values_lose_nothing(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    nurse, consultant = log_in(cast.nurse), log_in(cast.consultant)
    nurse.post(url("screen", patient), bedside(patient))
    seen = str(last_entry(patient))
    nurse.post(url("screen", patient), bedside(patient, sofa="9", reason="counted again"))
    late = bedside(patient, hiv="yes", reason="a late result", seen=seen)
    assert consultant.post(url("screen", patient), late).status_code == 302
    values = values_up_to(patient)
    assert (values["sofa"], values["hiv"]) == (9, True)


def test_after_a_clash_what_nobody_touched_here_is_as_it_stands(cast: Cast, log_in: LogIn) -> None:
    patient, nurse = patient_of(cast), log_in(cast.nurse)
    nurse.post(url("screen", patient), bedside(patient))
    seen = str(last_entry(patient))
    sent = bedside(patient, sofa="9", gcs="12", reason="counted again")
    nurse.post(url("screen", patient), sent)
    late = bedside(patient, sofa="7", reason="counted too", seen=seen)
    page = log_in(cast.consultant).post(url("screen", patient), late).content.decode()
    assert 'name="gcs" value="12"' in page


def test_the_laboratory_meanwhile_does_not_stop_the_bedside(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    sent = bedside(patient)
    log_in(cast.laboratory).post(url("laboratory_result", patient), results(patient))
    assert log_in(cast.nurse).post(url("screen", patient), sent).status_code == 302
    assert {"sofa", "ferritin_ng_ml"} <= set(values_up_to(patient))


def test_a_column_of_another_form_cannot_be_smuggled_in(cast: Cast) -> None:
    patient = patient_of(cast)
    with pytest.raises(RefusedError, match="on no form that this role fills in"):
        record_values(
            patient.pk, {"ferritin_ng_ml": 1}, filled_by=FilledBy.BEDSIDE, seen=0, by=cast.nurse,
            now=NOW,
        )  # fmt: skip


def test_what_was_entered_cannot_be_changed_in_the_database(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    log_in(cast.nurse).post(url("screen", patient), bedside(patient))
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(column="sofa").update(value=0)


def test_a_field_the_page_did_not_have_stays_as_recorded(cast: Cast, log_in: LogIn) -> None:
    patient, client = patient_of(cast), log_in(cast.nurse)
    client.post(url("screen", patient), bedside(patient))
    client.post(url("screen", patient), {"seen": "not a number", "gcs": "15"})
    assert values_up_to(patient)["sofa"] == 8


def test_another_trial_brings_its_own_forms(cast: Cast, log_in: LogIn, settings: Any) -> None:
    patient = patient_of(cast)
    settings.TRIAL = "provide"
    page = log_in(cast.nurse).get(url("screen", patient)).content.decode()
    assert "This illness" in page
    assert 'name="septic_shock"' in page
    assert 'name="sofa_admission"' not in page


def test_an_hour_that_comes_twice_is_asked_about_on_the_page(cast: Cast, log_in: LogIn) -> None:
    patient, page = patient_of(cast), {"sepsis_onset_at": "2026-10-25T02:30"}
    with time_machine.travel(datetime(2026, 10, 25, 8, tzinfo=UTC), tick=False):
        client = log_in(cast.nurse)
        asked = client.post(url("screen", patient), bedside(patient, **page))
        assert (asked.status_code, Entry.objects.count()) == (422, 0)
        assert b"<option>UTC+01:00</option>" in asked.content
        chosen = page | {"sepsis_onset_at.offset": "UTC+01:00"}
        assert client.post(url("screen", patient), bedside(patient, **chosen)).status_code == 302
        shown = client.get(url("screen", patient)).content
    assert values_up_to(patient)["sepsis_onset_at"] == "2026-10-25T02:30:00+01:00"
    assert b"<option selected>UTC+01:00</option>" in shown


def test_a_value_that_is_none_any_more_stops_its_patient_alone(cast: Cast, log_in: LogIn) -> None:
    patient, other = patient_of(cast), patient_of(cast)
    client = log_in(cast.consultant)
    client.post(url("screen", other), bedside(other))
    Entry.objects.create(
        patient=patient, form="sepsis", column="sofa", value=99, entered_at=NOW,
        entered_by=cast.nurse, trial_digest="0" * 64,
    )  # fmt: skip
    assert b"Waiting for consent" in client.get("/patients/").content
    assert b"sofa: outside the possible 0 to 24" in client.get(url("screen", patient)).content
    assert client.get(url("not_enrolled", patient)).status_code == 200
    for answer in (client.get(url("randomise", patient)), client.post(url("randomise", patient))):
        assert answer["Location"] == url("screen", patient)


def test_sofa_with_all_its_parts_is_one_number(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    parts = {"sofa": "", "pao2_mmhg": "90", "fio2": "0.21", "respiratory_support": "no",
             "platelets_10e3_ul": "300", "bilirubin_mg_dl": "0.5", "map_mmhg": "60", "gcs": "15",
             "creatinine_mg_dl": "6", "urine_ml_day": "1500"}  # fmt: skip
    page = log_in(cast.nurse).post(url("screen_check", patient), bedside(patient, **parts))
    assert b"<dd>5</dd>" in page.content


def test_after_the_window_the_page_says_when_it_closed(cast: Cast, log_in: LogIn) -> None:
    patient = patient_of(cast)
    sent = bedside(patient, sepsis_onset_at="2026-02-20T10:00")
    page = log_in(cast.nurse).post(url("screen_check", patient), sent).content.decode()
    assert "The window closed at 23 Feb 2026 10:00 CET" in page
    assert 'class="verdict ineligible"' in page
