"""The interface after the first dose: doses, pages, questions, events; what is hidden stays so."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from immunosep.web.casebook.models import Page, PageEntry, Query
from immunosep.web.enrolment.models import Patient
from immunosep.web.supply.models import Preparation
from tests.web.at_bedside import keyed_process
from tests.web.casebooks import LATER
from tests.web.people import NOW, Cast
from tests.web.programs import program
from tests.web.supplied import first_order, prepared, randomised, stocked, treated

AT = "patients/01-0001"
DRAWN = {"sample_drawn_at": NOW.isoformat(), "ferritin_ng_ml": 4711}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW + timedelta(days=3), tick=False) as held:
        yield held


@pytest.fixture
def patient(cast: Cast, tmp_path: Path) -> Patient:
    """On treatment since NOW."""
    with keyed_process(tmp_path):
        return treated(cast)


def opened(cast: Cast, **sent: Any) -> Any:
    asked = {"form": "daily_sofa", "visit": "day_2", "values": {"day_status": "present"}}
    return program(cast.nurse).post(f"{AT}/pages", asked | sent)


def test_a_page_is_opened_entered_completed_and_opened_again(cast: Cast, patient: Patient) -> None:
    nurse = program(cast.nurse)
    made = opened(cast).json()
    at = f"{AT}/pages/{made['id']}"
    sent = {"values": {"gcs": 14, "map_mmhg": 65}}
    assert nurse.post(f"{at}/values", sent).status_code == 428
    entered = nurse.post(f"{at}/values", sent, seen=made["etag"])
    assert entered.status_code == 200
    assert nurse.post(f"{at}/values", sent, seen=made["etag"]).status_code == 412
    assert nurse.post(f"{at}/complete").json()["stage"] == "complete"
    shown = nurse.get(at)
    assert shown.json()["values"] == {"day_status": "present", "gcs": 14, "map_mmhg": 65}
    assert nurse.post(f"{at}/reopen", {"reason": "One more."}).json()["stage"] == "started"
    assert nurse.get(at)["ETag"] != shown["ETag"]
    assert [each["id"] for each in nurse.get(f"{AT}/pages").json()["items"]] == [made["id"]]


def test_what_a_page_cannot_be_is_refused(cast: Cast, patient: Patient) -> None:
    for wrong in ({"form": "squirrels"}, {"visit": "day_99"}, {"visit": ""}):
        assert "no such form" in opened(cast, **wrong).json()["problems"][0]
    assert opened(cast).status_code == 200
    assert "there already" in opened(cast).json()["problems"][0]
    assert opened(cast, unscheduled=True).status_code == 200
    assert opened(cast, visit="day_3", values={}).status_code == 422
    assert opened(cast, visit="day_3", values={"gcs": 99}).status_code == 422


def test_whoever_does_not_fill_in_a_form_opens_none(cast: Cast, patient: Patient) -> None:
    sent = {"form": "daily_sofa", "visit": "day_2", "values": {"day_status": "present"}}
    for who, status in ((cast.monitor, 403), (cast.laboratory, 403), (cast.sponsor, 403),
                        (cast.foreign_consultant, 404)):  # fmt: skip
        assert program(who).post(f"{AT}/pages", sent).status_code == status
    assert not Page.objects.exists()


def test_hidden_results_are_entered_and_never_given_back(cast: Cast, patient: Patient) -> None:
    laboratory = program(cast.laboratory)
    sent = {"form": "biomarkers", "visit": "day_2", "values": DRAWN}
    made = laboratory.post(f"{AT}/pages", sent)
    assert made.status_code == 200, made.json()["problems"]
    at = f"{AT}/pages/{made.json()['id']}"
    assert PageEntry.objects.get(column="ferritin_ng_ml").value == 4711
    for who in (cast.laboratory, cast.consultant, cast.nurse, cast.monitor, cast.data_manager):
        shown = program(who).get(at)
        assert shown.json()["hidden"] == ["ferritin_ng_ml"]
        assert b"4711" not in shown.content
    for who in (cast.consultant, cast.monitor, cast.data_manager, cast.administrator):
        assert b"4711" not in program(who).get("audit").content


def test_a_question_goes_there_and_back(cast: Cast, patient: Patient) -> None:
    pk = opened(cast).json()["id"]
    monitor, nurse = program(cast.monitor), program(cast.nurse)
    asked = monitor.post(f"{AT}/pages/{pk}/queries", {"text": "Before sedation?"}).json()
    at = f"queries/{asked['id']}"
    assert monitor.post(f"{at}/answer", {"text": "Mine."}).status_code == 403
    assert nurse.post(f"{at}/answer", {"text": "Yes."}).json()["status"] == "answered"
    assert nurse.post(f"{at}/close", {"text": "Fine."}).status_code == 403
    assert monitor.post(f"{at}/reopen", {"text": "Sure?"}).json()["status"] == "open"
    assert monitor.post(f"{at}/close", {"text": "Fine."}).json()["status"] == "closed"
    assert [turn["text"] for turn in nurse.get(at).json()["turns"]] == [
        "Before sedation?", "Yes.", "Sure?", "Fine.",
    ]  # fmt: skip
    assert nurse.get("queries").json()["items"] == []
    assert len(nurse.get("queries", state="all").json()["items"]) == 1
    assert program(cast.foreign_consultant).get(at).status_code == 404
    assert program(cast.sponsor).get("queries").status_code == 403
    assert program(cast.sponsor).get(at).status_code == 403
    assert Query.objects.get().status == "closed"


def test_a_serious_event_is_reported_and_followed(cast: Cast, patient: Patient) -> None:
    event = {"event_term": "Rash", "event_from": NOW.isoformat(), "serious": True}
    pk = opened(cast, form="adverse_event", visit="", values=event).json()["id"]
    nurse, officer = program(cast.nurse), program(cast.safety_officer)
    at = f"{AT}/pages/{pk}"
    assert nurse.post(f"{at}/follow-up", {"text": "Better."}).status_code == 422
    aware = {"aware_at": NOW.isoformat()}
    assert officer.post(f"{at}/report", aware).status_code == 403
    assert nurse.post(f"{at}/report", aware).status_code == 200
    assert officer.post(f"{at}/follow-up", {"text": "Better."}).status_code == 200
    assert program(cast.monitor).post(f"{at}/follow-up", {"text": "Better."}).status_code == 403
    (shown,) = nurse.get("adverse-events").json()["items"]
    assert (shown["term"], shown["susar"], len(shown["clocks"])) == ("Rash", False, 2)
    assert program(cast.foreign_consultant).get("adverse-events").json()["items"] == []
    assert program(cast.sponsor).get("adverse-events").status_code == 403


def test_a_page_that_is_no_event_is_not_reported(cast: Cast, patient: Patient) -> None:
    pk = opened(cast).json()["id"]
    answer = program(cast.nurse).post(f"{AT}/pages/{pk}/report", {"aware_at": NOW.isoformat()})
    assert answer.status_code == 404


def test_a_visit_is_said_to_be_missed(cast: Cast, patient: Patient) -> None:
    nurse = program(cast.nurse)
    answer = nurse.post(f"{AT}/missed", {"visit": "day_2", "reason": "On another ward."})
    assert len(answer.json()["pages"]) == 1
    assert nurse.post(f"{AT}/missed", {"visit": "day_99", "reason": "No."}).status_code == 422
    assert program(cast.monitor).post(f"{AT}/missed", {}).status_code == 403


def test_nobody_who_was_not_randomised_has_a_casebook(cast: Cast) -> None:
    assert opened(cast).status_code == 404


def test_doses_are_received_and_given(cast: Cast, tmp_path: Path, clock: Any) -> None:
    from immunosep.web.pharmacy.preparing import check
    from immunosep.web.supply.handover import hand_over

    clock.move_to(NOW + timedelta(hours=1))
    randomised(cast)
    with keyed_process(tmp_path):
        stocked(cast)
        made = prepared(cast, first_order(), "iv")[0]
        check(made, label=made.number, by=cast.second_pharmacist, now=NOW)
        hand_over(made, by=cast.pharmacist, now=NOW)
    nurse = program(cast.nurse)
    given = {"number": made.number, "given_at": (NOW + timedelta(minutes=30)).isoformat()}
    assert program(cast.monitor).get(f"{AT}/doses").status_code == 403
    assert nurse.post(f"{AT}/doses/give", given).status_code == 422
    assert nurse.post(f"{AT}/doses/receive", {"number": "nonsense"}).status_code == 422
    received = nurse.post(f"{AT}/doses/receive", {"number": made.number})
    assert received.json() == {"number": made.number, "status": "received"}
    assert nurse.post(f"{AT}/doses/give", given).json()["status"] == "given"
    shown = nurse.get(f"{AT}/doses").json()["items"]
    assert [each["given_at"] is not None for each in shown].count(True) == 1
    assert Preparation.objects.get(pk=made.pk).status == "given"
    assert program(cast.nurse).get("patients/01-0099/doses").status_code == 404


def test_vital_status_is_listed(cast: Cast, patient: Patient, clock: Any) -> None:
    clock.move_to(LATER)
    opened(cast, form="vital_status", visit="day_28", values={"vital_status": "alive"})
    (row,) = program(cast.monitor).get("vital-status").json()["items"]
    assert (row["participant"], row["visit"]) == ("01-0001", "day_28")
    assert row["values"] == {"vital_status": "alive"}
    assert program(cast.sponsor).get("vital-status").status_code == 403


def test_deviations_are_reported_and_judged(cast: Cast, patient: Patient) -> None:
    sent = {"centre": "01_jena", "kind": "other", "what": "Seen late.",
            "happened_at": NOW.isoformat(), "participant": "01-0001"}  # fmt: skip
    made = program(cast.nurse).post("deviations", sent)
    assert made.status_code == 200
    assert (
        program(cast.nurse).post("deviations", sent | {"centre": "02_attikon"}).status_code == 404
    )
    assert program(cast.laboratory).post("deviations", sent).status_code == 403
    pk, said = made.json()["id"], {"verdict": "important", "reason": "It was needed."}
    assert program(cast.nurse).post(f"deviations/{pk}/judge", said).status_code == 403
    assert program(cast.medical_monitor).post("deviations/99/judge", said).status_code == 404
    assert program(cast.laboratory).post(f"deviations/{pk}/judge", said).status_code == 403
    assert program(cast.medical_monitor).post(f"deviations/{pk}/judge", said).status_code == 200
    (row,) = program(cast.sponsor).get("deviations").json()["items"]
    assert (row["participant"], row["verdict"]) == ("01-0001", "important")
    assert program(cast.laboratory).get("deviations").status_code == 403
    assert program(cast.foreign_consultant).get("deviations").json()["items"] == []


def test_the_screening_log_has_no_identifier(cast: Cast, patient: Patient) -> None:
    (row,) = program(cast.sponsor).get("screening-log").json()["items"]
    assert row == {"centre": "01_jena", "outcome": "randomised, first dose given", "reasons": []}
    assert program(cast.laboratory).get("screening-log").status_code == 403


def test_the_trail_hides_what_its_page_hides(cast: Cast, patient: Patient) -> None:
    rows = program(cast.consultant).get("audit").json()["items"]
    prepared = [row for row in rows if row["action"].startswith("pharmacy.")]
    assert prepared
    assert {(row["shown"], row["after"], row["reason"]) for row in prepared} == {(False, None, "")}
    assert program(cast.nurse).get("audit").status_code == 403
    narrow = program(cast.monitor).get("audit", action="enrolment.randomise").json()["items"]
    assert [row["action"] for row in narrow] == ["enrolment.randomise"]
    assert {row["centre"] for row in program(cast.foreign_consultant).get("audit").json()["items"]
            } <= {"02_attikon"}  # fmt: skip


def test_the_trial_is_given_whole_with_its_digest(cast: Cast) -> None:
    from immunosep.trials.immunosep import IMMUNOSEP

    shown = program(cast.nurse).get("trial", centre="01_jena")
    assert shown.json()["digest"] == IMMUNOSEP.digest
    assert shown.json()["value"]["id"] == IMMUNOSEP.id
    assert program(cast.nurse).get("trial").json() == shown.json()
    assert program(cast.nurse).get("trial", centre="02_attikon").status_code == 404
