"""What a clinician is told of one patient."""

from typing import Any

from immunosep.screening.assessment import Assessment
from immunosep.screening.explain import explain
from immunosep.screening.wording import describe_hours, describe_window, plain_number
from immunosep.trials import find_trial
from tests.property.invented import HOUR, table_of
from tests.property.test_screening import ENROLLED

TRIAL = find_trial("immunosep")
UNSCORED = {"sofa": None, "sofa_admission": None, "setting": "emergency_department"}


def explained(**changes: Any) -> Assessment:
    return explain(TRIAL, table_of([ENROLLED | changes]))[0]


def test_an_eligible_patient_has_nothing_against_them() -> None:
    answer = explained()
    assert (answer.verdict, answer.reasons, answer.unknown) == ("eligible", (), ())


def test_a_reason_gives_the_value_and_the_limit() -> None:
    (reason,) = explained(neutrophils_per_mm3=1200.0).reasons
    assert "1,200" in reason
    assert "1,500" in reason


def test_every_reason_is_given_not_only_the_first() -> None:
    assert len(explained(hiv=True, do_not_resuscitate=True).reasons) == 2


def test_a_missing_marker_that_would_decide_is_named() -> None:
    assert explained(hla_dr_per_monocyte=None).unknown == ("hla_dr_per_monocyte",)


def test_a_missing_marker_that_would_not_decide_is_not_named() -> None:
    assert explained(ferritin_ng_ml=9000.0, hla_dr_per_monocyte=None).unknown == ()


def test_an_admission_score_is_not_asked_for_in_the_emergency_department() -> None:
    answer = explained(**UNSCORED, platelets_10e3_ul=200.0, gcs=14)
    assert "sofa_admission" not in answer.unknown
    assert "bilirubin_mg_dl" in answer.unknown


def test_a_part_of_sofa_that_is_known_is_not_asked_for() -> None:
    answer = explained(**UNSCORED, platelets_10e3_ul=200.0, gcs=14)
    assert not {"platelets_10e3_ul", "gcs", "sofa"} & set(answer.unknown)


def test_without_any_part_only_the_total_is_asked_for() -> None:
    assert explained(**UNSCORED).unknown == ("sofa",)


def test_bounds_decide_sepsis_without_the_missing_parts() -> None:
    answer = explained(**UNSCORED, platelets_10e3_ul=90.0)
    assert answer.criteria["sepsis_3"] == "met"
    assert (answer.sofa.total, answer.sofa.lowest, answer.sofa.highest) == (2, 2, 22)
    assert answer.sofa.missing == ("respiration", "liver", "cardiovascular", "cns", "renal")


def test_unknown_support_widens_the_bounds_of_respiration() -> None:
    answer = explained(**UNSCORED, pao2_mmhg=75.0, fio2=0.5, respiratory_support=None)
    assert answer.sofa.components["respiration"] == 2
    assert answer.sofa.highest - answer.sofa.lowest == 1 + 5 * 4


def test_an_entered_total_that_its_parts_contradict_is_warned_of() -> None:
    (warning,) = explained(sofa=8, platelets_10e3_ul=10.0, gcs=3, creatinine_mg_dl=6.0).warnings
    assert "12 to 24" in warning


def test_a_baseline_as_high_as_the_score_is_warned_of() -> None:
    (warning,) = explained(setting="emergency_department", sofa=4, sofa_admission=4).warnings
    assert "acute rise" in warning


def test_the_window_closes_seventy_two_hours_after_sepsis_in_the_clock_of_the_record() -> None:
    closes = explained(utc_offset_minutes=120).window_closes_at
    assert closes is not None
    assert closes.timestamp() == (100 + 72) * HOUR
    assert closes.isoformat().endswith("+02:00")


def test_a_clock_without_offset_gives_a_time_without_offset() -> None:
    closes = explained().window_closes_at
    assert closes is not None
    assert closes.tzinfo is None


def test_the_warnings_of_the_source_come_first() -> None:
    answer = explain(TRIAL, table_of([ENROLLED]), warnings={0: ["look again"]})[0]
    assert answer.warnings == ("look again",)


def test_json_holds_every_key_the_command_promises() -> None:
    assert list(explained().as_json()) == [
        "patient_id",
        "verdict",
        "immune_state",
        "criteria",
        "sofa",
        "unknown",
        "reasons",
        "warnings",
        "window_closes_at",
        "assessed_at",
        "trial",
        "trial_version",
    ]


def test_a_time_just_before_the_limit_is_not_rounded_up_to_it() -> None:
    assert describe_hours(72 - 1 / 3600) == "71 h 59 min"


def test_a_value_just_above_a_limit_is_not_rounded_down_to_it() -> None:
    assert plain_number(4420.1) == "4,420.1"


def test_a_dose_before_sepsis_does_not_say_that_the_window_closed() -> None:
    answer = explained(first_dose_at=99 * HOUR, assessed_at=99 * HOUR)
    (reason,) = answer.reasons
    assert "1 h too early" in reason
    said = describe_window(
        answer.window_closes_at,
        answer.criteria["window"],
        hours_since_sepsis=answer.hours_since_sepsis,
    )
    assert "check the times" in said


def test_a_closed_window_says_when_in_the_clock_of_the_record() -> None:
    answer = explained(first_dose_at=172 * HOUR, utc_offset_minutes=120)
    said = describe_window(answer.window_closes_at, answer.criteria["window"])
    assert said == "The window for the first dose closed at 08 Jan 1970, 06:00 (UTC+02:00)."
