"""The trial's records, written out: what is in them, whose arms, and what waits for the lock."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from immunosep.errors import RefusedError
from immunosep.protocol.consent import WithdrawalKind
from immunosep.sources.records import Arms, read_files
from immunosep.trials import find_trial
from immunosep.web.audit.actions import Site
from immunosep.web.audit.models import Event
from immunosep.web.casebook.recording import open_page, record_page
from immunosep.web.enrolment.withdrawing import withdraw
from immunosep.web.oversight.recording import judge, report_deviation
from immunosep.web.records.people import dummy_arm
from immunosep.web.records.tables import tables_of
from immunosep.web.records.writing import export_records
from immunosep.web.safety.coding import code
from tests.web import serious
from tests.web.people import NOW, Cast
from tests.web.supplied import screened, treated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyed")]
DAY = timedelta(days=1)


@pytest.fixture
def number(cast: Cast) -> str:
    return str(treated(cast).pk)


def enter(cast: Cast, number: str, form: str, visit: str = "", **answers: Any) -> None:
    who = cast.laboratory if form == "biomarkers" else cast.nurse
    page = open_page(number, form, visit=visit, by=who, now=NOW + DAY)
    record_page(page, answers, seen=0, by=who, now=NOW + DAY)


def rows(name: str, *, trial_locked: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables_of(trial_locked=trial_locked)[name].to_pylist()
    return found


def test_everybody_screened_has_a_row(cast: Cast, number: str) -> None:
    screened(cast, "01-0002")
    assert [(row["patient"], row["randomised"]) for row in rows("screened")] == [
        ("01-0001", True),
        ("01-0002", False),
    ]


def test_a_participant_is_what_screening_knew(cast: Cast, number: str) -> None:
    (row,) = rows("participants")
    assert (row["immune_state"], row["age_years"], row["sofa_at_entry"]) == (
        "immunoparalysis", 64, 8,
    )  # fmt: skip
    assert row["first_dose_s"] == int(NOW.timestamp())
    assert (row["locked"], row["signed"]) == (False, False)


def test_a_day_is_scored_by_the_one_sofa(cast: Cast, number: str) -> None:
    parts = {"gcs": 14, "map_mmhg": 65, "platelets_10e3_ul": 90, "bilirubin_mg_dl": 3,
             "creatinine_mg_dl": 1.0, "urine_ml_day": 1800, "pao2_mmhg": 80, "fio2": 0.4,
             "respiratory_support": True}  # fmt: skip
    enter(cast, number, "daily_sofa", "day_2", day_status="present", **parts)
    (row,) = rows("days")
    organs = ("respiration", "coagulation", "liver", "cardiovascular", "cns", "renal")
    assert [row[organ] for organ in organs] == [2, 2, 2, 1, 1, 0]
    assert (row["day"], row["sofa"], row["sofa_lowest"], row["sofa_highest"]) == (2, 8, 8, 8)


def test_death_discharge_and_no_score_are_told_apart(cast: Cast, number: str) -> None:
    for visit, status in (("day_2", "not_assessed"), ("day_3", "discharged"), ("day_4", "dead")):
        enter(cast, number, "daily_sofa", visit, day_status=status)
    found = [(row["day"], row["status"], row["sofa"]) for row in rows("days")]
    assert found == [(2, "not_assessed", None), (3, "discharged", None), (4, "dead", None)]


def test_results_that_hint_at_the_arm_stay_out_until_the_lock(cast: Cast, number: str) -> None:
    enter(cast, number, "biomarkers", "day_2", sample_drawn_at=NOW.isoformat(), ferritin_ng_ml=512)
    assert [(row["day"], row["ferritin_ng_ml"]) for row in rows("samples")] == [(0, 800), (2, None)]
    assert [row["ferritin_ng_ml"] for row in rows("samples", trial_locked=True)] == [800, 512]


def test_what_a_trial_never_shows_stays_out_after_the_lock(
    cast: Cast, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(cast, number, "biomarkers", "day_2", sample_drawn_at=NOW.isoformat(), ferritin_ng_ml=512)
    trial = find_trial("immunosep")
    forms = tuple(replace(form, shown_when_locked=False) for form in trial.casebook)
    strict = replace(trial, casebook=forms)
    monkeypatch.setattr("immunosep.web.records.gathering.trial_of", lambda _centre: strict)
    found = rows("samples", trial_locked=True)
    assert [row["ferritin_ng_ml"] for row in found] == [800, None]


def test_a_planned_dose_is_given_or_not(cast: Cast, number: str) -> None:
    enter(cast, number, "dose_not_given", dose_route="intravenous", dose_number=2,
          dose_deviation="missed", dose_reason="no_access")  # fmt: skip
    found = {(row["route"], row["number"]): row for row in rows("doses")}
    assert found["iv", 1]["given_s"] == int(NOW.timestamp())
    assert (found["iv", 2]["given_s"], found["iv", 2]["reason"]) == (None, "no_access")


def test_an_event_says_why_it_is_serious(cast: Cast, number: str) -> None:
    enter(cast, number, "adverse_event", event_term="anaemia", serious=True, event_grade=3,
          serious_hospitalisation=True, relatedness="possible")  # fmt: skip
    (row,) = rows("events")
    assert (row["term"], row["criteria"], row["grade"]) == ("anaemia", "hospitalisation", 3)


def test_an_event_says_how_it_was_coded_and_judged(cast: Cast, number: str) -> None:
    page = serious.entered(cast, number)
    (row,) = rows("events")
    assert (row["preferred_term"], row["expected"], row["susar"]) == (None, None, False)
    serious.assessed(cast, serious.reported(cast, page))
    code(page, version="28.0", preferred_term="Anaemia", organ_class="Blood disorders",
         by=cast.safety_officer, now=NOW + DAY)  # fmt: skip
    (row,) = rows("events")
    assert (row["expected"], row["susar"]) == (False, True)
    assert (row["preferred_term"], row["organ_class"]) == ("Anaemia", "Blood disorders")
    serious.changed(cast, page, NOW + DAY, event_term="Bleeding")
    assert rows("events")[0]["preferred_term"] is None


def test_whoever_took_their_data_back_is_counted_and_no_more(cast: Cast, number: str) -> None:
    enter(cast, number, "daily_sofa", "day_2", day_status="present", gcs=14)
    withdraw(number, kind=WithdrawalKind.ALL_ERASE_DATA, at=NOW + DAY, reason="asked",
             by=cast.consultant, now=NOW + DAY)  # fmt: skip
    (row,) = rows("participants")
    assert (row["data_withdrawn"], row["age_years"], row["first_dose_s"]) == (True, None, None)
    assert [rows(name) for name in ("days", "samples", "doses", "events")] == [[], [], [], []]
    report_deviation(cast.jena, participant=number, kind="other", what="Seen late",
                     happened_at=NOW, by=cast.nurse, now=NOW + DAY)  # fmt: skip
    assert rows("deviations") == []


def test_a_deviation_says_whether_it_is_important(cast: Cast, number: str) -> None:
    said: dict[str, Any] = {"kind": "other", "what": "Seen a day early", "happened_at": NOW}
    first = report_deviation(
        cast.jena, participant=number, by=cast.nurse, now=NOW + DAY, **said
    )  # fmt: skip
    report_deviation(cast.jena, by=cast.nurse, now=NOW + DAY, **said)
    judge(first, verdict="important", reason="Twice", by=cast.medical_monitor, now=NOW + DAY)
    assert [(row["participant"], row["important"], row["found_by"]) for row in rows("deviations")
            ] == [(number, True, "person"), (None, None, "person")]  # fmt: skip
    judge(first, verdict="none", reason="A slip", by=cast.medical_monitor, now=NOW + DAY)
    assert [row["participant"] for row in rows("deviations")] == [None]


def test_arms_are_invented_from_the_number_alone() -> None:
    trial = find_trial("immunosep")
    drawn = [dummy_arm(trial, f"01-{n:04d}") for n in range(400)]
    assert drawn == [dummy_arm(trial, f"01-{n:04d}") for n in range(400)]
    assert 160 < sum(arm == drawn[0] for arm in drawn) < 240


def test_what_is_written_is_read_back_and_says_that_its_arms_are_dummies(
    cast: Cast, number: str, tmp_path: Path
) -> None:
    export_records(tmp_path / "out", by=Site(), now=NOW + DAY)
    manifest, tables = read_files(tmp_path / "out")
    assert (manifest.arms, manifest.locked_s) == (Arms.DUMMY, None)
    assert tables["participants"].num_rows == 1
    assert Event.objects.latest("sequence").action == "records.export"


def test_a_folder_with_something_in_it_is_refused(cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("x")
    with pytest.raises(RefusedError, match="is not empty"):
        export_records(tmp_path, by=Site(), now=NOW)


def test_the_number_of_queries_is_that_of_one_participant(
    cast: Cast, number: str, django_assert_max_num_queries: Any
) -> None:
    treated(cast, "01-0002")
    enter(cast, "01-0002", "daily_sofa", "day_2", day_status="present", gcs=14)
    with django_assert_max_num_queries(18):
        tables_of(trial_locked=True)
