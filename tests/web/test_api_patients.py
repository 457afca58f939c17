"""The interface from adding a patient to the first dose."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immunosep.errors import RefusedError
from immunosep.protocol.forms import FilledBy
from immunosep.web.audit.models import Event
from immunosep.web.enrolment.models import Allocation, Consent, Patient
from immunosep.web.enrolment.questions import columns_of
from tests.web.people import ELIGIBLE, NOW, Cast
from tests.web.programs import Program, program
from tests.web.supplied import screened

RESULTS = columns_of(FilledBy.LABORATORY)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def consent() -> dict[str, Any]:
    return {"given_by": "patient", "version": "1.0", "language": "en",
            "given_at": NOW.isoformat()}  # fmt: skip


def test_a_program_takes_a_patient_from_screening_to_randomisation(cast: Cast) -> None:
    team = program(cast.consultant, "randomise")
    added = team.post("patients", {"centre": "01_jena"}).json()
    at = f"patients/{added['number']}"
    asked = columns_of(FilledBy.BEDSIDE)
    bedside = {name: value for name, value in ELIGIBLE.items() if name in asked}
    known = team.post(f"{at}/values", {"values": bedside}, seen=added["etag"])
    assert known.status_code == 200, known.json()["problems"]
    agreed = team.post(f"{at}/consent", consent()).json()
    results = {name: ELIGIBLE[name] for name in RESULTS}
    found = team.post(
        f"{at}/laboratory", {"values": results, "observed_at": NOW.isoformat()},
        seen=agreed["etag"],
    )  # fmt: skip
    assert found.status_code == 200, found.json()
    assert team.get(f"{at}/verdict").json()["verdict"] == "eligible"
    done = team.post(f"{at}/randomise")
    assert done.json()["immune_state"] == Allocation.objects.get().immune_state
    assert team.get(at).json()["stage"] == "randomised"
    acts = set(Event.objects.filter(participant=added["number"]).values_list("action", flat=True))
    assert acts >= {"enrolment.randomise", "enrolment.record_consent", "enrolment.record_values"}


@pytest.mark.parametrize("who", ["stranger", "pharmacist"])
def test_roles_without_a_token_have_nothing(cast: Cast, who: str) -> None:
    with pytest.raises(RefusedError, match="Choose one of your roles"):
        program(getattr(cast, who))


def test_another_centres_patient_is_as_absent(cast: Cast) -> None:
    screened(cast, "01-0001")
    elsewhere = program(cast.foreign_consultant)
    there, nowhere = elsewhere.get("patients/01-0001"), elsewhere.get("patients/01-0999")
    assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
    assert there.status_code == 404
    assert elsewhere.get("patients").json()["items"] == []


def test_a_role_that_sees_no_patients_is_refused(cast: Cast) -> None:
    screened(cast, "01-0001")
    assert program(cast.laboratory).get("patients/01-0001").status_code == 403
    assert program(cast.sponsor).get("patients").status_code == 403


def test_a_change_needs_what_was_seen(cast: Cast) -> None:
    screened(cast)
    nurse = program(cast.nurse)
    sent = {"values": {"age_years": 65}, "reason": "Weighed again."}
    assert nurse.post("patients/01-0001/values", sent).status_code == 428
    assert nurse.post("patients/01-0001/values", sent, seen='"0-0"').status_code == 412
    tag = nurse.get("patients/01-0001")["ETag"]
    assert nurse.post("patients/01-0001/values", sent, seen=tag).status_code == 200
    assert nurse.post("patients/01-0001/values", sent, seen=tag).status_code == 412


def test_every_problem_is_told_at_once_and_no_value(cast: Cast) -> None:
    screened(cast)
    nurse = program(cast.nurse)
    tag = nurse.get("patients/01-0001")["ETag"]
    sent = {"values": {"sofa": "many", "sex": "squirrel", "age_years": [1]}}
    answer = nurse.post("patients/01-0001/values", sent, seen=tag)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["problems"] == [
        "age_years: expected a number, a word, yes or no, a moment, or a value with its unit."
    ]
    del sent["values"]["age_years"]
    answer = nurse.post("patients/01-0001/values", sent, seen=tag)
    assert [each.split(":")[0] for each in answer.json()["problems"]] == ["sex", "sofa"]
    assert b"squirrel" not in answer.content


def test_a_reason_is_asked_for(cast: Cast) -> None:
    screened(cast)
    nurse = program(cast.nurse)
    tag = nurse.get("patients/01-0001")["ETag"]
    answer = nurse.post("patients/01-0001/values", {"values": {"age_years": 65}}, seen=tag)
    assert (answer.status_code, answer.json()["problems"]) == (
        422, ["A recorded value changes. Say why."],
    )  # fmt: skip


def test_an_unusual_value_is_looked_at_again(cast: Cast) -> None:
    screened(cast)
    nurse = program(cast.nurse)
    tag = nurse.get("patients/01-0001")["ETag"]
    sent = {"values": {"age_years": 112}, "reason": "Weighed."}
    refused = nurse.post("patients/01-0001/values", sent, seen=tag)
    assert "looked_again" in refused.json()["problems"][0]
    again = nurse.post("patients/01-0001/values", sent | {"looked_again": True}, seen=tag)
    assert again.status_code == 200


def test_a_token_without_that_reach_does_not_randomise(cast: Cast) -> None:
    screened(cast)
    assert program(cast.consultant, "write").post("patients/01-0001/randomise").status_code == 403
    assert not Allocation.objects.exists()


def test_what_the_rules_do_not_allow_is_refused_with_every_reason(cast: Cast) -> None:
    screened(cast, age_years=12, hiv=True)
    answer = program(cast.consultant, "randomise").post("patients/01-0001/randomise")
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) == 3, answer.json()


def test_consent_to_a_version_that_is_not_there(cast: Cast) -> None:
    screened(cast)
    sent = consent() | {"version": "9.9"}
    answer = program(cast.nurse).post("patients/01-0001/consent", sent)
    assert answer.status_code == 422
    assert Consent.objects.count() == 1


def test_a_moment_without_its_offset_is_refused(cast: Cast) -> None:
    screened(cast)
    sent = consent() | {"given_at": "2026-03-02T09:00:00"}
    answer = program(cast.nurse).post("patients/01-0001/consent", sent)
    assert "offset from UTC" in answer.json()["problems"][0]


def test_the_laboratory_sees_its_own_columns_alone(cast: Cast) -> None:
    screened(cast)
    shown = program(cast.laboratory).get("patients/01-0001/laboratory").json()
    assert set(shown["values"]) <= set(RESULTS)
    assert "ferritin_ng_ml" in shown["values"]


def test_the_rest_of_the_journey(cast: Cast) -> None:
    screened(cast)
    team = program(cast.consultant, "randomise")
    at = "patients/01-0001"
    sent = {"reasons": ["declined"]}
    assert team.post(f"{at}/not-enrolled", sent).status_code == 200
    assert team.post(f"{at}/screen-again", {"reason": "Changed their mind."}).status_code == 200
    assert team.post(f"{at}/in-error", {"reason": "No."}).status_code == 422
    assert team.post(f"{at}/randomise").status_code == 200
    assert team.post(f"{at}/in-error", {"reason": "Culture."}).status_code == 200
    taken = {"kind": "stop_all_keep_data", "at": NOW.isoformat()}
    done = team.post(f"{at}/withdrawal", taken)
    assert done.status_code == 200, done.json()["problems"]
    assert team.get(at).json()["stage"] == "withdrawn"
    assert team.get(at).json()["allocation"]["in_error"] is True


def patients(cast: Cast, count: int) -> None:
    Patient.objects.bulk_create(
        Patient(number=f"01-{n + 1:04d}", centre=cast.jena, added_at=NOW, added_by=cast.nurse)
        for n in range(count)
    )


def test_a_list_comes_by_parts_whose_cursors_tell_nothing(cast: Cast) -> None:
    patients(cast, 150)
    nurse = program(cast.nurse)
    first = nurse.get("patients").json()
    assert len(first["items"]) == 100
    rest = nurse.get("patients", cursor=first["next"]).json()
    numbers = [each["number"] for each in (*first["items"], *rest["items"])]
    assert (numbers, rest["next"]) == ([f"01-{n + 1:04d}" for n in range(150)], None)
    assert "0100" not in first["next"]
    assert nurse.get("patients").json()["next"] == first["next"]


@pytest.mark.parametrize("cursor", ["", "AAAA", "é", "x" * 5000])
def test_a_made_up_cursor_is_refused(cast: Cast, cursor: str) -> None:
    assert program(cast.nurse).get("patients", cursor=cursor).status_code == 400


def test_a_cursor_serves_one_list_and_one_person(cast: Cast) -> None:
    patients(cast, 101)
    cursor = program(cast.nurse).get("patients").json()["next"]
    assert program(cast.consultant).get("patients", cursor=cursor).status_code == 400
    assert program(cast.nurse).get("queries", cursor=cursor).status_code == 400


def test_a_long_list_asks_no_more_of_the_database(cast: Cast) -> None:
    nurse = program(cast.nurse)
    patients(cast, 3)
    queries_of(nurse)
    counted = queries_of(nurse)
    Patient.objects.all().delete()
    patients(cast, 90)
    assert queries_of(nurse) == counted


def queries_of(asker: Program) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert asker.get("patients").status_code == 200
    return len(asked)
